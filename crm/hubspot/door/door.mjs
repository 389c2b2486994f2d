// The door between HubSpot and Passerelle: verifies, answers the card, and takes actions and webhooks on. HubSpot's secrets and the
// agency's client live here and nowhere else.
import { BadCall, CALLS, qrPage } from './card.mjs';
import { HubspotRefused } from './hubspot.mjs';
import { Refused } from './passerelle.mjs';
import { isGenuine } from './signature.mjs';
import { Incomplete } from './trip.mjs';

const json = (status, body) => ({ status, headers: { 'content-type': 'application/json', 'cache-control': 'no-store' }, body: JSON.stringify(body) });
const html = (body) => ({
  status: 200,
  headers: {
    'content-type': 'text/html; charset=utf-8',
    'cache-control': 'no-store',
    'referrer-policy': 'no-referrer',
    'content-security-policy': "default-src 'none'; img-src data:; frame-ancestors https://*.hubspot.com",
  },
  body,
});

/**
 * Answers one call. `call`: `{ method, path, query, headers, body }`, the path and the query string as they came, the body raw.
 * `ports`: settings, hubspot, passerelle, queue (`put(piece)`), now.
 */
export async function answer(call, ports) {
  const { settings, now } = ports;
  const route = `${call.method} ${call.path}`;
  const isCard = call.method === 'POST' && Object.hasOwn(CALLS, call.path);
  const version = isCard || route === 'POST /webhooks' ? 'v3' : route === 'POST /action/propose' ? 'v2' : undefined;
  try {
    if (route === 'GET /qr') return html(await qrPage(ports, new URLSearchParams(call.query)));
    if (!version) return json(404, { message: 'There is nothing here.' });
    const uri = settings.doorUrl + call.path + (call.query ? `?${call.query}` : '');
    if (!isGenuine(settings.clientSecretHubspot, version, { ...call, uri }, now())) return json(401, { message: 'The signature is not accepted.' });
    const body = parsed(call.body);
    if (isCard) return json(200, await card(call, body, ports));
    return await (version === 'v2' ? action(body, ports) : webhooks(body, ports));
  } catch (error) {
    return failed(error);
  }
}

function parsed(body) {
  try {
    return JSON.parse(body.toString('utf8') || '{}');
  } catch {
    throw new BadCall(400, 'The body is not JSON.');
  }
}

async function card(call, body, ports) {
  // Signed with the address: these say who asks.
  const query = new URLSearchParams(call.query);
  if (query.get('portalId') !== String(ports.settings.portalId)) throw new BadCall(403, 'This portal is not known here.');
  if (!/^\d+$/.test(String(body.deal_id ?? ''))) throw new BadCall(422, 'deal_id: must be the id of a deal');
  const language = body.language === 'fr' ? 'fr' : 'en';
  return CALLS[call.path]({ ...ports, language, portalId: ports.settings.portalId }, await ports.hubspot.deal(body.deal_id), body);
}

/** A workflow waits for us. It is told so at once; the work is done from the queue. */
async function action(body, { queue, settings }) {
  const { callbackId, origin, object, inputFields = {} } = body;
  if (String(origin?.portalId) !== String(settings.portalId)) throw new BadCall(403, 'This portal is not known here.');
  if (!callbackId || !object?.objectId) throw new BadCall(422, 'callbackId and object.objectId are needed');
  const { countries, from, to, order } = inputFields;
  await queue.put({ kind: 'propose', callbackId: String(callbackId), dealId: String(object.objectId), input: { countries, from, to, order } });
  return json(200, { outputFields: { hs_execution_state: 'BLOCK', hs_expiration_duration: 'P1D' } });
}

/** Up to a hundred events; order and uniqueness are not promised, and only the deals that they name matter. */
async function webhooks(events, { queue, settings }) {
  if (!Array.isArray(events)) throw new BadCall(422, 'The body must be a list of events.');
  const ours = events.filter((event) => String(event.portalId) === String(settings.portalId) && /^(object|deal)\.(propertyChange|creation)$/.test(event.subscriptionType));
  const deals = new Set(ours.filter((event) => (event.objectTypeId ?? '0-3') === '0-3').map((event) => String(event.objectId)));
  await Promise.all([...deals].map((dealId) => queue.put({ kind: 'refresh', dealId })));
  return { status: 204, headers: {}, body: '' };
}

/** What a person can use; what they cannot is not told. */
function failed(error) {
  if (error instanceof BadCall) return json(error.status, { message: error.message });
  if (error instanceof Incomplete) return json(422, { message: error.message });
  if (error instanceof Refused) return json(error.passing ? 503 : 422, { message: error.message, code: error.code });
  if (error instanceof HubspotRefused) return json(error.passing ? 503 : 502, { message: error.message });
  return json(500, { message: 'The door failed. Purchases may be checked again: one key buys at most once.' });
}
