import type { Totals } from '../order/schema';

interface PricedLine {
  quantity: number;
  unit_price: number;
  total?: number | undefined;
  discounts?: readonly { amount: number }[] | undefined;
  taxes?: readonly { amount: number }[] | undefined;
}

interface PricedOrder {
  prices_include_tax: boolean;
  lines: readonly PricedLine[];
  shipping_charge?: number | undefined;
  discounts?: readonly { amount: number }[] | undefined;
  taxes?: readonly { amount: number }[] | undefined;
}

const sum = (amounts: readonly number[]): number => amounts.reduce((total, amount) => total + amount, 0);
const amounts = (parts: readonly { amount: number }[] | undefined): number =>
  sum((parts ?? []).map((part) => part.amount));

/** What a line costs before its discounts, in the minor unit: its stated total, else price times quantity. */
export function lineSubtotal(line: PricedLine): number {
  return line.total ?? line.unit_price * line.quantity;
}

/** What a line comes to: after its discounts, with its taxes where prices do not include them; never below zero. */
export function lineTotal(line: PricedLine, pricesIncludeTax: boolean): number {
  const net = lineSubtotal(line) - amounts(line.discounts);
  return Math.max(0, net + (pricesIncludeTax ? 0 : amounts(line.taxes)));
}

/** An order's totals in the minor unit. Included taxes are shown, not added again; the grand total is never below zero. */
export function orderTotals(order: PricedOrder): Totals {
  const subtotal = sum(order.lines.map(lineSubtotal));
  const discount_total = sum(order.lines.map((line) => amounts(line.discounts))) + amounts(order.discounts);
  const tax_total = sum(order.lines.map((line) => amounts(line.taxes))) + amounts(order.taxes);
  const shipping_total = order.shipping_charge ?? 0;
  const added = order.prices_include_tax ? 0 : tax_total;
  return {
    subtotal,
    discount_total,
    tax_total,
    shipping_total,
    grand_total: Math.max(0, subtotal - discount_total + shipping_total + added),
  };
}

/**
 * The share of `amount` that falls on the units (from, from + quantity] of `total` units, in the minor unit. Shares of
 * consecutive ranges add up to the amount exactly: the last one takes the rounding remainder.
 */
export function shareOfUnits(amount: number, total: number, from: number, quantity: number): number {
  const upTo = (units: number): number => Number((BigInt(amount) * BigInt(units)) / BigInt(total));
  return upTo(from + quantity) - upTo(from);
}
