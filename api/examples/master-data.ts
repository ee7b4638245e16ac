const created = { created_at: '2026-02-01T08:00:00.000Z', updated_at: '2026-02-01T08:00:00.000Z' };

/** The body that creates the example product. */
export const productInputExample = {
  sku: 'TEE-BLK-M',
  title: 'T-shirt, black, M',
  weight_grams: 180,
  length_mm: 300,
  width_mm: 220,
  height_mm: 20,
};

/** A product. */
export const productExample = { ...productInputExample, aliases: [], lot_tracked: false, ...created };

/** The body that creates the example location. */
export const locationInputExample = {
  code: 'BER-1',
  name: 'Berlin warehouse',
  kind: 'warehouse',
  address: {
    name: 'Berlin warehouse',
    line1: 'Industriestraße 5',
    city: 'Berlin',
    postal_code: '12099',
    country: 'DE',
  },
};

/** A location. */
export const locationExample = {
  ...locationInputExample,
  location_id: 'loc_01JN2Q7W3A8X5C0V2B4N6M8KHG',
  coordinates: { lat: 52.524, lng: 13.411, accuracy: 'city' },
  active: true,
  channels_served: [],
  ships_to: [],
  connections: {},
  ...created,
};

/** The body that creates the example channel. */
export const channelInputExample = { code: 'web-eu', name: 'Web shop', kind: 'web' };

/** A channel. */
export const channelExample = {
  ...channelInputExample,
  channel_id: 'chn_01JNQ4X8M2ZC7T5V9B3D6F8H0K',
  payment_required: false,
  service_levels: ['standard', 'express'],
  rules: {},
  thresholds: {},
  ...created,
};
