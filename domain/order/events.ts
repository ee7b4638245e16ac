import type { DomainEvent, LoggedEvent } from '../decider';
import type { CaptureShare, InvoiceShare } from '../shipment/schema';
import type { OrderCapture } from './capture-schema';
import type { PlannedShipment, Problem, ShipmentSummary } from './schema';

/** A capture after the door completed it: ids derived, content hashed, the customer known. */
export type CapturedOrder = OrderCapture & { order_id: string; customer_id: string; content_hash: string };

interface QuantityOfLine {
  line_id: string;
  quantity: number;
}

/** A shipment as its order opens it. */
export interface OpenedShipment {
  shipment_id: string;
  order_id: string;
  /** Where reports of the shipment wake its order. */
  order_workflow_id: string;
  /** When the order was placed; a carrier's event from before it belongs to an earlier parcel under the same number. */
  order_placed_at: string;
  channel_id: string;
  n: number;
  location_id: string;
  routing_decision_id: string;
  currency: string;
  service: string;
  lines: { line_id: string; sku: string; quantity: number }[];
  captures: CaptureShare[];
  invoice: InvoiceShare;
}

/** Everything that can become true of an order. */
export type OrderEvent =
  | DomainEvent<'captured', { order: CapturedOrder }>
  | DomainEvent<'noted', { note_id: string; text: string }>
  | DomainEvent<'refused', { kind: string; code: string; detail: string }>
  | DomainEvent<'validated', { lines: { line_id: string; sku: string }[] }>
  | DomainEvent<'problem_raised', { problem: Problem }>
  | DomainEvent<'problem_cleared', { problem_id: string; code: string }>
  | DomainEvent<'recheck_requested', { code: string }>
  | DomainEvent<'routed', { routing_decision_id: string; shipments: PlannedShipment[]; short: QuantityOfLine[] }>
  | DomainEvent<'allocated', { reservation_id: string; lines: QuantityOfLine[] }>
  | DomainEvent<'reservation_lost', { lost: { sku: string; location_id: string }[] }>
  | DomainEvent<'shipment_opened', OpenedShipment>
  | DomainEvent<'shipment_reported', { summary: ShipmentSummary; problems: Problem[] }>
  | DomainEvent<'delivery_completed', { return_window_ends_at: string }>
  | DomainEvent<'closed', Record<string, never>>;

/** An order's event with its place in the log. */
export type LoggedOrderEvent = OrderEvent & Omit<LoggedEvent, 'type' | 'after' | 'before' | 'reason'>;
