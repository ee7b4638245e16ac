import { nextOfOrder, type OrderFacts } from '../domain/order/facts';
import { describeWait } from './describe';
import { drive, type Machine } from './drive';
import type { StartArgument } from './messages';

const machine: Machine<OrderFacts> = {
  entity: 'order',
  next: nextOfOrder,
  perform: () => Promise.reject(new Error('An order has no effects of its own.')),
  attributes: (facts) => ({
    OrderId: facts.id,
    ChannelId: facts.channel_id,
    Status: facts.status,
    Stage: facts.stage,
    CustomerId: facts.customer_id,
    WaitingFor: facts.waiting_for,
    Carrier: facts.carriers[0] ?? null,
    Problem: facts.problems.map((problem) => problem.code),
    LocationId: facts.location_ids,
    StageSince: facts.stage_since,
    WaitUntil: facts.waiting_until,
  }),
  details: (facts) => describeWait(`Order ${facts.id}`, facts),
};

/** Owns an order for its whole life, from capture to the end of its return window. */
export async function orderWorkflow(argument: StartArgument): Promise<'ended' | 'unknown'> {
  return drive(machine, argument);
}
