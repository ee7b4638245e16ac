import { defineConnector } from '../kit/contract';
import { readAccount } from './client';
import { configSchema, secretsSchema } from './config';
import { manifest } from './manifest';
import { cancelFulfillment } from './operations/fulfillment-cancel';
import { getFulfillment } from './operations/fulfillment-get';
import { releaseFulfillment } from './operations/fulfillment-release';
import { shipmentConfirmations } from './operations/shipment-confirmation';

/** The connector of the embedded warehouse. */
export const connector = defineConnector({
  manifest,
  config: configSchema,
  secrets: secretsSchema,
  auth: { type: 'key', header: 'authorization', prefix: 'Bearer ', secret: 'api_key' },
  limits: { scope: 'connection', per_second: 200, burst: 400, concurrent: 50 },
  base_url: (config) => config.base_url,
  idempotency_header: 'idempotency-key',
  operations: {
    'fulfillment.release': releaseFulfillment,
    'fulfillment.cancel': cancelFulfillment,
    'fulfillment.get': getFulfillment,
  },
  feeds: { shipment_confirmation: shipmentConfirmations },
  async check(call) {
    const { account, time } = await readAccount(call);
    return { ok: true, account, mode: 'simulated', clock_skew_ms: Date.parse(time) - call.now().getTime() };
  },
});
