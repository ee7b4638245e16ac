import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { at } from '../test/domain/aggregate';
import { dropStore, openStore } from '../test/store/opened-store';
import type { Store } from './connect';
import { createOperationLog, type OperationIntent, type StoredOperationLog } from './operation-log';

let store: Store;
let log: StoredOperationLog;

beforeAll(async () => {
  store = await openStore('operations');
  log = createOperationLog(store);
});

afterAll(() => dropStore(store));

const intent: OperationIntent = {
  operation: 'shipment.book',
  connection_id: 'con_1',
  reference: 'shp_1',
  entity_id: 'shp_1',
  at: at(0),
};

test('an intent is written before the first attempt and says that nothing was tried', async () => {
  expect(await log.begin('key_1', intent)).toMatchObject({ state: 'intent', attempted_at: null, outcome: null });
  expect(await store.operations.findOne({ _id: 'key_1' })).toMatchObject(intent);
});

test('an intent that stands is found as it is, with the attempt that was made', async () => {
  await log.begin('key_2', intent);
  await log.attempt('key_2', at(5));
  expect(await log.begin('key_2', { ...intent, reference: 'other', at: at(9) })).toMatchObject({
    state: 'intent',
    attempted_at: at(5),
    reference: 'shp_1',
    at: at(0),
  });
  await log.attempt('key_2', null);
  expect(await log.begin('key_2', intent)).toMatchObject({ attempted_at: null });
});

test('an outcome stays: who begins again finds it and need not call', async () => {
  await log.begin('key_3', intent);
  await log.attempt('key_3', at(1));
  await log.finish('key_3', { booking_id: 'bok_1' });
  expect(await log.begin('key_3', intent)).toMatchObject({ state: 'done', outcome: { booking_id: 'bok_1' } });
});

test('two workers that begin at once share one intent', async () => {
  const rows = await Promise.all([1, 2, 3, 4, 5, 6].map((n) => log.begin('key_4', { ...intent, at: at(n) })));
  expect(await store.operations.countDocuments({ _id: 'key_4' })).toBe(1);
  expect(new Set(rows.map((row) => JSON.stringify(row))).size).toBe(1);
});
