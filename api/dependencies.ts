import type { Config } from '../platform/config';
import type { Logger } from '../platform/log';
import type { Store } from '../store/connect';
import type { Door } from '../store/door';
import type { Inventory } from '../store/inventory';
import type { MasterData } from '../store/master-data';
import type { Wake } from '../store/persist';
import type { Present } from './present';

/** What the API is built from. */
export interface ApiDependencies {
  store: Store;
  door: Door;
  inventory: Inventory;
  masterData: MasterData;
  /** Wakes a workflow; must not throw and is not awaited. */
  poke: (wake: Wake) => void;
  config: Pick<Config, 'public_url' | 'temporal_ui_url' | 'temporal_namespace'>;
  log: Logger;
  /** Whether Temporal answers, within a second. */
  temporalReachable: () => Promise<boolean>;
}

/** What the operations of a resource are built from. */
export type ResourceDependencies = Omit<ApiDependencies, 'log' | 'config' | 'temporalReachable'> & { present: Present };
