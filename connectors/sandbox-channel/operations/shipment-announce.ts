import type { FindFirstOperation } from '../../kit/contract';
import type { OperationInput, OperationOutput } from '../../kit/vocabulary';
import { createDispatch, findDispatch } from '../client';
import type { Config, Secrets } from '../config';
import type { WireDispatch, WireDispatched } from '../wire';

/** An announcement as the shop takes it. */
export function toWire(input: OperationInput<'shipment.announce'>): WireDispatch {
  return {
    externalRef: input.reference,
    items: input.lines.map(({ line_id, sku, quantity }) => ({
      itemId: line_id,
      ...(sku === undefined ? {} : { sku }),
      pieces: quantity,
    })),
    packages: input.parcels.map(({ carrier, tracking_number, tracking_url }) => ({
      carrierName: carrier,
      trackingCode: tracking_number,
      ...(tracking_url === undefined ? {} : { trackingLink: tracking_url }),
    })),
  };
}

/** The shop's answer in our words. */
export function fromWire(dispatched: WireDispatched): OperationOutput<'shipment.announce'> {
  return { announcement_id: dispatched.dispatchId };
}

/** Announces a handover. The shop writes to its customer each time, so it is asked by our reference first. */
export const announceShipment: FindFirstOperation<'shipment.announce', Config, Secrets> = {
  repeat: 'find-first',
  settle_ms: (config) => config.settle_ms,
  async find(call, input) {
    const dispatched = await findDispatch(call, input.reference);
    return dispatched === undefined ? undefined : fromWire(dispatched);
  },
  run: async (call, input) => fromWire(await createDispatch(call, input.channel_order_id, toWire(input))),
};
