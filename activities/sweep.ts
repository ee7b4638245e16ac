import { ulid } from 'ulid';
import { nextOfShipment, shipmentFacts } from '../domain/shipment/facts';
import { orderWorkflowId, shipmentWorkflowId } from '../domain/order/ids';
import type { Logger } from '../platform/log';
import type { Store } from '../store/connect';
import { deciders, type Wake } from '../store/persist';

/** What the sweeper needs. */
export interface SweepDependencies {
  store: Store;
  pokeNow: (wake: Wake) => Promise<void>;
  /** The ids of workflows that run, as visibility lists them; it may lag by a moment. */
  runningWorkflowIds: () => Promise<ReadonlySet<string>>;
  /** Whether a workflow really runs. */
  isRunning: (workflowId: string) => Promise<boolean>;
  log: Logger;
  /** How long a row may lie open, and a document without a run, before they are poked; seconds. */
  settings: { sweep_rows_s: number; sweep_documents_s: number };
  now?: () => Date;
}

/** What one pass found and did. */
export interface SweepReport {
  /** To be given to the next pass: when another stands in the store, the store was set back. */
  nonce: string;
  /** When open documents were last looked at; ISO 8601 UTC. To be given to the next pass too. */
  checked_at: string | null;
  /** When the next pass should come, in milliseconds. */
  pause_ms: number;
  set_back: boolean;
  poked_rows: number;
  poked_documents: number;
  failed: number;
}

/** One pass of the sweeper, given what the last one left. */
export type Sweep = (last: { nonce: string | null; checked_at: string | null }) => Promise<SweepReport>;

const rowsPerPass = 2_000;
const pokesAtOnce = 16;
const stateId = 'sweeper';

/**
 * Builds the sweeper: rows that stay open are poked again, open documents without a run are woken, and after the store
 * was set back (its nonce is not the one that the last pass left) every open document is.
 */
export function createSweep(dependencies: SweepDependencies): Sweep {
  const { store, pokeNow, runningWorkflowIds, isRunning, log, settings, now = () => new Date() } = dependencies;
  const rowGraceMs = settings.sweep_rows_s * 1000;
  const documentGraceMs = settings.sweep_documents_s * 1000;
  const before = (ms: number): string => new Date(now().getTime() - ms).toISOString();

  async function pokeAll(wakes: readonly Wake[]): Promise<{ poked: number; failed: number }> {
    const waiting = [...wakes];
    let poked = 0;
    let failed = 0;
    await Promise.all(
      Array.from({ length: pokesAtOnce }, async () => {
        for (let wake = waiting.pop(); wake; wake = waiting.pop()) {
          try {
            await pokeNow(wake);
            poked += 1;
          } catch (error) {
            failed += 1;
            log.warn({ workflow_id: wake.workflow_id, err: error }, 'poke failed');
          }
        }
      }),
    );
    return { poked, failed };
  }

  /** Open rows whose aggregate is known, or which create it; others wait for theirs without waking anybody or taking a place. */
  async function staleRows(): Promise<Wake[]> {
    const creating = Object.values(deciders).flatMap((decider) => decider.creates);
    const known = ({ collectionName: from }: { collectionName: string }): object => ({
      $lookup: { from, localField: '_id', foreignField: '_id', pipeline: [{ $project: { _id: 1 } }], as: from },
    });
    const waiting = await store.inbox
      .aggregate<{ _id: string; workflow_id: string }>([
        { $match: { done: false, at: { $lt: before(rowGraceMs) } } },
        {
          $group: {
            _id: '$to',
            workflow_id: { $first: '$workflow_id' },
            at: { $min: '$at' },
            creates: { $max: { $in: ['$kind', creating] } },
          },
        },
        { $sort: { at: 1 } },
        known(store.orders),
        known(store.shipments),
        { $match: { $or: [{ creates: true }, { orders: { $ne: [] } }, { shipments: { $ne: [] } }] } },
        { $limit: rowsPerPass },
      ])
      .toArray();
    return waiting.map(({ _id, workflow_id }) => ({ to: _id, workflow_id }));
  }

  async function openDocuments(olderThan: string): Promise<Wake[]> {
    const orders = await store.orders
      .find({ closed_at: null, updated_at: { $lt: olderThan } })
      .project<{ _id: string; channel_id: string; channel_order_id: string }>({ channel_id: 1, channel_order_id: 1 })
      .toArray();
    const shipments = await store.shipments
      .find({
        updated_at: { $lt: olderThan },
        $or: [{ delivered_at: null }, { announced_at: null }, { invoiced_at: null }, { payment_captured_at: null }],
      })
      .toArray();
    const at = now().toISOString();
    return [
      ...orders.map((order) => ({
        to: order._id,
        workflow_id: orderWorkflowId(order.channel_id, order.channel_order_id),
      })),
      ...shipments
        .filter((shipment) => !nextOfShipment(shipmentFacts(shipment), at).end)
        .map((shipment) => ({ to: shipment._id, workflow_id: shipmentWorkflowId(shipment._id) })),
    ];
  }

  /** Open documents whose workflow is in no list and, asked for by name, does not run. */
  async function withoutRun(): Promise<Wake[]> {
    const open = await openDocuments(before(documentGraceMs));
    if (open.length === 0) return [];
    const running = await runningWorkflowIds();
    const missing = open.filter((wake) => !running.has(wake.workflow_id));
    const confirmed: Wake[] = [];
    for (const wake of missing) if (!(await isRunning(wake.workflow_id))) confirmed.push(wake);
    return confirmed;
  }

  return async ({ nonce, checked_at }) => {
    const check_documents = checked_at === null || checked_at < before(documentGraceMs);
    const standing = await store.hub_state.findOne({ _id: stateId });
    const set_back = (standing?.value ?? null) !== nonce;
    if (set_back)
      log.warn({ known: nonce, found: standing?.value }, 'the store was set back: every open document is poked');
    const rows = await pokeAll(await staleRows());
    const documents = set_back
      ? await pokeAll(await openDocuments(now().toISOString()))
      : check_documents
        ? await pokeAll(await withoutRun())
        : { poked: 0, failed: 0 };
    // A pass that could not poke all leaves the nonce as it was, so that the next one pokes all again.
    const failed = rows.failed + documents.failed;
    const next = failed > 0 && set_back ? (nonce ?? '') : `swp_${ulid()}`;
    if (!(failed > 0 && set_back)) {
      await store.hub_state.updateOne(
        { _id: stateId },
        { $set: { value: next, at: now().toISOString() } },
        { upsert: true },
      );
    }
    return {
      nonce: next,
      checked_at: check_documents ? now().toISOString() : checked_at,
      pause_ms: rowGraceMs,
      set_back,
      poked_rows: rows.poked,
      poked_documents: documents.poked,
      failed,
    };
  };
}
