import { execFile } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { shipmentId, orderWorkflowId, shipmentWorkflowId } from '../../domain/order/ids';
import type { OrderCapture } from '../../domain/order/capture-schema';
import { projectRoot } from '../../platform/project-root';
import { arrival } from '../chaos/checks';
import { createStage } from '../chaos/matrix';
import { freshOrder, place, startAll, type Stage } from '../chaos/scenario';
import { startServers } from '../stack/servers';
import { waitFor } from '../stack/wait-for';

/** Where recorded histories lie: one folder for each release. */
const folder = join(projectRoot(), 'test', 'histories');

/** Processes sign their events with a host's name, and stacks hold the checkout's place: nobody needs them here. */
function withoutIdentities(json: string): string {
  return json.replaceAll(projectRoot(), '.').replaceAll(/"[0-9]+@[A-Za-z0-9._:-]+"/g, '"recorded"');
}

/** The command line's form of a history is the one that every Temporal tool reads. */
async function save({ hub, servers }: Stage, release: string, name: string, workflowId: string): Promise<void> {
  const where = ['--address', servers.temporalAddress(), '--namespace', hub.name, '--workflow-id', workflowId];
  const { stdout } = await promisify(execFile)(
    servers.temporalBinary,
    ['workflow', 'show', ...where, '--output', 'json'],
    {
      maxBuffer: 50_000_000,
    },
  );
  mkdirSync(join(folder, release), { recursive: true });
  writeFileSync(join(folder, release, `${name}.json`), withoutIdentities(stdout));
}

async function waitFrom(stage: Stage, id: string, code: string): Promise<void> {
  await waitFor(`${id} to show ${code}`, async () => {
    const order = await stage.hub.store.orders.findOne({ _id: id });
    return order?.problems.some((problem) => problem.code === code);
  });
}

/** Takes an order to its close, helped on by `help`, and saves the histories of the order and its first shipment. */
async function record(
  stage: Stage,
  release: string,
  name: string,
  changes: Partial<OrderCapture>,
  help: (id: string) => Promise<void> = () => Promise.resolve(),
): Promise<void> {
  const capture = freshOrder(stage.merchant, changes);
  const id = await place(stage.hub, capture);
  await help(id);
  await arrival(stage.hub, id);
  await save(stage, release, `order-${name}`, orderWorkflowId(capture.channel_id, capture.channel_order_id));
  await save(stage, release, `shipment-${name}`, shipmentWorkflowId(shipmentId(id, 1)));
  console.log(`recorded ${name}`);
}

async function main(): Promise<void> {
  const release = process.argv[2];
  if (!release) throw new Error('Name the release: npm run record-histories -- 0.1.0');
  const servers = await startServers();
  const stage = await createStage(servers, 'recording');
  const { hub, merchant } = stage;
  try {
    await startAll(hub);
    await record(stage, release, 'straight', {});
    await record(
      stage,
      release,
      'backordered',
      { lines: [{ sku: 'SHORT', quantity: 2, unit_price: 500 }] },
      async (id) => {
        await waitFrom(stage, id, 'SKU_UNKNOWN');
        const product = { sku: 'SHORT', title: 'Short', weight_grams: 1, length_mm: 1, width_mm: 1, height_mm: 1 };
        await hub.request('POST', '/v1/products', product);
        await waitFrom(stage, id, 'STOCK_SHORT');
        const lines = [{ sku: 'SHORT', quantity: 2 }];
        await hub.request('POST', '/v1/inventory/receipts', { location_id: merchant.location_ids[0], lines });
      },
    );
    await hub.plant('sandbox-carrier', { operation: 'shipment.book', kind: 'garbage', times: 1 });
    await record(stage, release, 'label-failed', {});
  } finally {
    await hub.close();
    await servers.stop();
  }
}

main().catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});
