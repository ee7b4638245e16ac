import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { orderWorkflowId, shipmentId, shipmentWorkflowId } from '../../domain/order/ids';
import { orderId } from '../../domain/order/identity';
import type { OrderCapture } from '../../domain/order/capture-schema';
import { arrival, checkStock, violations } from '../chaos/checks';
import { personalData } from '../chaos/other-kills';
import { createStage } from '../chaos/matrix';
import { freshOrder, place, startAll, type Stage } from '../chaos/scenario';
import { sharedServers } from '../stack/shared-servers';
import { waitFor } from '../stack/wait-for';

let stage: Stage;

beforeAll(async () => {
  stage = await createStage(await sharedServers(), 'order-life');
  await startAll(stage.hub);
});

afterAll(async () => {
  await stage.hub.close();
});

async function order(id: string): Promise<Record<string, unknown>> {
  const { data } = await stage.hub.request('GET', `/v1/orders/${id}`);
  return data as Record<string, unknown>;
}

async function stopped(id: string, code: string): Promise<Record<string, unknown>> {
  return waitFor(`${id} to show ${code}`, async () => {
    const shown = await order(id);
    const problem = shown.problem as { code: string } | null;
    return problem?.code === code ? shown : undefined;
  });
}

function line(sku: string, quantity = 1): OrderCapture['lines'][number] {
  return { sku, quantity, unit_price: 1999 };
}

