import type { LoggedEvent } from '../../domain/decider';
import { orderCaptureSchema } from '../../domain/order/capture-schema';
import { decideOrder } from '../../domain/order/decide';
import type { CapturedOrder } from '../../domain/order/events';
import { evolveOrder } from '../../domain/order/evolve';
import { contentHash, orderId } from '../../domain/order/identity';
import { createPresent, presentEvent } from '../present';

const capturedAt = '2026-03-01T09:30:01.000Z';

/** The body of a capture, as the API's description shows it. */
export const captureExample = {
  channel_id: 'chn_01JNQ4X8M2ZC7T5V9B3D6F8H0K',
  channel_order_id: '#1001',
  placed_at: '2026-03-01T09:30:00.000Z',
  currency: 'EUR',
  prices_include_tax: true,
  customer: { name: 'Ada Keller', email: 'ada@example.com' },
  ship_to: {
    name: 'Ada Keller',
    line1: 'Torstraße 1',
    city: 'Berlin',
    postal_code: '10119',
    country: 'DE',
  },
  lines: [
    {
      line_id: '1',
      sku: 'TEE-BLK-M',
      title: 'T-shirt, black, M',
      quantity: 2,
      unit_price: 1990,
      taxes: [{ name: 'VAT', rate: 0.19, amount: 635 }],
    },
  ],
  shipping_charge: 490,
  payments: [{ provider: 'sandbox-payment', reference: 'pay_1001', amount: 4470, state: 'authorized' }],
  metadata: { campaign: 'spring' },
};

const capture = orderCaptureSchema.parse(captureExample);
const order_id = orderId(capture.channel_id, capture.channel_order_id);
const captured: CapturedOrder = {
  ...capture,
  order_id,
  content_hash: contentHash(capture),
  customer_id: 'cus_01JNQ4X8M5W1Y6R4K8E2A7G9PQ',
};
const actor = { kind: 'api_key', id: 'key_start' } as const;
const decision = decideOrder(
  undefined,
  { cause_id: order_id, kind: 'capture', body: captured, at: capturedAt, actor },
  { now: capturedAt, settings: { return_window_s: 1, retry_s: 1, backorder_recheck_s: 1 } },
);
const logged: LoggedEvent = {
  event_id: 'evt_01JNQ4X8MA3T0C6N9Y5J1S7WEB',
  entity: 'order',
  entity_id: order_id,
  order_id,
  version: 1,
  cause_id: order_id,
  seq: 0,
  at: capturedAt,
  recorded_at: capturedAt,
  actor,
  ...decision.events[0],
};

/** The order that the example capture becomes, by the same rules as a real one. */
export const orderExample = createPresent({
  temporal_ui_url: 'http://127.0.0.1:8233',
  temporal_namespace: 'default',
}).order(evolveOrder(undefined, logged), 'http://127.0.0.1:8080');

/** The event of the example capture. */
export const eventExample = presentEvent(logged);

/** A note on the example order. */
export const noteExample = {
  note_id: 'note_01JNQ5A7H8R2V6X4Z0B3D5F7GK',
  text: 'Customer asks for a call before delivery.',
  at: '2026-03-01T10:00:00.000Z',
  by: 'key_start',
};
