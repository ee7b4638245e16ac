import { homedir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import { faultPlanSchema } from './fault-points';

const DAY_S = 86_400;
const PREFIX = 'WAYBILL_';
/** What a test run hands to its own processes is no setting of the hub. */
const TEST_PREFIX = 'WAYBILL_TEST_';

const port = z.coerce.number().int().min(1).max(65_535);
const seconds = z.coerce.number().positive();
const httpUrl = z.url({ protocol: /^https?$/ }).transform((url) => url.replace(/\/+$/, ''));

function json<T extends z.ZodType>(schema: T) {
  return z
    .string()
    .transform((text, context): unknown => {
      try {
        return JSON.parse(text);
      } catch {
        context.addIssue({ code: 'custom', message: 'is not JSON' });
        return z.NEVER;
      }
    })
    .pipe(schema);
}

/**
 * Every setting of the hub. The environment variable of a field is `WAYBILL_` and the field's name in capitals;
 * durations are seconds (`…_s`) of wall time. Settings that nobody gave have the defaults below.
 */
export const Config = z.strictObject({
  mongodb_uri: z
    .string()
    .regex(/^mongodb(\+srv)?:\/\//, 'wants mongodb:// or mongodb+srv://')
    .optional(),
  temporal_address: z
    .string()
    .regex(/^[^/\s]+:\d+$/, 'wants host:port')
    .optional(),
  temporal_namespace: z.string().min(1).default('default'),
  temporal_ui_url: httpUrl.optional(),
  task_queue: z.string().min(1).default('waybill'),
  http_host: z.string().min(1).default('127.0.0.1'),
  http_port: port.default(8080),
  public_url: httpUrl.optional(),
  api_key_file: z.string().min(1).optional(),
  embedded_partners: json(z.record(z.string(), httpUrl)).default({}),
  speed: z.coerce.number().min(1).default(1),
  log_level: z.enum(['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent']).default('info'),
  workflow_bundle: z.string().min(1).optional(),
  max_cached_workflows: z.coerce.number().int().min(0).default(500),
  mongod_binary: z.string().min(1).optional(),
  temporal_binary: z.string().min(1).optional(),
  temporal_test_server_binary: z.string().min(1).optional(),
  cache_dir: z.string().min(1).optional(),
  return_window_s: seconds.default(30 * DAY_S),
  first_scan_s: seconds.default(DAY_S),
  silence_s: seconds.default(5 * DAY_S),
  reservation_s: seconds.default(1_800),
  retry_s: seconds.default(900),
  /** How long a backordered order waits before it looks at stock again although no receipt announced any. */
  backorder_recheck_s: seconds.default(3_600),
  /** How long a row of the inbox may lie open, and an open document without a run, before the sweeper wakes its workflow. */
  sweep_rows_s: seconds.default(10),
  sweep_documents_s: seconds.default(60),
  /** How soon Temporal gives a killed worker's workflow task to another. */
  workflow_task_timeout_ms: z.coerce.number().int().min(1_000).max(60_000).default(10_000),
  chaos: json(faultPlanSchema).optional(),
});
/** The parsed settings of one process. */
export type Config = z.infer<typeof Config>;

/** The name of the environment variable that sets `field`, for example `WAYBILL_HTTP_PORT`. */
export function variableOf(field: keyof Config): string {
  return PREFIX + field.toUpperCase();
}

/** Thrown when the environment is refused; `problems` has one line for each variable at fault, its value left out. */
export class ConfigError extends Error {
  readonly problems: readonly string[];

  constructor(problems: readonly string[]) {
    super(`the configuration is refused:\n  ${problems.join('\n  ')}`);
    this.name = 'ConfigError';
    this.problems = problems;
  }
}

function problemLine(issue: z.core.$ZodIssue): string {
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => `${PREFIX}${key.toUpperCase()}: there is no such setting`).join('\n  ');
  }
  const [field, ...rest] = issue.path.map(String);
  const where = rest.length > 0 ? ` at ${rest.join('.')}` : '';
  return `${PREFIX}${(field ?? '').toUpperCase()}${where}: ${issue.message}`;
}

/**
 * Reads all `WAYBILL_*` variables once; an empty one counts as not given.
 * Throws ConfigError naming every unknown variable and every bad value at once.
 */
export function readConfig(environment: NodeJS.ProcessEnv = process.env): Config {
  const given: Record<string, string> = {};
  for (const [name, value] of Object.entries(environment)) {
    if (name.startsWith(PREFIX) && !name.startsWith(TEST_PREFIX) && value)
      given[name.slice(PREFIX.length).toLowerCase()] = value;
  }
  const parsed = Config.safeParse(given);
  if (!parsed.success) throw new ConfigError(parsed.error.issues.map(problemLine));
  return parsed.data;
}

/** The settings as one flat record fit for a log line: passwords in addresses are replaced by `***`. */
export function redactConfig(config: Config): Record<string, unknown> {
  const redact = (value: unknown): unknown =>
    typeof value === 'string' ? value.replace(/(\w+:\/\/)[^/@\s]+@/, '$1***@') : value;
  return Object.fromEntries(Object.entries(config).map(([field, value]) => [field, redact(value)]));
}

/** The folder for downloaded servers: `WAYBILL_CACHE_DIR`, else `waybill` in this user's cache folder. */
export function cacheDirectory(config: Config, environment: NodeJS.ProcessEnv = process.env): string {
  if (config.cache_dir) return config.cache_dir;
  if (environment['XDG_CACHE_HOME']) return join(environment['XDG_CACHE_HOME'], 'waybill');
  if (process.platform === 'darwin') return join(homedir(), 'Library', 'Caches', 'waybill');
  if (process.platform === 'win32') {
    return join(environment['LOCALAPPDATA'] ?? join(homedir(), 'AppData', 'Local'), 'waybill', 'cache');
  }
  return join(homedir(), '.cache', 'waybill');
}

/** The folders in which the system looks for programs, in its order. */
export function programFolders(environment: NodeJS.ProcessEnv = process.env): string[] {
  const separator = process.platform === 'win32' ? ';' : ':';
  return (environment['PATH'] ?? '').split(separator).filter(Boolean);
}

/**
 * The environment for a child process of ours: this process's own without its `WAYBILL_*` variables, plus the given
 * settings (objects and arrays become JSON; undefined leaves the default).
 */
export function childEnvironment(
  settings: { readonly [Field in keyof Config]?: Config[Field] | undefined },
  environment: NodeJS.ProcessEnv = process.env,
): NodeJS.ProcessEnv {
  const child: NodeJS.ProcessEnv = {};
  for (const [name, value] of Object.entries(environment)) {
    if (!name.startsWith(PREFIX)) child[name] = value;
  }
  for (const [field, value] of Object.entries(settings)) {
    if (value === undefined) continue;
    child[PREFIX + field.toUpperCase()] = typeof value === 'object' ? JSON.stringify(value) : String(value);
  }
  return child;
}
