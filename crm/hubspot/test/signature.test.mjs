import assert from 'node:assert/strict';
import { test } from 'node:test';

import { isGenuine, v2, v3 } from '../door/signature.mjs';
import { SECRET } from './support.mjs';

const URI = 'https://www.example.com/webhook_uri';
const BODY = '{"example_field":"example_value"}';
const AT = '1752681600000';

test('v2: the values that HubSpot publishes', () => {
  assert.equal(v2(SECRET, { method: 'GET', uri: URI, body: '' }), 'eee2dddcc73c94d699f5e395f4b9d454a069a6855fbfa152e91e88823087200e');
  assert.equal(v2(SECRET, { method: 'POST', uri: URI, body: BODY }), '9569219f8ba981ffa6f6f16aa0f48637d35d728c7e4d93d0d52efaa512af7900');
});

// HubSpot publishes how v3 is made and no value: these were made by another implementation (Python's hmac).
test('v3: as HubSpot describes it', () => {
  assert.equal(v3(SECRET, { method: 'POST', uri: URI, body: BODY, timestamp: AT }), 'KkNxgLqHhV3pEVF6OyFrX5RW7NrDO/3H/wHLTERooOI=');
});

test('v3: twelve escapes are undone, in either case, and no others', () => {
  const uri = 'https://door.example.com/card/deal?userEmail=a%40b.example&q=x%20y%2Bz%3a%2F%3F%21';
  assert.equal(v3(SECRET, { method: 'POST', uri, body: BODY, timestamp: AT }), 'iSKuojK7RCVspOByDH1S/541N0ZW8L9In7+WI/lwxtU=');
});

const call = (headers, body = BODY) => ({ method: 'POST', uri: URI, body: Buffer.from(body), headers });
const genuine = () => ({ 'x-hubspot-request-timestamp': AT, 'x-hubspot-signature-v3': v3(SECRET, { method: 'POST', uri: URI, body: BODY, timestamp: AT }) });

test('v3 holds for five minutes, either way', () => {
  for (const [late, expected] of [[0, true], [300_000, true], [300_001, false], [-300_001, false]]) {
    assert.equal(isGenuine(SECRET, 'v3', call(genuine()), Number(AT) + late), expected, String(late));
  }
});

test('what is not genuine is refused', () => {
  const now = Number(AT);
  assert.equal(isGenuine(SECRET, 'v3', call(genuine(), `${BODY} `), now), false, 'another body');
  assert.equal(isGenuine('other', 'v3', call(genuine()), now), false, 'another secret');
  assert.equal(isGenuine('', 'v3', call(genuine()), now), false, 'no secret');
  assert.equal(isGenuine(SECRET, 'v3', call({ ...genuine(), 'x-hubspot-request-timestamp': '1752681600000.0' }), now), false, 'a float');
  assert.equal(isGenuine(SECRET, 'v3', call({}), now), false, 'nothing');
  const older = { 'x-hubspot-signature-version': 'v2', 'x-hubspot-signature': v2(SECRET, { method: 'POST', uri: URI, body: BODY }) };
  assert.equal(isGenuine(SECRET, 'v3', call(older), now), false, 'v2 opens nothing that v3 protects');
  assert.equal(isGenuine(SECRET, 'v2', call(older), now), true);
  assert.equal(isGenuine(SECRET, 'v2', call({ ...older, 'x-hubspot-signature-version': 'v1' }), now), false);
});
