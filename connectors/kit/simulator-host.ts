/** Runs simulators in one process, each on its own port with its own state file. */
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { loadSimulator } from '../registry';
import { createSimulatorApp } from './simulator';
import { openSimulatorState } from './simulator-state';

/** Which simulators to run and where; a port of 0 or none takes a free one, `speed` divides their delays. */
export interface SimulatorHostOptions {
  connectors: readonly string[];
  ports?: Readonly<Record<string, number>>;
  dir: string;
  speed: number;
  host?: string;
}

/** Running simulators; `urls` are bases without a trailing slash, by connector id. */
export interface SimulatorHost {
  urls: Record<string, string>;
  stop: () => Promise<void>;
}

/** Starts all of them or none; throws on an unknown connector, one without a simulator, or a port in use. */
export async function startSimulators(options: SimulatorHostOptions): Promise<SimulatorHost> {
  if (!(options.speed >= 1)) throw new Error(`speed must be a number from 1 up, not ${options.speed}`);
  const stops: (() => Promise<void>)[] = [];
  const stop = async (): Promise<void> => {
    await Promise.all(stops.map((each) => each()));
  };
  const urls: Record<string, string> = {};
  try {
    for (const id of options.connectors) {
      const started = await startOne(id, options);
      stops.push(started.stop);
      urls[id] = started.url;
    }
  } catch (error) {
    await stop();
    throw error;
  }
  return { urls, stop };
}

async function startOne(
  id: string,
  options: SimulatorHostOptions,
): Promise<{ url: string; stop: () => Promise<void> }> {
  const simulator = loadSimulator(id);
  if (simulator === undefined) throw new Error(`${id} has no simulator`);
  const state = openSimulatorState(join(options.dir, `${id}.jsonl`));
  const { app, stop } = createSimulatorApp(simulator, { state, speed: options.speed, now: () => Date.now() });
  const server = createServer(app);
  // Longer than a client keeps an idle socket: a request that meets a closing socket has an unknown outcome.
  server.keepAliveTimeout = 120_000;
  const host = options.host ?? '127.0.0.1';
  await listen(server, options.ports?.[id] ?? 0, host);
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://${host}:${port}`,
    stop: async () => {
      stop();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      state.close();
    },
  };
}

function listen(server: Server, port: number, host: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => {
      server.off('error', reject);
      resolve();
    });
  });
}
