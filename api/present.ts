import type { LoggedEvent } from '../domain/decider';
import type { eventSchema } from '../domain/event-schema';
import type { z } from 'zod';
import type { Stock } from '../domain/inventory/schema';
import { orderWorkflowId, shipmentWorkflowId } from '../domain/order/ids';
import { firstProblem } from '../domain/order/phases';
import type { Order, Problem } from '../domain/order/schema';
import type { ShipmentRecord } from '../store/read-shipments';
import type { OrderAnswer, ProblemAnswer } from './schemas/order-answer';
import type { ShipmentAnswer } from './schemas/shipment-answer';

/** Where things that an answer links to are found. */
export interface LinkSettings {
  temporal_ui_url?: string | undefined;
  temporal_namespace: string;
}

/** How documents become answers: internals are left out, what follows from the facts is added. */
export interface Present {
  order(order: Order, baseUrl: string): OrderAnswer;
  shipment(record: ShipmentRecord, baseUrl: string): ShipmentAnswer;
}

/** A stored document without its database key. */
export function withoutKey<Row extends object>(row: Row): Omit<Row, '_id'> {
  const { _id, ...rest } = row as Row & { _id?: unknown };
  return rest;
}

function presentProblem(problem: Problem): ProblemAnswer {
  return { ...problem, actions: [] };
}

function firstPresented(problems: readonly Problem[]): ProblemAnswer | null {
  const first = firstProblem(problems);
  return first ? presentProblem(first) : null;
}

/** Builds the presenters with the links of this installation. */
export function createPresent(settings: LinkSettings): Present {
  const workflowLink = (workflowId: string): string | null =>
    settings.temporal_ui_url === undefined
      ? null
      : `${settings.temporal_ui_url}/namespaces/${encodeURIComponent(settings.temporal_namespace)}/workflows/${encodeURIComponent(workflowId)}`;

  return {
    order(order, baseUrl) {
      const { content_hash, steps, plan, lost_races, ...shown } = withoutKey(order);
      return {
        ...shown,
        problem: firstPresented(order.problems),
        problems: order.problems.map(presentProblem),
        shipments: order.shipments.map((shipment) => shipment.shipment_id),
        allowed_actions: ['note'],
        links: {
          // An imported order is closed as it stands and has no run.
          temporal_ui: order.imported ? null : workflowLink(orderWorkflowId(order.channel_id, order.channel_order_id)),
          tracking_page: null,
          events: `${baseUrl}/v1/orders/${order.order_id}/events`,
        },
      };
    },

    shipment({ shipment, labels, tracking }, baseUrl) {
      const { steps, reports, order_workflow_id, order_placed_at, estimated_delivery_at, ...shown } =
        withoutKey(shipment);
      const url = `${baseUrl}/v1/shipments/${shipment.shipment_id}`;
      return {
        ...shown,
        status: shipment.fulfillment_stage,
        parcels: shipment.parcels.map((parcel) => {
          const ofParcel = labels.filter((label) => label.parcel_id === parcel.parcel_id && label.voided_at === null);
          const live = ofParcel.find((label) => label.format === 'pdf') ?? ofParcel[0];
          return {
            ...parcel,
            label: live
              ? {
                  format: live.format,
                  url: `${url}/label?format=${live.format}&parcel_id=${encodeURIComponent(parcel.parcel_id)}`,
                }
              : null,
          };
        }),
        problem: firstPresented(shipment.problems),
        problems: shipment.problems.map(presentProblem),
        delivery_eta:
          estimated_delivery_at === null
            ? null
            : {
                window: null,
                median: estimated_delivery_at,
                source: 'carrier',
                made_at: shipment.labelled_at ?? shipment.updated_at,
              },
        events: tracking.map((event) => {
          const { raw, shipment_id, ...rest } = withoutKey(event);
          return rest;
        }),
        links: {
          temporal_ui: workflowLink(shipmentWorkflowId(shipment.shipment_id)),
          order: `${baseUrl}/v1/orders/${shipment.order_id}`,
          events: `${url}/events`,
        },
      };
    },
  };
}

/** One entry of the event log as the API shows it; a capture's content hash stays inside. */
export function presentEvent(event: LoggedEvent): z.infer<typeof eventSchema> {
  const {
    event_id,
    entity,
    entity_id,
    type,
    at,
    recorded_at,
    actor,
    cause_id,
    before = null,
    after,
    reason = null,
  } = event;
  return {
    event_id,
    entity,
    entity_id,
    type,
    at,
    recorded_at,
    actor,
    cause_id,
    before,
    after: withoutHash(type, after),
    reason,
  };
}

function withoutHash(type: string, after: unknown): unknown {
  if (type !== 'captured') return after;
  const { content_hash, ...order } = (after as { order: Record<string, unknown> }).order;
  return { order };
}

/** A stock document as the API shows it. */
export function presentStock(stock: Stock): Stock & { available: number } {
  return { ...withoutKey(stock), available: Math.max(0, stock.on_hand - stock.allocated - stock.safety_stock) };
}
