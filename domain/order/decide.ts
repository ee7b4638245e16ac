import type { Cause, DecideContext, Decider, Decision, Outgoing, Step } from '../decider';
import { problemFor, secondsAfter } from '../problems';
import { nearestFirst, type Router, type Source } from '../routing/nearest';
import type { Coordinates } from '../values-schema';
import type { CapturedOrder, OpenedShipment, OrderEvent } from './events';
import { evolveOrder, withOpenedShipment } from './evolve';
import { nextOfOrder, orderFacts, type OrderFacts } from './facts';
import { orderWorkflowId, shipmentWorkflowId } from './ids';
import { openShipment } from './open-shipment';
import type { NoteInput, Order, PlannedShipment, Problem, ShipmentSummary } from './schema';

/** What the store gathers before an order's steps are decided. A missing part means that the step cannot be decided now. */
export interface OrderReference {
  /** Our sku for what the channel wrote; unknown ones are absent. */
  skus?: Readonly<Record<string, string>>;
  /** Locations that may serve the order, with what they can promise of its skus, and where it goes. */
  routing?: { sources: readonly Source[]; destination: Coordinates | null };
}

/** What a reservation came to, as the inventory decided it. */
export interface ReservationOutcome {
  reservation_id: string;
  held: boolean;
  lost: { sku: string; location_id: string }[];
}

/** A shipment's report to its order: where it stands now, and what stops it. */
export interface ShipmentReport {
  summary: ShipmentSummary;
  problems: Problem[];
}

const maxShipments = 3;
const maxLostRaces = 10;

function refusal(cause: Cause, code: string, detail: string): Decision {
  return { events: [{ type: 'refused', after: { kind: cause.kind, code, detail } }], send: [] };
}

function only(event: OrderEvent): Decision {
  return { events: [event], send: [] };
}

function decideCapture(cause: Cause): Decision {
  const order = cause.body as CapturedOrder;
  // An imported order happened elsewhere: it is recorded and closed, without stock, labels or messages.
  const events: [OrderEvent, ...OrderEvent[]] = [{ type: 'captured', after: { order } }];
  if (order.imported) events.push({ type: 'closed', after: {}, reason: 'imported' });
  return { events, send: [] };
}

function decideValidate(order: Order, reference: OrderReference, context: DecideContext): Decision {
  const known = reference.skus ?? {};
  const unknown = order.lines.filter((line) => known[line.channel_sku] === undefined);
  const standing = order.problems.find((problem) => problem.code === 'SKU_UNKNOWN');
  if (unknown.length > 0) {
    const problem = problemFor(
      { ...order, id: order.order_id },
      {
        code: 'SKU_UNKNOWN',
        scope: 'order',
        scope_id: order.order_id,
        stage: order.fulfillment_stage,
        detail: `No product is known as ${unknown.map((line) => line.channel_sku).join(', ')}. Create it or map an alias.`,
        waiting_for: 'operator',
        until: secondsAfter(context.now, context.settings.retry_s),
      },
      context.now,
    );
    return only({ type: 'problem_raised', after: { problem } });
  }
  const lines = order.lines.map((line) => ({ line_id: line.line_id, sku: known[line.channel_sku] ?? line.sku }));
  const events: [OrderEvent, ...OrderEvent[]] = [{ type: 'validated', after: { lines } }];
  if (standing)
    events.push({ type: 'problem_cleared', after: { problem_id: standing.problem_id, code: standing.code } });
  return { events, send: [] };
}

/** The numbers of an order's shipments go on where the last plan or shipment ended, also when a race was lost. */
function numbered(order: Order, shipments: Omit<PlannedShipment, 'n'>[]): PlannedShipment[] {
  return shipments.map((shipment, index) => ({ n: order.shipments.length + index + 1, ...shipment }));
}

function decideRoute(
  order: Order,
  reference: OrderReference,
  context: DecideContext,
  step: string,
  router: Router,
): Decision {
  const routing = reference.routing ?? { sources: [], destination: null };
  const demands = order.lines
    .map((line) => ({
      line_id: line.line_id,
      sku: line.sku,
      quantity: line.quantity - line.cancelled - line.allocated,
    }))
    .filter((demand) => demand.quantity > 0);
  const plan =
    order.lost_races >= maxLostRaces
      ? { assignments: [], short: demands }
      : router({ demands, ...routing, max_shipments: maxShipments });
  const events: [OrderEvent, ...OrderEvent[]] = [
    {
      type: 'routed',
      after: {
        routing_decision_id: `rtd_${order.order_id.slice(4)}_${step}`,
        shipments: numbered(order, plan.assignments),
        short: plan.short.map(({ line_id, quantity }) => ({ line_id, quantity })),
      },
    },
  ];
  const standing = order.problems.find((problem) => problem.code === 'STOCK_SHORT');
  if (plan.short.length > 0) {
    const missing = plan.short.map((short) => `${String(short.quantity)} × ${short.sku}`).join(', ');
    const problem = problemFor(
      { ...order, id: order.order_id },
      {
        code: 'STOCK_SHORT',
        scope: 'order',
        scope_id: order.order_id,
        stage: order.fulfillment_stage,
        detail: `Short of ${missing} at the locations that serve this order. It goes on when stock arrives.`,
        waiting_for: 'stock',
        until: secondsAfter(context.now, context.settings.backorder_recheck_s),
      },
      context.now,
    );
    events.push({ type: 'problem_raised', after: { problem } });
  } else if (standing) {
    events.push({ type: 'problem_cleared', after: { problem_id: standing.problem_id, code: standing.code } });
  }
  return { events, send: [] };
}

