/** The embedded ERP itself. */
import { defineSimulator } from '../kit/simulator';
import { accountRoute, routeWithBody, withKeyCheck } from '../kit/simulator-answers';
import { wireInvoiceSchema, type WireBookedInvoice, type WireInvoice } from './wire';

interface Invoice {
  invoice_id: string;
  reference: string;
  order_reference: string;
  total: number;
  currency: string;
  at: string;
  document: WireInvoice;
}

/** The embedded ERP: each invoice is booked, also a second one under the same reference. */
export const simulator = defineSimulator({
  id: 'sandbox-erp',
  collections: ['invoices'],
  open: ({ state, now }) => ({
    routes: withKeyCheck([
      routeWithBody(
        { operation: 'invoice.push', method: 'post', path: '/odata/Invoices' },
        wireInvoiceSchema,
        (document) => {
          const invoice: Invoice = {
            invoice_id: `IN${String(state.list('invoices').length + 1).padStart(8, '0')}`,
            reference: document.DocumentRef,
            order_reference: document.SalesOrder,
            total: document.Total,
            currency: document.Currency,
            at: new Date(now()).toISOString(),
            document,
          };
          state.put(['invoices', invoice.invoice_id, invoice]);
          return { status: 201, body: toWire(invoice) };
        },
      ),
      {
        operation: 'invoice.push.find',
        method: 'get',
        path: '/odata/Invoices',
        handle({ query }) {
          const found = state.where<Invoice>('invoices', 'reference', query.DocumentRef ?? '');
          return { status: 200, body: { value: found.map(toWire) } };
        },
      },
      accountRoute('/odata/Me', 'sandbox-erp', now),
    ]),
  }),
});

function toWire({ invoice_id, reference, total }: Invoice): WireBookedInvoice {
  return { InvoiceNo: invoice_id, DocumentRef: reference, Total: total };
}
