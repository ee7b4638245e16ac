import type { FulfillmentStage } from '../domain/order/schema';
import type { Shipment } from '../domain/shipment/schema';
import type { TrackingEvent } from '../domain/tracking/schema';
import type { Store } from './connect';
import type { StoredLabel } from './rows';

/** What a list of shipments may be narrowed to; all that is given must hold. */
export interface ShipmentFilter {
  order_id?: string | undefined;
  fulfillment_stage?: FulfillmentStage | undefined;
  location_id?: string | undefined;
  carrier?: string | undefined;
}

/** A label as far as a shipment shows it: without its content. */
export type LabelSummary = Pick<StoredLabel, 'shipment_id' | 'parcel_id' | 'format' | 'voided_at'>;

/** A shipment with what is kept beside it. */
export interface ShipmentRecord {
  shipment: Shipment;
  labels: LabelSummary[];
  /** Oldest first. */
  tracking: TrackingEvent[];
}

async function withRecords(store: Store, shipments: readonly Shipment[]): Promise<ShipmentRecord[]> {
  const ids = shipments.map((shipment) => shipment.shipment_id);
  if (ids.length === 0) return [];
  const [labels, tracking] = await Promise.all([
    store.labels
      .find({ shipment_id: { $in: ids } })
      .project<LabelSummary>({ shipment_id: 1, parcel_id: 1, format: 1, voided_at: 1 })
      .toArray(),
    store.tracking_events
      .find({ shipment_id: { $in: ids } })
      .sort({ at: 1, _id: 1 })
      .toArray(),
  ]);
  return shipments.map((shipment) => ({
    shipment,
    labels: labels.filter((label) => label.shipment_id === shipment.shipment_id),
    tracking: tracking.filter((event) => event.shipment_id === shipment.shipment_id),
  }));
}

/** A shipment with its labels and tracking events, or undefined. */
export async function findShipment(store: Store, shipmentId: string): Promise<ShipmentRecord | undefined> {
  const shipment = await store.shipments.findOne({ _id: shipmentId });
  if (!shipment) return undefined;
  const [record] = await withRecords(store, [shipment]);
  return record;
}

/** Shipments that meet a filter, newest first; `after` is where the page before ended: [opened_at, shipment_id]. */
export async function listShipments(
  store: Store,
  filter: ShipmentFilter,
  page: { after?: readonly [string, string] | undefined; limit: number },
): Promise<ShipmentRecord[]> {
  const given = Object.entries(filter).filter(([, value]) => value !== undefined);
  const all: Record<string, unknown>[] = given.map(([field, value]) => ({ [field]: value as string }));
  if (page.after) {
    const [openedAt, id] = page.after;
    all.push({ $or: [{ opened_at: { $lt: openedAt } }, { opened_at: openedAt, _id: { $lt: id } }] });
  }
  const found = await store.shipments
    .find(all.length === 0 ? {} : { $and: all })
    .sort({ opened_at: -1, _id: -1 })
    .limit(page.limit)
    .toArray();
  return withRecords(store, found);
}

/** The labels of a shipment with their content, void ones too, in the order of their parcels. */
export async function findLabels(store: Store, shipmentId: string): Promise<StoredLabel[]> {
  return store.labels.find({ shipment_id: shipmentId }).sort({ parcel_id: 1, _id: 1 }).toArray();
}
