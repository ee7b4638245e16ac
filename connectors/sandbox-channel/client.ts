/** The only file that speaks HTTP to the embedded shop. */
import type { z } from 'zod';
import type { Call } from '../kit/contract';
import type { Config, Secrets } from './config';
import {
  wireAccountSchema,
  wireDispatchedSchema,
  wireDispatchesSchema,
  type WireDispatch,
  type WireDispatched,
} from './wire';

/** A call to the embedded shop. */
export type ChannelCall = Call<Config, Secrets>;

/** Announces a dispatch, and refuses an answer that is about another reference. */
export async function createDispatch(call: ChannelCall, orderNo: string, body: WireDispatch): Promise<WireDispatched> {
  const path = `/shop/orders/${encodeURIComponent(orderNo)}/dispatches`;
  const response = wireDispatchedSchema.refine(({ externalRef }) => externalRef === body.externalRef);
  return (await call.http.request({ method: 'POST', path, body, response })).body;
}

/** The first dispatch under our reference. */
export async function findDispatch(call: ChannelCall, reference: string): Promise<WireDispatched | undefined> {
  const response = wireDispatchesSchema.refine(({ dispatches }) =>
    dispatches.every(({ externalRef }) => externalRef === reference),
  );
  const query = { externalRef: reference };
  return (await call.http.request({ method: 'GET', path: '/shop/dispatches', query, response })).body.dispatches[0];
}

/** Asks who we are and what time it is there. */
export async function readAccount(call: ChannelCall): Promise<z.infer<typeof wireAccountSchema>> {
  return (await call.http.request({ method: 'GET', path: '/shop/me', response: wireAccountSchema })).body;
}
