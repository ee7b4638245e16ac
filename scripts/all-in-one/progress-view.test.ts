import { expect, test } from '@jest/globals';
import { terminalView, type DemoOrder } from './progress-view';

function shownOn(size: { rows: number; columns: number }): string[] {
  const written: string[] = [];
  const write = (text: string): boolean => written.push(text) > 0;
  const orders = Array.from({ length: 30 }, (_, index): DemoOrder => ({
    channelOrderId: `DEMO-${String(index + 1)}`,
    orderId: `ord_${String(index + 1)}`,
    to: 'A town with a name that no window of a usual width has room for, whatever else there is',
    status: 'confirmed',
    stage: 'picking',
    problem: undefined,
  }));
  terminalView({ ...size, write } as unknown as NodeJS.WriteStream).show(orders);
  return written
    .join('')
    .trimEnd()
    .split('\n')
    .map((line) => line.replace('\u001b[2K', ''));
}

test('orders are shown as far as the window has rows and columns', () => {
  const lines = shownOn({ rows: 10, columns: 40 });
  expect(lines).toHaveLength(9);
  expect(Math.max(...lines.map((line) => line.length))).toBe(39);
});

test('a terminal that reports no size counts as 80 x 24', () => {
  expect(shownOn({ rows: 0, columns: 0 })).toEqual(shownOn({ rows: 24, columns: 80 }));
});
