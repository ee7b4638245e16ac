import { ulid } from 'ulid';
import { contentHash } from '../domain/order/identity';
import { newCommandId } from '../store/door';

/**
 * The id of a command: derived from the caller's Idempotency-Key and what it is for (`within`), so that a repeat is the
 * same command; a fresh one without a key.
 */
export function commandId(idempotencyKey: string | undefined, within: readonly string[]): string {
  return idempotencyKey === undefined ? newCommandId() : `cmd_${contentHash([...within, idempotencyKey])}`;
}

/** The id of a receipt, made like that of a command. */
export function receiptId(idempotencyKey: string | undefined, within: readonly string[]): string {
  return `rcp_${idempotencyKey === undefined ? ulid() : contentHash([...within, idempotencyKey])}`;
}
