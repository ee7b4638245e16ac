/** The repeat contract against the embedded partners over HTTP: what is counted is what really happened there. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import axios from 'axios';
import { openConnection, type Connection, type PerformOptions } from './kit/connection';
import { ConnectorFault, type FaultDetails } from './kit/faults';
import { startSimulators, type SimulatorHost } from './kit/simulator-host';
import { createMemoryOperationLog, type MemoryOperationLog } from './kit/testing';
import type { OperationInput } from './kit/vocabulary';
import { simulatorIds } from './registry';

const SETTLE_MS = 300;
const dir = mkdtempSync(join(tmpdir(), 'partners-'));
let host: SimulatorHost;
const opened: Connection[] = [];

beforeAll(async () => {
  host = await startSimulators({ connectors: simulatorIds, dir, speed: 1 });
});
afterEach(async () => {
  await Promise.all(Object.values(host.urls).map((url) => axios.delete(`${url}/_faults`)));
});
afterAll(async () => {
  opened.forEach((connection) => connection.close());
  await host.stop();
  rmSync(dir, { recursive: true });
});

const address = { name: 'Ann Example', line1: 'Main Street 1', city: 'Berlin', postal_code: '10115', country: 'DE' };

/** Every write that a partner would do twice, and where it is counted. */
const effects = {
  'shipment.book': {
    connector: 'sandbox-carrier',
    collection: 'labels',
    input: (reference: string): OperationInput<'shipment.book'> => ({
      reference,
      service: 'standard',
      from: address,
      to: { ...address, city: 'Hamburg', postal_code: '20095' },
      parcels: [{ parcel_id: 'p1', weight_grams: 1200 }],
    }),
  },
  capture: {
    connector: 'sandbox-payment',
    collection: 'captures',
    input: (reference: string): OperationInput<'capture'> => ({
      reference,
      authorization_reference: `auth-${reference}`,
      amount: 500,
      authorized_amount: 2000,
      currency: 'EUR',
    }),
  },
  'shipment.announce': {
    connector: 'sandbox-channel',
    collection: 'announcements',
    input: (reference: string): OperationInput<'shipment.announce'> => ({
      reference,
      channel_order_id: '#1001/A',
      lines: [{ line_id: '1', sku: 'TEE', quantity: 2 }],
      parcels: [{ tracking_number: 'SBX0000000017', carrier: 'sandbox-carrier' }],
    }),
  },
  'invoice.push': {
    connector: 'sandbox-erp',
    collection: 'invoices',
    input: (reference: string): OperationInput<'invoice.push'> => ({
      reference,
      order_reference: 'ord_1',
      customer: { name: 'Ann Example' },
      currency: 'EUR',
      lines: [{ line_id: '1', sku: 'TEE', quantity: 2, total: 500 }],
      total: 500,
    }),
  },
} as const;
type Effect = keyof typeof effects;
const names = Object.keys(effects) as Effect[];

function open(connectorId: string, secrets: object = {}): Connection {
  const settles = connectorId === 'sandbox-wms' ? {} : { settle_ms: SETTLE_MS };
  const connection = openConnection({
    connector_id: connectorId,
    connection_id: `con_${connectorId}`,
    config: { base_url: host.urls[connectorId], ...settles },
    secrets,
    mode: 'simulated',
  });
  opened.push(connection);
  return connection;
}

let counter = 0;
interface Scene {
  reference: string;
  log: MemoryOperationLog;
  perform: (options?: Partial<PerformOptions>) => Promise<unknown>;
  plant: (kind: string, more?: object) => Promise<void>;
  rows: () => Promise<number>;
}

function scene(effect: Effect): Scene {
  const { connector, collection, input } = effects[effect];
  const connection = open(connector);
  const reference = `ref-${(counter += 1)}`;
  const log = createMemoryOperationLog();
  const url = host.urls[connector] ?? '';
  return {
    reference,
    log,
    perform: (options = {}) =>
      connection.perform(effect, input(reference), { key: reference, reference, entity_id: 'shp_1', log, ...options }),
    async plant(kind, more = {}) {
      await axios.put(`${url}/_faults`, { operation: effect, kind, ...more });
    },
    async rows() {
      const state = await axios.get<{ data: { reference: string }[] }>(`${url}/_state/${collection}`);
      return state.data.data.filter((row) => row.reference === reference).length;
    },
  };
}

