import { ConnectorFault } from '../connectors/kit/faults';
import type { FeedName } from '../connectors/kit/vocabulary';
import { noFaults, type FaultPoint } from '../platform/fault-points';
import type { Logger } from '../platform/log';
import type { Door } from '../store/door';
import type { FeedPosition, Intake } from '../store/intake';
import type { InboxRow } from '../store/rows';
import type { Connections } from './connections';

/** What reading feeds needs. `pause` ends early when the activity is cancelled. */
export interface FeedDependencies {
  connections: Connections;
  intake: Intake;
  door: Door;
  log: Logger;
  pause: (ms: number) => Promise<void>;
  signal: () => AbortSignal;
  /** How long a feed that had nothing new rests, in milliseconds. */
  idleMs: number;
  faultPoint?: FaultPoint;
}

/** Reads one feed for as long as its activity runs, each item once, and answers when its time is up. */
export type PollFeed = (feed: { connection_id: string; feed: FeedName; until: string }) => Promise<void>;

const pageSize = 500;
const longestPauseMs = 30_000;

/**
 * Builds the reader of feeds. Items and cursor are stored in one transaction and delivered after it, so that a crash
 * between the two leaves open rows for the sweeper. A partner's fault is waited out here, longer each time.
 */
export function createPollFeed(dependencies: FeedDependencies): PollFeed {
  const { connections, intake, door, log, pause, signal, idleMs, faultPoint = noFaults } = dependencies;

  async function readPage(
    connection_id: string,
    feed: FeedName,
  ): Promise<{ rows: InboxRow[]; more: boolean; items: number }> {
    const feed_id = `feed/${connection_id}/${feed}`;
    const connection = await connections.byId(connection_id);
    const cursor = await intake.cursor(feed_id);
    const options = { cursor, limit: pageSize, signal: signal() };
    if (feed === 'shipment_confirmation') {
      const page = await connection.pull(feed, options);
      if (page.items.length === 0) return { rows: [], more: false, items: 0 };
      const position: FeedPosition = { feed_id, connection_id, cursor: page.cursor };
      const rows = await intake.fulfillmentEvents(
        position,
        page.items.map((item) => ({
          reference: item.reference,
          event: {
            event_id: item.event_id,
            type: item.type,
            at: item.at,
            lines: item.lines,
            parcels: (item.parcels ?? []).map((parcel) => ({
              parcel_id: parcel.parcel_id,
              weight_grams: parcel.weight_grams,
              length_mm: parcel.length_mm ?? null,
              width_mm: parcel.width_mm ?? null,
              height_mm: parcel.height_mm ?? null,
            })),
          },
        })),
      );
      return { rows, more: page.more, items: page.items.length };
    }
    const page = await connection.pull(feed, options);
    if (page.items.length === 0) return { rows: [], more: false, items: 0 };
    for (const [code, count] of Object.entries(page.unknown_codes))
      log.warn({ connection_id, code, count }, 'unknown tracking code');
    const rows = await intake.trackingEvents(
      { feed_id, connection_id, cursor: page.cursor },
      page.items.map((item) => ({
        event_id: item.event_id,
        reference: item.reference ?? null,
        carrier: connection_id,
        tracking_number: item.tracking_number,
        milestone: item.milestone,
        code: item.code,
        text: item.text,
        reason: item.reason ?? null,
        at: item.at,
        place: item.place?.city ?? null,
        raw: item.raw,
      })),
    );
    return { rows, more: page.more, items: page.items.length };
  }

  return async ({ connection_id, feed, until }) => {
    let failures = 0;
    while (new Date().toISOString() < until && !signal().aborted) {
      try {
        const { rows, more } = await readPage(connection_id, feed);
        if (rows.length > 0) await faultPoint(`feed.${feed}.after_commit`);
        await door.deliver(rows);
        failures = 0;
        if (!more) await pause(idleMs);
      } catch (error) {
        if (signal().aborted) return;
        failures += 1;
        const kind = error instanceof ConnectorFault ? error.kind : 'error';
        log.warn({ connection_id, feed, failures, kind, err: error }, 'feed not read');
        await pause(Math.min(longestPauseMs, idleMs * 2 ** Math.min(failures, 10)));
      }
    }
  };
}
