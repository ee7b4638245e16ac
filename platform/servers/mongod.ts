import { execFile } from 'node:child_process';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { mongo } from 'mongoose';
import { z } from 'zod';
import { startChild, untilReady, type Child } from './child';
import { freePort } from './free-port';

const REPLICA_SET = 'waybill';
const NOT_YET_INITIALIZED = 94;

/** A running mongod of ours: `uri` names the database `waybill` and works with transactions and change streams. */
export type Mongod = {
  readonly uri: string;
  readonly port: number;
  readonly pid: number;
  /** Settles when the process has ended, whoever ended it. */
  readonly ended: Promise<void>;
  /** Ends it cleanly within a few seconds; what was written is on disk. */
  stop(): Promise<void>;
};

/** How to start mongod: `dataDir` is made when missing; without `port` a free one is taken. `logFile` is `<dataDir>/mongod.log` by default. */
export type MongodOptions = {
  binary: string;
  dataDir: string;
  port?: number;
  logFile?: string;
  /** Hears the pid as soon as there is one, long before the server answers. */
  onSpawn?: (pid: number) => void;
  log: (line: string) => void;
};

const DataRecord = z.object({ mongod_major: z.number().int() });

async function majorOf(binary: string): Promise<number> {
  const { stdout } = await promisify(execFile)(binary, ['--version'], { timeout: 20_000 });
  const major = /v(\d+)\./.exec(stdout)?.[1];
  if (major === undefined) throw new Error(`${binary} --version does not answer like mongod`);
  return Number(major);
}

/**
 * Notes the major version that made the data. Data opens in the same major version or the next one (whose features
 * stay off, so that the way back stays open); another is refused with what to do.
 */
async function checkMajor(binary: string, dataDir: string): Promise<void> {
  const major = await majorOf(binary);
  const path = join(dataDir, 'version.json');
  const text = await readFile(path, 'utf8').catch(() => undefined);
  if (text === undefined) {
    await writeFile(path, JSON.stringify({ mongod_major: major }));
    return;
  }
  const { mongod_major: recorded } = DataRecord.parse(JSON.parse(text));
  if (major === recorded || major === recorded + 1) return;
  throw new Error(
    `the data in ${dataDir} was made by mongod ${recorded}, and ${binary} is mongod ${major}, which does not open it: ` +
      `name a mongod ${recorded} in WAYBILL_MONGOD_BINARY, or move the folder away to begin with empty data`,
  );
}

/** Makes the one-node replica set, or gives it its new address: with the old one in its configuration it has no primary. */
async function configure(admin: mongo.Db, host: string): Promise<void> {
  const wanted = { _id: REPLICA_SET, version: 1, members: [{ _id: 0, host }] };
  try {
    const answer = await admin.command({ replSetGetConfig: 1 });
    const config = answer['config'] as { version: number; members: { host: string }[] };
    if (config.members.length === 1 && config.members[0]?.host === host) return;
    await admin.command({
      replSetReconfig: { ...config, version: config.version + 1, members: wanted.members },
      force: true,
    });
  } catch (error) {
    if (!(error instanceof mongo.MongoServerError) || error.code !== NOT_YET_INITIALIZED) throw error;
    await admin.command({ replSetInitiate: wanted });
  }
}

/** One try with a connection of its own: the driver's client is of no more use once its first connection failed. */
async function tryPrimary(host: string, pid: number): Promise<void> {
  const client = new mongo.MongoClient(`mongodb://${host}/?directConnection=true`, { serverSelectionTimeoutMS: 1_000 });
  try {
    const admin = client.db('admin');
    // On a taken port it is another mongod that answers, and ours is about to end: leave that one as it is.
    const status = await admin.command({ serverStatus: 1 });
    if (Number(status['pid']) !== pid) throw new Error(`another mongod answers at ${host}`);
    await configure(admin, host);
    const hello = await admin.command({ hello: 1 });
    if (hello['isWritablePrimary'] !== true) throw new Error('mongod has no primary yet');
  } finally {
    await client.close();
  }
}

async function becomePrimary(child: Child, port: number, logFile: string): Promise<void> {
  await untilReady(child, { name: 'mongod', logFile, timeoutMs: 60_000 }, () =>
    tryPrimary(`127.0.0.1:${port}`, child.pid),
  );
}

/**
 * Starts mongod as a one-node replica set on the loopback address, in a process group of its own, and resolves when it
 * takes writes. An abandoned transaction lives three seconds: with mongod's own minute a killed worker would block
 * every order that it had touched. Throws when the data is of another major version or mongod ends at its start.
 */
export async function startMongod(options: MongodOptions): Promise<Mongod> {
  const dataPath = join(options.dataDir, 'db');
  await mkdir(dataPath, { recursive: true });
  await checkMajor(options.binary, options.dataDir);
  const port = options.port ?? (await freePort());
  const logFile = options.logFile ?? join(options.dataDir, 'mongod.log');
  const child = startChild(
    options.binary,
    [
      ...['--dbpath', dataPath, '--bind_ip', '127.0.0.1', '--port', String(port), '--replSet', REPLICA_SET],
      ...['--wiredTigerCacheSizeGB', '0.5', '--oplogSize', '1024'],
      ...(process.platform === 'win32' ? [] : ['--nounixsocket']),
      ...['--setParameter', 'transactionLifetimeLimitSeconds=3'],
      // A single node has nobody to hand over to: no waiting before it ends.
      ...['--setParameter', 'shutdownTimeoutMillisForSignaledShutdown=0'],
      ...['--setParameter', 'diagnosticDataCollectionEnabled=false'],
    ],
    { logFile, onSpawn: options.onSpawn },
  );
  try {
    await becomePrimary(child, port, logFile);
  } catch (error) {
    await child.stop(5_000);
    throw error;
  }
  options.log(`mongod takes writes on port ${port}`);
  return {
    uri: `mongodb://127.0.0.1:${port}/waybill?replicaSet=${REPLICA_SET}&directConnection=true`,
    port,
    pid: child.pid,
    ended: child.ended,
    stop: () => child.stop(8_000),
  };
}
