import { ulid } from 'ulid';
import { createWorkflowPersist, type WorkflowPersist } from '../../activities/persist';
import { fold, type LoggedEvent } from '../../domain/decider';
import { evolveOrder } from '../../domain/order/evolve';
import { evolveShipment } from '../../domain/shipment/evolve';
import type { FaultPoint, LeftOut } from '../../platform/fault-points';
import { connectStore, type Store } from '../../store/connect';
import { createDoor, type Door } from '../../store/door';
import { createInventory, type Inventory } from '../../store/inventory';
import { createMasterData, type MasterData } from '../../store/master-data';
import { createPersist, type Persist, type Wake } from '../../store/persist';
import { settings } from '../domain/aggregate';
import { servers } from '../setup/servers';

/** One process' worth of the hub's inside on a real database, without Temporal: pokes are collected. */
export interface HubInside {
  persist: Persist;
  door: Door;
  inventory: Inventory;
  masterData: MasterData;
  workflowPersist: WorkflowPersist;
  pokes: Wake[];
}

/** A database of the test's own, empty, with its indexes. Close it in `afterAll`: it is dropped. */
export async function openStore(name: string): Promise<Store> {
  const store = await connectStore(servers().mongodbUri(`${name}_${ulid().toLowerCase()}`));
  await store.ensureIndexes();
  return store;
}

/** Drops the test's database and closes the connection. */
export async function dropStore(store: Store): Promise<void> {
  await store.connection.dropDatabase();
  await store.close();
}

/** Builds what a process of the hub builds on a store; each call is another process with its own serialiser. */
export function insideOf(
  store: Store,
  options: { faultPoint?: FaultPoint; leaveOut?: LeftOut; now?: () => Date } = {},
): HubInside {
  const pokes: Wake[] = [];
  const poke = (wake: Wake): void => {
    pokes.push(wake);
  };
  const persist = createPersist({ store, settings, ...options });
  const inventory = createInventory(store, options.now);
  const masterData = createMasterData(store, options.now);
  const geocode = () => ({ lat: 53.55, lng: 9.99, accuracy: 'city' as const });
  return {
    persist,
    inventory,
    masterData,
    pokes,
    door: createDoor({ store, persist, poke, ...(options.now ? { now: options.now } : {}) }),
    workflowPersist: createWorkflowPersist({ store, persist, inventory, masterData, poke, geocode }),
  };
}

/** The log of an aggregate, in the order of its versions. */
export async function logOf(store: Store, id: string): Promise<LoggedEvent[]> {
  return store.events.find({ entity_id: id }).sort({ version: 1 }).toArray();
}

/**
 * What is wrong with an aggregate and its log: versions with gaps, causes decided twice, a document that is not the fold
 * of its events. Empty when all is well.
 */
export async function faultsOf(store: Store, id: string): Promise<string[]> {
  const log = await logOf(store, id);
  const isOrder = id.startsWith('ord_');
  const document = await (isOrder ? store.orders : store.shipments).findOne({ _id: id });
  const faults: string[] = [];
  const versions = log.map((event) => event.version);
  if (versions.some((version, index) => version !== index + 1)) faults.push(`versions ${versions.join(' ')}`);
  if (document?.version !== log.length)
    faults.push(`version ${String(document?.version)} of ${String(log.length)} events`);
  const firsts = log.filter((event) => event.seq === 0).map((event) => event.cause_id);
  if (new Set(firsts).size !== firsts.length) faults.push(`a cause was decided twice: ${firsts.join(' ')}`);
  const folded = isOrder ? fold(evolveOrder, log) : fold(evolveShipment, log);
  if (JSON.stringify(sorted({ ...folded, _id: id })) !== JSON.stringify(sorted(document))) {
    faults.push('the document is not the fold of its events');
  }
  return faults;
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (value === null || typeof value !== 'object') return value;
  const entries = Object.entries(value).filter(([, field]) => field !== undefined);
  return Object.fromEntries(
    entries.toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([key, field]) => [key, sorted(field)]),
  );
}

/** Repeats what failed for technical reasons, later each time, as a client does that got a 503: at most twenty times. */
export async function untilDone<Result>(work: () => Promise<Result>): Promise<Result> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await work();
    } catch (error) {
      if (attempt >= 20) throw error;
      await new Promise((resolve) => setTimeout(resolve, attempt * (5 + ((process.hrtime()[1] >> 8) % 20))));
    }
  }
}
