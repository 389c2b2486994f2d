// Loads the packed package into a throw-away n8n home, imports the example workflows, and runs an order end to end: twice, and
// one eSIM is bought. Then the trigger: registered by a running n8n, a forged delivery refused, a genuine one played.
import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const local = JSON.parse(readFileSync(process.argv[2], 'utf8').trim().split('\n').at(-1));
const home = mkdtempSync(join(tmpdir(), 'passerelle-n8n-'));
const PORT = 5690;
const env = {
	...process.env,
	N8N_USER_FOLDER: home,
	N8N_PORT: String(PORT),
	N8N_RUNNERS_BROKER_PORT: String(PORT + 1),
	N8N_LISTEN_ADDRESS: '127.0.0.1',
	N8N_ENCRYPTION_KEY: 'only-for-this-run',
	N8N_DIAGNOSTICS_ENABLED: 'false',
	N8N_VERSION_NOTIFICATIONS_ENABLED: 'false',
	N8N_TEMPLATES_ENABLED: 'false',
	N8N_PERSONALIZATION_ENABLED: 'false',
	N8N_COMMUNITY_PACKAGES_ENABLED: 'true',
	N8N_RUNNERS_ENABLED: 'false',
	N8N_LOG_LEVEL: 'info',
};
const CREDENTIAL = 'passerelleLocal1';
const n8n = (...words) => execFileSync('n8n', words, { env, encoding: 'utf8', maxBuffer: 1 << 28, stdio: ['ignore', 'pipe', 'pipe'] });
const say = (text) => process.stdout.write(`${text}\n`);

function install() {
	const nodes = join(home, '.n8n', 'nodes');
	mkdirSync(nodes, { recursive: true });
	const [{ filename }] = JSON.parse(execFileSync('npm', ['pack', '--json', '--ignore-scripts', '--pack-destination', nodes], { encoding: 'utf8' }));
	writeFileSync(join(nodes, 'package.json'), JSON.stringify({ name: 'installed-nodes', private: true }));
	execFileSync('npm', ['install', '--ignore-scripts', '--legacy-peer-deps', '--no-audit', '--no-fund', `./${filename}`], { cwd: nodes, stdio: 'ignore' });
	say(`package: ${filename}, ${readdirSync(join(nodes, 'node_modules')).join(', ')}`);
}

function credential() {
	const data = {
		apiUrl: local.api,
		grantType: 'clientCredentials',
		accessTokenUrl: local.token_url,
		clientId: local.client_id,
		clientSecret: local.client_secret,
		scope: local.scopes.join(' '),
		authentication: 'header',
		authQueryParameters: '',
	};
	const file = join(home, 'credentials.json');
	writeFileSync(file, JSON.stringify([{ id: CREDENTIAL, name: 'Passerelle', type: 'passerelleOAuth2Api', data }]));
	n8n('import:credentials', `--input=${file}`);
}

/** An example as a person would import it, with the credential chosen and the dossier made this run's own. */
function workflow(file, id, change = (text) => text) {
	const text = change(readFileSync(new URL(`../examples/${file}`, import.meta.url), 'utf8').replaceAll('"REPLACE"', JSON.stringify(CREDENTIAL)));
	const path = join(home, file);
	writeFileSync(path, JSON.stringify({ ...JSON.parse(text), id }));
	n8n('import:workflow', `--input=${path}`);
	return id;
}

