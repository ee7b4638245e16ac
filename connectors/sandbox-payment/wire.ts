/** The embedded payment provider's own HTTP payloads; `value` is in minor units. Made up for this project, version 1. */
import { z } from 'zod';

const currency = z.string().length(3);

/** `GET /authorizations/{ref}?value=&currency=`: one not seen before is taken as authorized for the stated value. */
export const wireAuthorizationSchema = z.object({
  ref: z.string().min(1),
  status: z.enum(['OPEN', 'CAPTURED']),
  value: z.int().nonnegative(),
  capturedValue: z.int().nonnegative(),
  refundedValue: z.int().nonnegative(),
  currency,
});
export type WireAuthorization = z.infer<typeof wireAuthorizationSchema>;

/** `POST /authorizations/{ref}/captures`; `authorizedValue` is what an authorization not seen before is taken for. */
export const wireCaptureRequestSchema = z.object({
  merchantRef: z.string().min(1),
  value: z.int().positive(),
  authorizedValue: z.int().positive().optional(),
  currency,
});
export type WireCaptureRequest = z.infer<typeof wireCaptureRequestSchema>;

/** `POST /authorizations/{ref}/refunds`. */
export const wireRefundRequestSchema = z.object({
  merchantRef: z.string().min(1),
  value: z.int().positive(),
  currency,
});
export type WireRefundRequest = z.infer<typeof wireRefundRequestSchema>;

/** A capture or a refund as it stands. */
export const wireMovementSchema = z.object({
  id: z.string().min(1),
  merchantRef: z.string().min(1),
  value: z.int().positive(),
  currency,
});
export type WireMovement = z.infer<typeof wireMovementSchema>;

/** `GET /captures?merchantRef=` and `GET /refunds?merchantRef=`, oldest first. */
export const wireMovementsSchema = z.object({ items: z.array(wireMovementSchema) });

/** `GET /me`. */
export const wireAccountSchema = z.object({ account: z.string(), time: z.string() });
