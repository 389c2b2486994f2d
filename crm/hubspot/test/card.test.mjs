// The card, rendered by HubSpot's own test renderer.
import './worker.mjs';

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Alert, Button, ProgressBar, Text, Tile } from '@hubspot/ui-extensions';
import { createRenderer } from '@hubspot/ui-extensions/testing';

import { OFFERS } from './support.mjs';
import { worker } from './worker.mjs';

const DEAL = { reference: 'VH-1', is_trip: true, offers: OFFERS, esims: [], purchase: { number: 1 } };
const ESIM = { esim_id: 'esim_1', status: 'activated', package_title: '10 GB', data_used_mb: '8301', data_total_mb: '10240' };

await import('../dist/EsimCard.js');

async function shown(answers) {
  worker.calls = [];
  worker.answers = answers;
  const opened = [];
  const renderer = createRenderer('crm.record.tab');
  const context = { variables: { DOOR_URL: 'https://door.example.com' }, crm: { objectId: 301 }, user: { locale: 'fr-fr' } };
  renderer.render(worker.entry({ context, actions: { openIframeModal: (page) => opened.push(page) } }));
  const button = (label) => renderer.findAll(Button).find((found) => found.text.includes(label));
  const click = (label) => button(label).trigger('onClick');
  const appears = (text) => renderer.waitFor(() => assert.ok(renderer.getRootNode().toString().includes(text), text));
  const pressed = (label) => renderer.waitFor(() => assert.ok(button(label) && !button(label).props.disabled, label)).then(() => click(label));
  const asked = () => worker.calls.map(({ url }) => new URL(url).pathname);
  return { renderer, button, appears, pressed, asked, opened };
}

test('offers are shown with their reasons; a set of plans has no button', async () => {
  const { renderer, appears, asked } = await shown({ '/card/deal': DEAL });
  await appears('Lasts 15 days, the trip 9');
  const tiles = renderer.findAll(Tile);
  assert.equal(tiles.length, 2);
  assert.ok(tiles[0].find(Button).text.includes('Order'));
  assert.equal(tiles[1].maybeFind(Button), null);
  assert.ok(tiles[1].findAll(Text).some((text) => text.text.includes('2 × Japan')));
  assert.deepEqual(asked(), ['/card/deal']);
  assert.deepEqual(worker.calls[0], { url: 'https://door.example.com/card/deal', method: 'POST', body: { deal_id: '301', language: 'fr' } });
});

test('an order takes two clicks and names the package', async () => {
  const bought = { ...DEAL, esims: [ESIM], purchase: { number: 2, last: { kind: 'order', package_id: 'airalo:jp', status: 'placed' } } };
  const { pressed, appears, asked } = await shown({ '/card/deal': DEAL, '/card/order': bought });
  await pressed('Order');
  assert.deepEqual(asked(), ['/card/deal'], 'nothing is bought by the first click');
  await pressed('Order for 14.5 USD');
  await appears('Measure');
  assert.deepEqual(worker.calls[1].body, { deal_id: '301', language: 'fr', package_id: 'airalo:jp' });
});

test('an open purchase blocks all others and can be checked', async () => {
  const open = { ...DEAL, esims: [ESIM], purchase: { number: 1, open: { kind: 'order', body: { package_id: 'airalo:jp' } }, last: { kind: 'order', package_id: 'airalo:jp', status: 'unknown' } } };
  const { renderer, button, pressed, appears, asked } = await shown({ '/card/deal': open, '/card/check': DEAL });
  await appears('A purchase of airalo:jp is unknown.');
  assert.equal(button('Order').props.disabled, true);
  assert.equal(button('Top up').props.disabled, true);
  await pressed('Check it');
  await renderer.waitFor(() => assert.equal(renderer.maybeFind(Alert), null));
  assert.deepEqual(asked(), ['/card/deal', '/card/check']);
});

test('consumption is a bar, from the record and from a new measurement', async () => {
  const { renderer, pressed } = await shown({ '/card/deal': { ...DEAL, esims: [ESIM] }, '/card/usage': { status: 'exhausted', data_used_mb: 10240, data_total_mb: 10240, expiry_date: null } });
  const bar = (value, words) => renderer.waitFor(() => {
    const { props } = renderer.find(ProgressBar);
    assert.deepEqual([props.value, props.maxValue, props.valueDescription], [value, 10240, words]);
  });
  await bar(8301, '8.1 GB of 10 GB');
  await pressed('Measure');
  await bar(10240, '10 GB of 10 GB');
});

test('codes are asked for on demand and forgotten when hidden; the QR code opens in a frame', async () => {
  const codes = { lpa_code: 'LPA:1$smdp.example.com$CODE', confirmation_code_required: true, qr_page: 'https://door.example.com/qr?esim=esim_1' };
  const { renderer, appears, pressed, opened } = await shown({ '/card/deal': { ...DEAL, esims: [ESIM] }, '/card/codes': codes });
  await pressed('Codes');
  await appears('LPA:1$smdp.example.com$CODE');
  await pressed('QR code');
  assert.equal(opened[0].uri, codes.qr_page);
  await pressed('Hide the codes');
  await renderer.waitFor(() => assert.ok(!renderer.getRootNode().toString().includes('CODE')));
});

test('a top-up: list, buy, the deal anew', async () => {
  const plan = { package_id: 'airalo:top', title: '1 GB', price: 4.5, currency: 'USD', data_volume_mb: 1024, validity_days: 7, network_operators: [] };
  const after = { ...DEAL, esims: [ESIM], purchase: { number: 2, last: { kind: 'topup', package_id: 'airalo:top', status: 'placed' } } };
  const { renderer, button, pressed } = await shown({ '/card/deal': { ...DEAL, esims: [ESIM] }, '/card/topups': { packages: [plan] }, '/card/topup': after });
  await pressed('Top up');
  await pressed('Buy 1 GB: 4.5 USD');
  await renderer.waitFor(() => assert.equal(button('Buy'), undefined));
  assert.deepEqual(worker.calls.at(-1).body, { deal_id: '301', language: 'fr', esim_id: 'esim_1', package_id: 'airalo:top' });
});

test('what the door refuses is said', async () => {
  const { pressed, appears } = await shown({ '/card/deal': DEAL, '/card/trip': { status: 422, body: { message: 'Missing: the first day.' } } });
  await pressed('Find offers');
  await appears('Missing: the first day.');
});

test('a deal that cannot be read says so', async () => {
  const { appears } = await shown({ '/card/deal': { status: 401, body: { message: 'The signature is not accepted.' } } });
  await appears('The signature is not accepted.');
});
