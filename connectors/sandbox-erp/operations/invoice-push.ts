import type { FindFirstOperation } from '../../kit/contract';
import type { OperationInput, OperationOutput } from '../../kit/vocabulary';
import { createInvoice, findInvoice } from '../client';
import type { Config, Secrets } from '../config';
import type { WireBookedInvoice, WireInvoice } from '../wire';

/** An invoice as the ERP takes it. */
export function toWire(input: OperationInput<'invoice.push'>): WireInvoice {
  const { customer } = input;
  return {
    DocumentRef: input.reference,
    SalesOrder: input.order_reference,
    Debtor: {
      ...(customer.customer_id === undefined ? {} : { Number: customer.customer_id }),
      Name: customer.name,
      ...(customer.email === undefined ? {} : { Mail: customer.email }),
    },
    Currency: input.currency,
    ...(input.issued_at === undefined ? {} : { IssuedAt: input.issued_at }),
    Lines: input.lines.map((line) => ({
      LineRef: line.line_id,
      Item: line.sku,
      ...(line.title === undefined ? {} : { Text: line.title }),
      Quantity: line.quantity,
      ...(line.unit_price === undefined ? {} : { UnitPrice: line.unit_price }),
      ...(line.discount === undefined ? {} : { Discount: line.discount }),
      ...(line.tax === undefined ? {} : { Tax: line.tax }),
      Total: line.total,
    })),
    ...(input.shipping_charge === undefined ? {} : { Freight: input.shipping_charge }),
    ...(input.discount === undefined ? {} : { Discount: input.discount }),
    ...(input.tax === undefined ? {} : { Tax: input.tax }),
    Total: input.total,
  };
}

/** The booked invoice in our words. */
export function fromWire(booked: WireBookedInvoice): OperationOutput<'invoice.push'> {
  return { invoice_id: booked.InvoiceNo };
}

/** Books an invoice. The ERP would book it twice, so it is asked by our reference first. */
export const pushInvoice: FindFirstOperation<'invoice.push', Config, Secrets> = {
  repeat: 'find-first',
  settle_ms: (config) => config.settle_ms,
  async find(call, input) {
    const booked = await findInvoice(call, input.reference);
    return booked === undefined ? undefined : fromWire(booked);
  },
  run: async (call, input) => fromWire(await createInvoice(call, toWire(input))),
};
