/** Reads a carrier's scan codes by its own table; what no table knows is UNKNOWN, never a guess. */
import type { TrackingItem } from './vocabulary/carrier';

/** What a scan means in our words. */
export type ScanMeaning = Pick<TrackingItem, 'milestone' | 'reason' | 'responsible_party'>;

/** A carrier's tables: exact codes first, then patterns over the carrier's own text. Raise `version` with every change. */
export interface TrackingTable {
  version: string;
  codes: Readonly<Record<string, ScanMeaning>>;
  texts?: readonly { pattern: RegExp; meaning: ScanMeaning }[];
}

/** The meaning of one scan, with the rule and the table version that gave it. */
export function readScan(
  table: TrackingTable,
  scan: { code: string; text: string },
): ScanMeaning & Pick<TrackingItem, 'mapped_by' | 'table_version'> {
  const byCode = Object.hasOwn(table.codes, scan.code) ? table.codes[scan.code] : undefined;
  if (byCode !== undefined) return { ...byCode, mapped_by: 'code', table_version: table.version };
  const byText = table.texts?.find(({ pattern }) => pattern.test(scan.text));
  if (byText !== undefined) return { ...byText.meaning, mapped_by: 'text', table_version: table.version };
  return { milestone: 'UNKNOWN', mapped_by: 'none', table_version: table.version };
}
