import type { DomainEvent, LoggedEvent } from '../decider';
import type { OpenedShipment } from '../order/events';
import type { Problem } from '../order/schema';
import type { Milestone } from '../tracking/schema';
import type { Parcel } from './schema';

interface QuantityOfLine {
  line_id: string;
  quantity: number;
}

/** A box as the warehouse packed it, before it has a label. */
export type PackedParcel = Pick<Parcel, 'parcel_id' | 'weight_grams' | 'length_mm' | 'width_mm' | 'height_mm'>;

/** What buying the label came to. `parcels` pairs each box with its tracking number. */
export interface LabelOutcome {
  booking_id: string;
  carrier: string;
  service: string;
  parcels: { parcel_id: string; tracking_number: string }[];
  cost: { amount: number; currency: string };
  estimated_delivery_at: string | null;
}

/** A parcel's state after its tracking log grew. */
export interface TrackingUpdate {
  tracking_number: string;
  tracking_event_id: string;
  milestone: Milestone;
  at: string;
}

/** Everything that can become true of a shipment. */
export type ShipmentEvent =
  | DomainEvent<'opened', OpenedShipment>
  | DomainEvent<'released', { fulfillment_id: string }>
  | DomainEvent<'accepted', Record<string, never>>
  | DomainEvent<'picked', { lines: QuantityOfLine[] }>
  | DomainEvent<'packed', { parcels: PackedParcel[]; lines: QuantityOfLine[] }>
  | DomainEvent<'labelled', LabelOutcome>
  | DomainEvent<'handed_off', Record<string, never>>
  | DomainEvent<'announced', { announcement_id: string }>
  | DomainEvent<'payment_captured', { capture_ids: string[] }>
  | DomainEvent<'invoiced', { invoice_id: string }>
  | DomainEvent<'tracking_updated', TrackingUpdate>
  | DomainEvent<'delivered', { delivered_at: string }>
  | DomainEvent<'problem_raised', { problem: Problem }>
  | DomainEvent<'problem_cleared', { problem_id: string; code: string }>
  | DomainEvent<'recheck_requested', { code: string }>
  | DomainEvent<'refused', { kind: string; code: string; detail: string }>;

/** A shipment's event with its place in the log. */
export type LoggedShipmentEvent = ShipmentEvent & Omit<LoggedEvent, 'type' | 'after' | 'before' | 'reason'>;
