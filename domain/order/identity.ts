import { createHash } from 'node:crypto';

const alphabet = '0123456789abcdefghjkmnpqrstvwxyz';

/** 26 characters (130 bits) of a SHA-256 in Crockford's base 32, lower case. */
function shortHash(parts: readonly string[]): string {
  const digest = createHash('sha256').update(JSON.stringify(parts)).digest();
  let bits = 0;
  let held = 0;
  let out = '';
  for (const byte of digest) {
    held = (held << 8) | byte;
    bits += 8;
    while (bits >= 5 && out.length < 26) {
      bits -= 5;
      out += alphabet.charAt((held >> bits) & 31);
      held &= (1 << bits) - 1;
    }
  }
  return out;
}

/** The order's id, derived from what the channel calls it, so that an order sent again after a restore finds its run. */
export function orderId(channelId: string, channelOrderId: string): string {
  return `ord_${shortHash([channelId, channelOrderId])}`;
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (value === null || typeof value !== 'object') return value;
  const entries = Object.entries(value).filter(([, field]) => field !== undefined);
  return Object.fromEntries(
    entries.toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([key, field]) => [key, sorted(field)]),
  );
}

/** A hash of the normalised content, whatever order its keys came in: two captures are the same when it is. */
export function contentHash(content: unknown): string {
  return shortHash([JSON.stringify(sorted(content))]);
}

/** The key under which a customer's identity in a channel is found; `undefined` when nothing identifies the buyer. */
export function customerKey(
  channelId: string,
  customer: { external_id?: string | undefined; email?: string | undefined },
): string | undefined {
  if (customer.email) return shortHash(['email', customer.email.toLowerCase()]);
  if (customer.external_id) return shortHash(['external_id', channelId, customer.external_id]);
  return undefined;
}
