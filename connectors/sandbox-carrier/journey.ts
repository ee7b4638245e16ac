/** How a parcel of the embedded carrier travels: its scans and when each is due. */
import type { WireBooking } from './wire';

const HOUR_MS = 3_600_000;
const COLLECTED_AFTER_MS = 2 * HOUR_MS;

/** One scan to come; `at_consignee` says at which end it is made. */
export interface PlannedScan {
  code: string;
  description: string;
  /** Milliseconds since the epoch. */
  due_at: number;
  at_consignee: boolean;
}

/** Real-world transit: express takes a day, standard two within a country and three across a border. */
export function transitMs(booking: Pick<WireBooking, 'product' | 'shipper' | 'consignee'>): number {
  if (booking.product === 'EXPRESS') return 24 * HOUR_MS;
  return (booking.shipper.countryCode === booking.consignee.countryCode ? 48 : 72) * HOUR_MS;
}

/** The scans of an undisturbed journey that is booked at `bookedAt`; delays are divided by `speed`. */
export function planJourney(
  booking: Pick<WireBooking, 'product' | 'shipper' | 'consignee'>,
  bookedAt: number,
  speed: number,
): PlannedScan[] {
  const transit = transitMs(booking);
  const due = (afterMs: number): number => bookedAt + Math.round(afterMs / speed);
  const onTheWay = (part: number): number => due(COLLECTED_AFTER_MS + transit * part);
  return [
    { code: 'LC', description: 'Label created', due_at: bookedAt, at_consignee: false },
    { code: 'PU', description: 'Collected from sender', due_at: due(COLLECTED_AFTER_MS), at_consignee: false },
    { code: 'IT', description: 'On the way', due_at: onTheWay(0.3), at_consignee: false },
    { code: 'DP', description: 'Arrived at delivery depot', due_at: onTheWay(0.8), at_consignee: true },
    { code: 'OD', description: 'Out for delivery', due_at: onTheWay(0.9), at_consignee: true },
    { code: 'DL', description: 'Delivered', due_at: onTheWay(1), at_consignee: true },
  ];
}
