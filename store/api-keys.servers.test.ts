import { createHash } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { dropStore, openStore } from '../test/store/opened-store';
import { ensureStartKey, findGrant } from './api-keys';
import type { Store } from './connect';

const now = new Date('2026-01-05T10:00:00.000Z');
let store: Store;

beforeAll(async () => {
  store = await openStore('keys');
});

afterAll(() => dropStore(store));

async function key(name: string, changes: { expires_at?: string; revoked_at?: string } = {}): Promise<string> {
  const secret = `wb_${name}`;
  await store.api_keys.insertOne({
    _id: `key_${name}`,
    name,
    hash: createHash('sha256').update(secret).digest('hex'),
    scopes: ['orders:read'],
    created_at: now.toISOString(),
    expires_at: null,
    revoked_at: null,
    ...changes,
  });
  return secret;
}

test('a key that is known grants its scopes, and no other does', async () => {
  const secret = await key('good');
  expect(await findGrant(store, secret, now)).toEqual({ key_id: 'key_good', scopes: ['orders:read'] });
  for (const wrong of ['', 'wb_goo', 'wb_good ', 'WB_GOOD', createHash('sha256').update(secret).digest('hex')]) {
    expect(await findGrant(store, wrong, now)).toBeUndefined();
  }
});

test('an expired key grants nothing from the instant at which it expires', async () => {
  const secret = await key('old', { expires_at: now.toISOString() });
  expect(await findGrant(store, secret, new Date(now.getTime() - 1))).toBeDefined();
  expect(await findGrant(store, secret, now)).toBeUndefined();
});

test('a revoked key grants nothing, whatever its expiry', async () => {
  const secret = await key('gone', { revoked_at: now.toISOString(), expires_at: '2099-01-01T00:00:00.000Z' });
  expect(await findGrant(store, secret, now)).toBeUndefined();
});

test('the start key has every scope, stays the one last given, and is kept as a hash alone', async () => {
  await ensureStartKey(store, 'first secret');
  await ensureStartKey(store, 'second secret');
  expect(await findGrant(store, 'second secret', now)).toEqual({ key_id: 'key_start', scopes: ['*'] });
  expect(await findGrant(store, 'first secret', now)).toBeUndefined();
  expect(JSON.stringify(await store.api_keys.find().toArray())).not.toMatch(/secret|wb_/);
});
