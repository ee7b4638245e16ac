import { expect, test } from '@jest/globals';
import {
  at,
  capturedOrder,
  destination,
  newOrder,
  newShipment,
  settings,
  source,
  types,
} from '../../test/domain/aggregate';
import { fold, type LoggedEvent } from '../decider';
import type { OpenedShipment } from './events';
import { evolveOrder } from './evolve';

type OrderInMemory = ReturnType<typeof newOrder>;

function capture(changes: Parameters<typeof capturedOrder>[0] = {}): OrderInMemory {
  const body = capturedOrder(changes);
  const order = newOrder(body);
  order.when({ cause_id: body.order_id, kind: 'capture', body }, 0);
  return order;
}

function validated(changes: Parameters<typeof capturedOrder>[0] = {}): OrderInMemory {
  const order = capture(changes);
  const skus = Object.fromEntries(order.current.lines.map((line) => [line.channel_sku, line.channel_sku]));
  order.take('validate', 1, { reference: { skus } });
  return order;
}

function route(order: OrderInMemory, stock: Record<string, number>, seconds = 2): LoggedEvent[] {
  return order.take('route', seconds, {
    reference: { routing: { sources: [source('loc_near', stock)], destination } },
  });
}

function reserve(order: OrderInMemory, held: boolean, seconds = 3): LoggedEvent[] {
  const lost = held ? [] : [{ sku: 'TEE', location_id: 'loc_near' }];
  return order.take('reserve', seconds, { body: { reservation_id: `res_${String(seconds)}`, held, lost } });
}

function opened(order: OrderInMemory): OpenedShipment[] {
  return order.sent.filter((row) => row.kind === 'open').map((row) => row.body as OpenedShipment);
}

/** An order whose first shipment is open, and that shipment. */
function withShipment(
  changes: Parameters<typeof capturedOrder>[0] = {},
): [OrderInMemory, ReturnType<typeof newShipment>] {
  const order = validated(changes);
  route(order, { TEE: 50, CAP: 50 });
  reserve(order, true);
  order.take('open', 4);
  const [first] = opened(order);
  const shipment = newShipment(first!.shipment_id);
  shipment.when({ cause_id: first!.shipment_id, kind: 'open', body: first }, 5);
  return [order, shipment];
}

/** Hands every report of a shipment to its order, in the order in which they were sent. */
function report(order: OrderInMemory, shipment: ReturnType<typeof newShipment>, seconds: number): void {
  for (const row of shipment.sent.splice(0)) order.when(row, seconds);
}

function deliver(order: OrderInMemory, shipment: ReturnType<typeof newShipment>, seconds: number): void {
  const lines = shipment.current.lines.map(({ line_id, quantity }) => ({ line_id, quantity }));
  const parcels = [{ parcel_id: 'p1', weight_grams: 900, length_mm: null, width_mm: null, height_mm: null }];
  shipment.take('release', seconds, { body: { outcome: { fulfillment_id: 'ful_1' } } });
  report(order, shipment, seconds);
  shipment.when(
    {
      cause_id: 'scan/wms/1',
      kind: 'fulfillment_event',
      body: { event_id: '1', type: 'packed', at: at(seconds), lines, parcels },
    },
    seconds,
  );
  report(order, shipment, seconds);
  const label = {
    booking_id: 'b',
    carrier: 'acme',
    service: 'standard',
    parcels: [{ parcel_id: 'p1', tracking_number: 'T1' }],
    cost: { amount: 500, currency: 'EUR' },
    estimated_delivery_at: at(90_000),
  };
  shipment.take('label', seconds, { body: { outcome: label } });
  shipment.take('handoff', seconds);
  report(order, shipment, seconds);
  const body = { tracking_number: 'T1', tracking_event_id: 'c/1', milestone: 'DELIVERED', at: at(seconds) };
  shipment.when({ cause_id: 'scan/c/1', kind: 'tracking', body }, seconds);
  report(order, shipment, seconds);
}

test('a capture becomes an order with its lines, totals and nothing counted yet', () => {
  const order = capture({
    shipping_charge: 490,
    payments: [{ provider: 'pay', reference: 'auth', amount: 4488, state: 'authorized' }],
  });
  expect(types(order.log)).toEqual(['captured']);
  expect(order.current).toMatchObject({
    version: 1,
    status: 'pending',
    fulfillment_stage: 'captured',
    waiting_for: 'hub',
    totals: { subtotal: 3998, shipping_total: 490, grand_total: 4488 },
    lines: [{ line_id: 'a', channel_sku: 'TEE', quantity: 2, allocated: 0, shipped: 0 }],
    payments: [{ collected_by: 'hub', planned: 0 }],
  });
  expect(order.next(1)).toEqual({ steps: ['validate'], until: null, end: false });
});

