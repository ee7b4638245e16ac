import mongoose from 'mongoose';
import { WriteConflict } from './connect';

const { MongoNetworkError, MongoServerSelectionError, MongoTopologyClosedError, MongoNotConnectedError, MongoError } =
  mongoose.mongo;
const waits = ['MongoWaitQueueTimeoutError', 'MongoPoolClosedError', 'MongoPoolClearedError', 'MongoClientClosedError'];
const labels = ['TransientTransactionError', 'RetryableWriteError', 'UnknownTransactionCommitResult'];

/**
 * Whether an error says that the database cannot be reached or did not settle a write in time: nothing is wrong with
 * the request, and it may be repeated.
 */
export function isStoreUnavailable(error: unknown): boolean {
  if (error instanceof WriteConflict) return true;
  if (!(error instanceof MongoError)) return false;
  const away = [MongoNetworkError, MongoServerSelectionError, MongoTopologyClosedError, MongoNotConnectedError];
  return (
    away.some((kind) => error instanceof kind) ||
    waits.includes(error.name) ||
    labels.some((label) => error.hasErrorLabel(label))
  );
}
