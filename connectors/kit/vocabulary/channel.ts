/** What the hub tells a sales channel. */
import { z } from 'zod';
import { lineQuantitySchema, referenceSchema } from './parts';

/** Tells the channel that goods are on their way, with what its customer needs to follow them. */
export const shipmentAnnounceInput = z.object({
  reference: referenceSchema,
  channel_order_id: z.string().min(1),
  lines: z.array(lineQuantitySchema.extend({ sku: z.string().optional() })).min(1),
  parcels: z
    .array(
      z.object({
        tracking_number: z.string().min(1),
        carrier: z.string().min(1),
        tracking_url: z.string().optional(),
      }),
    )
    .min(1),
});
/** The channel's own id of the announcement. */
export const shipmentAnnounceOutput = z.object({ announcement_id: z.string().min(1) });
