import { mkdtemp, mkdir, rm } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { findServer } from '../platform/servers/find';
import { startMongod } from '../platform/servers/mongod';
import { servers } from '../test/setup/servers';
import { startTestApi, type TestApi } from './testing';

interface ProblemDocument {
  code: string;
  detail: string;
  trace_id: string;
  errors?: { pointer: string; code: string }[];
}

let api: TestApi;

beforeAll(async () => {
  api = await startTestApi(servers().mongodbUri('api_protocol'));
});

afterAll(() => api.close());

async function addKey(name: string, scopes: string[], change: Record<string, unknown> = {}): Promise<string> {
  const { createHash } = await import('node:crypto');
  await api.store.api_keys.insertOne({
    _id: `key_${name}`,
    name,
    hash: createHash('sha256').update(name).digest('hex'),
    scopes,
    created_at: '2026-01-01T00:00:00.000Z',
    expires_at: null,
    revoked_at: null,
    ...change,
  });
  return name;
}

/** Writes raw HTTP and gives what came back until the connection ended, or until `enough` of it did. */
function exchange(write: (send: (chunk: string | Buffer) => boolean) => void, enough: RegExp): Promise<string> {
  const { port } = new URL(api.url);
  return new Promise((resolve, reject) => {
    const socket = connect(Number(port), '127.0.0.1');
    let received = '';
    socket.on('data', (chunk: Buffer) => {
      received += chunk.toString();
      if (enough.test(received)) socket.destroy();
    });
    socket.on('close', () => resolve(received));
    socket.on('error', (error) => (received ? resolve(received) : reject(error)));
    socket.on('connect', () => write((chunk) => !socket.destroyed && socket.write(chunk)));
  });
}

describe('who may ask', () => {
  test('without a key, or with one that is not accepted, the answer is 401 and says how to authenticate', async () => {
    const none = await api.request<ProblemDocument>('GET', '/v1/orders', { key: null });
    expect([none.status, none.body.code]).toEqual([401, 'KEY_MISSING']);
    expect(none.headers.get('www-authenticate')).toContain('Bearer');
    const expired = await addKey('expired', ['*'], { expires_at: '2026-01-02T00:00:00.000Z' });
    const revoked = await addKey('revoked', ['*'], { revoked_at: '2026-01-02T00:00:00.000Z' });
    for (const key of ['nobody', expired, revoked]) {
      const answer = await api.request<ProblemDocument>('GET', '/v1/orders', { key });
      expect([answer.status, answer.body.code]).toEqual([401, 'KEY_UNKNOWN']);
      expect(answer.headers.get('www-authenticate')).toContain('invalid_token');
    }
    const basic = await api.request('GET', '/v1/orders', {
      headers: { authorization: 'Basic Zm9vOmJhcg==' },
      key: null,
    });
    expect(basic.status).toBe(401);
  });

  test('every operation asks for its scope and names it when it is missing', async () => {
    const key = await addKey('narrow', ['nothing:read']);
    const scoped = api.operations.filter((operation) => operation.scope !== null);
    expect(scoped.length).toBeGreaterThan(20);
    for (const operation of scoped) {
      const path = operation.path.replaceAll(/\{\w+\}/g, 'x');
      const answer = await api.request<ProblemDocument>(operation.method.toUpperCase(), path, { key });
      expect([operation.id, answer.status, answer.body.code]).toEqual([operation.id, 403, 'SCOPE_MISSING']);
      expect(answer.body.detail).toContain(operation.scope);
      expect(answer.headers.get('www-authenticate')).toContain(`scope="${operation.scope!}"`);
      const open = await api.request(operation.method.toUpperCase(), path, { key: null });
      expect([operation.id, open.status]).toEqual([operation.id, 401]);
    }
  });

  test('a key with the scope is let in, and asked of the database once in a while only', async () => {
    const key = await addKey('reader', ['orders:read']);
    expect((await api.request('GET', '/v1/orders', { key })).status).toBe(200);
    await api.store.api_keys.deleteOne({ _id: 'key_reader' });
    expect((await api.request('GET', '/v1/orders', { key })).status).toBe(200);
    expect((await api.request('POST', '/v1/orders', { key, body: {} })).status).toBe(403);
  });
});

