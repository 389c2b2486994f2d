import type { IDisplayOptions } from 'n8n-workflow';

/** Shown for these operations of a resource. */
export const show = (resource: string, ...operation: string[]): IDisplayOptions => ({
	show: { resource: [resource], operation },
});
