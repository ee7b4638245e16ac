import { continueAsNew, proxyActivities, sleep, workflowInfo } from '@temporalio/workflow';
import type { Activities } from '../activities/activities';

const { sweep } = proxyActivities<Pick<Activities, 'sweep'>>({
  startToCloseTimeout: '2 minutes',
  // A pass that died with its worker is taken up at once: until then nobody looks after what was left lying.
  heartbeatTimeout: '5s',
  retry: { initialInterval: '1s', maximumInterval: '30s' },
});

/** What a pass leaves for the next one. */
interface SweeperState {
  nonce: string | null;
  checked_at: string | null;
}

/**
 * Finds what was left lying: rows that nobody took, and from time to time open documents without a run. It keeps the
 * nonce that its last pass wrote, by which the next one sees that the store was set back.
 */
export async function sweeperWorkflow(state: SweeperState = { nonce: null, checked_at: null }): Promise<void> {
  let { nonce, checked_at } = state;
  for (;;) {
    const report = await sweep({ nonce, checked_at });
    ({ nonce, checked_at } = report);
    if (workflowInfo().continueAsNewSuggested) await continueAsNew<typeof sweeperWorkflow>({ nonce, checked_at });
    await sleep(report.pause_ms, { summary: 'Until the next pass' });
  }
}
