/** The embedded carrier itself. */
import { defineSimulator, type SimulatorContext, type SimulatorRoute } from '../kit/simulator';
import { accountRoute, pageOf, refuse, routeWithBody, withKeyCheck } from '../kit/simulator-answers';
import type { SimulatorAnswer } from '../kit/simulator-faults';
import { createSchedule, type Schedule } from '../kit/simulator-schedule';
import type { SimulatorState, StateEntry } from '../kit/simulator-state';
import { planJourney, type PlannedScan } from './journey';
import { renderPdf, renderZpl } from './label';
import { priceOf, refusalOf } from './tariff';
import { trackingNumber } from './tracking-number';
import { wireBookingSchema, type WireBooked, type WireBooking, type WireScan } from './wire';

interface Booking {
  booking_id: string;
  reference: string;
  booked_at: string;
  request: WireBooking;
  tracking_numbers: string[];
  eta: string;
  voided_at?: string;
}

/** A bought label; `journey` is fixed at booking, so that a restart at another speed does not move it. */
interface Label {
  tracking_number: string;
  booking_id: string;
  parcel_id: string;
  reference: string;
  service: string;
  weight_grams: number;
  bought_at: string;
  voided: boolean;
  journey: PlannedScan[];
}

/** `/_state/events` shows what was scanned; the wire's scan lies in `scan`. */
interface ScanEvent {
  event_id: string;
  tracking_number: string;
  reference: string;
  code: string;
  at: string;
  scan: WireScan;
}

/** The embedded carrier: each booking buys, also a second one under the same reference, as real carriers do. */
export const simulator = defineSimulator({
  id: 'sandbox-carrier',
  collections: ['labels', 'events', 'bookings'],
  open(context) {
    const schedule = createSchedule();
    for (const label of context.state.list<Label>('labels')) {
      scheduleScan(schedule, label, scansOf(context.state, label.tracking_number).length);
    }
    return { routes: withKeyCheck(routes(context, schedule)), catchUp: () => catchUp(context, schedule) };
  },
});

function routes(context: SimulatorContext, schedule: Schedule): SimulatorRoute[] {
  const { state, now } = context;
  return [
    routeWithBody({ operation: 'shipment.book', method: 'post', path: '/v2/bookings' }, wireBookingSchema, (request) =>
      book(context, schedule, request),
    ),
    {
      operation: 'shipment.book.find',
      method: 'get',
      path: '/v2/bookings',
      async handle({ query }) {
        const bookings = state.where<Booking>('bookings', 'reference', query.customerReference ?? '');
        return { status: 200, body: { bookings: await Promise.all(bookings.map(toWire)) } };
      },
    },
    {
      operation: 'shipment.void',
      method: 'delete',
      path: '/v2/bookings/:bookingNo',
      handle: ({ params }) => cancel(context, params.bookingNo ?? ''),
    },
    {
      operation: 'tracking',
      method: 'get',
      path: '/v2/scans',
      handle(request) {
        const { page, next, more } = pageOf(state.list<ScanEvent>('events'), request);
        return { status: 200, body: { scans: page.map(({ scan }) => scan), next, more } };
      },
    },
    {
      operation: 'tracking.get',
      method: 'get',
      path: '/v2/parcels/:trackingNo/scans',
      handle({ params }) {
        const number = params.trackingNo ?? '';
        if (state.get('labels', number) === undefined) return refuse(404, 'PARCEL_UNKNOWN');
        return { status: 200, body: { scans: scansOf(state, number).map(({ scan }) => scan) } };
      },
    },
    accountRoute('/v2/me', 'sandbox-carrier', now),
  ];
}

async function book(context: SimulatorContext, schedule: Schedule, request: WireBooking): Promise<SimulatorAnswer> {
  const refusal = refusalOf(request);
  if (refusal !== undefined) return refuse(422, refusal);
  const { state, speed, now } = context;
  const bookedAt = now();
  const sold = state.list('labels').length;
  const journey = planJourney(request, bookedAt, speed);
  const booking: Booking = {
    booking_id: `BK${String(state.list('bookings').length + 1).padStart(8, '0')}`,
    reference: request.customerReference,
    booked_at: new Date(bookedAt).toISOString(),
    request,
    tracking_numbers: request.packages.map((_, index) => trackingNumber(sold + index + 1)),
    eta: new Date(journey.at(-1)?.due_at ?? bookedAt).toISOString(),
  };
  const labels = request.packages.map((each, index): Label => ({
    tracking_number: booking.tracking_numbers[index] ?? '',
    booking_id: booking.booking_id,
    parcel_id: each.ref,
    reference: booking.reference,
    service: request.product,
    weight_grams: each.grams,
    bought_at: booking.booked_at,
    voided: false,
    journey,
  }));
  // Stored before anything is awaited: numbers are given out once.
  state.put(
    ['bookings', booking.booking_id, booking],
    ...labels.map((label): StateEntry => ['labels', label.tracking_number, label]),
  );
  labels.forEach((label) => scheduleScan(schedule, label, 0));
  return { status: 201, body: await toWire(booking) };
}

