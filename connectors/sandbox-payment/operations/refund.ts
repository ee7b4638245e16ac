import type { FindFirstOperation } from '../../kit/contract';
import type { OperationInput, OperationOutput } from '../../kit/vocabulary';
import { createMovement, findMovement } from '../client';
import type { Config, Secrets } from '../config';
import type { WireMovement, WireRefundRequest } from '../wire';

/** A refund as the provider takes it. */
export function toWire(input: OperationInput<'refund'>): WireRefundRequest {
  return { merchantRef: input.reference, value: input.amount, currency: input.currency };
}

/** A refund in our words. */
export function fromWire(moved: WireMovement): OperationOutput<'refund'> {
  return { refund_id: moved.id, amount: moved.value, currency: moved.currency };
}

/** Pays back. The provider keeps no key, so it is asked by our reference first. */
export const refund: FindFirstOperation<'refund', Config, Secrets> = {
  repeat: 'find-first',
  settle_ms: (config) => config.settle_ms,
  async find(call, input) {
    const moved = await findMovement(call, 'refunds', input.reference);
    return moved === undefined ? undefined : fromWire(moved);
  },
  run: async (call, input) =>
    fromWire(await createMovement(call, 'refunds', input.authorization_reference, toWire(input))),
};
