import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { readConfig } from '../../platform/config';
import { openDataFolder, StartRefused, startKey } from './data-folder';
import { chooseApiPort, holderOf, rememberedPorts } from './ports';
import { waitingAtSpeed } from './waiting';

let folder: string;
const servers: Server[] = [];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'waybill-data-'));
});

afterEach(async () => {
  for (const server of servers.splice(0)) {
    server.close();
    await once(server, 'close');
  }
  rmSync(folder, { recursive: true, force: true });
});

async function listen(): Promise<number> {
  const server = createServer();
  servers.push(server);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}

test('a second hub on a data folder is refused with the pid of the first, until that one lets go', () => {
  const path = join(folder, 'new', 'data');
  const first = openDataFolder(path);
  expect(() => openDataFolder(path)).toThrow(StartRefused);
  expect(() => openDataFolder(path)).toThrow(`pid ${process.pid}`);
  first.release();
  openDataFolder(path).release();
});

test('the start key is made once, stays the same, and only this user may read it', () => {
  const path = join(folder, 'secrets', 'api-key');
  const key = startKey(path);
  expect(key).toMatch(/^wb_start_[\w-]{32}$/);
  expect(startKey(path)).toBe(key);
  expect(statSync(path).mode & 0o777).toBe(0o600);
  expect(startKey(join(folder, 'other'))).not.toBe(key);
});

test('a port in use is refused with its holder named', async () => {
  const port = await listen();
  expect(holderOf(port)?.pid).toBe(process.pid);
  await expect(chooseApiPort(port, '127.0.0.1')).rejects.toThrow(
    new RegExp(`port ${port} is in use \\(pid ${process.pid}: `),
  );
});

test('ports are remembered, and replaced only where another process has taken them', async () => {
  const file = join(folder, 'ports.json');
  const first = await rememberedPorts(file, ['mongod', 'temporal']);
  expect(await rememberedPorts(file, ['mongod', 'temporal'])).toEqual(first);
  const server = createServer();
  servers.push(server);
  server.listen(first['mongod'], '127.0.0.1');
  await once(server, 'listening');
  const second = await rememberedPorts(file, ['mongod', 'temporal']);
  expect(second['mongod']).not.toBe(first['mongod']);
  expect(second['temporal']).toBe(first['temporal']);
});

test('speed divides how long the hub waits, but never below what the work itself takes', () => {
  const config = readConfig({});
  expect(waitingAtSpeed(config, 1)).toMatchObject({ return_window_s: 2_592_000, first_scan_s: 86_400, retry_s: 900 });
  expect(waitingAtSpeed(config, 3_600)).toMatchObject({
    return_window_s: 720,
    first_scan_s: 24,
    reservation_s: 60,
    retry_s: 1,
  });
  expect(waitingAtSpeed(readConfig({ WAYBILL_RESERVATION_S: '10' }), 1).reservation_s).toBe(10);
});
