import { z } from 'zod';

/** What is printed of a measurement: a title, the names of the columns, and the rows. */
export interface Table {
  title: string;
  head: readonly string[];
  rows: readonly (readonly (string | number)[])[];
}

/** What a bench found: everything as one JSON object, and the part of it that a person reads as tables. */
export interface Measured {
  figures: Record<string, unknown>;
  tables: readonly Table[];
}

/** Takes a line of progress. */
export type Say = (line: string) => void;

/** A measurement that `npm run bench -- NAME` runs; `options` describes its own command-line options. */
export interface Bench {
  name: string;
  about: string;
  options: z.ZodObject;
  /** Runs with the text of the given options; what the schema refuses is thrown as a ZodError before anything starts. */
  run(given: Record<string, string | boolean>, say: Say): Promise<{ settings: object; measured: Measured }>;
}

/** Makes a bench of a schema of options, each with a default and a description, and the measurement that takes them. */
export function defineBench<Shape extends z.ZodRawShape>(bench: {
  name: string;
  about: string;
  options: z.ZodObject<Shape>;
  measure(options: z.output<z.ZodObject<Shape>>, say: Say): Promise<Measured>;
}): Bench {
  const { name, about, options, measure } = bench;
  return {
    name,
    about,
    options,
    async run(given, say) {
      const settings = options.parse(given);
      return { settings, measured: await measure(settings, say) };
    },
  };
}

/** Whether an option of a bench stands alone on the command line, without a value. */
export function isFlag(option: unknown): boolean {
  return option instanceof z.ZodDefault && option.unwrap() instanceof z.ZodBoolean;
}
