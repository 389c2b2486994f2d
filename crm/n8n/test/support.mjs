// What the nodes need of n8n, scripted: each test says what the API answers and reads what it was asked.
import { createRequire } from 'node:module';

const require = createRequire(import.meta.url);
export const { Passerelle } = require('../dist/nodes/Passerelle/Passerelle.node.js');
export const { PasserelleTrigger } = require('../dist/nodes/PasserelleTrigger/PasserelleTrigger.node.js');
export const { PasserelleOAuth2Api } = require('../dist/credentials/PasserelleOAuth2Api.credentials.js');
export const { OPERATIONS } = require('../dist/nodes/Passerelle/operations.js');
export const signature = require('../dist/nodes/shared/signature.js');

export const API = 'https://api.example.com/v1';
const NODE = { id: '1', name: 'Passerelle', type: 'n8n-nodes-passerelle.passerelle', typeVersion: 1, position: [0, 0], parameters: {} };

/** An answer of the API. */
export const answer = (statusCode, body, headers = {}) => ({
	statusCode,
	headers,
	body: Buffer.isBuffer(body) ? body : JSON.stringify(body),
});

/** The context of a node with these parameters, against an API that answers in this order. */
export function context(parameters, answers, more = {}) {
	const calls = [];
	const left = [...answers];
	return {
		calls,
		left,
		getInputData: () => more.items ?? [{ json: {} }],
		getNode: () => NODE,
		getNodeParameter: (name, item, fallback) => {
			const value = parameters[name];
			return (typeof value === 'function' ? value(item) : value) ?? fallback;
		},
		getCredentials: async () => ({ apiUrl: `${API}/` }),
		continueOnFail: () => more.continueOnFail === true,
		getWorkflowStaticData: () => more.kept ?? {},
		getNodeWebhookUrl: () => 'https://n8n.example.com/webhook/1',
		helpers: {
			async httpRequestWithAuthentication(credential, options) {
				calls.push({ credential, ...options, sent: options.body === undefined ? undefined : JSON.parse(options.body) });
				const next = left.shift();
				if (next === undefined) throw new Error(`one call too many: ${options.method} ${options.url}`);
				return next;
			},
			prepareBinaryData: async (buffer, fileName, mimeType) => ({ data: buffer.toString('base64'), fileName, mimeType }),
			returnJsonArray: (items) => items.map((json) => ({ json })),
		},
	};
}

/** Runs the node once. */
export async function run(parameters, answers, more) {
	const scripted = context(parameters, answers, more);
	const [items] = await new Passerelle().execute.call(scripted);
	if (scripted.left.length > 0) throw new Error(`${scripted.left.length} answers were not asked for`);
	return { items, calls: scripted.calls };
}
