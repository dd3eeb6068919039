/** The data race detector; see `data-race.ts`. */

import { bug } from "../../entity/entity.ts";
import { type AccessClock, type AtomicCell, accessClock, type Cell, Cells, MANY, NOBODY, record } from "./cells.ts";
import {
  type DataRaceDetector,
  type Ordering,
  type RaceAccess,
  type RaceOperation,
  RaceTrap,
  type Store,
  type WeakMemoryOptions,
} from "./data-race.ts";
import { Random } from "./random.ts";
import { firstUnordered, join, setEntry, type VectorClock } from "./vector-clock.ts";
import { addStore, type BufferedStore, noteLoad, pickStore, StoreBuffers } from "./weak-memory.ts";

/** What a thread knows. */
interface ThreadClocks {
  clock: VectorClock;
  /** What relaxed loads saw, which an acquire fence will make known. */
  readonly acquired: VectorClock;
  /** What was known at the last release fence, which relaxed stores hand on. */
  released: VectorClock;
  /** Of each thread, its last sequentially consistent store before the last such fence of this one. */
  readonly writeSeqCst: VectorClock;
  /** Of each thread, its last sequentially consistent fence before the last such load of this one. */
  readonly readSeqCst: VectorClock;
  /** What it knew in the end. */
  termination: VectorClock | undefined;
}

interface Shared<V> {
  readonly cells: Cells;
  readonly buffers: StoreBuffers<V>;
}

export function createDataRaceDetector<V>(options: WeakMemoryOptions): DataRaceDetector<V> {
  return new Detector<V>(options);
}

class Detector<V> implements DataRaceDetector<V> {
  active = false;
  position = 0;

  private readonly weakMemory: boolean;
  private random: Random;
  private threads: ThreadClocks[] = [newThread(0)];
  private live = 1;
  private readonly allocations = new Map<number, Shared<V>>();
  private seqCstFence: VectorClock = [];
  private seqCstWrites: VectorClock = [];

  constructor(options: WeakMemoryOptions) {
    this.weakMemory = options.weakMemory ?? true;
    this.random = new Random(options.seed);
  }

  reset(seed: number): void {
    this.random = new Random(seed);
    this.threads = [newThread(0)];
    this.live = 1;
    this.active = false;
    this.allocations.clear();
    this.seqCstFence = [];
    this.seqCstWrites = [];
  }

  private clocks(thread: number): ThreadClocks {
    const clocks = this.threads[thread];
    if (clocks === undefined) throw bug(`no thread ${thread}`);
    return clocks;
  }

  private advance(thread: number): void {
    this.clocks(thread).clock[thread]!++;
  }

  threadCreated(parent: number, child: number): void {
    if (child !== this.threads.length) throw bug(`thread ${child} is not the next one`);
    const created = newThread(child);
    join(created.clock, this.clocks(parent).clock);
    this.threads.push(created);
    this.live++;
    this.advance(parent);
    this.advance(child);
    this.active = true;
  }

  threadTerminated(thread: number): void {
    this.clocks(thread).termination = this.releaseClock(thread);
    this.live--;
  }

  threadJoined(joiner: number, joinee: number): void {
    const { termination } = this.clocks(joinee);
    if (termination === undefined) throw bug(`thread ${joinee} has not terminated`);
    this.acquireClock(joiner, termination);
    if (this.live > 1) return;
    const { clock } = this.clocks(joiner);
    const allKnown = this.threads.every((t, k) => k === joiner || (t.termination?.[k] ?? Infinity) <= (clock[k] ?? 0));
    if (!allKnown) return;
    // Everything happens before whatever comes.
    this.active = false;
    this.allocations.clear();
  }

  releaseClock(thread: number): VectorClock {
    const clock = this.clocks(thread).clock.slice();
    this.advance(thread);
    return clock;
  }

  acquireClock(thread: number, clock: VectorClock): void {
    join(this.clocks(thread).clock, clock);
  }

  allocate(thread: number, alloc: number, size: number): void {
    const time = this.clocks(thread).clock[thread]!;
    this.allocations.set(alloc, { cells: new Cells(size, thread, time, this.position), buffers: new StoreBuffers() });
  }

  deallocate(thread: number, alloc: number, size: number): void {
    if (this.allocations.has(alloc) && size > 0) this.writeAs(thread, alloc, 0, size, "deallocation");
    this.allocations.delete(alloc);
  }

