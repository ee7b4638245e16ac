import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { servers } from '../test/setup/servers';
import type { OrderAnswer } from './schemas/order-answer';
import { startTestApi, type TestApi } from './testing';

interface ProblemDocument {
  code: string;
  detail: string;
  errors?: { pointer: string; code: string }[];
  current?: OrderAnswer;
  versions?: { stored: { content_hash: string }; given: { content_hash: string } };
}
interface Page<Row> {
  data: Row[];
  next_cursor: string | null;
}

let api: TestApi;
let channelId: string;

beforeAll(async () => {
  api = await startTestApi(servers().mongodbUri('api_orders'));
  const channel = await api.request<{ channel_id: string }>('POST', '/v1/channels', {
    body: { code: 'web', name: 'Web shop', kind: 'web' },
  });
  channelId = channel.body.channel_id;
});

afterAll(() => api.close());

function capture(channelOrderId: string, change: Record<string, unknown> = {}): Record<string, unknown> {
  return {
    channel_id: channelId,
    channel_order_id: channelOrderId,
    placed_at: '2026-03-01T10:30:00+01:00',
    currency: 'EUR',
    customer: { name: 'Ada Keller', email: 'ada@example.com', phone: '+49 30 1234' },
    ship_to: { name: 'Ada Keller', line1: 'Torstraße 1', city: 'Berlin', postal_code: '10119', country: 'DE' },
    lines: [{ sku: 'TEE', quantity: 2, unit_price: 1990 }],
    ...change,
  };
}

async function captured(channelOrderId: string, change: Record<string, unknown> = {}): Promise<OrderAnswer> {
  const answer = await api.request<OrderAnswer>('POST', '/v1/orders', { body: capture(channelOrderId, change) });
  expect(answer.status).toBe(201);
  return answer.body;
}

function pointers(problem: ProblemDocument): string[] {
  return (problem.errors ?? []).map((fault) => fault.pointer).toSorted();
}

