/** The embedded ERP's own HTTP payloads; amounts in minor units. Made up for this project (README.md), version 1. */
import { z } from 'zod';

const amount = z.int().nonnegative();

/** `POST /odata/Invoices`. */
export const wireInvoiceSchema = z.object({
  DocumentRef: z.string().min(1),
  SalesOrder: z.string().min(1),
  Debtor: z.object({ Number: z.string().optional(), Name: z.string().min(1), Mail: z.string().optional() }),
  Currency: z.string().length(3),
  IssuedAt: z.string().optional(),
  Lines: z
    .array(
      z.object({
        LineRef: z.string().min(1),
        Item: z.string().min(1),
        Text: z.string().optional(),
        Quantity: z.int().positive(),
        UnitPrice: amount.optional(),
        Discount: amount.optional(),
        Tax: amount.optional(),
        Total: amount,
      }),
    )
    .min(1),
  Freight: amount.optional(),
  Discount: amount.optional(),
  Tax: amount.optional(),
  Total: amount,
});
export type WireInvoice = z.infer<typeof wireInvoiceSchema>;

/** An invoice as it was booked. */
export const wireBookedInvoiceSchema = z.object({
  InvoiceNo: z.string().min(1),
  DocumentRef: z.string().min(1),
  Total: amount,
});
export type WireBookedInvoice = z.infer<typeof wireBookedInvoiceSchema>;

/** `GET /odata/Invoices?DocumentRef=`, oldest first. */
export const wireBookedInvoicesSchema = z.object({ value: z.array(wireBookedInvoiceSchema) });

/** `GET /odata/Me`. */
export const wireAccountSchema = z.object({ account: z.string(), time: z.string() });
