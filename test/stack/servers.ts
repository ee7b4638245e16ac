import { mkdtempSync } from 'node:fs';
import { mkdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findServer } from '../../platform/servers/find';
import { startMongod } from '../../platform/servers/mongod';
import { startTemporal } from '../../platform/servers/temporal';

/** What a hub needs of the servers. */
export interface HubServers {
  /** Where files of hubs go. */
  dir: string;
  temporalBinary: string;
  temporalAddress(): string;
  /** Connection string with `name` as the database. */
  mongodbUri(name: string): string;
}

/** A real mongod and a real Temporal server with a data folder of their own. Both may be killed and started again. */
export interface Servers extends HubServers {
  temporal(): Awaited<ReturnType<typeof startTemporal>>;
  mongod(): Awaited<ReturnType<typeof startMongod>>;
  killMongod(): Promise<void>;
  startMongodAgain(): Promise<void>;
  killTemporal(): Promise<void>;
  startTemporalAgain(): Promise<void>;
  /** Stops both and removes the folder. */
  stop(): Promise<void>;
}

async function gone(pid: number): Promise<void> {
  for (;;) {
    try {
      process.kill(pid, 0);
    } catch {
      return;
    }
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

/** Starts both servers in a temporary folder; lines about how they were found go to `log`. */
export async function startServers(log: (line: string) => void = () => undefined): Promise<Servers> {
  const dir = mkdtempSync(join(tmpdir(), 'waybill-stack-'));
  await mkdir(join(dir, 'mongod'));
  const mongodBinary = await findServer('mongod', { log });
  const temporalBinary = await findServer('temporal', { log });
  const mongodOptions = { binary: mongodBinary, dataDir: join(dir, 'mongod'), log };
  const temporalOptions = { binary: temporalBinary, dbFile: join(dir, 'temporal.db'), log };
  let [mongod, temporal] = await Promise.all([startMongod(mongodOptions), startTemporal(temporalOptions)]);
  const { port: mongodPort } = mongod;
  const { port: temporalPort } = temporal;
  const kill = async (pid: number): Promise<void> => {
    process.kill(pid, 'SIGKILL');
    await gone(pid);
  };
  return {
    dir,
    temporalBinary,
    temporal: () => temporal,
    temporalAddress: () => temporal.address,
    mongod: () => mongod,
    mongodbUri(name) {
      const uri = new URL(mongod.uri);
      uri.pathname = `/${name}`;
      return uri.href;
    },
    killMongod: () => kill(mongod.pid),
    async startMongodAgain() {
      mongod = await startMongod({ ...mongodOptions, port: mongodPort });
    },
    killTemporal: () => kill(temporal.pid),
    async startTemporalAgain() {
      temporal = await startTemporal({ ...temporalOptions, port: temporalPort });
    },
    async stop() {
      await temporal.stop();
      await mongod.stop();
      await rm(dir, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}
