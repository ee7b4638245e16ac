import type { z } from 'zod';
import type { FaultCode } from './error-catalogue';
import { pointerOf, type Fault } from './problem';

const codes: Partial<Record<z.core.$ZodIssue['code'], FaultCode>> = {
  invalid_type: 'wrong_type',
  too_small: 'too_small',
  too_big: 'too_large',
  invalid_format: 'wrong_format',
  invalid_value: 'value_not_allowed',
};

/** One fault for each thing wrong: an unknown field is named itself, not the object that holds it. */
export function faultsOf(issues: readonly z.core.$ZodIssue[]): Fault[] {
  return issues.flatMap((issue): Fault[] => {
    if (issue.code === 'unrecognized_keys') {
      return issue.keys.map((key) => ({
        pointer: pointerOf([...issue.path, key]),
        code: 'unknown_field',
        message: 'There is no such field.',
      }));
    }
    const missing = (issue.code === 'invalid_type' || issue.code === 'invalid_value') && issue.input === undefined;
    return [
      {
        pointer: pointerOf(issue.path),
        code: missing ? 'required' : (codes[issue.code] ?? 'invalid'),
        message: missing ? 'Required.' : issue.message,
      },
    ];
  });
}

/** What came in, parsed; or all of its faults. */
export function parse<Schema extends z.ZodType>(
  schema: Schema,
  input: unknown,
): { ok: true; value: z.output<Schema> } | { ok: false; faults: Fault[] } {
  const parsed = schema.safeParse(input, { reportInput: true });
  return parsed.success ? { ok: true, value: parsed.data } : { ok: false, faults: faultsOf(parsed.error.issues) };
}

/**
 * The query of a URL as an object of strings, with parameters `metadata.KEY` gathered under `metadata`. A parameter that
 * is given twice is a fault.
 */
export function readQuery(url: string): { query: Record<string, unknown>; faults: Fault[] } {
  const mark = url.indexOf('?');
  if (mark < 0) return { query: {}, faults: [] };
  const query: Record<string, unknown> = Object.create(null) as Record<string, unknown>;
  const metadata: Record<string, string> = {};
  const seen = new Set<string>();
  const faults: Fault[] = [];
  for (const [name, value] of new URLSearchParams(url.slice(mark + 1))) {
    if (seen.has(name)) {
      faults.push({ pointer: pointerOf([name]), code: 'given_twice', message: 'Given more than once.' });
      continue;
    }
    seen.add(name);
    if (value.includes('\u0000') || name.includes('\u0000')) {
      faults.push({ pointer: pointerOf([name]), code: 'not_text', message: 'Holds a NUL.' });
    } else if (name.startsWith('metadata.')) {
      metadata[name.slice('metadata.'.length)] = value;
      query['metadata'] = metadata;
    } else {
      query[name] = value;
    }
  }
  return { query: { ...query }, faults };
}
