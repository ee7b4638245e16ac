import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, test } from '@jest/globals';
import { z } from 'zod';
import { ConnectorFault, type FaultDetails } from './faults';
import { createPartnerHttp, redact, type PartnerHttpOptions } from './http';

const servers: Server[] = [];
afterEach(async () => {
  await Promise.all(
    servers.splice(0).map((server) => {
      server.closeAllConnections();
      return new Promise((resolve) => server.close(resolve));
    }),
  );
});

async function partner(answer: RequestListener): Promise<string> {
  const server = createServer(answer);
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

function options(base_url: string, changes: Partial<PartnerHttpOptions> = {}): PartnerHttpOptions {
  return {
    base_url,
    hosts: [],
    headers: { authorization: 'Bearer planted-secret' },
    secret_values: ['planted-secret'],
    effect: 'write',
    operation: 'capture',
    connection_id: 'con_1',
    timeout_ms: 2_000,
    max_response_bytes: 1_000,
    signal: new AbortController().signal,
    now: () => new Date(),
    log: { info: () => undefined, warn: () => undefined },
    ...changes,
  };
}

const anything = z.object({ ok: z.boolean() });

async function faultOf(promise: Promise<unknown>): Promise<ConnectorFault> {
  const error: unknown = await promise.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (error instanceof ConnectorFault) return error;
  throw new Error(`expected a fault, got ${String(error)}`);
}

test('an answer larger than the cap is refused; whether a write happened is not known', async () => {
  const url = await partner((_, response) => response.end(JSON.stringify({ ok: 'x'.repeat(2_000) })));
  const post = createPartnerHttp(options(url)).request({ method: 'POST', path: '/a', body: {}, response: anything });
  expect((await faultOf(post)).details).toMatchObject({ kind: 'unexpected_response', happened: 'unknown' });
  const get = createPartnerHttp(options(url)).request({ method: 'GET', path: '/a', response: anything });
  expect((await faultOf(get)).details).toMatchObject({ kind: 'unexpected_response', happened: 'no' });
});

test('only the own host and declared hosts are contacted', async () => {
  let asked = 0;
  const other = await partner((_, response) => {
    asked += 1;
    response.end('{"ok":true}');
  });
  const url = await partner((_, response) => response.end('{"ok":true}'));
  const closed = createPartnerHttp(options(url));
  const fault = await faultOf(closed.request({ method: 'POST', path: `${other}/a`, response: anything }));
  expect(fault.details).toMatchObject({ kind: 'misconfigured', happened: 'no', code: 'host_not_allowed' });
  expect(asked).toBe(0);
  const open = createPartnerHttp(options(url, { hosts: [new URL(other).host] }));
  await open.request({ method: 'GET', path: `${other}/a`, response: anything });
  expect(asked).toBe(1);
});

test('a redirect is not followed', async () => {
  let asked = 0;
  const other = await partner((_, response) => {
    asked += 1;
    response.end('{"ok":true}');
  });
  const url = await partner((_, response) => response.writeHead(307, { location: other }).end());
  const fault = await faultOf(
    createPartnerHttp(options(url)).request({ method: 'POST', path: '/a', response: anything }),
  );
  expect(fault.details).toMatchObject({ kind: 'misconfigured', happened: 'no', code: 'http_307' });
  expect(asked).toBe(0);
});

test('a time-out on a write leaves the outcome unknown, on a read the partner is unavailable', async () => {
  const url = await partner(() => undefined);
  const http = createPartnerHttp(options(url, { timeout_ms: 50 }));
  const post = await faultOf(http.request({ method: 'POST', path: '/a', body: {}, response: anything }));
  expect(post.details).toMatchObject({ kind: 'outcome_unknown', happened: 'unknown' });
  const get = await faultOf(http.request({ method: 'GET', path: '/a', response: anything }));
  expect(get.details).toMatchObject({ kind: 'unavailable', happened: 'no' });
});

test('what was aborted before it was sent has not happened and reaches nobody', async () => {
  let asked = 0;
  const url = await partner((_, response) => {
    asked += 1;
    response.end('{"ok":true}');
  });
  const http = createPartnerHttp(options(url, { signal: AbortSignal.abort() }));
  const fault = await faultOf(http.request({ method: 'POST', path: '/a', body: {}, response: anything }));
  expect(fault.details).toMatchObject({ kind: 'unavailable', happened: 'no', code: 'aborted' });
  expect(asked).toBe(0);
});

test("the connector's table is asked first, also for a 200 that is no success", async () => {
  const url = await partner((_, response) => response.end('{"error":"QUOTA"}'));
  const classify: NonNullable<PartnerHttpOptions['classify']> = (response) =>
    JSON.stringify(response.body).includes('QUOTA') ? { kind: 'rate_limited', code: 'QUOTA' } : undefined;
  const fault = await faultOf(
    createPartnerHttp(options(url, { classify })).request({ method: 'POST', path: '/a', response: anything }),
  );
  expect(fault.details).toMatchObject({ kind: 'rate_limited', happened: 'no', code: 'QUOTA', http_status: 200 });
});

test.each([
  ['nothing', ''],
  ['HTML', '<html>'],
  ['broken JSON', '{"ok":'],
  ['null', 'null'],
  ['bytes', '\u0000\ufffd'],
])('a 200 that holds %s is unexpected, not a crash', async (_, body) => {
  const url = await partner((__, response) => response.end(body));
  const post = createPartnerHttp(options(url)).request({ method: 'POST', path: '/a', body: {}, response: anything });
  expect((await faultOf(post)).details).toMatchObject({ kind: 'unexpected_response', happened: 'yes' });
});

test('secrets stand in no log line, no fault and not in what is kept of the answer', async () => {
  const lines: unknown[] = [];
  const log = { info: (...line: unknown[]) => lines.push(line), warn: (...line: unknown[]) => lines.push(line) };
  const url = await partner((request, response) => {
    response.statusCode = 500;
    response.end(JSON.stringify({ echo: request.headers.authorization }));
  });
  const http = createPartnerHttp(options(url, { log }));
  const fault = await faultOf(
    http.request({ method: 'POST', path: '/a/planted-secret', query: { key: 'planted-secret' }, response: anything }),
  );
  const gone = createPartnerHttp(options('http://127.0.0.1:9', { log }));
  const refused = await faultOf(gone.request({ method: 'POST', path: '/a', response: anything }));
  const shown = JSON.stringify([
    lines,
    fault.details,
    fault.message,
    fault.raw,
    fault.stack,
    refused.details,
    refused.stack,
  ]);
  expect(lines).toHaveLength(2);
  expect(shown).toContain('[redacted]');
  expect(shown).not.toContain('planted-secret');
});

test('redaction replaces every occurrence and leaves very short values alone', () => {
  expect(redact('a-key a-key ab', ['a-key', 'ab'])).toBe('[redacted] [redacted] ab');
});

test('the wait that a date asks for is counted from now', async () => {
  const url = await partner((_, response) =>
    response.writeHead(429, { 'retry-after': new Date(Date.now() + 60_000).toUTCString() }).end(),
  );
  const details: FaultDetails = (
    await faultOf(createPartnerHttp(options(url)).request({ method: 'POST', path: '/a', response: anything }))
  ).details;
  expect(details.retry_after_ms).toBeGreaterThan(58_000);
  expect(details.retry_after_ms).toBeLessThanOrEqual(60_000);
});
