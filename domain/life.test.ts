import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { at, types } from '../test/domain/aggregate';
import { HubModel, happenings, type Happening } from '../test/domain/hub-model';
import { fold, stepCauseId } from './decider';
import { evolveOrder } from './order/evolve';
import { orderStage, orderStatus, orderWaiting } from './order/phases';
import { orderSchema, type Order } from './order/schema';
import { evolveShipment } from './shipment/evolve';
import { shipmentStage, shipmentWaiting } from './shipment/phases';
import { shipmentSchema } from './shipment/schema';
import { milestoneSchema } from './tracking/schema';

const happening = fc.record({ what: fc.constantFrom(...happenings), a: fc.nat({ max: 63 }), b: fc.nat({ max: 63 }) });

const step = (what: Happening['what'], b: number): Happening => ({ what, a: 0, b });

/** The straight way from capture to an order in transit; stories leave it anywhere, so that they meet every stage. */
const way: Happening[] = [
  ...[1, 1, 1, 1].map((held) => step('order_step', held)),
  step('row', 0),
  step('effect', 1),
  step('warehouse', 3),
  step('effect', 1),
  step('effect', 1),
  step('row', 0),
  step('scan', 2 << 2),
  step('row', 0),
];

const story = fc.record({
  order: fc.record({
    lines: fc.array(
      fc.record({
        sku: fc.constantFrom('TEE', 'CAP'),
        quantity: fc.integer({ min: 1, max: 4 }),
        unit_price: fc.nat({ max: 5000 }),
      }),
      { minLength: 1, maxLength: 3 },
    ),
    test: fc.constantFrom(false, false, false, true),
    shipping_charge: fc.nat({ max: 900 }),
    payments: fc.array(fc.constant({ provider: 'pay', reference: 'auth', amount: 9000, state: 'authorized' }), {
      maxLength: 1,
    }),
  }),
  begun: fc.nat({ max: way.length }),
  happenings: fc.array(happening, { maxLength: 40, size: 'max' }),
});

/** Stories of parcels: from the label on, most of what happens is a scan. */
const parcelStory = fc.record({
  order: story.map((given) => ({ ...given.order, test: false })),
  begun: fc.integer({ min: 8, max: way.length }),
  happenings: fc.array(
    fc.record({
      what: fc.constantFrom<Happening['what']>('scan', 'scan', 'scan', 'effect', 'row'),
      a: fc.nat({ max: 3 }),
      // Delivered is the scan that matters most.
      b: fc.oneof(fc.nat({ max: 63 }), fc.constant(milestoneSchema.options.indexOf('DELIVERED') << 2)),
    }),
    { maxLength: 30, size: 'max' },
  ),
});

function events(given: { begun: number; happenings: Happening[] }): Happening[] {
  return [...way.slice(0, given.begun), ...given.happenings];
}

/** Lets a random story happen and calls `holds` after each thing that happened. */
function always(holds: (hub: HubModel) => void, numRuns = 120): void {
  fc.assert(
    fc.property(story, (given) => {
      const hub = new HubModel(given.order);
      holds(hub);
      for (const next of events(given)) {
        hub.happen(next);
        holds(hub);
      }
    }),
    { numRuns },
  );
}

function inOrder(numbers: readonly number[]): boolean {
  return (
    numbers.every((number, index) => index === 0 || number <= (numbers[index - 1] ?? 0)) &&
    numbers.every((number) => number >= 0)
  );
}

function countersHold(order: Order): void {
  for (const line of order.lines) {
    const { quantity, allocated, released, picked, packed, shipped, delivered } = line;
    const chain = [quantity, allocated, released, picked, packed, shipped, delivered];
    if (!inOrder(chain)) throw new Error(`line ${line.line_id}: ${chain.join(' ≥ ')} does not hold`);
    expect(line.cancelled + line.backordered + allocated).toBeLessThanOrEqual(quantity);
    expect(line.returned).toBeLessThanOrEqual(shipped);
    expect(line.refunded).toBeLessThanOrEqual(quantity);
  }
}

