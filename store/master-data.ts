import { ulid } from 'ulid';
import type { Channel, ChannelInput } from '../domain/channel/schema';
import type { Actor } from '../domain/decider';
import type { Location, LocationInput } from '../domain/location/schema';
import type { Product, ProductInput } from '../domain/product/schema';
import type { Coordinates } from '../domain/values-schema';
import type { Store } from './connect';
import type { Wake } from './persist';
import { insertRecheckRows } from './recheck';

/** One page of a list; `after` is the key of the last row of the page before. */
export interface Page {
  after?: string;
  limit: number;
}

/** Master data: products, locations and channels. Creating what exists answers undefined, like changing what does not. */
export interface MasterData {
  createProduct(input: ProductInput, actor: Actor): Promise<{ product: Product; wakes: Wake[] } | undefined>;
  changeProduct(
    sku: string,
    change: Partial<ProductInput>,
    actor: Actor,
  ): Promise<{ product: Product; wakes: Wake[] } | undefined>;
  /** False when there is none, `in_use` when stock lies under the sku. */
  deleteProduct(sku: string): Promise<'deleted' | 'not_found' | 'in_use'>;
  createLocation(input: LocationInput & { coordinates: Coordinates }): Promise<Location | undefined>;
  changeLocation(id: string, change: Partial<LocationInput>): Promise<Location | undefined>;
  deleteLocation(id: string): Promise<'deleted' | 'not_found' | 'in_use'>;
  createChannel(input: ChannelInput): Promise<Channel | undefined>;
  changeChannel(id: string, change: Partial<ChannelInput>): Promise<Channel | undefined>;
  deleteChannel(id: string): Promise<'deleted' | 'not_found' | 'in_use'>;
  product(sku: string): Promise<Product | undefined>;
  location(id: string): Promise<Location | undefined>;
  channel(id: string): Promise<Channel | undefined>;
  products(page: Page): Promise<Product[]>;
  locations(page: Page): Promise<Location[]>;
  channels(page: Page): Promise<Channel[]>;
  /** Our sku for what a channel wrote: its own alias first, then one for every channel, then the sku itself. Unknown ones are absent. */
  resolveSkus(channelId: string, written: readonly string[]): Promise<Record<string, string>>;
  /** Products by sku; unknown ones are absent. */
  productsBySku(skus: readonly string[]): Promise<Map<string, Product>>;
  /** Locations that are on and ship for a channel to a country. */
  locationsServing(channelId: string, country: string): Promise<Location[]>;
}

function withoutId<Row>(row: Row & { _id: string }): Row {
  const { _id, ...rest } = row;
  return rest as Row;
}

function duplicate(error: unknown): boolean {
  return typeof error === 'object' && error !== null && 'code' in error && error.code === 11000;
}

