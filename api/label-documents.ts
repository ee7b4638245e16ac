import { PDFiumLibrary } from '@hyzyla/pdfium';
import { PDFDocument } from 'pdf-lib';
import { PNG } from 'pngjs';

/** What thermal printers print finely enough for a scanner: dots in an inch. */
const dotsPerInch = 300;
const pointsPerInch = 72;

let library: Promise<PDFiumLibrary> | undefined;

/** One PDF with the pages of several, in their order. */
export async function mergePdfs(documents: readonly Uint8Array[]): Promise<Buffer> {
  const [only] = documents;
  if (only && documents.length === 1) return Buffer.from(only);
  const merged = await PDFDocument.create();
  for (const document of documents) {
    const source = await PDFDocument.load(document);
    for (const page of await merged.copyPages(source, source.getPageIndices())) merged.addPage(page);
  }
  return Buffer.from(await merged.save());
}

/** The first page of a PDF as a PNG in greys with 300 dots to the inch, on white. */
export async function renderPng(document: Uint8Array): Promise<Buffer> {
  // The renderer is loaded when a first label is asked for as an image, and kept.
  library ??= PDFiumLibrary.init();
  const pdf = await (await library).loadDocument(document);
  try {
    const { data } = await pdf.getPage(0).render({
      scale: dotsPerInch / pointsPerInch,
      colorSpace: 'Gray',
      render: async ({ data: greys, width, height }) => {
        const png = new PNG({ width, height });
        png.data = Buffer.from(greys);
        // Trying each line's best filter takes most of the time and gains little on black bars and text.
        return PNG.sync.write(png, { inputColorType: 0, colorType: 0, inputHasAlpha: false, filterType: 0 });
      },
    });
    return Buffer.from(data);
  } finally {
    pdf.destroy();
  }
}
