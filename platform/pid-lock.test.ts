import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { tryLock } from './pid-lock';
import { commandOf, identify, isRunning } from './process-identity';

let folder: string;
let path: string;
const children: ChildProcess[] = [];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'waybill-lock-'));
  path = join(folder, 'lock');
});

afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
  rmSync(folder, { recursive: true, force: true });
});

function sleeper(): { child: ChildProcess; pid: number } {
  const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { stdio: 'ignore' });
  children.push(child);
  if (child.pid === undefined) throw new Error('no process was started');
  return { child, pid: child.pid };
}

test('a free lock is taken, a second try is told the holder, and a release frees it', () => {
  const first = tryLock(path);
  expect(first.held).toBe(true);
  expect(tryLock(path)).toMatchObject({ held: false, holder: { pid: process.pid } });
  if (first.held) first.release();
  expect(tryLock(path).held).toBe(true);
  expect(readdirSync(folder)).toEqual(['lock']);
});

test('the lock of a running process is respected, and free as soon as that process was killed', async () => {
  const { child, pid } = sleeper();
  writeFileSync(path, JSON.stringify(identify(pid)));
  expect(tryLock(path)).toMatchObject({ held: false, holder: { pid } });
  child.kill('SIGKILL');
  await once(child, 'exit');
  expect(tryLock(path).held).toBe(true);
});

test('a pid that another process has by now does not hold the lock', () => {
  const { pid } = sleeper();
  writeFileSync(path, JSON.stringify({ pid, started: 'at another time' }));
  expect(tryLock(path).held).toBe(true);
});

test('a file that is no lock is replaced', () => {
  writeFileSync(path, 'half a lin');
  expect(tryLock(path).held).toBe(true);
  expect(JSON.parse(readFileSync(path, 'utf8'))).toMatchObject({ pid: process.pid });
});

test('releasing does not take away what another process locked since', () => {
  const first = tryLock(path);
  const { pid } = sleeper();
  writeFileSync(path, JSON.stringify(identify(pid)));
  if (first.held) first.release();
  expect(tryLock(path)).toMatchObject({ held: false, holder: { pid } });
});

test('a process is known again by its start, and its command can be told', async () => {
  const { child, pid } = sleeper();
  const identity = identify(pid);
  expect(isRunning(identity)).toBe(true);
  expect(isRunning({ pid, started: `${identity.started}0` })).toBe(false);
  expect(commandOf(pid)).toContain('setInterval');
  child.kill('SIGKILL');
  await once(child, 'exit');
  expect(isRunning(identity)).toBe(false);
  expect(() => identify(pid)).toThrow(String(pid));
});

test('a finished process whose parent has not looked yet does not count as running', async () => {
  // The short one ends below a process that never waits for it, and stays a zombie.
  const shell = spawn('sh', ['-c', 'sleep 0.3 & echo $!; exec sleep 30'], { stdio: ['ignore', 'pipe', 'ignore'] });
  children.push(shell);
  const [chunk] = (await once(shell.stdout, 'data')) as [Buffer];
  const pid = Number(chunk.toString().trim());
  const state = (): string => execFileSync('ps', ['-o', 'stat=', '-p', String(pid)], { encoding: 'utf8' });
  while (!state().startsWith('Z')) await delay(20);
  expect(() => identify(pid)).toThrow(String(pid));
});
