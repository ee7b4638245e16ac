/** One order of the demonstration as it is shown. */
export type DemoOrder = {
  readonly channelOrderId: string;
  readonly orderId: string;
  readonly to: string;
  status: string;
  stage: string;
  problem: string | undefined;
};

/** Shows orders on their way; `show` may be called as often as there is news. */
export type ProgressView = {
  show(orders: readonly DemoOrder[]): void;
  done(orders: readonly DemoOrder[]): void;
};

const stages = [
  'captured',
  'validated',
  'routed',
  'allocated',
  'released',
  'picking',
  'picked',
  'packed',
  'labelled',
  'handed_off',
  'in_transit',
  'delivered',
];

function summary(orders: readonly DemoOrder[]): string {
  const counts = new Map<string, number>();
  for (const { stage } of orders) counts.set(stage, (counts.get(stage) ?? 0) + 1);
  const problems = orders.filter((order) => order.problem !== undefined).length;
  const parts = [...stages, 'closed'].flatMap((stage) => {
    const count = counts.get(stage);
    return count === undefined ? [] : [`${count} ${stage.replace('_', ' ')}`];
  });
  return `${orders.length} orders: ${parts.reverse().join(', ')}${problems > 0 ? `; ${problems} with a problem` : ''}`;
}

function row(order: DemoOrder): string {
  const reached = order.stage === 'closed' ? stages.length : stages.indexOf(order.stage) + 1;
  const bar = `${'█'.repeat(reached)}${'░'.repeat(stages.length - reached)}`;
  const text = order.problem === undefined ? order.stage.replace('_', ' ') : `${order.stage}: ${order.problem}`;
  return `  ${order.channelOrderId}  ${bar}  ${text.padEnd(14)} → ${order.to}`;
}

/** A line whenever the counts change: for logs and pipes. */
export function plainView(write: (line: string) => void): ProgressView {
  let last = '';
  const show = (orders: readonly DemoOrder[]): void => {
    const line = summary(orders);
    if (line !== last) write(line);
    last = line;
  };
  return { show, done: show };
}

/** The size of a window that does not know its own: some terminals report no rows and no columns. */
const usualSize = { rows: 24, columns: 80 };

/** A bar for each order, redrawn in place: for a terminal. One that reports 0 rows or columns counts as 80 x 24. */
export function terminalView(terminal: NodeJS.WriteStream): ProgressView {
  let drawn = 0;
  const show = (orders: readonly DemoOrder[]): void => {
    const rows = terminal.rows || usualSize.rows;
    const columns = terminal.columns || usualSize.columns;
    // One row less than the window has, or the redrawing would climb into what was scrolled away.
    const visible = orders.slice(0, Math.max(1, rows - 2));
    const lines = [...visible.map(row), `  ${summary(orders)}`];
    const up = drawn > 0 ? `\u001b[${drawn}A` : '';
    terminal.write(up + lines.map((line) => `\u001b[2K${line.slice(0, columns - 1)}\n`).join(''));
    drawn = lines.length;
  };
  return { show, done: show };
}
