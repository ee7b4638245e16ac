import type { KeyGrant } from '../store/api-keys';

/** What a key may be allowed to do; `*` in a key stands for all of them. */
export const scopes = [
  'orders:read',
  'orders:write',
  'shipments:read',
  'products:read',
  'products:write',
  'locations:read',
  'locations:write',
  'channels:read',
  'channels:write',
  'inventory:read',
  'inventory:write',
] as const;

/** One of `scopes`. */
export type Scope = (typeof scopes)[number];

/** Whether a key allows what needs `scope`. */
export function allows(grant: KeyGrant, scope: Scope): boolean {
  return grant.scopes.includes('*') || grant.scopes.includes(scope);
}