async function faultOf(promise: Promise<unknown>): Promise<FaultDetails> {
  const error: unknown = await promise.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (error instanceof ConnectorFault) return error.details;
  throw new Error(`expected a fault, got ${String(error)}`);
}

/** What an activity's retries do: come back when the fault says so. */
async function untilDone(
  perform: Scene['perform'],
  options: Partial<PerformOptions> = {},
): Promise<{ output: unknown; faults: FaultDetails[] }> {
  const faults: FaultDetails[] = [];
  for (let tries = 0; tries < 10; tries += 1) {
    try {
      return { output: await perform(options), faults };
    } catch (error) {
      if (!(error instanceof ConnectorFault)) throw error;
      faults.push(error.details);
      await passed(error.details.retry_after_ms ?? 0);
    }
  }
  throw new Error(`not done after ten tries: ${JSON.stringify(faults)}`);
}

function passed(delayMs: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, delayMs));
}

test.each(names)('%s: cut before it was applied, then retried, happens once', async (effect) => {
  const { perform, plant, rows } = scene(effect);
  await plant('cut_before_apply');
  const { faults } = await untilDone(perform);
  expect(faults[0]).toMatchObject({ kind: 'outcome_unknown', happened: 'unknown' });
  expect(await rows()).toBe(1);
});

test.each(names)('%s: cut after it was applied, then retried, is adopted and happens once', async (effect) => {
  const { perform, plant, rows, log, reference } = scene(effect);
  await plant('cut_after_apply');
  const { faults, output } = await untilDone(perform);
  expect(faults[0]).toMatchObject({ kind: 'outcome_unknown', happened: 'unknown' });
  expect(await rows()).toBe(1);
  expect(log.rows.get(reference)).toMatchObject({ state: 'done', outcome: output });
});

test.each(names)('%s: a 500 on the write is looked up before it is sent again', async (effect) => {
  const { perform, plant, rows } = scene(effect);
  await plant('http_500', { times: 2 });
  const { faults } = await untilDone(perform);
  expect(faults.map(({ code }) => code)).toEqual(['http_500', 'http_500']);
  expect(await rows()).toBe(1);
});

test.each(names)('%s: applied late, after the settling time it is found and happens once', async (effect) => {
  const { perform, plant, rows } = scene(effect);
  await plant('late', { retry_after_s: 0.15 });
  await untilDone(perform);
  expect(await rows()).toBe(1);
});

test.each(names)('%s: control: without the settling time a late one happens twice', async (effect) => {
  const { perform, plant, rows } = scene(effect);
  await plant('late', { retry_after_s: 0.15 });
  const protocol = { waitForSettle: false };
  await faultOf(perform({ protocol }));
  await perform({ protocol });
  await passed(250);
  expect(await rows()).toBe(2);
});

test.each(names)('%s: a hub whose database was set back finds what it did', async (effect) => {
  const { perform, rows, log } = scene(effect);
  const before = await perform();
  log.rows.clear();
  expect(await perform()).toEqual(before);
  expect(await rows()).toBe(1);
});

test.each(names)(
  '%s: control: without the look-up before the first call a restored hub does it twice',
  async (effect) => {
    const { perform, rows, log } = scene(effect);
    await perform();
    log.rows.clear();
    await perform({ protocol: { findBeforeFirstCall: false } });
    expect(await rows()).toBe(2);
  },
);

test.each(names)('%s: a worker that died after it sent the request happens once', async (effect) => {
  const { perform, rows, log, reference } = scene(effect);
  // The partner applied it; the dead worker's log holds an attempt and no outcome.
  await perform();
  log.rows.set(reference, {
    ...log.rows.get(reference),
    state: 'intent',
    attempted_at: new Date().toISOString(),
  } as never);
  const { faults } = await untilDone(perform);
  expect(faults[0]?.code).toBe('settling');
  expect(await rows()).toBe(1);
});

test.each(names)('%s: 429 says how long to wait and leaves nothing behind', async (effect) => {
  const { perform, plant, rows } = scene(effect);
  await plant('rate_limited', { retry_after_s: 7 });
  expect(await faultOf(perform())).toMatchObject({ kind: 'rate_limited', happened: 'no', retry_after_ms: 7_000 });
  expect(await rows()).toBe(0);
  await plant('rate_limited');
  expect(await faultOf(perform())).not.toHaveProperty('retry_after_ms');
});

