import { z } from 'zod';
import { productInputSchema, productPatchSchema, productSchema } from '../../domain/product/schema';
import { decodeCursor, encodeCursor, pageOf, pageQuery, toPage } from '../cursor';
import type { ResourceDependencies } from '../dependencies';
import { productExample, productInputExample } from '../examples/master-data';
import { operation, type Operation } from '../operation';
import { notFound, Refusal } from '../problem';
import { givenFields, taken } from './changes';
import { unknownChannels } from './references';

const params = z.strictObject({ sku: z.string().meta({ example: productExample.sku }) });
const aliases = z.looseObject({
  aliases: z.array(z.looseObject({ channel_id: z.string().optional().catch(undefined) }).catch({})).catch([]),
});

/** Creates, lists, shows, changes and deletes products. */
export function productOperations({ masterData, poke }: ResourceDependencies): Operation[] {
  const check = async (body: unknown) => {
    const read = aliases.safeParse(body);
    if (!read.success) return [];
    return unknownChannels(
      masterData,
      read.data.aliases.map((alias, index) => [`/aliases/${String(index)}/channel_id`, alias.channel_id]),
    );
  };

  return [
    operation({
      id: 'createProduct',
      method: 'post',
      path: '/v1/products',
      tag: 'Products',
      summary: 'Create a product',
      description: 'Orders that wait for its sku or one of its aliases go on by themselves.',
      scope: 'products:write',
      body: productInputSchema,
      body_example: productInputExample,
      answers: {
        201: {
          description: 'Created.',
          schema: productSchema,
          example: productExample,
          headers: { Location: 'The product.' },
        },
      },
      refusals: ['ALREADY_EXISTS'],
      check,
      async handle({ body, actor }) {
        const created = await masterData.createProduct(body, actor);
        if (!created) throw taken('/sku', 'product', body.sku);
        created.wakes.forEach(poke);
        return {
          status: 201,
          body: created.product,
          headers: { location: `/v1/products/${encodeURIComponent(body.sku)}` },
        };
      },
    }),
    operation({
      id: 'listProducts',
      method: 'get',
      path: '/v1/products',
      tag: 'Products',
      summary: 'List products by sku',
      scope: 'products:read',
      query: z.strictObject(pageQuery),
      answers: {
        200: {
          description: 'A page of products.',
          schema: pageOf(productSchema),
          example: { data: [productExample], next_cursor: null },
        },
      },
      async handle({ query: { limit, cursor } }) {
        const after = decodeCursor('products', z.tuple([z.string()]), cursor);
        const rows = await masterData.products({ ...(after ? { after: after[0] } : {}), limit: limit + 1 });
        return {
          status: 200,
          body: toPage(
            rows,
            limit,
            (row) => row,
            (row) => encodeCursor('products', [row.sku]),
          ),
        };
      },
    }),
    operation({
      id: 'getProduct',
      method: 'get',
      path: '/v1/products/{sku}',
      tag: 'Products',
      summary: 'Show a product',
      scope: 'products:read',
      params,
      answers: { 200: { description: 'The product.', schema: productSchema, example: productExample } },
      refusals: ['NOT_FOUND'],
      async handle({ path }) {
        const product = await masterData.product(path.sku);
        if (!product) throw notFound('product', path.sku);
        return { status: 200, body: product };
      },
    }),
    operation({
      id: 'changeProduct',
      method: 'patch',
      path: '/v1/products/{sku}',
      tag: 'Products',
      summary: 'Change a product',
      description: 'Only the fields that are given change; its sku may not.',
      scope: 'products:write',
      params,
      body: productPatchSchema,
      body_example: { title: 'T-shirt, black, size M' },
      answers: { 200: { description: 'As it stands now.', schema: productSchema, example: productExample } },
      refusals: ['NOT_FOUND'],
      check,
      async handle({ path, body, actor }) {
        const changed = await masterData.changeProduct(path.sku, givenFields(body), actor);
        if (!changed) throw notFound('product', path.sku);
        changed.wakes.forEach(poke);
        return { status: 200, body: changed.product };
      },
    }),
    operation({
      id: 'deleteProduct',
      method: 'delete',
      path: '/v1/products/{sku}',
      tag: 'Products',
      summary: 'Delete a product',
      scope: 'products:write',
      params,
      answers: { 204: { description: 'Deleted.' } },
      refusals: ['NOT_FOUND', 'IN_USE'],
      async handle({ path }) {
        const outcome = await masterData.deleteProduct(path.sku);
        if (outcome === 'not_found') throw notFound('product', path.sku);
        if (outcome === 'in_use') throw new Refusal('IN_USE', `There is stock of ${path.sku}.`);
        return { status: 204 };
      },
    }),
  ];
}
