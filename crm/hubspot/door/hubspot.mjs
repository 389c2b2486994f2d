// The few calls of HubSpot's API that the door makes, with the app's static token.

const BASE = 'https://api.hubapi.com';
/** Ours on deals, beside what onboarding makes: see setup.mjs. */
export const DEAL = {
  countries: 'passerelle_trip_countries',
  from: 'passerelle_trip_start',
  to: 'passerelle_trip_end',
  reference: 'passerelle_booking_reference',
  purchase: 'passerelle_purchase',
};
const ESIM = ['esim_id', 'status', 'package_title', 'data_used_mb', 'data_total_mb', 'expiry_date', 'measured_at'];

export class HubspotRefused extends Error {
  constructor(status, body) {
    super(`HubSpot answered ${status}${body?.category ? ` ${body.category}` : ''}`);
    this.status = status;
  }

  get passing() {
    return this.status === 0 || this.status === 429 || this.status >= 500;
  }
}

export class Hubspot {
  #settings;
  #fetch;

  /** `settings`: hubspotToken, hubspotVersion (2026-09), hubspotRecords (custom_object or deal_properties). */
  constructor(settings, { fetch }) {
    this.#settings = settings;
    this.#fetch = fetch;
  }

  async call(method, path, body) {
    let answer;
    try {
      answer = await this.#fetch((this.#settings.hubspotUrl ?? BASE) + path, {
        method,
        headers: { Authorization: `Bearer ${this.#settings.hubspotToken}`, ...(body ? { 'Content-Type': 'application/json' } : {}) },
        body: body && JSON.stringify(body),
        signal: AbortSignal.timeout(10_000),
      });
    } catch {
      throw new HubspotRefused(0);
    }
    const read = await answer.json().catch(() => ({}));
    if (!answer.ok) throw new HubspotRefused(answer.status, read);
    return read;
  }

  /** The deal's properties, and the ids of its contacts and eSIM records. */
  async deal(id) {
    const custom = this.#settings.hubspotRecords !== 'deal_properties';
    const properties = [...Object.values(DEAL), 'hubspot_owner_id', ...(custom ? [] : ESIM.map((name) => `passerelle_${name}`))];
    const associations = ['contacts', ...(custom ? ['esim_subscription'] : [])];
    const query = new URLSearchParams({ properties: properties.join(), associations: associations.join() });
    const found = await this.call('GET', `${this.#objects()}/deals/${encodeURIComponent(id)}?${query}`);
    const ids = (type) => {
      // A custom object is answered under its full name, p424242_esim_subscription.
      const [, associated] = Object.entries(found.associations ?? {}).find(([name]) => name === type || name.endsWith(`_${type}`)) ?? [];
      return [...new Set((associated?.results ?? []).map((result) => String(result.id)))];
    };
    return { id: String(found.id), properties: found.properties, contacts: ids('contacts'), esimRecords: ids('esim_subscription') };
  }

  async writeDeal(id, properties) {
    await this.call('PATCH', `${this.#objects()}/deals/${encodeURIComponent(id)}`, { properties });
  }

  /** The person who travels: the deal's first contact. */
  async contact(id) {
    const names = 'email,firstname,lastname,phone,hs_language';
    return (await this.call('GET', `${this.#objects()}/contacts/${encodeURIComponent(id)}?properties=${names}`)).properties;
  }

  /** The eSIMs of a deal, as Passerelle keeps them in HubSpot. */
  async esims(deal) {
    if (this.#settings.hubspotRecords === 'deal_properties') {
      const read = Object.fromEntries(ESIM.map((name) => [name, deal.properties[`passerelle_${name}`]]));
      return read.esim_id ? [read] : [];
    }
    if (deal.esimRecords.length === 0) return [];
    const inputs = deal.esimRecords.slice(0, 100).map((id) => ({ id }));
    const body = { inputs, properties: ESIM, propertiesWithHistory: [] };
    const { results } = await this.call('POST', `${this.#objects()}/esim_subscription/batch/read`, body);
    return results.map((record) => Object.fromEntries(ESIM.map((name) => [name, record.properties[name]])));
  }

  /** Lets a blocked workflow go on. Outputs are texts. */
  async complete(callbackId, outputs) {
    const outputFields = Object.fromEntries(Object.entries(outputs).map(([name, value]) => [name, String(value ?? '')]));
    const path = this.#settings.hubspotVersion === 'v3' ? '/automation/v4/actions/callbacks' : '/automation/actions/callbacks/2026-03';
    await this.call('POST', `${path}/${encodeURIComponent(callbackId)}/complete`, { outputFields, typedOutputs: outputFields });
  }

  #objects() {
    const version = this.#settings.hubspotVersion ?? '2026-09';
    return version === 'v3' ? '/crm/v3/objects' : `/crm/objects/${version}`;
  }
}
