import type {
	IDataObject,
	IExecuteFunctions,
	INodeExecutionData,
	INodeType,
	INodeTypeDescription,
	JsonObject,
} from 'n8n-workflow';
import { NodeApiError, NodeConnectionTypes, NodeOperationError, sleep } from 'n8n-workflow';

import { bodyOf, call, problem, type Answer, type Call } from '../shared/call';
import { booking } from './description/booking';
import { others } from './description/others';
import { page } from './description/page';
import { purchase } from './description/purchase';
import { resources } from './description/resources';
import { traveller } from './description/traveller';
import { OPERATIONS, type Operation } from './operations';

/** Packages a page: the most that the API gives. */
const PAGE = 200;

/** An order that will not move by itself: bought, refused, or with a person. */
const SETTLED = ['accepted', 'placed', 'delivered', 'rejected', 'parked'];

export class Passerelle implements INodeType {
	description: INodeTypeDescription = {
		displayName: 'Passerelle',
		name: 'passerelle',
		icon: {
			light: 'file:../../icons/passerelle.svg',
			dark: 'file:../../icons/passerelle.dark.svg',
		},
		group: ['transform'],
		version: 1,
		subtitle: '={{$parameter["operation"] + ": " + $parameter["resource"]}}',
		description: 'Offer, buy and follow eSIMs for trips',
		defaults: { name: 'Passerelle' },
		usableAsTool: true,
		inputs: [NodeConnectionTypes.Main],
		outputs: [NodeConnectionTypes.Main],
		credentials: [{ name: 'passerelleOAuth2Api', required: true }],
		properties: [...resources, ...booking, ...traveller, ...purchase, ...page, ...others],
	};

	async execute(this: IExecuteFunctions): Promise<INodeExecutionData[][]> {
		const found: INodeExecutionData[] = [];
		for (let item = 0; item < this.getInputData().length; item++) {
			try {
				found.push(...(await run(this, item)));
			} catch (error) {
				if (!this.continueOnFail()) {
					// A problem document is an error of ours already: these constructors hand such a one on as it is.
					if (error instanceof NodeApiError)
						throw new NodeApiError(this.getNode(), error as unknown as JsonObject);
					throw new NodeOperationError(this.getNode(), error as Error, { itemIndex: item });
				}
				found.push({
					json: { error: (error as Error).message },
					error: error as NodeApiError,
					pairedItem: { item },
				});
			}
		}
		return [found];
	}
}

async function run(context: IExecuteFunctions, item: number): Promise<INodeExecutionData[]> {
	const read = (name: string) => context.getNodeParameter(name, item, undefined);
	const resource = String(read('resource'));
	const name = String(read('operation'));
	const operation = OPERATIONS[resource]?.[name];
	if (operation === undefined) {
		throw new NodeOperationError(
			context.getNode(),
			`There is no operation ${name} of ${resource}`,
			{ itemIndex: item },
		);
	}
	const wanted = operation.call(read);
	const pairedItem = { item };
	if (operation.paged) {
		const most = read('returnAll') === true ? Infinity : Number(read('limit') ?? 50);
		return (await pages(context, operation, wanted, most, item)).map((json) => ({
			json,
			pairedItem,
		}));
	}
	const answer = await call(context, wanted);
	if (wanted.binary) return [await image(context, answer, item)];
	if (operation.report && answer.status === 503)
		return [{ json: answer.body as IDataObject, pairedItem }];
	const json = bodyOf(context, answer, item);
	if (operation.list)
		return entries(json, operation.list).map((entry) => ({ json: entry, pairedItem }));
	if (operation.purchase) return [{ json: await outcome(context, answer, json, item), pairedItem }];
	return [{ json: answer.status === 204 ? { success: true } : json, pairedItem }];
}

/** The catalogue, page by page, as far as `most` packages. */
async function pages(
	context: IExecuteFunctions,
	operation: Operation,
	wanted: Call,
	most: number,
	item: number,
): Promise<IDataObject[]> {
	const found: IDataObject[] = [];
	let cursor: unknown;
	do {
		const query = {
			...wanted.query,
			limit: Math.min(PAGE, most - found.length),
			...(cursor ? { cursor: String(cursor) } : {}),
		};
		const page = bodyOf(context, await call(context, { ...wanted, query }), item);
		found.push(...entries(page, operation.list ?? 'packages'));
		cursor = page.next_cursor;
	} while (cursor && found.length < most);
	return found.slice(0, most);
}

/** A list of the answer; the answer's only list where it has another name. */
function entries(body: IDataObject, list: string): IDataObject[] {
	const found = body[list] ?? Object.values(body).find(Array.isArray);
	return (Array.isArray(found) ? found : []) as IDataObject[];
}

/**
 * A purchase, read again while it is not decided. The key is not sent again for this: reading costs nothing.
 * Refused is an error; what is still open when the time is up is handed on as it stands.
 */
async function outcome(
	context: IExecuteFunctions,
	first: Answer,
	order: IDataObject,
	item: number,
): Promise<IDataObject> {
	let left = Number(context.getNodeParameter('waitSeconds', item, 60));
	let wait = first.retryAfter ?? 2;
	let current = order;
	while (first.status === 202 && left > 0 && !SETTLED.includes(String(current.status))) {
		const now = Math.min(wait, left);
		await sleep(now * 1000);
		left -= now;
		const answer = await call(context, {
			method: 'GET',
			path: `/orders/${encodeURIComponent(String(order.order_id))}`,
		});
		current = bodyOf(context, answer, item);
		wait = Math.min(wait * 2, 15);
	}
	if (['rejected', 'parked'].includes(String(current.status))) {
		throw problem(context, { status: 422, retryAfter: undefined, body: refusal(current) }, item);
	}
	return current;
}

/** An order that ended without an eSIM, as the problem document that a repeat of the purchase would be answered with. */
function refusal(order: IDataObject): IDataObject {
	const parked = order.status === 'parked';
	const ours = parked
		? 'A person must look: a task in the CRM says what to check. Do not order again before.'
		: 'Nothing was bought.';
	return {
		code: parked ? 'order_parked' : 'order_rejected',
		detail: ours,
		trace_id: order.trace_id,
		...(order.problem as IDataObject | undefined),
	};
}

async function image(
	context: IExecuteFunctions,
	answer: Answer,
	item: number,
): Promise<INodeExecutionData> {
	if (answer.status >= 300) throw problem(context, answer, item);
	const field = String(context.getNodeParameter('binaryPropertyName', item, 'data'));
	const esimId = String(context.getNodeParameter('esimId', item));
	const data = await context.helpers.prepareBinaryData(
		Buffer.from(answer.body as ArrayBuffer),
		'esim-qr.png',
		'image/png',
	);
	return { json: { esim_id: esimId }, binary: { [field]: data }, pairedItem: { item } };
}
