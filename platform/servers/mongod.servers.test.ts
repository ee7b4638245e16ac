import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { mongo } from 'mongoose';
import { findServer } from './find';
import { freePort } from './free-port';
import { startMongod, type Mongod } from './mongod';

const log = (): void => undefined;
let binary: string;
let dataDir: string;
const started: Mongod[] = [];

beforeEach(async () => {
  binary = await findServer('mongod', { log });
  dataDir = await mkdtemp(join(tmpdir(), 'waybill-mongod-'));
});

afterEach(async () => {
  for (const mongod of started.splice(0)) await mongod.stop();
  await rm(dataDir, { recursive: true, force: true });
});

async function start(port?: number): Promise<Mongod> {
  const mongod = await startMongod({ binary, dataDir, log, ...(port === undefined ? {} : { port }) });
  started.push(mongod);
  return mongod;
}

async function withClient<T>(mongod: Mongod, work: (client: mongo.MongoClient) => Promise<T>): Promise<T> {
  const client = await mongo.MongoClient.connect(mongod.uri);
  try {
    return await work(client);
  } finally {
    await client.close();
  }
}

test('transactions and change streams work at the address given', async () => {
  const mongod = await start();
  await withClient(mongod, async (client) => {
    const collection = client.db().collection('things');
    const changes = collection.watch();
    const seen = changes.next();
    await changes.tryNext();
    await client.withSession((session) =>
      session.withTransaction(async () => {
        await collection.insertOne({ name: 'first' }, { session });
        await collection.insertOne({ name: 'second' }, { session });
      }),
    );
    expect(await seen).toMatchObject({ operationType: 'insert', fullDocument: { name: 'first' } });
    await changes.close();
    const parameter = await client.db('admin').command({ getParameter: 1, transactionLifetimeLimitSeconds: 1 });
    expect(parameter['transactionLifetimeLimitSeconds']).toBe(3);
  });
});

test('data written is there after a stop, also on another port, with a primary again', async () => {
  const first = await start();
  await withClient(first, (client) => client.db().collection('things').insertOne({ name: 'kept' }));
  await first.stop();
  const second = await start(await freePort());
  expect(second.port).not.toBe(first.port);
  await withClient(second, async (client) => {
    expect(await client.db().collection('things').countDocuments({ name: 'kept' })).toBe(1);
    await client.db().collection('things').insertOne({ name: 'more' });
  });
});

test('data written is there after a kill -9', async () => {
  const first = await start();
  await withClient(first, (client) =>
    client
      .db()
      .collection('things')
      .insertOne({ name: 'kept' }, { writeConcern: { w: 'majority', journal: true } }),
  );
  process.kill(first.pid, 'SIGKILL');
  await first.ended;
  const second = await start(first.port);
  await withClient(second, async (client) => {
    expect(await client.db().collection('things').countDocuments({})).toBe(1);
  });
});

test('data of another major version is refused with what to do', async () => {
  const first = await start();
  await first.stop();
  const record = join(dataDir, 'version.json');
  const { mongod_major: major } = JSON.parse(await readFile(record, 'utf8')) as { mongod_major: number };
  for (const other of [major - 2, major + 1]) {
    await writeFile(record, JSON.stringify({ mongod_major: other }));
    await expect(start()).rejects.toThrow(`name a mongod ${other} in WAYBILL_MONGOD_BINARY`);
  }
  await writeFile(record, JSON.stringify({ mongod_major: major - 1 }));
  await start();
});

test('a start that fails tells the last lines of the log', async () => {
  const first = await start();
  const other = await mkdtemp(join(tmpdir(), 'waybill-mongod-'));
  try {
    await expect(startMongod({ binary, dataDir: other, port: first.port, log })).rejects.toThrow(
      /mongod ended at its start/,
    );
  } finally {
    await rm(other, { recursive: true, force: true });
  }
});