test('quantity ≥ allocated ≥ released ≥ picked ≥ packed ≥ shipped ≥ delivered, on every line, whatever happens', () => {
  always((hub) => {
    countersHold(hub.order.current);
    for (const shipment of hub.shipments.values()) {
      for (const line of shipment.current.lines) {
        expect(inOrder([line.quantity, line.picked, line.packed, line.shipped, line.delivered])).toBe(true);
      }
    }
  });
});

test('status, stage and waiting are what their derivation from the facts says', () => {
  always(({ order, shipments }) => {
    const { status, fulfillment_stage, waiting_for, waiting_until } = order.current;
    expect({ status, fulfillment_stage, waiting_for, waiting_until }).toEqual({
      status: orderStatus(order.current),
      fulfillment_stage: orderStage(order.current),
      ...orderWaiting(order.current),
    });
    for (const { current } of shipments.values()) {
      expect(current.fulfillment_stage).toBe(shipmentStage(current));
      expect({ waiting_for: current.waiting_for, waiting_until: current.waiting_until }).toEqual(
        shipmentWaiting(current),
      );
    }
  });
});

test('a document is the fold of its events, and its version is their number', () => {
  always(({ order, shipments }) => {
    expect(fold(evolveOrder, order.log)).toEqual(order.current);
    expect(order.current.version).toBe(order.log.length);
    for (const shipment of shipments.values()) {
      expect(fold(evolveShipment, shipment.log)).toEqual(shipment.current);
      expect(shipment.current.version).toBe(shipment.log.length);
    }
  }, 40);
});

test('documents keep to their schemas at every moment', () => {
  always(({ order, shipments }) => {
    expect(orderSchema.parse(order.current)).toEqual(JSON.parse(JSON.stringify(order.current)));
    for (const shipment of shipments.values()) expect(() => shipmentSchema.parse(shipment.current)).not.toThrow();
  }, 40);
});

test('every order that is not closed has a next step, or says for whom it waits; a problem always says until when', () => {
  always((hub) => {
    const { order, shipments } = hub;
    const next = order.next(hub.seconds);
    if (order.current.closed_at !== null) {
      expect(next).toEqual({ steps: [], until: null, end: true });
    } else {
      expect(next.end).toBe(false);
      expect(next.steps.length > 0 || order.current.waiting_for !== null).toBe(true);
      // With neither a step nor a time of its own it waits for a shipment, and shipments have their own next.
      if (next.steps.length === 0 && next.until === null) expect(order.current.shipments.length).toBeGreaterThan(0);
    }
    for (const problem of order.current.problems) expect(problem.until).toMatch(/Z$/);
    for (const shipment of shipments.values()) {
      const { steps, until, end } = shipment.next(hub.seconds);
      expect(steps.length > 0 || until !== null || end || shipment.current.waiting_for !== null).toBe(true);
      if (until !== null) expect(until > at(hub.seconds)).toBe(true);
    }
  });
});

test('what comes next is a function of facts and time alone, and each step has a number of its own', () => {
  always((hub) => {
    for (const aggregate of hub.aggregates) {
      const facts = aggregate.facts;
      const copy = structuredClone(facts);
      const first = aggregate.decider.next(facts as never, at(hub.seconds));
      expect(aggregate.decider.next(copy as never, at(hub.seconds))).toEqual(first);
      expect(facts).toEqual(copy);
      for (const step of first.steps) expect(aggregate.knows(stepCauseId(step))).toBe(false);
    }
  });
});

test('facts go through Temporal: they hold no personal data', () => {
  always((hub) => {
    for (const aggregate of hub.aggregates) expect(JSON.stringify(aggregate.facts)).not.toMatch(/marker/i);
  }, 40);
});

