import type { INodeProperties } from 'n8n-workflow';

/** Shown where a person is named. For an order it may be left empty: then the booking's traveller gets the codes. */
const displayOptions = { show: { resource: ['booking', 'order'], operation: ['save', 'place'] } };

export const traveller: INodeProperties[] = [
	{
		displayName: 'Traveller Name',
		name: 'travellerName',
		type: 'string',
		displayOptions,
		default: '',
		description: 'Name as the traveller is greeted with. Needed for a booking.',
	},
	{
		displayName: 'Traveller Email',
		name: 'travellerEmail',
		type: 'string',
		displayOptions,
		default: '',
		placeholder: 'name@email.com',
		description: 'Where the QR code is sent. Needed for a booking.',
	},
	{
		displayName: 'Traveller Phone',
		name: 'travellerPhone',
		type: 'string',
		displayOptions,
		default: '',
		description: 'Kept for the CRM, not used to write to',
	},
	{
		displayName: 'Traveller Language',
		name: 'travellerLocale',
		type: 'options',
		displayOptions,
		options: [
			{ name: "Agency's Own", value: '' },
			{ name: 'English', value: 'en' },
			{ name: 'French', value: 'fr' },
		],
		default: '',
		description: 'Language of what the traveller reads',
	},
];
