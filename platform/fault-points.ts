import { appendFileSync, existsSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';

/**
 * Planned faults for the kill tests. At the `on_call`-th passage of the named point the process is killed, or waits until
 * the file `release_file` exists and then goes on or is killed. `trace_file` collects the name of each point passed.
 * Nothing of this is set outside tests.
 */
export const faultPlanSchema = z.strictObject({
  trace_file: z.string().optional(),
  points: z
    .array(
      z.strictObject({
        point: z.string().min(1),
        on_call: z.int().min(1).default(1),
        action: z.enum(['kill', 'pause', 'pause_then_kill']),
        /** Written when a pause begins. */
        reached_file: z.string().optional(),
        release_file: z.string().optional(),
      }),
    )
    .default([]),
  /** Rules of the write protocol that a control leaves out, to prove that a test notices. */
  leave_out: z.array(z.enum(['decide_in_transaction', 'find_before_first_call', 'wait_for_settle'])).default([]),
});

/** A parsed plan of faults. */
export type FaultPlan = z.infer<typeof faultPlanSchema>;

/** The rules that a control leaves out; empty in production. */
export type LeftOut = FaultPlan['leave_out'];

/** Marks a place where the process may die. Without a plan a passage costs one call. */
export type FaultPoint = (name: string) => Promise<void> | undefined;

/** No faults: what every production process uses. */
export const noFaults: FaultPoint = () => undefined;

/** The fault point of a plan: counts passages by name and does what the plan says at each. */
export function plannedFaults(plan: FaultPlan): FaultPoint {
  const passages = new Map<string, number>();
  return (name) => {
    const count = (passages.get(name) ?? 0) + 1;
    passages.set(name, count);
    if (plan.trace_file) appendFileSync(plan.trace_file, `${name} ${String(count)}\n`);
    const fault = plan.points.find((candidate) => candidate.point === name && candidate.on_call === count);
    if (!fault) return undefined;
    if (fault.action === 'kill') process.kill(process.pid, 'SIGKILL');
    return pause(fault);
  };
}

async function pause(fault: FaultPlan['points'][number]): Promise<void> {
  if (fault.reached_file) appendFileSync(fault.reached_file, '');
  while (fault.release_file && !existsSync(fault.release_file)) await sleep(5);
  if (fault.action === 'pause_then_kill') process.kill(process.pid, 'SIGKILL');
}
