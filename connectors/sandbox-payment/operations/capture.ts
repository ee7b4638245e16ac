import type { FindFirstOperation } from '../../kit/contract';
import type { OperationInput, OperationOutput } from '../../kit/vocabulary';
import { createMovement, findMovement } from '../client';
import type { Config, Secrets } from '../config';
import type { WireCaptureRequest, WireMovement } from '../wire';

/** A capture as the provider takes it. */
export function toWire(input: OperationInput<'capture'>): WireCaptureRequest {
  return {
    merchantRef: input.reference,
    value: input.amount,
    ...(input.authorized_amount === undefined ? {} : { authorizedValue: input.authorized_amount }),
    currency: input.currency,
  };
}

/** A capture in our words. */
export function fromWire(moved: WireMovement): OperationOutput<'capture'> {
  return { capture_id: moved.id, amount: moved.value, currency: moved.currency };
}

/** Takes money. The provider keeps no key, so it is asked by our reference first. */
export const capture: FindFirstOperation<'capture', Config, Secrets> = {
  repeat: 'find-first',
  settle_ms: (config) => config.settle_ms,
  async find(call, input) {
    const moved = await findMovement(call, 'captures', input.reference);
    return moved === undefined ? undefined : fromWire(moved);
  },
  run: async (call, input) =>
    fromWire(await createMovement(call, 'captures', input.authorization_reference, toWire(input))),
};
