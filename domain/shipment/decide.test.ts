import { expect, test } from '@jest/globals';
import { at, newShipment, settings, types } from '../../test/domain/aggregate';
import { fold, type LoggedEvent } from '../decider';
import type { OpenedShipment } from '../order/events';
import type { Milestone } from '../tracking/schema';
import type { ShipmentReport } from '../order/decide';
import { shipmentDecider } from './decide';
import { evolveShipment } from './evolve';

type ShipmentInMemory = ReturnType<typeof newShipment>;

const id = 'shp_x_1';
const captureShare = { provider: 'pay', authorization_reference: 'auth', amount: 4488, capture_id: null };

function open(changes: Partial<OpenedShipment> = {}): ShipmentInMemory {
  const body: OpenedShipment = {
    shipment_id: id,
    order_id: 'ord_x',
    order_workflow_id: 'order/chn_web/W-1',
    order_placed_at: '2026-01-01T00:00:00.000Z',
    channel_id: 'chn_web',
    n: 1,
    location_id: 'loc_near',
    routing_decision_id: 'rtd_x_1',
    currency: 'EUR',
    service: 'standard',
    lines: [{ line_id: 'a', sku: 'TEE', quantity: 2 }],
    captures: [captureShare],
    invoice: { lines: [{ line_id: 'a', sku: 'TEE', quantity: 2, amount: 3998 }], shipping: 490, total: 4488 },
    ...changes,
  };
  const shipment = newShipment(id);
  shipment.when({ cause_id: id, kind: 'open', body }, 0);
  return shipment;
}

function warehouse(
  shipment: ShipmentInMemory,
  type: string,
  seconds: number,
  lines: { line_id: string; quantity: number }[] = shipment.current.lines.map(({ line_id, quantity }) => ({
    line_id,
    quantity,
  })),
  parcelIds = type === 'packed' ? ['p1'] : [],
): LoggedEvent[] {
  const parcels = parcelIds.map((parcel_id) => ({
    parcel_id,
    weight_grams: 900,
    length_mm: 300,
    width_mm: 200,
    height_mm: 100,
  }));
  const body = { event_id: `${type}-${String(seconds)}`, type, at: at(seconds), lines, parcels };
  return shipment.when({ cause_id: `scan/wms/${type}/${String(seconds)}`, kind: 'fulfillment_event', body }, seconds);
}

function release(shipment: ShipmentInMemory, seconds = 1): void {
  shipment.take('release', seconds, { body: { outcome: { fulfillment_id: 'ful_1' } } });
}

function label(shipment: ShipmentInMemory, seconds: number): LoggedEvent[] {
  const parcels = shipment.current.parcels.map(({ parcel_id }) => ({ parcel_id, tracking_number: `T-${parcel_id}` }));
  const cost = { amount: 520, currency: 'EUR' };
  const outcome = {
    booking_id: 'bok_1',
    carrier: 'acme',
    service: 'standard',
    parcels,
    cost,
    estimated_delivery_at: at(90_000),
  };
  return shipment.take('label', seconds, { body: { outcome } });
}

function handedOff(parcelIds = ['p1']): ShipmentInMemory {
  const shipment = open();
  release(shipment);
  warehouse(shipment, 'packed', 10, undefined, parcelIds);
  label(shipment, 11);
  shipment.take('handoff', 12, { reference: { stock_shipped: true } });
  return shipment;
}

function scan(
  shipment: ShipmentInMemory,
  milestone: Milestone,
  seconds: number,
  trackingNumber = 'T-p1',
): LoggedEvent[] {
  const cause_id = `scan/c/${milestone}-${String(seconds)}-${trackingNumber}`;
  const body = { tracking_number: trackingNumber, tracking_event_id: cause_id, milestone, at: at(seconds) };
  return shipment.when({ cause_id, kind: 'tracking', body }, seconds);
}

function fault(
  shipment: ShipmentInMemory,
  effect: string,
  seconds: number,
  kind = 'unavailable',
  reason: string | null = null,
): LoggedEvent[] {
  return shipment.take(effect, seconds, { body: { fault: { kind, code: 'http_503', reason } } });
}

test('an opened shipment is allocated and asks its warehouse first', () => {
  const shipment = open();
  expect(shipment.current).toMatchObject({
    version: 1,
    fulfillment_stage: 'allocated',
    waiting_for: 'warehouse',
    lines: [{ picked: 0 }],
  });
  expect(shipment.next(1)).toEqual({ steps: ['release'], until: null, end: false });
  expect(shipment.sent).toEqual([]);
});

