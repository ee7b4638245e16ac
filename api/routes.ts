import type { Express, NextFunction, Request, Response } from 'express';
import { z } from 'zod';
import type { Logger } from '../platform/log';
import type { KeyGrant } from '../store/api-keys';
import { isStoreUnavailable } from '../store/unavailable';
import { requireScope, type Authenticate } from './authenticate';
import type { Answer, Operation } from './operation';
import { parse, readQuery } from './parse';
import { invalid, Refusal, sendProblem } from './problem';
import { readJson } from './read-body';
import { contextOf } from './request-context';

const noQuery = z.strictObject({});
const anonymous: KeyGrant = { key_id: 'anonymous', scopes: [] };

function send(response: Response, answer: Answer): void {
  const json = answer.body === undefined ? undefined : Buffer.from(JSON.stringify(answer.body));
  const bytes = answer.content?.bytes ?? json;
  // Written without Express's `send`: that would answer 304 by the ETag, which scans do not change.
  response.writeHead(answer.status, {
    'cache-control': 'no-store',
    ...(bytes ? { 'content-type': answer.content?.type ?? 'application/json', 'content-length': bytes.length } : {}),
    ...answer.headers,
  });
  response.end(bytes);
}

async function read(operation: Operation, request: Request): Promise<{ query: unknown; body: unknown }> {
  const given = operation.body ? await readJson(request) : undefined;
  const { query: parameters, faults } = readQuery(request.url);
  const query = parse(operation.query ?? noQuery, parameters);
  const body = parse(operation.body ?? z.undefined(), given);
  if (!query.ok) faults.push(...query.faults);
  if (!body.ok) faults.push(...body.faults);
  // Also asked about a body with other faults, so that the caller hears of all at once.
  if (operation.check) faults.push(...(await operation.check(body.ok ? body.value : given)));
  if (faults.length > 0 || !query.ok || !body.ok) throw invalid(faults);
  return { query: query.value, body: body.value };
}

/** What the routes need beside the operations themselves. */
export interface RouteOptions {
  authenticate: Authenticate;
  public_url?: string | undefined;
}

/** Puts operations on an app: key and scope first, then body and query with all of their faults, then the operation. */
export function mountOperations(app: Express, operations: readonly Operation[], options: RouteOptions): void {
  for (const operation of operations) {
    const route = operation.path.replaceAll(/\{(\w+)\}/g, ':$1');
    app[operation.method](route, async (request: Request, response: Response) => {
      const context = contextOf(request);
      context.route = operation.path;
      let grant = anonymous;
      if (operation.scope !== null) {
        grant = await options.authenticate(request.headers.authorization);
        context.key_id = grant.key_id;
        requireScope(grant, operation.scope);
      }
      const { query, body } = await read(operation, request);
      const answer = await operation.handle({
        path: request.params,
        query,
        body,
        actor: { kind: 'api_key', id: grant.key_id },
        if_match: request.headers['if-match'],
        idempotency_key: request.get('idempotency-key'),
        base_url: options.public_url ?? `${request.protocol}://${request.headers.host ?? 'localhost'}`,
      });
      send(response, answer);
    });
  }
}

function refusalOf(error: unknown): Refusal | undefined {
  if (error instanceof Refusal) return error;
  if (isStoreUnavailable(error)) {
    return new Refusal('UNAVAILABLE', 'The database cannot be reached or did not settle the write in time.', {
      headers: { 'retry-after': '2' },
    });
  }
  // The router's own refusals, such as a path that is not percent-encoded UTF-8.
  const status = (error as { status?: unknown } | null)?.status;
  if (typeof status === 'number' && status >= 400 && status < 500) {
    return new Refusal('REQUEST_MALFORMED', 'The path is not percent-encoded UTF-8.');
  }
  return undefined;
}

/** Puts the ends of the chain on an app: what no route took is 404, what was thrown becomes a problem document. */
export function mountRefusals(app: Express, log: Logger): void {
  app.use((request: Request, response: Response) => {
    sendProblem(request, response, new Refusal('ROUTE_NOT_FOUND', `There is no ${request.method} on this path.`), {
      trace_id: contextOf(request).trace_id,
    });
  });
  // Express knows an error handler by its four parameters.
  app.use((error: unknown, request: Request, response: Response, _next: NextFunction) => {
    const { trace_id } = contextOf(request);
    const refusal = refusalOf(error);
    if (!refusal) log.error({ trace_id, err: error }, 'a request failed');
    if (refusal?.code === 'UNAVAILABLE') log.warn({ trace_id, err: error }, 'the database is away');
    sendProblem(request, response, refusal ?? new Refusal('INTERNAL', 'The hub failed on this request.'), {
      trace_id,
      linger: refusal?.code === 'BODY_TOO_LARGE',
    });
  });
}
