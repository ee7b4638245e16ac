import type { Config } from '../../platform/config';
import { signalGroup } from '../../platform/servers/child';
import { findServer } from '../../platform/servers/find';
import { startMongod } from '../../platform/servers/mongod';
import { prepareNamespace, startTemporal } from '../../platform/servers/temporal';
import type { DataFolder } from './data-folder';
import { keep, type Kept } from './keep';
import type { ChildName, RunningList } from './process-list';

/** What the start of a child needs to know about its surroundings. */
export type Surroundings = {
  config: Config;
  folder: DataFolder;
  ports: Readonly<Record<string, number>>;
  running: RunningList;
  say: (line: string) => void;
  /** Aborted when the supervisor is about to end: nothing is started any more. */
  leaving: AbortSignal;
  /** Takes a child that is kept running, so that the end of the supervisor ends its restarts. */
  kept: (child: Kept) => void;
};

/** The list's upkeep for one child: where its pid goes when it is spawned, and what happens when it ended. */
export function listed(name: ChildName, around: Surroundings): { onSpawn: (pid: number) => void; onEnd: () => void } {
  return {
    onSpawn: (pid) => {
      // Spawned after the end began: whoever stops the listed ones would not see it any more.
      if (around.leaving.aborted) signalGroup(pid, 'SIGKILL');
      else around.running.add(name, pid);
    },
    onEnd: () => {
      around.running.remove(name);
    },
  };
}

/** MongoDB: the replica set named in the environment, else a mongod of ours, kept running. Returns its connection string. */
export async function provideMongodb(around: Surroundings): Promise<string> {
  const { config, folder, ports, say } = around;
  if (config.mongodb_uri !== undefined) {
    say('MongoDB is the one named in WAYBILL_MONGODB_URI');
    return config.mongodb_uri;
  }
  const binary = await findServer('mongod', { log: say, config });
  const { onSpawn, onEnd } = listed('mongod', around);
  const port = ports['mongod'];
  let uri = '';
  const launch = async () => {
    const mongod = await startMongod({
      binary,
      dataDir: folder.mongod,
      ...(port === undefined ? {} : { port }),
      logFile: folder.logFile('mongod'),
      onSpawn,
      log: () => undefined,
    });
    uri = mongod.uri;
    return mongod;
  };
  around.kept(await keep({ name: 'mongod', launch, onEnd, log: say }));
  say(`mongod takes writes on port ${port ?? ''}`);
  return uri;
}

/** Temporal: the server named in the environment, else a development server of ours, kept running; its namespace made fit. */
export async function provideTemporal(around: Surroundings): Promise<{ address: string; ui_url: string | null }> {
  const { config, folder, ports, say } = around;
  const namespace = config.temporal_namespace;
  if (config.temporal_address !== undefined) {
    await prepareNamespace({ address: config.temporal_address, namespace });
    say('Temporal is the one named in WAYBILL_TEMPORAL_ADDRESS');
    return { address: config.temporal_address, ui_url: config.temporal_ui_url ?? null };
  }
  const binary = await findServer('temporal', { log: say, config });
  const { onSpawn, onEnd } = listed('temporal', around);
  const port = ports['temporal'];
  const uiPort = ports['temporal_ui'];
  let found = { address: '', ui_url: '' };
  const launch = async () => {
    const temporal = await startTemporal({
      binary,
      dbFile: folder.temporalFile,
      ...(port === undefined ? {} : { port }),
      ...(uiPort === undefined ? {} : { uiPort }),
      logFile: folder.logFile('temporal'),
      onSpawn,
      log: () => undefined,
    });
    try {
      await prepareNamespace({ address: temporal.address, namespace });
    } catch (error) {
      await temporal.stop();
      throw error;
    }
    found = { address: temporal.address, ui_url: temporal.ui_url };
    return temporal;
  };
  around.kept(await keep({ name: 'Temporal', launch, onEnd, log: say }));
  say(`Temporal answers on port ${port ?? ''}`);
  return found;
}