describe('capturing an order', () => {
  test('a new order is 201 with its Location, is there at once, and its workflow is woken', async () => {
    const answer = await api.request<OrderAnswer>('POST', '/v1/orders', { body: capture('#new') });
    expect(answer.status).toBe(201);
    expect(answer.headers.get('location')).toBe(`/v1/orders/${answer.body.order_id}`);
    expect(answer.headers.get('etag')).toBe('"1"');
    expect(answer.body).toMatchObject({
      placed_at: '2026-03-01T09:30:00.000Z',
      status: 'pending',
      waiting_for: 'hub',
      problem: null,
      allowed_actions: ['note'],
      shipments: [],
      totals: { grand_total: 3980 },
    });
    const workflow = `order/${encodeURIComponent(channelId)}/%23new`;
    expect(answer.body.links.temporal_ui).toBe(
      `http://127.0.0.1:8233/namespaces/default/workflows/${encodeURIComponent(workflow)}`,
    );
    expect(api.poked).toContainEqual({ workflow_id: workflow, to: answer.body.order_id });
    const read = await api.request<OrderAnswer>('GET', answer.headers.get('location') ?? '');
    expect(read.body).toEqual(answer.body);
  });

  test('internals of the stored document are not shown', async () => {
    const order = await captured('#internals');
    for (const field of ['_id', 'content_hash', 'steps', 'plan', 'lost_races']) expect(order).not.toHaveProperty(field);
    expect(order.version).toBe(1);
    const events = await api.request('GET', `/v1/orders/${order.order_id}/events`);
    expect(events.bytes.toString()).not.toContain('content_hash');
  });

  test('the same order again, whatever the order of its keys, is 200 with the order as it stands', async () => {
    const first = await captured('#twice');
    const reordered = Object.fromEntries(Object.entries(capture('#twice')).toReversed());
    const again = await api.request<OrderAnswer>('POST', '/v1/orders', { body: reordered });
    expect(again.status).toBe(200);
    expect(again.headers.get('location')).toBeNull();
    expect(again.body.order_id).toBe(first.order_id);
    expect(await api.store.events.countDocuments({ entity_id: first.order_id })).toBe(1);
  });

  test('the same order twenty times at once is one order, one row and one event', async () => {
    const answers = await Promise.all(
      Array.from({ length: 20 }, () => api.request<OrderAnswer>('POST', '/v1/orders', { body: capture('#burst') })),
    );
    expect(answers.map((answer) => answer.status).toSorted()).toEqual([...Array.from({ length: 19 }, () => 200), 201]);
    const [id] = new Set(answers.map((answer) => answer.body.order_id));
    expect(new Set(answers.map((answer) => answer.body.order_id)).size).toBe(1);
    expect(await api.store.orders.countDocuments({ channel_order_id: '#burst' })).toBe(1);
    expect(await api.store.inbox.countDocuments({ to: id! })).toBe(1);
    expect(await api.store.events.countDocuments({ entity_id: id! })).toBe(1);
    expect(await api.store.customers.countDocuments({ email: 'ada@example.com' })).toBe(1);
  });

  test('other content under the same id is 409 that names both versions and where they differ; nothing is overwritten', async () => {
    const first = await captured('#conflict');
    const other = capture('#conflict', { lines: [{ sku: 'TEE', quantity: 3, unit_price: 1990 }], note: 'hurry' });
    const answer = await api.request<ProblemDocument>('POST', '/v1/orders', { body: other });
    expect(answer.status).toBe(409);
    expect(answer.body.code).toBe('ORDER_CONFLICT');
    const { stored, given } = answer.body.versions!;
    expect(stored.content_hash).not.toBe(given.content_hash);
    expect(answer.body.detail).toContain(stored.content_hash);
    expect(answer.body.detail).toContain(given.content_hash);
    expect(pointers(answer.body)).toEqual(['/lines/0/quantity', '/note']);
    const read = await api.request<OrderAnswer>('GET', `/v1/orders/${first.order_id}`);
    expect(read.body).toEqual(first);
  });

  test('every fault is named at once, also those that only the store knows', async () => {
    const answer = await api.request<ProblemDocument>('POST', '/v1/orders', {
      body: {
        channel_id: 'chn_nobody',
        channel_order_id: 'x'.repeat(129),
        placed_at: 'yesterday',
        currency: 'EURO',
        customer: { name: '', email: 'nobody' },
        ship_to: { name: 'A', line1: 'B', city: 'C', postal_code: 'ABC', country: 'DE' },
        bill_to: { name: 'A', line1: 'B', city: 'C', country: 'XX' },
        lines: [
          { sku: 'A', quantity: 0, unit_price: 1.5 },
          { quantity: 1, unit_price: -1, colour: 'red' },
        ],
        fulfillment: { method: 'pickup' },
        'strange/field': 1,
      },
    });
    expect(answer.status).toBe(422);
    expect(pointers(answer.body)).toEqual([
      '/bill_to/country',
      '/channel_id',
      '/channel_order_id',
      '/currency',
      '/customer/email',
      '/customer/name',
      '/fulfillment/method',
      '/lines/0/quantity',
      '/lines/0/unit_price',
      '/lines/1/colour',
      '/lines/1/sku',
      '/lines/1/unit_price',
      '/placed_at',
      '/ship_to/postal_code',
      '/strange~1field',
    ]);
    const codes = Object.fromEntries(answer.body.errors!.map((fault) => [fault.pointer, fault.code]));
    expect(codes).toMatchObject({
      '/channel_id': 'unknown_reference',
      '/fulfillment/method': 'not_supported',
      '/lines/1/sku': 'required',
      '/lines/1/colour': 'unknown_field',
      '/lines/0/quantity': 'too_small',
      '/lines/0/unit_price': 'wrong_type',
      '/strange~1field': 'unknown_field',
    });
  });

  test.each([
    [
      'a postal code of its country',
      { ship_to: { name: 'A', line1: 'B', city: 'C', country: 'DE' } },
      '/ship_to/postal_code',
    ],
    ['an order with lines', { lines: [] }, '/lines'],
    [
      'a window that ends after it begins',
      { requested_delivery_window: { from: '2026-03-02T00:00:00Z', to: '2026-03-01T00:00:00Z' } },
      '/requested_delivery_window/to',
    ],
    ['text that a document can keep', { note: 'a\u0000b' }, '/note'],
    ['whole characters', { metadata: { gift: '\ud800' } }, '/metadata/gift'],
    ['metadata keys without dots', { metadata: { 'a.b': '1' } }, '/metadata/a.b'],
    [
      'line ids that differ',
      {
        lines: [
          { line_id: '1', sku: 'A', quantity: 1, unit_price: 1 },
          { line_id: '1', sku: 'B', quantity: 1, unit_price: 1 },
        ],
      },
      '/lines/1/line_id',
    ],
  ])('an order needs %s', async (_what, change, pointer) => {
    const answer = await api.request<ProblemDocument>('POST', '/v1/orders', { body: capture('#bad', change) });
    expect(answer.status).toBe(422);
    expect(pointers(answer.body)).toEqual([pointer]);
    expect(await api.store.orders.countDocuments({ channel_order_id: '#bad' })).toBe(0);
  });

  test('an unknown sku is captured; a test order and an imported one are flagged, and an imported one needs no run', async () => {
    const order = await captured('#flags', {
      test: true,
      imported: true,
      lines: [{ sku: 'NOBODY', quantity: 1, unit_price: 1 }],
    });
    expect(order).toMatchObject({ test: true, imported: true, status: 'closed', links: { temporal_ui: null } });
    expect(api.poked.map((wake) => wake.to)).not.toContain(order.order_id);
  });

  test('amounts of a currency without decimals stay as they are', async () => {
    const order = await captured('#yen', {
      currency: 'JPY',
      lines: [{ sku: 'TEE', quantity: 3, unit_price: 1200, total: 3599 }],
    });
    expect(order.totals.grand_total).toBe(3599);
  });
});

