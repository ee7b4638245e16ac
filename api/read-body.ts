import type { IncomingMessage } from 'node:http';
import getRawBody from 'raw-body';
import { invalid, pointerOf, Refusal, type Fault } from './problem';

const limitBytes = 1024 * 1024;
const maxDepth = 32;
/** NUL, and halves of surrogate pairs that stand alone. */
const unkept = /[\0\p{Cs}]/u;
const json = /^application\/(?:[\w.+-]+\+)?json\s*(?:;\s*charset="?utf-8"?\s*)?$/i;
const tooLarge = new Refusal('BODY_TOO_LARGE', 'The body has more than 1 MB.');

function refuseMediaType(request: IncomingMessage): void {
  const type = request.headers['content-type'];
  if (type === undefined || !json.test(type.trim())) {
    throw new Refusal(
      'MEDIA_TYPE_UNSUPPORTED',
      `The Content-Type is ${type ? 'not application/json in UTF-8' : 'missing'}.`,
    );
  }
  const encoding = request.headers['content-encoding'];
  if (encoding !== undefined && encoding !== 'identity') {
    throw new Refusal('MEDIA_TYPE_UNSUPPORTED', 'The body is compressed.');
  }
}

async function readBytes(request: IncomingMessage): Promise<Buffer> {
  const length = request.headers['content-length'];
  if (Number(length ?? 0) > limitBytes) throw tooLarge;
  try {
    return await getRawBody(request, { limit: limitBytes, ...(length === undefined ? {} : { length }) });
  } catch (error) {
    const { type } = error as { type?: unknown };
    if (type === 'entity.too.large') throw tooLarge;
    throw new Refusal('REQUEST_MALFORMED', 'The body ended before it was complete.');
  }
}

/** Faults that JSON allows and a document cannot keep: text with NUL or a lone surrogate, and bottomless nesting. */
function unkeepable(value: unknown): Fault[] {
  const faults: Fault[] = [];
  const check = (text: string, path: readonly PropertyKey[]): void => {
    if (unkept.test(text)) {
      faults.push({ pointer: pointerOf(path), code: 'not_text', message: 'Holds a NUL or half of a surrogate pair.' });
    }
  };
  const walk = (node: unknown, path: readonly PropertyKey[]): void => {
    if (typeof node === 'string') check(node, path);
    if (typeof node !== 'object' || node === null) return;
    if (path.length >= maxDepth) {
      faults.push({
        pointer: pointerOf(path),
        code: 'too_deep',
        message: `More than ${String(maxDepth)} levels deep.`,
      });
      return;
    }
    for (const [key, child] of Object.entries(node)) {
      check(key, path);
      walk(child, [...path, key]);
    }
  };
  walk(value, []);
  return faults;
}

/**
 * The JSON body of a request of at most 1 MB. Refuses other media types, broken JSON, and text or nesting that cannot be
 * stored; a body that is too large is refused before it is read.
 */
export async function readJson(request: IncomingMessage): Promise<unknown> {
  refuseMediaType(request);
  const bytes = await readBytes(request);
  let body: unknown;
  try {
    body = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch {
    throw new Refusal('BODY_NOT_JSON', bytes.length === 0 ? 'The body is empty.' : 'The body is not JSON in UTF-8.');
  }
  const faults = unkeepable(body);
  if (faults.length > 0) throw invalid(faults);
  return body;
}
