import { ulid } from 'ulid';
import { contentHash } from '../domain/order/identity';

/**
 * The id of a command or receipt: derived from the caller's Idempotency-Key and what it is for (`within`), so that a
 * repeat is the same command; a fresh ULID without a key.
 */
export function commandId(
  prefix: 'cmd' | 'rcp',
  idempotencyKey: string | undefined,
  within: readonly string[],
): string {
  return `${prefix}_${idempotencyKey === undefined ? ulid() : contentHash([...within, idempotencyKey])}`;
}
