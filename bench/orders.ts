import { resolve } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { z } from 'zod';
import { stageOrder, stageRank } from '../domain/order/phases';
import { waitFor } from '../test/stack/wait-for';
import { createProfiler } from './cpu-profile';
import { defineBench, type Measured, type Say } from './bench';
import { latencyOf, rounded, type Latency } from './figures';
import { measureHistories } from './histories';
import { createStage, totalCpuMs, useTable, type FreshOrder, type ProcessUse, type Stage } from './stage';

const options = z.strictObject({
  orders: z.coerce.number().int().positive().default(200).describe('how many orders'),
  'at-once': z.coerce.number().int().positive().default(20).describe('how many captures at once'),
  'warm-up': z.coerce.number().int().positive().default(20).describe('orders taken to handoff before, unmeasured'),
  'cpu-profile': z.string().min(1).optional().describe('folder for CPU profiles of each thread of api and worker'),
});

const arrivalTimeoutMs = 300_000;
const lookEveryMs = 250;
const idleMs = 5_000;
/** A terminated feed reads on until its next heartbeat. */
const feedEndsMs = 5_000;
const handedOffStages = stageOrder.filter((stage) => stageRank(stage) >= stageRank('handed_off'));

/** Places orders, a fixed number at a time, and answers how long each took; throws unless all are new. */
async function burst(stage: Stage, orders: readonly FreshOrder[], atOnce: number): Promise<number[]> {
  const waiting = [...orders];
  const durations: number[] = [];
  const lane = async (): Promise<void> => {
    for (let order = waiting.shift(); order; order = waiting.shift()) {
      const { status, duration_ms } = await stage.place(order);
      if (status !== 201) throw new Error(`An order was answered with ${String(status)}.`);
      durations.push(duration_ms);
    }
  };
  await Promise.all(Array.from({ length: atOnce }, lane));
  return durations;
}

/** Waits until every order is handed off, announced, captured and invoiced, and nothing of it lies in the inbox. */
async function arrival({ hub }: Stage, orders: readonly FreshOrder[]): Promise<{ arrived_at: number }> {
  const ids = orders.map((order) => order.order_id);
  const handedOff = async (): Promise<boolean> => {
    const there = await hub.store.orders.countDocuments({
      _id: { $in: ids },
      fulfillment_stage: { $in: handedOffStages },
    });
    if (there < ids.length) return false;
    const unsettled = await hub.store.shipments.countDocuments({
      order_id: { $in: ids },
      $or: [{ handed_off_at: null }, { announced_at: null }, { payment_captured_at: null }, { invoiced_at: null }],
    });
    return unsettled === 0;
  };
  const deadline = performance.now() + arrivalTimeoutMs;
  while (!(await handedOff())) {
    if (performance.now() > deadline) throw new Error('The orders were not handed off in time.');
    // Not sooner: what the look costs is counted with the rest.
    await delay(lookEveryMs);
  }
  const arrived_at = performance.now();
  await waitFor('the inbox to be empty', async () => (await hub.store.inbox.countDocuments({ done: false })) === 0);
  return { arrived_at };
}

/** From capture to the last of handoff, announcement, capture of the payment and invoice, by the documents' own times. */
async function leadTimes({ hub }: Stage, orders: readonly FreshOrder[]): Promise<Latency> {
  const ids = orders.map((order) => order.order_id);
  const captured = new Map(
    (await hub.store.orders.find({ _id: { $in: ids } }).toArray()).map((order) => [
      order._id,
      Date.parse(order.captured_at),
    ]),
  );
  const shipments = await hub.store.shipments.find({ order_id: { $in: ids } }).toArray();
  return latencyOf(
    shipments.map((shipment) => {
      const { handed_off_at, announced_at, payment_captured_at, invoiced_at } = shipment;
      const times = [handed_off_at, announced_at, payment_captured_at, invoiced_at].map((at) => Date.parse(at ?? ''));
      return Math.max(...times) - (captured.get(shipment.order_id) ?? Number.NaN);
    }),
  );
}

interface DatabaseWork {
  transactions: number;
  aborted: number;
  operations: number;
}

async function databaseWork({ hub }: Stage): Promise<DatabaseWork> {
  const status = (await hub.store.connection.db?.command({ serverStatus: 1 })) as {
    transactions: { totalCommitted: number; totalAborted: number };
    opcounters: Record<'insert' | 'query' | 'update' | 'delete' | 'getmore' | 'command', number>;
  };
  return {
    transactions: status.transactions.totalCommitted,
    aborted: status.transactions.totalAborted,
    operations: Object.values(status.opcounters).reduce((sum, count) => sum + count, 0),
  };
}

/** The carrier's scans are left unread, so that the figures end at the handoff. */
async function leaveScansUnread({ hub }: Stage): Promise<void> {
  await hub.client.workflow.getHandle('feed/con_sandbox-carrier/tracking').terminate('measured up to the handoff');
  await delay(feedEndsMs);
}

interface Burst {
  captures: number[];
  captured_ms: number;
  handed_off_ms: number;
  use: ProcessUse;
  database: DatabaseWork;
}

