import { setTimeout as delay } from 'node:timers/promises';
import { z } from 'zod';
import { defineBench, type Measured, type Say } from './bench';
import { countBy, latencyOf, rounded } from './figures';
import { createStage, useTable, type Answer, type FreshOrder, type Stage } from './stage';

const options = z.strictObject({
  rate: z.coerce.number().positive().default(20).describe('orders a second'),
  seconds: z.coerce.number().positive().default(30).describe('for how long'),
  'warm-up': z.coerce.number().int().min(0).default(20).describe('orders placed before, unmeasured'),
  'without-worker': z.boolean().default(false).describe('leave the worker out: the door alone'),
});

/**
 * Sends orders at fixed times whatever became of those before, and counts from the time at which each was due: a pause
 * of the hub shows in every order that it kept waiting, and not only in the one that met it.
 */
async function openLoop(
  stage: Stage,
  orders: readonly FreshOrder[],
  rate: number,
): Promise<(Answer & { late_ms: number })[]> {
  const startAt = performance.now() + 100;
  const sent: Promise<Answer & { late_ms: number }>[] = [];
  for (const [index, order] of orders.entries()) {
    const dueAt = startAt + (index * 1_000) / rate;
    const early = dueAt - performance.now();
    if (early > 0) await delay(early);
    const late_ms = Math.max(0, performance.now() - dueAt);
    sent.push(
      stage.place(order).then(({ status, duration_ms }) => ({ status, duration_ms: duration_ms + late_ms, late_ms })),
    );
  }
  return Promise.all(sent);
}

async function measure(given: z.output<typeof options>, say: Say): Promise<Measured> {
  const stage = await createStage(say, { worker: !given['without-worker'] });
  try {
    for (let n = 0; n < given['warm-up']; n += 1) await stage.place(stage.freshOrder());
    await delay(3_000);
    const orders = Array.from({ length: Math.round(given.rate * given.seconds) }, () => stage.freshOrder());
    say(`${String(orders.length)} orders at ${String(given.rate)} a second`);
    const watching = stage.watch();
    const answers = await openLoop(stage, orders, given.rate);
    const use = watching.stop();

    const statuses = countBy(answers.map(({ status }) => (status === 0 ? 'no answer' : status)));
    const stored = await stage.hub.store.orders.countDocuments({ _id: { $in: orders.map((order) => order.order_id) } });
    if (stored < (statuses['201'] ?? 0))
      throw new Error(`${String(statuses['201'])} were accepted, ${String(stored)} are stored.`);
    const handedOff = await stage.hub.store.shipments.countDocuments({
      order_id: { $in: orders.map((order) => order.order_id) },
      handed_off_at: { $ne: null },
    });
    const latency = latencyOf(answers.map(({ duration_ms }) => duration_ms));
    const client = latencyOf(answers.map(({ late_ms }) => late_ms));
    return {
      figures: { latency, statuses, stored, handed_off_meanwhile: handedOff, client_late: client, ...use },
      tables: [
        {
          title: `POST /v1/orders, ${String(given.rate)}/s for ${String(given.seconds)} s, from the time each was due`,
          head: ['answers', 'p50 ms', 'p95 ms', 'p99 ms', 'max ms', 'handed off meanwhile', 'client late p99 ms'],
          rows: [
            [
              Object.entries(statuses)
                .map(([status, count]) => `${status}: ${String(count)}`)
                .join(', '),
              latency.p50_ms,
              latency.p95_ms,
              latency.p99_ms,
              latency.max_ms,
              handedOff,
              rounded(client.p99_ms),
            ],
          ],
        },
        useTable('Processes meanwhile', use, orders.length, 'capture'),
      ],
    };
  } finally {
    await stage.close();
  }
}

/** How long a capture takes at a fixed rate, while the worker drives the orders that were captured. */
export const capture = defineBench({
  name: 'capture',
  about: 'latency of POST /v1/orders at a fixed rate',
  options,
  measure,
});
