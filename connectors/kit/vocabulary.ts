/** The hub's own words for what it asks of other systems. Connectors implement a subset and never add a word. */
import type { z } from 'zod';
import {
  shipmentBookInput,
  shipmentBookOutput,
  shipmentVoidInput,
  shipmentVoidOutput,
  trackingGetInput,
  trackingGetOutput,
  trackingItem,
} from './vocabulary/carrier';
import { shipmentAnnounceInput, shipmentAnnounceOutput } from './vocabulary/channel';
import { invoicePushInput, invoicePushOutput } from './vocabulary/erp';
import {
  authorizationGetInput,
  authorizationGetOutput,
  captureInput,
  captureOutput,
  refundInput,
  refundOutput,
} from './vocabulary/payment';
import {
  fulfillmentCancelInput,
  fulfillmentCancelOutput,
  fulfillmentGetInput,
  fulfillmentGetOutput,
  fulfillmentReleaseInput,
  fulfillmentReleaseOutput,
  shipmentConfirmationItem,
} from './vocabulary/wms';

/** The kinds of system that the hub speaks to. */
export const connectorKinds = [
  'channel',
  'erp',
  'wms',
  'tms',
  'carrier',
  'payment',
  'notification',
  'accounting',
  'crm',
  'geo',
] as const;
/** One kind of system. */
export type ConnectorKind = (typeof connectorKinds)[number];

/** Every operation: the kind of system that has it, whether it changes something there, what goes in and comes out. */
export const vocabulary = {
  'fulfillment.release': {
    kind: 'wms',
    effect: 'write',
    input: fulfillmentReleaseInput,
    output: fulfillmentReleaseOutput,
  },
  'fulfillment.cancel': {
    kind: 'wms',
    effect: 'write',
    input: fulfillmentCancelInput,
    output: fulfillmentCancelOutput,
  },
  'fulfillment.get': { kind: 'wms', effect: 'read', input: fulfillmentGetInput, output: fulfillmentGetOutput },
  'shipment.book': { kind: 'carrier', effect: 'write', input: shipmentBookInput, output: shipmentBookOutput },
  'shipment.void': { kind: 'carrier', effect: 'write', input: shipmentVoidInput, output: shipmentVoidOutput },
  'tracking.get': { kind: 'carrier', effect: 'read', input: trackingGetInput, output: trackingGetOutput },
  'authorization.get': {
    kind: 'payment',
    effect: 'read',
    input: authorizationGetInput,
    output: authorizationGetOutput,
  },
  capture: { kind: 'payment', effect: 'write', input: captureInput, output: captureOutput },
  refund: { kind: 'payment', effect: 'write', input: refundInput, output: refundOutput },
  'shipment.announce': {
    kind: 'channel',
    effect: 'write',
    input: shipmentAnnounceInput,
    output: shipmentAnnounceOutput,
  },
  'invoice.push': { kind: 'erp', effect: 'write', input: invoicePushInput, output: invoicePushOutput },
} as const satisfies Record<
  string,
  { kind: ConnectorKind; effect: 'read' | 'write'; input: z.ZodType; output: z.ZodType }
>;
/** The operations with their schemas, as a type. */
export type Vocabulary = typeof vocabulary;
/** The name of an operation. */
export type OperationName = keyof Vocabulary;
/** What goes into an operation. */
export type OperationInput<N extends OperationName> = z.infer<Vocabulary[N]['input']>;
/** What comes out of an operation. */
export type OperationOutput<N extends OperationName> = z.infer<Vocabulary[N]['output']>;

/** The operations that a connector of the given kinds may have. */
export type OperationOf<K extends ConnectorKind> = {
  [N in OperationName]: Vocabulary[N]['kind'] extends K ? N : never;
}[OperationName];

/** Every feed: the kind of system that has it, and the shape of one item; `event_id` is the same on every reading. */
export const feedVocabulary = {
  shipment_confirmation: { kind: 'wms', item: shipmentConfirmationItem },
  tracking: { kind: 'carrier', item: trackingItem },
} as const satisfies Record<string, { kind: ConnectorKind; item: z.ZodType }>;
/** The feeds with their schemas, as a type. */
export type FeedVocabulary = typeof feedVocabulary;
/** The name of a feed. */
export type FeedName = keyof FeedVocabulary;
/** One item of a feed. */
export type FeedItem<F extends FeedName> = z.infer<FeedVocabulary[F]['item']>;

/** The feeds that a connector of the given kinds may have. */
export type FeedOf<K extends ConnectorKind> = {
  [F in FeedName]: FeedVocabulary[F]['kind'] extends K ? F : never;
}[FeedName];
