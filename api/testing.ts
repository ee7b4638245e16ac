import { randomBytes } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Writable } from 'node:stream';
import { createLogger } from '../platform/log';
import { ensureStartKey } from '../store/api-keys';
import { connectStore, type Store } from '../store/connect';
import { createDoor } from '../store/door';
import { createInventory } from '../store/inventory';
import { createMasterData } from '../store/master-data';
import { createPersist, type Wake } from '../store/persist';
import type { ApiDependencies } from './dependencies';
import type { Operation } from './operation';
import { problemDocumentSchema } from './schemas/problem-document';
import { apiOperations, createApp } from './server';

/** An answer of the API under test. `body` is parsed JSON where the answer is JSON, else undefined. */
export interface TestAnswer<Body = unknown> {
  status: number;
  headers: Headers;
  body: Body;
  bytes: Buffer;
}

/** How a request of a test differs from a plain JSON request with the start key. */
export interface TestRequest {
  body?: unknown;
  /** Sent as it is instead of `body`. */
  raw?: string | Uint8Array;
  headers?: Record<string, string>;
  key?: string | null;
}

/** An API on a real database, without Temporal: what it would wake is recorded. */
export interface TestApi {
  url: string;
  key: string;
  store: Store;
  operations: readonly Operation[];
  dependencies: ApiDependencies;
  poked: Wake[];
  logLines: string[];
  /** Makes a request and checks the answer against the schema that the API's description promises for it. */
  request<Body>(method: string, path: string, options?: TestRequest): Promise<TestAnswer<Body>>;
  close(): Promise<void>;
}

function patternOf(template: string): RegExp {
  return new RegExp(`^${template.replaceAll(/[.+?^$()|[\]\\]/g, '\\$&').replaceAll(/\{\w+\}/g, '[^/]+')}$`);
}

/** The operation that a path belongs to; a fixed path comes before one with parameters. */
function operationFor(operations: readonly Operation[], method: string, path: string): Operation | undefined {
  const pathname = path.split('?')[0] ?? '';
  return operations
    .filter((candidate) => candidate.method === method.toLowerCase() && patternOf(candidate.path).test(pathname))
    .toSorted((a, b) => a.path.split('{').length - b.path.split('{').length)[0];
}

function checkAnswer(operation: Operation | undefined, answer: TestAnswer): void {
  if (answer.headers.get('content-type') === 'application/problem+json') {
    problemDocumentSchema.parse(answer.body);
    return;
  }
  if (!operation) return;
  const described = operation.answers[answer.status];
  if (!described) throw new Error(`${operation.id} does not describe the status ${String(answer.status)}.`);
  if (described.schema) described.schema.parse(answer.body);
  for (const name of Object.keys(described.headers ?? {})) {
    if (!answer.headers.has(name)) throw new Error(`${operation.id} promises the header ${name}.`);
  }
}

/** Starts the API on a free port over the database at `mongodbUri`; the start key has every scope. */
export async function startTestApi(mongodbUri: string): Promise<TestApi> {
  const store = await connectStore(mongodbUri);
  await store.ensureIndexes();
  const key = randomBytes(16).toString('hex');
  await ensureStartKey(store, key);
  const poked: Wake[] = [];
  const poke = (wake: Wake): void => {
    poked.push(wake);
  };
  const logLines: string[] = [];
  const destination = new Writable({
    write(chunk: Buffer, _encoding, done) {
      logLines.push(chunk.toString());
      done();
    },
  });
  const persist = createPersist({
    store,
    settings: { return_window_s: 60, retry_s: 60, backorder_recheck_s: 60 },
  });
  const dependencies: ApiDependencies = {
    store,
    door: createDoor({ store, persist, poke }),
    inventory: createInventory(store),
    masterData: createMasterData(store),
    poke,
    config: { public_url: undefined, temporal_ui_url: 'http://127.0.0.1:8233', temporal_namespace: 'default' },
    log: createLogger({ service: 'api', level: 'info', destination }),
    temporalReachable: async () => false,
  };
  const operations = apiOperations(dependencies);
  const app = createApp(dependencies);
  const server = createServer((request, response) => {
    app(request, response);
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const url = `http://127.0.0.1:${String((server.address() as AddressInfo).port)}`;

  return {
    url,
    key,
    store,
    operations,
    dependencies,
    poked,
    logLines,
    async request<Body>(method: string, path: string, options: TestRequest = {}) {
      const body = options.raw ?? (options.body === undefined ? undefined : JSON.stringify(options.body));
      const response = await fetch(url + path, {
        method,
        headers: {
          ...(options.key === null ? {} : { authorization: `Bearer ${options.key ?? key}` }),
          ...(body === undefined ? {} : { 'content-type': 'application/json' }),
          ...options.headers,
        },
        ...(body === undefined ? {} : { body }),
      });
      const bytes = Buffer.from(await response.arrayBuffer());
      const isJson = /json/.test(response.headers.get('content-type') ?? '');
      const answer = {
        status: response.status,
        headers: response.headers,
        body: (isJson ? JSON.parse(bytes.toString()) : undefined) as Body,
        bytes,
      };
      checkAnswer(operationFor(operations, method, path), answer);
      return answer;
    },
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      await store.close();
    },
  };
}
