// A HubSpot and a Passerelle that answer as a test says, and keep what they were asked.
import { Hubspot } from '../door/hubspot.mjs';
import { Passerelle } from '../door/passerelle.mjs';
import { v2, v3 } from '../door/signature.mjs';

export const SECRET = 'yyyyyyyy-yyyy-yyyy-yyyy-yyyyyyyyyyyy';
export const DOOR = 'https://door.example.com';
export const NOW = 1_800_000_000_000;
export const SETTINGS = {
  doorUrl: DOOR, portalId: 424242, clientSecretHubspot: SECRET, hubspotToken: 'pat', hubspotVersion: '2026-09',
  apiUrl: 'https://api.example.com/v1', tokenUrl: 'https://auth.example.com/oauth2/token', clientId: 'client', clientSecret: 'secret',
};
const API = SETTINGS.apiUrl;
export const OFFERS = [
  { rank: 1, package_id: 'airalo:jp', price: 14.5, currency: 'USD', reasons: [{ code: 'fits_days', text: 'Lasts 15 days, the trip 9' }], packages: [{ package_id: 'airalo:jp', title: '10 GB - 15 Days', data_volume_mb: 10240, validity_days: 15, network_operators: ['KDDI'], price: 14.5, currency: 'USD', times: 1 }] },
  { rank: 2, price: 30, currency: 'USD', reasons: [], packages: [{ package_id: 'airalo:x', title: 'Japan', times: 2, network_operators: [] }] },
];
export const problem = (status, code, detail) => ({ status, body: { status, code, detail, trace_id: 't-1' } });

/** The world of a test: a deal in HubSpot, and answers of Passerelle by "METHOD /path", one or a list in order. */
export function world({ properties = {}, esims = [], contact = true, answers = {}, refused = {} } = {}) {
  const deal = {
    passerelle_trip_countries: 'JP', passerelle_trip_start: '2027-03-02', passerelle_trip_end: '2027-03-10', passerelle_booking_reference: 'VH-1',
    passerelle_purchase: null, hubspot_owner_id: '77', ...properties,
  };
  const seen = { passerelle: [], hubspot: [], queue: [], completed: [] };
  const hubspotAnswers = (method, path, body) => {
    if (path.startsWith('/crm/objects/2026-09/deals/301?')) {
      const contacts = contact ? { contacts: { results: [{ id: '401', type: 'deal_to_contact' }] } } : {};
      const records = esims.length > 0 ? { p424242_esim_subscription: { results: esims.map((_, place) => ({ id: String(place) })) } } : {};
      return { id: '301', properties: deal, associations: { ...contacts, ...records } };
    }
    if (method === 'PATCH' && path === '/crm/objects/2026-09/deals/301') return Object.assign(deal, body.properties) && {};
    if (path.startsWith('/crm/objects/2026-09/contacts/401?')) return { properties: { email: 'c@example.com', firstname: 'Camille', lastname: 'Martin', hs_language: 'fr-FR' } };
    if (path === '/crm/objects/2026-09/esim_subscription/batch/read') return { results: esims.map((esim) => ({ properties: esim })) };
    const callback = /^\/automation\/actions\/callbacks\/2026-03\/([^/]+)\/complete$/.exec(path);
    if (callback) return seen.completed.push({ id: callback[1], ...body.outputFields }) && {};
    return undefined;
  };
  const fetch = async (url, { method, headers, body }) => {
    const sent = body && headers['Content-Type'] === 'application/json' ? JSON.parse(body) : body;
    if (url === SETTINGS.tokenUrl) return Response.json({ access_token: 'token', expires_in: 3600 });
    const isPasserelle = url.startsWith(API);
    const path = isPasserelle ? url.slice(API.length) : url.replace('https://api.hubapi.com', '');
    seen[isPasserelle ? 'passerelle' : 'hubspot'].push({ call: `${method} ${path}`, headers, body: sent });
    if (!isPasserelle) {
      const refusal = refused[`${method} ${path.split('?')[0]}`];
      if (refusal) return Response.json({ category: 'REFUSED' }, { status: refusal });
      const found = hubspotAnswers(method, path, sent);
      return found ? Response.json(found) : Response.json({ category: 'OBJECT_NOT_FOUND' }, { status: 404 });
    }
    const listed = answers[`${method} ${path}`];
    const next = Array.isArray(listed) ? listed.shift() : listed;
    if (next === undefined) throw new TypeError(`${method} ${path} was not expected`);
    if (next === 'lost') throw new TypeError('fetch failed');
    if (next.png) return new Response(next.png, { headers: { 'content-type': 'image/png' } });
    return Response.json(next.body, { status: next.status ?? 200 });
  };
  const outside = { fetch, now: () => NOW };
  const ports = {
    settings: SETTINGS, portalId: SETTINGS.portalId, now: () => NOW,
    hubspot: new Hubspot(SETTINGS, outside), passerelle: new Passerelle(SETTINGS, outside),
    queue: { put: async (piece) => void seen.queue.push(piece) },
  };
  return { ports, seen, deal, purchases: () => seen.passerelle.filter(({ call }) => /^POST .*(orders|topup)$/.test(call)) };
}

/** A call as HubSpot signs it. */
export function signed(path, body, { version = 'v3', secret = SECRET, timestamp = NOW, query = version === 'v3' ? 'portalId=424242&userEmail=a%40b.example' : '' } = {}) {
  const raw = Buffer.from(JSON.stringify(body));
  const call = { method: 'POST', path, query, body: raw, uri: DOOR + path + (query ? `?${query}` : '') };
  const headers = version === 'v2'
    ? { 'x-hubspot-signature-version': 'v2', 'x-hubspot-signature': v2(secret, call) }
    : { 'x-hubspot-request-timestamp': String(timestamp), 'x-hubspot-signature-v3': v3(secret, { ...call, timestamp: String(timestamp) }) };
  return { ...call, headers };
}