test('opening it again is refused; nothing else creates a shipment', () => {
  const shipment = open();
  const again = shipment.when({ cause_id: 'again', kind: 'open', body: {} }, 1);
  expect(again).toMatchObject([{ type: 'refused', after: { code: 'ALREADY_OPEN' } }]);
  expect(() => newShipment(id).when({ cause_id: 's', kind: 'tracking', body: {} }, 0)).toThrow(/cannot create/);
  const log = open().log.map((event) => ({ ...event, type: 'picked' }));
  expect(() => fold(evolveShipment, log)).toThrow(/not with its opening/);
});

test('release, pick, pack, label, handoff, and what is owed at the handoff, each once and in this order', () => {
  const shipment = open();
  release(shipment);
  expect(shipment.current).toMatchObject({ fulfillment_stage: 'released', fulfillment_id: 'ful_1' });
  expect(shipment.next(2)).toEqual({ steps: [], until: null, end: false });
  warehouse(shipment, 'accepted', 2, []);
  warehouse(shipment, 'picked', 3, [{ line_id: 'a', quantity: 1 }]);
  expect(shipment.current).toMatchObject({ fulfillment_stage: 'picking', picked_at: null });
  warehouse(shipment, 'picked', 4);
  expect(shipment.current).toMatchObject({ fulfillment_stage: 'picked', picked_at: at(4) });
  warehouse(shipment, 'packed', 5);
  expect(shipment.current).toMatchObject({
    fulfillment_stage: 'packed',
    waiting_for: 'carrier',
    lines: [{ packed: 2, shipped: 0 }],
  });
  expect(shipment.next(6).steps).toEqual(['label']);
  label(shipment, 6);
  expect(shipment.current).toMatchObject({
    carrier: 'acme',
    parcels: [{ tracking_number: 'T-p1', milestone: 'LABEL_CREATED' }],
  });
  expect(shipment.next(7).steps).toEqual(['handoff']);
  shipment.take('handoff', 7);
  expect(shipment.current).toMatchObject({
    fulfillment_stage: 'handed_off',
    lines: [{ shipped: 2 }],
    waiting_until: at(90_000),
  });
  expect(shipment.next(8).steps).toEqual(['announce', 'capture', 'invoice']);
  shipment.take('announce', 8, { body: { outcome: { announcement_id: 'ann_1' } } });
  shipment.take('capture', 9, { body: { outcome: { capture_ids: ['cap_1'] } } });
  expect(shipment.next(10).steps).toEqual(['invoice']);
  shipment.take('invoice', 10, { body: { outcome: { invoice_id: 'inv_1' } } });
  expect(shipment.current).toMatchObject({
    announcement_id: 'ann_1',
    invoice_id: 'inv_1',
    captures: [{ capture_id: 'cap_1' }],
  });
  expect(shipment.next(11)).toEqual({ steps: [], until: null, end: false });
  scan(shipment, 'DELIVERED', 20);
  expect(shipment.current).toMatchObject({
    fulfillment_stage: 'delivered',
    lines: [{ delivered: 2 }],
    waiting_for: null,
  });
  expect(shipment.next(21)).toEqual({ steps: [], until: null, end: true });
});

test('the handoff is decided only when the goods left the stock’s books', () => {
  const shipment = open();
  release(shipment);
  warehouse(shipment, 'packed', 5);
  label(shipment, 6);
  const [step] = shipmentDecider.next(shipment.facts, at(7)).steps;
  expect(shipmentDecider.decidable(step!, { now: at(7), settings })).toBe(false);
  expect(shipmentDecider.decidable(step!, { now: at(7), settings, reference: { stock_shipped: true } })).toBe(true);
});

test('where the hub does not collect, nothing is captured', () => {
  const shipment = open({ captures: [] });
  release(shipment);
  warehouse(shipment, 'packed', 5);
  label(shipment, 6);
  shipment.take('handoff', 7);
  expect(shipment.next(8).steps).toEqual(['announce', 'invoice']);
});

test('a delivered shipment does not end before what is owed is done', () => {
  const shipment = handedOff();
  scan(shipment, 'DELIVERED', 20);
  expect(shipment.next(21)).toMatchObject({ steps: ['announce', 'capture', 'invoice'], end: false });
});

