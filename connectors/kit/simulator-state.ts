/** A simulator's memory: collections of rows over one append-only file, which survives kill -9. */
import { closeSync, mkdirSync, openSync, readFileSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';

/** One row to store: collection, id, value. */
export type StateEntry = readonly [collection: string, id: string, value: unknown];

/** Rows by collection and id; each collection keeps the order in which its ids were first put. */
export interface SimulatorState {
  get<T>(collection: string, id: string): T | undefined;
  /** Stores all entries or, after a crash, none of them; on disk when it returns. */
  put(...entries: StateEntry[]): void;
  /** All rows of a collection, oldest first; the array is live and must not be changed. */
  list<T>(collection: string): readonly T[];
  /** Rows whose top-level `field` equals `value`, oldest first; the index is built on first use. */
  where<T>(collection: string, field: string, value: string): readonly T[];
  close(): void;
}

interface Collection {
  rows: object[];
  positions: Map<string, number>;
  /** field → value → positions */
  indexes: Map<string, Map<string, number[]>>;
}

/** Opens the state in `file`, creating it with its folder; a line torn by a crash is dropped. */
export function openSimulatorState(file: string): SimulatorState {
  const collections = new Map<string, Collection>();
  mkdirSync(dirname(file), { recursive: true });
  const { entries, torn } = readEntries(file);
  entries.forEach((entry) => store(collections, entry));
  const descriptor = openSync(file, 'a');
  // Ends a torn line, so that the next one stands alone.
  if (torn) writeSync(descriptor, '\n');

  return {
    get<T>(name: string, id: string) {
      const collection = collections.get(name);
      const position = collection?.positions.get(id);
      return position === undefined ? undefined : (collection?.rows[position] as T);
    },
    put(...added) {
      writeSync(descriptor, `${JSON.stringify(added)}\n`);
      added.forEach((entry) => store(collections, entry));
    },
    list<T>(name: string) {
      return (collections.get(name)?.rows ?? []) as T[];
    },
    where<T>(name: string, field: string, value: string) {
      const collection = collections.get(name);
      if (collection === undefined) return [];
      const positions = indexOf(collection, field).get(value) ?? [];
      return positions.map((position) => collection.rows[position] as T);
    },
    close() {
      closeSync(descriptor);
    },
  };
}

function readEntries(file: string): { entries: StateEntry[]; torn: boolean } {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch {
    return { entries: [], torn: false };
  }
  const lines = text.split('\n');
  const torn = lines.at(-1) !== '';
  return { entries: lines.flatMap(parseLine), torn };
}

function parseLine(line: string): StateEntry[] {
  if (line === '') return [];
  try {
    return JSON.parse(line) as StateEntry[];
  } catch {
    return [];
  }
}

function store(collections: Map<string, Collection>, [name, id, value]: StateEntry): void {
  const collection: Collection = collections.get(name) ?? { rows: [], positions: new Map(), indexes: new Map() };
  collections.set(name, collection);
  const row = value as object;
  const known = collection.positions.get(id);
  if (known !== undefined) {
    for (const field of collection.indexes.keys()) {
      // What is looked up by hardly ever changes; where it does, the index is built again when it is next asked.
      if (valueOf(collection.rows[known], field) !== valueOf(row, field)) collection.indexes.delete(field);
    }
    collection.rows[known] = row;
    return;
  }
  const position = collection.rows.push(row) - 1;
  collection.positions.set(id, position);
  for (const [field, index] of collection.indexes) addToIndex(index, field, row, position);
}

function indexOf(collection: Collection, field: string): Map<string, number[]> {
  const known = collection.indexes.get(field);
  if (known !== undefined) return known;
  const index = new Map<string, number[]>();
  collection.rows.forEach((row, position) => addToIndex(index, field, row, position));
  collection.indexes.set(field, index);
  return index;
}

function addToIndex(index: Map<string, number[]>, field: string, row: object, position: number): void {
  const value = valueOf(row, field);
  const positions = index.get(value);
  if (positions === undefined) index.set(value, [position]);
  else positions.push(position);
}

function valueOf(row: object | undefined, field: string): string {
  return String((row as Record<string, unknown> | undefined)?.[field]);
}
