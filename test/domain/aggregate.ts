import {
  stepCauseId,
  type Cause,
  type DecideContext,
  type Decider,
  type FactsBase,
  type LoggedEvent,
  type Outgoing,
  type Step,
  type WaitingSettings,
} from '../../domain/decider';
import { orderCaptureSchema, type OrderCapture } from '../../domain/order/capture-schema';
import { decideOrder, orderDecider } from '../../domain/order/decide';
import type { CapturedOrder } from '../../domain/order/events';
import type { OrderFacts } from '../../domain/order/facts';
import { contentHash, orderId } from '../../domain/order/identity';
import type { Order } from '../../domain/order/schema';
import type { Source } from '../../domain/routing/nearest';
import { shipmentDecider } from '../../domain/shipment/decide';
import type { ShipmentFacts } from '../../domain/shipment/facts';
import type { Shipment } from '../../domain/shipment/schema';

/** Waiting times that tests reckon with, in seconds. */
export const settings: WaitingSettings = { return_window_s: 1_209_600, retry_s: 300, backorder_recheck_s: 3_600 };

const system = { kind: 'system', id: 'hub' } as const;

/** Seconds after the beginning of every test's time, as ISO 8601 UTC. */
export function at(seconds: number): string {
  return new Date(Date.UTC(2026, 0, 5, 10) + seconds * 1000).toISOString();
}

/** A capture that the schema accepts, with what the door adds to it. */
export function capturedOrder(changes: Partial<Record<keyof OrderCapture, unknown>> = {}): CapturedOrder {
  const capture = orderCaptureSchema.parse({
    channel_id: 'chn_web',
    channel_order_id: 'W-1',
    placed_at: at(-60),
    currency: 'EUR',
    customer: { name: 'Marker Person', email: 'marker@example.test' },
    ship_to: { name: 'Marker Person', line1: 'Marker Street 7', city: 'Hamburg', postal_code: '20095', country: 'DE' },
    lines: [{ line_id: 'a', sku: 'TEE', quantity: 2, unit_price: 1999 }],
    ...changes,
  });
  return {
    ...capture,
    order_id: orderId(capture.channel_id, capture.channel_order_id),
    customer_id: 'cus_1',
    content_hash: contentHash(capture),
  };
}

/** A location near Hamburg (`near`) or far from it (`far`) with stock. */
export function source(location_id: string, available: Record<string, number>, place: 'near' | 'far' = 'near'): Source {
  const [lat, lng] = place === 'near' ? [52.52, 13.4] : [45.76, 4.83];
  return { location_id, coordinates: { lat, lng, accuracy: 'exact' }, available };
}

/** Hamburg. */
export const destination = { lat: 53.55, lng: 9.99, accuracy: 'city' } as const;

/** One aggregate as the write protocol would keep it, in memory: causes go in, events come out. */
export class Aggregate<Document extends { version: number }, Facts extends FactsBase> {
  document: Document | undefined;
  readonly log: LoggedEvent[] = [];
  readonly sent: Outgoing[] = [];

  constructor(
    readonly decider: Decider<Document, Facts>,
    readonly id: string,
    private readonly decide = decider.decide.bind(decider),
  ) {}

  get current(): Document {
    if (!this.document) throw new Error(`${this.id} does not exist yet.`);
    return this.document;
  }

  get facts(): Facts {
    return this.decider.facts(this.current);
  }

  /** The names of the steps that come next, and what else `next` says. */
  next(seconds: number): { steps: string[]; until: string | null; end: boolean } {
    const { steps, until, end } = this.decider.next(this.facts, at(seconds));
    return { steps: steps.map((step) => step.name), until, end };
  }

  /** Whether a cause was decided before. */
  knows(causeId: string): boolean {
    return this.log.some((event) => event.cause_id === causeId);
  }

  /** Decides a cause at a time and answers its events; what the transaction owes others goes to `sent`. */
  when(
    cause: Pick<Cause, 'cause_id' | 'kind' | 'body'> & { at?: string },
    seconds: number,
    reference?: DecideContext['reference'],
  ): LoggedEvent[] {
    const now = at(seconds);
    const before = this.document;
    const full: Cause = { actor: system, at: now, ...cause };
    const context: DecideContext = { now, settings, ...(reference === undefined ? {} : { reference }) };
    const decision = this.decide(before, full, context);
    const events = decision.events.map((event, seq): LoggedEvent => {
      const version = (this.document?.version ?? 0) + 1;
      const logged: LoggedEvent = {
        event_id: `evt_${this.id}_${String(version)}`,
        entity: this.decider.entity,
        entity_id: this.id,
        order_id: this.id,
        version,
        cause_id: full.cause_id,
        seq,
        at: full.at,
        recorded_at: now,
        actor: full.actor,
        ...event,
      };
      this.document = this.decider.evolve(this.document, logged);
      return logged;
    });
    this.log.push(...events);
    this.sent.push(...decision.send, ...this.decider.report(before, this.current, full.cause_id));
    return events;
  }

  /** Takes an own step that `next` names, with its outcome or reference data. Throws when it is not the step's turn. */
  take(
    name: string,
    seconds: number,
    outcome: { body?: unknown; reference?: DecideContext['reference'] } = {},
  ): LoggedEvent[] {
    const step = this.decider
      .next(this.facts, at(seconds))
      .steps.find((candidate): candidate is Step => candidate.name === name);
    if (!step) throw new Error(`${name} does not come next, but ${JSON.stringify(this.next(seconds))}.`);
    return this.when(
      { cause_id: stepCauseId(step), kind: 'step', body: outcome.body ?? null },
      seconds,
      outcome.reference,
    );
  }
}

/** An order in memory. */
export function newOrder(captured: CapturedOrder): Aggregate<Order, OrderFacts> {
  return new Aggregate(orderDecider, captured.order_id, decideOrder);
}

/** A shipment in memory. */
export function newShipment(id: string): Aggregate<Shipment, ShipmentFacts> {
  return new Aggregate(shipmentDecider, id);
}

/** The types of some events. */
export function types(events: readonly LoggedEvent[]): string[] {
  return events.map((event) => event.type);
}
