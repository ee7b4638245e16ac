import { errorCatalogue, faultCatalogue, problemCatalogue } from './error-catalogue';

interface Entry {
  code: string;
  paragraphs: readonly string[];
}

interface Chapter {
  heading: string;
  introduction: string;
  entries: readonly Entry[];
}

const title = 'Codes';

const chapters: readonly Chapter[] = [
  {
    heading: 'Errors of a request',
    introduction:
      'The `code` of an `application/problem+json` answer. Each answer has a `trace_id`, which is also in the header `Trace-Id` and in the log of the hub.',
    entries: Object.entries(errorCatalogue).map(([code, entry]) => ({
      code,
      paragraphs: [`${String(entry.status)}. ${entry.title}.`, entry.meaning, `What to do: ${entry.to_do}`],
    })),
  },
  {
    heading: 'Faults of a field',
    introduction: 'The `code` of an entry in `errors[]`. Its `pointer` names the field, its `message` the rule.',
    entries: Object.entries(faultCatalogue).map(([code, text]) => ({ code, paragraphs: [text] })),
  },
  {
    heading: 'Problems of an order or shipment',
    introduction:
      'The `code` of an entry in `problems[]`: why something does not move. `until` says when the hub looks again by itself.',
    entries: Object.entries(problemCatalogue).map(([code, entry]) => ({
      code,
      paragraphs: [entry.meaning, `What to do: ${entry.to_do}`],
    })),
  },
];

/** The codes as the Markdown of `docs/errors.md`. */
export function codesAsMarkdown(): string {
  const chapter = ({ heading, introduction, entries }: Chapter): string => {
    const sections = entries.map(({ code, paragraphs }) => `### ${code}\n\n${paragraphs.join('\n\n')}`);
    return [`## ${heading}`, introduction, ...sections].join('\n\n');
  };
  return `${[`# ${title}`, ...chapters.map(chapter)].join('\n\n')}\n`;
}

function escaped(text: string): string {
  const entities: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };
  return text
    .replaceAll(/[&<>"]/g, (character) => entities[character] ?? character)
    .replaceAll(/`([^`]+)`/g, '<code>$1</code>');
}

/** The codes as the page to which the `type` of an error leads. */
export function codesAsHtml(): string {
  const paragraph = (text: string): string => `<p>${escaped(text)}</p>`;
  const chapter = ({ heading, introduction, entries }: Chapter): string => {
    const sections = entries.map(
      ({ code, paragraphs }) => `<h3 id="${code}">${code}</h3>\n${paragraphs.map(paragraph).join('\n')}`,
    );
    return [`<h2>${escaped(heading)}</h2>`, paragraph(introduction), ...sections].join('\n');
  };
  return `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8" />
    <meta name="viewport" content="width=device-width, initial-scale=1" />
    <title>Waybill codes</title>
    <link rel="icon" type="image/png" href="/docs/favicon-32x32.png" />
    <link rel="stylesheet" href="/docs/page.css" />
  </head>
  <body>
    <main class="page">
      <h1>${title}</h1>
      <p><a href="/docs">The API</a></p>
      ${chapters.map(chapter).join('\n')}
    </main>
  </body>
</html>
`;
}