describe('an order', () => {
  test('goes from capture to close with one label, one capture, one announcement and one invoice', async () => {
    const id = await place(stage.hub, freshOrder(stage.merchant));
    await arrival(stage.hub, id);
    expect(await violations(stage.hub, id)).toEqual([]);
    expect(await order(id)).toMatchObject({ status: 'closed', fulfillment_stage: 'closed', waiting_for: null });
  });

  test('is split over the locations that have its goods, and the captures add up to its total', async () => {
    const { hub, merchant } = stage;
    const [berlin, lyon] = merchant.location_ids;
    for (const [sku, location_id] of [
      ['ONLY-BERLIN', berlin],
      ['ONLY-LYON', lyon],
    ]) {
      const product = { sku, title: sku, weight_grams: 300, length_mm: 100, width_mm: 100, height_mm: 50 };
      expect((await hub.request('POST', '/v1/products', product)).status).toBe(201);
      const receipt = { location_id, lines: [{ sku, quantity: 10 }] };
      expect((await hub.request('POST', '/v1/inventory/receipts', receipt)).status).toBe(201);
    }
    const capture = freshOrder(merchant, {
      lines: [line('ONLY-BERLIN'), line('ONLY-LYON')],
      discounts: [{ code: 'ODD', amount: 333 }],
      payments: [
        {
          provider: 'sandbox-payment',
          reference: 'auth-split-1',
          amount: 1000,
          state: 'authorized',
          collected_by: 'hub',
        },
        {
          provider: 'sandbox-payment',
          reference: 'auth-split-2',
          amount: 9000,
          state: 'authorized',
          collected_by: 'hub',
        },
      ],
    });
    const id = await place(hub, capture);
    await arrival(hub, id);
    expect(await violations(hub, id, { shipments: 2 })).toEqual([]);
    const captures = await hub.effects('sandbox-payment', 'captures');
    const ours = captures.filter((row) => JSON.stringify(row).includes(id.slice('ord_'.length)));
    expect(ours.reduce((sum, row) => sum + Number(row.amount), 0)).toBe(2 * 1999 + 490 - 333);
  });

  test('without stock waits under STOCK_SHORT, found by a visibility query, and goes on when goods arrive', async () => {
    const { hub, merchant } = stage;
    const product = { sku: 'SHORT', title: 'Short', weight_grams: 300, length_mm: 100, width_mm: 100, height_mm: 50 };
    await hub.request('POST', '/v1/products', product);
    const id = await place(hub, freshOrder(merchant, { lines: [line('SHORT', 3)] }));
    const shown = await stopped(id, 'STOCK_SHORT');
    expect(shown).toMatchObject({ status: 'backordered', waiting_for: 'stock', waiting_until: expect.any(String) });
    await waitFor('the order in a visibility query', async () => {
      for await (const found of hub.client.workflow.list({ query: `Problem = 'STOCK_SHORT' AND OrderId = '${id}'` })) {
        return found.workflowId.startsWith('order/');
      }
      return false;
    });
    const receipt = { location_id: merchant.location_ids[1], lines: [{ sku: 'SHORT', quantity: 5 }] };
    await hub.request('POST', '/v1/inventory/receipts', receipt);
    await arrival(hub, id);
    const events = await hub.store.events.find({ entity_id: id }).sort({ version: 1 }).toArray();
    expect(events.map((event) => event.type)).toContain('problem_cleared');
    expect(await checkStock(hub)).toEqual([]);
  });

  test('with a part in stock ships that part while the rest waits', async () => {
    const { hub, merchant } = stage;
    const product = { sku: 'PARTLY', title: 'Partly', weight_grams: 300, length_mm: 100, width_mm: 100, height_mm: 50 };
    await hub.request('POST', '/v1/products', product);
    const [berlin] = merchant.location_ids;
    await hub.request('POST', '/v1/inventory/receipts', {
      location_id: berlin,
      lines: [{ sku: 'PARTLY', quantity: 2 }],
    });
    const id = await place(hub, freshOrder(merchant, { lines: [line('PARTLY', 5)] }));
    const partly = await waitFor('two of five to be delivered', async () => {
      const shown = await order(id);
      const [first] = shown.lines as { delivered: number; backordered: number }[];
      return first?.delivered === 2 ? shown : undefined;
    });
    expect(partly).toMatchObject({ status: 'partially_shipped', lines: [{ backordered: 3 }] });
    await hub.request('POST', '/v1/inventory/receipts', {
      location_id: berlin,
      lines: [{ sku: 'PARTLY', quantity: 3 }],
    });
    await arrival(hub, id);
    expect(await order(id)).toMatchObject({ status: 'closed', lines: [{ delivered: 5, backordered: 0 }] });
  });

  test('with an unknown sku is parked under SKU_UNKNOWN and goes on by itself when an alias is mapped', async () => {
    const { hub, merchant } = stage;
    const id = await place(hub, freshOrder(merchant, { lines: [line('CHANNEL-NAME')] }));
    expect(await stopped(id, 'SKU_UNKNOWN')).toMatchObject({ status: 'exception', waiting_for: 'operator' });
    const [sku = ''] = merchant.skus;
    const { status } = await hub.request('PATCH', `/v1/products/${sku}`, { aliases: [{ alias: 'CHANNEL-NAME' }] });
    expect(status).toBe(200);
    await arrival(hub, id);
    expect(await order(id)).toMatchObject({ status: 'closed', lines: [{ sku, channel_sku: 'CHANNEL-NAME' }] });
  });

  test('whose label fails says LABEL_FAILED, for whom and until when, and adopts the label in the next round', async () => {
    const { hub, merchant } = stage;
    await hub.plant('sandbox-carrier', { operation: 'shipment.book', kind: 'garbage', times: 1 });
    const capture = freshOrder(merchant);
    await place(hub, capture);
    const id = orderId(capture.channel_id, capture.channel_order_id);
    await arrival(hub, id);
    expect(await violations(hub, id)).toEqual([]);
    const events = await hub.store.events.find({ entity_id: shipmentId(id, 1), type: 'problem_raised' }).toArray();
    expect(events[0]?.after).toMatchObject({
      problem: { code: 'LABEL_FAILED', waiting_for: 'operator', until: expect.any(String) },
    });
  });

  test('that cannot be delivered to its address stays visible with what the carrier refused', async () => {
    const { hub, merchant } = stage;
    const capture = freshOrder(merchant);
    const id = await place(hub, { ...capture, ship_to: { ...capture.ship_to, line1: 'UNDELIVERABLE Lane 1' } });
    const shown = await stopped(id, 'LABEL_FAILED');
    expect(shown.problem).toMatchObject({
      scope: 'shipment',
      waiting_for: 'operator',
      detail: expect.stringContaining('address'),
    });
    expect(JSON.stringify(shown.problem)).not.toContain('Lane');
    const handle = hub.client.workflow.getHandle(shipmentWorkflowId(shipmentId(id, 1)));
    const metadata = JSON.stringify(await handle.query('__temporal_workflow_metadata'));
    expect(metadata).toContain('LABEL_FAILED');
    expect(metadata).toContain('an operator');
  });
});

test('operators give a command in Temporal, and a cancel there stops nothing by itself', async () => {
  const { hub, merchant } = stage;
  const capture = freshOrder(merchant, { lines: [line('NOT-THERE')] });
  const id = await place(hub, capture);
  await stopped(id, 'SKU_UNKNOWN');
  const handle = hub.client.workflow.getHandle(orderWorkflowId(capture.channel_id, capture.channel_order_id));
  await expect(handle.executeUpdate('command', { args: [{ kind: 'report' }] })).rejects.toThrow();
  await handle.executeUpdate('command', { args: [{ kind: 'recheck', code: 'SKU_UNKNOWN' }] });
  await waitFor('a second look', async () => {
    const order = await hub.store.orders.findOne({ _id: id });
    return (order?.steps.validate ?? 0) >= 2;
  });
  await handle.cancel();
  expect((await handle.describe()).status.name).toBe('RUNNING');
});

test('nothing of a customer reaches Temporal: not histories, memos, attributes or failures', async () => {
  expect(await personalData.run(stage)).toEqual([]);
});
