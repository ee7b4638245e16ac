/** A configured connector, opened: the one face that activities call. */
import { Agent as HttpAgent } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import type { AxiosAdapter } from 'axios';
import { loadConnector } from '../registry';
import type { Auth, Call, CallLogger, Connector, Feed, Health, Mode } from './contract';
import { ConnectorFault } from './faults';
import { createPartnerHttp, unexpected } from './http';
import type { Effect } from './http-faults';
import { performOperation, type OperationLog, type ProtocolControls } from './repeat';
import {
  feedVocabulary,
  vocabulary,
  type FeedItem,
  type FeedName,
  type OperationInput,
  type OperationName,
  type OperationOutput,
} from './vocabulary';

/** A connection as it is stored, secrets already decrypted. */
export interface ConnectionSettings {
  connector_id: string;
  connection_id: string;
  config: unknown;
  secrets: unknown;
  mode: Mode;
  /** Takes one line for each call; silent unless given. */
  logger?: CallLogger;
}

/** What one effect is known by, and where it is written down. */
export interface PerformOptions {
  key: string;
  reference: string;
  entity_id: string;
  log: OperationLog;
  now?: () => Date;
  signal?: AbortSignal;
  /** Only fault-injection controls set this. */
  protocol?: ProtocolControls;
}

/** One reading of a feed: `cursor` null begins at the beginning. */
export interface PullOptions {
  cursor: string | null;
  limit: number;
  now?: () => Date;
  signal?: AbortSignal;
}

/** What a reading gave; `unknown_codes` counts by partner's code what no table knows. */
export interface PulledPage<F extends FeedName> {
  items: FeedItem<F>[];
  cursor: string;
  more: boolean;
  unknown_codes: Record<string, number>;
}

/** An opened connection. Keep it and share it: it holds the keep-alive sockets to the partner. */
export interface Connection {
  /** Performs one operation by the rules of its `repeat`; throws ConnectorFault. */
  perform<N extends OperationName>(
    operation: N,
    input: OperationInput<N>,
    options: PerformOptions,
  ): Promise<OperationOutput<N>>;
  /** Reads the next items of a feed; throws ConnectorFault. */
  pull<F extends FeedName>(feed: F, options: PullOptions): Promise<PulledPage<F>>;
  /** Asks the partner who we are, without writing; a fault is answered as `ok` false with its code. */
  check(options?: { signal?: AbortSignal }): Promise<Health>;
  /** Closes idle sockets. */
  close(): void;
}

const DEFAULT_TIMEOUT_MS = 15_000;
const MAX_RESPONSE_BYTES = 20 * 1024 * 1024;
const silent: CallLogger = { info: () => undefined, warn: () => undefined };

/** Opens a connection by its connector's id, loading the connector on first use; throws ConnectorFault `misconfigured`. */
export function openConnection(settings: ConnectionSettings): Connection {
  const connector = loadConnector(settings.connector_id);
  if (connector === undefined) throw misconfigured(settings.connector_id, 'connector_unknown', []);
  return connectTo(connector, settings);
}

