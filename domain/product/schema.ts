import { z } from 'zod';
import { countrySchema, instantSchema, skuSchema } from '../values-schema';

/** What a channel or a scanner calls the product; without `channel_id` everywhere. */
const aliasSchema = z
  .strictObject({ alias: skuSchema, channel_id: z.string().optional() })
  .meta({ id: 'ProductAlias' });

/** A product as it is created: weight in grams and outer dimensions in millimetres. */
export const productInputSchema = z
  .strictObject({
    sku: skuSchema,
    title: z.string().trim().min(1).max(300),
    weight_grams: z.int().min(1).max(1_000_000),
    length_mm: z.int().min(1).max(10_000),
    width_mm: z.int().min(1).max(10_000),
    height_mm: z.int().min(1).max(10_000),
    aliases: z.array(aliasSchema).max(100).default([]),
    gtin: z
      .string()
      .regex(/^\d{8,14}$/)
      .optional(),
    hs_code: z
      .string()
      .regex(/^\d{6,10}$/)
      .optional(),
    origin: countrySchema.optional(),
    lot_tracked: z.boolean().default(false),
    shelf_life_days: z.int().min(1).max(36_500).optional(),
  })
  .meta({ id: 'ProductInput' });

/** A product. */
export const productSchema = productInputSchema
  .extend({ created_at: instantSchema, updated_at: instantSchema })
  .meta({ id: 'Product' });

/** What may change of a product; its sku may not. */
export const productPatchSchema = z
  .strictObject({ ...productInputSchema.shape, aliases: z.array(aliasSchema).max(100), lot_tracked: z.boolean() })
  .omit({ sku: true })
  .partial()
  .meta({ id: 'ProductPatch' });

export type ProductInput = z.infer<typeof productInputSchema>;
export type Product = z.infer<typeof productSchema>;
