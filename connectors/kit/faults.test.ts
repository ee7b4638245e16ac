import { expect, test } from '@jest/globals';
import { ConnectorFault, faultKinds, retryAdvice, SETTLING, type FaultDetails, type FaultKind } from './faults';
import { faultFromNetworkError, faultFromResponse, parseRetryAfter, type Effect } from './http-faults';

const now = new Date('2026-03-01T12:00:00.000Z');

function statusFault(status: number, effect: Effect, headers: Record<string, string> = {}): FaultDetails {
  return faultFromResponse({ status, headers, body: undefined }, effect, 'capture', now);
}

test.each<[number, Effect, FaultKind, string]>([
  [400, 'write', 'invalid', 'no'],
  [401, 'write', 'unauthenticated', 'no'],
  [402, 'write', 'forbidden', 'no'],
  [403, 'write', 'forbidden', 'no'],
  [404, 'write', 'not_found', 'no'],
  [405, 'write', 'misconfigured', 'no'],
  [408, 'write', 'unavailable', 'no'],
  [409, 'write', 'conflict', 'no'],
  [410, 'read', 'not_found', 'no'],
  [412, 'write', 'conflict', 'no'],
  [422, 'write', 'invalid', 'no'],
  [429, 'write', 'rate_limited', 'no'],
  [500, 'write', 'outcome_unknown', 'unknown'],
  [500, 'read', 'unavailable', 'no'],
  [501, 'write', 'unsupported', 'no'],
  [502, 'read', 'unavailable', 'no'],
  [503, 'write', 'outcome_unknown', 'unknown'],
  [504, 'write', 'outcome_unknown', 'unknown'],
  [504, 'read', 'unavailable', 'no'],
  [303, 'write', 'outcome_unknown', 'unknown'],
  [301, 'read', 'misconfigured', 'no'],
])('HTTP %i on a %s is %s, happened: %s', (status, effect, kind, happened) => {
  expect(statusFault(status, effect)).toMatchObject({ kind, happened, code: `http_${status}` });
});

test.each<[string, Effect, FaultKind, string]>([
  ['ECONNREFUSED', 'write', 'unavailable', 'no'],
  ['ENOTFOUND', 'write', 'unavailable', 'no'],
  ['EAI_AGAIN', 'write', 'unavailable', 'no'],
  ['ECONNRESET', 'write', 'outcome_unknown', 'unknown'],
  ['ECONNRESET', 'read', 'unavailable', 'no'],
  ['ECONNABORTED', 'write', 'outcome_unknown', 'unknown'],
  ['ETIMEDOUT', 'write', 'outcome_unknown', 'unknown'],
  ['ERR_CANCELED', 'write', 'outcome_unknown', 'unknown'],
  ['CERT_HAS_EXPIRED', 'write', 'misconfigured', 'no'],
])('%s on a %s is %s, happened: %s', (code, effect, kind, happened) => {
  expect(faultFromNetworkError(Object.assign(new Error('x'), { code }), effect, 'capture')).toMatchObject({
    kind,
    happened,
  });
});

test('an error without a code on a write leaves the outcome unknown', () => {
  expect(faultFromNetworkError('what?', 'write', 'capture')).toMatchObject({
    kind: 'outcome_unknown',
    code: 'network',
  });
});

test.each<[string | undefined, number | undefined]>([
  ['7', 7_000],
  ['0', 0],
  ['1.5', 1_500],
  ['Sun, 01 Mar 2026 12:00:30 GMT', 30_000],
  ['Sun, 01 Mar 2026 11:00:00 GMT', 0],
  [undefined, undefined],
  ['', undefined],
  ['soon', undefined],
  ['-5', undefined],
])('Retry-After %p is a wait of %p ms', (value, expected) => {
  expect(parseRetryAfter(value, now)).toBe(expected);
});

test('a 429 carries the wait that the partner asked for, and none where it asked for none', () => {
  expect(statusFault(429, 'write', { 'retry-after': '12' }).retry_after_ms).toBe(12_000);
  expect(statusFault(429, 'write')).not.toHaveProperty('retry_after_ms');
});

test('exactly rate_limited, unavailable and outcome_unknown are retried', () => {
  const advised = faultKinds.filter((kind) => !retryAdvice(fault({ kind })).nonRetryable);
  expect(advised).toEqual(['rate_limited', 'unavailable', 'outcome_unknown']);
});

test('a wait is never shortened and is spread by at most a tenth', () => {
  const limited = fault({ kind: 'rate_limited', retry_after_ms: 10_000 });
  expect(retryAdvice(limited, 0)).toEqual({
    type: 'rate_limited',
    nonRetryable: false,
    benign: true,
    nextRetryDelayMs: 10_000,
  });
  expect(retryAdvice(limited, 1).nextRetryDelayMs).toBe(11_000);
});

test('what only a person may decide is not retried; settling is retried without alarm', () => {
  expect(retryAdvice(fault({ kind: 'outcome_unknown', needs_person: true })).nonRetryable).toBe(true);
  expect(retryAdvice(fault({ kind: 'outcome_unknown', code: SETTLING }))).toMatchObject({
    benign: true,
    nonRetryable: false,
  });
});

test("a fault's JSON and enumerable fields do not hold the partner's raw answer", () => {
  const thrown = new ConnectorFault({ ...fault({}).details }, 'Jane Roe, Main Street 1').with({ code: 'other' });
  expect(thrown.raw).toContain('Jane Roe');
  expect(JSON.stringify(thrown)).not.toContain('Jane Roe');
  expect(Object.keys(thrown)).not.toContain('raw');
});

function fault(changes: Partial<FaultDetails>): ConnectorFault {
  return new ConnectorFault({
    kind: 'unavailable',
    happened: 'no',
    at_fault: 'network',
    code: 'x',
    message: 'x',
    ...changes,
  });
}
