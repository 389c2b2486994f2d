// Plays the card's calls and a changed deal through the door, against a local Passerelle and its simulator of HubSpot. By hand:
//
//   cargo local --no-trip --json > local.json &      # from the root; wait until its line is there
//   node crm/hubspot/real/play.mjs local.json
//
// The simulator knows properties, deals, contacts and eSIM records as HubSpot does; it completes no workflow's callbacks.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';

import { answer } from '../door/door.mjs';
import { Hubspot } from '../door/hubspot.mjs';
import { Passerelle } from '../door/passerelle.mjs';
import { setUp } from '../door/setup.mjs';
import { v3 } from '../door/signature.mjs';
import { work } from '../door/work.mjs';

const local = JSON.parse(readFileSync(process.argv[2], 'utf8').trim().split('\n').at(-1));
const settings = {
  doorUrl: 'https://door.example.com', portalId: 424242, clientSecretHubspot: randomUUID(), hubspotVersion: '2026-09',
  hubspotUrl: local.simulators.hubspot, hubspotToken: 'pat-eu1-simulated',
  apiUrl: local.api, tokenUrl: local.token_url, clientId: local.client_id, clientSecret: local.client_secret,
};
const outside = { fetch, now: Date.now };
const queue = [];
const ports = {
  settings, portalId: settings.portalId, now: Date.now, queue: { put: async (piece) => void queue.push(piece) },
  hubspot: new Hubspot(settings, outside), passerelle: new Passerelle(settings, outside),
};

/** A call as HubSpot makes it. */
async function call(path, body, query = 'portalId=424242&userEmail=a%40b.example') {
  const one = { method: 'POST', path, query, body: Buffer.from(JSON.stringify(body)) };
  const timestamp = String(Date.now());
  const signature = v3(settings.clientSecretHubspot, { ...one, uri: `${settings.doorUrl}${path}${query && `?${query}`}`, timestamp });
  const answered = await answer({ ...one, headers: { 'x-hubspot-request-timestamp': timestamp, 'x-hubspot-signature-v3': signature } }, ports);
  assert.ok(answered.status < 300, `${path}: ${answered.status} ${answered.body}`);
  return answered.body && JSON.parse(answered.body);
}

async function purchases() {
  const asked = await Promise.all(['airalo', 'reference'].map(async (name) => (await fetch(`${local.simulators[name]}/_sim/requests`)).json()));
  return asked.flat().filter(({ method, path }) => method === 'POST' && /\/orders(-async)?$/.test(path)).length;
}

async function until(what, found) {
  for (const end = Date.now() + 60_000; Date.now() < end; await new Promise((wake) => setTimeout(wake, 1000))) {
    const value = await found();
    if (value) return value;
  }
  throw new Error(`${what} did not happen`);
}

console.log(`properties: ${(await setUp(ports.hubspot)).join(', ') || 'were there'}`);
const seed = {
  email: `camille-${Date.now()}@example.com`, deal: 'Japan', contact_properties: { firstname: 'Camille', lastname: 'Martin' },
  deal_properties: { passerelle_trip_countries: 'JP', passerelle_trip_start: '2027-05-03', passerelle_trip_end: '2027-05-12' },
};
const seeded = await (await fetch(`${local.simulators.hubspot}/_sim/seed`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(seed) })).json();
assert.ok(seeded.deal_id, JSON.stringify(seeded));
const deal_id = String(seeded.deal_id);

await call('/webhooks', [{ portalId: 424242, subscriptionType: 'object.propertyChange', objectTypeId: '0-3', objectId: Number(deal_id) }], '');
await work(ports, queue.shift());
const deal = await call('/card/deal', { deal_id });
assert.ok(deal.offers.length > 0);
console.log(`webhook: the trip was sent as ${deal.reference}, ${deal.offers.length} offers on the card`);

const before = await purchases();
const best = deal.offers.find(({ package_id }) => package_id);
const [one, two] = await Promise.all([1, 2].map(() => call('/card/order', { deal_id, package_id: best.package_id })));
const bought = await until('the purchase', async () => {
  const { purchase } = await call('/card/check', { deal_id });
  return purchase.last?.esim_id && purchase;
});
assert.equal((await purchases()) - before, 1, 'one purchase at the provider');
console.log(`order:   two clicks at once (${one.purchase.last.status}, ${two.purchase.last.status}), one purchase, the deal is at number ${bought.number}`);

const esim = await until('the record in HubSpot', async () => (await call('/card/deal', { deal_id })).esims.find(({ package_title }) => package_title));
const codes = await call('/card/codes', { deal_id, esim_id: esim.esim_id });
assert.match(codes.lpa_code, /^LPA:1\$/);
const page = await answer({ method: 'GET', path: '/qr', query: new URL(codes.qr_page).search.slice(1), headers: {}, body: Buffer.alloc(0) }, ports);
assert.match(page.body, /data:image\/png;base64,iVBOR/);
const usage = await call('/card/usage', { deal_id, esim_id: esim.esim_id });
const { packages } = await call('/card/topups', { deal_id, esim_id: esim.esim_id });
console.log(`esim:    ${esim.package_title}, written to HubSpot by Passerelle; codes, QR code, usage (${usage.status}), ${packages.length} top-ups on the card`);
if (packages.length > 0) {
  const topped = await call('/card/topup', { deal_id, esim_id: esim.esim_id, package_id: packages[0].package_id });
  assert.equal(topped.purchase.open, undefined, JSON.stringify(topped.purchase));
  console.log(`top-up:  ${topped.purchase.last.status}`);
}
console.log('4 passed, 0 failed');
