import mongoose from 'mongoose';
import type { LoggedEvent } from '../domain/decider';
import type { Channel } from '../domain/channel/schema';
import type { Receipt, Stock, StockMovement } from '../domain/inventory/schema';
import type { Location } from '../domain/location/schema';
import type { Order } from '../domain/order/schema';
import type { Product } from '../domain/product/schema';
import type { Shipment } from '../domain/shipment/schema';
import type { TrackingEvent } from '../domain/tracking/schema';
import { defineModels } from './models';
import type {
  ApiKey,
  Connection,
  Customer,
  FeedCursor,
  HubState,
  InboxRow,
  OperationLogRow,
  Reservation,
  StoredLabel,
} from './rows';

type Collection<Row extends object> = mongoose.mongo.Collection<Row>;
/** A session of the driver, inside a transaction. */
export type Session = mongoose.mongo.ClientSession;
type Stored<Row> = Row & { _id: string };

/** The hub's collections. Documents are typed by their zod schemas; hot paths use the driver's collections directly. */
export interface Collections {
  orders: Collection<Stored<Order>>;
  shipments: Collection<Stored<Shipment>>;
  events: Collection<Stored<LoggedEvent>>;
  inbox: Collection<InboxRow>;
  products: Collection<Stored<Product>>;
  locations: Collection<Stored<Location>>;
  channels: Collection<Stored<Channel>>;
  customers: Collection<Customer>;
  stock: Collection<Stored<Stock>>;
  stock_movements: Collection<Stored<StockMovement>>;
  reservations: Collection<Reservation>;
  receipts: Collection<Stored<Receipt>>;
  labels: Collection<StoredLabel>;
  operations: Collection<OperationLogRow>;
  tracking_events: Collection<Stored<TrackingEvent>>;
  feed_cursors: Collection<FeedCursor>;
  connections: Collection<Connection>;
  api_keys: Collection<ApiKey>;
  hub_state: Collection<HubState>;
}

/** Signals that a transaction lost a race for a document: it is tried again from the start. */
export class WriteConflict extends Error {
  constructor(what: string) {
    super(`Another write came first: ${what}.`);
    this.name = 'WriteConflict';
  }
}

/** The hub's MongoDB. */
export interface Store extends Collections {
  connection: mongoose.Connection;
  /**
   * Runs `work` in a transaction (reads snapshot, writes majority and journalled), at most four times over on transient
   * errors and lost races, then throws. `work` must be repeatable.
   */
  transaction<T>(work: (session: Session) => Promise<T>): Promise<T>;
  /** Creates missing indexes; idempotent. */
  ensureIndexes(): Promise<void>;
  /** Whether the database answers, within the driver's short time-outs. */
  ping(): Promise<boolean>;
  close(): Promise<void>;
}

const tries = 4;
/** No try begins after this time: whoever waits hears that the database is away. */
const lastTryAfterMs = 2_500;

function labelled(error: unknown, label: string): boolean {
  return error instanceof mongoose.mongo.MongoError && error.hasErrorLabel(label);
}

/** Errors after which the same transaction may be run again: nothing of it was committed, or its outcome is asked for. */
function retryable(error: unknown): boolean {
  const duplicate = error instanceof mongoose.mongo.MongoServerError && error.code === 11000;
  return error instanceof WriteConflict || duplicate || labelled(error, 'TransientTransactionError');
}

async function commit(session: Session): Promise<void> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      await session.commitTransaction();
      return;
    } catch (error) {
      if (attempt >= tries || !labelled(error, 'UnknownTransactionCommitResult')) throw error;
    }
  }
}

async function runOnce<T>(session: Session, work: (session: Session) => Promise<T>): Promise<T> {
  session.startTransaction({ readConcern: { level: 'snapshot' }, writeConcern: { w: 'majority', journal: true } });
  try {
    const result = await work(session);
    await commit(session);
    return result;
  } catch (error) {
    if (session.inTransaction()) await session.abortTransaction().catch(() => undefined);
    throw error;
  }
}

/** Connects to MongoDB (a replica set: transactions need one) with short time-outs, so that a dead database is noticed. */
export async function connectStore(uri: string): Promise<Store> {
  const connection = await mongoose
    .createConnection(uri, {
      serverSelectionTimeoutMS: 1500,
      socketTimeoutMS: 4000,
      connectTimeoutMS: 1500,
      maxPoolSize: 50,
      autoIndex: false,
      autoCreate: false,
    })
    .asPromise();
  const models = defineModels(connection);
  const collections = Object.fromEntries(
    Object.entries(models).map(([name, model]) => [
      name,
      connection.getClient().db(connection.name).collection(model.collection.name),
    ]),
  ) as unknown as Collections;

  return {
    ...collections,
    connection,
    async transaction(work) {
      const startedAt = performance.now();
      for (let attempt = 1; ; attempt += 1) {
        const session = connection.getClient().startSession();
        try {
          return await runOnce(session, work);
        } catch (error) {
          const late = performance.now() - startedAt > lastTryAfterMs;
          if (attempt >= tries || late || !retryable(error)) throw error;
        } finally {
          await session.endSession();
        }
        // The delay spreads those that met, so that they do not meet again.
        await new Promise((resolve) =>
          setTimeout(resolve, attempt * 4 + ((process.hrtime()[1] >> 8) % (attempt * 12))),
        );
      }
    },
    async ensureIndexes() {
      for (const model of Object.values(models)) {
        await model.createCollection();
        await model.createIndexes();
      }
    },
    async ping() {
      try {
        await connection.db?.command({ ping: 1 });
        return true;
      } catch {
        return false;
      }
    },
    close: () => connection.close(),
  };
}
