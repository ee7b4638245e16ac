import { ulid } from 'ulid';
import {
  stepCauseId,
  type Cause,
  type CauseResult,
  type DecideContext,
  type Decider,
  type FactsBase,
  type LoggedEvent,
  type Outgoing,
  type WaitingSettings,
} from '../domain/decider';
import { orderDecider } from '../domain/order/decide';
import { shipmentDecider } from '../domain/shipment/decide';
import { noFaults, type FaultPoint, type LeftOut } from '../platform/fault-points';
import { WriteConflict, type Session, type Store } from './connect';
import type { InboxRow } from './rows';
import { createSerialiser } from './serialise';

/** The deciders by aggregate. */
export const deciders = { order: orderDecider, shipment: shipmentDecider } as const;

/** Which aggregate a change is for. */
export interface Target {
  entity: keyof typeof deciders;
  id: string;
}

/** What a change asks for, beside the rows that lie in the inbox. */
export interface PersistRequest extends Target {
  /** Rows to insert and decide at once: the door's. They stay open until the workflow has seen them. */
  arriving?: readonly InboxRow[];
  /** Own causes of the workflow: outcomes of its effects. */
  causes?: readonly Cause[];
  /** The workflow's own call: decides the open rows of the inbox and marks done what it has seen. */
  drain?: boolean;
  /** Store steps that may be taken in the same transaction while `next` names them, with what was gathered for them. */
  join?: { reference: unknown };
  /** The caller's time where it is ahead of the store's, so that a timer that fired is not judged early. ISO 8601 UTC. */
  at?: string;
}

/** What a change came to. */
export interface PersistResult<Facts = unknown> {
  /** The facts as they stand; null when the aggregate is not known. */
  facts: Facts | null;
  results: CauseResult[];
  /** Workflows to wake, because rows were left for them. */
  wakes: Wake[];
}

/** A workflow to poke: its id, and the aggregate it owns. */
export interface Wake {
  workflow_id: string;
  to: string;
}

/** Changes aggregates by the write protocol. */
export interface Persist {
  <Kind extends keyof typeof deciders>(
    request: PersistRequest & { entity: Kind },
  ): Promise<PersistResult<ReturnType<(typeof deciders)[Kind]['facts']>>>;
}

interface Document {
  _id: string;
  version: number;
  order_id: string;
}
type AnyDecider = Decider<Document, FactsBase>;

const drainLimit = 200;
const joinLimit = 8;
const system = { kind: 'system', id: 'hub' } as const;

/** Rebuilds what a cause came to from its events, so that a repeat answers as the first time did. */
function resultOf(
  causeId: string,
  events: readonly Pick<LoggedEvent, 'type' | 'after'>[],
  repeated: boolean,
): CauseResult {
  const refused = events.find((event) => event.type === 'refused');
  if (refused) {
    const { code, detail } = refused.after as { code: string; detail: string };
    return { cause_id: causeId, outcome: 'refused', repeated, code, detail };
  }
  return { cause_id: causeId, outcome: 'accepted', repeated, events: events.map((event) => event.type) };
}

function causeOf(row: InboxRow): Cause {
  return { cause_id: row._id, kind: row.kind, body: row.body, at: row.at, actor: row.actor };
}

/** Options of a persist function. */
export interface PersistOptions {
  store: Store;
  settings: WaitingSettings;
  faultPoint?: FaultPoint;
  leaveOut?: LeftOut;
  now?: () => Date;
}

/** One transaction's worth of work on one aggregate, gathered before anything is written. */
class Change {
  document: Document | undefined;
  readonly events: LoggedEvent[] = [];
  readonly outgoing: Outgoing[] = [];
  readonly results: CauseResult[] = [];
  private version: number;

  constructor(
    private readonly decider: AnyDecider,
    private readonly target: Target,
    readonly before: Document | undefined,
    private readonly context: DecideContext,
    version: number,
  ) {
    this.document = before;
    this.version = version;
  }

