/** Vector clocks: for each thread, how far its doings are known of. Absent entries are 0. */

export type VectorClock = number[];

/** Learns all that `other` knows. */
export function join(clock: VectorClock, other: readonly number[]): void {
  while (clock.length < other.length) clock.push(0);
  for (let t = 0; t < other.length; t++) if (other[t]! > clock[t]!) clock[t] = other[t]!;
}

/** A thread whose entry is larger than in `other`: -1 when `clock` happens before `other`. */
export function firstUnordered(clock: readonly number[], other: readonly number[]): number {
  for (let t = 0; t < clock.length; t++) if (clock[t]! > (other[t] ?? 0)) return t;
  return -1;
}

export function setEntry(clock: VectorClock, thread: number, time: number): void {
  while (clock.length <= thread) clock.push(0);
  clock[thread] = time;
}
