import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { at, capturedOrder, newOrder } from '../../test/domain/aggregate';
import { lineTotal } from '../money/totals';
import type { OpenedShipment } from './events';
import { withOpenedShipment } from './evolve';
import { openShipment } from './open-shipment';
import type { Order, PlannedShipment } from './schema';

const money = fc.nat({ max: 20_000 });
const parts = (most: number): fc.Arbitrary<{ amount: number }[] | undefined> =>
  fc.option(fc.array(fc.record({ amount: fc.nat({ max: most }) }), { maxLength: 2 }), { nil: undefined });
const taxes = fc.option(
  fc.array(fc.record({ name: fc.constant('VAT'), rate: fc.constant(0.19), amount: fc.nat({ max: 3_000 }) }), {
    maxLength: 2,
  }),
  {
    nil: undefined,
  },
);

const line = fc.record({
  sku: fc.constantFrom('TEE', 'CAP', 'MUG'),
  quantity: fc.integer({ min: 1, max: 7 }),
  unit_price: money,
  total: fc.option(money, { nil: undefined }),
  discounts: parts(30_000),
  taxes,
});

const payment = fc.record({
  provider: fc.constantFrom('pay', 'card'),
  amount: fc.nat({ max: 60_000 }),
  state: fc.constantFrom('authorized', 'authorized', 'authorized', 'captured', 'refunded'),
  collected_by: fc.constantFrom('hub', 'hub', 'hub', 'channel'),
});

const order = fc
  .record({
    currency: fc.constantFrom('EUR', 'JPY', 'KWD'),
    prices_include_tax: fc.boolean(),
    lines: fc.array(line, { minLength: 1, maxLength: 4 }),
    shipping_charge: fc.option(money, { nil: undefined }),
    discounts: parts(60_000),
    taxes,
    payments: fc.array(payment, { maxLength: 4 }),
  })
  .map((changes): Order => {
    const payments = changes.payments.map((given, index) => ({ ...given, reference: `auth-${String(index)}` }));
    const body = capturedOrder({ ...changes, payments });
    const aggregate = newOrder(body);
    aggregate.when({ cause_id: body.order_id, kind: 'capture', body }, 0);
    return aggregate.current;
  });

/** Every unit of the order falls to one of at most five shipments, at random. */
const split = fc.tuple(order, fc.array(fc.nat({ max: 4 }), { minLength: 28, maxLength: 28 })).map(([given, draws]) => {
  let drawn = 0;
  const shipments = new Map<number, Map<string, number>>();
  for (const { line_id, quantity } of given.lines) {
    for (let unit = 0; unit < quantity; unit += 1) {
      const n = draws[drawn++ % draws.length] ?? 0;
      const lines = shipments.get(n) ?? new Map<string, number>();
      lines.set(line_id, (lines.get(line_id) ?? 0) + 1);
      shipments.set(n, lines);
    }
  }
  const plan = [...shipments.entries()].map(([location, lines], index): PlannedShipment => ({
    n: index + 1,
    location_id: `loc_${String(location)}`,
    distance_km: null,
    lines: [...lines].map(([line_id, quantity]) => ({ line_id, sku: 'TEE', quantity })),
  }));
  return { given, plan };
});

function openAll({ given, plan }: { given: Order; plan: PlannedShipment[] }): {
  opened: OpenedShipment[];
  after: Order;
} {
  let after = given;
  const opened = plan.map((planned) => {
    const shipment = openShipment(after, planned, 'rtd_1');
    after = withOpenedShipment(after, shipment);
    return shipment;
  });
  return { opened, after };
}

const sum = (amounts: readonly number[]): number => amounts.reduce((total, amount) => total + amount, 0);
const runs = { numRuns: 250 };

test('the invoices of an order’s shipments add up to its grand total, however its units are split', () => {
  fc.assert(
    fc.property(split, (problem) => {
      const { opened } = openAll(problem);
      const invoices = opened.map((shipment) => shipment.invoice.total);
      expect(invoices.every((total) => Number.isSafeInteger(total) && total >= 0)).toBe(true);
      expect(sum(invoices)).toBe(problem.given.totals.grand_total);
    }),
    runs,
  );
});

test('each line’s total is spread over its shipments to the minor unit, and shipping is charged once', () => {
  fc.assert(
    fc.property(split, (problem) => {
      const { opened } = openAll(problem);
      for (const given of problem.given.lines) {
        const shares = opened
          .flatMap((shipment) => shipment.invoice.lines)
          .filter((part) => part.line_id === given.line_id);
        expect(sum(shares.map((share) => share.amount))).toBe(lineTotal(given, problem.given.prices_include_tax));
        expect(sum(shares.map((share) => share.quantity))).toBe(given.quantity);
      }
      expect(opened.map((shipment) => shipment.invoice.shipping)).toEqual(
        opened.map((_, index) => (index === 0 ? (problem.given.shipping_charge ?? 0) : 0)),
      );
    }),
    runs,
  );
});

