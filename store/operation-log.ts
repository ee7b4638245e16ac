import type { Store } from './connect';
import type { OperationLogRow } from './rows';

/** What an effect is, when its intent is first written down. */
export type OperationIntent = Pick<OperationLogRow, 'operation' | 'connection_id' | 'reference' | 'entity_id' | 'at'>;

/** Intents and outcomes of effects on other systems; the connectors' kit asks for exactly this. */
export interface StoredOperationLog {
  begin(key: string, intent: OperationIntent): Promise<Pick<OperationLogRow, 'state' | 'attempted_at' | 'outcome'>>;
  attempt(key: string, at: string | null): Promise<void>;
  finish(key: string, outcome: unknown): Promise<void>;
}

/** The operation log in MongoDB. Every call is journalled when its promise resolves. */
export function createOperationLog(store: Store): StoredOperationLog {
  const durable = { writeConcern: { w: 'majority' as const, j: true } };
  return {
    async begin(key, intent) {
      const row = await store.operations.findOneAndUpdate(
        { _id: key },
        { $setOnInsert: { ...intent, state: 'intent', attempted_at: null, outcome: null } },
        { upsert: true, returnDocument: 'after', ...durable },
      );
      if (!row) throw new Error(`The intent ${key} was not stored.`);
      return row;
    },
    async attempt(key, at) {
      await store.operations.updateOne({ _id: key }, { $set: { attempted_at: at } }, durable);
    },
    async finish(key, outcome) {
      await store.operations.updateOne({ _id: key }, { $set: { state: 'done', outcome } }, durable);
    },
  };
}
