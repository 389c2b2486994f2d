// What the door and the card say to Passerelle and read from it is in openapi.yaml.
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { parse } from 'yaml';

import { API_VERSION, Passerelle } from '../door/passerelle.mjs';
import { order, topup } from '../door/purchase.mjs';
import { booking } from '../door/trip.mjs';
import { facts, titleOf } from '../dist/words.js';

const read = (path) => readFileSync(new URL(path, import.meta.url), 'utf8');
const contract = parse(read('../../../openapi.yaml'), { maxAliasCount: -1 });
const { schemas, parameters } = contract.components;
const sources = readdirSync(new URL('../door/', import.meta.url)).filter((name) => name.endsWith('.mjs')).map((name) => read(`../door/${name}`)).join('\n');

function fits(schema, value, at) {
  const { properties, items, required = [], type, $ref } = schema;
  if ($ref) return fits(schemas[$ref.split('/').at(-1)], value, at);
  if (type === 'array') return value.forEach((entry) => fits(items, entry, at));
  if (type !== 'object') return undefined;
  for (const name of Object.keys(value)) {
    assert.ok(properties[name], `${at}.${name} is not in the contract`);
    fits(properties[name], value[name], `${at}.${name}`);
  }
  for (const name of required) assert.ok(name in value, `${at}.${name} is required`);
  return undefined;
}

test('bodies are what the contract asks for', () => {
  const deal = { id: '301', contacts: ['401'], properties: { passerelle_trip_countries: 'JP', passerelle_trip_start: '2027-03-02', passerelle_trip_end: '2027-03-10', hubspot_owner_id: '7' } };
  fits(schemas.NewBooking, booking(deal, { email: 'c@example.com', firstname: 'C', phone: '1', hs_language: 'fr' }), 'NewBooking');
  fits(schemas.NewOrder, order(deal, 'a:b', 'VH-1').body, 'NewOrder');
  fits(schemas.NewTopup, topup('esim_1', 'a:b').body, 'NewTopup');
});

test('every path that is called exists', () => {
  const known = new Set(Object.keys(contract.paths).map((path) => path.replace(/\{\w+\}/g, '*')));
  const called = [...sources.matchAll(/passerelle\.call\('(GET|POST)', (?:'([^']+)'|`([^`]+)`|await esimOf)/g)].map(([, , plain, template]) => plain ?? template ?? '/esims/*');
  const paths = called.map((path) => path.replace(/\$\{await esimOf\([^}]*\)\}/, '/esims/*').replace(/\$\{part\([^}]*\)\}/, '*'));
  assert.ok(paths.length >= 7, String(paths));
  for (const path of [...paths, order({}, 'a', 'b').path, topup('*', 'a').path.replace('%2A', '*')]) assert.ok(known.has(path), path);
});

test('headers and version are the contract\'s', async () => {
  const sent = [];
  const fetch = async (url, { headers }) => (url === 't' ? Response.json({ access_token: 'x', expires_in: 60 }) : sent.push(headers) && Response.json({}));
  await new Passerelle({ apiUrl: '', tokenUrl: 't' }, { fetch, now: () => 0 }).call('POST', '/orders', { body: {}, key: 'k' });
  const named = new Set(Object.values(parameters).filter((one) => one.in === 'header').map((one) => one.name));
  for (const name of Object.keys(sent[0])) assert.ok(named.has(name) || ['Accept', 'Content-Type', 'Authorization'].includes(name), name);
  assert.equal(API_VERSION, parameters.ApiVersion.schema.default);
  assert.equal(sent[0]['X-Idempotency-Key'], 'k');
});

test('what is read exists', () => {
  const types = read('../src/app/cards/door.ts');
  const members = (name) => [...new RegExp(`export interface ${name} \\{([^}]*)\\}`).exec(types)[1].matchAll(/(\w+)\??:/g)].map(([, member]) => member);
  const pairs = { Reason: 'Reason', Plan: 'OfferedPackage', Offer: 'Offer', Usage: 'Usage' };
  for (const [ours, theirs] of Object.entries(pairs)) for (const member of members(ours)) assert.ok(schemas[theirs].properties[member], `${theirs}.${member}`);
  for (const member of members('Codes').filter((name) => name !== 'qr_page')) assert.ok(schemas.Esim.properties[member], member);
  for (const code of ['order_parked', 'idempotency_key_reused']) assert.ok(sources.includes(code) && JSON.stringify(contract).includes(code));
  for (const [, status] of sources.matchAll(/BOUGHT = \[([^\]]+)\]/g)) for (const one of status.match(/\w+/g)) assert.ok(schemas.OrderStatus.enum.includes(one), one);
});

test('the card reads the contract\'s own example', () => {
  const [offer] = contract.paths['/bookings/{reference}/offers'].get.responses['200'].content['application/json'].example.offers;
  assert.equal(facts(offer), '10 GB · 15 days · KDDI, SoftBank');
  assert.equal(titleOf(offer), '10 GB - 15 Days');
});

test('the properties are those that onboarding writes', () => {
  const rust = read('../../../shared/src/crm/hubspot/fields.rs');
  for (const name of ['esim_id', 'status', 'package_title', 'data_used_mb', 'data_total_mb', 'expiry_date', 'measured_at', 'booking_reference']) assert.ok(rust.includes(`"${name}"`), name);
});
