import { continueAsNew, proxyActivities, sleep, workflowInfo } from '@temporalio/workflow';
import type { Activities } from '../activities/activities';

const { sweep } = proxyActivities<Pick<Activities, 'sweep'>>({
  startToCloseTimeout: '2 minutes',
  retry: { initialInterval: '1s', maximumInterval: '30s' },
});

const passEveryMs = 10_000;
const documentsEveryPasses = 6;

/** What a pass leaves for the next one. */
interface SweeperState {
  nonce: string | null;
  passes: number;
}

/**
 * Finds what was left lying: every ten seconds rows that nobody took, every minute open documents without a run. It keeps
 * the nonce that its last pass wrote, by which the next one sees that the store was set back.
 */
export async function sweeperWorkflow(state: SweeperState = { nonce: null, passes: 0 }): Promise<void> {
  let { nonce, passes } = state;
  for (;;) {
    const report = await sweep({ nonce, check_documents: passes % documentsEveryPasses === 0 });
    nonce = report.nonce;
    passes += 1;
    if (workflowInfo().continueAsNewSuggested) await continueAsNew<typeof sweeperWorkflow>({ nonce, passes });
    await sleep(passEveryMs, { summary: 'Until the next pass' });
  }
}
