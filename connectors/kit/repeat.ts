/** The rules by which a write at a partner happens once, whatever dies in between. */
import type { Call, Connector, FindFirstOperation, Operation } from './contract';
import { ConnectorFault, SETTLING, type FaultDetails } from './faults';
import { unexpected } from './http';
import { vocabulary, type OperationInput, type OperationName, type OperationOutput } from './vocabulary';

/** One effect as the hub remembers it; times are ISO 8601 UTC. */
export interface OperationRow {
  state: 'intent' | 'done';
  /** When the latest call that may have reached the partner was made; null while there was none. */
  attempted_at: string | null;
  /** The operation's output; present when `state` is done. */
  outcome?: unknown;
}

/** What identifies and describes an effect when it is first written down. */
export interface OperationIntent {
  operation: OperationName;
  connection_id: string;
  reference: string;
  entity_id: string;
  at: string;
}

/** Where intents and outcomes are kept; every call is durable when its promise resolves. */
export interface OperationLog {
  /** Inserts a row (`intent`, `attempted_at` null) or returns the one that stands under this key. */
  begin(key: string, intent: OperationIntent): Promise<OperationRow>;
  /** Sets `attempted_at`: before each call, and to null when the latest call is known not to have happened. */
  attempt(key: string, at: string | null): Promise<void>;
  /** Sets the row to done with its outcome. */
  finish(key: string, outcome: unknown): Promise<void>;
}

/**
 * Rules that a fault-injection control leaves out to prove that a test would notice. Production code never sets them:
 * without either, a restored database or a request still in flight buys twice.
 */
export interface ProtocolControls {
  /** Ask by reference even when the log knows of no earlier call. Default true. */
  findBeforeFirstCall?: boolean;
  /** Wait until an earlier call can no longer be applied before asking. Default true. */
  waitForSettle?: boolean;
}

/** One operation to perform; `call` makes the partner access for a look-up or for the effect itself. */
export interface PerformTask<N extends OperationName> {
  connector: Connector;
  connection_id: string;
  config: object;
  operation: N;
  input: OperationInput<N>;
  key: string;
  reference: string;
  entity_id: string;
  call: (phase: 'find' | 'run') => Call;
  log: OperationLog;
  now: () => Date;
  protocol?: ProtocolControls;
}

/**
 * Performs an operation and returns its output. Reads are called at once. A write is called only when the log and, for
 * `find-first`, the partner itself know of none: what is found is adopted. Throws ConnectorFault; while an earlier call
 * may still be applied that is a retryable `outcome_unknown` with the time to wait, never a sleep.
 */
export async function performOperation<N extends OperationName>(task: PerformTask<N>): Promise<OperationOutput<N>> {
  const operation: Operation<N> | undefined = task.connector.operations[task.operation];
  if (operation === undefined) throw new ConnectorFault(unsupported(task));
  const input = parseInput(task);
  if (vocabulary[task.operation].effect === 'read')
    return parseOutput(task, await operation.run(task.call('run'), input));

  const row = await task.log.begin(task.key, {
    operation: task.operation,
    connection_id: task.connection_id,
    reference: task.reference,
    entity_id: task.entity_id,
    at: task.now().toISOString(),
  });
  if (row.state === 'done') return parseOutput(task, row.outcome);

  const mayBeInFlight = row.attempted_at !== null;
  if (operation.repeat === 'unsafe' && mayBeInFlight) throw new ConnectorFault(needsPerson(task));
  if (operation.repeat === 'find-first') {
    const found = await findEarlier(task, operation, input, row.attempted_at);
    if (found !== undefined) return finish(task, found);
  }
  return finish(task, await callOnce(task, operation, input));
}

async function findEarlier<N extends OperationName>(
  task: PerformTask<N>,
  operation: FindFirstOperation<N, object, object>,
  input: OperationInput<N>,
  attemptedAt: string | null,
): Promise<OperationOutput<N> | undefined> {
  if (attemptedAt === null && task.protocol?.findBeforeFirstCall === false) return undefined;
  if (attemptedAt !== null && task.protocol?.waitForSettle !== false) {
    const left = Date.parse(attemptedAt) + operation.settle_ms(task.config) - task.now().getTime();
    if (left > 0) throw new ConnectorFault(settling(task, left));
  }
  return operation.find(task.call('find'), input);
}

