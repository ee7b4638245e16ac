import { countStep, type LoggedEvent } from '../decider';
import { orderTotals } from '../money/totals';
import { recheckAt, withProblem, withoutProblem } from '../problems';
import type { CapturedOrder, LoggedOrderEvent, OpenedShipment } from './events';
import { orderStage, orderStatus, orderWaiting, stageRank } from './phases';
import type { Order, OrderLine, ShipmentSummary } from './schema';

const noCounters = {
  cancelled: 0,
  backordered: 0,
  allocated: 0,
  released: 0,
  picked: 0,
  packed: 0,
  shipped: 0,
  delivered: 0,
  return_requested: 0,
  returned: 0,
  refunded: 0,
};

/** A line without an id is numbered by its place, past the numbers that the channel gave to other lines. */
function lineIds(lines: CapturedOrder['lines']): string[] {
  const given = new Set(lines.flatMap((line) => line.line_id ?? []));
  return lines.map((line, index) => {
    let n = index + 1;
    while (given.has(String(n))) n += lines.length;
    return line.line_id ?? String(n);
  });
}

function initialOrder(capture: CapturedOrder, at: string): Order {
  const { totals: statedTotals, payments, lines, ...rest } = capture;
  const ids = lineIds(lines);
  return {
    ...rest,
    captured_at: at,
    version: 0,
    edit_version: 1,
    updated_at: at,
    lines: lines.map((line, index) => ({
      ...line,
      line_id: ids[index] ?? String(index + 1),
      channel_sku: line.sku,
      ...noCounters,
    })),
    ...(statedTotals ? { stated_totals: statedTotals } : {}),
    totals: orderTotals(capture),
    payments: (payments ?? []).map((payment) => ({ ...payment, planned: 0 })),
    promises: [],
    holds: [],
    problems: [],
    changes: [],
    notes: [],
    tags: [],
    shipments: [],
    validated_at: null,
    delivered_at: null,
    return_window_ends_at: null,
    closed_at: null,
    plan: null,
    lost_races: 0,
    steps: {},
    status: 'pending',
    fulfillment_stage: 'captured',
    stage_since: at,
    waiting_for: 'hub',
    waiting_until: null,
  };
}

/** Line counters are sums over the shipments' last reports, so that a repeated report cannot count twice. */
function countShipments(lines: readonly OrderLine[], shipments: readonly ShipmentSummary[]): OrderLine[] {
  return lines.map((line) => {
    const counted = { released: 0, picked: 0, packed: 0, shipped: 0, delivered: 0 };
    for (const shipment of shipments) {
      const reported = shipment.lines.find((candidate) => candidate.line_id === line.line_id);
      if (!reported) continue;
      counted.released += stageRank(shipment.stage) >= stageRank('released') ? reported.quantity : 0;
      counted.picked += reported.picked;
      counted.packed += reported.packed;
      counted.shipped += reported.shipped;
      counted.delivered += reported.delivered;
    }
    return { ...line, ...counted };
  });
}

function openedSummary(opened: OpenedShipment): ShipmentSummary {
  return {
    shipment_id: opened.shipment_id,
    n: opened.n,
    location_id: opened.location_id,
    stage: 'allocated',
    milestone: 'UNKNOWN',
    carrier: null,
    reported_version: 0,
    delivered_at: null,
    waiting_for: 'warehouse',
    until: null,
    lines: opened.lines.map(({ line_id, quantity }) => ({
      line_id,
      quantity,
      picked: 0,
      packed: 0,
      shipped: 0,
      delivered: 0,
    })),
  };
}

function planPayments(order: Order, opened: OpenedShipment): Order['payments'] {
  return order.payments.map((payment) => {
    const planned = opened.captures
      .filter((share) => share.provider === payment.provider && share.authorization_reference === payment.reference)
      .reduce((total, share) => total + share.amount, 0);
    return planned === 0 ? payment : { ...payment, planned: payment.planned + planned };
  });
}

