import type { ConnectorKind } from '../connectors/kit/vocabulary';
import { openConnection, type Connection } from '../connectors/kit/connection';
import { ConnectorFault } from '../connectors/kit/faults';
import type { Store } from '../store/connect';
import type { Connection as StoredConnection } from '../store/rows';

/** The configured connectors, opened on first use and kept. */
export interface Connections {
  /** The preferred connection where it is given and on, else the first of its kind; throws ConnectorFault `misconfigured`. */
  ofKind(kind: ConnectorKind, preferred?: string): Promise<{ connection_id: string; connection: Connection }>;
  /** The connection of the payment provider that an order names. */
  ofProvider(connectorId: string): Promise<{ connection_id: string; connection: Connection }>;
  /** One connection by its id. */
  byId(connectionId: string): Promise<Connection>;
  /** Every connection that is on. */
  list(): Promise<StoredConnection[]>;
  close(): void;
}

const rereadAfterMs = 5_000;

function missing(what: string): ConnectorFault {
  return new ConnectorFault({
    kind: 'misconfigured',
    happened: 'no',
    at_fault: 'merchant',
    code: 'connection_missing',
    message: `There is no connection ${what} that is on.`,
  });
}

/** The connections of a store; the list is read again every few seconds, opened ones are shared. */
export function createConnections(store: Store): Connections {
  const opened = new Map<string, { config: string; connection: Connection }>();
  let rows: Promise<StoredConnection[]> | undefined;
  let readAt = 0;

  function list(): Promise<StoredConnection[]> {
    const now = performance.now();
    if (!rows || now - readAt > rereadAfterMs) {
      readAt = now;
      rows = store.connections.find({ state: 'on' }).sort({ _id: 1 }).toArray();
      rows.catch(() => {
        rows = undefined;
      });
    }
    return rows;
  }

  function open(row: StoredConnection): Connection {
    const config = JSON.stringify(row.config);
    const known = opened.get(row._id);
    if (known?.config === config) return known.connection;
    known?.connection.close();
    const connection = openConnection({
      connector_id: row.connector_id,
      connection_id: row._id,
      config: row.config,
      secrets: {},
      mode: row.embedded ? 'simulated' : 'live',
    });
    opened.set(row._id, { config, connection });
    return connection;
  }

  function found(row: StoredConnection | undefined, what: string): { connection_id: string; connection: Connection } {
    if (!row) throw missing(what);
    return { connection_id: row._id, connection: open(row) };
  }

  return {
    async ofKind(kind, preferred) {
      const ofKind = (await list()).filter((row) => row.kinds.includes(kind));
      return found(
        preferred === undefined ? ofKind[0] : ofKind.find((row) => row._id === preferred),
        `of kind ${kind}`,
      );
    },
    async ofProvider(connectorId) {
      return found(
        (await list()).find((row) => row.connector_id === connectorId),
        `to ${connectorId}`,
      );
    },
    async byId(connectionId) {
      return found(
        (await list()).find((row) => row._id === connectionId),
        connectionId,
      ).connection;
    },
    list,
    close() {
      for (const { connection } of opened.values()) connection.close();
    },
  };
}

/** Makes sure that each embedded partner is a connection at the address where it listens now. */
export async function ensureEmbeddedConnections(
  store: Store,
  manifests: readonly { id: string; kinds: readonly ConnectorKind[] }[],
  partners: Readonly<Record<string, string>>,
): Promise<void> {
  for (const manifest of manifests) {
    const base_url = partners[manifest.id];
    if (base_url === undefined) continue;
    await store.connections.updateOne(
      { _id: `con_${manifest.id}` },
      {
        $set: { connector_id: manifest.id, kinds: [...manifest.kinds], 'config.base_url': base_url, embedded: true },
        $setOnInsert: { state: 'on' },
      },
      { upsert: true },
    );
  }
}
