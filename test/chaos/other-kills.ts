import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { DefaultLogger, Runtime, Worker } from '@temporalio/worker';
import { orderId } from '../../domain/order/identity';
import { orderWorkflowId, shipmentId, shipmentWorkflowId } from '../../domain/order/ids';
import { compiledRoot } from '../stack/compiled-root';
import { waitFor } from '../stack/wait-for';
import { arrival, violations } from './checks';
import {
  died,
  freshOrder,
  giveNote,
  killable,
  pauseFiles,
  place,
  reached,
  startAll,
  withOrder,
  type Scenario,
  type Stage,
} from './scenario';

const run = promisify(execFile);

/** Points of the worker at which an order is half way; something else is hurt there. */
const halfway = [
  { point: 'order.reserve.after_commit', onCall: 1, when: 'stock held' },
  { point: 'shipment.book.before_call', onCall: 1, when: 'before the label' },
  { point: 'shipment.book.after_call', onCall: 1, when: 'label bought, not on record' },
  { point: 'capture.after_call', onCall: 1, when: 'captured, not on record' },
] as const;

/** Runs `hurt` while the worker stands at a point, then lets the worker go on or kills it. */
function atPoint(
  group: string,
  place: (typeof halfway)[number],
  hurt: (stage: Stage, id: string) => Promise<void>,
  options: { exclusive?: boolean; kill?: boolean } = {},
): Scenario {
  const { point, onCall, when } = place;
  return {
    name: when,
    group,
    ...(options.exclusive ? { exclusive: true } : {}),
    run: async (stage) => {
      const files = pauseFiles(stage.hub);
      const action = options.kill ? 'pause_then_kill' : 'pause';
      return withOrder(stage, { worker: [{ point, on_call: onCall, action, ...files }] }, async (id) => {
        await reached(stage.hub, id, files.reached_file, point);
        await hurt(stage, id);
        await writeFile(files.release_file, '');
        if (options.kill) await died(stage.hub, 'worker', id, point);
        return undefined;
      });
    },
  };
}

/** The API dies while it captures: the channel sends again, or the sweeper finds the row. */
export const apiKills: Scenario[] = (['before_commit', 'after_commit'] as const).map((when) => ({
  name: `during capture, ${when.replace('_', ' ')}`,
  group: 'API killed',
  run: (stage) =>
    withOrder(stage, { api: [{ point: `order.persist.${when}`, on_call: 1, action: 'kill' }] }, async (id) => {
      await died(stage.hub, 'api', id, when);
      stage.hub.arm('api', []);
      await stage.hub.start('api');
      return undefined;
    }),
}));

/** The API dies after the commit and nobody sends the order again: the sweeper alone wakes its workflow. */
export const forgottenCapture: Scenario = {
  name: 'after commit, never sent again',
  group: 'API killed',
  run: async ({ hub, merchant }) => {
    await startAll(hub);
    hub.arm('worker', []);
    hub.arm('api', [{ point: 'order.persist.after_commit', on_call: 1, action: 'kill' }]);
    const capture = freshOrder(merchant);
    await hub.request('POST', '/v1/orders', capture).catch(() => undefined);
    await died(hub, 'api', orderId(capture.channel_id, capture.channel_order_id), 'after commit');
    hub.arm('api', []);
    await hub.start('api');
    const order = await waitFor('the captured order', async () => {
      return (await hub.store.orders.findOne({ channel_order_id: capture.channel_order_id })) ?? undefined;
    });
    await arrival(hub, order._id);
    return violations(hub, order._id);
  },
};

/** mongod dies and comes back while an order is half way. */
export const mongodKills: Scenario[] = halfway.map((place) =>
  atPoint(
    'mongod killed',
    place,
    async (stage) => {
      const servers = killable(stage);
      await servers.killMongod();
      await servers.startMongodAgain();
    },
    { exclusive: true },
  ),
);

/** The Temporal server dies and comes back while an order is half way. */
export const temporalKills: Scenario[] = halfway.map((place) =>
  atPoint(
    'Temporal killed',
    place,
    async (stage) => {
      const servers = killable(stage);
      await servers.killTemporal();
      await servers.startTemporalAgain();
    },
    { exclusive: true },
  ),
);

/** Capture while Temporal is down: answered at once, and the order goes on when it is back. */
export const captureWithoutTemporal: Scenario = {
  name: 'capture while Temporal is down',
  group: 'Temporal killed',
  exclusive: true,
  run: async (stage) => {
    const { hub, merchant } = stage;
    const servers = killable(stage);
    await startAll(hub);
    hub.arm('worker', []);
    hub.arm('api', []);
    await servers.killTemporal();
    const capture = freshOrder(merchant);
    const { status } = await hub.request('POST', '/v1/orders', capture);
    const refused = status === 201 ? [] : [`capture answered ${String(status)}`];
    await servers.startTemporalAgain();
    const id = await place(hub, capture);
    await arrival(hub, id);
    return [...refused, ...(await violations(hub, id))];
  },
};

async function temporalCli({ hub, servers }: Stage, ...args: string[]): Promise<void> {
  await run(servers.temporalBinary, [
    'workflow',
    ...args,
    '--address',
    servers.temporalAddress(),
    '--namespace',
    hub.name,
  ]);
}

async function workflowIds({ hub }: Stage, id: string): Promise<string[]> {
  const order = await hub.store.orders.findOne({ _id: id });
  if (!order) throw new Error(`${id} is not known.`);
  const ids = [orderWorkflowId(order.channel_id, order.channel_order_id)];
  if (order.shipments.length > 0) ids.push(shipmentWorkflowId(shipmentId(id, 1)));
  return ids;
}

