import { z } from 'zod';
import type { HubClient } from './hub-client';
import { channels, locations, products, unitsEach } from './seed-data';

const BIN_COUNT = 40;

const ChannelList = z.looseObject({ data: z.array(z.looseObject({ channel_id: z.string(), code: z.string() })) });
const LocationList = z.looseObject({ data: z.array(z.looseObject({ location_id: z.string(), code: z.string() })) });
const ProductList = z.looseObject({
  data: z.array(z.looseObject({ sku: z.string() })),
  next_cursor: z.string().nullish(),
});
const Stock = z.looseObject({ data: z.array(z.looseObject({ location_id: z.string() })) });

/** The seeded merchant's ids by code, for whoever places orders. */
export type Merchant = {
  channelIds: ReadonlyMap<string, string>;
  locationIds: ReadonlyMap<string, string>;
};

async function seedChannels(hub: HubClient): Promise<Map<string, string>> {
  const { data } = await hub.get('/v1/channels?limit=200', ChannelList);
  const ids = new Map(data.map((channel) => [channel.code, channel.channel_id]));
  for (const channel of channels) {
    if (ids.has(channel.code)) continue;
    const made = await hub.post('/v1/channels', channel, z.looseObject({ channel_id: z.string() }));
    ids.set(channel.code, made.channel_id);
  }
  return ids;
}

async function seedLocations(hub: HubClient): Promise<Map<string, string>> {
  const { data } = await hub.get('/v1/locations?limit=200', LocationList);
  const ids = new Map(data.map((location) => [location.code, location.location_id]));
  for (const location of locations) {
    if (ids.has(location.code)) continue;
    const made = await hub.post('/v1/locations', location, z.looseObject({ location_id: z.string() }));
    ids.set(location.code, made.location_id);
  }
  return ids;
}

async function seedProducts(hub: HubClient): Promise<void> {
  const known = new Set<string>();
  let cursor: string | null | undefined;
  do {
    const after = cursor ? `&cursor=${encodeURIComponent(cursor)}` : '';
    const page = await hub.get(`/v1/products?limit=200${after}`, ProductList);
    for (const { sku } of page.data) known.add(sku);
    cursor = page.next_cursor;
  } while (cursor);
  const missing = products.filter(({ sku }) => !known.has(sku));
  await Promise.all(
    missing.map(({ unit_price: _price, ...product }) =>
      hub.post('/v1/products', product, z.looseObject({ sku: z.string() })),
    ),
  );
}

/** Receives goods wherever a product has no stock row yet; what was sold since an earlier start stays sold. */
async function seedStock(hub: HubClient, locationIds: ReadonlyMap<string, string>): Promise<void> {
  const stocked = products.toSorted((a, b) => (a.sku < b.sku ? -1 : 1)).slice(0, -1);
  const present = await Promise.all(
    stocked.map(async ({ sku }) => {
      const { data } = await hub.get(`/v1/inventory/${encodeURIComponent(sku)}`, Stock);
      return new Set(data.map((row) => row.location_id));
    }),
  );
  for (const { code } of locations) {
    const locationId = locationIds.get(code);
    if (locationId === undefined) continue;
    const lines = stocked.flatMap(({ sku }, index) => {
      if (present[index]?.has(locationId)) return [];
      const warehouse_location = {
        zone: 'A',
        aisle: String(1 + Math.floor(index / 10)),
        bin: String(1 + (index % BIN_COUNT)),
      };
      return [{ sku, quantity: unitsEach, warehouse_location }];
    });
    if (lines.length === 0) continue;
    await hub.post(
      '/v1/inventory/receipts',
      { location_id: locationId, reference: `opening stock ${code}`, lines },
      z.unknown(),
    );
  }
}

/**
 * Makes the small merchant through the API: channels, locations, products and opening stock. Only what is missing is
 * made, so that it may run at every start. Throws when the API refuses something.
 */
export async function seedMerchant(hub: HubClient): Promise<Merchant> {
  const [channelIds, locationIds] = await Promise.all([seedChannels(hub), seedLocations(hub), seedProducts(hub)]);
  await seedStock(hub, locationIds);
  return { channelIds, locationIds };
}
