import { existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { projectRoot } from '../../platform/project-root';
import { startChild, untilReady, type Child } from '../../platform/servers/child';
import type { Running } from './keep';

const START_MS = 60_000;
const ReadyLine = z.looseObject({ ready: z.literal(true) });

/** One of the hub's own programs, below `dist/`. */
export type Program = {
  name: string;
  /** Path below `dist/`. */
  script: string;
  args?: readonly string[];
  env: NodeJS.ProcessEnv;
  logFile: string;
  onSpawn: (pid: number) => void;
};

async function start<T>(program: Program, probe: (from: number) => Promise<T>): Promise<{ child: Child; answer: T }> {
  const script = join(projectRoot(), 'dist', program.script);
  if (!existsSync(script)) throw new Error(`dist/${program.script} is missing: the build is not complete`);
  const from = existsSync(program.logFile) ? statSync(program.logFile).size : 0;
  const child = startChild(process.execPath, ['--enable-source-maps', script, ...(program.args ?? [])], {
    logFile: program.logFile,
    env: program.env,
    cwd: projectRoot(),
    onSpawn: program.onSpawn,
  });
  try {
    const ready = { name: program.name, logFile: program.logFile, timeoutMs: START_MS };
    return { child, answer: await untilReady(child, ready, () => probe(from)) };
  } catch (error) {
    await child.stop(1_000);
    throw error;
  }
}

function readyLine<T extends z.ZodType>(logFile: string, from: number, schema: T): z.infer<T> {
  for (const line of readFileSync(logFile).subarray(from).toString().split('\n')) {
    if (!line.startsWith('{') || !line.includes('"ready"')) continue;
    let value: unknown;
    try {
      value = JSON.parse(line);
    } catch {
      continue;
    }
    const parsed = schema.safeParse(value);
    if (parsed.success) return parsed.data;
  }
  throw new Error('it has not said that it is ready');
}

/** Starts a program that answers `GET /healthz` at `baseUrl`; resolves when it does with 200. */
export async function launchServer(program: Program, baseUrl: string): Promise<Running> {
  const { child } = await start(program, async () => {
    const answer = await fetch(`${baseUrl}/healthz`, { signal: AbortSignal.timeout(2_000) });
    await answer.arrayBuffer();
    if (answer.status !== 200) throw new Error(`/healthz answers ${answer.status}`);
  });
  return child;
}

/** Starts a program that prints a line of JSON with `"ready":true`; resolves when it did. */
export async function launchWorker(program: Program): Promise<Running> {
  const { child } = await start(program, (from) => Promise.resolve(readyLine(program.logFile, from, ReadyLine)));
  return child;
}

/** Starts the embedded partners, which print `{ ready, urls }`; resolves with their addresses by connector id. */
export async function launchPartners(program: Program): Promise<Running & { urls: Record<string, string> }> {
  const schema = ReadyLine.extend({ urls: z.record(z.string(), z.string()) });
  const { child, answer } = await start(program, (from) => Promise.resolve(readyLine(program.logFile, from, schema)));
  return { pid: child.pid, ended: child.ended, urls: answer.urls };
}
