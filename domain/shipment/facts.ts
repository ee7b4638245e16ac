import type { FactsBase, Next, Step } from '../decider';
import type { Problem, ProblemCode } from '../order/schema';
import type { Shipment } from './schema';

/** Steps of a shipment that are effects on a partner. */
export type ShipmentEffect = 'release' | 'label' | 'announce' | 'capture' | 'invoice';

/** A shipment's own steps: its effects, and the handoff that the store decides. */
export type ShipmentStepName = ShipmentEffect | 'handoff';

/** The problem that a failed effect becomes. */
export const problemOfEffect: Readonly<Record<ShipmentEffect, ProblemCode>> = {
  release: 'RELEASE_FAILED',
  label: 'LABEL_FAILED',
  announce: 'ANNOUNCE_FAILED',
  capture: 'CAPTURE_FAILED',
  invoice: 'INVOICE_FAILED',
};

/** What a shipment's workflow knows of its shipment: enough to choose the next step and to show where it stands. */
export interface ShipmentFacts extends FactsBase {
  order_id: string;
  channel_id: string;
  location_id: string;
  carrier: string | null;
  stage: Shipment['fulfillment_stage'];
  stage_since: string;
  waiting_for: Shipment['waiting_for'];
  waiting_until: string | null;
  problems: Pick<Problem, 'code' | 'scope' | 'scope_id' | 'detail' | 'waiting_for' | 'until'>[];
  released: boolean;
  packed: boolean;
  labelled: boolean;
  handed_off: boolean;
  announced: boolean;
  /** Nothing is left to capture: it was, or the hub does not collect. */
  payment_settled: boolean;
  invoiced: boolean;
  delivered: boolean;
}

/** The facts of a shipment; no personal data. */
export function shipmentFacts(shipment: Shipment): ShipmentFacts {
  return {
    id: shipment.shipment_id,
    version: shipment.version,
    steps: shipment.steps,
    order_id: shipment.order_id,
    channel_id: shipment.channel_id,
    location_id: shipment.location_id,
    carrier: shipment.carrier,
    stage: shipment.fulfillment_stage,
    stage_since: shipment.stage_since,
    waiting_for: shipment.waiting_for,
    waiting_until: shipment.waiting_until,
    problems: shipment.problems.map(({ code, scope, scope_id, detail, waiting_for, until }) => ({
      code,
      scope,
      scope_id,
      detail,
      waiting_for,
      until,
    })),
    released: shipment.released_at !== null,
    packed: shipment.packed_at !== null,
    labelled: shipment.labelled_at !== null,
    handed_off: shipment.handed_off_at !== null,
    announced: shipment.announced_at !== null,
    payment_settled: shipment.captures.length === 0 || shipment.payment_captured_at !== null,
    invoiced: shipment.invoiced_at !== null,
    delivered: shipment.delivered_at !== null,
  };
}

/** Until when an effect waits: the latest time of its own problems, money in doubt among them for a capture. */
function waitOf(facts: ShipmentFacts, effect: ShipmentEffect): string | null {
  const codes: ProblemCode[] =
    effect === 'capture' ? ['CAPTURE_FAILED', 'PAYMENT_IN_DOUBT'] : [problemOfEffect[effect]];
  const standing = facts.problems.filter((problem) => codes.includes(problem.code)).map((problem) => problem.until);
  return standing.toSorted().at(-1) ?? null;
}

function due(facts: ShipmentFacts): ShipmentEffect[] {
  if (!facts.released) return ['release'];
  if (!facts.packed) return [];
  if (!facts.labelled) return ['label'];
  const atHandoff: (ShipmentEffect | false)[] = [
    !facts.announced && 'announce',
    !facts.payment_settled && 'capture',
    !facts.invoiced && 'invoice',
  ];
  return atHandoff.filter((effect) => effect !== false);
}

/** What a shipment's workflow does next: a pure function of its facts and the time. */
export function nextOfShipment(facts: ShipmentFacts, now: string): Next<ShipmentStepName> {
  const step = (name: ShipmentStepName, via: Step['via']): Step<ShipmentStepName> => ({
    name,
    n: (facts.steps[name] ?? 0) + 1,
    via,
  });
  if (facts.labelled && !facts.handed_off) return { steps: [step('handoff', 'store')], until: null, end: false };
  const effects = due(facts);
  const waits = effects.map((effect) => ({ effect, until: waitOf(facts, effect) }));
  const steps = waits
    .filter(({ until }) => until === null || until <= now)
    .map(({ effect }) => step(effect, 'partner'));
  const later = waits.flatMap(({ until }) => (until !== null && until > now ? [until] : [])).toSorted();
  return { steps, until: later[0] ?? null, end: facts.delivered && effects.length === 0 };
}
