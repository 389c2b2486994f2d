// What the node does with answers: repeats, waits, pages, images and problems.
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { answer, API, run } from './support.mjs';

const PLACE = {
	resource: 'order', operation: 'place', packageId: 'a:b', externalReference: '4711', idempotencyKey: ' order-VH-1 ', waitSeconds: 5,
};
const PROBLEM = {
	type: 'about:blank', title: 'Unprocessable Content', status: 422, code: 'invalid_request', detail: 'destinations[0].to: must be a date',
	trace_id: 'trace-1', errors: [{ field: 'destinations[0].to', message: 'must be a date' }],
};

test('a booking is sent as the contract says, without what was left empty', async () => {
	const { items, calls } = await run(
		{
			resource: 'booking', operation: 'save', reference: 'VH-1', externalReference: '4711', travellerName: 'Camille',
			travellerEmail: 'c@example.com', travellerPhone: '', travellerLocale: '', dealId: '9', language: 'fr',
			destinations: { stay: [{ isoCountry: ' jp ', from: '2027-03-02T00:00:00.000+01:00', to: '2027-03-10' }] },
		},
		[answer(201, { reference: 'VH-1', offers: [] })],
	);
	assert.deepEqual(calls[0].sent, {
		reference: 'VH-1',
		external_reference: '4711',
		destinations: [{ iso_country: 'JP', from: '2027-03-02', to: '2027-03-10' }],
		traveller: { name: 'Camille', email: 'c@example.com' },
		crm: { deal_id: '9' },
	});
	assert.equal(calls[0].url, `${API}/bookings`);
	assert.equal(calls[0].headers['Accept-Language'], 'fr');
	assert.equal(calls[0].credential, 'passerelleOAuth2Api');
	assert.deepEqual(items[0], { json: { reference: 'VH-1', offers: [] }, pairedItem: { item: 0 } });
});

test('a reference with a slash or a space stays one part of the path', async () => {
	const { calls } = await run({ resource: 'booking', operation: 'get', reference: 'A/B c?' }, [answer(200, {})]);
	assert.equal(calls[0].url, `${API}/bookings/A%2FB%20c%3F`);
});

test('offers come as one item each', async () => {
	const { items } = await run({ resource: 'booking', operation: 'getOffers', reference: 'VH-1' }, [
		answer(200, { booking_reference: 'VH-1', offers: [{ rank: 1 }, { rank: 2 }] }),
	]);
	assert.deepEqual(items.map(({ json }) => json.rank), [1, 2]);
});

test('a purchase that the API asks to repeat is repeated with the same key', async () => {
	const { items, calls } = await run(PLACE, [
		answer(503, { code: 'unavailable' }, { 'retry-after': '0.01' }),
		answer(409, { code: 'order_in_progress' }, { 'retry-after': '0.01' }),
		answer(201, { order_id: 'ord_1', status: 'placed', esim_id: 'esim_1' }),
	]);
	assert.deepEqual(calls.map((call) => call.headers['X-Idempotency-Key']), ['order-VH-1', 'order-VH-1', 'order-VH-1']);
	assert.equal(items[0].json.esim_id, 'esim_1');
});

test('a day of delivery is sent as a day, and not at all where it is empty', async () => {
	const bought = [answer(201, { order_id: 'ord_1', status: 'placed' })];
	const later = await run({ ...PLACE, deliverOn: '2027-05-02T00:00:00.000+02:00' }, bought);
	assert.equal(later.calls[0].sent.deliver_on, '2027-05-02');
	const now = await run({ ...PLACE, deliverOn: '' }, bought);
	assert.ok(!('deliver_on' in now.calls[0].sent));
});

test('a purchase that is not decided is read, not bought again', async () => {
	const { items, calls } = await run(PLACE, [
		answer(202, { order_id: 'ord_1', status: 'queued' }, { 'retry-after': '0.01' }),
		answer(200, { order_id: 'ord_1', status: 'unknown' }),
		answer(200, { order_id: 'ord_1', status: 'placed', esim_id: 'esim_1' }),
	]);
	assert.deepEqual(calls.map((call) => `${call.method} ${call.url.slice(API.length)}`), ['POST /orders', 'GET /orders/ord_1', 'GET /orders/ord_1']);
	assert.equal(items[0].json.status, 'placed');
});

test('when the time is up the order is handed on as it stands', async () => {
	const { items } = await run({ ...PLACE, waitSeconds: 0 }, [answer(202, { order_id: 'ord_1', status: 'unknown' }, { 'retry-after': '2' })]);
	assert.equal(items[0].json.status, 'unknown');
});

