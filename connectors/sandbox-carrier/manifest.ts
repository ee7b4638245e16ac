import { defineManifest } from '../kit/contract';

/** The embedded carrier: sells labels and scans its parcels on the way. */
export const manifest = defineManifest({
  id: 'sandbox-carrier',
  kinds: ['carrier'],
  title: 'Sandbox carrier',
  status: 'stable',
  api: { version: '2', docs_url: 'connectors/sandbox-carrier/README.md' },
  operations: ['shipment.book', 'shipment.void', 'tracking.get'],
  feeds: ['tracking'],
  webhooks: [],
});
