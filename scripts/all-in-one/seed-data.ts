/** The merchant of the embedded default: invented names at real places. */

/** Channels by code: a web shop whose payments the hub captures, and a marketplace that collects by itself. */
export const channels = [
  { code: 'web-shop', name: 'Nordlicht Web Shop', kind: 'web', payment_required: true },
  { code: 'marketplace', name: 'Basar Marketplace', kind: 'marketplace', payment_required: false },
] as const;

/** Four locations in three countries of the EU; each ships for every channel to everywhere. */
export const locations = [
  {
    code: 'BER-1',
    name: 'Berlin Distribution Centre',
    kind: 'warehouse',
    address: { name: 'Nordlicht Berlin', line1: 'Gewerbehof 1', city: 'Berlin', postal_code: '12099', country: 'DE' },
  },
  {
    code: 'HAM-1',
    name: 'Hamburg Store',
    kind: 'store',
    address: {
      name: 'Nordlicht Hamburg',
      line1: 'Speicherweg 4',
      city: 'Hamburg',
      postal_code: '20457',
      country: 'DE',
    },
  },
  {
    code: 'LYS-1',
    name: 'Lyon Warehouse',
    kind: 'warehouse',
    address: { name: 'Nordlicht Lyon', line1: '12 rue du Dépôt', city: 'Lyon', postal_code: '69007', country: 'FR' },
  },
  {
    code: 'MIL-1',
    name: 'Milan Fulfilment Partner',
    kind: 'third_party',
    address: {
      name: 'Nordlicht Milano',
      line1: 'Via del Magazzino 8',
      city: 'Milano',
      postal_code: '20139',
      country: 'IT',
    },
  },
] as const;

/** A product of the seed; `unit_price` (minor unit of EUR, tax included) is what the demonstration's orders pay. */
export type SeedProduct = {
  readonly sku: string;
  readonly title: string;
  readonly weight_grams: number;
  readonly length_mm: number;
  readonly width_mm: number;
  readonly height_mm: number;
  readonly unit_price: number;
};

type Size = readonly [length_mm: number, width_mm: number, height_mm: number];

function variants(
  base: { sku: string; title: string; weight_grams: number; size: Size; unit_price: number },
  options: readonly (readonly [code: string, name: string])[],
): SeedProduct[] {
  const [length_mm, width_mm, height_mm] = base.size;
  const shared = { weight_grams: base.weight_grams, length_mm, width_mm, height_mm, unit_price: base.unit_price };
  return options.map(([code, name]) => ({ sku: `${base.sku}-${code}`, title: `${base.title}, ${name}`, ...shared }));
}

const sizes = [
  ['S', 'small'],
  ['M', 'medium'],
  ['L', 'large'],
] as const;

/** Thirty products; the last by sku has no stock anywhere, so that an order for it has to wait. */
export const products: readonly SeedProduct[] = [
  ...variants({ sku: 'BAG-CANVAS', title: 'Canvas bag', weight_grams: 420, size: [400, 350, 40], unit_price: 2_900 }, [
    ['NAT', 'natural'],
    ['NVY', 'navy'],
  ]),
  ...variants(
    { sku: 'BOTTLE-STEEL', title: 'Steel bottle', weight_grams: 310, size: [270, 75, 75], unit_price: 2_450 },
    [
      ['500', '0.5 l'],
      ['750', '0.75 l'],
    ],
  ),
  ...variants({ sku: 'CANDLE', title: 'Beeswax candle', weight_grams: 260, size: [120, 80, 80], unit_price: 1_490 }, [
    ['FIR', 'fir'],
    ['SEA', 'sea salt'],
  ]),
  ...variants({ sku: 'CAP-WOOL', title: 'Wool cap', weight_grams: 95, size: [220, 200, 40], unit_price: 2_200 }, [
    ['GRN', 'green'],
    ['GRY', 'grey'],
    ['RED', 'red'],
  ]),
  ...variants(
    { sku: 'HOODIE', title: 'Hooded sweater', weight_grams: 640, size: [350, 300, 70], unit_price: 6_900 },
    sizes,
  ),
  ...variants({ sku: 'LAMP-DESK', title: 'Desk lamp', weight_grams: 1_850, size: [420, 220, 180], unit_price: 8_900 }, [
    ['BLK', 'black'],
    ['WHT', 'white'],
  ]),
  ...variants({ sku: 'MUG', title: 'Stoneware mug', weight_grams: 380, size: [120, 95, 95], unit_price: 1_690 }, [
    ['BLU', 'blue'],
    ['SND', 'sand'],
  ]),
  ...variants({ sku: 'NOTEBOOK', title: 'Notebook A5', weight_grams: 290, size: [215, 150, 20], unit_price: 1_250 }, [
    ['DOT', 'dotted'],
    ['LIN', 'lined'],
  ]),
  ...variants({ sku: 'SCARF', title: 'Merino scarf', weight_grams: 180, size: [260, 200, 50], unit_price: 4_500 }, [
    ['CHK', 'checked'],
    ['PLN', 'plain'],
  ]),
  ...variants({ sku: 'SOCKS', title: 'Hiking socks', weight_grams: 110, size: [200, 120, 40], unit_price: 1_650 }, [
    ['39', '39–42'],
    ['43', '43–46'],
  ]),
  ...variants(
    { sku: 'TEE-BLK', title: 'T-shirt, black', weight_grams: 190, size: [300, 240, 20], unit_price: 2_500 },
    sizes,
  ),
  ...variants(
    { sku: 'TEE-WHT', title: 'T-shirt, white', weight_grams: 190, size: [300, 240, 20], unit_price: 2_500 },
    sizes,
  ),
  ...variants(
    { sku: 'TENT', title: 'Two-person tent', weight_grams: 2_900, size: [520, 190, 190], unit_price: 24_900 },
    [
      ['OLV', 'olive'],
      ['SND', 'sand'],
    ],
  ),
];

/** Units of each product but the last that every location receives. */
export const unitsEach = 5_000;

/** Where the demonstration's customers live. */
export const customers = [
  { name: 'Anna Berger', line1: 'Lindenallee 12', city: 'Leipzig', postal_code: '04109', country: 'DE' },
  { name: 'Jonas Petersen', line1: 'Hafenstraße 3', city: 'Kiel', postal_code: '24103', country: 'DE' },
  { name: 'Camille Laurent', line1: '8 place du Marché', city: 'Grenoble', postal_code: '38000', country: 'FR' },
  { name: 'Giulia Ferrari', line1: 'Via Garibaldi 21', city: 'Torino', postal_code: '10122', country: 'IT' },
  { name: 'Sanne de Vries', line1: 'Kanaalweg 17', city: 'Utrecht', postal_code: '3511 AB', country: 'NL' },
  { name: 'Lucía Romero', line1: 'Calle Mayor 5', city: 'Zaragoza', postal_code: '50001', country: 'ES' },
  { name: 'Markus Huber', line1: 'Ringstraße 40', city: 'Wien', postal_code: '1010', country: 'AT' },
  { name: 'Mette Sørensen', line1: 'Strandvejen 9', city: 'Aarhus', postal_code: '8000', country: 'DK' },
  { name: 'Piotr Kowalski', line1: 'ul. Długa 30', city: 'Poznań', postal_code: '61-701', country: 'PL' },
  { name: 'Inês Carvalho', line1: 'Rua das Flores 2', city: 'Porto', postal_code: '4050-262', country: 'PT' },
] as const;
