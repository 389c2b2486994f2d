// Metadata as Salesforce's own type definitions (@salesforce/types) know it: every element exists, the required ones are there,
// values of enumerations are known. And our own references hang together. An org is not needed, and cannot be replaced by this.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';

import { files, list, metadata, objects, text } from './source.mjs';

const definitions = readFileSync(new URL('../../node_modules/@salesforce/types/lib/metadata.d.ts', import.meta.url), 'utf8');

/** Element names of a type: { name: { type, many, optional } }, null when there is no such type. */
function shape(type) {
    const found = new RegExp(`export type ${type} = (?:Metadata & |MetadataWithContent & )?\\{([^}]*)\\};`).exec(definitions);
    if (!found) return null;
    const lines = [...found[1].matchAll(/^\s*(\w+)(\??): ([^;]+);/gm)];
    return Object.fromEntries(lines.map(([, name, optional, of]) => [name, { optional: optional === '?', many: of.endsWith('[]'), type: of.replace(/\[\]$/, '') }]));
}

function values(type) {
    const found = new RegExp(`export type ${type} = ('[^;]+);`).exec(definitions);
    return found && [...found[1].matchAll(/'([^']*)'/g)].map(([, value]) => value);
}

function faults(type, body, at) {
    const known = shape(type);
    if (!known) return [`${at}: there is no type ${type}`];
    const found = [];
    for (const [name, value] of Object.entries(typeof body === 'object' ? body : {})) {
        const element = known[name] ?? (name === 'fullName' ? { type: 'string' } : undefined);
        if (!element) {
            found.push(`${at}: ${type} has no element ${name}`);
            continue;
        }
        if (Array.isArray(value) && !element.many) found.push(`${at}: ${name} is there more than once`);
        for (const one of list(value)) {
            const choices = values(element.type);
            if (choices && !choices.includes(one)) found.push(`${at}: ${name} cannot be ${one}`);
            if (element.type === 'boolean' && !['true', 'false'].includes(one)) found.push(`${at}: ${name} must be true or false`);
            if (element.type === 'number' && !/^-?\d+(\.\d+)?$/.test(one)) found.push(`${at}: ${name} must be a number`);
            if (typeof one === 'object') found.push(...faults(element.type, one, `${at}.${name}`));
        }
    }
    for (const [name, element] of Object.entries(known)) {
        // Lists are declared as required although they may be empty, and booleans although they default.
        if (!element.optional && !element.many && element.type !== 'boolean' && body[name] === undefined && name !== 'fullName') found.push(`${at}: ${name} is missing`);
    }
    return found;
}

const xml = files.filter((file) => file.endsWith('-meta.xml'));

test('there is something to look at, and a wrong file would be seen', () => {
    assert.ok(xml.length > 70, String(xml.length));
    const wrong = { label: 'x', authenticationProtocol: 'Oauth2', principals: { name: 'p' }, externalCredentialParameters: [] };
    assert.deepEqual(faults('ExternalCredential', wrong, 'x'), [
        'x: authenticationProtocol cannot be Oauth2',
        'x: ExternalCredential has no element principals'
    ]);
    assert.deepEqual(faults('CustomField', { label: 'x', type: 'Texxt' }, 'x'), ['x: type cannot be Texxt']);
});

for (const file of xml) {
    test(`${file} is what Salesforce knows`, () => {
        const { type, body } = metadata(file);
        assert.match(text(file), /xmlns="http:\/\/soap\.sforce\.com\/2006\/04\/metadata"/);
        // Its `value` is any XML type, which the definitions cannot say.
        if (type !== 'CustomMetadata') assert.deepEqual(faults(type, body, file), []);
        if (body.fullName) assert.ok(file.includes(`/${body.fullName}.`), `${body.fullName} is not the file's name`);
    });
}

/** Rules of single field types that the definitions cannot say. */
test('fields carry what their type needs', () => {
    const needs = {
        Text: ['length'], LongTextArea: ['length', 'visibleLines'], Number: ['precision', 'scale'], Checkbox: ['defaultValue'],
        Picklist: ['valueSet'], Lookup: ['referenceTo', 'relationshipName', 'deleteConstraint']
    };
    for (const [object, fields] of objects) {
        for (const [name, field] of fields) {
            for (const element of needs[field.type] ?? []) assert.ok(field[element] !== undefined, `${object}.${name} needs ${element}`);
            if (field.type === 'Text') assert.ok(Number(field.length) <= 255, `${object}.${name} is too long for Text`);
            assert.ok(field.label.length <= 40, `${object}.${name}: a label has 40 characters at most`);
            assert.ok(name.length <= 43, `${object}.${name}: a name has 40 characters at most`);
            assert.ok((field.inlineHelpText ?? '').length <= 510, `${object}.${name}: the help is too long`);
        }
    }
});

