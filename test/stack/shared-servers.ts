import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findServer } from '../../platform/servers/find';
import { servers as runServers } from '../setup/servers';
import type { HubServers } from './servers';

/** The servers that a whole test run shares, as a hub needs them; nobody may kill these. */
export async function sharedServers(): Promise<HubServers> {
  const { temporalAddress, mongodbUri } = runServers();
  return {
    dir: mkdtempSync(join(tmpdir(), 'waybill-hub-')),
    temporalBinary: await findServer('temporal', { log: () => undefined }),
    temporalAddress: () => temporalAddress,
    mongodbUri,
  };
}
