/** The embedded carrier's own HTTP payloads. Made up for this project (README.md), API version 2. */
import { z } from 'zod';

const line = z.string().min(1).max(80);

/** An address line holds at most 80 characters: that is what fits on a label. */
export const wirePartySchema = z.object({
  name: line,
  company: line.optional(),
  street: line,
  street2: line.optional(),
  town: line,
  region: line.optional(),
  zip: z.string().max(20).optional(),
  countryCode: z.string().length(2),
  phone: z.string().max(40).optional(),
});
export type WireParty = z.infer<typeof wirePartySchema>;

/** Money in minor units. */
export const wireMoneySchema = z.object({ minor: z.int().nonnegative(), currency: z.string().length(3) });

/** `POST /v2/bookings`; weights in grams, sides in millimetres. */
export const wireBookingSchema = z.object({
  customerReference: z.string().min(1).max(200),
  product: z.string(),
  shipper: wirePartySchema,
  consignee: wirePartySchema,
  packages: z
    .array(
      z.object({
        ref: z.string().min(1),
        grams: z.int().positive(),
        sides: z.tuple([z.int().positive(), z.int().positive(), z.int().positive()]).optional(),
        note: z.string().max(80).optional(),
      }),
    )
    .min(1)
    .max(99),
  insured: wireMoneySchema.optional(),
});
export type WireBooking = z.infer<typeof wireBookingSchema>;

/** A booking as it stands; documents in base64. */
export const wireBookedSchema = z.object({
  bookingNo: z.string().min(1),
  customerReference: z.string().min(1),
  product: z.enum(['EXPRESS', 'STANDARD']),
  cancelled: z.boolean(),
  packages: z
    .array(
      z.object({
        ref: z.string().min(1),
        trackingNo: z.string().min(1),
        documents: z.array(z.object({ type: z.enum(['PDF', 'ZPL']), data: z.base64() })).min(1),
      }),
    )
    .min(1),
  price: wireMoneySchema,
  eta: z.string(),
});
export type WireBooked = z.infer<typeof wireBookedSchema>;

/** `GET /v2/bookings?customerReference=`, oldest first. */
export const wireBookingsSchema = z.object({ bookings: z.array(wireBookedSchema) });

/** `DELETE /v2/bookings/{bookingNo}`. */
export const wireCancelledSchema = z.object({ bookingNo: z.string().min(1), cancelledAt: z.string() });

/** One scan. */
export const wireScanSchema = z.object({
  id: z.string().min(1),
  trackingNo: z.string().min(1),
  customerReference: z.string(),
  code: z.string(),
  description: z.string(),
  occurredAt: z.string(),
  town: z.string().optional(),
  countryCode: z.string().optional(),
});
export type WireScan = z.infer<typeof wireScanSchema>;

/** `GET /v2/scans?after=&limit=`. */
export const wireScansSchema = z.object({ scans: z.array(wireScanSchema), next: z.string(), more: z.boolean() });

/** `GET /v2/parcels/{trackingNo}/scans`. */
export const wireParcelScansSchema = z.object({ scans: z.array(wireScanSchema) });

/** `GET /v2/me`. */
export const wireAccountSchema = z.object({ account: z.string(), time: z.string() });
