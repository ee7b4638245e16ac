/** What the embedded carrier takes, and for how much. */
import type { WireBooking } from './wire';

const MOST_GRAMS = 30_000;
const MOST_LENGTH_MM = 1_750;
const MOST_LENGTH_AND_GIRTH_MM = 3_000;

/** The code of the first reason to refuse a booking; undefined where there is none. */
export function refusalOf(booking: WireBooking): string | undefined {
  const { product, consignee, packages } = booking;
  if (product !== 'EXPRESS' && product !== 'STANDARD') return 'PRODUCT_UNAVAILABLE';
  if (consignee.zip === '00000' || /UNDELIVERABLE/i.test(consignee.street)) return 'ADDRESS_UNDELIVERABLE';
  if (packages.some(({ grams }) => grams > MOST_GRAMS)) return 'PACKAGE_TOO_HEAVY';
  if (packages.some(({ sides }) => sides !== undefined && isTooLarge(sides))) return 'PACKAGE_TOO_LARGE';
  return undefined;
}

/** The price in euro cents: a base for each package by product and border, and 40 cents for each begun kilogram. */
export function priceOf(booking: WireBooking): number {
  const domestic = booking.shipper.countryCode === booking.consignee.countryCode;
  const base = (booking.product === 'EXPRESS' ? 990 : 390) + (domestic ? 0 : 500);
  return booking.packages.reduce((sum, { grams }) => sum + base + 40 * Math.ceil(grams / 1000), 0);
}

function isTooLarge(sides: readonly number[]): boolean {
  const [length = 0, width = 0, height = 0] = [...sides].sort((a, b) => b - a);
  return length > MOST_LENGTH_MM || length + 2 * (width + height) > MOST_LENGTH_AND_GIRTH_MM;
}
