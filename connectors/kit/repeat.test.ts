import { expect, jest, test } from '@jest/globals';
import type { Call, Connector, Operation } from './contract';
import { ConnectorFault, SETTLING, type FaultDetails } from './faults';
import { performOperation, type ProtocolControls } from './repeat';
import { createMemoryOperationLog, type MemoryOperationLog } from './testing';
import type { OperationOutput } from './vocabulary';

const SETTLE_MS = 2_000;
const start = Date.parse('2026-03-01T12:00:00.000Z');
const captured: OperationOutput<'capture'> = { capture_id: 'CP1', amount: 500, currency: 'EUR' };

interface Scene {
  log: MemoryOperationLog;
  clock: { ms: number };
  run: jest.Mock<() => Promise<OperationOutput<'capture'>>>;
  find: jest.Mock<() => Promise<OperationOutput<'capture'> | undefined>>;
  perform: (protocol?: ProtocolControls, amount?: number) => Promise<OperationOutput<'capture'>>;
}

function scene(repeat: Operation<'capture'>['repeat']): Scene {
  const log = createMemoryOperationLog();
  const clock = { ms: start };
  const run: Scene['run'] = jest.fn(() => Promise.resolve(captured));
  const find: Scene['find'] = jest.fn(() => Promise.resolve(undefined));
  const operation: Operation<'capture'> =
    repeat === 'find-first' ? { repeat, settle_ms: () => SETTLE_MS, find, run } : { repeat, run };
  const connector = { manifest: { id: 'test' }, operations: { capture: operation } } as unknown as Connector;
  const perform = (protocol?: ProtocolControls, amount = 500): Promise<OperationOutput<'capture'>> =>
    performOperation({
      connector,
      connection_id: 'con_1',
      config: {},
      operation: 'capture',
      input: { reference: 'k', authorization_reference: 'a', amount, currency: 'EUR' },
      key: 'k',
      reference: 'k',
      entity_id: 'shp_1',
      call: () => ({}) as Call,
      log,
      now: () => new Date(clock.ms),
      ...(protocol === undefined ? {} : { protocol }),
    });
  return { log, clock, run, find, perform };
}

function fault(happened: FaultDetails['happened'], kind: FaultDetails['kind']): ConnectorFault {
  return new ConnectorFault({ kind, happened, at_fault: 'network', code: 'x', message: 'x' });
}

async function faultOf(promise: Promise<unknown>): Promise<FaultDetails> {
  const error: unknown = await promise.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (error instanceof ConnectorFault) return error.details;
  throw new Error(`expected a fault, got ${String(error)}`);
}

test('a done effect returns its outcome and calls nobody', async () => {
  const { perform, run, find } = scene('find-first');
  await perform();
  expect(await perform()).toEqual(captured);
  expect(run).toHaveBeenCalledTimes(1);
  expect(find).toHaveBeenCalledTimes(1);
});

test('find-first asks the partner before the very first call: a restored database knows of no earlier one', async () => {
  const { perform, run, find, log } = scene('find-first');
  find.mockResolvedValue(captured);
  expect(await perform()).toEqual(captured);
  expect(run).not.toHaveBeenCalled();
  expect(log.rows.get('k')).toMatchObject({ state: 'done', outcome: captured });
});

test('after an unknown outcome nothing is asked or called until the earlier call has settled', async () => {
  const { perform, run, find, clock } = scene('find-first');
  run.mockRejectedValueOnce(fault('unknown', 'outcome_unknown'));
  expect(await faultOf(perform())).toMatchObject({ kind: 'outcome_unknown', retry_after_ms: SETTLE_MS });
  find.mockClear();

  clock.ms += SETTLE_MS - 1;
  expect(await faultOf(perform())).toMatchObject({ kind: 'outcome_unknown', code: SETTLING, retry_after_ms: 1 });
  expect(find).not.toHaveBeenCalled();

  clock.ms += 1;
  expect(await perform()).toEqual(captured);
  expect(find).toHaveBeenCalledTimes(1);
  expect(run).toHaveBeenCalledTimes(2);
});

