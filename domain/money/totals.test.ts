import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { lineTotal, orderTotals, shareOfUnits } from './totals';

test('a line costs its stated total where the unit price was rounded, else price times quantity, less its discounts', () => {
  expect(lineTotal({ quantity: 3, unit_price: 333, total: 1000 }, false)).toBe(1000);
  expect(lineTotal({ quantity: 3, unit_price: 333 }, false)).toBe(999);
  expect(lineTotal({ quantity: 3, unit_price: 333, discounts: [{ amount: 99 }, { amount: 100 }] }, false)).toBe(800);
  expect(lineTotal({ quantity: 1, unit_price: 50, discounts: [{ amount: 80 }] }, false)).toBe(0);
});

test('taxes are added where prices do not include them and only shown where they do', () => {
  const order = {
    lines: [{ quantity: 1, unit_price: 1190, taxes: [{ amount: 190 }] }],
    taxes: [{ amount: 10 }],
    shipping_charge: 300,
  };
  expect(orderTotals({ ...order, prices_include_tax: true })).toEqual({
    subtotal: 1190,
    discount_total: 0,
    tax_total: 200,
    shipping_total: 300,
    grand_total: 1490,
  });
  expect(orderTotals({ ...order, prices_include_tax: false }).grand_total).toBe(1690);
});

test('amounts are minor units whatever the currency has of them: yen have none, Kuwaiti dinars three', () => {
  const yen = { prices_include_tax: true, lines: [{ quantity: 2, unit_price: 1999 }], shipping_charge: 500 };
  const fils = { prices_include_tax: true, lines: [{ quantity: 3, unit_price: 1_234 }], discounts: [{ amount: 1 }] };
  expect(orderTotals(yen).grand_total).toBe(4498);
  expect(orderTotals(fils).grand_total).toBe(3_701);
});

test('a discount above everything makes an order free, never negative', () => {
  expect(
    orderTotals({ prices_include_tax: true, lines: [{ quantity: 1, unit_price: 100 }], discounts: [{ amount: 900 }] })
      .grand_total,
  ).toBe(0);
});

test('shares of consecutive ranges of units add up to the amount, and none is off by more than one minor unit', () => {
  fc.assert(
    fc.property(
      fc.nat({ max: 1_000_000_000_000 }),
      fc.array(fc.integer({ min: 1, max: 1_000_000 }), { minLength: 1, maxLength: 12 }),
      (amount, parts) => {
        const total = parts.reduce((sum, part) => sum + part, 0);
        let from = 0;
        let sum = 0;
        for (const part of parts) {
          const share = shareOfUnits(amount, total, from, part);
          expect(Number.isSafeInteger(share)).toBe(true);
          expect(share).toBeGreaterThanOrEqual(0);
          expect(Math.abs(share - (amount * part) / total)).toBeLessThanOrEqual(1);
          from += part;
          sum += share;
        }
        expect(sum).toBe(amount);
      },
    ),
  );
});
