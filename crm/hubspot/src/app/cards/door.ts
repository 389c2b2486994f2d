// The card's one way out: HubSpot signs each call and hands it to the door.
import { hubspot } from '@hubspot/ui-extensions';

export interface Reason { code: string; text: string }
export interface Plan { package_id: string; title: string; data_volume_mb: number | null; validity_days: number; price: number; currency: string; network_operators: string[]; times?: number }
export interface Offer { rank: number; package_id?: string; packages: Plan[]; price: number; currency: string; reasons: Reason[] }
/** HubSpot tells numbers as texts. */
export interface Esim { esim_id: string; status?: string; package_title?: string; data_used_mb?: string | number | null; data_total_mb?: string | number | null; expiry_date?: string | null }
export interface Purchase {
  number: number;
  open?: { kind: 'order' | 'topup'; body: { package_id: string } };
  last?: { kind: 'order' | 'topup'; package_id: string; status?: string; message?: string };
  message?: string;
}
export interface Deal { reference?: string; is_trip: boolean; offers: Offer[]; esims: Esim[]; purchase: Purchase }
export interface Usage { status: string; data_used_mb: number; data_total_mb: number | null; expiry_date: string | null }
export interface Codes { lpa_code?: string; smdp_address?: string; manual_activation_code?: string; confirmation_code_required: boolean; qr_page: string }

/** Asks the door for something about a deal. Throws what a person can read. */
export type Ask = <Answer>(path: string, body?: Record<string, unknown>) => Promise<Answer>;

export function doorOf(url: string, dealId: string | number, language: string): Ask {
  return async (path, body = {}) => {
    const response = await hubspot.fetch(`${url}${path}`, {
      method: 'POST',
      body: { deal_id: String(dealId), language, ...body },
      timeout: 15_000,
    });
    const answer = await response.json().catch(() => ({}));
    if (!response.ok) throw new Error(answer.message ?? 'Passerelle did not answer. Check again: one click buys at most once.');
    return answer;
  };
}
