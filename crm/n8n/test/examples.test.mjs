// The example workflows can be imported: their nodes, parameters and connections exist, and they hold no credential.
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';

import { Passerelle, PasserelleTrigger } from './support.mjs';

const FOLDER = new URL('../examples/', import.meta.url);
const OURS = new Map([new Passerelle(), new PasserelleTrigger()].map(({ description }) => [`n8n-nodes-passerelle.${description.name}`, description]));

for (const file of readdirSync(FOLDER).filter((name) => name.endsWith('.json'))) {
	const workflow = JSON.parse(readFileSync(new URL(file, FOLDER), 'utf8'));
	const names = new Set(workflow.nodes.map((node) => node.name));

	test(`${file}: nodes and connections`, () => {
		assert.equal(workflow.active, false);
		assert.equal(names.size, workflow.nodes.length, 'names are unique');
		assert.equal(new Set(workflow.nodes.map((node) => node.id)).size, workflow.nodes.length, 'ids are unique');
		for (const [source, { main }] of Object.entries(workflow.connections)) {
			assert.ok(names.has(source), source);
			for (const { node, type } of main.flat()) assert.ok(type === 'main' && names.has(node), node);
		}
		for (const expression of JSON.stringify(workflow.nodes).matchAll(/\$\('([^']+)'\)/g)) assert.ok(names.has(expression[1]), expression[1]);
	});

	test(`${file}: our nodes are filled in as they are described`, () => {
		for (const node of workflow.nodes.filter(({ type }) => type.startsWith('n8n-nodes-passerelle.'))) {
			const description = OURS.get(node.type);
			assert.ok(description, node.type);
			assert.equal(node.typeVersion, description.version);
			const { resource, operation } = node.parameters;
			const shown = description.properties.filter(({ displayOptions: { show } = {} }) =>
				(show?.resource?.includes(resource) ?? true) && (show?.operation?.includes(operation) ?? true));
			for (const name of Object.keys(node.parameters)) assert.ok(shown.some((property) => property.name === name), `${node.name}: ${name}`);
			for (const { name, required } of shown) {
				if (required) assert.notEqual(node.parameters[name] ?? '', '', `${node.name}: ${name} is required`);
			}
		}
	});

	test(`${file}: no credential, no random key`, () => {
		for (const node of workflow.nodes) {
			for (const { id } of Object.values(node.credentials ?? {})) assert.equal(id, 'REPLACE');
			assert.doesNotMatch(String(node.parameters.idempotencyKey ?? ''), /random|uuid|\$execution|\$now/i);
		}
	});
}
