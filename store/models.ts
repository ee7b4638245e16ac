import {
  Schema,
  type Connection as MongooseConnection,
  type IndexDefinition,
  type IndexOptions,
  type Model,
} from 'mongoose';
import { z } from 'zod';
import { channelSchema } from '../domain/channel/schema';
import { eventSchema } from '../domain/event-schema';
import { receiptSchema, stockMovementSchema, stockSchema } from '../domain/inventory/schema';
import { locationSchema } from '../domain/location/schema';
import { orderSchema } from '../domain/order/schema';
import { productSchema } from '../domain/product/schema';
import { shipmentSchema } from '../domain/shipment/schema';
import { trackingEventSchema } from '../domain/tracking/schema';
import {
  apiKeySchema,
  connectionSchema,
  customerSchema,
  feedCursorSchema,
  hubStateSchema,
  inboxRowSchema,
  operationLogRowSchema,
  reservationSchema,
  storedLabelSchema,
} from './rows';

type Index = readonly [IndexDefinition, IndexOptions?];

const loggedEventSchema = z.object({
  ...eventSchema.shape,
  order_id: z.string(),
  version: z.int(),
  seq: z.int(),
});

/** Each collection with the zod schema of its documents and its indexes. */
export const collectionDefinitions = {
  orders: {
    schema: orderSchema,
    indexes: [
      [{ channel_id: 1, channel_order_id: 1 }, { unique: true }],
      [{ captured_at: -1, _id: -1 }],
      [{ channel_order_id: 1 }],
      [{ status: 1, captured_at: -1 }],
      [{ 'problems.code': 1, captured_at: 1 }],
      [{ 'lines.sku': 1, captured_at: -1 }],
      [{ customer_id: 1, captured_at: -1 }],
      [{ closed_at: 1, updated_at: 1 }],
    ],
  },
  shipments: {
    schema: shipmentSchema,
    indexes: [
      [{ order_id: 1, n: 1 }],
      [{ opened_at: -1, _id: -1 }],
      [{ 'parcels.tracking_number': 1 }, { sparse: true }],
      [{ delivered_at: 1, updated_at: 1 }],
    ],
  },
  events: {
    schema: loggedEventSchema,
    indexes: [
      [{ entity_id: 1, cause_id: 1, seq: 1 }, { unique: true }],
      [{ entity_id: 1, version: 1 }, { unique: true }],
      [{ order_id: 1, recorded_at: 1, _id: 1 }],
    ],
  },
  inbox: {
    schema: inboxRowSchema,
    indexes: [
      [
        { to: 1, at: 1 },
        { partialFilterExpression: { done: false }, name: 'open_rows_of_aggregate' },
      ],
      [{ at: 1 }, { partialFilterExpression: { done: false }, name: 'open_rows_by_age' }],
    ],
  },
  products: { schema: productSchema, indexes: [[{ 'aliases.alias': 1 }]] },
  locations: { schema: locationSchema, indexes: [[{ code: 1 }, { unique: true }]] },
  channels: { schema: channelSchema, indexes: [[{ code: 1 }, { unique: true }]] },
  customers: { schema: customerSchema, indexes: [[{ keys: 1 }, { unique: true }]] },
  stock: { schema: stockSchema, indexes: [[{ sku: 1, location_id: 1 }, { unique: true }]] },
  stock_movements: {
    schema: stockMovementSchema,
    indexes: [[{ cause_id: 1, sku: 1, location_id: 1, lot: 1, kind: 1 }, { unique: true }], [{ sku: 1, at: 1 }]],
  },
  reservations: { schema: reservationSchema, indexes: [[{ order_id: 1 }]] },
  receipts: { schema: receiptSchema, indexes: [] },
  labels: { schema: storedLabelSchema, indexes: [[{ shipment_id: 1 }]] },
  operations: { schema: operationLogRowSchema, indexes: [[{ entity_id: 1 }]] },
  tracking_events: {
    schema: trackingEventSchema,
    indexes: [[{ shipment_id: 1, at: 1 }], [{ tracking_number: 1, at: 1 }]],
  },
  feed_cursors: { schema: feedCursorSchema, indexes: [] },
  connections: { schema: connectionSchema, indexes: [] },
  api_keys: { schema: apiKeySchema, indexes: [[{ hash: 1 }, { unique: true }]] },
  hub_state: { schema: hubStateSchema, indexes: [] },
} satisfies Record<string, { schema: z.ZodObject; indexes: readonly Index[] }>;

/** The mongoose type of a field; anything nested is checked by zod on the way in and stored as it is. */
function mongooseType(field: z.ZodType): typeof String | typeof Number | typeof Boolean | typeof Schema.Types.Mixed {
  if (field instanceof z.ZodOptional || field instanceof z.ZodNullable || field instanceof z.ZodDefault) {
    return mongooseType(field.unwrap() as z.ZodType);
  }
  if (field instanceof z.ZodPipe) return mongooseType(field.in as z.ZodType);
  if (field instanceof z.ZodString || field instanceof z.ZodEnum || field instanceof z.ZodISODateTime) return String;
  if (field instanceof z.ZodNumber) return Number;
  if (field instanceof z.ZodBoolean) return Boolean;
  return Schema.Types.Mixed;
}

/** Defines the models on a connection, named as their collections. */
export function defineModels(
  connection: MongooseConnection,
): Record<keyof typeof collectionDefinitions, Model<unknown>> {
  const models = Object.entries(collectionDefinitions).map(([name, definition]) => {
    const fields = Object.entries<z.ZodType>(definition.schema.shape).map(([field, type]) => [
      field,
      { type: mongooseType(type) },
    ]);
    const schema = new Schema(
      { _id: String, ...Object.fromEntries(fields) },
      { collection: name, strict: 'throw', versionKey: false, minimize: false, autoIndex: false },
    );
    for (const [keys, options] of definition.indexes as readonly Index[]) schema.index(keys, options);
    return [name, connection.model(name, schema)];
  });
  return Object.fromEntries(models) as Record<keyof typeof collectionDefinitions, Model<unknown>>;
}
