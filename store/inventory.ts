import { ulid } from 'ulid';
import type { Actor } from '../domain/decider';
import type { Receipt, ReceiptInput, Stock, StockMovement, StockRow } from '../domain/inventory/schema';
import type { ReservationOutcome } from '../domain/order/decide';
import { WriteConflict, type Session, type Store } from './connect';
import type { Wake } from './persist';
import { insertRecheckRows } from './recheck';

/** Units of one sku at one location. */
export interface StockQuantity {
  sku: string;
  location_id: string;
  quantity: number;
}

/** The only writer of stock. Every counter changes together with a movement of the ledger, in one transaction. */
export interface Inventory {
  /**
   * Holds a plan's stock, all of it or nothing: the database decides by conditional updates. The same
   * `reservation_id` again gives the same answer.
   */
  reserve(plan: {
    reservation_id: string;
    order_id: string;
    lines: readonly StockQuantity[];
  }): Promise<ReservationOutcome>;
  /** Gives a held reservation's stock back; of one that is not held nothing changes. */
  release(reservationId: string): Promise<void>;
  /** Books a shipment's units out: they leave `on_hand` and `allocated`. Once for each `cause_id`. */
  ship(shipment: { cause_id: string; order_id: string; lines: readonly StockQuantity[] }): Promise<void>;
  /**
   * Books arrived goods in and wakes the orders that wait for them. Refuses skus that are no products, naming the lines.
   * Once for each `receipt_id`.
   */
  receive(
    input: ReceiptInput,
    receipt: { receipt_id: string; actor: Actor },
  ): Promise<{ receipt: Receipt; wakes: Wake[] } | { unknown_lines: number[] }>;
  /** What the locations can promise of some skus, in units: on hand, less allocated, less safety stock. */
  available(skus: readonly string[]): Promise<StockQuantity[]>;
  /** Stock rows of a sku, one for each location and lot. */
  view(sku: string): Promise<StockRow[]>;
  /** Stock documents, ordered by sku and location. */
  list(page: { after?: string; limit: number }): Promise<Stock[]>;
}

/** Orders documents so that transactions which take several meet them in the same order. */
function bySku(a: StockQuantity, b: StockQuantity): number {
  return stockId(a) < stockId(b) ? -1 : 1;
}

function stockId(where: { sku: string; location_id: string }): string {
  return `${where.location_id}/${where.sku}`;
}

function merged(lines: readonly StockQuantity[]): StockQuantity[] {
  const sums = new Map<string, StockQuantity>();
  for (const line of lines) {
    const known = sums.get(stockId(line));
    sums.set(stockId(line), { ...line, quantity: line.quantity + (known?.quantity ?? 0) });
  }
  return [...sums.values()].toSorted(bySku);
}

/** Rows of a stock document: one for each lot, and one for what is in no lot. Allocations are taken from what expires first. */
export function stockRows(stock: Stock): StockRow[] {
  const { location_id, in_transit, safety_stock, warehouse_location } = stock;
  const inLots = stock.lots.reduce((sum, lot) => sum + lot.on_hand, 0);
  const parts = [
    ...stock.lots.map((lot) => ({ lot: lot.lot, expires_at: lot.expires_at, on_hand: lot.on_hand })),
    { lot: null, expires_at: null, on_hand: stock.on_hand - inLots },
  ].filter((part) => (part.lot === null ? stock.lots.length === 0 || part.on_hand > 0 : true));
  let allocated = stock.allocated;
  let safety = safety_stock;
  return parts.map((part, index) => {
    const taken = Math.min(allocated, part.on_hand);
    allocated -= taken;
    const kept = Math.min(safety, part.on_hand - taken);
    safety -= kept;
    return {
      location_id,
      ...part,
      allocated: taken,
      // What is on its way is in no lot yet: it stands in one row, the last.
      in_transit: index === parts.length - 1 ? in_transit : 0,
      safety_stock: kept,
      available: part.on_hand - taken - kept,
      warehouse_location,
    };
  });
}

