import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { Session } from 'node:inspector';
import { basename, dirname, extname, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { isMainThread, threadId } from 'node:worker_threads';

const lookEveryMs = 50;
const samplingIntervalUs = 250;
const writtenWithinMs = 2_000;

/**
 * Runs in every thread of a measured process: takes a CPU profile for as long as `flagFile` exists and then writes
 * `<folder of the script>-<script>-<pid>-<thread>.cpuprofile` (`thread-…` for threads of workflows) beside it.
 */
export function profileWhileExists(flagFile: string): void {
  const script = process.argv[1] ?? 'node';
  const name = isMainThread ? `${basename(dirname(script))}-${basename(script, extname(script))}` : 'thread';
  const target = join(dirname(flagFile), `${name}-${String(process.pid)}-${String(threadId)}.cpuprofile`);
  let session: Session | undefined;
  setInterval(() => {
    if (existsSync(flagFile) === (session !== undefined)) return;
    if (session) {
      session.post('Profiler.stop', (error, { profile }) => {
        if (!error) writeFileSync(target, JSON.stringify(profile));
      });
      session.disconnect();
      session = undefined;
      return;
    }
    session = new Session();
    session.connect();
    session.post('Profiler.enable');
    session.post('Profiler.setSamplingInterval', { interval: samplingIntervalUs });
    session.post('Profiler.start');
  }, lookEveryMs).unref();
}

/** Profiles of the hub's processes: the environment that they need, and the profile taken while `work` runs. */
export interface Profiler {
  env: Record<string, string>;
  during<Result>(work: () => Promise<Result>): Promise<Result>;
}

/** Prepares profiles to be written to `folder`; Node takes its own option for profiles from the command line alone. */
export function createProfiler(folder: string): Profiler {
  mkdirSync(folder, { recursive: true });
  const flagFile = join(folder, 'running');
  const preload = join(folder, 'preload.cjs');
  rmSync(flagFile, { force: true });
  writeFileSync(
    preload,
    `require(${JSON.stringify(__filename)}).${profileWhileExists.name}(${JSON.stringify(flagFile)});\n`,
  );
  return {
    env: { NODE_OPTIONS: `--require=${preload}` },
    async during(work) {
      writeFileSync(flagFile, '');
      await delay(lookEveryMs * 4);
      try {
        return await work();
      } finally {
        rmSync(flagFile, { force: true });
        await delay(writtenWithinMs);
      }
    },
  };
}
