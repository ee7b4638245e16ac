import { join } from 'node:path';
import { childEnvironment, type Config } from '../../platform/config';
import { projectRoot } from '../../platform/project-root';
import { keep } from './keep';
import { launchPartners, launchServer, launchWorker, type Program } from './launch';
import type { ChildName } from './process-list';
import { listed, type Surroundings } from './servers';
import { waitingAtSpeed } from './waiting';

const PARTNER_PORT = 'partner ';

function program(
  around: Surroundings,
  what: { child: ChildName; name: string; script: string; args?: readonly string[]; env: NodeJS.ProcessEnv },
): { program: Program; onEnd: () => void } {
  const { onSpawn, onEnd } = listed(what.child, around);
  const { child, ...rest } = what;
  return { program: { ...rest, logFile: around.folder.logFile(child), onSpawn }, onEnd };
}

/** The embedded partners, kept running on the ports of the first start. Returns their addresses by connector id. */
export async function providePartners(
  around: Surroundings,
  speed: number,
  remember: (ports: Record<string, number>) => void,
): Promise<Record<string, string>> {
  const ports = Object.fromEntries(
    Object.entries(around.ports).flatMap(([name, port]) =>
      name.startsWith(PARTNER_PORT) ? [[name.slice(PARTNER_PORT.length), port] as const] : [],
    ),
  );
  let urls: Record<string, string> = {};
  const launch = async () => {
    const settings = { dir: around.folder.partners, ports: { ...ports, ...portsOf(urls) }, speed };
    const { program: host } = program(around, {
      child: 'sandbox',
      name: 'the host of the embedded partners',
      script: join('connectors', 'sandbox-host.js'),
      args: [JSON.stringify(settings)],
      env: childEnvironment({ log_level: around.config.log_level }),
    });
    const partners = await launchPartners(host);
    urls = partners.urls;
    return partners;
  };
  const { onEnd } = listed('sandbox', around);
  around.kept(await keep({ name: 'the host of the embedded partners', launch, onEnd, log: around.say }));
  remember(Object.fromEntries(Object.entries(portsOf(urls)).map(([id, port]) => [PARTNER_PORT + id, port])));
  around.say(`the embedded partners answer: ${Object.keys(urls).join(', ')}`);
  return urls;
}

function portsOf(urls: Readonly<Record<string, string>>): Record<string, number> {
  return Object.fromEntries(Object.entries(urls).map(([id, url]) => [id, Number(new URL(url).port)]));
}

/** What the API and the worker are told about the rest. */
export type HubSettings = {
  mongodb_uri: string;
  temporal_address: string;
  temporal_ui_url: string | null;
  http_port: number;
  speed: number;
  partners: Readonly<Record<string, string>>;
};

/** The API and the worker, each a process of its own, kept running. Returns the API's base address. */
export async function provideHub(around: Surroundings, settings: HubSettings): Promise<string> {
  const { config, folder, say } = around;
  const { partners, temporal_ui_url: uiUrl, ...given } = settings;
  const apiUrl = `http://${config.http_host}:${settings.http_port}`;
  const told: { [Field in keyof Config]?: Config[Field] | undefined } = {
    ...config,
    ...given,
    ...waitingAtSpeed(config, settings.speed),
    temporal_ui_url: uiUrl ?? undefined,
    public_url: config.public_url ?? apiUrl,
    api_key_file: folder.apiKeyFile,
    embedded_partners: partners,
    workflow_bundle: config.workflow_bundle ?? join(projectRoot(), 'dist', 'workflow-bundle.js'),
  };
  const env = childEnvironment(told);
  const api = program(around, { child: 'api', name: 'the API', script: join('api', 'main.js'), env });
  const worker = program(around, { child: 'worker', name: 'the worker', script: 'worker.js', env });
  await Promise.all([
    keep({ name: 'the API', launch: () => launchServer(api.program, apiUrl), onEnd: api.onEnd, log: say }).then(
      (kept) => {
        around.kept(kept);
        say(`the API answers at ${apiUrl}`);
      },
    ),
    keep({ name: 'the worker', launch: () => launchWorker(worker.program), onEnd: worker.onEnd, log: say }).then(
      (kept) => {
        around.kept(kept);
        say('the worker is ready');
      },
    ),
  ]);
  return apiUrl;
}
