/** The embedded partners' own life: state that survives kills, feeds that give each item once, delays by speed. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import {
  appendFileSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll, afterEach, expect, test } from '@jest/globals';
import { transformSync } from '@swc/core';
import axios from 'axios';
import { openConnection, type Connection } from './kit/connection';
import { createSimulatorApp } from './kit/simulator';
import { startSimulators, type SimulatorHost } from './kit/simulator-host';
import { createSchedule } from './kit/simulator-schedule';
import { openSimulatorState } from './kit/simulator-state';
import { createMemoryOperationLog } from './kit/testing';
import type { FeedItem, FeedName, OperationOutput } from './kit/vocabulary';
import { manifests } from './manifests';
import { connectorIds, loadConnector, loadSimulator, simulatorIds } from './registry';

const root = join(__dirname, '..');
const work = mkdtempSync(join(tmpdir(), 'simulators-'));
const stops: (() => unknown)[] = [];
afterEach(async () => {
  for (const stop of stops.splice(0)) await stop();
});
afterAll(() => rmSync(work, { recursive: true, force: true }));

const address = { name: 'Ann Example', line1: 'Main Street 1', city: 'Berlin', postal_code: '10115', country: 'DE' };
let counter = 0;
const freshDir = (): string => join(work, `state-${(counter += 1)}`);

async function start(dir: string, speed: number): Promise<SimulatorHost> {
  const host = await startSimulators({ connectors: simulatorIds, dir, speed });
  stops.push(host.stop);
  return host;
}

function connect(urls: Record<string, string>, id: string): Connection {
  const connection = openConnection({
    connector_id: id,
    connection_id: `con_${id}`,
    config: { base_url: urls[id] },
    secrets: {},
    mode: 'simulated',
  });
  stops.push(() => connection.close());
  return connection;
}

function book(connection: Connection, reference: string, country = 'DE'): Promise<OperationOutput<'shipment.book'>> {
  return connection.perform(
    'shipment.book',
    {
      reference,
      service: 'standard',
      from: address,
      to: { ...address, country },
      parcels: [{ parcel_id: `${reference}-p`, weight_grams: 900 }],
    },
    { key: reference, reference, entity_id: 'e', log: createMemoryOperationLog() },
  );
}

/** One simulator on a clock of the test's own. */
async function startAt(clock: { ms: number }, id: string, speed: number): Promise<{ url: string }> {
  const memory = openSimulatorState(join(freshDir(), `${id}.jsonl`));
  const simulator = loadSimulator(id);
  if (simulator === undefined) throw new Error(`no simulator ${id}`);
  const { app, stop } = createSimulatorApp(simulator, { state: memory, speed, now: () => clock.ms });
  const server = app.listen(0, '127.0.0.1');
  await once(server, 'listening');
  stops.push(async () => {
    stop();
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
    memory.close();
  });
  const bound = server.address();
  return { url: `http://127.0.0.1:${typeof bound === 'object' ? (bound?.port ?? 0) : 0}` };
}

async function pullAll<F extends FeedName>(connection: Connection, feed: F, limit: number): Promise<FeedItem<F>[]> {
  const items: FeedItem<F>[] = [];
  let cursor: string | null = null;
  for (;;) {
    const page: Awaited<ReturnType<typeof connection.pull<F>>> = await connection.pull(feed, { cursor, limit });
    items.push(...page.items);
    cursor = page.cursor;
    if (!page.more) return items;
  }
}

async function state(url: string | undefined, collection: string): Promise<Record<string, unknown>[]> {
  return (await axios.get<{ data: Record<string, unknown>[] }>(`${url ?? ''}/_state/${collection}`)).data.data;
}

/** Compiles what the host needs, so that it runs as the process that it is in production. */
function compileHost(): string {
  const out = join(work, 'compiled');
  for (const room of ['connectors', 'domain', 'platform']) {
    for (const file of readdirSync(join(root, room), { recursive: true, encoding: 'utf8' })) {
      if (!file.endsWith('.ts') || file.endsWith('.test.ts')) continue;
      const { code } = transformSync(readFileSync(join(root, room, file), 'utf8'), {
        swcrc: false,
        jsc: { parser: { syntax: 'typescript' }, target: 'es2023' },
        module: { type: 'commonjs' },
      });
      const target = join(out, room, file.replace(/\.ts$/, '.js'));
      mkdirSync(join(target, '..'), { recursive: true });
      writeFileSync(target, code);
    }
  }
  symlinkSync(join(root, 'node_modules'), join(out, 'node_modules'));
  cpSync(join(root, 'package.json'), join(out, 'package.json'));
  return join(out, 'connectors', 'sandbox-host.js');
}

