import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import axios from 'axios';
import { Client, Connection } from '@temporalio/client';
import type { FaultPlan, PlannedFault } from '../../platform/fault-points';
import { freePort } from '../../platform/servers/free-port';
import { prepareNamespace } from '../../platform/servers/temporal';
import { connectStore, type Store } from '../../store/connect';
import { createInventory, type Inventory } from '../../store/inventory';
import { createMasterData, type MasterData } from '../../store/master-data';
import { compiledRoot } from './compiled-root';
import { startProcess, type HubProcess } from './child-process';
import type { HubServers } from './servers';

/** What a part is started with, beside the file of faults that each part reads. */
export type PartialPlan = Partial<Pick<FaultPlan, 'trace_file' | 'leave_out'>>;

/** The parts of the hub that run as processes of their own. */
export type Part = 'api' | 'worker' | 'sandbox';

/** The hub on its own database and Temporal namespace, as three processes that may be killed and started again. */
export interface Hub {
  name: string;
  dir: string;
  apiUrl: string;
  partnerUrls: Record<string, string>;
  store: Store;
  masterData: MasterData;
  inventory: Inventory;
  client: Client;
  /** Starts a part, where it does not run, with a plan of faults. */
  start(part: Part, plan?: PartialPlan): Promise<HubProcess>;
  running(part: Part): HubProcess | undefined;
  /** Plans faults for a part that runs or will run; an empty list clears them. */
  arm(part: Part, faults: readonly PlannedFault[]): void;
  kill(part: Part): Promise<void>;
  stop(part: Part): Promise<void>;
  /** One request to the API with the start key; answers of any status resolve. */
  request(method: 'GET' | 'POST' | 'PATCH', path: string, body?: unknown): Promise<{ status: number; data: unknown }>;
  /** What a partner really did: rows of its collection. */
  effects(partner: string, collection: string): Promise<Record<string, unknown>[]>;
  /** Plants a fault in a partner. */
  plant(partner: string, fault: Record<string, unknown>): Promise<void>;
  /** Stops everything that this hub started; its data stay. */
  close(): Promise<void>;
}

const apiKey = 'wb_start_test_key_0123456789';

/** Settings under which a kill costs seconds instead of minutes. */
const impatient = {
  WAYBILL_RETURN_WINDOW_S: '1',
  WAYBILL_RETRY_S: '1',
  WAYBILL_BACKORDER_RECHECK_S: '600',
  WAYBILL_WORKFLOW_TASK_TIMEOUT_MS: '2000',
  WAYBILL_SWEEP_ROWS_S: '2',
  WAYBILL_SWEEP_DOCUMENTS_S: '4',
  WAYBILL_LOG_LEVEL: 'warn',
};

/** Prepares a hub; no part runs yet. Partners answer without delay. */
export async function createHub(
  servers: HubServers,
  name: string,
  options: { env?: Record<string, string>; speed?: number } = {},
): Promise<Hub> {
  const dir = join(servers.dir, name);
  mkdirSync(dir, { recursive: true });
  const keyFile = join(dir, 'api-key');
  writeFileSync(keyFile, apiKey);
  const address = servers.temporalAddress();
  await prepareNamespace({ address, namespace: name });
  const store = await connectStore(servers.mongodbUri(name));
  await store.ensureIndexes();
  const client = new Client({ connection: await Connection.connect({ address }), namespace: name });
  const http = axios.create({
    validateStatus: () => true,
    timeout: 15_000,
    headers: { authorization: `Bearer ${apiKey}` },
  });
  const apiPort = await freePort();
  const partnerIds = ['sandbox-wms', 'sandbox-carrier', 'sandbox-payment', 'sandbox-channel', 'sandbox-erp'];
  const ports: Record<string, number> = {};
  for (const id of partnerIds) ports[id] = await freePort();
  const partnerUrls = Object.fromEntries(partnerIds.map((id) => [id, `http://127.0.0.1:${String(ports[id])}`]));
  const parts = new Map<Part, HubProcess>();

  const faultsFile = (part: Part): string => join(dir, `${part}.faults.json`);
  const environment = (part: Part, plan?: PartialPlan): Record<string, string> => ({
    ...impatient,
    WAYBILL_MONGODB_URI: servers.mongodbUri(name),
    WAYBILL_TEMPORAL_ADDRESS: address,
    WAYBILL_TEMPORAL_NAMESPACE: name,
    WAYBILL_EMBEDDED_PARTNERS: JSON.stringify(partnerUrls),
    WAYBILL_API_KEY_FILE: keyFile,
    WAYBILL_HTTP_PORT: String(apiPort),
    ...options.env,
    WAYBILL_CHAOS: JSON.stringify({ faults_file: faultsFile(part), ...plan }),
  });
  const begin: Record<Part, (plan?: PartialPlan) => Promise<HubProcess>> = {
    sandbox: () =>
      startProcess(join(compiledRoot, 'connectors', 'sandbox-host.js'), {
        args: [JSON.stringify({ dir: join(dir, 'partners'), ports, speed: options.speed ?? 1e12 })],
        logFile: join(dir, 'sandbox.log'),
      }),
    worker: (plan) =>
      startProcess(join(compiledRoot, 'worker.js'), {
        env: environment('worker', plan),
        logFile: join(dir, 'worker.log'),
      }),
    api: (plan) =>
      startProcess(join(compiledRoot, 'api', 'main.js'), {
        env: environment('api', plan),
        logFile: join(dir, 'api.log'),
        isReady: async () => (await http.get(`http://127.0.0.1:${String(apiPort)}/readyz`)).status === 200,
      }),
  };

  return {
    name,
    dir,
    apiUrl: `http://127.0.0.1:${String(apiPort)}`,
    partnerUrls,
    store,
    masterData: createMasterData(store),
    inventory: createInventory(store),
    client,
    async start(part, plan) {
      const known = parts.get(part);
      if (known) return known;
      const started = await begin[part](plan);
      parts.set(part, started);
      void started.exited.then(() => {
        if (parts.get(part) === started) parts.delete(part);
      });
      return started;
    },
    running: (part) => parts.get(part),
    arm(part, faults) {
      writeFileSync(faultsFile(part), JSON.stringify(faults));
    },
    kill: (part) => parts.get(part)?.kill() ?? Promise.resolve(),
    stop: (part) => parts.get(part)?.stop() ?? Promise.resolve(),
    async request(method, path, body) {
      const { status, data } = await http.request<unknown>({
        method,
        url: `http://127.0.0.1:${String(apiPort)}${path}`,
        ...(body === undefined ? {} : { data: body }),
      });
      return { status, data };
    },
    async effects(partner, collection) {
      const { data } = await http.get<{ data: Record<string, unknown>[] }>(
        `${partnerUrls[partner] ?? ''}/_state/${collection}`,
      );
      return data.data;
    },
    async plant(partner, fault) {
      const { status } = await http.put(`${partnerUrls[partner] ?? ''}/_faults`, fault);
      if (status >= 300) throw new Error(`The fault was refused with ${String(status)}.`);
    },
    async close() {
      await Promise.all([...parts.values()].map((part) => part.stop()));
      await client.connection.close();
      await store.close();
    },
  };
}
