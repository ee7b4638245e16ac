import type { Problem, WaitingFor } from '../domain/order/schema';

interface Waiting {
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

/** Where something stands, why it waits, for whom and until when; Markdown for the Temporal UI, without personal data. */
export function describeWait(title: string, waiting: Waiting): string {
  const until = waiting.waiting_until ? `, until ${waiting.waiting_until} at the latest` : '';
  const lines = [
    `**${title}** is *${waiting.stage}* since ${waiting.stage_since}.`,
    waiting.waiting_for === null ? 'It waits for nobody.' : `It waits for ${partners[waiting.waiting_for]}${until}.`,
    ...waiting.problems.map(
      (problem) => `- **${problem.code}**: ${problem.detail} The hub looks again at ${problem.until} by itself.`,
    ),
  ];
  if (waiting.problems.length > 0) {
    lines.push(
      `To look again now, send the Update \`command\` with \`{ "kind": "recheck", "code": "${waiting.problems[0]?.code ?? ''}" }\`.`,
    );
  }
  return lines.join('\n\n');
}