describe('listing orders', () => {
  test('each filter finds its order and not the others', async () => {
    const one = await captured('#filter-1', {
      lines: [{ sku: 'HAT-1', quantity: 1, unit_price: 100 }],
      customer: { name: 'Grace Hopper', email: 'Grace@Example.com', phone: '+1 555 0100' },
      metadata: { campaign: 'spring', tier: 'gold' },
      placed_at: '2020-01-01T00:00:00Z',
      test: true,
    });
    const two = await captured('#filter-2', {
      lines: [{ sku: 'HAT-2', quantity: 1, unit_price: 100 }],
      customer: { name: 'Alan (Bombe) Turing' },
      metadata: { campaign: 'autumn' },
      placed_at: '2020-02-01T00:00:00Z',
      imported: true,
    });
    const found = async (query: string): Promise<string[]> => {
      const answer = await api.request<Page<OrderAnswer>>('GET', `/v1/orders?limit=200&${query}`);
      expect(answer.status).toBe(200);
      return answer.body.data.map((order) => order.order_id).filter((id) => id === one.order_id || id === two.order_id);
    };
    const only = async (query: string, order: OrderAnswer): Promise<void> =>
      expect({ query, found: await found(query) }).toEqual({ query, found: [order.order_id] });

    await only('status=closed', two);
    await only('fulfillment_stage=closed', two);
    await only('fulfillment_stage=captured', one);
    await only('waiting_for=hub', one);
    await only(`channel_id=${channelId}&channel_order_id=%23filter-1`, one);
    await only(`customer_id=${one.customer_id}`, one);
    await only('sku=HAT-2', two);
    await only('metadata.campaign=autumn', two);
    await only('metadata.campaign=spring&metadata.tier=gold', one);
    await only('placed_before=2020-01-15T00:00:00Z', one);
    await only('placed_after=2020-02-01T00:00:00Z&placed_before=2021-01-01T00:00:00Z', two);
    await only('test=true', one);
    await only('test=false', two);
    await only('imported=true', two);
    await only(`q=${one.order_id}`, one);
    await only('q=%23filter-2', two);
    await only('q=grace@example.com', one);
    await only('q=%2B1%20555%200100', one);
    await only('q=HAT-1', one);
    await only('q=hopper', one);
    await only('q=(bombe)', two);
    expect(await found('problem=none&sku=HAT-1')).toEqual([one.order_id]);
    expect(await found('problem=any')).toEqual([]);
    expect(await found('problem=SKU_UNKNOWN')).toEqual([]);
    expect(await found('location_id=loc_nowhere')).toEqual([]);
    expect(await found('carrier=nobody')).toEqual([]);
    expect(await found('tracking_number=nothing')).toEqual([]);
  });

  test('problems are found by their code and shown with the first one apart', async () => {
    const order = await captured('#problem');
    const problem = {
      problem_id: 'prb_1',
      code: 'SKU_UNKNOWN' as const,
      scope: 'order' as const,
      scope_id: order.order_id,
      stage: 'captured',
      detail: 'No product is known as TEE.',
      owner: null,
      since: '2026-03-01T10:00:00.000Z',
      waiting_for: 'operator' as const,
      until: '2026-03-01T10:15:00.000Z',
    };
    const short = { ...problem, problem_id: 'prb_2', code: 'STOCK_SHORT' as const, since: '2026-03-01T09:00:00.000Z' };
    await api.store.orders.updateOne({ _id: order.order_id }, { $set: { problems: [short, problem] } });
    for (const query of ['problem=any', 'problem=SKU_UNKNOWN', 'problem=STOCK_SHORT']) {
      const { body } = await api.request<Page<OrderAnswer>>('GET', `/v1/orders?${query}`);
      expect(body.data.map((row) => row.order_id)).toEqual([order.order_id]);
      expect(body.data[0]!.problem).toEqual({ ...problem, actions: [] });
    }
    const none = await api.request<Page<OrderAnswer>>('GET', '/v1/orders?problem=none&limit=200');
    expect(none.body.data.map((row) => row.order_id)).not.toContain(order.order_id);
  });

  test('pages cover every order once, newest first, also while new orders come in', async () => {
    const ids: string[] = [];
    for (let n = 0; n < 7; n += 1)
      ids.push(
        (await captured(`#page-${String(n)}`, { customer: { name: 'Paging', external_id: 'paging' } })).order_id,
      );
    const customer = (await api.request<OrderAnswer>('GET', `/v1/orders/${ids[0]!}`)).body.customer_id;
    const seen: string[] = [];
    let cursor: string | null = '';
    while (cursor !== null) {
      const query: string = `customer_id=${customer}&limit=3${cursor === '' ? '' : `&cursor=${cursor}`}`;
      const page: Page<OrderAnswer> = (await api.request<Page<OrderAnswer>>('GET', `/v1/orders?${query}`)).body;
      seen.push(...page.data.map((order) => order.order_id));
      cursor = page.next_cursor;
      await captured(`#late-${String(seen.length)}`, { customer: { name: 'Paging', external_id: 'paging' } });
    }
    expect(seen).toEqual(ids.toReversed());
  });

  test.each([
    ['cursor=nonsense', '/cursor'],
    [`cursor=${Buffer.from('["products","A"]').toString('base64url')}`, '/cursor'],
    ['limit=0', '/limit'],
    ['limit=201', '/limit'],
    ['limit=ten', '/limit'],
    ['status=lost', '/status'],
    ['problem=NOBODY', '/problem'],
    ['test=maybe', '/test'],
    ['placed_after=yesterday', '/placed_after'],
    ['colour=red', '/colour'],
    ['sku=A&sku=B', '/sku'],
    ['metadata.$where=1', '/metadata/$where'],
    ['channel_id[$ne]=1', '/channel_id[$ne]'],
    ['q=', '/q'],
  ])('the query %s is 422 at %s', async (query, pointer) => {
    const answer = await api.request<ProblemDocument>('GET', `/v1/orders?${query}`);
    expect(answer.status).toBe(422);
    expect(pointers(answer.body)).toEqual([pointer]);
  });
});

