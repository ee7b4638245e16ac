import { ulid } from 'ulid';
import type { Actor, CauseResult } from '../domain/decider';
import type { OrderCapture } from '../domain/order/capture-schema';
import type { CapturedOrder } from '../domain/order/events';
import { contentHash, orderId } from '../domain/order/identity';
import { orderWorkflowId } from '../domain/order/ids';
import type { Order } from '../domain/order/schema';
import type { Store } from './connect';
import { findOrCreateCustomer } from './customers';
import { deciders, type Persist, type Target, type Wake } from './persist';
import type { InboxRow } from './rows';

/** What a capture came to. */
export type CaptureOutcome =
  { outcome: 'created'; order: Order } | { outcome: 'repeated'; order: Order } | { outcome: 'conflict'; order: Order };

/** What a command came to; `not_found` when its aggregate is not known. */
export type CommandOutcome = { outcome: 'not_found' } | { outcome: 'decided'; result: CauseResult };

/**
 * Where everything enters: it is persisted and decided at once, then the workflow that owns the aggregate is poked
 * without waiting for it. With Temporal down the answer is the same; the sweeper pokes later.
 */
export interface Door {
  /** Captures an order once for each (channel_id, channel_order_id); the same content again is the same order. */
  capture(capture: OrderCapture, actor: Actor): Promise<CaptureOutcome>;
  /** Gives a command to an aggregate. The same `command_id` again gets the first answer. */
  command(
    target: Target,
    command: { command_id: string; kind: string; body: unknown },
    actor: Actor,
  ): Promise<CommandOutcome>;
  /** Decides rows that a feed already stored, each at its aggregate, and pokes the workflows. */
  deliver(rows: readonly InboxRow[]): Promise<void>;
}

/** What the door needs. `poke` must not throw and need not be awaited. */
export interface DoorOptions {
  store: Store;
  persist: Persist;
  poke: (wake: Wake) => void;
  now?: () => Date;
}

/** Builds the door. */
export function createDoor({ store, persist, poke, now = () => new Date() }: DoorOptions): Door {
  const wakeAll = (wakes: readonly Wake[]): void => {
    wakes.forEach(poke);
  };

  return {
    async capture(capture, actor) {
      const order_id = orderId(capture.channel_id, capture.channel_order_id);
      const content_hash = contentHash(capture);
      const customer_id = await findOrCreateCustomer(store, capture, now());
      const body: CapturedOrder = { ...capture, order_id, content_hash, customer_id };
      const workflow_id = orderWorkflowId(capture.channel_id, capture.channel_order_id);
      const row: InboxRow = {
        _id: order_id,
        to: order_id,
        workflow_id,
        kind: 'capture',
        body,
        actor,
        // An imported order is closed as it stands and needs no run.
        done: capture.imported,
        at: now().toISOString(),
      };
      const { results, wakes } = await persist({ entity: 'order', id: order_id, arriving: [row] });
      const order = await store.orders.findOne({ _id: order_id });
      if (!order) throw new Error(`${order_id} was captured and is gone.`);
      const repeated = results.some(
        (result) => result.cause_id === order_id && 'repeated' in result && result.repeated,
      );
      if (!repeated) {
        if (!capture.imported) poke({ workflow_id, to: order_id });
        wakeAll(wakes);
        return { outcome: 'created', order };
      }
      return { outcome: order.content_hash === content_hash ? 'repeated' : 'conflict', order };
    },

    async command(target, { command_id, kind, body }, actor) {
      const document = await (target.entity === 'order' ? store.orders : store.shipments).findOne({ _id: target.id });
      if (!document) return { outcome: 'not_found' };
      const workflow_id = deciders[target.entity].workflowId(document as never);
      const row: InboxRow = {
        _id: command_id,
        to: target.id,
        workflow_id,
        kind,
        body,
        actor,
        done: false,
        at: now().toISOString(),
      };
      const { results, wakes } = await persist({ ...target, arriving: [row] });
      const result = results.find((candidate) => candidate.cause_id === command_id);
      if (!result) throw new Error(`${command_id} was persisted without a result.`);
      poke({ workflow_id, to: target.id });
      wakeAll(wakes);
      return { outcome: 'decided', result };
    },

    async deliver(rows) {
      const byTarget = new Map<string, InboxRow[]>();
      for (const row of rows) byTarget.set(row.to, [...(byTarget.get(row.to) ?? []), row]);
      const targets = [...byTarget.values()];
      const workers = Array.from({ length: Math.min(8, targets.length) }, async () => {
        for (let next = targets.pop(); next; next = targets.pop()) {
          const [first] = next;
          if (!first) continue;
          const entity = first.to.startsWith('ord_') ? 'order' : 'shipment';
          const { facts, wakes } = await persist({ entity, id: first.to, arriving: next });
          // What comes for an aggregate that is not known yet waits in the inbox for it.
          if (facts) poke({ workflow_id: first.workflow_id, to: first.to });
          wakeAll(wakes);
        }
      });
      await Promise.all(workers);
    },
  };
}

/** A fresh id for a command that its caller did not name. */
export function newCommandId(): string {
  return `cmd_${ulid()}`;
}
