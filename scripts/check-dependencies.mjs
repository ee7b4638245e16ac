/** Runs dependency-cruiser over the rooms that exist, as `npm test` and `npm run lint:dependencies` do. */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const folders = [
  'domain',
  'workflows',
  'activities',
  'connectors',
  'store',
  'api',
  'platform',
  'web',
  'test',
  'bench',
  'scripts',
];
const targets = [...folders, 'worker.ts'].filter((target) => existsSync(join(root, target)));
const cruiser = join(root, 'node_modules', 'dependency-cruiser', 'bin', 'dependency-cruise.mjs');
const { status } = spawnSync(process.execPath, [cruiser, '--config', '.dependency-cruiser.cjs', ...targets], {
  cwd: root,
  stdio: 'inherit',
});
process.exitCode = status ?? 1;
