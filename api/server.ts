import express, { type Express, type Request, type Response } from 'express';
import helmet from 'helmet';
import type { Logger } from '../platform/log';
import { findGrant } from '../store/api-keys';
import { createAuthenticate } from './authenticate';
import type { ApiDependencies } from './dependencies';
import { mountDocumentation } from './documentation';
import type { Operation } from './operation';
import { createPresent } from './present';
import { Refusal, sendProblem } from './problem';
import { contextOf, requestLog } from './request-context';
import { channelOperations } from './resources/channels';
import { healthOperations } from './resources/health';
import { inventoryOperations } from './resources/inventory';
import { locationOperations } from './resources/locations';
import { orderOperations } from './resources/orders';
import { productOperations } from './resources/products';
import { shipmentOperations } from './resources/shipments';
import { mountOperations, mountRefusals } from './routes';

/** Every operation of the API, in the order of its description. */
export function apiOperations(dependencies: ApiDependencies): Operation[] {
  const resources = { ...dependencies, present: createPresent(dependencies.config) };
  return [
    ...orderOperations(resources),
    ...shipmentOperations(resources),
    ...inventoryOperations(resources),
    ...productOperations(resources),
    ...locationOperations(resources),
    ...channelOperations(resources),
    ...healthOperations({ mongodb: () => dependencies.store.ping(), temporal: dependencies.temporalReachable }),
  ];
}

/** What every answer shares: security headers, the trace id, the log line. */
function createShell(log: Logger): Express {
  const app = express();
  app.disable('x-powered-by').disable('etag').set('query parser', false);
  app.use(
    helmet({
      contentSecurityPolicy: {
        useDefaults: false,
        directives: { 'default-src': ["'none'"], 'frame-ancestors': ["'none'"] },
      },
    }),
  );
  app.use((request, response, next) => {
    response.setHeader('trace-id', contextOf(request).trace_id);
    next();
  });
  app.use(requestLog(log));
  return app;
}

/** Builds the API. */
export function createApp(dependencies: ApiDependencies): Express {
  const { store, config, log } = dependencies;
  const operations = apiOperations(dependencies);
  const app = createShell(log);
  mountOperations(app, operations, {
    authenticate: createAuthenticate((key, now) => findGrant(store, key, now)),
    public_url: config.public_url,
  });
  mountDocumentation(app, operations);
  mountRefusals(app, log);
  return app;
}

/** What stands in for the API until its database answers: it lives, is not ready, and refuses everything else with 503. */
export function createWaitingApp(options: { log: Logger; temporalReachable: () => Promise<boolean> }): Express {
  const app = createShell(options.log);
  mountOperations(app, healthOperations({ mongodb: async () => false, temporal: options.temporalReachable }), {
    authenticate: async () => ({ key_id: 'anonymous', scopes: [] }),
  });
  app.use((request: Request, response: Response) => {
    const refusal = new Refusal('UNAVAILABLE', 'The hub is starting and has not reached its database yet.', {
      headers: { 'retry-after': '1' },
    });
    sendProblem(request, response, refusal, { trace_id: contextOf(request).trace_id });
  });
  return app;
}
