import type { IDataObject, IHookFunctions } from 'n8n-workflow';

import { bodyOf, call, problem } from '../shared/call';

/** What is kept with the workflow between its runs. */
export interface Kept extends IDataObject {
	subscriptionId?: string;
	secret?: string;
	url?: string;
	events?: string[];
	/** The last deliveries, newest last: the same again is not played twice. */
	seen?: string[];
}

/** Deliveries that are remembered. An event is repeated for 24 hours at most. */
const REMEMBERED = 500;

const kept = (context: IHookFunctions): Kept => context.getWorkflowStaticData('node') as Kept;

const wanted = (context: IHookFunctions) => ({
	url: String(context.getNodeWebhookUrl('default')),
	events: [...(context.getNodeParameter('events') as string[])].sort(),
});

/** Whether the subscription that this workflow holds is there, for this URL and these events. */
export async function exists(context: IHookFunctions): Promise<boolean> {
	const have = kept(context);
	if (!have.subscriptionId || !have.secret) return false;
	const { url, events } = wanted(context);
	if (have.url !== url || have.events?.join() !== events.join()) {
		await end(context);
		return false;
	}
	const answer = await call(context, { method: 'GET', path: '/webhooks' });
	// A deployment that cannot list subscriptions (404, or API Gateway's 403): what we know must do.
	if ([403, 404, 405].includes(answer.status)) return true;
	const listed = Object.values(bodyOf(context, answer)).find(Array.isArray) as
		| IDataObject[]
		| undefined;
	const found = listed?.find(
		(subscription) => subscription.subscription_id === have.subscriptionId,
	);
	return found !== undefined && found.active !== false;
}

/** Subscribes this workflow's URL. The secret is shown this once, so it is kept with the workflow. */
export async function begin(context: IHookFunctions): Promise<boolean> {
	const { url, events } = wanted(context);
	const answer = await call(context, {
		method: 'POST',
		path: '/webhooks/register',
		body: { url, events },
	});
	const body = bodyOf(context, answer);
	Object.assign(kept(context), {
		subscriptionId: body.subscription_id,
		secret: body.secret,
		url,
		events,
	});
	return true;
}

/** Ends the subscription; one that is gone already is ended. */
export async function end(context: IHookFunctions): Promise<boolean> {
	const have = kept(context);
	if (!have.subscriptionId) return true;
	const answer = await call(context, {
		method: 'DELETE',
		path: `/webhooks/${encodeURIComponent(have.subscriptionId)}`,
	});
	// 403, 404, 405: gone, or a deployment that cannot end one by call. Later deliveries then find no workflow.
	if (answer.status >= 300 && ![403, 404, 405, 410].includes(answer.status))
		throw problem(context, answer);
	for (const name of ['subscriptionId', 'secret', 'url', 'events'] as const) delete have[name];
	return true;
}

/** Whether this delivery is new; from now on it is not. */
export function isNew(have: Kept, id: string): boolean {
	const seen = have.seen ?? [];
	if (seen.includes(id)) return false;
	have.seen = [...seen, id].slice(-REMEMBERED);
	return true;
}
