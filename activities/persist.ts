import { stepCauseId, type Cause, type Step } from '../domain/decider';
import type { OrderReference } from '../domain/order/decide';
import type { OrderFacts } from '../domain/order/facts';
import type { Order } from '../domain/order/schema';
import type { ShipmentReference } from '../domain/shipment/decide';
import type { ShipmentFacts } from '../domain/shipment/facts';
import type { Coordinates } from '../domain/values-schema';
import { noFaults, type FaultPoint } from '../platform/fault-points';
import type { Store } from '../store/connect';
import type { Inventory } from '../store/inventory';
import type { MasterData } from '../store/master-data';
import { deciders, type Persist, type PersistResult, type Wake } from '../store/persist';

/** What a workflow's persist asks: the aggregate, the workflow's time, and outcomes that it wants on record. */
export interface PersistArgument {
  entity: 'order' | 'shipment';
  id: string;
  /** The workflow's time; ISO 8601 UTC. */
  at: string;
  causes?: Cause[];
}

/** What the persist activity needs. */
export interface PersistDependencies {
  store: Store;
  persist: Persist;
  inventory: Inventory;
  masterData: MasterData;
  poke: (wake: Wake) => void;
  /** Where a place is, offline; undefined where nobody knows. */
  geocode: (place: {
    country: string;
    postal_code?: string | undefined;
    city?: string | undefined;
  }) => Coordinates | undefined;
  faultPoint?: FaultPoint;
}

/** What was gathered for the next store step: reference data, and the outcome of a step that the inventory decides. */
interface Gathered {
  reference: OrderReference | ShipmentReference;
  causes?: Cause[];
}

const maxRounds = 8;
const system = { kind: 'system', id: 'hub' } as const;

/** The workflow's side of the write protocol. */
export interface WorkflowPersist {
  /**
   * Decides what lies in the inbox, records the given outcomes, and takes the store's steps for as long as one comes
   * next. Answers the facts as they then stand, or null when the aggregate is not known.
   */
  run(argument: PersistArgument): Promise<OrderFacts | ShipmentFacts | null>;
}

/** Builds the workflow's persist. */
export function createWorkflowPersist(dependencies: PersistDependencies): WorkflowPersist {
  const { store, persist, inventory, masterData, poke, geocode, faultPoint = noFaults } = dependencies;

  async function routingReference(
    order: Order,
    skus: Readonly<Record<string, string>>,
  ): Promise<OrderReference['routing']> {
    const ours = [...new Set(order.lines.map((line) => skus[line.channel_sku] ?? line.sku))];
    const [locations, stock] = await Promise.all([
      masterData.locationsServing(order.channel_id, order.ship_to.country),
      inventory.available(ours),
    ]);
    const sources = locations.map((location) => ({
      location_id: location.location_id,
      coordinates: location.coordinates,
      available: Object.fromEntries(
        stock.filter((row) => row.location_id === location.location_id).map((row) => [row.sku, row.quantity]),
      ),
    }));
    return { sources, destination: geocode(order.ship_to) ?? null };
  }

  async function gatherForOrder(id: string, step: Step): Promise<Gathered | undefined> {
    const order = await store.orders.findOne({ _id: id });
    if (!order) return undefined;
    if (step.name === 'reserve') {
      const reservation_id = `${id}/reserve/${String(step.n)}`;
      const lines = (order.plan?.shipments ?? []).flatMap(({ location_id, lines: planned }) =>
        planned.map(({ sku, quantity }) => ({ sku, quantity, location_id })),
      );
      const outcome = await inventory.reserve({ reservation_id, order_id: id, lines });
      await faultPoint('order.reserve.after_commit');
      const at = new Date().toISOString();
      return {
        reference: {},
        causes: [{ cause_id: stepCauseId(step), kind: 'step', body: outcome, at, actor: system }],
      };
    }
    if (step.name !== 'validate' && step.name !== 'route') return { reference: {} };
    const skus = await masterData.resolveSkus(
      order.channel_id,
      order.lines.map((line) => line.channel_sku),
    );
    const routing = await routingReference(order, skus);
    return { reference: routing ? { skus, routing } : { skus } };
  }

  async function gatherForShipment(id: string): Promise<Gathered | undefined> {
    const shipment = await store.shipments.findOne({ _id: id });
    if (!shipment) return undefined;
    const lines = shipment.lines.map(({ sku, packed }) => ({
      sku,
      quantity: packed,
      location_id: shipment.location_id,
    }));
    await inventory.ship({ cause_id: `${id}/ship`, order_id: shipment.order_id, lines });
    await faultPoint('shipment.ship_stock.after_commit');
    return { reference: { stock_shipped: true } };
  }

  /** A reservation that its order no longer wanted is given back. */
  async function releaseUnwanted(causes: readonly Cause[], results: PersistResult['results']): Promise<void> {
    for (const cause of causes) {
      const result = results.find((candidate) => candidate.cause_id === cause.cause_id);
      const { held, reservation_id } = cause.body as { held?: boolean; reservation_id?: string };
      if (held && reservation_id && result?.outcome !== 'accepted') await inventory.release(reservation_id);
    }
  }

  return {
    async run({ entity, id, at, causes = [] }) {
      let { facts, wakes }: PersistResult<OrderFacts | ShipmentFacts> = await persist({
        entity,
        id,
        at,
        causes,
        drain: true,
      });
      wakes.forEach(poke);
      for (let round = 0; round < maxRounds && facts; round += 1) {
        const now = new Date().toISOString();
        const next = deciders[entity].next(facts as never, at > now ? at : now);
        const step = next.steps.find((candidate) => candidate.via === 'store');
        if (!step) break;
        const gathered = entity === 'order' ? await gatherForOrder(id, step) : await gatherForShipment(id);
        if (!gathered) break;
        const before = facts.version;
        const { reference, causes: outcomes = [] } = gathered;
        const result = await persist({ entity, id, at, causes: outcomes, drain: true, join: { reference } });
        ({ facts, wakes } = result);
        await releaseUnwanted(outcomes, result.results);
        wakes.forEach(poke);
        if (facts?.version === before) break;
      }
      await faultPoint(`${entity}.persist.returning`);
      return facts;
    },
  };
}