  private shared(alloc: number): Shared<V> {
    let shared = this.allocations.get(alloc);
    if (shared === undefined) {
      // It was made before there were several threads: before everything.
      shared = { cells: new Cells(Number.MAX_SAFE_INTEGER, 0, 0, -1), buffers: new StoreBuffers() };
      this.allocations.set(alloc, shared);
    }
    return shared;
  }

  read(thread: number, alloc: number, offset: number, size: number, retag = false): void {
    if (size === 0) return;
    const { cells } = this.shared(alloc);
    const { clock } = this.clocks(thread);
    const time = clock[thread]!;
    const kind = retag ? "retag read" : "non-atomic read";
    const first = cells.list[cells.find(offset)]!;
    if (
      offset + size <= first.end &&
      first.readThread === thread &&
      first.readTime === time &&
      first.atomic === undefined
    ) {
      return;
    }
    const end = offset + size;
    const from = cells.splitAt(offset);
    for (let k = from; k < cells.list.length && cells.start(k) < end; k++) {
      const cell = cells.list[k]!;
      if (cell.end > end) cells.splitAt(end);
      this.checkWrites(cell, clock, thread, alloc, cells.start(k), kind);
      this.recordRead(cell, thread, time, kind, clock);
    }
    cells.joinBefore(from);
  }

  private recordRead(cell: Cell, thread: number, time: number, kind: RaceAccess, clock: readonly number[]): void {
    // One epoch is enough while the reads are ordered.
    const single = cell.readThread !== MANY && (cell.readThread < 0 || cell.readTime <= (clock[cell.readThread] ?? 0));
    if (single) {
      cell.readThread = thread;
      cell.readTime = time;
      cell.readPosition = this.position;
      cell.readKind = kind;
      return;
    }
    if (cell.reads === undefined) {
      cell.reads = accessClock();
      record(cell.reads, cell.readThread, cell.readTime, cell.readPosition, cell.readKind);
      cell.readThread = MANY;
    }
    record(cell.reads, thread, time, this.position, kind);
  }

  write(thread: number, alloc: number, offset: number, size: number, retag = false): void {
    if (size > 0) this.writeAs(thread, alloc, offset, size, retag ? "retag write" : "non-atomic write");
  }

  private writeAs(thread: number, alloc: number, offset: number, size: number, kind: RaceAccess): void {
    const { cells, buffers } = this.shared(alloc);
    const { clock } = this.clocks(thread);
    const time = clock[thread]!;
    const first = cells.list[cells.find(offset)]!;
    if (offset + size <= first.end && isWrittenBy(first, thread, time)) return;
    const end = offset + size;
    const from = cells.splitAt(offset);
    for (let k = from; k < cells.list.length && cells.start(k) < end; k++) {
      const cell = cells.list[k]!;
      if (cell.end > end) cells.splitAt(end);
      const at = cells.start(k);
      this.checkWrites(cell, clock, thread, alloc, at, kind);
      this.checkReads(cell, clock, thread, alloc, at, kind);
      cell.writeThread = thread;
      cell.writeTime = time;
      cell.writePosition = this.position;
      cell.writeKind = kind;
      cell.readThread = NOBODY;
      cell.readTime = 0;
      cell.reads = undefined;
      cell.atomic = undefined;
    }
    cells.joinBefore(from);
    buffers.drop(offset, size);
  }

  /** The writes of a cell must happen before an access; those that are atomic matter to non-atomic accesses only. */
  private checkWrites(
    cell: Cell,
    clock: readonly number[],
    thread: number,
    alloc: number,
    at: number,
    kind: RaceAccess,
  ): void {
    if (cell.atomic !== undefined && !kind.startsWith("atomic")) {
      this.checkClock(cell.atomic.writes, clock, thread, alloc, at, kind);
    }
    if (cell.writeTime <= (clock[cell.writeThread] ?? 0)) return;
    const first = { access: cell.writeKind, thread: cell.writeThread, position: cell.writePosition };
    throw this.race(alloc, at, first, { access: kind, thread, position: this.position });
  }

  private checkReads(
    cell: Cell,
    clock: readonly number[],
    thread: number,
    alloc: number,
    at: number,
    kind: RaceAccess,
  ): void {
    if (cell.atomic !== undefined && !kind.startsWith("atomic")) {
      this.checkClock(cell.atomic.reads, clock, thread, alloc, at, kind);
    }
    if (cell.reads !== undefined) this.checkClock(cell.reads, clock, thread, alloc, at, kind);
    else if (cell.readThread >= 0 && cell.readTime > (clock[cell.readThread] ?? 0)) {
      const first = { access: cell.readKind, thread: cell.readThread, position: cell.readPosition };
      throw this.race(alloc, at, first, { access: kind, thread, position: this.position });
    }
  }

