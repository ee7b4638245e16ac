import { defineManifest } from '../kit/contract';

/** The embedded payment provider: captures and pays back money that does not exist. */
export const manifest = defineManifest({
  id: 'sandbox-payment',
  kinds: ['payment'],
  title: 'Sandbox payments',
  status: 'stable',
  api: { version: '1', docs_url: 'connectors/sandbox-payment/README.md' },
  operations: ['authorization.get', 'capture', 'refund'],
  feeds: [],
  webhooks: [],
});
