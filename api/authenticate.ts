import { createHash } from 'node:crypto';
import type { KeyGrant } from '../store/api-keys';
import { Refusal } from './problem';
import { allows, type Scope } from './scopes';

const rememberedMs = 5_000;
const rememberedKeys = 1_000;
const bearer = /^Bearer +([^\s]+) *$/i;

/** Finds whose key an Authorization header carries; refuses when there is none or it is not accepted. */
export type Authenticate = (authorization: string | undefined) => Promise<KeyGrant>;

/**
 * Builds the look-up of keys. A grant is remembered for five seconds, so that a request does not cost a query: a revoked
 * key may work that much longer.
 */
export function createAuthenticate(
  find: (key: string, now: Date) => Promise<KeyGrant | undefined>,
  now: () => Date = () => new Date(),
): Authenticate {
  const remembered = new Map<string, { grant: KeyGrant; until: number }>();

  return async (authorization) => {
    if (authorization === undefined) {
      throw new Refusal('KEY_MISSING', 'Send `Authorization: Bearer <api key>`.', {
        headers: { 'www-authenticate': 'Bearer realm="waybill"' },
      });
    }
    const key = bearer.exec(authorization)?.[1];
    const unknown = new Refusal('KEY_UNKNOWN', 'The key is unknown, expired or revoked.', {
      headers: { 'www-authenticate': 'Bearer realm="waybill", error="invalid_token"' },
    });
    if (key === undefined) throw unknown;
    const at = now();
    const hash = createHash('sha256').update(key).digest('base64');
    const known = remembered.get(hash);
    if (known && known.until > at.getTime()) return known.grant;
    remembered.delete(hash);
    const grant = await find(key, at);
    if (!grant) throw unknown;
    // The oldest goes first: a map keeps the order in which keys were inserted.
    const [oldest] = remembered.keys();
    if (remembered.size >= rememberedKeys && oldest !== undefined) remembered.delete(oldest);
    remembered.set(hash, { grant, until: at.getTime() + rememberedMs });
    return grant;
  };
}

/** Refuses a key that lacks a scope, and names the scope. */
export function requireScope(grant: KeyGrant, scope: Scope): void {
  if (allows(grant, scope)) return;
  throw new Refusal('SCOPE_MISSING', `The key lacks the scope ${scope}.`, {
    headers: { 'www-authenticate': `Bearer realm="waybill", error="insufficient_scope", scope="${scope}"` },
  });
}
