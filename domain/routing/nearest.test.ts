import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { destination, source } from '../../test/domain/aggregate';
import { distanceKm, nearestFirst, type Demand, type RoutingPlan, type Source } from './nearest';

const skus = ['TEE', 'CAP', 'MUG'];
const quantity = fc.integer({ min: 1, max: 9 });

const demands = fc
  .array(fc.record({ sku: fc.constantFrom(...skus), quantity }), { minLength: 1, maxLength: 6 })
  .map((lines): Demand[] => lines.map((line, index) => ({ ...line, line_id: String(index + 1) })));

const sources = fc
  .array(
    fc.record({
      lat: fc.integer({ min: -60, max: 60 }),
      lng: fc.integer({ min: -170, max: 170 }),
      available: fc.dictionary(fc.constantFrom(...skus), fc.nat({ max: 20 }), { noNullPrototype: true }),
    }),
    { maxLength: 6 },
  )
  .map((list): Source[] =>
    list.map(({ lat, lng, available }, index) => ({
      location_id: `loc_${String(index)}`,
      coordinates: { lat, lng, accuracy: 'exact' },
      available,
    })),
  );

const place = fc.option(
  fc.record({ lat: fc.integer({ min: -80, max: 80 }), lng: fc.integer({ min: -180, max: 180 }) }),
  { nil: null },
);

const problem = fc.record({
  demands,
  sources,
  destination: place.map((known) => known && { ...known, accuracy: 'city' as const }),
  max_shipments: fc.integer({ min: 0, max: 4 }),
});

type Problem = Parameters<typeof nearestFirst>[0];

function planned(plan: RoutingPlan, of: { line_id?: string; sku?: string; location_id?: string }): number {
  return plan.assignments
    .filter((assignment) => of.location_id === undefined || assignment.location_id === of.location_id)
    .flatMap((assignment) => assignment.lines)
    .filter(
      (line) =>
        (of.line_id === undefined || line.line_id === of.line_id) && (of.sku === undefined || line.sku === of.sku),
    )
    .reduce((sum, line) => sum + line.quantity, 0);
}

function hasAll(candidate: Source, wanted: readonly Demand[]): boolean {
  return skus.every((sku) => {
    const needed = wanted.filter((demand) => demand.sku === sku).reduce((sum, demand) => sum + demand.quantity, 0);
    return (candidate.available[sku] ?? 0) >= needed;
  });
}

function always(holds: (given: Problem, plan: RoutingPlan) => void): void {
  fc.assert(
    fc.property(problem, (given) => {
      holds(given, nearestFirst(given));
    }),
    { numRuns: 500 },
  );
}

test('what is planned and what is short are together exactly what was asked for, line by line', () => {
  always((given, plan) => {
    for (const { line_id, quantity: asked } of given.demands) {
      const short = plan.short.filter((line) => line.line_id === line_id).reduce((sum, line) => sum + line.quantity, 0);
      expect(planned(plan, { line_id }) + short).toBe(asked);
    }
    const parts = [...plan.assignments.flatMap((assignment) => assignment.lines), ...plan.short];
    expect(parts.every((line) => line.quantity > 0)).toBe(true);
  });
});

test('no location is asked for more of a sku than it has, also when two lines ask for the same one', () => {
  always((given, plan) => {
    for (const { location_id, available } of given.sources) {
      for (const sku of skus) expect(planned(plan, { location_id, sku })).toBeLessThanOrEqual(available[sku] ?? 0);
    }
  });
});

test('a plan has at most the allowed shipments, one for each location, and none is empty', () => {
  always((given, plan) => {
    expect(plan.assignments.length).toBeLessThanOrEqual(given.max_shipments);
    expect(new Set(plan.assignments.map((assignment) => assignment.location_id)).size).toBe(plan.assignments.length);
    expect(plan.assignments.every((assignment) => assignment.lines.length > 0)).toBe(true);
  });
});

test('the nearest location that has everything ships alone, whatever lies nearer with a part of it', () => {
  always((given, plan) => {
    const complete = given.sources.filter((candidate) => hasAll(candidate, given.demands));
    if (complete.length === 0 || given.max_shipments === 0) return;
    expect(plan.short).toEqual([]);
    expect(plan.assignments).toHaveLength(1);
    const to = given.destination;
    if (!to) return;
    const chosen = complete.find((candidate) => candidate.location_id === plan.assignments[0]?.location_id);
    const nearest = Math.min(...complete.map((candidate) => distanceKm(candidate.coordinates, to)));
    expect(distanceKm(chosen!.coordinates, to)).toBe(nearest);
  });
});

test('nothing is short while an allowed location still has it', () => {
  always((given, plan) => {
    if (plan.assignments.length >= given.max_shipments) return;
    for (const { sku } of plan.short) {
      const everywhere = given.sources.reduce((sum, candidate) => sum + (candidate.available[sku] ?? 0), 0);
      expect(planned(plan, { sku })).toBe(everywhere);
    }
  });
});

test('the same question gets the same answer, in whatever order the locations are given', () => {
  fc.assert(
    fc.property(problem, fc.infiniteStream(fc.nat()), (given, numbers) => {
      const shuffled = given.sources
        .map((candidate) => ({ candidate, key: numbers.next().value as number }))
        .toSorted((a, b) => a.key - b.key)
        .map(({ candidate }) => candidate);
      expect(nearestFirst({ ...given, sources: shuffled })).toEqual(nearestFirst(given));
    }),
  );
});

test('one sku on two lines is counted once against its stock', () => {
  const lines = [
    { line_id: '1', sku: 'TEE', quantity: 3 },
    { line_id: '2', sku: 'TEE', quantity: 3 },
  ];
  const plan = nearestFirst({
    demands: lines,
    sources: [source('loc_near', { TEE: 4 })],
    destination,
    max_shipments: 3,
  });
  expect(planned(plan, { sku: 'TEE' })).toBe(4);
  expect(plan.short).toEqual([{ line_id: '2', sku: 'TEE', quantity: 2 }]);
});

test('a shipment says how far it goes, in kilometres; nobody knows how far where the place is unknown', () => {
  const given = {
    demands: [{ line_id: '1', sku: 'TEE', quantity: 1 }],
    sources: [source('loc_near', { TEE: 1 })],
    max_shipments: 1,
  };
  expect(nearestFirst({ ...given, destination }).assignments[0]?.distance_km).toBeCloseTo(255, -1);
  expect(nearestFirst({ ...given, destination: null }).assignments[0]?.distance_km).toBeNull();
});
