import { beforeAll, describe, expect, test } from '@jest/globals';
import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

const root = join(__dirname, '..', '..');
const config = join(root, '.dependency-cruiser.cjs');
const cruiser = join(root, 'node_modules', 'dependency-cruiser', 'bin', 'dependency-cruise.mjs');

interface Violation {
  from: string;
  to: string;
  rule: { name: string };
}

/** A file that breaks rules: its source, and exactly the rules that must fire for it. */
interface Plant {
  breaks: string[];
  source: string;
}

const libraries = {
  dependencies: ['zod', 'dinero.js', 'axios', 'mongoose', 'express', '@temporalio/workflow', '@temporalio/client'],
  devDependencies: ['fast-check'],
  undeclared: ['left-behind'],
};

/** What the planted files import: each of these alone breaks nothing. */
const innocent: Record<string, string> = {
  'domain/order/schema.ts': `import { z } from 'zod';\nexport const Order = z;`,
  'domain/order/rules.ts': `import type { Order } from './schema';\nimport { dinero } from 'dinero.js';\nexport const rule: typeof Order = dinero;`,
  'domain/order/identity.ts': `import { createHash } from 'node:crypto';\nexport const derive = createHash;`,
  'domain/order/rules.test.ts': `import { fc } from 'fast-check';\nimport { readFileSync } from 'node:fs';\nimport { Order } from './schema';\nexport const all = [fc, readFileSync, Order];`,
  'workflows/messages.ts': `import { defineSignal } from '@temporalio/workflow';\nexport const poke = defineSignal;`,
  'workflows/order.ts': `import type { acts } from '../activities/orders';\nimport type { Order } from '../domain/order/schema';\nimport { rule } from '../domain/order/rules';\nimport { poke } from './messages';\nexport const order: [typeof acts, typeof Order] = [rule, poke];`,
  'activities/orders.ts': `import { open } from '../connectors/registry';\nimport { fault } from '../connectors/kit/faults';\nimport { orders } from '../store/orders';\nimport { log } from '../platform/log';\nimport { rule } from '../domain/order/rules';\nexport const acts = [open, fault, orders, log, rule];`,
  'connectors/kit/faults.ts': `import axios from 'axios';\nimport { log } from '../../platform/log';\nexport const fault = [axios, log];`,
  'connectors/acme/manifest.ts': `import type { fault } from '../kit/faults';\nexport const manifest: typeof fault = [];`,
  'connectors/acme/client.ts': `import { fault } from '../kit/faults';\nexport const client = fault;`,
  'connectors/acme/connector.ts': `import { client } from './client';\nimport { rule } from '../../domain/order/rules';\nexport const connector = [client, rule];`,
  'connectors/acme/webhook.ts': `export const webhook = 1;`,
  'connectors/zeta/client.ts': `export const client = 2;`,
  'connectors/manifests.ts': `import { manifest } from './acme/manifest';\nexport const manifests = [manifest];`,
  'connectors/registry.ts': `export const open = (): Promise<unknown> => import('./acme/connector');\nexport const openNow = () => (require('./acme/connector') as { connector: unknown }).connector;`,
  'connectors/sandbox-host.ts': `import { log } from '../platform/log';\nexport const host = log;`,
  'store/orders.ts': `import mongoose from 'mongoose';\nimport { Order } from '../domain/order/schema';\nimport { log } from '../platform/log';\nexport const orders = [mongoose, Order, log];`,
  'api/server.ts': `import express from 'express';\nimport { poke } from '../workflows/messages';\nimport { orders } from '../store/orders';\nimport { manifests } from '../connectors/manifests';\nimport { webhook } from '../connectors/acme/webhook';\nimport { log } from '../platform/log';\nexport const server = [express, poke, orders, manifests, webhook, log];`,
  'api/main.ts': `import { server } from './server';\nexport const main = server;`,
  'platform/log.ts': `import { hostname } from 'node:os';\nexport const log = hostname;`,
  'web/page.tsx': `export const page = 1;`,
  'test/kit.ts': `import { Order } from '../domain/order/schema';\nexport const kit = Order;`,
  'worker.ts': `import { acts } from './activities/orders';\nimport { log } from './platform/log';\nexport const worker = [acts, log];`,
};

const take = (module: string): string => `import { x } from '${module}';\nexport const y = x;`;
const takeType = (module: string): string => `import type { x } from '${module}';\nexport const y: x = 1;`;

