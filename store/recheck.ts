import type { Actor } from '../domain/decider';
import { orderWorkflowId } from '../domain/order/ids';
import type { ProblemCode } from '../domain/order/schema';
import type { Session, Store } from './connect';
import type { Wake } from './persist';

const wakeLimit = 5000;

/**
 * Leaves a row for each order that waits under a problem code, oldest first, in the caller's transaction: whatever they
 * wait for may have come. `cause` makes the rows' ids, so that the same cause asks each order once.
 */
export async function insertRecheckRows(
  store: Store,
  session: Session,
  request: { cause: string; code: ProblemCode; filter: Record<string, unknown>; actor: Actor; at: string },
): Promise<Wake[]> {
  const waiting = await store.orders
    .find({ ...request.filter, 'problems.code': request.code }, { session })
    .sort({ placed_at: 1, _id: 1 })
    .limit(wakeLimit)
    .project<{ _id: string; channel_id: string; channel_order_id: string }>({ channel_id: 1, channel_order_id: 1 })
    .toArray();
  if (waiting.length === 0) return [];
  const wakes = waiting.map((order) => ({
    to: order._id,
    workflow_id: orderWorkflowId(order.channel_id, order.channel_order_id),
  }));
  await store.inbox.bulkWrite(
    wakes.map((wake) => ({
      updateOne: {
        filter: { _id: `recheck/${request.cause}/${wake.to}` },
        update: {
          $setOnInsert: {
            ...wake,
            kind: 'recheck',
            body: { code: request.code },
            actor: request.actor,
            done: false,
            at: request.at,
          },
        },
        upsert: true,
      },
    })),
    { session, ordered: false },
  );
  return wakes;
}
