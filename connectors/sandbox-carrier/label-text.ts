/** Text as the label printer can print it. */
import { transliterate } from 'transliteration';

/** Printable text, and whether it had to be written in other letters than it came in. */
export interface PrintableText {
  text: string;
  transliterated: boolean;
}

const latin1 = /^[\x20-\x7e\xa0-\xff]*$/;

/** Keeps Western European letters as they are and writes every other script in Latin letters; never empty. */
export function toPrintable(value: string): PrintableText {
  const oneLine = value.replace(/[\s\p{Cc}]+/gu, ' ').trim();
  if (oneLine !== '' && latin1.test(oneLine)) return { text: oneLine, transliterated: false };
  const written = transliterate(oneLine, { unknown: '?' })
    .replace(/[^\x20-\x7e]/g, '?')
    .trim();
  return { text: written === '' ? '?' : written, transliterated: true };
}
