/** Default reading of HTTP answers and network errors, used where a connector's own table says nothing. */
import type { AtFault, FaultDetails, FaultKind, Happened } from './faults';

/** Whether the request could have changed something at the partner. */
export type Effect = 'read' | 'write';

/** An answer as `classify` sees it: JSON already parsed where it was JSON, otherwise the text. */
export interface PartnerResponse {
  status: number;
  /** Names in lower case. */
  headers: Readonly<Record<string, string>>;
  body: unknown;
}

/** Milliseconds to wait from a Retry-After header (seconds or HTTP date); undefined where it is missing or unreadable. */
export function parseRetryAfter(value: string | undefined, now: Date): number | undefined {
  const text = value?.trim();
  if (text === undefined || text === '') return undefined;
  if (/^\d+(\.\d+)?$/.test(text)) return Math.ceil(Number(text) * 1000);
  // An HTTP date always names its weekday or month; Date.parse would also take "-5" or "1.5.x" for a date.
  const at = /[A-Za-z]{3}/.test(text) ? Date.parse(text) : Number.NaN;
  return Number.isNaN(at) ? undefined : Math.max(0, at - now.getTime());
}

type Verdict = readonly [kind: FaultKind, happened: Happened, atFault: AtFault];

function verdictForStatus(status: number, effect: Effect): Verdict {
  switch (status) {
    case 401:
      return ['unauthenticated', 'no', 'merchant'];
    case 402:
    case 403:
      return ['forbidden', 'no', 'merchant'];
    case 404:
    case 410:
      return ['not_found', 'no', 'merchant'];
    case 409:
    case 412:
      return ['conflict', 'no', 'merchant'];
    case 408:
    case 425:
      return ['unavailable', 'no', 'network'];
    case 429:
      return ['rate_limited', 'no', 'partner'];
    case 405:
    case 406:
    case 415:
      return ['misconfigured', 'no', 'hub'];
    case 501:
      return ['unsupported', 'no', 'partner'];
    default:
  }
  if (status >= 500)
    return effect === 'write' ? ['outcome_unknown', 'unknown', 'partner'] : ['unavailable', 'no', 'partner'];
  if (status >= 400) return ['invalid', 'no', 'merchant'];
  // Redirects are never followed. 302 and 303 are how some servers answer a form that was accepted.
  if (effect === 'write' && (status === 302 || status === 303)) return ['outcome_unknown', 'unknown', 'partner'];
  return ['misconfigured', 'no', 'merchant'];
}

/** The default fault for an answer outside 2xx; a write that met a 5xx may have been applied. */
export function faultFromResponse(
  response: PartnerResponse,
  effect: Effect,
  operation: string,
  now: Date,
): FaultDetails {
  const [kind, happened, at_fault] = verdictForStatus(response.status, effect);
  const retryAfter = parseRetryAfter(response.headers['retry-after'], now);
  return {
    kind,
    happened,
    at_fault,
    code: `http_${response.status}`,
    message: `${operation}: the partner answered HTTP ${response.status}`,
    http_status: response.status,
    ...(retryAfter === undefined ? {} : { retry_after_ms: retryAfter }),
  };
}

/** Errors at which no byte of the request can have reached the partner's application. */
const neverSent: ReadonlySet<string> = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'EADDRNOTAVAIL',
]);
const untrusted = /^(CERT_|ERR_TLS_|DEPTH_ZERO|SELF_SIGNED|UNABLE_TO_(VERIFY|GET_ISSUER)|EPROTO)/;

/** The default fault for an error below HTTP; a write whose request may have gone out has an unknown outcome. */
export function faultFromNetworkError(error: unknown, effect: Effect, operation: string): FaultDetails {
  const code = errorCode(error);
  const message = `${operation}: no answer from the partner (${code})`;
  if (untrusted.test(code)) {
    return { kind: 'misconfigured', happened: 'no', at_fault: 'merchant', code, message };
  }
  if (effect === 'read' || neverSent.has(code)) {
    return { kind: 'unavailable', happened: 'no', at_fault: 'network', code, message };
  }
  return { kind: 'outcome_unknown', happened: 'unknown', at_fault: 'network', code, message };
}

function errorCode(error: unknown): string {
  if (typeof error !== 'object' || error === null || !('code' in error)) return 'network';
  return typeof error.code === 'string' && /^[A-Z0-9_]{1,40}$/.test(error.code) ? error.code : 'network';
}
