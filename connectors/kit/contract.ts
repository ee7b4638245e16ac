/** The contract between the hub and a connector: what one declares, and what one is given. */
import type { z } from 'zod';
import type { FaultDetails } from './faults';
import type { PartnerResponse } from './http-faults';
import type {
  ConnectorKind,
  FeedItem,
  FeedName,
  FeedOf,
  OperationInput,
  OperationName,
  OperationOf,
  OperationOutput,
  Vocabulary,
} from './vocabulary';

/** What a connector says of itself without being loaded. */
export interface Manifest<
  K extends ConnectorKind = ConnectorKind,
  N extends OperationName = OperationName,
  F extends FeedName = FeedName,
> {
  /** Same as the folder's name. */
  id: string;
  kinds: readonly [K, ...K[]];
  title: string;
  status: 'experimental' | 'stable' | 'deprecated';
  /** The partner's API as it was built against; `sunset_on` is a date. */
  api: { version: string; docs_url: string; sunset_on?: string };
  operations: readonly N[];
  feeds: readonly F[];
  webhooks: readonly string[];
}

/** Declares a manifest; an operation or feed of a kind that the connector is not is a compile error. */
export function defineManifest<
  const K extends ConnectorKind,
  const N extends OperationOf<K>,
  const F extends FeedOf<K> = never,
>(manifest: Manifest<K, N, F>): Manifest<K, N, F> {
  return manifest;
}

/** live: real money; sandbox: the partner's own test system; simulated: a simulator of ours. */
export type Mode = 'live' | 'sandbox' | 'simulated';

/** One request; `path` is below the connection's base URL, `response` is what a 2xx body must be. */
export interface PartnerRequest<T> {
  method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  path: string;
  query?: Readonly<Record<string, string | number | undefined>>;
  headers?: Readonly<Record<string, string>>;
  body?: unknown;
  response: z.ZodType<T>;
}

/** A 2xx answer whose body fits its schema. */
export interface PartnerAnswer<T> {
  status: number;
  headers: Readonly<Record<string, string>>;
  body: T;
}

/** Sends one request and throws ConnectorFault for everything that is not a 2xx of the right shape; never retries. */
export interface PartnerHttp {
  request<T>(request: PartnerRequest<T>): Promise<PartnerAnswer<T>>;
}

/** Takes one line about a call, without bodies; pino's loggers fit. */
export interface CallLogger {
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
}

/** Everything that a connector may touch during one call. */
export interface Call<C extends object = object, S extends object = object> {
  connection_id: string;
  operation: string;
  config: C;
  secrets: S;
  mode: Mode;
  http: PartnerHttp;
  /** Present on writes; equal for every repeat of the same effect. */
  idempotency_key?: string;
  signal: AbortSignal;
  now: () => Date;
  log: CallLogger;
}

type Run<N extends OperationName, C extends object, S extends object> = (
  call: Call<C, S>,
  input: OperationInput<N>,
) => Promise<OperationOutput<N>>;

/** Repeating it changes nothing: a read, or a write that is the same done twice. */
export interface SafeOperation<N extends OperationName, C extends object, S extends object> {
  repeat: 'safe';
  run: Run<N, C, S>;
}

/** The partner keeps our key and answers a repeat with the first result. */
export interface NativeKeyOperation<N extends OperationName, C extends object, S extends object> {
  repeat: 'native-key';
  run: Run<N, C, S>;
}

/** The partner would do it twice, and can be asked by our reference. */
export interface FindFirstOperation<N extends OperationName, C extends object, S extends object> {
  repeat: 'find-first';
  /** How long after it was sent a request may still be applied or stay invisible to `find`, in milliseconds. */
  settle_ms: (config: C) => number;
  /** What exists under `input.reference`, undone effects left out; never writes. */
  find: (call: Call<C, S>, input: OperationInput<N>) => Promise<OperationOutput<N> | undefined>;
  run: Run<N, C, S>;
}

/** Neither a key nor a look-up: after an unknown outcome a person decides. */
export interface UnsafeOperation<N extends OperationName, C extends object, S extends object> {
  repeat: 'unsafe';
  run: Run<N, C, S>;
}

/** How one operation is done; a read can only be `safe`, and `find-first` cannot lack its `find`. */
export type Operation<
  N extends OperationName,
  C extends object = object,
  S extends object = object,
