/**
 * Runs everything that proves the project: installs what is missing, then the checks, the unit and property tests, the
 * tests on real servers, and those in a browser where there is a Chromium. Needs nothing but Node and npm.
 *
 * Usage: npm test                     everything
 *        npm test -- <arguments>      only the tests, with the arguments handed to Jest (a path's part, -t name, …)
 *
 * The last line is `N passed, N failed`: tests by Jest's own count, and each check as one. Exit code 1 when any failed.
 * Where something was left out, `, N skipped` follows; a part that cannot run here counts as one and says why.
 */
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { findChromium } from './chromium.mjs';
import { ensureInstalled } from './install.mjs';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const jestArguments = process.argv.slice(2);
const isWhole = jestArguments.length === 0;
const bin = (name) => join(root, 'node_modules', ...name.split('/'));

const checks = [
  { name: 'lint', script: bin('eslint/bin/eslint.js'), args: ['.', '--max-warnings', '0'] },
  { name: 'types', script: bin('typescript/bin/tsc'), args: ['--noEmit'] },
  { name: 'format', script: bin('prettier/bin/prettier.cjs'), args: ['--check', '.'] },
  { name: 'dependencies', script: join(root, 'scripts', 'check-dependencies.mjs'), args: [] },
  { name: 'unused', script: bin('knip/bin/knip.js'), args: ['--no-progress', '--no-config-hints'] },
  { name: 'build', script: join(root, 'scripts', 'build.mjs'), args: [] },
];
const checksAtOnce = 2;
const suites = [
  { name: 'unit and property', project: 'unit' },
  { name: 'servers', project: 'servers' },
  { name: 'browser', project: 'browser', missing: () => findChromium().reason },
];

const partTimeoutMs = 30 * 60_000;
/** How long Jest may stay after its report: what keeps it alive then was left open by a test. */
const leaveTimeoutMs = 30_000;
const shownLines = 150;

const reports = mkdtempSync(join(tmpdir(), 'waybill-reports-'));
const results = [];
const children = new Set();

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
  process.once(signal, () => {
    for (const child of children) child.kill('SIGTERM');
    rmSync(reports, { recursive: true, force: true });
    process.exit(130);
  });
}

/** Runs a Node script to its end: `{ code, output }`, with `code` null when it was killed. Output is collected or shown. */
function run(script, args, { isShown = false, watch } = {}) {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, [script, ...args], {
      cwd: root,
      stdio: ['ignore', isShown ? 'ignore' : 'pipe', isShown ? 'inherit' : 'pipe'],
    });
    children.add(child);
    let output = '';
    child.stdout?.on('data', (chunk) => (output += chunk));
    child.stderr?.on('data', (chunk) => (output += chunk));
    const deadline = setTimeout(() => child.kill('SIGTERM'), partTimeoutMs);
    const watcher = watch && setInterval(() => watch(child), 1000);
    child.on('error', (fault) => (output += fault.message));
    child.on('close', (code) => {
      clearTimeout(deadline);
      clearInterval(watcher);
      children.delete(child);
      resolve({ code, output });
    });
  });
}

/** Times `work`, which gives `{ passed, failed, skipped?, note? }`, and keeps its row for the table. */
async function part(name, work) {
  const startedAt = performance.now();
  const row = { name, ...(await work()), seconds: (performance.now() - startedAt) / 1000 };
  results.push(row);
  return row;
}

async function check({ name, script, args }) {
  await part(name, async () => {
    const { code, output } = await run(script, args);
    if (code === 0) return { passed: 1, failed: 0 };
    console.error(`\n✗ ${name}\n${output.trimEnd().split('\n').slice(-shownLines).join('\n')}\n`);
    return { passed: 0, failed: 1 };
  });
}

