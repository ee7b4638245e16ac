/** The embedded payment provider itself. */
import { defineSimulator, type SimulatorContext, type SimulatorRoute } from '../kit/simulator';
import { accountRoute, refuse, routeWithBody, withKeyCheck } from '../kit/simulator-answers';
import type { SimulatorAnswer } from '../kit/simulator-faults';
import type { SimulatorState } from '../kit/simulator-state';
import {
  wireCaptureRequestSchema,
  wireRefundRequestSchema,
  type WireAuthorization,
  type WireMovement,
  type WireRefundRequest,
} from './wire';

interface Authorization {
  authorization_reference: string;
  amount: number;
  captured: number;
  refunded: number;
  currency: string;
}

/** One row for each movement of money. */
interface Movement {
  id: string;
  reference: string;
  authorization_reference: string;
  amount: number;
  currency: string;
  at: string;
}

type MovementKind = 'captures' | 'refunds';

/** The embedded payment provider: each request moves money, also a second one under the same reference. */
export const simulator = defineSimulator({
  id: 'sandbox-payment',
  collections: ['captures', 'refunds', 'authorizations'],
  open: (context) => ({ routes: withKeyCheck(routes(context)) }),
});

function routes(context: SimulatorContext): SimulatorRoute[] {
  const { state, now } = context;
  return [
    {
      operation: 'authorization.get',
      method: 'get',
      path: '/authorizations/:ref',
      handle({ params, query }) {
        const value = Number(query.value);
        const stated = Number.isInteger(value) && value > 0 ? { value, currency: query.currency } : undefined;
        const found = authorization(state, params.ref ?? '', stated?.value, stated?.currency);
        return found === undefined ? refuse(404, 'AUTHORIZATION_UNKNOWN') : { status: 200, body: toWire(found) };
      },
    },
    routeWithBody(
      { operation: 'capture', method: 'post', path: '/authorizations/:ref/captures' },
      wireCaptureRequestSchema,
      (body, { params }) => {
        const known = authorization(state, params.ref ?? '', body.authorizedValue ?? body.value, body.currency);
        if (known === undefined) return refuse(404, 'AUTHORIZATION_UNKNOWN');
        if (known.currency !== body.currency) return refuse(422, 'CURRENCY_MISMATCH');
        if (known.captured + body.value > known.amount) return refuse(422, 'OVER_CAPTURE');
        return move(context, 'captures', { ...known, captured: known.captured + body.value }, body);
      },
    ),
    routeWithBody(
      { operation: 'refund', method: 'post', path: '/authorizations/:ref/refunds' },
      wireRefundRequestSchema,
      (body, { params }) => {
        const known = state.get<Authorization>('authorizations', params.ref ?? '');
        if (known === undefined) return refuse(404, 'AUTHORIZATION_UNKNOWN');
        if (known.currency !== body.currency) return refuse(422, 'CURRENCY_MISMATCH');
        if (known.refunded + body.value > known.captured) return refuse(422, 'OVER_REFUND');
        return move(context, 'refunds', { ...known, refunded: known.refunded + body.value }, body);
      },
    ),
    findRoute(state, 'capture.find', 'captures'),
    findRoute(state, 'refund.find', 'refunds'),
    accountRoute('/me', 'sandbox-payment', now),
  ];
}

function findRoute(state: SimulatorState, operation: string, kind: MovementKind): SimulatorRoute {
  return {
    operation,
    method: 'get',
    path: `/${kind}`,
    handle: ({ query }) => ({
      status: 200,
      body: { items: state.where<Movement>(kind, 'reference', query.merchantRef ?? '').map(movementToWire) },
    }),
  };
}

/** The authorization that stands, or a new one of what is stated. */
function authorization(
  state: SimulatorState,
  reference: string,
  amount: number | undefined,
  currency: string | undefined,
): Authorization | undefined {
  const known = state.get<Authorization>('authorizations', reference);
  if (known !== undefined || amount === undefined || currency === undefined) return known;
  const created = { authorization_reference: reference, amount, captured: 0, refunded: 0, currency };
  state.put(['authorizations', reference, created]);
  return created;
}

function move(
  { state, now }: SimulatorContext,
  kind: MovementKind,
  after: Authorization,
  request: WireRefundRequest,
): SimulatorAnswer {
  const prefix = kind === 'captures' ? 'CP' : 'RF';
  const movement: Movement = {
    id: `${prefix}${String(state.list(kind).length + 1).padStart(8, '0')}`,
    reference: request.merchantRef,
    authorization_reference: after.authorization_reference,
    amount: request.value,
    currency: request.currency,
    at: new Date(now()).toISOString(),
  };
  state.put([kind, movement.id, movement], ['authorizations', after.authorization_reference, after]);
  return { status: 201, body: movementToWire(movement) };
}

function movementToWire(movement: Movement): WireMovement {
  return { id: movement.id, merchantRef: movement.reference, value: movement.amount, currency: movement.currency };
}

function toWire(known: Authorization): WireAuthorization {
  return {
    ref: known.authorization_reference,
    status: known.captured === known.amount ? 'CAPTURED' : 'OPEN',
    value: known.amount,
    capturedValue: known.captured,
    refundedValue: known.refunded,
    currency: known.currency,
  };
}
