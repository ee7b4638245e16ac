import type { LoggedEvent } from '../domain/decider';
import type { FulfillmentStage, Order, OrderStatus, ProblemCode, WaitingFor } from '../domain/order/schema';
import type { Store } from './connect';

/** What a list of orders may be narrowed to; all that is given must hold. Times are ISO 8601 UTC. */
export interface OrderFilter {
  status?: OrderStatus | undefined;
  fulfillment_stage?: FulfillmentStage | undefined;
  channel_id?: string | undefined;
  channel_order_id?: string | undefined;
  problem?: ProblemCode | 'any' | 'none' | undefined;
  waiting_for?: WaitingFor | undefined;
  customer_id?: string | undefined;
  sku?: string | undefined;
  location_id?: string | undefined;
  carrier?: string | undefined;
  tracking_number?: string | undefined;
  metadata?: Readonly<Record<string, string>> | undefined;
  /** Placed at this instant or later. */
  placed_after?: string | undefined;
  /** Placed before this instant. */
  placed_before?: string | undefined;
  test?: boolean | undefined;
  imported?: boolean | undefined;
  /** Order id, the channel's id, tracking number, e-mail, phone or sku as it is, or a part of a name. */
  q?: string | undefined;
}

/** A stored order with its key. */
export type StoredOrder = Order & { _id: string };

type Condition = Record<string, unknown>;

function escaped(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
}

async function ordersOfTrackingNumber(store: Store, trackingNumber: string): Promise<string[]> {
  return store.shipments.distinct('order_id', { 'parcels.tracking_number': trackingNumber });
}

async function searched(store: Store, q: string): Promise<Condition> {
  const whole = { $regex: `^${escaped(q)}$`, $options: 'i' };
  const part = { $regex: escaped(q), $options: 'i' };
  const tracked = await ordersOfTrackingNumber(store, q);
  return {
    $or: [
      { _id: { $in: [q, ...tracked] } },
      { channel_order_id: q },
      { 'customer.email': whole },
      { 'customer.phone': q },
      { 'ship_to.phone': q },
      { 'lines.sku': q },
      { 'lines.channel_sku': q },
      { 'customer.name': part },
      { 'ship_to.name': part },
    ],
  };
}

function problemCondition(problem: NonNullable<OrderFilter['problem']>): Condition {
  if (problem === 'any') return { 'problems.0': { $exists: true } };
  if (problem === 'none') return { 'problems.0': { $exists: false } };
  return { 'problems.code': problem };
}

async function conditions(store: Store, filter: OrderFilter): Promise<Condition[]> {
  const found: Condition[] = [];
  const same = [
    'status',
    'fulfillment_stage',
    'channel_id',
    'channel_order_id',
    'waiting_for',
    'customer_id',
    'test',
    'imported',
  ] as const;
  for (const field of same) if (filter[field] !== undefined) found.push({ [field]: filter[field] });
  if (filter.problem !== undefined) found.push(problemCondition(filter.problem));
  if (filter.sku !== undefined) found.push({ $or: [{ 'lines.sku': filter.sku }, { 'lines.channel_sku': filter.sku }] });
  if (filter.location_id !== undefined) {
    found.push({
      $or: [{ 'shipments.location_id': filter.location_id }, { 'plan.shipments.location_id': filter.location_id }],
    });
  }
  if (filter.carrier !== undefined) found.push({ 'shipments.carrier': filter.carrier });
  if (filter.tracking_number !== undefined) {
    found.push({ _id: { $in: await ordersOfTrackingNumber(store, filter.tracking_number) } });
  }
  for (const [key, value] of Object.entries(filter.metadata ?? {})) found.push({ [`metadata.${key}`]: value });
  if (filter.placed_after !== undefined) found.push({ placed_at: { $gte: filter.placed_after } });
  if (filter.placed_before !== undefined) found.push({ placed_at: { $lt: filter.placed_before } });
  if (filter.q !== undefined) found.push(await searched(store, filter.q));
  return found;
}

/** An order as it is stored, or undefined. */
export async function findOrder(store: Store, orderId: string): Promise<StoredOrder | undefined> {
  return (await store.orders.findOne({ _id: orderId })) ?? undefined;
}

/** Orders that meet a filter, newest capture first; `after` is where the page before ended: [captured_at, order_id]. */
export async function listOrders(
  store: Store,
  filter: OrderFilter,
  page: { after?: readonly [string, string] | undefined; limit: number },
): Promise<StoredOrder[]> {
  const all = await conditions(store, filter);
  if (page.after) {
    const [capturedAt, id] = page.after;
    all.push({ $or: [{ captured_at: { $lt: capturedAt } }, { captured_at: capturedAt, _id: { $lt: id } }] });
  }
  return store.orders
    .find(all.length === 0 ? {} : { $and: all })
    .sort({ captured_at: -1, _id: -1 })
    .limit(page.limit)
    .toArray();
}

/**
 * The event log of an order with its shipments (`order_id`) or of one aggregate (`entity_id`), oldest first; within the
 * same millisecond in each aggregate's own order. `after` is where the page before ended.
 */
export async function listEvents(
  store: Store,
  of: { order_id: string } | { entity_id: string },
  page: { after?: readonly [string, string, number] | undefined; limit: number },
): Promise<LoggedEvent[]> {
  const all: Condition[] = [of];
  if (page.after) {
    const [recordedAt, entityId, version] = page.after;
    all.push({
      $or: [
        { recorded_at: { $gt: recordedAt } },
        { recorded_at: recordedAt, entity_id: { $gt: entityId } },
        { recorded_at: recordedAt, entity_id: entityId, version: { $gt: version } },
      ],
    });
  }
  return store.events
    .find({ $and: all })
    .sort({ recorded_at: 1, entity_id: 1, version: 1 })
    .limit(page.limit)
    .toArray();
}

/** The content of an order as its channel first handed it over, from the log; undefined when there is none. */
export async function findCapturedContent(store: Store, orderId: string): Promise<unknown> {
  const captured = await store.events.findOne({ entity_id: orderId, version: 1 });
  return (captured?.after as { order?: unknown } | undefined)?.order;
}
