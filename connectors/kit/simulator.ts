/** The base of every simulator: an HTTP server with state of its own, planted faults, and a view of what happened. */
import type { IncomingHttpHeaders } from 'node:http';
import express, { type Express, type NextFunction, type Request, type Response } from 'express';
import {
  answerWithFault,
  createFaultSwitch,
  send,
  simulatorFaultKinds,
  simulatorFaultSchema,
  type SimulatorAnswer,
} from './simulator-faults';
import type { SimulatorState } from './simulator-state';

/** What a simulator lives in. Delays are stated as in the real world and divided by `speed`, a number from 1 up. */
export interface SimulatorContext {
  state: SimulatorState;
  speed: number;
  /** Milliseconds since the epoch. */
  now: () => number;
}

/** A request after JSON parsing; the body is whatever was sent. */
export interface SimulatorRequest {
  params: Readonly<Record<string, string>>;
  query: Readonly<Record<string, string | undefined>>;
  headers: IncomingHttpHeaders;
  body: unknown;
}

/** One endpoint of the partner; `operation` is the name that faults are planted by. */
export interface SimulatorRoute {
  operation: string;
  method: 'get' | 'post' | 'put' | 'delete';
  path: string;
  handle: (request: SimulatorRequest) => SimulatorAnswer | Promise<SimulatorAnswer>;
}

/** A running simulator: its endpoints, and what brings its state up to now before it is read. */
export interface OpenSimulator {
  routes: readonly SimulatorRoute[];
  catchUp?: () => void;
}

/** A simulator as a connector's folder declares it; each collection has one row for each effect. */
export interface Simulator {
  id: string;
  collections: readonly string[];
  open: (context: SimulatorContext) => OpenSimulator;
}

/** Declares a simulator. */
export function defineSimulator(simulator: Simulator): Simulator {
  return simulator;
}

/** A simulator's express app; `stop` drops what was still to be applied late. */
export interface SimulatorApp {
  app: Express;
  stop: () => void;
}

/** Builds the app: the partner's endpoints, `PUT` and `DELETE /_faults`, and `GET /_state/{collection}`. */
export function createSimulatorApp(simulator: Simulator, context: SimulatorContext): SimulatorApp {
  const running = simulator.open(context);
  const faults = createFaultSwitch();
  const timers = new Set<NodeJS.Timeout>();
  const later = (delayMs: number, run: () => Promise<void>): void => {
    const timer = setTimeout(() => {
      timers.delete(timer);
      run().catch((error: unknown) => process.stderr.write(`${simulator.id}: ${String(error)}\n`));
    }, delayMs);
    timers.add(timer);
  };

  const app = express();
  app.disable('x-powered-by');
  app.disable('etag');
  app.use(express.json({ limit: '10mb', strict: false }));
  addControls(app, simulator, running, context, faults);
  for (const route of running.routes) {
    app[route.method](route.path, async (request: Request, response: Response) => {
      running.catchUp?.();
      const apply = async (): Promise<SimulatorAnswer> => route.handle(toSimulatorRequest(request));
      const fault = faults.take(route.operation);
      if (fault === undefined) send(response, await apply());
      else await answerWithFault(fault, response, apply, later);
    });
  }
  app.use((_request, response) => void response.status(404).json({ error: { code: 'no_such_endpoint' } }));
  app.use(answerError);
  return { app, stop: () => timers.forEach((timer) => clearTimeout(timer)) };
}

function addControls(
  app: Express,
  simulator: Simulator,
  running: OpenSimulator,
  context: SimulatorContext,
  faults: ReturnType<typeof createFaultSwitch>,
): void {
  const operations = [...new Set(running.routes.map(({ operation }) => operation))];
  app.put('/_faults', (request, response) => {
    const parsed = simulatorFaultSchema.safeParse(request.body);
    if (!parsed.success || !operations.includes(parsed.data.operation)) {
      const errors = parsed.success
        ? [{ path: 'operation', code: 'unknown_operation' }]
        : parsed.error.issues.map((issue) => ({ path: issue.path.join('.'), code: issue.code }));
      response.status(422).json({ errors, operations, kinds: simulatorFaultKinds });
      return;
    }
    faults.plant(parsed.data);
    response.json({ data: faults.list() });
  });
  app.delete('/_faults', (_request, response) => {
    faults.clear();
    response.status(204).end();
  });
  app.get('/_state/:collection', (request, response) => {
    const { collection } = request.params;
    if (!simulator.collections.includes(collection)) {
      response.status(404).json({ error: { code: 'no_such_collection', collections: simulator.collections } });
      return;
    }
    running.catchUp?.();
    response.json({ data: context.state.list(collection) });
  });
}

function toSimulatorRequest(request: Request): SimulatorRequest {
  const texts = (values: object): Record<string, string> =>
    Object.fromEntries(
      Object.entries(values).filter((entry): entry is [string, string] => typeof entry[1] === 'string'),
    );
  return { params: texts(request.params), query: texts(request.query), headers: request.headers, body: request.body };
}

/** A body that is no JSON is the caller's fault; anything else is ours and says nothing to the outside. */
function answerError(error: unknown, _request: Request, response: Response, next: NextFunction): void {
  if (response.headersSent) {
    next(error);
    return;
  }
  const status = typeof error === 'object' && error !== null && 'status' in error ? Number(error.status) : 500;
  if (status >= 500) process.stderr.write(`simulator: ${error instanceof Error ? error.stack : String(error)}\n`);
  response.status(status).json({ error: { code: status < 500 ? 'malformed' : 'internal' } });
}
