// Makes the door's own properties on deals; what is there is left alone. HUBSPOT_TOKEN=… node door/setup.mjs
import { pathToFileURL } from 'node:url';

import { DEAL, HubspotRefused, Hubspot } from './hubspot.mjs';

const GROUP = { name: 'passerelle', label: 'Passerelle' };
const property = (name, label, type, fieldType, description) => ({ name, label, type, fieldType, description, groupName: GROUP.name });

/** The booking reference is made by onboarding, too: whoever comes first. */
export const PROPERTIES = [
  property(DEAL.countries, 'Trip countries', 'string', 'textarea', 'JP, KR; or with days: JP 2027-03-02/2027-03-05'),
  property(DEAL.from, 'Trip start', 'date', 'date', 'First day of stay'),
  property(DEAL.to, 'Trip end', 'date', 'date', 'Last day of stay'),
  property(DEAL.reference, 'eSIM booking reference', 'string', 'text', 'Dossier number at Passerelle'),
  property(DEAL.purchase, 'eSIM purchase', 'string', 'textarea', 'What was bought last, and what is open. Kept by the card.'),
];

export async function setUp(hubspot, version = '2026-09') {
  const base = version === 'v3' ? '/crm/v3/properties' : `/crm/properties/${version}`;
  const made = [];
  for (const [path, body] of [['/groups', GROUP], ...PROPERTIES.map((one) => ['', one])]) {
    try {
      await hubspot.call('POST', `${base}/deals${path}`, body);
      made.push(body.name);
    } catch (error) {
      if (!(error instanceof HubspotRefused) || error.status !== 409) throw error;
    }
  }
  return made;
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const made = await setUp(new Hubspot({ hubspotToken: process.env.HUBSPOT_TOKEN }, { fetch }));
  console.log(made.length > 0 ? `made: ${made.join(', ')}` : 'everything was there');
}
