/** The only way to a partner: one axios call with time-out, size cap, host allow-list, redaction and typed answers. */
import type { Agent as HttpAgent } from 'node:http';
import type { Agent as HttpsAgent } from 'node:https';
import axios, { type AxiosAdapter, type AxiosResponse } from 'axios';
import type { CallLogger, Classified, PartnerAnswer, PartnerHttp, PartnerRequest } from './contract';
import { ConnectorFault, type FaultDetails } from './faults';
import { faultFromNetworkError, faultFromResponse, type Effect, type PartnerResponse } from './http-faults';

/** What one call's HTTP is bound to. */
export interface PartnerHttpOptions {
  base_url: string;
  /** Hosts (with port where one is given) beside the base URL's own. */
  hosts: readonly string[];
  /** Added to every request; holds the credentials. */
  headers: Readonly<Record<string, string>>;
  /** Values that must never be logged or thrown. */
  secret_values: readonly string[];
  /** Whether requests other than GET may change something: decides what a cut means. */
  effect: Effect;
  operation: string;
  connection_id: string;
  timeout_ms: number;
  max_response_bytes: number;
  signal: AbortSignal;
  now: () => Date;
  log: CallLogger;
  classify?: (response: PartnerResponse, operation: string) => Classified | undefined;
  agents?: { http: HttpAgent; https: HttpsAgent };
  /** Replaces the network in fixture tests. */
  adapter?: AxiosAdapter;
}

const RAW_KEPT_CHARACTERS = 4_000;

/** The HTTP of one call. */
export function createPartnerHttp(options: PartnerHttpOptions): PartnerHttp {
  const base = new URL(options.base_url);
  const allowed = new Set([base.host, ...options.hosts]);
  const client = axios.create({
    timeout: options.timeout_ms,
    maxContentLength: options.max_response_bytes,
    maxBodyLength: options.max_response_bytes,
    maxRedirects: 0,
    proxy: false,
    signal: options.signal,
    responseType: 'text',
    // JSON is parsed here and not by axios, which would hide from us whether a body was JSON at all.
    transformResponse: (body: unknown) => body,
    validateStatus: () => true,
    ...(options.agents === undefined ? {} : { httpAgent: options.agents.http, httpsAgent: options.agents.https }),
    ...(options.adapter === undefined ? {} : { adapter: options.adapter }),
  });

  async function send(request: PartnerRequest<unknown>, effect: Effect): Promise<AxiosResponse<unknown>> {
    const url = resolveUrl(base, allowed, request, options.operation);
    if (options.signal.aborted) throw new ConnectorFault(abortedBeforeSending(options.operation));
    const started = performance.now();
    try {
      const response = await client.request<unknown>({
        method: request.method,
        url: url.href,
        headers: {
          accept: 'application/json',
          ...(request.body === undefined ? {} : { 'content-type': 'application/json' }),
          ...request.headers,
          ...options.headers,
        },
        ...(request.body === undefined ? {} : { data: JSON.stringify(request.body) }),
      });
      logCall(options, request, { status: response.status, duration_ms: Math.round(performance.now() - started) });
      return response;
    } catch (error) {
      const fault = faultFromThrown(error, effect, options.operation);
      logCall(options, request, { fault: fault.code, duration_ms: Math.round(performance.now() - started) });
      throw new ConnectorFault(fault);
    }
  }

  return {
    async request<T>(request: PartnerRequest<T>): Promise<PartnerAnswer<T>> {
      const effect: Effect = request.method === 'GET' ? 'read' : options.effect;
      const response = await send(request, effect);
      const text = typeof response.data === 'string' ? response.data : '';
      const answer: PartnerResponse = {
        status: response.status,
        headers: plainHeaders(response),
        body: parseBody(text),
      };
      const raw = redact(text.slice(0, RAW_KEPT_CHARACTERS), options.secret_values);
      const ok = answer.status >= 200 && answer.status < 300;
      const classified = options.classify?.(answer, options.operation);
      if (!ok || classified !== undefined) throw new ConnectorFault(describe(answer, classified, effect, options), raw);
      const parsed = request.response.safeParse(answer.body);
      if (!parsed.success) {
        throw new ConnectorFault(unexpected(options.operation, effect, 'response_schema', answer.status), raw);
      }
      return { status: answer.status, headers: answer.headers, body: parsed.data };
    },
  };
}

