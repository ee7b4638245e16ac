/** The only file that speaks HTTP to the embedded warehouse. */
import type { z } from 'zod';
import type { Call } from '../kit/contract';
import type { Config, Secrets } from './config';
import {
  wireAccountSchema,
  wireOrderAnswerSchema,
  wireReportsSchema,
  wireStopAnswerSchema,
  type WireOrder,
  type WireOrderAnswer,
} from './wire';

/** A call to the embedded warehouse. */
export type WmsCall = Call<Config, Secrets>;

/** Creates an order, or gives the one that stands under its number. */
export async function createOrder(call: WmsCall, body: WireOrder): Promise<WireOrderAnswer> {
  const answer = await call.http.request({
    method: 'POST',
    path: '/api/v1/orders',
    body,
    response: wireOrderAnswerSchema.refine(({ orderNumber }) => orderNumber === body.orderNumber),
  });
  return answer.body;
}

/** Reads an order. */
export async function readOrder(call: WmsCall, id: string): Promise<WireOrderAnswer> {
  const path = `/api/v1/orders/${encodeURIComponent(id)}`;
  return (await call.http.request({ method: 'GET', path, response: wireOrderAnswerSchema })).body;
}

/** Asks to stop an order. */
export async function stopOrder(call: WmsCall, id: string): Promise<z.infer<typeof wireStopAnswerSchema>> {
  const path = `/api/v1/orders/${encodeURIComponent(id)}/stop`;
  return (await call.http.request({ method: 'POST', path, response: wireStopAnswerSchema })).body;
}

/** Reads reports after a cursor. */
export async function readReports(
  call: WmsCall,
  page: { cursor: string | null; limit: number },
): Promise<z.infer<typeof wireReportsSchema>> {
  const query = { after: page.cursor ?? undefined, limit: page.limit };
  return (await call.http.request({ method: 'GET', path: '/api/v1/reports', query, response: wireReportsSchema })).body;
}

/** Asks who we are and what time it is there. */
export async function readAccount(call: WmsCall): Promise<z.infer<typeof wireAccountSchema>> {
  return (await call.http.request({ method: 'GET', path: '/api/v1/me', response: wireAccountSchema })).body;
}
