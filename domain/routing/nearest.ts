import type { Coordinates } from '../values-schema';

/** Units of one order line that still need a source. */
export interface Demand {
  line_id: string;
  sku: string;
  quantity: number;
}

/** A location that may serve the order, with what it can still promise per sku, in units. */
export interface Source {
  location_id: string;
  coordinates: Coordinates;
  available: Readonly<Record<string, number>>;
}

/** What one location is to ship. */
export interface Assignment {
  location_id: string;
  distance_km: number | null;
  lines: Demand[];
}

/** A plan and what it leaves short. */
export interface RoutingPlan {
  assignments: Assignment[];
  short: Demand[];
}

/** How a plan is made: demands, sources, the destination where it is known, and at most this many shipments. */
export type Router = (problem: {
  demands: readonly Demand[];
  sources: readonly Source[];
  destination: Coordinates | null;
  max_shipments: number;
}) => RoutingPlan;

const earthRadiusKm = 6371;
const radians = (degrees: number): number => (degrees * Math.PI) / 180;

/** Great-circle distance in kilometres (haversine). */
export function distanceKm(a: Coordinates, b: Coordinates): number {
  const h =
    Math.sin(radians(b.lat - a.lat) / 2) ** 2 +
    Math.cos(radians(a.lat)) * Math.cos(radians(b.lat)) * Math.sin(radians(b.lng - a.lng) / 2) ** 2;
  return 2 * earthRadiusKm * Math.asin(Math.min(1, Math.sqrt(h)));
}

function take(source: Source, demands: readonly Demand[]): { taken: Demand[]; left: Demand[] } {
  const remaining = new Map<string, number>();
  const taken: Demand[] = [];
  const left: Demand[] = [];
  for (const demand of demands) {
    const available = remaining.get(demand.sku) ?? source.available[demand.sku] ?? 0;
    const quantity = Math.min(available, demand.quantity);
    remaining.set(demand.sku, available - quantity);
    if (quantity > 0) taken.push({ ...demand, quantity });
    if (quantity < demand.quantity) left.push({ ...demand, quantity: demand.quantity - quantity });
  }
  return { taken, left };
}

/**
 * The nearest location that has everything; where none has, nearest first, line by line, over at most `max_shipments`
 * locations, and the rest is short. Ties and an unknown destination are broken by location id, so that the same
 * question gets the same answer. One sku on two lines is counted once against its stock.
 */
export const nearestFirst: Router = ({ demands, sources, destination, max_shipments }) => {
  const byDistance = sources
    .map((source) => ({ source, km: destination ? distanceKm(source.coordinates, destination) : null }))
    .toSorted((a, b) => (a.km ?? 0) - (b.km ?? 0) || (a.source.location_id < b.source.location_id ? -1 : 1));
  const rounded = (km: number | null): number | null => (km === null ? null : Math.round(km * 10) / 10);

  const whole = byDistance.find(({ source }) => take(source, demands).left.length === 0);
  if (whole && max_shipments > 0) {
    const { location_id } = whole.source;
    return { assignments: [{ location_id, distance_km: rounded(whole.km), lines: [...demands] }], short: [] };
  }
  const assignments: Assignment[] = [];
  let short = [...demands];
  for (const { source, km } of byDistance) {
    if (assignments.length === max_shipments) break;
    const { taken, left } = take(source, short);
    if (taken.length === 0) continue;
    assignments.push({ location_id: source.location_id, distance_km: rounded(km), lines: taken });
    short = left;
  }
  return { assignments, short };
};
