import { z } from 'zod';
import {
  addressSchema,
  amountSchema,
  currencySchema,
  instantSchema,
  metadataSchema,
  quantitySchema,
  skuSchema,
} from '../values-schema';

const text = (max: number) => z.string().trim().min(1).max(max);

const discountSchema = z
  .strictObject({ code: text(100).optional(), amount: amountSchema, funded_by: text(100).optional() })
  .meta({ id: 'Discount' });

const taxSchema = z
  .strictObject({ name: text(100), rate: z.number().min(0).max(10), amount: amountSchema })
  .meta({ id: 'Tax', description: 'One tax: `rate` is a fraction (0.19), `amount` what it comes to.' });

const capturedLineSchema = z
  .strictObject({
    line_id: z
      .string()
      .regex(/^[A-Za-z0-9_.:-]{1,64}$/)
      .optional(),
    sku: skuSchema,
    title: text(300).optional(),
    quantity: quantitySchema,
    unit_price: amountSchema,
    total: amountSchema
      .optional()
      .meta({ description: 'Authoritative where unit_price had to be rounded to the minor unit.' }),
    discounts: z.array(discountSchema).max(50).optional(),
    taxes: z.array(taxSchema).max(20).optional(),
    substitutable: z.boolean().optional(),
    min_shelf_life_days: z.int().min(0).max(36_500).optional(),
    gift: z.boolean().optional(),
    metadata: metadataSchema.optional(),
  })
  .meta({ id: 'OrderLineCapture' });

const paymentCaptureSchema = z
  .strictObject({
    provider: text(60),
    reference: text(200),
    amount: amountSchema,
    state: z.enum(['authorized', 'captured', 'refunded']),
    collected_by: z.enum(['channel', 'hub']).default('hub'),
  })
  .meta({ id: 'PaymentCapture' });

const statedTotalsSchema = z
  .strictObject({
    grand_total: amountSchema,
    subtotal: amountSchema.optional(),
    discount_total: amountSchema.optional(),
    tax_total: amountSchema.optional(),
    shipping_total: amountSchema.optional(),
  })
  .meta({ id: 'StatedTotals', description: 'The totals as the channel states them.' });

/** What the check of line ids needs: it runs whatever else is wrong with the order, so that all faults are named at once. */
const withLineIds = z.object({ lines: z.array(z.object({ line_id: z.string().optional() })) });

const withPayments = z.object({
  payments: z.array(z.object({ provider: z.string(), reference: z.string() })).optional(),
});

/** The body of `POST /v1/orders`. Amounts are in the minor unit of `currency`. */
export const orderCaptureSchema = z
  .strictObject({
    channel_id: z.string().min(1).max(64),
    channel_order_id: z.string().min(1).max(128),
    placed_at: instantSchema,
    currency: currencySchema,
    prices_include_tax: z.boolean().default(false),
    customer: z
      .strictObject({
        email: z.email().max(254).optional(),
        name: text(200),
        phone: text(40).optional(),
        external_id: text(128).optional(),
      })
      .meta({ id: 'OrderCustomer' }),
    ship_to: addressSchema,
    bill_to: addressSchema.optional(),
    lines: z.array(capturedLineSchema).min(1).max(500),
    shipping_charge: amountSchema.optional(),
    discounts: z.array(discountSchema).max(50).optional(),
    taxes: z.array(taxSchema).max(20).optional(),
    totals: statedTotalsSchema.optional(),
    payments: z.array(paymentCaptureSchema).max(20).optional(),
    fulfillment: z
      .strictObject({ method: z.enum(['ship', 'pickup']), location_id: z.string().optional() })
      .default({ method: 'ship' })
      .meta({ id: 'FulfillmentChoice' }),
    requested_delivery_window: z
      .strictObject({ from: instantSchema, to: instantSchema })
      .refine((window) => window.from <= window.to, { error: '`to` is before `from`.', path: ['to'] })
      .optional(),
    service_level: text(60).default('standard'),
    gift: z.boolean().optional(),
    gift_message: text(2000).optional(),
    note: text(5000).optional(),
    po_number: text(100).optional(),
    metadata: metadataSchema.optional(),
    test: z.boolean().default(false),
    imported: z.boolean().default(false),
  })
  .superRefine(
    (order, context) => {
      const seen = new Set<string>();
      order.lines.forEach((line, index) => {
        if (line.line_id === undefined) return;
        if (seen.has(line.line_id)) {
          context.addIssue({
            code: 'custom',
            path: ['lines', index, 'line_id'],
            message: 'Another line has this line_id.',
          });
        }
        seen.add(line.line_id);
      });
    },
    { when: ({ value }) => withLineIds.safeParse(value).success },
  )
  .superRefine(
    (order, context) => {
      const seen = new Set<string>();
      (order.payments ?? []).forEach(({ provider, reference }, index) => {
        const key = JSON.stringify([provider, reference]);
        if (seen.has(key)) {
          context.addIssue({
            code: 'custom',
            path: ['payments', index, 'reference'],
            message: 'Another payment of this provider has this reference.',
          });
        }
        seen.add(key);
      });
    },
    { when: ({ value }) => withPayments.safeParse(value).success },
  )
  .meta({ id: 'OrderCapture', description: 'An order as a channel hands it over.' });

export type OrderCapture = z.infer<typeof orderCaptureSchema>;
