import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { identify, isRunning } from '../../platform/process-identity';
import { openRunningList, stopListed } from './process-list';

let folder: string;
let file: string;
const children: ChildProcess[] = [];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'waybill-list-'));
  file = join(folder, 'processes.json');
});

afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
  rmSync(folder, { recursive: true, force: true });
});

async function sleeper(script = ''): Promise<number> {
  const program = `${script}; setInterval(() => {}, 1000); console.log('up')`;
  const child = spawn(process.execPath, ['-e', program], { detached: true, stdio: ['ignore', 'pipe', 'ignore'] });
  children.push(child);
  await once(child.stdout, 'data');
  if (child.pid === undefined) throw new Error('no process was started');
  return child.pid;
}

test('what an earlier supervisor left behind is stopped, in the order api, worker, sandbox, temporal, mongod', async () => {
  const list = openRunningList(file);
  const mongod = await sleeper();
  const api = await sleeper();
  list.add('mongod', mongod);
  list.add('api', api);
  const identities = [identify(mongod), identify(api)];
  await expect(stopListed(file)).resolves.toEqual(['api', 'mongod']);
  for (const identity of identities) expect(isRunning(identity)).toBe(false);
});

test('a process that does not heed the request to end is killed', async () => {
  const stubborn = await sleeper("process.on('SIGTERM', () => {})");
  openRunningList(file).add('sandbox', stubborn);
  const identity = identify(stubborn);
  await stopListed(file);
  expect(isRunning(identity)).toBe(false);
});

test('a process that only has the pid of a listed one is left alone', async () => {
  const innocent = await sleeper();
  const identity = identify(innocent);
  writeFileSync(file, JSON.stringify({ worker: { pid: innocent, started: `${identity.started}0` } }));
  await expect(stopListed(file)).resolves.toEqual([]);
  expect(isRunning(identity)).toBe(true);
});

test('the list holds what runs now, and a missing or broken one means nothing runs', async () => {
  const list = openRunningList(file);
  const worker = await sleeper();
  list.add('worker', worker);
  expect(list.pid('worker')).toBe(worker);
  expect(JSON.parse(readFileSync(file, 'utf8'))).toEqual({ worker: identify(worker) });
  list.remove('worker');
  expect(list.pid('worker')).toBeNull();
  expect(JSON.parse(readFileSync(file, 'utf8'))).toEqual({});
  writeFileSync(file, '{"worker":');
  await expect(stopListed(file)).resolves.toEqual([]);
});
