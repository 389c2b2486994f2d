import { LightningElement, api } from "lwc";
import LightningConfirm from "lightning/confirm";
import getTrip from "@salesforce/apex/EsimController.getTrip";
import refreshOffers from "@salesforce/apex/EsimController.refreshOffers";
import reserveOrder from "@salesforce/apex/EsimController.reserveOrder";
import placeOrder from "@salesforce/apex/EsimController.placeOrder";
import checkOrder from "@salesforce/apex/EsimController.checkOrder";
import { messageOf, offerView } from "c/esimText";

/** What is said of a trip that has no offers, by its sync status. */
const NOTICES = {
    Pending: "The trip is on its way to Passerelle.",
    Incomplete: "Something is missing before eSIMs can be offered.",
    Failed: "Passerelle refused the trip.",
    Sent: "No plan of the catalogue suits this trip.",
};

/** Offers, order, and the eSIMs of the trip on this record. The key of a purchase is kept on the record, not here. */
export default class EsimPanel extends LightningElement {
    @api recordId;
    trip;
    error;
    busy = false;

    connectedCallback() {
        this.load();
    }

    get offers() {
        return JSON.parse(this.trip?.offers || "[]").map(offerView);
    }

    get esims() {
        return this.trip?.esims ?? [];
    }

    get hasEsims() {
        return this.esims.length > 0;
    }

    get orderOpen() {
        return this.trip?.orderOpen === true;
    }

    get cannotOrder() {
        return this.busy || this.orderOpen;
    }

    get cannotRefresh() {
        return this.busy || !this.trip?.reference;
    }

    get openOrderText() {
        const state = this.trip.orderStatus ? `is ${this.trip.orderStatus}` : "has not been answered yet";
        return [`The order of ${this.trip.orderPackage} ${state}.`, this.trip.orderMessage].filter(Boolean).join(" ");
    }

    get notice() {
        if (this.trip === undefined || this.offers.length > 0) {
            return this.trip?.orderStatus === "rejected"
                ? `Not bought: ${this.trip.orderMessage ?? "the provider refused."}`
                : undefined;
        }
        const said = NOTICES[this.trip.syncStatus] ?? "Fill in countries, days and traveller: offers appear here.";
        return [said, this.trip.syncMessage].filter(Boolean).join(" ");
    }

    load() {
        return this.run(() => getTrip({ recordId: this.recordId }));
    }

    refreshOffers() {
        return this.run(() => refreshOffers({ recordId: this.recordId }));
    }

    checkOrder() {
        return this.run(() => checkOrder({ recordId: this.recordId }));
    }

    async order(event) {
        const packageId = event.currentTarget.dataset.package;
        const offer = this.offers.find((candidate) => candidate.packageId === packageId);
        const sure = await LightningConfirm.open({
            label: "Order this eSIM?",
            message: `${offer.title}: ${offer.price} ${offer.currency}. The traveller gets an e-mail with the QR code.`,
        });
        if (!sure) {
            return;
        }
        // Two calls: the key must be on the record before anything is sent.
        await this.run(async () => {
            await reserveOrder({ recordId: this.recordId, packageId });
            return placeOrder({ recordId: this.recordId });
        });
    }

    /** One call at a time. Whatever is lost, what the record knows is shown afterwards. */
    async run(call) {
        if (this.busy) {
            return;
        }
        this.busy = true;
        this.error = undefined;
        try {
            this.trip = await call();
        } catch (failure) {
            this.error = messageOf(failure);
            this.trip = await getTrip({ recordId: this.recordId }).catch(() => this.trip);
        } finally {
            this.busy = false;
        }
    }
}
