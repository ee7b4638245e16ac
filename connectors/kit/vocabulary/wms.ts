/** What the hub asks of a warehouse system, and what it hears back. */
import { z } from 'zod';
import { boxSchema, instantSchema, lineQuantitySchema, postalAddressSchema, referenceSchema } from './parts';

/** Asks a warehouse to pick and pack; `weight_grams` is the weight of one unit where the hub knows it. */
export const fulfillmentReleaseInput = z.object({
  reference: referenceSchema,
  location_code: z.string().min(1),
  ship_to: postalAddressSchema,
  lines: z
    .array(lineQuantitySchema.extend({ sku: z.string().min(1), weight_grams: z.int().positive().optional() }))
    .min(1),
  service_level: z.string().optional(),
});
/** The warehouse's own id of the work. */
export const fulfillmentReleaseOutput = z.object({ fulfillment_id: z.string().min(1) });

/** How far a warehouse is with a release. */
export const fulfillmentStateSchema = z.enum(['received', 'accepted', 'picked', 'packed', 'rejected', 'cancelled']);

/** Asks a warehouse to stop; its answer decides. */
export const fulfillmentCancelInput = z.object({ reference: referenceSchema, fulfillment_id: z.string().min(1) });
/** `cancelled` false means that the work was too far on; `state` says how far. */
export const fulfillmentCancelOutput = z.object({ cancelled: z.boolean(), state: fulfillmentStateSchema });

/** Asks how far a warehouse is. */
export const fulfillmentGetInput = z.object({ fulfillment_id: z.string().min(1) });
/** How far a warehouse is, with our reference as it knows it. */
export const fulfillmentGetOutput = z.object({
  fulfillment_id: z.string().min(1),
  reference: referenceSchema,
  state: fulfillmentStateSchema,
});

/** A box that left the packing table, with what lies in it. */
export const packedParcelSchema = boxSchema.extend({
  parcel_id: z.string().min(1),
  lines: z.array(lineQuantitySchema),
});

/** What a warehouse reports about a release; `lines` are the quantities that this report is about. */
export const shipmentConfirmationItem = z.object({
  event_id: z.string().min(1),
  fulfillment_id: z.string().min(1),
  reference: referenceSchema,
  type: z.enum(['accepted', 'picked', 'packed', 'short', 'rejected', 'cancelled']),
  at: instantSchema,
  lines: z.array(lineQuantitySchema),
  parcels: z.array(packedParcelSchema).optional(),
  reason: z.string().optional(),
});
export type ShipmentConfirmation = z.infer<typeof shipmentConfirmationItem>;
