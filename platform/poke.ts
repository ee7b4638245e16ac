import { WorkflowIdReusePolicy, type Client } from '@temporalio/client';

/** A workflow to wake and the aggregate that it owns. */
interface Poked {
  workflow_id: string;
  to: string;
}

/** Wakes workflows without making anybody wait. */
export interface Poker {
  /** Signals the workflow, starting it where it does not run; never throws and is not awaited. */
  poke(target: Poked): void;
  /** The same, awaited: rejects when Temporal does not take it. */
  pokeNow(target: Poked): Promise<void>;
  /** Waits until pokes under way are done, at most `timeout_ms`. */
  drain(timeout_ms: number): Promise<void>;
}

/** What a poker needs: the connected client, and which workflow type answers to which first part of a workflow id. */
export interface PokerOptions {
  client: Client;
  taskQueue: string;
  workflowTypes: Readonly<Record<string, string>>;
  /** Kills of a worker are noticed after this time; Temporal's default is 10 s. */
  workflowTaskTimeoutMs?: number;
  /** A line about the run for whoever reads it in Temporal. */
  summaryOf?: (target: Poked) => string;
  onError?: (error: unknown, target: Poked) => void;
}

const maxInFlight = 256;

/**
 * Pokes by signal-with-start, so that a closed or terminated run is woken too. Beyond a bounded number in flight, and when
 * Temporal is away, pokes are dropped: the row in the inbox stays open and the sweeper pokes again.
 */
export function createPoker({
  client,
  taskQueue,
  workflowTypes,
  workflowTaskTimeoutMs,
  summaryOf,
  onError,
}: PokerOptions): Poker {
  const inFlight = new Set<Promise<void>>();

  async function pokeNow(target: Poked): Promise<void> {
    const type = workflowTypes[target.workflow_id.split('/')[0] ?? ''];
    if (!type) throw new Error(`No workflow type for ${target.workflow_id}.`);
    await client.withDeadline(Date.now() + 5000, () =>
      client.workflow.signalWithStart(type, {
        workflowId: target.workflow_id,
        taskQueue,
        args: [{ id: target.to }],
        signal: 'poke',
        ...(summaryOf ? { staticSummary: summaryOf(target) } : {}),
        workflowIdReusePolicy: WorkflowIdReusePolicy.ALLOW_DUPLICATE,
        ...(workflowTaskTimeoutMs === undefined ? {} : { workflowTaskTimeout: workflowTaskTimeoutMs }),
      }),
    );
  }

  return {
    pokeNow,
    poke(target) {
      if (inFlight.size >= maxInFlight) return;
      const run = pokeNow(target)
        .catch((error: unknown) => onError?.(error, target))
        .finally(() => inFlight.delete(run));
      inFlight.add(run);
    },
    async drain(timeout_ms) {
      let timer: NodeJS.Timeout | undefined;
      const late = new Promise<void>((resolve) => {
        timer = setTimeout(resolve, timeout_ms);
      });
      await Promise.race([Promise.allSettled(inFlight), late]);
      clearTimeout(timer);
    },
  };
}