function decideReserve(order: Order, cause: Cause): Decision {
  const outcome = cause.body as ReservationOutcome;
  if (order.plan?.reserved !== false) return refusal(cause, 'NO_PLAN', 'There is no plan that waits for its stock.');
  if (!outcome.held) return only({ type: 'reservation_lost', after: { lost: outcome.lost } });
  const quantities = new Map<string, number>();
  for (const line of order.plan.shipments.flatMap((shipment) => shipment.lines)) {
    quantities.set(line.line_id, (quantities.get(line.line_id) ?? 0) + line.quantity);
  }
  const lines = [...quantities].map(([line_id, quantity]) => ({ line_id, quantity }));
  return only({ type: 'allocated', after: { reservation_id: outcome.reservation_id, lines } });
}

function openingRow(opened: OpenedShipment): Outgoing {
  return {
    cause_id: opened.shipment_id,
    to: opened.shipment_id,
    workflow_id: shipmentWorkflowId(opened.shipment_id),
    kind: 'open',
    body: opened,
  };
}

function decideOpen(order: Order): Decision {
  let current = order;
  const opened: OpenedShipment[] = [];
  for (const planned of order.plan?.shipments ?? []) {
    const shipment = openShipment(current, planned, order.plan?.routing_decision_id ?? '');
    opened.push(shipment);
    current = withOpenedShipment(current, shipment);
  }
  const [first, ...rest] = opened.map((after): OrderEvent => ({ type: 'shipment_opened', after }));
  if (!first) throw new Error(`There is no plan to open for ${order.order_id}.`);
  return { events: [first, ...rest], send: opened.map(openingRow) };
}

function decideReport(order: Order, cause: Cause): Decision {
  const report = cause.body as ShipmentReport;
  const known = order.shipments.find((shipment) => shipment.shipment_id === report.summary.shipment_id);
  if (!known)
    return refusal(cause, 'SHIPMENT_UNKNOWN', `${report.summary.shipment_id} is not a shipment of this order.`);
  if (known.reported_version >= report.summary.reported_version) {
    return refusal(cause, 'REPORT_OUTDATED', 'A later report of this shipment is on record.');
  }
  return only({ type: 'shipment_reported', after: report });
}

function decideStep(order: Order, cause: Cause, context: DecideContext, router: Router): Decision {
  const reference = (context.reference ?? {}) as OrderReference;
  const [, name, n = ''] = cause.cause_id.split('/');
  switch (name) {
    case 'validate':
      return decideValidate(order, reference, context);
    case 'route':
      return decideRoute(order, reference, context, n, router);
    case 'reserve':
      return decideReserve(order, cause);
    case 'open':
      return decideOpen(order);
    case 'complete':
      return only({
        type: 'delivery_completed',
        after: { return_window_ends_at: secondsAfter(context.now, context.settings.return_window_s) },
      });
    case 'close':
      return only({ type: 'closed', after: {} });
    default:
      return refusal(cause, 'STEP_UNKNOWN', `An order has no step ${String(name)}.`);
  }
}

/** Decides what a cause comes to for an order as it is now; pure. At least one event always results. */
export function decideOrder(
  order: Order | undefined,
  cause: Cause,
  context: DecideContext,
  router: Router = nearestFirst,
): Decision {
  if (!order) {
    if (cause.kind === 'capture') return decideCapture(cause);
    throw new Error(`A ${cause.kind} cannot create an order.`);
  }
  switch (cause.kind) {
    case 'capture':
      return refusal(cause, 'ALREADY_CAPTURED', 'The order is on record.');
    case 'note': {
      const { text } = cause.body as NoteInput;
      return only({ type: 'noted', after: { note_id: cause.cause_id.replace(/^cmd_/, 'note_'), text } });
    }
    case 'recheck': {
      const { code } = cause.body as { code: string };
      const waits = order.problems.some((problem) => problem.code === code);
      if (!waits) return refusal(cause, 'NOT_WAITING', `The order does not wait for ${code}.`);
      return only({ type: 'recheck_requested', after: { code } });
    }
    case 'report':
      return decideReport(order, cause);
    case 'step':
      return decideStep(order, cause, context, router);
    default:
      return refusal(cause, 'COMMAND_UNKNOWN', `An order does not know ${cause.kind}.`);
  }
}

function decidable(step: Step, context: DecideContext): boolean {
  const reference = (context.reference ?? {}) as OrderReference;
  switch (step.name) {
    case 'validate':
      return reference.skus !== undefined;
    case 'route':
      return reference.routing !== undefined;
    case 'reserve':
      return false;
    default:
      return true;
  }
}

/** The order as a decider: what the store runs in its transactions and the workflow asks what comes next. */
export const orderDecider: Decider<Order, OrderFacts> = {
  entity: 'order',
  creates: ['capture'],
  ready: () => true,
  decide: decideOrder,
  evolve: evolveOrder,
  facts: orderFacts,
  next: nextOfOrder,
  report: () => [],
  decidable,
  workflowId: (order) => orderWorkflowId(order.channel_id, order.channel_order_id),
};
