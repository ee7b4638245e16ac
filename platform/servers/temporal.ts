import { mkdir, mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { Connection } from '@temporalio/client';
import { startChild, untilReady, type Child } from './child';
import { freePort, isFree } from './free-port';

export { prepareNamespace } from './namespace';

/** A running Temporal development server of ours. */
export type Temporal = {
  /** host:port of its gRPC frontend. */
  readonly address: string;
  /** Where its web pages are, without a trailing slash. */
  readonly ui_url: string;
  readonly port: number;
  readonly pid: number;
  /** Settles when the process has ended, whoever ended it. */
  readonly ended: Promise<void>;
  /** Ends it within a few seconds; with a `dbFile` its state stays there. */
  stop(): Promise<void>;
};

/** How to start Temporal: without `dbFile` its state is in memory and lost at the end; ports not given are free ones. */
export type TemporalOptions = {
  binary: string;
  dbFile?: string;
  port?: number;
  uiPort?: number;
  logFile?: string;
  /** Hears the pid as soon as there is one, long before the server answers. */
  onSpawn?: (pid: number) => void;
  log: (line: string) => void;
};

async function logFileOr(logFile: string | undefined, name: string): Promise<string> {
  return logFile ?? join(await mkdtemp(join(tmpdir(), 'waybill-')), `${name}.log`);
}

async function answering(address: string, probe: (connection: Connection) => Promise<unknown>): Promise<void> {
  const connection = await Connection.connect({ address, connectTimeout: '2s' });
  try {
    await connection.withDeadline(Date.now() + 2_000, () => probe(connection));
  } finally {
    await connection.close();
  }
}

async function orStop(child: Child, ready: Promise<void>): Promise<void> {
  try {
    await ready;
  } catch (error) {
    await child.stop(2_000);
    throw error;
  }
}

/**
 * Starts Temporal's development server with its web pages on the loopback address, in a process group of its own, and
 * resolves when the namespace `default` answers. A database file is written with a write-ahead log: with SQLite's
 * default settings it would cost about twice as much. Throws when it ends at its start or is not ready in 60 s.
 */
export async function startTemporal(options: TemporalOptions): Promise<Temporal> {
  const port = options.port ?? (await freePort());
  const uiPort = options.uiPort ?? (await freePort());
  const logFile = await logFileOr(options.logFile, 'temporal');
  for (const wanted of [port, uiPort]) {
    if (!(await isFree(wanted))) throw new Error(`port ${wanted} for Temporal is in use`);
  }
  if (options.dbFile) await mkdir(dirname(options.dbFile), { recursive: true });
  const file = options.dbFile ? ['--db-filename', options.dbFile] : [];
  const pragmas = options.dbFile ? ['--sqlite-pragma', 'journal_mode=wal', '--sqlite-pragma', 'synchronous=1'] : [];
  const child = startChild(
    options.binary,
    [
      ...['server', 'start-dev', '--ip', '127.0.0.1', '--port', String(port), '--ui-port', String(uiPort)],
      ...['--log-level', 'warn', '--color', 'never'],
      ...file,
      ...pragmas,
    ],
    { logFile, onSpawn: options.onSpawn },
  );
  const address = `127.0.0.1:${port}`;
  await orStop(
    child,
    untilReady(child, { name: 'Temporal', logFile, timeoutMs: 60_000 }, () =>
      answering(address, (connection) => connection.workflowService.describeNamespace({ namespace: 'default' })),
    ),
  );
  options.log(`Temporal answers on port ${port}`);
  return {
    address,
    ui_url: `http://127.0.0.1:${uiPort}`,
    port,
    pid: child.pid,
    ended: child.ended,
    stop: () => child.stop(5_000),
  };
}

/**
 * Starts Temporal's time-skipping test server (in memory, no lists, no web pages) on a free port of the loopback
 * address; use one for each test file.
 */
export async function startTemporalTestServer(options: {
  binary: string;
  logFile?: string;
  log: (line: string) => void;
}): Promise<{ address: string; port: number; pid: number; stop(): Promise<void> }> {
  const port = await freePort();
  const logFile = await logFileOr(options.logFile, 'temporal-test-server');
  const child = startChild(options.binary, [String(port)], { logFile });
  const address = `127.0.0.1:${port}`;
  await orStop(
    child,
    untilReady(child, { name: 'the Temporal test server', logFile, timeoutMs: 60_000 }, () =>
      answering(address, (connection) => connection.workflowService.getSystemInfo({})),
    ),
  );
  options.log(`the Temporal test server answers on port ${port}`);
  return { address, port, pid: child.pid, stop: () => child.stop(2_000) };
}
