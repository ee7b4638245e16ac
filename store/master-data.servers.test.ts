import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { at } from '../test/domain/aggregate';
import { createMerchant, sampleOrder, type Merchant } from '../test/stack/merchant';
import { dropStore, insideOf, openStore, type HubInside } from '../test/store/opened-store';
import type { Store } from './connect';

const actor = { kind: 'api_key', id: 'key_1' } as const;
const size = { weight_grams: 1, length_mm: 1, width_mm: 1, height_mm: 1 };

let store: Store;
let hub: HubInside;
let merchant: Merchant;

beforeAll(async () => {
  store = await openStore('master');
  hub = insideOf(store);
  merchant = await createMerchant(hub);
});

afterAll(() => dropStore(store));

function product(sku: string, aliases: { alias: string; channel_id?: string }[] = []) {
  return { sku, title: sku, ...size, aliases, lot_tracked: false };
}

/** An order parked under SKU_UNKNOWN for what its channel calls a product. */
async function parked(channelSku: string): Promise<string> {
  const lines = [{ sku: channelSku, quantity: 1, unit_price: 1 }];
  const { order } = await hub.door.capture(sampleOrder(merchant, `P-${channelSku}`, { lines }), actor);
  await hub.workflowPersist.run({ entity: 'order', id: order.order_id, at: at(0) });
  expect((await store.orders.findOne({ _id: order.order_id }))?.problems).toMatchObject([{ code: 'SKU_UNKNOWN' }]);
  return order.order_id;
}

async function goesOn(id: string, ourSku: string): Promise<void> {
  await hub.workflowPersist.run({ entity: 'order', id, at: at(0) });
  const order = await store.orders.findOne({ _id: id });
  expect(order?.validated_at).not.toBeNull();
  expect(order?.lines[0]?.sku).toBe(ourSku);
  expect(order?.problems.map((problem) => problem.code)).not.toContain('SKU_UNKNOWN');
}

test('creating the product wakes the orders that are parked for it', async () => {
  const id = await parked('NEW-1');
  const created = await hub.masterData.createProduct(product('NEW-1'), actor);
  expect(created?.wakes).toEqual([{ to: id, workflow_id: `order/${merchant.channel_id}/P-NEW-1` }]);
  await goesOn(id, 'NEW-1');
});

test('creating a product with the alias, or mapping it later, wakes them too', async () => {
  const created = await parked('SHOP-2');
  const changed = await parked('SHOP-3');
  const first = await hub.masterData.createProduct(product('OURS-2', [{ alias: 'SHOP-2' }]), actor);
  expect(first?.wakes.map((wake) => wake.to)).toEqual([created]);
  const second = await hub.masterData.changeProduct(
    'OURS-2',
    { aliases: [{ alias: 'SHOP-3', channel_id: merchant.channel_id }] },
    actor,
  );
  expect(second?.wakes.map((wake) => wake.to)).toEqual([changed]);
  await goesOn(changed, 'OURS-2');
});

test('a product that nobody waits for wakes nobody', async () => {
  await parked('STILL-UNKNOWN');
  expect((await hub.masterData.createProduct(product('QUIET'), actor))?.wakes).toEqual([]);
});

test('a channel’s own alias wins over one for every channel, and that over the sku itself', async () => {
  const { channel_id } = merchant;
  await hub.masterData.createProduct(product('R-OWN', [{ alias: 'R', channel_id }]), actor);
  await hub.masterData.createProduct(product('R-ALL', [{ alias: 'R' }, { alias: 'Q' }]), actor);
  await hub.masterData.createProduct(product('R-OTHER', [{ alias: 'S', channel_id: 'chn_other' }]), actor);
  await hub.masterData.createProduct(product('R'), actor);
  await hub.masterData.createProduct(product('Q'), actor);
  const names = ['R', 'Q', 'R-OWN', 'S', 'NOBODY', 'R'];
  expect(await hub.masterData.resolveSkus(channel_id, names)).toEqual({ R: 'R-OWN', Q: 'R-ALL', 'R-OWN': 'R-OWN' });
  expect(await hub.masterData.resolveSkus('chn_other', names)).toEqual({
    R: 'R-ALL',
    Q: 'R-ALL',
    'R-OWN': 'R-OWN',
    S: 'R-OTHER',
  });
});

