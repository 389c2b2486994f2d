// What is done from the queue.
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { Hubspot } from '../door/hubspot.mjs';
import { PROPERTIES, setUp } from '../door/setup.mjs';
import { Later, work } from '../door/work.mjs';
import { OFFERS, problem, world } from './support.mjs';

const PIECE = { kind: 'propose', callbackId: 'cb-1', dealId: '301', input: { order: 'no' } };
const BOOKED = { 'POST /bookings': { status: 201, body: { reference: 'VH-1', offers: OFFERS } } };

test('the workflow goes on with the best offer', async () => {
  const here = world({ answers: BOOKED });
  await work(here.ports, PIECE);
  assert.deepEqual(here.seen.completed, [{
    id: 'cb-1', outcome: 'proposed', booking_reference: 'VH-1', offers: '2', best_package_id: 'airalo:jp', best_title: '10 GB - 15 Days', best_price: '14.5', best_currency: 'USD',
  }]);
  assert.equal(here.purchases().length, 0);
});

test('ordered with the callback as key; what is not decided is asked for again with the same key', async () => {
  const orders = [{ status: 202, body: { order_id: 'ord_1', status: 'queued' } }, { status: 201, body: { order_id: 'ord_1', status: 'placed', esim_id: 'esim_1' } }];
  const here = world({ answers: { ...BOOKED, 'POST /orders': orders } });
  const piece = { ...PIECE, input: { order: 'best' } };
  await assert.rejects(work(here.ports, piece), Later);
  assert.equal(here.seen.completed.length, 0, 'the workflow waits');
  await work(here.ports, piece);
  assert.deepEqual(here.purchases().map(({ headers }) => headers['X-Idempotency-Key']), ['hubspot-424242-callback-cb-1', 'hubspot-424242-callback-cb-1']);
  assert.deepEqual([here.seen.completed[0].outcome, here.seen.completed[0].esim_id], ['ordered', 'esim_1']);
});

test('the workflow is told what failed', async () => {
  const missing = world({ contact: false });
  await work(missing.ports, PIECE);
  assert.deepEqual(missing.seen.completed, [{ id: 'cb-1', outcome: 'failed', message: 'Missing: a contact on the deal, who travels.' }]);
  const refused = world({ answers: { ...BOOKED, 'POST /orders': problem(422, 'order_rejected', 'Out of stock.') } });
  await work(refused.ports, { ...PIECE, input: { order: 'best' } });
  assert.equal(refused.seen.completed[0].message, 'Out of stock. (trace t-1)');
  const nothing = world({ answers: { 'POST /bookings': { status: 201, body: { reference: 'VH-1', offers: [] } } } });
  await work(nothing.ports, PIECE);
  assert.equal(nothing.seen.completed[0].outcome, 'nothing_fits');
});

test('an outage on either side is no failure', async () => {
  await assert.rejects(work(world({ answers: { 'POST /bookings': 'lost' } }).ports, PIECE), Later);
  await assert.rejects(work(world({ answers: BOOKED, refused: { 'GET /crm/objects/2026-09/deals/301': 429 } }).ports, PIECE), Later);
  await assert.rejects(work(world({ answers: BOOKED, refused: { 'POST /automation/actions/callbacks/2026-03/cb-1/complete': 500 } }).ports, PIECE), Later);
});

test('a callback that is over is nobody to tell', async () => {
  await work(world({ answers: BOOKED, refused: { 'POST /automation/actions/callbacks/2026-03/cb-1/complete': 404 } }).ports, PIECE);
});

test('inputs of the action stand over the deal; dates in milliseconds are read', async () => {
  const here = world({ answers: BOOKED });
  await work(here.ports, { ...PIECE, input: { order: 'no', countries: 'FR', from: '1803859200000', to: '2027-03-05' } });
  assert.deepEqual(here.seen.passerelle[0].body.destinations, [{ iso_country: 'FR', from: new Date(1803859200000).toISOString().slice(0, 10), to: '2027-03-05' }]);
});

test('a changed trip is sent again; deals that are none, or gone, are left alone', async () => {
  const here = world({ answers: BOOKED });
  await work(here.ports, { kind: 'refresh', dealId: '301' });
  assert.deepEqual(here.seen.passerelle.map(({ call }) => call), ['POST /bookings']);
  for (const silent of [world({ properties: { passerelle_trip_countries: '' } }), world({ refused: { 'GET /crm/objects/2026-09/deals/301': 404 } }), world({ contact: false })]) {
    await work(silent.ports, { kind: 'refresh', dealId: '301' });
    assert.deepEqual(silent.seen.passerelle, []);
  }
});

test('setting up makes what is missing', async () => {
  const there = new Set(['passerelle', 'passerelle_booking_reference']);
  const asked = [];
  const fetch = async (url, { body }) => {
    const { name } = JSON.parse(body);
    asked.push(url);
    return there.has(name) ? Response.json({ category: 'CONFLICT' }, { status: 409 }) : Response.json({}, { status: 201 });
  };
  const made = await setUp(new Hubspot({ hubspotToken: 'pat' }, { fetch }));
  assert.deepEqual(made, PROPERTIES.map(({ name }) => name).filter((name) => !there.has(name)));
  assert.ok(asked[0].endsWith('/crm/properties/2026-09/deals/groups'));
});
