import { ulid } from 'ulid';
import type { OrderCapture } from '../domain/order/capture-schema';
import { customerKey } from '../domain/order/identity';
import type { Store } from './connect';

/**
 * The customer's id for a captured order: the one known under the buyer's e-mail or id in the channel, else a new one.
 * Two captures at once get the same customer. A buyer without either is a customer of one order.
 */
export async function findOrCreateCustomer(store: Store, capture: OrderCapture, now: Date): Promise<string> {
  const { customer } = capture;
  const key = customerKey(capture.channel_id, customer) ?? `order/${capture.channel_id}/${capture.channel_order_id}`;
  const known = await store.customers.findOne({ keys: key }, { projection: { _id: 1 } });
  if (known) return known._id;
  const created = {
    _id: `cus_${ulid()}`,
    keys: [key],
    name: customer.name,
    email: customer.email ?? null,
    phone: customer.phone ?? null,
    created_at: now.toISOString(),
  };
  try {
    await store.customers.insertOne(created);
    return created._id;
  } catch (error) {
    // Somebody else captured an order of the same buyer at the same moment.
    const winner = await store.customers.findOne({ keys: key }, { projection: { _id: 1 } });
    if (winner) return winner._id;
    throw error;
  }
}
