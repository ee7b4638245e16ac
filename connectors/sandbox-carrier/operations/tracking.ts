import type { Feed, SafeOperation } from '../../kit/contract';
import { readScan } from '../../kit/tracking-codes';
import type { FeedItem } from '../../kit/vocabulary';
import { readParcelScans, readScans } from '../client';
import { trackingTable } from '../codes';
import type { Config, Secrets } from '../config';
import type { WireScan } from '../wire';

/** A scan in our words, with the carrier's own beside them. */
export function fromWire(scan: WireScan): FeedItem<'tracking'> {
  return {
    event_id: scan.id,
    tracking_number: scan.trackingNo,
    reference: scan.customerReference,
    code: scan.code,
    text: scan.description,
    at: scan.occurredAt,
    ...(scan.town === undefined && scan.countryCode === undefined
      ? {}
      : { place: { city: scan.town, country: scan.countryCode } }),
    ...readScan(trackingTable, { code: scan.code, text: scan.description }),
    raw: scan,
  };
}

/** All scans of one parcel. */
export const getTracking: SafeOperation<'tracking.get', Config, Secrets> = {
  repeat: 'safe',
  run: async (call, input) => ({ items: (await readParcelScans(call, input.tracking_number)).map(fromWire) }),
};

/** Scans of all parcels, in the order in which the carrier learnt of them. */
export const trackingFeed: Feed<'tracking', Config, Secrets> = {
  overlap_ms: 0,
  async pull(call, page) {
    const { scans, next, more } = await readScans(call, page);
    return { items: scans.map(fromWire), cursor: next, more };
  },
};