test('packed before picked counts as picked, and a late pick report is refused', () => {
  const shipment = open();
  release(shipment);
  warehouse(shipment, 'packed', 5);
  expect(shipment.current).toMatchObject({
    fulfillment_stage: 'packed',
    picked_at: at(5),
    lines: [{ picked: 2, packed: 2 }],
  });
  expect(warehouse(shipment, 'picked', 6)).toMatchObject([{ type: 'refused', after: { code: 'ALREADY_PACKED' } }]);
  expect(warehouse(shipment, 'packed', 7)).toMatchObject([{ type: 'refused', after: { code: 'ALREADY_PACKED' } }]);
  expect(shipment.current.lines).toMatchObject([{ picked: 2, packed: 2 }]);
});

test('a warehouse’s report that comes before its acceptance of the release is on record counts', () => {
  const shipment = open();
  warehouse(shipment, 'packed', 1);
  expect(shipment.current.fulfillment_stage).toBe('packed');
  expect(shipment.next(2).steps).toEqual(['release']);
  release(shipment, 2);
  expect(shipment.next(3).steps).toEqual(['label']);
});

test.each([
  ['more than the line has', [{ line_id: 'a', quantity: 3 }]],
  ['less than nothing', [{ line_id: 'a', quantity: -1 }]],
  ['a line that is not there', [{ line_id: 'z', quantity: 1 }]],
])('a warehouse that reports %s is refused and counts nothing', (_name, lines) => {
  for (const type of ['picked', 'packed']) {
    const shipment = open();
    release(shipment);
    expect(warehouse(shipment, type, 5, lines)).toMatchObject([{ type: 'refused', after: { code: 'QUANTITY_WRONG' } }]);
    expect(shipment.current).toMatchObject({
      fulfillment_stage: 'released',
      lines: [{ picked: 0, packed: 0 }],
      parcels: [],
    });
  }
});

test('packed without a parcel, accepted twice and unknown reports are refused', () => {
  const shipment = open();
  release(shipment);
  expect(warehouse(shipment, 'packed', 2, undefined, [])).toMatchObject([{ after: { code: 'PARCELS_MISSING' } }]);
  warehouse(shipment, 'accepted', 3, []);
  expect(warehouse(shipment, 'accepted', 4, [])).toMatchObject([{ after: { code: 'ALREADY_ACCEPTED' } }]);
  expect(warehouse(shipment, 'teleported', 5)).toMatchObject([{ after: { code: 'EVENT_UNKNOWN' } }]);
  expect(shipment.when({ cause_id: 'cmd_1', kind: 'dance', body: {} }, 6)).toMatchObject([
    { after: { code: 'COMMAND_UNKNOWN' } },
  ]);
});

test('a label that fails becomes LABEL_FAILED, with whom and until when it waits, and is tried again after that', () => {
  const shipment = open();
  release(shipment);
  warehouse(shipment, 'packed', 5);
  expect(types(fault(shipment, 'label', 6))).toEqual(['problem_raised']);
  expect(shipment.current).toMatchObject({
    waiting_for: 'carrier',
    waiting_until: at(6 + settings.retry_s),
    problems: [{ code: 'LABEL_FAILED', scope: 'shipment', scope_id: id, stage: 'packed', since: at(6) }],
  });
  expect(shipment.next(7)).toEqual({ steps: [], until: at(6 + settings.retry_s), end: false });
  expect(shipment.next(6 + settings.retry_s).steps).toEqual(['label']);
  fault(shipment, 'label', 6 + settings.retry_s);
  expect(shipment.current.problems).toMatchObject([{ since: at(6), until: at(6 + 2 * settings.retry_s) }]);
  expect(types(label(shipment, 6 + 2 * settings.retry_s))).toEqual(['labelled', 'problem_cleared']);
  expect(shipment.current.problems).toEqual([]);
});

test.each(['rejected', 'invalid', 'unauthenticated', 'forbidden', 'misconfigured', 'unexpected_response'])(
  'a fault of kind %s waits for an operator',
  (kind) => {
    const shipment = open();
    fault(shipment, 'release', 1, kind);
    expect(shipment.current).toMatchObject({ waiting_for: 'operator', problems: [{ code: 'RELEASE_FAILED' }] });
  },
);

