import type { INodeProperties } from 'n8n-workflow';

import { show } from './show';

const LINKS = show('page', 'getLink', 'revokeLinks');
const panel = { show: { ...LINKS.show, page: ['panel'] } };
const traveller = { show: { ...LINKS.show, page: ['traveller'] } };

export const page: INodeProperties[] = [
	{
		displayName: 'Page',
		name: 'page',
		type: 'options',
		displayOptions: LINKS,
		options: [
			{ name: "Adviser's Panel", value: 'panel', description: 'Of a booking; it can buy' },
			{ name: "Traveller's Page", value: 'traveller', description: 'Of an eSIM' },
		],
		default: 'traveller',
		description: 'Whoever has the address may use the page',
	},
	{
		displayName: 'Booking Reference',
		name: 'bookingReference',
		type: 'string',
		required: true,
		displayOptions: panel,
		default: '',
	},
	{
		displayName: 'eSIM ID',
		name: 'esimId',
		type: 'string',
		required: true,
		displayOptions: traveller,
		default: '',
	},
	{
		displayName: 'Valid for (Minutes)',
		name: 'validMinutes',
		type: 'number',
		typeOptions: { minValue: 0, maxValue: 576000 },
		displayOptions: show('page', 'getLink'),
		default: 0,
		description: 'How long the address is to be good; 0 for the usual time of that page',
	},
];
