import { firstProblem } from '../order/phases';
import type { FulfillmentStage, WaitingFor } from '../order/schema';
import type { Shipment } from './schema';

type Facts = Omit<Shipment, 'fulfillment_stage' | 'stage_since' | 'waiting_for' | 'waiting_until'>;

const stagePredicates: readonly (readonly [FulfillmentStage, (shipment: Facts) => boolean])[] = [
  ['delivered', (shipment) => shipment.delivered_at !== null],
  ['in_transit', (shipment) => shipment.in_transit_at !== null],
  ['handed_off', (shipment) => shipment.handed_off_at !== null],
  ['labelled', (shipment) => shipment.labelled_at !== null],
  ['packed', (shipment) => shipment.packed_at !== null],
  ['picked', (shipment) => shipment.lines.every((line) => line.picked === line.quantity)],
  ['picking', (shipment) => shipment.lines.some((line) => line.picked > 0)],
  ['released', (shipment) => shipment.released_at !== null],
  ['allocated', () => true],
];

/** The shipment's stage: the first predicate of the table that holds. */
export function shipmentStage(shipment: Facts): FulfillmentStage {
  return stagePredicates.find(([, holds]) => holds(shipment))?.[0] ?? 'allocated';
}

const usual: Partial<Record<FulfillmentStage, WaitingFor>> = {
  allocated: 'warehouse',
  released: 'warehouse',
  picking: 'warehouse',
  picked: 'warehouse',
  packed: 'carrier',
  labelled: 'hub',
  handed_off: 'carrier',
  in_transit: 'carrier',
};

/** For whom the shipment waits and until when; nulls when it is delivered. */
export function shipmentWaiting(shipment: Facts): { waiting_for: WaitingFor | null; waiting_until: string | null } {
  const problem = firstProblem(shipment.problems);
  if (problem) return { waiting_for: problem.waiting_for, waiting_until: problem.until };
  const stage = shipmentStage(shipment);
  const moving = stage === 'handed_off' || stage === 'in_transit';
  return { waiting_for: usual[stage] ?? null, waiting_until: moving ? shipment.estimated_delivery_at : null };
}
