// What the card asks for. Every call names the deal; an eSIM is only shown or topped up when it is that deal's.
import { createHmac, timingSafeEqual } from 'node:crypto';

import { DEAL } from './hubspot.mjs';
import { part } from './passerelle.mjs';
import * as purchase from './purchase.mjs';
import { isTrip, save } from './trip.mjs';

/** How long the address of a QR code can be opened, in milliseconds. */
const TICKET = 5 * 60_000;

/** What a person did wrong, or may not do. */
export class BadCall extends Error {
  constructor(status, message) {
    super(message);
    this.status = status;
  }
}

/** The deal with its offers, eSIMs and purchase. */
async function shown(ports, deal, state = purchase.stateOf(deal)) {
  const reference = deal.properties[DEAL.reference];
  const esims = await ports.hubspot.esims(deal);
  // Bought, and not yet told to HubSpot: seconds, as a rule.
  const bought = state.last?.esim_id;
  if (bought && !esims.some((esim) => esim.esim_id === bought)) esims.push({ esim_id: bought, status: 'ordered' });
  return { reference, is_trip: isTrip(deal), offers: reference ? await offers(ports, reference) : [], esims, purchase: state };
}

async function offers({ passerelle, language }, reference) {
  return (await passerelle.call('GET', `/bookings/${part(reference)}/offers`, { language })).body.offers;
}

async function esimOf(ports, deal, esimId) {
  const known = (await ports.hubspot.esims(deal)).some((esim) => esim.esim_id === esimId) || purchase.stateOf(deal).last?.esim_id === esimId;
  if (!esimId || !known) throw new BadCall(404, 'There is no such eSIM on this deal.');
  return `/esims/${part(esimId)}`;
}

const packageOf = ({ package_id: id }) => {
  if (typeof id !== 'string' || id === '') throw new BadCall(422, 'package_id: is missing');
  return id;
};

/** Every call of the card: what it does with a deal and the call's body. */
export const CALLS = {
  '/card/deal': (ports, deal) => shown(ports, deal),
  /** Sends the trip as it stands on the deal, and shows what fits. */
  '/card/trip': async (ports, deal) => {
    const booked = await save(ports, deal);
    deal.properties[DEAL.reference] = booked.reference;
    await ports.hubspot.writeDeal(deal.id, { [DEAL.reference]: booked.reference });
    return shown(ports, deal);
  },
  '/card/order': async (ports, deal, body) => {
    const reference = deal.properties[DEAL.reference];
    if (!reference) throw new BadCall(409, 'The trip of this deal has not been sent yet.');
    return shown(ports, deal, await purchase.buy(ports, deal, purchase.order(deal, packageOf(body), reference)));
  },
  '/card/topup': async (ports, deal, body) => {
    await esimOf(ports, deal, body.esim_id);
    return shown(ports, deal, await purchase.buy(ports, deal, purchase.topup(body.esim_id, packageOf(body))));
  },
  /** Sends what is open on the deal again, with its key. */
  '/card/check': async (ports, deal) => shown(ports, deal, await purchase.buy(ports, deal)),
  '/card/topups': async (ports, deal, body) => (await ports.passerelle.call('GET', `${await esimOf(ports, deal, body.esim_id)}/topups`, { language: ports.language })).body,
  '/card/usage': async (ports, deal, body) => (await ports.passerelle.call('GET', `${await esimOf(ports, deal, body.esim_id)}/usage`)).body,
  '/card/codes': async (ports, deal, body) => {
    const { body: esim } = await ports.passerelle.call('GET', await esimOf(ports, deal, body.esim_id));
    const { lpa_code, smdp_address, manual_activation_code, confirmation_code_required } = esim;
    return { lpa_code, smdp_address, manual_activation_code, confirmation_code_required, qr_page: ticket(ports, body.esim_id) };
  },
};

const stamp = (secret, esimId, until) => createHmac('sha256', secret).update(`qr ${esimId} ${until}`).digest('base64url');

/** An address that shows one QR code for five minutes. It holds no code. */
function ticket({ settings, now }, esimId) {
  const until = now() + TICKET;
  return `${settings.doorUrl}/qr?${new URLSearchParams({ esim: esimId, until, stamp: stamp(settings.clientSecretHubspot, esimId, until) })}`;
}

/** The page behind a ticket. */
export async function qrPage({ passerelle, settings, now }, query) {
  const [esim, until, given] = ['esim', 'until', 'stamp'].map((name) => query.get(name) ?? '');
  const expected = Buffer.from(stamp(settings.clientSecretHubspot, esim, until));
  const genuine = Buffer.from(given).length === expected.length && timingSafeEqual(Buffer.from(given), expected);
  if (!genuine || !(Number(until) >= now())) throw new BadCall(403, 'This page is over. Open the QR code again.');
  const { bytes } = await passerelle.call('GET', `/esims/${part(esim)}/qr.png`);
  return `<!doctype html><meta charset="utf-8"><title>eSIM</title><img alt="QR code that installs the eSIM" width="320" src="data:image/png;base64,${bytes.toString('base64')}">`;
}
