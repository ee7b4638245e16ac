import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import {
  BarcodeFormat,
  DecodeHintType,
  MultiFormatReader,
  RGBLuminanceSource,
  BinaryBitmap,
  HybridBinarizer,
} from '@zxing/library';
import bwipjs from 'bwip-js/node';
import { PDFDocument } from 'pdf-lib';
import { PNG } from 'pngjs';
import type { LoggedEvent } from '../domain/decider';
import { evolveShipment } from '../domain/shipment/evolve';
import type { ShipmentEvent } from '../domain/shipment/events';
import type { Shipment } from '../domain/shipment/schema';
import { servers } from '../test/setup/servers';
import type { ShipmentAnswer } from './schemas/shipment-answer';
import { startTestApi, type TestApi } from './testing';

interface ProblemDocument {
  code: string;
  errors?: { pointer: string }[];
}
interface Page {
  data: ShipmentAnswer[];
  next_cursor: string | null;
}

let api: TestApi;

beforeAll(async () => {
  api = await startTestApi(servers().mongodbUri('api_shipments'));
});

afterAll(() => api.close());

/** Stores a shipment as its events make it. */
async function store(n: number, change: Partial<Shipment>, ...later: ShipmentEvent[]): Promise<string> {
  const shipment_id = `shp_order${String(n)}_1`;
  const opened: ShipmentEvent = {
    type: 'opened',
    after: {
      shipment_id,
      order_id: `ord_order${String(n)}`,
      order_workflow_id: `order/chn/${String(n)}`,
      order_placed_at: '2025-12-31T00:00:00.000Z',
      channel_id: 'chn',
      n: 1,
      location_id: 'loc_a',
      routing_decision_id: 'rtd_1',
      currency: 'EUR',
      service: 'standard',
      lines: [{ line_id: '1', sku: 'TEE', quantity: 2 }],
      captures: [],
      invoice: { lines: [], shipping: 0, total: 0 },
    },
  };
  const document = [opened, ...later].reduce<Shipment | undefined>((before, event, index) => {
    const at = new Date(Date.UTC(2026, 0, n, 0, 0, index)).toISOString();
    const logged: LoggedEvent = {
      event_id: `evt_${shipment_id}_${String(index)}`,
      entity: 'shipment',
      entity_id: shipment_id,
      order_id: opened.after.order_id,
      version: index + 1,
      cause_id: `cause-${String(index)}`,
      seq: 0,
      at,
      recorded_at: at,
      actor: { kind: 'system', id: 'hub' },
      ...event,
    };
    return evolveShipment(before, logged);
  }, undefined);
  await api.store.shipments.insertOne({ ...document!, ...change, _id: shipment_id });
  return shipment_id;
}

const parcel = (id: string) => ({ parcel_id: id, weight_grams: 400, length_mm: 300, width_mm: 200, height_mm: 100 });
const packed = (...ids: string[]): ShipmentEvent => ({
  type: 'packed',
  after: { parcels: ids.map(parcel), lines: [{ line_id: '1', quantity: 2 }] },
});
const labelled = (...ids: string[]): ShipmentEvent => ({
  type: 'labelled',
  after: {
    booking_id: 'bkg_1',
    carrier: 'sandbox-carrier',
    service: 'standard',
    parcels: ids.map((parcel_id) => ({ parcel_id, tracking_number: `TRACK-${parcel_id}` })),
    cost: { amount: 500, currency: 'EUR' },
    estimated_delivery_at: '2026-01-05T12:00:00.000Z',
  },
});

/** A label with its tracking number as a barcode: a PDF of 4 × 6 inches. */
async function labelPdf(trackingNumber: string): Promise<Buffer> {
  const document = await PDFDocument.create();
  const page = document.addPage([288, 432]);
  const barcode = await bwipjs.toBuffer({ bcid: 'code128', text: trackingNumber, scale: 3, height: 20 });
  page.drawImage(await document.embedPng(barcode), { x: 20, y: 200, width: 248, height: 80 });
  return Buffer.from(await document.save());
}

async function storeLabel(
  shipment_id: string,
  parcel_id: string,
  format: 'pdf' | 'zpl',
  content: Buffer,
  voided_at: string | null = null,
): Promise<void> {
  await api.store.labels.insertOne({
    _id: `${shipment_id}/${parcel_id}/${format}/${String(voided_at)}`,
    shipment_id,
    parcel_id,
    tracking_number: `TRACK-${parcel_id}`,
    format,
    content_base64: content.toString('base64'),
    voided_at,
  });
}

function barcodeIn(png: Buffer): string {
  const { data, width, height } = PNG.sync.read(png);
  const grey = new Uint8ClampedArray(width * height);
  for (let index = 0; index < grey.length; index += 1) grey[index] = data[index * 4]!;
  const bitmap = new BinaryBitmap(new HybridBinarizer(new RGBLuminanceSource(grey, width, height)));
  const hints = new Map([[DecodeHintType.POSSIBLE_FORMATS, [BarcodeFormat.CODE_128]]]);
  return new MultiFormatReader().decode(bitmap, hints).getText();
}

