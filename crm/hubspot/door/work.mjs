// What is done after HubSpot has its answer. A piece of work holds ids and the action's choices, no personal data, and may come twice.
import { DEAL, HubspotRefused } from './hubspot.mjs';
import { Refused } from './passerelle.mjs';
import { Incomplete, isTrip, save } from './trip.mjs';

/** Not done yet; the queue hands the work over again. */
export class Later extends Error {}

const passing = (error) => (error instanceof Refused || error instanceof HubspotRefused) && error.passing;

/** Does one piece of work, or throws `Later`. */
export async function work(ports, piece) {
  try {
    await (piece.kind === 'propose' ? propose(ports, piece) : refresh(ports, piece));
  } catch (error) {
    if (passing(error)) throw new Later(error.message);
    throw error;
  }
}

/** A deal was changed: its trip is sent again, if it is one and complete. What is missing shows on the card, not here. */
async function refresh(ports, { dealId }) {
  const deal = await found(ports, dealId);
  if (!deal || !isTrip(deal)) return;
  try {
    const booked = await save(ports, deal);
    if (deal.properties[DEAL.reference] !== booked.reference) await ports.hubspot.writeDeal(deal.id, { [DEAL.reference]: booked.reference });
  } catch (error) {
    if (error instanceof Incomplete || (error instanceof Refused && !error.passing)) return;
    throw error;
  }
}

/** The workflow action: offers for the deal, and the best of them bought where the action says so. */
async function propose(ports, piece) {
  let outputs;
  try {
    outputs = await proposed(ports, piece);
  } catch (error) {
    if (passing(error) || error instanceof Later) throw error;
    if (!(error instanceof Incomplete || error instanceof Refused || error instanceof HubspotRefused)) throw error;
    outputs = { outcome: 'failed', message: error.message };
  }
  try {
    await ports.hubspot.complete(piece.callbackId, outputs);
  } catch (error) {
    // Completed by an earlier run of this work, or expired: there is nobody left to tell.
    if (!(error instanceof HubspotRefused) || error.passing) throw error;
  }
}

async function proposed(ports, { dealId, callbackId, input }) {
  const deal = await found(ports, dealId);
  if (!deal) throw new Incomplete('The deal is gone.');
  const booked = await save(ports, deal, input);
  await ports.hubspot.writeDeal(deal.id, { [DEAL.reference]: booked.reference });
  const best = booked.offers.find((offer) => offer.package_id);
  const outputs = {
    outcome: best ? 'proposed' : 'nothing_fits',
    booking_reference: booked.reference,
    offers: booked.offers.length,
    best_package_id: best?.package_id,
    best_title: best?.packages[0].title,
    best_price: best?.price,
    best_currency: best?.currency,
  };
  return best && input.order === 'best' ? { ...outputs, ...(await ordered(ports, deal, callbackId, booked, best)) } : outputs;
}

/** The workflow's callback id is the key: the same run of the same workflow buys at most once. */
async function ordered({ passerelle, portalId }, deal, callbackId, booked, best) {
  const body = { external_reference: deal.id, package_id: best.package_id, booking_reference: booked.reference };
  const { status, body: order } = await passerelle.call('POST', '/orders', { body, key: `hubspot-${portalId}-callback-${callbackId}` });
  if (status === 202) throw new Later(`the order is ${order.status}`);
  return { outcome: 'ordered', order_id: order.order_id, order_status: order.status, esim_id: order.esim_id };
}

async function found({ hubspot }, dealId) {
  try {
    return await hubspot.deal(dealId);
  } catch (error) {
    if (error instanceof HubspotRefused && error.status === 404) return undefined;
    throw error;
  }
}