/** The repository of master data. */
export function createMasterData(store: Store, now: () => Date = () => new Date()): MasterData {
  async function orUndefinedIfDuplicate<T>(work: () => Promise<T>): Promise<T | undefined> {
    try {
      return await work();
    } catch (error) {
      if (duplicate(error)) return undefined;
      throw error;
    }
  }

  /** Orders that wait for a name the product now answers to are asked to look again, in the same transaction. */
  function wakeForProduct(
    product: Product,
    actor: Actor,
    session: Parameters<typeof insertRecheckRows>[1],
    at: string,
  ): Promise<Wake[]> {
    const names = [product.sku, ...product.aliases.map((alias) => alias.alias)];
    return insertRecheckRows(store, session, {
      cause: `product/${product.sku}/${at}`,
      code: 'SKU_UNKNOWN',
      filter: { 'lines.channel_sku': { $in: names } },
      actor,
      at,
    });
  }

  return {
    createProduct: (input, actor) =>
      store.transaction(async (session) => {
        if (await store.products.findOne({ _id: input.sku }, { session })) return undefined;
        const at = now().toISOString();
        const product: Product = { ...input, created_at: at, updated_at: at };
        await store.products.insertOne({ ...product, _id: input.sku }, { session });
        return { product, wakes: await wakeForProduct(product, actor, session, at) };
      }),
    changeProduct: (sku, change, actor) =>
      store.transaction(async (session) => {
        const at = now().toISOString();
        const changed = await store.products.findOneAndUpdate(
          { _id: sku },
          { $set: { ...change, updated_at: at } as Partial<Product> },
          { session, returnDocument: 'after' },
        );
        if (!changed) return undefined;
        const product = withoutId<Product>(changed);
        return { product, wakes: await wakeForProduct(product, actor, session, at) };
      }),
    async deleteProduct(sku) {
      if (await store.stock.findOne({ sku, on_hand: { $gt: 0 } })) return 'in_use';
      const { deletedCount } = await store.products.deleteOne({ _id: sku });
      return deletedCount > 0 ? 'deleted' : 'not_found';
    },

    createLocation: (input) =>
      orUndefinedIfDuplicate(async () => {
        const at = now().toISOString();
        const location: Location = { ...input, location_id: `loc_${ulid()}`, created_at: at, updated_at: at };
        await store.locations.insertOne({ ...location, _id: location.location_id });
        return location;
      }),
    changeLocation: (id, change) =>
      orUndefinedIfDuplicate(async () => {
        const changed = await store.locations.findOneAndUpdate(
          { _id: id },
          { $set: { ...change, updated_at: now().toISOString() } as Partial<Location> },
          { returnDocument: 'after' },
        );
        return changed ? withoutId<Location>(changed) : undefined;
      }),
    async deleteLocation(id) {
      if (await store.stock.findOne({ location_id: id, on_hand: { $gt: 0 } })) return 'in_use';
      if (await store.shipments.findOne({ location_id: id, delivered_at: null })) return 'in_use';
      const { deletedCount } = await store.locations.deleteOne({ _id: id });
      return deletedCount > 0 ? 'deleted' : 'not_found';
    },

    createChannel: (input) =>
      orUndefinedIfDuplicate(async () => {
        const at = now().toISOString();
        const channel: Channel = { ...input, channel_id: `chn_${ulid()}`, created_at: at, updated_at: at };
        await store.channels.insertOne({ ...channel, _id: channel.channel_id });
        return channel;
      }),
    changeChannel: (id, change) =>
      orUndefinedIfDuplicate(async () => {
        const changed = await store.channels.findOneAndUpdate(
          { _id: id },
          { $set: { ...change, updated_at: now().toISOString() } },
          { returnDocument: 'after' },
        );
        return changed ? withoutId<Channel>(changed) : undefined;
      }),
    async deleteChannel(id) {
      if (await store.orders.findOne({ channel_id: id, closed_at: null })) return 'in_use';
      const { deletedCount } = await store.channels.deleteOne({ _id: id });
      return deletedCount > 0 ? 'deleted' : 'not_found';
    },

    async product(sku) {
      const found = await store.products.findOne({ _id: sku });
      return found ? withoutId<Product>(found) : undefined;
    },
    async location(id) {
      const found = await store.locations.findOne({ _id: id });
      return found ? withoutId<Location>(found) : undefined;
    },
    async channel(id) {
      const found = await store.channels.findOne({ _id: id });
      return found ? withoutId<Channel>(found) : undefined;
    },
    async products({ after, limit }) {
      const found = await store.products
        .find(after === undefined ? {} : { _id: { $gt: after } })
        .sort({ _id: 1 })
        .limit(limit)
        .toArray();
      return found.map(withoutId<Product>);
    },
    async locations({ after, limit }) {
      const found = await store.locations
        .find(after === undefined ? {} : { code: { $gt: after } })
        .sort({ code: 1 })
        .limit(limit)
        .toArray();
      return found.map(withoutId<Location>);
    },
    async channels({ after, limit }) {
      const found = await store.channels
        .find(after === undefined ? {} : { code: { $gt: after } })
        .sort({ code: 1 })
        .limit(limit)
        .toArray();
      return found.map(withoutId<Channel>);
    },

    async resolveSkus(channelId, written) {
      const names = [...new Set(written)];
      const found = await store.products
        .find({ $or: [{ _id: { $in: names } }, { 'aliases.alias': { $in: names } }] })
        .project<{ _id: string; aliases: Product['aliases'] }>({ aliases: 1 })
        .toArray();
      const resolve = (name: string): string | undefined => {
        const named = (channel: string | undefined): string | undefined =>
          found.find((product) => product.aliases.some((alias) => alias.alias === name && alias.channel_id === channel))
            ?._id;
        return named(channelId) ?? named(undefined) ?? found.find((product) => product._id === name)?._id;
      };
      return Object.fromEntries(
        names.flatMap((name) => {
          const sku = resolve(name);
          return sku === undefined ? [] : [[name, sku]];
        }),
      );
    },
    async productsBySku(skus) {
      const found = await store.products.find({ _id: { $in: [...skus] } }).toArray();
      return new Map(found.map((product) => [product._id, withoutId<Product>(product)]));
    },
    async locationsServing(channelId, country) {
      const found = await store.locations
        .find({
          active: true,
          kind: { $ne: 'supplier' },
          $and: [
            { $or: [{ channels_served: { $size: 0 } }, { channels_served: channelId }] },
            { $or: [{ ships_to: { $size: 0 } }, { ships_to: country }] },
          ],
        })
        .toArray();
      return found.map(withoutId<Location>);
    },
  };
}
