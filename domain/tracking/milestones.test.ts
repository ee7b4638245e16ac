import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { at } from '../../test/domain/aggregate';
import { milestoneRank, parcelState } from './milestones';
import { milestoneSchema, type Milestone } from './schema';

const shippedAt = at(0);
const event = fc.record({
  milestone: fc.constantFrom(...milestoneSchema.options),
  // Few instants, so that several events fall on the same one.
  at: fc.integer({ min: -3, max: 8 }).map(at),
});
const log = fc
  .array(event, { maxLength: 12 })
  .map((events) => events.map((given, index) => ({ ...given, tracking_event_id: `c/${String(index)}` })));

const scan = (milestone: Milestone, seconds: number) => ({
  milestone,
  at: at(seconds),
  tracking_event_id: `${milestone}@${String(seconds)}`,
});

test('the order in which events arrive makes no difference', () => {
  fc.assert(
    fc.property(
      log.chain((events) => fc.tuple(fc.constant(events), fc.shuffledSubarray(events, { minLength: events.length }))),
      ([events, shuffled]) => {
        expect(parcelState(shuffled, shippedAt)).toEqual(parcelState(events, shippedAt));
      },
    ),
    { numRuns: 1000 },
  );
});

test('an event that is repeated changes nothing', () => {
  fc.assert(
    fc.property(log, (events) => {
      expect(parcelState([...events, ...events], shippedAt)).toEqual(parcelState(events, shippedAt));
    }),
  );
});

test('what is delivered stays delivered, whatever is said of a later time', () => {
  fc.assert(
    fc.property(log, fc.array(event, { maxLength: 6 }), (events, more) => {
      const state = parcelState(events, shippedAt);
      fc.pre(state.milestone === 'DELIVERED');
      const later = more.map((given, index) => ({
        ...given,
        at: at(100 + index),
        tracking_event_id: `late/${String(index)}`,
      }));
      expect(parcelState([...events, ...later], shippedAt)).toEqual(state);
    }),
  );
});

test('events from before the ship date are another parcel’s: its number was used before', () => {
  fc.assert(
    fc.property(log, (events) => {
      expect(parcelState(events, shippedAt)).toEqual(
        parcelState(
          events.filter((given) => given.at >= shippedAt),
          null,
        ),
      );
    }),
  );
  expect(parcelState([scan('DELIVERED', -1)], shippedAt)).toEqual({
    milestone: 'UNKNOWN',
    at: null,
    tracking_event_id: null,
  });
});

test('a state is always one of an event in the log, or nothing at all', () => {
  fc.assert(
    fc.property(log, (events) => {
      const state = parcelState(events, shippedAt);
      const source = events.find((given) => given.tracking_event_id === state.tracking_event_id);
      if (state.milestone === 'UNKNOWN') expect(source).toBeUndefined();
      else expect(source?.at).toBe(state.at);
    }),
  );
});

test('after a return to the sender a carrier’s “delivered” means returned', () => {
  const turned = [
    scan('OUT_FOR_DELIVERY', 1),
    scan('RETURN_TO_SENDER', 2),
    scan('IN_TRANSIT', 3),
    scan('DELIVERED', 4),
  ];
  expect(parcelState(turned, shippedAt)).toEqual({
    milestone: 'RETURNED',
    at: at(4),
    tracking_event_id: 'DELIVERED@4',
  });
  expect(parcelState(turned.toReversed(), shippedAt).milestone).toBe('RETURNED');
});

test.each<[string, ReturnType<typeof scan>[], Milestone]>([
  ['delivered before shipped', [scan('DELIVERED', 9), scan('PICKED_UP', 2), scan('IN_TRANSIT', 5)], 'DELIVERED'],
  ['delivered, then in transit', [scan('DELIVERED', 5), scan('IN_TRANSIT', 6)], 'DELIVERED'],
  ['backwards through the network', [scan('AT_DELIVERY_DEPOT', 5), scan('ARRIVED_AT_HUB', 6)], 'AT_DELIVERY_DEPOT'],
  ['a code that nobody knows', [scan('IN_TRANSIT', 5), scan('UNKNOWN', 6)], 'IN_TRANSIT'],
  ['attempted, then delivered', [scan('DELIVERY_ATTEMPTED', 5), scan('DELIVERED', 6)], 'DELIVERED'],
  ['nothing', [], 'UNKNOWN'],
])('%s', (_name, events, milestone) => {
  expect(parcelState(events, shippedAt).milestone).toBe(milestone);
});

test('each milestone has a rank of its own', () => {
  expect(Object.keys(milestoneRank).toSorted()).toEqual(milestoneSchema.options.toSorted());
  expect(new Set(Object.values(milestoneRank)).size).toBe(milestoneSchema.options.length);
});
