import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { z } from 'zod';

/**
 * Which process a pid meant when it was written down. `started` differs between two processes that had the same pid
 * one after the other; it is comparable on one machine only.
 */
export const ProcessIdentity = z.object({ pid: z.number().int().positive(), started: z.string() });
/** A pid with the mark of its start. */
export type ProcessIdentity = z.infer<typeof ProcessIdentity>;

function linuxStart(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The command name in parentheses may hold spaces: fields count from behind it (state is the 3rd, start the 22nd).
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    if (fields[0] === 'Z') return undefined;
    const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
    return `${boot}/${fields[19] ?? ''}`;
  } catch {
    return undefined;
  }
}

function ask(program: string, args: string[]): string | undefined {
  try {
    const answer = execFileSync(program, args, {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
      timeout: 5_000,
    });
    return answer.trim() || undefined;
  } catch {
    return undefined;
  }
}

/** When the process with this pid started, as an opaque mark; undefined when there is none or it has ended. */
export function startOf(pid: number): string | undefined {
  if (process.platform === 'linux') return linuxStart(pid);
  if (process.platform === 'win32') {
    return ask('powershell', ['-NoProfile', '-Command', `(Get-Process -Id ${pid}).StartTime.ToFileTime()`]);
  }
  return ask('ps', ['-o', 'lstart=', '-p', String(pid)]);
}

/** The identity of a running process; throws when there is none with this pid. */
export function identify(pid: number): ProcessIdentity {
  const started = startOf(pid);
  if (started === undefined) throw new Error(`no process has the pid ${pid}`);
  return { pid, started };
}

/** True while that very process runs: false when it ended, also when its pid went to another one since. */
export function isRunning(identity: ProcessIdentity): boolean {
  return startOf(identity.pid) === identity.started;
}

/** The command line of a process as far as the system tells it. */
export function commandOf(pid: number): string | undefined {
  if (process.platform === 'linux') {
    try {
      return readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0').filter(Boolean).join(' ') || undefined;
    } catch {
      return undefined;
    }
  }
  return process.platform === 'win32' ? undefined : ask('ps', ['-o', 'command=', '-p', String(pid)]);
}
