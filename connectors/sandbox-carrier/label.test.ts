import { PDFiumLibrary } from '@hyzyla/pdfium';
import { beforeAll, expect, test } from '@jest/globals';
import {
  BarcodeFormat,
  BinaryBitmap,
  Code128Reader,
  DecodeHintType,
  GlobalHistogramBinarizer,
  RGBLuminanceSource,
} from '@zxing/library';
import { renderPdf, renderZpl, type LabelContent } from './label';
import { isTrackingNumber, trackingNumber } from './tracking-number';

let library: PDFiumLibrary;
beforeAll(async () => {
  library = await PDFiumLibrary.init();
});

const label: LabelContent = {
  tracking_number: trackingNumber(4711),
  product: 'EXPRESS',
  reference: 'shp_1/shipment.book/1',
  note: 'Order 1001',
  grams: 1234,
  piece: 2,
  pieces: 3,
  shipper: { name: 'Waybill Depot', street: 'Hafenstraße 1', town: 'Hamburg', zip: '20457', countryCode: 'DE' },
  consignee: {
    name: 'Ann Example',
    company: 'Café Müller',
    street: 'Rue de l’Été 5',
    town: 'Liège',
    zip: '4000',
    countryCode: 'BE',
  },
  created_at: '2026-03-01T12:00:00.000Z',
};

async function openPdf(pdf: Buffer): Promise<{ text: string; width: number; height: number; barcode: string }> {
  const document = await library.loadDocument(pdf);
  try {
    expect(document.getPageCount()).toBe(1);
    const page = document.getPage(0);
    const text = page.getText();
    const { originalWidth: width, originalHeight: height } = page.getOriginalSize();
    const image = await page.render({ scale: 4, render: 'bitmap' });
    const grey = new Uint8ClampedArray(image.width * image.height);
    for (let pixel = 0; pixel < grey.length; pixel += 1) grey[pixel] = image.data[pixel * 4] ?? 0;
    const source = new RGBLuminanceSource(grey, image.width, image.height);
    const bitmap = new BinaryBitmap(new GlobalHistogramBinarizer(source));
    const hints = new Map<DecodeHintType, unknown>([
      [DecodeHintType.POSSIBLE_FORMATS, [BarcodeFormat.CODE_128]],
      [DecodeHintType.TRY_HARDER, true],
    ]);
    const barcode = new Code128Reader().decode(bitmap, hints).getText();
    return { text, width, height, barcode };
  } finally {
    document.destroy();
  }
}

test('the PDF is one page of 100 × 150 mm with a scannable Code 128 of the tracking number and readable addresses', async () => {
  const { text, width, height, barcode } = await openPdf(await renderPdf(label));
  expect(barcode).toBe(label.tracking_number);
  expect([width, height].map((points) => Math.round((points * 25.4) / 72))).toEqual([100, 150]);
  for (const part of [
    'Ann Example',
    'Café Müller',
    'BE 4000',
    'Hafenstraße 1',
    label.tracking_number,
    'Piece 2/3',
    '1.234 kg',
    'Order 1001',
  ]) {
    expect(text).toContain(part);
  }
});

test('the ZPL holds the barcode as a command and the addresses as text', () => {
  const zpl = renderZpl(label);
  expect(zpl).toMatch(/^\^XA\^CI28/);
  expect(zpl.endsWith('^XZ')).toBe(true);
  expect(zpl).toMatch(new RegExp(`\\^BY\\d\\^BCN,\\d+,N,N,N,A\\^FD${label.tracking_number}\\^FS`));
  expect(zpl).toContain('^FDAnn Example^FS');
  expect(zpl).toContain('^FDCafé Müller^FS');
});

test('printer commands in an address stay text', () => {
  const zpl = renderZpl({ ...label, consignee: { ...label.consignee, street: 'A^XZ~JA_B' } });
  expect(zpl).toContain('^FH_^FDA_5eXZ_7eJA_5fB^FS');
  expect(zpl.match(/\^XZ/g)).toHaveLength(1);
});

test('other scripts are written in Latin letters, the label says so, and nothing crashes on what has no letters', async () => {
  const foreign = {
    ...label,
    consignee: { name: 'Łukasz Żółć', company: '東京', street: 'ул. Ленина 5', town: '😀', countryCode: 'PL' },
  };
  const { text, barcode } = await openPdf(await renderPdf(foreign));
  expect(barcode).toBe(label.tracking_number);
  expect(text).toContain('Lukasz Zolc');
  expect(text).toContain('ul. Lenina 5');
  expect(text).toContain('Address written in Latin letters by the carrier');
  expect(renderZpl(foreign)).toContain('Address written in Latin letters by the carrier');
  expect(
    (await openPdf(await renderPdf({ ...label, consignee: { ...label.consignee, street: 'Main St' } }))).text,
  ).not.toContain('Address written');
});

test('the longest lines that the carrier takes are printed whole within the page', async () => {
  const long = 'W'.repeat(80);
  const { text, barcode } = await openPdf(
    await renderPdf({
      ...label,
      reference: 'r'.repeat(200),
      consignee: {
        name: long,
        company: long,
        street: long,
        street2: long,
        town: long,
        region: long,
        zip: '1'.repeat(20),
        countryCode: 'DE',
      },
    }),
  );
  expect(barcode).toBe(label.tracking_number);
  expect(text.split(long)).toHaveLength(7);
});

test('rendering the same label again gives the same bytes', async () => {
  expect((await renderPdf(label)).equals(await renderPdf(label))).toBe(true);
});

test('a tracking number carries its check digit: any changed digit is noticed', () => {
  const number = trackingNumber(123_456_789);
  expect(isTrackingNumber(number)).toBe(true);
  for (let position = 3; position < number.length; position += 1) {
    for (let other = 0; other < 10; other += 1) {
      const changed = `${number.slice(0, position)}${other}${number.slice(position + 1)}`;
      expect(isTrackingNumber(changed)).toBe(changed === number);
    }
  }
  expect(() => trackingNumber(0)).toThrow(RangeError);
  expect(() => trackingNumber(1_000_000_000)).toThrow(RangeError);
});
