/** The value below or at which `share` (0 to 1) of the values lie, by nearest rank; NaN of no values. */
export function percentile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? Number.NaN;
}

/** `value` with at most `digits` digits after the point. */
export function rounded(value: number, digits = 1): number {
  return Number(value.toFixed(digits));
}

/** How long something took, over many times: counts and milliseconds. */
export interface Latency {
  count: number;
  p50_ms: number;
  p95_ms: number;
  p99_ms: number;
  max_ms: number;
}

/** Sums up durations in milliseconds; exact, every value is kept. */
export function latencyOf(durationsMs: readonly number[]): Latency {
  const at = (share: number): number => rounded(percentile(durationsMs, share));
  return { count: durationsMs.length, p50_ms: at(0.5), p95_ms: at(0.95), p99_ms: at(0.99), max_ms: at(1) };
}

/** How often each value occurs, by the value as text. */
export function countBy(values: readonly (string | number)[]): Record<string, number> {
  const counts = new Map<string, number>();
  for (const value of values) counts.set(String(value), (counts.get(String(value)) ?? 0) + 1);
  return Object.fromEntries(counts);
}
