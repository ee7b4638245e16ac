import { ActivityFailure, CancellationScope, proxyActivities, proxyLocalActivities } from '@temporalio/workflow';
import type { Activities } from '../activities/activities';
import type { PersistArgument } from '../activities/persist';

const local = proxyLocalActivities<Pick<Activities, 'persist'>>({
  startToCloseTimeout: '3s',
  scheduleToCloseTimeout: '6s',
  // Failures that come fast are counted, because the time-out alone does not end them.
  retry: { initialInterval: '200ms', maximumInterval: '1s', maximumAttempts: 6 },
});

const remote = proxyActivities<Pick<Activities, 'persist'>>({
  startToCloseTimeout: '10s',
  retry: { initialInterval: '1s', backoffCoefficient: 2, maximumInterval: '30s' },
});

/**
 * The run's way to its aggregate: a local activity with short time-outs, and where the database is away the same function
 * as a remote activity that retries until it is back. Calls of one run follow each other, and none can be cancelled.
 */
export function createPersistChain(): (argument: PersistArgument) => ReturnType<Activities['persist']> {
  let tail: Promise<unknown> = Promise.resolve();
  const call = (argument: PersistArgument): ReturnType<Activities['persist']> =>
    CancellationScope.nonCancellable(async () => {
      try {
        return await local.persist(argument);
      } catch (error) {
        if (!(error instanceof ActivityFailure)) throw error;
        return await remote.persist.executeWithOptions(
          { summary: 'The database did not answer: persist until it does' },
          [argument],
        );
      }
    });
  return (argument) => {
    const result = tail.then(() => call(argument));
    tail = result.catch(() => undefined);
    return result;
  };
}
