import { z } from 'zod';
import { invalid } from './problem';

/** The query parameters of every list. */
export const pageQuery = {
  limit: z.coerce.number().int().min(1).max(200).default(50).meta({ description: 'Rows on a page.' }),
  cursor: z.string().min(1).max(1000).optional().meta({ description: '`next_cursor` of the page before.' }),
};

/** A page of a list, as every list answers. */
export function pageOf<Row extends z.ZodType>(
  row: Row,
): z.ZodObject<{ data: z.ZodArray<Row>; next_cursor: z.ZodNullable<z.ZodString> }> {
  return z.strictObject({
    data: z.array(row),
    next_cursor: z.string().nullable().meta({ description: 'Asks for the next page; null on the last one.' }),
  });
}

/** The opaque cursor behind a row: which list it belongs to and the values that the list is sorted by. */
export function encodeCursor(list: string, key: readonly (string | number)[]): string {
  return Buffer.from(JSON.stringify([list, ...key])).toString('base64url');
}

/** The sort values of a cursor, or undefined without one. Refuses what this list did not hand out, at `/cursor`. */
export function decodeCursor<Key extends z.ZodTuple>(
  list: string,
  key: Key,
  cursor: string | undefined,
): z.output<Key> | undefined {
  if (cursor === undefined) return undefined;
  const refused = invalid([{ pointer: '/cursor', code: 'invalid', message: 'Not a cursor of this list.' }]);
  let decoded: unknown;
  try {
    decoded = JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8'));
  } catch {
    throw refused;
  }
  if (!Array.isArray(decoded) || decoded[0] !== list) throw refused;
  const parsed = key.safeParse(decoded.slice(1));
  if (!parsed.success) throw refused;
  return parsed.data;
}

/** One page out of up to `limit + 1` rows: the row too many says that there is a next page. */
export function toPage<Row, Shown>(
  rows: readonly Row[],
  limit: number,
  show: (row: Row) => Shown,
  cursorOf: (row: Row) => string,
): { data: Shown[]; next_cursor: string | null } {
  const data = rows.slice(0, limit);
  const last = data.at(-1);
  return { data: data.map(show), next_cursor: rows.length > limit && last !== undefined ? cursorOf(last) : null };
}