test('lines without an id of their own are numbered', () => {
  const order = capture({
    lines: [
      { sku: 'TEE', quantity: 1, unit_price: 1 },
      { sku: 'CAP', quantity: 1, unit_price: 1 },
    ],
  });
  expect(order.current.lines.map((line) => line.line_id)).toEqual(['1', '2']);
});

test('no two lines of an order have the same id, also where the channel numbered only some of them', () => {
  const line = { sku: 'TEE', quantity: 1, unit_price: 1 };
  const order = capture({ lines: [{ ...line, line_id: '2' }, line, line, { ...line, line_id: '6' }] });
  const ids = order.current.lines.map((given) => given.line_id);
  expect([ids[0], ids[3]]).toEqual(['2', '6']);
  expect(new Set(ids).size).toBe(4);
});

test('the same capture again changes nothing but is on record as refused', () => {
  const order = capture();
  const before = order.current;
  const events = order.when({ cause_id: 'again', kind: 'capture', body: capturedOrder() }, 9);
  expect(events).toMatchObject([{ type: 'refused', after: { code: 'ALREADY_CAPTURED' } }]);
  expect({ ...order.current, version: 0, updated_at: '' }).toEqual({ ...before, version: 0, updated_at: '' });
});

test('nothing but a capture creates an order', () => {
  expect(() => newOrder(capturedOrder()).when({ cause_id: 'cmd_1', kind: 'note', body: { text: 'x' } }, 0)).toThrow(
    /cannot create/,
  );
  const log = capture().log.map((event) => ({ ...event, type: 'noted' }));
  expect(() => fold(evolveOrder, log)).toThrow(/not with its capture/);
});

test('an imported order closes at once, without stock, shipments or a run', () => {
  const order = capture({ imported: true });
  expect(types(order.log)).toEqual(['captured', 'closed']);
  expect(order.current).toMatchObject({ status: 'closed', fulfillment_stage: 'closed', waiting_for: null });
  expect(order.next(1)).toEqual({ steps: [], until: null, end: true });
  expect(order.sent).toEqual([]);
});

test('a test order is validated and closes without ever touching stock', () => {
  const order = validated({ test: true });
  expect(order.next(2).steps).toEqual(['close']);
  order.take('close', 2);
  expect(order.current).toMatchObject({ status: 'closed', lines: [{ allocated: 0 }], shipments: [] });
  expect(types(order.log)).not.toContain('routed');
});

test('an unknown SKU parks the order under SKU_UNKNOWN and says for whom and until when it waits', () => {
  const order = capture({
    lines: [
      { sku: 'TEE', quantity: 1, unit_price: 1 },
      { sku: 'NEW', quantity: 1, unit_price: 1 },
    ],
  });
  order.take('validate', 10, { reference: { skus: { TEE: 'TEE' } } });
  expect(order.current).toMatchObject({
    status: 'exception',
    waiting_for: 'operator',
    waiting_until: at(10 + settings.retry_s),
  });
  expect(order.current.problems).toMatchObject([
    { code: 'SKU_UNKNOWN', since: at(10), until: at(10 + settings.retry_s) },
  ]);
  expect(order.current.problems[0]?.detail).toMatch(/NEW/);
  expect(order.current.problems[0]?.detail).not.toMatch(/TEE/);
  expect(order.next(11)).toEqual({ steps: [], until: at(10 + settings.retry_s), end: false });
});

test('an order parked for its SKU looks again by itself and keeps one problem with its age', () => {
  const order = capture();
  order.take('validate', 10, { reference: { skus: {} } });
  const [first] = order.current.problems;
  order.take('validate', 10 + settings.retry_s, { reference: { skus: {} } });
  expect(order.current.problems).toEqual([{ ...first, until: at(10 + 2 * settings.retry_s) }]);
});

