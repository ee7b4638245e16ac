import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createConnection } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { Client, Connection } from '@temporalio/client';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { childEnvironment, type Config } from '../platform/config';
import { projectRoot } from '../platform/project-root';
import { findServer } from '../platform/servers/find';
import { freePort } from '../platform/servers/free-port';
import { startMongod } from '../platform/servers/mongod';
import { servers } from '../test/setup/servers';

interface Running {
  child: ChildProcess;
  url: string;
  log(): string;
  /** Sends SIGTERM and gives the exit code and how long it took. */
  stop(): Promise<{ code: number | null }>;
}

const key = 'start-key-of-a-test';
const running: Running[] = [];
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'waybill-api-main-'));
  await writeFile(join(folder, 'api-key'), `${key}\n`);
  await promisify(execFile)(process.execPath, [join(projectRoot(), 'scripts', 'build.mjs')]);
}, 180_000);

afterAll(async () => {
  for (const { child } of running) child.kill('SIGKILL');
  await rm(folder, { recursive: true, force: true, maxRetries: 5 });
});

async function start(settings: Partial<Config>): Promise<Running> {
  const port = await freePort();
  const child = spawn(process.execPath, [join(projectRoot(), 'dist', 'api', 'main.js')], {
    env: childEnvironment({ http_port: port, api_key_file: join(folder, 'api-key'), ...settings }),
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => (output += chunk.toString()));
  const exited = once(child, 'exit');
  const api: Running = {
    child,
    url: `http://127.0.0.1:${String(port)}`,
    log: () => output,
    async stop() {
      child.kill('SIGTERM');
      const [code] = (await exited) as [number | null];
      return { code };
    },
  };
  running.push(api);
  await until(async () => (await ask(api, '/healthz')).status === 200, api);
  return api;
}

async function ask(
  api: Running,
  path: string,
  body?: unknown,
): Promise<{ status: number; body: Record<string, unknown> }> {
  const response = await fetch(api.url + path, {
    method: body === undefined ? 'GET' : 'POST',
    headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  return { status: response.status, body: (await response.json()) as Record<string, unknown> };
}

async function until(holds: () => Promise<boolean>, api: Running): Promise<void> {
  const end = Date.now() + 120_000;
  while (!(await holds().catch(() => false))) {
    if (Date.now() > end) throw new Error(`It did not come to that:\n${api.log()}`);
    await sleep(50);
  }
}

async function captureAt(
  api: Running,
  channelOrderId: string,
): Promise<{ status: number; body: Record<string, unknown> }> {
  const channel = await ask(api, '/v1/channels', { code: channelOrderId, name: 'Shop', kind: 'web' });
  return ask(api, '/v1/orders', {
    channel_id: channel.body['channel_id'],
    channel_order_id: channelOrderId,
    placed_at: '2026-03-01T10:30:00Z',
    currency: 'EUR',
    customer: { name: 'A' },
    ship_to: { name: 'A', line1: 'B', city: 'Berlin', postal_code: '10119', country: 'DE' },
    lines: [{ sku: 'TEE', quantity: 1, unit_price: 1 }],
  });
}

test('it answers while MongoDB is not there yet, says so, and serves when it comes', async () => {
  const port = await freePort();
  const api = await start({
    mongodb_uri: `mongodb://127.0.0.1:${String(port)}/waybill?directConnection=true`,
    temporal_address: '127.0.0.1:1',
  });
  expect(await ask(api, '/readyz')).toMatchObject({
    status: 503,
    body: { status: 'not_ready', mongodb: 'down', temporal: 'down' },
  });
  expect(await ask(api, '/v1/orders')).toMatchObject({ status: 503, body: { code: 'UNAVAILABLE' } });
  await until(async () => api.log().includes('MongoDB does not answer yet'), api);
  const dataDir = join(folder, 'mongod');
  await mkdir(dataDir);
  const log = (): void => undefined;
  const mongod = await startMongod({ binary: await findServer('mongod', { log }), dataDir, port, log });
  try {
    await until(async () => (await ask(api, '/readyz')).status === 200, api);
    expect((await captureAt(api, 'late')).status).toBe(201);
  } finally {
    await api.stop();
    await mongod.stop();
  }
});

test('with Temporal down an order is 201 and the log says that its workflow waits for the sweeper', async () => {
  const api = await start({ mongodb_uri: servers().mongodbUri('api_main_down'), temporal_address: '127.0.0.1:1' });
  await until(async () => (await ask(api, '/readyz')).status === 200, api);
  expect((await ask(api, '/readyz')).body).toEqual({ status: 'degraded', mongodb: 'up', temporal: 'down' });
  expect((await captureAt(api, 'no-temporal')).status).toBe(201);
  await until(async () => api.log().includes('the sweeper will'), api);
  expect(await api.stop()).toMatchObject({ code: 0 });
});

test('a captured order wakes its workflow on the task queue; the key never stands in the log', async () => {
  const task_queue = 'api-main-test';
  const api = await start({
    mongodb_uri: servers().mongodbUri('api_main_up'),
    temporal_address: servers().temporalAddress,
    task_queue,
  });
  await until(async () => (await ask(api, '/readyz')).body['status'] === 'ready', api);
  const order = await captureAt(api, 'woken');
  const connection = await Connection.connect({ address: servers().temporalAddress });
  const client = new Client({ connection });
  const id = `order/${String(order.body['channel_id'])}/woken`;
  try {
    await until(async () => (await client.workflow.getHandle(id).describe()).status.name === 'RUNNING', api);
    const { type, taskQueue } = await client.workflow.getHandle(id).describe();
    expect([type, taskQueue]).toEqual(['orderWorkflow', task_queue]);
  } finally {
    await client.workflow.getHandle(id).terminate();
    await connection.close();
  }
  expect(api.log()).not.toContain(key);
});

test('SIGTERM ends it within 3 s, after the request under way is answered, with idle connections open', async () => {
  const api = await start({
    mongodb_uri: servers().mongodbUri('api_main_stop'),
    temporal_address: servers().temporalAddress,
  });
  await until(async () => (await ask(api, '/readyz')).status === 200, api);
  const { port } = new URL(api.url);
  const body = JSON.stringify({ code: 'slow', name: 'Slow', kind: 'web' });
  const socket = createConnection(Number(port), '127.0.0.1');
  let answer = '';
  socket.on('data', (chunk: Buffer) => (answer += chunk.toString()));
  const closed = once(socket, 'close');
  socket.write(
    `POST /v1/channels HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${key}\r\ncontent-type: application/json\r\ncontent-length: ${String(body.length)}\r\n\r\n${body.slice(0, 5)}`,
  );
  // The request is known to be under way when a later one on another connection is answered.
  expect((await ask(api, '/healthz')).status).toBe(200);
  const stopping = api.stop();
  await until(async () => api.log().includes('"stopping"'), api);
  socket.write(body.slice(5));
  await closed;
  expect(answer).toMatch(/^HTTP\/1\.1 201 /);
  const { code } = await stopping;
  expect(code).toBe(0);
});

test('settings that are refused end it at once with a line that names them', async () => {
  const child = spawn(process.execPath, [join(projectRoot(), 'dist', 'api', 'main.js')], {
    env: { ...childEnvironment({}), WAYBILL_HTTP_PORT: 'eighty' },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
  const [code] = (await once(child, 'close')) as [number];
  expect(code).toBe(1);
  expect(output).toContain('WAYBILL_HTTP_PORT');
});
