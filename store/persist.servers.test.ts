import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Outgoing } from '../domain/decider';
import { orderId } from '../domain/order/identity';
import { shipmentId } from '../domain/order/ids';
import { createMerchant, sampleOrder, type Merchant } from '../test/stack/merchant';
import { dropStore, faultsOf, insideOf, logOf, openStore, untilDone, type HubInside } from '../test/store/opened-store';
import { WriteConflict, type Store } from './connect';
import type { InboxRow } from './rows';

const actor = { kind: 'api_key', id: 'key_1' } as const;

let store: Store;
let hub: HubInside;
let merchant: Merchant;
let orders = 0;

beforeAll(async () => {
  store = await openStore('persist');
  hub = insideOf(store);
  merchant = await createMerchant(hub);
});

afterAll(() => dropStore(store));

function anOrder(): ReturnType<typeof sampleOrder> {
  orders += 1;
  return sampleOrder(merchant, `W-${String(orders)}`);
}

async function captured(): Promise<string> {
  const { order } = await hub.door.capture(anOrder(), actor);
  return order.order_id;
}

/** Drives an order as its workflow does, until a partner is needed. */
async function drive(id: string, inside = hub): Promise<void> {
  await inside.workflowPersist.run({ entity: 'order', id, at: new Date().toISOString() });
}

function note(id: string, text = 'note'): { command_id: string; kind: string; body: unknown } {
  return { command_id: id, kind: 'note', body: { text } };
}

function row(id: string, to: string, kind: string, body: unknown): InboxRow {
  return { _id: id, to, workflow_id: `order/x/${to}`, kind, body, actor, done: false, at: new Date().toISOString() };
}

test('a capture is stored once: the same content again is the same order, other content is a conflict', async () => {
  const capture = anOrder();
  const first = await hub.door.capture(capture, actor);
  const second = await hub.door.capture({ ...capture }, actor);
  const other = await hub.door.capture({ ...capture, shipping_charge: 1 }, actor);
  expect([first, second, other].map(({ outcome }) => outcome)).toEqual(['created', 'repeated', 'conflict']);
  expect(second.order).toEqual(first.order);
  expect(other.order.shipping_charge).toBe(490);
  expect((await logOf(store, first.order.order_id)).map((event) => event.type)).toEqual(['captured']);
});

test('twenty identical captures at once, over four processes, make one order and one customer', async () => {
  const capture = anOrder();
  const doors = [1, 2, 3, 4].map(() => insideOf(store).door);
  const outcomes = await Promise.all(
    Array.from({ length: 20 }, (_, index) => doors[index % 4]!.capture(capture, actor)),
  );
  expect(outcomes.filter(({ outcome }) => outcome === 'created')).toHaveLength(1);
  expect(outcomes.filter(({ outcome }) => outcome === 'repeated')).toHaveLength(19);
  const id = outcomes[0]!.order.order_id;
  expect(await store.orders.countDocuments({ channel_order_id: capture.channel_order_id })).toBe(1);
  expect(await store.customers.countDocuments({ name: 'Marker Person', email: capture.customer.email ?? null })).toBe(
    1,
  );
  expect(await store.inbox.countDocuments({ to: id })).toBe(1);
  expect(await faultsOf(store, id)).toEqual([]);
});

test('an imported order is closed as it is stored, and no workflow is poked for it', async () => {
  const { door, pokes } = insideOf(store);
  const { order } = await door.capture({ ...anOrder(), imported: true }, actor);
  expect(order.status).toBe('closed');
  expect(pokes).toEqual([]);
  expect(await store.inbox.findOne({ _id: order.order_id })).toMatchObject({ done: true });
});

test('a command that is repeated gets its stored result and leaves one set of events', async () => {
  const id = await captured();
  const first = await hub.door.command({ entity: 'order', id }, note('cmd_once'), actor);
  const second = await hub.door.command({ entity: 'order', id }, note('cmd_once', 'another text'), actor);
  expect(first).toMatchObject({
    outcome: 'decided',
    result: { outcome: 'accepted', repeated: false, events: ['noted'] },
  });
  expect(second).toMatchObject({
    outcome: 'decided',
    result: { outcome: 'accepted', repeated: true, events: ['noted'] },
  });
  expect((await store.orders.findOne({ _id: id }))?.notes).toMatchObject([{ text: 'note' }]);
  expect(await faultsOf(store, id)).toEqual([]);
});

