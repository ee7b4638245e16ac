import type { Client } from '@temporalio/client';
import { shipmentWorkflowId } from '../domain/order/ids';
import { countBy, rounded } from './figures';
import type { FreshOrder, Stage } from './stage';

/** The mean history of a kind of run: events, kilobytes, and events by type (of a sample). */
export interface MeanHistory {
  events: number;
  kb: number;
  by_type: Record<string, number>;
}

const sampleSize = 20;
const atOnce = 10;

async function inLanes<Item, Result>(items: readonly Item[], work: (item: Item) => Promise<Result>): Promise<Result[]> {
  const results: Result[] = [];
  const waiting = [...items];
  const lane = async (): Promise<void> => {
    for (let item = waiting.shift(); item !== undefined; item = waiting.shift()) results.push(await work(item));
  };
  await Promise.all(Array.from({ length: atOnce }, lane));
  return results;
}

/** The types of a run's events, for example `workflowTaskCompleted`. */
async function eventTypes(client: Client, workflowId: string): Promise<string[]> {
  const { events } = await client.workflow.getHandle(workflowId).fetchHistory();
  const suffix = 'EventAttributes';
  return (events ?? []).map((event) => {
    const set = Object.entries(event).find(([name, value]) => name.endsWith(suffix) && value !== null);
    return set?.[0].slice(0, -suffix.length) ?? 'unknown';
  });
}

async function meanHistory(client: Client, workflowIds: readonly string[]): Promise<MeanHistory> {
  const described = await inLanes(workflowIds, (id) => client.workflow.getHandle(id).describe());
  const mean = (values: readonly number[]): number =>
    rounded(values.reduce((sum, value) => sum + value, 0) / values.length);
  const sample = workflowIds.slice(0, sampleSize);
  const types = (await inLanes(sample, (id) => eventTypes(client, id))).flat();
  return {
    events: mean(described.map((run) => run.historyLength)),
    kb: mean(described.map((run) => (run.historySize ?? 0) / 1_024)),
    by_type: Object.fromEntries(
      Object.entries(countBy(types)).map(([type, count]) => [type, rounded(count / sample.length)]),
    ),
  };
}

/** The mean histories of the orders' runs and of their shipments' runs, as far as they have come. */
export async function measureHistories(
  { hub }: Stage,
  orders: readonly FreshOrder[],
): Promise<{ order: MeanHistory; shipment: MeanHistory }> {
  const ids = orders.map((order) => order.order_id);
  const shipments = await hub.store.shipments.find({ order_id: { $in: ids } }, { projection: { _id: 1 } }).toArray();
  return {
    order: await meanHistory(
      hub.client,
      orders.map((order) => order.workflow_id),
    ),
    shipment: await meanHistory(
      hub.client,
      shipments.map((shipment) => shipmentWorkflowId(shipment._id)),
    ),
  };
}
