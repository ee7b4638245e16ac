/** The embedded shop's own HTTP payloads. Made up for this project (README.md), API version 1. */
import { z } from 'zod';

/** `POST /shop/orders/{orderNo}/dispatches`. */
export const wireDispatchSchema = z.object({
  externalRef: z.string().min(1),
  items: z
    .array(z.object({ itemId: z.string().min(1), sku: z.string().optional(), pieces: z.int().positive() }))
    .min(1),
  packages: z
    .array(
      z.object({
        carrierName: z.string().min(1),
        trackingCode: z.string().min(1),
        trackingLink: z.string().optional(),
      }),
    )
    .min(1),
});
export type WireDispatch = z.infer<typeof wireDispatchSchema>;

/** A dispatch as the shop keeps it. */
export const wireDispatchedSchema = z.object({ dispatchId: z.string().min(1), externalRef: z.string().min(1) });
export type WireDispatched = z.infer<typeof wireDispatchedSchema>;

/** `GET /shop/dispatches?externalRef=`, oldest first. */
export const wireDispatchesSchema = z.object({ dispatches: z.array(wireDispatchedSchema) });

/** `GET /shop/me`. */
export const wireAccountSchema = z.object({ account: z.string(), time: z.string() });
