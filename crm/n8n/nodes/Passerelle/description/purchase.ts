import type { INodeProperties } from 'n8n-workflow';

import { show } from './show';

const PURCHASE = { show: { resource: ['order', 'esim'], operation: ['place', 'topUp'] } };

export const purchase: INodeProperties[] = [
	{
		displayName: 'Package ID',
		name: 'packageId',
		type: 'string',
		required: true,
		displayOptions: PURCHASE,
		default: '',
		placeholder: 'airalo:moshi-moshi-15days-10gb',
		description: 'A package of the catalogue, of an offer, or of the top-ups of this eSIM',
	},
	{
		displayName: 'Idempotency Key',
		name: 'idempotencyKey',
		type: 'string',
		required: true,
		displayOptions: PURCHASE,
		default: '',
		placeholder: 'order-VH-2026-0815-1',
		hint: 'Something that stays the same when the workflow runs again for the same purchase, such as the dossier number and a counter. Never a random value.',
		description: 'One key buys at most once, whatever times out or is sent again',
	},
	{
		displayName: 'Wait for the Outcome (Seconds)',
		name: 'waitSeconds',
		type: 'number',
		typeOptions: { minValue: 0, maxValue: 600 },
		displayOptions: PURCHASE,
		default: 60,
		description:
			'How long to read an order again that is not decided yet. Afterwards it is handed on as it stands: see its status. 0 does not wait.',
	},
	{
		displayName: 'External Reference',
		name: 'externalReference',
		type: 'string',
		required: true,
		displayOptions: show('order', 'place'),
		default: '',
		description: "The CRM's reference, handed back in every answer and event",
	},
	{
		displayName: 'Booking Reference',
		name: 'bookingReference',
		type: 'string',
		displayOptions: show('order', 'place'),
		default: '',
		description: 'The booking it belongs to; its traveller gets the codes',
	},
	{
		displayName: 'Deliver On',
		name: 'deliverOn',
		type: 'string',
		displayOptions: show('order', 'place'),
		default: '',
		placeholder: '2027-05-02',
		description: 'The day on which the eSIM is to be delivered, more than two days ahead; at once where it is empty',
	},
];