async function measureBurst(stage: Stage, orders: readonly FreshOrder[], atOnce: number): Promise<Burst> {
  const before = await databaseWork(stage);
  const watching = stage.watch();
  const startedAt = performance.now();
  const captures = await burst(stage, orders, atOnce);
  const captured_ms = performance.now() - startedAt;
  const { arrived_at } = await arrival(stage, orders);
  const use = watching.stop();
  const after = await databaseWork(stage);
  return {
    captures,
    captured_ms,
    handed_off_ms: arrived_at - startedAt,
    use,
    database: {
      transactions: after.transactions - before.transactions,
      aborted: after.aborted - before.aborted,
      operations: after.operations - before.operations,
    },
  };
}

async function measure(given: z.output<typeof options>, say: Say): Promise<Measured> {
  const folder = given['cpu-profile'];
  const profiler = folder === undefined ? undefined : createProfiler(resolve(folder));
  const stage = await createStage(say, { worker: true, ...(profiler ? { env: profiler.env } : {}) });
  try {
    await leaveScansUnread(stage);
    const warmUp = Array.from({ length: given['warm-up'] }, () => stage.freshOrder());
    await burst(stage, warmUp, given['at-once']);
    await arrival(stage, warmUp);
    const idling = stage.watch();
    await delay(idleMs);
    const idle = idling.stop();

    const orders = Array.from({ length: given.orders }, () => stage.freshOrder());
    say(`${String(orders.length)} orders, ${String(given['at-once'])} at once`);
    const run = (): Promise<Burst> => measureBurst(stage, orders, given['at-once']);
    const measured = await (profiler ? profiler.during(run) : run());

    say('reading histories');
    const histories = await measureHistories(stage, orders);
    const lead = await leadTimes(stage, orders);
    const perOrder = (value: number): number => rounded(value / orders.length);
    const perSecond = (elapsedMs: number): number => rounded((orders.length / elapsedMs) * 1_000);
    const { database, use } = measured;
    const figures = {
      captured_per_s: perSecond(measured.captured_ms),
      handed_off_per_s: perSecond(measured.handed_off_ms),
      capture: latencyOf(measured.captures),
      lead,
      cpu_ms_per_order: perOrder(totalCpuMs(use)),
      ...use,
      idle_cpu_ms_per_s: rounded(totalCpuMs(idle) / (idleMs / 1_000)),
      mongod_per_order: {
        transactions: perOrder(database.transactions),
        aborted: perOrder(database.aborted),
        operations: perOrder(database.operations),
      },
      history_per_order: histories,
    };
    return { figures, tables: tablesOf(given, figures, use) };
  } finally {
    await stage.close();
  }
}

function tablesOf(
  given: z.output<typeof options>,
  figures: {
    captured_per_s: number;
    handed_off_per_s: number;
    capture: Latency;
    lead: Latency;
    idle_cpu_ms_per_s: number;
    mongod_per_order: DatabaseWork;
    history_per_order: Awaited<ReturnType<typeof measureHistories>>;
  },
  use: ProcessUse,
): Measured['tables'] {
  const latencyRow = (name: string, { p50_ms, p95_ms, p99_ms, max_ms }: Latency): [string, ...number[]] => [
    name,
    p50_ms,
    p95_ms,
    p99_ms,
    max_ms,
  ];
  const { order, shipment } = figures.history_per_order;
  const kinds = Object.keys({ ...order.by_type, ...shipment.by_type });
  const { transactions, aborted, operations } = figures.mongod_per_order;
  return [
    {
      title: `${String(given.orders)} orders, ${String(given['at-once'])} at once, partners without delay`,
      head: ['until', 'orders/s'],
      rows: [
        ['captured', figures.captured_per_s],
        ['handed off, announced, paid, invoiced', figures.handed_off_per_s],
      ],
    },
    {
      title: 'How long',
      head: ['what', 'p50 ms', 'p95 ms', 'p99 ms', 'max ms'],
      rows: [latencyRow('capture', figures.capture), latencyRow('from capture to invoice', figures.lead)],
    },
    useTable(
      `Processes (idle: ${String(figures.idle_cpu_ms_per_s)} CPU ms a second in all)`,
      use,
      given.orders,
      'order',
    ),
    {
      title: 'MongoDB for each order',
      head: ['transactions', 'aborted', 'operations'],
      rows: [[transactions, aborted, operations]],
    },
    {
      title: 'Temporal history for each order, up to here',
      head: ['', 'order run', 'shipment run', 'both'],
      rows: [
        ['events', order.events, shipment.events, rounded(order.events + shipment.events)],
        ['KB', order.kb, shipment.kb, rounded(order.kb + shipment.kb)],
        ...kinds.map((kind): [string, number, number, number] => {
          const [a, b] = [order.by_type[kind] ?? 0, shipment.by_type[kind] ?? 0];
          return [`  ${kind}`, a, b, rounded(a + b)];
        }),
      ],
    },
  ];
}

/** How many orders a second come through to handoff, and what each costs. */
export const orders = defineBench({
  name: 'orders',
  about: 'a burst of orders to handoff: throughput, processor time, transactions, history for each order',
  options,
  measure,
});
