import { randomBytes } from 'node:crypto';
import { linkSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { identify, isRunning, ProcessIdentity } from './process-identity';

/** Held by this process (`release` gives it back), or by another one that is running. */
export type LockAttempt = { held: true; release: () => void } | { held: false; holder: ProcessIdentity };

function read(path: string): { text: string; holder: ProcessIdentity | undefined } | undefined {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
  try {
    const parsed = ProcessIdentity.safeParse(JSON.parse(text));
    return { text, holder: parsed.success ? parsed.data : undefined };
  } catch {
    return { text, holder: undefined };
  }
}

/** Puts `text` at `path` whole or not at all; false when something is there already. */
function createWhole(path: string, text: string): boolean {
  const draft = `${path}.${process.pid}.${randomBytes(4).toString('hex')}`;
  writeFileSync(draft, text, { mode: 0o600 });
  try {
    linkSync(draft, path);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  } finally {
    rmSync(draft, { force: true });
  }
}

/** Takes a dead holder's file away; when another process was faster and holds the lock by now, that file goes back. */
function removeStale(path: string, text: string): void {
  const aside = `${path}.${process.pid}.${randomBytes(4).toString('hex')}.stale`;
  try {
    renameSync(path, aside);
  } catch {
    return;
  }
  if (read(aside)?.text !== text) {
    try {
      linkSync(aside, path);
    } catch {
      // A third process holds it: nothing to put back.
    }
  }
  rmSync(aside, { force: true });
}

/**
 * Tries to take the lock file at `path` for this process. A lock whose process has ended (also by kill -9, and also
 * when its pid was given to another process since) counts as free.
 */
export function tryLock(path: string): LockAttempt {
  mkdirSync(dirname(path), { recursive: true });
  const mine = JSON.stringify(identify(process.pid));
  for (;;) {
    if (createWhole(path, mine)) {
      const release = (): void => {
        if (read(path)?.text === mine) rmSync(path, { force: true });
      };
      return { held: true, release };
    }
    const found = read(path);
    if (!found) continue;
    if (found.holder && isRunning(found.holder)) return { held: false, holder: found.holder };
    removeStale(path, found.text);
  }
}