async function callOnce<N extends OperationName>(
  task: PerformTask<N>,
  operation: Operation<N>,
  input: OperationInput<N>,
): Promise<OperationOutput<N>> {
  await task.log.attempt(task.key, task.now().toISOString());
  try {
    return await operation.run(task.call('run'), input);
  } catch (error) {
    // Anything but a fault is a bug of ours at an unknown point: the attempt stays written down.
    if (!(error instanceof ConnectorFault)) throw error;
    if (error.happened === 'no') {
      await task.log.attempt(task.key, null);
      throw error;
    }
    // The wait counts from when the answer was lost: until then the request was under way for sure.
    await task.log.attempt(task.key, task.now().toISOString());
    throw afterUnknown(error, task, operation);
  }
}

function afterUnknown<N extends OperationName>(
  fault: ConnectorFault,
  task: PerformTask<N>,
  operation: Operation<N>,
): ConnectorFault {
  if (fault.kind !== 'outcome_unknown') return fault;
  if (operation.repeat === 'unsafe') return fault.with({ needs_person: true });
  if (operation.repeat !== 'find-first' || task.protocol?.waitForSettle === false) return fault;
  return fault.with({ retry_after_ms: Math.max(fault.details.retry_after_ms ?? 0, operation.settle_ms(task.config)) });
}

async function finish<N extends OperationName>(
  task: PerformTask<N>,
  outcome: OperationOutput<N>,
): Promise<OperationOutput<N>> {
  const output = parseOutput(task, outcome);
  await task.log.finish(task.key, output);
  return output;
}

function parseInput<N extends OperationName>(task: PerformTask<N>): OperationInput<N> {
  const parsed = vocabulary[task.operation].input.safeParse(task.input);
  if (!parsed.success) {
    const fields = parsed.error.issues.map((issue) => ({ path: issue.path.join('.'), code: issue.code }));
    throw new ConnectorFault({
      ...refusedHere(task, 'invalid', 'input_schema', 'the input is not of the agreed shape'),
      fields,
    });
  }
  // A look-up by another reference than the one that is logged would find nothing, and buy again.
  if ('reference' in parsed.data && parsed.data.reference !== task.reference) {
    throw new ConnectorFault(refusedHere(task, 'invalid', 'reference_mismatch', 'the input carries another reference'));
  }
  return parsed.data as OperationInput<N>;
}

function parseOutput<N extends OperationName>(task: PerformTask<N>, outcome: unknown): OperationOutput<N> {
  const { effect, output } = vocabulary[task.operation];
  const parsed = output.safeParse(outcome);
  if (parsed.success) return parsed.data as OperationOutput<N>;
  throw new ConnectorFault(unexpected(task.operation, effect, 'output_schema'));
}

type AnyTask = Pick<PerformTask<OperationName>, 'operation' | 'connector'>;

function refusedHere(task: AnyTask, kind: FaultDetails['kind'], code: string, text: string): FaultDetails {
  return { kind, happened: 'no', at_fault: 'hub', code, message: `${task.operation}: ${text}` };
}

function unsupported(task: AnyTask): FaultDetails {
  return refusedHere(
    task,
    'unsupported',
    'not_implemented',
    `${task.connector.manifest.id} does not have this operation`,
  );
}

function needsPerson(task: AnyTask): FaultDetails {
  return {
    kind: 'outcome_unknown',
    happened: 'unknown',
    at_fault: 'partner',
    code: 'unsafe_repeat',
    message: `${task.operation}: an earlier call may have happened and cannot be looked up; a person decides`,
    needs_person: true,
  };
}

function settling(task: AnyTask, leftMs: number): FaultDetails {
  return {
    kind: 'outcome_unknown',
    happened: 'unknown',
    at_fault: 'network',
    code: SETTLING,
    message: `${task.operation}: an earlier call may still be applied`,
    retry_after_ms: leftMs,
  };
}