test('a recheck releases a parked order at once, and the alias writes our sku beside the channel’s', () => {
  const order = capture();
  order.take('validate', 10, { reference: { skus: {} } });
  expect(types(order.when({ cause_id: 'recheck/1', kind: 'recheck', body: { code: 'SKU_UNKNOWN' } }, 20))).toEqual([
    'recheck_requested',
  ]);
  expect(order.next(20).steps).toEqual(['validate']);
  expect(types(order.take('validate', 20, { reference: { skus: { TEE: 'OURS-1' } } }))).toEqual([
    'validated',
    'problem_cleared',
  ]);
  expect(order.current.lines).toMatchObject([{ sku: 'OURS-1', channel_sku: 'TEE' }]);
  expect(order.current).toMatchObject({ status: 'processing', problems: [], fulfillment_stage: 'validated' });
});

test('a recheck for what the order does not wait for is refused', () => {
  const order = validated();
  expect(order.when({ cause_id: 'recheck/1', kind: 'recheck', body: { code: 'STOCK_SHORT' } }, 5)).toMatchObject([
    { type: 'refused', after: { code: 'NOT_WAITING' } },
  ]);
});

test('route, reserve, open: the plan is allocated and becomes a shipment row of the same transaction', () => {
  const order = validated();
  expect(route(order, { TEE: 5 })).toMatchObject([
    { type: 'routed', after: { shipments: [{ n: 1, location_id: 'loc_near' }], short: [] } },
  ]);
  expect(order.current).toMatchObject({ fulfillment_stage: 'routed', plan: { reserved: false } });
  expect(types(reserve(order, true))).toEqual(['allocated']);
  expect(order.current).toMatchObject({
    fulfillment_stage: 'allocated',
    lines: [{ allocated: 2 }],
    plan: { reserved: true },
  });
  expect(types(order.take('open', 4))).toEqual(['shipment_opened']);
  const [shipment] = opened(order);
  expect(order.sent).toMatchObject([
    {
      cause_id: shipment!.shipment_id,
      to: shipment!.shipment_id,
      workflow_id: `shipment/${shipment!.shipment_id}`,
      kind: 'open',
    },
  ]);
  expect(shipment).toMatchObject({
    order_id: order.id,
    order_workflow_id: 'order/chn_web/W-1',
    lines: [{ line_id: 'a', sku: 'TEE', quantity: 2 }],
  });
  expect(order.current).toMatchObject({
    plan: null,
    shipments: [{ shipment_id: shipment!.shipment_id, stage: 'allocated' }],
    waiting_for: 'warehouse',
  });
  expect(order.next(5)).toEqual({ steps: [], until: null, end: false });
});

test('a plan over two locations opens two numbered shipments', () => {
  const order = validated({ lines: [{ line_id: 'a', sku: 'TEE', quantity: 5, unit_price: 100 }] });
  const sources = [source('loc_near', { TEE: 3 }), source('loc_far', { TEE: 9 }, 'far')];
  // The far one has everything alone; take that away to force a split.
  order.take('route', 2, {
    reference: { routing: { sources: [sources[0]!, source('loc_far', { TEE: 4 }, 'far')], destination } },
  });
  reserve(order, true);
  order.take('open', 4);
  expect(opened(order).map(({ n, location_id, lines }) => [n, location_id, lines[0]?.quantity])).toEqual([
    [1, 'loc_near', 3],
    [2, 'loc_far', 2],
  ]);
});

test('a lost race routes again on what is left', () => {
  const order = validated();
  route(order, { TEE: 5 });
  expect(types(reserve(order, false))).toEqual(['reservation_lost']);
  expect(order.current).toMatchObject({
    plan: null,
    lost_races: 1,
    lines: [{ allocated: 0 }],
    fulfillment_stage: 'validated',
  });
  expect(order.next(4).steps).toEqual(['route']);
  route(order, { TEE: 5 }, 4);
  reserve(order, true, 5);
  expect(order.current).toMatchObject({ lost_races: 0, lines: [{ allocated: 2 }] });
});

test('lost races are bounded: after ten the order waits for stock instead of routing for ever', () => {
  const order = validated();
  let races = 0;
  for (let second = 2; order.next(second).steps.includes('route') && races < 50; second += 2) {
    route(order, { TEE: 5 }, second);
    if (order.current.plan === null) break;
    reserve(order, false, second + 1);
    races += 1;
  }
  expect(races).toBe(10);
  expect(order.current).toMatchObject({
    status: 'backordered',
    waiting_for: 'stock',
    lost_races: 0,
    lines: [{ backordered: 2 }],
  });
  const until = order.next(100).until;
  expect(until).not.toBeNull();
  order.when({ cause_id: 'recheck/rcp_1', kind: 'recheck', body: { code: 'STOCK_SHORT' } }, 100);
  route(order, { TEE: 5 }, 100);
  expect(order.current.plan?.shipments).toHaveLength(1);
});

