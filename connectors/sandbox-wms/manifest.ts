import { defineManifest } from '../kit/contract';

/** The embedded warehouse: picks and packs whatever it is sent, after a while. */
export const manifest = defineManifest({
  id: 'sandbox-wms',
  kinds: ['wms'],
  title: 'Sandbox warehouse',
  status: 'stable',
  api: { version: '1', docs_url: 'connectors/sandbox-wms/README.md' },
  operations: ['fulfillment.release', 'fulfillment.cancel', 'fulfillment.get'],
  feeds: ['shipment_confirmation'],
  webhooks: [],
});