/** The order after one part of its plan became a shipment. */
export function withOpenedShipment(order: Order, opened: OpenedShipment): Order {
  const planned = order.plan?.shipments.filter((shipment) => shipment.n !== opened.n) ?? [];
  return {
    ...order,
    shipments: [...order.shipments, openedSummary(opened)],
    payments: planPayments(order, opened),
    plan: order.plan && planned.length > 0 ? { ...order.plan, shipments: planned } : null,
  };
}

function apply(order: Order, event: LoggedOrderEvent): Order {
  switch (event.type) {
    case 'captured':
    case 'refused':
      return order;
    case 'noted':
      return {
        ...order,
        notes: [...order.notes, { ...event.after, at: event.at, by: event.actor.id }],
      };
    case 'validated': {
      const skus = new Map(event.after.lines.map((line) => [line.line_id, line.sku]));
      return {
        ...order,
        validated_at: event.at,
        lines: order.lines.map((line) => ({ ...line, sku: skus.get(line.line_id) ?? line.sku })),
      };
    }
    case 'problem_raised':
      return { ...order, problems: withProblem(order.problems, event.after.problem) };
    case 'problem_cleared':
      return { ...order, problems: withoutProblem(order.problems, event.after.problem_id) };
    case 'recheck_requested':
      return { ...order, problems: recheckAt(order.problems, event.after.code, event.at) };
    case 'routed': {
      const short = new Map(event.after.short.map((line) => [line.line_id, line.quantity]));
      return {
        ...order,
        lines: order.lines.map((line) => ({ ...line, backordered: short.get(line.line_id) ?? 0 })),
        lost_races: event.after.shipments.length === 0 ? 0 : order.lost_races,
        plan:
          event.after.shipments.length === 0
            ? null
            : {
                routing_decision_id: event.after.routing_decision_id,
                decided_at: event.at,
                shipments: event.after.shipments,
                short: event.after.short,
                reserved: false,
              },
      };
    }
    case 'allocated': {
      const taken = new Map(event.after.lines.map((line) => [line.line_id, line.quantity]));
      return {
        ...order,
        lost_races: 0,
        lines: order.lines.map((line) => ({ ...line, allocated: line.allocated + (taken.get(line.line_id) ?? 0) })),
        plan: order.plan && { ...order.plan, reserved: true },
      };
    }
    case 'reservation_lost':
      return { ...order, lost_races: order.lost_races + 1, plan: null };
    case 'shipment_opened':
      return withOpenedShipment(order, event.after);
    case 'shipment_reported': {
      const { summary, problems } = event.after;
      const shipments = order.shipments.map((known) => (known.shipment_id === summary.shipment_id ? summary : known));
      const others = order.problems.filter((problem) => problem.scope_id !== summary.shipment_id);
      return { ...order, shipments, lines: countShipments(order.lines, shipments), problems: [...others, ...problems] };
    }
    case 'delivery_completed':
      return { ...order, delivered_at: event.at, return_window_ends_at: event.after.return_window_ends_at };
    case 'closed':
      return { ...order, closed_at: event.at };
  }
}

function derive(order: Order, at: string): Order {
  const fulfillment_stage = orderStage(order);
  return {
    ...order,
    status: orderStatus(order),
    fulfillment_stage,
    stage_since: fulfillment_stage === order.fulfillment_stage ? order.stage_since : at,
    ...orderWaiting(order),
  };
}

/** Applies one event of an order's log; phases are derived anew. Throws when a log does not begin with its capture. */
export function evolveOrder(document: Order | undefined, logged: LoggedEvent): Order {
  const event = logged as LoggedOrderEvent;
  const order = document ?? (event.type === 'captured' ? initialOrder(event.after.order, event.at) : undefined);
  if (!order) throw new Error(`The log of ${logged.entity_id} begins with ${logged.type}, not with its capture.`);
  const applied = apply(order, event);
  return derive(
    {
      ...applied,
      version: event.version,
      updated_at: event.recorded_at,
      steps: countStep(applied.steps, event.cause_id),
    },
    event.at,
  );
}
