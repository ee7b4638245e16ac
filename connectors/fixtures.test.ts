/** Every connector's fixtures, both ways: what goes over the wire for an input, and what an answer becomes. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { AxiosHeaders, type AxiosAdapter, type InternalAxiosRequestConfig } from 'axios';
import { z } from 'zod';
import { connectTo } from './kit/connection';
import { ConnectorFault } from './kit/faults';
import { createMemoryOperationLog } from './kit/testing';
import { vocabulary, type FeedName, type OperationInput, type OperationName } from './kit/vocabulary';
import { manifests } from './manifests';
import { connectorIds, loadConnector } from './registry';

const now = new Date('2026-03-01T12:00:00.000Z');
const aboutSchema = z.strictObject({
  about: z.string().min(10),
  source: z.string().min(1),
  date: z.iso.date(),
  api_version: z.string(),
  redacted: z.array(z.string()),
  phase: z.enum(['run', 'find']),
});
const requestSchema = z.strictObject({
  method: z.string(),
  path: z.string(),
  query: z.record(z.string(), z.string()).optional(),
  headers: z.record(z.string(), z.string()).optional(),
  body: z.unknown().optional(),
});
const responseSchema = z.strictObject({
  status: z.int(),
  headers: z.record(z.string(), z.string()),
  body: z.unknown(),
});

interface Fixture {
  connector: string;
  operation: string;
  name: string;
  folder: string;
}

function subfolders(folder: string): string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => (entry.isDirectory() ? [entry.name] : []));
}

const fixtures: Fixture[] = connectorIds.flatMap((connector) =>
  subfolders(join(__dirname, connector, 'fixtures')).flatMap((operation) =>
    subfolders(join(__dirname, connector, 'fixtures', operation)).map((name) => ({
      connector,
      operation,
      name,
      folder: join(__dirname, connector, 'fixtures', operation, name),
    })),
  ),
);

function read(fixture: Fixture, file: string): unknown {
  const path = join(fixture.folder, `${file}.json`);
  return existsSync(path) ? (JSON.parse(readFileSync(path, 'utf8')) as unknown) : undefined;
}

/** Performs a fixture's operation over a network of one answer. */
async function play(fixture: Fixture): Promise<{ sent: InternalAxiosRequestConfig[]; result: unknown }> {
  const { phase } = aboutSchema.parse(read(fixture, 'about'));
  const response = responseSchema.parse(read(fixture, 'response'));
  const sent: InternalAxiosRequestConfig[] = [];
  const adapter: AxiosAdapter = (config) => {
    sent.push(config);
    const data = typeof response.body === 'string' ? response.body : JSON.stringify(response.body);
    return Promise.resolve({ ...response, statusText: '', headers: new AxiosHeaders(response.headers), config, data });
  };
  const connector = loadConnector(fixture.connector);
  if (connector === undefined) throw new Error(`no connector ${fixture.connector}`);
  const connection = connectTo(
    connector,
    {
      connector_id: fixture.connector,
      connection_id: 'con_1',
      config: { base_url: 'http://partner.test' },
      secrets: { api_key: 'planted-secret' },
      mode: 'simulated',
    },
    adapter,
  );
  const input = read(fixture, 'input');
  const log = createMemoryOperationLog();
  const reference = (input as { reference?: string }).reference ?? 'key';
  const performed =
    fixture.operation in vocabulary
      ? connection.perform(fixture.operation as OperationName, input as OperationInput<OperationName>, {
          key: reference,
          reference,
          entity_id: 'e',
          log,
          now: () => now,
          protocol: { findBeforeFirstCall: phase === 'find' },
        })
      : connection.pull(fixture.operation as FeedName, {
          ...(input as { cursor: null; limit: number }),
          now: () => now,
        });
  const result: unknown = await performed.catch((error: unknown) => error);
  connection.close();
  return { sent, result };
}

test.each(fixtures)('$connector $operation $name: the input becomes this request', async (fixture) => {
  const expected = requestSchema.parse(read(fixture, 'request'));
  const { sent } = await play(fixture);
  expect(sent).toHaveLength(1);
  const [config] = sent;
  const url = new URL(config?.url ?? '');
  expect(config?.method?.toUpperCase()).toBe(expected.method);
  expect(url.pathname).toBe(expected.path);
  expect(Object.fromEntries(url.searchParams)).toEqual(expected.query ?? {});
  expect(config?.headers.toJSON()).toMatchObject({ authorization: 'Bearer planted-secret', ...expected.headers });
  if (expected.body !== undefined) expect(JSON.parse(String(config?.data))).toEqual(expected.body);
  expect(url.href).not.toContain('planted-secret');
});

test.each(fixtures)('$connector $operation $name: the response becomes this output or fault', async (fixture) => {
  const output = read(fixture, 'output');
  const fault = read(fixture, 'fault');
  expect([output, fault].filter((each) => each === undefined)).toHaveLength(1);
  const { result } = await play(fixture);
  if (fault === undefined) {
    expect(result).toEqual(output);
    return;
  }
  expect(result).toBeInstanceOf(ConnectorFault);
  if (!(result instanceof ConnectorFault)) return;
  expect(result.details).toMatchObject(fault as object);
  expect(result.message).not.toContain('Ann Example');
});

test('every operation and feed of every connector has a fixture with an output, and every look-up one', () => {
  const missing = manifests.flatMap(({ id, operations, feeds }) => {
    const of = (operation: string): Fixture[] =>
      fixtures.filter((fixture) => fixture.connector === id && fixture.operation === operation);
    const withOutput = (operation: string, phase: string): boolean =>
      of(operation).some(
        (fixture) => aboutSchema.parse(read(fixture, 'about')).phase === phase && read(fixture, 'output') !== undefined,
      );
    const connector = loadConnector(id);
    return [...operations, ...feeds].flatMap((name) => {
      const findFirst = name in vocabulary && connector?.operations[name as OperationName]?.repeat === 'find-first';
      const gaps = withOutput(name, 'run') ? [] : [`${id} ${name}`];
      return findFirst && !withOutput(name, 'find') ? [...gaps, `${id} ${name} find`] : gaps;
    });
  });
  expect(missing).toEqual([]);
});

test('no fixture lies under a name that its connector does not have', () => {
  const strays = fixtures.filter(({ connector, operation }) => {
    const manifest = manifests.find(({ id }) => id === connector);
    return manifest !== undefined && ![...manifest.operations, ...manifest.feeds].includes(operation as OperationName);
  });
  expect(strays).toEqual([]);
});
