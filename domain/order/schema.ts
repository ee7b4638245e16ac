import { z } from 'zod';
import { milestoneSchema } from '../tracking/schema';
import { addressSchema, amountSchema, instantSchema, quantitySchema } from '../values-schema';
import { orderCaptureSchema } from './capture-schema';

const count = z.int().min(0);

/** What stops or may stop an order; `docs/errors.md` and the glossary say what an operator does about each. */
export const problemCodeSchema = z
  .enum([
    'SKU_UNKNOWN',
    'STOCK_SHORT',
    'LABEL_FAILED',
    'RELEASE_FAILED',
    'ANNOUNCE_FAILED',
    'PAYMENT_IN_DOUBT',
    'CAPTURE_FAILED',
    'INVOICE_FAILED',
  ])
  .meta({ id: 'ProblemCode' });

/** For whom or what an order waits. */
export const waitingForSchema = z
  .enum(['hub', 'operator', 'stock', 'warehouse', 'carrier', 'channel', 'payment', 'erp', 'return_window'])
  .meta({ id: 'WaitingFor' });

/** Why something does not move, for whom it waits, and until when. */
export const problemSchema = z
  .strictObject({
    problem_id: z.string(),
    code: problemCodeSchema,
    scope: z.enum(['order', 'line', 'shipment', 'parcel']),
    scope_id: z.string(),
    stage: z.string(),
    detail: z.string(),
    owner: z.string().nullable(),
    since: instantSchema,
    waiting_for: waitingForSchema,
    until: instantSchema.meta({ description: 'When the hub looks again by itself.' }),
  })
  .meta({ id: 'Problem' });

/** The phases of an order, derived from its facts; the predicates stand in `phases.ts`. */
export const orderStatusSchema = z
  .enum([
    'closed',
    'cancelled',
    'returned',
    'partially_returned',
    'delivered',
    'exception',
    'on_hold',
    'in_transit',
    'partially_shipped',
    'backordered',
    'processing',
    'pending',
  ])
  .meta({ id: 'OrderStatus' });

/** How far fulfillment has come; an order with several shipments shows the least advanced open one. */
export const fulfillmentStageSchema = z
  .enum([
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
  ])
  .meta({ id: 'FulfillmentStage' });

/** Cumulative quantities of a line, net of undo. */
export const lineCountersSchema = z.strictObject({
  cancelled: count,
  backordered: count,
  allocated: count,
  released: count,
  picked: count,
  packed: count,
  shipped: count,
  delivered: count,
  return_requested: count,
  returned: count,
  refunded: count,
});

/** A line of an order with its counters. */
export const orderLineSchema = z
  .strictObject({
    ...orderCaptureSchema.shape.lines.element.shape,
    line_id: z.string(),
    channel_sku: z.string().meta({ description: 'The sku as the channel wrote it; `sku` is ours once it is known.' }),
    ...lineCountersSchema.shape,
  })
  .meta({ id: 'OrderLine' });

/** Sums over an order in the minor unit of its currency. */
export const totalsSchema = z
  .strictObject({
    subtotal: amountSchema,
    discount_total: amountSchema,
    tax_total: amountSchema,
    shipping_total: amountSchema,
    grand_total: amountSchema,
  })
  .meta({ id: 'Totals' });

const quantityOfLineSchema = z.strictObject({ line_id: z.string(), quantity: quantitySchema });

/** One part of a routing plan: what one location is to ship. */
export const plannedShipmentSchema = z
  .strictObject({
    n: z.int().min(1),
    location_id: z.string(),
    distance_km: z.number().nullable(),
    lines: z.array(z.strictObject({ line_id: z.string(), sku: z.string(), quantity: quantitySchema })),
  })
  .meta({ id: 'PlannedShipment' });

