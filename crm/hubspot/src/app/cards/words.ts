import type { Offer } from './door.ts';

/** MB of 1,048,576 bytes, as people say it; null is unlimited. */
export function data(megabytes: number | null): string {
  if (megabytes === null) return 'unlimited';
  return megabytes >= 1024 ? `${Number((megabytes / 1024).toFixed(1))} GB` : `${megabytes} MB`;
}

/** A number that HubSpot tells as a text, empty when it is not known. */
export function amount(value: string | number | null | undefined): number | null {
  return value === undefined || value === null || value === '' ? null : Number(value);
}

export function facts(offer: Offer): string {
  const [first] = offer.packages;
  if (first && offer.package_id) return [data(first.data_volume_mb), `${first.validity_days} days`, first.network_operators.join(', ')].filter(Boolean).join(' · ');
  return `Several plans, to be ordered one by one: ${offer.packages.map((plan) => `${plan.times ?? 1} × ${plan.title}`).join(', ')}`;
}

export const titleOf = (offer: Offer): string => offer.packages.map((plan) => plan.title).join(' + ');
