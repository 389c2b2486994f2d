import { createElement } from "lwc";
import LightningConfirm from "lightning/confirm";
import EsimPanel from "c/esimPanel";
import getTrip from "@salesforce/apex/EsimController.getTrip";
import refreshOffers from "@salesforce/apex/EsimController.refreshOffers";
import reserveOrder from "@salesforce/apex/EsimController.reserveOrder";
import placeOrder from "@salesforce/apex/EsimController.placeOrder";
import checkOrder from "@salesforce/apex/EsimController.checkOrder";

jest.mock("@salesforce/apex/EsimController.getTrip", () => ({ default: jest.fn() }), { virtual: true });
jest.mock("@salesforce/apex/EsimController.refreshOffers", () => ({ default: jest.fn() }), { virtual: true });
jest.mock("@salesforce/apex/EsimController.reserveOrder", () => ({ default: jest.fn() }), { virtual: true });
jest.mock("@salesforce/apex/EsimController.placeOrder", () => ({ default: jest.fn() }), { virtual: true });
jest.mock("@salesforce/apex/EsimController.checkOrder", () => ({ default: jest.fn() }), { virtual: true });
jest.mock("lightning/confirm", () => ({ __esModule: true, default: { open: jest.fn() } }), { virtual: true });

const plan = (title, times = 1) => ({
    package_id: "airalo:jp",
    title,
    data_volume_mb: 10240,
    validity_days: 15,
    network_operators: ["KDDI", "SoftBank"],
    times,
});
const OFFERS = [
    {
        rank: 1,
        package_id: "airalo:jp",
        packages: [plan("10 GB - 15 Days")],
        price: 14.5,
        currency: "USD",
        reasons: [
            { code: "fits_days", text: "Lasts 15 days, the trip 9" },
            { code: "topup_possible", text: "Can be topped up on the way" },
        ],
    },
    { rank: 2, packages: [plan("Japan", 2), plan("Korea")], price: 30, currency: "USD", reasons: [] },
];
const trip = (more = {}) => ({
    reference: "VH-1",
    syncStatus: "Sent",
    offers: JSON.stringify(OFFERS),
    orderOpen: false,
    esims: [],
    ...more,
});

const settled = async () => {
    for (let turn = 0; turn < 12; turn++) {
        // eslint-disable-next-line no-await-in-loop -- each turn lets one more promise settle
        await Promise.resolve();
    }
};

async function shown(view = trip()) {
    getTrip.mockResolvedValue(view);
    const element = createElement("c-esim-panel", { is: EsimPanel });
    element.recordId = "006000000000001AAA";
    document.body.appendChild(element);
    await settled();
    const all = (selector) => [...element.shadowRoot.querySelectorAll(selector)];
    return {
        element,
        all,
        one: (selector) => all(selector)[0],
        button: (label) => all("lightning-button").find((found) => found.label === label),
    };
}

describe("c-esim-panel", () => {
    afterEach(() => {
        document.body.replaceChildren();
        jest.resetAllMocks();
    });

    it("shows the offers with their reasons, best first", async () => {
        const { all } = await shown();
        const offers = all('[data-id="offer"]');
        expect(offers).toHaveLength(2);
        expect(offers[0].textContent).toContain("10 GB, 15 days, KDDI, SoftBank");
        expect(all('[data-id="reason"]').map((reason) => reason.textContent)).toEqual([
            "Lasts 15 days, the trip 9",
            "Can be topped up on the way",
        ]);
        expect(getTrip).toHaveBeenCalledWith({ recordId: "006000000000001AAA" });
    });

    it("offers no button for a set of plans, and says what it is made of", async () => {
        const { all } = await shown();
        const second = all('[data-id="offer"]')[1];
        expect(second.querySelector("lightning-button")).toBeNull();
        expect(second.textContent).toContain("2 × Japan, 1 × Korea");
    });

    it("writes the key on the record before it sends the purchase", async () => {
        const calls = [];
        reserveOrder.mockImplementation(async () => calls.push("reserve"));
        placeOrder.mockImplementation(async () => {
            calls.push("place");
            return trip({ orderStatus: "placed" });
        });
        LightningConfirm.open.mockResolvedValue(true);
        const { button } = await shown();
        button("Order").click();
        await settled();
        expect(calls).toEqual(["reserve", "place"]);
        expect(reserveOrder).toHaveBeenCalledWith({ recordId: "006000000000001AAA", packageId: "airalo:jp" });
    });

    it("sends nothing when the key could not be written, or the adviser thought better of it", async () => {
        LightningConfirm.open.mockResolvedValueOnce(false);
        const { button, one } = await shown();
        button("Order").click();
        await settled();
        expect(reserveOrder).not.toHaveBeenCalled();
        LightningConfirm.open.mockResolvedValueOnce(true);
        reserveOrder.mockRejectedValue({ body: { message: "You may not change this record." } });
        button("Order").click();
        await settled();
        expect(placeOrder).not.toHaveBeenCalled();
        expect(one('[data-id="error"]').textContent).toBe("You may not change this record.");
    });

    it("buys once however often it is clicked", async () => {
        LightningConfirm.open.mockResolvedValue(true);
        placeOrder.mockResolvedValue(trip({ orderOpen: true, orderPackage: "airalo:jp" }));
        const { button } = await shown();
        button("Order").click();
        button("Order").click();
        await settled();
        expect(placeOrder).toHaveBeenCalledTimes(1);
    });

    it("lets nothing else be ordered while an order is open, and checks it", async () => {
        checkOrder.mockResolvedValue(trip({ orderStatus: "placed" }));
        const { button, one } = await shown(
            trip({ orderOpen: true, orderPackage: "airalo:jp", orderStatus: "unknown" }),
        );
        expect(button("Order").disabled).toBe(true);
        expect(one('[data-id="open-order"]').textContent).toContain("airalo:jp is unknown");
        button("Check the order").click();
        await settled();
        expect(checkOrder).toHaveBeenCalledWith({ recordId: "006000000000001AAA" });
        expect(one('[data-id="open-order"]')).toBeUndefined();
    });

    it("after a lost answer shows what the record knows", async () => {
        LightningConfirm.open.mockResolvedValue(true);
        placeOrder.mockRejectedValue(new Error("The network went away"));
        const { button, one } = await shown();
        getTrip.mockResolvedValue(trip({ orderOpen: true, orderPackage: "airalo:jp" }));
        button("Order").click();
        await settled();
        expect(one('[data-id="error"]').textContent).toBe("The network went away");
        expect(one('[data-id="open-order"]').textContent).toContain("has not been answered yet");
    });

    it("says why there are no offers", async () => {
        const { one } = await shown({
            syncStatus: "Incomplete",
            syncMessage: "Missing: the first day.",
            esims: [],
            orderOpen: false,
        });
        expect(one('[data-id="notice"]').textContent).toContain("Missing: the first day.");
    });

    it("refreshes the offers", async () => {
        refreshOffers.mockResolvedValue(trip({ offers: "[]" }));
        const { one, all } = await shown();
        one("lightning-button-icon").click();
        await settled();
        expect(all('[data-id="offer"]')).toHaveLength(0);
    });
});
