import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** The checkout's folder (the nearest one above this file with a package.json), from the sources and from dist alike. */
export function projectRoot(): string {
  let folder = __dirname;
  while (!existsSync(join(folder, 'package.json'))) {
    const above = dirname(folder);
    if (above === folder) throw new Error(`no package.json above ${__dirname}`);
    folder = above;
  }
  return folder;
}
