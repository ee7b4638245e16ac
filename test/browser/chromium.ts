import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { chromium, type Browser, type BrowserContextOptions, type Page } from 'playwright-core';
import { projectRoot } from '../../platform/project-root';

const switches = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-dev-shm-usage',
  '--disable-background-networking',
  '--disable-component-update',
];

/** Starts the Chromium of this computer without a window. Rejects, saying what was looked for, when there is none. */
export async function launchChromium(): Promise<Browser> {
  const script = join(projectRoot(), 'scripts', 'chromium.mjs');
  const { stdout } = await promisify(execFile)(process.execPath, [script]);
  return chromium.launch({ executablePath: stdout.trim(), headless: true, args: switches });
}

/** A page together with what went wrong on it and whom it spoke to. */
export interface WatchedPage {
  page: Page;
  /** Errors of its console, exceptions of its scripts, and requests that failed or were answered with 400 or more. */
  faults: string[];
  /** `host:port` of each request that left the browser, those to other hosts are not let through. */
  hosts: Set<string>;
  close(): Promise<void>;
}

/** Opens an empty page that may speak to `home` (a URL of its host) alone. */
export async function openPage(
  browser: Browser,
  home: string,
  options: BrowserContextOptions = {},
): Promise<WatchedPage> {
  const context = await browser.newContext({ locale: 'en-GB', timezoneId: 'UTC', ...options });
  const faults: string[] = [];
  const hosts = new Set<string>();
  const { host: homeHost } = new URL(home);
  await context.route('**/*', async (route) => {
    const { protocol, host } = new URL(route.request().url());
    if (protocol === 'data:' || protocol === 'blob:') return route.continue();
    hosts.add(host);
    return host === homeHost ? route.continue() : route.abort('blockedbyclient');
  });
  const page = await context.newPage();
  page.on('console', (message) => {
    if (message.type() === 'error') faults.push(`console: ${message.text()} (${message.location().url})`);
  });
  page.on('pageerror', (error) => faults.push(`exception: ${error.message}`));
  page.on('response', (response) => {
    if (response.status() >= 400) faults.push(`${String(response.status())}: ${response.url()}`);
  });
  return { page, faults, hosts, close: () => context.close() };
}