test('a refusal is stored: repeated later, when the order could do it, it is the same refusal', async () => {
  const capture = { ...anOrder(), lines: [{ sku: 'NOBODY-KNOWS', quantity: 1, unit_price: 1 }] };
  const { order } = await hub.door.capture(capture, actor);
  const target = { entity: 'order', id: order.order_id } as const;
  const recheck = { command_id: 'cmd_recheck', kind: 'recheck', body: { code: 'SKU_UNKNOWN' } };
  const refused = { outcome: 'decided', result: { outcome: 'refused', code: 'NOT_WAITING', repeated: false } };
  expect(await hub.door.command(target, recheck, actor)).toMatchObject(refused);
  await drive(order.order_id);
  expect((await store.orders.findOne({ _id: order.order_id }))?.problems).toMatchObject([{ code: 'SKU_UNKNOWN' }]);
  expect(await hub.door.command(target, recheck, actor)).toMatchObject({
    ...refused,
    result: { ...refused.result, repeated: true },
  });
  expect(await hub.door.command(target, { ...recheck, command_id: 'cmd_again' }, actor)).toMatchObject({
    result: { outcome: 'accepted' },
  });
});

test('a command for an order that nobody knows is not found and leaves nothing', async () => {
  expect(await hub.door.command({ entity: 'order', id: 'ord_none' }, note('cmd_none'), actor)).toEqual({
    outcome: 'not_found',
  });
  expect(await store.inbox.findOne({ _id: 'cmd_none' })).toBeNull();
});

test('commands and steps at once, over three processes: every event once, no gap, nothing held twice', async () => {
  const id = await captured();
  const processes = [1, 2, 3].map(() => insideOf(store));
  const notes = Array.from({ length: 30 }, (_, index) => {
    const { door } = processes[index % 3]!;
    return untilDone(() => door.command({ entity: 'order', id }, note(`cmd_${id}_${String(index)}`), actor));
  });
  const steps = processes.map((inside) => untilDone(() => drive(id, inside)));
  await Promise.all([...notes, ...steps]);
  await untilDone(() => drive(id));

  expect(await faultsOf(store, id)).toEqual([]);
  const log = await logOf(store, id);
  const types = log.map((event) => event.type);
  expect(types.filter((type) => type === 'noted')).toHaveLength(30);
  for (const once of ['captured', 'validated', 'shipment_opened'])
    expect(types.filter((type) => type === once)).toHaveLength(1);
  const order = await store.orders.findOne({ _id: id });
  expect(order?.notes).toHaveLength(30);
  expect(order?.lines[0]?.allocated).toBe(2);
  const held = await store.reservations.find({ order_id: id, state: 'held' }).toArray();
  expect(held.flatMap((reservation) => reservation.lines).reduce((sum, line) => sum + line.quantity, 0)).toBe(2);
  expect(await store.inbox.countDocuments({ to: id, done: false })).toBe(0);
});

test('what comes for an order that is not known yet waits, and is decided once its capture is there', async () => {
  const capture = anOrder();
  const id = orderId(capture.channel_id, capture.channel_order_id);
  const answer = await hub.persist({ entity: 'order', id, arriving: [row('early_1', id, 'note', { text: 'early' })] });
  expect(answer).toEqual({
    facts: null,
    results: [{ cause_id: 'early_1', outcome: 'unknown', repeated: false }],
    wakes: [],
  });
  expect(await store.inbox.findOne({ _id: 'early_1' })).toMatchObject({ done: false });
  expect(await hub.persist({ entity: 'order', id, drain: true })).toMatchObject({ facts: null });
  expect(await store.events.countDocuments({ entity_id: id })).toBe(0);

  await hub.door.capture(capture, actor);
  await drive(id);
  expect((await store.orders.findOne({ _id: id }))?.notes).toMatchObject([{ text: 'early' }]);
  expect(await store.inbox.findOne({ _id: 'early_1' })).toMatchObject({ done: true });
});

