import { LightningElement, api } from "lwc";
import LightningConfirm from "lightning/confirm";
import getCodes from "@salesforce/apex/EsimController.getCodes";
import refreshUsage from "@salesforce/apex/EsimController.refreshUsage";
import listTopups from "@salesforce/apex/EsimController.listTopups";
import reserveTopup from "@salesforce/apex/EsimController.reserveTopup";
import placeTopup from "@salesforce/apex/EsimController.placeTopup";
import { data, messageOf } from "c/esimText";

const STATUSES = {
    released: "Ready to install",
    exhausted: "Data used up",
};

/** One eSIM: consumption, codes on demand, top-up. Codes live in this component only while they are shown. */
export default class EsimCard extends LightningElement {
    @api esim;
    measured;
    codes;
    topups;
    said;
    error;
    busy = false;

    /** The record, or what was measured since. */
    get shown() {
        return this.measured ?? this.esim;
    }

    get title() {
        return this.esim.packageTitle ?? "eSIM";
    }

    get status() {
        const status = this.shown.status ?? "ordered";
        return STATUSES[status] ?? status.charAt(0).toUpperCase() + status.slice(1);
    }

    get limited() {
        return this.shown.totalMb > 0;
    }

    get percent() {
        return Math.min(100, Math.round((100 * (this.shown.usedMb ?? 0)) / this.shown.totalMb));
    }

    get usage() {
        if (this.shown.usedMb === null || this.shown.usedMb === undefined) {
            return "Not measured yet";
        }
        return `${data(this.shown.usedMb)} used of ${data(this.shown.totalMb)}`;
    }

    get codesLabel() {
        return this.codes ? "Hide the codes" : "QR code";
    }

    get topupLabel() {
        return this.esim.topupOpen ? "Finish the top-up" : "Top up";
    }

    get noTopups() {
        return this.topups?.length === 0;
    }

    toggleCodes() {
        if (this.codes) {
            this.codes = undefined;
            return;
        }
        this.run(async () => {
            this.codes = await getCodes({ subscriptionId: this.esim.recordId });
        });
    }

    measure() {
        this.run(async () => {
            this.measured = await refreshUsage({ subscriptionId: this.esim.recordId });
        });
    }

    /** Offers top-ups; one that is under way is sent again instead, with its key. */
    topup() {
        this.run(async () => {
            if (this.esim.topupOpen) {
                await this.place();
                return;
            }
            const plans = JSON.parse(await listTopups({ subscriptionId: this.esim.recordId }));
            this.topups = plans.map((plan) => ({
                id: plan.package_id,
                text: `${plan.title}: ${data(plan.data_volume_mb)}, ${plan.validity_days} days, ${plan.price} ${plan.currency}`,
            }));
        });
    }

    async buy(event) {
        const packageId = event.currentTarget.dataset.package;
        const plan = this.topups.find((candidate) => candidate.id === packageId);
        if (await LightningConfirm.open({ label: "Buy this top-up?", message: plan.text })) {
            await this.run(async () => {
                await reserveTopup({ subscriptionId: this.esim.recordId, packageId });
                await this.place();
            });
        }
    }

    async place() {
        const outcome = await placeTopup({ subscriptionId: this.esim.recordId });
        this.said = outcome === "placed" || outcome === "delivered" ? "Topped up." : `Top-up: ${outcome}`;
        this.topups = undefined;
    }

    async run(call) {
        if (this.busy) {
            return;
        }
        this.busy = true;
        this.error = undefined;
        this.said = undefined;
        try {
            await call();
        } catch (failure) {
            this.error = messageOf(failure);
        } finally {
            this.busy = false;
        }
        // The record knows best what is under way; codes and measurements change nothing there that others show.
        if (this.said || this.error) {
            this.dispatchEvent(new CustomEvent("change"));
        }
    }
}
