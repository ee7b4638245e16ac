import { expect, test } from '@jest/globals';
import { keep, type Running } from './keep';

/** A child whose end the test decides. */
function child(): { running: Running; end: () => void } {
  let end: () => void = () => undefined;
  const ended = new Promise<void>((resolve) => {
    end = resolve;
  });
  return { running: { pid: 1, ended }, end };
}

function launches(): {
  launch: () => Promise<Running>;
  next: () => Promise<ReturnType<typeof child>>;
  count: () => number;
} {
  const started: ReturnType<typeof child>[] = [];
  const waiting: ((one: ReturnType<typeof child>) => void)[] = [];
  let taken = 0;
  return {
    launch: () => {
      const one = child();
      const taker = waiting.shift();
      if (taker) taker(one);
      else started.push(one);
      taken += 1;
      return Promise.resolve(one.running);
    },
    next: () => {
      const one = started.shift();
      return one ? Promise.resolve(one) : new Promise((resolve) => waiting.push(resolve));
    },
    count: () => taken,
  };
}

test('a child that ends is started again, as often as it ends', async () => {
  const lines: string[] = [];
  const { launch, next } = launches();
  let ends = 0;
  const kept = await keep({ name: 'it', launch, onEnd: () => (ends += 1), log: (line) => lines.push(line) });
  (await next()).end();
  (await next()).end();
  await next();
  expect(ends).toBe(2);
  kept.letGo();
  expect(lines.filter((line) => line === 'it ended by itself; it is started again')).toHaveLength(2);
});

test('a child that was let go stays ended', async () => {
  const { launch, next, count } = launches();
  let ended: () => void = () => undefined;
  const seen = new Promise<void>((resolve) => (ended = resolve));
  const kept = await keep({ name: 'it', launch, onEnd: () => ended(), log: () => undefined });
  const first = await next();
  kept.letGo();
  first.end();
  await seen;
  await new Promise(setImmediate);
  expect(count()).toBe(1);
});

test('a restart that fails is tried again', async () => {
  const { launch, next } = launches();
  let calls = 0;
  const kept = await keep({
    name: 'it',
    launch: () => {
      calls += 1;
      return calls === 2 ? Promise.reject(new Error('port in use')) : launch();
    },
    onEnd: () => undefined,
    log: () => undefined,
  });
  (await next()).end();
  await next();
  expect(calls).toBe(3);
  kept.letGo();
});

test('a first start that fails is told at once', async () => {
  const launch = (): Promise<Running> => Promise.reject(new Error('no such file'));
  await expect(keep({ name: 'it', launch, onEnd: () => undefined, log: () => undefined })).rejects.toThrow(
    'no such file',
  );
});
