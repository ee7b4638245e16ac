import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import type { z } from 'zod';

const TRIES = 5;
const TIMEOUT_MS = 15_000;

/** The hub's HTTP API as the seeding and the demonstration use it: through the front door, with the start key. */
export type HubClient = {
  /** Reads one resource; throws on any status but 200 and on an answer of another shape. */
  get<T extends z.ZodType>(path: string, schema: T): Promise<z.infer<T>>;
  /** Creates one resource; a repeat that the API recognises is as good. Throws, with the API's own words, on a refusal. */
  post<T extends z.ZodType>(path: string, body: unknown, schema: T): Promise<z.infer<T>>;
};

/** The API understood the call and refused it: no repeat helps. */
class RefusedCall extends Error {}

/** A client for the API at `baseUrl` (no trailing slash). Each call is repeated while the API is restarting. */
export function createHubClient(baseUrl: string, apiKey: string): HubClient {
  const attempt = async (method: string, path: string, key: string, body: unknown): Promise<unknown> => {
    const response = await fetch(`${baseUrl}${path}`, {
      method,
      headers: {
        authorization: `Bearer ${apiKey}`,
        ...(body === undefined ? {} : { 'content-type': 'application/json', 'idempotency-key': key }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    const text = await response.text();
    if (response.status === 503) throw new Error(`${method} ${path} is answered 503`);
    if (!response.ok) throw new RefusedCall(`${method} ${path} is answered ${response.status}: ${text.slice(0, 500)}`);
    return JSON.parse(text) as unknown;
  };
  const call = async (method: string, path: string, body: unknown): Promise<unknown> => {
    const key = randomUUID();
    for (let tries = 1; ; tries += 1) {
      try {
        return await attempt(method, path, key, body);
      } catch (error) {
        if (error instanceof RefusedCall || tries === TRIES) throw error;
        await delay(200 * 2 ** tries);
      }
    }
  };
  return {
    get: async (path, schema) => schema.parse(await call('GET', path, undefined)),
    post: async (path, body, schema) => schema.parse(await call('POST', path, body)),
  };
}