test('shipments are shown with what is kept beside them, newest first, and found by each filter', async () => {
  const one = await store(1, {});
  const two = await store(2, { location_id: 'loc_b' }, packed('p1', 'p2'), labelled('p1', 'p2'));
  await storeLabel(two, 'p1', 'zpl', Buffer.from('^XA1^XZ'));
  await storeLabel(two, 'p1', 'pdf', await labelPdf('TRACK-p1'));
  await api.store.tracking_events.insertOne({
    _id: 'trk_1',
    tracking_event_id: 'trk_1',
    carrier: 'sandbox-carrier',
    tracking_number: 'TRACK-p1',
    shipment_id: two,
    milestone: 'LABEL_CREATED',
    code: 'LC',
    text: 'Label created',
    reason: null,
    at: '2026-01-02T10:00:00.000Z',
    received_at: '2026-01-02T10:00:01.000Z',
    place: null,
    raw: { secret: 'raw' },
  });
  const found = async (query: string): Promise<string[]> =>
    (await api.request<Page>('GET', `/v1/shipments?${query}`)).body.data.map((shipment) => shipment.shipment_id);
  expect(await found('')).toEqual([two, one]);
  expect(await found('order_id=ord_order1')).toEqual([one]);
  expect(await found('status=labelled')).toEqual([two]);
  expect(await found('location_id=loc_b')).toEqual([two]);
  expect(await found('carrier=sandbox-carrier')).toEqual([two]);
  expect((await api.request('GET', '/v1/shipments?status=lost')).status).toBe(422);

  const page = await api.request<Page>('GET', '/v1/shipments?limit=1');
  expect(await found(`limit=1&cursor=${page.body.next_cursor!}`)).toEqual([one]);

  const { body } = await api.request<ShipmentAnswer>('GET', `/v1/shipments/${two}`);
  expect(page.body.data).toEqual([body]);
  expect(body.status).toBe('labelled');
  expect(body.delivery_eta).toEqual({
    window: null,
    median: '2026-01-05T12:00:00.000Z',
    source: 'carrier',
    made_at: body.labelled_at,
  });
  expect(body.events).toMatchObject([{ milestone: 'LABEL_CREATED', text: 'Label created' }]);
  expect(JSON.stringify(body)).not.toContain('secret');
  expect(body.parcels.map(({ tracking_number, label }) => [tracking_number, label?.format])).toEqual([
    ['TRACK-p1', 'pdf'],
    ['TRACK-p2', undefined],
  ]);
  const label = await fetch(body.parcels[0]!.label!.url, { headers: { authorization: `Bearer ${api.key}` } });
  expect(label.headers.get('content-type')).toBe('application/pdf');
});

describe('labels', () => {
  test('before they are bought are 409', async () => {
    const shipment = await store(3, {}, packed('p1'));
    const answer = await api.request<ProblemDocument>('GET', `/v1/shipments/${shipment}/label`);
    expect([answer.status, answer.body.code]).toEqual([409, 'LABEL_NOT_READY']);
  });

  test('of several parcels are one PDF with a page for each, one ZPL stream, and an image of one parcel that a scanner reads', async () => {
    const shipment = await store(4, {}, packed('p1', 'p2'), labelled('p1', 'p2'));
    for (const id of ['p1', 'p2']) {
      await storeLabel(shipment, id, 'pdf', await labelPdf(`TRACK-${id}`));
      await storeLabel(shipment, id, 'zpl', Buffer.from(`^XA${id}^XZ`));
    }
    const path = `/v1/shipments/${shipment}/label`;
    const pdf = await api.request('GET', path);
    expect(pdf.headers.get('content-type')).toBe('application/pdf');
    expect((await PDFDocument.load(pdf.bytes)).getPageCount()).toBe(2);
    const single = await api.request('GET', `${path}?format=pdf&parcel_id=p2`);
    expect((await PDFDocument.load(single.bytes)).getPageCount()).toBe(1);
    const zpl = await api.request('GET', `${path}?format=zpl`);
    expect(zpl.bytes.toString()).toBe('^XAp1^XZ^XAp2^XZ');
    for (const id of ['p1', 'p2']) {
      const png = await api.request('GET', `${path}?format=png&parcel_id=${id}`);
      expect(png.headers.get('content-type')).toBe('image/png');
      const { width, height } = PNG.sync.read(png.bytes);
      expect([width, height]).toEqual([1200, 1800]);
      expect(barcodeIn(png.bytes)).toBe(`TRACK-${id}`);
    }
    const which = await api.request<ProblemDocument>('GET', `${path}?format=png`);
    expect([which.status, which.body.errors![0]!.pointer]).toEqual([422, '/parcel_id']);
    expect((await api.request('GET', `${path}?format=png&parcel_id=p9`)).status).toBe(404);
    expect((await api.request('GET', `${path}?format=gif`)).status).toBe(422);
  });

  test('in a format that the carrier did not give are 409', async () => {
    const shipment = await store(5, {}, packed('p1'), labelled('p1'));
    await storeLabel(shipment, 'p1', 'zpl', Buffer.from('^XA^XZ'));
    for (const format of ['pdf', 'png']) {
      const answer = await api.request<ProblemDocument>('GET', `/v1/shipments/${shipment}/label?format=${format}`);
      expect([answer.status, answer.body.code]).toEqual([409, 'LABEL_FORMAT_UNAVAILABLE']);
    }
  });

  test('that were voided are 410, until another one is bought', async () => {
    const shipment = await store(6, {}, packed('p1'), labelled('p1'));
    await storeLabel(shipment, 'p1', 'pdf', await labelPdf('OLD'), '2026-01-06T12:00:00.000Z');
    const path = `/v1/shipments/${shipment}/label?format=png`;
    const answer = await api.request<ProblemDocument>('GET', path);
    expect([answer.status, answer.body.code]).toEqual([410, 'LABEL_VOIDED']);
    const shown = await api.request<ShipmentAnswer>('GET', `/v1/shipments/${shipment}`);
    expect(shown.body.parcels[0]!.label).toBeNull();
    await storeLabel(shipment, 'p1', 'pdf', await labelPdf('NEW-LABEL'));
    expect(barcodeIn((await api.request('GET', path)).bytes)).toBe('NEW-LABEL');
  });
});