  decide(cause: Cause): void {
    const decision = this.decider.decide(this.document, cause, this.context);
    decision.events.forEach((event, seq) => {
      this.version += 1;
      const logged: LoggedEvent = {
        event_id: `evt_${ulid()}`,
        entity: this.decider.entity,
        entity_id: this.target.id,
        order_id: this.document?.order_id ?? this.target.id,
        version: this.version,
        cause_id: cause.cause_id,
        seq,
        at: cause.at,
        recorded_at: this.context.now,
        actor: cause.actor,
        ...event,
      };
      this.document = { ...this.decider.evolve(this.document, logged), _id: this.target.id };
      this.events.push({ ...logged, order_id: this.document.order_id });
    });
    this.outgoing.push(...decision.send);
    this.results.push(resultOf(cause.cause_id, decision.events, false));
  }

  /** Takes store steps one after the other for as long as they come next and can be decided with what was gathered. */
  join(): void {
    for (let taken = 0; taken < joinLimit && this.document; taken += 1) {
      const next = this.decider.next(this.decider.facts(this.document), this.context.now);
      const step = next.steps.find((candidate) => candidate.via === 'store');
      if (!step || !this.decider.decidable(step, this.context)) return;
      this.decide({ cause_id: stepCauseId(step), kind: 'step', body: null, at: this.context.now, actor: system });
    }
  }

  /** Whether a cause cannot be decided yet: its aggregate is not there, or not that far, or its step is not the one awaited. */
  mustWait(cause: Cause): boolean {
    if (!this.document) return !this.decider.creates.includes(cause.kind);
    return !this.decider.ready(this.document, cause) || (cause.kind === 'step' && !this.awaits(cause));
  }

  /** A step that is on record, or was overtaken, is not taken again. */
  private awaits(cause: Cause): boolean {
    if (!this.document) return false;
    const [, name = '', n] = cause.cause_id.split('/');
    return Number(n) === (this.decider.facts(this.document).steps[name] ?? 0) + 1;
  }
}

/**
 * Builds the only function that changes an order's or a shipment's document. In one transaction it looks for each cause
 * (a repeat gives the stored result), loads the document, runs the pure `decide` on what it finds, inserts the events,
 * writes the document where its version is the one read, leaves rows for other aggregates and, on the workflow's own
 * calls, marks rows done. Throws only on technical faults: a domain refusal is a stored result.
 */
