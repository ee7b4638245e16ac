import { countStep, type LoggedEvent } from '../decider';
import type { OpenedShipment } from '../order/events';
import { recheckAt, withProblem, withoutProblem } from '../problems';
import { milestoneRank } from '../tracking/milestones';
import type { LoggedShipmentEvent } from './events';
import { shipmentStage, shipmentWaiting } from './phases';
import type { Shipment } from './schema';

function initialShipment(opened: OpenedShipment, at: string): Shipment {
  const { routing_decision_id, lines, ...rest } = opened;
  return {
    ...rest,
    routing: { routing_decision_id },
    carrier: null,
    lines: lines.map((line) => ({ ...line, picked: 0, packed: 0, shipped: 0, delivered: 0 })),
    parcels: [],
    opened_at: at,
    released_at: null,
    fulfillment_id: null,
    accepted_at: null,
    picked_at: null,
    packed_at: null,
    labelled_at: null,
    booking_id: null,
    cost: null,
    handed_off_at: null,
    announced_at: null,
    announcement_id: null,
    payment_captured_at: null,
    invoiced_at: null,
    invoice_id: null,
    in_transit_at: null,
    delivered_at: null,
    estimated_delivery_at: null,
    problems: [],
    reports: {},
    steps: {},
    version: 0,
    edit_version: 1,
    updated_at: at,
    fulfillment_stage: 'allocated',
    stage_since: at,
    waiting_for: 'warehouse',
    waiting_until: null,
  };
}

function quantities(lines: readonly { line_id: string; quantity: number }[]): Map<string, number> {
  return new Map(lines.map((line) => [line.line_id, line.quantity]));
}

function apply(shipment: Shipment, event: LoggedShipmentEvent): Shipment {
  switch (event.type) {
    case 'opened':
    case 'refused':
      return shipment;
    case 'released':
      return { ...shipment, released_at: event.at, fulfillment_id: event.after.fulfillment_id };
    case 'accepted':
      return { ...shipment, accepted_at: event.at };
    case 'picked': {
      const picked = quantities(event.after.lines);
      const lines = shipment.lines.map((line) => ({ ...line, picked: picked.get(line.line_id) ?? line.picked }));
      return { ...shipment, lines, picked_at: lines.every((line) => line.picked === line.quantity) ? event.at : null };
    }
    case 'packed': {
      const packed = quantities(event.after.lines);
      return {
        ...shipment,
        packed_at: event.at,
        picked_at: shipment.picked_at ?? event.at,
        lines: shipment.lines.map((line) => {
          const count = packed.get(line.line_id) ?? line.quantity;
          return { ...line, packed: count, picked: Math.max(line.picked, count) };
        }),
        parcels: event.after.parcels.map((parcel) => ({
          ...parcel,
          tracking_number: null,
          milestone: 'UNKNOWN',
          milestone_at: null,
        })),
      };
    }
    case 'labelled': {
      const numbers = new Map(event.after.parcels.map((parcel) => [parcel.parcel_id, parcel.tracking_number]));
      return {
        ...shipment,
        labelled_at: event.at,
        booking_id: event.after.booking_id,
        carrier: event.after.carrier,
        service: event.after.service,
        cost: event.after.cost,
        estimated_delivery_at: event.after.estimated_delivery_at,
        parcels: shipment.parcels.map((parcel) => ({
          ...parcel,
          tracking_number: numbers.get(parcel.parcel_id) ?? null,
          milestone: 'LABEL_CREATED',
          milestone_at: event.at,
        })),
      };
    }
    case 'handed_off':
      return {
        ...shipment,
        handed_off_at: event.at,
        lines: shipment.lines.map((line) => ({ ...line, shipped: line.packed })),
      };
    case 'announced':
      return { ...shipment, announced_at: event.at, announcement_id: event.after.announcement_id };
    case 'payment_captured':
      return {
        ...shipment,
        payment_captured_at: event.at,
        captures: shipment.captures.map((share, index) => ({
          ...share,
          capture_id: event.after.capture_ids[index] ?? null,
        })),
      };
    case 'invoiced':
      return { ...shipment, invoiced_at: event.at, invoice_id: event.after.invoice_id };
    case 'tracking_updated': {
      const { tracking_number, milestone, at } = event.after;
      const parcels = shipment.parcels.map((parcel) =>
        parcel.tracking_number === tracking_number ? { ...parcel, milestone, milestone_at: at } : parcel,
      );
      const moving = parcels.some((parcel) => milestoneRank[parcel.milestone] >= milestoneRank.PICKED_UP);
      return { ...shipment, parcels, in_transit_at: shipment.in_transit_at ?? (moving ? at : null) };
    }
    case 'delivered':
      return {
        ...shipment,
        delivered_at: event.after.delivered_at,
        lines: shipment.lines.map((line) => ({ ...line, delivered: line.shipped })),
      };
    case 'problem_raised':
      return { ...shipment, problems: withProblem(shipment.problems, event.after.problem) };
    case 'problem_cleared':
      return { ...shipment, problems: withoutProblem(shipment.problems, event.after.problem_id) };
    case 'recheck_requested':
      return { ...shipment, problems: recheckAt(shipment.problems, event.after.code, event.at) };
  }
}

function derive(shipment: Shipment, at: string): Shipment {
  const fulfillment_stage = shipmentStage(shipment);
  const moved = fulfillment_stage !== shipment.fulfillment_stage || shipment.version === 1;
  return {
    ...shipment,
    fulfillment_stage,
    stage_since: moved ? at : shipment.stage_since,
    reports: moved
      ? { ...shipment.reports, [fulfillment_stage]: (shipment.reports[fulfillment_stage] ?? 0) + 1 }
      : shipment.reports,
    ...shipmentWaiting(shipment),
  };
}

/** Applies one event of a shipment's log; phases are derived anew. Throws when a log does not begin with its opening. */
export function evolveShipment(document: Shipment | undefined, logged: LoggedEvent): Shipment {
  const event = logged as LoggedShipmentEvent;
  const shipment = document ?? (event.type === 'opened' ? initialShipment(event.after, event.at) : undefined);
  if (!shipment) throw new Error(`The log of ${logged.entity_id} begins with ${logged.type}, not with its opening.`);
  const applied = apply(shipment, event);
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
