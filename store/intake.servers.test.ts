import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { at } from '../test/domain/aggregate';
import { shipmentId } from '../domain/order/ids';
import type { Milestone } from '../domain/tracking/schema';
import { createMerchant, sampleOrder, type Merchant } from '../test/stack/merchant';
import { dropStore, faultsOf, insideOf, openStore, type HubInside } from '../test/store/opened-store';
import type { Store } from './connect';
import { createIntake, type FeedPosition, type Intake, type ReceivedTrackingEvent } from './intake';
import type { InboxRow } from './rows';

const actor = { kind: 'partner', id: 'con_wms' } as const;
const wms: FeedPosition = { feed_id: 'feed/con_wms/shipment_confirmation', connection_id: 'con_wms', cursor: '1' };
const carrier: FeedPosition = { feed_id: 'feed/con_carrier/tracking', connection_id: 'con_carrier', cursor: '1' };

let store: Store;
let hub: HubInside;
let intake: Intake;
let merchant: Merchant;
let orders = 0;

beforeAll(async () => {
  store = await openStore('intake');
  hub = insideOf(store);
  intake = createIntake(store);
  merchant = await createMerchant(hub);
});

afterAll(() => dropStore(store));

/** A shipment that was handed over; its one parcel's tracking number is `T-<shipment>`. */
async function shipped(): Promise<{ id: string; tracking: string }> {
  orders += 1;
  const { order } = await hub.door.capture(sampleOrder(merchant, `I-${String(orders)}`), actor);
  await hub.workflowPersist.run({ entity: 'order', id: order.order_id, at: at(0) });
  const id = shipmentId(order.order_id, 1);
  const tracking = `T-${id}`;
  await hub.persist({ entity: 'shipment', id, drain: true });
  const step = async (name: string, outcome: unknown): Promise<void> => {
    const cause = {
      cause_id: `step/${name}/1`,
      kind: 'step',
      body: { outcome },
      at: at(0),
      actor: { kind: 'system', id: 'hub' },
    } as const;
    await hub.workflowPersist.run({ entity: 'shipment', id, at: at(0), causes: [cause] });
  };
  await step('release', { fulfillment_id: 'ful_1' });
  const lines = [{ line_id: '1', quantity: 2 }];
  const parcels = [{ parcel_id: 'p1', weight_grams: 900, length_mm: null, width_mm: null, height_mm: null }];
  const event = { event_id: `pack-${id}`, type: 'packed', at: at(0), lines, parcels };
  await hub.door.deliver(await intake.fulfillmentEvents({ ...wms, cursor: id }, [{ reference: id, event }]));
  await step('label', {
    booking_id: 'bok',
    carrier: 'con_carrier',
    service: 'standard',
    parcels: [{ parcel_id: 'p1', tracking_number: tracking }],
    cost: { amount: 500, currency: 'EUR' },
    estimated_delivery_at: null,
  });
  expect((await store.shipments.findOne({ _id: id }))?.fulfillment_stage).toBe('handed_off');
  return { id, tracking };
}

let scans = 0;
function scan(
  tracking_number: string,
  milestone: Milestone,
  minutes: number,
  changes: Partial<ReceivedTrackingEvent> = {},
): ReceivedTrackingEvent {
  scans += 1;
  return {
    event_id: `e${String(scans)}`,
    reference: null,
    carrier: 'con_carrier',
    tracking_number,
    milestone,
    code: milestone,
    text: milestone,
    reason: null,
    at: new Date(Date.now() + minutes * 60_000).toISOString(),
    place: null,
    raw: {},
    ...changes,
  };
}

async function milestoneOf(id: string): Promise<Milestone | undefined> {
  return (await store.shipments.findOne({ _id: id }))?.parcels[0]?.milestone;
}

async function takeIn(items: ReceivedTrackingEvent[], feed = carrier): Promise<InboxRow[]> {
  const rows = await intake.trackingEvents(feed, items);
  await hub.door.deliver(rows);
  return rows;
}

