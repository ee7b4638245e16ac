/** What the hub asks of a carrier, and the scans that it hears back. */
import { z } from 'zod';
import { milestoneSchema } from '../../../domain/tracking/schema';
import { boxSchema, instantSchema, moneySchema, postalAddressSchema, referenceSchema } from './parts';

/** Buys labels: one booking with one label for each parcel; `goods_value` is what is declared or insured. */
export const shipmentBookInput = z.object({
  reference: referenceSchema,
  service: z.string().min(1),
  from: postalAddressSchema,
  to: postalAddressSchema,
  parcels: z.array(boxSchema.extend({ parcel_id: z.string().min(1), reference: z.string().optional() })).min(1),
  goods_value: moneySchema.optional(),
});
export type ShipmentBookInput = z.infer<typeof shipmentBookInput>;

/** A label ready to print, in base64; ZPL is UTF-8 text inside it. */
export const labelSchema = z.object({ format: z.enum(['pdf', 'zpl']), content_base64: z.string().min(1) });

/** What was bought: a tracking number and labels for each parcel, and the price in minor units. */
export const shipmentBookOutput = z.object({
  booking_id: z.string().min(1),
  carrier: z.string().min(1),
  service: z.string().min(1),
  parcels: z
    .array(
      z.object({
        parcel_id: z.string().min(1),
        tracking_number: z.string().min(1),
        labels: z.array(labelSchema).min(1),
      }),
    )
    .min(1),
  cost: moneySchema,
  estimated_delivery_at: instantSchema.optional(),
});
export type ShipmentBookOutput = z.infer<typeof shipmentBookOutput>;

/** Undoes a booking with all its labels. */
export const shipmentVoidInput = z.object({ reference: referenceSchema, booking_id: z.string().min(1) });
/** When the booking was undone; undoing again gives the same instant. */
export const shipmentVoidOutput = z.object({ booking_id: z.string().min(1), voided_at: instantSchema });

/** Why a parcel is not going on as it should. */
export const trackingReasonSchema = z.enum([
  'delay',
  'hold',
  'address',
  'refused',
  'damage',
  'lost',
  'customs',
  'weather',
  'missort',
  'unpaid',
]);

/** Who must act or answer for a reason. */
export const responsiblePartySchema = z.enum(['carrier', 'shipper', 'recipient', 'customs', 'nobody']);

/**
 * One scan in the carrier's words (`code`, `text`, `raw`) and in ours, with the table version that mapped it. An
 * exception has a `reason`, and the milestone UNKNOWN where it says nothing about progress; a code that no table knows
 * is UNKNOWN with `mapped_by` none.
 */
export const trackingItem = z.object({
  event_id: z.string().min(1),
  tracking_number: z.string().min(1),
  reference: z.string().optional(),
  code: z.string(),
  text: z.string(),
  at: instantSchema,
  place: z
    .object({
      city: z.string().optional(),
      postal_code: z.string().optional(),
      country: z
        .string()
        .regex(/^[A-Z]{2}$/)
        .optional(),
    })
    .optional(),
  milestone: milestoneSchema,
  reason: trackingReasonSchema.optional(),
  responsible_party: responsiblePartySchema.optional(),
  mapped_by: z.enum(['code', 'text', 'none']),
  table_version: z.string().min(1),
  raw: z.unknown(),
});
export type TrackingItem = z.infer<typeof trackingItem>;

/** Asks for all scans of one parcel. */
export const trackingGetInput = z.object({ tracking_number: z.string().min(1) });
/** All scans of one parcel that the carrier knows of. */
export const trackingGetOutput = z.object({ items: z.array(trackingItem) });
