import { randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { orderId } from '../../domain/order/identity';
import type { OrderCapture } from '../../domain/order/capture-schema';
import type { PlannedFault } from '../../platform/fault-points';
import type { Hub, Part } from '../stack/hub';
import { sampleOrder, type Merchant } from '../stack/merchant';
import type { HubServers, Servers } from '../stack/servers';
import { waitFor } from '../stack/wait-for';
import { arrival, violations, type Expectations } from './checks';

/** Where a scenario runs: a hub of its own lane, its merchant, and the servers that all lanes share. */
export interface Stage {
  hub: Hub;
  merchant: Merchant;
  servers: HubServers;
  /** The servers where they may be killed: only exclusive scenarios do. */
  killable?: Servers;
}

/** The servers of a stage, to be killed. */
export function killable({ killable: servers }: Stage): Servers {
  if (!servers) throw new Error('The servers of this stage are shared with others.');
  return servers;
}

/** One way to hurt an order. It answers what it found broken; a control answers nothing when the break was missed. */
export interface Scenario {
  name: string;
  group: string;
  /** It kills servers that other lanes use, and runs alone. */
  exclusive?: boolean;
  /** It leaves a rule out and passes only when checks fail. */
  control?: boolean;
  run(stage: Stage): Promise<string[]>;
}

/** A name that no other order of this run has. */
export function freshOrder(merchant: Merchant, changes: Partial<OrderCapture> = {}): OrderCapture {
  return sampleOrder(merchant, `K-${randomUUID().slice(0, 8)}`, changes);
}

/** Sends an order until it is answered, as a channel would; answers its id. */
export async function place(hub: Hub, capture: OrderCapture): Promise<string> {
  await waitFor('the API to take the order', async () => {
    const { status } = await hub.request('POST', '/v1/orders', capture);
    return status === 201 || status === 200;
  });
  return orderId(capture.channel_id, capture.channel_order_id);
}

/** Gives a note until it is answered. */
export async function giveNote(hub: Hub, id: string, text: string): Promise<void> {
  await waitFor('the API to take the note', async () => {
    const { status } = await hub.request('POST', `/v1/orders/${id}/notes`, { text });
    return status === 200;
  });
}

/** An order went its way without passing the point: signals were drained together this time. The scenario is tried again. */
export class NotPassed extends Error {
  constructor(point: string) {
    super(`the order arrived without passing ${point}`);
    this.name = 'NotPassed';
  }
}

async function unlessArrived(hub: Hub, orderId: string, point: string, happened: () => boolean): Promise<void> {
  const outcome = await waitFor(
    `${point} to be reached`,
    async () => {
      if (happened()) return 'happened';
      const order = await hub.store.orders.findOne({ _id: orderId }, { projection: { closed_at: 1 } });
      return order?.closed_at ? 'arrived' : undefined;
    },
    120_000,
  );
  // What is written last may be seen last: the point may have been passed on the order's last steps.
  if (outcome === 'arrived') {
    await new Promise((resolve) => setTimeout(resolve, 500));
    if (!happened()) throw new NotPassed(point);
  }
}

/** Waits until a part is dead, as planned. Throws NotPassed when the order arrived without. */
export function died(hub: Hub, part: Part, orderId: string, what: string): Promise<void> {
  return unlessArrived(hub, orderId, what, () => hub.running(part) === undefined);
}

/** Waits until a paused point was reached. Throws NotPassed when the order arrived without. */
export function reached(hub: Hub, orderId: string, file: string, what: string): Promise<void> {
  return unlessArrived(hub, orderId, what, () => existsSync(file));
}

/** Files by which a paused point and the test talk. */
export function pauseFiles(hub: Hub): { reached_file: string; release_file: string } {
  const name = randomUUID();
  return { reached_file: join(hub.dir, `${name}.reached`), release_file: join(hub.dir, `${name}.release`) };
}

/** Makes sure that all parts run and no fault is planned, places an order under `faults`, and leaves the rest to `hurt`. */
export async function withOrder(
  { hub, merchant }: Stage,
  faults: Partial<Record<Part, PlannedFault[]>>,
  hurt: (id: string, capture: OrderCapture) => Promise<Expectations | undefined>,
): Promise<string[]> {
  await startAll(hub);
  hub.arm('worker', faults.worker ?? []);
  hub.arm('api', faults.api ?? []);
  const capture = freshOrder(merchant);
  const id = orderId(capture.channel_id, capture.channel_order_id);
  const placed = place(hub, capture);
  placed.catch(() => undefined);
  const expected = await hurt(id, capture);
  hub.arm('worker', []);
  hub.arm('api', []);
  await startAll(hub);
  await placed;
  await arrival(hub, id);
  return violations(hub, id, expected);
}

/** Starts whatever of the hub does not run. */
export async function startAll(hub: Hub): Promise<void> {
  await hub.start('sandbox');
  await Promise.all([hub.start('api'), hub.start('worker')]);
}
