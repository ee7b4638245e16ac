/** What the hub books in an ERP. Every amount is in the minor unit of the document's currency. */
import { z } from 'zod';
import { amountSchema, currencySchema, instantSchema, lineQuantitySchema, referenceSchema } from './parts';

/** An invoice for what one shipment carries; `total` is what the customer owes for it, tax included. */
export const invoicePushInput = z.object({
  reference: referenceSchema,
  order_reference: z.string().min(1),
  customer: z.object({
    customer_id: z.string().optional(),
    name: z.string().min(1),
    email: z.string().optional(),
  }),
  currency: currencySchema,
  issued_at: instantSchema.optional(),
  lines: z
    .array(
      lineQuantitySchema.extend({
        sku: z.string().min(1),
        title: z.string().optional(),
        unit_price: amountSchema.optional(),
        discount: amountSchema.optional(),
        tax: amountSchema.optional(),
        total: amountSchema,
      }),
    )
    .min(1),
  shipping_charge: amountSchema.optional(),
  discount: amountSchema.optional(),
  tax: amountSchema.optional(),
  total: amountSchema,
});
/** The ERP's own number of the invoice. */
export const invoicePushOutput = z.object({ invoice_id: z.string().min(1) });
