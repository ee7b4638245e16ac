import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { historyFromJSON } from '@temporalio/common/lib/proto-utils';
import { DefaultLogger, Runtime, Worker } from '@temporalio/worker';
import { servers } from '../setup/servers';

interface RecordedEvent {
  markerRecordedEventAttributes?: unknown;
  activityTaskScheduledEventAttributes?: { activityType: { name: string } };
}
interface Recorded {
  events: RecordedEvent[];
}

const releases = readdirSync(__dirname, { withFileTypes: true }).filter((entry) => entry.isDirectory());
const recordings = releases.flatMap(({ name }) =>
  readdirSync(join(__dirname, name)).map((file): [string, string] => [`${name}/${file}`, join(__dirname, name, file)]),
);

beforeAll(() => {
  Runtime.install({ logger: new DefaultLogger('ERROR') });
});

function recorded(path: string): Recorded {
  return JSON.parse(readFileSync(path, 'utf8')) as Recorded;
}

function replay(history: Recorded): Promise<void> {
  const { workflowBundlePath } = servers();
  return Worker.runReplayHistory(
    { workflowBundle: { codePath: workflowBundlePath } },
    historyFromJSON(history),
    'recorded',
  );
}

describe('the workflows of now go on from what earlier releases left', () => {
  test('there are recordings of orders and shipments', () => {
    expect(recordings.map(([name]) => name).join()).toMatch(/order-.*shipment-/);
  });

  test.each(recordings)('%s', async (_name, path) => {
    await expect(replay(recorded(path))).resolves.toBeUndefined();
  });

  test('an incompatible change is noticed: another activity in the same place', async () => {
    const shipment = recordings.find(([name]) => name.includes('shipment-straight'));
    const history = recorded(shipment?.[1] ?? '');
    const scheduled = history.events.find((event) => event.activityTaskScheduledEventAttributes);
    if (!scheduled?.activityTaskScheduledEventAttributes) throw new Error('The recording has no activity.');
    scheduled.activityTaskScheduledEventAttributes.activityType.name = 'somethingElse';
    await expect(replay(history)).rejects.toThrow(/[Nn]ondetermin/);
  });
});
