/** Answers that every embedded partner gives in the same words. */
import type { z } from 'zod';
import type { SimulatorAnswer } from './simulator-faults';
import type { SimulatorRequest, SimulatorRoute } from './simulator';

/** A refusal with the partner's code. */
export function refuse(
  status: number,
  code: string,
  fields?: readonly { path: string; code: string }[],
): SimulatorAnswer {
  return { status, body: { error: fields === undefined ? { code } : { code, fields } } };
}

/** A route whose body is checked first: what does not fit is answered with 422 and every bad field. */
export function routeWithBody<T>(
  route: Omit<SimulatorRoute, 'handle'>,
  schema: z.ZodType<T>,
  handle: (body: T, request: SimulatorRequest) => SimulatorAnswer | Promise<SimulatorAnswer>,
): SimulatorRoute {
  return {
    ...route,
    handle(request) {
      const parsed = schema.safeParse(request.body);
      if (parsed.success) return handle(parsed.data, request);
      const fields = parsed.error.issues.map((issue) => ({ path: issue.path.join('.'), code: issue.code }));
      return refuse(422, 'VALIDATION', fields);
    },
  };
}

/** Routes that answer 401 to the key `revoked` and take every other key, or none. */
export function withKeyCheck(routes: readonly SimulatorRoute[]): SimulatorRoute[] {
  return routes.map((route) => ({
    ...route,
    handle: (request) =>
      request.headers.authorization === 'Bearer revoked' ? refuse(401, 'KEY_REVOKED') : route.handle(request),
  }));
}

/** `GET path`: the account and the partner's clock. */
export function accountRoute(path: string, account: string, now: () => number): SimulatorRoute {
  return {
    operation: 'check',
    method: 'get',
    path,
    handle: () => ({ status: 200, body: { account, time: new Date(now()).toISOString() } }),
  };
}

/** One page of an append-only list by `?after=&limit=`; the cursor is the number of rows already given. */
export function pageOf<T>(
  rows: readonly T[],
  request: SimulatorRequest,
): { page: readonly T[]; next: string; more: boolean } {
  const after = Math.max(0, Number.parseInt(request.query.after ?? '0', 10) || 0);
  const limit = Math.min(1000, Math.max(1, Number.parseInt(request.query.limit ?? '100', 10) || 100));
  const page = rows.slice(after, after + limit);
  const next = after + page.length;
  return { page, next: String(next), more: next < rows.length };
}
