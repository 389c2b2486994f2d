import type {
	IDataObject,
	IHookFunctions,
	INodeType,
	INodeTypeDescription,
	IWebhookFunctions,
	IWebhookResponseData,
} from 'n8n-workflow';
import { NodeConnectionTypes } from 'n8n-workflow';

import { EVENT_OPTIONS } from '../shared/events';
import { isGenuine } from '../shared/signature';
import { begin, end, exists, isNew, type Kept } from './subscription';

export class PasserelleTrigger implements INodeType {
	description: INodeTypeDescription = {
		displayName: 'Passerelle Trigger',
		name: 'passerelleTrigger',
		icon: {
			light: 'file:../../icons/passerelle.svg',
			dark: 'file:../../icons/passerelle.dark.svg',
		},
		group: ['trigger'],
		version: 1,
		subtitle: '={{$parameter["events"].join(", ")}}',
		description: 'Starts the workflow when something happens to an eSIM',
		defaults: { name: 'Passerelle Trigger' },
		inputs: [],
		outputs: [NodeConnectionTypes.Main],
		credentials: [{ name: 'passerelleOAuth2Api', required: true }],
		webhooks: [
			{ name: 'default', httpMethod: 'POST', responseMode: 'onReceived', path: 'webhook' },
		],
		properties: [
			{
				displayName: 'Events',
				name: 'events',
				type: 'multiOptions',
				required: true,
				options: EVENT_OPTIONS,
				default: ['esim.activated', 'usage.threshold_reached', 'topup.proposed'],
			},
		],
	};

	webhookMethods = {
		default: {
			async checkExists(this: IHookFunctions): Promise<boolean> {
				return await exists(this);
			},
			async create(this: IHookFunctions): Promise<boolean> {
				return await begin(this);
			},
			async delete(this: IHookFunctions): Promise<boolean> {
				return await end(this);
			},
		},
	};

	/** A delivery: refused when it is not genuine, answered and dropped when it is a repeat, else one run. */
	async webhook(this: IWebhookFunctions): Promise<IWebhookResponseData> {
		const headers = this.getHeaderData();
		const text = (name: string) => (typeof headers[name] === 'string' ? headers[name] : undefined);
		const signed = {
			id: text('webhook-id'),
			timestamp: text('webhook-timestamp'),
			signature: text('webhook-signature'),
		};
		const have = this.getWorkflowStaticData('node') as Kept;
		const body = this.getRequestObject().rawBody;
		if (!have.secret || !body || !isGenuine(have.secret, signed, body, Date.now())) {
			this.getResponseObject().status(401).json({ message: 'The webhook was not accepted.' });
			return { noWebhookResponse: true };
		}
		if (!isNew(have, String(signed.id))) return { webhookResponse: { status: 'repeated' } };
		// Somebody tried whether the address works: nothing happened to an eSIM.
		if (this.getBodyData().type === 'webhook.test')
			return { webhookResponse: { status: 'tested' } };
		const event = { webhook_id: signed.id, ...this.getBodyData() } as IDataObject;
		return { workflowData: [this.helpers.returnJsonArray([event])] };
	}
}