/** Renders the labels again from the booking, the same bytes each time. */
async function toWire(booking: Booking): Promise<WireBooked> {
  const { request } = booking;
  const packages = request.packages.map(async (each, index) => {
    const content = {
      tracking_number: booking.tracking_numbers[index] ?? '',
      product: request.product,
      reference: booking.reference,
      note: each.note,
      grams: each.grams,
      piece: index + 1,
      pieces: request.packages.length,
      shipper: request.shipper,
      consignee: request.consignee,
      created_at: booking.booked_at,
    };
    const pdf = await renderPdf(content);
    const documents = [
      { type: 'PDF' as const, data: pdf.toString('base64') },
      { type: 'ZPL' as const, data: Buffer.from(renderZpl(content)).toString('base64') },
    ];
    return { ref: each.ref, trackingNo: content.tracking_number, documents };
  });
  return {
    bookingNo: booking.booking_id,
    customerReference: booking.reference,
    product: request.product === 'EXPRESS' ? 'EXPRESS' : 'STANDARD',
    cancelled: booking.voided_at !== undefined,
    packages: await Promise.all(packages),
    price: { minor: priceOf(request), currency: 'EUR' },
    eta: booking.eta,
  };
}

function cancel({ state, now }: SimulatorContext, bookingNo: string): SimulatorAnswer {
  const booking = state.get<Booking>('bookings', bookingNo);
  if (booking === undefined) return refuse(404, 'BOOKING_UNKNOWN');
  if (booking.voided_at !== undefined) return cancelled(bookingNo, booking.voided_at);
  const labels = booking.tracking_numbers.flatMap((number) => state.get<Label>('labels', number) ?? []);
  const collected = labels.some(({ tracking_number }) => scansOf(state, tracking_number).length > 1);
  if (collected) return refuse(409, 'ALREADY_COLLECTED');
  const voidedAt = new Date(now()).toISOString();
  state.put(
    ['bookings', bookingNo, { ...booking, voided_at: voidedAt }],
    ...labels.map((label): StateEntry => [
      'labels',
      label.tracking_number,
      { ...label, voided: true, voided_at: voidedAt },
    ]),
  );
  return cancelled(bookingNo, voidedAt);
}

function cancelled(bookingNo: string, cancelledAt: string): SimulatorAnswer {
  return { status: 200, body: { bookingNo, cancelledAt } };
}

function scansOf(state: SimulatorState, number: string): readonly ScanEvent[] {
  return state.where<ScanEvent>('events', 'tracking_number', number);
}

function scheduleScan(schedule: Schedule, label: Label, step: number): void {
  const planned = label.journey[step];
  if (planned !== undefined) schedule.add({ due_at: planned.due_at, id: label.tracking_number, step });
}

function catchUp({ state, now }: SimulatorContext, schedule: Schedule): void {
  for (let due = schedule.takeDue(now()); due !== undefined; due = schedule.takeDue(now())) {
    const label = state.get<Label>('labels', due.id);
    const planned = label?.journey[due.step];
    // A voided label is not seen any more.
    if (label === undefined || planned === undefined || label.voided) continue;
    const request = state.get<Booking>('bookings', label.booking_id)?.request;
    const place = planned.at_consignee ? request?.consignee : request?.shipper;
    const scan: WireScan = {
      id: `${label.tracking_number}-${due.step + 1}-${planned.code}`,
      trackingNo: label.tracking_number,
      customerReference: label.reference,
      code: planned.code,
      description: planned.description,
      occurredAt: new Date(planned.due_at).toISOString(),
      ...(place === undefined ? {} : { town: place.town, countryCode: place.countryCode }),
    };
    const event: ScanEvent = {
      event_id: scan.id,
      tracking_number: scan.trackingNo,
      reference: label.reference,
      code: scan.code,
      at: scan.occurredAt,
      scan,
    };
    state.put(['events', event.event_id, event]);
    scheduleScan(schedule, label, due.step + 1);
  }
}
