import { setTimeout as delay } from 'node:timers/promises';
import { z } from 'zod';
import { readJson, writeJson } from './data-folder';
import type { HubClient } from './hub-client';
import type { Merchant } from './seed';
import { customers, products, type SeedProduct } from './seed-data';
import type { DemoOrder, ProgressView } from './progress-view';

const ORDERS = 20;
const POLL_MS = 500;
const PATIENCE_MS = 10 * 60_000;
const SHIPPING_CHARGE = 490;

const DemoRecord = z.object({ placed_at: z.string(), finished: z.boolean() });
const Placed = z.looseObject({ order_id: z.string() });
const Watched = z.looseObject({
  status: z.string(),
  fulfillment_stage: z.string(),
  problem: z.unknown().optional(),
});

function pick<T>(list: readonly T[], index: number): T {
  const item = list[index % list.length];
  if (item === undefined) throw new Error('nothing to pick from');
  return item;
}

function linesOf(index: number): { sku: string; title: string; quantity: number; unit_price: number }[] {
  // The last product has no stock anywhere: an order for it would wait, which is not what is shown here.
  const sellable: readonly SeedProduct[] = products.toSorted((a, b) => (a.sku < b.sku ? -1 : 1)).slice(0, -1);
  return Array.from({ length: 1 + (index % 3) }, (_, line) => {
    const product = pick(sellable, index * 7 + line * 11);
    return {
      sku: product.sku,
      title: product.title,
      quantity: 1 + ((index + line) % 2),
      unit_price: product.unit_price,
    };
  });
}

function demoOrder(index: number, placedAt: string, merchant: Merchant): Record<string, unknown> {
  const isWeb = index % 5 !== 4;
  const channelId = merchant.channelIds.get(isWeb ? 'web-shop' : 'marketplace');
  const customer = pick(customers, index);
  const lines = linesOf(index);
  const grandTotal = lines.reduce((sum, line) => sum + line.quantity * line.unit_price, SHIPPING_CHARGE);
  // Month to minute: a later batch in the same database has other numbers.
  const channelOrderId = `DEMO-${placedAt.replace(/\D/g, '').slice(4, 12)}-${String(index + 1).padStart(2, '0')}`;
  return {
    channel_id: channelId,
    channel_order_id: channelOrderId,
    placed_at: placedAt,
    currency: 'EUR',
    prices_include_tax: true,
    customer: { name: customer.name, email: `customer${1 + (index % customers.length)}@example.com` },
    ship_to: customer,
    lines,
    shipping_charge: SHIPPING_CHARGE,
    totals: { grand_total: grandTotal },
    ...(isWeb
      ? {
          payments: [
            {
              provider: 'sandbox-payment',
              reference: channelOrderId,
              amount: grandTotal,
              state: 'authorized',
              collected_by: 'hub',
            },
          ],
        }
      : {}),
  };
}

function isThere(order: DemoOrder): boolean {
  return ['delivered', 'closed', 'cancelled', 'returned'].includes(order.status);
}

function problemText(problem: unknown): string | undefined {
  if (typeof problem === 'string') return problem;
  if (typeof problem !== 'object' || problem === null || !('code' in problem)) return undefined;
  return String(problem.code);
}

/**
 * Places a first batch of orders and shows them on their way until all are delivered (or ten minutes are over). The
 * batch is the same at a start after an interruption, and once it was seen through no later start shows it again.
 * Stops quietly when `signal` is aborted.
 */
export async function runDemo(options: {
  hub: HubClient;
  merchant: Merchant;
  recordFile: string;
  view: ProgressView;
  signal: AbortSignal;
}): Promise<void> {
  const { hub, merchant, recordFile, view, signal } = options;
  const record = readJson(recordFile, DemoRecord) ?? { placed_at: new Date().toISOString(), finished: false };
  if (record.finished) return;
  writeJson(recordFile, record);

  const orders: DemoOrder[] = [];
  for (let index = 0; index < ORDERS && !signal.aborted; index += 1) {
    const body = demoOrder(index, record.placed_at, merchant);
    const placed = await hub.post('/v1/orders', body, Placed);
    orders.push({
      channelOrderId: String(body['channel_order_id']),
      orderId: placed.order_id,
      to: `${pick(customers, index).city}, ${pick(customers, index).country}`,
      status: 'pending',
      stage: 'captured',
      problem: undefined,
    });
  }
  view.show(orders);

  const deadline = Date.now() + PATIENCE_MS;
  while (!signal.aborted && Date.now() < deadline) {
    await Promise.all(
      orders
        .filter((order) => !isThere(order))
        .map(async (order) => {
          const now = await hub.get(`/v1/orders/${order.orderId}`, Watched);
          order.status = now.status;
          order.stage = now.fulfillment_stage;
          order.problem = problemText(now.problem);
        }),
    );
    view.show(orders);
    if (orders.every(isThere)) {
      writeJson(recordFile, { ...record, finished: true });
      break;
    }
    await delay(POLL_MS, undefined, { signal }).catch(() => undefined);
  }
  view.done(orders);
}
