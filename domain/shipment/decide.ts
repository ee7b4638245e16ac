import type { Cause, DecideContext, Decider, Decision, Outgoing, Step } from '../decider';
import type { ShipmentReport } from '../order/decide';
import { shipmentWorkflowId } from '../order/ids';
import type { Problem, ProblemCode, WaitingFor } from '../order/schema';
import { problemFor, secondsAfter } from '../problems';
import { milestoneRank } from '../tracking/milestones';
import type { LabelOutcome, PackedParcel, ShipmentEvent, TrackingUpdate } from './events';
import { evolveShipment } from './evolve';
import { nextOfShipment, problemOfEffect, shipmentFacts, type ShipmentEffect, type ShipmentFacts } from './facts';
import type { Shipment } from './schema';

/** What the store gathers before a shipment's steps are decided. */
export interface ShipmentReference {
  /** The goods left the stock's books: the handoff may be recorded. */
  stock_shipped?: boolean;
}

/** A fault as a problem needs it: what kind, and the partner's own code; never a partner's text. */
export interface EffectFault {
  kind: string;
  code: string;
  reason: string | null;
}

/** What an effect came to; the shape of `outcome` depends on the effect. */
export type EffectResult = { outcome: unknown } | { fault: EffectFault };

/** What a warehouse says of a fulfillment. */
export interface FulfillmentEvent {
  event_id: string;
  type: string;
  at: string;
  lines: { line_id: string; quantity: number }[];
  parcels: PackedParcel[];
}

type Events = [ShipmentEvent, ...ShipmentEvent[]];

function refusal(cause: Cause, code: string, detail: string): Decision {
  return { events: [{ type: 'refused', after: { kind: cause.kind, code, detail } }], send: [] };
}

const waitsFor: Readonly<Record<ShipmentEffect, WaitingFor>> = {
  release: 'warehouse',
  label: 'carrier',
  announce: 'channel',
  capture: 'payment',
  invoice: 'erp',
};

const needsPerson = new Set([
  'rejected',
  'invalid',
  'unauthenticated',
  'forbidden',
  'misconfigured',
  'unexpected_response',
]);

const titles: Readonly<Record<ShipmentEffect, string>> = {
  release: 'The warehouse did not take the shipment',
  label: 'The carrier did not sell a label',
  announce: 'The channel did not take the shipping notice',
  capture: 'The payment was not captured',
  invoice: 'The invoice was not taken',
};

function codesOf(effect: ShipmentEffect): ProblemCode[] {
  return effect === 'capture' ? ['CAPTURE_FAILED', 'PAYMENT_IN_DOUBT'] : [problemOfEffect[effect]];
}

function cleared(shipment: Shipment, codes: readonly ProblemCode[]): ShipmentEvent[] {
  return shipment.problems
    .filter((problem) => codes.includes(problem.code))
    .map(({ problem_id, code }) => ({ type: 'problem_cleared', after: { problem_id, code } }));
}

function decideFault(shipment: Shipment, effect: ShipmentEffect, fault: EffectFault, context: DecideContext): Decision {
  const inDoubt = effect === 'capture' && (fault.kind === 'outcome_unknown' || fault.kind === 'unexpected_response');
  const code: ProblemCode = inDoubt ? 'PAYMENT_IN_DOUBT' : problemOfEffect[effect];
  const problem: Problem = problemFor(
    { ...shipment, id: shipment.shipment_id },
    {
      code,
      scope: 'shipment',
      scope_id: shipment.shipment_id,
      stage: shipment.fulfillment_stage,
      detail: `${titles[effect]}: ${fault.kind}${fault.reason ? `, ${fault.reason}` : ''} (${fault.code}).`,
      waiting_for: needsPerson.has(fault.kind) ? 'operator' : waitsFor[effect],
      until: secondsAfter(context.now, context.settings.retry_s),
    },
    context.now,
  );
  return { events: [{ type: 'problem_raised', after: { problem } }], send: [] };
}

function outcomeEvent(effect: ShipmentEffect, outcome: unknown): ShipmentEvent {
  switch (effect) {
    case 'release':
      return { type: 'released', after: outcome as { fulfillment_id: string } };
    case 'label':
      return { type: 'labelled', after: outcome as LabelOutcome };
    case 'announce':
      return { type: 'announced', after: outcome as { announcement_id: string } };
    case 'capture':
      return { type: 'payment_captured', after: outcome as { capture_ids: string[] } };
    case 'invoice':
      return { type: 'invoiced', after: outcome as { invoice_id: string } };
  }
}

function decideStep(shipment: Shipment, cause: Cause, context: DecideContext): Decision {
  const name = cause.cause_id.split('/')[1];
  if (name === 'handoff') return { events: [{ type: 'handed_off', after: {} }], send: [] };
  const effect = name as ShipmentEffect;
  const result = cause.body as EffectResult;
  if ('fault' in result) return decideFault(shipment, effect, result.fault, context);
  return { events: [outcomeEvent(effect, result.outcome), ...cleared(shipment, codesOf(effect))], send: [] };
}

