import { setTimeout as delay } from 'node:timers/promises';

/** A child process that answers. */
export type Running = { readonly pid: number; readonly ended: Promise<void> };

/** A child that is started again whenever it ends by itself, until it is let go; letting go does not stop it. */
export type Kept = { letGo(): void };

const FIRST_PAUSE_MS = 200;
const LONGEST_PAUSE_MS = 10_000;
const STEADY_MS = 30_000;

/**
 * Starts a child and keeps it: when it ends, it is started again, at once at first and with doubling pauses up to 10 s
 * while it keeps failing. Resolves when it answers for the first time; rejects when that first start fails. `launch`
 * must stop what it started when it fails.
 */
export async function keep(options: {
  name: string;
  launch: () => Promise<Running>;
  onEnd: () => void;
  log: (line: string) => void;
}): Promise<Kept> {
  const leaving = new AbortController();
  const isLeaving = (): boolean => leaving.signal.aborted;
  const tell = (line: string): void => {
    if (!isLeaving()) options.log(line);
  };

  const relaunch = async (): Promise<Running | undefined> => {
    for (let pause = FIRST_PAUSE_MS; !isLeaving(); pause = Math.min(pause * 2, LONGEST_PAUSE_MS)) {
      await delay(pause, undefined, { signal: leaving.signal }).catch(() => undefined);
      if (isLeaving()) break;
      try {
        return await options.launch();
      } catch (error) {
        tell(`${options.name} did not start: ${(error as Error).message}`);
      }
    }
    return undefined;
  };

  const watch = async (first: Running): Promise<void> => {
    let quickEnds = 0;
    for (let running: Running | undefined = first; running && !isLeaving();) {
      const startedAt = Date.now();
      await running.ended;
      options.onEnd();
      tell(`${options.name} ended by itself; it is started again`);
      // One that starts well and dies again and again is held back too.
      quickEnds = Date.now() - startedAt > STEADY_MS ? 0 : quickEnds + 1;
      const hold = quickEnds > 3 ? Math.min(FIRST_PAUSE_MS * 2 ** quickEnds, LONGEST_PAUSE_MS) : 0;
      await delay(hold, undefined, { signal: leaving.signal }).catch(() => undefined);
      running = await relaunch();
      if (running) tell(`${options.name} is back`);
    }
  };

  void watch(await options.launch());
  return {
    letGo: () => {
      leaving.abort();
    },
  };
}
