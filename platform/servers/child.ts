import { spawn, type ChildProcess } from 'node:child_process';
import { closeSync, mkdirSync, openSync, readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

/** A child process in a group of its own, so that a Ctrl-C in the terminal does not reach it. */
export type Child = {
  readonly process: ChildProcess;
  readonly pid: number;
  /** Settles when the process has ended; never rejects. */
  readonly ended: Promise<void>;
  /** True once the process has ended. */
  hasEnded(): boolean;
  /** Asks the process to end (SIGTERM), kills its whole group when it has not after `graceMs`; resolves when it is gone. */
  stop(graceMs: number): Promise<void>;
};

/** Sends a signal to a process and everything in its group; silently nothing when they are gone. */
export function signalGroup(pid: number, signal: NodeJS.Signals): void {
  for (const target of process.platform === 'win32' ? [pid] : [-pid, pid]) {
    try {
      process.kill(target, signal);
      return;
    } catch {
      // No such group: the process alone, or nothing at all.
    }
  }
}

/**
 * Starts `program` detached from this process's group, its output appended to `logFile` (a pipe would break with us,
 * and the child with it). `onSpawn` hears the pid at once. Throws when the program cannot be started.
 */
export function startChild(
  program: string,
  args: readonly string[],
  options: {
    logFile: string;
    env?: NodeJS.ProcessEnv | undefined;
    cwd?: string | undefined;
    onSpawn?: ((pid: number) => void) | undefined;
  },
): Child {
  mkdirSync(dirname(options.logFile), { recursive: true });
  const log = openSync(options.logFile, 'a', 0o600);
  const child = spawn(program, [...args], {
    detached: process.platform !== 'win32',
    windowsHide: true,
    stdio: ['ignore', log, log],
    ...(options.env ? { env: options.env } : {}),
    ...(options.cwd ? { cwd: options.cwd } : {}),
  });
  closeSync(log);
  let over = false;
  const ended = new Promise<void>((resolve) => {
    const end = (): void => {
      over = true;
      resolve();
    };
    child.once('exit', end);
    child.once('error', end);
  });
  const hasEnded = (): boolean => over;
  const { pid } = child;
  if (pid === undefined) throw new Error(`${program} could not be started`);
  options.onSpawn?.(pid);
  const stop = async (graceMs: number): Promise<void> => {
    if (hasEnded()) return;
    signalGroup(pid, 'SIGTERM');
    const timer = new AbortController();
    await Promise.race([ended, delay(graceMs, undefined, { signal: timer.signal }).catch(() => undefined)]);
    timer.abort();
    if (hasEnded()) return;
    signalGroup(pid, 'SIGKILL');
    await ended;
  };
  return { process: child, pid, ended, hasEnded, stop };
}

/** The last lines of a log file, for the message of a start that failed; empty when there is none. */
export function lastLines(logFile: string, count = 5): string {
  try {
    return readFileSync(logFile, 'utf8').trimEnd().split('\n').slice(-count).join('\n');
  } catch {
    return '';
  }
}

/**
 * Tries `probe` until it answers without throwing, at most every 50 ms. Throws with the last lines of the child's log
 * as soon as the child has ended, and with the last failure of the probe after `timeoutMs`.
 */
export async function untilReady<T>(
  child: Child,
  what: { name: string; logFile: string; timeoutMs: number },
  probe: () => Promise<T>,
): Promise<T> {
  const deadline = Date.now() + what.timeoutMs;
  for (;;) {
    try {
      return await probe();
    } catch (error) {
      if (child.hasEnded())
        throw new Error(`${what.name} ended at its start:\n${lastLines(what.logFile)}`, { cause: error });
      if (Date.now() > deadline)
        throw new Error(`${what.name} was not ready within ${what.timeoutMs} ms`, { cause: error });
      await Promise.race([delay(50), child.ended]);
    }
  }
}
