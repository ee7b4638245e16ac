/** The only file that speaks HTTP to the embedded carrier. */
import type { z } from 'zod';
import type { Call } from '../kit/contract';
import type { Config, Secrets } from './config';
import {
  wireAccountSchema,
  wireBookedSchema,
  wireBookingsSchema,
  wireCancelledSchema,
  wireParcelScansSchema,
  wireScansSchema,
  type WireBooked,
  type WireBooking,
  type WireScan,
} from './wire';

/** A call to the embedded carrier. */
export type CarrierCall = Call<Config, Secrets>;

/** Books, and refuses an answer that is about another reference. */
export async function createBooking(call: CarrierCall, body: WireBooking): Promise<WireBooked> {
  const response = wireBookedSchema.refine((booked) => booked.customerReference === body.customerReference);
  return (await call.http.request({ method: 'POST', path: '/v2/bookings', body, response })).body;
}

/** Bookings under a reference, oldest first, cancelled ones too. */
export async function findBookings(call: CarrierCall, reference: string): Promise<WireBooked[]> {
  const response = wireBookingsSchema.refine(({ bookings }) =>
    bookings.every(({ customerReference }) => customerReference === reference),
  );
  const query = { customerReference: reference };
  return (await call.http.request({ method: 'GET', path: '/v2/bookings', query, response })).body.bookings;
}

/** Cancels a booking; cancelling twice gives the same answer. */
export async function cancelBooking(
  call: CarrierCall,
  bookingNo: string,
): Promise<z.infer<typeof wireCancelledSchema>> {
  const path = `/v2/bookings/${encodeURIComponent(bookingNo)}`;
  return (await call.http.request({ method: 'DELETE', path, response: wireCancelledSchema })).body;
}

/** Scans after a cursor, over all parcels of the account. */
export async function readScans(
  call: CarrierCall,
  page: { cursor: string | null; limit: number },
): Promise<z.infer<typeof wireScansSchema>> {
  const query = { after: page.cursor ?? undefined, limit: page.limit };
  return (await call.http.request({ method: 'GET', path: '/v2/scans', query, response: wireScansSchema })).body;
}

/** All scans of one parcel. */
export async function readParcelScans(call: CarrierCall, trackingNo: string): Promise<WireScan[]> {
  const path = `/v2/parcels/${encodeURIComponent(trackingNo)}/scans`;
  return (await call.http.request({ method: 'GET', path, response: wireParcelScansSchema })).body.scans;
}

/** Asks who we are and what time it is there. */
export async function readAccount(call: CarrierCall): Promise<z.infer<typeof wireAccountSchema>> {
  return (await call.http.request({ method: 'GET', path: '/v2/me', response: wireAccountSchema })).body;
}
