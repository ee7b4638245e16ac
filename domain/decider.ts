import type { z } from 'zod';
import type { actorSchema } from './event-schema';

/** Who caused a change: an API key, a partner's feed, an operator in the Temporal UI, or the hub itself. */
export type Actor = z.infer<typeof actorSchema>;

/** The aggregates that change only through the write protocol. */
export type EntityKind = 'order' | 'shipment';

/** One thing that became true. `after` is the event's typed payload, `before` what it replaced where it replaced something. */
export interface DomainEvent<Type extends string = string, After = unknown> {
  type: Type;
  after: After;
  before?: unknown;
  reason?: string;
}

/** An event as the log keeps it: numbered within its aggregate (`version`) and within its cause (`seq`). Times are ISO 8601 UTC. */
export interface LoggedEvent {
  event_id: string;
  entity: EntityKind;
  entity_id: string;
  order_id: string;
  version: number;
  cause_id: string;
  seq: number;
  type: string;
  at: string;
  recorded_at: string;
  actor: Actor;
  after: unknown;
  before?: unknown;
  reason?: string;
}

/** What asks an aggregate to change: a capture, a command, a scan, a report, or an own step of its workflow. */
export interface Cause {
  cause_id: string;
  kind: string;
  body: unknown;
  /** When it happened, as the sender says. ISO 8601 UTC. */
  at: string;
  actor: Actor;
}

/** A message to another aggregate: an inbox row inserted in the sender's transaction. */
export interface Outgoing {
  cause_id: string;
  to: string;
  workflow_id: string;
  kind: string;
  body: unknown;
}

/** What `decide` yields: at least one event, so that each cause leaves a row to repeat from. */
export interface Decision {
  events: [DomainEvent, ...DomainEvent[]];
  send: Outgoing[];
}

/** Waiting times in seconds that the rules use; all of them already divided by the embedded default's speed. */
export interface WaitingSettings {
  /** From delivery to the end of the return window, when the order closes. */
  return_window_s: number;
  /** How long a failed step waits before its next round. */
  retry_s: number;
  /** How long a backordered order waits before stock is looked at again even if nothing announced any. */
  backorder_recheck_s: number;
}

/** Everything a rule may know beside the document: the time, as data, and the waiting settings. */
export interface DecideContext<Reference = unknown> {
  now: string;
  settings: WaitingSettings;
  /** Master data and outcomes gathered before the transaction for the steps that need them. */
  reference?: Reference;
}

/** A step of a workflow. `store` steps are decided in the store, `partner` steps are effects on another system. */
export interface Step<Name extends string = string> {
  name: Name;
  /** The step's number: one more than the times it is on record. */
  n: number;
  via: 'store' | 'partner';
}

/** What an aggregate's workflow should do now: steps to take, until when to wait otherwise, or the end of the run. */
export interface Next<Name extends string = string> {
  steps: Step<Name>[];
  /** The instant at which `next` has to be asked again although nobody poked; ISO 8601 UTC. */
  until: string | null;
  end: boolean;
}

/** What every aggregate's facts carry, whatever else they hold. No personal data: facts go through Temporal. */
export interface FactsBase {
  id: string;
  version: number;
  /** How often each own step is on record. */
  steps: Record<string, number>;
}

/** What a cause came to: accepted with its events, refused with a code, or not decided yet (skipped). */
export type CauseResult =
  | { cause_id: string; outcome: 'accepted'; repeated: boolean; events: string[] }
  | { cause_id: string; outcome: 'refused'; repeated: boolean; code: string; detail: string }
  | { cause_id: string; outcome: 'skipped' | 'unknown'; repeated: false };

/** A pure domain: how an aggregate decides, evolves and what comes next. Neither reads a clock nor a database. */
export interface Decider<Document extends { version: number }, Facts extends FactsBase> {
  entity: EntityKind;
  /** Kinds of causes that may create the aggregate. */
  creates: readonly string[];
  /** Whether the cause can be decided yet; one that cannot waits in the inbox until the aggregate has come that far. */
  ready(document: Document, cause: Cause): boolean;
  decide(document: Document | undefined, cause: Cause, context: DecideContext): Decision;
  /** Applies one event; `version` rises by one each time. */
  evolve(document: Document | undefined, event: LoggedEvent): Document;
  facts(document: Document): Facts;
  next(facts: Facts, now: string): Next;
  /** Rows that the aggregate sends because of what changed over a whole transaction, for example its report to the order. */
  report(before: Document | undefined, after: Document, causeId: string): Outgoing[];
  /** Whether the gathered reference data lets this store step be decided. */
  decidable(step: Step, context: DecideContext): boolean;
  workflowId(document: Document): string;
}

/** The cause id of a workflow's own step: `step/<name>/<n>`, unique within its aggregate and the same on every repeat. */
export function stepCauseId(step: { name: string; n: number }): string {
  return `step/${step.name}/${step.n}`;
}

/** The steps on record after an event, counted from cause ids of the form `step/<name>/<n>`. */
export function countStep(steps: Record<string, number>, causeId: string): Record<string, number> {
  const match = /^step\/([a-z_]+)\/(\d+)$/.exec(causeId);
  if (!match) return steps;
  const [, name = '', n = '0'] = match;
  const count = Number(n);
  return (steps[name] ?? 0) >= count ? steps : { ...steps, [name]: count };
}

/** Folds a log into its document: the same result as applying the events one by one when they were decided. */
export function fold<Document>(
  evolve: (document: Document | undefined, event: LoggedEvent) => Document,
  events: readonly LoggedEvent[],
): Document | undefined {
  return events.reduce<Document | undefined>((document, event) => evolve(document, event), undefined);
}