const plants: Record<string, Plant> = {
  'domain/cycles/first.ts': { breaks: ['no-cycles'], source: take('./second') },
  // A cycle is reported once, where it was entered.
  'domain/cycles/second.ts': { breaks: [], source: take('./first') },
  'domain/cycles/type-first.ts': { breaks: ['no-cycles'], source: takeType('./type-second') },
  'domain/cycles/type-second.ts': { breaks: [], source: takeType('./type-first') },
  'test/planted/nowhere.ts': { breaks: ['no-unresolved'], source: take('./not-there') },
  'store/planted/undeclared.ts': { breaks: ['no-undeclared-library'], source: take('left-behind') },
  'store/planted/development.ts': {
    breaks: ['no-development-library-in-the-product'],
    source: take('fast-check'),
  },
  'store/planted/takes-test-kit.ts': {
    breaks: ['store-imports-only', 'product-without-tests-and-tools'],
    source: take('../../test/kit'),
  },
  'domain/planted/takes-test.ts': {
    breaks: ['product-without-tests-and-tools'],
    source: take('../order/rules.test'),
  },

  'domain/planted/takes-store.ts': { breaks: ['domain-imports-only'], source: take('../../store/orders') },
  'domain/planted/takes-store-type.ts': { breaks: ['domain-imports-only'], source: takeType('../../store/orders') },
  'domain/planted/takes-axios.ts': { breaks: ['domain-libraries'], source: take('axios') },
  'domain/planted/takes-fs.ts': { breaks: ['domain-without-node'], source: take('node:fs') },
  'domain/planted/takes-crypto.ts': { breaks: ['domain-without-node'], source: take('crypto') },
  'domain/planted/identity.ts': { breaks: ['domain-identity-only-hashes'], source: take('node:fs') },
  'domain/planted/takes-order.ts': {
    breaks: ['domain-rules-take-schemas-as-types'],
    source: take('../order/schema'),
  },
  'domain/planted/takes-order-twice.ts': {
    breaks: ['domain-rules-take-schemas-as-types'],
    source: `${takeType('../order/schema')}\nexport { Order } from '../order/schema';`,
  },
  'domain/planted/takes-zod.ts': { breaks: ['domain-rules-take-schemas-as-types'], source: take('zod') },

  'workflows/planted/takes-store-type.ts': {
    breaks: ['workflows-imports-only'],
    source: takeType('../../store/orders'),
  },
  'workflows/planted/takes-activities.ts': {
    breaks: ['workflows-take-schemas-and-activities-as-types'],
    source: take('../../activities/orders'),
  },
  'workflows/planted/takes-schema.ts': {
    breaks: ['workflows-take-schemas-and-activities-as-types'],
    source: take('../../domain/order/schema'),
  },
  'workflows/planted/takes-client.ts': { breaks: ['workflows-libraries'], source: take('@temporalio/client') },
  'workflows/planted/takes-identity.ts': {
    breaks: ['workflows-take-ids-as-given'],
    source: take('../../domain/order/identity'),
  },
  'workflows/planted/takes-fs.ts': { breaks: ['workflows-without-node-built-ins'], source: take('node:fs') },

  'activities/planted/takes-api.ts': { breaks: ['activities-imports-only'], source: take('../../api/server') },
  'activities/planted/takes-connector.ts': {
    breaks: ['activities-imports-only'],
    source: take('../../connectors/acme/client'),
  },

  'connectors/planted-store/client.ts': { breaks: ['connectors-imports-only'], source: take('../../store/orders') },
  'connectors/planted-other/client.ts': {
    breaks: ['connector-imports-kit-and-own-folder'],
    source: take('../acme/client'),
  },
  'connectors/planted-registry/client.ts': {
    breaks: ['connector-imports-kit-and-own-folder'],
    source: take('../registry'),
  },
  'connectors/planted-platform/client.ts': {
    breaks: ['platform-importable-by-few'],
    source: take('../../platform/log'),
  },
  'connectors/planted-mongoose/client.ts': { breaks: ['connector-libraries'], source: take('mongoose') },
  'connectors/planted-temporal/client.ts': { breaks: ['connector-libraries'], source: take('@temporalio/client') },
  'connectors/planted-axios/client.ts': { breaks: ['http-in-the-kit-only'], source: take('axios') },
  'connectors/kit/planted/takes-connector.ts': {
    breaks: ['kit-knows-no-connector'],
    source: take('../../acme/client'),
  },
  'connectors/planted-heavy/manifest.ts': { breaks: ['manifest-is-cheap'], source: take('./client') },
  'connectors/planted-heavy/client.ts': { breaks: [], source: take('../kit/faults') },

  'store/planted/takes-workflow.ts': { breaks: ['store-imports-only'], source: take('../../workflows/messages') },
  'activities/planted/takes-mongoose.ts': { breaks: ['mongoose-in-the-store-only'], source: take('mongoose') },
  'api/planted/takes-mongoose.ts': { breaks: ['mongoose-in-the-store-only'], source: take('mongoose') },

  'api/planted/takes-workflow.ts': { breaks: ['api-imports-only'], source: take('../../workflows/order') },
  'api/planted/takes-activities.ts': { breaks: ['api-imports-only'], source: take('../../activities/orders') },
  'api/planted/takes-kit.ts': { breaks: ['api-imports-only'], source: take('../../connectors/kit/faults') },
  'api/planted/takes-client.ts': { breaks: ['api-imports-only'], source: take('../../connectors/acme/client') },
  'api/planted/takes-registry.ts': { breaks: ['api-imports-only'], source: take('../../connectors/registry') },

  'web/planted.tsx': { breaks: ['web-imports-only'], source: takeType('../domain/order/schema') },
  'platform/planted.ts': { breaks: ['platform-imports-only'], source: take('../domain/order/rules') },
  'domain/planted/takes-platform.ts': {
    breaks: ['domain-imports-only', 'platform-importable-by-few'],
    source: take('../../platform/log'),
  },
  'workflows/planted/takes-platform.ts': {
    breaks: ['workflows-imports-only', 'platform-importable-by-few'],
    source: take('../../platform/log'),
  },
  'api/planted/takes-main.ts': { breaks: ['rooms-do-not-import-entries'], source: take('../main') },
  'test/planted/takes-worker.ts': { breaks: ['rooms-do-not-import-entries'], source: take('../../worker') },
};

