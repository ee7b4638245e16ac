/**
 * Writes the workflow bundle into a content-addressed file and prints its path.
 *
 * The key covers every source that a workflow may reach (workflows, domain, and the type-only neighbours do not count)
 * and the SDK's version, so that an unchanged tree costs a hash instead of a webpack run, and two builds at once
 * cannot spoil one another.
 *
 * Usage: node scripts/workflow-bundle.mjs   (prints the absolute path, exit 1 when bundling fails)
 */
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, readdirSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';

const require = createRequire(import.meta.url);
const root = dirname(dirname(fileURLToPath(import.meta.url)));
const cacheFolder = join(root, 'node_modules', '.cache', 'waybill', 'workflow-bundles');
const bundlesKept = 5;

const workflowsPath = join(root, 'workflows', 'index.ts');

/** All files below `folder` for which `accept(name)` holds, as absolute paths in a stable order. */
export function filesBelow(folder, accept) {
  if (!existsSync(folder)) return [];
  const found = [];
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) {
      if (entry.name !== 'node_modules') found.push(...filesBelow(path, accept));
    } else if (accept(entry.name)) {
      found.push(path);
    }
  }
  return found.sort();
}

/** SHA-256 over names and contents of `files` (paths are taken relative to the project) and the `extra` strings. */
export function contentHash(files, extra = []) {
  const hash = createHash('sha256');
  for (const text of extra) hash.update(`${text}\0`);
  for (const file of files) {
    hash.update(`${relative(root, file).split(sep).join('/')}\0`);
    hash.update(readFileSync(file));
    hash.update('\0');
  }
  return hash.digest('hex');
}

function bundleKey() {
  const isSource = (name) => /\.(ts|json)$/.test(name) && !name.endsWith('.test.ts');
  const sources = ['workflows', 'domain'].flatMap((room) => filesBelow(join(root, room), isSource));
  const sdk = require('@temporalio/worker/package.json').version;
  // The lock file stands for the libraries that domain rules bring into the bundle.
  return contentHash([...sources, join(root, 'package-lock.json'), fileURLToPath(import.meta.url)], [sdk]).slice(0, 24);
}

/**
 * Gives the absolute path of the bundle for the sources as they are, building it when it is not there yet.
 * Throws when a workflow imports what the sandbox forbids.
 */
export async function ensureWorkflowBundle() {
  const path = join(cacheFolder, `${bundleKey()}.js`);
  if (existsSync(path)) return path;
  const { bundleWorkflowCode, DefaultLogger } = require('@temporalio/worker');
  const { code } = await bundleWorkflowCode({ workflowsPath, logger: new DefaultLogger('ERROR') });
  mkdirSync(cacheFolder, { recursive: true });
  const draft = `${path}.${process.pid}`;
  writeFileSync(draft, code);
  renameSync(draft, path);
  forgetOldBundles();
  return path;
}

function forgetOldBundles() {
  const byAge = filesBelow(cacheFolder, (name) => name.endsWith('.js'))
    .map((path) => ({ path, at: statSync(path).mtimeMs }))
    .sort((a, b) => b.at - a.at);
  for (const { path } of byAge.slice(bundlesKept)) rmSync(path, { force: true });
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  console.log(await ensureWorkflowBundle());
}
