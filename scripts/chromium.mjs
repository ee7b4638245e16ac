/**
 * Finds the Chromium that browser tests drive: the one named in WAYBILL_TEST_CHROMIUM, else the first on the PATH.
 *
 * Usage: node scripts/chromium.mjs   (prints the absolute path; exit 1 with the reason when there is none)
 */
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const names = ['chromium', 'chromium-browser', 'google-chrome'];

function isExecutable(path) {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** Gives `{ path }`, or `{ reason }` when there is none. A named one that is not there is not replaced by another. */
export function findChromium() {
  const named = process.env.WAYBILL_TEST_CHROMIUM;
  if (named) return isExecutable(named) ? { path: named } : { reason: `WAYBILL_TEST_CHROMIUM: no program at ${named}` };
  const folders = (process.env.PATH ?? '').split(delimiter).filter(Boolean);
  const path = names.flatMap((name) => folders.map((folder) => join(folder, name))).find(isExecutable);
  return path ? { path } : { reason: `no ${names.join(', ')} on the PATH, and WAYBILL_TEST_CHROMIUM is not set` };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { path, reason } = findChromium();
  if (path) console.log(path);
  else console.error(reason);
  process.exitCode = path ? 0 : 1;
}