  private checkClock(
    accesses: AccessClock,
    clock: readonly number[],
    thread: number,
    alloc: number,
    at: number,
    kind: RaceAccess,
  ): void {
    const other = firstUnordered(accesses.times, clock);
    if (other < 0) return;
    throw this.race(alloc, at, operation(accesses, other), { access: kind, thread, position: this.position });
  }

  private race(alloc: number, at: number, first: RaceOperation, second: RaceOperation): RaceTrap {
    return new RaceTrap({ allocation: alloc, at, first, second, mixedSize: false });
  }

  atomicLoad(thread: number, alloc: number, offset: number, size: number, ordering: Ordering): Store<V> | undefined {
    const isSeqCst = ordering === "seqcst";
    const clocks = this.clocks(thread);
    if (isSeqCst) join(clocks.readSeqCst, this.seqCstFence);
    const buffer = this.weakMemory ? this.shared(alloc).buffers.find(offset, size) : undefined;
    const store = buffer && pickStore(buffer, clocks, isSeqCst, this.random);
    const time = clocks.clock[thread]!;
    this.loadCells(thread, alloc, offset, size, ordering !== "relaxed", store?.sync, "atomic load");
    if (store === undefined || buffer === undefined) return undefined;
    noteLoad(store, thread, time, isSeqCst);
    this.advance(thread);
    return store === buffer.stores.at(-1) ? undefined : store;
  }

  atomicFailedExchange(thread: number, alloc: number, offset: number, size: number, ordering: Ordering): void {
    const isSeqCst = ordering === "seqcst";
    const clocks = this.clocks(thread);
    if (isSeqCst) join(clocks.readSeqCst, this.seqCstFence);
    const time = clocks.clock[thread]!;
    this.loadCells(thread, alloc, offset, size, ordering !== "relaxed", undefined, "atomic load");
    const last = this.shared(alloc).buffers.find(offset, size)?.stores.at(-1);
    if (last !== undefined) noteLoad(last, thread, time, isSeqCst);
    this.advance(thread);
  }

  atomicStore(
    thread: number,
    alloc: number,
    offset: number,
    size: number,
    ordering: Ordering,
    value: V,
    previous: V | undefined,
  ): void {
    const clocks = this.clocks(thread);
    const time = clocks.clock[thread]!;
    const sync = ordering === "relaxed" ? clocks.released : clocks.clock;
    this.eachCell(alloc, offset, size, (cell, at) => {
      const atomic = this.writeCell(cell, thread, alloc, at, size, "atomic store");
      // A store that is not a read-modify-write ends the release sequence.
      atomic.sync = sync.slice();
    });
    this.buffer(
      thread,
      alloc,
      offset,
      size,
      { time, sync: sync.slice(), value, isSeqCst: ordering === "seqcst" },
      previous,
      false,
    );
    this.advance(thread);
  }

  atomicRmw(
    thread: number,
    alloc: number,
    offset: number,
    size: number,
    ordering: Ordering,
    value: V,
    previous: V,
  ): void {
    const clocks = this.clocks(thread);
    const isSeqCst = ordering === "seqcst";
    if (isSeqCst) join(clocks.readSeqCst, this.seqCstFence);
    const acquires = ordering === "acquire" || ordering === "acqrel" || isSeqCst;
    const releases = ordering === "release" || ordering === "acqrel" || isSeqCst;
    const time = clocks.clock[thread]!;
    this.loadCells(thread, alloc, offset, size, acquires, undefined, "atomic read-modify-write");
    const sync: VectorClock = [];
    this.eachCell(alloc, offset, size, (cell, at) => {
      const atomic = this.writeCell(cell, thread, alloc, at, size, "atomic read-modify-write");
      // Who acquires learns what the store before would have told, too: the release sequence goes on.
      join(atomic.sync, releases ? clocks.clock : clocks.released);
      join(sync, atomic.sync);
    });
    this.buffer(thread, alloc, offset, size, { time, sync, value, isSeqCst }, previous, true);
    this.advance(thread);
  }

