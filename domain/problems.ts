import type { Problem } from './order/schema';

/** What a rule says of a problem; the rest follows from the aggregate and the moment. */
export type ProblemCase = Pick<Problem, 'code' | 'scope' | 'scope_id' | 'stage' | 'detail' | 'waiting_for' | 'until'>;

/**
 * The problem to record for a case: the one that already stands for its code and scope with a new detail and time,
 * else a new one whose id follows from its aggregate's id and version (so that a repeat gives the same).
 */
export function problemFor(
  aggregate: { id: string; version: number; problems: readonly Problem[] },
  problemCase: ProblemCase,
  now: string,
): Problem {
  const standing = aggregate.problems.find((p) => p.code === problemCase.code && p.scope_id === problemCase.scope_id);
  if (standing) return { ...standing, ...problemCase };
  return {
    problem_id: `prb_${aggregate.id.slice(4)}_${problemCase.code.toLowerCase()}_${String(aggregate.version + 1)}`,
    ...problemCase,
    owner: null,
    since: now,
  };
}

/** The problems after one was raised or renewed. */
export function withProblem(problems: readonly Problem[], problem: Problem): Problem[] {
  return [...problems.filter((p) => p.problem_id !== problem.problem_id), problem];
}

/** The problems after one was cleared. */
export function withoutProblem(problems: readonly Problem[], problemId: string): Problem[] {
  return problems.filter((p) => p.problem_id !== problemId);
}

/** The problems after somebody asked to look again at those of a code: their waiting ends at `at`. */
export function recheckAt(problems: readonly Problem[], code: string, at: string): Problem[] {
  return problems.map((p) => (p.code === code && p.until > at ? { ...p, until: at } : p));
}

/** An instant some seconds after another; ISO 8601 UTC. */
export function secondsAfter(instant: string, seconds: number): string {
  return new Date(new Date(instant).getTime() + Math.round(seconds * 1000)).toISOString();
}
