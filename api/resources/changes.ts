import { Refusal } from '../problem';

/** A change without fields that were left out: JSON has no undefined, zod's partial objects have. */
export function givenFields<Fields extends object>(
  change: Fields,
): { [Field in keyof Fields]: Exclude<Fields[Field], undefined> } {
  return Object.fromEntries(Object.entries(change).filter(([, value]) => value !== undefined)) as {
    [Field in keyof Fields]: Exclude<Fields[Field], undefined>;
  };
}

/** The refusal of a code or sku that something else has. */
export function taken(pointer: string, what: string, value: string): Refusal {
  return new Refusal('ALREADY_EXISTS', `There is a ${what} ${value} already.`, {
    faults: [{ pointer, code: 'duplicate', message: `Another ${what} has it.` }],
  });
}
