import { orderId } from '../domain/order/identity';
import { orderWorkflowId } from '../domain/order/ids';
import { createHub, type Hub } from '../test/stack/hub';
import { createMerchant, sampleOrder } from '../test/stack/merchant';
import { startServers, type Servers } from '../test/stack/servers';
import type { Say, Table } from './bench';
import { rounded } from './figures';
import { watchProcesses, type Use } from './process-usage';

/** The processes that are measured, in the order of the tables. */
const processes = ['temporal', 'mongod', 'worker', 'api', 'sandbox'] as const;
type MeasuredProcess = (typeof processes)[number];

/** What the measured processes used (one that does not run is left out), and what else ran beside them. */
export type ProcessUse = Use<MeasuredProcess>;

/** An order to place: its body for the API, and the ids that it will have. */
export interface FreshOrder {
  body: object;
  order_id: string;
  workflow_id: string;
}

/** What the API answered (0 where it did not) and how long it took. */
export interface Answer {
  status: number;
  duration_ms: number;
}

/** A whole hub that is measured: real servers, the processes of the hub, a merchant with enough stock. */
export interface Stage {
  hub: Hub;
  /** An order that no other resembles: two of fifty products, paid by the hub. */
  freshOrder(): FreshOrder;
  /** Sends an order to the API over a kept connection. */
  place(order: FreshOrder): Promise<Answer>;
  /** Watches every process that runs now. */
  watch(): { stop(): ProcessUse };
  /** Stops everything; the data go too. */
  close(): Promise<void>;
}

/** What a production hub runs with, where the kit for tests is impatient. */
const productionLike = {
  WAYBILL_RETURN_WINDOW_S: String(30 * 86_400),
  WAYBILL_RETRY_S: '900',
  WAYBILL_BACKORDER_RECHECK_S: '3600',
  WAYBILL_WORKFLOW_TASK_TIMEOUT_MS: '10000',
  WAYBILL_SWEEP_ROWS_S: '10',
  WAYBILL_SWEEP_DOCUMENTS_S: '60',
  WAYBILL_MAX_CACHED_WORKFLOWS: '2000',
  WAYBILL_LOG_LEVEL: 'warn',
};

const products = 50;
const stockOfEach = 1_000_000;

/** Starts a hub with production-like settings; `worker` false leaves the worker out, `env` adds to the settings. */
export async function createStage(
  say: Say,
  options: { worker: boolean; env?: Record<string, string> },
): Promise<Stage> {
  const servers = await startServers();
  say(`data and logs in ${servers.dir}`);
  try {
    return await raise(servers, options);
  } catch (error) {
    // The logs stay: the error names one of them.
    await servers.temporal().stop();
    await servers.mongod().stop();
    throw error;
  }
}

async function raise(servers: Servers, options: { worker: boolean; env?: Record<string, string> }): Promise<Stage> {
  const hub = await createHub(servers, 'bench', { env: { ...productionLike, ...options.env } });
  try {
    await hub.start('sandbox');
    await Promise.all([hub.start('api'), ...(options.worker ? [hub.start('worker')] : [])]);
  } catch (error) {
    await hub.close();
    throw error;
  }
  const merchant = await createMerchant(hub, { products, stock: stockOfEach });
  let placed = 0;

  return {
    hub,
    freshOrder() {
      placed += 1;
      const skus = [0, 7].map((offset) => merchant.skus[(placed + offset) % merchant.skus.length] ?? '');
      const lines = skus.map((sku) => ({ sku, quantity: 1, unit_price: 1_999 }));
      const body = { ...sampleOrder(merchant, `BENCH-${String(placed)}`), lines };
      const { channel_id, channel_order_id } = body;
      return {
        body,
        order_id: orderId(channel_id, channel_order_id),
        workflow_id: orderWorkflowId(channel_id, channel_order_id),
      };
    },
    async place({ body }) {
      const startedAt = performance.now();
      const { status } = await hub.request('POST', '/v1/orders', body).catch(() => ({ status: 0 }));
      return { status, duration_ms: performance.now() - startedAt };
    },
    watch() {
      const pids: Partial<Record<MeasuredProcess, number>> = {
        temporal: servers.temporal().pid,
        mongod: servers.mongod().pid,
      };
      for (const part of ['worker', 'api', 'sandbox'] as const) {
        const running = hub.running(part);
        if (running) pids[part] = running.pid;
      }
      return watchProcesses(pids);
    },
    async close() {
      await hub.close();
      await servers.stop();
    },
  };
}

/** What each process used as a table: processor time in milliseconds for each of `count` things, and memory. */
export function useTable(title: string, use: ProcessUse, count: number, per: string): Table {
  const rows = processes.flatMap((name): [string, number, number][] => {
    const used = use.processes[name];
    return used ? [[name, rounded(used.cpu_ms / count), used.peak_rss_mb]] : [];
  });
  const sum = rows.reduce((total, [, cpu]) => total + cpu, 0);
  return {
    title: `${title}; others took ${String(rounded(use.others_share * 100))} % of the machine`,
    head: ['process', `CPU ms / ${per}`, 'peak MB'],
    rows: [...rows, ['all', rounded(sum), '']],
  };
}

/** Processor time of all processes together, in milliseconds. */
export function totalCpuMs(use: ProcessUse): number {
  return Object.values(use.processes).reduce((sum, { cpu_ms }) => sum + cpu_ms, 0);
}