test.each([
  ['announce', 'ANNOUNCE_FAILED', 'channel'],
  ['capture', 'CAPTURE_FAILED', 'payment'],
  ['invoice', 'INVOICE_FAILED', 'erp'],
])('a failed %s is %s, waits for the %s and stops nothing else', (effect, code, waitingFor) => {
  const shipment = handedOff();
  fault(shipment, effect, 20);
  expect(shipment.current.problems).toMatchObject([
    { code, waiting_for: waitingFor, until: at(20 + settings.retry_s) },
  ]);
  expect(shipment.next(21).steps).toEqual(['announce', 'capture', 'invoice'].filter((name) => name !== effect));
  expect(shipment.next(21).until).toBe(at(20 + settings.retry_s));
  scan(shipment, 'DELIVERED', 30);
  expect(shipment.current.fulfillment_stage).toBe('delivered');
});

test('a capture whose outcome nobody knows is PAYMENT_IN_DOUBT until it is known', () => {
  const shipment = handedOff();
  fault(shipment, 'capture', 20, 'outcome_unknown');
  expect(shipment.current.problems).toMatchObject([{ code: 'PAYMENT_IN_DOUBT' }]);
  shipment.take('capture', 20 + settings.retry_s, { body: { outcome: { capture_ids: ['cap_1'] } } });
  expect(shipment.current).toMatchObject({ problems: [], captures: [{ capture_id: 'cap_1' }] });
});

test('a capture in doubt that then fails otherwise waits for the later of the two times, never at once', () => {
  const shipment = handedOff();
  fault(shipment, 'capture', 20, 'outcome_unknown');
  const second = 20 + settings.retry_s;
  fault(shipment, 'capture', second, 'rejected', 'declined');
  expect(shipment.current.problems.map((problem) => problem.code).toSorted()).toEqual([
    'CAPTURE_FAILED',
    'PAYMENT_IN_DOUBT',
  ]);
  expect(shipment.next(second + 1).steps).not.toContain('capture');
  expect(shipment.next(second + settings.retry_s).steps).toContain('capture');
  shipment.take('capture', second + settings.retry_s, { body: { outcome: { capture_ids: ['cap_1'] } } });
  expect(shipment.current.problems).toEqual([]);
});

test('what a fault leaves on record is its kind, reason and code alone', () => {
  const shipment = open();
  const body = {
    fault: { kind: 'rejected', code: 'ADDR', reason: 'address', message: 'Marker Street 7', raw: 'Marker' },
  };
  shipment.take('release', 1, { body });
  expect(shipment.current.problems[0]?.detail).toBe(
    'The warehouse did not take the shipment: rejected, address (ADDR).',
  );
  expect(JSON.stringify([shipment.current, shipment.log, shipment.sent])).not.toMatch(/marker/i);
});

test('a recheck ends the waiting of a problem at once, and is refused where there is none', () => {
  const shipment = open();
  fault(shipment, 'release', 1);
  shipment.when({ cause_id: 'cmd_1', kind: 'recheck', body: { code: 'RELEASE_FAILED' } }, 5);
  expect(shipment.next(5).steps).toEqual(['release']);
  expect(shipment.when({ cause_id: 'cmd_2', kind: 'recheck', body: { code: 'LABEL_FAILED' } }, 6)).toMatchObject([
    { type: 'refused', after: { code: 'NOT_WAITING' } },
  ]);
});

test('scans wait until the label and the handoff are on record, so that what is delivered was shipped', () => {
  const cause = { cause_id: 's', kind: 'tracking', body: {}, at: at(1), actor: { kind: 'partner', id: 'c' } } as const;
  const shipment = open();
  release(shipment);
  expect(shipmentDecider.ready(shipment.current, cause)).toBe(false);
  expect(shipmentDecider.ready(shipment.current, { ...cause, kind: 'fulfillment_event' })).toBe(true);
  warehouse(shipment, 'packed', 5);
  label(shipment, 6);
  expect(shipmentDecider.ready(shipment.current, cause)).toBe(false);
  shipment.take('handoff', 7);
  expect(shipmentDecider.ready(shipment.current, cause)).toBe(true);
});

