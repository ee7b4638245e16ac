import { expect, test } from '@jest/globals';
import { orderCaptureSchema } from './capture-schema';

const valid = {
  channel_id: 'chn_web',
  channel_order_id: 'W-1',
  placed_at: '2026-03-01T10:30:00+01:00',
  currency: 'EUR',
  customer: { name: 'Ada' },
  ship_to: { name: 'Ada', line1: 'Street 1', city: 'Berlin', postal_code: '10115', country: 'DE' },
  lines: [{ sku: 'TEE', quantity: 1, unit_price: 1999 }],
};

/** The paths of all faults, dotted, each once and sorted. */
function faults(changes: Record<string, unknown>): string[] {
  const result = orderCaptureSchema.safeParse({ ...valid, ...changes });
  return [
    ...new Set(
      (result.error?.issues ?? []).flatMap((issue) =>
        issue.code === 'unrecognized_keys'
          ? issue.keys.map((key) => [...issue.path, key].join('.'))
          : [issue.path.join('.')],
      ),
    ),
  ].toSorted();
}

function shipTo(changes: Record<string, unknown>): Record<string, unknown> {
  return { ship_to: { ...valid.ship_to, ...changes } };
}

test('the smallest order is enough, and what it leaves out has the documented meaning', () => {
  expect(orderCaptureSchema.parse(valid)).toEqual({
    ...valid,
    placed_at: '2026-03-01T09:30:00.000Z',
    prices_include_tax: false,
    fulfillment: { method: 'ship' },
    service_level: 'standard',
    test: false,
    imported: false,
  });
});

test('a payment is collected by the hub unless the channel says that it does', () => {
  const payments = [{ provider: 'p', reference: 'r', amount: 1, state: 'authorized' }];
  expect(orderCaptureSchema.parse({ ...valid, payments }).payments).toEqual([{ ...payments[0], collected_by: 'hub' }]);
});

test('every fault is named at once, each with its path', () => {
  expect(
    faults({
      channel_order_id: '',
      placed_at: 'yesterday',
      currency: 'EURO',
      customer: { name: 'Ada', email: 'no address' },
      ship_to: { name: '', line1: 'Street 1', city: 'Berlin', postal_code: '1', country: 'DE' },
      lines: [
        { sku: 'TEE', quantity: 0, unit_price: 1 },
        { sku: '', quantity: 1, unit_price: -1 },
        { sku: 'CAP', quantity: 1.5, unit_price: 0.5, discounts: [{ amount: 'much' }], colour: 'red' },
      ],
      payments: [{ provider: 'p', reference: 'r', amount: 1, state: 'promised' }],
      requested_delivery_window: { from: '2026-03-02T00:00:00Z', to: '2026-03-01T00:00:00Z' },
      surprise: true,
    }),
  ).toEqual(
    [
      'channel_order_id',
      'currency',
      'customer.email',
      'lines.0.quantity',
      'lines.1.sku',
      'lines.1.unit_price',
      'lines.2.colour',
      'lines.2.discounts.0.amount',
      'lines.2.quantity',
      'lines.2.unit_price',
      'payments.0.state',
      'placed_at',
      'requested_delivery_window.to',
      'ship_to.name',
      'ship_to.postal_code',
      'surprise',
    ].toSorted(),
  );
});

test('a wrong postal code is named also where another field of the address is missing', () => {
  const { city: _city, ...rest } = valid.ship_to;
  expect(faults({ ship_to: { ...rest, postal_code: '1' } })).toEqual(['ship_to.city', 'ship_to.postal_code']);
});

test('a line id that stands twice is named also where another field of the order is wrong', () => {
  const line = { ...valid.lines[0], line_id: 'a' };
  expect(faults({ lines: [line, line] })).toEqual(['lines.1.line_id']);
  expect(faults({ lines: [line, line], currency: undefined })).toEqual(['currency', 'lines.1.line_id']);
});

