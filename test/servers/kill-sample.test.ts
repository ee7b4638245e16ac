import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { createStage, failures, playAll } from '../chaos/matrix';
import { forgottenCapture, replay, resets, terminations } from '../chaos/other-kills';
import type { Scenario, Stage } from '../chaos/scenario';
import { controlDecide, controlFindFirst, controlSettle, lateApply, lostAnswers, setBacks } from '../chaos/set-back';
import { killAt, noteAndKillAt } from '../chaos/worker-kills';
import { sharedServers } from '../stack/shared-servers';

/** A sample of the kill matrix; `npm run chaos -- skeleton` plays it whole. */
const sample: Scenario[] = [
  killAt({ point: 'order.persist.before_commit', onCall: 1 }),
  killAt({ point: 'order.persist.after_commit', onCall: 1 }),
  killAt({ point: 'order.persist.returning', onCall: 1 }),
  killAt({ point: 'order.reserve.after_commit', onCall: 1 }),
  killAt({ point: 'shipment.book.before_call', onCall: 1 }),
  killAt({ point: 'shipment.book.after_call', onCall: 1 }),
  killAt({ point: 'capture.after_call', onCall: 1 }),
  noteAndKillAt({ point: 'order.persist.after_commit', onCall: 2 }),
  noteAndKillAt({ point: 'shipment.announce.after_call', onCall: 1 }),
  ...lostAnswers.filter(({ name }) => name === 'shipment.book: cut_after_apply' || name === 'capture: cut_after_apply'),
  lateApply,
  forgottenCapture,
  ...terminations.slice(2, 3),
  ...resets.slice(0, 1),
  ...setBacks.filter(({ name }) => name.endsWith('shipment.book.before_call')),
  controlFindFirst,
  controlSettle,
  controlDecide,
];

let stages: Stage[];

beforeAll(async () => {
  const servers = await sharedServers();
  stages = await Promise.all([createStage(servers, 'kill-sample-1'), createStage(servers, 'kill-sample-2')]);
});

afterAll(async () => {
  await Promise.all(stages.map((stage) => stage.hub.close()));
});

test(
  'an order survives each kill of the sample, and each control that leaves a rule out is seen to break',
  async () => {
    const outcomes = await playAll(sample, stages, () => undefined);
    expect(
      failures(outcomes).map(({ scenario, found }) => `${scenario.group}: ${scenario.name}: ${found.join('; ')}`),
    ).toEqual([]);
  },
  25 * 60_000,
);

test('the code of now replays every history of the sample', async () => {
  for (const stage of stages) expect(await replay.run(stage)).toEqual([]);
});
