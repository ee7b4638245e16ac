/** The signal that wakes a workflow: something lies in its inbox, or may. It carries nothing. */
export const pokeSignal = 'poke';

/** The Update by which operators give a command in the Temporal UI or CLI; without personal data. */
export const commandUpdate = 'command';

/** Which workflow type owns which first part of a workflow id. */
export const workflowTypes = {
  order: 'orderWorkflow',
  shipment: 'shipmentWorkflow',
  feed: 'feedWorkflow',
  job: 'sweeperWorkflow',
} as const;

/** A run's line in the Temporal UI: which order by its channel's own id, or which shipment. */
export function runSummary({ workflow_id, to }: { workflow_id: string; to: string }): string {
  const [kind, ...rest] = workflow_id.split('/');
  if (kind !== 'order') return `${kind === 'shipment' ? 'Shipment' : String(kind)} ${to}`;
  return `Order ${decodeURIComponent(rest.at(-1) ?? '')}`;
}

/** The start argument of order and shipment workflows: first start, wake and sweep alike. */
export interface StartArgument {
  id: string;
}
