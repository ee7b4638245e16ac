import { ApplicationFailure, ApplicationFailureCategory, CancelledFailure } from '@temporalio/common';
import { ConnectorFault, retryAdvice } from '../connectors/kit/faults';

/** What a workflow reads of a failed effect: kind, code and reason; never a partner's text. */
export interface FaultDetail {
  kind: string;
  code: string;
  reason: string | null;
}

/**
 * The one place where faults become Temporal failures. Messages are built from codes, because failures lie in histories
 * in plain text. What is no connector's fault is ours or the store's: it is retried, so that a deploy or a recovery heals it.
 */
export function toFailure(error: unknown): Error {
  if (error instanceof ApplicationFailure || error instanceof CancelledFailure) return error;
  if (error instanceof ConnectorFault) {
    const advice = retryAdvice(error);
    const detail: FaultDetail = { kind: error.kind, code: error.details.code, reason: error.details.reason ?? null };
    return ApplicationFailure.create({
      type: advice.type,
      message: error.message,
      nonRetryable: advice.nonRetryable,
      details: [detail],
      ...(advice.nextRetryDelayMs === undefined ? {} : { nextRetryDelay: advice.nextRetryDelayMs }),
      ...(advice.benign ? { category: ApplicationFailureCategory.BENIGN } : {}),
    });
  }
  const name = error instanceof Error ? error.name : 'UnknownError';
  const code = typeof error === 'object' && error !== null && 'code' in error ? ` (${String(error.code)})` : '';
  return ApplicationFailure.create({ type: name, message: `${name}${code}: see the worker's log` });
}

/** Runs an activity so that whatever it throws is safe to store in a history; `onError` gets the original for the log. */
export function guarded<Args extends unknown[], Result>(
  activity: (...args: Args) => Promise<Result>,
  onError: (error: unknown) => void,
): (...args: Args) => Promise<Result> {
  return async (...args) => {
    try {
      return await activity(...args);
    } catch (error) {
      if (!(error instanceof ConnectorFault)) onError(error);
      throw toFailure(error);
    }
  };
}