test('a row that its aggregate is not ready for stays open until it is', async () => {
  const id = await captured();
  await drive(id);
  const shipment = shipmentId(id, 1);
  await hub.persist({ entity: 'shipment', id: shipment, drain: true });
  const scan = row(`scan/${id}`, shipment, 'tracking', {
    tracking_number: 'T',
    tracking_event_id: 'c/1',
    milestone: 'DELIVERED',
    at: 'x',
  });
  expect(await hub.persist({ entity: 'shipment', id: shipment, arriving: [scan] })).toMatchObject({
    results: [{ outcome: 'skipped' }],
  });
  await hub.persist({ entity: 'shipment', id: shipment, drain: true });
  expect(await store.inbox.findOne({ _id: scan._id })).toMatchObject({ done: false });
  expect(await faultsOf(store, shipment)).toEqual([]);
});

test('a row is marked done by the workflow’s own call alone', async () => {
  const id = await captured();
  await hub.door.command({ entity: 'order', id }, note(`cmd_${id}`), actor);
  await hub.door.command({ entity: 'order', id }, note(`cmd_${id}`), actor);
  expect(await store.inbox.countDocuments({ to: id, done: false })).toBe(2);
  const before = await logOf(store, id);
  expect(await hub.persist({ entity: 'order', id, drain: true })).toMatchObject({ facts: { version: 2 } });
  expect(await store.inbox.countDocuments({ to: id, done: false })).toBe(0);
  expect(await logOf(store, id)).toEqual(before);
});

test('a step that is on record, or not awaited, is skipped', async () => {
  const id = await captured();
  await drive(id);
  const body = { reservation_id: 'res_x', held: true, lost: [] };
  const step = (n: number) => ({
    cause_id: `step/reserve/${String(n)}`,
    kind: 'step',
    body,
    at: new Date().toISOString(),
    actor,
  });
  const { results } = await hub.persist({ entity: 'order', id, causes: [step(1), step(7)] });
  expect(results).toMatchObject([{ outcome: 'accepted', repeated: true }, { outcome: 'skipped' }]);
  expect((await store.orders.findOne({ _id: id }))?.lines[0]?.allocated).toBe(2);
});

/** An order whose plan is reserved in the inventory and not yet on record. */
async function beforeItsReservation(): Promise<string> {
  const id = await captured();
  const routing = {
    sources: [
      {
        location_id: merchant.location_ids[0],
        coordinates: { lat: 52, lng: 13, accuracy: 'exact' },
        available: { [merchant.skus[0]!]: 9 },
      },
    ],
    destination: null,
  };
  const skus = Object.fromEntries(merchant.skus.map((sku) => [sku, sku]));
  await hub.persist({ entity: 'order', id, drain: true, join: { reference: { skus, routing } } });
  return id;
}

const reserved = {
  cause_id: 'step/reserve/1',
  kind: 'step',
  body: { reservation_id: 'r', held: true, lost: [] },
  at: '2026-01-05T10:00:00.000Z',
  actor,
};

test('rows for other aggregates are in the transaction of their sender: when it aborts nothing of it is there', async () => {
  const id = await beforeItsReservation();
  const before = await store.orders.findOne({ _id: id });
  expect(before?.plan).toMatchObject({ reserved: false });
  const dying = insideOf(store, {
    faultPoint: (name) => {
      if (name === 'order.persist.before_commit') throw new Error('planned');
      return undefined;
    },
  });
  const request = { entity: 'order', id, causes: [reserved], join: { reference: {} } } as const;
  await expect(dying.persist(request)).rejects.toThrow('planned');
  expect(await store.orders.findOne({ _id: id })).toEqual(before);
  expect(await store.events.countDocuments({ entity_id: id })).toBe(before?.version);
  expect(await store.inbox.countDocuments({ to: shipmentId(id, 1) })).toBe(0);

  const { wakes } = await hub.persist(request);
  expect(wakes).toEqual([{ to: shipmentId(id, 1), workflow_id: `shipment/${shipmentId(id, 1)}` }]);
  expect(await store.inbox.findOne({ _id: shipmentId(id, 1) })).toMatchObject({ kind: 'open', done: false });
  expect(await faultsOf(store, id)).toEqual([]);
});

