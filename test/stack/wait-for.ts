/** Asks `probe` until it answers something, at most `timeoutMs`; rejects naming what was waited for. Faults count as nothing yet. */
export async function waitFor<T>(
  what: string,
  probe: () => Promise<T | undefined | false>,
  timeoutMs = 120_000,
): Promise<T> {
  const deadline = Date.now() + timeoutMs;
  let last: unknown;
  while (Date.now() < deadline) {
    try {
      const found = await probe();
      if (found !== undefined && found !== false) return found;
    } catch (error) {
      last = error;
    }
    await new Promise((resolve) => setTimeout(resolve, 40));
  }
  throw new Error(`Waited ${String(timeoutMs)} ms in vain for ${what}.`, { cause: last });
}