async function spawnHost(
  entry: string,
  settings: object,
): Promise<{ child: ChildProcess; urls: Record<string, string> }> {
  const child = spawn(process.execPath, [entry, JSON.stringify(settings)], { stdio: ['ignore', 'pipe', 'inherit'] });
  stops.push(() => child.kill('SIGKILL'));
  const [line] = (await once(createInterface({ input: child.stdout }), 'line')) as [string];
  const ready = JSON.parse(line) as { ready: boolean; urls: Record<string, string> };
  expect(ready.ready).toBe(true);
  return { child, urls: ready.urls };
}

test('what was answered survives kill -9 of the host, on the same ports, and SIGTERM ends it with 0', async () => {
  const entry = compileHost();
  const dir = freshDir();
  const first = await spawnHost(entry, { dir, speed: 1 });
  expect(Object.keys(first.urls).sort()).toEqual([...simulatorIds].sort());
  const booked = await book(connect(first.urls, 'sandbox-carrier'), 'before-kill');
  first.child.kill('SIGKILL');
  await once(first.child, 'exit');

  const ports = Object.fromEntries(Object.entries(first.urls).map(([id, url]) => [id, Number(new URL(url).port)]));
  const second = await spawnHost(entry, { dir, speed: 1, ports });
  expect(second.urls).toEqual(first.urls);
  const labels = await state(second.urls['sandbox-carrier'], 'labels');
  expect(labels.map((row) => [row.reference, row.tracking_number])).toEqual([
    ['before-kill', booked.parcels[0]?.tracking_number],
  ]);
  const carrier = connect(second.urls, 'sandbox-carrier');
  // A hub without memory looks it up and gets the same labels, byte for byte; a new booking gets a new number.
  expect(await book(carrier, 'before-kill')).toEqual(booked);
  expect((await book(carrier, 'after-kill')).parcels[0]?.tracking_number).not.toBe(booked.parcels[0]?.tracking_number);

  second.child.kill('SIGTERM');
  expect(await once(second.child, 'exit')).toEqual([0, null]);
});

test('a line torn by a crash is dropped and what follows it is kept', () => {
  const file = join(freshDir(), 'torn.jsonl');
  const before = openSimulatorState(file);
  before.put(['things', 'a', { n: 1 }], ['things', 'b', { n: 2 }]);
  before.close();
  appendFileSync(file, '[["things","c",{"n":');
  const after = openSimulatorState(file);
  expect(after.list('things')).toEqual([{ n: 1 }, { n: 2 }]);
  after.put(['things', 'd', { n: 4 }], ['things', 'a', { n: 5 }]);
  after.close();
  const again = openSimulatorState(file);
  expect(again.list('things')).toEqual([{ n: 5 }, { n: 2 }, { n: 4 }]);
  again.close();
});

test('look-ups by a field see rows put and changed after the first look-up', () => {
  const memory = openSimulatorState(join(freshDir(), 'index.jsonl'));
  memory.put(['things', 'a', { color: 'red', n: 1 }]);
  expect(memory.where('things', 'color', 'red')).toHaveLength(1);
  memory.put(['things', 'b', { color: 'red', n: 2 }], ['things', 'a', { color: 'blue', n: 3 }]);
  expect(memory.where('things', 'color', 'red')).toEqual([{ color: 'red', n: 2 }]);
  expect(memory.where('things', 'color', 'blue')).toEqual([{ color: 'blue', n: 3 }]);
  memory.close();
});

test('due things come by time, then id, whatever the order of adding', () => {
  const schedule = createSchedule();
  const entries = [5, 1, 3, 1, 9, 2].map((due_at, index) => ({ due_at, id: `i${index}`, step: 0 }));
  entries.forEach((entry) => schedule.add(entry));
  const taken = [];
  for (let due = schedule.takeDue(5); due !== undefined; due = schedule.takeDue(5)) taken.push(due.id);
  expect(taken).toEqual(['i1', 'i3', 'i5', 'i2', 'i0']);
  expect(schedule.takeDue(8)).toBeUndefined();
  expect(schedule.takeDue(9)?.id).toBe('i4');
});

