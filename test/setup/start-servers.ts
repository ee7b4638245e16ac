import { execFile } from 'node:child_process';
import { rmSync } from 'node:fs';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { findServer } from '../../platform/servers/find';
import { startMongod } from '../../platform/servers/mongod';
import { prepareNamespace, startTemporal } from '../../platform/servers/temporal';
import { runningServers } from './running-servers';
import { serverVariables } from './servers';

const log = (line: string): void => {
  lines.push(line);
};
const lines: string[] = [];

/**
 * Starts one real mongod and one real Temporal server with data in a temporary folder, and makes the workflow bundle.
 * Throws, with what was tried, when a server can neither be found nor fetched; what had started is stopped then.
 */
export default async function startServers(): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'waybill-test-'));
  runningServers.add({ stop: () => rm(folder, { recursive: true, force: true, maxRetries: 5 }) });
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.once(signal, () => {
      runningServers.killAll();
      rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
      process.exit(1);
    });
  }
  // All are awaited, so that none is still starting when the others are stopped.
  const parts = await Promise.allSettled([startDatabase(folder), startOrchestrator(folder), makeWorkflowBundle()]);
  const faults = parts.flatMap((part) => (part.status === 'rejected' ? [part.reason as unknown] : []));
  if (faults.length > 0) {
    await runningServers.stopAll();
    throw new AggregateError(faults, ['the test servers did not start', ...lines.slice(-40), ...faults].join('\n'));
  }
}

async function startDatabase(folder: string): Promise<void> {
  const dataDir = join(folder, 'mongod');
  await mkdir(dataDir);
  const mongod = await startMongod({ binary: await findServer('mongod', { log }), dataDir, log });
  runningServers.add(mongod);
  process.env[serverVariables.mongodbUri] = mongod.uri;
}

async function startOrchestrator(folder: string): Promise<void> {
  const binary = await findServer('temporal', { log });
  const temporal = await startTemporal({ binary, dbFile: join(folder, 'temporal.db'), log });
  runningServers.add(temporal);
  await prepareNamespace({ address: temporal.address, namespace: 'default' });
  process.env[serverVariables.temporalAddress] = temporal.address;
  process.env[serverVariables.temporalUiUrl] = temporal.ui_url;
}

async function makeWorkflowBundle(): Promise<void> {
  const script = join(__dirname, '..', '..', 'scripts', 'workflow-bundle.mjs');
  const { stdout } = await promisify(execFile)(process.execPath, [script]);
  process.env[serverVariables.workflowBundlePath] = stdout.trim();
}