test('items and the cursor behind them are stored in one transaction: when it fails neither is there', async () => {
  const { id, tracking } = await shipped();
  const before = await intake.cursor(carrier.feed_id);
  const breaking = new Proxy(store.feed_cursors, {
    get: (target, key) => {
      if (key === 'updateOne') return () => Promise.reject(new Error('planned'));
      const value: unknown = Reflect.get(target, key);
      return typeof value === 'function' ? (value.bind(target) as unknown) : value;
    },
  });
  const failing = createIntake({ ...store, feed_cursors: breaking });
  const event = { event_id: 'lost', type: 'accepted', at: at(0), lines: [], parcels: [] };
  await expect(
    failing.trackingEvents({ ...carrier, cursor: 'next' }, [scan(tracking, 'IN_TRANSIT', 1)]),
  ).rejects.toThrow('planned');
  await expect(failing.fulfillmentEvents({ ...wms, cursor: 'next' }, [{ reference: id, event }])).rejects.toThrow(
    'planned',
  );
  expect(await store.tracking_events.countDocuments({ shipment_id: id })).toBe(0);
  expect(await store.inbox.countDocuments({ to: id, kind: 'tracking' })).toBe(0);
  expect(await store.inbox.countDocuments({ _id: 'scan/con_wms/lost' })).toBe(0);
  expect(await intake.cursor(carrier.feed_id)).toBe(before);
});

test('a feed begins without a cursor and goes on at the one that was stored with its items', async () => {
  const feed = { ...carrier, feed_id: 'feed/con_new/tracking', cursor: 'page-7' };
  expect(await intake.cursor(feed.feed_id)).toBeNull();
  await intake.trackingEvents(feed, []);
  expect(await intake.cursor(feed.feed_id)).toBe('page-7');
});

test('the same page twice is stored once and changes nothing the second time', async () => {
  const { id, tracking } = await shipped();
  const page = [scan(tracking, 'IN_TRANSIT', 1), scan(tracking, 'OUT_FOR_DELIVERY', 2)];
  await takeIn(page);
  const document = await store.shipments.findOne({ _id: id });
  const rows = await store.inbox.countDocuments({ to: id });
  await takeIn(page);
  expect(await store.tracking_events.countDocuments({ shipment_id: id })).toBe(2);
  expect(await store.inbox.countDocuments({ to: id })).toBe(rows);
  expect(await store.shipments.findOne({ _id: id })).toEqual(document);
  expect(await milestoneOf(id)).toBe('OUT_FOR_DELIVERY');
});

test('a warehouse’s report that is repeated is decided once', async () => {
  const { id } = await shipped();
  const event = { event_id: `acc-${id}`, type: 'accepted', at: at(0), lines: [], parcels: [] };
  for (let times = 0; times < 2; times += 1)
    await hub.door.deliver(await intake.fulfillmentEvents(wms, [{ reference: id, event }]));
  expect(await store.events.countDocuments({ entity_id: id, type: 'accepted' })).toBe(1);
  expect(await faultsOf(store, id)).toEqual([]);
});

test('a report for what is not ours is left out', async () => {
  const event = { event_id: 'foreign', type: 'accepted', at: at(0), lines: [], parcels: [] };
  expect(await intake.fulfillmentEvents(wms, [{ reference: 'SO-4711', event }])).toEqual([]);
  expect(await store.inbox.findOne({ _id: 'scan/con_wms/foreign' })).toBeNull();
});

