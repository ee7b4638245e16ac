import type { FactsBase, Next, Step } from '../decider';
import { stageRank } from './phases';
import type { Order, Problem } from './schema';

/** An order's own steps, all decided in the store. */
export type OrderStepName = 'validate' | 'route' | 'reserve' | 'open' | 'complete' | 'close';

/** What an order's workflow knows of its order: enough to choose the next step and to show where it stands. */
export interface OrderFacts extends FactsBase {
  channel_id: string;
  customer_id: string;
  status: Order['status'];
  stage: Order['fulfillment_stage'];
  stage_since: string;
  waiting_for: Order['waiting_for'];
  waiting_until: string | null;
  problems: Pick<Problem, 'code' | 'scope' | 'scope_id' | 'detail' | 'waiting_for' | 'until'>[];
  location_ids: string[];
  carriers: string[];
  test: boolean;
  validated: boolean;
  /** Units that no plan, allocation or backorder covers yet. */
  unrouted: number;
  backordered: number;
  plan: 'none' | 'made' | 'reserved';
  /** Every unit that is not cancelled is delivered. */
  delivered: boolean;
  return_window_ends_at: string | null;
  closed: boolean;
}

/** The facts of an order; no personal data. */
export function orderFacts(order: Order): OrderFacts {
  const planned =
    order.plan === null ? 0 : order.plan.shipments.flatMap((s) => s.lines).reduce((sum, l) => sum + l.quantity, 0);
  const unrouted = order.lines.reduce((sum, l) => sum + l.quantity - l.cancelled - l.backordered - l.allocated, 0);
  return {
    id: order.order_id,
    version: order.version,
    steps: order.steps,
    channel_id: order.channel_id,
    customer_id: order.customer_id,
    status: order.status,
    stage: order.fulfillment_stage,
    stage_since: order.stage_since,
    waiting_for: order.waiting_for,
    waiting_until: order.waiting_until,
    problems: order.problems.map(({ code, scope, scope_id, detail, waiting_for, until }) => ({
      code,
      scope,
      scope_id,
      detail,
      waiting_for,
      until,
    })),
    location_ids: [...new Set(order.shipments.map((shipment) => shipment.location_id))],
    carriers: [...new Set(order.shipments.flatMap((shipment) => shipment.carrier ?? []))],
    test: order.test,
    validated: order.validated_at !== null,
    unrouted: unrouted - (order.plan?.reserved === false ? planned : 0),
    backordered: order.lines.reduce((sum, l) => sum + l.backordered, 0),
    plan: order.plan === null ? 'none' : order.plan.reserved ? 'reserved' : 'made',
    delivered:
      order.shipments.length > 0 &&
      order.lines.every((l) => l.delivered === l.quantity - l.cancelled) &&
      order.shipments.every((s) => stageRank(s.stage) >= stageRank('delivered')),
    return_window_ends_at: order.return_window_ends_at,
    closed: order.closed_at !== null,
  };
}

/** What an order's workflow does next: a pure function of its facts and the time. */
export function nextOfOrder(facts: OrderFacts, now: string): Next<OrderStepName> {
  const take = (name: OrderStepName): Next<OrderStepName> => {
    const step: Step<OrderStepName> = { name, n: (facts.steps[name] ?? 0) + 1, via: 'store' };
    return { steps: [step], until: null, end: false };
  };
  const wait = (until: string | null): Next<OrderStepName> => ({ steps: [], until, end: false });
  const waitOr = (until: string, name: OrderStepName): Next<OrderStepName> => (until <= now ? take(name) : wait(until));

  if (facts.closed) return { steps: [], until: null, end: true };
  if (!facts.validated) {
    const unknown = facts.problems.find((problem) => problem.code === 'SKU_UNKNOWN');
    return unknown ? waitOr(unknown.until, 'validate') : take('validate');
  }
  if (facts.test) return take('close');
  if (facts.plan === 'made') return take('reserve');
  if (facts.plan === 'reserved') return take('open');
  if (facts.unrouted > 0) return take('route');
  if (facts.backordered > 0) {
    const short = facts.problems.find((problem) => problem.code === 'STOCK_SHORT');
    return short ? waitOr(short.until, 'route') : take('route');
  }
  if (!facts.delivered) return wait(null);
  return facts.return_window_ends_at === null ? take('complete') : waitOr(facts.return_window_ends_at, 'close');
}
