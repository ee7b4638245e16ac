import { readFileSync } from 'node:fs';
import { cpus } from 'node:os';

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

/** Processor time that the whole machine has used since it began, in milliseconds over all cores. */
function machineCpuMs(): number {
  const [, user, nice, system, , , irq, softirq, steal] = readFileSync('/proc/stat', 'utf8')
    .split('\n', 1)[0]!
    .split(/\s+/)
    .map(Number);
  return [user, nice, system, irq, softirq, steal].reduce<number>((sum, ticks) => sum + (ticks ?? 0) * tickMs, 0);
}

/** What was used while something was watched: by each process, and by whatever else ran on the machine. */
export interface Use<Name extends string> {
  processes: Partial<Record<Name, Watched>>;
  /** The share of all processor time that went to neither the watched processes nor this one, 0 to 1. */
  others_share: number;
}

/**
 * Watches processes by name until `stop`, which answers what each used meanwhile; memory is sampled five times a second.
 * `stop` throws when one of them has ended.
 */
export function watchProcesses<Name extends string>(
  pids: Readonly<Partial<Record<Name, number>>>,
): { stop(): Use<Name> } {
  const watched = Object.entries(pids as Record<Name, number>) as [Name, number][];
  const entries = watched.map(([name, pid]) => ({ name, pid, before: readUsage(pid).cpu_ms, peak: 0 }));
  const sample = (): void => {
    for (const entry of entries) entry.peak = Math.max(entry.peak, readUsage(entry.pid).rss_mb);
  };
  const startedAt = performance.now();
  const machineBefore = machineCpuMs();
  const ownBefore = process.cpuUsage();
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
      const processes: Partial<Record<Name, Watched>> = {};
      let accounted = (process.cpuUsage(ownBefore).user + process.cpuUsage(ownBefore).system) / 1_000;
      for (const { name, pid, before, peak } of entries) {
        const cpu_ms = readUsage(pid).cpu_ms - before;
        processes[name] = { cpu_ms, peak_rss_mb: peak };
        accounted += cpu_ms;
      }
      const others = machineCpuMs() - machineBefore - accounted;
      const all = (performance.now() - startedAt) * cpus().length;
      return { processes, others_share: Math.max(0, Number((others / all).toFixed(3))) };
    },
  };
}