/** The fault for a 2xx that is not what was agreed: on a write the effect happened, so it is never sent again. */
export function unexpected(operation: string, effect: Effect, code: string, status?: number): FaultDetails {
  return {
    kind: 'unexpected_response',
    happened: effect === 'write' ? 'yes' : 'no',
    at_fault: 'partner',
    code,
    message: `${operation}: the partner's answer is not of the agreed shape (${code})`,
    ...(status === undefined ? {} : { http_status: status }),
  };
}

/** `text` with every secret value replaced; values shorter than four characters would hide half the text and stay. */
export function redact(text: string, secretValues: readonly string[]): string {
  return secretValues.reduce(
    (rest, secret) => (secret.length < 4 ? rest : rest.replaceAll(secret, '[redacted]')),
    text,
  );
}

function resolveUrl(base: URL, allowed: ReadonlySet<string>, request: PartnerRequest<unknown>, operation: string): URL {
  const root = base.href.endsWith('/') ? base.href : `${base.href}/`;
  const url = /^https?:/.test(request.path) ? new URL(request.path) : new URL(request.path.replace(/^\/+/, ''), root);
  for (const [name, value] of Object.entries(request.query ?? {})) {
    if (value !== undefined) url.searchParams.set(name, String(value));
  }
  if (allowed.has(url.host)) return url;
  throw new ConnectorFault({
    kind: 'misconfigured',
    happened: 'no',
    at_fault: 'hub',
    code: 'host_not_allowed',
    message: `${operation}: the host ${url.host} is not one that this connector declares`,
  });
}

function describe(
  answer: PartnerResponse,
  classified: Classified | undefined,
  effect: Effect,
  options: PartnerHttpOptions,
): FaultDetails {
  const fallback = faultFromResponse(answer, effect, options.operation, options.now());
  if (classified === undefined) return fallback;
  const message = `${options.operation}: the partner answered ${classified.code ?? classified.kind} (HTTP ${answer.status})`;
  // What the table does not say about "happened" follows from the kind, not from the status it came with.
  return { ...fallback, happened: classified.kind === 'outcome_unknown' ? 'unknown' : 'no', ...classified, message };
}

function faultFromThrown(error: unknown, effect: Effect, operation: string): FaultDetails {
  const tooLarge = error instanceof Error && error.message.startsWith('maxContentLength');
  if (!tooLarge) return faultFromNetworkError(error, effect, operation);
  // The status is not known any more, so neither is the outcome of a write.
  return { ...unexpected(operation, effect, 'response_too_large'), happened: effect === 'write' ? 'unknown' : 'no' };
}

function abortedBeforeSending(operation: string): FaultDetails {
  return {
    kind: 'unavailable',
    happened: 'no',
    at_fault: 'hub',
    code: 'aborted',
    message: `${operation}: stopped before the request was sent`,
  };
}

function logCall(options: PartnerHttpOptions, request: PartnerRequest<unknown>, result: object): void {
  const fields = {
    connection_id: options.connection_id,
    operation: options.operation,
    method: request.method,
    // Without the query: it may hold references and, at careless partners, keys.
    path: redact(request.path.split('?')[0] ?? '', options.secret_values),
    ...result,
  };
  if ('fault' in result) options.log.warn(fields, 'partner call failed');
  else options.log.info(fields, 'partner call');
}

function plainHeaders(response: AxiosResponse<unknown>): Record<string, string> {
  const entries = Object.entries(response.headers).map(([name, value]) => [name.toLowerCase(), String(value)]);
  return Object.fromEntries(entries) as Record<string, string>;
}

function parseBody(text: string): unknown {
  if (text === '') return undefined;
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return text;
  }
}