test('a reservation that comes for a plan that is gone is refused, so that it is given back', () => {
  const order = validated();
  const body = { reservation_id: 'res_1', held: true, lost: [] };
  expect(order.when({ cause_id: 'step/reserve/1', kind: 'step', body }, 5)).toMatchObject([
    { type: 'refused', after: { code: 'NO_PLAN' } },
  ]);
  expect(order.current.lines[0]?.allocated).toBe(0);
});

test('an order that is all short is backordered under STOCK_SHORT, with whom and until when it waits', () => {
  const order = validated();
  expect(types(route(order, {}))).toEqual(['routed', 'problem_raised']);
  expect(order.current).toMatchObject({
    status: 'backordered',
    waiting_for: 'stock',
    waiting_until: at(2 + settings.backorder_recheck_s),
    lines: [{ backordered: 2, allocated: 0 }],
    problems: [{ code: 'STOCK_SHORT', scope: 'order', until: at(2 + settings.backorder_recheck_s) }],
  });
  expect(order.current.problems[0]?.detail).toMatch(/2 × TEE/);
  expect(order.next(3)).toEqual({ steps: [], until: at(2 + settings.backorder_recheck_s), end: false });
});

test('a partial plan ships what there is, and the rest waits until stock comes', () => {
  const order = validated({
    lines: [
      { line_id: 'a', sku: 'TEE', quantity: 3, unit_price: 100 },
      { line_id: 'b', sku: 'CAP', quantity: 2, unit_price: 100 },
    ],
  });
  route(order, { TEE: 1, CAP: 2 });
  reserve(order, true);
  order.take('open', 4);
  expect(order.current.lines).toMatchObject([
    { allocated: 1, backordered: 2 },
    { allocated: 2, backordered: 0 },
  ]);
  expect(opened(order)).toMatchObject([
    {
      lines: [
        { line_id: 'a', quantity: 1 },
        { line_id: 'b', quantity: 2 },
      ],
    },
  ]);
  expect(order.current.status).toBe('backordered');

  order.when({ cause_id: 'recheck/rcp_1', kind: 'recheck', body: { code: 'STOCK_SHORT' } }, 100);
  expect(types(route(order, { TEE: 9 }, 100))).toEqual(['routed', 'problem_cleared']);
  reserve(order, true, 101);
  order.take('open', 102);
  expect(opened(order).map(({ n, lines }) => [n, lines.map((line) => [line.line_id, line.quantity])])).toEqual([
    [
      1,
      [
        ['a', 1],
        ['b', 2],
      ],
    ],
    [2, [['a', 2]]],
  ]);
  expect(order.current).toMatchObject({ problems: [], lines: [{ allocated: 3, backordered: 0 }, { allocated: 2 }] });
});

test('reports of a shipment move the order’s counters and stage', () => {
  const [order, shipment] = withShipment();
  shipment.take('release', 10, { body: { outcome: { fulfillment_id: 'ful_1' } } });
  report(order, shipment, 11);
  expect(order.current).toMatchObject({ fulfillment_stage: 'released', lines: [{ released: 2, picked: 0 }] });
});

test('a report older than the last one is refused and changes nothing', () => {
  const [order, shipment] = withShipment();
  shipment.take('release', 10, { body: { outcome: { fulfillment_id: 'ful_1' } } });
  const early = shipment.sent.splice(0);
  const lines = [{ line_id: 'a', quantity: 2 }];
  shipment.when(
    {
      cause_id: 'scan/wms/1',
      kind: 'fulfillment_event',
      body: { event_id: '1', type: 'picked', at: at(20), lines, parcels: [] },
    },
    20,
  );
  report(order, shipment, 21);
  const before = order.current;
  expect(order.when(early[0]!, 22)).toMatchObject([{ type: 'refused', after: { code: 'REPORT_OUTDATED' } }]);
  expect(order.current.lines).toEqual(before.lines);
  expect(order.current.shipments).toEqual(before.shipments);
});

