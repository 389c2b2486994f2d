// What Apex and the component say to the API and read from it is in openapi.yaml.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { parse } from 'yaml';

import { files, objects, text } from './source.mjs';

const contract = parse(readFileSync(new URL('../../../openapi.yaml', import.meta.url), 'utf8'), { maxAliasCount: -1 });
const { schemas, parameters } = contract.components;
const fields = (...names) => new Set(names.flatMap((name) => Object.keys(schemas[name].properties)));
const sources = files.filter((file) => /\.cls$/.test(file) && !/(Test|Mock)\.cls$/.test(file)).map((file) => [file, text(file)]);
const found = (pattern, of = sources) => of.flatMap(([file, source]) => [...source.matchAll(pattern)].map((match) => [file, ...match.slice(1)]));
const one = (name) => [[name, text(`classes/${name}.cls`)]];

test('every path exists', () => {
    const patterns = Object.keys(contract.paths).map((path) => path.replace(/\{\w+\}/g, '*'));
    const calls = found(/EsimApi\s*\.(?:get|post)\(\s*([\s\S]*?)(?:,\s|\);)/g).map(([, argument]) =>
        argument.replace(/EsimApi\.part\((?:[^()]|\([^()]*\))*\)/g, "'*'").replace(/'\s*\+\s*'/g, '').replace(/^path \+ '/, "'/esims/*").replace(/^path$/, "'/esims/*'").replace(/'/g, '').trim());
    assert.ok(calls.length >= 8, String(calls));
    for (const path of calls) assert.ok(patterns.includes(path), path);
});

test('every field that is read exists', () => {
    const known = fields('Booking', 'Offers', 'Offer', 'OfferedPackage', 'Order', 'OrderDetails', 'OrderProblem', 'Esim', 'Usage', 'PackageList', 'Problem');
    const read = found(/(?:\.text|\btext|body\.get|offer\.get|plan\.get|problem\?\.get)\('(\w+)'\)/g);
    assert.ok(read.length > 20);
    for (const [file, name] of read) assert.ok(known.has(name), `${file}: ${name}`);
});

test('every field that is sent exists, and the required ones are sent', () => {
    const keys = (name) => new Set([...found(/'(\w+)' =>/g, one(name)), ...found(/put\(\w+, '(\w+)'/g, one(name))].map(([, key]) => key));
    const booking = keys('EsimMapping');
    booking.delete('ids');
    assert.deepEqual([...booking].filter((key) => !fields('NewBooking', 'Destination', 'Traveller', 'CrmLink').has(key)), []);
    for (const name of ['NewBooking', 'Destination', 'Traveller']) for (const key of schemas[name].required) assert.ok(booking.has(key), key);
    const order = keys('EsimController');
    assert.deepEqual([...order].filter((key) => !fields('NewOrder', 'NewTopup').has(key)), []);
    for (const name of ['NewOrder', 'NewTopup']) for (const key of schemas[name].required) assert.ok(order.has(key), key);
});

test('headers, version, codes and statuses are the contract\'s', () => {
    const named = new Set(Object.values(parameters).filter((parameter) => parameter.in === 'header').map((parameter) => parameter.name));
    for (const [, name] of found(/setHeader\(\s*'([\w-]+)'/g, one('EsimApi'))) assert.ok(named.has(name) || ['Accept', 'Content-Type'].includes(name), name);
    assert.deepEqual(found(/VERSION = '([^']+)'/g, one('EsimApi'))[0][1], parameters.ApiVersion.schema.default);
    const words = JSON.stringify(contract);
    for (const code of ['order_parked', 'idempotency_key_reused']) assert.ok(words.includes(code), code);
    for (const [, status] of found(/'(placed|delivered|accepted|rejected|parked)'/g, one('EsimPurchase'))) assert.ok(schemas.OrderStatus.enum.includes(status));
    const picklist = (object, field) => objects.get(object).get(field).valueSet.valueSetDefinition.value.map(({ fullName }) => fullName);
    assert.deepEqual(picklist('eSIM_Subscription__c', 'Status__c').sort(), [...schemas.EsimStatus.enum].sort());
    assert.deepEqual(picklist('eSIM_Trip__c', 'Order_Status__c').sort(), [...schemas.OrderStatus.enum].sort());
});

test('the platform event holds what an event of the API holds', () => {
    const event = new Set([...objects.get('eSIM_Event__e').keys()].map((name) => name.toLowerCase().replace('__c', '')));
    for (const name of Object.keys(schemas.EventData.properties)) assert.ok(event.has(name), name);
});

test('the component shows the contract\'s own example', async () => {
    const source = text('lwc/esimText/esimText.js');
    const { offerView } = await import(`data:text/javascript,${encodeURIComponent(source)}`);
    const { example } = contract.paths['/bookings/{reference}/offers'].get.responses['200'].content['application/json'];
    const view = offerView(example.offers[0]);
    assert.equal(view.packageId, 'airalo:moshi-moshi-15days-10gb');
    assert.equal(view.facts, '10 GB, 15 days, KDDI, SoftBank');
    assert.equal(view.reasons.length, 2);
    for (const [key, value] of Object.entries(view)) if (key !== 'parts') assert.notEqual(value, undefined, key);
});

test('what Passerelle\'s own adapter writes has its fields here', (t) => {
    let adapter;
    try {
        adapter = readFileSync(new URL('../../../shared/src/crm/salesforce/fields.rs', import.meta.url), 'utf8');
    } catch {
        return t.skip('there is no such adapter in this tree');
    }
    const known = new Set([...objects.keys(), ...[...objects.values()].flatMap((of) => [...of.keys()])]);
    const written = [...adapter.matchAll(/"(\w+__[ce])"/g)].map(([, name]) => name).filter((name) => name !== 'X__c');
    assert.ok(written.length > 20);
    for (const name of written) assert.ok(known.has(name), name);
    return undefined;
});
