import { describe, expect, test } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

interface LockedPackage {
  version: string;
  optional?: boolean;
  optionalDependencies?: Record<string, string>;
  os?: string[];
  cpu?: string[];
}
type Lock = Record<string, LockedPackage>;

const root = join(__dirname, '..', '..');
const lock = (JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')) as { packages: Lock }).packages;

const platformOf = /[-.](darwin|win32|linux|android|freebsd|openharmony|aix|sunos|wasm32)(?=-|$)/;
const wanted = [
  { os: 'darwin', cpu: 'arm64' },
  { os: 'darwin', cpu: 'x64' },
  { os: 'win32', cpu: 'x64' },
  { os: 'linux', cpu: 'arm64' },
  { os: 'linux', cpu: 'x64' },
];

/** The packages that come as one binary for each platform, by the package that asks for them. */
function nativeFamilies(packages: Lock): string[] {
  return Object.entries(packages).flatMap(([path, { optionalDependencies }]) =>
    Object.keys(optionalDependencies ?? {}).some((name) => platformOf.test(name)) ? [path] : [],
  );
}

/** What `npm ci` would miss: binaries that a package names and the lock file lacks, and platforms without any binary. */
function missingBinaries(packages: Lock, family: string): string[] {
  const names = Object.keys(packages[family]?.optionalDependencies ?? {}).filter((name) => platformOf.test(name));
  const lockedAt = (name: string): LockedPackage | undefined =>
    packages[`${family}/node_modules/${name}`] ?? packages[`node_modules/${name}`];
  const unlocked = names.filter((name) => lockedAt(name) === undefined);
  const uncovered = wanted.filter(
    ({ os, cpu }) =>
      !names.some((name) => {
        const binary = lockedAt(name);
        return (binary?.os?.includes(os) ?? false) && (binary?.cpu?.includes(cpu) ?? false);
      }),
  );
  return [...unlocked, ...uncovered.map(({ os, cpu }) => `${family} for ${os} ${cpu}`)];
}

describe('package-lock.json installs on every platform', () => {
  const families = nativeFamilies(lock);

  test('the native packages are found', () => {
    expect(families).toContain('node_modules/@swc/core');
    expect(families.length).toBeGreaterThanOrEqual(3);
  });

  test.each(families)('%s has its binaries for macOS, Windows and ARM', (family) => {
    expect(missingBinaries(lock, family)).toEqual([]);
  });

  test('a binary that is left out is noticed', () => {
    const { 'node_modules/@swc/core-darwin-arm64': taken, ...rest } = lock;
    expect(taken).toBeDefined();
    expect(missingBinaries(rest, 'node_modules/@swc/core')).toEqual([
      '@swc/core-darwin-arm64',
      'node_modules/@swc/core for darwin arm64',
    ]);
  });

  test('no address of a registry is written into it', () => {
    expect(Object.entries(lock).filter(([, entry]) => 'resolved' in entry)).toEqual([]);
  });
});

test('the API page brings no telemetry with its installation', () => {
  const { scarfSettings } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
    scarfSettings?: { enabled?: boolean };
  };
  expect(scarfSettings?.enabled).toBe(false);
});
