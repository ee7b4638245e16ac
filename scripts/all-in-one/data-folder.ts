import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import type { z } from 'zod';
import { tryLock } from '../../platform/pid-lock';

/** Where everything of one hub lies. */
export type DataFolder = {
  readonly path: string;
  readonly mongod: string;
  readonly temporalFile: string;
  readonly partners: string;
  readonly apiKeyFile: string;
  readonly processesFile: string;
  readonly portsFile: string;
  readonly demoFile: string;
  /** The log file of a child process. */
  logFile(name: string): string;
  /** Lets another hub use the folder. */
  release(): void;
};

/** Thrown when the start cannot go on for a reason that the user can mend; its message is all that is printed. */
export class StartRefused extends Error {}

/**
 * Opens the data folder, made when missing, for this process alone. Throws StartRefused with the holder's pid when
 * another hub runs on it.
 */
export function openDataFolder(given: string): DataFolder {
  const path = resolve(given);
  mkdirSync(path, { recursive: true });
  const lock = tryLock(join(path, 'lock'));
  if (!lock.held) {
    throw new StartRefused(
      `another hub runs on ${path} (pid ${lock.holder.pid}): stop it, or give this one another --data-dir`,
    );
  }
  return {
    path,
    mongod: join(path, 'mongod'),
    temporalFile: join(path, 'temporal', 'temporal.db'),
    partners: join(path, 'partners'),
    apiKeyFile: join(path, 'secrets', 'api-key'),
    processesFile: join(path, 'processes.json'),
    portsFile: join(path, 'ports.json'),
    demoFile: join(path, 'demo.json'),
    logFile: (name) => join(path, 'logs', `${name}.log`),
    release: lock.release,
  };
}

/** Writes a JSON file whole or not at all; only this user may read it. */
export function writeJson(path: string, value: unknown): void {
  mkdirSync(dirname(path), { recursive: true });
  const draft = `${path}.draft`;
  writeFileSync(draft, `${JSON.stringify(value, null, 2)}\n`, { mode: 0o600 });
  renameSync(draft, path);
}

/** Reads a JSON file of ours; undefined when it is missing or not what the schema says. */
export function readJson<T extends z.ZodType>(path: string, schema: T): z.infer<T> | undefined {
  try {
    const parsed = schema.safeParse(JSON.parse(readFileSync(path, 'utf8')));
    return parsed.success ? parsed.data : undefined;
  } catch {
    return undefined;
  }
}

/** The start key, made once (`wb_start_…`, readable by this user only) and the same ever after. */
export function startKey(path: string): string {
  if (existsSync(path)) {
    const key = readFileSync(path, 'utf8').trim();
    if (key) return key;
  }
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  const key = `wb_start_${randomBytes(24).toString('base64url')}`;
  const draft = `${path}.draft`;
  writeFileSync(draft, `${key}\n`, { mode: 0o600 });
  renameSync(draft, path);
  return key;
}
