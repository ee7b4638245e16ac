import type { Milestone, TrackingEvent } from './schema';

/** Ranks of the canonical milestones; a parcel's state is the highest that its log supports. */
export const milestoneRank: Readonly<Record<Milestone, number>> = {
  UNKNOWN: 0,
  LABEL_CREATED: 10,
  PICKED_UP: 20,
  IN_TRANSIT: 30,
  ARRIVED_AT_HUB: 35,
  CUSTOMS: 37,
  AT_DELIVERY_DEPOT: 40,
  OUT_FOR_DELIVERY: 50,
  AVAILABLE_FOR_PICKUP: 55,
  DELIVERY_ATTEMPTED: 60,
  DELIVERED: 70,
  RETURN_TO_SENDER: 80,
  RETURNED: 85,
  CANCELLED: 90,
};

/** A parcel's state as its whole log tells it. `at` is the event time of the milestone; ISO 8601 UTC. */
export interface ParcelState {
  milestone: Milestone;
  at: string | null;
  tracking_event_id: string | null;
}

type Folded = Pick<TrackingEvent, 'milestone' | 'at' | 'tracking_event_id'>;

/** By event time; at the same instant by rank, then by id, so that no two events stand in the order of their arrival. */
function byEventTime(a: Folded, b: Folded): number {
  if (a.at !== b.at) return a.at < b.at ? -1 : 1;
  const ranks = milestoneRank[a.milestone] - milestoneRank[b.milestone];
  return ranks === 0 ? (a.tracking_event_id < b.tracking_event_id ? -1 : 1) : ranks;
}

/**
 * The state of a parcel as a pure function of its log, whatever order events arrived in. Events from before `notBefore`
 * (when the order was placed: a shipment may be opened again after a restore, its order is placed once) belong to an
 * earlier parcel with a re-used number and do not count; a carrier's "delivered" after a return to the
 * sender means returned; what is delivered stays delivered; unknown codes change nothing.
 */
export function parcelState(events: readonly Folded[], notBefore: string | null): ParcelState {
  const ordered = events
    .filter((event) => event.milestone !== 'UNKNOWN' && (notBefore === null || event.at >= notBefore))
    .toSorted(byEventTime);
  return ordered.reduce<ParcelState>(
    (state, event) => {
      if (state.milestone === 'DELIVERED' || state.milestone === 'CANCELLED') return state;
      const returning = state.milestone === 'RETURN_TO_SENDER' || state.milestone === 'RETURNED';
      const milestone = returning && event.milestone === 'DELIVERED' ? 'RETURNED' : event.milestone;
      if (milestoneRank[milestone] <= milestoneRank[state.milestone]) return state;
      return { milestone, at: event.at, tracking_event_id: event.tracking_event_id };
    },
    { milestone: 'UNKNOWN', at: null, tracking_event_id: null },
  );
}