describe('what the API refuses to read', () => {
  test.each([
    ['broken JSON', '{"a":', 400, 'BODY_NOT_JSON'],
    ['an empty body', '', 400, 'BODY_NOT_JSON'],
    ['bytes that are not UTF-8', Buffer.from([0x22, 0xff, 0x22]), 400, 'BODY_NOT_JSON'],
    ['a list instead of an object', '[]', 422, 'INVALID'],
    ['null', 'null', 422, 'INVALID'],
    ['nesting without end', '['.repeat(100_000) + ']'.repeat(100_000), 422, 'INVALID'],
    ['a prototype', '{"__proto__":{"channel_id":"x"}}', 422, 'INVALID'],
  ])('%s', async (_what, raw, status, code) => {
    const answer = await api.request<ProblemDocument>('POST', '/v1/orders', {
      raw,
      headers: { 'content-type': 'application/json' },
    });
    expect([answer.status, answer.body.code]).toEqual([status, code]);
  });

  test('what is not declared as JSON in UTF-8, or is compressed, is 415', async () => {
    for (const headers of [
      { 'content-type': 'text/plain' },
      { 'content-type': 'application/x-www-form-urlencoded' },
      { 'content-type': 'application/json; charset=latin1' },
      { 'content-type': 'application/json', 'content-encoding': 'gzip' },
    ]) {
      const answer = await api.request<ProblemDocument>('POST', '/v1/orders', { raw: '{}', headers });
      expect([answer.status, answer.body.code]).toEqual([415, 'MEDIA_TYPE_UNSUPPORTED']);
    }
    const utf8 = await api.request('POST', '/v1/orders', {
      raw: '{}',
      headers: { 'content-type': 'application/json; charset=UTF-8' },
    });
    expect(utf8.status).toBe(422);
  });

  test('a body over 1 MB is 413, one just below is read', async () => {
    const body = (bytes: number): string => JSON.stringify({ note: 'x'.repeat(bytes - 11) });
    const over = await api.request<ProblemDocument>('POST', '/v1/orders', { raw: body(1024 * 1024 + 1) });
    expect([over.status, over.body.code]).toEqual([413, 'BODY_TOO_LARGE']);
    const below = await api.request('POST', '/v1/orders', { raw: body(1024 * 1024) });
    expect(below.status).toBe(422);
  });

  test('20 MB are refused before they are sent: by their length, and when they come in chunks', async () => {
    const head = `POST /v1/orders HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${api.key}\r\ncontent-type: application/json\r\n`;
    const declared = await exchange((send) => {
      send(`${head}content-length: ${String(20 * 1024 * 1024)}\r\n\r\n{"note":"`);
    }, /BODY_TOO_LARGE.*\}$/s);
    expect(declared).toMatch(/^HTTP\/1\.1 413 /);
    let chunks = 0;
    const chunked = await exchange((send) => {
      send(`${head}transfer-encoding: chunked\r\n\r\n`);
      const chunk = `10000\r\n${'x'.repeat(65_536)}\r\n`;
      const more = (): void => {
        chunks += 1;
        if (chunks < 320 && send(chunk)) setImmediate(more);
      };
      more();
    }, /BODY_TOO_LARGE.*\}$/s);
    expect(chunked).toMatch(/^HTTP\/1\.1 413 /);
    expect(chunks).toBeLessThan(320);
  });

  test('a caller that does not stop sending is cut off after its answer', async () => {
    const head = `POST /v1/orders HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${api.key}\r\ncontent-type: application/json\r\n`;
    let timer: NodeJS.Timeout | undefined;
    const received = await exchange((send) => {
      send(`${head}transfer-encoding: chunked\r\n\r\n`);
      timer = setInterval(() => send(`10000\r\n${'x'.repeat(65_536)}\r\n`), 5);
    }, /never/);
    clearInterval(timer);
    expect(received).toMatch(/^HTTP\/1\.1 413 .*BODY_TOO_LARGE/s);
  });

  test('unknown paths are 404, broken percent-encoding is 400; both are problem documents', async () => {
    for (const [method, path] of [
      ['GET', '/'],
      ['GET', '/v1/nothing'],
      ['PUT', '/v1/orders'],
      ['POST', '/healthz'],
    ] as const) {
      const answer = await api.request<ProblemDocument>(method, path);
      expect([path, answer.status, answer.body.code]).toEqual([path, 404, 'ROUTE_NOT_FOUND']);
    }
    const broken = await api.request<ProblemDocument>('GET', '/v1/orders/%E0%A4%A');
    expect([broken.status, broken.body.code]).toEqual([400, 'REQUEST_MALFORMED']);
    expect(broken.bytes.toString()).not.toMatch(/\bat \w+ \(|node_modules/);
  });
});

