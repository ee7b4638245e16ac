import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { bundleWorkflowCode, DefaultLogger } from '@temporalio/worker';
import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { isBuiltin } from 'node:module';
import { join } from 'node:path';
import { promisify } from 'node:util';

const root = join(__dirname, '..', '..');
/** Each costs memory in every cached workflow, or does what a workflow may not do. */
const intruders = ['zod', 'mongoose', 'mongodb', 'axios', 'express', 'pino', 'ulid'];
/** The SDK brings its own small stand-ins for these into the sandbox. */
const standIns = ['assert', 'url', 'util'];

/** The modules in a bundle, as the bundler's banners name them; one that was left out bears `(ignored)`. */
function modulesOf(code: string): string[] {
  return [...code.matchAll(/^ {2}!\*\*\* (.+?) \*\*\*!$/gm)].map(([, name]) => name!);
}

/** What of a bundle's modules does not belong into a workflow: a library's name, or `node:…` for a built-in. */
function intrusions(modules: string[]): string[] {
  const found = modules.flatMap((path) => {
    const library = /.*node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(path)?.[1];
    if (library !== undefined && intruders.includes(library)) return [library];
    const bare = /^(?:node:)?([a-z_/]+) \(ignored\)$/.exec(path)?.[1];
    return bare !== undefined && isBuiltin(bare) && !standIns.includes(bare) ? [`node:${bare}`] : [];
  });
  return [...new Set(found)].sort();
}

describe('the workflow bundle', () => {
  let modules: string[];

  beforeAll(async () => {
    const { stdout } = await promisify(execFile)(process.execPath, [join(root, 'scripts', 'workflow-bundle.mjs')]);
    modules = modulesOf(readFileSync(stdout.trim(), 'utf8'));
  }, 120_000);

  test('holds the workflows and the domain rules', () => {
    const rooms = modules.filter((path) => !path.includes('node_modules/'));
    expect(rooms.some((path) => path.includes('/workflows/'))).toBe(true);
    expect(rooms.some((path) => path.includes('/domain/'))).toBe(true);
  });

  test('holds no schema library, no database, no HTTP and nothing of Node', () => {
    expect(intrusions(modules)).toEqual([]);
  });

  test('holds no schema file and no activity', () => {
    const own = modules.filter((path) => !path.includes('node_modules/'));
    expect(own.filter((path) => /schema\.ts$|\/activities\/|\/store\/|\/platform\//.test(path))).toEqual([]);
  });
});

describe('what does not belong into a workflow is noticed', () => {
  // Below node_modules the planted files find the libraries, and no other tool takes them for sources.
  const folder = join(root, 'node_modules', '.cache', 'waybill');
  let planted: string;

  beforeAll(() => {
    mkdirSync(folder, { recursive: true });
    planted = mkdtempSync(join(folder, 'planted-'));
  });
  afterAll(() => rmSync(planted, { recursive: true, force: true }));

  async function bundled(name: string, library: string, ignoreModules: string[] = []): Promise<string> {
    const workflowsPath = join(planted, `${name}.js`);
    writeFileSync(workflowsPath, `const taken = require('${library}');\nexports.order = async () => String(taken);\n`);
    const bundle = await bundleWorkflowCode({
      workflowsPath,
      ignoreModules,
      logger: new DefaultLogger('ERROR', () => undefined),
    });
    return bundle.code;
  }

  test.each(['zod', 'axios'])('%s', async (library) => {
    expect(intrusions(modulesOf(await bundled(library, library)))).toContain(library);
  });

  test.each(['mongoose', 'express', 'node:fs'])('%s cannot even be bundled', async (library) => {
    const outcome = await bundled(library.replace(':', '-'), library).then(
      () => 'bundled',
      (fault: unknown) => String(fault),
    );
    expect(outcome).toMatch(/disallowed modules|Webpack finished with errors/);
  });

  test('a built-in that the bundler was told to leave out', async () => {
    expect(intrusions(modulesOf(await bundled('ignored', 'fs', ['fs'])))).toEqual(['node:fs']);
  });
});
