import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { servers } from '../test/setup/servers';
import type { OrderAnswer } from './schemas/order-answer';
import { startTestApi, type TestApi } from './testing';

type Fields = Record<string, unknown>;
interface ProblemDocument {
  code: string;
  errors?: { pointer: string; code: string }[];
}
interface Page {
  data: Fields[];
  next_cursor: string | null;
}

let api: TestApi;

beforeAll(async () => {
  api = await startTestApi(servers().mongodbUri('api_master_data'));
});

afterAll(() => api.close());

const product = (sku: string, change: Fields = {}): Fields => ({
  sku,
  title: 'T-shirt',
  weight_grams: 180,
  length_mm: 300,
  width_mm: 220,
  height_mm: 20,
  ...change,
});
const location = (code: string, change: Fields = {}): Fields => ({
  code,
  name: 'Warehouse',
  kind: 'warehouse',
  address: { name: 'Warehouse', line1: 'Hafen 1', city: 'Hamburg', postal_code: '20457', country: 'DE' },
  ...change,
});
const channel = (code: string, change: Fields = {}): Fields => ({ code, name: 'Shop', kind: 'web', ...change });

function faults(problem: ProblemDocument): [string, string][] {
  return (problem.errors ?? []).map((fault) => [fault.pointer, fault.code]);
}

describe.each([
  {
    path: '/v1/products',
    make: product,
    key: 'sku',
    idOf: (row: Fields) => String(row['sku']),
    change: { title: 'New' },
    codes: ['A', 'B/1 ü', 'C'],
  },
  {
    path: '/v1/locations',
    make: location,
    key: 'code',
    idOf: (row: Fields) => String(row['location_id']),
    change: { active: false },
    codes: ['A', 'B', 'C'],
  },
  {
    path: '/v1/channels',
    make: channel,
    key: 'code',
    idOf: (row: Fields) => String(row['channel_id']),
    change: { name: 'New' },
    codes: ['A', 'B', 'C'],
  },
])('$path', ({ path, make, key, idOf, change, codes }) => {
  test('what is created is at its Location, is listed by its key in pages, can be changed and deleted', async () => {
    const places: string[] = [];
    for (const code of codes.toReversed()) {
      const created = await api.request<Fields>('POST', path, { body: make(code) });
      expect(created.status).toBe(201);
      expect(created.headers.get('location')).toBe(`${path}/${encodeURIComponent(idOf(created.body))}`);
      places.push(created.headers.get('location')!);
      const read = await api.request('GET', places.at(-1)!);
      expect([read.status, read.body]).toEqual([200, created.body]);
    }
    const one = await api.request<Page>('GET', `${path}?limit=2`);
    const two = await api.request<Page>('GET', `${path}?limit=2&cursor=${one.body.next_cursor!}`);
    expect([...one.body.data, ...two.body.data].map((row) => row[key])).toEqual(codes);
    expect(two.body.next_cursor).toBeNull();

    const again = await api.request<ProblemDocument>('POST', path, { body: make(codes[0]!) });
    expect([again.status, again.body.code, faults(again.body)]).toEqual([
      409,
      'ALREADY_EXISTS',
      [[`/${key}`, 'duplicate']],
    ]);

    const [place] = places;
    const changed = await api.request<Fields>('PATCH', place!, { body: change });
    expect(changed.status).toBe(200);
    expect(changed.body).toMatchObject(change);
    expect((await api.request('GET', place!)).body).toEqual(changed.body);
    const unknownField = await api.request<ProblemDocument>('PATCH', place!, { body: { colour: 'red' } });
    expect([unknownField.status, faults(unknownField.body)]).toEqual([422, [['/colour', 'unknown_field']]]);

    for (const each of places) expect((await api.request('DELETE', each)).status).toBe(204);
    for (const [method, body] of [['GET'], ['PATCH', change], ['DELETE']] as const) {
      const gone = await api.request<ProblemDocument>(method, place!, body ? { body } : {});
      expect([method, gone.status, gone.body.code]).toEqual([method, 404, 'NOT_FOUND']);
    }
  });

  test('a cursor of another list, an unknown parameter and an empty body are 422', async () => {
    for (const query of ['cursor=x', `cursor=${Buffer.from('["elsewhere","A"]').toString('base64url')}`, 'q=1']) {
      expect((await api.request('GET', `${path}?${query}`)).status).toBe(422);
    }
    expect((await api.request('POST', path, { body: {} })).status).toBe(422);
  });
});

