/** Shapes that several operations share. Amounts are integers in the currency's minor unit; times are ISO 8601 UTC. */
import { z } from 'zod';

/** Our reference at the partner: the idempotency key of the effect, by which it is looked up before any repeat. */
export const referenceSchema = z.string().min(1).max(200);

/** An instant as ISO 8601 in UTC (`2026-01-31T12:00:00.000Z`); offsets are refused. */
export const instantSchema = z.iso.datetime({ offset: false });

/** An amount in the currency's minor unit, zero or more. */
export const amountSchema = z.int().nonnegative();

/** An ISO 4217 currency code. */
export const currencySchema = z.string().regex(/^[A-Z]{3}$/);

/** An amount with its currency, for places where no document states the currency once. */
export const moneySchema = z.object({ amount: amountSchema, currency: currencySchema });

/** A postal address; country is ISO 3166-1 alpha-2. */
export const postalAddressSchema = z.object({
  name: z.string().min(1),
  company: z.string().optional(),
  line1: z.string().min(1),
  line2: z.string().optional(),
  city: z.string().min(1),
  region: z.string().optional(),
  postal_code: z.string().optional(),
  country: z.string().regex(/^[A-Z]{2}$/),
  phone: z.string().optional(),
  email: z.string().optional(),
});
export type PostalAddress = z.infer<typeof postalAddressSchema>;

/** Weight in grams and sides in millimetres of one box. */
export const boxSchema = z.object({
  weight_grams: z.int().positive(),
  length_mm: z.int().positive().optional(),
  width_mm: z.int().positive().optional(),
  height_mm: z.int().positive().optional(),
});

/** A quantity of one order line. */
export const lineQuantitySchema = z.object({ line_id: z.string().min(1), quantity: z.int().positive() });
