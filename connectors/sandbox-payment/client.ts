/** The only file that speaks HTTP to the embedded payment provider. */
import type { z } from 'zod';
import type { Call } from '../kit/contract';
import type { Config, Secrets } from './config';
import {
  wireAccountSchema,
  wireAuthorizationSchema,
  wireMovementSchema,
  wireMovementsSchema,
  type WireAuthorization,
  type WireCaptureRequest,
  type WireMovement,
  type WireRefundRequest,
} from './wire';

/** A call to the embedded payment provider. */
export type PaymentCall = Call<Config, Secrets>;

/** The two movements of money, which have the same endpoints. */
export type MovementKind = 'captures' | 'refunds';

/** Reads an authorization; one not seen before is taken for the stated value. */
export async function readAuthorization(
  call: PaymentCall,
  ref: string,
  stated: { value: number | undefined; currency: string | undefined },
): Promise<WireAuthorization> {
  const path = `/authorizations/${encodeURIComponent(ref)}`;
  return (await call.http.request({ method: 'GET', path, query: stated, response: wireAuthorizationSchema })).body;
}

/** Moves money, and refuses an answer that is about another reference or another amount. */
export async function createMovement(
  call: PaymentCall,
  kind: MovementKind,
  ref: string,
  body: WireCaptureRequest | WireRefundRequest,
): Promise<WireMovement> {
  const path = `/authorizations/${encodeURIComponent(ref)}/${kind}`;
  const response = wireMovementSchema.refine(
    (moved) => moved.merchantRef === body.merchantRef && moved.value === body.value && moved.currency === body.currency,
  );
  return (await call.http.request({ method: 'POST', path, body, response })).body;
}

/** The first movement under our reference. */
export async function findMovement(
  call: PaymentCall,
  kind: MovementKind,
  reference: string,
): Promise<WireMovement | undefined> {
  const response = wireMovementsSchema.refine(({ items }) =>
    items.every(({ merchantRef }) => merchantRef === reference),
  );
  const query = { merchantRef: reference };
  return (await call.http.request({ method: 'GET', path: `/${kind}`, query, response })).body.items[0];
}

/** Asks who we are and what time it is there. */
export async function readAccount(call: PaymentCall): Promise<z.infer<typeof wireAccountSchema>> {
  return (await call.http.request({ method: 'GET', path: '/me', response: wireAccountSchema })).body;
}
