/** What stands on a label, and its two forms. */
import bwipjs from 'bwip-js';
import PDFDocument from 'pdfkit';
import { toPrintable } from './label-text';
import type { WireParty } from './wire';

/** Everything that is printed; `created_at` makes rendering the same label again give the same bytes. */
export interface LabelContent {
  tracking_number: string;
  product: string;
  reference: string;
  note?: string | undefined;
  grams: number;
  piece: number;
  pieces: number;
  shipper: WireParty;
  consignee: WireParty;
  created_at: string;
}

interface PrintableLabel {
  shipper: string[];
  consignee: string[];
  transliterated: boolean;
}

const MM = 72 / 25.4;
const WIDTH = 100 * MM;
const HEIGHT = 150 * MM;
const MARGIN = 5 * MM;
const QUIET_MODULES = 10;

/** A page of 100 × 150 mm with a Code 128 barcode of the tracking number. */
export function renderPdf(label: LabelContent): Promise<Buffer> {
  const text = printable(label);
  const document = new PDFDocument({
    size: [WIDTH, HEIGHT],
    margin: 0,
    // Compressing a page of this size costs more time than it saves bytes.
    compress: false,
    // One face for all: reading a face's metrics is the dearest part of a label.
    font: 'Helvetica-Bold',
    info: { Title: label.tracking_number, CreationDate: new Date(label.created_at) },
  });
  const chunks: Buffer[] = [];
  const done = new Promise<Buffer>((resolve, reject) => {
    document.on('data', (chunk: Buffer) => chunks.push(chunk));
    document.on('end', () => resolve(Buffer.concat(chunks)));
    document.on('error', reject);
  });
  const page = { document, y: MARGIN };
  write(page, `SANDBOX CARRIER  ${label.product}`, 14);
  write(page, `Piece ${label.piece}/${label.pieces}   ${(label.grams / 1000).toFixed(3)} kg`, 9);
  rule(page);
  write(page, 'FROM', 7);
  text.shipper.forEach((line) => write(page, line, 8));
  rule(page);
  write(page, 'TO', 7);
  text.consignee.forEach((line) => write(page, line, 12));
  if (text.transliterated) write(page, 'Address written in Latin letters by the carrier', 6);
  rule(page);
  write(page, `Ref ${toPrintable(label.reference).text}`, 7);
  if (label.note !== undefined) write(page, toPrintable(label.note).text, 7);
  drawBarcode(document, label.tracking_number);
  document.end();
  return done;
}

/** The same label for a thermal printer of 203 dpi. */
export function renderZpl(label: LabelContent): string {
  const text = printable(label);
  const rows: [size: number, text: string][] = [
    [48, `SANDBOX CARRIER  ${label.product}`],
    [30, `Piece ${label.piece}/${label.pieces}   ${(label.grams / 1000).toFixed(3)} kg`],
    [22, 'FROM'],
    ...text.shipper.map((line): [number, string] => [26, line]),
    [22, 'TO'],
    ...text.consignee.map((line): [number, string] => [40, line]),
    ...(text.transliterated ? [[20, 'Address written in Latin letters by the carrier'] as [number, string]] : []),
    [22, `Ref ${toPrintable(label.reference).text}`],
    ...(label.note === undefined ? [] : [[22, toPrintable(label.note).text] as [number, string]]),
  ];
  let y = 30;
  const fields = rows.map(([size, line]) => {
    const field = `^FO40,${y}^A0N,${size},${fitZpl(size, line)}^FH_^FD${escapeZpl(line)}^FS`;
    y += size + 10;
    return field;
  });
  return [
    '^XA^CI28^PW800^LL1200',
    ...fields,
    `^FO60,880^BY4^BCN,200,N,N,N,A^FD${label.tracking_number}^FS`,
    `^FO60,1100^A0N,44,44^FD${label.tracking_number}^FS`,
    `^FO660,660^BXN,6,200^FD${label.tracking_number}^FS`,
    '^XZ',
  ].join('\n');
}

function printable(label: LabelContent): PrintableLabel {
  const shipper = partyLines(label.shipper).map(toPrintable);
  const consignee = partyLines(label.consignee).map(toPrintable);
  return {
    shipper: shipper.map(({ text }) => text),
    consignee: consignee.map(({ text }) => text),
    transliterated: [...shipper, ...consignee].some(({ transliterated }) => transliterated),
  };
}

function partyLines(party: WireParty): string[] {
  const town = [party.countryCode, party.zip, party.town, party.region].filter((part) => part !== undefined).join(' ');
  const lines = [party.name, party.company, party.street, party.street2, town];
  return lines.filter((line): line is string => line !== undefined && line.trim() !== '');
}

interface Page {
  document: PDFKit.PDFDocument;
  y: number;
}

/** One line in the largest type up to `size` in which it fits: no address is ever cut. */
function write(page: Page, line: string, size: number): void {
  const { document } = page;
  document.fontSize(size);
  const width = document.widthOfString(line);
  const room = WIDTH - 2 * MARGIN;
  if (width > room) document.fontSize((size * room) / width);
  document.text(line, MARGIN, page.y, { lineBreak: false });
  page.y += size * 1.3;
}

function rule(page: Page): void {
  page.document
    .moveTo(MARGIN, page.y)
    .lineTo(WIDTH - MARGIN, page.y)
    .lineWidth(0.5)
    .stroke();
  page.y += 4;
}

function drawBarcode(document: PDFKit.PDFDocument, text: string): void {
  const bars = barWidths(text);
  const modules = bars.reduce((sum, width) => sum + width, 0) + 2 * QUIET_MODULES;
  const unit = (WIDTH - 2 * MARGIN) / modules;
  const top = HEIGHT - MARGIN - 95;
  let x = MARGIN + QUIET_MODULES * unit;
  bars.forEach((width, index) => {
    if (index % 2 === 0) document.rect(x, top, width * unit, 75);
    x += width * unit;
  });
  document.fill('#000000');
  document.fontSize(13);
  const left = (WIDTH - document.widthOfString(text)) / 2;
  document.text(text, left, top + 80, { lineBreak: false });
}

/** Widths of bar, space, bar, … in modules. */
function barWidths(text: string): number[] {
  const [symbol] = bwipjs.raw({ bcid: 'code128', text });
  if (symbol === undefined || !('sbs' in symbol)) throw new Error('no bars for this barcode');
  return symbol.sbs;
}

/** The width of a character cell at which a line fits on 720 dots. */
function fitZpl(size: number, line: string): number {
  return Math.max(8, Math.min(size, Math.floor(720 / (line.length * 0.55))));
}

/** ^, ~ and _ are commands to the printer. */
function escapeZpl(line: string): string {
  return line.replace(/[\^~_]/g, (character) => `_${character.charCodeAt(0).toString(16)}`);
}
