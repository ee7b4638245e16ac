/** The only file that speaks HTTP to the embedded ERP. */
import type { z } from 'zod';
import type { Call } from '../kit/contract';
import type { Config, Secrets } from './config';
import {
  wireAccountSchema,
  wireBookedInvoiceSchema,
  wireBookedInvoicesSchema,
  type WireBookedInvoice,
  type WireInvoice,
} from './wire';

/** A call to the embedded ERP. */
export type ErpCall = Call<Config, Secrets>;

/** Books an invoice, and refuses an answer that is about another document or another total. */
export async function createInvoice(call: ErpCall, body: WireInvoice): Promise<WireBookedInvoice> {
  const response = wireBookedInvoiceSchema.refine(
    ({ DocumentRef, Total }) => DocumentRef === body.DocumentRef && Total === body.Total,
  );
  return (await call.http.request({ method: 'POST', path: '/odata/Invoices', body, response })).body;
}

/** The first invoice under our reference. */
export async function findInvoice(call: ErpCall, reference: string): Promise<WireBookedInvoice | undefined> {
  const response = wireBookedInvoicesSchema.refine(({ value }) =>
    value.every(({ DocumentRef }) => DocumentRef === reference),
  );
  const query = { DocumentRef: reference };
  return (await call.http.request({ method: 'GET', path: '/odata/Invoices', query, response })).body.value[0];
}

/** Asks who we are and what time it is there. */
export async function readAccount(call: ErpCall): Promise<z.infer<typeof wireAccountSchema>> {
  return (await call.http.request({ method: 'GET', path: '/odata/Me', response: wireAccountSchema })).body;
}
