import { spawn, type ChildProcess } from 'node:child_process';
import { openSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import axios from 'axios';
import { orderId } from '../../domain/order/identity';
import { freePort } from '../../platform/servers/free-port';
import { projectRoot } from '../../platform/project-root';
import { connectStore } from '../../store/connect';
import { sampleOrder } from '../stack/merchant';
import { waitFor } from '../stack/wait-for';
import { arrival, violations, type Evidence } from './checks';
import type { Scenario } from './scenario';

/** The line by which the start says that it is ready, as far as it is used here. */
interface ReadyLine {
  api: string;
  mongodb_uri: string;
  api_key: string;
  pids: Record<string, number | null>;
  sandbox: Record<string, string>;
}

interface RunningHub {
  ready: ReadyLine;
  process: ChildProcess;
}

async function startHub(dataDir: string, port: number): Promise<RunningHub> {
  const args = [
    'scripts/start.mjs',
    '--no-demo',
    '--json',
    '--speed',
    '1000000000',
    '--data-dir',
    dataDir,
    '--port',
    String(port),
  ];
  const child: ChildProcess = spawn(process.execPath, args, {
    cwd: projectRoot(),
    stdio: ['ignore', 'pipe', openSync(`${dataDir}.log`, 'a')],
  });
  const ready = await new Promise<ReadyLine>((resolve, reject) => {
    if (!child.stdout) throw new Error('no standard output');
    createInterface({ input: child.stdout }).on('line', (line) => {
      if (line.startsWith('{')) resolve(JSON.parse(line) as ReadyLine);
    });
    child.once('exit', (code) => {
      reject(new Error(`the start ended with ${String(code)}: see ${dataDir}.log`));
    });
  });
  return { ready, process: child };
}

function alive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

/** Asks the start to stop, and says what is still there after ten seconds. */
async function stopHub({ ready, process: child }: RunningHub): Promise<string[]> {
  child.kill('SIGTERM');
  const pids = Object.values(ready.pids).filter((pid) => pid !== null);
  try {
    await waitFor('everything to stop', () => Promise.resolve(!pids.some(alive)), 10_000);
    return [];
  } catch {
    return [
      `${String(pids.filter(alive).length)} processes are still there ten seconds after the start was asked to stop`,
    ];
  }
}

async function killSupervisorAfter(dir: string, delayMs: number): Promise<string[]> {
  const dataDir = join(dir, `supervised-${String(delayMs)}`);
  const port = await freePort();
  const first = await startHub(dataDir, port);
  const { api, api_key } = first.ready;
  const http = axios.create({ baseURL: api, headers: { authorization: `Bearer ${api_key}` } });
  const channels = await http.get<{ data: { channel_id: string }[] }>('/v1/channels');
  const products = await http.get<{ data: { sku: string }[] }>('/v1/products');
  const merchant = {
    channel_id: channels.data.data[0]?.channel_id ?? '',
    location_ids: ['', ''] as [string, string],
    skus: products.data.data.map(({ sku }) => sku),
  };
  const capture = sampleOrder(merchant, `SUP-${String(delayMs)}`);
  await http.post('/v1/orders', capture);
  await sleep(delayMs);
  process.kill(first.ready.pids.supervisor ?? 0, 'SIGKILL');

  const second = await startHub(dataDir, port);
  const store = await connectStore(second.ready.mongodb_uri);
  const partners = second.ready.sandbox;
  const evidence: Evidence = {
    store,
    async effects(partner, collection) {
      const { data } = await axios.get<{ data: Record<string, unknown>[] }>(
        `${partners[partner.replace('sandbox-', '')] ?? ''}/_state/${collection}`,
      );
      return data.data;
    },
  };
  try {
    const id = orderId(capture.channel_id, capture.channel_order_id);
    await arrival(evidence, id, 120_000);
    const found = await violations(evidence, id);
    return [...found, ...(await stopHub(second))];
  } finally {
    await store.close();
    second.process.kill('SIGTERM');
  }
}

/** kill −9 of the supervisor of `npm start` some time after a capture; the next start stops the orphans and goes on. */
export const supervisorKills: Scenario[] = [0, 400, 1500].map((delayMs) => ({
  name: `${String(delayMs)} ms after a capture`,
  group: 'supervisor killed',
  exclusive: true,
  run: ({ servers }) => killSupervisorAfter(servers.dir, delayMs),
}));
