import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { problemCodeSchema } from '../domain/order/schema';
import { codesAsHtml, codesAsMarkdown } from './codes-page';
import { errorCatalogue, faultCatalogue, problemCatalogue } from './error-catalogue';

const file = readFileSync(join(__dirname, '..', 'docs', 'errors.md'), 'utf8');
const codes = [errorCatalogue, faultCatalogue, problemCatalogue].flatMap((catalogue) => Object.keys(catalogue));

test('docs/errors.md lists exactly the codes of the catalogue and the problem codes of the domain', () => {
  const listed = [...file.matchAll(/^### (\w+)$/gm)].map(([, code]) => code);
  expect(listed).toEqual(codes);
  expect(Object.keys(problemCatalogue).toSorted()).toEqual(problemCodeSchema.options.toSorted());
});

// After a change to the catalogue: npm run build && node -p "require('./dist/api/codes-page').codesAsMarkdown()" > docs/errors.md
test('docs/errors.md says what the catalogue says, with what to do about each code', () => {
  expect(file.trimEnd()).toBe(codesAsMarkdown().trimEnd());
});

test('the page of codes has an anchor for each, to which the type of an error leads', () => {
  const page = codesAsHtml();
  for (const code of codes) expect(page).toContain(`id="${code}"`);
});
