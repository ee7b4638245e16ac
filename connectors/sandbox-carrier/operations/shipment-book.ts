import type { FindFirstOperation } from '../../kit/contract';
import { ConnectorFault } from '../../kit/faults';
import type { OperationInput, OperationOutput } from '../../kit/vocabulary';
import type { PostalAddress } from '../../kit/vocabulary/parts';
import { createBooking, findBookings } from '../client';
import { productOfService, serviceOfProduct } from '../codes';
import type { Config, Secrets } from '../config';
import type { WireBooked, WireBooking, WireParty } from '../wire';

/** A booking as the carrier takes it; throws a `rejected` fault for a service that it does not have. */
export function toWire(input: OperationInput<'shipment.book'>): WireBooking {
  const product = Object.hasOwn(productOfService, input.service) ? productOfService[input.service] : undefined;
  if (product === undefined) throw noSuchService();
  return {
    customerReference: input.reference,
    product,
    shipper: partyToWire(input.from),
    consignee: partyToWire(input.to),
    packages: input.parcels.map((parcel) => {
      const { length_mm: length, width_mm: width, height_mm: height } = parcel;
      return {
        ref: parcel.parcel_id,
        grams: parcel.weight_grams,
        ...(length === undefined || width === undefined || height === undefined
          ? {}
          : { sides: [length, width, height] as [number, number, number] }),
        ...(parcel.reference === undefined ? {} : { note: parcel.reference }),
      };
    }),
    ...(input.goods_value === undefined
      ? {}
      : { insured: { minor: input.goods_value.amount, currency: input.goods_value.currency } }),
  };
}

/** A booking in our words. */
export function fromWire(booked: WireBooked): OperationOutput<'shipment.book'> {
  return {
    booking_id: booked.bookingNo,
    carrier: 'sandbox-carrier',
    service: serviceOfProduct[booked.product],
    parcels: booked.packages.map(({ ref, trackingNo, documents }) => ({
      parcel_id: ref,
      tracking_number: trackingNo,
      labels: documents.map(({ type, data }) => ({ format: type === 'PDF' ? 'pdf' : 'zpl', content_base64: data })),
    })),
    cost: { amount: booked.price.minor, currency: booked.price.currency },
    estimated_delivery_at: booked.eta,
  };
}

/** Buys labels. The carrier keeps no key, so it is asked by our reference first; a cancelled booking is not adopted. */
export const bookShipment: FindFirstOperation<'shipment.book', Config, Secrets> = {
  repeat: 'find-first',
  settle_ms: (config) => config.settle_ms,
  async find(call, input) {
    const standing = (await findBookings(call, input.reference)).find(({ cancelled }) => !cancelled);
    return standing === undefined ? undefined : fromWire(standing);
  },
  run: async (call, input) => fromWire(await createBooking(call, toWire(input))),
};

function partyToWire(address: PostalAddress): WireParty {
  return {
    name: address.name,
    ...(address.company === undefined ? {} : { company: address.company }),
    street: address.line1,
    ...(address.line2 === undefined ? {} : { street2: address.line2 }),
    town: address.city,
    ...(address.region === undefined ? {} : { region: address.region }),
    ...(address.postal_code === undefined ? {} : { zip: address.postal_code }),
    countryCode: address.country,
    ...(address.phone === undefined ? {} : { phone: address.phone }),
  };
}

function noSuchService(): ConnectorFault {
  return new ConnectorFault({
    kind: 'rejected',
    reason: 'service',
    happened: 'no',
    at_fault: 'merchant',
    code: 'service_unknown',
    message: 'shipment.book: the carrier has no such service',
  });
}
