import { expect, test } from '@jest/globals';
import { z } from 'zod';
import { defineConnector, defineManifest, type FindFirstOperation, type Operation } from './contract';

const base = { title: 'x', status: 'stable', api: { version: '1', docs_url: 'https://example.com' } } as const;
const parts = {
  config: z.object({ base_url: z.string() }),
  secrets: z.object({}),
  auth: { type: 'none' },
  limits: { scope: 'connection', per_second: 1, burst: 1, concurrent: 1 },
  base_url: (config: { base_url: string }) => config.base_url,
  check: () => Promise.resolve({ ok: true }),
} as const;
const voidShipment = {
  repeat: 'safe',
  run: () => Promise.resolve({ booking_id: 'b', voided_at: '2026-01-01T00:00:00.000Z' }),
} satisfies Operation<'shipment.void'>;

// Each expected error below is checked by the type check of the whole project: one that stops being an error fails it.

test('a manifest takes only operations and feeds of its kinds', () => {
  const carrier = defineManifest({
    ...base,
    id: 'a',
    kinds: ['carrier'],
    operations: ['shipment.void'],
    feeds: ['tracking'],
    webhooks: [],
  });
  expect(carrier.operations).toEqual(['shipment.void']);
  // @ts-expect-error a carrier does not capture money
  defineManifest({ ...base, id: 'a', kinds: ['carrier'], operations: ['capture'], feeds: [], webhooks: [] });
  // @ts-expect-error a payment provider has no tracking feed
  defineManifest({ ...base, id: 'a', kinds: ['payment'], operations: ['capture'], feeds: ['tracking'], webhooks: [] });
  // @ts-expect-error no such operation
  defineManifest({ ...base, id: 'a', kinds: ['carrier'], operations: ['shipment.teleport'], feeds: [], webhooks: [] });
  // @ts-expect-error a connector is of one kind at least
  defineManifest({ ...base, id: 'a', kinds: [], operations: [], feeds: [], webhooks: [] });
  // Two kinds together have the operations of both.
  defineManifest({
    ...base,
    id: 'a',
    kinds: ['carrier', 'wms'],
    operations: ['shipment.void', 'fulfillment.get'],
    feeds: [],
    webhooks: [],
  });
});

test('a connector has every operation of its manifest and no other', () => {
  const manifest = defineManifest({
    ...base,
    id: 'a',
    kinds: ['carrier'],
    operations: ['shipment.void'],
    feeds: [],
    webhooks: [],
  });
  const connector = defineConnector({ ...parts, manifest, operations: { 'shipment.void': voidShipment }, feeds: {} });
  expect(Object.keys(connector.operations)).toEqual(['shipment.void']);
  // @ts-expect-error shipment.void is missing
  defineConnector({ ...parts, manifest, operations: {}, feeds: {} });
  defineConnector({
    ...parts,
    manifest,
    // @ts-expect-error capture is not in the manifest
    operations: { 'shipment.void': voidShipment, capture: voidShipment },
    feeds: {},
  });
  const tracking = { overlap_ms: 0, pull: () => Promise.resolve({ items: [], cursor: '', more: false }) };
  defineConnector({
    ...parts,
    manifest,
    operations: { 'shipment.void': voidShipment },
    // @ts-expect-error the tracking feed is not in the manifest
    feeds: { tracking },
  });
});

test('find-first cannot lack its look-up or its settling time, and a read is safe', () => {
  const run = (): Promise<{ capture_id: string; amount: number; currency: string }> =>
    Promise.resolve({ capture_id: 'c', amount: 1, currency: 'EUR' });
  const whole: FindFirstOperation<'capture', object, object> = {
    repeat: 'find-first',
    settle_ms: () => 0,
    find: () => Promise.resolve(undefined),
    run,
  };
  expect(whole.repeat).toBe('find-first');
  // @ts-expect-error find is missing
  const withoutFind: Operation<'capture'> = { repeat: 'find-first', settle_ms: () => 0, run };
  // @ts-expect-error settle_ms is missing
  const withoutSettle: Operation<'capture'> = { repeat: 'find-first', find: () => Promise.resolve(undefined), run };
  // @ts-expect-error how it survives being repeated is not said
  const unsaid: Operation<'capture'> = { run };
  const read: Operation<'tracking.get'> = {
    // @ts-expect-error a read is safe and nothing else
    repeat: 'native-key',
    run: () => Promise.resolve({ items: [] }),
  };
  // @ts-expect-error the output is another operation's
  const wrongOutput: Operation<'refund'> = { repeat: 'safe', run };
  expect([withoutFind, withoutSettle, unsaid, read, wrongOutput]).toHaveLength(5);
});
