import { defineConnector } from '../kit/contract';
import { readAccount } from './client';
import { classify } from './codes';
import { configSchema, secretsSchema } from './config';
import { manifest } from './manifest';
import { bookShipment } from './operations/shipment-book';
import { voidShipment } from './operations/shipment-void';
import { getTracking, trackingFeed } from './operations/tracking';

/** The connector of the embedded carrier. */
export const connector = defineConnector({
  manifest,
  config: configSchema,
  secrets: secretsSchema,
  auth: { type: 'key', header: 'authorization', prefix: 'Bearer ', secret: 'api_key' },
  limits: { scope: 'connection', per_second: 200, burst: 400, concurrent: 50 },
  base_url: (config) => config.base_url,
  classify,
  operations: { 'shipment.book': bookShipment, 'shipment.void': voidShipment, 'tracking.get': getTracking },
  feeds: { tracking: trackingFeed },
  async check(call) {
    const { account, time } = await readAccount(call);
    return { ok: true, account, mode: 'simulated', clock_skew_ms: Date.parse(time) - call.now().getTime() };
  },
});
