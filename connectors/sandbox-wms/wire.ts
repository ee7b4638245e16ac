/** The embedded warehouse's own HTTP payloads. Made up for this project (README.md), API version 1. */
import { z } from 'zod';

/** Where the goods go, in the warehouse's words. */
const consigneeSchema = z.object({
  name: z.string().min(1),
  company: z.string().optional(),
  street: z.string().min(1),
  street2: z.string().optional(),
  town: z.string().min(1),
  region: z.string().optional(),
  zip: z.string().optional(),
  countryCode: z.string().length(2),
  phone: z.string().optional(),
  email: z.string().optional(),
});

/** `POST /api/v1/orders`; `unitWeight` in grams. */
export const wireOrderSchema = z.object({
  orderNumber: z.string().min(1),
  warehouse: z.string().min(1),
  priority: z.string().optional(),
  consignee: consigneeSchema,
  positions: z
    .array(
      z.object({
        position: z.string().min(1),
        article: z.string().min(1),
        qty: z.int().positive(),
        unitWeight: z.int().positive().optional(),
      }),
    )
    .min(1),
});
export type WireOrder = z.infer<typeof wireOrderSchema>;

/** States of an order in the warehouse. */
export const wireStatusSchema = z.enum(['NEW', 'ACKNOWLEDGED', 'PICKED', 'PACKED', 'REFUSED', 'STOPPED']);

/** Answer to creating and to reading an order. */
export const wireOrderAnswerSchema = z.object({
  id: z.string().min(1),
  orderNumber: z.string().min(1),
  status: wireStatusSchema,
});
export type WireOrderAnswer = z.infer<typeof wireOrderAnswerSchema>;

/** `POST /api/v1/orders/{id}/stop`. */
export const wireStopAnswerSchema = z.object({ id: z.string().min(1), stopped: z.boolean(), status: wireStatusSchema });

const wirePositionSchema = z.object({ position: z.string().min(1), qty: z.int().positive() });

/** One report; `time` in ISO 8601, `grams` and sides in millimetres. */
export const wireReportSchema = z.object({
  id: z.string().min(1),
  orderId: z.string().min(1),
  orderNumber: z.string().min(1),
  kind: z.enum(['ACK', 'PICK', 'PACK', 'SHORT', 'REFUSED']),
  time: z.string(),
  positions: z.array(wirePositionSchema),
  packages: z
    .array(
      z.object({
        id: z.string().min(1),
        grams: z.int().positive(),
        sides: z.tuple([z.int().positive(), z.int().positive(), z.int().positive()]),
        positions: z.array(wirePositionSchema),
      }),
    )
    .optional(),
  note: z.string().optional(),
});
export type WireReport = z.infer<typeof wireReportSchema>;

/** `GET /api/v1/reports?after=&limit=`. */
export const wireReportsSchema = z.object({
  reports: z.array(wireReportSchema),
  next: z.string(),
  more: z.boolean(),
});

/** `GET /api/v1/me`. */
export const wireAccountSchema = z.object({ account: z.string(), time: z.string() });
