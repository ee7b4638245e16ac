import type { Config } from '../../platform/config';

/** The settings that tell how long the hub itself waits, and the least wall time in seconds that each needs. */
const floors = {
  return_window_s: 1,
  first_scan_s: 5,
  silence_s: 5,
  // Between reservation and label lie real computations and calls, which no speed makes shorter.
  reservation_s: 60,
  retry_s: 1,
  backorder_recheck_s: 5,
} as const satisfies Partial<Record<keyof Config, number>>;

type WaitingSetting = keyof typeof floors;

/** The hub's waiting settings at speed N: divided by N, but not below what the work itself takes. Wall seconds. */
export function waitingAtSpeed(config: Config, speed: number): Record<WaitingSetting, number> {
  const scaled = {} as Record<WaitingSetting, number>;
  for (const [name, floor] of Object.entries(floors) as [WaitingSetting, number][]) {
    scaled[name] = Math.min(config[name], Math.max(config[name] / speed, floor));
  }
  return scaled;
}
