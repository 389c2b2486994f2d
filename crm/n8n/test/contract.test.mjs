// The node speaks the API as openapi.yaml describes it: every path, parameter, header and field that is sent is there.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { parse } from 'yaml';

import { OPERATIONS, Passerelle, PasserelleOAuth2Api, PasserelleTrigger } from './support.mjs';

const contract = parse(readFileSync(new URL('../../../openapi.yaml', import.meta.url), 'utf8'), { maxAliasCount: -1 });
const resolve = (value) => (value?.$ref ? value.$ref.slice(2).split('/').reduce((at, name) => at[name], contract) : value);

/** Everything that an agency calls with its token, by method and path. */
const described = new Map();
for (const [path, item] of Object.entries(contract.paths)) {
	for (const [method, operation] of Object.entries(item)) {
		if (operation.security?.length > 0) described.set(`${method.toUpperCase()} ${path.replace(/\{\w+\}/g, '*')}`, operation);
	}
}

/** Written for the next version of the contract, which looks after subscriptions; held against it once it is there. */
const COMING = new Set(['GET /webhooks', 'DELETE /webhooks/*', 'POST /webhooks/*/secret', 'POST /webhooks/*/test']);

const VALUES = {
	airFile: 'AIR-BLK207;7A;;', amadeusAnswer: '<PNR_Reply/>', mapping: 'back office', firstDay: '2027-04-01', deliverOn: '2027-05-02', lastDay: '2027-04-30', feedFile: 'Ref;Name', reference: 'VH 1', externalReference: 'x', orderId: 'ord_1', esimId: 'esim_1', packageId: 'a:b', bookingReference: 'VH 1',
	idempotencyKey: 'k', isoCountry: 'JP', days: 3, dataMb: 5, language: 'fr', webhookUrl: 'https://h.example', events: ['esim.activated'],
	subscriptionId: 'sub_1', travellerName: 'C', travellerEmail: 'c@example.com', travellerPhone: '1', travellerLocale: 'fr',
	companions: { person: [{ name: 'D', email: 'd@example.com', locale: '' }] }, page: 'panel', validMinutes: 60, dealId: '1', contactId: '2', ownerId: '3', destinations: { stay: [{ isoCountry: 'jp', from: '2027-03-02T00:00:00', to: '2027-03-10' }] },
};
/** Every call with its place in the contract: values that a path holds are `*`. */
const IN_PATHS = ['mapping', 'reference', 'orderId', 'esimId', 'subscriptionId'];
const valueOf = (parameter) => (IN_PATHS.includes(parameter) ? '*' : VALUES[parameter]);
const all = Object.entries(OPERATIONS).flatMap(([resource, of]) =>
	Object.entries(of).map(([name, operation]) => {
		const { method, path } = operation.call(valueOf);
		return { resource, name, operation, place: `${method} ${path.replaceAll('%2A', '*')}` };
	}),
);

function known(schema, value, at) {
	const { properties, items, required = [], type } = resolve(schema);
	if (type === 'array') return value.forEach((entry, place) => known(items, entry, `${at}[${place}]`));
	if (type !== 'object') return undefined;
	for (const field of Object.keys(value)) {
		assert.ok(properties[field], `${at}.${field} is not in the contract`);
		known(properties[field], value[field], `${at}.${field}`);
	}
	for (const field of required) assert.ok(field in value, `${at}.${field} is required and not sent`);
	return undefined;
}

for (const { resource, name, operation, place } of all) {
	test(`${resource} ${name} is ${place}`, (t) => {
		const found = described.get(place);
		if (!found && COMING.has(place)) return t.skip('not in the contract yet');
		assert.ok(found, `${place} is not in the contract`);
		const sent = operation.call((parameter) => VALUES[parameter]);
		const parameters = (found.parameters ?? []).map(resolve);
		const named = (where) => parameters.filter((parameter) => parameter.in === where).map((parameter) => parameter.name);
		for (const header of Object.keys(sent.headers ?? {})) assert.ok(named('header').includes(header), header);
		for (const field of Object.keys(sent.query ?? {})) assert.ok(named('query').includes(field), field);
		if (operation.paged) assert.ok(['cursor', 'limit'].every((field) => named('query').includes(field)));
		const needed = parameters.filter((parameter) => parameter.required && parameter.in === 'header').map((parameter) => parameter.name);
		for (const header of needed) assert.ok(sent.headers?.[header], `${header} is not sent`);
		const body = found.requestBody?.content['application/json'].schema;
		assert.equal(sent.body !== undefined, body !== undefined);
		if (body) known(body, sent.body, place);
		if (operation.list) {
			const answered = resolve(found.responses['200'].content['application/json'].schema);
			assert.equal(resolve(answered.properties[operation.list]).type, 'array');
		}
		return undefined;
	});
}

test('every operation of the contract can be chosen', () => {
	const offered = new Set(all.map(({ place }) => place));
	const missing = [...described.keys()].filter((place) => !offered.has(place));
	assert.deepEqual(missing, []);
});

test('every choice of the node is an operation, and the other way round', () => {
	const { properties } = new Passerelle().description;
	const chosen = properties
		.filter((property) => property.name === 'operation')
		.flatMap((property) => property.options.map((option) => `${property.displayOptions.show.resource[0]} ${option.value}`));
	assert.deepEqual(chosen.sort(), all.map(({ resource, name }) => `${resource} ${name}`).sort());
});

test('every parameter that is read is shown for its operation', () => {
	const { properties } = new Passerelle().description;
	for (const { resource, name, operation } of all) {
		const read = new Set();
		operation.call((parameter) => { read.add(parameter); return VALUES[parameter]; });
		// The other page has another id.
		if (resource === 'page') operation.call((parameter) => { read.add(parameter); return parameter === 'page' ? 'traveller' : VALUES[parameter]; });
		for (const parameter of read) {
			const shown = properties.some(({ name: own, displayOptions }) =>
				own === parameter && displayOptions.show.resource.includes(resource) && (displayOptions.show.operation ?? [name]).includes(name));
			assert.ok(shown, `${parameter} of ${resource} ${name} cannot be filled in`);
		}
	}
});

test('the credential asks for scopes that exist, and for all of them', () => {
	const { properties } = new PasserelleOAuth2Api();
	const scopes = properties.find((property) => property.name === 'scope').default.split(' ');
	const existing = Object.keys(contract.components.securitySchemes.oauth.flows.clientCredentials.scopes);
	assert.deepEqual(scopes.filter((scope) => !existing.includes(scope)), []);
	for (const { place } of all) {
		const needed = described.get(place)?.security.flatMap((need) => need.oauth) ?? [];
		assert.ok(needed.every((scope) => scopes.includes(scope)), place);
	}
});

test('the events are the contract\'s', () => {
	const { properties } = new PasserelleTrigger().description;
	const offered = properties[0].options.map((option) => option.value).sort();
	assert.deepEqual(offered, [...contract.components.schemas.EventType.enum].sort());
});
