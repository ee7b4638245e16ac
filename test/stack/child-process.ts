import { spawn, type ChildProcess } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { waitFor } from './wait-for';

/** A process of the hub under test. */
export interface HubProcess {
  pid: number;
  /** The ready line's fields. */
  ready: Record<string, unknown>;
  /** Resolves when the process is gone. */
  exited: Promise<void>;
  /** Kills it the hard way and waits until it is gone. */
  kill(): Promise<void>;
  /** Asks it to end, and kills it after five seconds. */
  stop(): Promise<void>;
}

/**
 * Starts a compiled entry of the hub and waits until it is ready: for its JSON ready line, or until `isReady` says so.
 * Its standard error goes to `logFile`. Rejects when it ends before it is ready.
 */
export async function startProcess(
  script: string,
  options: { args?: string[]; env?: Record<string, string>; logFile: string; isReady?: () => Promise<boolean> },
): Promise<HubProcess> {
  const log = openSync(options.logFile, 'a');
  const child: ChildProcess = spawn(process.execPath, [script, ...(options.args ?? [])], {
    env: { PATH: process.env.PATH ?? '', NODE_ENV: 'production', ...options.env },
    stdio: ['ignore', 'pipe', log],
  });
  closeSync(log);
  const exited = new Promise<void>((resolve) => {
    child.once('exit', () => {
      resolve();
    });
  });
  const ready = await new Promise<Record<string, unknown>>((resolve, reject) => {
    if (!child.stdout) throw new Error('no standard output');
    createInterface({ input: child.stdout }).on('line', (line) => {
      if (!line.startsWith('{')) return;
      const parsed = JSON.parse(line) as Record<string, unknown>;
      if (parsed.ready === true) resolve(parsed);
    });
    const { isReady } = options;
    if (isReady) {
      void waitFor(`${script} to be ready`, isReady, 90_000).then(() => {
        resolve({});
      }, reject);
    }
    child.once('error', reject);
    void exited.then(() => {
      reject(new Error(`${script} ended before it was ready: see ${options.logFile}`));
    });
  });
  const signal = (name: NodeJS.Signals): Promise<void> => {
    if (child.exitCode === null && child.signalCode === null) child.kill(name);
    return exited;
  };
  return {
    pid: child.pid ?? 0,
    ready,
    exited,
    kill: () => signal('SIGKILL'),
    async stop() {
      const timer = setTimeout(() => child.kill('SIGKILL'), 5_000);
      await signal('SIGTERM');
      clearTimeout(timer);
    },
  };
}