test('no payment gives more than it has, and together they give what is owed, as far as it was authorized', () => {
  fc.assert(
    fc.property(split, (problem) => {
      const { opened, after } = openAll(problem);
      const { payments, totals } = problem.given;
      const captures = opened.flatMap((shipment) => shipment.captures);
      expect(captures.every((share) => share.amount > 0)).toBe(true);
      const collectable = payments.filter((given) => given.collected_by === 'hub' && given.state === 'authorized');
      for (const given of payments) {
        const taken = sum(
          captures.filter((share) => share.authorization_reference === given.reference).map((share) => share.amount),
        );
        expect(taken).toBeLessThanOrEqual(collectable.includes(given) ? given.amount : 0);
        expect(after.payments.find((kept) => kept.reference === given.reference)?.planned).toBe(taken);
      }
      const elsewhere = sum(
        payments
          .filter((given) => given.collected_by === 'channel' || given.state === 'captured')
          .map((given) => given.amount),
      );
      const owed = Math.max(0, totals.grand_total - elsewhere);
      expect(sum(captures.map((share) => share.amount))).toBe(
        Math.min(owed, sum(collectable.map((given) => given.amount))),
      );
    }),
    runs,
  );
});

function planned(n: number, lines: [string, number][]): PlannedShipment {
  return {
    n,
    location_id: 'loc',
    distance_km: 1,
    lines: lines.map(([line_id, quantity]) => ({ line_id, sku: 'TEE', quantity })),
  };
}

function captured(changes: Parameters<typeof capturedOrder>[0]): Order {
  const body = capturedOrder(changes);
  const aggregate = newOrder(body);
  aggregate.when({ cause_id: body.order_id, kind: 'capture', body }, 0);
  return aggregate.current;
}

test('the last shipment takes the remainder: 10.00 over three units', () => {
  const given = captured({
    lines: [{ line_id: 'a', sku: 'TEE', quantity: 3, unit_price: 333, total: 1000 }],
    payments: [{ provider: 'pay', reference: 'auth', amount: 1000, state: 'authorized' }],
  });
  const { opened } = openAll({ given, plan: [planned(1, [['a', 1]]), planned(2, [['a', 1]]), planned(3, [['a', 1]])] });
  expect(opened.map((shipment) => shipment.invoice.total)).toEqual([333, 333, 334]);
  expect(opened.map((shipment) => shipment.captures[0]?.amount)).toEqual([333, 333, 334]);
});

test('what the channel collected is never captured again, also when it was most of the order', () => {
  const given = captured({
    lines: [{ line_id: 'a', sku: 'TEE', quantity: 2, unit_price: 7500 }],
    payments: [
      { provider: 'shop', reference: 'gift', amount: 10_000, state: 'captured', collected_by: 'channel' },
      { provider: 'pay', reference: 'auth', amount: 15_000, state: 'authorized' },
    ],
  });
  const { opened } = openAll({ given, plan: [planned(1, [['a', 1]]), planned(2, [['a', 1]])] });
  expect(sum(opened.flatMap((shipment) => shipment.captures).map((share) => share.amount))).toBe(5_000);
});

test('a shipment takes from the payments in their order, each up to what it gave', () => {
  const given = captured({
    lines: [{ line_id: 'a', sku: 'TEE', quantity: 2, unit_price: 1000 }],
    payments: [
      { provider: 'pay', reference: 'gift', amount: 1500, state: 'authorized' },
      { provider: 'pay', reference: 'card', amount: 2000, state: 'authorized' },
    ],
  });
  const { opened } = openAll({ given, plan: [planned(1, [['a', 1]]), planned(2, [['a', 1]])] });
  expect(
    opened.map((shipment) => shipment.captures.map((share) => [share.authorization_reference, share.amount])),
  ).toEqual([
    [['gift', 1000]],
    [
      ['gift', 500],
      ['card', 500],
    ],
  ]);
});

test('where goods cost nothing the first shipment carries what the order costs', () => {
  const given = captured({
    lines: [{ line_id: 'a', sku: 'TEE', quantity: 2, unit_price: 0 }],
    taxes: [{ name: 'Eco', rate: 0.1, amount: 70 }],
    shipping_charge: 490,
  });
  const { opened } = openAll({ given, plan: [planned(1, [['a', 1]]), planned(2, [['a', 1]])] });
  expect(opened.map((shipment) => shipment.invoice.total)).toEqual([560, 0]);
});

test('a shipment knows what it needs to be driven alone, and holds no address', () => {
  const given = captured({ service_level: 'express' });
  const shipment = openShipment(given, planned(1, [['a', 2]]), 'rtd_1');
  expect(shipment).toMatchObject({
    order_id: given.order_id,
    n: 1,
    location_id: 'loc',
    service: 'express',
    currency: 'EUR',
    routing_decision_id: 'rtd_1',
  });
  expect(JSON.stringify(shipment)).not.toMatch(/marker/i);
  expect(given.captured_at).toBe(at(0));
});