  /** Adds a store to its buffer. */
  private buffer(
    thread: number,
    alloc: number,
    offset: number,
    size: number,
    made: Pick<BufferedStore<V>, "time" | "sync" | "value" | "isSeqCst">,
    previous: V | undefined,
    reads: boolean,
  ): void {
    if (made.isSeqCst) setEntry(this.seqCstWrites, thread, made.time);
    if (!this.weakMemory) return;
    const { clock } = this.clocks(thread);
    const buffer = this.shared(alloc).buffers.findOrMake(offset, size, previous);
    const last = buffer.stores.at(-1);
    if (reads && last !== undefined) noteLoad(last, thread, made.time, made.isSeqCst);
    addStore(buffer, { ...made, thread, loads: [], seenBySeqCst: false }, clock);
  }

  private eachCell(alloc: number, offset: number, size: number, act: (cell: Cell, at: number) => void): void {
    const { cells } = this.shared(alloc);
    const end = offset + size;
    for (let k = cells.splitAt(offset); k < cells.list.length && cells.start(k) < end; k++) {
      const cell = cells.list[k]!;
      if (cell.end > end) cells.splitAt(end);
      act(cell, cells.start(k));
    }
  }

  private loadCells(
    thread: number,
    alloc: number,
    offset: number,
    size: number,
    acquires: boolean,
    seen: readonly number[] | undefined,
    kind: RaceAccess,
  ): void {
    const clocks = this.clocks(thread);
    this.eachCell(alloc, offset, size, (cell, at) => {
      const atomic = this.atomicCell(cell, clocks.clock, thread, alloc, at, size, kind);
      record(atomic.reads, thread, clocks.clock[thread]!, this.position, kind);
      this.checkWrites(cell, clocks.clock, thread, alloc, at, kind);
      join(acquires ? clocks.clock : clocks.acquired, seen ?? atomic.sync);
    });
  }

  private writeCell(cell: Cell, thread: number, alloc: number, at: number, size: number, kind: RaceAccess): AtomicCell {
    const { clock } = this.clocks(thread);
    const atomic = this.atomicCell(cell, clock, thread, alloc, at, size, kind);
    record(atomic.writes, thread, clock[thread]!, this.position, kind);
    this.checkWrites(cell, clock, thread, alloc, at, kind);
    this.checkReads(cell, clock, thread, alloc, at, kind);
    return atomic;
  }

  /** The atomic part of a cell, after a check that accesses of other sizes are ordered before. */
  private atomicCell(
    cell: Cell,
    clock: readonly number[],
    thread: number,
    alloc: number,
    at: number,
    size: number,
    kind: RaceAccess,
  ): AtomicCell {
    const { atomic } = cell;
    if (atomic === undefined) {
      cell.atomic = { reads: accessClock(), writes: accessClock(), sync: [], size };
      return cell.atomic;
    }
    if (atomic.size === size) return atomic;
    const writer = firstUnordered(atomic.writes.times, clock);
    const reader = firstUnordered(atomic.reads.times, clock);
    if (writer < 0 && reader < 0) atomic.size = size;
    else if (writer < 0 && kind === "atomic load") atomic.size = 0;
    else {
      const first = writer >= 0 ? operation(atomic.writes, writer) : operation(atomic.reads, reader);
      const second = { access: kind, thread, position: this.position, size };
      throw new RaceTrap({ allocation: alloc, at, first: { ...first, size: atomic.size }, second, mixedSize: true });
    }
    return atomic;
  }

  fence(thread: number, ordering: Ordering): void {
    const clocks = this.clocks(thread);
    if (ordering !== "release") join(clocks.clock, clocks.acquired);
    if (ordering === "seqcst") {
      // As a read-modify-write of a place that all such fences share.
      join(this.seqCstFence, clocks.clock);
      join(clocks.clock, this.seqCstFence);
      join(clocks.writeSeqCst, this.seqCstWrites);
    }
    if (ordering === "acquire") return;
    clocks.released = clocks.clock.slice();
    this.advance(thread);
  }
}

/** The thread's own entry begins at 1, so that 0 is before all. */
function newThread(thread: number): ThreadClocks {
  const clock: VectorClock = [];
  setEntry(clock, thread, 1);
  return { clock, acquired: [], released: [], writeSeqCst: [], readSeqCst: [], termination: undefined };
}

function isWrittenBy(cell: Cell, thread: number, time: number): boolean {
  return (
    cell.writeThread === thread && cell.writeTime === time && cell.readThread === NOBODY && cell.atomic === undefined
  );
}

function operation(accesses: AccessClock, thread: number): RaceOperation {
  return { access: accesses.kinds[thread]!, thread, position: accesses.positions[thread]! };
}
