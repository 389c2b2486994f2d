// What the door answers, from the outside: signed calls in, calls of HubSpot and Passerelle out.
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { answer } from '../door/door.mjs';
import { callOf } from '../door/lambda.mjs';
import { DOOR, OFFERS, problem, signed, world } from './support.mjs';

const GET_OFFERS = { 'GET /bookings/VH-1/offers': { body: { booking_reference: 'VH-1', offers: OFFERS } } };
const ask = async (here, path, body = {}, more) => {
  const { status, body: text } = await answer(signed(path, { deal_id: '301', ...body }, more), here.ports);
  return { status, body: JSON.parse(text || 'null') };
};
const state = (here) => JSON.parse(here.deal.passerelle_purchase ?? '{}');

test('the card shows offers and eSIMs of the deal', async () => {
  const here = world({ answers: GET_OFFERS, esims: [{ esim_id: 'esim_1', status: 'activated', data_used_mb: '8301' }] });
  const { status, body } = await ask(here, '/card/deal', { language: 'fr' });
  assert.equal(status, 200);
  assert.deepEqual([body.offers.length, body.esims[0].esim_id, body.is_trip, body.purchase.number], [2, 'esim_1', true, 1]);
  assert.equal(here.seen.passerelle[0].headers['Accept-Language'], 'fr');
});

test('who does not sign is told nothing, and nothing is asked for', async () => {
  for (const more of [{ secret: 'other' }, { timestamp: 1 }, { version: 'v2' }]) {
    const here = world();
    assert.equal((await ask(here, '/card/deal', {}, more)).status, 401);
    assert.deepEqual(here.seen, { passerelle: [], hubspot: [], queue: [], completed: [] });
  }
  assert.equal((await ask(world(), '/card/deal', {}, { query: 'portalId=1' })).status, 403);
  assert.equal((await ask(world(), '/other')).status, 404);
  assert.equal((await ask(world(), '/card/deal', { deal_id: '301/..' })).status, 422);
});

test('the trip is sent as it stands on the deal, and its reference kept there', async () => {
  const here = world({ properties: { passerelle_booking_reference: null, passerelle_trip_countries: 'jp; KR 2027-03-08/2027-03-10' }, answers: {
    'POST /bookings': { status: 201, body: { reference: 'hubspot-301', offers: [] } },
    'GET /bookings/hubspot-301/offers': { body: { offers: [] } },
  } });
  const { body } = await ask(here, '/card/trip');
  assert.deepEqual(here.seen.passerelle[0].body, {
    reference: 'hubspot-301',
    external_reference: '301',
    destinations: [{ iso_country: 'JP', from: '2027-03-02', to: '2027-03-10' }, { iso_country: 'KR', from: '2027-03-08', to: '2027-03-10' }],
    traveller: { name: 'Camille Martin', email: 'c@example.com', locale: 'fr' },
    crm: { deal_id: '301', contact_id: '401', owner_id: '77' },
  });
  assert.equal(body.reference, 'hubspot-301');
  assert.equal(here.deal.passerelle_booking_reference, 'hubspot-301');
});

test('what is missing is said', async () => {
  const nobody = await ask(world({ contact: false }), '/card/trip');
  assert.deepEqual([nobody.status, nobody.body.message], [422, 'Missing: a contact on the deal, who travels.']);
  const country = await ask(world({ properties: { passerelle_trip_countries: 'Japan' } }), '/card/trip');
  assert.match(country.body.message, /"Japan" is no country/);
});

test('an order is written on the deal before it is sent, and closed once it is bought', async () => {
  const here = world({ answers: { ...GET_OFFERS, 'POST /orders': { status: 201, body: { order_id: 'ord_1', status: 'placed', esim_id: 'esim_1' } } } });
  const { body } = await ask(here, '/card/order', { package_id: 'airalo:jp' });
  const [first] = here.purchases();
  assert.equal(first.headers['X-Idempotency-Key'], 'hubspot-424242-301-1');
  assert.deepEqual(first.body, { external_reference: '301', package_id: 'airalo:jp', booking_reference: 'VH-1' });
  const writes = here.seen.hubspot.filter(({ call }) => call.startsWith('PATCH')).map((one) => JSON.parse(one.body.properties.passerelle_purchase));
  assert.deepEqual(writes.map(({ number, open }) => [number, open?.kind]), [[1, 'order'], [2, undefined]]);
  assert.deepEqual(body.esims, [{ esim_id: 'esim_1', status: 'ordered' }], 'shown before HubSpot has the record');
});