test('an order that is parked while we wait is an error that forbids another purchase', async () => {
	const parked = run(PLACE, [
		answer(202, { order_id: 'ord_1', status: 'unknown' }, { 'retry-after': '0.01' }),
		answer(200, { order_id: 'ord_1', status: 'parked', trace_id: 'trace-1' }),
	]);
	await assert.rejects(parked, (error) => /Do not order again/.test(error.message) && /order_parked/.test(error.description));
});

test('a problem says the detail, the fields and the trace id, and is not repeated', async () => {
	const refused = run({ resource: 'booking', operation: 'get', reference: 'x' }, [answer(422, PROBLEM)]);
	await assert.rejects(refused, (error) => {
		assert.equal(error.constructor.name, 'NodeApiError');
		assert.equal(error.message, 'destinations[0].to: must be a date');
		assert.match(error.description, /Code: invalid_request[\s\S]*Trace id: trace-1/);
		assert.equal(error.httpCode, '422');
		return true;
	});
});

test('with continue on fail, one bad item does not stop the others', async () => {
	const parameters = { resource: 'order', operation: 'get', orderId: (item) => `ord_${item}` };
	const { items } = await run(parameters, [answer(404, { ...PROBLEM, code: 'not_found', detail: 'There is no such order.' }), answer(200, { order_id: 'ord_1' })], {
		items: [{ json: {} }, { json: {} }],
		continueOnFail: true,
	});
	assert.equal(items[0].json.error, 'There is no such order.');
	assert.deepEqual([items[0].pairedItem, items[1].pairedItem], [{ item: 0 }, { item: 1 }]);
	assert.equal(items[1].json.order_id, 'ord_1');
});

test('the catalogue is followed to its end, or to the limit', async () => {
	const page = (ids, next_cursor) => answer(200, { packages: ids.map((package_id) => ({ package_id })), next_cursor });
	const parameters = { resource: 'package', operation: 'getMany', isoCountry: 'JP', days: 0, dataMb: 0 };
	const whole = await run({ ...parameters, returnAll: true }, [page(['a', 'b'], 'c1'), page(['c'], null)]);
	assert.deepEqual(whole.items.map(({ json }) => json.package_id), ['a', 'b', 'c']);
	assert.deepEqual(whole.calls.map(({ qs }) => qs), [{ iso_country: 'JP', limit: 200 }, { iso_country: 'JP', limit: 200, cursor: 'c1' }]);
	const some = await run({ ...parameters, returnAll: false, limit: 3 }, [page(['a', 'b'], 'c1'), page(['c', 'd'], 'c2')]);
	assert.deepEqual(some.items.map(({ json }) => json.package_id), ['a', 'b', 'c']);
	assert.deepEqual(some.calls.map(({ qs }) => qs.limit), [3, 1]);
});

test('the QR code is a file, byte by byte', async () => {
	const png = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0xff, 0x00]);
	const { items, calls } = await run({ resource: 'esim', operation: 'getQrCode', esimId: 'esim_1', binaryPropertyName: 'qr' }, [answer(200, png)]);
	assert.equal(items[0].binary.qr.data, png.toString('base64'));
	assert.equal(items[0].binary.qr.mimeType, 'image/png');
	assert.equal(calls[0].encoding, 'arraybuffer');
	const refused = run({ resource: 'esim', operation: 'getQrCode', esimId: 'x', binaryPropertyName: 'qr' }, [
		answer(404, Buffer.from(JSON.stringify({ ...PROBLEM, detail: 'There is no such eSIM.' }))),
	]);
	await assert.rejects(refused, /There is no such eSIM/);
});

test('a health report of 503 is an answer', async () => {
	const { items } = await run({ resource: 'health', operation: 'get' }, [answer(503, { status: 'down', accounts: [], trace_id: 't' }, { 'retry-after': '5' })]);
	assert.equal(items[0].json.status, 'down');
});

test('a subscription is ended by its id', async () => {
	const { items, calls } = await run({ resource: 'webhook', operation: 'delete', subscriptionId: 'sub_1' }, [answer(204, '')]);
	assert.equal(`${calls[0].method} ${calls[0].url}`, `DELETE ${API}/webhooks/sub_1`);
	assert.deepEqual(items[0].json, { success: true });
});

test('links to pages are given out and taken back', async () => {
	const panel = await run({ resource: 'page', operation: 'getLink', page: 'panel', bookingReference: 'VH-1', validMinutes: 0 }, [answer(201, { url: 'u', expires_at: 'e' })]);
	assert.deepEqual(panel.calls[0].sent, { page: 'panel', booking_reference: 'VH-1' });
	const traveller = await run({ resource: 'page', operation: 'revokeLinks', page: 'traveller', esimId: 'esim_1' }, [answer(204, '')]);
	assert.deepEqual([traveller.calls[0].url, traveller.calls[0].sent], [`${API}/links/revoke`, { page: 'traveller', esim_id: 'esim_1' }]);
});