test.each(['garbage', 'html', 'wrong_reference', 'schema_drift'])(
  'an answer of kind %s to a write is unexpected, has happened and is never sent again',
  async (kind) => {
    for (const effect of names) {
      const { perform, plant, rows } = scene(effect);
      await plant(kind);
      expect(await faultOf(perform())).toMatchObject({ kind: 'unexpected_response', happened: 'yes' });
      await untilDone(perform);
      expect(await rows()).toBe(1);
    }
  },
);

test('a slow partner is waited for', async () => {
  const { perform, plant, rows } = scene('capture');
  await plant('slow', { retry_after_s: 0.1 });
  await perform();
  expect(await rows()).toBe(1);
});

test('an abort stops a call; the write that was under way is found afterwards', async () => {
  const { perform, plant, rows } = scene('capture');
  await plant('slow', { retry_after_s: 0.2 });
  const started = Date.now();
  const fault = await faultOf(perform({ signal: AbortSignal.timeout(50) }));
  expect(fault).toMatchObject({ kind: 'outcome_unknown', happened: 'unknown' });
  expect(Date.now() - started).toBeLessThan(190);
  await untilDone(perform);
  expect(await rows()).toBe(1);
});

test('a partner that is not there is unavailable, and nothing happened', async () => {
  const connection = openConnection({
    connector_id: 'sandbox-payment',
    connection_id: 'con_gone',
    config: { base_url: 'http://127.0.0.1:9' },
    secrets: {},
    mode: 'simulated',
  });
  const promise = connection.perform('capture', effects.capture.input('x'), {
    key: 'x',
    reference: 'x',
    entity_id: 'e',
    log: createMemoryOperationLog(),
  });
  expect(await faultOf(promise)).toMatchObject({ kind: 'unavailable', happened: 'no', code: 'ECONNREFUSED' });
  connection.close();
});

test('a refused key is unauthenticated and stands in no message; check says so without throwing', async () => {
  for (const id of simulatorIds) {
    const health = await open(id, { api_key: 'revoked' }).check();
    expect(health).toEqual({ ok: false, problem: 'unauthenticated: http_401' });
    expect(await open(id, { api_key: 'another-key' }).check()).toMatchObject({ ok: true, account: id });
  }
});

test('a release with the same reference is one fulfillment', async () => {
  const wms = open('sandbox-wms');
  const url = host.urls['sandbox-wms'] ?? '';
  const release = (): Promise<{ fulfillment_id: string }> =>
    wms.perform(
      'fulfillment.release',
      {
        reference: 'rel-1',
        location_code: 'BER',
        ship_to: address,
        lines: [{ line_id: '1', sku: 'TEE', quantity: 2 }],
      },
      { key: 'rel-1', reference: 'rel-1', entity_id: 'shp_1', log: createMemoryOperationLog() },
    );
  await axios.put(`${url}/_faults`, { operation: 'fulfillment.release', kind: 'cut_after_apply' });
  expect(await faultOf(release())).toMatchObject({ kind: 'outcome_unknown' });
  const first = await release();
  expect(await release()).toEqual(first);
  const state = await axios.get<{ data: unknown[] }>(`${url}/_state/fulfillments`);
  expect(state.data.data).toHaveLength(1);

  const options = { key: 'c', reference: 'rel-1', entity_id: 'shp_1', log: createMemoryOperationLog() };
  const cancel = (): Promise<unknown> =>
    wms.perform(
      'fulfillment.cancel',
      { reference: 'rel-1', ...first },
      { ...options, log: createMemoryOperationLog() },
    );
  expect(await cancel()).toEqual({ cancelled: true, state: 'cancelled' });
  expect(await cancel()).toEqual({ cancelled: true, state: 'cancelled' });
  expect(await wms.perform('fulfillment.get', first, options)).toEqual({
    ...first,
    reference: 'rel-1',
    state: 'cancelled',
  });
});

test('undo twice is fine, a voided booking is not adopted, and voiding nothing is not_found', async () => {
  const carrier = open('sandbox-carrier');
  const log = createMemoryOperationLog();
  const book = (key: string): ReturnType<typeof carrier.perform<'shipment.book'>> =>
    carrier.perform('shipment.book', effects['shipment.book'].input('void-1'), {
      key,
      reference: 'void-1',
      entity_id: 'shp_1',
      log,
    });
  const undo = (bookingId: string, key: string): Promise<unknown> =>
    carrier.perform(
      'shipment.void',
      { reference: 'void-1', booking_id: bookingId },
      { key, reference: 'void-1', entity_id: 'shp_1', log },
    );
  const first = await book('b1');
  expect(await undo(first.booking_id, 'v1')).toEqual(await undo(first.booking_id, 'v2'));
  const second = await book('b2');
  expect(second.booking_id).not.toBe(first.booking_id);
  expect(await faultOf(undo('BK99999999', 'v3'))).toMatchObject({ kind: 'not_found' });
});

