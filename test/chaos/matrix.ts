import { createHub } from '../stack/hub';
import { createMerchant } from '../stack/merchant';
import type { HubServers, Servers } from '../stack/servers';
import { NotPassed, type Scenario, type Stage } from './scenario';

/** What a scenario came to: passed, or what was found broken. */
export interface Outcome {
  scenario: Scenario;
  passed: boolean;
  /** The point of the scenario did not come up in any of its tries. */
  notPassed: boolean;
  found: string[];
  seconds: number;
}

/** Makes a stage: a hub of its own with a merchant. */
export async function createStage(servers: HubServers, name: string, killable?: Servers): Promise<Stage> {
  const hub = await createHub(servers, name);
  await hub.start('sandbox');
  return { hub, servers, merchant: await createMerchant(hub), ...(killable ? { killable } : {}) };
}

const tries = 3;

async function play(scenario: Scenario, stage: Stage): Promise<Outcome> {
  const startedAt = performance.now();
  const seconds = (): number => (performance.now() - startedAt) / 1000;
  for (let attempt = 1; ; attempt += 1) {
    try {
      const found = await scenario.run(stage);
      const passed = scenario.control ? found.length > 0 : found.length === 0;
      return { scenario, passed, notPassed: false, found, seconds: seconds() };
    } catch (error) {
      if (error instanceof NotPassed && attempt < tries) continue;
      const found = [error instanceof Error ? error.message : String(error)];
      return { scenario, passed: false, notPassed: error instanceof NotPassed, found, seconds: seconds() };
    }
  }
}

/** Plays scenarios, those that share servers side by side on the stages, the exclusive ones alone at the end. */
export async function playAll(
  scenarios: readonly Scenario[],
  stages: readonly Stage[],
  report: (outcome: Outcome) => void,
): Promise<Outcome[]> {
  const outcomes: Outcome[] = [];
  const shared = scenarios.filter((scenario) => !scenario.exclusive);
  const lane = async (stage: Stage): Promise<void> => {
    for (let next = shared.shift(); next; next = shared.shift()) {
      const outcome = await play(next, stage);
      outcomes.push(outcome);
      report(outcome);
    }
  };
  await Promise.all(stages.map(lane));
  const [first] = stages;
  for (const scenario of scenarios.filter((candidate) => candidate.exclusive)) {
    if (!first) break;
    const outcome = await play(scenario, first);
    outcomes.push(outcome);
    report(outcome);
  }
  return outcomes;
}

/** Outcomes that count as failed. That a point did not come up says nothing against the hub, but is shown. */
export function failures(outcomes: readonly Outcome[]): Outcome[] {
  return outcomes.filter((outcome) => !outcome.passed && !outcome.notPassed);
}

/** The matrix as text: a line for each group with what passed, and everything that was found broken. */
export function renderMatrix(outcomes: readonly Outcome[]): string {
  const groups = new Map<string, Outcome[]>();
  for (const outcome of outcomes)
    groups.set(outcome.scenario.group, [...(groups.get(outcome.scenario.group) ?? []), outcome]);
  const width = Math.max(...[...groups.keys()].map((name) => name.length), 10);
  const lines = [...groups].map(([name, all]) => {
    const passed = all.filter((outcome) => outcome.passed).length;
    const missed = all.filter((outcome) => outcome.notPassed).length;
    const longest = Math.max(...all.map((outcome) => outcome.seconds));
    const tail = missed === 0 ? '' : `   ${String(missed)} points did not come up`;
    return `${name.padEnd(width)}  ${String(passed).padStart(3)} of ${String(all.length).padStart(3)} as expected   longest ${longest.toFixed(1)} s${tail}`;
  });
  const broken = failures(outcomes).map(({ scenario, found }) =>
    [
      `✗ ${scenario.group}: ${scenario.name}`,
      ...(scenario.control ? ['the rule was left out and nothing broke'] : found),
    ].join('\n    '),
  );
  return [...lines, ...broken].join('\n');
}