test('a report of a shipment that is not the order’s is refused', () => {
  const [order, shipment] = withShipment();
  shipment.take('release', 10, { body: { outcome: { fulfillment_id: 'ful_1' } } });
  const [row] = shipment.sent;
  const body = row!.body as { summary: object };
  const foreign = { ...row!, body: { ...body, summary: { ...body.summary, shipment_id: 'shp_other_1' } } };
  expect(order.when(foreign, 11)).toMatchObject([{ type: 'refused', after: { code: 'SHIPMENT_UNKNOWN' } }]);
});

test('a shipment’s problem shows on its order while it stands and goes with it', () => {
  const [order, shipment] = withShipment();
  shipment.take('release', 10, { body: { fault: { kind: 'unavailable', code: 'http_503', reason: null } } });
  report(order, shipment, 11);
  expect(order.current).toMatchObject({
    status: 'exception',
    waiting_for: 'warehouse',
    problems: [{ code: 'RELEASE_FAILED' }],
  });
  shipment.take('release', 10 + settings.retry_s, { body: { outcome: { fulfillment_id: 'ful_1' } } });
  report(order, shipment, 400);
  expect(order.current).toMatchObject({ status: 'processing', problems: [] });
});

test('delivered, then the return window, then closed', () => {
  const [order, shipment] = withShipment();
  deliver(order, shipment, 100);
  expect(order.current).toMatchObject({
    status: 'delivered',
    fulfillment_stage: 'delivered',
    lines: [{ shipped: 2, delivered: 2 }],
  });
  expect(types(order.take('complete', 101))).toEqual(['delivery_completed']);
  const end = 101 + settings.return_window_s;
  expect(order.current).toMatchObject({ status: 'delivered', waiting_for: 'return_window', waiting_until: at(end) });
  expect(order.next(end - 1)).toEqual({ steps: [], until: at(end), end: false });
  order.take('close', end);
  expect(order.current).toMatchObject({
    status: 'closed',
    fulfillment_stage: 'closed',
    waiting_for: null,
    waiting_until: null,
  });
  expect(order.next(end)).toEqual({ steps: [], until: null, end: true });
});

test('an order with one of two shipments delivered shows the stage of the other', () => {
  const order = validated({ lines: [{ line_id: 'a', sku: 'TEE', quantity: 5, unit_price: 100 }] });
  order.take('route', 2, {
    reference: {
      routing: { sources: [source('loc_near', { TEE: 3 }), source('loc_far', { TEE: 2 }, 'far')], destination },
    },
  });
  reserve(order, true);
  order.take('open', 4);
  const [first, second] = opened(order).map((body) => {
    const shipment = newShipment(body.shipment_id);
    shipment.when({ cause_id: body.shipment_id, kind: 'open', body }, 5);
    return shipment;
  });
  deliver(order, first!, 10);
  expect(order.current).toMatchObject({
    status: 'partially_shipped',
    fulfillment_stage: 'allocated',
    lines: [{ delivered: 3 }],
  });
  expect(order.next(11)).toEqual({ steps: [], until: null, end: false });
  deliver(order, second!, 20);
  expect(order.next(21).steps).toEqual(['complete']);
});

test('a note is kept with who wrote it and when, and moves nothing', () => {
  const order = validated();
  const before = order.current;
  order.when({ cause_id: 'cmd_7', kind: 'note', body: { text: 'Call first' } }, 7);
  expect(order.current.notes).toEqual([{ note_id: 'note_7', text: 'Call first', at: at(7), by: 'hub' }]);
  const { notes: _notes, version: _version, updated_at: _updated, ...rest } = order.current;
  expect(before).toMatchObject(rest);
});

test('commands and steps that an order does not know are refused, not thrown', () => {
  const order = capture();
  expect(order.when({ cause_id: 'cmd_1', kind: 'dance', body: {} }, 1)).toMatchObject([
    { type: 'refused', after: { code: 'COMMAND_UNKNOWN' } },
  ]);
  expect(order.when({ cause_id: 'step/dance/1', kind: 'step', body: null }, 1)).toMatchObject([
    { type: 'refused', after: { code: 'STEP_UNKNOWN' } },
  ]);
});

test('facts of an order hold no personal data', () => {
  const [order] = withShipment();
  order.when({ cause_id: 'cmd_1', kind: 'note', body: { text: 'Marker note' } }, 9);
  expect(JSON.stringify(order.facts)).not.toMatch(/marker/i);
});
