import type { IDataObject } from 'n8n-workflow';

import type { Call } from '../shared/call';

/** The value of a parameter of the node; `undefined` where it was left empty. */
export type Read = (name: string) => unknown;

/** What the node does for one choice of resource and operation. */
export interface Operation {
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

function companions(read: Read): IDataObject[] | undefined {
	const given = (read('companions') as { person?: IDataObject[] } | undefined)?.person ?? [];
	return given.length > 0 ? given.map((person) => filled(person)) : undefined;
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

/** The adviser's panel of a booking, or the traveller's page of an eSIM. */
const pageOf = (read: Read) =>
	read('page') === 'panel'
		? { page: 'panel', booking_reference: read('bookingReference') }
		: { page: 'traveller', esim_id: read('esimId') };

const language = (read: Read): IDataObject => filled({ 'Accept-Language': read('language') });
const key = (read: Read): IDataObject => ({
	'X-Idempotency-Key': String(read('idempotencyKey') ?? '').trim(),
});

/** Every operation, by resource and by name. */
export const OPERATIONS: Record<string, Record<string, Operation>> = {
	booking: {
		save: {
			call: (read) => ({
				method: 'POST',
				path: '/bookings',
				headers: language(read),
				body: filled({
					reference: read('reference'),
					external_reference: read('externalReference'),
					destinations: destinations(read),
					traveller: traveller(read),
					companions: companions(read),
					crm: crmLink(read),
				}),
			}),
		},
		get: {
			call: (read) => ({
				method: 'GET',
				path: `/bookings/${path(read('reference'))}`,
				headers: language(read),
			}),
		},
		getOffers: {
			list: 'offers',
			call: (read) => ({
				method: 'GET',
				path: `/bookings/${path(read('reference'))}/offers`,
				headers: language(read),
			}),
		},
		takeAir: {
			list: 'records',
			call: (read) => ({
				method: 'POST',
				path: '/intake/amadeus/air',
				body: filled({ file: read('airFile') }),
			}),
		},
		takePnr: {
			list: 'records',
			call: (read) => ({
				method: 'POST',
				path: '/intake/amadeus/pnr',
				body: filled({ file: read('amadeusAnswer') }),
			}),
		},
		takeFeed: {
			list: 'bookings',
			call: (read) => ({
				method: 'POST',
				path: `/intake/feed/${path(read('mapping'))}`,
				body: filled({ file: read('feedFile') }),
			}),
		},
	},
	package: {
		getMany: {
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
	sale: {
		getMany: {
			list: 'lines',
			call: (read) => ({
				method: 'GET',
				path: '/exports/sales',
				query: filled({ from: read('firstDay'), to: read('lastDay') }),
			}),
		},
	},
	order: {
		place: {
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
					deliver_on: day(read('deliverOn')),
				}),
			}),
		},
		get: {
			call: (read) => ({
				method: 'GET',
				path: `/orders/${path(read('orderId'))}`,
				headers: language(read),
			}),
		},
	},
	esim: {
		get: {
			call: (read) => ({
				method: 'GET',
				path: `/esims/${path(read('esimId'))}`,
				headers: language(read),
			}),
		},
		getQrCode: {
			call: (read) => ({
				method: 'GET',
				path: `/esims/${path(read('esimId'))}/qr.png`,
				binary: true,
			}),
		},
		getUsage: {
			call: (read) => ({
				method: 'GET',
				path: `/esims/${path(read('esimId'))}/usage`,
				headers: language(read),
			}),
		},
		getTopups: {
			list: 'packages',
			call: (read) => ({
				method: 'GET',
				path: `/esims/${path(read('esimId'))}/topups`,
				headers: language(read),
			}),
		},
		topUp: {
			purchase: true,
			call: (read) => ({
				method: 'POST',
				path: `/esims/${path(read('esimId'))}/topup`,
				headers: { ...language(read), ...key(read) },
				body: filled({ package_id: read('packageId') }),
			}),
		},
	},
	page: {
		getLink: {
			call: (read) => ({
				method: 'POST',
				path: '/links',
				body: filled({ ...pageOf(read), valid_minutes: read('validMinutes') || undefined }),
			}),
		},
		revokeLinks: {
			call: (read) => ({ method: 'POST', path: '/links/revoke', body: filled(pageOf(read)) }),
		},
	},
	webhook: {
		register: {
			call: (read) => ({
				method: 'POST',
				path: '/webhooks/register',
				body: filled({ url: read('webhookUrl'), events: read('events') }),
			}),
		},
		getMany: {
			list: 'subscriptions',
			call: () => ({ method: 'GET', path: '/webhooks' }),
		},
		delete: {
			call: (read) => ({
				method: 'DELETE',
				path: `/webhooks/${path(read('subscriptionId'))}`,
			}),
		},
		rotateSecret: {
			call: (read) => ({
				method: 'POST',
				path: `/webhooks/${path(read('subscriptionId'))}/secret`,
			}),
		},
		test: {
			call: (read) => ({
				method: 'POST',
				path: `/webhooks/${path(read('subscriptionId'))}/test`,
			}),
		},
	},
	health: {
		get: {
			report: true,
			call: () => ({ method: 'GET', path: '/health' }),
		},
	},
};
