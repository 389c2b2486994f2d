import type { IDataObject } from 'n8n-workflow';

import type { Call } from '../shared/call';

/** The value of a parameter of the node; `undefined` where it was left empty. */
export type Read = (name: string) => unknown;

/** What the node does for one choice of resource and operation. */
export interface Operation {
	/** The operation of openapi.yaml. */
	operationId: string;
	call(read: Read): Call;
	/** The name of the list in the answer that becomes one item an entry. */
	list?: string;
	/** Spends money: the answer 202 means that it is not decided yet. */
	purchase?: boolean;
	/** The answer is followed page by page by its `next_cursor`. */
	paged?: boolean;
	/** The answer 503 is a report, not a problem. */
	report?: boolean;
}

const path = (value: unknown): string => encodeURIComponent(String(value));

/** Without what was left empty: the API refuses empty texts rather than guess. */
function filled(values: Record<string, unknown>): IDataObject {
	const known = Object.entries(values).filter(
		([, value]) => value !== undefined && value !== '' && value !== null,
	);
	return Object.fromEntries(known) as IDataObject;
}

function traveller(read: Read): IDataObject | undefined {
	const found = filled({
		name: read('travellerName'),
		email: read('travellerEmail'),
		phone: read('travellerPhone'),
		locale: read('travellerLocale'),
	});
	return Object.keys(found).length > 0 ? found : undefined;
}

function destinations(read: Read): IDataObject[] {
	const given = (read('destinations') as { stay?: IDataObject[] } | undefined)?.stay ?? [];
	return given.map((stay) => ({
		iso_country: String(stay.isoCountry ?? '')
			.trim()
			.toUpperCase(),
		from: day(stay.from),
		to: day(stay.to),
	}));
}

/** n8n hands a picked date over with a time, in the workflow's zone: the day as it is written there is what was meant. */
function day(value: unknown): string {
	return String(value ?? '').slice(0, 10);
}

function crmLink(read: Read): IDataObject | undefined {
	const found = filled({
		deal_id: read('dealId'),
		contact_id: read('contactId'),
		owner_id: read('ownerId'),
	});
	return Object.keys(found).length > 0 ? found : undefined;
}

const language = (read: Read): IDataObject => filled({ 'Accept-Language': read('language') });
const key = (read: Read): IDataObject => ({
	'X-Idempotency-Key': String(read('idempotencyKey') ?? '').trim(),
});

/** Every operation, by resource and by name. */
export const OPERATIONS: Record<string, Record<string, Operation>> = {
	booking: {
		save: {
			operationId: 'saveBooking',
			call: (read) => ({
				method: 'POST',
				path: '/bookings',
				headers: language(read),
				body: filled({
					reference: read('reference'),
					external_reference: read('externalReference'),
					destinations: destinations(read),
					traveller: traveller(read),
					crm: crmLink(read),
				}),
			}),
		},
		get: {
			operationId: 'getBooking',
			call: (read) => ({
				method: 'GET',
				path: `/bookings/${path(read('reference'))}`,
				headers: language(read),
			}),
		},
		getOffers: {
			operationId: 'listBookingOffers',
			list: 'offers',
			call: (read) => ({
				method: 'GET',
				path: `/bookings/${path(read('reference'))}/offers`,
				headers: language(read),
			}),
		},
	},
	package: {
		getMany: {
			operationId: 'listPackages',
			list: 'packages',
			paged: true,
			call: (read) => ({
				method: 'GET',
				path: '/catalog/packages',
				query: filled({
					iso_country: read('isoCountry'),
					days: read('days') || undefined,
					data_mb: read('dataMb') || undefined,
				}),
			}),
		},
	},
	order: {
		place: {
			operationId: 'placeOrder',
			purchase: true,
			call: (read) => ({
				method: 'POST',
				path: '/orders',
				headers: { ...language(read), ...key(read) },
				body: filled({
					external_reference: read('externalReference'),
					package_id: read('packageId'),
					booking_reference: read('bookingReference'),
					traveller: traveller(read),
				}),
			}),
		},
		get: {
			operationId: 'getOrder',
			call: (read) => ({
				method: 'GET',
				path: `/orders/${path(read('orderId'))}`,
				headers: language(read),
			}),
		},
	},
	esim: {
		get: {
			operationId: 'getEsim',
			call: (read) => ({
				method: 'GET',
				path: `/esims/${path(read('esimId'))}`,
				headers: language(read),
			}),
		},
		getQrCode: {
			operationId: 'getEsimQrCode',
			call: (read) => ({
				method: 'GET',
				path: `/esims/${path(read('esimId'))}/qr.png`,
				binary: true,
			}),
		},
		getUsage: {
			operationId: 'getEsimUsage',
			call: (read) => ({
				method: 'GET',
				path: `/esims/${path(read('esimId'))}/usage`,
				headers: language(read),
			}),
		},
		getTopups: {
			operationId: 'listEsimTopups',
			list: 'packages',
			call: (read) => ({
				method: 'GET',
				path: `/esims/${path(read('esimId'))}/topups`,
				headers: language(read),
			}),
		},
		topUp: {
			operationId: 'topUpEsim',
			purchase: true,
			call: (read) => ({
				method: 'POST',
				path: `/esims/${path(read('esimId'))}/topup`,
				headers: { ...language(read), ...key(read) },
				body: filled({ package_id: read('packageId') }),
			}),
		},
	},
	webhook: {
		register: {
			operationId: 'registerWebhook',
			call: (read) => ({
				method: 'POST',
				path: '/webhooks/register',
				body: filled({ url: read('webhookUrl'), events: read('events') }),
			}),
		},
		getMany: {
			operationId: 'listWebhooks',
			list: 'subscriptions',
			call: () => ({ method: 'GET', path: '/webhooks' }),
		},
		delete: {
			operationId: 'deleteWebhook',
			call: (read) => ({ method: 'DELETE', path: `/webhooks/${path(read('subscriptionId'))}` }),
		},
	},
	health: {
		get: {
			operationId: 'readHealth',
			report: true,
			call: () => ({ method: 'GET', path: '/health' }),
		},
	},
};