> = Vocabulary[N]['effect'] extends 'read'
  ? SafeOperation<N, C, S>
  : SafeOperation<N, C, S> | NativeKeyOperation<N, C, S> | FindFirstOperation<N, C, S> | UnsafeOperation<N, C, S>;

/** One reading of a feed; `cursor` is stored with the items and given back, `more` asks to be called again at once. */
export interface FeedPage<F extends FeedName> {
  items: readonly FeedItem<F>[];
  cursor: string;
  more: boolean;
}

/** A restartable stream: the same cursor gives the same items, in the same order. */
export interface Feed<F extends FeedName, C extends object = object, S extends object = object> {
  /** How far a reading goes back over what it already gave, in milliseconds; 0 where cursors are exact. */
  overlap_ms: number;
  pull: (call: Call<C, S>, page: { cursor: string | null; limit: number }) => Promise<FeedPage<F>>;
}

/** Where a delivery's signature is checked and its content read; no configured secret means refusal. */
export interface Webhook<S extends object = object> {
  verify: (raw: Buffer, headers: Readonly<Record<string, string>>, secrets: S, now: Date) => boolean;
  parse: (raw: Buffer) => { delivery_id: string; items: readonly unknown[] };
}

/** What a check found; it never writes at the partner. */
export interface Health {
  ok: boolean;
  account?: string;
  mode?: Mode;
  /** The partner's clock minus ours, in milliseconds. */
  clock_skew_ms?: number;
  /** A code without personal data that says why `ok` is false. */
  problem?: string;
}

/** How requests are signed in; secrets are named, so that a form and the redaction can know them. */
export type Auth<S extends object> =
  | { type: 'none' }
  | { type: 'key'; header: string; prefix?: string; secret: keyof S & string }
  | { type: 'basic'; username: keyof S & string; password: keyof S & string };

/** How fast a partner may be called, and what the limit counts. */
export interface Limits {
  scope: 'connection' | 'account' | 'app';
  per_second: number;
  burst: number;
  concurrent: number;
}

/** The part of a fault that a partner's own code table decides; the rest comes from the HTTP defaults. */
export type Classified = Pick<FaultDetails, 'kind'> & Partial<Omit<FaultDetails, 'kind' | 'message'>>;

/** A connector as its folder writes it: every operation and feed of its manifest, and no other. */
export interface ConnectorParts<N extends OperationName, F extends FeedName, C extends object, S extends object> {
  manifest: Manifest<ConnectorKind, N, F>;
  config: z.ZodType<C>;
  secrets: z.ZodType<S>;
  auth: Auth<S>;
  limits: Limits;
  /** The partner's address for this configuration; nothing but its host and `hosts` is contacted. */
  base_url: (config: C) => string;
  hosts?: (config: C) => readonly string[];
  /** Header that carries the idempotency key on every write, where the partner honours one. */
  idempotency_header?: string;
  /** Longest wait for an answer in milliseconds; 15 s unless told. */
  timeout_ms?: number;
  /** The partner's code table, asked for every answer; undefined leaves the HTTP defaults. */
  classify?: (response: PartnerResponse, operation: string) => Classified | undefined;
  operations: { [P in NoInfer<N>]: Operation<P, C, S> };
  // An empty mapped type would take anything.
  feeds: [F] extends [never] ? Record<string, never> : { [P in NoInfer<F>]: Feed<P, C, S> };
  webhook?: Webhook<S>;
  check: (call: Call<C, S>) => Promise<Health>;
}

/** A connector as the kit holds it: config and secrets are parsed by its own schemas before they reach its code. */
export interface Connector extends Omit<
  ConnectorParts<never, never, object, object>,
  'manifest' | 'operations' | 'feeds' | 'auth'
> {
  manifest: Manifest;
  auth: Auth<Record<string, unknown>>;
  operations: { [P in OperationName]?: Operation<P> };
  feeds: { [P in FeedName]?: Feed<P> };
}

/** Declares a connector; missing, surplus and wrong-kind operations are compile errors. */
export function defineConnector<N extends OperationName, F extends FeedName, C extends object, S extends object>(
  parts: ConnectorParts<N, F, C, S>,
): Connector {
  // The one place where a connector's own config type is forgotten: openConnection parses with `parts.config` before
  // any of these functions is called.
  return parts as unknown as Connector;
}
