import { defineConnector } from '../kit/contract';
import { readAccount } from './client';
import { classify } from './codes';
import { configSchema, secretsSchema } from './config';
import { manifest } from './manifest';
import { getAuthorization } from './operations/authorization-get';
import { capture } from './operations/capture';
import { refund } from './operations/refund';

/** The connector of the embedded payment provider. */
export const connector = defineConnector({
  manifest,
  config: configSchema,
  secrets: secretsSchema,
  auth: { type: 'key', header: 'authorization', prefix: 'Bearer ', secret: 'api_key' },
  limits: { scope: 'connection', per_second: 200, burst: 400, concurrent: 50 },
  base_url: (config) => config.base_url,
  classify,
  operations: { 'authorization.get': getAuthorization, capture, refund },
  feeds: {},
  async check(call) {
    const { account, time } = await readAccount(call);
    return { ok: true, account, mode: 'simulated', clock_skew_ms: Date.parse(time) - call.now().getTime() };
  },
});
