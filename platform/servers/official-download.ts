import { spawn } from 'node:child_process';
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { projectRoot } from '../project-root';
import { signalGroup } from './child';
import { failureLine } from './failure-line';
import type { ServerKind } from './kinds';

/** The version of mongod that is downloaded: of a major version with long support. */
export const MONGOD_VERSION = '8.0.15';

const STALLED_MS = 20_000;
const TOTAL_MS = 15 * 60_000;

/**
 * Run in a process of its own, because neither downloader can be interrupted; its arguments are the package's file and
 * the folder. Each prints the path of the binary as its last line, or null where its downloader keeps that to itself.
 */
interface Downloader {
  /** Finds the package when it is needed: most starts download nothing. */
  module(): string;
  script: string;
}

const temporalScript = (create: 'createLocal' | 'createTimeSkipping'): string => `
    const [, file, downloadDir] = process.argv;
    const { TestWorkflowEnvironment } = require(file);
    TestWorkflowEnvironment.${create}({ server: { executable: { type: 'cached-download', downloadDir } } })
      .then(async (environment) => { await environment.teardown(); console.log('\\n' + JSON.stringify({ path: null })); });`;

const downloaders: Record<ServerKind, Downloader> = {
  mongod: {
    module: () => require.resolve('mongodb-memory-server-core/lib/util/MongoBinary'),
    script: `
    process.env.MONGOMS_MAX_RETRIES = '1';
    const [, file, downloadDir] = process.argv;
    const { MongoBinary } = require(file);
    MongoBinary.getPath({ version: ${JSON.stringify(MONGOD_VERSION)}, downloadDir })
      .then((path) => console.log('\\n' + JSON.stringify({ path })));`,
  },
  temporal: {
    module: () => require.resolve('@temporalio/testing'),
    script: temporalScript('createLocal'),
  },
  'temporal-test-server': {
    module: () => require.resolve('@temporalio/testing'),
    script: temporalScript('createTimeSkipping'),
  },
};

async function sizeOf(folder: string): Promise<number> {
  let total = 0;
  for (const entry of await readdir(folder, { withFileTypes: true, recursive: true })) {
    if (entry.isFile())
      total += await stat(join(entry.parentPath, entry.name)).then(
        (found) => found.size,
        () => 0,
      );
  }
  return total;
}

/** The largest file of a folder: where the Temporal downloader put the one binary that it fetches. */
async function largestFile(folder: string): Promise<string> {
  let best: { path: string; size: number } | undefined;
  for (const name of await readdir(folder)) {
    const path = join(folder, name);
    const found = await stat(path);
    if (found.isFile() && (!best || found.size > best.size)) best = { path, size: found.size };
  }
  if (!best) throw new Error('the downloader left no file');
  return best.path;
}

function runDownloader(kind: ServerKind, folder: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const { module, script } = downloaders[kind];
    const child = spawn(process.execPath, ['-e', script, module(), folder], {
      cwd: projectRoot(),
      detached: process.platform !== 'win32',
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let output = '';
    let errors = '';
    let size = 0;
    let grownAt = Date.now();
    const begun = Date.now();
    child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
    child.stderr.on('data', (chunk: Buffer) => (errors += chunk.toString()));
    const kill = (): void => {
      if (child.pid !== undefined) signalGroup(child.pid, 'SIGKILL');
    };
    process.once('exit', kill);
    const giveUp = (why: string): void => {
      errors = why;
      kill();
    };
    const watch = setInterval(() => {
      void sizeOf(folder).then(
        (now) => {
          if (now !== size) [size, grownAt] = [now, Date.now()];
          if (Date.now() - grownAt > STALLED_MS) giveUp(`nothing arrived for ${STALLED_MS / 1_000} s`);
          else if (Date.now() - begun > TOTAL_MS) giveUp(`not finished after ${TOTAL_MS / 60_000} minutes`);
        },
        () => undefined,
      );
    }, 1_000);
    child.once('error', (error) => {
      process.off('exit', kill);
      clearInterval(watch);
      reject(error);
    });
    child.once('close', (code) => {
      process.off('exit', kill);
      clearInterval(watch);
      if (code === 0) resolve(output);
      else reject(new Error(failureLine(errors)));
    });
  });
}

/**
 * Fetches a server with its own project's downloader into `folder` (which exists and is empty) and returns the
 * binary's path there. Gives up when nothing arrives for 20 s. Throws with one line that says why.
 */
export async function downloadOfficial(kind: ServerKind, folder: string): Promise<string> {
  const output = await runDownloader(kind, folder);
  const last = output.trim().split('\n').at(-1) ?? '';
  const path = (JSON.parse(last) as { path: string | null }).path;
  return path ?? (await largestFile(folder));
}