export function createPersist(options: PersistOptions): Persist {
  const { store, settings, faultPoint = noFaults, leaveOut = [], now = () => new Date() } = options;
  const serialise = createSerialiser();
  const onStaleCopy = leaveOut.includes('decide_in_transaction');

  function collection(entity: Target['entity']): Store['orders'] {
    return (entity === 'order' ? store.orders : store.shipments) as Store['orders'];
  }

  async function load(target: Target, session?: Session): Promise<Document | undefined> {
    const found = await collection(target.entity).findOne({ _id: target.id }, session ? { session } : {});
    return found ?? undefined;
  }

  /** Everything that was asked before is answered from the log without a transaction; undefined when something is new. */
  async function onlyRepeats(request: PersistRequest): Promise<PersistResult | undefined> {
    if (request.causes?.length || request.arriving?.length || request.join) return undefined;
    const rows = await store.inbox.find({ to: request.id, done: false }).limit(drainLimit).toArray();
    const ids = rows.map((row) => row._id);
    const known =
      ids.length === 0
        ? []
        : await store.events.distinct('cause_id', { entity_id: request.id, cause_id: { $in: ids } });
    if (known.length < ids.length) return undefined;
    const document = await load(request);
    if (!document) return { facts: null, results: [], wakes: [] };
    if (ids.length > 0) await store.inbox.updateMany({ _id: { $in: ids } }, { $set: { done: true } });
    return { facts: deciders[request.entity].facts(document as never), results: [], wakes: [] };
  }

  async function inTransaction(
    request: PersistRequest,
    session: Session,
    staleCopy?: Document,
  ): Promise<PersistResult> {
    const decider = deciders[request.entity] as unknown as AnyDecider;
    const label = `${request.entity}.persist`;
    const arriving = request.arriving ?? [];
    const drained = request.drain
      ? await store.inbox
          .find({ to: request.id, done: false }, { session })
          .sort({ at: 1, _id: 1 })
          .limit(drainLimit)
          .toArray()
      : [];
    const causes = [...[...drained, ...arriving].map(causeOf), ...(request.causes ?? [])];
    const causeIds = causes.map((cause) => cause.cause_id);
    const stored =
      causeIds.length === 0
        ? []
        : await store.events
            .find({ entity_id: request.id, cause_id: { $in: causeIds } }, { session })
            .sort({ version: 1 })
            .toArray();
    const current = await load(request, session);

    const at = now().toISOString();
    const context: DecideContext = {
      now: request.at && request.at > at ? request.at : at,
      settings,
      ...(request.join ? { reference: request.join.reference } : {}),
    };
    const change = new Change(decider, request, staleCopy ?? current, context, current?.version ?? 0);
    const seen: string[] = [];
    const settle = (cause: Cause): boolean => {
      const earlier = stored.filter((event) => event.cause_id === cause.cause_id);
      if (earlier.length > 0) change.results.push(resultOf(cause.cause_id, earlier, true));
      else if (change.mustWait(cause)) return false;
      else change.decide(cause);
      seen.push(cause.cause_id);
      return true;
    };
    const waiting = causes.filter((cause) => !settle(cause));
    if (request.join) change.join();
    // What waited for the aggregate to come this far may not have to any more; the rest stays in the inbox.
    for (const cause of waiting) {
      if (settle(cause)) continue;
      const outcome = change.document ? 'skipped' : 'unknown';
      change.results.push({ cause_id: cause.cause_id, outcome, repeated: false });
    }

    const wakes = await write(request, change, current, session);
    const rows = drained.filter((row) => seen.includes(row._id));
    if (rows.length > 0) {
      await store.inbox.updateMany({ _id: { $in: rows.map((row) => row._id) } }, { $set: { done: true } }, { session });
    }
    await faultPoint(`${label}.before_commit`);
    return {
      facts: change.document ? decider.facts(change.document) : null,
      results: change.results,
      wakes,
    };
  }

  async function write(
    request: PersistRequest,
    change: Change,
    current: Document | undefined,
    session: Session,
  ): Promise<Wake[]> {
    if (request.arriving?.length) {
      await store.inbox.bulkWrite(
        request.arriving.map((row) => ({
          updateOne: { filter: { _id: row._id }, update: { $setOnInsert: row }, upsert: true },
        })),
        { session, ordered: false },
      );
    }
    const document = change.document;
    const [last] = change.events.slice(-1);
    if (!document || !last) return [];
    await store.events.insertMany(
      change.events.map((event) => ({ ...event, _id: event.event_id })),
      { session, ordered: false },
    );
    if (!current) {
      await collection(request.entity).insertOne(document as never, { session });
    } else {
      const written = await collection(request.entity).replaceOne(
        { _id: request.id, version: current.version },
        document as never,
        { session },
      );
      if (written.matchedCount === 0) throw new WriteConflict(request.id);
    }
    const report = deciders[request.entity].report(change.before as never, document as never, last.cause_id);
    const outgoing = [...change.outgoing, ...report];
    if (outgoing.length > 0) {
      await store.inbox.bulkWrite(
        outgoing.map((row) => ({
          updateOne: {
            filter: { _id: row.cause_id },
            update: {
              $setOnInsert: {
                to: row.to,
                workflow_id: row.workflow_id,
                kind: row.kind,
                body: row.body,
                actor: system,
                done: false,
                at: last.recorded_at,
              },
            },
            upsert: true,
          },
        })),
        { session, ordered: false },
      );
    }
    return outgoing.map(({ workflow_id, to }) => ({ workflow_id, to }));
  }

  const persist = (request: PersistRequest): Promise<PersistResult> =>
    serialise(request.id, async () => {
      const repeats = request.drain ? await onlyRepeats(request) : undefined;
      if (repeats) return repeats;
      const staleCopy = onStaleCopy ? await load(request) : undefined;
      if (onStaleCopy) await faultPoint(`${request.entity}.persist.copy_read`);
      const result = await store.transaction((session) => inTransaction(request, session, staleCopy));
      await faultPoint(`${request.entity}.persist.after_commit`);
      return result;
    });
  return persist as Persist;
}
