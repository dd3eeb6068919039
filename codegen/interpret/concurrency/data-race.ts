/**
 * Data races, synchronisation and weak memory, as an engine that knows nothing of the machine.
 *
 * The detector keeps a vector clock per thread and, for the bytes that were accessed while several threads existed, the times of the
 * last accesses. Two accesses of the same bytes *race* when one writes, one is not atomic, and neither happens before the other;
 * atomic accesses of different sizes that overlap race too unless ordered. A relaxed load may see an older store than the last one:
 * *store buffers* keep those that the C++20 memory model allows it to see, and a seed picks.
 *
 * Nothing is recorded while `active` is false, which it is until a second thread is created: the machine asks it before each call of
 * an access, and of a fence.
 *
 * Sources: Flanagan, Freund: "FastTrack" (PLDI 2009); Lidbury, Donaldson: "Dynamic Race Detection for C++11" (POPL 2017); Miri's
 * `src/concurrency/{data_race,vector_clock,weak_memory}.rs`.
 */

import type { VectorClock } from "./vector-clock.ts";

/** `core::sync::atomic::Ordering`. */
export type Ordering = "relaxed" | "acquire" | "release" | "acqrel" | "seqcst";

export type RaceAccess =
  | "non-atomic read"
  | "retag read"
  | "non-atomic write"
  | "retag write"
  | "allocation"
  | "deallocation"
  | "atomic load"
  | "atomic store"
  | "atomic read-modify-write";

export interface RaceOperation {
  readonly access: RaceAccess;
  readonly thread: number;
  /** The machine's number of the position; -1 when it is not known. */
  readonly position: number;
  /** Bytes, where the sizes of the two are what is wrong; 0 for atomic loads of several sizes. */
  readonly size?: number;
}

export interface DataRace {
  readonly allocation: number;
  /** The first byte where the two meet. */
  readonly at: number;
  readonly first: RaceOperation;
  readonly second: RaceOperation;
  /** Both are atomic, but of different sizes. */
  readonly mixedSize: boolean;
}

/** Thrown where the second access of a race happens. */
export class RaceTrap extends Error {
  readonly race: DataRace;

  constructor(race: DataRace) {
    const { first, second } = race;
    const rule = race.mixedSize ? " (overlapping atomic accesses that are not ordered must have the same size)" : "";
    super(
      `data race: ${second.access} in thread ${second.thread} and ${first.access} in thread ${first.thread}, at offset ${race.at} of allocation ${race.allocation}${rule}`,
    );
    this.race = race;
  }
}

/** A store that a load may see although later ones exist. */
export interface Store<V> {
  /** Undefined when the bytes were not initialised then. */
  readonly value: V | undefined;
}

/** `V` is the machine's value of a scalar, which the detector only keeps. */
export interface DataRaceDetector<V> {
  /** Several threads exist whose accesses may race. */
  readonly active: boolean;
  /** The caller's number of what is being executed, to be set before each call below. */
  position: number;

  /** The main thread is 0 and exists from the start; others have the next number each. */
  threadCreated(parent: number, child: number): void;
  threadTerminated(thread: number): void;
  /** `joinee` has terminated, and `joiner` waited for that. */
  threadJoined(joiner: number, joinee: number): void;

  /** What a lock or a parked thread hands on: the clock of the one who releases, for `acquireClock` of the next. */
  releaseClock(thread: number): VectorClock;
  acquireClock(thread: number, clock: VectorClock): void;

  /** An allocation was made while `active`. Allocations that were made before need no call. */
  allocate(thread: number, alloc: number, size: number): void;
  /** @throws RaceTrap */
  deallocate(thread: number, alloc: number, size: number): void;
  /** A non-atomic read; `retag` when it is that of a retag. @throws RaceTrap */
  read(thread: number, alloc: number, offset: number, size: number, retag?: boolean): void;
  /** A non-atomic write. @throws RaceTrap */
  write(thread: number, alloc: number, offset: number, size: number, retag?: boolean): void;

  /**
   * An atomic load: the store that it sees, or undefined when that is the last one, whose value is in memory.
   *
   * @throws RaceTrap
   */
  atomicLoad(thread: number, alloc: number, offset: number, size: number, ordering: Ordering): Store<V> | undefined;
  /**
   * An atomic store of `value`; `previous` is what memory held before (undefined when not initialised). The machine writes memory.
   *
   * @throws RaceTrap
   */
  atomicStore(
    thread: number,
    alloc: number,
    offset: number,
    size: number,
    ordering: Ordering,
    value: V,
    previous: V | undefined,
  ): void;
  /** A read-modify-write, or a compare-exchange that succeeded: it always sees the last store. @throws RaceTrap */
  atomicRmw(
    thread: number,
    alloc: number,
    offset: number,
    size: number,
    ordering: Ordering,
    value: V,
    previous: V,
  ): void;
  /** A compare-exchange that failed: a load, but of the last store. @throws RaceTrap */
  atomicFailedExchange(thread: number, alloc: number, offset: number, size: number, ordering: Ordering): void;
  fence(thread: number, ordering: Ordering): void;

  /** Forgets everything: a new run begins, whose loads are picked by `seed`. */
  reset(seed: number): void;
}

export interface WeakMemoryOptions {
  readonly seed: number;
  /** Whether loads may see older stores at all; true when absent. */
  readonly weakMemory?: boolean;
}