describe('references of master data', () => {
  test('a change to a code that another has is 409', async () => {
    for (const [path, make, id] of [
      ['/v1/locations', location, 'location_id'],
      ['/v1/channels', channel, 'channel_id'],
    ] as const) {
      await api.request('POST', path, { body: make('TAKEN') });
      const own = await api.request<Fields>('POST', path, { body: make('OWN') });
      const answer = await api.request<ProblemDocument>('PATCH', `${path}/${String(own.body[id])}`, {
        body: { code: 'TAKEN' },
      });
      expect([answer.status, answer.body.code]).toEqual([409, 'ALREADY_EXISTS']);
    }
  });

  test('unknown channels are refused where they stand, together with other faults', async () => {
    const place = await api.request<ProblemDocument>('POST', '/v1/locations', {
      body: location('X', { channels_served: ['chn_x'], kind: 'moon' }),
    });
    expect(faults(place.body)).toEqual([
      ['/kind', 'value_not_allowed'],
      ['/channels_served/0', 'unknown_reference'],
    ]);
    const good = await api.request<ProblemDocument>('POST', '/v1/products', {
      body: product('X', { aliases: [{ alias: 'x' }, { alias: 'y', channel_id: 'chn_x' }] }),
    });
    expect(faults(good.body)).toEqual([['/aliases/1/channel_id', 'unknown_reference']]);
  });

  test('a location is found on the map by its address, keeps given coordinates, and is found anew when it moves', async () => {
    const found = await api.request<Fields>('POST', '/v1/locations', { body: location('MAP') });
    expect(found.body['coordinates']).toMatchObject({ accuracy: 'city' });
    expect((found.body['coordinates'] as { lat: number }).lat).toBeCloseTo(53.5, 0);
    const path = `/v1/locations/${String(found.body['location_id'])}`;
    const moved = await api.request<Fields>('PATCH', path, {
      body: { address: { name: 'W', line1: 'L', city: 'München', postal_code: '80331', country: 'DE' } },
    });
    expect((moved.body['coordinates'] as { lat: number }).lat).toBeCloseTo(48.1, 0);
    const given = await api.request<Fields>('PATCH', path, { body: { coordinates: { lat: 1.5, lng: 2.5 } } });
    expect(given.body['coordinates']).toEqual({ lat: 1.5, lng: 2.5, accuracy: 'exact' });
    const nowhere = await api.request<ProblemDocument>('POST', '/v1/locations', {
      body: location('ICE', { address: { name: 'I', line1: 'Ice', city: 'Ice', country: 'BV' } }),
    });
    expect([nowhere.status, faults(nowhere.body)]).toEqual([422, [['/coordinates', 'required']]]);
  });
});

