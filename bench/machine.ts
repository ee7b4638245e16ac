import { execFileSync } from 'node:child_process';
import os from 'node:os';
import { projectRoot } from '../platform/project-root';

/** Where and on what a measurement ran. */
export interface Machine {
  cpu: string;
  cores: number;
  memory_gb: number;
  system: string;
  node: string;
  /** Processes that were running or waiting over the last minute before the measurement: others' work on the machine. */
  load_before: number;
}

/** Describes this machine and how busy it is now. */
export function describeMachine(): Machine {
  const [load = 0] = os.loadavg();
  return {
    cpu: os.cpus()[0]?.model.trim() ?? 'unknown',
    cores: os.cpus().length,
    memory_gb: Math.round(os.totalmem() / 2 ** 30),
    system: `${os.type()} ${os.release()}`,
    node: process.version,
    load_before: Number(load.toFixed(2)),
  };
}

/** The commit that is measured, with `+` where the checkout holds changes beside it; null outside a git checkout. */
export function measuredCommit(): string | null {
  const git = (...args: string[]): string =>
    execFileSync('git', args, { cwd: projectRoot(), encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim();
  try {
    return `${git('rev-parse', '--short', 'HEAD')}${git('status', '--porcelain') === '' ? '' : '+'}`;
  } catch {
    return null;
  }
}
