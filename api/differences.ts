import { pointerOf, type Fault } from './problem';

type Fields = Readonly<Record<string, unknown>>;

const shownAtMost = 100;

function fieldsOf(value: unknown): Fields | undefined {
  return typeof value === 'object' && value !== null ? (value as Fields) : undefined;
}

/**
 * Where two JSON documents differ, at most a hundred places, each as a fault at its pointer; values are not repeated.
 * `ignored` names fields of the top level that do not count.
 */
export function differences(stored: unknown, given: unknown, ignored: readonly string[] = []): Fault[] {
  const found: Fault[] = [];
  const compare = (a: unknown, b: unknown, path: readonly string[]): void => {
    if (Object.is(a, b) || found.length >= shownAtMost) return;
    const [left, right] = [fieldsOf(a), fieldsOf(b)];
    if (left && right && Array.isArray(a) === Array.isArray(b)) {
      for (const key of new Set([...Object.keys(left), ...Object.keys(right)])) {
        if (path.length > 0 || !ignored.includes(key)) compare(left[key], right[key], [...path, key]);
      }
      return;
    }
    const message =
      a === undefined
        ? 'Not in the stored order.'
        : b === undefined
          ? 'Only in the stored order.'
          : 'Another value than the stored one.';
    found.push({ pointer: pointerOf(path), code: 'differs', message });
  };
  compare(stored, given, []);
  return found;
}
