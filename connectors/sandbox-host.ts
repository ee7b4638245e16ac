/**
 * Runs the embedded partners as a process of their own. Takes one JSON argument
 * `{ dir, ports?, speed?, connectors?, host? }`, prints one line `{"ready":true,"urls":{…}}`, and exits 0 on SIGTERM.
 */
import { z } from 'zod';
import { startSimulators } from './kit/simulator-host';
import { simulatorIds } from './registry';

const settingsSchema = z.strictObject({
  dir: z.string().min(1),
  ports: z.record(z.string(), z.int().min(0).max(65_535)).default({}),
  speed: z.number().min(1).default(1),
  connectors: z.array(z.string()).default([...simulatorIds]),
  host: z.string().default('127.0.0.1'),
});

async function main(): Promise<void> {
  const host = await startSimulators(settingsSchema.parse(JSON.parse(process.argv[2] ?? '{}')));
  const stop = (): void => {
    void host.stop().then(() => process.exit(0));
  };
  process.once('SIGTERM', stop);
  process.once('SIGINT', stop);
  process.stdout.write(`${JSON.stringify({ ready: true, urls: host.urls })}\n`);
}

main().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
});
