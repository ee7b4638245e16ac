import { continueAsNew, proxyActivities } from '@temporalio/workflow';
import type { Activities } from '../activities/activities';

/** One long activity reads the feed in a loop: a Schedule or a timer for each reading would cost far more. */
const { pollFeed } = proxyActivities<Pick<Activities, 'pollFeed'>>({
  startToCloseTimeout: '70 minutes',
  heartbeatTimeout: '5s',
  retry: { initialInterval: '1s', maximumInterval: '30s' },
});

const readForMs = 60 * 60 * 1000;

/** Reads one feed of one connection for ever; ends when it is cancelled. */
export async function feedWorkflow(feed: {
  connection_id: string;
  feed: 'shipment_confirmation' | 'tracking';
}): Promise<void> {
  const until = new Date(Date.now() + readForMs).toISOString();
  await pollFeed.executeWithOptions({ summary: 'Read the feed for an hour' }, [{ ...feed, until }]);
  await continueAsNew<typeof feedWorkflow>(feed);
}
