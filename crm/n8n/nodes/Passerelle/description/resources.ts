import type { INodeProperties, INodePropertyOptions } from 'n8n-workflow';

/** One entry of the operation's list. */
const operation = (
	name: string,
	value: string,
	action: string,
	description: string,
): INodePropertyOptions => ({ name, value, action, description });

/** The choice of an operation of one resource. */
const operations = (
	resource: string,
	defaultValue: string,
	options: INodePropertyOptions[],
): INodeProperties => ({
	displayName: 'Operation',
	name: 'operation',
	type: 'options',
	noDataExpression: true,
	displayOptions: { show: { resource: [resource] } },
	options,
	default: defaultValue,
});

export const resources: INodeProperties[] = [
	{
		displayName: 'Resource',
		name: 'resource',
		type: 'options',
		noDataExpression: true,
		options: [
			{ name: 'Booking', value: 'booking' },
			{ name: 'eSIM', value: 'esim' },
			{ name: 'Health', value: 'health' },
			{ name: 'Order', value: 'order' },
			{ name: 'Package', value: 'package' },
			{ name: 'Page', value: 'page' },
			{ name: 'Sale', value: 'sale' },
			{ name: 'Webhook', value: 'webhook' },
		],
		default: 'booking',
	},
	operations('booking', 'save', [
		operation(
			'Create or Update',
			'save',
			'Create or update a booking',
			'Send a trip and get the data plans that suit it, best first',
		),
		operation('Get', 'get', 'Get a booking', 'Read a booking and its offers'),
		operation(
			'Get Offers',
			'getOffers',
			'Get the offers of a booking',
			'List the data plans that suit a booking, one item each',
		),
		operation(
			'Take Amadeus File',
			'takeAir',
			'Take in an amadeus file',
			'Make, change and cancel bookings from Amadeus interface records, one item a record',
		),
		operation(
			'Take Amadeus PNR',
			'takePnr',
			'Take in an amadeus PNR',
			'Make, change and cancel a booking from a PNR_Reply or a flight order, one item a booking',
		),
		operation(
			'Take Feed File',
			'takeFeed',
			'Take in a file of another system',
			'Make, change and cancel bookings from a file of a back office or booking tool, one item a booking',
		),
	]),
	operations('package', 'getMany', [
		operation('Get Many', 'getMany', 'Get many packages', 'List packages of the catalogue'),
	]),
	operations('sale', 'getMany', [
		operation('Get Many', 'getMany', 'Get many sales', 'List what was sold, one item a sale, top-up or correction'),
	]),
	operations('order', 'place', [
		operation('Get', 'get', 'Get an order', 'Read an order and its history'),
		operation(
			'Place',
			'place',
			'Place an order',
			'Buy one eSIM, exactly once for one idempotency key',
		),
	]),
	operations('esim', 'get', [
		operation(
			'Get',
			'get',
			'Get an eSIM',
			'Read an eSIM and its codes. They are secrets: do not log them',
		),
		operation(
			'Get QR Code',
			'getQrCode',
			'Get the QR code of an eSIM',
			'Get the QR code as an image',
		),
		operation(
			'Get Top-Ups',
			'getTopups',
			'Get the topups of an eSIM',
			'List what an eSIM can be topped up with now',
		),
		operation(
			'Get Usage',
			'getUsage',
			'Get the usage of an eSIM',
			'Read how much data is used and left',
		),
		operation(
			'Top Up',
			'topUp',
			'Top up an eSIM',
			'Buy more data or time, exactly once for one idempotency key',
		),
	]),
	operations('page', 'getLink', [
		operation(
			'Get Link',
			'getLink',
			'Get a link to a page',
			"Get the address of the adviser's panel of a booking, or of the traveller's page of an eSIM",
		),
		operation(
			'Revoke Links',
			'revokeLinks',
			'Revoke the links to a page',
			'Take back every link to a page',
		),
	]),
	operations('webhook', 'getMany', [
		operation(
			'Change Secret',
			'rotateSecret',
			'Change the secret of a webhook',
			'Get a new key; the old one signs beside it for a day',
		),
		operation('Delete', 'delete', 'Delete a webhook', 'End a subscription'),
		operation('Get Many', 'getMany', 'Get many webhooks', 'List the subscriptions of the agency'),
		operation(
			'Register',
			'register',
			'Register a webhook',
			'Subscribe a URL to events; the trigger node does this by itself',
		),
		operation('Test', 'test', 'Test a webhook', 'Post a signed test event'),
	]),
	operations('health', 'get', [
		operation('Get', 'get', 'Get the health', 'Read whether buying works now'),
	]),
];
