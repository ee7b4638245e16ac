import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';

function start(...args: string[]): { status: number | null; stdout: string; stderr: string } {
  return spawnSync(process.execPath, [join(__dirname, '..', 'start.mjs'), ...args], {
    encoding: 'utf8',
    timeout: 20_000,
  });
}

test('--help lists every option and starts nothing', () => {
  const { status, stdout } = start('--port', '1', '--help');
  expect(status).toBe(0);
  for (const option of ['--port', '--data-dir', '--no-demo', '--speed', '--json', '--help'])
    expect(stdout).toContain(option);
});

test.each([
  [['--prot', '1'], "Unknown option '--prot'"],
  [['now'], "Unexpected argument 'now'"],
  [['--port', '70000'], '--port wants a port'],
  [['--port', 'eighty'], '--port wants a port'],
  [['--speed', '0.5'], '--speed wants a number from 1 up'],
  [['--speed', '60', '--speed', 'fast'], '--speed wants a number from 1 up, not "fast"'],
])('%j is refused with exit code 2 and what is wrong', (args, message) => {
  const { status, stderr, stdout } = start(...args);
  expect(status).toBe(2);
  expect(stderr).toContain(message);
  expect(stdout).toBe('');
});
