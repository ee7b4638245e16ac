import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { z } from 'zod';
import { isFlag, type Bench } from './bench';
import { capture } from './capture';
import { describeMachine, measuredCommit } from './machine';
import { orders } from './orders';
import { start } from './start';
import { renderTable } from './table';

const benches: readonly Bench[] = [capture, orders, start];
const busyLoad = 1;

/** The command line is refused: the message says why, and the usage follows it. */
class UsageError extends Error {}

function usage(): string {
  const optionLines = ({ options }: Bench): string[] =>
    Object.entries(options.shape).map(([name, option]) => {
      const fallback: unknown = option instanceof z.ZodDefault ? option.def.defaultValue : undefined;
      const value = isFlag(option) ? '' : ' VALUE';
      const given = typeof fallback === 'number' || typeof fallback === 'string' ? ` (default ${fallback})` : '';
      return `      ${`--${name}${value}`.padEnd(22)} ${(option as z.ZodType).description ?? ''}${given}`;
    });
  const list = benches.map((bench) => [`  ${bench.name.padEnd(9)} ${bench.about}`, ...optionLines(bench)].join('\n'));
  return `npm run bench -- NAME [options] [--json FILE]\n\n${list.join('\n')}\n\n  --json FILE  writes machine, settings and figures as JSON too`;
}

function read(args: readonly string[]): {
  bench: Bench;
  given: Record<string, string | boolean>;
  json: string | undefined;
} {
  const [name, ...rest] = args;
  const bench = benches.find((candidate) => candidate.name === name);
  if (!bench) throw new UsageError(name === undefined ? 'Which bench?' : `There is no bench ${name}.`);
  const types = Object.entries(bench.options.shape).map(([option, schema]) => [
    option,
    { type: isFlag(schema) ? 'boolean' : 'string' } as const,
  ]);
  try {
    const { values } = parseArgs({
      args: rest,
      options: {
        ...(Object.fromEntries(types) as Record<string, { type: 'string' | 'boolean' }>),
        json: { type: 'string' },
      },
    });
    const { json, ...given } = values;
    bench.options.parse(given);
    return {
      bench,
      given,
      json: typeof json === 'string' ? json : undefined,
    };
  } catch (error) {
    const reason =
      error instanceof z.ZodError
        ? error.issues.map((issue) => `--${issue.path.join('.')}: ${issue.message}`).join('\n')
        : (error as Error).message;
    throw new UsageError(reason);
  }
}

async function main(): Promise<void> {
  const { bench, given, json } = read(process.argv.slice(2));
  const machine = describeMachine();
  const commit = measuredCommit();
  const at = new Date().toISOString();
  if (machine.load_before > busyLoad) {
    console.error(
      `The machine is busy (load ${String(machine.load_before)}): the figures will be worse than they could be.`,
    );
  }
  const { settings, measured } = await bench.run(given, (line) => {
    console.error(line);
  });
  console.log(`\n${measured.tables.map(renderTable).join('\n\n')}\n`);
  const { cpu, cores, memory_gb, node, load_before } = machine;
  console.log(
    `${cpu}, ${String(cores)} cores, ${String(memory_gb)} GB, Node ${node}; load before ${String(load_before)}; commit ${commit ?? 'unknown'}`,
  );
  if (json !== undefined) {
    writeFileSync(
      json,
      `${JSON.stringify({ bench: bench.name, at, commit, machine, settings, figures: measured.figures }, null, 2)}\n`,
    );
  }
}

main().catch((error: unknown) => {
  if (error instanceof UsageError) console.error(`${error.message}\n\n${usage()}`);
  else console.error(error);
  process.exitCode = error instanceof UsageError ? 2 : 1;
});
