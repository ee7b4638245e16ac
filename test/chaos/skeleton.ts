import {
  apiKills,
  cancellations,
  captureWithoutTemporal,
  forgottenCapture,
  mongodKills,
  personalData,
  replay,
  resets,
  temporalKills,
  terminations,
  wakeAfterClose,
} from './other-kills';
import type { Scenario, Stage } from './scenario';
import { controlDecide, controlFindFirst, controlSettle, lateApply, lostAnswers, setBacks } from './set-back';
import { supervisorKills } from './supervisor-kills';
import { killAt, noteAndKillAt, tracePassages } from './worker-kills';

/** Every way to hurt the path from capture to close: a kill at each point passed, alone and with a note in between, and the rest. */
export async function skeletonScenarios(stage: Stage): Promise<Scenario[]> {
  const passages = await tracePassages(stage);
  return [
    ...passages.map(killAt),
    ...passages.map(noteAndKillAt),
    ...lostAnswers,
    lateApply,
    ...apiKills,
    forgottenCapture,
    ...terminations,
    ...cancellations,
    ...resets,
    wakeAfterClose,
    ...setBacks,
    controlFindFirst,
    controlSettle,
    controlDecide,
    ...mongodKills,
    ...temporalKills,
    captureWithoutTemporal,
    ...supervisorKills,
    { ...replay, exclusive: true },
    { ...personalData, exclusive: true },
  ];
}
