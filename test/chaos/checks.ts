import { isDeepStrictEqual } from 'node:util';
import { fold, type LoggedEvent } from '../../domain/decider';
import { evolveOrder } from '../../domain/order/evolve';
import type { Order } from '../../domain/order/schema';
import { evolveShipment } from '../../domain/shipment/evolve';
import type { Shipment } from '../../domain/shipment/schema';
import type { Hub } from '../stack/hub';
import { waitFor } from '../stack/wait-for';

/** What checks read: the hub's database and the partners' own records. */
export type Evidence = Pick<Hub, 'store' | 'effects'>;

/** What must have come of an order beside its delivery. */
export interface Expectations {
  /** Texts of notes that somebody gave and got an answer for. */
  notes?: string[];
  shipments?: number;
}

const onceForAnOrder = ['captured', 'validated', 'delivery_completed', 'closed'];
const onceForAShipment = [
  'opened',
  'released',
  'packed',
  'labelled',
  'handed_off',
  'announced',
  'payment_captured',
  'invoiced',
  'delivered',
];

/** Waits until an order is closed, all effects of its shipments are on record and its inbox is empty. */
export async function arrival(hub: Evidence, orderId: string, timeoutMs = 180_000): Promise<void> {
  await waitFor(
    `order ${orderId} to be closed with everything done`,
    async () => {
      const order = await hub.store.orders.findOne({ _id: orderId });
      if (!order?.closed_at) return false;
      const shipments = await hub.store.shipments.find({ order_id: orderId }).toArray();
      const settled = shipments.every(
        (s) => s.announced_at && s.invoiced_at && (s.payment_captured_at || s.captures.length === 0),
      );
      if (!settled || shipments.length === 0) return false;
      const open = await hub.store.inbox.countDocuments({
        done: false,
        to: { $in: [orderId, ...shipments.map((s) => s._id)] },
      });
      return open === 0;
    },
    timeoutMs,
  );
}

function withoutId<Row extends { _id: string }>(row: Row): Omit<Row, '_id'> {
  const { _id, ...rest } = row;
  return rest;
}

function count(events: readonly LoggedEvent[], type: string): number {
  return events.filter((event) => event.type === type).length;
}

async function eventsOf(hub: Evidence, entityId: string): Promise<LoggedEvent[]> {
  const events = await hub.store.events.find({ entity_id: entityId }).sort({ version: 1 }).toArray();
  return events.map(withoutId);
}

function checkLog(name: string, events: readonly LoggedEvent[], once: readonly string[]): string[] {
  const gaps = events.some((event, index) => event.version !== index + 1) ? [`${name}: versions have gaps`] : [];
  return [
    ...gaps,
    ...once.flatMap((type) =>
      count(events, type) === 1 ? [] : [`${name}: ${type} is there ${String(count(events, type))} times`],
    ),
  ];
}

/** The document must be the fold of its events, to the last field. */
async function checkOrder(hub: Evidence, order: Order, expected: Expectations): Promise<string[]> {
  const events = await eventsOf(hub, order.order_id);
  const folded = fold(evolveOrder, events);
  const notes = (expected.notes ?? []).filter((text) => order.notes.filter((note) => note.text === text).length !== 1);
  return [
    ...checkLog('order', events, onceForAnOrder),
    ...(isDeepStrictEqual(folded, order) ? [] : ['order: the document is not the fold of its events']),
    ...notes.map((text) => `order: the note «${text}» is not there once`),
  ];
}

async function checkShipment(hub: Evidence, shipment: Shipment): Promise<string[]> {
  const name = `shipment ${String(shipment.n)}`;
  const events = await eventsOf(hub, shipment.shipment_id);
  const once =
    shipment.captures.length === 0 ? onceForAShipment.filter((type) => type !== 'payment_captured') : onceForAShipment;
  const folded = fold(evolveShipment, events);
  return [
    ...checkLog(name, events, once),
    ...(isDeepStrictEqual(folded, shipment) ? [] : [`${name}: the document is not the fold of its events`]),
    ...(await checkEffects(hub, shipment, name)),
  ];
}

/** The partners' own records: one label, one capture for each share, one announcement, one invoice, one release. */
async function checkEffects(hub: Evidence, shipment: Shipment, name: string): Promise<string[]> {
  const places = [
    ['sandbox-wms', 'fulfillments', 1],
    ['sandbox-carrier', 'labels', shipment.parcels.length],
    ['sandbox-payment', 'captures', shipment.captures.length],
    ['sandbox-channel', 'announcements', 1],
    ['sandbox-erp', 'invoices', 1],
  ] as const;
  const found = await Promise.all(
    places.map(async ([partner, collection, wanted]) => {
      const rows = await hub.effects(partner, collection);
      const ours = rows.filter((row) => JSON.stringify(row).includes(shipment.shipment_id));
      const times = new Set(ours.map((row) => JSON.stringify(row))).size;
      return times === wanted ? [] : [`${name}: ${String(times)} ${collection} at ${partner}, not ${String(wanted)}`];
    }),
  );
  return found.flat();
}

/** No counter below zero, none above what is there, and every counter the sum of its ledger. */
export async function checkStock(hub: Evidence): Promise<string[]> {
  const stock = await hub.store.stock.find().toArray();
  const sums = await hub.store.stock_movements
    .aggregate<{ _id: { sku: string; location_id: string }; on_hand: number; allocated: number }>([
      {
        $group: {
          _id: { sku: '$sku', location_id: '$location_id' },
          on_hand: { $sum: '$on_hand' },
          allocated: { $sum: '$allocated' },
        },
      },
    ])
    .toArray();
  return stock.flatMap((row) => {
    const where = `stock of ${row.sku} at ${row.location_id}`;
    const ledger = sums.find((sum) => sum._id.sku === row.sku && sum._id.location_id === row.location_id);
    const bounded = row.allocated >= 0 && row.allocated <= row.on_hand;
    const equal = ledger?.on_hand === row.on_hand && ledger.allocated === row.allocated;
    return [
      ...(bounded ? [] : [`${where}: allocated ${String(row.allocated)} of ${String(row.on_hand)}`]),
      ...(equal ? [] : [`${where}: differs from its ledger`]),
    ];
  });
}

/** Everything that must hold for an order that arrived; an empty list when it does. */
export async function violations(hub: Evidence, orderId: string, expected: Expectations = {}): Promise<string[]> {
  const order = await hub.store.orders.findOne({ _id: orderId });
  if (!order) return ['order: it is gone'];
  const shipments = await hub.store.shipments.find({ order_id: orderId }).sort({ n: 1 }).toArray();
  const wanted = expected.shipments ?? 1;
  return [
    ...(order.status === 'closed' ? [] : [`order: it is ${order.status}`]),
    ...(shipments.length === wanted ? [] : [`order: ${String(shipments.length)} shipments, not ${String(wanted)}`]),
    ...(await checkOrder(hub, withoutId(order), expected)),
    ...(await Promise.all(shipments.map((shipment) => checkShipment(hub, withoutId(shipment))))).flat(),
    ...(await checkStock(hub)),
  ];
}