function decideFulfillmentEvent(shipment: Shipment, cause: Cause): Decision {
  const event = cause.body as FulfillmentEvent;
  const known = new Map(shipment.lines.map((line) => [line.line_id, line.quantity]));
  const wrong = event.lines.find((line) => line.quantity < 0 || line.quantity > (known.get(line.line_id) ?? -1));
  if (wrong) {
    return refusal(
      cause,
      'QUANTITY_WRONG',
      `The warehouse reports ${String(wrong.quantity)} of line ${wrong.line_id}.`,
    );
  }
  switch (event.type) {
    case 'accepted':
      if (shipment.accepted_at !== null) return refusal(cause, 'ALREADY_ACCEPTED', 'The warehouse accepted before.');
      return { events: [{ type: 'accepted', after: {} }], send: [] };
    case 'picked':
      if (shipment.packed_at !== null) return refusal(cause, 'ALREADY_PACKED', 'The shipment is packed.');
      return { events: [{ type: 'picked', after: { lines: event.lines } }], send: [] };
    case 'packed':
      if (shipment.packed_at !== null) return refusal(cause, 'ALREADY_PACKED', 'The shipment is packed.');
      if (event.parcels.length === 0) return refusal(cause, 'PARCELS_MISSING', 'Packed without a parcel.');
      return { events: [{ type: 'packed', after: { parcels: event.parcels, lines: event.lines } }], send: [] };
    default:
      return refusal(cause, 'EVENT_UNKNOWN', `The warehouse reports ${event.type}, which means nothing here.`);
  }
}

function decideTracking(shipment: Shipment, cause: Cause): Decision {
  const update = cause.body as TrackingUpdate;
  const parcel = shipment.parcels.find((candidate) => candidate.tracking_number === update.tracking_number);
  if (!parcel) return refusal(cause, 'PARCEL_UNKNOWN', `No parcel of this shipment is ${update.tracking_number}.`);
  if (milestoneRank[update.milestone] <= milestoneRank[parcel.milestone] || parcel.milestone === 'DELIVERED') {
    return refusal(cause, 'ALREADY_FURTHER', `The parcel is ${parcel.milestone}.`);
  }
  const events: Events = [{ type: 'tracking_updated', after: update }];
  const others = shipment.parcels.filter((candidate) => candidate !== parcel);
  if (update.milestone === 'DELIVERED' && others.every((other) => other.milestone === 'DELIVERED')) {
    const delivered_at =
      [update.at, ...others.map((other) => other.milestone_at ?? update.at)].toSorted().at(-1) ?? update.at;
    events.push({ type: 'delivered', after: { delivered_at } });
  }
  return { events, send: [] };
}

/** Decides what a cause comes to for a shipment as it is now; pure. At least one event always results. */
export function decideShipment(shipment: Shipment | undefined, cause: Cause, context: DecideContext): Decision {
  if (!shipment) {
    if (cause.kind === 'open') return { events: [{ type: 'opened', after: cause.body }], send: [] };
    throw new Error(`A ${cause.kind} cannot create a shipment.`);
  }
  switch (cause.kind) {
    case 'open':
      return refusal(cause, 'ALREADY_OPEN', 'The shipment is on record.');
    case 'fulfillment_event':
      return decideFulfillmentEvent(shipment, cause);
    case 'tracking':
      return decideTracking(shipment, cause);
    case 'recheck': {
      const { code } = cause.body as { code: string };
      if (!shipment.problems.some((problem) => problem.code === code)) {
        return refusal(cause, 'NOT_WAITING', `The shipment does not wait for ${code}.`);
      }
      return { events: [{ type: 'recheck_requested', after: { code } }], send: [] };
    }
    case 'step':
      return decideStep(shipment, cause, context);
    default:
      return refusal(cause, 'COMMAND_UNKNOWN', `A shipment does not know ${cause.kind}.`);
  }
}

/** Scans of a parcel may come before its label and its handoff are on record: they wait, as what is delivered was shipped. */
function ready(shipment: Shipment, cause: Cause): boolean {
  return cause.kind !== 'tracking' || shipment.handed_off_at !== null;
}

/** The report that a transaction owes the order: where the shipment stands now, once for each milestone or change of problems. */
function report(before: Shipment | undefined, after: Shipment, causeId: string): Outgoing[] {
  const moved = before?.fulfillment_stage !== after.fulfillment_stage;
  if (!moved && JSON.stringify(before.problems) === JSON.stringify(after.problems)) return [];
  // Opening is the order's own doing: it needs no report.
  if (before === undefined && after.fulfillment_stage === 'allocated' && after.problems.length === 0) return [];
  const times = after.reports[after.fulfillment_stage] ?? 1;
  const milestone = times > 1 ? `${after.fulfillment_stage}/${String(times)}` : after.fulfillment_stage;
  const body: ShipmentReport = {
    summary: {
      shipment_id: after.shipment_id,
      n: after.n,
      location_id: after.location_id,
      stage: after.fulfillment_stage,
      milestone:
        after.parcels.map((p) => p.milestone).toSorted((a, b) => milestoneRank[a] - milestoneRank[b])[0] ?? 'UNKNOWN',
      carrier: after.carrier,
      reported_version: after.version,
      delivered_at: after.delivered_at,
      waiting_for: after.waiting_for ?? 'hub',
      until: after.waiting_until,
      lines: after.lines.map(({ line_id, quantity, picked, packed, shipped, delivered }) => ({
        line_id,
        quantity,
        picked,
        packed,
        shipped,
        delivered,
      })),
    },
    problems: after.problems,
  };
  return [
    {
      cause_id: moved ? `rep/${after.shipment_id}/${milestone}` : `rep/${after.shipment_id}/${causeId}`,
      to: after.order_id,
      workflow_id: after.order_workflow_id,
      kind: 'report',
      body,
    },
  ];
}

function decidable(step: Step, context: DecideContext): boolean {
  return step.name === 'handoff' && ((context.reference ?? {}) as ShipmentReference).stock_shipped === true;
}

/** The shipment as a decider: what the store runs in its transactions and the workflow asks what comes next. */
export const shipmentDecider: Decider<Shipment, ShipmentFacts> = {
  entity: 'shipment',
  creates: ['open'],
  ready,
  decide: decideShipment,
  evolve: evolveShipment,
  facts: shipmentFacts,
  next: nextOfShipment,
  report,
  decidable,
  workflowId: (shipment) => shipmentWorkflowId(shipment.shipment_id),
};
