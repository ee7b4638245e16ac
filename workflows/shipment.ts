import { proxyActivities } from '@temporalio/workflow';
import type { Activities } from '../activities/activities';
import { nextOfShipment, type ShipmentEffect, type ShipmentFacts } from '../domain/shipment/facts';
import { describeWait } from './describe';
import { drive, type Machine } from './drive';
import type { StartArgument } from './messages';

/** One round of an effect: retried within it, then it becomes a problem and waits for the next round. */
const effects = proxyActivities<Activities>({
  startToCloseTimeout: '60s',
  heartbeatTimeout: '5s',
  scheduleToCloseTimeout: '3 minutes',
  retry: { initialInterval: '500ms', backoffCoefficient: 2, maximumInterval: '30s' },
});

const activityOf: Readonly<
  Record<
    ShipmentEffect,
    {
      activity: 'releaseToWarehouse' | 'buyLabel' | 'announceShipment' | 'capturePayment' | 'pushInvoice';
      summary: string;
    }
  >
> = {
  release: { activity: 'releaseToWarehouse', summary: 'Ask the warehouse to pick and pack' },
  label: { activity: 'buyLabel', summary: 'Buy the label' },
  announce: { activity: 'announceShipment', summary: 'Tell the sales channel, with tracking numbers' },
  capture: { activity: 'capturePayment', summary: "Capture this shipment's share of the payment" },
  invoice: { activity: 'pushInvoice', summary: "Book this shipment's invoice" },
};

const machine: Machine<ShipmentFacts> = {
  entity: 'shipment',
  next: nextOfShipment,
  perform(step, argument) {
    const { activity, summary } = activityOf[step.name as ShipmentEffect];
    return effects[activity].executeWithOptions({ summary }, [argument]);
  },
  attributes: (facts) => ({
    OrderId: facts.order_id,
    ChannelId: facts.channel_id,
    Status: null,
    Stage: facts.stage,
    CustomerId: null,
    WaitingFor: facts.waiting_for,
    Carrier: facts.carrier,
    Problem: facts.problems.map((problem) => problem.code),
    LocationId: [facts.location_id],
    StageSince: facts.stage_since,
    WaitUntil: facts.waiting_until,
  }),
  details: (facts) => describeWait(`Shipment ${facts.id}`, facts),
};

/** Owns a shipment from its opening to its delivery. */
export async function shipmentWorkflow(argument: StartArgument): Promise<'ended' | 'unknown'> {
  return drive(machine, argument);
}
