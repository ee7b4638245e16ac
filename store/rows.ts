import { z } from 'zod';
import { actorSchema } from '../domain/event-schema';

/** What asks an aggregate to change, as it lies in the inbox; `_id` is the cause id. Open until its workflow has seen it. */
export const inboxRowSchema = z.strictObject({
  _id: z.string(),
  to: z.string(),
  workflow_id: z.string(),
  kind: z.string(),
  body: z.unknown(),
  actor: actorSchema,
  done: z.boolean(),
  at: z.string(),
});

/** A buyer under one or more identities. */
export const customerSchema = z.strictObject({
  _id: z.string(),
  keys: z.array(z.string()),
  name: z.string(),
  email: z.string().nullable(),
  phone: z.string().nullable(),
  created_at: z.string(),
});

/** Stock promised to an order's plan. Its id is the cause that asked for it, so that asking twice holds once. */
export const reservationSchema = z.strictObject({
  _id: z.string(),
  order_id: z.string(),
  state: z.enum(['held', 'refused', 'committed', 'released']),
  lines: z.array(z.strictObject({ sku: z.string(), location_id: z.string(), quantity: z.int() })),
  lost: z.array(z.strictObject({ sku: z.string(), location_id: z.string() })),
  at: z.string(),
});

/** A bought label as the carrier gave it; one row for each parcel and format. */
export const storedLabelSchema = z.strictObject({
  _id: z.string(),
  shipment_id: z.string(),
  parcel_id: z.string(),
  tracking_number: z.string(),
  format: z.enum(['pdf', 'zpl', 'png']),
  content_base64: z.string(),
  voided_at: z.string().nullable(),
});

/** An effect on another system: its intent before the call, its outcome after. `_id` is the idempotency key. */
export const operationLogRowSchema = z.strictObject({
  _id: z.string(),
  operation: z.string(),
  connection_id: z.string(),
  reference: z.string(),
  entity_id: z.string(),
  state: z.enum(['intent', 'done']),
  at: z.string(),
  attempted_at: z.string().nullable(),
  outcome: z.unknown(),
});

/** How far a feed was read; stored in the transaction that stores its items. */
export const feedCursorSchema = z.strictObject({ _id: z.string(), cursor: z.string().nullable(), at: z.string() });

/** A configured connector. */
export const connectionSchema = z.strictObject({
  _id: z.string(),
  connector_id: z.string(),
  kinds: z.array(z.string()),
  config: z.record(z.string(), z.unknown()),
  embedded: z.boolean(),
  state: z.enum(['on', 'off', 'broken']),
});

/** An API key; only its hash is kept. */
export const apiKeySchema = z.strictObject({
  _id: z.string(),
  name: z.string(),
  hash: z.string(),
  scopes: z.array(z.string()),
  created_at: z.string(),
  expires_at: z.string().nullable(),
  revoked_at: z.string().nullable(),
});

/** Single values of the hub itself, such as the sweeper's nonce. */
export const hubStateSchema = z.strictObject({ _id: z.string(), value: z.string(), at: z.string() });

export type InboxRow = z.infer<typeof inboxRowSchema>;
export type Customer = z.infer<typeof customerSchema>;
export type Reservation = z.infer<typeof reservationSchema>;
export type StoredLabel = z.infer<typeof storedLabelSchema>;
export type OperationLogRow = z.infer<typeof operationLogRowSchema>;
export type FeedCursor = z.infer<typeof feedCursorSchema>;
export type Connection = z.infer<typeof connectionSchema>;
export type ApiKey = z.infer<typeof apiKeySchema>;
export type HubState = z.infer<typeof hubStateSchema>;
