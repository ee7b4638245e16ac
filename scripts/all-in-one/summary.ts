import type { RunningList } from './process-list';

/** Where everything of a running hub is; null for what runs elsewhere or is not built. */
export type Addresses = {
  api: string;
  console: string | null;
  temporal_ui: string | null;
  temporal_address: string;
  mongodb_uri: string;
  api_key: string;
  /** By connector id. */
  partners: Readonly<Record<string, string>>;
};

/** The line that `--json` prints when the hub is ready; partners are named without `sandbox-`. */
export function readyLine(addresses: Addresses, running: RunningList): string {
  const { partners, ...rest } = addresses;
  const names = ['api', 'worker', 'mongod', 'temporal', 'sandbox'] as const;
  return JSON.stringify({
    ready: true,
    ...rest,
    pids: { supervisor: process.pid, ...Object.fromEntries(names.map((name) => [name, running.pid(name)])) },
    sandbox: Object.fromEntries(Object.entries(partners).map(([id, url]) => [id.replace(/^sandbox-/, ''), url])),
  });
}

/** What a person reads at the end of the start. */
export function humanSummary(
  addresses: Addresses,
  places: { docs: string | null; logs: string; keyFile: string },
): string {
  const rows: [string, string | null][] = [
    ['Console', addresses.console],
    ['API', addresses.api],
    ['API reference', places.docs],
    ['Temporal UI', addresses.temporal_ui],
    ['API key', `${addresses.api_key}  (in ${places.keyFile})`],
    ['Logs', places.logs],
  ];
  const table = rows.flatMap(([name, value]) => (value === null ? [] : [`  ${name.padEnd(14)} ${value}`]));
  return [
    '',
    'Waybill is running.',
    '',
    ...table,
    '',
    'To look at next:',
    `  curl -H "Authorization: Bearer ${addresses.api_key}" "${addresses.api}/v1/orders?limit=5"`,
    ...(addresses.temporal_ui === null ? [] : [`  ${addresses.temporal_ui}/namespaces/default/workflows`]),
    '',
    'Ctrl-C stops everything; npm start goes on where it was.',
    '',
  ].join('\n');
}