/** A hub in whose persist a note lands, from another process, between reading the order and writing it. */
function withNoteInBetween(id: string, leaveOut: boolean): HubInside {
  let landed = false;
  const land = async (): Promise<void> => {
    if (landed) return;
    landed = true;
    await insideOf(store).door.command({ entity: 'order', id }, note(`cmd_between_${id}`, 'in between'), actor);
  };
  if (leaveOut) {
    return insideOf(store, {
      leaveOut: ['decide_in_transaction'],
      faultPoint: (name) => (name === 'order.persist.copy_read' ? land() : undefined),
    });
  }
  const findOne: Store['orders']['findOne'] = async (...args: unknown[]) => {
    const found: unknown = await (store.orders.findOne as (...given: unknown[]) => Promise<unknown>).apply(
      store.orders,
      args,
    );
    await land();
    return found as never;
  };
  const orderCollection = new Proxy(store.orders, {
    get: (target, key) => {
      if (key === 'findOne') return findOne;
      const value: unknown = Reflect.get(target, key);
      return typeof value === 'function' ? (value.bind(target) as unknown) : value;
    },
  });
  return insideOf({ ...store, orders: orderCollection });
}

test('a note that lands between the reading of an order and its writing is not lost', async () => {
  const id = await beforeItsReservation();
  await withNoteInBetween(id, false).persist({ entity: 'order', id, causes: [reserved] });
  expect((await store.orders.findOne({ _id: id }))?.notes).toMatchObject([{ text: 'in between' }]);
  expect((await logOf(store, id)).map((event) => event.type).slice(-2)).toEqual(['noted', 'allocated']);
  expect(await faultsOf(store, id)).toEqual([]);
});

test('control: decided on a copy from before the transaction the note is lost, and the check notices', async () => {
  const id = await beforeItsReservation();
  await withNoteInBetween(id, true).persist({ entity: 'order', id, causes: [reserved] });
  expect((await store.orders.findOne({ _id: id }))?.notes).toEqual([]);
  expect(await faultsOf(store, id)).toEqual(['the document is not the fold of its events']);
});

test('a transaction that loses races is tried four times, then given up; any other fault ends it at once', async () => {
  const tried = async (failures: number, fault: Error): Promise<[number, string]> => {
    let calls = 0;
    const outcome = await store
      .transaction(async () => {
        calls += 1;
        if (calls <= failures) throw fault;
        return 'done';
      })
      .catch((error: unknown) => String(error));
    return [calls, outcome];
  };
  const conflict = new WriteConflict('something');
  expect(await tried(3, conflict)).toEqual([4, 'done']);
  expect(await tried(9, conflict)).toEqual([4, String(conflict)]);
  expect(await tried(9, new Error('ours'))).toEqual([1, 'Error: ours']);
});

test('two transactions that meet on one document: the loser runs again and nothing is lost', async () => {
  const id = await captured();
  let runs = 0;
  const add = (text: string): Promise<unknown> =>
    store.transaction(async (session) => {
      runs += 1;
      const order = await store.orders.findOne({ _id: id }, { session });
      const tags = [...(order?.tags ?? []), text];
      await store.orders.updateOne({ _id: id }, { $set: { tags } }, { session });
    });
  await Promise.all(['a', 'b'].map(add));
  expect((await store.orders.findOne({ _id: id }))?.tags.toSorted()).toEqual(['a', 'b']);
  expect(runs).toBeGreaterThanOrEqual(2);
});

test('a report reaches its order through the inbox, once, however often the shipment’s transaction is repeated', async () => {
  const id = await captured();
  await drive(id);
  const shipment = shipmentId(id, 1);
  await hub.persist({ entity: 'shipment', id: shipment, drain: true });
  const released = {
    cause_id: 'step/release/1',
    kind: 'step',
    body: { outcome: { fulfillment_id: 'ful_1' } },
    at: '2026-01-05T10:00:00.000Z',
    actor,
  };
  const first = await hub.persist({ entity: 'shipment', id: shipment, causes: [released] });
  const second = await hub.persist({ entity: 'shipment', id: shipment, causes: [released] });
  expect(first.wakes).toMatchObject([{ to: id }] satisfies Partial<Outgoing>[]);
  expect(second).toMatchObject({ wakes: [], results: [{ repeated: true }] });
  expect(await store.inbox.countDocuments({ _id: { $regex: `^rep/${shipment}/` } })).toBe(1);
  await drive(id);
  expect((await store.orders.findOne({ _id: id }))?.lines[0]?.released).toBe(2);
  expect([...(await faultsOf(store, id)), ...(await faultsOf(store, shipment))]).toEqual([]);
});