test('what is delivered stays delivered, and was shipped', () => {
  fc.assert(
    fc.property(parcelStory, (given) => {
      const hub = new HubModel(given.order);
      const delivered = new Map<string, string>();
      for (const next of events(given)) {
        hub.happen(next);
        for (const { current, id } of hub.shipments.values()) {
          const before = delivered.get(id);
          if (before !== undefined) expect(current.delivered_at).toBe(before);
          if (current.delivered_at === null) continue;
          delivered.set(id, current.delivered_at);
          expect(current.parcels.every((parcel) => parcel.milestone === 'DELIVERED')).toBe(true);
          expect(current.lines.every((line) => line.delivered === line.packed && line.delivered > 0)).toBe(true);
        }
      }
    }),
    { numRuns: 200 },
  );
});

test('an order believes the latest report of each shipment, in whatever order they come', () => {
  fc.assert(
    fc.property(story, (given) => {
      const hub = new HubModel(given.order);
      const versions = new Map<string, number>();
      let counted = 0;
      for (const next of events(given)) {
        hub.happen(next);
        for (const { shipment_id, reported_version } of hub.order.current.shipments) {
          expect(reported_version).toBeGreaterThanOrEqual(versions.get(shipment_id) ?? 0);
          versions.set(shipment_id, reported_version);
        }
        const now = hub.order.current.lines.reduce((sum, line) => sum + line.shipped + line.delivered, 0);
        expect(now).toBeGreaterThanOrEqual(counted);
        counted = now;
      }
    }),
    { numRuns: 200 },
  );
});

test('whatever happened before, an order that is driven on closes, with all its units delivered and its money taken', () => {
  fc.assert(
    fc.property(story, (given) => {
      // Parcels that were lost, returned or cancelled on the way are left out: nobody re-ships them yet.
      const hub = new HubModel(given.order);
      for (const next of events(given).filter(({ what }) => what !== 'scan')) hub.happen(next);
      hub.finish();
      const { current, log } = hub.order;
      expect({ closed: current.closed_at !== null, last: types(log).at(-1), problems: current.problems }).toMatchObject(
        {
          closed: true,
          problems: [],
        },
      );
      if (current.test) {
        expect(hub.shipments.size).toBe(0);
        return;
      }
      for (const line of current.lines) expect(line.delivered).toBe(line.quantity);
      const captured = [...hub.shipments.values()].flatMap((shipment) => shipment.current.captures);
      const authorized = current.payments.reduce((sum, payment) => sum + payment.amount, 0);
      expect(captured.every((share) => share.capture_id !== null)).toBe(true);
      expect(captured.reduce((sum, share) => sum + share.amount, 0)).toBe(
        Math.min(current.totals.grand_total, authorized),
      );
    }),
    { numRuns: 100 },
  );
});

test('random stories reach every event that an order and a shipment know', () => {
  const seen = new Set<string>();
  always((hub) => {
    for (const aggregate of hub.aggregates) for (const event of aggregate.log.slice(-3)) seen.add(event.type);
  });
  for (const given of fc.sample(story, { numRuns: 20, seed: 7 })) {
    const hub = new HubModel(given.order);
    hub.finish();
    for (const aggregate of hub.aggregates) types(aggregate.log).forEach((type) => seen.add(type));
  }
  const orders = [
    'captured',
    'noted',
    'refused',
    'validated',
    'problem_raised',
    'problem_cleared',
    'recheck_requested',
    'routed',
  ];
  const reservations = [
    'allocated',
    'reservation_lost',
    'shipment_opened',
    'shipment_reported',
    'delivery_completed',
    'closed',
  ];
  const shipments = [
    'opened',
    'released',
    'accepted',
    'picked',
    'packed',
    'labelled',
    'handed_off',
    'tracking_updated',
    'delivered',
  ];
  const effects = ['announced', 'payment_captured', 'invoiced'];
  expect([...orders, ...reservations, ...shipments, ...effects].filter((type) => !seen.has(type))).toEqual([]);
});
