import { randomInt } from 'node:crypto';
import { createServer } from 'node:net';

/** True when a server can listen on this port at `host` now. */
export function isFree(port: number, host = '127.0.0.1'): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => {
      resolve(false);
    });
    server.listen({ port, host, exclusive: true }, () => {
      server.close(() => {
        resolve(true);
      });
    });
  });
}

/** Below the ports that systems hand out by themselves, from which servers take more for their own parts. */
const lowest = 15_000;
const beyond = 32_000;
const tries = 100;

/** A port at the loopback address that nothing listens on; another process may still take it first. */
export async function freePort(): Promise<number> {
  for (let attempt = 0; attempt < tries; attempt += 1) {
    const port = randomInt(lowest, beyond);
    if (await isFree(port)) return port;
  }
  throw new Error(`no free port found between ${String(lowest)} and ${String(beyond)}`);
}
