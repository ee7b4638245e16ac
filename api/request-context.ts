import { randomBytes } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Logger } from '../platform/log';
import { pinoHttp } from 'pino-http';

/** What is known of a request beside its content; kept for its log line. */
export interface RequestContext {
  trace_id: string;
  /** The path's template, for example `/v1/orders/{order_id}`; null while no route took the request. */
  route: string | null;
  key_id: string | null;
}

const contexts = new WeakMap<IncomingMessage, RequestContext>();
const traceparent = /^[0-9a-f]{2}-([0-9a-f]{32})-[0-9a-f]{16}-[0-9a-f]{2}$/;

function traceIdOf(request: IncomingMessage): string {
  const header = request.headers['traceparent'];
  const given = typeof header === 'string' ? traceparent.exec(header)?.[1] : undefined;
  return given && !/^0+$/.test(given) ? given : randomBytes(16).toString('hex');
}

/** The request's context: made when it is first asked for, with the caller's W3C trace id where there is one. */
export function contextOf(request: IncomingMessage): RequestContext {
  const known = contexts.get(request);
  if (known) return known;
  const context = { trace_id: traceIdOf(request), route: null, key_id: null };
  contexts.set(request, context);
  return context;
}

/**
 * Logs one line for each request: method, route template, status, time, trace id and key id. Paths, queries, bodies and
 * headers stay out: they hold personal data and keys.
 */
export function requestLog(log: Logger): (request: IncomingMessage, response: ServerResponse) => void {
  const describe = (request: IncomingMessage, response: ServerResponse, timing: { duration_ms?: number }): object => ({
    method: request.method,
    route: contextOf(request).route,
    key_id: contextOf(request).key_id,
    status: response.statusCode,
    duration_ms: timing.duration_ms,
  });
  return pinoHttp({
    logger: log,
    genReqId: (request) => contextOf(request).trace_id,
    quietReqLogger: true,
    // Pino binds request and response to the logger: neither may be written.
    serializers: { req: () => undefined, res: () => undefined },
    customAttributeKeys: { reqId: 'trace_id', responseTime: 'duration_ms' },
    autoLogging: { ignore: (request) => request.url === '/healthz' || request.url === '/readyz' },
    customLogLevel: (_request, response) => (response.statusCode >= 500 ? 'warn' : 'info'),
    customSuccessMessage: () => 'request',
    customErrorMessage: () => 'request',
    customSuccessObject: (request, response, timing: { duration_ms?: number }) => describe(request, response, timing),
    customErrorObject: (request, response, _error, timing: { duration_ms?: number }) =>
      describe(request, response, timing),
  });
}
