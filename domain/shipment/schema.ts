import { z } from 'zod';
import { fulfillmentStageSchema, problemSchema, waitingForSchema } from '../order/schema';
import { milestoneSchema } from '../tracking/schema';
import { amountSchema, instantSchema, quantitySchema } from '../values-schema';

const count = z.int().min(0);

const shipmentLineSchema = z
  .strictObject({
    line_id: z.string(),
    sku: z.string(),
    quantity: quantitySchema,
    picked: count,
    packed: count,
    shipped: count,
    delivered: count,
  })
  .meta({ id: 'ShipmentLine' });

/** One box of a shipment; weight in grams, dimensions in millimetres. */
export const parcelSchema = z
  .strictObject({
    parcel_id: z.string(),
    weight_grams: z.int().min(1),
    length_mm: z.int().min(1).nullable(),
    width_mm: z.int().min(1).nullable(),
    height_mm: z.int().min(1).nullable(),
    tracking_number: z.string().nullable(),
    milestone: milestoneSchema,
    milestone_at: instantSchema.nullable(),
  })
  .meta({ id: 'StoredParcel' });

/** What this shipment is to capture from one payment of its order, in the minor unit. */
export const captureShareSchema = z
  .strictObject({
    provider: z.string(),
    authorization_reference: z.string(),
    amount: amountSchema,
    capture_id: z.string().nullable(),
  })
  .meta({ id: 'CaptureShare' });

/** What this shipment's invoice says, in the minor unit. */
export const invoiceShareSchema = z
  .strictObject({
    lines: z.array(
      z.strictObject({ line_id: z.string(), sku: z.string(), quantity: quantitySchema, amount: amountSchema }),
    ),
    shipping: amountSchema,
    total: amountSchema,
  })
  .meta({ id: 'InvoiceShare' });

/** A shipment as it is stored: one handover of parcels from one location. It holds no address: that stays on its order. */
export const shipmentSchema = z
  .strictObject({
    shipment_id: z.string(),
    order_id: z.string(),
    order_workflow_id: z.string(),
    order_placed_at: instantSchema,
    channel_id: z.string(),
    n: z.int().min(1),
    location_id: z.string(),
    routing: z.strictObject({ routing_decision_id: z.string() }),
    currency: z.string(),
    service: z.string(),
    carrier: z.string().nullable(),
    lines: z.array(shipmentLineSchema),
    parcels: z.array(parcelSchema),
    captures: z.array(captureShareSchema),
    invoice: invoiceShareSchema,
    opened_at: instantSchema,
    released_at: instantSchema.nullable(),
    fulfillment_id: z.string().nullable(),
    accepted_at: instantSchema.nullable(),
    picked_at: instantSchema.nullable(),
    packed_at: instantSchema.nullable(),
    labelled_at: instantSchema.nullable(),
    booking_id: z.string().nullable(),
    cost: z.strictObject({ amount: amountSchema, currency: z.string() }).nullable(),
    handed_off_at: instantSchema.nullable(),
    announced_at: instantSchema.nullable(),
    announcement_id: z.string().nullable(),
    payment_captured_at: instantSchema.nullable(),
    invoiced_at: instantSchema.nullable(),
    invoice_id: z.string().nullable(),
    in_transit_at: instantSchema.nullable(),
    delivered_at: instantSchema.nullable(),
    estimated_delivery_at: instantSchema.nullable(),
    problems: z.array(problemSchema),
    reports: z.record(z.string(), count).meta({ description: 'How often each milestone was reported to the order.' }),
    steps: z.record(z.string(), count),
    version: count,
    edit_version: count,
    updated_at: instantSchema,
    fulfillment_stage: fulfillmentStageSchema,
    stage_since: instantSchema,
    waiting_for: waitingForSchema.nullable(),
    waiting_until: instantSchema.nullable(),
  })
  .meta({ id: 'StoredShipment' });

export type Shipment = z.infer<typeof shipmentSchema>;
export type Parcel = z.infer<typeof parcelSchema>;
export type CaptureShare = z.infer<typeof captureShareSchema>;
export type InvoiceShare = z.infer<typeof invoiceShareSchema>;
