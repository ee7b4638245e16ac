import { readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { Client, Connection } from '@temporalio/client';
import pRetry from 'p-retry';
import { readConfig, redactConfig, type Config } from '../platform/config';
import { plannedFaults } from '../platform/fault-points';
import { createLogger, type Logger } from '../platform/log';
import { createPoker, type Poker } from '../platform/poke';
import { ensureStartKey } from '../store/api-keys';
import { connectStore, type Store } from '../store/connect';
import { createDoor } from '../store/door';
import { createInventory } from '../store/inventory';
import { createMasterData } from '../store/master-data';
import { createPersist, type Wake } from '../store/persist';
import { runSummary, workflowTypes } from '../workflows/messages';
import { createApp, createWaitingApp } from './server';

const retryMs = 1_000;
const finishMs = 2_000;
const drainMs = 500;
const giveUpMs = 4_500;

async function openOnce(uri: string, config: Config, log: Logger): Promise<Store> {
  const store = await connectStore(uri);
  try {
    await store.ensureIndexes();
    if (config.api_key_file === undefined) log.warn('WAYBILL_API_KEY_FILE is not set: there is no start key');
    else await ensureStartKey(store, readFileSync(config.api_key_file, 'utf8').trim());
    return store;
  } catch (error) {
    await store.close().catch(() => undefined);
    throw error;
  }
}

/** Opens the database, again and again until it answers or `stopping` says to stop. */
async function openStore(config: Config, log: Logger, stopping: AbortSignal): Promise<Store | undefined> {
  const uri = config.mongodb_uri;
  if (uri === undefined) throw new Error('WAYBILL_MONGODB_URI is not set.');
  try {
    return await pRetry(() => openOnce(uri, config, log), {
      retries: Infinity,
      minTimeout: retryMs,
      factor: 1,
      signal: stopping,
      onFailedAttempt({ error, attemptNumber }) {
        log.warn({ attempt: attemptNumber, err: error }, 'MongoDB does not answer yet; trying again in a second');
      },
    });
  } catch (error) {
    if (stopping.aborted) return undefined;
    throw error;
  }
}

function buildApp(config: Config, log: Logger, store: Store, poker: Poker, temporalReachable: () => Promise<boolean>) {
  const { return_window_s, retry_s, backorder_recheck_s, chaos } = config;
  const persist = createPersist({
    store,
    settings: { return_window_s, retry_s, backorder_recheck_s },
    ...(chaos ? { faultPoint: plannedFaults(chaos), leaveOut: chaos.leave_out } : {}),
  });
  const poke = (wake: Wake): void => poker.poke(wake);
  return createApp({
    store,
    door: createDoor({ store, persist, poke }),
    inventory: createInventory(store),
    masterData: createMasterData(store),
    poke,
    config,
    log,
    temporalReachable,
  });
}

async function listen(server: Server, config: Config): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(config.http_port, config.http_host, () => {
      server.off('error', reject);
      resolve();
    });
  });
}

/** Stops accepting and waits for requests under way; those that take too long are cut off. */
async function finishRequests(server: Server): Promise<void> {
  const closed = new Promise<void>((resolve) => {
    server.close(() => resolve());
  });
  const cut = setTimeout(() => server.closeAllConnections(), finishMs);
  server.closeIdleConnections();
  await closed;
  clearTimeout(cut);
}

async function main(): Promise<void> {
  const config = readConfig();
  const log = createLogger({ service: 'api', level: config.log_level });
  log.info({ config: redactConfig(config) }, 'starting');
  const stopping = new AbortController();

  const connection = Connection.lazy({ address: config.temporal_address ?? '127.0.0.1:7233' });
  const client = new Client({ connection, namespace: config.temporal_namespace });
  const poker = createPoker({
    client,
    taskQueue: config.task_queue,
    workflowTypes,
    summaryOf: runSummary,
    workflowTaskTimeoutMs: config.workflow_task_timeout_ms,
    onError: (error, target) =>
      log.warn({ err: error, workflow_id: target.workflow_id }, 'a workflow was not woken; the sweeper will'),
  });
  const temporalReachable = async (): Promise<boolean> => {
    try {
      await connection.withDeadline(Date.now() + 1_000, () => connection.workflowService.getSystemInfo({}));
      return true;
    } catch {
      return false;
    }
  };

  let app = createWaitingApp({ log, temporalReachable });
  const server = createServer({ keepAliveTimeout: 65_000, requestTimeout: 30_000 }, (request, response) => {
    app(request, response);
  });
  const opened: { store?: Store } = {};

  const stop = async (signal: string): Promise<void> => {
    if (stopping.signal.aborted) return;
    stopping.abort();
    log.info({ signal }, 'stopping');
    setTimeout(() => process.exit(1), giveUpMs).unref();
    await finishRequests(server);
    await poker.drain(drainMs);
    await Promise.allSettled([connection.close(), opened.store?.close()]);
    process.exit(0);
  };
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    process.on(signal, () => void stop(signal));
  }

  await listen(server, config);
  log.info({ host: config.http_host, port: config.http_port }, 'listening');
  const store = await openStore(config, log, stopping.signal);
  if (!store) return;
  opened.store = store;
  app = buildApp(config, log, store, poker, temporalReachable);
  log.info('ready');
}

main().catch((error: unknown) => {
  createLogger({ service: 'api', level: 'fatal' }).fatal({ err: error }, 'the API cannot start');
  process.exit(1);
});
