import type { FulfillmentStage, Order, OrderLine, OrderStatus, Problem, WaitingFor } from './schema';

/** Stages from the least to the most advanced. */
export const stageOrder: readonly FulfillmentStage[] = [
  'captured',
  'validated',
  'routed',
  'allocated',
  'released',
  'picking',
  'picked',
  'packed',
  'labelled',
  'handed_off',
  'in_transit',
  'delivered',
  'closed',
];

/** A stage's place in `stageOrder`, from 0. */
export function stageRank(stage: FulfillmentStage): number {
  return stageOrder.indexOf(stage);
}

type Facts = Pick<Order, 'lines' | 'problems' | 'holds' | 'closed_at' | 'validated_at' | 'shipments' | 'plan'>;

const open = (line: OrderLine): number => line.quantity - line.cancelled;
const every = (order: Facts, holds: (line: OrderLine) => boolean): boolean =>
  order.lines.some((line) => open(line) > 0) && order.lines.every((line) => open(line) === 0 || holds(line));
const some = (order: Facts, holds: (line: OrderLine) => boolean): boolean => order.lines.some(holds);

/** Problems that stop an order unexpectedly; a backorder waits in its own phase. */
function exceptional(problem: Problem): boolean {
  return problem.code !== 'STOCK_SHORT';
}

/** The predicates of `status`: the first that holds names it. The table is the definition; nothing else sets a status. */
export const statusPredicates: readonly (readonly [OrderStatus, (order: Facts) => boolean])[] = [
  ['closed', (order) => order.closed_at !== null],
  ['cancelled', (order) => order.lines.every((line) => open(line) === 0)],
  ['returned', (order) => every(order, (line) => line.returned === open(line))],
  ['partially_returned', (order) => some(order, (line) => line.returned > 0)],
  ['delivered', (order) => every(order, (line) => line.delivered === open(line))],
  ['exception', (order) => order.problems.some(exceptional)],
  ['on_hold', (order) => order.holds.length > 0],
  ['in_transit', (order) => every(order, (line) => line.shipped === open(line))],
  ['partially_shipped', (order) => some(order, (line) => line.shipped > 0)],
  ['backordered', (order) => some(order, (line) => line.backordered > 0)],
  ['processing', (order) => order.validated_at !== null],
  ['pending', () => true],
];

/** The order's status: a pure function of its facts. */
export function orderStatus(order: Facts): OrderStatus {
  return statusPredicates.find(([, holds]) => holds(order))?.[0] ?? 'pending';
}

/** The order's stage: that of its least advanced open shipment, else how far it came before it had one. */
export function orderStage(order: Facts): FulfillmentStage {
  if (order.closed_at !== null) return 'closed';
  const openShipments = order.shipments.filter((shipment) => shipment.stage !== 'delivered');
  if (openShipments.length > 0) {
    return openShipments.map((shipment) => shipment.stage).reduce((a, b) => (stageRank(a) <= stageRank(b) ? a : b));
  }
  if (order.shipments.length > 0 && every(order, (line) => line.delivered === open(line))) return 'delivered';
  if (order.plan?.reserved === true) return 'allocated';
  if (order.plan !== null || some(order, (line) => line.backordered > 0)) return 'routed';
  return order.validated_at === null ? 'captured' : 'validated';
}

const rank: readonly Problem['code'][] = [
  'PAYMENT_IN_DOUBT',
  'CAPTURE_FAILED',
  'SKU_UNKNOWN',
  'LABEL_FAILED',
  'RELEASE_FAILED',
  'ANNOUNCE_FAILED',
  'INVOICE_FAILED',
  'STOCK_SHORT',
];

/** The problem to show first: money in doubt before goods, what needs a person before what waits by itself, then age. */
export function firstProblem(problems: readonly Problem[]): Problem | undefined {
  return problems.toSorted((a, b) => rank.indexOf(a.code) - rank.indexOf(b.code) || (a.since < b.since ? -1 : 1))[0];
}

/** For whom an order waits and until when; nulls when it is closed. */
export function orderWaiting(order: Facts & Pick<Order, 'return_window_ends_at'>): {
  waiting_for: WaitingFor | null;
  waiting_until: string | null;
} {
  if (order.closed_at !== null) return { waiting_for: null, waiting_until: null };
  const problem = firstProblem(order.problems);
  if (problem) return { waiting_for: problem.waiting_for, waiting_until: problem.until };
  const shipment = order.shipments
    .filter((candidate) => candidate.stage !== 'delivered')
    .toSorted((a, b) => stageRank(a.stage) - stageRank(b.stage))[0];
  if (shipment) return { waiting_for: shipment.waiting_for, waiting_until: shipment.until };
  if (order.return_window_ends_at !== null)
    return { waiting_for: 'return_window', waiting_until: order.return_window_ends_at };
  return { waiting_for: 'hub', waiting_until: null };
}
