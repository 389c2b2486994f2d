// Ruby's own parser reads the connector, and every path, header and field is looked up in openapi.yaml. Where Ruby is installed,
// connector_test.rb runs the lambdas as well.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { loadPrism } from '@ruby/prism';
import { parse } from 'yaml';

const source = readFileSync(new URL('../connector.rb', import.meta.url), 'utf8');
const contract = parse(readFileSync(new URL('../../../openapi.yaml', import.meta.url), 'utf8'), { maxAliasCount: -1 });
const prism = await loadPrism();
const { schemas } = contract.components;

/** Every node of the syntax tree. */
function* nodes(node) {
  if (Array.isArray(node)) for (const one of node) yield* nodes(one);
  else if (node && typeof node === 'object' && node.constructor.name.endsWith('Node')) {
    yield node;
    for (const child of Object.values(node)) yield* nodes(child);
  }
}
const kind = (node) => node?.constructor.name;
const parsed = prism(source);
const all = [...nodes(parsed.value)];
const literal = (node) => (kind(node) === 'StringNode' ? node.unescaped.value : undefined);

/** A path as it is written: a text, or a text with parts put in. */
function path(node) {
  if (kind(node) === 'StringNode') return `/${literal(node)}`;
  if (kind(node) !== 'InterpolatedStringNode') return undefined;
  return `/${node.parts.map((part) => literal(part) ?? '*').join('')}`;
}
const calls = all
  .filter((node) => kind(node) === 'CallNode' && node.receiver === null && ['get', 'post', 'delete'].includes(node.name))
  .map((node) => [node.name, path(node.arguments_.arguments_[0])])
  .filter(([, written]) => written !== undefined);

test('Ruby reads it, and would see a fault', () => {
  assert.deepEqual(parsed.errors, []);
  assert.notEqual(prism('{ a: [ }').errors.length, 0);
});

test('every call is an operation of the contract, and every operation of an agency can be called', () => {
  const operations = Object.entries(contract.paths).flatMap(([written, item]) =>
    Object.entries(item).filter(([, operation]) => operation.security?.length > 0).map(([method]) => `${method} ${written.replace(/\{\w+\}/g, '*')}`));
  // Written for the next version of the contract, which ends subscriptions.
  const coming = new Set(['delete /webhooks/*']);
  const made = new Set(calls.map((call) => call.join(' ')));
  for (const call of made) assert.ok(operations.includes(call) || coming.has(call), call);
  // The trigger registers and ends its own subscription; the others are looked after by people.
  const ours = operations.filter((operation) => !/^get \/webhooks$|^post \/webhooks\/\*\/(secret|test)$/.test(operation));
  assert.deepEqual(ours.filter((operation) => !made.has(operation)), []);
});

test('every field that is shown or sent exists', () => {
  const known = new Set(Object.values(schemas).flatMap((schema) => Object.keys(schema.properties ?? {})));
  const parameters = Object.values(contract.paths).flatMap((item) => Object.values(item)).flatMap((operation) => operation.parameters ?? []).map((one) => one.name);
  const own = new Set(['api_url', 'token_url', 'client_id', 'client_secret', 'idempotency_key', 'webhook_id', 'content', 'success', 'traveller', 'crm', ...parameters]);
  const names = all.filter((node) => kind(node) === 'AssocNode' && kind(node.key) === 'SymbolNode' && node.key.unescaped.value === 'name').map((node) => literal(node.value));
  assert.ok(names.length > 80, String(names.length));
  for (const name of names) assert.ok(known.has(name) || own.has(name) || ['reference', 'order_id', 'esim_id'].includes(name), name);
});

test('every kind of record has all fields of its schema', () => {
  const pairs = { package: 'Package', offer: 'Offer', order: 'Order', esim: 'Esim', usage: 'Usage', page: 'RevokedLinks', destination: 'Destination', traveller: 'Traveller', new_booking: 'NewBooking', event: 'Event' };
  for (const [definition, schema] of Object.entries(pairs)) {
    const written = new RegExp(`\\n    ${definition}: \\{([\\s\\S]*?)\\n    \\}`).exec(source)[1];
    for (const field of Object.keys(schemas[schema].properties)) assert.ok(written.includes(`name: '${field}'`), `${definition}.${field}`);
  }
});

test('version, keys and events are the contract\'s', () => {
  assert.ok(source.includes(`'X-API-Version' => '${contract.components.parameters.ApiVersion.schema.default}'`));
  assert.equal(source.match(/'X-Idempotency-Key' => input\['idempotency_key'\]/g).length, 2, 'both purchases');
  for (const event of schemas.EventType.enum) assert.ok(source.includes(`'${event}'`), event);
});

test('its lambdas do what they should', (t) => {
  const ran = spawnSync('ruby', [fileURLToPath(new URL('connector_test.rb', import.meta.url))], { encoding: 'utf8' });
  if (ran.error) return t.skip('Ruby is not installed');
  assert.equal(ran.status, 0, ran.stdout + ran.stderr);
  return undefined;
});
