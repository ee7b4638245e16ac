/** Things that become due, without a timer for each: whoever reads asks what is due by now. */

/** Something that is due at an instant (milliseconds since the epoch); `step` counts within `id`. */
export interface DueEntry {
  due_at: number;
  id: string;
  step: number;
}

/** Entries by time, then id, then step, so that what is due comes in one order whatever the order of adding. */
export interface Schedule {
  add(entry: DueEntry): void;
  /** Removes and returns the earliest entry that is due at `now`. */
  takeDue(now: number): DueEntry | undefined;
}

/** An empty schedule; adding costs a binary search and a move within one array. */
export function createSchedule(): Schedule {
  // Latest first, so that taking is a pop.
  const entries: DueEntry[] = [];
  return {
    add(entry) {
      let low = 0;
      let high = entries.length;
      while (low < high) {
        const middle = (low + high) >>> 1;
        const other = entries[middle];
        if (other !== undefined && compare(other, entry) > 0) low = middle + 1;
        else high = middle;
      }
      entries.splice(low, 0, entry);
    },
    takeDue(now) {
      const earliest = entries.at(-1);
      if (earliest === undefined || earliest.due_at > now) return undefined;
      return entries.pop();
    },
  };
}

function compare(a: DueEntry, b: DueEntry): number {
  return a.due_at - b.due_at || (a.id < b.id ? -1 : a.id > b.id ? 1 : a.step - b.step);
}
