import { z } from 'zod';
import { fulfillmentStageSchema } from '../../domain/order/schema';
import { parcelSchema, shipmentSchema } from '../../domain/shipment/schema';
import { milestoneSchema, trackingEventSchema } from '../../domain/tracking/schema';
import { instantSchema } from '../../domain/values-schema';
import { problemAnswerSchema } from './order-answer';

const parcelAnswerSchema = parcelSchema
  .extend({
    label: z
      .strictObject({ format: z.enum(['pdf', 'zpl', 'png']), url: z.string() })
      .nullable()
      .meta({ description: 'Where the label is; null before it is bought and after it was voided.' }),
  })
  .meta({ id: 'Parcel', description: 'One box; weight in grams, dimensions in millimetres.' });

const trackingEventAnswerSchema = trackingEventSchema
  .omit({ raw: true, shipment_id: true })
  .extend({ milestone: milestoneSchema })
  .meta({ id: 'ShipmentTrackingEvent' });

const deliveryEtaSchema = z
  .strictObject({
    window: z.strictObject({ from: instantSchema, to: instantSchema }).nullable(),
    median: instantSchema,
    source: z.enum(['carrier']),
    made_at: instantSchema,
  })
  .meta({
    id: 'DeliveryEta',
    description: 'When it should arrive, who says so, and since when; no window where only one instant is known.',
  });

/** A shipment as the API shows it: one handover of parcels from one location. */
export const shipmentAnswerSchema = shipmentSchema
  .omit({ steps: true, reports: true, order_workflow_id: true, order_placed_at: true, estimated_delivery_at: true })
  .extend({
    status: fulfillmentStageSchema.meta({ description: 'The same as `fulfillment_stage`.' }),
    parcels: z.array(parcelAnswerSchema),
    problem: problemAnswerSchema.nullable(),
    problems: z.array(problemAnswerSchema),
    delivery_eta: deliveryEtaSchema.nullable(),
    events: z.array(trackingEventAnswerSchema).meta({ description: "The carrier's events, oldest first." }),
    links: z
      .strictObject({ temporal_ui: z.string().nullable(), order: z.string(), events: z.string() })
      .meta({ id: 'ShipmentLinks' }),
  })
  .meta({ id: 'Shipment', description: 'A shipment: one handover of parcels from one location.' });

export type ShipmentAnswer = z.infer<typeof shipmentAnswerSchema>;
