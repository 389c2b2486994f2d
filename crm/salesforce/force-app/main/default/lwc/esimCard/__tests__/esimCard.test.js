import { createElement } from "lwc";
import LightningConfirm from "lightning/confirm";
import EsimCard from "c/esimCard";
import getCodes from "@salesforce/apex/EsimController.getCodes";
import refreshUsage from "@salesforce/apex/EsimController.refreshUsage";
import listTopups from "@salesforce/apex/EsimController.listTopups";
import reserveTopup from "@salesforce/apex/EsimController.reserveTopup";
import placeTopup from "@salesforce/apex/EsimController.placeTopup";

jest.mock("@salesforce/apex/EsimController.getCodes", () => ({ default: jest.fn() }), { virtual: true });
jest.mock("@salesforce/apex/EsimController.refreshUsage", () => ({ default: jest.fn() }), { virtual: true });
jest.mock("@salesforce/apex/EsimController.listTopups", () => ({ default: jest.fn() }), { virtual: true });
jest.mock("@salesforce/apex/EsimController.reserveTopup", () => ({ default: jest.fn() }), { virtual: true });
jest.mock("@salesforce/apex/EsimController.placeTopup", () => ({ default: jest.fn() }), { virtual: true });
jest.mock("lightning/confirm", () => ({ __esModule: true, default: { open: jest.fn() } }), { virtual: true });

const ESIM = {
    recordId: "a00000000000001AAA",
    packageTitle: "10 GB - 15 Days",
    status: "activated",
    usedMb: 8301,
    totalMb: 10240,
    topupOpen: false,
};
const PLANS = [
    { package_id: "airalo:topup", title: "1 GB", data_volume_mb: 1024, validity_days: 7, price: 4.5, currency: "USD" },
];

const settled = async () => {
    for (let turn = 0; turn < 12; turn++) {
        // eslint-disable-next-line no-await-in-loop -- each turn lets one more promise settle
        await Promise.resolve();
    }
};

async function shown(more = {}) {
    const element = createElement("c-esim-card", { is: EsimCard });
    element.esim = { ...ESIM, ...more };
    const changes = jest.fn();
    element.addEventListener("change", changes);
    document.body.appendChild(element);
    await settled();
    const one = (selector) => element.shadowRoot.querySelector(selector);
    const click = async (selector) => {
        one(selector).click();
        await settled();
    };
    return { element, one, click, changes };
}

describe("c-esim-card", () => {
    afterEach(() => {
        document.body.replaceChildren();
        jest.resetAllMocks();
    });

    it("shows consumption as a bar", async () => {
        const { one } = await shown();
        expect(one('[data-id="usage"]').textContent).toBe("8.1 GB used of 10 GB");
        expect(one("lightning-progress-bar").value).toBe(81);
    });

    it("has no bar for an unlimited plan or one that was not measured", async () => {
        const unlimited = await shown({ totalMb: null });
        expect(unlimited.one("lightning-progress-bar")).toBeNull();
        expect(unlimited.one('[data-id="usage"]').textContent).toBe("8.1 GB used of unlimited");
        const fresh = await shown({ usedMb: null, totalMb: null, status: null });
        expect(fresh.one('[data-id="usage"]').textContent).toBe("Not measured yet");
    });

    it("reads the codes only when asked, and forgets them when hidden", async () => {
        getCodes.mockResolvedValue({
            activationCode: "LPA:1$smdp.example.com$C",
            qrCode: "data:image/png;base64,AA==",
        });
        const { one, click } = await shown();
        expect(getCodes).not.toHaveBeenCalled();
        await click('[data-id="codes"]');
        expect(one('[data-id="codes-shown"] img').src).toBe("data:image/png;base64,AA==");
        expect(one('[data-id="codes-shown"]').textContent).toContain("LPA:1$smdp.example.com$C");
        await click('[data-id="codes"]');
        expect(one('[data-id="codes-shown"]')).toBeNull();
        await click('[data-id="codes"]');
        expect(getCodes).toHaveBeenCalledTimes(2);
    });

    it("measures", async () => {
        refreshUsage.mockResolvedValue({ ...ESIM, usedMb: 10240, status: "exhausted" });
        const { one, click } = await shown();
        await click('[data-id="measure"]');
        expect(one("lightning-progress-bar").value).toBe(100);
        expect(one("lightning-badge").label).toBe("Data used up");
    });

    it("tops up: list, confirm, key on the record, purchase", async () => {
        listTopups.mockResolvedValue(JSON.stringify(PLANS));
        placeTopup.mockResolvedValue("placed");
        LightningConfirm.open.mockResolvedValue(true);
        const { one, click, changes } = await shown();
        await click('[data-id="topup"]');
        expect(one('[data-id="plan"]').textContent).toContain("1 GB: 1 GB, 7 days, 4.5 USD");
        await click('[data-id="plan"] lightning-button');
        expect(reserveTopup).toHaveBeenCalledWith({ subscriptionId: ESIM.recordId, packageId: "airalo:topup" });
        expect(reserveTopup.mock.invocationCallOrder[0]).toBeLessThan(placeTopup.mock.invocationCallOrder[0]);
        expect(one('[data-id="said"]').textContent).toBe("Topped up.");
        expect(changes).toHaveBeenCalledTimes(1);
    });

    it("sends a top-up that is under way again instead of offering another", async () => {
        placeTopup.mockResolvedValue("placed");
        const { click } = await shown({ topupOpen: true });
        await click('[data-id="topup"]');
        expect(listTopups).not.toHaveBeenCalled();
        expect(placeTopup).toHaveBeenCalledTimes(1);
    });

    it("says what failed, and asks for the record anew", async () => {
        listTopups.mockRejectedValue({ body: { message: "This eSIM cannot be topped up as it stands." } });
        const { one, click, changes } = await shown();
        await click('[data-id="topup"]');
        expect(one('[data-id="error"]').textContent).toBe("This eSIM cannot be topped up as it stands.");
        expect(changes).toHaveBeenCalledTimes(1);
    });
});
