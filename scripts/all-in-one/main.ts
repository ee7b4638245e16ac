import { setTimeout as delay } from 'node:timers/promises';
import { ConfigError, readConfig } from '../../platform/config';
import { openDataFolder, readJson, StartRefused, startKey, writeJson, type DataFolder } from './data-folder';
import { runDemo } from './demo';
import { createHubClient } from './hub-client';
import { provideHub, providePartners } from './hub';
import type { Kept } from './keep';
import { chooseApiPort, PortList, rememberedPorts } from './ports';
import { openRunningList, stopListed } from './process-list';
import { plainView, terminalView } from './progress-view';
import { seedMerchant } from './seed';
import { provideMongodb, provideTemporal, type Surroundings } from './servers';
import { humanSummary, readyLine, type Addresses } from './summary';

const SERVING_MS = 60_000;

/** How the all-in-one hub is to run; the options of `npm start`, checked. */
export type StartOptions = {
  /** The API's port; without one 8080 or the next free one. */
  port: number | undefined;
  dataDir: string;
  /** Place a first batch of orders and show it. */
  demo: boolean;
  /** At least 1. */
  speed: number;
  /** One line of JSON on standard output when ready, everything else on standard error. */
  json: boolean;
  /** When the start began, in milliseconds since the epoch: the progress lines count from there. */
  startedAt: number;
};

type Supervisor = { kept: Kept[]; leaving: AbortController; folder: DataFolder; say: (line: string) => void };

/** Ends all restarts and stops what this supervisor started, in order; resolves when everything is gone. */
async function stopAll(supervisor: Supervisor): Promise<void> {
  supervisor.leaving.abort();
  for (const child of supervisor.kept) child.letGo();
  await stopListed(supervisor.folder.processesFile);
  supervisor.folder.release();
}

function stopOnSignals(supervisor: Supervisor): void {
  let isStopping = false;
  const stop = (): void => {
    // npm passes on the Ctrl-C that the terminal has sent to us already.
    if (isStopping) return;
    isStopping = true;
    supervisor.say('stopping');
    void stopAll(supervisor).then(
      () => {
        supervisor.say('stopped');
        process.exit(0);
      },
      (error: unknown) => {
        supervisor.say(`not everything could be stopped: ${String(error)}`);
        process.exit(1);
      },
    );
  };
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, stop);
  if (process.platform !== 'win32') return;
  // Without `exec` a shell and npm stand between the terminal and us, and nobody tells when they are gone.
  const parent = process.ppid;
  setInterval(() => {
    try {
      process.kill(parent, 0);
    } catch {
      stop();
    }
  }, 1_000).unref();
}

async function answers(url: string): Promise<boolean> {
  return fetch(url, { signal: AbortSignal.timeout(3_000) }).then(
    (response) => response.body?.cancel().then(() => response.ok) ?? response.ok,
    () => false,
  );
}

/** The API answers before it has opened the database; seeding begins when it has. */
async function untilServing(api: string, leaving: AbortSignal): Promise<void> {
  const deadline = Date.now() + SERVING_MS;
  while (!(await answers(`${api}/readyz`))) {
    if (leaving.aborted || Date.now() > deadline) throw new Error('the API is not ready to serve; its log says why');
    await delay(100);
  }
}

/** Starts everything up to the seeded merchant, then shows the first batch of orders. */
async function start(options: StartOptions, supervisor: Supervisor): Promise<void> {
  const { folder, say } = supervisor;
  const orphans = await stopListed(folder.processesFile);
  if (orphans.length > 0) say(`stopped what an earlier start had left running: ${orphans.join(', ')}`);
  const config = readConfig();
  const httpPort = await chooseApiPort(options.port, config.http_host);
  const partnerPorts = Object.keys(readJson(folder.portsFile, PortList) ?? {});
  const ports = await rememberedPorts(folder.portsFile, [
    ...new Set(['mongod', 'temporal', 'temporal_ui', ...partnerPorts]),
  ]);
  const around: Surroundings = {
    config,
    folder,
    ports,
    running: openRunningList(folder.processesFile),
    say,
    leaving: supervisor.leaving.signal,
    kept: (child) => {
      supervisor.kept.push(child);
      if (supervisor.leaving.signal.aborted) child.letGo();
    },
  };
  const apiKey = startKey(folder.apiKeyFile);
  const [mongodbUri, temporal, partners] = await Promise.all([
    provideMongodb(around),
    provideTemporal(around),
    providePartners(around, options.speed, (more) => {
      writeJson(folder.portsFile, { ...ports, ...more });
    }),
  ]);
  const api = await provideHub(around, {
    mongodb_uri: mongodbUri,
    temporal_address: temporal.address,
    temporal_ui_url: temporal.ui_url,
    http_port: httpPort,
    speed: options.speed,
    partners,
  });
  await untilServing(api, supervisor.leaving.signal);
  const hub = createHubClient(api, apiKey);
  const merchant = await seedMerchant(hub);
  say('the merchant is there: channels, locations, products, stock');

  const addresses: Addresses = {
    api,
    console: null,
    temporal_ui: temporal.ui_url,
    temporal_address: temporal.address,
    mongodb_uri: mongodbUri,
    api_key: apiKey,
    partners,
  };
  if (options.json) process.stdout.write(`${readyLine(addresses, around.running)}\n`);
  if (options.demo) {
    const isTerminal = !options.json && process.stdout.isTTY;
    const view = isTerminal ? terminalView(process.stdout) : plainView(say);
    await runDemo({ hub, merchant, recordFile: folder.demoFile, view, signal: supervisor.leaving.signal }).catch(
      (error: unknown) => {
        if (!supervisor.leaving.signal.aborted) say(`the demonstration stopped: ${String(error)}`);
      },
    );
  }
  if (options.json || supervisor.leaving.signal.aborted) return;
  const docs = (await answers(`${api}/docs`)) ? `${api}/docs` : null;
  process.stdout.write(humanSummary(addresses, { docs, logs: folder.logFile('*'), keyFile: folder.apiKeyFile }));
}

/**
 * Runs the whole hub under this process until a signal ends it, which stops everything that it started within ten
 * seconds. A start that cannot go on stops what it began and ends the process with code 1 and one message.
 */
export async function runAllInOne(options: StartOptions): Promise<void> {
  const say = (line: string): void => {
    const seconds = ((Date.now() - options.startedAt) / 1_000).toFixed(1).padStart(5);
    process.stderr.write(`[${seconds} s] ${line}\n`);
  };
  let folder: DataFolder;
  try {
    folder = openDataFolder(options.dataDir);
  } catch (error) {
    if (!(error instanceof StartRefused)) throw error;
    process.stderr.write(`${error.message}\n`);
    process.exit(1);
  }
  const supervisor: Supervisor = { kept: [], leaving: new AbortController(), folder, say };
  stopOnSignals(supervisor);
  try {
    await start(options, supervisor);
  } catch (error) {
    // A signal during the start makes it fail: who handles the signal also ends the process.
    if (supervisor.leaving.signal.aborted) return;
    const isPlain = error instanceof StartRefused || error instanceof ConfigError;
    process.stderr.write(`${isPlain ? error.message : `the start failed: ${(error as Error).message}`}\n`);
    await stopAll(supervisor);
    process.exit(1);
  }
  // The children are not what keeps this process alive, and nothing else may be left to do.
  setInterval(() => undefined, 60_000);
}
