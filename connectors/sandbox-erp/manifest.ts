import { defineManifest } from '../kit/contract';

/** The embedded ERP: books invoices. */
export const manifest = defineManifest({
  id: 'sandbox-erp',
  kinds: ['erp'],
  title: 'Sandbox ERP',
  status: 'stable',
  api: { version: '1', docs_url: 'connectors/sandbox-erp/README.md' },
  operations: ['invoice.push'],
  feeds: [],
  webhooks: [],
});
