import { locationExample, productExample } from './master-data';

const { location_id } = locationExample;
const { sku } = productExample;

/** The body of a receipt. */
export const receiptInputExample = {
  location_id,
  reference: 'ASN-2041',
  lines: [{ sku, quantity: 100, warehouse_location: { zone: 'A', aisle: '3', bin: '12' } }],
};

/** A booked receipt. */
export const receiptExample = {
  ...receiptInputExample,
  receipt_id: 'rcp_01JN5C2E4G6J8M0P2R4T6V8XAY',
  received_at: '2026-02-02T07:15:00.000Z',
};

const counts = { on_hand: 100, allocated: 2, in_transit: 0, safety_stock: 0, available: 98 };

/** Stock of one sku at one location. */
export const stockExample = {
  sku,
  location_id,
  ...counts,
  warehouse_location: { zone: 'A', aisle: '3', bin: '12' },
  lots: [],
};

/** Stock of one sku everywhere. */
export const skuStockExample = {
  sku,
  data: [
    { location_id, lot: null, ...counts, warehouse_location: { zone: 'A', aisle: '3', bin: '12' }, expires_at: null },
  ],
};