test('two payments of one provider under one reference are refused: each would be captured from the other', () => {
  const payment = { provider: 'sandbox-payment', reference: 'auth-1', amount: 100, state: 'authorized' };
  expect(faults({ payments: [payment, payment] })).toEqual(['payments.1.reference']);
  expect(faults({ payments: [payment, { ...payment, reference: 'auth-2' }] })).toEqual([]);
});

test.each(['order', 'customer', 'ship_to', 'lines.0', 'fulfillment'])(
  'an unknown field in %s is refused by its name',
  (place) => {
    const changes: Record<string, Record<string, unknown>> = {
      order: { surprise: 1 },
      customer: { customer: { ...valid.customer, surprise: 1 } },
      ship_to: shipTo({ surprise: 1 }),
      'lines.0': { lines: [{ ...valid.lines[0], surprise: 1 }] },
      fulfillment: { fulfillment: { method: 'ship', surprise: 1 } },
    };
    expect(faults(changes[place]!)).toEqual([place === 'order' ? 'surprise' : `${place}.surprise`]);
  },
);

test.each([
  ['DE', '10115', true],
  ['DE', '1011', false],
  ['DE', undefined, false],
  ['FR', '75001', true],
  ['NL', '1012 AB', true],
  ['NL', '1012', false],
  ['GB', 'SW1A 1AA', true],
  ['US', '94103-1234', true],
  ['US', 'ABCDE', false],
  ['JP', '100-0001', true],
  ['HK', undefined, true],
])('in %s the postal code %s is right: %s', (country, postal_code, isRight) => {
  expect(faults(shipTo({ country, postal_code }))).toEqual(isRight ? [] : ['ship_to.postal_code']);
});

test.each(['EUR', 'JPY', 'KWD', 'USD'])('%s is a currency', (currency) => {
  expect(faults({ currency })).toEqual([]);
});

test.each(['eur', 'XYZ', 'EURO', '€', ''])('%s is no currency', (currency) => {
  expect(faults({ currency })).toEqual(['currency']);
});

test.each(['Germany', 'de', 'XX', 'DEU', ''])('%s is no country', (country) => {
  expect(faults(shipTo({ country }))).toEqual(['ship_to.country']);
});

test.each([1.5, -1, 1e13, '1999', null, Number.NaN])('%s is no amount', (unit_price) => {
  expect(faults({ lines: [{ ...valid.lines[0], unit_price }] })).toEqual(['lines.0.unit_price']);
});

test.each([0, -1, 1.5, 1_000_001, '2'])('%s is no quantity', (quantity) => {
  expect(faults({ lines: [{ ...valid.lines[0], quantity }] })).toEqual(['lines.0.quantity']);
});

test.each(['2026-03-01T10:30:00', '2026-03-01', '01.03.2026', 'now', 1_772_000_000])(
  '%s is no instant: it has no zone or no time',
  (placed_at) => {
    expect(faults({ placed_at })).toEqual(['placed_at']);
  },
);

test('an order without lines, and one with more than 500, is refused', () => {
  expect(faults({ lines: [] })).toEqual(['lines']);
  expect(faults({ lines: Array.from({ length: 501 }, () => valid.lines[0]) })).toEqual(['lines']);
  expect(faults({ lines: Array.from({ length: 500 }, () => valid.lines[0]) })).toEqual([]);
});

test('metadata is at most fifty pairs of strings whose keys the database can hold', () => {
  const pairs = (count: number) =>
    Object.fromEntries(Array.from({ length: count }, (_, index) => [`k${String(index)}`, 'v']));
  expect(faults({ metadata: pairs(50) })).toEqual([]);
  expect(faults({ metadata: pairs(51) })).toEqual(['metadata']);
  expect(faults({ metadata: { 'a.b': 'v' } })).not.toEqual([]);
  expect(faults({ metadata: { $a: 'v' } })).not.toEqual([]);
  expect(faults({ metadata: { a: 1 } })).toEqual(['metadata.a']);
});

test('a channel’s order id may have 128 characters, whatever they are', () => {
  expect(faults({ channel_order_id: 'ü/ #'.repeat(32) })).toEqual([]);
  expect(faults({ channel_order_id: 'x'.repeat(129) })).toEqual(['channel_order_id']);
});
