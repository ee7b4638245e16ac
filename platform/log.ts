import pino, { type Logger } from 'pino';

/** Fields that hold personal data or secrets, wherever they occur in a log entry. */
const WITHHELD = new Set([
  'address',
  'api_key',
  'authorization',
  'bill_to',
  'birthday',
  'company',
  'cookie',
  'customer',
  'email',
  'emails',
  'first_name',
  'gift_message',
  'last_name',
  'line1',
  'line2',
  'note',
  'password',
  'phone',
  'phones',
  'postal_code',
  'recipient',
  'secret',
  'secrets',
  'ship_to',
  'token',
]);
const MAX_DEPTH = 8;

function withhold(value: unknown, depth: number): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (value instanceof Error) return describeError(value);
  if (depth >= MAX_DEPTH) return '[too deep]';
  if (Array.isArray(value)) return value.map((item) => withhold(item, depth + 1));
  const prototype: unknown = Object.getPrototypeOf(value);
  // Dates, ids and the like print themselves; requests and sockets have no business in a log entry.
  if (prototype !== Object.prototype && prototype !== null) return 'toJSON' in value ? value : '[object]';
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [
      key,
      WITHHELD.has(key.toLowerCase()) && item !== undefined && item !== null ? '[withheld]' : withhold(item, depth + 1),
    ]),
  );
}

/** Only what tells the fault apart: an HTTP error carries the whole request, customer and credentials included. */
function describeError(error: Error): Record<string, unknown> {
  const { code } = error as { code?: unknown };
  return {
    type: error.name,
    message: error.message,
    stack: error.stack,
    ...(typeof code === 'string' || typeof code === 'number' ? { code } : {}),
    ...(error.cause instanceof Error ? { cause: describeError(error.cause) } : {}),
  };
}

/** A log entry with personal data and secrets replaced by `[withheld]` at every depth, and errors cut to their core. */
export function withoutPersonalData(entry: Record<string, unknown>): Record<string, unknown> {
  return withhold(entry, 0) as Record<string, unknown>;
}

/**
 * A logger that writes one JSON object a line (to standard output unless `destination` says otherwise), times in ISO
 * 8601 UTC. Fields are withheld as in `withoutPersonalData`; messages are written as they are, so put no data in them.
 */
export function createLogger(options: {
  service: string;
  level: pino.LevelWithSilent;
  destination?: pino.DestinationStream;
}): Logger {
  const settings: pino.LoggerOptions = {
    level: options.level,
    base: { service: options.service, pid: process.pid },
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label) => ({ level: label }), log: withoutPersonalData },
    // Errors are described above, before pino's own serializer would list all of their fields.
    serializers: { err: (error: unknown) => error },
  };
  return options.destination ? pino(settings, options.destination) : pino(settings);
}

export type { Logger };