test('a worker that died in the middle of a call leaves an attempt, which settles like an unknown outcome', async () => {
  const { perform, run, log, clock } = scene('find-first');
  await log.begin('k', { operation: 'capture', connection_id: 'con_1', reference: 'k', entity_id: 'shp_1', at: '' });
  await log.attempt('k', new Date(start - 500).toISOString());
  expect(await faultOf(perform())).toMatchObject({ code: SETTLING, retry_after_ms: SETTLE_MS - 500 });
  clock.ms += SETTLE_MS;
  await perform();
  expect(run).toHaveBeenCalledTimes(1);
});

test('the wait begins when the answer was lost, not when the request was sent', async () => {
  const { perform, run, clock, log } = scene('find-first');
  run.mockImplementationOnce(() => {
    clock.ms += 10_000;
    return Promise.reject(fault('unknown', 'outcome_unknown'));
  });
  await faultOf(perform());
  expect(log.rows.get('k')?.attempted_at).toBe(new Date(start + 10_000).toISOString());
  expect(await faultOf(perform())).toMatchObject({ code: SETTLING, retry_after_ms: SETTLE_MS });
});

test('a call that surely did not happen leaves nothing to wait for', async () => {
  const { perform, run, log } = scene('find-first');
  run.mockRejectedValueOnce(fault('no', 'rate_limited'));
  expect(await faultOf(perform())).toMatchObject({ kind: 'rate_limited' });
  expect(log.rows.get('k')?.attempted_at).toBeNull();
  expect(await perform()).toEqual(captured);
});

test('an error that is no fault keeps the attempt written down', async () => {
  const { perform, run, log } = scene('find-first');
  run.mockRejectedValueOnce(new TypeError('a bug of ours'));
  await expect(perform()).rejects.toThrow(TypeError);
  expect(log.rows.get('k')?.attempted_at).not.toBeNull();
});

test('native-key calls again at once after an unknown outcome', async () => {
  const { perform, run } = scene('native-key');
  run.mockRejectedValueOnce(fault('unknown', 'outcome_unknown'));
  expect(await faultOf(perform())).not.toHaveProperty('retry_after_ms');
  expect(await perform()).toEqual(captured);
  expect(run).toHaveBeenCalledTimes(2);
});

test('unsafe stops for a person after an unknown outcome, and goes on after a refusal', async () => {
  const refused = scene('unsafe');
  refused.run.mockRejectedValueOnce(fault('no', 'unavailable'));
  await faultOf(refused.perform());
  expect(await refused.perform()).toEqual(captured);

  const unknown = scene('unsafe');
  unknown.run.mockRejectedValueOnce(fault('unknown', 'outcome_unknown'));
  expect(await faultOf(unknown.perform())).toMatchObject({ needs_person: true });
  unknown.clock.ms += 86_400_000;
  expect(await faultOf(unknown.perform())).toMatchObject({ needs_person: true, code: 'unsafe_repeat' });
  expect(unknown.run).toHaveBeenCalledTimes(1);
});

test('bad input is refused with its fields before anything is written down', async () => {
  const { perform, log } = scene('find-first');
  const details = await faultOf(perform(undefined, -1));
  expect(details).toMatchObject({ kind: 'invalid', happened: 'no', fields: [{ path: 'amount' }] });
  expect(log.rows.size).toBe(0);
});

test('an outcome of another shape is kept from being called again by the look-up, and never stored', async () => {
  const { perform, run, find, log, clock } = scene('find-first');
  run.mockResolvedValueOnce({ capture_id: '', amount: 1, currency: 'EUR' });
  expect(await faultOf(perform())).toMatchObject({ kind: 'unexpected_response', happened: 'yes' });
  expect(log.rows.get('k')?.state).toBe('intent');
  clock.ms += SETTLE_MS;
  find.mockResolvedValue(captured);
  expect(await perform()).toEqual(captured);
  expect(run).toHaveBeenCalledTimes(1);
});

test('an operation that the connector does not have is refused as unsupported', async () => {
  const connector = { manifest: { id: 'test' }, operations: {} } as unknown as Connector;
  const promise = performOperation({
    connector,
    connection_id: 'con_1',
    config: {},
    operation: 'refund',
    input: { reference: 'k', authorization_reference: 'a', amount: 1, currency: 'EUR' },
    key: 'k',
    reference: 'k',
    entity_id: 'e',
    call: () => ({}) as Call,
    log: createMemoryOperationLog(),
    now: () => new Date(start),
  });
  expect(await faultOf(promise)).toMatchObject({ kind: 'unsupported', happened: 'no' });
});