/** An operator terminates the order's and its shipment's runs with the command line. */
export const terminations: Scenario[] = halfway.map((place) =>
  atPoint('runs terminated from the CLI', place, async (stage, id) => {
    for (const workflowId of await workflowIds(stage, id)) {
      await temporalCli(stage, 'terminate', '--workflow-id', workflowId, '--reason', 'kill test');
    }
  }),
);

/** An operator cancels the runs in the Temporal UI: without a decision in the hub an order goes on. */
export const cancellations: Scenario[] = halfway.slice(0, 2).map((place) =>
  atPoint('runs cancelled from the CLI', place, async (stage, id) => {
    for (const workflowId of await workflowIds(stage, id))
      await temporalCli(stage, 'cancel', '--workflow-id', workflowId);
  }),
);

function resetToFirstTask(stage: Stage, workflowId: string): Promise<void> {
  const what = ['--workflow-id', workflowId, '--type', 'FirstWorkflowTask', '--reason', 'kill test', '--yes'];
  return temporalCli(stage, 'reset', ...what);
}

/** An operator resets a run to its first task, half way and after everything is done. */
export const resets: Scenario[] = [
  ...halfway.slice(1).map((place) =>
    atPoint('runs reset from the CLI', place, async (stage, id) => {
      for (const workflowId of await workflowIds(stage, id)) {
        await resetToFirstTask(stage, workflowId);
      }
    }),
  ),
  {
    name: 'after everything is done',
    group: 'runs reset from the CLI',
    run: async (stage) => {
      const { hub, merchant } = stage;
      await startAll(hub);
      const id = await place(hub, freshOrder(merchant));
      await arrival(hub, id);
      for (const workflowId of await workflowIds(stage, id)) {
        await resetToFirstTask(stage, workflowId);
        await waitFor(`${workflowId} to end again`, async () => {
          return (await hub.client.workflow.getHandle(workflowId).describe()).status.name === 'COMPLETED';
        });
      }
      return violations(hub, id);
    },
  },
];

/** A note wakes a closed order; its run ends again. */
export const wakeAfterClose: Scenario = {
  name: 'a note on a closed order',
  group: 'wake after close',
  run: async (stage) => {
    const { hub, merchant } = stage;
    await startAll(hub);
    const id = await place(hub, freshOrder(merchant));
    await arrival(hub, id);
    const [workflowId = ''] = await workflowIds(stage, id);
    const first = (await hub.client.workflow.getHandle(workflowId).describe()).runId;
    await giveNote(hub, id, 'after closing');
    await waitFor('a second run that ended', async () => {
      const { runId, status } = await hub.client.workflow.getHandle(workflowId).describe();
      return runId !== first && status.name === 'COMPLETED';
    });
    await arrival(hub, id);
    return violations(hub, id, { notes: ['after closing'] });
  },
};

let isQuiet = false;

/** Replays log each state of their workers otherwise. */
function quietReplays(): void {
  if (isQuiet) return;
  Runtime.install({ logger: new DefaultLogger('WARN') });
  isQuiet = true;
}

/** The code of now replays the histories of orders and shipments that lived through the kills. */
export const replay: Scenario = {
  name: 'all histories of this lane',
  group: 'code of now on recorded histories',
  run: async ({ hub }) => {
    quietReplays();
    const bundle = join(compiledRoot, 'workflow-bundle.js');
    const histories = hub.client.workflow
      .list({ query: "WorkflowType IN ('orderWorkflow', 'shipmentWorkflow')" })
      .intoHistories();
    const broken: string[] = [];
    let replayed = 0;
    for await (const result of Worker.runReplayHistories({ workflowBundle: { codePath: bundle } }, histories)) {
      replayed += 1;
      if (result.error) broken.push(`${result.workflowId}: ${result.error.message}`);
    }
    return replayed === 0 ? ['no history was replayed'] : broken;
  },
};

/** Every string in a value, with payloads decoded. */
function texts(value: unknown, found: string[] = []): string[] {
  if (typeof value === 'string') found.push(value);
  else if (value instanceof Uint8Array) found.push(Buffer.from(value).toString('utf8'));
  else if (Array.isArray(value)) for (const item of value) texts(item, found);
  else if (typeof value === 'object' && value !== null) for (const item of Object.values(value)) texts(item, found);
  return found;
}

/** Markers in names, streets and e-mails of every sample order must not turn up in Temporal. */
export const personalData: Scenario = {
  name: 'names, streets and e-mails planted in every order',
  group: 'no personal data in Temporal',
  run: async ({ hub }) => {
    const found: string[] = [];
    let events = 0;
    const query = "WorkflowType IN ('orderWorkflow', 'shipmentWorkflow', 'feedWorkflow', 'sweeperWorkflow')";
    for await (const { workflowId, history } of hub.client.workflow.list({ query }).intoHistories()) {
      events += texts(history).length;
      const leaks = texts(history).filter((text) => /marker/i.test(text));
      if (leaks.length > 0) found.push(`${workflowId}: ${leaks[0]?.slice(0, 120) ?? ''}`);
    }
    for await (const execution of hub.client.workflow.list({ query })) {
      if (/marker/i.test(JSON.stringify([execution.memo, execution.typedSearchAttributes])))
        found.push(`${execution.workflowId}: memo or attributes`);
    }
    return events === 0 ? ['no history was searched'] : found;
  },
};
