import { spawn, execFile, type ChildProcess } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';
import { z } from 'zod';
import { startOf } from '../platform/process-identity';
import { projectRoot } from '../platform/project-root';
import { defineBench, type Measured, type Say } from './bench';
import { rounded } from './figures';
import { readUsage } from './process-usage';

const options = z.strictObject({
  keep: z.boolean().default(false).describe('leave the clone where it is'),
});

const readyLineSchema = z.object({ ready: z.literal(true), api: z.string(), pids: z.record(z.string(), z.int()) });
type ReadyLine = z.infer<typeof readyLineSchema>;

/** One start of the hub and its end. */
interface Start {
  ready_s: number;
  /** From Ctrl-C until the last process is gone. */
  stop_s: number;
  /** What the start said on its way, with its own clock. */
  steps: string[];
  rss_mb: Record<string, number>;
}

const readyTimeoutMs = 600_000;

function lines(stream: ChildProcess['stdout'], hear: (line: string) => void): void {
  if (stream) createInterface({ input: stream }).on('line', hear);
}

/** Starts the hub in `checkout` as a person would, waits for its ready line and presses Ctrl-C. */
async function startOnce(checkout: string, dataDir: string): Promise<Start> {
  const startedAt = performance.now();
  const args = ['start', '--silent', '--', '--no-demo', '--json', '--data-dir', dataDir];
  // In a group of its own, which Ctrl-C reaches as a whole.
  const npm = spawn('npm', args, { cwd: checkout, detached: true, stdio: ['ignore', 'pipe', 'pipe'] });
  const group = npm.pid ?? 0;
  const gone = new Promise<void>((resolve) => {
    npm.once('exit', () => {
      resolve();
    });
  });
  const steps: string[] = [];
  lines(npm.stderr, (line) => steps.push(line));
  let timer: NodeJS.Timeout | undefined;
  const ready = await new Promise<ReadyLine>((resolve, reject) => {
    lines(npm.stdout, (line) => {
      if (line.startsWith('{')) resolve(readyLineSchema.parse(JSON.parse(line)));
    });
    npm.once('error', reject);
    void gone.then(() => {
      reject(new Error(`The start ended before it was ready:\n${steps.slice(-10).join('\n')}`));
    });
    timer = setTimeout(() => {
      process.kill(-group, 'SIGINT');
      reject(new Error(`The hub was not ready:\n${steps.slice(-10).join('\n')}`));
    }, readyTimeoutMs);
  }).finally(() => {
    clearTimeout(timer);
  });
  const readyAt = performance.now();
  const rss_mb = Object.fromEntries(Object.entries(ready.pids).map(([name, pid]) => [name, readUsage(pid).rss_mb]));

  const askedAt = performance.now();
  process.kill(-group, 'SIGINT');
  await gone;
  const stoppedAt = performance.now();
  const left = Object.entries(ready.pids).filter(([, pid]) => startOf(pid) !== undefined);
  if (left.length > 0)
    throw new Error(`Ctrl-C left running: ${left.map(([name, pid]) => `${name} (${String(pid)})`).join(', ')}`);
  const seconds = (from: number, to: number): number => rounded((to - from) / 1_000);
  return { ready_s: seconds(startedAt, readyAt), stop_s: seconds(askedAt, stoppedAt), steps, rss_mb };
}

async function measure({ keep }: z.output<typeof options>, say: Say): Promise<Measured> {
  const dir = await mkdtemp(join(tmpdir(), 'waybill-start-'));
  const checkout = join(dir, 'waybill');
  const dataDir = join(dir, 'data');
  try {
    await promisify(execFile)('git', ['clone', '--quiet', '--no-hardlinks', projectRoot(), checkout]);
    say(`first start, in the fresh clone ${checkout}`);
    const first = await startOnce(checkout, dataDir);
    say('second start');
    const second = await startOnce(checkout, dataDir);
    const starts = { first, second };
    return {
      figures: starts,
      tables: [
        {
          title: 'npm start -- --no-demo, package and server caches warm',
          head: ['start', 'ready s', 'Ctrl-C s', 'MB in all'],
          rows: Object.entries(starts).map(([name, start]): (string | number)[] => [
            name,
            start.ready_s,
            start.stop_s,
            Object.values(start.rss_mb).reduce((sum, mb) => sum + mb, 0),
          ]),
        },
        {
          title: 'Steps of the first start',
          head: ['what it said'],
          rows: first.steps.filter((line) => line.startsWith('[')).map((line) => [line]),
        },
        {
          title: 'Memory after the second start',
          head: ['process', 'MB'],
          rows: Object.entries(second.rss_mb),
        },
      ],
    };
  } finally {
    if (!keep) await rm(dir, { recursive: true, force: true, maxRetries: 5 });
  }
}

/** How long the first start of a fresh clone takes, the second one, and Ctrl-C; what is not committed is not in it. */
export const start = defineBench({
  name: 'start',
  about: 'npm start in a fresh clone of the last commit: first start, second start, Ctrl-C',
  options,
  measure,
});
