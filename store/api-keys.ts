import { createHash, timingSafeEqual } from 'node:crypto';
import type { Store } from './connect';

/** What a key lets its bearer do, and as whom it shows in the log. */
export interface KeyGrant {
  key_id: string;
  scopes: readonly string[];
}

function hashOf(key: string): string {
  return createHash('sha256').update(key).digest('hex');
}

/** Makes sure that the start key is known with every scope (`*`), whatever the database holds. */
export async function ensureStartKey(store: Store, key: string): Promise<void> {
  await store.api_keys.updateOne(
    { _id: 'key_start' },
    {
      $set: { hash: hashOf(key), name: 'start key', scopes: ['*'], expires_at: null, revoked_at: null },
      $setOnInsert: { created_at: new Date().toISOString() },
    },
    { upsert: true },
  );
}

/** The grant of a key, or undefined when it is unknown, expired or revoked. */
export async function findGrant(store: Store, key: string, now: Date): Promise<KeyGrant | undefined> {
  const hash = hashOf(key);
  const found = await store.api_keys.findOne({ hash });
  if (!found || !timingSafeEqual(Buffer.from(found.hash), Buffer.from(hash))) return undefined;
  if (found.revoked_at !== null) return undefined;
  if (found.expires_at !== null && found.expires_at <= now.toISOString()) return undefined;
  return { key_id: found._id, scopes: found.scopes };
}
