/** The carrier's codes, its words for them, and ours. */
import type { Classified } from '../kit/contract';
import type { PartnerResponse } from '../kit/http-faults';
import type { TrackingTable } from '../kit/tracking-codes';

/** Our service → its product. */
export const productOfService: Readonly<Record<string, 'EXPRESS' | 'STANDARD'>> = {
  express: 'EXPRESS',
  standard: 'STANDARD',
};

/** Its product → our service. */
export const serviceOfProduct = { EXPRESS: 'express', STANDARD: 'standard' } as const;

/** Scan codes. */
export const trackingTable: TrackingTable = {
  version: 'sandbox-carrier/1',
  codes: {
    LC: { milestone: 'LABEL_CREATED' },
    PU: { milestone: 'PICKED_UP' },
    IT: { milestone: 'IN_TRANSIT' },
    HB: { milestone: 'ARRIVED_AT_HUB' },
    DP: { milestone: 'AT_DELIVERY_DEPOT' },
    OD: { milestone: 'OUT_FOR_DELIVERY' },
    NA: { milestone: 'DELIVERY_ATTEMPTED', responsible_party: 'recipient' },
    PS: { milestone: 'AVAILABLE_FOR_PICKUP' },
    DL: { milestone: 'DELIVERED' },
    XA: { milestone: 'UNKNOWN', reason: 'address', responsible_party: 'shipper' },
    XD: { milestone: 'UNKNOWN', reason: 'damage', responsible_party: 'carrier' },
    XL: { milestone: 'UNKNOWN', reason: 'lost', responsible_party: 'carrier' },
    XR: { milestone: 'UNKNOWN', reason: 'refused', responsible_party: 'recipient' },
    XW: { milestone: 'UNKNOWN', reason: 'weather', responsible_party: 'nobody' },
    RS: { milestone: 'RETURN_TO_SENDER' },
    RT: { milestone: 'RETURNED' },
    VD: { milestone: 'CANCELLED' },
  },
};

/** Error codes; what is missing here is read by its HTTP status. */
const errors: Readonly<Record<string, Classified>> = {
  /** "The consignee's address cannot be delivered to." */
  ADDRESS_UNDELIVERABLE: { kind: 'rejected', reason: 'address', at_fault: 'merchant' },
  /** "A package is above 30 kg." */
  PACKAGE_TOO_HEAVY: { kind: 'rejected', reason: 'weight', at_fault: 'merchant' },
  /** "A package is longer than 1.75 m, or its girth is above 3 m." */
  PACKAGE_TOO_LARGE: { kind: 'rejected', reason: 'dimensions', at_fault: 'merchant' },
  /** "No such product on this lane." */
  PRODUCT_UNAVAILABLE: { kind: 'rejected', reason: 'service', at_fault: 'merchant' },
  /** "The booking was collected and cannot be cancelled." */
  ALREADY_COLLECTED: { kind: 'rejected', reason: 'state', at_fault: 'merchant' },
};

/** Reads the error table; field paths of refused input are passed on. */
export function classify(response: PartnerResponse): Classified | undefined {
  const error = errorOf(response.body);
  if (response.status < 400 || error === undefined) return undefined;
  const known = Object.hasOwn(errors, error.code) ? errors[error.code] : undefined;
  if (known !== undefined) return { ...known, code: error.code };
  if (response.status === 422) {
    return { kind: 'invalid', at_fault: 'merchant', code: error.code, fields: error.fields };
  }
  return undefined;
}

function errorOf(body: unknown): { code: string; fields: { path: string; code: string }[] } | undefined {
  const error = member(body, 'error');
  const code = member(error, 'code');
  if (typeof code !== 'string' || !/^\w{1,60}$/.test(code)) return undefined;
  const fields = member(error, 'fields');
  const rows: unknown[] = Array.isArray(fields) ? fields : [];
  return {
    code,
    fields: rows.map((row) => ({ path: String(member(row, 'path')), code: String(member(row, 'code')) })),
  };
}

function member(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[name] : undefined;
}