/** Opens a connection to a connector at hand; `adapter` replaces the network in fixture tests. */
export function connectTo(connector: Connector, settings: ConnectionSettings, adapter?: AxiosAdapter): Connection {
  const id = connector.manifest.id;
  const config = parseSettings(connector.config.safeParse(settings.config ?? {}), id, 'config_schema');
  const secrets = parseSettings(connector.secrets.safeParse(settings.secrets ?? {}), id, 'secrets_schema');
  const credentials = authHeaders(connector.auth, secrets);
  const secretValues = Object.values(secrets).filter((value): value is string => typeof value === 'string');
  const agents = {
    http: new HttpAgent({ keepAlive: true, maxSockets: connector.limits.concurrent }),
    https: new HttpsAgent({ keepAlive: true, maxSockets: connector.limits.concurrent }),
  };

  function makeCall(operation: string, effect: Effect, signal: AbortSignal, now: () => Date, key?: string): Call {
    const log = settings.logger ?? silent;
    const { classify, idempotency_header: keyHeader } = connector;
    const http = createPartnerHttp({
      base_url: connector.base_url(config),
      hosts: connector.hosts?.(config) ?? [],
      headers:
        keyHeader !== undefined && key !== undefined && effect === 'write'
          ? { ...credentials, [keyHeader]: key }
          : credentials,
      secret_values: [...secretValues, ...Object.values(credentials)],
      effect,
      operation,
      connection_id: settings.connection_id,
      timeout_ms: connector.timeout_ms ?? DEFAULT_TIMEOUT_MS,
      max_response_bytes: MAX_RESPONSE_BYTES,
      signal,
      now,
      log,
      agents,
      ...(classify === undefined ? {} : { classify }),
      ...(adapter === undefined ? {} : { adapter }),
    });
    return {
      connection_id: settings.connection_id,
      operation,
      config,
      secrets,
      mode: settings.mode,
      http,
      signal,
      now,
      log,
      ...(key === undefined ? {} : { idempotency_key: key }),
    };
  }

  return {
    perform(operation, input, options) {
      const now = options.now ?? wallClock;
      const signal = options.signal ?? new AbortController().signal;
      return performOperation({
        connector,
        connection_id: settings.connection_id,
        config,
        operation,
        input,
        key: options.key,
        reference: options.reference,
        entity_id: options.entity_id,
        log: options.log,
        now,
        call: (phase) =>
          makeCall(operation, phase === 'run' ? vocabulary[operation].effect : 'read', signal, now, options.key),
        ...(options.protocol === undefined ? {} : { protocol: options.protocol }),
      });
    },
    async pull<F extends FeedName>(name: F, options: PullOptions): Promise<PulledPage<F>> {
      const feed: Feed<F> | undefined = connector.feeds[name];
      if (feed === undefined) throw misconfigured(id, 'feed_unknown', [], 'unsupported');
      const signal = options.signal ?? new AbortController().signal;
      const call = makeCall(name, 'read', signal, options.now ?? wallClock);
      const page = await feed.pull(call, { cursor: options.cursor, limit: options.limit });
      const items = page.items.map((item) => parseItem(name, item));
      return { items, cursor: page.cursor, more: page.more, unknown_codes: countUnknown(items) };
    },
    async check(options = {}) {
      const call = makeCall('check', 'read', options.signal ?? new AbortController().signal, wallClock);
      try {
        return await connector.check(call);
      } catch (error) {
        if (error instanceof ConnectorFault) return { ok: false, problem: `${error.kind}: ${error.details.code}` };
        throw error;
      }
    },
    close() {
      agents.http.destroy();
      agents.https.destroy();
    },
  };
}

function wallClock(): Date {
  return new Date();
}

type Parsed =
  { success: true; data: object } | { success: false; error: { issues: readonly { path: PropertyKey[] }[] } };

function parseSettings(parsed: Parsed, connectorId: string, code: string): Record<string, unknown> {
  if (parsed.success) return parsed.data as Record<string, unknown>;
  throw misconfigured(
    connectorId,
    code,
    parsed.error.issues.map((issue) => issue.path.join('.')),
  );
}

function misconfigured(
  connectorId: string,
  code: string,
  paths: readonly string[],
  kind: 'misconfigured' | 'unsupported' = 'misconfigured',
): ConnectorFault {
  return new ConnectorFault({
    kind,
    happened: 'no',
    at_fault: 'merchant',
    code,
    message: `${connectorId}: ${code}${paths.length === 0 ? '' : ` at ${paths.join(', ')}`}`,
    ...(paths.length === 0 ? {} : { fields: paths.map((path) => ({ path, code })) }),
  });
}

function authHeaders(auth: Auth<Record<string, unknown>>, secrets: Record<string, unknown>): Record<string, string> {
  if (auth.type === 'none') return {};
  if (auth.type === 'basic') {
    const pair = `${String(secrets[auth.username])}:${String(secrets[auth.password])}`;
    return { authorization: `Basic ${Buffer.from(pair).toString('base64')}` };
  }
  const value = secrets[auth.secret];
  return typeof value === 'string' ? { [auth.header]: `${auth.prefix ?? ''}${value}` } : {};
}

function parseItem<F extends FeedName>(feed: F, item: unknown): FeedItem<F> {
  const parsed = feedVocabulary[feed].item.safeParse(item);
  if (parsed.success) return parsed.data as FeedItem<F>;
  throw new ConnectorFault(unexpected(feed, 'read', 'item_schema'));
}

function countUnknown(items: readonly object[]): Record<string, number> {
  // A map, because codes come from outside and "constructor" would be found on any object.
  const counts = new Map<string, number>();
  for (const item of items) {
    if (!('mapped_by' in item) || item.mapped_by !== 'none' || !('code' in item)) continue;
    const code = String(item.code);
    counts.set(code, (counts.get(code) ?? 0) + 1);
  }
  return Object.fromEntries(counts);
}
