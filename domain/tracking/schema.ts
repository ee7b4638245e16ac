import { z } from 'zod';
import { instantSchema } from '../values-schema';

/** How far a parcel has come; ranks and meaning in `milestones.ts`. */
export const milestoneSchema = z
  .enum([
    'UNKNOWN',
    'LABEL_CREATED',
    'PICKED_UP',
    'IN_TRANSIT',
    'ARRIVED_AT_HUB',
    'CUSTOMS',
    'AT_DELIVERY_DEPOT',
    'OUT_FOR_DELIVERY',
    'AVAILABLE_FOR_PICKUP',
    'DELIVERY_ATTEMPTED',
    'DELIVERED',
    'RETURN_TO_SENDER',
    'RETURNED',
    'CANCELLED',
  ])
  .meta({ id: 'Milestone' });

/** One carrier event of a parcel as it is kept: its raw form, and what it was mapped to. */
export const trackingEventSchema = z
  .object({
    tracking_event_id: z.string(),
    carrier: z.string(),
    tracking_number: z.string(),
    shipment_id: z.string(),
    milestone: milestoneSchema,
    code: z.string(),
    text: z.string(),
    reason: z.string().nullable(),
    at: instantSchema,
    received_at: instantSchema,
    place: z.string().nullable(),
    raw: z.unknown(),
  })
  .meta({ id: 'TrackingEvent' });

export type Milestone = z.infer<typeof milestoneSchema>;
export type TrackingEvent = z.infer<typeof trackingEventSchema>;
