import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from '@jest/globals';
import type { Browser } from 'playwright-core';
import { orderWorkflowId } from '../../domain/order/ids';
import { freshOrder, place, startAll } from '../chaos/scenario';
import { servers } from '../setup/servers';
import { createHub, type Hub } from '../stack/hub';
import { createMerchant } from '../stack/merchant';
import { sharedServers } from '../stack/shared-servers';
import { waitFor } from '../stack/wait-for';
import { launchChromium, openPage, type WatchedPage } from './chromium';

const namespace = 'browser-temporal-ui';

let hub: Hub;
let browser: Browser;
let opened: WatchedPage;
/** An order that waits for an operator: its sku is unknown. */
let waiting: { order_id: string; workflow_id: string; temporal_url: string };

beforeAll(async () => {
  const { temporalUiUrl } = servers();
  // It looks again in ten minutes: the page stands still meanwhile.
  const env = { WAYBILL_TEMPORAL_UI_URL: temporalUiUrl, WAYBILL_RETRY_S: '600' };
  hub = await createHub(await sharedServers(), namespace, { env });
  const merchant = await createMerchant(hub);
  await startAll(hub);
  const capture = freshOrder(merchant, { lines: [{ sku: 'NOT-THERE', quantity: 1, unit_price: 1999 }] });
  const order_id = await place(hub, capture);
  const { temporal_url } = await waitFor('the order to be stopped', async () => {
    const { data } = await hub.request('GET', `/v1/orders/${order_id}`);
    const shown = data as { problem: { code: string } | null; links: { temporal_ui: string } };
    return shown.problem?.code === 'SKU_UNKNOWN' ? { temporal_url: shown.links.temporal_ui } : undefined;
  });
  waiting = { order_id, temporal_url, workflow_id: orderWorkflowId(capture.channel_id, capture.channel_order_id) };
  browser = await launchChromium();
});

afterAll(async () => {
  await browser.close();
  await hub.close();
});

beforeEach(async () => {
  opened = await openPage(browser, servers().temporalUiUrl, { viewport: { width: 1440, height: 1000 } });
  opened.page.setDefaultTimeout(90_000);
});

afterEach(async () => {
  await opened.close();
});

test('the link of a waiting order opens its workflow, which says what it waits for and what to do', async () => {
  const { page } = opened;
  await page.goto(waiting.temporal_url);
  await page.getByRole('heading', { name: waiting.workflow_id }).waitFor();
  await page.getByRole('tab', { name: 'User Metadata' }).click();
  const details = page.frameLocator('#user-metadata-current-details').locator('body');
  await details.getByText('SKU_UNKNOWN').first().waitFor();
  const text = (await details.innerText()).replaceAll(/\s+/g, ' ');
  expect(text).toContain(`Order ${waiting.order_id} is captured (exception) since`);
  expect(text).toContain('It waits for an operator; the hub looks again by itself at');
  expect(text).toContain('SKU_UNKNOWN: No product is known as NOT-THERE. Create it or map an alias.');
  expect(text).toContain('send the Update command with { "kind": "recheck", "code": "SKU_UNKNOWN" }');
});

test('the workflow page shows the search attributes of the order', async () => {
  const { page } = opened;
  await page.goto(waiting.temporal_url);
  await page.getByRole('tab', { name: 'Search Attributes' }).click();
  const shown = page.getByRole('textbox', { name: 'Search Attributes' });
  await shown.getByText('SKU_UNKNOWN').waitFor();
  expect(JSON.parse(await shown.innerText())).toMatchObject({
    OrderId: waiting.order_id,
    ChannelId: expect.stringMatching(/^chn_/),
    Status: 'exception',
    Stage: 'captured',
    StageSince: expect.any(String),
    WaitingFor: 'operator',
    WaitUntil: expect.any(String),
    Problem: ['SKU_UNKNOWN'],
  });
});

test('the list of workflows is narrowed to those with one problem', async () => {
  const { page } = opened;
  const list = `${servers().temporalUiUrl}/namespaces/${namespace}/workflows`;
  const row = (workflowId: string) => page.locator('tbody tr', { has: page.getByRole('link', { name: workflowId }) });
  await page.goto(list);
  await row(waiting.workflow_id).waitFor();
  await row('job/sweeper').waitFor();
  await page.goto(`${list}?query=${encodeURIComponent("Problem = 'SKU_UNKNOWN'")}`);
  await row(waiting.workflow_id).waitFor();
  expect(await row('job/sweeper').count()).toBe(0);
});