test('a feed gives each item once, in one order, over page sizes and a restart', async () => {
  const dir = freshDir();
  const first = await startSimulators({ connectors: simulatorIds, dir, speed: 1e12 });
  const carrier = connect(first.urls, 'sandbox-carrier');
  for (const reference of ['a', 'b', 'c']) await book(carrier, reference);
  const before = await pullAll(carrier, 'tracking', 4);
  expect(before).toHaveLength(18);
  expect(new Set(before.map(({ event_id }) => event_id)).size).toBe(18);
  const { cursor } = await carrier.pull('tracking', { cursor: null, limit: 100 });
  await first.stop();

  const second = await start(dir, 1e12);
  const again = connect(second.urls, 'sandbox-carrier');
  expect(await pullAll(again, 'tracking', 7)).toEqual(before);
  expect(await again.pull('tracking', { cursor, limit: 100 })).toMatchObject({ items: [], cursor, more: false });
  await book(again, 'd');
  const fresh = await again.pull('tracking', { cursor, limit: 100 });
  expect(fresh.items.map(({ reference }) => reference)).toEqual(Array(6).fill('d'));
});

test('a parcel travels through every milestone in order of time, and a code is never unknown', async () => {
  const { urls } = await start(freshDir(), 1e12);
  const carrier = connect(urls, 'sandbox-carrier');
  const booked = await book(carrier, 'trip', 'FR');
  const { items, unknown_codes } = await carrier.pull('tracking', { cursor: null, limit: 50 });
  expect(items.map(({ milestone }) => milestone)).toEqual([
    'LABEL_CREATED',
    'PICKED_UP',
    'IN_TRANSIT',
    'AT_DELIVERY_DEPOT',
    'OUT_FOR_DELIVERY',
    'DELIVERED',
  ]);
  expect(items.map(({ at }) => at)).toEqual(items.map(({ at }) => at).toSorted());
  expect(unknown_codes).toEqual({});
  const tracking_number = booked.parcels[0]?.tracking_number ?? '';
  const options = { key: 'k', reference: 'k', entity_id: 'e', log: createMemoryOperationLog() };
  expect((await carrier.perform('tracking.get', { tracking_number }, options)).items).toEqual(items);
  expect(await state(urls['sandbox-carrier'], 'events')).toHaveLength(6);
});

test('delays are those of the real world divided by the speed, and the quoted arrival is kept', async () => {
  const hours = 3_600_000;
  for (const [country, transit] of [
    ['DE', 50 * hours],
    ['FR', 74 * hours],
  ] as const) {
    const clock = { ms: Date.parse('2026-03-01T12:00:00.000Z') };
    const { url } = await startAt(clock, 'sandbox-carrier', 10);
    const carrier = connect({ 'sandbox-carrier': url }, 'sandbox-carrier');
    const booked = await book(carrier, 'timed', country);
    const arrives = clock.ms + transit / 10;
    expect(booked.estimated_delivery_at).toBe(new Date(arrives).toISOString());
    const codes = async (): Promise<string[]> =>
      (await carrier.pull('tracking', { cursor: null, limit: 50 })).items.map(({ code }) => code);
    expect(await codes()).toEqual(['LC']);
    clock.ms += (2 * hours) / 10 - 1;
    expect(await codes()).toEqual(['LC']);
    clock.ms += 1;
    expect(await codes()).toEqual(['LC', 'PU']);
    clock.ms = arrives - 1;
    expect(await codes()).not.toContain('DL');
    clock.ms = arrives;
    expect(await codes()).toContain('DL');
  }
});

test('a voided label is never scanned, and what was collected cannot be voided', async () => {
  const clock = { ms: Date.parse('2026-03-01T12:00:00.000Z') };
  const { url } = await startAt(clock, 'sandbox-carrier', 1);
  const carrier = connect({ 'sandbox-carrier': url }, 'sandbox-carrier');
  const undo = (reference: string, booking_id: string): Promise<unknown> =>
    carrier.perform(
      'shipment.void',
      { reference, booking_id },
      { key: `void/${reference}`, reference, entity_id: 'e', log: createMemoryOperationLog() },
    );
  const first = await book(carrier, 'voided');
  const second = await book(carrier, 'collected');
  await undo('voided', first.booking_id);
  clock.ms += 10 * 86_400_000;
  const { items } = await carrier.pull('tracking', { cursor: null, limit: 50 });
  const codesOf = (reference: string): string[] =>
    items.filter((item) => item.reference === reference).map(({ code }) => code);
  expect(codesOf('voided').filter((code) => code !== 'LC')).toEqual([]);
  expect(codesOf('collected')).toContain('DL');
  await expect(undo('collected', second.booking_id)).rejects.toMatchObject({
    kind: 'rejected',
    details: { reason: 'state', code: 'ALREADY_COLLECTED' },
  });
  expect(await state(url, 'labels')).toMatchObject([
    { reference: 'voided', voided: true },
    { reference: 'collected', voided: false },
  ]);
});

