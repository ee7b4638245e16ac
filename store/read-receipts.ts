import type { Receipt } from '../domain/inventory/schema';
import type { Store } from './connect';

/** A booked receipt, or undefined. */
export async function findReceipt(store: Store, receiptId: string): Promise<Receipt | undefined> {
  const found = await store.receipts.findOne({ _id: receiptId });
  if (!found) return undefined;
  const { _id, ...receipt } = found;
  return receipt;
}
