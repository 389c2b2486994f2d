// Whether a call comes from HubSpot: signatures v2 (workflow actions) and v3 (cards, webhooks). The URI is the one HubSpot called,
// made from our own configured address, never from headers that a caller can set. The body is hashed as it came, byte by byte.
import { createHash, createHmac, timingSafeEqual } from 'node:crypto';

/** How far a timestamp may be from our clock, either way, in milliseconds. */
export const TOLERANCE = 300_000;

/** The only escapes that HubSpot undoes before it signs. All others (%20, %2B, %26 …) stay as they are. */
const DECODED = {
  '%3A': ':', '%2F': '/', '%3F': '?', '%40': '@', '%21': '!', '%24': '$', '%27': "'", '%28': '(', '%29': ')', '%2A': '*', '%2C': ',', '%3B': ';',
};
const decoded = (uri) => uri.replace(/%(?:3A|2F|3F|40|21|24|27|28|29|2A|2C|3B)/gi, (escape) => DECODED[escape.toUpperCase()]);

/** Hex SHA-256 of secret, method, URI and body. */
export function v2(secret, { method, uri, body }) {
  return createHash('sha256').update(secret + method + uri).update(body).digest('hex');
}

/** Base64 HMAC-SHA256 of method, URI, body and timestamp. */
export function v3(secret, { method, uri, body, timestamp }) {
  return createHmac('sha256', secret).update(method + decoded(uri)).update(body).update(timestamp).digest('base64');
}

function same(given, expected) {
  const [a, b] = [Buffer.from(given), Buffer.from(expected)];
  return a.length === b.length && timingSafeEqual(a, b);
}

/**
 * `call` is `{ method, uri, body, headers }` with lower-case header names and the raw body. `version` is the one that this address is
 * called with: a v2 signature says nothing of time, so it must not open what v3 protects.
 */
export function isGenuine(secret, version, call, now) {
  const { headers } = call;
  if (!secret) return false;
  if (version === 'v2') {
    const given = headers['x-hubspot-signature'];
    return headers['x-hubspot-signature-version'] === 'v2' && given !== undefined && same(given, v2(secret, call));
  }
  const given = headers['x-hubspot-signature-v3'];
  const timestamp = headers['x-hubspot-request-timestamp'];
  if (given === undefined || !/^\d+$/.test(timestamp ?? '')) return false;
  return Math.abs(now - Number(timestamp)) <= TOLERANCE && same(given, v3(secret, { ...call, timestamp }));
}
