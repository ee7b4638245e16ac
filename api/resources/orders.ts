import { z } from 'zod';
import { eventSchema } from '../../domain/event-schema';
import { orderCaptureSchema } from '../../domain/order/capture-schema';
import { contentHash } from '../../domain/order/identity';
import {
  fulfillmentStageSchema,
  noteInputSchema,
  noteSchema,
  orderStatusSchema,
  problemCodeSchema,
  waitingForSchema,
  type Order,
} from '../../domain/order/schema';
import { instantSchema, metadataSchema } from '../../domain/values-schema';
import { findCapturedContent, findOrder, listEvents, listOrders } from '../../store/read-orders';
import { commandId } from '../command-id';
import { decodeCursor, encodeCursor, pageOf, pageQuery, toPage } from '../cursor';
import type { ResourceDependencies } from '../dependencies';
import { differences } from '../differences';
import { etagOf, requireCurrent } from '../edit-version';
import { captureExample, eventExample, noteExample, orderExample } from '../examples/order';
import { operation, type Answer, type Operation } from '../operation';
import { presentEvent } from '../present';
import { notFound, Refusal, type Fault } from '../problem';
import { orderAnswerSchema } from '../schemas/order-answer';

const params = z.strictObject({ order_id: z.string().meta({ example: orderExample.order_id }) });
const flag = z.enum(['true', 'false']).transform((value) => value === 'true');
const text = z.string().min(1).max(254);

const orderQuery = z.strictObject({
  status: orderStatusSchema.optional(),
  fulfillment_stage: fulfillmentStageSchema.optional(),
  channel_id: text.optional(),
  channel_order_id: text.optional(),
  problem: z
    .union([problemCodeSchema, z.enum(['any', 'none'])], { error: 'Wants a problem code, any or none.' })
    .optional()
    .meta({ description: 'A problem code, `any` or `none`.' }),
  waiting_for: waitingForSchema.optional(),
  customer_id: text.optional(),
  sku: text.optional(),
  location_id: text.optional(),
  carrier: text.optional(),
  tracking_number: text.optional(),
  metadata: metadataSchema.optional().meta({
    description: 'Parameters `metadata.KEY=value`: orders whose metadata has this value under this key.',
    // The page that tries requests out starts from examples: none, so that it asks for every order.
    param: { style: 'form', explode: true, example: {} },
    override: { propertyNames: { pattern: '^metadata\\.' } },
  }),
  placed_after: instantSchema.optional().meta({ description: 'Placed at this instant or later.', example: undefined }),
  placed_before: instantSchema.optional().meta({ description: 'Placed before this instant.', example: undefined }),
  test: flag.optional(),
  imported: flag.optional(),
  q: text.optional().meta({
    description: "Order id, the channel's id, tracking number, e-mail, phone or sku as it is, or a part of a name.",
  }),
  ...pageQuery,
});

const reference = z.looseObject({
  channel_id: z.string().optional().catch(undefined),
  fulfillment: z
    .looseObject({ method: z.string().optional().catch(undefined) })
    .optional()
    .catch(undefined),
});

