import type { SafeOperation } from '../../kit/contract';
import { readOrder } from '../client';
import { stateOfStatus } from '../codes';
import type { Config, Secrets } from '../config';

/** Reads how far the warehouse is. */
export const getFulfillment: SafeOperation<'fulfillment.get', Config, Secrets> = {
  repeat: 'safe',
  async run(call, input) {
    const order = await readOrder(call, input.fulfillment_id);
    return { fulfillment_id: order.id, reference: order.orderNumber, state: stateOfStatus[order.status] };
  },
};