test('what exists is not created again, and what does not is not changed or deleted', async () => {
  const { masterData } = hub;
  expect(await masterData.createProduct(product('R-ONCE'), actor)).toBeDefined();
  expect(await masterData.createProduct(product('R-ONCE'), actor)).toBeUndefined();
  expect(await masterData.changeProduct('NONE', { title: 'x' }, actor)).toBeUndefined();
  expect(await masterData.deleteProduct('NONE')).toBe('not_found');
  expect(await masterData.deleteProduct('R-ONCE')).toBe('deleted');
  const [location_id] = merchant.location_ids;
  const {
    location_id: _id,
    created_at: _created,
    updated_at: _updated,
    ...location
  } = (await masterData.location(location_id))!;
  expect(await masterData.createLocation(location)).toBeUndefined();
  expect(await masterData.changeLocation('loc_none', { name: 'x' })).toBeUndefined();
  expect(await masterData.changeLocation(location_id, { name: 'Renamed' })).toMatchObject({
    location_id,
    name: 'Renamed',
  });
});

test('two that create the same product at once: one does', async () => {
  const results = await Promise.all([1, 2, 3, 4].map(() => hub.masterData.createProduct(product('RACE'), actor)));
  expect(results.filter((result) => result !== undefined)).toHaveLength(1);
});

test('what is in use is not deleted: a product or location with stock, a channel with open orders', async () => {
  await parked('KEEPS-CHANNEL-BUSY');
  expect(await hub.masterData.deleteProduct(merchant.skus[0]!)).toBe('in_use');
  expect(await hub.masterData.deleteLocation(merchant.location_ids[0])).toBe('in_use');
  expect(await hub.masterData.deleteChannel(merchant.channel_id)).toBe('in_use');
  expect(await hub.masterData.deleteChannel('chn_none')).toBe('not_found');
});

test('locations serve the channels and countries that they name, or all; never when off or a supplier', async () => {
  const { masterData } = hub;
  const {
    location_id: _id,
    created_at: _created,
    updated_at: _updated,
    ...base
  } = (await masterData.location(merchant.location_ids[0]))!;
  const create = async (code: string, changes: Partial<typeof base>): Promise<string> =>
    (await masterData.createLocation({ ...base, code, ...changes }))!.location_id;
  const ours = await create('S-OURS', { channels_served: [merchant.channel_id], ships_to: ['DE'] });
  const others = await create('S-OTHER', { channels_served: ['chn_other'] });
  const french = await create('S-FR', { ships_to: ['FR'] });
  const off = await create('S-OFF', { active: false });
  const supplier = await create('S-SUPPLIER', { kind: 'supplier' });
  const serving = async (channel: string, country: string): Promise<string[]> =>
    (await masterData.locationsServing(channel, country)).map((location) => location.location_id);
  const german = await serving(merchant.channel_id, 'DE');
  expect(german).toEqual(expect.arrayContaining([ours, ...merchant.location_ids]));
  for (const left of [others, french, off, supplier]) expect(german).not.toContain(left);
  expect(await serving(merchant.channel_id, 'FR')).toContain(french);
  expect(await serving('chn_other', 'DE')).toEqual(expect.arrayContaining([others]));
});

test('lists go on where the page before ended and show each row once', async () => {
  const { masterData } = hub;
  const all = (await masterData.products({ limit: 200 })).map((found) => found.sku);
  const first = (await masterData.products({ limit: 3 })).map((found) => found.sku);
  const rest = (await masterData.products({ limit: 200, after: first.at(-1)! })).map((found) => found.sku);
  expect([...first, ...rest]).toEqual(all);
  expect(all).toEqual(all.toSorted());
});
