import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { z } from 'zod';
import { commandOf } from '../../platform/process-identity';
import { freePort, isFree } from '../../platform/servers/free-port';
import { readJson, StartRefused, writeJson } from './data-folder';

const FIRST_API_PORT = 8080;
/** Ports by name, as they are remembered. */
export const PortList = z.record(z.string(), z.number().int());

/** The inode of the socket that listens on a port, from one of Linux's socket tables. */
function listeningInode(table: string, port: number): string | undefined {
  const wanted = `:${port.toString(16).toUpperCase().padStart(4, '0')}`;
  for (const line of readFileSync(table, 'utf8').split('\n').slice(1)) {
    const fields = line.trim().split(/\s+/);
    if (fields[3] === '0A' && fields[1]?.endsWith(wanted)) return fields[9];
  }
  return undefined;
}

function holderOnLinux(port: number): number | undefined {
  const inode = listeningInode('/proc/net/tcp', port) ?? listeningInode('/proc/net/tcp6', port);
  if (inode === undefined) return undefined;
  for (const pid of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
    try {
      const folder = `/proc/${pid}/fd`;
      const has = readdirSync(folder).some((fd) => readlinkSync(`${folder}/${fd}`) === `socket:[${inode}]`);
      if (has) return Number(pid);
    } catch {
      // Another user's process, or one that ended meanwhile.
    }
  }
  return undefined;
}

/** The process that listens on a port of this machine, as far as the system lets us see it. */
export function holderOf(port: number): { pid: number; command: string | undefined } | undefined {
  try {
    const pid =
      process.platform === 'linux'
        ? holderOnLinux(port)
        : Number(
            execFileSync('lsof', ['-nP', '-t', `-iTCP:${port}`, '-sTCP:LISTEN'], { encoding: 'utf8' }).split('\n')[0],
          );
    return pid ? { pid, command: commandOf(pid) } : undefined;
  } catch {
    return undefined;
  }
}

/** The API's port: the wanted one, or from 8080 the first that is free. Throws StartRefused, naming the holder, when the wanted one is in use. */
export async function chooseApiPort(wanted: number | undefined, host: string): Promise<number> {
  if (wanted !== undefined) {
    if (await isFree(wanted, host)) return wanted;
    const holder = holderOf(wanted);
    const who = holder
      ? `pid ${holder.pid}${holder.command ? `: ${holder.command}` : ''}`
      : 'a process of another user';
    throw new StartRefused(`port ${wanted} is in use (${who}): stop it, or give another --port`);
  }
  for (let port = FIRST_API_PORT; port < FIRST_API_PORT + 1_000; port += 1) {
    if (await isFree(port, host)) return port;
  }
  return freePort();
}

/** A port for each name: the one remembered in `file` where it is free, else a free one, remembered from now on. */
export async function rememberedPorts(file: string, names: readonly string[]): Promise<Record<string, number>> {
  const remembered = readJson(file, PortList) ?? {};
  const ports: Record<string, number> = {};
  for (const name of names) {
    const known = remembered[name];
    ports[name] = known !== undefined && (await isFree(known)) ? known : await freePort();
  }
  writeJson(file, { ...remembered, ...ports });
  return ports;
}