test('records are upserted by ids that are unique', () => {
    for (const [object, name] of [['eSIM_Subscription__c', 'eSIM_Id__c'], ['eSIM_Trip__c', 'Source_Record_Id__c'], ['Activity', 'Passerelle_Key__c']]) {
        const { externalId, unique, caseSensitive } = objects.get(object).get(name);
        assert.deepEqual([externalId, unique, caseSensitive], ['true', 'true', 'true'], object);
    }
});

test('permission sets name fields that exist and are not required, and classes that exist', () => {
    for (const file of files.filter((name) => name.startsWith('permissionsets/'))) {
        const { body } = metadata(file);
        for (const { field } of list(body.fieldPermissions)) {
            const [object, name] = field.split('.');
            // A field of Activity is named by its tasks.
            const definition = objects.get(object === 'Task' ? 'Activity' : object)?.get(name);
            assert.ok(definition, `${field} does not exist`);
            assert.notEqual(definition.required, 'true', `${field} is required: deployment refuses it`);
        }
        for (const { apexClass } of list(body.classAccesses)) assert.ok(files.includes(`classes/${apexClass}.cls`), apexClass);
        for (const { object } of list(body.objectPermissions)) assert.ok(objects.has(object) || object === 'UserExternalCredential', object);
        const named = new Set(list(body.fieldPermissions).map(({ field }) => field));
        for (const object of ['eSIM_Subscription__c', 'eSIM_Trip__c', 'Opportunity']) {
            for (const [name, { required }] of objects.get(object)) if (required !== 'true') assert.ok(named.has(`${object}.${name}`), `${object}.${name} is missing`);
        }
    }
});

test('layout, list views and mapping name fields that exist', () => {
    const subscription = objects.get('eSIM_Subscription__c');
    const standard = new Set(['Name', 'NAME', 'OwnerId']);
    const layout = metadata(files.find((file) => file.startsWith('layouts/'))).body;
    const placed = list(layout.layoutSections).flatMap((section) => list(section.layoutColumns)).flatMap((column) => list(column.layoutItems)).map((item) => item.field);
    const columns = metadata(files.find((file) => file.includes('/listViews/'))).body.columns;
    for (const field of [...placed, ...columns]) assert.ok(standard.has(field) || subscription.has(field), field);
    const { body } = metadata('customMetadata/eSIM_Mapping.Opportunity.md-meta.xml');
    for (const { field, value } of list(body.values)) {
        assert.ok(objects.get('eSIM_Mapping__mdt').has(field), field);
        const root = String(value).split('.')[0].replace(/__r$/, '__c');
        if (root.endsWith('__c')) assert.ok(objects.get('Opportunity').has(root), value);
    }
});

test('fields that Apex names exist', () => {
    const all = new Set([...objects.values()].flatMap((fields) => [...fields.keys()]));
    for (const file of files.filter((name) => /\.(cls|trigger)$/.test(name))) {
        for (const [name] of text(file).matchAll(/\b\w+__c\b/g)) {
            assert.ok(all.has(name) || objects.has(name), `${file}: ${name}`);
        }
    }
});

test('the named credential, the external credential and the permission sets name each other', () => {
    const named = metadata('namedCredentials/Passerelle.namedCredential-meta.xml').body;
    assert.equal(list(named.namedCredentialParameters).find(({ parameterType }) => parameterType === 'Authentication').externalCredential, 'Passerelle');
    const external = list(metadata('externalCredentials/Passerelle.externalCredential-meta.xml').body.externalCredentialParameters);
    const principal = external.find(({ parameterType }) => parameterType === 'NamedPrincipal').parameterName;
    for (const file of files.filter((name) => name.startsWith('permissionsets/'))) {
        assert.equal(metadata(file).body.externalCredentialPrincipalAccesses.externalCredentialPrincipal, `Passerelle-${principal}`);
    }
    const project = JSON.parse(readFileSync(new URL('../sfdx-project.json', import.meta.url), 'utf8'));
    for (const { filename, stringToReplace } of project.replacements) {
        assert.ok(text(filename.replace('force-app/main/default/', '')).includes(stringToReplace), `${stringToReplace} is not in ${filename}`);
    }
});

test('every class and trigger has its metadata, tests are left out of nothing', () => {
    for (const file of files.filter((name) => /\.(cls|trigger)$/.test(name))) assert.ok(files.includes(`${file}-meta.xml`), file);
    for (const file of xml.filter((name) => /\.(cls|trigger)-meta/.test(name))) assert.ok(files.includes(file.replace('-meta.xml', '')), file);
});