async function runChecks() {
  const waiting = [...checks];
  const lane = async () => {
    for (let next = waiting.shift(); next; next = waiting.shift()) await check(next);
  };
  await Promise.all(Array.from({ length: checksAtOnce }, lane));
  const order = checks.map(({ name }) => name);
  results.sort((a, b) => order.indexOf(a.name) - order.indexOf(b.name));
}

/**
 * One run of Jest, counted from its own report; no report, or an end that the report does not explain, is a failure.
 * Skipped where `missing` says what it lacks.
 */
async function suite({ name, project, missing }) {
  await part(name, async () => {
    const reason = missing?.();
    if (reason) return { passed: 0, failed: 0, skipped: 1, note: `skipped: ${reason}` };
    const report = join(reports, `${project}.json`);
    let leavesBy = Infinity;
    let hasStayed = false;
    const watch = (child) => {
      if (leavesBy === Infinity && existsSync(report)) leavesBy = Date.now() + leaveTimeoutMs;
      if (Date.now() < leavesBy || hasStayed) return;
      hasStayed = true;
      child.kill('SIGTERM');
    };
    const args = ['--selectProjects', project, '--json', '--outputFile', report];
    if (!isWhole) args.push('--passWithNoTests', ...jestArguments);
    const { code } = await run(bin('jest/bin/jest.js'), args, { isShown: true, watch });
    if (!existsSync(report)) return { passed: 0, failed: 1, note: 'no report: the runner did not finish' };
    return count(JSON.parse(readFileSync(report, 'utf8')), code, hasStayed);
  });
}

function count(report, code, hasStayed) {
  const passed = report.numPassedTests;
  // What a selection leaves out is not skipped.
  const skipped = isWhole ? report.numPendingTests + report.numTodoTests : 0;
  const failed = report.numFailedTests + report.numRuntimeErrorTestSuites;
  const notes = skipped > 0 ? [`${skipped} skipped`] : [];
  if (hasStayed) return { passed, failed: failed + 1, note: 'Jest did not end: a test left something open' };
  if (isWhole && passed + failed === 0) return { passed, failed: 1, note: 'no test was found' };
  if (code !== 0 && failed === 0) return { passed, failed: 1, note: 'Jest failed outside of its tests' };
  return { passed, failed, skipped, note: notes.join(', ') };
}

function printTable() {
  const width = Math.max(...results.map(({ name }) => name.length));
  console.log(`\n${'part'.padEnd(width)}     time  passed  failed`);
  for (const { name, seconds, passed, failed, note } of results) {
    const cells = [
      name.padEnd(width),
      `${seconds.toFixed(1)} s`.padStart(9),
      `${passed}`.padStart(8),
      `${failed}`.padStart(8),
    ];
    console.log(`${cells.join('')}${note ? `  ${note}` : ''}`);
  }
}

if (jestArguments.includes('--help')) {
  console.log(
    'npm test                  everything\nnpm test -- <arguments>   only the tests; the arguments go to Jest',
  );
  process.exit(0);
}

const { failed: isNotInstalled } = await part('install', async () => {
  try {
    await ensureInstalled();
    return { passed: 0, failed: 0 };
  } catch (fault) {
    return { passed: 0, failed: 1, note: fault.message };
  }
});
if (!isNotInstalled) {
  const installRow = results.pop();
  if (isWhole) await runChecks();
  results.unshift(installRow);
  for (const each of suites) await suite(each);
}
rmSync(reports, { recursive: true, force: true });

const total = (field) => results.reduce((sum, row) => sum + (row[field] ?? 0), 0);
const isNothingRun = total('passed') + total('failed') === 0;
if (isNothingRun) results.push({ name: 'selection', seconds: 0, passed: 0, failed: 1, note: 'no test matches' });
printTable();
const skippedToo = total('skipped') > 0 ? `, ${total('skipped')} skipped` : '';
console.log(`${total('passed')} passed, ${total('failed')} failed${skippedToo}`);
process.exitCode = total('failed') > 0 ? 1 : 0;
