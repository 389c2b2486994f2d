// The card on the deal. HubSpot runs it in a worker of its own, without a page and without secrets.
import { Alert, hubspot } from '@hubspot/ui-extensions';
import { useMemo } from 'react';

import { doorOf } from './door.ts';
import { Panel } from './Panel.tsx';

interface Props {
  url: unknown;
  dealId: string | number;
  locale: string | undefined;
  onQrCode: (uri: string) => void;
}

export function EsimCard({ url, dealId, locale, onQrCode }: Props) {
  const language = locale?.startsWith('fr') ? 'fr' : 'en';
  const ask = useMemo(() => doorOf(String(url), dealId, language), [url, dealId, language]);
  return url ? <Panel ask={ask} onQrCode={onQrCode} /> : <Alert title="The profile of this project does not say DOOR_URL." variant="error" />;
}

hubspot.extend<'crm.record.tab'>(({ context, actions }) => (
  <EsimCard
    url={context.variables?.DOOR_URL}
    dealId={context.crm.objectId}
    locale={context.user.locale}
    onQrCode={(uri) => actions.openIframeModal({ uri, width: 420, height: 460, title: 'eSIM' })}
  />
));