/** What the order knows of a shipment: its last report. */
export const shipmentSummarySchema = z
  .strictObject({
    shipment_id: z.string(),
    n: z.int().min(1),
    location_id: z.string(),
    stage: fulfillmentStageSchema,
    milestone: milestoneSchema,
    carrier: z.string().nullable(),
    reported_version: count,
    delivered_at: instantSchema.nullable(),
    waiting_for: waitingForSchema,
    until: instantSchema.nullable(),
    lines: z.array(
      z.strictObject({
        line_id: z.string(),
        quantity: quantitySchema,
        picked: count,
        packed: count,
        shipped: count,
        delivered: count,
      }),
    ),
  })
  .meta({ id: 'ShipmentSummary' });

/** A payment of the order; `planned` is what its shipments will capture, in the minor unit. */
export const paymentSchema = z
  .strictObject({
    ...orderCaptureSchema.shape.payments.unwrap().element.shape,
    collected_by: z.enum(['channel', 'hub']),
    planned: amountSchema,
  })
  .meta({ id: 'Payment' });

/** What a person wrote on an order. */
export const noteSchema = z
  .strictObject({ note_id: z.string(), text: z.string(), at: instantSchema, by: z.string() })
  .meta({ id: 'Note' });

/** An order as it is stored: facts, and the phases that follow from them. */
export const orderSchema = z
  .strictObject({
    ...orderCaptureSchema.shape,
    order_id: z.string(),
    customer_id: z.string(),
    captured_at: instantSchema,
    content_hash: z.string(),
    version: count,
    edit_version: count,
    updated_at: instantSchema,
    prices_include_tax: z.boolean(),
    service_level: z.string(),
    test: z.boolean(),
    imported: z.boolean(),
    fulfillment: z.strictObject({ method: z.enum(['ship', 'pickup']), location_id: z.string().optional() }),
    lines: z.array(orderLineSchema),
    stated_totals: orderCaptureSchema.shape.totals,
    totals: totalsSchema,
    payments: z.array(paymentSchema),
    ship_to: addressSchema,
    promises: z.array(z.unknown()),
    holds: z.array(z.unknown()),
    problems: z.array(problemSchema),
    changes: z.array(z.unknown()),
    notes: z.array(noteSchema),
    tags: z.array(z.string()),
    shipments: z.array(shipmentSummarySchema),
    validated_at: instantSchema.nullable(),
    delivered_at: instantSchema.nullable(),
    return_window_ends_at: instantSchema.nullable(),
    closed_at: instantSchema.nullable(),
    plan: z
      .strictObject({
        routing_decision_id: z.string(),
        decided_at: instantSchema,
        shipments: z.array(plannedShipmentSchema),
        short: z.array(quantityOfLineSchema),
        reserved: z.boolean(),
      })
      .nullable(),
    lost_races: count,
    steps: z.record(z.string(), count),
    status: orderStatusSchema,
    fulfillment_stage: fulfillmentStageSchema,
    stage_since: instantSchema,
    waiting_for: waitingForSchema.nullable(),
    waiting_until: instantSchema.nullable(),
  })
  .meta({ id: 'StoredOrder' });

/** The body of `POST /v1/orders/{order_id}/notes`. */
export const noteInputSchema = z.strictObject({ text: z.string().trim().min(1).max(5000) }).meta({ id: 'NoteInput' });

export type Order = z.infer<typeof orderSchema>;
export type OrderLine = z.infer<typeof orderLineSchema>;
export type OrderStatus = z.infer<typeof orderStatusSchema>;
export type FulfillmentStage = z.infer<typeof fulfillmentStageSchema>;
export type WaitingFor = z.infer<typeof waitingForSchema>;
export type Problem = z.infer<typeof problemSchema>;
export type ProblemCode = z.infer<typeof problemCodeSchema>;
export type Totals = z.infer<typeof totalsSchema>;
export type Payment = z.infer<typeof paymentSchema>;
export type PlannedShipment = z.infer<typeof plannedShipmentSchema>;
export type ShipmentSummary = z.infer<typeof shipmentSummarySchema>;
export type NoteInput = z.infer<typeof noteInputSchema>;
