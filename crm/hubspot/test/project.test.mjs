// The project's files as HubSpot's own parser reads them. It holds names, places and the profile; field by field, only an account can say.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { translate } from '@hubspot/project-parsing-lib/translate';

import { DEAL } from '../door/hubspot.mjs';

const root = fileURLToPath(new URL('../', import.meta.url));
const json = (path) => JSON.parse(readFileSync(root + path, 'utf8'));
const project = json('hsproject.json');

const parsed = await translate(
  { projectSourceDir: `${root}${project.srcDir}`, platformVersion: project.platformVersion, accountId: 0 },
  { skipValidation: true, profile: 'example' },
);
const components = Object.values(parsed.intermediateRepresentation.intermediateNodesIndexedByUid);
const config = (uid) => components.find((component) => component.uid === uid)?.config;

test('HubSpot\'s parser finds app, card, action and webhooks', () => {
  const ours = components.map(({ uid }) => uid).filter((uid) => uid.startsWith('passerelle')).sort();
  assert.deepEqual(ours, ['passerelle', 'passerelle_esim_card', 'passerelle_propose_esim', 'passerelle_webhooks']);
  assert.deepEqual(parsed.skippedHsMetaFiles ?? [], []);
});

test('the card may call the door and nothing else', () => {
  const door = json('src/hsprofile.example.json').variables.DOOR_URL;
  assert.match(door, /^https:\/\/[^/]+$/);
  assert.ok(readFileSync(`${root}src/app/app-hsmeta.json`, 'utf8').includes('"fetch": ["${DOOR_URL}"]'));
  assert.ok(config('passerelle'));
});

test('the action\'s labels name every field, in both languages', () => {
  const { inputFields, outputFields, labels } = json('src/app/workflow-actions/propose-esim-hsmeta.json').config;
  const names = (fields) => fields.map(({ typeDefinition }) => typeDefinition.name).sort();
  for (const language of ['en', 'fr']) {
    const { actionName, inputFieldLabels, inputFieldDescriptions, outputFieldLabels } = labels[language];
    assert.ok(actionName);
    assert.deepEqual(Object.keys(inputFieldLabels).sort(), names(inputFields));
    assert.deepEqual(Object.keys(inputFieldDescriptions).sort(), names(inputFields));
    assert.deepEqual(Object.keys(outputFieldLabels).sort(), names(outputFields));
  }
  const written = [...readFileSync(`${root}door/work.mjs`, 'utf8').matchAll(/\b(outcome|message|offers|booking_reference|best_\w+|order_id|order_status|esim_id):/g)].map(([, name]) => name);
  assert.deepEqual([...new Set(written)].sort(), names(outputFields));
});

test('webhooks watch the properties that a trip is read from', () => {
  const { subscriptions, settings } = json('src/app/webhooks/webhooks-hsmeta.json').config;
  assert.deepEqual(subscriptions.crmObjects.map(({ propertyName }) => propertyName).sort(), [DEAL.countries, DEAL.from, DEAL.to].sort());
  assert.equal(settings.targetUrl, '${DOOR_URL}/webhooks');
});

test('the card is built with what it is tested with', () => {
  const { dependencies } = json('src/app/cards/package.json');
  const { devDependencies } = json('package.json');
  for (const [name, version] of Object.entries(dependencies)) assert.equal(devDependencies[name], version, name);
});
