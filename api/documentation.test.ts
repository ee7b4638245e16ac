import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { createLogger } from '../platform/log';
import type { ApiDependencies } from './dependencies';
import { createApp } from './server';

let server: Server;
let url: string;

beforeAll(async () => {
  // The pages need nothing of the store.
  const app = createApp({
    config: { temporal_namespace: 'default' },
    log: createLogger({ service: 'api', level: 'silent' }),
  } as unknown as ApiDependencies);
  server = createServer((request, response) => {
    app(request, response);
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  url = `http://127.0.0.1:${String((server.address() as AddressInfo).port)}`;
});

afterAll(async () => {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

test.each(['/docs', '/docs/errors'])(
  '%s loads everything from this host, and the browser is told to allow nothing else',
  async (path) => {
    const page = await fetch(url + path);
    expect([page.status, page.headers.get('content-type')]).toEqual([200, 'text/html; charset=utf-8']);
    const directives = (page.headers.get('content-security-policy') ?? '')
      .split(';')
      .map((directive) => directive.trim());
    expect(directives).toContain("default-src 'none'");
    expect(directives).toContain("script-src 'self'");
    expect(directives).toContain("connect-src 'self'");
    expect(directives.join(' ')).not.toMatch(/https?:|\*/);
    const html = await page.text();
    // A script in the page itself would be refused by the policy above.
    expect(html).not.toMatch(/<script>|<style|\son\w+=/);
    const loaded = [...html.matchAll(/(?:src|href)="([^"#]+)"/g)].map(([, target]) => String(target));
    expect(loaded.length).toBeGreaterThan(2);
    for (const target of loaded) {
      expect(target).toMatch(/^\/[^/]/);
      expect([target, (await fetch(url + target)).status]).toEqual([target, 200]);
    }
  },
);

test('the description needs no key and no database', async () => {
  const answer = await fetch(`${url}/openapi.json`);
  expect(answer.status).toBe(200);
  expect(await answer.json()).toMatchObject({ openapi: '3.1.0' });
});

test('of the folder of Swagger UI nothing else is served', async () => {
  for (const path of [
    '/docs/package.json',
    '/docs/index.html',
    '/docs/..%2fpackage.json',
    '/docs/swagger-ui-bundle.js.map',
  ]) {
    expect([path, (await fetch(url + path)).status]).toEqual([path, 404]);
  }
});
