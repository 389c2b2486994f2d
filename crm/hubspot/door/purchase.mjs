// Purchases from the card. Each deal has a number, and the number makes the key: whoever clicks at the same moment, in whatever window,
// sends the same key, and one key buys at most once. The number moves on only when it is known for good what came of the purchase.
import { DEAL } from './hubspot.mjs';
import { part, Refused } from './passerelle.mjs';

const BOUGHT = ['placed', 'delivered', 'accepted'];

/** What the deal says: `{ number, open?: { kind, path, body }, last? }`. */
export function stateOf(deal) {
  try {
    const state = JSON.parse(deal.properties[DEAL.purchase] || '{}');
    return { ...state, number: Number(state.number) || 1 };
  } catch {
    return { number: 1 };
  }
}

const keyOf = (portalId, deal, { number }) => `hubspot-${portalId}-${deal.id}-${number}`;

export const order = (deal, packageId, reference) => ({
  kind: 'order',
  path: '/orders',
  body: { external_reference: deal.id, package_id: packageId, booking_reference: reference },
});
export const topup = (esimId, packageId) => ({ kind: 'topup', path: `/esims/${part(esimId)}/topup`, body: { package_id: packageId } });

/**
 * Sends a purchase, or the one that is open on the deal: then `wanted` is undefined. Answers with the state afterwards, which has
 * `open` while nothing is known for good. What is open is written before anything is sent.
 */
export async function buy({ hubspot, passerelle, portalId }, deal, wanted) {
  const state = stateOf(deal);
  const purchase = state.open ?? wanted;
  if (!purchase) return state;
  if (wanted && state.open && JSON.stringify(state.open) !== JSON.stringify(wanted)) {
    return { ...state, message: `A purchase of ${state.open.body.package_id} is still under way. Check it first.` };
  }
  if (!state.open) await write(hubspot, deal, { ...state, open: purchase });
  const outcome = await send(passerelle, purchase, keyOf(portalId, deal, state));
  const next = outcome.decided ? { number: state.number + 1, last: outcome.last } : { ...state, open: purchase, last: outcome.last };
  await write(hubspot, deal, next);
  return next;
}

async function send(passerelle, purchase, key) {
  const last = { kind: purchase.kind, package_id: purchase.body.package_id };
  try {
    const { status, body } = await passerelle.call('POST', purchase.path, { body: purchase.body, key });
    return { decided: status === 201 || BOUGHT.includes(body.status), last: { ...last, status: body.status, order_id: body.order_id, esim_id: body.esim_id } };
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    if (error.code === 'order_parked') return { decided: false, last: { ...last, status: 'parked', message: error.message } };
    if (error.passing) return { decided: false, last: { ...last, status: 'unknown', message: error.message } };
    // Refused: this was not bought. A reused key says that somebody else bought something else with this number, at the same moment.
    const reused = error.code === 'idempotency_key_reused';
    const message = reused ? 'Somebody else bought something else at the same moment; this was not bought.' : error.message;
    return { decided: true, last: { ...last, status: 'rejected', message } };
  }
}

async function write(hubspot, deal, { message: _, ...state }) {
  await hubspot.writeDeal(deal.id, { [DEAL.purchase]: JSON.stringify(state) });
}