test('a lost answer leaves the purchase open; another waits, a check is the same purchase', async () => {
  const here = world({ answers: { ...GET_OFFERS, 'POST /orders': ['lost', { status: 201, body: { order_id: 'ord_1', status: 'placed', esim_id: 'esim_1' } }] } });
  assert.equal((await ask(here, '/card/order', { package_id: 'airalo:jp' })).body.purchase.last.status, 'unknown');
  const other = await ask(here, '/card/order', { package_id: 'airalo:kr' });
  assert.match(other.body.purchase.message, /airalo:jp is still under way/);
  assert.equal(here.purchases().length, 1);
  await ask(here, '/card/check');
  const [one, two] = here.purchases();
  assert.deepEqual([one.headers['X-Idempotency-Key'], one.body], [two.headers['X-Idempotency-Key'], two.body]);
  assert.equal(state(here).number, 2);
});

test('two who click at the same moment send the same key', async () => {
  const placed = { status: 201, body: { order_id: 'ord_1', status: 'placed', esim_id: 'esim_1' } };
  const here = world({ answers: { ...GET_OFFERS, 'POST /orders': [placed, placed] } });
  await Promise.all([ask(here, '/card/order', { package_id: 'airalo:jp' }), ask(here, '/card/order', { package_id: 'airalo:jp' })]);
  assert.deepEqual(new Set(here.purchases().map(({ headers }) => headers['X-Idempotency-Key'])), new Set(['hubspot-424242-301-1']));
});

test('refused is closed, parked is not', async () => {
  const refused = world({ answers: { ...GET_OFFERS, 'POST /orders': problem(422, 'order_rejected', 'Out of stock.') } });
  const { body } = await ask(refused, '/card/order', { package_id: 'airalo:jp' });
  assert.deepEqual([body.purchase.open, body.purchase.number, body.purchase.last.message], [undefined, 2, 'Out of stock. (trace t-1)']);
  const parked = world({ answers: { ...GET_OFFERS, 'POST /orders': problem(422, 'order_parked', 'A person must look.') } });
  await ask(parked, '/card/order', { package_id: 'airalo:jp' });
  assert.deepEqual([state(parked).number, state(parked).last.status, state(parked).open.kind], [1, 'parked', 'order']);
  const reused = world({ answers: { ...GET_OFFERS, 'POST /orders': problem(422, 'idempotency_key_reused', 'Used.') } });
  await ask(reused, '/card/order', { package_id: 'airalo:jp' });
  assert.match(state(reused).last.message, /this was not bought/);
});

test('a top-up is bought for an eSIM of this deal, and for no other', async () => {
  const esims = [{ esim_id: 'esim_1' }];
  const here = world({ esims, answers: { ...GET_OFFERS, 'POST /esims/esim_1/topup': { status: 201, body: { order_id: 'ord_2', status: 'placed' } } } });
  assert.equal((await ask(here, '/card/topup', { esim_id: 'esim_1', package_id: 'airalo:top' })).body.purchase.number, 2);
  const foreign = await ask(here, '/card/topup', { esim_id: 'esim_9', package_id: 'airalo:top' });
  assert.deepEqual([foreign.status, here.purchases().length], [404, 1]);
  assert.equal((await ask(here, '/card/codes', { esim_id: 'esim_9' })).status, 404);
});

