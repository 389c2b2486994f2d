// A deal as a trip: the body of POST /bookings.
import { DEAL } from './hubspot.mjs';

/** Something that a booking needs is missing on the deal; the message is for a person. */
export class Incomplete extends Error {}

const STAY = /^([A-Za-z]{2})(?:\s+(\d{4}-\d{2}-\d{2})\s*\/\s*(\d{4}-\d{2}-\d{2}))?$/;

function needed(value, what) {
  if (value === undefined || value === null || String(value).trim() === '') throw new Incomplete(`Missing: ${what}.`);
  return String(value).trim();
}

/** HubSpot tells dates as YYYY-MM-DD, or in workflows as milliseconds at midnight UTC. */
function day(value, what) {
  const text = needed(value, what);
  const date = /^\d{10,}$/.test(text) ? new Date(Number(text)).toISOString() : text;
  return date.slice(0, 10);
}

/** "JP, KR" with the trip's days, or "JP 2027-03-02/2027-03-05, KR 2027-03-06/2027-03-10" with days of their own. */
function destinations(countries, from, to) {
  const stays = needed(countries, 'the countries').split(/[,;\n]/).map((stay) => stay.trim()).filter(Boolean);
  return stays.map((written) => {
    const stay = STAY.exec(written);
    if (!stay) throw new Incomplete(`"${written}" is no country: write JP, or JP 2027-03-02/2027-03-05.`);
    return { iso_country: stay[1].toUpperCase(), from: stay[2] ?? day(from, 'the first day'), to: stay[3] ?? day(to, 'the last day') };
  });
}

/** Whether a deal is a trip at all. */
export const isTrip = (deal) => Boolean(deal.properties[DEAL.countries]?.trim());

/** `input` (of a workflow action) stands over what is on the deal. */
export function booking(deal, contact, input = {}) {
  const { properties } = deal;
  if (!contact) throw new Incomplete('Missing: a contact on the deal, who travels.');
  const given = (name) => input[name] || properties[DEAL[name]];
  const language = contact.hs_language?.slice(0, 2);
  return {
    reference: properties[DEAL.reference] || `hubspot-${deal.id}`,
    external_reference: deal.id,
    destinations: destinations(given('countries'), given('from'), given('to')),
    traveller: {
      name: needed([contact.firstname, contact.lastname].filter(Boolean).join(' '), "the contact's name"),
      email: needed(contact.email, "the contact's e-mail address"),
      ...(contact.phone ? { phone: contact.phone } : {}),
      ...(['fr', 'en'].includes(language) ? { locale: language } : {}),
    },
    crm: {
      deal_id: deal.id,
      contact_id: deal.contacts[0],
      ...(properties.hubspot_owner_id ? { owner_id: properties.hubspot_owner_id } : {}),
    },
  };
}

/** Reads deal and contact, and sends the trip. Answers with the booking and its offers. */
export async function save({ hubspot, passerelle }, deal, input) {
  const [first] = deal.contacts;
  const contact = first && (await hubspot.contact(first));
  return (await passerelle.call('POST', '/bookings', { body: booking(deal, contact, input) })).body;
}
