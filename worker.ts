import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { Context, sleep } from '@temporalio/activity';
import { Client, Connection, WorkflowIdConflictPolicy, WorkflowIdReusePolicy } from '@temporalio/client';
import { DefaultLogger, NativeConnection, Runtime, Worker } from '@temporalio/worker';
import { createActivities } from './activities/activities';
import { createConnections, ensureEmbeddedConnections } from './activities/connections';
import { createPollFeed } from './activities/feeds';
import { createWorkflowPersist } from './activities/persist';
import { createShipmentEffects } from './activities/shipment-effects';
import { createSweep } from './activities/sweep';
import { manifests } from './connectors/manifests';
import { readConfig, redactConfig, type Config } from './platform/config';
import { noFaults, plannedFaults } from './platform/fault-points';
import { geocode } from './platform/geocode';
import { createLogger, type Logger } from './platform/log';
import { createPoker } from './platform/poke';
import { connectStore, type Store } from './store/connect';
import { createDoor } from './store/door';
import { createIntake } from './store/intake';
import { createInventory } from './store/inventory';
import { createMasterData } from './store/master-data';
import { createOperationLog } from './store/operation-log';
import { createPersist } from './store/persist';
import { runSummary, workflowTypes } from './workflows/messages';

const feedIdleMs = 250;

/** Workflows that always run: the sweeper, and one for each feed of each connection. */
async function ensureStandingWorkflows(client: Client, taskQueue: string, store: Store): Promise<void> {
  const standing = {
    taskQueue,
    workflowIdConflictPolicy: WorkflowIdConflictPolicy.USE_EXISTING,
    workflowIdReusePolicy: WorkflowIdReusePolicy.ALLOW_DUPLICATE,
  };
  await client.workflow.start('sweeperWorkflow', { ...standing, workflowId: 'job/sweeper', args: [] });
  for (const connection of await store.connections.find({ state: 'on' }).toArray()) {
    const manifest = manifests.find((candidate) => candidate.id === connection.connector_id);
    for (const feed of manifest?.feeds ?? []) {
      const workflowId = `feed/${connection._id}/${feed}`;
      await client.workflow.start('feedWorkflow', {
        ...standing,
        workflowId,
        args: [{ connection_id: connection._id, feed }],
      });
    }
  }
}

async function runningWorkflowIds(client: Client): Promise<Set<string>> {
  const ids = new Set<string>();
  const running = client.workflow.list({
    query: "ExecutionStatus = 'Running' AND WorkflowType IN ('orderWorkflow', 'shipmentWorkflow')",
  });
  for await (const execution of running) ids.add(execution.workflowId);
  return ids;
}

async function isRunning(client: Client, workflowId: string): Promise<boolean> {
  try {
    return (await client.workflow.getHandle(workflowId).describe()).status.name === 'RUNNING';
  } catch (error) {
    if (error instanceof Error && error.name === 'WorkflowNotFoundError') return false;
    throw error;
  }
}

/** Builds the activities on a store and a client. */
function wireActivities(
  config: Config,
  store: Store,
  client: Client,
  log: Logger,
): ReturnType<typeof createActivities> {
  const faultPoint = config.chaos ? plannedFaults(config.chaos) : noFaults;
  const leaveOut = config.chaos?.leave_out ?? [];
  const { poke, pokeNow } = createPoker({
    client,
    taskQueue: config.task_queue,
    workflowTypes,
    summaryOf: runSummary,
    workflowTaskTimeoutMs: config.workflow_task_timeout_ms,
    onError: (error, target) => {
      log.debug({ workflow_id: target.workflow_id, err: error }, 'poke left to the sweeper');
    },
  });
  const persist = createPersist({ store, settings: config, faultPoint, leaveOut });
  const inventory = createInventory(store);
  const masterData = createMasterData(store);
  const connections = createConnections(store);
  const workflowPersist = createWorkflowPersist({ store, persist, inventory, masterData, poke, geocode, faultPoint });
  return createActivities({
    log,
    workflowPersist,
    performShipmentEffect: createShipmentEffects({
      store,
      masterData,
      connections,
      operationLog: createOperationLog(store),
      workflowPersist,
      signal: () => Context.current().cancellationSignal,
      faultPoint,
      leaveOut,
    }),
    pollFeed: createPollFeed({
      connections,
      intake: createIntake(store),
      door: createDoor({ store, persist, poke }),
      log,
      pause: (ms) => sleep(ms).catch(() => undefined),
      signal: () => Context.current().cancellationSignal,
      idleMs: feedIdleMs,
      faultPoint,
    }),
    sweep: createSweep({
      store,
      pokeNow,
      runningWorkflowIds: () => runningWorkflowIds(client),
      isRunning: (workflowId) => isRunning(client, workflowId),
      log,
      settings: config,
    }),
  });
}

function required<Value>(value: Value | undefined, name: string): Value {
  if (value === undefined) throw new Error(`${name} is not set: the worker needs it.`);
  return value;
}

async function main(): Promise<void> {
  const config = readConfig();
  const log = createLogger({ level: config.log_level, service: 'worker' });
  log.info(redactConfig(config), 'configuration');
  Runtime.install({
    logger: new DefaultLogger('WARN', ({ level, message, meta }) => {
      log[level === 'ERROR' ? 'error' : 'warn']({ ...meta }, message);
    }),
  });
  const address = required(config.temporal_address, 'WAYBILL_TEMPORAL_ADDRESS');
  const store = await connectStore(required(config.mongodb_uri, 'WAYBILL_MONGODB_URI'));
  await store.ensureIndexes();
  await ensureEmbeddedConnections(store, manifests, config.embedded_partners);
  // The gazetteer takes about a second to load: not in the first order's time.
  geocode({ country: 'DE', city: 'Berlin' });

  const client = new Client({
    connection: await Connection.connect({ address }),
    namespace: config.temporal_namespace,
  });
  const connection = await NativeConnection.connect({ address });
  const bundle = config.workflow_bundle ?? join(__dirname, 'workflow-bundle.js');
  const worker = await Worker.create({
    connection,
    namespace: config.temporal_namespace,
    taskQueue: config.task_queue,
    ...(existsSync(bundle)
      ? { workflowBundle: { codePath: bundle } }
      : { workflowsPath: require.resolve('./workflows/index') }),
    activities: wireActivities(config, store, client, log),
    maxCachedWorkflows: config.max_cached_workflows,
    stickyQueueScheduleToStartTimeout: Math.min(5_000, config.workflow_task_timeout_ms / 2),
    shutdownGraceTime: '1s',
    shutdownForceTime: '4s',
  });
  await ensureStandingWorkflows(client, config.task_queue, store);

  const stop = (): void => {
    if (worker.getState() === 'RUNNING') worker.shutdown();
  };
  process.once('SIGTERM', stop);
  process.once('SIGINT', stop);
  const run = worker.run();
  process.stdout.write(`${JSON.stringify({ ready: true })}\n`);
  await run;
  await connection.close();
  await client.connection.close();
  await store.close();
}

main().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
  // Open connections would keep a worker alive that does nothing; whoever watches it starts another.
  process.exit(1);
});