/** Captures, lists and shows orders, and takes their commands. */
export function orderOperations({ store, door, masterData, present }: ResourceDependencies): Operation[] {
  const show = (order: Order, baseUrl: string, status: number, headers: Record<string, string> = {}): Answer => ({
    status,
    body: present.order(order, baseUrl),
    headers: { etag: etagOf(order), ...headers },
  });

  const load = async (orderId: string): Promise<Order> => {
    const order = await findOrder(store, orderId);
    if (!order) throw notFound('order', orderId);
    return order;
  };

  async function checkCapture(body: unknown): Promise<Fault[]> {
    const read = reference.safeParse(body);
    if (!read.success) return [];
    const { channel_id, fulfillment } = read.data;
    const faults: Fault[] = [];
    if (channel_id !== undefined && !(await masterData.channel(channel_id))) {
      faults.push({ pointer: '/channel_id', code: 'unknown_reference', message: 'There is no channel with this id.' });
    }
    if (fulfillment?.method === 'pickup') {
      faults.push({
        pointer: '/fulfillment/method',
        code: 'not_supported',
        message: 'No location can hand an order over to its customer yet.',
      });
    }
    return faults;
  }

  return [
    operation({
      id: 'captureOrder',
      method: 'post',
      path: '/v1/orders',
      tag: 'Orders',
      summary: 'Capture an order',
      description:
        'Stores the order at once and starts its workflow. The same order again answers 200 with the order as it stands; other content under the same `channel_order_id` is refused with 409.',
      scope: 'orders:write',
      body: orderCaptureSchema,
      body_example: captureExample,
      answers: {
        201: {
          description: 'Captured.',
          schema: orderAnswerSchema,
          example: orderExample,
          headers: { Location: 'The order.', ETag: 'Its edit version.' },
        },
        200: {
          description: 'The same order was captured before.',
          schema: orderAnswerSchema,
          example: orderExample,
          headers: { ETag: 'Its edit version.' },
        },
      },
      refusals: ['ORDER_CONFLICT'],
      check: checkCapture,
      async handle({ body, actor, base_url }) {
        const { outcome, order } = await door.capture(body, actor);
        if (outcome === 'created') {
          return show(order, base_url, 201, { location: `/v1/orders/${order.order_id}` });
        }
        if (outcome === 'repeated') return show(order, base_url, 200);
        const given = contentHash(body);
        throw new Refusal(
          'ORDER_CONFLICT',
          `${order.order_id} was captured as version ${order.content_hash}; this request is version ${given}.`,
          {
            faults: differences(await findCapturedContent(store, order.order_id), body, [
              'order_id',
              'customer_id',
              'content_hash',
            ]),
            members: {
              versions: {
                stored: { content_hash: order.content_hash, order_id: order.order_id, captured_at: order.captured_at },
                given: { content_hash: given },
              },
            },
          },
        );
      },
    }),

    operation({
      id: 'listOrders',
      method: 'get',
      path: '/v1/orders',
      tag: 'Orders',
      summary: 'List orders, newest first',
      description: 'All filters that are given must hold.',
      scope: 'orders:read',
      query: orderQuery,
      answers: {
        200: {
          description: 'A page of orders.',
          schema: pageOf(orderAnswerSchema),
          example: { data: [orderExample], next_cursor: null },
        },
      },
      async handle({ query: { limit, cursor, ...filter }, base_url }) {
        const after = decodeCursor('orders', z.tuple([z.string(), z.string()]), cursor);
        const rows = await listOrders(store, filter, { after, limit: limit + 1 });
        return {
          status: 200,
          body: toPage(
            rows,
            limit,
            (order) => present.order(order, base_url),
            (order) => encodeCursor('orders', [order.captured_at, order.order_id]),
          ),
        };
      },
    }),

    operation({
      id: 'getOrder',
      method: 'get',
      path: '/v1/orders/{order_id}',
      tag: 'Orders',
      summary: 'Show an order',
      scope: 'orders:read',
      params,
      answers: {
        200: {
          description: 'The order.',
          schema: orderAnswerSchema,
          example: orderExample,
          headers: { ETag: 'Its edit version.' },
        },
      },
      refusals: ['NOT_FOUND'],
      async handle({ path, base_url }) {
        return show(await load(path.order_id), base_url, 200);
      },
    }),

    operation({
      id: 'listOrderEvents',
      method: 'get',
      path: '/v1/orders/{order_id}/events',
      tag: 'Orders',
      summary: "Show an order's timeline, oldest first",
      description: 'Its own events and those of its shipments.',
      scope: 'orders:read',
      params,
      query: z.strictObject(pageQuery),
      answers: {
        200: {
          description: 'A page of events.',
          schema: pageOf(eventSchema),
          example: { data: [eventExample], next_cursor: null },
        },
      },
      refusals: ['NOT_FOUND'],
      async handle({ path, query: { limit, cursor } }) {
        const after = decodeCursor('events', z.tuple([z.string(), z.string(), z.int()]), cursor);
        const rows = await listEvents(store, { order_id: path.order_id }, { after, limit: limit + 1 });
        // An order has at least the event of its capture.
        if (rows.length === 0) await load(path.order_id);
        return {
          status: 200,
          body: toPage(rows, limit, presentEvent, (event) =>
            encodeCursor('events', [event.recorded_at, event.entity_id, event.version]),
          ),
        };
      },
    }),

    operation({
      id: 'noteOnOrder',
      method: 'post',
      path: '/v1/orders/{order_id}/notes',
      tag: 'Orders',
      summary: 'Write a note on an order',
      description: 'The same Idempotency-Key again gets the first answer.',
      scope: 'orders:write',
      params,
      body: noteInputSchema,
      body_example: { text: noteExample.text },
      answers: {
        200: {
          description: 'The note.',
          schema: noteSchema,
          example: noteExample,
          headers: { ETag: "The order's edit version." },
        },
      },
      refusals: ['NOT_FOUND', 'STATE_REFUSED', 'EDIT_VERSION_STALE', 'IDEMPOTENCY_KEY_REUSED'],
      takes_if_match: true,
      takes_idempotency_key: true,
      async handle({ path, body, actor, if_match, idempotency_key, base_url }) {
        const command_id = commandId(idempotency_key, [actor.id, 'note', path.order_id]);
        if (if_match !== undefined) {
          requireCurrent(if_match, await load(path.order_id), (order) => present.order(order, base_url));
        }
        const decided = await door.command(
          { entity: 'order', id: path.order_id },
          { command_id, kind: 'note', body },
          actor,
        );
        if (decided.outcome === 'not_found') throw notFound('order', path.order_id);
        if (decided.result.outcome === 'refused') {
          throw new Refusal('STATE_REFUSED', `${decided.result.code}: ${decided.result.detail}`);
        }
        const order = await load(path.order_id);
        const note_id = command_id.replace(/^cmd_/, 'note_');
        const note = order.notes.find((candidate) => candidate.note_id === note_id);
        if (!note) throw new Error(`${command_id} was accepted and left no note.`);
        if (note.text !== body.text) {
          throw new Refusal('IDEMPOTENCY_KEY_REUSED', 'This Idempotency-Key came before with another text.');
        }
        return { status: 200, body: note, headers: { etag: etagOf(order) } };
      },
    }),
  ];
}
