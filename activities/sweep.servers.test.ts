import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { shipmentId, shipmentWorkflowId } from '../domain/order/ids';
import { createLogger } from '../platform/log';
import type { Store } from '../store/connect';
import type { Wake } from '../store/persist';
import { createMerchant, sampleOrder, type Merchant } from '../test/stack/merchant';
import { dropStore, insideOf, openStore } from '../test/store/opened-store';
import { createSweep, type Sweep } from './sweep';

const actor = { kind: 'api_key', id: 'key_1' } as const;
const log = createLogger({ service: 'test', level: 'silent', destination: { write: () => undefined } });
const settings = { sweep_rows_s: 10, sweep_documents_s: 60 };
const start = new Date('2026-01-05T10:00:00.000Z').getTime();

let store: Store;
let merchant: Merchant;
let seconds = 0;
let orders = 0;
const now = (): Date => new Date(start + seconds * 1000);

beforeAll(async () => {
  store = await openStore('sweep');
  merchant = await createMerchant(insideOf(store));
});

beforeEach(async () => {
  seconds = 0;
  for (const collection of [store.orders, store.shipments, store.events, store.inbox, store.hub_state])
    await collection.deleteMany({});
});

afterAll(() => dropStore(store));

/** An order as its door stored it; its row is open. */
async function captured(): Promise<Wake> {
  orders += 1;
  const { order } = await insideOf(store, { now }).door.capture(sampleOrder(merchant, `S-${String(orders)}`), actor);
  return { to: order.order_id, workflow_id: `order/${merchant.channel_id}/S-${String(orders)}` };
}

/** An order with its open shipment, as their workflows left them: no row is open. */
async function driven(): Promise<{ order: Wake; shipment: Wake }> {
  const order = await captured();
  const inside = insideOf(store, { now });
  await inside.workflowPersist.run({ entity: 'order', id: order.to, at: now().toISOString() });
  const id = shipmentId(order.to, 1);
  await inside.workflowPersist.run({ entity: 'shipment', id, at: now().toISOString() });
  expect(await store.inbox.countDocuments({ done: false })).toBe(0);
  return { order, shipment: { to: id, workflow_id: shipmentWorkflowId(id) } };
}

/** A sweeper whose pokes are collected, or fail, and for which some workflows run. */
function sweeper(world: { listed?: Wake[]; running?: Wake[]; failing?: boolean } = {}): {
  sweep: Sweep;
  poked: Wake[];
} {
  const poked: Wake[] = [];
  const ids = (wakes: Wake[] = []): Set<string> => new Set(wakes.map((wake) => wake.workflow_id));
  const sweep = createSweep({
    store,
    settings,
    log,
    now,
    pokeNow: async (wake) => {
      if (world.failing) throw new Error('Temporal is away');
      poked.push(wake);
    },
    runningWorkflowIds: async () => ids(world.listed),
    isRunning: async (workflowId) => ids([...(world.listed ?? []), ...(world.running ?? [])]).has(workflowId),
  });
  return { sweep, poked };
}

const byId = (wakes: Wake[]): Wake[] => wakes.toSorted((a, b) => (a.to < b.to ? -1 : 1));
/** A pass that looks at rows alone. */
const rowsOnly = (nonce: string | null) => ({ nonce, checked_at: now().toISOString() });

test('a row that lies open longer than its grace is poked, each aggregate once; a younger one is left to its workflow', async () => {
  const order = await captured();
  await insideOf(store, { now }).door.command(
    { entity: 'order', id: order.to },
    { command_id: 'cmd_s', kind: 'note', body: { text: 'x' } },
    actor,
  );
  const { sweep, poked } = sweeper();
  seconds = 10;
  expect(await sweep(rowsOnly(null))).toMatchObject({
    poked_rows: 0,
    poked_documents: 0,
    failed: 0,
    set_back: false,
    pause_ms: 10_000,
  });
  const nonce = (await store.hub_state.findOne({ _id: 'sweeper' }))!.value;
  seconds = 11;
  expect(await sweep(rowsOnly(nonce))).toMatchObject({ poked_rows: 1 });
  expect(poked).toEqual([order]);
});

test('a row that its workflow has seen is not poked', async () => {
  await driven();
  seconds = 30;
  const { sweep, poked } = sweeper();
  await sweep(rowsOnly(null));
  expect(poked).toEqual([]);
});

test('rows for aggregates that nobody knows wait without waking anybody, unless they create them', async () => {
  const base = { workflow_id: 'shipment/shp_x_1', body: {}, actor, done: false, at: now().toISOString() };
  await store.inbox.insertMany([
    { ...base, _id: 'scan/c/1', to: 'shp_x_1', kind: 'tracking' },
    { ...base, _id: 'cmd_x', to: 'ord_x', workflow_id: 'order/c/x', kind: 'note' },
    { ...base, _id: 'shp_y_1', to: 'shp_y_1', workflow_id: 'shipment/shp_y_1', kind: 'open' },
  ]);
  seconds = 60;
  const { sweep, poked } = sweeper();
  await sweep(rowsOnly(null));
  expect(poked).toEqual([{ to: 'shp_y_1', workflow_id: 'shipment/shp_y_1' }]);
});

test('rows that nobody can take, however many and old, do not keep the others from being found', async () => {
  const base = {
    kind: 'tracking',
    workflow_id: 'shipment/x',
    body: {},
    actor,
    done: false,
    at: new Date(0).toISOString(),
  };
  const orphans = Array.from({ length: 2_500 }, (_, index) => ({
    ...base,
    _id: `scan/c/${String(index)}`,
    to: `shp_x_${String(index)}`,
  }));
  await store.inbox.insertMany(orphans);
  const order = await captured();
  seconds = 11;
  const { sweep, poked } = sweeper();
  await sweep(rowsOnly(null));
  expect(poked).toEqual([order]);
});

