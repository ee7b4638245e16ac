import { readFileSync } from 'node:fs';

/** The kernel counts processor time in ticks of this many milliseconds. */
const tickMs = 10;
const sampleEveryMs = 200;

/** A process as it is now: the processor time of all its threads since it began, and the memory that it holds. */
interface Usage {
  cpu_ms: number;
  rss_mb: number;
}

/** What a process used while it was watched. */
export interface Watched {
  cpu_ms: number;
  peak_rss_mb: number;
}

/** Reads a process from /proc; throws where it is gone, and on systems other than Linux. */
export function readUsage(pid: number): Usage {
  const stat = readFileSync(`/proc/${String(pid)}/stat`, 'utf8');
  // The name stands in brackets and may hold anything; after it utime and stime are the 12th and 13th field.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const rssKb = /^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${String(pid)}/status`, 'utf8'))?.[1] ?? '0';
  return { cpu_ms: (Number(fields[11]) + Number(fields[12])) * tickMs, rss_mb: Math.round(Number(rssKb) / 1024) };
}

/**
 * Watches processes by name until `stop`, which answers what each used meanwhile; memory is sampled five times a second.
 * `stop` throws when one of them has ended.
 */
export function watchProcesses<Name extends string>(
  pids: Readonly<Partial<Record<Name, number>>>,
): { stop(): Partial<Record<Name, Watched>> } {
  const watched = Object.entries(pids as Record<Name, number>) as [Name, number][];
  const entries = watched.map(([name, pid]) => ({ name, pid, before: readUsage(pid).cpu_ms, peak: 0 }));
  const sample = (): void => {
    for (const entry of entries) entry.peak = Math.max(entry.peak, readUsage(entry.pid).rss_mb);
  };
  const timer = setInterval(() => {
    try {
      sample();
    } catch {
      // `stop` says that a process has ended.
      clearInterval(timer);
    }
  }, sampleEveryMs);
  return {
    stop() {
      clearInterval(timer);
      sample();
      const used: Partial<Record<Name, Watched>> = {};
      for (const { name, pid, before, peak } of entries) {
        used[name] = { cpu_ms: readUsage(pid).cpu_ms - before, peak_rss_mb: peak };
      }
      return used;
    },
  };
}