describe('an order', () => {
  test('its events and those of its shipments come oldest first, in pages', async () => {
    const order = await captured('#timeline');
    for (const text of ['one', 'two', 'three']) {
      await api.request('POST', `/v1/orders/${order.order_id}/notes`, { body: { text } });
    }
    const [first] = await api.store.events.find({ entity_id: order.order_id }).toArray();
    const at = new Date(Date.now() + 1000).toISOString();
    const opened = {
      ...first!,
      _id: 'evt_s',
      event_id: 'evt_s',
      entity: 'shipment' as const,
      entity_id: 'shp_x',
      type: 'opened',
      after: {},
      recorded_at: at,
    };
    await api.store.events.insertOne(opened);
    interface Event {
      type: string;
      entity: string;
      after: { text?: string };
      before: unknown;
      reason: unknown;
    }
    const one = await api.request<Page<Event>>('GET', `/v1/orders/${order.order_id}/events?limit=2`);
    expect(one.body.data.map((event) => event.type)).toEqual(['captured', 'noted']);
    const two = await api.request<Page<Event>>(
      'GET',
      `/v1/orders/${order.order_id}/events?limit=10&cursor=${one.body.next_cursor!}`,
    );
    expect(two.body.data.map((event) => event.after.text ?? event.type)).toEqual(['two', 'three', 'opened']);
    expect(two.body.next_cursor).toBeNull();
    const shipment = await api.request<Page<Event>>('GET', '/v1/shipments/shp_x/events');
    expect(shipment.body.data).toMatchObject([{ entity: 'shipment', type: 'opened', before: null, reason: null }]);
  });

  test('is never answered with 304: scans change it and not its ETag', async () => {
    const order = await captured('#etag');
    const answer = await api.request('GET', `/v1/orders/${order.order_id}`, { headers: { 'if-none-match': '"1"' } });
    expect(answer.status).toBe(200);
    expect(answer.headers.get('cache-control')).toBe('no-store');
  });

  test.each([
    '/v1/orders/ord_nobody',
    '/v1/orders/ord_nobody/events',
    '/v1/shipments/shp_nobody',
    '/v1/shipments/shp_nobody/events',
    '/v1/shipments/shp_nobody/label',
    '/v1/shipments/ord_nobody/events',
  ])('%s is 404', async (path) => {
    const answer = await api.request<ProblemDocument>('GET', path);
    expect(answer.status).toBe(404);
    expect(answer.body.code).toBe('NOT_FOUND');
  });
});