test('codes are shown with a page for the QR code whose address holds none, for five minutes', async () => {
  const here = world({ esims: [{ esim_id: 'esim_1' }], answers: {
    'GET /esims/esim_1': { body: { esim_id: 'esim_1', iccid: '8910300000000000017', lpa_code: 'LPA:1$smdp.example.com$CODE', confirmation_code_required: false } },
    'GET /esims/esim_1/qr.png': { png: Buffer.from('png') },
  } });
  const { body } = await ask(here, '/card/codes', { esim_id: 'esim_1' });
  assert.equal(body.iccid, undefined);
  assert.ok(body.qr_page.startsWith(`${DOOR}/qr?`) && !body.qr_page.includes('CODE'));
  const open = (url, now) => answer({ method: 'GET', path: '/qr', query: new URL(url).search.slice(1), headers: {}, body: Buffer.alloc(0) }, { ...here.ports, now: () => now });
  const now = here.ports.now();
  const page = await open(body.qr_page, now + 299_000);
  assert.match(page.body, /data:image\/png;base64,cG5n"/);
  assert.match(page.headers['content-security-policy'], /frame-ancestors/);
  assert.equal((await open(body.qr_page, now + 301_000)).status, 403);
  assert.equal((await open(body.qr_page.replace('esim_1', 'esim_2'), now)).status, 403);
});

test('an outage is told as one, with the trace', async () => {
  const { status, body } = await ask(world({ answers: { 'GET /bookings/VH-1/offers': problem(503, 'unavailable', 'Wait.') } }), '/card/deal');
  assert.deepEqual([status, body.message], [503, 'Wait. (trace t-1)']);
});

test('an expired token is renewed once', async () => {
  const here = world({ answers: { 'GET /bookings/VH-1/offers': [problem(401, 'unauthorized', 'Expired.'), { body: { offers: [] } }] } });
  assert.equal((await ask(here, '/card/deal')).status, 200);
});

const EXECUTION = { callbackId: 'ap-102670506-56777914962-11-0', origin: { portalId: 424242 }, object: { objectId: 301, objectType: 'DEAL' }, inputFields: { order: 'best', countries: 'JP' } };

test('a workflow is told to wait, and the work is put in the queue without personal data', async () => {
  const here = world();
  const { status, body } = await answer(signed('/action/propose', EXECUTION, { version: 'v2' }), here.ports);
  assert.deepEqual([status, JSON.parse(body)], [200, { outputFields: { hs_execution_state: 'BLOCK', hs_expiration_duration: 'P1D' } }]);
  assert.deepEqual(JSON.parse(JSON.stringify(here.seen.queue)), [{ kind: 'propose', callbackId: EXECUTION.callbackId, dealId: '301', input: { countries: 'JP', order: 'best' } }]);
  assert.deepEqual([here.seen.hubspot, here.seen.passerelle], [[], []], 'nothing keeps HubSpot waiting');
  const v3 = await answer(signed('/action/propose', EXECUTION), here.ports);
  assert.equal(v3.status, 401);
});

test('webhooks: a batch names each deal once, other portals and objects are nothing to us', async () => {
  const here = world();
  const event = (more) => ({ eventId: 1, portalId: 424242, subscriptionType: 'object.propertyChange', objectTypeId: '0-3', objectId: 301, propertyName: 'passerelle_trip_start', attemptNumber: 0, ...more });
  const batch = [event(), event({ eventId: 2 }), event({ objectId: 302 }), event({ portalId: 9, objectId: 9 }), event({ objectTypeId: '0-1', objectId: 8 }), event({ subscriptionType: 'object.deletion', objectId: 7 })];
  const { status } = await answer(signed('/webhooks', batch, { query: '' }), here.ports);
  assert.equal(status, 204);
  assert.deepEqual(here.seen.queue.map(({ dealId }) => dealId), ['301', '302']);
  assert.equal((await answer(signed('/webhooks', {}, { query: '' }), here.ports)).status, 422);
});

test('a function URL\'s event is read byte by byte', () => {
  const event = { requestContext: { http: { method: 'POST' } }, rawPath: '/webhooks', rawQueryString: 'a=%40', headers: {}, body: Buffer.from('é').toString('base64'), isBase64Encoded: true };
  assert.deepEqual(callOf(event), { method: 'POST', path: '/webhooks', query: 'a=%40', headers: {}, body: Buffer.from('é') });
});
