/** Faults that a test plants in a simulator, and what each does to one request. */
import type { Response } from 'express';
import { z } from 'zod';

/** The kinds of fault; `late` cuts and applies `retry_after_s` afterwards, `duplicate` and `reorder` are for feeds. */
export const simulatorFaultKinds = [
  'rate_limited',
  'http_500',
  'slow',
  'cut_before_apply',
  'cut_after_apply',
  'late',
  'garbage',
  'html',
  'wrong_reference',
  'schema_drift',
  'duplicate',
  'reorder',
] as const;

/** Body of `PUT /_faults`: the next `times` requests of `operation` meet `kind`. */
export const simulatorFaultSchema = z.strictObject({
  operation: z.string().min(1),
  kind: z.enum(simulatorFaultKinds),
  times: z.int().positive().max(1_000_000).default(1),
  retry_after_s: z.number().nonnegative().max(86_400).optional(),
});
export type SimulatorFault = z.infer<typeof simulatorFaultSchema>;

/** What a simulated partner answers. */
export interface SimulatorAnswer {
  status: number;
  body?: object;
}

/** Planted faults; a new one replaces the one of the same operation and kind. */
export interface FaultSwitch {
  plant(fault: SimulatorFault): void;
  clear(): void;
  list(): readonly SimulatorFault[];
  /** The fault that the next request of `operation` meets, counted down. */
  take(operation: string): SimulatorFault | undefined;
}

/** No faults planted; they live in memory and are gone after a restart. */
export function createFaultSwitch(): FaultSwitch {
  let planted: SimulatorFault[] = [];
  return {
    plant(fault) {
      planted = planted.filter(({ operation, kind }) => operation !== fault.operation || kind !== fault.kind);
      planted.push({ ...fault });
    },
    clear() {
      planted = [];
    },
    list: () => planted,
    take(operation) {
      const fault = planted.find((candidate) => candidate.operation === operation);
      if (fault === undefined) return undefined;
      fault.times -= 1;
      planted = planted.filter(({ times }) => times > 0);
      return fault;
    },
  };
}

const DEFAULT_DELAY_S = 1;

/**
 * Lets a fault act on one request. `apply` does what the partner does and gives its answer; `later` runs something after
 * a number of milliseconds.
 */
export async function answerWithFault(
  fault: SimulatorFault,
  response: Response,
  apply: () => Promise<SimulatorAnswer>,
  later: (delayMs: number, run: () => Promise<void>) => void,
): Promise<void> {
  const delayMs = (fault.retry_after_s ?? DEFAULT_DELAY_S) * 1000;
  switch (fault.kind) {
    case 'rate_limited':
      if (fault.retry_after_s !== undefined) response.setHeader('Retry-After', String(Math.ceil(fault.retry_after_s)));
      response.status(429).json({ error: { code: 'too_many_requests' } });
      return;
    case 'http_500':
      response.status(500).json({ error: { code: 'internal' } });
      return;
    case 'slow':
      later(delayMs, async () => send(response, await apply()));
      return;
    case 'cut_before_apply':
      response.socket?.destroy();
      return;
    case 'cut_after_apply':
      await apply();
      response.socket?.destroy();
      return;
    case 'late':
      response.socket?.destroy();
      later(delayMs, async () => {
        await apply();
      });
      return;
    case 'garbage':
      await apply();
      response.status(200).type('application/json').send('{"\u0000\u001f\ufffd[[[');
      return;
    case 'html':
      await apply();
      response.status(200).type('html').send('<!doctype html><title>Welcome</title><h1>It works!</h1>');
      return;
    default:
      send(response, distort(fault.kind, await apply()));
  }
}

/** Sends an answer as the partner does. */
export function send(response: Response, answer: SimulatorAnswer): void {
  if (response.destroyed || response.writableEnded) return;
  if (answer.body === undefined) response.status(answer.status).end();
  else response.status(answer.status).json(answer.body);
}

function distort(kind: SimulatorFault['kind'], answer: SimulatorAnswer): SimulatorAnswer {
  if (answer.body === undefined) return answer;
  if (kind === 'schema_drift') return { ...answer, body: { v2: answer.body } };
  if (kind === 'wrong_reference') return { ...answer, body: withOtherReference(answer.body) };
  const entries = Object.entries(answer.body).map(([name, value]: [string, unknown]) => {
    if (!Array.isArray(value)) return [name, value] as const;
    const rows: unknown[] = value;
    return [name, kind === 'reorder' ? rows.toReversed() : rows.flatMap((row) => [row, row])] as const;
  });
  return { ...answer, body: Object.fromEntries(entries) };
}

/** Every field whose name ends in "ref" or "reference" gets another value, as when a partner mixes up two answers. */
function withOtherReference(body: object): object {
  return JSON.parse(JSON.stringify(body), (name, value: unknown) =>
    /ref(erence)?$/i.test(name) && typeof value === 'string' ? `${value}-other` : value,
  ) as object;
}
