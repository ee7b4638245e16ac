import type { Order } from '../domain/order/schema';
import { Refusal } from './problem';

/** An order's entity tag: its edit version, which rises with commanded changes alone. */
export function etagOf(order: Pick<Order, 'edit_version'>): string {
  return `"${String(order.edit_version)}"`;
}

/** Refuses with 412 and the current state unless `If-Match` names the order's edit version (or is `*`). */
export function requireCurrent(ifMatch: string, order: Order, show: (order: Order) => unknown): void {
  const tags = ifMatch.split(',').map((tag) => tag.trim().replace(/^W\//, ''));
  if (tags.includes('*') || tags.includes(etagOf(order))) return;
  throw new Refusal('EDIT_VERSION_STALE', `The order stands at edit version ${String(order.edit_version)}.`, {
    headers: { etag: etagOf(order) },
    members: { current: show(order) },
  });
}
