import type { LoggedEvent } from '../../domain/decider';
import type { OpenedShipment } from '../../domain/order/events';
import { orderWorkflowId, shipmentId } from '../../domain/order/ids';
import type { LabelOutcome, PackedParcel, ShipmentEvent } from '../../domain/shipment/events';
import { evolveShipment } from '../../domain/shipment/evolve';
import type { Shipment } from '../../domain/shipment/schema';
import { createPresent, presentEvent } from '../present';
import { locationExample } from './master-data';
import { orderExample } from './order';

const { order_id, channel_id, channel_order_id, currency, service_level, payments, totals } = orderExample;
const shipment_id = shipmentId(order_id, 1);
const lines = orderExample.lines.map(({ line_id, sku, quantity }) => ({ line_id, sku, quantity }));

const opened: OpenedShipment = {
  shipment_id,
  order_id,
  order_workflow_id: orderWorkflowId(channel_id, channel_order_id),
  order_placed_at: orderExample.placed_at,
  channel_id,
  n: 1,
  location_id: locationExample.location_id,
  routing_decision_id: `rtd_${order_id.slice(4)}_1`,
  currency,
  service: service_level,
  lines,
  captures: payments.map(({ provider, reference, amount }) => ({
    provider,
    authorization_reference: reference,
    amount,
    capture_id: null,
  })),
  invoice: {
    lines: lines.map((line) => ({ ...line, amount: totals.subtotal })),
    shipping: totals.shipping_total,
    total: totals.grand_total,
  },
};
const parcel: PackedParcel = {
  parcel_id: `${shipment_id}-1`,
  weight_grams: 420,
  length_mm: 320,
  width_mm: 240,
  height_mm: 60,
};
const label: LabelOutcome = {
  booking_id: 'bkg_7f3a',
  carrier: 'sandbox-carrier',
  service: service_level,
  parcels: [{ parcel_id: parcel.parcel_id, tracking_number: 'WB000000017DE' }],
  cost: { amount: 540, currency },
  estimated_delivery_at: '2026-03-04T16:00:00.000Z',
};
const events: ShipmentEvent[] = [
  { type: 'opened', after: opened },
  { type: 'released', after: { fulfillment_id: 'ful_2041' } },
  { type: 'picked', after: { lines: lines.map(({ line_id, quantity }) => ({ line_id, quantity })) } },
  {
    type: 'packed',
    after: { parcels: [parcel], lines: lines.map(({ line_id, quantity }) => ({ line_id, quantity })) },
  },
  { type: 'labelled', after: label },
];
const log = events.map((event, index): LoggedEvent => {
  const at = `2026-03-01T1${String(index)}:00:00.000Z`;
  return {
    event_id: `evt_01JNQ6B4T${String(index)}R8W2Y5X7Z9C1V3N0`,
    entity: 'shipment',
    entity_id: shipment_id,
    order_id,
    version: index + 1,
    cause_id: index === 0 ? shipment_id : `step/${event.type}/1`,
    seq: 0,
    at,
    recorded_at: at,
    actor: { kind: 'system', id: 'hub' },
    ...event,
  };
});
const [opening] = log;
const shipment = log.reduce<Shipment | undefined>(evolveShipment, undefined);
if (!shipment || !opening) throw new Error('The example shipment has no events.');

/** A labelled shipment of the example order, by the same rules as a real one. */
export const shipmentExample = createPresent({
  temporal_ui_url: 'http://127.0.0.1:8233',
  temporal_namespace: 'default',
}).shipment(
  {
    shipment,
    labels: [{ shipment_id, parcel_id: parcel.parcel_id, format: 'pdf', voided_at: null }],
    tracking: [
      {
        tracking_event_id: 'trk_9b1c',
        carrier: label.carrier,
        tracking_number: 'WB000000017DE',
        shipment_id,
        milestone: 'LABEL_CREATED',
        code: 'LC',
        text: 'Label created',
        reason: null,
        at: '2026-03-01T14:00:00.000Z',
        received_at: '2026-03-01T14:00:02.000Z',
        place: 'Berlin',
        raw: null,
      },
    ],
  },
  'http://127.0.0.1:8080',
);

/** The event that opened the example shipment. */
export const shipmentEventExample = presentEvent(opening);
