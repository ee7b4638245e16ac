import { afterAll, beforeAll, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { Stock } from '../domain/inventory/schema';
import { at } from '../test/domain/aggregate';
import { createMerchant, sampleOrder, type Merchant } from '../test/stack/merchant';
import { dropStore, insideOf, openStore, untilDone, type HubInside } from '../test/store/opened-store';
import type { Store } from './connect';
import { createInventory, stockRows, type StockQuantity } from './inventory';

const actor = { kind: 'api_key', id: 'key_1' } as const;

let store: Store;
let hub: HubInside;
let merchant: Merchant;
let berlin: string;
let skus = 0;

beforeAll(async () => {
  store = await openStore('inventory');
  hub = insideOf(store);
  merchant = await createMerchant(hub, { stock: 0 });
  [berlin] = merchant.location_ids;
});

afterAll(() => dropStore(store));

/** A product of the test's own. */
async function product(): Promise<string> {
  skus += 1;
  const sku = `SKU-${String(skus)}`;
  const size = { weight_grams: 1, length_mm: 1, width_mm: 1, height_mm: 1 };
  await hub.masterData.createProduct({ sku, title: sku, ...size, aliases: [], lot_tracked: false }, actor);
  return sku;
}

/** A product with units in Berlin. */
async function stocked(quantity: number): Promise<string> {
  const sku = await product();
  await receive([{ sku, quantity }]);
  return sku;
}

let receipts = 0;
function receive(lines: { sku: string; quantity: number; lot?: string; expires_at?: string }[], location_id = berlin) {
  receipts += 1;
  return hub.inventory.receive({ location_id, lines }, { receipt_id: `rcp_${String(receipts)}`, actor });
}

let reservations = 0;
function reserve(lines: Omit<StockQuantity, 'location_id'>[], reservation_id = `res_${String((reservations += 1))}`) {
  return hub.inventory.reserve({
    reservation_id,
    order_id: 'ord_1',
    lines: lines.map((line) => ({ ...line, location_id: berlin })),
  });
}

async function stockOf(sku: string): Promise<Stock> {
  const found = await store.stock.findOne({ sku, location_id: berlin });
  if (!found) throw new Error(`No stock of ${sku}.`);
  return found;
}

/** What is wrong with the stock of some skus: counters out of bounds, lots above their document, a ledger that adds up to something else. */
async function faultsOf(of: readonly string[]): Promise<string[]> {
  const faults: string[] = [];
  for (const stock of await store.stock.find({ sku: { $in: [...of] } }).toArray()) {
    const { sku, location_id, on_hand, allocated, lots } = stock;
    const movements = await store.stock_movements.find({ sku, location_id }).toArray();
    const ledger = { on_hand: 0, allocated: 0 };
    for (const movement of movements) {
      ledger.on_hand += movement.on_hand;
      ledger.allocated += movement.allocated;
    }
    if (allocated < 0 || allocated > on_hand)
      faults.push(`${sku}: ${String(allocated)} allocated of ${String(on_hand)}`);
    if (ledger.on_hand !== on_hand || ledger.allocated !== allocated)
      faults.push(`${sku}: the ledger says ${JSON.stringify(ledger)}`);
    const inLots = lots.reduce((sum, lot) => sum + lot.on_hand, 0);
    if (inLots > on_hand || lots.some((lot) => lot.on_hand < 0 || lot.allocated > lot.on_hand))
      faults.push(`${sku}: lots ${JSON.stringify(lots)}`);
  }
  return faults;
}

test('a reservation holds what there is and writes it into the ledger', async () => {
  const sku = await stocked(5);
  expect(await reserve([{ sku, quantity: 3 }])).toMatchObject({ held: true, lost: [] });
  expect(await stockOf(sku)).toMatchObject({ on_hand: 5, allocated: 3 });
  expect(await hub.inventory.available([sku])).toEqual([{ sku, location_id: berlin, quantity: 2 }]);
  expect(await faultsOf([sku])).toEqual([]);
});

test('the same reservation again holds once and gets the same answer, held or not', async () => {
  const sku = await stocked(5);
  const both = await Promise.all([1, 2, 3].map(() => untilDone(() => reserve([{ sku, quantity: 3 }], 'res_same'))));
  expect(both.every((answer) => answer.held)).toBe(true);
  expect((await stockOf(sku)).allocated).toBe(3);
  const refused = await reserve([{ sku, quantity: 3 }], 'res_refused');
  await receive([{ sku, quantity: 10 }]);
  expect(await reserve([{ sku, quantity: 3 }], 'res_refused')).toEqual(refused);
  expect(refused).toEqual({ reservation_id: 'res_refused', held: false, lost: [{ sku, location_id: berlin }] });
  expect((await stockOf(sku)).allocated).toBe(3);
});

test('a reservation over several lines is all or nothing, and names what it lost', async () => {
  const [plenty, scarce] = [await stocked(9), await stocked(1)];
  const lines = [
    { sku: plenty, quantity: 2 },
    { sku: scarce, quantity: 2 },
  ];
  expect(await reserve(lines)).toMatchObject({ held: false, lost: [{ sku: scarce, location_id: berlin }] });
  expect((await stockOf(plenty)).allocated).toBe(0);
  expect(await faultsOf([plenty, scarce])).toEqual([]);
});

test('one sku on two lines is counted once against its stock', async () => {
  const sku = await stocked(3);
  const line = { sku, quantity: 2 };
  expect((await reserve([line, line])).held).toBe(false);
  await receive([{ sku, quantity: 1 }]);
  expect((await reserve([line, line])).held).toBe(true);
  expect((await stockOf(sku)).allocated).toBe(4);
});

test('safety stock is neither promised nor reserved', async () => {
  const sku = await stocked(5);
  await store.stock.updateOne({ sku }, { $set: { safety_stock: 4 } });
  expect(await hub.inventory.available([sku])).toMatchObject([{ quantity: 1 }]);
  expect((await reserve([{ sku, quantity: 2 }])).held).toBe(false);
  expect((await reserve([{ sku, quantity: 1 }])).held).toBe(true);
  await store.stock.updateOne({ sku }, { $set: { safety_stock: 9 } });
  expect(await hub.inventory.available([sku])).toMatchObject([{ quantity: 0 }]);
});

test('what is released can be promised again; released twice it comes back once', async () => {
  const sku = await stocked(5);
  const { reservation_id } = await reserve([{ sku, quantity: 4 }]);
  await Promise.all([1, 2].map(() => untilDone(() => hub.inventory.release(reservation_id))));
  await hub.inventory.release(reservation_id);
  await hub.inventory.release('res_unknown');
  expect(await stockOf(sku)).toMatchObject({ on_hand: 5, allocated: 0 });
  expect(await faultsOf([sku])).toEqual([]);
});

test('a reservation of nothing holds nothing and can be given back', async () => {
  expect(await reserve([], 'res_empty')).toMatchObject({ held: true });
  await hub.inventory.release('res_empty');
  expect(await store.stock_movements.countDocuments({ cause_id: 'res_empty' })).toBe(0);
});

test('goods that are shipped leave the books once for each cause, and never what was not allocated', async () => {
  const sku = await stocked(5);
  await reserve([{ sku, quantity: 3 }]);
  const shipment = { cause_id: 'shp_1/ship', order_id: 'ord_1', lines: [{ sku, location_id: berlin, quantity: 3 }] };
  await Promise.all([1, 2, 3].map(() => untilDone(() => hub.inventory.ship(shipment))));
  expect(await stockOf(sku)).toMatchObject({ on_hand: 2, allocated: 0 });
  await expect(hub.inventory.ship({ ...shipment, cause_id: 'shp_2/ship' })).rejects.toThrow(/Another write came first/);
  expect(await stockOf(sku)).toMatchObject({ on_hand: 2, allocated: 0 });
  expect(await faultsOf([sku])).toEqual([]);
});

test('lots lose what expires first, lots without an expiry after those with one, and units in no lot last', async () => {
  const sku = await product();
  await receive([
    { sku, quantity: 2, lot: 'never' },
    { sku, quantity: 2, lot: 'late', expires_at: at(2_000) },
    { sku, quantity: 2, lot: 'soon', expires_at: at(1_000) },
    { sku, quantity: 2 },
  ]);
  await receive([{ sku, quantity: 1, lot: 'soon' }]);
  expect((await stockOf(sku)).lots.map(({ lot, on_hand }) => [lot, on_hand])).toEqual([
    ['soon', 3],
    ['late', 2],
    ['never', 2],
  ]);
  await reserve([{ sku, quantity: 9 }]);
  const ship = (n: number, quantity: number) =>
    hub.inventory.ship({
      cause_id: `lots/${String(n)}`,
      order_id: 'ord_1',
      lines: [{ sku, location_id: berlin, quantity }],
    });
  await ship(1, 4);
  expect((await stockOf(sku)).lots.map(({ lot, on_hand }) => [lot, on_hand])).toEqual([
    ['late', 1],
    ['never', 2],
  ]);
  await ship(2, 4);
  expect(await stockOf(sku)).toMatchObject({ on_hand: 1, allocated: 1, lots: [] });
  expect(await faultsOf([sku])).toEqual([]);
});

test('a receipt with a sku that is no product names its lines and books nothing', async () => {
  const sku = await stocked(1);
  const answer = await receive([
    { sku, quantity: 5 },
    { sku: 'NO-PRODUCT', quantity: 1 },
    { sku: 'NEITHER', quantity: 1 },
  ]);
  expect(answer).toEqual({ unknown_lines: [1, 2] });
  expect((await stockOf(sku)).on_hand).toBe(1);
  expect(await store.receipts.findOne({ _id: `rcp_${String(receipts)}` })).toBeNull();
});

test('the same receipt twice is booked once and answered alike, and wakes nobody again', async () => {
  const sku = await product();
  const input = {
    location_id: berlin,
    reference: 'ASN 7',
    lines: [
      { sku, quantity: 4, lot: 'L' },
      { sku, quantity: 1, lot: 'L' },
    ],
  };
  const results = await Promise.all(
    [1, 2, 3].map(() => untilDone(() => hub.inventory.receive(input, { receipt_id: 'rcp_twice', actor }))),
  );
  const [first] = results;
  expect(results.map((result) => 'receipt' in result && result.receipt.received_at)).toEqual(
    Array.from({ length: 3 }, () => 'receipt' in first! && first.receipt.received_at),
  );
  expect(first).toMatchObject({ receipt: { ...input, receipt_id: 'rcp_twice' } });
  expect(await stockOf(sku)).toMatchObject({ on_hand: 5, lots: [{ lot: 'L', on_hand: 5 }] });
  expect(await faultsOf([sku])).toEqual([]);
});

test('a receipt wakes the orders that wait for its skus, oldest first, each once', async () => {
  const sku = await product();
  const other = await product();
  const order = async (n: number, placed_at: string, of: string): Promise<string> => {
    const lines = [{ sku: of, quantity: 1, unit_price: 1 }];
    const { order: stored } = await hub.door.capture(
      sampleOrder(merchant, `B-${String(n)}`, { placed_at, lines }),
      actor,
    );
    await hub.workflowPersist.run({ entity: 'order', id: stored.order_id, at: at(0) });
    return stored.order_id;
  };
  const young = await order(1, at(-10), sku);
  const old = await order(2, at(-1_000), sku);
  const middle = await order(3, at(-100), sku);
  await order(4, at(-5_000), other);
  expect((await store.orders.findOne({ _id: old }))?.status).toBe('backordered');
  const result = await receive([{ sku, quantity: 10 }]);
  expect('wakes' in result && result.wakes.map((wake) => wake.to)).toEqual([old, middle, young]);
  const rows = await store.inbox.find({ kind: 'recheck', to: { $in: [old, middle, young] } }).toArray();
  expect(rows).toHaveLength(3);
  await hub.workflowPersist.run({ entity: 'order', id: old, at: at(0) });
  expect(await store.orders.findOne({ _id: old })).toMatchObject({ problems: [], lines: [{ allocated: 1 }] });
});

test('two hundred operations at once over two processes: nothing is oversold and the ledger adds up', async () => {
  const items = [await stocked(12), await stocked(30), await stocked(3), await stocked(7), await stocked(5)];
  const processes = [createInventory(store), createInventory(store)];
  const operation = fc.record({
    what: fc.constantFrom('keep', 'release', 'release', 'ship', 'ship', 'receive'),
    lines: fc.array(fc.record({ sku: fc.constantFrom(...items), quantity: fc.integer({ min: 1, max: 4 }) }), {
      minLength: 1,
      maxLength: 3,
    }),
  });
  const operations = fc
    .sample(operation, { numRuns: 200, seed: 20_260_105 })
    .map((given, index) => ({ ...given, index }));
  const kept: StockQuantity[] = [];
  const seen: string[] = [];
  let held = 0;

  async function perform({ what, lines, index }: (typeof operations)[number]): Promise<void> {
    const inventory = processes[index % 2]!;
    const placed = lines.map((line) => ({ ...line, location_id: berlin }));
    if (what === 'receive') {
      await untilDone(() =>
        inventory.receive({ location_id: berlin, lines }, { receipt_id: `rcp_random_${String(index)}`, actor }),
      );
      return;
    }
    const reservation_id = `res_random_${String(index)}`;
    const outcome = await untilDone(() =>
      inventory.reserve({ reservation_id, order_id: `ord_${String(index)}`, lines: placed }),
    );
    if (!outcome.held) return;
    held += 1;
    if (what === 'release') await untilDone(() => inventory.release(reservation_id));
    if (what === 'ship')
      await untilDone(() =>
        inventory.ship({ cause_id: `shp_random_${String(index)}/ship`, order_id: 'ord', lines: placed }),
      );
    if (what === 'keep') kept.push(...placed);
    if (index % 10 === 0)
      for (const stock of await store.stock.find({ sku: { $in: items } }).toArray()) {
        if (stock.allocated < 0 || stock.allocated > stock.on_hand) seen.push(JSON.stringify(stock));
      }
  }

  const waiting = [...operations];
  await Promise.all(
    Array.from({ length: 8 }, async () => {
      for (let next = waiting.pop(); next; next = waiting.pop()) await perform(next);
    }),
  );
  expect(seen).toEqual([]);
  expect(await faultsOf(items)).toEqual([]);
  expect(held).toBeGreaterThan(20);
  expect(held).toBeLessThan(operations.filter(({ what }) => what !== 'receive').length);
  for (const sku of items) {
    const reserved = kept.filter((line) => line.sku === sku).reduce((sum, line) => sum + line.quantity, 0);
    expect((await stockOf(sku)).allocated).toBe(reserved);
  }
});

test('the rows of a stock document add up to it, lot by lot', () => {
  const lot = fc.record({
    lot: fc.string({ minLength: 1 }),
    expires_at: fc.constant(null),
    on_hand: fc.nat({ max: 9 }),
    allocated: fc.constant(0),
  });
  const stock = fc
    .record({
      lots: fc.array(lot, { maxLength: 4 }),
      loose: fc.nat({ max: 9 }),
      allocated: fc.nat({ max: 40 }),
      safety_stock: fc.nat({ max: 12 }),
    })
    .map(({ lots, loose, allocated, safety_stock }): Stock => {
      const on_hand = lots.reduce((sum, given) => sum + given.on_hand, loose);
      return {
        sku: 'TEE',
        location_id: 'loc',
        on_hand,
        allocated: Math.min(allocated, on_hand),
        in_transit: 3,
        safety_stock,
        warehouse_location: null,
        lots,
      };
    });
  fc.assert(
    fc.property(stock, (given) => {
      const rows = stockRows(given);
      const total = (field: 'on_hand' | 'allocated' | 'available' | 'in_transit') =>
        rows.reduce((sum, row) => sum + row[field], 0);
      expect(total('on_hand')).toBe(given.on_hand);
      expect(total('allocated')).toBe(given.allocated);
      expect(total('available')).toBe(Math.max(0, given.on_hand - given.allocated - given.safety_stock));
      expect(total('in_transit')).toBe(given.in_transit);
      expect(rows.every((row) => row.available >= 0 && row.allocated <= row.on_hand)).toBe(true);
    }),
  );
});

test('stock is listed by location and sku, page by page', async () => {
  const all = await hub.inventory.list({ limit: 200 });
  const paged: string[] = [];
  let after: string | undefined;
  for (;;) {
    const page = await hub.inventory.list({ limit: 4, ...(after === undefined ? {} : { after }) });
    paged.push(...page.map((stock) => `${stock.location_id}/${stock.sku}`));
    after = paged.at(-1);
    if (page.length < 4) break;
  }
  expect(paged).toEqual(all.map((stock) => `${stock.location_id}/${stock.sku}`));
  expect(new Set(paged).size).toBe(paged.length);
});
