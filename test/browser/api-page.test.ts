import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import type { Browser } from 'playwright-core';
import { startTestApi, type TestApi } from '../../api/testing';
import { servers } from '../setup/servers';
import { launchChromium, openPage, type WatchedPage } from './chromium';

const listOrders = '.opblock-get:has([data-path="/v1/orders"])';

let api: TestApi;
let browser: Browser;
let opened: WatchedPage;

beforeAll(async () => {
  [api, browser] = await Promise.all([startTestApi(servers().mongodbUri('browser_api_page')), launchChromium()]);
});

afterAll(async () => {
  await browser.close();
  await api.close();
});

async function showDocs(viewport: { width: number; height: number }): Promise<void> {
  opened = await openPage(browser, api.url, { viewport });
  opened.page.setDefaultTimeout(90_000);
  await opened.page.goto(`${api.url}/docs`);
  await opened.page.locator('.opblock').first().waitFor();
}

afterEach(async () => {
  await opened.close();
});

describe('the page of the API', () => {
  beforeEach(() => showDocs({ width: 1280, height: 900 }));

  test('shows every tag and every operation, and speaks to its own host alone', async () => {
    const { page, faults, hosts } = opened;
    const tags = new Set(api.operations.map((operation) => operation.tag));
    expect((await page.locator('.opblock-tag a').allInnerTexts()).toSorted()).toEqual([...tags].toSorted());
    const blocks = await page.locator('.opblock').all();
    const shown = await Promise.all(
      blocks.map(async (block) => {
        const path = block.locator('.opblock-summary-path');
        return `${await block.locator('.opblock-summary-method').innerText()} ${await path.innerText()}`;
      }),
    );
    const described = api.operations.map(({ method, path }) => `${method.toUpperCase()} ${path}`);
    expect(shown.toSorted()).toEqual(described.toSorted());
    expect([...hosts]).toEqual([new URL(api.url).host]);
    expect(faults).toEqual([]);
  });

  test('takes a pasted key, with which an operation can be tried out', async () => {
    const { page, faults, hosts } = opened;
    await page.getByRole('button', { name: 'Authorize' }).first().click();
    const dialog = page.locator('.dialog-ux');
    await dialog.locator('input').fill(api.key);
    await dialog
      .locator('.auth-btn-wrapper')
      .getByRole('button', { name: /authorize|apply/i })
      .click();
    await dialog.getByRole('button', { name: 'Close' }).last().click();

    const operation = page.locator(listOrders);
    await operation.locator('.opblock-summary-control').click();
    await operation.getByRole('button', { name: 'Try it out' }).click();
    const answered = page.waitForResponse((response) => new URL(response.url()).pathname === '/v1/orders');
    await operation.getByRole('button', { name: 'Execute' }).click();
    const answer = await answered;
    expect(answer.status()).toBe(200);
    expect(answer.request().headers().authorization).toBe(`Bearer ${api.key}`);
    const live = operation.locator('.live-responses-table .response');
    expect(await live.locator('.response-col_status').innerText()).toMatch(/^200/);
    expect(await live.locator('.response-col_description').innerText()).toContain('"data"');
    expect([...hosts]).toEqual([new URL(api.url).host]);
    expect(faults).toEqual([]);
  });
});

test('on a narrow window the page does not scroll sideways, also with an operation open', async () => {
  await showDocs({ width: 390, height: 844 });
  const { page } = opened;
  // As text: the types of a browser are not those of this program.
  const widths = (): Promise<[number, number]> =>
    page.evaluate<[number, number]>('[document.documentElement.scrollWidth, window.innerWidth]');
  expect(await widths()).toEqual([390, 390]);
  await page.locator(`${listOrders} .opblock-summary-control`).click();
  await page.locator(`${listOrders} .parameters`).first().waitFor();
  expect(await widths()).toEqual([390, 390]);
});