/** The stock documents' writer and reader. */
export function createInventory(store: Store, now: () => Date = () => new Date()): Inventory {
  async function record(session: Session, movements: Omit<StockMovement, 'movement_id' | 'at'>[]): Promise<void> {
    if (movements.length === 0) return;
    const at = now().toISOString();
    await store.stock_movements.insertMany(
      movements.map((movement) => {
        const movement_id = `mov_${ulid()}`;
        return { ...movement, _id: movement_id, movement_id, at };
      }),
      { session },
    );
  }

  /** Lots lose what expires first; units outside lots go last. One pipeline update, so that nothing is read and then written. */
  function takeFromLots(quantity: number): Record<string, unknown> {
    return {
      $let: {
        vars: {
          taken: {
            $reduce: {
              input: '$lots',
              initialValue: { left: quantity, lots: [] },
              in: {
                $let: {
                  vars: { take: { $min: ['$$value.left', '$$this.on_hand'] } },
                  in: {
                    left: { $subtract: ['$$value.left', '$$take'] },
                    lots: {
                      $concatArrays: [
                        '$$value.lots',
                        [{ $mergeObjects: ['$$this', { on_hand: { $subtract: ['$$this.on_hand', '$$take'] } }] }],
                      ],
                    },
                  },
                },
              },
            },
          },
        },
        in: { $filter: { input: '$$taken.lots', cond: { $gt: ['$$this.on_hand', 0] } } },
      },
    };
  }

  return {
    async reserve({ reservation_id, order_id, lines }) {
      const wanted = merged(lines);
      return store.transaction(async (session) => {
        const earlier = await store.reservations.findOne({ _id: reservation_id }, { session });
        if (earlier) return { reservation_id, held: earlier.state === 'held', lost: earlier.lost };
        const lost: { sku: string; location_id: string }[] = [];
        const taken: StockQuantity[] = [];
        for (const line of wanted) {
          const updated = await store.stock.updateOne(
            {
              _id: stockId(line),
              $expr: { $gte: [{ $subtract: ['$on_hand', { $add: ['$allocated', '$safety_stock'] }] }, line.quantity] },
            },
            { $inc: { allocated: line.quantity } },
            { session },
          );
          if (updated.matchedCount === 0) lost.push({ sku: line.sku, location_id: line.location_id });
          else taken.push(line);
        }
        if (lost.length > 0) {
          // Nothing is held by halves: what was taken in this transaction goes back in it.
          for (const line of taken) {
            await store.stock.updateOne({ _id: stockId(line) }, { $inc: { allocated: -line.quantity } }, { session });
          }
        } else {
          await record(
            session,
            taken.map(({ sku, location_id, quantity }) => ({
              cause_id: reservation_id,
              sku,
              location_id,
              lot: null,
              kind: 'allocated',
              on_hand: 0,
              allocated: quantity,
              order_id,
            })),
          );
        }
        const state = lost.length > 0 ? 'refused' : 'held';
        await store.reservations.insertOne(
          { _id: reservation_id, order_id, state, lines: wanted, lost, at: now().toISOString() },
          { session },
        );
        return { reservation_id, held: state === 'held', lost };
      });
    },

    async release(reservationId) {
      await store.transaction(async (session) => {
        const released = await store.reservations.findOneAndUpdate(
          { _id: reservationId, state: 'held' },
          { $set: { state: 'released' } },
          { session },
        );
        if (!released) return;
        for (const line of released.lines.toSorted(bySku)) {
          await store.stock.updateOne({ _id: stockId(line) }, { $inc: { allocated: -line.quantity } }, { session });
        }
        await record(
          session,
          released.lines.map(({ sku, location_id, quantity }) => ({
            cause_id: reservationId,
            sku,
            location_id,
            lot: null,
            kind: 'released',
            on_hand: 0,
            allocated: -quantity,
            order_id: released.order_id,
          })),
        );
      });
    },

    async ship({ cause_id, order_id, lines }) {
      await store.transaction(async (session) => {
        const wanted = merged(lines);
        const earlier = await store.stock_movements.findOne({ cause_id, kind: 'shipped' }, { session });
        if (earlier) return;
        for (const line of wanted) {
          const updated = await store.stock.updateOne(
            { _id: stockId(line), allocated: { $gte: line.quantity }, on_hand: { $gte: line.quantity } },
            [
              {
                $set: {
                  on_hand: { $subtract: ['$on_hand', line.quantity] },
                  allocated: { $subtract: ['$allocated', line.quantity] },
                  lots: takeFromLots(line.quantity),
                },
              },
            ],
            { session },
          );
          if (updated.matchedCount === 0) throw new WriteConflict(`stock of ${line.sku} at ${line.location_id}`);
        }
        await record(
          session,
          wanted.map(({ sku, location_id, quantity }) => ({
            cause_id,
            sku,
            location_id,
            lot: null,
            kind: 'shipped',
            on_hand: -quantity,
            allocated: -quantity,
            order_id,
          })),
        );
      });
    },

    async receive(input, { receipt_id, actor }) {
      const skus = [...new Set(input.lines.map((line) => line.sku))];
      const known = new Set(
        (
          await store.products
            .find({ _id: { $in: skus } })
            .project({ _id: 1 })
            .toArray()
        ).map((product) => String(product._id)),
      );
      const unknown = input.lines.flatMap((line, index) => (known.has(line.sku) ? [] : [index]));
      if (unknown.length > 0) return { unknown_lines: unknown };
      return store.transaction(async (session) => {
        const earlier = await store.receipts.findOne({ _id: receipt_id }, { session });
        if (earlier) {
          const { _id, ...receipt } = earlier;
          return { receipt: { ...receipt, receipt_id: _id }, wakes: [] };
        }
        const receipt: Receipt = { ...input, receipt_id, received_at: now().toISOString() };
        await store.receipts.insertOne({ ...receipt, _id: receipt_id }, { session });
        const lines = input.lines.map((line) => ({ ...line, location_id: input.location_id })).toSorted(bySku);
        for (const line of lines) await addStock(session, line);
        await record(
          session,
          lines.map((line, index) => ({
            cause_id: `${receipt_id}/${String(index)}`,
            sku: line.sku,
            location_id: line.location_id,
            lot: line.lot ?? null,
            kind: 'received',
            on_hand: line.quantity,
            allocated: 0,
            order_id: null,
          })),
        );
        const wakes = await insertRecheckRows(store, session, {
          cause: receipt_id,
          code: 'STOCK_SHORT',
          filter: { 'lines.sku': { $in: skus } },
          actor,
          at: receipt.received_at,
        });
        return { receipt, wakes };
      });
    },

    async available(skus) {
      const found = await store.stock.find({ sku: { $in: [...skus] } }).toArray();
      return found.map(({ sku, location_id, on_hand, allocated, safety_stock }) => ({
        sku,
        location_id,
        quantity: Math.max(0, on_hand - allocated - safety_stock),
      }));
    },

    async view(sku) {
      const found = await store.stock.find({ sku }).sort({ location_id: 1 }).toArray();
      return found.flatMap(stockRows);
    },

    async list({ after, limit }) {
      const found = await store.stock
        .find(after === undefined ? {} : { _id: { $gt: after } })
        .sort({ _id: 1 })
        .limit(limit)
        .toArray();
      return found;
    },
  };

  async function addStock(
    session: Session,
    line: ReceiptInput['lines'][number] & { location_id: string },
  ): Promise<void> {
    await store.stock.updateOne(
      { _id: stockId(line) },
      {
        $setOnInsert: {
          sku: line.sku,
          location_id: line.location_id,
          allocated: 0,
          in_transit: 0,
          safety_stock: 0,
          lots: [],
          ...(line.warehouse_location ? {} : { warehouse_location: null }),
        },
        $inc: { on_hand: line.quantity },
        ...(line.warehouse_location ? { $set: { warehouse_location: line.warehouse_location } } : {}),
      },
      { session, upsert: true },
    );
    if (line.lot === undefined) return;
    const standing = await store.stock.updateOne(
      { _id: stockId(line), 'lots.lot': line.lot },
      { $inc: { 'lots.$.on_hand': line.quantity } },
      { session },
    );
    if (standing.matchedCount > 0) return;
    const lot = { lot: line.lot, expires_at: line.expires_at ?? null, on_hand: line.quantity, allocated: 0 };
    // What expires first stands first; lots without an expiry stand last.
    await store.stock.updateOne(
      { _id: stockId(line) },
      [
        {
          $set: {
            lots: {
              $let: {
                vars: {
                  sooner: { $filter: { input: '$lots', cond: sooner(lot.expires_at) } },
                  later: { $filter: { input: '$lots', cond: { $not: [sooner(lot.expires_at)] } } },
                },
                in: { $concatArrays: ['$$sooner', [lot], '$$later'] },
              },
            },
          },
        },
      ],
      { session },
    );
  }

  function sooner(expiresAt: string | null): Record<string, unknown> {
    if (expiresAt === null) return { $ne: ['$$this.expires_at', null] };
    return { $and: [{ $ne: ['$$this.expires_at', null] }, { $lte: ['$$this.expires_at', expiresAt] }] };
  }
}
