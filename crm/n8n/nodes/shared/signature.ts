import { createHmac, timingSafeEqual } from 'node:crypto';

/** How far a delivery's clock may be from ours, in seconds. */
export const TOLERANCE = 300;

/** The headers of Standard Webhooks. */
export interface Signed {
	id: string | undefined;
	timestamp: string | undefined;
	signature: string | undefined;
}

/** `whsec_` and the key in base64: what POST /webhooks/register handed out. */
function keyOf(secret: string): Buffer {
	return Buffer.from(secret.replace(/^whsec_/, ''), 'base64');
}

/** `v1,` and the base64 HMAC-SHA256 of `id.timestamp.body`. */
export function sign(secret: string, id: string, timestamp: string, body: Buffer): string {
	const mac = createHmac('sha256', keyOf(secret)).update(`${id}.${timestamp}.`).update(body);
	return `v1,${mac.digest('base64')}`;
}

/**
 * Whether a delivery was signed with this secret, over these very bytes, within the last five minutes.
 * Several signatures, parted by spaces, are allowed while a secret is changed; one that fits is enough.
 */
export function isGenuine(secret: string, headers: Signed, body: Buffer, now: number): boolean {
	const { id, timestamp, signature } = headers;
	if (!id || !timestamp || !signature || keyOf(secret).length === 0 || !/^\d+$/.test(timestamp))
		return false;
	if (Math.abs(now / 1000 - Number(timestamp)) > TOLERANCE) return false;
	const expected = Buffer.from(sign(secret, id, timestamp, body));
	return signature.split(' ').some((given) => {
		const bytes = Buffer.from(given);
		return bytes.length === expected.length && timingSafeEqual(bytes, expected);
	});
}
