import { parseArgs } from 'node:util';
import { startServers } from '../stack/servers';
import { createStage, failures, playAll, renderMatrix } from './matrix';
import { skeletonScenarios } from './skeleton';

const usage = `npm run chaos -- skeleton [--only TEXT] [--lanes N]
  skeleton  takes orders through their life and kills, cuts, resets and restores at every point
  --only    only scenarios whose group or name holds TEXT
  --lanes   how many hubs side by side (default 3)`;

async function main(): Promise<void> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { only: { type: 'string' }, lanes: { type: 'string', default: '3' } },
  });
  if (positionals[0] !== 'skeleton') {
    console.error(usage);
    process.exitCode = 2;
    return;
  }
  const startedAt = performance.now();
  const servers = await startServers(console.log);
  console.log(`data and logs in ${servers.dir}`);
  const lanes = Array.from({ length: Number(values.lanes) }, (_, index) =>
    createStage(servers, `lane-${String(index + 1)}`, servers),
  );
  const stages = await Promise.all(lanes);
  try {
    const [first] = stages;
    if (!first) throw new Error('--lanes wants at least 1.');
    const { only } = values;
    const all = await skeletonScenarios(first);
    const scenarios = only ? all.filter(({ group, name }) => `${group}: ${name}`.includes(only)) : all;
    console.log(`${String(scenarios.length)} scenarios`);
    const outcomes = await playAll(scenarios, stages, ({ scenario, passed, notPassed, found, seconds }) => {
      const mark = passed ? '✓' : notPassed ? '–' : '✗';
      console.log(
        `${mark} ${scenario.group}: ${scenario.name} (${seconds.toFixed(1)} s)${passed ? '' : `\n    ${found.join('\n    ')}`}`,
      );
    });
    const failed = failures(outcomes).length;
    const passed = outcomes.filter((outcome) => outcome.passed).length;
    console.log(`\n${renderMatrix(outcomes)}\n`);
    console.log(
      `${String(passed)} passed, ${String(failed)} failed in ${((performance.now() - startedAt) / 1000).toFixed(0)} s`,
    );
    process.exitCode = failed > 0 ? 1 : 0;
  } finally {
    await Promise.all(stages.map((stage) => stage.hub.close()));
    if (process.exitCode === 0) await servers.stop();
    else {
      await servers.temporal().stop();
      await servers.mongod().stop();
    }
  }
}

main().catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});