/** The registry and the manifests are single files: they are broken in a tree of their own. */
const secondTree: Record<string, Plant> = {
  'connectors/registry.ts': { breaks: ['registry-is-lazy'], source: take('./acme/connector') },
  'connectors/manifests.ts': { breaks: ['manifest-is-cheap'], source: take('./acme/client') },
};

function writeTree(folder: string, files: Record<string, string>): void {
  const contents: Record<string, string> = { ...files };
  for (const name of Object.values(libraries).flat()) {
    contents[`node_modules/${name}/package.json`] = JSON.stringify({ name, version: '1.0.0', main: 'index.js' });
    contents[`node_modules/${name}/index.js`] = 'module.exports = {};';
  }
  const versions = (names: string[]): Record<string, string> =>
    Object.fromEntries(names.map((name) => [name, '1.0.0']));
  contents['package.json'] = JSON.stringify({
    name: 'planted',
    dependencies: versions(libraries.dependencies),
    devDependencies: versions(libraries.devDependencies),
  });
  for (const [path, text] of Object.entries(contents)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
}

const sourcesOf = (tree: Record<string, Plant>): Record<string, string> =>
  Object.fromEntries(Object.entries(tree).map(([path, { source }]) => [path, source]));

/** The names of the rules that fire in a tree of these files, by the file that breaks them. */
async function cruise(files: Record<string, string>): Promise<Map<string, string[]>> {
  const folder = mkdtempSync(join(tmpdir(), 'waybill-rules-'));
  try {
    writeTree(folder, files);
    const rooms = [...new Set(Object.keys(files).map((path) => path.split('/')[0]!))];
    const violations = await runCruiser(folder, rooms);
    const fired = new Map<string, string[]>();
    for (const { from, rule } of violations) {
      fired.set(from, [...new Set([...(fired.get(from) ?? []), rule.name])].sort());
    }
    return fired;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function runCruiser(cwd: string, targets: string[]): Promise<Violation[]> {
  const args = [cruiser, '--config', config, '--output-type', 'json', ...targets];
  return new Promise((resolve, reject) => {
    // The exit code is the number of violations; only unreadable output is a fault.
    execFile(process.execPath, args, { cwd, maxBuffer: 64 * 1024 * 1024 }, (_, stdout, stderr) => {
      try {
        const report = JSON.parse(stdout) as { summary: { violations: Violation[] } };
        resolve(report.summary.violations);
      } catch {
        reject(new Error(stderr));
      }
    });
  });
}

describe('each dependency rule fires on a planted violation', () => {
  let fired: Map<string, string[]>;
  let firedInSecond: Map<string, string[]>;
  let ruleNames: string[];

  beforeAll(async () => {
    const { forbidden } = (await import(config)) as { forbidden: { name: string }[] };
    ruleNames = forbidden.map(({ name }) => name);
    fired = await cruise({ ...innocent, ...sourcesOf(plants) });
    firedInSecond = await cruise({ ...innocent, ...sourcesOf(secondTree) });
  });

  test.each(Object.entries(plants))('%s', (path, { breaks }) => {
    expect(fired.get(path) ?? []).toEqual([...breaks].sort());
  });

  test.each(Object.entries(secondTree))('%s', (path, { breaks }) => {
    expect(firedInSecond.get(path) ?? []).toEqual([...breaks].sort());
  });

  test.each(Object.keys(innocent))('%s keeps to the rules', (path) => {
    expect(fired.get(path)).toBeUndefined();
  });

  test('no rule is without its planted violation, and no two share a name', () => {
    const proven = [...Object.values(plants), ...Object.values(secondTree)].flatMap(({ breaks }) => breaks);
    expect([...new Set(proven)].sort()).toEqual([...ruleNames].sort());
  });
});

test('the project keeps to its own rules', async () => {
  const script = join(root, 'scripts', 'check-dependencies.mjs');
  const outcome = await new Promise<string>((resolve) => {
    execFile(process.execPath, [script], (fault, stdout) => resolve(fault ? stdout || fault.message : 'clean'));
  });
  expect(outcome).toBe('clean');
});
