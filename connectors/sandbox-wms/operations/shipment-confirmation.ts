import type { Feed } from '../../kit/contract';
import type { FeedItem } from '../../kit/vocabulary';
import { readReports } from '../client';
import { typeOfReport } from '../codes';
import type { Config, Secrets } from '../config';
import type { WireReport } from '../wire';

type WirePosition = WireReport['positions'][number];

/** A report in our words. */
export function fromWire(report: WireReport): FeedItem<'shipment_confirmation'> {
  const lines = (positions: readonly WirePosition[]): { line_id: string; quantity: number }[] =>
    positions.map(({ position, qty }) => ({ line_id: position, quantity: qty }));
  return {
    event_id: report.id,
    fulfillment_id: report.orderId,
    reference: report.orderNumber,
    type: typeOfReport[report.kind],
    at: report.time,
    lines: lines(report.positions),
    ...(report.packages === undefined
      ? {}
      : {
          parcels: report.packages.map(({ id, grams, sides, positions }) => ({
            parcel_id: id,
            weight_grams: grams,
            length_mm: sides[0],
            width_mm: sides[1],
            height_mm: sides[2],
            lines: lines(positions),
          })),
        }),
    ...(report.note === undefined ? {} : { reason: report.note }),
  };
}

/** What the warehouse reports, in the order in which it happened there. */
export const shipmentConfirmations: Feed<'shipment_confirmation', Config, Secrets> = {
  overlap_ms: 0,
  async pull(call, page) {
    const { reports, next, more } = await readReports(call, page);
    return { items: reports.map(fromWire), cursor: next, more };
  },
};
