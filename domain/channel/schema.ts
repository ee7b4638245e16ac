import { z } from 'zod';
import { instantSchema } from '../values-schema';

const channelFields = {
  code: z
    .string()
    .regex(/^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$/)
    .meta({ example: 'web-eu' }),
  name: z.string().trim().min(1).max(200),
  kind: z.enum(['web', 'marketplace', 'store', 'mobile', 'edi', 'manual']),
  connection_id: z.string().optional(),
  payment_required: z.boolean(),
  service_levels: z.array(z.string().min(1).max(60)).max(50),
  rules: z.record(z.string(), z.unknown()),
  thresholds: z.record(z.string(), z.number()),
};

/** Where orders come from, as it is created. */
export const channelInputSchema = z
  .strictObject({
    ...channelFields,
    payment_required: channelFields.payment_required.default(false),
    service_levels: channelFields.service_levels.default(['standard', 'express']),
    rules: channelFields.rules.default({}),
    thresholds: channelFields.thresholds.default({}),
  })
  .meta({ id: 'ChannelInput' });

/** Where orders come from: a shop, a marketplace, a store, a trading partner. */
export const channelSchema = z
  .strictObject({ channel_id: z.string(), ...channelFields, created_at: instantSchema, updated_at: instantSchema })
  .meta({ id: 'Channel' });

/** What may change of a channel. */
export const channelPatchSchema = z.strictObject(channelFields).partial().meta({ id: 'ChannelPatch' });

export type ChannelInput = z.infer<typeof channelInputSchema>;
export type Channel = z.infer<typeof channelSchema>;
