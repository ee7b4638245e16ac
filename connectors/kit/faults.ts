/**
 * What went wrong at a partner, as three answers: what to do next (`kind`), whose fault it is (`at_fault`), and whether
 * the effect happened (`happened`). Messages hold neither personal data nor secrets: they are built here from codes.
 */

/** Closed list; each kind stands for one thing to do next. */
export const faultKinds = [
  'rate_limited',
  'unavailable',
  'outcome_unknown',
  'unauthenticated',
  'forbidden',
  'misconfigured',
  'invalid',
  'rejected',
  'not_found',
  'conflict',
  'unexpected_response',
  'unsupported',
] as const;
/** One of the kinds of fault. */
export type FaultKind = (typeof faultKinds)[number];

/** Why a partner refused what it understood; workflows branch on it. */
export const rejectionReasons = [
  'address',
  'weight',
  'dimensions',
  'service',
  'contents',
  'value',
  'stock',
  'amount',
  'declined',
  'expired',
  'state',
  'other',
] as const;
/** One of the reasons for a refusal. */
export type RejectionReason = (typeof rejectionReasons)[number];

/** Whether the effect came about at the partner. */
export type Happened = 'no' | 'unknown' | 'yes';
/** Whose fault it is. partner: their system; merchant: data or account that a person can mend; hub: our code; network: between us. */
export type AtFault = 'partner' | 'merchant' | 'hub' | 'network';

/** One bad input field: a path such as `parcels.0.weight_grams` and what is wrong with it. */
export interface FieldFault {
  path: string;
  code: string;
}

/** Everything a fault says; `code` is the partner's or our own short code, never free text. */
export interface FaultDetails {
  kind: FaultKind;
  happened: Happened;
  at_fault: AtFault;
  code: string;
  message: string;
  http_status?: number;
  /** How long to wait before the next try, in milliseconds. */
  retry_after_ms?: number;
  /** Set exactly when kind is `rejected`. */
  reason?: RejectionReason;
  /** Set when kind is `invalid` and the partner or our schema named the fields. */
  fields?: readonly FieldFault[];
  /** True when nothing but a person's decision may go on: an unsafe write whose outcome is unknown. */
  needs_person?: boolean;
}

/** Thrown for every failure at a partner. `raw` (the start of the partner's answer) may hold personal data and is not enumerable. */
export class ConnectorFault extends Error {
  override readonly name = 'ConnectorFault';
  readonly kind: FaultKind;
  readonly happened: Happened;
  readonly details: FaultDetails;
  declare readonly raw?: string;

  /** Takes no `cause`: an HTTP library's error carries the request with its credentials into every log. */
  constructor(details: FaultDetails, raw?: string) {
    super(details.message);
    this.kind = details.kind;
    this.happened = details.happened;
    this.details = details;
    if (raw !== undefined) Object.defineProperty(this, 'raw', { value: raw, enumerable: false });
  }

  /** The same fault with some answers replaced. */
  with(changes: Partial<FaultDetails>): ConnectorFault {
    return new ConnectorFault({ ...this.details, ...changes }, this.raw);
  }
}

/** What a retry policy needs to know of a fault; delays in milliseconds. */
export interface RetryAdvice {
  type: FaultKind;
  nonRetryable: boolean;
  nextRetryDelayMs?: number;
  /** Expected in normal operation: not worth an error log. */
  benign: boolean;
}

const retryableKinds: ReadonlySet<FaultKind> = new Set<FaultKind>(['rate_limited', 'unavailable', 'outcome_unknown']);

/**
 * Turns a fault into advice for the one owner of retries. The delay is never shorter than the partner asked for;
 * `spread` (0 to 1) lengthens it by up to a tenth so that callers who wait together do not return together.
 */
export function retryAdvice(fault: ConnectorFault, spread: number = Math.random()): RetryAdvice {
  const nonRetryable = fault.details.needs_person === true || !retryableKinds.has(fault.kind);
  const delay = fault.details.retry_after_ms;
  return {
    type: fault.kind,
    nonRetryable,
    benign: fault.kind === 'rate_limited' || fault.details.code === SETTLING,
    ...(nonRetryable || delay === undefined ? {} : { nextRetryDelayMs: Math.ceil(delay * (1 + spread / 10)) }),
  };
}

/** Code of the fault that says: an earlier call may still be applied, come back when it has settled. */
export const SETTLING = 'settling';
