import type { INodeProperties } from 'n8n-workflow';

import { show } from './show';

const SAVE = show('booking', 'save');

export const booking: INodeProperties[] = [
	{
		displayName: 'Reference',
		name: 'reference',
		type: 'string',
		required: true,
		displayOptions: show('booking', 'save', 'get', 'getOffers'),
		default: '',
		placeholder: 'VH-2026-0815',
		description: "The agency's dossier number; sending the same again changes the booking",
	},
	{
		displayName: 'Amadeus File',
		name: 'airFile',
		type: 'string',
		typeOptions: { rows: 5 },
		required: true,
		displayOptions: show('booking', 'takeAir'),
		default: '',
		placeholder: 'AIR-BLK207;7A;;…',
		description: 'The text of the file as Amadeus drops it (AIR), with one record or more',
	},
	{
		displayName: 'External Reference',
		name: 'externalReference',
		type: 'string',
		required: true,
		displayOptions: SAVE,
		default: '',
		description: "The CRM's ID of the customer or dossier",
	},
	{
		displayName: 'Destinations',
		name: 'destinations',
		type: 'fixedCollection',
		typeOptions: { multipleValues: true, sortable: true },
		required: true,
		displayOptions: SAVE,
		default: {},
		placeholder: 'Add Stay',
		description: 'The stays of the trip, in any order; gaps and overlaps are fine',
		options: [
			{
				name: 'stay',
				displayName: 'Stay',
				values: [
					{
						displayName: 'Country',
						name: 'isoCountry',
						type: 'string',
						default: '',
						placeholder: 'JP',
						description: 'ISO 3166-1 alpha-2 code',
					},
					{
						displayName: 'First Day',
						name: 'from',
						type: 'string',
						default: '',
						placeholder: '2027-03-02',
						description: 'Local to the destination',
					},
					{
						displayName: 'Last Day',
						name: 'to',
						type: 'string',
						default: '',
						placeholder: '2027-03-10',
						description: 'Local to the destination',
					},
				],
			},
		],
	},
	{
		displayName: 'Companions',
		name: 'companions',
		type: 'fixedCollection',
		typeOptions: { multipleValues: true },
		displayOptions: SAVE,
		default: {},
		placeholder: 'Add Person',
		description: 'Who travels along; each gets an eSIM by an order of their own',
		options: [
			{
				name: 'person',
				displayName: 'Person',
				values: [
					{
						displayName: 'Email',
						name: 'email',
						type: 'string',
						default: '',
						placeholder: 'name@email.com',
					},
					{
						displayName: 'Language',
						name: 'locale',
						type: 'options',
						options: [
							{ name: "Agency's Own", value: '' },
							{ name: 'English', value: 'en' },
							{ name: 'French', value: 'fr' },
						],
						default: '',
					},
					{ displayName: 'Name', name: 'name', type: 'string', default: '' },
					{ displayName: 'Phone', name: 'phone', type: 'string', default: '' },
				],
			},
		],
	},
	{
		displayName: 'Deal ID',
		name: 'dealId',
		type: 'string',
		displayOptions: SAVE,
		default: '',
		description:
			'The deal, opportunity or dossier record in the CRM; offers and eSIMs are shown there',
	},
	{
		displayName: 'Contact ID',
		name: 'contactId',
		type: 'string',
		displayOptions: SAVE,
		default: '',
		description: 'The contact record in the CRM',
	},
	{
		displayName: 'Owner ID',
		name: 'ownerId',
		type: 'string',
		displayOptions: SAVE,
		default: '',
		description: 'The person in charge in the CRM, who is given the tasks',
	},
];
