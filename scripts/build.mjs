/**
 * Builds what runs: `dist/` (compiled without type check, which `npm run typecheck` does) with the files that are read
 * at run time, and `dist/workflow-bundle.js`. Each part is skipped when its inputs are those of the last build.
 *
 * Usage: node scripts/build.mjs [--force]
 */
import { spawn } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { basename, dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { contentHash, ensureWorkflowBundle, filesBelow } from './workflow-bundle.mjs';

const require = createRequire(import.meta.url);
const root = dirname(dirname(fileURLToPath(import.meta.url)));
const dist = join(root, 'dist');
const rooms = ['domain', 'workflows', 'activities', 'connectors', 'store', 'api', 'platform'];
const compiledFolders = [...rooms, 'scripts', 'test', 'bench'];
const fixturesFolder = /[\\/]fixtures[\\/]/;

const isCompiled = (name) => name.endsWith('.ts') && !name.endsWith('.test.ts');
const isAsset = (name) => !/\.(ts|tsx|md)$/.test(name);

/** Runs `work` unless `stampName` holds the hash of `inputs` and `isComplete()`; says what it did and how long it took. */
async function unlessUnchanged(label, stampName, key, isComplete, work) {
  const stamp = join(dist, stampName);
  const isSame = existsSync(stamp) && readFileSync(stamp, 'utf8') === key && isComplete();
  if (isSame && !process.argv.includes('--force')) return;
  const startedAt = Date.now();
  rmSync(stamp, { force: true });
  await work();
  writeFileSync(stamp, key);
  console.log(`${label} in ${((Date.now() - startedAt) / 1000).toFixed(1)} s`);
}

function run(command, args) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { cwd: root, stdio: 'inherit' });
    child.on('error', reject);
    child.on('exit', (code) => (code === 0 ? resolve() : reject(new Error(`${basename(args[0])} ended with ${code}`))));
  });
}

async function compile() {
  const sources = compiledFolders.flatMap((folder) => filesBelow(join(root, folder), isCompiled));
  const worker = join(root, 'worker.ts');
  if (existsSync(worker)) sources.push(worker);
  const assets = rooms
    .flatMap((room) => filesBelow(join(root, room), isAsset))
    .filter((path) => !fixturesFolder.test(path));
  const settings = ['tsconfig.json', 'tsconfig.build.json', 'package-lock.json'].map((name) => join(root, name));
  const key = contentHash([...sources, ...assets, ...settings, fileURLToPath(import.meta.url)]);
  const buildInfo = join(dist, '.tsbuildinfo');
  await unlessUnchanged(
    'compiled',
    '.compiled',
    key,
    () => existsSync(buildInfo),
    async () => {
      // The compiler would leave out what it believes to be written already.
      if (process.argv.includes('--force')) rmSync(buildInfo, { force: true });
      await run(process.execPath, [require.resolve('typescript/bin/tsc'), '--noCheck', '-p', 'tsconfig.build.json']);
      removeOrphans();
      for (const asset of assets) {
        const target = join(dist, relative(root, asset));
        mkdirSync(dirname(target), { recursive: true });
        copyFileSync(asset, target);
      }
    },
  );
}

/** A module whose source is gone must not stay importable in `dist/`. */
function removeOrphans() {
  for (const folder of compiledFolders) {
    for (const compiled of filesBelow(join(dist, folder), (name) => name.endsWith('.js'))) {
      const source = join(root, relative(dist, compiled)).replace(/\.js$/, '');
      if (existsSync(`${source}.ts`) || existsSync(`${source}.js`)) continue;
      rmSync(compiled);
      rmSync(`${compiled}.map`, { force: true });
    }
  }
}

async function bundle() {
  const target = join(dist, 'workflow-bundle.js');
  const startedAt = Date.now();
  const made = await ensureWorkflowBundle();
  await unlessUnchanged(
    'workflow bundle',
    '.bundled',
    basename(made),
    () => existsSync(target),
    () => {
      copyFileSync(made, target);
    },
  );
  if (Date.now() - startedAt > 1000)
    console.log(`workflow bundle made in ${((Date.now() - startedAt) / 1000).toFixed(1)} s`);
}

mkdirSync(dist, { recursive: true });
await Promise.all([compile(), bundle()]);