describe('stock', () => {
  let locationId: string;

  beforeAll(async () => {
    await api.request('POST', '/v1/products', { body: product('TEE') });
    await api.request('POST', '/v1/products', { body: product('MILK', { lot_tracked: true }) });
    locationId = String(
      (await api.request<Fields>('POST', '/v1/locations', { body: location('STOCK') })).body['location_id'],
    );
  });

  const receive = <Body>(body: Fields, headers: Record<string, string> = {}) =>
    api.request<Body>('POST', '/v1/inventory/receipts', { body, headers });

  test('a receipt is booked, found at its Location, and raises what is available', async () => {
    const booked = await receive<Fields>({
      location_id: locationId,
      reference: 'ASN-1',
      lines: [
        { sku: 'TEE', quantity: 60, warehouse_location: { zone: 'A' } },
        { sku: 'TEE', quantity: 40 },
        { sku: 'MILK', quantity: 5, lot: 'L2', expires_at: '2027-02-01T00:00:00Z' },
        { sku: 'MILK', quantity: 7, lot: 'L1', expires_at: '2027-01-01T00:00:00Z' },
      ],
    });
    expect(booked.status).toBe(201);
    const read = await api.request('GET', booked.headers.get('location')!);
    expect(read.body).toEqual(booked.body);
    const tee = await api.request('GET', '/v1/inventory/TEE');
    expect(tee.body).toEqual({
      sku: 'TEE',
      data: [
        {
          location_id: locationId,
          lot: null,
          on_hand: 100,
          allocated: 0,
          in_transit: 0,
          safety_stock: 0,
          available: 100,
          warehouse_location: { zone: 'A' },
          expires_at: null,
        },
      ],
    });
    const milk = await api.request<Page>('GET', '/v1/inventory/MILK');
    expect(milk.body.data.map(({ lot, on_hand, expires_at }) => [lot, on_hand, expires_at])).toEqual([
      ['L1', 7, '2027-01-01T00:00:00.000Z'],
      ['L2', 5, '2027-02-01T00:00:00.000Z'],
    ]);
    const one = await api.request<Page>('GET', '/v1/inventory?limit=1');
    const two = await api.request<Page>('GET', `/v1/inventory?limit=1&cursor=${one.body.next_cursor!}`);
    expect([...one.body.data, ...two.body.data].map(({ sku, available }) => [sku, available])).toEqual([
      ['MILK', 12],
      ['TEE', 100],
    ]);
  });

  test('what nothing has, a missing lot and other faults are named at once; nothing is booked', async () => {
    const before = await api.store.stock_movements.countDocuments();
    const refused = await receive<ProblemDocument>({
      location_id: 'loc_nowhere',
      lines: [
        { sku: 'TEE', quantity: 1 },
        { sku: 'NOBODY', quantity: 1 },
        { sku: 'MILK', quantity: 0 },
      ],
    });
    expect(refused.status).toBe(422);
    expect(faults(refused.body).toSorted()).toEqual([
      ['/lines/1/sku', 'unknown_reference'],
      ['/lines/2/lot', 'required'],
      ['/lines/2/quantity', 'too_small'],
      ['/location_id', 'unknown_reference'],
    ]);
    expect(await api.store.stock_movements.countDocuments()).toBe(before);
  });

  test('the same Idempotency-Key books once; with another body it is 422', async () => {
    const body = { location_id: locationId, lines: [{ sku: 'TEE', quantity: 10 }] };
    const key = { 'idempotency-key': 'receipt-1' };
    const before = (await api.request<Page>('GET', '/v1/inventory/TEE')).body.data[0]!['on_hand'] as number;
    const answers = await Promise.all([
      receive<Fields>(body, key),
      receive<Fields>(body, key),
      receive<Fields>(body, key),
    ]);
    expect(answers.map((answer) => answer.status)).toEqual([201, 201, 201]);
    expect(new Set(answers.map((answer) => JSON.stringify(answer.body))).size).toBe(1);
    const other = await receive<ProblemDocument>({ ...body, lines: [{ sku: 'TEE', quantity: 11 }] }, key);
    expect([other.status, other.body.code]).toEqual([422, 'IDEMPOTENCY_KEY_REUSED']);
    const after = (await api.request<Page>('GET', '/v1/inventory/TEE')).body.data[0]!['on_hand'];
    expect(after).toBe(before + 10);
  });

  test('a product without stock has no rows, one that is none is 404', async () => {
    await api.request('POST', '/v1/products', { body: product('EMPTY') });
    expect((await api.request('GET', '/v1/inventory/EMPTY')).body).toEqual({ sku: 'EMPTY', data: [] });
    expect((await api.request('GET', '/v1/inventory/NOBODY')).status).toBe(404);
    expect((await api.request('GET', '/v1/inventory/receipts/rcp_nobody')).status).toBe(404);
  });

  test('what holds stock or open orders cannot be deleted', async () => {
    for (const path of ['/v1/products/TEE', `/v1/locations/${locationId}`]) {
      const answer = await api.request<ProblemDocument>('DELETE', path);
      expect([answer.status, answer.body.code]).toEqual([409, 'IN_USE']);
    }
  });

  test('orders that wait for a sku or for stock are woken when it comes', async () => {
    const shop = await api.request<{ channel_id: string }>('POST', '/v1/channels', { body: channel('WAIT') });
    const order = await api.request<OrderAnswer>('POST', '/v1/orders', {
      body: {
        channel_id: shop.body.channel_id,
        channel_order_id: '1',
        placed_at: '2026-03-01T10:30:00Z',
        currency: 'EUR',
        customer: { name: 'A' },
        ship_to: { name: 'A', line1: 'B', city: 'Berlin', postal_code: '10119', country: 'DE' },
        lines: [{ sku: 'shop-name', quantity: 1, unit_price: 1 }],
      },
    });
    const problem = {
      problem_id: 'prb_1',
      code: 'SKU_UNKNOWN' as const,
      scope: 'order' as const,
      scope_id: order.body.order_id,
      stage: 'captured',
      detail: '',
      owner: null,
      since: '2026-03-01T10:30:00.000Z',
      waiting_for: 'operator' as const,
      until: '2026-03-01T11:30:00.000Z',
    };
    const inUse = await api.request<ProblemDocument>('DELETE', `/v1/channels/${shop.body.channel_id}`);
    expect(inUse.body.code).toBe('IN_USE');
    const wokenBy = async (work: () => Promise<unknown>): Promise<string[]> => {
      const before = api.poked.length;
      await work();
      return api.poked.slice(before).map((wake) => wake.to);
    };
    await api.store.orders.updateOne({ _id: order.body.order_id }, { $set: { problems: [problem] } });
    const aliases = [{ alias: 'shop-name', channel_id: shop.body.channel_id }];
    expect(await wokenBy(() => api.request('PATCH', '/v1/products/TEE', { body: { aliases } }))).toEqual([
      order.body.order_id,
    ]);
    expect(await wokenBy(() => api.request('POST', '/v1/products', { body: product('shop-name') }))).toEqual([
      order.body.order_id,
    ]);
    await api.store.orders.updateOne(
      { _id: order.body.order_id },
      { $set: { problems: [{ ...problem, code: 'STOCK_SHORT' as const }], 'lines.0.sku': 'TEE' } },
    );
    expect(await wokenBy(() => receive({ location_id: locationId, lines: [{ sku: 'TEE', quantity: 1 }] }))).toEqual([
      order.body.order_id,
    ]);
  });
});
