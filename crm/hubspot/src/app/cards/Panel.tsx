// The trip of a deal: what fits, what is being bought, what was bought.
import { Alert, Button, EmptyState, Flex, List, LoadingSpinner, Text, Tile } from '@hubspot/ui-extensions';
import { useCallback, useEffect, useState } from 'react';

import type { Ask, Deal, Offer } from './door.ts';
import { EsimTile } from './EsimTile.tsx';
import { facts, titleOf } from './words.ts';

interface Props {
  ask: Ask;
  onQrCode: (uri: string) => void;
}

export function Panel({ ask, onQrCode }: Props) {
  const [deal, setDeal] = useState<Deal>();
  const [chosen, setChosen] = useState<Offer>();
  const [error, setError] = useState<string>();
  const [busy, setBusy] = useState(true);

  const run = useCallback(
    async (path: string, body?: Record<string, unknown>) => {
      setBusy(true);
      setError(undefined);
      try {
        setDeal(await ask<Deal>(path, body));
      } catch (failure) {
        setError((failure as Error).message);
      }
      setChosen(undefined);
      setBusy(false);
    },
    [ask],
  );
  useEffect(() => void run('/card/deal'), [run]);

  if (!deal) {
    return error ? <Alert title={error} variant="error" /> : <LoadingSpinner label="eSIM" />;
  }
  const { open, last, message } = deal.purchase;
  return (
    <Flex direction="column" gap="medium">
      {error && <Alert title={error} variant="error" />}
      {message && <Alert title={message} variant="warning" />}
      {open && (
        <Alert title={`A purchase of ${open.body.package_id} is ${last?.status ?? 'under way'}.`} variant="warning">
          {last?.message}
          <Button disabled={busy} onClick={() => run('/card/check')}>Check it</Button>
        </Alert>
      )}
      {!open && last?.status === 'rejected' && <Alert title={`Not bought: ${last.message ?? 'the provider refused.'}`} variant="error" />}
      {deal.esims.map((esim) => (
        <EsimTile key={esim.esim_id} esim={esim} ask={ask} blocked={open !== undefined} onDeal={setDeal} onQrCode={onQrCode} />
      ))}
      {deal.offers.map((offer) => (
        <Tile key={offer.rank}>
          <Text format={{ fontWeight: 'bold' }}>{`${titleOf(offer)} – ${offer.price} ${offer.currency}`}</Text>
          <Text>{facts(offer)}</Text>
          <List>
            {offer.reasons.map((reason) => <Text key={reason.code}>{reason.text}</Text>)}
          </List>
          {offer.package_id && chosen !== offer && (
            <Button variant="primary" disabled={busy || open !== undefined} onClick={() => setChosen(offer)}>Order</Button>
          )}
          {chosen === offer && (
            <Flex direction="row" gap="small">
              <Button variant="primary" disabled={busy} onClick={() => run('/card/order', { package_id: offer.package_id })}>
                {`Order for ${offer.price} ${offer.currency}: the traveller gets the QR code by e-mail`}
              </Button>
              <Button disabled={busy} onClick={() => setChosen(undefined)}>No</Button>
            </Flex>
          )}
        </Tile>
      ))}
      {deal.offers.length === 0 && (
        <EmptyState title={deal.is_trip ? 'No offers yet' : 'No trip'} layout="vertical">
          <Text>Fill in trip countries, start and end, and a contact with an e-mail address.</Text>
        </EmptyState>
      )}
      {deal.is_trip && <Button disabled={busy} onClick={() => run('/card/trip')}>Find offers for the trip as it is now</Button>}
    </Flex>
  );
}
