import { defineManifest } from '../kit/contract';

/** The embedded shop: hears that its orders are on their way. */
export const manifest = defineManifest({
  id: 'sandbox-channel',
  kinds: ['channel'],
  title: 'Sandbox shop',
  status: 'stable',
  api: { version: '1', docs_url: 'connectors/sandbox-channel/README.md' },
  operations: ['shipment.announce'],
  feeds: [],
  webhooks: [],
});
