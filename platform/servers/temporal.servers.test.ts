import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { Client, Connection } from '@temporalio/client';
import { findServer } from './find';
import { searchAttributes } from './search-attributes';
import { prepareNamespace, startTemporal, startTemporalTestServer, type Temporal } from './temporal';

const log = (): void => undefined;
let binary: string;
let folder: string;
const stops: (() => Promise<void>)[] = [];

beforeEach(async () => {
  binary = await findServer('temporal', { log });
  folder = await mkdtemp(join(tmpdir(), 'waybill-temporal-'));
});

afterEach(async () => {
  for (const stop of stops.splice(0).reverse()) await stop();
  await rm(folder, { recursive: true, force: true });
});

async function start(): Promise<Temporal> {
  const temporal = await startTemporal({ binary, dbFile: join(folder, 'state', 'temporal.db'), log });
  stops.push(() => temporal.stop());
  return temporal;
}

async function connect(address: string): Promise<Connection> {
  const connection = await Connection.connect({ address });
  stops.push(() => connection.close());
  return connection;
}

test('a namespace prepared keeps closed runs for 30 days and has every search attribute, however often and at once', async () => {
  const { address } = await start();
  await Promise.all([1, 2, 3].map(() => prepareNamespace({ address, namespace: 'default' })));
  await prepareNamespace({ address, namespace: 'default' });
  const connection = await connect(address);
  const { config } = await connection.workflowService.describeNamespace({ namespace: 'default' });
  expect(Number(config?.workflowExecutionRetentionTtl?.seconds)).toBe(30 * 86_400);
  const { customAttributes } = await connection.operatorService.listSearchAttributes({ namespace: 'default' });
  expect(Object.keys(customAttributes)).toEqual(expect.arrayContaining(Object.keys(searchAttributes)));
});

test('a namespace that does not exist is made', async () => {
  const { address } = await start();
  await prepareNamespace({ address, namespace: 'another' });
  const connection = await connect(address);
  const { namespaceInfo } = await connection.workflowService.describeNamespace({ namespace: 'another' });
  expect(namespaceInfo?.name).toBe('another');
});

test('a workflow started before a stop is found after the next start, by its search attribute', async () => {
  const first = await start();
  await prepareNamespace({ address: first.address, namespace: 'default' });
  const before = new Client({ connection: await connect(first.address) });
  await before.workflow.start('nobody-runs-it', {
    workflowId: 'order/web/1',
    taskQueue: 'none',
    typedSearchAttributes: [{ key: searchAttributes.OrderId, value: 'ord_1' }],
  });
  await first.stop();
  const second = await start();
  const after = new Client({ connection: await connect(second.address) });
  const found: string[] = [];
  for await (const run of after.workflow.list({ query: "OrderId = 'ord_1'" })) found.push(run.workflowId);
  expect(found).toEqual(['order/web/1']);
});

test('its web pages are at the address told', async () => {
  const { ui_url } = await start();
  expect((await fetch(ui_url)).status).toBe(200);
});

test('a port in use is told, and whoever has it is left alone', async () => {
  const first = await start();
  await expect(startTemporal({ binary, port: first.port, log })).rejects.toThrow(
    `port ${first.port} for Temporal is in use`,
  );
  expect((await fetch(first.ui_url)).status).toBe(200);
});

test('the time-skipping test server answers', async () => {
  const server = await startTemporalTestServer({ binary: await findServer('temporal-test-server', { log }), log });
  stops.push(() => server.stop());
  const connection = await connect(server.address);
  expect((await connection.workflowService.getSystemInfo({})).capabilities).toBeTruthy();
});
