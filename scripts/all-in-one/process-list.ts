import { setTimeout as delay } from 'node:timers/promises';
import { z } from 'zod';
import { identify, isRunning, ProcessIdentity } from '../../platform/process-identity';
import { signalGroup } from '../../platform/servers/child';
import { readJson, writeJson } from './data-folder';

/** The children in the order in which they are stopped. */
export const stopOrder = ['api', 'worker', 'sandbox', 'temporal', 'mongod'] as const;
/** A child process of the supervisor. */
export type ChildName = (typeof stopOrder)[number];

const ProcessList = z.partialRecord(z.enum(stopOrder), ProcessIdentity);

/** The children that run, kept on disk so that the next start finds them after a kill -9 of the supervisor. */
export type RunningList = {
  add(name: ChildName, pid: number): void;
  remove(name: ChildName): void;
  pid(name: ChildName): number | null;
};

/** An empty list that is written to `file` at every change. */
export function openRunningList(file: string): RunningList {
  const running = new Map<ChildName, ProcessIdentity>();
  const write = (): void => {
    writeJson(file, Object.fromEntries(running));
  };
  return {
    add: (name, pid) => {
      try {
        running.set(name, identify(pid));
      } catch {
        // It ended within the moment: there is nothing to find later.
        running.delete(name);
      }
      write();
    },
    remove: (name) => {
      running.delete(name);
      write();
    },
    pid: (name) => running.get(name)?.pid ?? null,
  };
}

/** How long each may take to end by itself; all together stay below ten seconds. */
const graceMs: Record<ChildName, number> = {
  api: 1_500,
  worker: 3_000,
  sandbox: 1_000,
  temporal: 1_500,
  mongod: 2_500,
};

async function stopOne(identity: ProcessIdentity, grace: number): Promise<void> {
  signalGroup(identity.pid, 'SIGTERM');
  const deadline = Date.now() + grace;
  while (isRunning(identity)) {
    if (Date.now() > deadline) signalGroup(identity.pid, 'SIGKILL');
    await delay(20);
  }
}

/**
 * Stops every process of the list in `file`, in the usual order, and resolves when all are gone: this supervisor's own
 * children, or what an earlier one left behind. A process that only has the pid of one of them by now is left alone.
 * Returns the names of those that were stopped.
 */
export async function stopListed(file: string): Promise<ChildName[]> {
  const left = readJson(file, ProcessList) ?? {};
  const stopped: ChildName[] = [];
  for (const name of stopOrder) {
    const identity = left[name];
    if (!identity || !isRunning(identity)) continue;
    await stopOne(identity, graceMs[name]);
    stopped.push(name);
  }
  writeJson(file, {});
  return stopped;
}
