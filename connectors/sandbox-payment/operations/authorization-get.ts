import type { SafeOperation } from '../../kit/contract';
import type { OperationOutput } from '../../kit/vocabulary';
import { readAuthorization } from '../client';
import type { Config, Secrets } from '../config';
import type { WireAuthorization } from '../wire';

/** An authorization in our words. */
export function fromWire(wire: WireAuthorization): OperationOutput<'authorization.get'> {
  return {
    authorization_reference: wire.ref,
    state: wire.status === 'OPEN' ? 'open' : 'captured',
    amount: wire.value,
    captured: wire.capturedValue,
    refunded: wire.refundedValue,
    currency: wire.currency,
  };
}

/** Reads what is authorized, captured and paid back. */
export const getAuthorization: SafeOperation<'authorization.get', Config, Secrets> = {
  repeat: 'safe',
  async run(call, input) {
    const stated = { value: input.amount, currency: input.currency };
    return fromWire(await readAuthorization(call, input.authorization_reference, stated));
  },
};