describe('a note', () => {
  const write = (orderId: string, text: string, headers: Record<string, string> = {}) =>
    api.request<{ note_id: string; text: string } & ProblemDocument>('POST', `/v1/orders/${orderId}/notes`, {
      body: { text },
      headers,
    });

  test('is written, shown on the order, and wakes its workflow', async () => {
    const order = await captured('#note');
    const woken = api.poked.length;
    const answer = await write(order.order_id, 'Call first.');
    expect(answer.status).toBe(200);
    const read = await api.request<OrderAnswer>('GET', `/v1/orders/${order.order_id}`);
    expect(read.body.notes).toMatchObject([{ note_id: answer.body.note_id, text: 'Call first.', by: 'key_start' }]);
    expect(read.headers.get('etag')).toBe('"1"');
    expect(api.poked.slice(woken).map((wake) => wake.to)).toEqual([order.order_id]);
  });

  test('under the same Idempotency-Key is written once and answers the same; with another text it is 422', async () => {
    const order = await captured('#note-once');
    const key = { 'idempotency-key': 'note-1' };
    const [first, second] = await Promise.all([
      write(order.order_id, 'Once.', key),
      write(order.order_id, 'Once.', key),
    ]);
    expect(second.body).toEqual(first.body);
    const other = await write(order.order_id, 'Twice.', key);
    expect(other.status).toBe(422);
    expect(other.body.code).toBe('IDEMPOTENCY_KEY_REUSED');
    const read = await api.request<OrderAnswer>('GET', `/v1/orders/${order.order_id}`);
    expect(read.body.notes).toHaveLength(1);
    const elsewhere = await write((await captured('#note-else')).order_id, 'Once.', key);
    expect(elsewhere.status).toBe(200);
    expect(elsewhere.body.note_id).not.toBe(first.body.note_id);
  });

  test('with a stale If-Match is 412 with the order as it stands, and nothing is written', async () => {
    const order = await captured('#note-stale');
    const stale = await write(order.order_id, 'Late.', { 'if-match': '"7"' });
    expect(stale.status).toBe(412);
    expect(stale.body.current).toEqual(order);
    expect(stale.headers.get('etag')).toBe('"1"');
    for (const tag of ['"1"', 'W/"1"', '"0", "1"', '*']) {
      expect((await write(order.order_id, tag, { 'if-match': tag })).status).toBe(200);
    }
    const read = await api.request<OrderAnswer>('GET', `/v1/orders/${order.order_id}`);
    expect(read.body.notes.map((note) => note.text)).not.toContain('Late.');
  });

  test('on an unknown order is 404, and without text 422', async () => {
    expect((await write('ord_nobody', 'Hm.')).status).toBe(404);
    const order = await captured('#note-empty');
    const empty = await write(order.order_id, '   ');
    expect([empty.status, pointers(empty.body)]).toEqual([422, ['/text']]);
  });
});
