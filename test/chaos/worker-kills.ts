import { readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { arrival } from './checks';
import {
  died,
  freshOrder,
  giveNote,
  pauseFiles,
  place,
  reached,
  startAll,
  withOrder,
  type Scenario,
  type Stage,
} from './scenario';

/** One passage of a named point in an order's life: the `onCall`-th since the order was placed. */
export interface Passage {
  point: string;
  onCall: number;
}

/** Takes an order through its life undisturbed and answers every point of the worker that it passed. */
export async function tracePassages({ hub, merchant }: Stage): Promise<Passage[]> {
  const trace_file = join(hub.dir, 'trace.txt');
  await hub.stop('worker');
  await hub.start('worker', { trace_file });
  await startAll(hub);
  await writeFile(trace_file, '');
  await arrival(hub, await place(hub, freshOrder(merchant)));
  const counts = new Map<string, number>();
  for (const line of readFileSync(trace_file, 'utf8').split('\n').filter(Boolean)) {
    const point = line.split(' ')[0] ?? '';
    counts.set(point, (counts.get(point) ?? 0) + 1);
  }
  await hub.stop('worker');
  return [...counts].flatMap(([point, count]) =>
    Array.from({ length: count }, (_, index) => ({ point, onCall: index + 1 })),
  );
}

/** kill −9 of the worker at a point. */
export function killAt({ point, onCall }: Passage): Scenario {
  const name = `${point} #${String(onCall)}`;
  return {
    name,
    group: 'worker killed',
    run: (stage) =>
      withOrder(stage, { worker: [{ point, on_call: onCall, action: 'kill' }] }, async (id) => {
        await died(stage.hub, 'worker', id, name);
        return undefined;
      }),
  };
}

/** The worker stops at a point; a note comes in, and scans go on; then kill −9. */
export function noteAndKillAt({ point, onCall }: Passage): Scenario {
  const name = `${point} #${String(onCall)}`;
  return {
    name,
    group: 'note or scan in between, then worker killed',
    run: async (stage) => {
      const files = pauseFiles(stage.hub);
      return withOrder(
        stage,
        { worker: [{ point, on_call: onCall, action: 'pause_then_kill', ...files }] },
        async (id) => {
          await reached(stage.hub, id, files.reached_file, name);
          const text = `note at ${name}`;
          // Where the paused transaction holds the document the note waits for it; it is given again until it is answered.
          const given = giveNote(stage.hub, id, text);
          given.catch(() => undefined);
          await Promise.race([given, new Promise((resolve) => setTimeout(resolve, 400))]);
          await writeFile(files.release_file, '');
          await died(stage.hub, 'worker', id, name);
          await given;
          return { notes: [text] };
        },
      );
    },
  };
}
