import { expect, jest, test } from '@jest/globals';
import { ApplicationFailure, ApplicationFailureCategory, CancelledFailure } from '@temporalio/common';
import { ConnectorFault, faultKinds, SETTLING, type FaultKind } from '../connectors/kit/faults';
import { guarded, toFailure } from './failures';

function fault(
  kind: FaultKind,
  changes: Partial<ConstructorParameters<typeof ConnectorFault>[0]> = {},
): ConnectorFault {
  return new ConnectorFault(
    { kind, happened: 'no', at_fault: 'partner', code: 'c_1', message: `${kind}: c_1`, ...changes },
    'Marker Person lives in Marker Street',
  );
}

function failureOf(error: unknown): ApplicationFailure {
  const failure = toFailure(error);
  if (!(failure instanceof ApplicationFailure)) throw new Error('Not an ApplicationFailure.');
  return failure;
}

const retryable: readonly FaultKind[] = ['rate_limited', 'unavailable', 'outcome_unknown'];

test.each(faultKinds)(
  'a fault %s becomes a failure of that type, with kind, code and reason for the workflow',
  (kind) => {
    const failure = failureOf(fault(kind, kind === 'rejected' ? { reason: 'address' } : {}));
    expect(failure).toMatchObject({
      type: kind,
      nonRetryable: !retryable.includes(kind),
      details: [{ kind, code: 'c_1', reason: kind === 'rejected' ? 'address' : null }],
    });
    expect(failure.category ?? undefined).toBe(kind === 'rate_limited' ? ApplicationFailureCategory.BENIGN : undefined);
  },
);

test('a rate limit is waited out for as long as the partner asked, and a tenth longer at most', () => {
  const delay = Number(failureOf(fault('rate_limited', { retry_after_ms: 7_000 })).nextRetryDelay);
  expect(delay).toBeGreaterThanOrEqual(7_000);
  expect(delay).toBeLessThanOrEqual(7_700);
  expect(failureOf(fault('unavailable')).nextRetryDelay ?? undefined).toBeUndefined();
  expect(
    failureOf(fault('rejected', { reason: 'other', retry_after_ms: 7_000 })).nextRetryDelay ?? undefined,
  ).toBeUndefined();
});

test('waiting until an earlier call has settled is nothing to be alarmed about', () => {
  const failure = failureOf(fault('outcome_unknown', { code: SETTLING, retry_after_ms: 2_000 }));
  expect(failure).toMatchObject({ nonRetryable: false, category: ApplicationFailureCategory.BENIGN });
});

test('where only a person may go on, nothing is retried', () => {
  expect(failureOf(fault('outcome_unknown', { needs_person: true })).nonRetryable).toBe(true);
});

test.each<[string, unknown, string]>([
  ['our own error', new TypeError('Marker Person has no address'), 'TypeError'],
  [
    'a database error',
    Object.assign(new Error('E11000 dup key: { email: "marker@example.test" }'), {
      name: 'MongoServerError',
      code: 11000,
    }),
    'MongoServerError',
  ],
  ['a thrown string', 'Marker Street 7', 'UnknownError'],
  ['a thrown object', { message: 'Marker', toString: () => 'Marker' }, 'UnknownError'],
  ['nothing at all', undefined, 'UnknownError'],
])('%s is retried, and its failure holds nothing of the original but name and code', (_name, error, type) => {
  const failure = failureOf(error);
  expect(failure).toMatchObject({ type, nonRetryable: false });
  expect(failure.message).toMatch(/see the worker's log$/);
  const stored = JSON.stringify([failure.message, failure.details, failure.stack, failure.cause, failure.type]);
  expect(stored).not.toMatch(/marker/i);
  expect(failure.message.includes('11000')).toBe(type === 'MongoServerError');
});

test('a partner’s raw answer never gets into a failure', () => {
  const failure = failureOf(fault('unexpected_response'));
  expect(JSON.stringify([failure.message, failure.details, failure.stack, failure.cause])).not.toMatch(/marker/i);
});

test('what is a failure already, and a cancellation, stay as they are', () => {
  const failure = ApplicationFailure.create({ type: 'ours', message: 'ours' });
  const cancelled = new CancelledFailure('cancelled');
  expect(toFailure(failure)).toBe(failure);
  expect(toFailure(cancelled)).toBe(cancelled);
});

test('a guarded activity answers as it is, and throws only what may lie in a history; the original goes to the log', async () => {
  const onError = jest.fn();
  const original = new Error('Marker Person');
  const activity = guarded(async (n: number) => {
    if (n === 1) throw original;
    if (n === 2) throw fault('rejected', { reason: 'stock' });
    return n;
  }, onError);
  await expect(activity(7)).resolves.toBe(7);
  await expect(activity(1)).rejects.toThrow("Error: see the worker's log");
  expect(onError.mock.calls).toEqual([[original]]);
  // A partner's fault is expected: it is counted by its kind, not logged as an error.
  await expect(activity(2)).rejects.toMatchObject({ type: 'rejected' });
  expect(onError).toHaveBeenCalledTimes(1);
});
