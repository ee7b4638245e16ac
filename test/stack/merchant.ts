import type { OrderCapture } from '../../domain/order/capture-schema';
import { orderCaptureSchema } from '../../domain/order/capture-schema';
import type { Inventory } from '../../store/inventory';
import type { MasterData } from '../../store/master-data';

const system = { kind: 'system', id: 'test' } as const;

/** A small merchant: one channel, two locations, some products with stock. */
export interface Merchant {
  channel_id: string;
  /** Berlin and Lyon. */
  location_ids: [string, string];
  skus: string[];
}

/** Creates a merchant whose products each have `stock` units at both locations. */
export async function createMerchant(
  { masterData, inventory }: { masterData: MasterData; inventory: Inventory },
  options: { products?: number; stock?: number; code?: string } = {},
): Promise<Merchant> {
  const { products = 3, stock = 1_000, code = 'web' } = options;
  const channel = await masterData.createChannel({
    code,
    name: 'Test shop',
    kind: 'web',
    payment_required: false,
    service_levels: ['standard', 'express'],
    rules: {},
    thresholds: {},
  });
  const berlin = await createLocation(masterData, `${code}-BER`, 'Berlin', '10115', 'DE', { lat: 52.52, lng: 13.4 });
  const lyon = await createLocation(masterData, `${code}-LYS`, 'Lyon', '69001', 'FR', { lat: 45.76, lng: 4.83 });
  const skus = Array.from({ length: products }, (_, index) => `${code.toUpperCase()}-SKU-${String(index + 1)}`);
  for (const sku of skus) {
    await masterData.createProduct(
      {
        sku,
        title: `Product ${sku}`,
        weight_grams: 400,
        length_mm: 200,
        width_mm: 150,
        height_mm: 50,
        aliases: [],
        lot_tracked: false,
      },
      system,
    );
  }
  if (stock > 0) {
    for (const location_id of [berlin, lyon]) {
      await inventory.receive(
        { location_id, lines: skus.map((sku) => ({ sku, quantity: stock })) },
        { receipt_id: `rcp_${code}_${location_id}`, actor: system },
      );
    }
  }
  if (!channel) throw new Error(`There is a channel ${code} already.`);
  return { channel_id: channel.channel_id, location_ids: [berlin, lyon], skus };
}

async function createLocation(
  masterData: MasterData,
  code: string,
  city: string,
  postal_code: string,
  country: string,
  place: { lat: number; lng: number },
): Promise<string> {
  const location = await masterData.createLocation({
    code,
    name: `Warehouse ${city}`,
    kind: 'warehouse',
    address: { name: 'Goods out', line1: 'Dock 1', city, postal_code, country },
    coordinates: { ...place, accuracy: 'exact' },
    active: true,
    channels_served: [],
    ships_to: [],
    connections: {},
  });
  if (!location) throw new Error(`There is a location ${code} already.`);
  return location.location_id;
}

/** A valid capture with one unit of each sku for a buyer in Hamburg, authorized at the embedded payment provider. */
export function sampleOrder(
  merchant: Merchant,
  channelOrderId: string,
  changes: Partial<OrderCapture> = {},
): OrderCapture {
  const lines = merchant.skus.slice(0, 1).map((sku) => ({ sku, quantity: 2, unit_price: 1999 }));
  return orderCaptureSchema.parse({
    channel_id: merchant.channel_id,
    channel_order_id: channelOrderId,
    placed_at: '2026-01-05T10:00:00Z',
    currency: 'EUR',
    customer: { name: 'Marker Person', email: `marker.${channelOrderId.toLowerCase()}@example.test` },
    ship_to: { name: 'Marker Person', line1: 'Marker Street 7', city: 'Hamburg', postal_code: '20095', country: 'DE' },
    lines,
    shipping_charge: 490,
    payments: [{ provider: 'sandbox-payment', reference: `auth-${channelOrderId}`, amount: 4488, state: 'authorized' }],
    ...changes,
  });
}
