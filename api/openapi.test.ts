import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, test } from '@jest/globals';
import { childEnvironment } from '../platform/config';
import { createLogger } from '../platform/log';
import type { ApiDependencies } from './dependencies';
import { errorCatalogue } from './error-catalogue';
import { describeApi } from './openapi';
import { problemDocumentSchema } from './schemas/problem-document';
import { apiOperations, createApp } from './server';

interface Described {
  operationId: string;
  security: Record<string, string[]>[];
  parameters?: { in: string; name: string }[];
  requestBody?: { content: Record<string, { example?: unknown }> };
  responses: Record<
    string,
    { content?: Record<string, { examples?: Record<string, { value: unknown }>; example?: unknown }> }
  >;
}

/** Nothing of the store is touched before a request. */
const dependencies = {
  config: { temporal_namespace: 'default' },
  log: createLogger({ service: 'api', level: 'silent' }),
} as unknown as ApiDependencies;
const operations = apiOperations(dependencies);
const document = describeApi(operations) as { openapi: string; paths: Record<string, Record<string, Described>> };
const described = Object.entries(document.paths).flatMap(([path, methods]) =>
  Object.entries(methods).map(([method, operation]) => ({ path, method, operation })),
);

test('the description is OpenAPI 3.1 without an error or a warning of the linter', async () => {
  expect(document.openapi).toBe('3.1.0');
  const folder = await mkdtemp(join(tmpdir(), 'waybill-openapi-'));
  try {
    const file = join(folder, 'openapi.json');
    await writeFile(file, JSON.stringify(document));
    const cli = join(dirname(require.resolve('@redocly/cli/package.json')), 'bin', 'cli.js');
    const lint = promisify(execFile)(
      process.execPath,
      [cli, 'lint', file, '--format', 'json', '--extends', 'recommended'],
      {
        cwd: folder,
        env: { ...childEnvironment({}), REDOCLY_TELEMETRY: 'off', REDOCLY_SUPPRESS_UPDATE_NOTICE: 'true' },
        maxBuffer: 10_000_000,
      },
    );
    // The linter ends with 1 on errors and still prints its report.
    const { stdout } = await lint.catch((error: unknown) => error as { stdout: string });
    const report = JSON.parse(stdout.slice(stdout.indexOf('{'))) as {
      totals: unknown;
      problems: { message: string }[];
    };
    expect(report.problems.map((problem) => problem.message)).toEqual([]);
    expect(report.totals).toMatchObject({ errors: 0, warnings: 0 });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});

test('every route of the app is described, and nothing else', () => {
  interface Layer {
    route?: { path: string; methods: Record<string, boolean> };
  }
  const { stack } = createApp(dependencies).router as unknown as { stack: Layer[] };
  const routes = stack.flatMap(({ route }) =>
    route ? Object.keys(route.methods).map((method) => `${method} ${route.path.replaceAll(/:(\w+)/g, '{$1}')}`) : [],
  );
  const pages = routes.filter((route) => /^get \/(docs|openapi\.json)/.test(route));
  expect(pages).toContain('get /docs');
  expect(routes.filter((route) => !pages.includes(route)).toSorted()).toEqual(
    described.map(({ method, path }) => `${method} ${path}`).toSorted(),
  );
});

test('operation ids differ', () => {
  const ids = operations.map((operation) => operation.id);
  expect(new Set(ids).size).toBe(ids.length);
});

describe.each(operations.map((operation) => [operation.id, operation] as const))('%s', (_id, operation) => {
  const shown = document.paths[operation.path]![operation.method]!;

  test('names its parameters and its scope', () => {
    const inPath = [...operation.path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name);
    const parameters = (shown.parameters ?? []).map((parameter) => `${parameter.in} ${parameter.name}`);
    expect(parameters).toEqual(
      expect.arrayContaining([
        ...inPath.map((name) => `path ${String(name)}`),
        ...Object.keys(operation.query?.shape ?? {}).map((name) => `query ${name}`),
      ]),
    );
    expect(Object.keys(operation.params?.shape ?? {})).toEqual(inPath);
    expect(shown.security).toEqual(operation.scope === null ? [] : [{ api_key: [operation.scope] }]);
  });

  test('has examples that its own schemas accept', () => {
    if (operation.body) {
      expect(operation.body_example).toBeDefined();
      operation.body.parse(operation.body_example);
      expect(shown.requestBody?.content['application/json']?.example).toEqual(operation.body_example);
    }
    for (const [status, answer] of Object.entries(operation.answers)) {
      if (!answer.schema) continue;
      expect(answer.schema.parse(answer.example)).toEqual(answer.example);
      expect(shown.responses[status]?.content?.['application/json']?.example).toEqual(answer.example);
    }
  });

  test('shows each of its refusals under its status with an example', () => {
    for (const code of operation.refusals ?? []) {
      const answer = shown.responses[String(errorCatalogue[code].status)];
      expect(answer?.content?.['application/problem+json']?.examples).toHaveProperty(code);
    }
  });
});

test('every error of the catalogue is described somewhere, with an example in the form of an error', () => {
  const seen = new Set<string>();
  for (const { operation } of described) {
    for (const answer of Object.values(operation.responses)) {
      const examples = answer.content?.['application/problem+json']?.examples ?? {};
      for (const [code, { value }] of Object.entries(examples)) {
        expect(problemDocumentSchema.parse(value).code).toBe(code);
        seen.add(code);
      }
    }
  }
  // No operation answers it: it is what paths that do not exist answer.
  expect([...seen, 'ROUTE_NOT_FOUND'].toSorted()).toEqual(Object.keys(errorCatalogue).toSorted());
});
