import { defineConnector } from '../kit/contract';
import { readAccount } from './client';
import { configSchema, secretsSchema } from './config';
import { manifest } from './manifest';
import { announceShipment } from './operations/shipment-announce';

/** The connector of the embedded shop. */
export const connector = defineConnector({
  manifest,
  config: configSchema,
  secrets: secretsSchema,
  auth: { type: 'key', header: 'authorization', prefix: 'Bearer ', secret: 'api_key' },
  limits: { scope: 'connection', per_second: 200, burst: 400, concurrent: 50 },
  base_url: (config) => config.base_url,
  operations: { 'shipment.announce': announceShipment },
  feeds: {},
  async check(call) {
    const { account, time } = await readAccount(call);
    return { ok: true, account, mode: 'simulated', clock_skew_ms: Date.parse(time) - call.now().getTime() };
  },
});
