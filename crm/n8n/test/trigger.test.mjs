// The trigger: one subscription while the workflow is active, and no run without a genuine signature.
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { answer, API, context, PasserelleTrigger, signature } from './support.mjs';

const SECRET = 'whsec_RVhBTVBMRS1FWEFNUExFLUVYQU1QTEUtRVhBTVBMRQ==';
const URL = 'https://n8n.example.com/webhook/1';
const { checkExists, create, delete: remove } = new PasserelleTrigger().webhookMethods.default;
const hooked = (kept, answers, events = ['usage.threshold_reached', 'esim.activated']) => context({ events }, answers, { kept });
const registered = () => ({ subscriptionId: 'sub_1', secret: SECRET, url: URL, events: ['esim.activated', 'usage.threshold_reached'] });

/** A delivery as n8n hands it over. */
function delivery(kept, body, headers) {
	const sent = { status: 200, body: undefined };
	const response = { status(code) { sent.status = code; return response; }, json(value) { sent.body = value; return response; } };
	const scripted = {
		...hooked(kept, []),
		getHeaderData: () => headers,
		getRequestObject: () => ({ rawBody: Buffer.from(body) }),
		getResponseObject: () => response,
		getBodyData: () => JSON.parse(body),
	};
	return new PasserelleTrigger().webhook.call(scripted).then((result) => ({ result, sent }));
}
const BODY = JSON.stringify({ type: 'esim.activated', timestamp: '2027-03-02T08:00:00Z', data: { esim_id: 'esim_1' } });
const signed = (body, { id = 'msg_1', secret = SECRET, at = Math.floor(Date.now() / 1000) } = {}) => ({
	'webhook-id': id, 'webhook-timestamp': String(at), 'webhook-signature': signature.sign(secret, id, String(at), Buffer.from(body)),
});

test('the signature is that of Standard Webhooks: the specification\'s own example', () => {
	const secret = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw';
	const body = Buffer.from('{"test": 2432232314}');
	const made = signature.sign(secret, 'msg_p5jXN8AQM9LWM0D4loKWxJek', '1614265330', body);
	assert.equal(made, 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=');
	const headers = { id: 'msg_p5jXN8AQM9LWM0D4loKWxJek', timestamp: '1614265330', signature: `v1,AAAA ${made}` };
	assert.ok(signature.isGenuine(secret, headers, body, 1614265330_000), 'one of several fits');
	assert.ok(!signature.isGenuine(secret, headers, body, (1614265330 + 301) * 1000), 'too old');
	assert.ok(!signature.isGenuine(secret, headers, body, (1614265330 - 301) * 1000), 'from the future');
	assert.ok(!signature.isGenuine(secret, { ...headers, timestamp: '1614265330.0' }, body, 1614265330_000));
	assert.ok(!signature.isGenuine('whsec_', headers, body, 1614265330_000), 'an empty key signs nothing');
});

test('activating registers the URL and keeps the secret', async () => {
	const kept = {};
	const hook = hooked(kept, [answer(201, { subscription_id: 'sub_1', secret: SECRET, events: [] })]);
	assert.equal(await checkExists.call(hook), false, 'nothing is asked while nothing is known');
	assert.equal(await create.call(hook), true);
	assert.deepEqual(hook.calls[0].sent, { url: URL, events: ['esim.activated', 'usage.threshold_reached'] });
	assert.equal(hook.calls[0].url, `${API}/webhooks/register`);
	assert.deepEqual(kept, registered());
});

test('a subscription that stands is not made twice', async () => {
	const listed = hooked(registered(), [answer(200, { subscriptions: [{ subscription_id: 'sub_0' }, { subscription_id: 'sub_1', active: true }] })]);
	assert.equal(await checkExists.call(listed), true);
	const gone = hooked(registered(), [answer(200, { subscriptions: [{ subscription_id: 'sub_0' }] })]);
	assert.equal(await checkExists.call(gone), false);
	const disabled = hooked(registered(), [answer(200, { subscriptions: [{ subscription_id: 'sub_1', active: false }] })]);
	assert.equal(await checkExists.call(disabled), false);
	const older = hooked(registered(), [answer(403, { message: 'Missing Authentication Token' })]);
	assert.equal(await checkExists.call(older), true, 'a deployment without the list');
});

test('other events or another URL end the old subscription', async () => {
	const kept = registered();
	const hook = hooked(kept, [answer(204, '')], ['esim.expired']);
	assert.equal(await checkExists.call(hook), false);
	assert.equal(`${hook.calls[0].method} ${hook.calls[0].url}`, `DELETE ${API}/webhooks/sub_1`);
	assert.equal(kept.secret, undefined);
});

test('deactivating ends the subscription, and says so when it cannot', async () => {
	for (const status of [204, 404, 403]) {
		const kept = registered();
		assert.equal(await remove.call(hooked(kept, [answer(status, {})])), true);
		assert.equal(kept.subscriptionId, undefined);
	}
	const kept = registered();
	await assert.rejects(remove.call(hooked(kept, [answer(500, { detail: 'The call failed on our side.' })])), /failed on our side/);
	assert.equal(kept.subscriptionId, 'sub_1', 'kept for the next try');
});

test('a genuine event starts one run, its repeat none', async () => {
	const kept = registered();
	const first = await delivery(kept, BODY, signed(BODY));
	assert.deepEqual(first.result.workflowData[0][0].json, { webhook_id: 'msg_1', ...JSON.parse(BODY) });
	const again = await delivery(kept, BODY, signed(BODY));
	assert.equal(again.result.workflowData, undefined);
	assert.equal(again.sent.status, 200, 'a repeat is answered as kept');
	const other = await delivery(kept, BODY, signed(BODY, { id: 'msg_2' }));
	assert.ok(other.result.workflowData);
});

test('a test event is answered and starts nothing', async () => {
	const body = JSON.stringify({ type: 'webhook.test', timestamp: '2027-03-02T08:00:00Z', data: {} });
	const { result, sent } = await delivery(registered(), body, signed(body));
	assert.deepEqual([result.workflowData, sent.status], [undefined, 200]);
});

test('what is not genuine is refused and starts nothing', async () => {
	const forged = [
		signed(BODY, { secret: 'whsec_b3RoZXI=' }),
		signed(BODY.replace('esim_1', 'esim_2')),
		signed(BODY, { at: Math.floor(Date.now() / 1000) - 400 }),
		{},
	];
	for (const headers of forged) {
		const kept = registered();
		const { result, sent } = await delivery(kept, BODY, headers);
		assert.deepEqual([result, sent.status], [{ noWebhookResponse: true }, 401]);
		assert.equal(kept.seen, undefined);
	}
	const unknown = await delivery({}, BODY, signed(BODY));
	assert.equal(unknown.sent.status, 401, 'no subscription, no secret, no run');
});

test('what was seen is forgotten in time', async () => {
	const kept = { ...registered(), seen: Array.from({ length: 500 }, (_, place) => `old_${place}`) };
	await delivery(kept, BODY, signed(BODY));
	assert.equal(kept.seen.length, 500);
	assert.equal(kept.seen.at(-1), 'msg_1');
});
