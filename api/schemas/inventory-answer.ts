import { z } from 'zod';
import { stockRowSchema, stockSchema } from '../../domain/inventory/schema';

/** The stock of one sku at one location, with what a new order may take of it. */
export const stockAnswerSchema = stockSchema
  .extend({ available: z.int().meta({ description: 'On hand, less allocated, less safety stock; not below 0.' }) })
  .meta({ id: 'StockAtLocation' });

/** The stock of one sku: a row for each location and lot. */
export const skuStockAnswerSchema = z
  .strictObject({ sku: z.string(), data: z.array(stockRowSchema) })
  .meta({ id: 'StockOfSku' });
