/**
 * Builds, then runs one of the project's programs with the remaining arguments and ends as it ended.
 *
 * Usage: node scripts/run.mjs bench|chaos|histories [arguments…]
 */
import { spawn } from 'node:child_process';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ensureInstalled } from './install.mjs';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const programs = {
  bench: join(root, 'dist', 'bench', 'main.js'),
  chaos: join(root, 'dist', 'test', 'chaos', 'main.js'),
  histories: join(root, 'dist', 'test', 'histories', 'record.js'),
};

const [name, ...args] = process.argv.slice(2);
const program = Object.hasOwn(programs, name ?? '') ? programs[name] : undefined;
if (program === undefined) {
  console.error(`usage: node scripts/run.mjs ${Object.keys(programs).join('|')} [arguments…]`);
  process.exit(2);
}

let running;
// The program stops its own servers; Ctrl-C reaches it too, and this process waits for it.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
  process.on(signal, () => {
    if (signal !== 'SIGINT') running?.kill(signal);
  });
}

function run(path, programArgs, output) {
  return new Promise((resolve, reject) => {
    running = spawn(process.execPath, [path, ...programArgs], { cwd: root, stdio: ['inherit', output, 'inherit'] });
    running.on('error', reject);
    running.on('exit', (code, signal) => resolve(signal ? 1 : code));
  });
}

await ensureInstalled();
const built = await run(join(root, 'scripts', 'build.mjs'), [], 2);
process.exitCode = built === 0 ? await run(program, args, 'inherit') : built;