test('a warehouse reports accepted, picked and packed, with every unit in a box and no box above 25 kg', async () => {
  const { urls } = await start(freshDir(), 1e12);
  const wms = connect(urls, 'sandbox-wms');
  const lines = [
    { line_id: '1', sku: 'ANVIL', quantity: 3, weight_grams: 12_000 },
    { line_id: '2', sku: 'TEE', quantity: 2 },
  ];
  const input = { reference: 'r', location_code: 'BER', ship_to: address, lines };
  const options = { key: 'r', reference: 'r', entity_id: 'e', log: createMemoryOperationLog() };
  await wms.perform('fulfillment.release', input, options);
  const items = await pullAll(wms, 'shipment_confirmation', 2);
  expect(items.map(({ type }) => type)).toEqual(['accepted', 'picked', 'packed']);
  expect(items.map(({ lines: of }) => of)).toEqual(
    Array(3).fill([
      { line_id: '1', quantity: 3 },
      { line_id: '2', quantity: 2 },
    ]),
  );
  const parcels = items.at(-1)?.parcels ?? [];
  expect(parcels.map(({ lines: of }) => of)).toEqual([
    [{ line_id: '1', quantity: 2 }],
    [
      { line_id: '1', quantity: 1 },
      { line_id: '2', quantity: 2 },
    ],
  ]);
  expect(parcels.map(({ weight_grams }) => weight_grams)).toEqual([24_200, 13_200]);
  expect(await state(urls['sandbox-wms'], 'fulfillments')).toMatchObject([{ reference: 'r', status: 'PACKED' }]);
});

test('a feed can repeat and reorder its items when told to', async () => {
  const { urls } = await start(freshDir(), 1e12);
  const carrier = connect(urls, 'sandbox-carrier');
  await book(carrier, 'x');
  const codes = async (): Promise<string[]> =>
    (await carrier.pull('tracking', { cursor: null, limit: 50 })).items.map(({ code }) => code);
  const plain = await codes();
  await axios.put(`${urls['sandbox-carrier'] ?? ''}/_faults`, { operation: 'tracking', kind: 'reorder' });
  expect(await codes()).toEqual(plain.toReversed());
  await axios.put(`${urls['sandbox-carrier'] ?? ''}/_faults`, { operation: 'tracking', kind: 'duplicate' });
  expect(await codes()).toEqual(plain.flatMap((code) => [code, code]));
  expect(await codes()).toEqual(plain);
});

test('a host that cannot start all partners starts none and says why', async () => {
  await expect(startSimulators({ connectors: ['no-such'], dir: freshDir(), speed: 1 })).rejects.toThrow('no-such');
  await expect(startSimulators({ connectors: [], dir: freshDir(), speed: 0.5 })).rejects.toThrow('speed');
});

test('the generated registry and manifests are up to date, and every connector is what its folder says', () => {
  const check = spawnSync(process.execPath, [join(root, 'scripts', 'connectors-index.mjs'), '--check'], {
    encoding: 'utf8',
  });
  expect(check.stderr).toBe('');
  expect(check.status).toBe(0);
  expect(manifests.map(({ id }) => id)).toEqual([...connectorIds]);
  for (const manifest of manifests) {
    expect(loadConnector(manifest.id)?.manifest).toBe(manifest);
    expect(Object.keys(loadConnector(manifest.id)?.operations ?? {}).sort()).toEqual([...manifest.operations].sort());
    expect(Object.keys(loadConnector(manifest.id)?.feeds ?? {}).sort()).toEqual([...manifest.feeds].sort());
  }
  for (const id of simulatorIds) expect(loadSimulator(id)?.id).toBe(id);
  expect(loadConnector('constructor')).toBeUndefined();
  expect(loadSimulator('no-such')).toBeUndefined();
});