test('delivered stays delivered, whatever the carrier says after it', () => {
  const shipment = handedOff();
  scan(shipment, 'OUT_FOR_DELIVERY', 20);
  expect(types(scan(shipment, 'DELIVERED', 30))).toEqual(['tracking_updated', 'delivered']);
  const after: Milestone[] = [
    'IN_TRANSIT',
    'DELIVERY_ATTEMPTED',
    'RETURN_TO_SENDER',
    'RETURNED',
    'CANCELLED',
    'DELIVERED',
    'UNKNOWN',
  ];
  for (const [index, milestone] of after.entries()) {
    expect(scan(shipment, milestone, 40 + index)).toMatchObject([
      { type: 'refused', after: { code: 'ALREADY_FURTHER' } },
    ]);
  }
  expect(shipment.current).toMatchObject({
    delivered_at: at(30),
    parcels: [{ milestone: 'DELIVERED' }],
    lines: [{ delivered: 2 }],
  });
});

test('a milestone that the parcel has passed, and a parcel that is not ours, are refused', () => {
  const shipment = handedOff();
  scan(shipment, 'OUT_FOR_DELIVERY', 20);
  expect(scan(shipment, 'IN_TRANSIT', 21)).toMatchObject([{ after: { code: 'ALREADY_FURTHER' } }]);
  expect(scan(shipment, 'DELIVERED', 22, 'T-other')).toMatchObject([{ after: { code: 'PARCEL_UNKNOWN' } }]);
  expect(shipment.current.parcels[0]?.milestone).toBe('OUT_FOR_DELIVERY');
});

test('a shipment of two parcels is delivered with the second, at the later of their times', () => {
  const shipment = handedOff(['p1', 'p2']);
  expect(types(scan(shipment, 'DELIVERED', 50, 'T-p2'))).toEqual(['tracking_updated']);
  expect(shipment.current).toMatchObject({
    fulfillment_stage: 'in_transit',
    delivered_at: null,
    lines: [{ delivered: 0 }],
  });
  expect(types(scan(shipment, 'DELIVERED', 40, 'T-p1'))).toEqual(['tracking_updated', 'delivered']);
  expect(shipment.current).toMatchObject({ delivered_at: at(50), lines: [{ delivered: 2 }] });
});

test('a shipment reports each stage to its order once, with the version that it reports', () => {
  const shipment = handedOff();
  scan(shipment, 'IN_TRANSIT', 20);
  scan(shipment, 'OUT_FOR_DELIVERY', 21);
  scan(shipment, 'DELIVERED', 22);
  expect(shipment.sent.map((row) => row.cause_id)).toEqual(
    ['released', 'packed', 'labelled', 'handed_off', 'in_transit', 'delivered'].map((stage) => `rep/${id}/${stage}`),
  );
  const versions = shipment.sent.map((row) => (row.body as ShipmentReport).summary.reported_version);
  expect(versions).toEqual(versions.toSorted((a, b) => a - b));
  expect(shipment.sent.at(-1)).toMatchObject({
    to: 'ord_x',
    workflow_id: 'order/chn_web/W-1',
    kind: 'report',
    body: {
      summary: {
        stage: 'delivered',
        milestone: 'DELIVERED',
        lines: [{ picked: 2, packed: 2, shipped: 2, delivered: 2 }],
      },
    },
  });
});

test('problems are reported as they come and go, and each report has an id of its own', () => {
  const shipment = open();
  fault(shipment, 'release', 1);
  fault(shipment, 'release', 1 + settings.retry_s);
  release(shipment, 1 + 2 * settings.retry_s);
  const reports = shipment.sent.map((row) => [row.cause_id, (row.body as ShipmentReport).problems.length]);
  expect(reports).toEqual([
    [`rep/${id}/step/release/1`, 1],
    [`rep/${id}/step/release/2`, 1],
    [`rep/${id}/released`, 0],
  ]);
});

test('a stage that is left and reached again is reported under another id', () => {
  const shipment = open();
  release(shipment);
  warehouse(shipment, 'picked', 2);
  warehouse(shipment, 'picked', 3, [{ line_id: 'a', quantity: 1 }]);
  warehouse(shipment, 'picked', 4);
  expect(shipment.sent.map((row) => row.cause_id)).toEqual([
    `rep/${id}/released`,
    `rep/${id}/picked`,
    `rep/${id}/picking`,
    `rep/${id}/picked/2`,
  ]);
});

test('a quiet cause reports nothing', () => {
  const shipment = open();
  release(shipment);
  shipment.sent.length = 0;
  warehouse(shipment, 'accepted', 2, []);
  expect(shipment.sent).toEqual([]);
});
