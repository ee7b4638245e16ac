/** What tests of connectors and of their callers need instead of a database. */
import type { OperationIntent, OperationLog, OperationRow } from './repeat';

/** An operation log in memory; `rows` may be read, and cleared to stand for a database that was set back. */
export interface MemoryOperationLog extends OperationLog {
  rows: Map<string, OperationRow & { intent: OperationIntent }>;
}

/** A fresh operation log in memory with the same contract as the stored one. */
export function createMemoryOperationLog(): MemoryOperationLog {
  const rows: MemoryOperationLog['rows'] = new Map();
  const rowOf = (key: string): OperationRow & { intent: OperationIntent } => {
    const row = rows.get(key);
    if (row === undefined) throw new Error(`no operation was begun under ${key}`);
    return row;
  };
  return {
    rows,
    begin(key, intent) {
      const row = rows.get(key) ?? { state: 'intent' as const, attempted_at: null, intent };
      rows.set(key, row);
      return Promise.resolve({ ...row });
    },
    attempt(key, at) {
      rowOf(key).attempted_at = at;
      return Promise.resolve();
    },
    finish(key, outcome) {
      Object.assign(rowOf(key), { state: 'done', outcome: structuredClone(outcome) });
      return Promise.resolve();
    },
  };
}
