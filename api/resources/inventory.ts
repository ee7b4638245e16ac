import { z } from 'zod';
import { receiptInputSchema, receiptSchema, type Receipt } from '../../domain/inventory/schema';
import { contentHash } from '../../domain/order/identity';
import { findReceipt } from '../../store/read-receipts';
import { receiptId } from '../command-id';
import { decodeCursor, encodeCursor, pageOf, pageQuery, toPage } from '../cursor';
import type { ResourceDependencies } from '../dependencies';
import { receiptExample, receiptInputExample, skuStockExample, stockExample } from '../examples/inventory';
import { operation, type Operation } from '../operation';
import { presentStock } from '../present';
import { invalid, notFound, Refusal, type Fault } from '../problem';
import { skuStockAnswerSchema, stockAnswerSchema } from '../schemas/inventory-answer';

const referenced = z.looseObject({
  location_id: z.string().optional().catch(undefined),
  lines: z
    .array(
      z
        .looseObject({ sku: z.string().trim().optional().catch(undefined), lot: z.unknown().optional() })
        .catch({ sku: undefined, lot: undefined }),
    )
    .catch([]),
});

const unknownSku = (index: number): Fault => ({
  pointer: `/lines/${String(index)}/sku`,
  code: 'unknown_reference',
  message: 'There is no product with this sku.',
});

/** Books receipts and shows stock. */
export function inventoryOperations({ store, inventory, masterData, poke }: ResourceDependencies): Operation[] {
  async function checkReceipt(body: unknown): Promise<Fault[]> {
    const read = referenced.safeParse(body);
    if (!read.success) return [];
    const { location_id, lines } = read.data;
    const skus = lines.flatMap((line) => (line.sku ? [line.sku] : []));
    const [location, products] = await Promise.all([
      location_id === undefined ? undefined : masterData.location(location_id),
      masterData.productsBySku(skus),
    ]);
    const faults: Fault[] = [];
    if (location_id !== undefined && !location) {
      faults.push({
        pointer: '/location_id',
        code: 'unknown_reference',
        message: 'There is no location with this id.',
      });
    }
    lines.forEach(({ sku, lot }, index) => {
      if (!sku) return;
      const product = products.get(sku);
      if (!product) faults.push(unknownSku(index));
      else if (product.lot_tracked && lot === undefined) {
        faults.push({
          pointer: `/lines/${String(index)}/lot`,
          code: 'required',
          message: 'The product is tracked by lot.',
        });
      }
    });
    return faults;
  }

  return [
    operation({
      id: 'bookReceipt',
      method: 'post',
      path: '/v1/inventory/receipts',
      tag: 'Inventory',
      summary: 'Book goods that arrived',
      description:
        'Raises the stock at once and wakes the orders that wait for it. The same Idempotency-Key again books nothing and gets the first answer.',
      scope: 'inventory:write',
      body: receiptInputSchema,
      body_example: receiptInputExample,
      answers: {
        201: {
          description: 'Booked.',
          schema: receiptSchema,
          example: receiptExample,
          headers: { Location: 'The receipt.' },
        },
      },
      refusals: ['IDEMPOTENCY_KEY_REUSED'],
      takes_idempotency_key: true,
      check: checkReceipt,
      async handle({ body, actor, idempotency_key }) {
        const receipt_id = receiptId(idempotency_key, [actor.id, 'receipt']);
        const booked = await inventory.receive(body, { receipt_id, actor });
        if ('unknown_lines' in booked) throw invalid(booked.unknown_lines.map(unknownSku));
        booked.wakes.forEach(poke);
        const { receipt } = booked;
        if (contentHash(inputOf(receipt)) !== contentHash(body)) {
          throw new Refusal('IDEMPOTENCY_KEY_REUSED', 'This Idempotency-Key came before with another receipt.');
        }
        return { status: 201, body: receipt, headers: { location: `/v1/inventory/receipts/${receipt_id}` } };
      },
    }),
    operation({
      id: 'getReceipt',
      method: 'get',
      path: '/v1/inventory/receipts/{receipt_id}',
      tag: 'Inventory',
      summary: 'Show a receipt',
      scope: 'inventory:read',
      params: z.strictObject({ receipt_id: z.string().meta({ example: receiptExample.receipt_id }) }),
      answers: { 200: { description: 'The receipt.', schema: receiptSchema, example: receiptExample } },
      refusals: ['NOT_FOUND'],
      async handle({ path }) {
        const receipt = await findReceipt(store, path.receipt_id);
        if (!receipt) throw notFound('receipt', path.receipt_id);
        return { status: 200, body: receipt };
      },
    }),
    operation({
      id: 'listStock',
      method: 'get',
      path: '/v1/inventory',
      tag: 'Inventory',
      summary: 'List stock by location and sku',
      scope: 'inventory:read',
      query: z.strictObject(pageQuery),
      answers: {
        200: {
          description: 'A page of stock.',
          schema: pageOf(stockAnswerSchema),
          example: { data: [stockExample], next_cursor: null },
        },
      },
      async handle({ query: { limit, cursor } }) {
        const after = decodeCursor('inventory', z.tuple([z.string()]), cursor);
        const rows = await inventory.list({ ...(after ? { after: after[0] } : {}), limit: limit + 1 });
        return {
          status: 200,
          body: toPage(rows, limit, presentStock, (row) =>
            encodeCursor('inventory', [`${row.location_id}/${row.sku}`]),
          ),
        };
      },
    }),
    operation({
      id: 'getStock',
      method: 'get',
      path: '/v1/inventory/{sku}',
      tag: 'Inventory',
      summary: 'Show the stock of a sku',
      description: 'A row for each location and lot; `lot` null is what lies in no lot.',
      scope: 'inventory:read',
      params: z.strictObject({ sku: z.string().meta({ example: skuStockExample.sku }) }),
      answers: { 200: { description: 'Its stock.', schema: skuStockAnswerSchema, example: skuStockExample } },
      refusals: ['NOT_FOUND'],
      async handle({ path: { sku } }) {
        const data = await inventory.view(sku);
        if (data.length === 0 && !(await masterData.product(sku))) throw notFound('product', sku);
        return { status: 200, body: { sku, data } };
      },
    }),
  ];
}

function inputOf({ receipt_id, received_at, ...input }: Receipt): unknown {
  return input;
}
