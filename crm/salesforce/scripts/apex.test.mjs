// Apex: parsed by a grammar of Apex, and a few promises that can be read off the source. It is not compiled: that takes an org.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ApexErrorListener, ApexParserFactory } from '@apexdevtools/apex-parser';

import { files, text } from './source.mjs';

class Faults extends ApexErrorListener {
    found = [];
    apexSyntaxError(line, column, message) {
        this.found.push(`${line}:${column} ${message}`);
    }
}

function faults(source, isTrigger) {
    const listener = new Faults();
    const parser = ApexParserFactory.createParser(source, true);
    parser.removeErrorListeners();
    parser.addErrorListener(listener);
    if (isTrigger) parser.triggerUnit();
    else parser.compilationUnit();
    return listener.found;
}

const apex = files.filter((file) => /\.(cls|trigger)$/.test(file));

test('a fault would be seen', () => {
    assert.notDeepEqual(faults('public class A { void f( { } }', false), []);
});

for (const file of apex) test(`${file} parses`, () => assert.deepEqual(faults(text(file), file.endsWith('.trigger')), []));

test('triggers hand on and do nothing else', () => {
    for (const file of apex.filter((name) => name.endsWith('.trigger'))) {
        assert.equal(text(file).match(/;/g).length, 1, file);
        assert.doesNotMatch(text(file), /Http|insert |update |upsert /);
    }
    assert.doesNotMatch(text('classes/EsimTripHandler.cls'), /EsimApi|new Http/, 'no callout in the trigger context');
});

test('only one class calls out, through the named credential', () => {
    for (const file of apex.filter((name) => !name.endsWith('Test.cls'))) {
        const calls = /new Http\(\)/.test(text(file));
        assert.equal(calls, file === 'classes/EsimApi.cls', file);
        assert.doesNotMatch(text(file), /https?:\/\//, file);
    }
});

test('in each method callouts come before writes', () => {
    for (const file of ['classes/EsimController.cls', 'classes/EsimBookingJob.cls']) {
        for (const body of text(file).split(/\n    (?=(?:public|private) )/)) {
            const call = Math.max(body.lastIndexOf('EsimApi.post('), body.lastIndexOf('EsimApi.get('));
            const write = body.search(/\n\s+(?:insert|update|upsert) /);
            if (call >= 0 && write >= 0) assert.ok(call < write, `${file}: ${body.slice(0, 60)}`);
        }
    }
});

test('secrets are neither written nor logged', () => {
    for (const file of apex.filter((name) => !name.endsWith('Test.cls'))) {
        assert.doesNotMatch(text(file), /System\.debug/, file);
        assert.doesNotMatch(text(file), /__c = .*(lpa_code|manual_activation_code|iccid)/i, file);
    }
});
