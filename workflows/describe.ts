import type { Problem, WaitingFor } from '../domain/order/schema';

interface Waiting {
  /** An order's status; shipments have none. */
  status?: string;
  stage: string;
  stage_since: string;
  waiting_for: WaitingFor | null;
  waiting_until: string | null;
  problems: Pick<Problem, 'code' | 'detail' | 'waiting_for' | 'until'>[];
}

const partners: Readonly<Record<WaitingFor, string>> = {
  hub: 'the hub itself',
  operator: 'an operator',
  stock: 'stock',
  warehouse: 'the warehouse',
  carrier: 'the carrier',
  channel: 'the sales channel',
  payment: 'the payment provider',
  erp: 'the ERP',
  return_window: 'the end of the return window',
};

/** An instant as people read it: to the second, in UTC. */
function readable(instant: string): string {
  return `${instant.slice(0, 10)} ${instant.slice(11, 19)} UTC`;
}

/** Until when it waits: with a problem the hub's next look, else what is expected. */
function untilWhen({ waiting_until, problems }: Waiting): string {
  if (waiting_until === null) return '';
  const at = readable(waiting_until);
  return problems.length > 0 ? `; the hub looks again by itself at ${at}` : `, expected by ${at}`;
}

/** Where something stands, why it waits, for whom and until when; Markdown for the Temporal UI, without personal data. */
export function describeWait(title: string, waiting: Waiting): string {
  const status = waiting.status === undefined ? '' : ` (${waiting.status})`;
  const lines = [
    `**${title}** is *${waiting.stage}*${status} since ${readable(waiting.stage_since)}.`,
    waiting.waiting_for === null
      ? 'It waits for nobody.'
      : `It waits for ${partners[waiting.waiting_for]}${untilWhen(waiting)}.`,
    ...waiting.problems.map((problem) => `- **${problem.code}**: ${problem.detail}`),
  ];
  const [first] = waiting.problems;
  if (first) {
    lines.push(
      `To look again now, send the Update \`command\` with \`{ "kind": "recheck", "code": "${first.code}" }\`.`,
    );
  }
  return lines.join('\n\n');
}
