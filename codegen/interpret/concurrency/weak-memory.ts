/**
 * Store buffers: the stores to an atomic location, in the order of modification, of which a load may see one that is not the last.
 *
 * Sources: Lidbury, Donaldson (POPL 2017), section 4, with the changes of C++20; Miri's `weak_memory.rs`.
 */

import type { Random } from "./random.ts";
import { setEntry, type VectorClock } from "./vector-clock.ts";

/** Older stores than so many are forgotten. */
const MOST_STORES = 128;

export interface BufferedStore<V> {
  readonly thread: number;
  readonly time: number;
  /** What a load with acquire semantics that sees it learns. */
  readonly sync: readonly number[];
  readonly value: V | undefined;
  /** It is sequentially consistent, or comes before a store that is. */
  isSeqCst: boolean;
  /** Times of the first load by each thread; 0: none. */
  readonly loads: VectorClock;
  seenBySeqCst: boolean;
}

/** What a thread knows, as far as a load depends on it. */
export interface Reader {
  readonly clock: readonly number[];
  readonly writeSeqCst: readonly number[];
  readonly readSeqCst: readonly number[];
}

/** The stores to the bytes from `offset`, oldest first; never empty. */
export interface StoreBuffer<V> {
  readonly offset: number;
  readonly size: number;
  readonly stores: BufferedStore<V>[];
}

/** The buffers of one allocation. */
export class StoreBuffers<V> {
  private readonly buffers: StoreBuffer<V>[] = [];

  /** The buffer of exactly these bytes. */
  find(offset: number, size: number): StoreBuffer<V> | undefined {
    return this.buffers.find((b) => b.offset === offset && b.size === size);
  }

  /** The same, which begins with `initial` where there is none; others that overlap are ordered before, and are dropped. */
  findOrMake(offset: number, size: number, initial: V | undefined): StoreBuffer<V> {
    const known = this.find(offset, size);
    if (known !== undefined) return known;
    this.drop(offset, size);
    const first: BufferedStore<V> = {
      thread: 0,
      time: 0,
      sync: [],
      value: initial,
      isSeqCst: false,
      loads: [],
      seenBySeqCst: false,
    };
    const buffer = { offset, size, stores: [first] };
    this.buffers.push(buffer);
    return buffer;
  }

  /** After a non-atomic write there is but one value that can be seen. */
  drop(offset: number, size: number): void {
    for (let k = this.buffers.length - 1; k >= 0; k--) {
      const buffer = this.buffers[k]!;
      if (buffer.offset < offset + size && offset < buffer.offset + buffer.size) this.buffers.splice(k, 1);
    }
  }
}

function wasSeenBefore<V>(store: BufferedStore<V>, clock: readonly number[]): boolean {
  return store.loads.some((time, thread) => time > 0 && time <= (clock[thread] ?? 0));
}

/** No older store than this may be seen. */
function isOldest<V>(store: BufferedStore<V>, reader: Reader, isSeqCst: boolean): boolean {
  const { thread, time } = store;
  // Write-read coherence: the store happens before the load.
  if (time <= (reader.clock[thread] ?? 0)) return true;
  // Read-read coherence: a load that saw it happens before the load.
  if (wasSeenBefore(store, reader.clock)) return true;
  // A sequentially consistent fence came after the store.
  if (store.isSeqCst && time <= (reader.writeSeqCst[thread] ?? 0)) return true;
  if (!isSeqCst) return false;
  // For sequentially consistent loads, that comes before a fence of another thread; or another such load saw it.
  return time <= (reader.readSeqCst[thread] ?? 0) || store.seenBySeqCst;
}

/** Picks one of the stores that a load may see. */
export function pickStore<V>(
  buffer: StoreBuffer<V>,
  reader: Reader,
  isSeqCst: boolean,
  random: Random,
): BufferedStore<V> {
  const candidates: BufferedStore<V>[] = [];
  let foundSeqCst = false;
  for (let k = buffer.stores.length - 1; k >= 0; k--) {
    const store = buffer.stores[k]!;
    // Of the sequentially consistent stores, a load of that kind sees the last only.
    const hidden = isSeqCst && store.isSeqCst && foundSeqCst;
    if (!hidden) candidates.push(store);
    foundSeqCst ||= store.isSeqCst;
    if (isOldest(store, reader, isSeqCst)) break;
  }
  return candidates.length === 1 ? candidates[0]! : candidates[random.below(candidates.length)]!;
}

/** Notes that a thread saw a store. */
export function noteLoad<V>(store: BufferedStore<V>, thread: number, time: number, isSeqCst: boolean): void {
  if (isSeqCst) store.seenBySeqCst = true;
  if ((store.loads[thread] ?? 0) === 0) setEntry(store.loads, thread, time);
}

export function addStore<V>(buffer: StoreBuffer<V>, store: BufferedStore<V>, clock: readonly number[]): void {
  const { stores } = buffer;
  if (stores.length >= MOST_STORES) stores.shift();
  stores.push(store);
  if (!store.isSeqCst) return;
  // What is ordered before a sequentially consistent store counts as one.
  for (const earlier of stores) {
    if (earlier.time <= (clock[earlier.thread] ?? 0) || wasSeenBefore(earlier, clock)) earlier.isSeqCst = true;
  }
}
