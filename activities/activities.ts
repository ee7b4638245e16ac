import { activityInfo, Context } from '@temporalio/activity';
import type { ShipmentEffect } from '../domain/shipment/facts';
import type { Logger } from '../platform/log';
import { guarded } from './failures';
import type { PollFeed } from './feeds';
import type { WorkflowPersist } from './persist';
import type { PerformShipmentEffect } from './shipment-effects';
import type { Sweep } from './sweep';

/** The activities, each an outcome that a workflow asks for; names are what operators read in the Temporal UI. */
export interface Activities {
  persist: WorkflowPersist['run'];
  releaseToWarehouse: (argument: EffectArgument) => ReturnType<PerformShipmentEffect>;
  buyLabel: (argument: EffectArgument) => ReturnType<PerformShipmentEffect>;
  announceShipment: (argument: EffectArgument) => ReturnType<PerformShipmentEffect>;
  capturePayment: (argument: EffectArgument) => ReturnType<PerformShipmentEffect>;
  pushInvoice: (argument: EffectArgument) => ReturnType<PerformShipmentEffect>;
  pollFeed: PollFeed;
  sweep: Sweep;
}

/** Which shipment, and the workflow's time (ISO 8601 UTC). */
export interface EffectArgument {
  id: string;
  at: string;
}

const heartbeatEveryMs = 1_000;

/** Assembles the activities of a worker. */
export function createActivities(parts: {
  workflowPersist: WorkflowPersist;
  performShipmentEffect: PerformShipmentEffect;
  pollFeed: PollFeed;
  sweep: Sweep;
  log: Logger;
}): Activities {
  const onError = (error: unknown): void => {
    const { activityType, attempt, workflowExecution } = activityInfo();
    parts.log.error(
      { activity: activityType, attempt, workflow_id: workflowExecution?.workflowId, err: error },
      'activity failed',
    );
  };
  /** Remote activities say that they live, so that a killed worker's are taken up within seconds. */
  const alive = async <Result>(work: () => Promise<Result>): Promise<Result> => {
    const timer = setInterval(() => {
      Context.current().heartbeat();
    }, heartbeatEveryMs);
    try {
      return await work();
    } finally {
      clearInterval(timer);
    }
  };
  const effect = (name: ShipmentEffect): Activities['buyLabel'] =>
    guarded((argument: EffectArgument) => alive(() => parts.performShipmentEffect(name, argument)), onError);
  return {
    persist: guarded(parts.workflowPersist.run, onError),
    releaseToWarehouse: effect('release'),
    buyLabel: effect('label'),
    announceShipment: effect('announce'),
    capturePayment: effect('capture'),
    pushInvoice: effect('invoice'),
    pollFeed: guarded((feed) => alive(() => parts.pollFeed(feed)), onError),
    sweep: guarded((last) => alive(() => parts.sweep(last)), onError),
  };
}
