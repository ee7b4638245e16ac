import { appendFileSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';

const plannedFaultSchema = z.strictObject({
  point: z.string().min(1),
  on_call: z.int().min(1).default(1),
  action: z.enum(['kill', 'pause', 'pause_then_kill']),
  /** Written when a pause begins. */
  reached_file: z.string().optional(),
  /** Ends a pause as soon as it exists. */
  release_file: z.string().optional(),
});

/** One planned fault. */
export type PlannedFault = z.infer<typeof plannedFaultSchema>;

/**
 * Planned faults for the kill tests. At the `on_call`-th passage of the named point the process is killed, or waits until
 * a file exists and then goes on or is killed. Faults stand in `faults_file`, a JSON list that is read again when it
 * changes, with passages counted anew. `trace_file` collects the name of each point passed. Nothing of this is set
 * outside tests.
 */
export const faultPlanSchema = z.strictObject({
  trace_file: z.string().optional(),
  faults_file: z.string().optional(),
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
  let text = '';
  let faults: PlannedFault[] = [];

  function readFaults(): void {
    if (!plan.faults_file || !existsSync(plan.faults_file)) return;
    const current = readFileSync(plan.faults_file, 'utf8');
    if (current === text) return;
    text = current;
    faults = z.array(plannedFaultSchema).parse(JSON.parse(current));
    passages.clear();
  }

  return (name) => {
    readFaults();
    const count = (passages.get(name) ?? 0) + 1;
    passages.set(name, count);
    if (plan.trace_file) appendFileSync(plan.trace_file, `${name} ${String(count)}\n`);
    const fault = faults.find((candidate) => candidate.point === name && candidate.on_call === count);
    if (!fault) return undefined;
    if (fault.action === 'kill') process.kill(process.pid, 'SIGKILL');
    return pause(fault);
  };
}

async function pause(fault: PlannedFault): Promise<void> {
  if (fault.reached_file) writeFileSync(fault.reached_file, '');
  while (fault.release_file && !existsSync(fault.release_file)) await sleep(5);
  if (fault.action === 'pause_then_kill') process.kill(process.pid, 'SIGKILL');
}
