import { shipmentWorkflowId } from '../domain/order/ids';
import type { FulfillmentEvent } from '../domain/shipment/decide';
import type { TrackingUpdate } from '../domain/shipment/events';
import { milestoneRank, parcelState } from '../domain/tracking/milestones';
import type { TrackingEvent } from '../domain/tracking/schema';
import type { Session, Store } from './connect';
import type { InboxRow } from './rows';

/** One carrier event as it came in. `reference` is our shipment where the carrier gives it back. */
export type ReceivedTrackingEvent = Omit<TrackingEvent, 'shipment_id' | 'received_at' | 'tracking_event_id'> & {
  event_id: string;
  reference: string | null;
};

/** Takes in what feeds give: items and the cursor behind them are stored in one transaction. */
export interface Intake {
  cursor(feedId: string): Promise<string | null>;
  /** Stores what a warehouse reports, each report once, and answers the rows to deliver. */
  fulfillmentEvents(
    feed: FeedPosition,
    items: readonly { reference: string; event: FulfillmentEvent }[],
  ): Promise<InboxRow[]>;
  /** Appends carrier events to their parcels' logs, each once, and answers rows for the milestones that changed. */
  trackingEvents(feed: FeedPosition, items: readonly ReceivedTrackingEvent[]): Promise<InboxRow[]>;
}

/** Where a feed stands after the items at hand: `feed/{connection_id}/{feed}` and the cursor behind them. */
export interface FeedPosition {
  feed_id: string;
  connection_id: string;
  cursor: string;
}

/** Builds the intake. */
export function createIntake(store: Store, now: () => Date = () => new Date()): Intake {
  async function setCursor(session: Session, feed: FeedPosition): Promise<void> {
    await store.feed_cursors.updateOne(
      { _id: feed.feed_id },
      { $set: { cursor: feed.cursor, at: now().toISOString() } },
      { session, upsert: true },
    );
  }

  /** Inserts rows that are not there yet; a report that was taken in before keeps its row as it is. */
  async function insertRows(session: Session, rows: readonly InboxRow[]): Promise<void> {
    if (rows.length === 0) return;
    await store.inbox.bulkWrite(
      rows.map((row) => {
        const { _id, ...fields } = row;
        return { updateOne: { filter: { _id }, update: { $setOnInsert: fields }, upsert: true } };
      }),
      { session, ordered: false },
    );
  }

  /** A report's row. Its id names the connection that gave the event, which may not be the one whose page is at hand. */
  function row(
    feed: FeedPosition,
    event: string,
    shipmentId: string,
    kind: string,
    body: unknown,
    at: string,
  ): InboxRow {
    return {
      _id: `scan/${event}`,
      to: shipmentId,
      workflow_id: shipmentWorkflowId(shipmentId),
      kind,
      body,
      actor: { kind: 'partner', id: feed.connection_id },
      done: false,
      at,
    };
  }

  /** Whose parcel it is: by our reference, else by the tracking number. Events of unknown parcels are left out. */
  async function shipmentsOf(session: Session, items: readonly ReceivedTrackingEvent[]): Promise<Map<string, string>> {
    const numbers = [
      ...new Set(items.filter((item) => !item.reference?.startsWith('shp_')).map((item) => item.tracking_number)),
    ];
    const found =
      numbers.length === 0
        ? []
        : await store.shipments
            .find({ 'parcels.tracking_number': { $in: numbers } }, { session })
            .project<{ _id: string; parcels: { tracking_number: string | null }[] }>({ parcels: 1 })
            .toArray();
    const owners = new Map(
      found.flatMap((s) => s.parcels.map((p): [string, string] => [p.tracking_number ?? '', s._id])),
    );
    return new Map(
      items.flatMap((item): [string, string][] => {
        const owner = item.reference?.startsWith('shp_')
          ? item.reference.split('/')[0]
          : owners.get(item.tracking_number);
        return owner === undefined ? [] : [[item.tracking_number, owner]];
      }),
    );
  }

  return {
    async cursor(feedId) {
      return (await store.feed_cursors.findOne({ _id: feedId }))?.cursor ?? null;
    },

    fulfillmentEvents: (feed, items) =>
      store.transaction(async (session) => {
        const at = now().toISOString();
        const rows = items
          .filter((item) => item.reference.startsWith('shp_'))
          .map(({ reference, event }) =>
            row(feed, `${feed.connection_id}/${event.event_id}`, reference, 'fulfillment_event', event, at),
          );
        await insertRows(session, rows);
        await setCursor(session, feed);
        return rows;
      }),

    trackingEvents: (feed, items) =>
      store.transaction(async (session) => {
        const received_at = now().toISOString();
        const owners = await shipmentsOf(session, items);
        const known = items.filter((item) => owners.has(item.tracking_number));
        if (known.length > 0) {
          await store.tracking_events.bulkWrite(
            known.map(({ event_id, reference: _reference, ...item }) => {
              const tracking_event_id = `${feed.connection_id}/${event_id}`;
              const event: TrackingEvent = {
                ...item,
                tracking_event_id,
                shipment_id: owners.get(item.tracking_number) ?? '',
                received_at,
              };
              return {
                updateOne: { filter: { _id: tracking_event_id }, update: { $setOnInsert: event }, upsert: true },
              };
            }),
            { session, ordered: false },
          );
        }
        const rows = await milestoneRows(session, feed, owners, received_at);
        await insertRows(session, rows);
        await setCursor(session, feed);
        return rows;
      }),
  };

  /** A row for each parcel whose state, folded anew from its whole log, is further than its shipment has on record. */
  async function milestoneRows(
    session: Session,
    feed: FeedPosition,
    owners: Map<string, string>,
    at: string,
  ): Promise<InboxRow[]> {
    const numbers = [...owners.keys()];
    if (numbers.length === 0) return [];
    const log = await store.tracking_events.find({ tracking_number: { $in: numbers } }, { session }).toArray();
    const shipments = await store.shipments
      .find({ _id: { $in: [...new Set(owners.values())] } }, { session })
      .toArray();
    return numbers.flatMap((tracking_number) => {
      const shipment = shipments.find((candidate) => candidate._id === owners.get(tracking_number));
      const events = log.filter((event) => event.tracking_number === tracking_number);
      const state = parcelState(events, shipment?.order_placed_at ?? null);
      const parcel = shipment?.parcels.find((candidate) => candidate.tracking_number === tracking_number);
      if (state.tracking_event_id === null || state.at === null) return [];
      if (parcel && milestoneRank[state.milestone] <= milestoneRank[parcel.milestone]) return [];
      const body: TrackingUpdate = {
        tracking_number,
        tracking_event_id: state.tracking_event_id,
        milestone: state.milestone,
        at: state.at,
      };
      return [row(feed, state.tracking_event_id, owners.get(tracking_number) ?? '', 'tracking', body, at)];
    });
  }
}
