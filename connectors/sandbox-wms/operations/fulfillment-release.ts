import type { NativeKeyOperation } from '../../kit/contract';
import type { OperationInput, OperationOutput } from '../../kit/vocabulary';
import { createOrder } from '../client';
import type { Config, Secrets } from '../config';
import type { WireOrder, WireOrderAnswer } from '../wire';

/** A release as the warehouse takes it. */
export function toWire(input: OperationInput<'fulfillment.release'>): WireOrder {
  const to = input.ship_to;
  return {
    orderNumber: input.reference,
    warehouse: input.location_code,
    ...(input.service_level === undefined ? {} : { priority: input.service_level }),
    consignee: {
      name: to.name,
      ...(to.company === undefined ? {} : { company: to.company }),
      street: to.line1,
      ...(to.line2 === undefined ? {} : { street2: to.line2 }),
      town: to.city,
      ...(to.region === undefined ? {} : { region: to.region }),
      ...(to.postal_code === undefined ? {} : { zip: to.postal_code }),
      countryCode: to.country,
      ...(to.phone === undefined ? {} : { phone: to.phone }),
      ...(to.email === undefined ? {} : { email: to.email }),
    },
    positions: input.lines.map((line) => ({
      position: line.line_id,
      article: line.sku,
      qty: line.quantity,
      ...(line.weight_grams === undefined ? {} : { unitWeight: line.weight_grams }),
    })),
  };
}

/** The warehouse's answer in our words. */
export function fromWire(answer: WireOrderAnswer): OperationOutput<'fulfillment.release'> {
  return { fulfillment_id: answer.id };
}

/** Releases work to the warehouse, which keeps one order for each number. */
export const releaseFulfillment: NativeKeyOperation<'fulfillment.release', Config, Secrets> = {
  repeat: 'native-key',
  run: async (call, input) => fromWire(await createOrder(call, toWire(input))),
};
