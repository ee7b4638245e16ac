/** What the hub asks of a payment provider. Every amount is in the minor unit of the stated currency. */
import { z } from 'zod';
import { amountSchema, currencySchema, instantSchema, referenceSchema } from './parts';

/** `amount` and `currency` are what the order states, for providers that take a reference not seen before. */
export const authorizationGetInput = z.object({
  authorization_reference: z.string().min(1),
  amount: amountSchema.optional(),
  currency: currencySchema.optional(),
});
/** How an authorization stands: what it is for, what was taken of it and what was paid back. */
export const authorizationGetOutput = z.object({
  authorization_reference: z.string().min(1),
  state: z.enum(['open', 'captured', 'expired', 'voided']),
  amount: amountSchema,
  captured: amountSchema,
  refunded: amountSchema,
  currency: currencySchema,
  expires_at: instantSchema.optional(),
});

/** `amount` is this share; `authorized_amount` is what the order states as authorized in all. */
export const captureInput = z.object({
  reference: referenceSchema,
  authorization_reference: z.string().min(1),
  amount: z.int().positive(),
  authorized_amount: z.int().positive().optional(),
  currency: currencySchema,
});
/** The provider's own id of the capture, and what was really taken. */
export const captureOutput = z.object({
  capture_id: z.string().min(1),
  amount: amountSchema,
  currency: currencySchema,
});

/** Pays back against what was captured on an authorization; `capture_id` names one capture where a provider asks. */
export const refundInput = z.object({
  reference: referenceSchema,
  authorization_reference: z.string().min(1),
  capture_id: z.string().optional(),
  amount: z.int().positive(),
  currency: currencySchema,
});
/** The provider's own id of the refund, and what was really paid back. */
export const refundOutput = z.object({
  refund_id: z.string().min(1),
  amount: amountSchema,
  currency: currencySchema,
});
