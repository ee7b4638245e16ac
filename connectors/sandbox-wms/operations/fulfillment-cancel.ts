import type { SafeOperation } from '../../kit/contract';
import { stopOrder } from '../client';
import { stateOfStatus } from '../codes';
import type { Config, Secrets } from '../config';

/** Asks the warehouse to stop; stopping what is stopped gives the same answer. */
export const cancelFulfillment: SafeOperation<'fulfillment.cancel', Config, Secrets> = {
  repeat: 'safe',
  async run(call, input) {
    const answer = await stopOrder(call, input.fulfillment_id);
    return { cancelled: answer.stopped, state: stateOfStatus[answer.status] };
  },
};