test('open documents without a run are poked once they are older than their grace; a run that the list misses is asked for', async () => {
  const lost = await driven();
  const listed = await driven();
  const unlisted = await driven();
  const world = { listed: Object.values(listed), running: Object.values(unlisted) };
  seconds = 60;
  const early = sweeper(world);
  const { nonce } = await early.sweep({ nonce: null, checked_at: null });
  expect(early.poked).toEqual([]);
  seconds = 61;
  const late = sweeper(world);
  expect(await late.sweep({ nonce, checked_at: null })).toMatchObject({
    poked_rows: 0,
    poked_documents: 2,
    set_back: false,
  });
  expect(byId(late.poked)).toEqual(byId(Object.values(lost)));
});

test('documents are looked at once in their grace, rows at every pass', async () => {
  await driven();
  seconds = 61;
  const { sweep, poked } = sweeper();
  const first = await sweep({ nonce: null, checked_at: null });
  expect([poked.length, first.checked_at]).toEqual([2, now().toISOString()]);
  seconds = 90;
  const second = await sweep(first);
  expect([poked.length, second.checked_at]).toEqual([2, first.checked_at]);
  seconds = 122;
  expect((await sweep(second)).checked_at).toBe(now().toISOString());
  expect(poked).toHaveLength(4);
});

test('closed orders and shipments with nothing left to do are left alone', async () => {
  const { order, shipment } = await driven();
  await store.orders.updateOne({ _id: order.to }, { $set: { closed_at: now().toISOString() } });
  const done = now().toISOString();
  const all = {
    released_at: done,
    packed_at: done,
    labelled_at: done,
    handed_off_at: done,
    announced_at: done,
    payment_captured_at: done,
  };
  await store.shipments.updateOne({ _id: shipment.to }, { $set: { ...all, invoiced_at: done, delivered_at: done } });
  seconds = 500;
  const { sweep, poked } = sweeper();
  const first = await sweep({ nonce: null, checked_at: null });
  expect(poked).toEqual([]);
  await store.shipments.updateOne({ _id: shipment.to }, { $set: { invoiced_at: null } });
  seconds = 1000;
  await sweep(first);
  expect(poked).toEqual([shipment]);
});

test('each pass leaves a new nonce in the store and with its caller', async () => {
  const { sweep } = sweeper();
  const first = await sweep(rowsOnly(null));
  expect((await store.hub_state.findOne({ _id: 'sweeper' }))?.value).toBe(first.nonce);
  const second = await sweep(rowsOnly(first.nonce));
  expect(second).toMatchObject({ set_back: false });
  expect(second.nonce).not.toBe(first.nonce);
});

test.each([
  ['an older nonce', { _id: 'sweeper', value: 'swp_older', at: '' }],
  ['no nonce at all', undefined],
])(
  'where the store holds %s it was set back: every open document is poked, also those that run',
  async (_name, standing) => {
    const { order, shipment } = await driven();
    if (standing) await store.hub_state.insertOne(standing);
    seconds = 1;
    const { sweep, poked } = sweeper({ listed: [order, shipment] });
    const report = await sweep(rowsOnly('swp_known'));
    expect(report).toMatchObject({ set_back: true, poked_documents: 2 });
    expect(byId(poked)).toEqual(byId([order, shipment]));
    expect(await sweep(rowsOnly(report.nonce))).toMatchObject({ set_back: false, poked_documents: 0 });
  },
);

test('a sweeper that begins on a store with a nonce takes it for set back, and pokes all', async () => {
  await driven();
  await store.hub_state.insertOne({ _id: 'sweeper', value: 'swp_other', at: '' });
  seconds = 1;
  const { sweep, poked } = sweeper();
  expect(await sweep(rowsOnly(null))).toMatchObject({ set_back: true });
  expect(poked).toHaveLength(2);
});

test('while pokes fail the nonce stays as it was, so that the next pass pokes all again', async () => {
  const { order, shipment } = await driven();
  await store.hub_state.insertOne({ _id: 'sweeper', value: 'swp_older', at: '' });
  seconds = 1;
  for (const known of ['swp_known', null]) {
    const failing = await sweeper({ failing: true }).sweep(rowsOnly(known));
    expect(failing).toMatchObject({ set_back: true, poked_documents: 0, failed: 2 });
    expect((await store.hub_state.findOne({ _id: 'sweeper' }))?.value).toBe('swp_older');
    const again = await sweeper({ failing: true }).sweep(rowsOnly(failing.nonce));
    expect(again.set_back).toBe(true);
  }
  const mended = sweeper();
  expect(await mended.sweep(rowsOnly('swp_known'))).toMatchObject({ set_back: true, poked_documents: 2, failed: 0 });
  expect(byId(mended.poked)).toEqual(byId([order, shipment]));
});

test('one poke that fails does not keep the others back', async () => {
  const wakes = [await captured(), await captured(), await captured()];
  seconds = 11;
  const poked: string[] = [];
  const sweep = createSweep({
    store,
    settings,
    log,
    now,
    pokeNow: async ({ to }) => {
      if (to === wakes[1]?.to) throw new Error('refused');
      poked.push(to);
    },
    runningWorkflowIds: async () => new Set(),
    isRunning: async () => false,
  });
  expect(await sweep(rowsOnly(null))).toMatchObject({ poked_rows: 2, failed: 1 });
  expect(poked.toSorted()).toEqual([wakes[0]!.to, wakes[2]!.to].toSorted());
});