test.each([
  [
    'an undeliverable postal code',
    { to: { ...address, postal_code: '00000' } },
    { kind: 'rejected', reason: 'address' },
  ],
  [
    'an undeliverable street',
    { to: { ...address, line1: 'Undeliverable 1' } },
    { kind: 'rejected', reason: 'address' },
  ],
  ['31 kg', { parcels: [{ parcel_id: 'p', weight_grams: 31_000 }] }, { kind: 'rejected', reason: 'weight' }],
  [
    'a pipe of 2 m',
    { parcels: [{ parcel_id: 'p', weight_grams: 1, length_mm: 2000, width_mm: 50, height_mm: 50 }] },
    { kind: 'rejected', reason: 'dimensions' },
  ],
  ['an unknown service', { service: 'teleport' }, { kind: 'rejected', reason: 'service' }],
  [
    'a line longer than a label',
    { to: { ...address, line1: 'x'.repeat(81) } },
    { kind: 'invalid', fields: [{ path: 'consignee.street', code: 'too_big' }] },
  ],
])('the carrier refuses %s, and nothing is bought', async (_, changes, expected) => {
  const reference = `refused-${(counter += 1)}`;
  const promise = open('sandbox-carrier').perform(
    'shipment.book',
    { ...effects['shipment.book'].input(reference), ...changes },
    { key: reference, reference, entity_id: 'shp_1', log: createMemoryOperationLog() },
  );
  expect(await faultOf(promise)).toMatchObject({ ...expected, happened: 'no' });
  const state = await axios.get<{ data: { reference: string }[] }>(
    `${host.urls['sandbox-carrier'] ?? ''}/_state/labels`,
  );
  expect(state.data.data.filter((row) => row.reference === reference)).toEqual([]);
});

test('shares of an authorization are captured and paid back up to what was authorized and captured', async () => {
  const payment = open('sandbox-payment');
  const log = createMemoryOperationLog();
  const options = (key: string): PerformOptions => ({ key, reference: key, entity_id: 'ord_1', log });
  const authorization = { authorization_reference: 'auth-shares' };
  const capture = (reference: string, amount: number): Promise<unknown> =>
    payment.perform(
      'capture',
      { reference, ...authorization, amount, authorized_amount: 1000, currency: 'EUR' },
      options(reference),
    );
  const refund = (reference: string, amount: number): Promise<unknown> =>
    payment.perform('refund', { reference, ...authorization, amount, currency: 'EUR' }, options(reference));
  await capture('s1', 400);
  expect(await faultOf(capture('s2', 601))).toMatchObject({ kind: 'rejected', reason: 'amount', code: 'OVER_CAPTURE' });
  await capture('s3', 600);
  expect(await faultOf(refund('r1', 1001))).toMatchObject({ kind: 'rejected', reason: 'amount', code: 'OVER_REFUND' });
  await refund('r2', 250);
  await refund('r2', 250);
  expect(await payment.perform('authorization.get', authorization, options('g'))).toEqual({
    ...authorization,
    state: 'captured',
    amount: 1000,
    captured: 1000,
    refunded: 250,
    currency: 'EUR',
  });
});

test('bad fault bodies are refused with 422, an unknown collection with 404', async () => {
  const url = host.urls['sandbox-carrier'] ?? '';
  const status = async (body: unknown): Promise<number> =>
    (await axios.put(`${url}/_faults`, body, { validateStatus: () => true })).status;
  expect(await status({ operation: 'shipment.book', kind: 'meteor' })).toBe(422);
  expect(await status({ operation: 'no.such', kind: 'slow' })).toBe(422);
  expect(await status({ operation: 'shipment.book', kind: 'slow', times: 0 })).toBe(422);
  expect(await status({ operation: 'shipment.book', kind: 'slow', surplus: 1 })).toBe(422);
  expect(await status([])).toBe(422);
  expect((await axios.get(`${url}/_state/secrets`, { validateStatus: () => true })).status).toBe(404);
});