test('scans out of order: the parcel’s state follows event time, and delivered stays', async () => {
  const { id, tracking } = await shipped();
  await takeIn([scan(tracking, 'DELIVERED', 9)]);
  expect(await milestoneOf(id)).toBe('DELIVERED');
  expect(await takeIn([scan(tracking, 'PICKED_UP', 2), scan(tracking, 'OUT_FOR_DELIVERY', 7)])).toEqual([]);
  expect(await takeIn([scan(tracking, 'IN_TRANSIT', 12)])).toEqual([]);
  expect(await store.shipments.findOne({ _id: id })).toMatchObject({
    fulfillment_stage: 'delivered',
    lines: [{ delivered: 2 }],
  });
  expect(await store.tracking_events.countDocuments({ shipment_id: id })).toBe(4);
  expect(await faultsOf(store, id)).toEqual([]);
});

test('one row for a page of scans: the workflow hears of the milestone, not of every scan', async () => {
  const { id, tracking } = await shipped();
  const rows = await takeIn([
    scan(tracking, 'PICKED_UP', 1),
    scan(tracking, 'IN_TRANSIT', 2),
    scan(tracking, 'ARRIVED_AT_HUB', 3),
  ]);
  expect(rows).toMatchObject([{ to: id, kind: 'tracking', body: { milestone: 'ARRIVED_AT_HUB' } }]);
});

test('a delivery after a return to the sender is a return', async () => {
  const { id, tracking } = await shipped();
  await takeIn([scan(tracking, 'RETURN_TO_SENDER', 1)]);
  await takeIn([scan(tracking, 'DELIVERED', 2)]);
  expect(await milestoneOf(id)).toBe('RETURNED');
  expect((await store.shipments.findOne({ _id: id }))?.delivered_at).toBeNull();
});

test('scans from before the order was placed are of an earlier parcel with the same number', async () => {
  const { id, tracking } = await shipped();
  const early = { ...scan(tracking, 'DELIVERED', 1), at: '2026-01-05T09:59:59.000Z' };
  expect(await takeIn([early])).toEqual([]);
  expect(await milestoneOf(id)).toBe('LABEL_CREATED');
});

test('scans from before the shipment was opened count: after a restore it is opened again, later than its parcel left', async () => {
  const { id, tracking } = await shipped();
  await takeIn([{ ...scan(tracking, 'IN_TRANSIT', 1), at: '2026-01-06T00:00:00.000Z' }]);
  expect(await milestoneOf(id)).toBe('IN_TRANSIT');
});

test('scans of parcels that nobody knows are left out; our reference finds a parcel before its label is on record', async () => {
  expect(await takeIn([scan('T-UNKNOWN', 'DELIVERED', 1)])).toEqual([]);
  expect(await store.tracking_events.countDocuments({ tracking_number: 'T-UNKNOWN' })).toBe(0);
  const { order } = await hub.door.capture(sampleOrder(merchant, 'I-early'), actor);
  const reference = shipmentId(order.order_id, 1);
  const [row] = await takeIn([scan('T-EARLY', 'IN_TRANSIT', 1, { reference })]);
  expect(await store.inbox.findOne({ _id: row!._id })).toMatchObject({ to: reference, done: false });
});

test('two feeds of one parcel, under connections of different names, do not hide each other’s scans', async () => {
  const { id, tracking } = await shipped();
  const aggregator = { feed_id: 'feed/con_z/tracking', connection_id: 'con_z', cursor: '1' };
  const other = { feed_id: 'feed/con_aggregator_long/tracking', connection_id: 'con_aggregator_long', cursor: '1' };
  // The second feed's page brings nothing new of its own: the state comes from what the first one stored but did not deliver.
  await intake.trackingEvents(aggregator, [scan(tracking, 'IN_TRANSIT', 5)]);
  await takeIn([scan(tracking, 'PICKED_UP', 1)], other);
  expect(await milestoneOf(id)).toBe('IN_TRANSIT');
  await intake.trackingEvents(aggregator, [scan(tracking, 'OUT_FOR_DELIVERY', 6)]);
  await takeIn([scan(tracking, 'PICKED_UP', 2)], other);
  expect(await milestoneOf(id)).toBe('OUT_FOR_DELIVERY');
  expect(await store.inbox.countDocuments({ to: id, kind: 'tracking' })).toBe(2);
});
