/**
 * Threads: each has a window of the registers, of the call stack and of memory; a seed decides which runs next, and for how long.
 *
 * With one thread none of this is looked at. With several, a thread runs until its *slice* of steps is used up, it waits, or it yields.
 */

import { bug } from "../entity/entity.ts";
import type { CompiledFn } from "./compile.ts";
import type { DataRaceDetector } from "./concurrency/data-race.ts";
import { createDataRaceDetector } from "./concurrency/detector.ts";
import { FIRST_ADDRESS, HEAP_BASE, type Memory } from "./memory.ts";
import { REGISTER_WORDS } from "./registers.ts";
import { ResourceExhaustion } from "./ub.ts";

/** Threads that one run may have had. */
const MOST_THREADS = 48;
const THREAD_WORDS = 1 << 15;
const MAIN_WORDS = REGISTER_WORDS - MOST_THREADS * THREAD_WORDS;
const MAIN_DEPTH = 8192;
const THREAD_DEPTH = 128;
const THREAD_MEMORY = 1 << 18;
/** The longest slices, in steps: most are short, so that threads meet in the midst of things. */
const SHORT_SLICE = 6;
const LONG_SLICE = 64;

/** Entries of the call stack that all threads have together. */
export const CALL_STACK: number = MAIN_DEPTH + MOST_THREADS * THREAD_DEPTH;

export interface Thread {
  readonly id: number;
  readonly registerBase: number;
  readonly registerEnd: number;
  readonly memoryBase: number;
  readonly memoryEnd: number;
  readonly depthBase: number;
  readonly depthEnd: number;
  /** Whether it may be interrupted at any statement. */
  isPreemptive: boolean;
  state: "ready" | "joining" | "done";
  joining: number;
  /** Steps of the instruction that its last slice did not suffice for. */
  needs: number;
  /** Where it goes on. */
  fn: CompiledFn | undefined;
  pc: number;
  fp: number;
  mp: number;
  depth: number;
}

export class Threads {
  private readonly list: Thread[] = [];
  private random = 0;
  private seed = 0;
  detector: DataRaceDetector<bigint> | undefined;

  /** A new run: the main thread alone. */
  reset(seed: number): Thread {
    this.list.length = 0;
    this.seed = seed;
    // Near seeds must not begin alike (the finaliser of MurmurHash3).
    let mixed = Math.imul(seed ^ 0x9e3779b9, 0x85ebca6b);
    mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
    this.random = (mixed ^ (mixed >>> 16)) | 1;
    this.detector = undefined;
    const main: Thread = {
      id: 0,
      registerBase: 0,
      registerEnd: MAIN_WORDS,
      memoryBase: FIRST_ADDRESS,
      memoryEnd: HEAP_BASE,
      depthBase: 0,
      depthEnd: MAIN_DEPTH,
      isPreemptive: false,
      state: "ready",
      joining: -1,
      needs: 0,
      fn: undefined,
      pc: 0,
      fp: 0,
      mp: FIRST_ADDRESS,
      depth: 0,
    };
    this.list.push(main);
    return main;
  }

  get several(): boolean {
    return this.list.length > 1;
  }

  /** Makes a thread that will run `fn`, whose frame it answers, to be set up by the caller. */
  spawn(m: Memory, parent: Thread, fn: CompiledFn): Thread {
    const id = this.list.length;
    if (id > MOST_THREADS) throw new ResourceExhaustion(`more than ${MOST_THREADS} threads`);
    if (this.detector === undefined) {
      this.detector = createDataRaceDetector<bigint>({ seed: this.seed });
      this.detector.reset(this.seed);
    }
    m.races = this.detector;
    const memoryBase = m.region(THREAD_MEMORY);
    const thread: Thread = {
      id,
      registerBase: MAIN_WORDS + (id - 1) * THREAD_WORDS,
      registerEnd: MAIN_WORDS + id * THREAD_WORDS,
      memoryBase,
      memoryEnd: memoryBase + THREAD_MEMORY,
      depthBase: MAIN_DEPTH + (id - 1) * THREAD_DEPTH,
      depthEnd: MAIN_DEPTH + id * THREAD_DEPTH,
      isPreemptive: true,
      state: "ready",
      joining: -1,
      needs: 0,
      fn,
      pc: 0,
      fp: MAIN_WORDS + (id - 1) * THREAD_WORDS,
      mp: memoryBase,
      depth: MAIN_DEPTH + (id - 1) * THREAD_DEPTH,
    };
    if (fn.frameWords + fn.outWords > THREAD_WORDS || fn.frameMemory + fn.outMemory > THREAD_MEMORY)
      throw new ResourceExhaustion(`a thread whose first frame is too large`);
    this.list.push(thread);
    this.list[0]!.isPreemptive = true;
    this.detector.threadCreated(parent.id, id);
    return thread;
  }

  all(): readonly Thread[] {
    return this.list;
  }

  thread(id: number): Thread | undefined {
    return this.list[id];
  }

  finish(thread: Thread): void {
    thread.state = "done";
    this.detector?.threadTerminated(thread.id);
    for (const other of this.list) {
      if (other.state === "joining" && other.joining === thread.id) {
        other.state = "ready";
        this.detector?.threadJoined(other.id, thread.id);
      }
    }
  }

  /** The thread to run next; undefined when all wait. */
  next(): Thread | undefined {
    const ready = this.list.filter((t) => t.state === "ready");
    if (ready.length === 0) return undefined;
    const found = ready[this.pick(ready.length)];
    if (found === undefined) throw bug("no thread");
    return found;
  }

  /** Steps that a thread may take at a time. */
  slice(): number {
    return 1 + this.pick(this.pick(4) === 0 ? LONG_SLICE : SHORT_SLICE);
  }

  private pick(below: number): number {
    let x = this.random;
    x ^= x << 13;
    x ^= x >>> 17;
    x ^= x << 5;
    this.random = x;
    return (x >>> 0) % below;
  }
}
