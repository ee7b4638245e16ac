import { z } from 'zod';
import { instantSchema, quantitySchema, skuSchema } from '../values-schema';

const count = z.int().min(0);

/** Where a unit lies inside its location. */
export const warehouseLocationSchema = z
  .strictObject({
    zone: z.string().max(40).optional(),
    aisle: z.string().max(40).optional(),
    bin: z.string().max(40).optional(),
  })
  .meta({ id: 'WarehouseLocation' });

/** Units of one lot in a stock document; at most 200 live lots. */
export const lotSchema = z
  .strictObject({
    lot: z.string().min(1).max(100),
    expires_at: instantSchema.nullable(),
    on_hand: count,
    allocated: count,
  })
  .meta({ id: 'Lot' });

/** The stock of one sku at one location, in units. */
export const stockSchema = z
  .strictObject({
    sku: skuSchema,
    location_id: z.string(),
    on_hand: count,
    allocated: count,
    in_transit: count,
    safety_stock: count,
    warehouse_location: warehouseLocationSchema.nullable(),
    lots: z.array(lotSchema).max(200),
  })
  .meta({ id: 'Stock' });

/** One row of `GET /v1/inventory/{sku}`: the stock of a lot, or what is in no lot (`lot` null). */
export const stockRowSchema = z
  .strictObject({
    location_id: z.string(),
    lot: z.string().nullable(),
    on_hand: count,
    allocated: count,
    in_transit: count,
    safety_stock: count,
    available: z
      .int()
      .meta({ description: 'What a new order may take: on hand, less allocated, less safety stock; not below 0.' }),
    warehouse_location: warehouseLocationSchema.nullable(),
    expires_at: instantSchema.nullable(),
  })
  .meta({ id: 'StockRow' });

const receiptLineSchema = z
  .strictObject({
    sku: skuSchema,
    quantity: quantitySchema,
    lot: z.string().min(1).max(100).optional(),
    expires_at: instantSchema.optional(),
    warehouse_location: warehouseLocationSchema.optional(),
  })
  .meta({ id: 'ReceiptLine' });

/** Goods that arrived at a location. */
export const receiptInputSchema = z
  .strictObject({
    location_id: z.string(),
    reference: z.string().trim().min(1).max(128).optional(),
    lines: z.array(receiptLineSchema).min(1).max(500),
  })
  .meta({ id: 'ReceiptInput' });

/** A receipt as it was booked. */
export const receiptSchema = receiptInputSchema
  .extend({ receipt_id: z.string(), received_at: instantSchema })
  .meta({ id: 'Receipt' });

/** One entry of the append-only ledger: the only way that a counter changes. Quantities are signed units. */
export const stockMovementSchema = z
  .strictObject({
    movement_id: z.string(),
    cause_id: z.string(),
    sku: skuSchema,
    location_id: z.string(),
    lot: z.string().nullable(),
    kind: z.enum(['received', 'allocated', 'released', 'shipped']),
    on_hand: z.int(),
    allocated: z.int(),
    order_id: z.string().nullable(),
    at: instantSchema,
  })
  .meta({ id: 'StockMovement' });

export type Stock = z.infer<typeof stockSchema>;
export type StockRow = z.infer<typeof stockRowSchema>;
export type ReceiptInput = z.infer<typeof receiptInputSchema>;
export type Receipt = z.infer<typeof receiptSchema>;
export type StockMovement = z.infer<typeof stockMovementSchema>;
