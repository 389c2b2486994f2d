import type { INodePropertyOptions } from 'n8n-workflow';

/** `EventType` of openapi.yaml, in the order in which they happen. */
export const EVENT_OPTIONS: INodePropertyOptions[] = [
	{
		name: 'eSIM Activated',
		value: 'esim.activated',
		description: 'The plan runs',
	},
	{
		name: 'eSIM Expired',
		value: 'esim.expired',
		description: 'The time is over',
	},
	{
		name: 'eSIM Installed',
		value: 'esim.installed',
		description: 'The profile is on the device; only some providers can tell',
	},
	{
		name: 'Top-Up Proposed',
		value: 'topup.proposed',
		description: 'The plan ends in two days',
	},
	{
		name: 'Usage Threshold Reached',
		value: 'usage.threshold_reached',
		description: '80 or 100 percent are used',
	},
];
