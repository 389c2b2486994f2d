// The example hangs together, and says to the API what openapi.yaml knows. Building it takes MuleSoft's own repositories.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { XMLParser, XMLValidator } from 'fast-xml-parser';
import { parse } from 'yaml';

const read = (path) => readFileSync(new URL(`../${path}`, import.meta.url), 'utf8');
const FLOW = 'src/main/mule/passerelle.xml';
const flow = read(FLOW);
const contract = parse(read('../../openapi.yaml'), { maxAliasCount: -1 });
const { schemas, parameters } = contract.components;

/** Every element: name, attributes, text. */
function* elements(nodes) {
  for (const node of nodes) {
    const name = Object.keys(node).find((key) => key !== ':@');
    if (name.startsWith('#') || name.startsWith('?')) continue;
    const text = node[name].flatMap((child) => child['#text'] ?? child['#cdata']?.map((one) => one['#text']) ?? []).join('');
    yield { name, attributes: node[':@'] ?? {}, text };
    yield* elements(node[name]);
  }
}
const all = [...elements(new XMLParser({ preserveOrder: true, ignoreAttributes: false, attributeNamePrefix: '', cdataPropName: '#cdata', trimValues: true }).parse(flow))];
const named = (name) => all.filter((element) => element.name === name);
const scripts = all.map(({ text }) => text).filter((text) => text.startsWith('%dw'));

test('all XML is well-formed', () => {
  for (const file of [FLOW, 'pom.xml']) assert.equal(XMLValidator.validate(read(file)), true, file);
});

test('every prefix is declared, with its schema', () => {
  const { attributes } = named('mule')[0];
  for (const prefix of new Set(all.filter(({ name }) => name.includes(':')).map(({ name }) => name.split(':')[0]))) {
    const namespace = attributes[`xmlns:${prefix}`];
    assert.ok(namespace, prefix);
    assert.ok(attributes['xsi:schemaLocation'].includes(`${namespace} `), prefix);
  }
  const pom = read('pom.xml');
  assert.ok(pom.includes('mule-http-connector') && pom.includes('mule-oauth-module') && pom.includes('<packaging>mule-application</packaging>'));
});

test('flows and configurations that are referred to exist', () => {
  const flows = new Set([...named('flow'), ...named('sub-flow')].map(({ attributes }) => attributes.name));
  for (const { attributes } of named('flow-ref')) assert.ok(flows.has(attributes.name), attributes.name);
  const configs = new Set(all.filter(({ name }) => name.endsWith('-config')).map(({ attributes }) => attributes.name));
  for (const { attributes } of all.filter(({ attributes: given }) => given['config-ref'])) assert.ok(configs.has(attributes['config-ref']), attributes['config-ref']);
});

test('every property has a value, or is a secret that has none here', () => {
  const settings = parse(read('src/main/resources/config.yaml'));
  const { secureProperties } = JSON.parse(read('mule-artifact.json'));
  const used = [...flow.matchAll(/\$\{([\w.]+)\}|p\('([\w.]+)'\)/g)].map(([, placeholder, read_]) => placeholder ?? read_);
  assert.ok(used.length >= 6);
  for (const name of used) {
    const value = name.split('.').reduce((at, step) => at?.[step], settings);
    assert.notEqual(value !== undefined, secureProperties.includes(name), name);
  }
});

test('paths, methods and headers are the contract\'s', () => {
  const requests = named('http:request').map(({ attributes }) => [attributes.path, attributes.method]);
  assert.ok(requests.length >= 3);
  for (const [path, method] of requests) assert.ok(contract.paths[path]?.[method.toLowerCase()], `${method} ${path}`);
  const version = named('http:default-header').find(({ attributes }) => attributes.key === 'X-API-Version').attributes.value;
  assert.equal(version, parameters.ApiVersion.schema.default);
  assert.ok(flow.includes(`'${parameters.IdempotencyKey.name}': 'order-'`), 'a purchase carries its key');
  assert.doesNotMatch(flow, /uuid\(\)|random\(/, 'and the key is the same on every repeat');
});

test('bodies have the contract\'s fields, and the required ones', () => {
  const fields = (script) => [...script.split('---')[1].matchAll(/^\s*(\w+):/gm)].map(([, name]) => name);
  const check = (script, ...names) => {
    const known = new Set(names.flatMap((name) => Object.keys(schemas[name].properties)));
    const sent = fields(script);
    for (const name of sent) assert.ok(known.has(name), name);
    for (const name of names) for (const field of schemas[name].required ?? []) assert.ok(sent.includes(field), `${name}.${field}`);
  };
  check(scripts.find((script) => script.includes('destinations:')), 'NewBooking', 'Destination', 'Traveller', 'CrmLink');
  check(scripts.find((script) => script.includes('package_id:')), 'NewOrder');
  for (const [, status] of flow.match(/\[('queued'[^\]]+)\] contains/)[1].matchAll(/'(\w+)'/g)) assert.ok(schemas.OrderStatus.enum.includes(status), status);
});

test('the descriptor names the contract', () => {
  const descriptor = JSON.parse(read('exchange.json'));
  for (const field of ['main', 'name', 'classifier', 'groupId', 'assetId', 'version', 'apiVersion']) assert.ok(descriptor[field], field);
  assert.deepEqual([descriptor.main, descriptor.classifier, descriptor.originalFormatVersion], ['openapi.yaml', 'oas', contract.openapi.slice(0, 3)]);
  assert.ok(read('pack').includes('../../openapi.yaml'));
});