describe('every answer', () => {
  test('carries a trace id: the one of the caller where there is one', async () => {
    const given = '4bf92f3577b34da6a3ce929d0e0e4736';
    const answer = await api.request<ProblemDocument>('GET', '/v1/nothing', {
      headers: { traceparent: `00-${given}-00f067aa0ba902b7-01` },
    });
    expect(answer.headers.get('trace-id')).toBe(given);
    expect(answer.body.trace_id).toBe(given);
    for (const traceparent of ['nonsense', `00-${'0'.repeat(32)}-00f067aa0ba902b7-01`]) {
      const own = await api.request('GET', '/healthz', { headers: { traceparent } });
      expect(own.headers.get('trace-id')).toMatch(/^(?!0+$)[0-9a-f]{32}$/);
    }
  });

  test('has security headers and does not say what it runs on', async () => {
    const { headers } = await api.request('GET', '/healthz');
    expect(headers.get('x-powered-by')).toBeNull();
    expect(headers.get('x-content-type-options')).toBe('nosniff');
    expect(headers.get('content-security-policy')).toContain("default-src 'none'");
  });

  test('leaves a log line without personal data, bodies, queries or the key', async () => {
    const marker = 'planted-marker@example.com';
    await api.request('GET', `/v1/orders?q=${marker}&limit=x`);
    await api.request('GET', `/v1/orders/${marker}`);
    await api.request('POST', '/v1/orders', { body: { customer: { email: marker }, note: marker } });
    await api.request('GET', `/${marker}`);
    const log = api.logLines.join('');
    expect(log).toContain('"route":"/v1/orders/{order_id}"');
    expect(log).toContain('"key_id":"key_start"');
    expect(log).not.toContain(marker);
    expect(log).not.toContain(api.key);
  });

  test('a fault of the hub is 500 without its cause, which is in the log under the trace id', async () => {
    const masterData = api.dependencies.masterData;
    const { channels } = masterData;
    masterData.channels = async () => {
      throw new TypeError('planted fault');
    };
    const answer = await api.request<ProblemDocument>('GET', '/v1/channels');
    masterData.channels = channels;
    expect([answer.status, answer.body.code]).toEqual([500, 'INTERNAL']);
    expect(answer.bytes.toString()).not.toContain('planted fault');
    const line = api.logLines.find((candidate) => candidate.includes('planted fault'));
    expect(line).toContain(answer.body.trace_id);
  });
});

test('readiness tells MongoDB and Temporal apart', async () => {
  const answer = await api.request('GET', '/readyz', { key: null });
  expect([answer.status, answer.body]).toEqual([200, { status: 'degraded', mongodb: 'up', temporal: 'down' }]);
});

test('while MongoDB is away requests are 503 with Retry-After, and go on when it is back', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'waybill-api-'));
  const dataDir = join(folder, 'mongod');
  await mkdir(dataDir);
  const log = (): void => undefined;
  const binary = await findServer('mongod', { log });
  let mongod = await startMongod({ binary, dataDir, log });
  const other = await startTestApi(mongod.uri);
  const body = { code: 'web', name: 'Web', kind: 'web' };
  try {
    expect((await other.request('GET', '/v1/orders')).status).toBe(200);
    await mongod.stop();
    const [list, create, ready, alive] = await Promise.all([
      other.request<ProblemDocument>('GET', '/v1/orders'),
      other.request<ProblemDocument>('POST', '/v1/channels', { body }),
      other.request('GET', '/readyz'),
      other.request('GET', '/healthz'),
    ]);
    for (const answer of [list, create]) {
      expect([answer.status, answer.body.code]).toEqual([503, 'UNAVAILABLE']);
      expect(Number(answer.headers.get('retry-after'))).toBeGreaterThan(0);
    }
    expect([ready.status, ready.body]).toEqual([503, { status: 'not_ready', mongodb: 'down', temporal: 'down' }]);
    expect(alive.status).toBe(200);
    mongod = await startMongod({ binary, dataDir, log, port: mongod.port });
    const statuses: number[] = [];
    while (statuses.at(-1) !== 201 && statuses.length < 50) {
      statuses.push((await other.request('POST', '/v1/channels', { body })).status);
    }
    expect(statuses.at(-1)).toBe(201);
  } finally {
    await other.close();
    await mongod.stop();
    await rm(folder, { recursive: true, force: true, maxRetries: 5 });
  }
});
