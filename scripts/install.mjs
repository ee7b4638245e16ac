/** Brings node_modules to what package-lock.json asks for. Plain Node, because nothing else is there before it ran. */
import { spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));

/** Whether every package of the lock file is installed in its version; packages for other platforms may be absent. */
export function isInstalled() {
  const installedLock = join(root, 'node_modules', '.package-lock.json');
  if (!existsSync(installedLock)) return false;
  const wanted = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')).packages;
  const installed = JSON.parse(readFileSync(installedLock, 'utf8')).packages;
  return Object.entries(wanted).every(([path, { version, optional, peer, link }]) => {
    if (path === '' || link) return true;
    return installed[path] === undefined ? optional || peer : installed[path].version === version;
  });
}

/**
 * Installs with `npm ci` when the installed packages are not those of the lock file; rejects when that fails.
 * npm's messages go to stderr, so that the caller's stdout stays its own.
 */
export async function ensureInstalled() {
  if (isInstalled()) return;
  const args = ['ci', '--include=dev', '--loglevel=error', '--no-audit', '--no-fund'];
  const npm = process.env.npm_execpath;
  const [command, options] = npm?.endsWith('.js')
    ? [process.execPath, { args: [npm, ...args], shell: false }]
    : ['npm', { args, shell: process.platform === 'win32' }];
  await new Promise((resolve, reject) => {
    const child = spawn(command, options.args, { cwd: root, stdio: ['ignore', 2, 2], shell: options.shell });
    // An install that outlives its caller would spoil the next one; what it leaves undone is seen by `isInstalled`.
    const stop = () => child.kill('SIGKILL');
    process.once('exit', stop);
    child.on('error', reject);
    child.on('exit', (code) => {
      process.off('exit', stop);
      if (code === 0) resolve();
      else reject(new Error(`npm ci ended with ${code}`));
    });
  });
}
