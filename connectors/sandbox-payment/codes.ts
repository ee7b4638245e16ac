/** The payment provider's error codes and ours. */
import type { Classified } from '../kit/contract';
import type { PartnerResponse } from '../kit/http-faults';

const errors: Readonly<Record<string, Classified>> = {
  /** "The value is above what is left of the authorization." */
  OVER_CAPTURE: { kind: 'rejected', reason: 'amount', at_fault: 'hub' },
  /** "The value is above what was captured and not paid back." */
  OVER_REFUND: { kind: 'rejected', reason: 'amount', at_fault: 'hub' },
  /** "The authorization is in another currency." */
  CURRENCY_MISMATCH: { kind: 'rejected', reason: 'amount', at_fault: 'hub' },
  /** "The card was declined." */
  DECLINED: { kind: 'rejected', reason: 'declined', at_fault: 'merchant' },
  /** "The authorization has run out." */
  AUTHORIZATION_EXPIRED: { kind: 'rejected', reason: 'expired', at_fault: 'merchant' },
};

/** Reads the error table; anything else is read by its HTTP status. */
export function classify(response: PartnerResponse): Classified | undefined {
  const { body } = response;
  if (response.status < 400 || typeof body !== 'object' || body === null || !('error' in body)) return undefined;
  const { error } = body;
  if (typeof error !== 'object' || error === null || !('code' in error) || typeof error.code !== 'string')
    return undefined;
  const known = Object.hasOwn(errors, error.code) ? errors[error.code] : undefined;
  return known === undefined ? undefined : { ...known, code: error.code };
}