/** What each node of a run handed on. */
function execute(id) {
	const printed = n8n('execute', `--id=${id}`, '--rawOutput');
	const { data } = JSON.parse(printed.slice(printed.search(/^\{$/m)));
	assert.equal(data.resultData.error, undefined, JSON.stringify(data.resultData.error));
	return (name) => data.resultData.runData[name]?.[0].data.main.find((items) => items?.length > 0)?.[0];
}

async function purchases() {
	const posts = [];
	for (const simulator of ['airalo', 'reference']) {
		const requests = await (await fetch(`${local.simulators[simulator]}/_sim/requests`)).json();
		posts.push(...requests.filter(({ method, path }) => method === 'POST' && /\/orders$/.test(path)));
	}
	return posts.length;
}

async function anOrder() {
	const reference = `VH-${Date.now()}`;
	const before = await purchases();
	const id = workflow('order-for-a-dossier.json', 'order1', (text) => text.replaceAll('VH-2027-0042', reference));
	const first = execute(id);
	const order = first('Order the best').json;
	const esim = first('eSIM').json;
	assert.equal(order.status, 'placed');
	assert.match(esim.lpa_code, /^LPA:1\$/);
	assert.equal(first('QR code').binary.qr.mimeType, 'image/png');
	assert.ok(first('Usage').json.status);
	say(`order:   ${order.order_id} ${order.status}, ${first('Save the booking').json.offers.length} offers, codes and QR code there`);
	const again = execute(id)('Order the best').json;
	assert.deepEqual([again.order_id, again.esim_id], [order.order_id, order.esim_id]);
	assert.equal((await purchases()) - before, 1);
	say('again:   the same order, one purchase at the provider');
}

async function until(what, found, patience = 60_000) {
	for (const end = Date.now() + patience; Date.now() < end; await new Promise((wake) => setTimeout(wake, 500))) {
		const value = await Promise.resolve().then(found).catch(() => undefined);
		if (value) return value;
	}
	throw new Error(`${what} did not happen within ${patience / 1000} s`);
}

/** The API itself, to buy an eSIM whose simulator can be moved through its life. */
async function api() {
	const basic = Buffer.from(`${local.client_id}:${local.client_secret}`).toString('base64');
	const token = await (await fetch(local.token_url, {
		method: 'POST',
		headers: { authorization: `Basic ${basic}`, 'content-type': 'application/x-www-form-urlencoded' },
		body: 'grant_type=client_credentials',
	})).json();
	return async (method, path, body, headers = {}) => {
		const answer = await fetch(local.api + path, {
			method,
			headers: { authorization: `Bearer ${token.access_token}`, 'content-type': 'application/json', ...headers },
			body: body && JSON.stringify(body),
		});
		return answer.json();
	};
}

/** An eSIM of the reference provider, which tells its events, is bought and activated. */
async function activateAnEsim() {
	const call = await api();
	const { packages } = await call('GET', '/catalog/packages?limit=200');
	const { package_id } = packages.find(({ provider }) => provider === 'reference');
	const order = { external_reference: 'n8n', package_id, traveller: { name: 'Camille', email: 'camille@example.com' } };
	const { esim_id } = await call('POST', '/orders', order, { 'x-idempotency-key': randomUUID() });
	const { iccid } = await call('GET', `/esims/${esim_id}`);
	const told = await fetch(`${local.simulators.reference}/_sim/esims/${iccid}/set`, {
		method: 'POST',
		headers: { 'content-type': 'application/json' },
		body: JSON.stringify({ installed: true, activated_at: new Date().toISOString(), used_mb: 5, notify: true }),
	});
	assert.ok(told.ok, await told.text());
	return esim_id;
}

/** A running n8n with the trigger active. */
async function aTrigger() {
	const received = [];
	const crm = createServer((request, response) => {
		let text = '';
		request.on('data', (part) => { text += part; });
		request.on('end', () => { received.push(JSON.parse(text)); response.end('{}'); });
	});
	await new Promise((ready) => crm.listen(0, '127.0.0.1', ready));
	const timeline = `http://127.0.0.1:${crm.address().port}/timeline`;
	const id = workflow('events-to-a-crm.json', 'events1', (text) => text.replaceAll('https://crm.example.com/api/timeline', timeline));
	n8n('publish:workflow', `--id=${id}`);
	const server = spawn('n8n', ['start'], { env, stdio: ['ignore', 'pipe', 'pipe'] });
	let log = '';
	for (const stream of [server.stdout, server.stderr]) stream.on('data', (text) => { log += text; });
	try {
		await until('n8n starts', async () => (await fetch(`http://127.0.0.1:${PORT}/healthz`)).ok);
		const webhook = `http://127.0.0.1:${PORT}/webhook/3c0b1f0e-52a5-4d0a-9b0e-2d6a5b6f7a01/webhook`;
		const forged = await until('the trigger is active', async () => {
			const answer = await fetch(webhook, { method: 'POST', body: '{}', headers: { 'content-type': 'application/json' } });
			return answer.status === 404 ? undefined : answer;
		});
		assert.equal(forged.status, 401);
		say('trigger: registered with the API by a running n8n; a delivery without a signature is refused with 401');
		const esim = await activateAnEsim();
		const event = await until('the event arrives', () => received.find((told) => told.esim === esim && told.type === 'esim.activated'));
		say(`event:   ${event.type} of ${event.esim}, signed by the API, verified, and handed on to the CRM`);
	} catch (error) {
		throw new Error(`${error.message}\n${log.slice(-4000)}`, { cause: error });
	} finally {
		server.kill('SIGTERM');
		crm.close();
	}
}

try {
	install();
	credential();
	await anOrder();
	await aTrigger();
	say('4 passed, 0 failed');
} catch (error) {
	say(error.stack + (error.stdout ?? '') + (error.stderr ?? ''));
	process.exitCode = 1;
} finally {
	rmSync(home, { recursive: true, force: true });
}
