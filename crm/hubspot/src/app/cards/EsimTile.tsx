// One eSIM: consumption, codes on demand, top-up.
import { Alert, Button, ButtonRow, Flex, List, ProgressBar, StatusTag, Text, Tile } from '@hubspot/ui-extensions';
import { useState } from 'react';

import type { Ask, Codes, Deal, Esim, Plan, Usage } from './door.ts';
import { amount, data } from './words.ts';

interface Props {
  esim: Esim;
  ask: Ask;
  /** A purchase is open: nothing else may be bought. */
  blocked: boolean;
  onDeal: (deal: Deal) => void;
  onQrCode: (uri: string) => void;
}

export function EsimTile({ esim, ask, blocked, onDeal, onQrCode }: Props) {
  const [measured, setMeasured] = useState<Usage>();
  const [codes, setCodes] = useState<Codes>();
  const [plans, setPlans] = useState<Plan[]>();
  const [error, setError] = useState<string>();
  const [busy, setBusy] = useState(false);
  const status = measured?.status ?? esim.status ?? 'ordered';
  const used = measured ? measured.data_used_mb : amount(esim.data_used_mb);
  const total = measured ? measured.data_total_mb : amount(esim.data_total_mb);
  const about = { esim_id: esim.esim_id };

  async function run(call: () => Promise<void>) {
    setBusy(true);
    setError(undefined);
    try {
      await call();
    } catch (failure) {
      setError((failure as Error).message);
    }
    setBusy(false);
  }

  const buy = (plan: Plan) =>
    run(async () => {
      onDeal(await ask<Deal>('/card/topup', { ...about, package_id: plan.package_id }));
      setPlans(undefined);
    });

  return (
    <Tile>
      <Flex direction="column" gap="small">
        <Text format={{ fontWeight: 'bold' }}>{esim.package_title || 'eSIM'}</Text>
        <StatusTag variant={status === 'activated' ? 'success' : 'default'}>{status}</StatusTag>
        {used !== null && total !== null && total > 0 && (
          <ProgressBar title="Consumption" value={used} maxValue={total} valueDescription={`${data(used)} of ${data(total)}`} variant={used >= 0.8 * total ? 'warning' : 'success'} />
        )}
        {used !== null && total === null && <Text>{data(used)} used, unlimited</Text>}
        {error && <Alert title={error} variant="error" />}
        <ButtonRow>
          <Button disabled={busy} onClick={() => run(async () => setCodes(codes ? undefined : await ask<Codes>('/card/codes', about)))}>
            {codes ? 'Hide the codes' : 'Codes'}
          </Button>
          <Button disabled={busy} onClick={() => run(async () => setMeasured(await ask<Usage>('/card/usage', about)))}>
            Measure
          </Button>
          <Button disabled={busy || blocked} onClick={() => run(async () => setPlans((await ask<{ packages: Plan[] }>('/card/topups', about)).packages))}>
            Top up
          </Button>
        </ButtonRow>
        {codes && (
          <Flex direction="column" gap="extra-small">
            <Text>{codes.lpa_code ?? 'The provider has not handed out the codes yet.'}</Text>
            {codes.smdp_address && <Text>SM-DP+ address: {codes.smdp_address}</Text>}
            {codes.manual_activation_code && <Text>Activation code: {codes.manual_activation_code}</Text>}
            {codes.confirmation_code_required && <Text>The phone will ask for a confirmation code.</Text>}
            {codes.lpa_code && <Button onClick={() => onQrCode(codes.qr_page)}>QR code</Button>}
          </Flex>
        )}
        {plans?.length === 0 && <Text>This eSIM cannot be topped up now.</Text>}
        {plans && plans.length > 0 && (
          <List>
            {plans.map((plan) => (
              <Button key={plan.package_id} disabled={busy || blocked} onClick={() => buy(plan)}>
                {`Buy ${plan.title}: ${plan.price} ${plan.currency}`}
              </Button>
            ))}
          </List>
        )}
      </Flex>
    </Tile>
  );
}
