import {
  ActivityFailure,
  ApplicationFailure,
  CancellationScope,
  allHandlersFinished,
  condition,
  continueAsNew,
  currentUpdateInfo,
  defineSignal,
  defineUpdate,
  setCurrentDetails,
  setHandler,
  workflowInfo,
} from '@temporalio/workflow';
import { stepCauseId, type Cause, type FactsBase, type Next, type Step } from '../domain/decider';
import { commandUpdate, pokeSignal, type StartArgument } from './messages';
import { createPersistChain } from './persist';
import { createShow, type Shown } from './search-attributes';

/** How one kind of aggregate is driven: what comes next, its effects, and how it shows in the Temporal UI. */
export interface Machine<Facts extends FactsBase> {
  entity: 'order' | 'shipment';
  next(facts: Facts, now: string): Next;
  /** Performs a partner step and answers the facts after it; rejects with what the activity failed with. */
  perform(step: Step, argument: { id: string; at: string }): Promise<Facts | null>;
  attributes(facts: Facts): Shown;
  /** What the order waits for, for whom, until when and what can be done, in a sentence or two; Markdown. */
  details(facts: Facts): string;
}

/** A command from the Temporal UI or CLI: look again at what waits under a problem code, now. */
interface OperatorCommand {
  kind: 'recheck';
  code: string;
}

/** What a person typed is checked before it is taken: a body that no rule understands would be tried for ever. */
function refuseOtherCommands(given: unknown): void {
  const { kind, code, ...rest } = (typeof given === 'object' && given !== null ? given : {}) as Record<string, unknown>;
  if (kind === 'recheck' && typeof code === 'string' && Object.keys(rest).length === 0) return;
  throw ApplicationFailure.create({
    type: 'COMMAND_REFUSED',
    message: 'Wants { "kind": "recheck", "code": "<problem code>" }.',
    nonRetryable: true,
  });
}

const poke = defineSignal(pokeSignal);
const command = defineUpdate<unknown, [OperatorCommand]>(commandUpdate);
const operator = { kind: 'operator', id: 'temporal' } as const;
const system = { kind: 'system', id: 'hub' } as const;
/** Between two looks when the store did not take a step that should have come next. */
const stuckPauseMs = 1_000;

function iso(): string {
  return new Date().toISOString();
}

/** What a failed effect leaves on record: the fault's kind and codes. A time-out is an outcome that nobody knows. */
function faultOf(error: unknown): { kind: string; code: string; reason: string | null } {
  const cause = error instanceof ActivityFailure ? error.cause : error;
  if (cause instanceof ApplicationFailure) {
    const [detail] = cause.details ?? [];
    if (typeof detail === 'object' && detail !== null && 'kind' in detail) return detail as ReturnType<typeof faultOf>;
    return { kind: 'error', code: cause.type ?? 'unknown', reason: null };
  }
  return { kind: 'outcome_unknown', code: 'timeout', reason: null };
}

/**
 * Drives an aggregate from its facts until its life ends: it asks the store for the facts, does what `next` names, and
 * waits for a poke or a time. It keeps nothing that the store does not hold, so that it can be terminated, reset or
 * started again at any point. Answers `unknown` when the store does not know the aggregate.
 */
export async function drive<Facts extends FactsBase>(
  machine: Machine<Facts>,
  { id }: StartArgument,
): Promise<'ended' | 'unknown'> {
  const persistInOrder = createPersistChain();
  const show = createShow();
  const running = new Map<string, Promise<void>>();
  let dirty = true;
  let facts: Facts | null = null;

  const persist = async (causes?: Cause[]): Promise<Facts | null> =>
    (await persistInOrder({ entity: machine.entity, id, at: iso(), ...(causes ? { causes } : {}) })) as Facts | null;

  setHandler(poke, () => {
    dirty = true;
  });
  setHandler(
    command,
    async ({ kind, code }) => {
      const cause_id = `upd/${currentUpdateInfo()?.id ?? workflowInfo().runId}`;
      await persist([{ cause_id, kind, body: { code }, at: iso(), actor: operator }]);
      dirty = true;
      return { cause_id };
    },
    { validator: refuseOtherCommands },
  );
  CancellationScope.current().cancelRequested.catch(() => undefined);

  /** Asked through a function, because signals set it while the run waits. */
  const isDirty = (): boolean => dirty;

  /** An effect's answer may be older than what a poke brought meanwhile: then the store is asked again. */
  function adopt(answer: Facts | null): void {
    if (answer === null || (facts && answer.version < facts.version)) dirty = true;
    else facts = answer;
  }

  async function perform(step: Step): Promise<void> {
    try {
      adopt(await machine.perform(step, { id, at: iso() }));
    } catch (error) {
      const cause = {
        cause_id: stepCauseId(step),
        kind: 'step',
        body: { fault: faultOf(error) },
        at: iso(),
        actor: system,
      };
      adopt(await persist([cause]));
    }
  }

  return CancellationScope.nonCancellable(async () => {
    let finished = false;
    for (;;) {
      let stuck = false;
      if (dirty) {
        dirty = false;
        const seen: number | undefined = facts?.version;
        facts = await persist();
        if (facts === null) {
          await condition(allHandlersFinished);
          // Something may have come for it meanwhile, perhaps its own capture.
          if (isDirty()) continue;
          return 'unknown';
        }
        stuck = seen === facts.version;
      }
      if (facts === null) continue;
      const current: Facts = facts;
      show(machine.attributes(current));
      setCurrentDetails(machine.details(current));

      const next = machine.next(current, iso());
      if (next.end && running.size === 0) {
        await condition(allHandlersFinished);
        if (isDirty()) continue;
        return 'ended';
      }
      const storeStep = next.steps.some((step) => step.via === 'store');
      if (storeStep && !stuck) {
        dirty = true;
        continue;
      }
      for (const step of next.steps.filter((candidate) => candidate.via === 'partner')) {
        const key = stepCauseId(step);
        if (running.has(key)) continue;
        running.set(
          key,
          perform(step).finally(() => {
            running.delete(key);
            finished = true;
          }),
        );
      }
      if (workflowInfo().continueAsNewSuggested && running.size === 0) {
        await condition(allHandlersFinished);
        if (!isDirty()) await continueAsNew<(argument: StartArgument) => Promise<unknown>>({ id });
        continue;
      }
      const woken = (): boolean => dirty || finished;
      const waitMs = storeStep
        ? stuckPauseMs
        : next.until === null
          ? null
          : Math.max(1, Date.parse(next.until) - Date.now());
      const inTime: boolean | undefined =
        waitMs === null
          ? await condition(woken).then(() => true)
          : await condition(woken, waitMs, { summary: 'Until the hub looks again by itself' });
      if (!inTime) dirty = storeStep;
      finished = false;
    }
  });
}
