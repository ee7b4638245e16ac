import type { Hub } from '../stack/hub';
import { waitFor } from '../stack/wait-for';
import { arrival, violations } from './checks';
import { died, freshOrder, pauseFiles, place, reached, startAll, type Scenario, type Stage } from './scenario';
import { writeFile } from 'node:fs/promises';

type Copy = Map<string, Record<string, unknown>[]>;

/** A copy of the whole database of a hub, taken while nobody writes. */
async function copyDatabase(hub: Hub): Promise<Copy> {
  const collections = await hub.store.connection.listCollections();
  const copy: Copy = new Map();
  for (const { name } of collections) copy.set(name, await hub.store.connection.collection(name).find().toArray());
  return copy;
}

/** Sets the database back to a copy; indexes stay. */
async function restoreDatabase(hub: Hub, copy: Copy): Promise<void> {
  for (const { name } of await hub.store.connection.listCollections()) {
    const collection = hub.store.connection.collection(name);
    await collection.deleteMany({});
    const rows = copy.get(name) ?? [];
    if (rows.length > 0) await collection.insertMany(rows);
  }
}

/**
 * Copies the database while the worker stands at a point (and dies there), lets the order arrive, sets the database back
 * and lets it arrive again. The partners are not set back: they know of everything that was bought.
 */
async function setBackTo({ hub, merchant }: Stage, point: string): Promise<string> {
  await startAll(hub);
  hub.arm('api', []);
  const files = pauseFiles(hub);
  hub.arm('worker', [{ point, on_call: 1, action: 'pause_then_kill', ...files }]);
  const id = await place(hub, freshOrder(merchant));
  await reached(hub, id, files.reached_file, point);
  await writeFile(files.release_file, '');
  await died(hub, 'worker', id, point);
  await hub.kill('api');
  const copy = await copyDatabase(hub);

  hub.arm('worker', []);
  await startAll(hub);
  await arrival(hub, id);
  await Promise.all([hub.kill('api'), hub.kill('worker')]);
  await restoreDatabase(hub, copy);
  return id;
}

const points = [
  'order.persist.after_commit',
  'order.reserve.after_commit',
  'fulfillment.release.before_call',
  'shipment.book.before_call',
  'shipment.book.after_call',
  'shipment.announce.before_call',
  'capture.before_call',
  'invoice.push.after_call',
];

/** The database set back to an earlier moment of the order's life, after the order had arrived. */
export const setBacks: Scenario[] = points.map((point) => ({
  name: `to ${point}`,
  group: 'database set back',
  run: async (stage) => {
    const id = await setBackTo(stage, point);
    await startAll(stage.hub);
    await arrival(stage.hub, id);
    return violations(stage.hub, id);
  },
}));

/** Control: whoever asks the partner only after an intent of its own buys a second label after a restore. */
export const controlFindFirst: Scenario = {
  name: 'finding only after an own intent: two labels after a restore',
  group: 'controls that must break',
  control: true,
  run: async (stage) => {
    const { hub } = stage;
    const id = await setBackTo(stage, 'shipment.persist.after_commit');
    await hub.start('sandbox');
    await hub.start('api');
    await hub.start('worker', { leave_out: ['find_before_first_call'] });
    // It may not arrive: the payment provider refuses to give the same money twice.
    await arrival(hub, id, 15_000).catch(() => undefined);
    const found = await violations(hub, id);
    await hub.stop('worker');
    return found;
  },
};

/** Control: whoever does not wait for a request in flight buys a second label when the first one is applied late. */
export const controlSettle: Scenario = {
  name: 'not waiting for settle_ms: two labels',
  group: 'controls that must break',
  control: true,
  run: (stage) => lateLabel(stage, true),
};

/** A label that is bought four seconds after the connection was cut: found, not bought again. */
export const lateApply: Scenario = {
  name: 'label applied four seconds after the cut',
  group: 'answers lost',
  run: (stage) => lateLabel(stage, false),
};

/** How long the carrier says that a request may still be applied, and how late it applies the one whose connection it cuts. */
const settleMs = 6_000;
const lateS = 4;

async function lateLabel({ hub, merchant }: Stage, leaveOut: boolean): Promise<string[]> {
  await hub.stop('worker');
  const carrier = { _id: 'con_sandbox-carrier' };
  await hub.store.connections.updateOne(carrier, { $set: { 'config.settle_ms': settleMs } });
  await hub.start('worker', leaveOut ? { leave_out: ['wait_for_settle'] } : {});
  await startAll(hub);
  hub.arm('worker', []);
  await hub.plant('sandbox-carrier', { operation: 'shipment.book', kind: 'late', times: 1, retry_after_s: lateS });
  const id = await place(hub, freshOrder(merchant));
  await arrival(hub, id);
  await new Promise((resolve) => setTimeout(resolve, lateS * 1_000));
  const found = await violations(hub, id);
  await hub.stop('worker');
  await hub.store.connections.updateOne(carrier, { $unset: { 'config.settle_ms': '' } });
  return found;
}

/** Control: deciding and evolving on a copy read before the transaction loses a note that came in between. */
export const controlDecide: Scenario = {
  name: "deciding on the workflow's own copy: a note is lost",
  group: 'controls that must break',
  control: true,
  run: async ({ hub, merchant }) => {
    await hub.stop('worker');
    await hub.start('worker', { leave_out: ['decide_in_transaction'] });
    await startAll(hub);
    const files = pauseFiles(hub);
    hub.arm('worker', [{ point: 'order.persist.copy_read', on_call: 1, action: 'pause', ...files }]);
    const id = await place(hub, freshOrder(merchant));
    await reached(hub, id, files.reached_file, 'the copy');
    await waitFor(
      'the note',
      async () => (await hub.request('POST', `/v1/orders/${id}/notes`, { text: 'in between' })).status === 200,
    );
    await writeFile(files.release_file, '');
    await arrival(hub, id);
    const found = await violations(hub, id, { notes: ['in between'] });
    await hub.stop('worker');
    hub.arm('worker', []);
    return found;
  },
};

/** Each answer of a partner lost once, before and after it was applied; and a refusal for want of patience. */
export const lostAnswers: Scenario[] = (
  [
    ['sandbox-wms', 'fulfillment.release'],
    ['sandbox-carrier', 'shipment.book'],
    ['sandbox-payment', 'capture'],
    ['sandbox-channel', 'shipment.announce'],
    ['sandbox-erp', 'invoice.push'],
  ] as const
).flatMap(([partner, operation]) =>
  (['cut_before_apply', 'cut_after_apply', 'http_500', 'rate_limited'] as const).map((kind) => ({
    name: `${operation}: ${kind}`,
    group: 'answers lost',
    run: async ({ hub, merchant }: Stage) => {
      await startAll(hub);
      hub.arm('worker', []);
      hub.arm('api', []);
      await hub.plant(partner, { operation, kind, times: 1, ...(kind === 'rate_limited' ? { retry_after_s: 1 } : {}) });
      const id = await place(hub, freshOrder(merchant));
      await arrival(hub, id);
      return violations(hub, id);
    },
  })),
);
