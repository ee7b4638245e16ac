import type { IncomingMessage, ServerResponse } from 'node:http';
import { errorCatalogue, type ErrorCode, type FaultCode } from './error-catalogue';

/** One fault of a request: a JSON pointer into the body, or `/name` of a query parameter. */
export interface Fault {
  pointer: string;
  code: FaultCode;
  message: string;
}

/** A refusal on its way to the caller; `detail` and `extra` are shown to the caller, so they hold nothing internal. */
export class Refusal extends Error {
  constructor(
    readonly code: ErrorCode,
    readonly detail: string,
    readonly extra: {
      faults?: readonly Fault[];
      headers?: Readonly<Record<string, string>>;
      members?: Readonly<Record<string, unknown>>;
    } = {},
  ) {
    super(`${code}: ${detail}`);
    this.name = 'Refusal';
  }
}

/** The refusal of a request with faults, all of them at once. */
export function invalid(faults: readonly Fault[]): Refusal {
  const places = faults.length === 1 ? 'One fault' : `${String(faults.length)} faults`;
  return new Refusal('INVALID', `${places} at ${faults.map((fault) => fault.pointer || '/').join(', ')}.`, { faults });
}

/** The refusal of an id that nothing has. */
export function notFound(what: string, id: string): Refusal {
  return new Refusal('NOT_FOUND', `There is no ${what} ${id}.`);
}

/** A path as a JSON pointer (RFC 6901). */
export function pointerOf(path: readonly PropertyKey[]): string {
  return path.map((part) => `/${String(part).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('');
}

/** A refusal as the members of a problem+json document (RFC 9457); `type` is a page that this API serves. */
export function problemBody(refusal: Refusal, traceId: string): Record<string, unknown> {
  const { status, title } = errorCatalogue[refusal.code];
  return {
    type: `/docs/errors#${refusal.code}`,
    title,
    status,
    detail: refusal.detail,
    code: refusal.code,
    trace_id: traceId,
    ...(refusal.extra.faults ? { errors: refusal.extra.faults } : {}),
    ...refusal.extra.members,
  };
}

const lingerMs = 500;

/**
 * Answers with a refusal as application/problem+json; does nothing when an answer is already under way. With `linger`
 * the caller may still be sending: closing at once would reset the connection before the answer arrives, so what comes
 * is thrown away for half a second at most, then the connection ends.
 */
export function sendProblem(
  request: IncomingMessage,
  response: ServerResponse,
  refusal: Refusal,
  options: { trace_id: string; linger?: boolean },
): void {
  if (response.headersSent) return;
  const body = Buffer.from(JSON.stringify(problemBody(refusal, options.trace_id)));
  response.writeHead(errorCatalogue[refusal.code].status, {
    'content-type': 'application/problem+json',
    'content-length': body.length,
    'cache-control': 'no-store',
    ...(options.linger ? { connection: 'close' } : {}),
    ...refusal.extra.headers,
  });
  if (!options.linger) {
    response.end(body);
    return;
  }
  response.write(body);
  const finish = (): void => {
    clearTimeout(timer);
    response.end();
  };
  const timer = setTimeout(finish, lingerMs);
  request.once('end', finish).once('close', finish).resume();
}
