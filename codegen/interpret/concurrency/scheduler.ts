/**
 * Which thread runs: the running one goes on until it blocks, yields, ends, or is preempted at a point that the seed decides; then the
 * seed picks one of the others. (Miri's `concurrency/scheduler.rs` does so.)
 */

import { bug } from "../../entity/entity.ts";
import { Random } from "./random.ts";

type ThreadState = "ready" | "blocked" | "ended";

export interface SchedulerOptions {
  readonly seed: number;
  /** The probability of a preemption at each point where one may be; Miri's default is 0.01. 0: only when a thread must. */
  readonly preemption: number;
}

export class Scheduler {
  /** The running thread. The main thread is 0. */
  current = 0;
  /**
   * Points left until the next preemption. At each (the end of a basic block), while there are several threads, the machine subtracts
   * one, and calls `preempt` when it is 0.
   */
  budget = 0;

  private readonly states: ThreadState[] = ["ready"];
  private random: Random;
  private readonly preemption: number;

  constructor(options: SchedulerOptions) {
    this.random = new Random(options.seed);
    this.preemption = options.preemption;
    this.budget = this.random.trials(this.preemption);
  }

  reset(seed: number): void {
    this.random = new Random(seed);
    this.states.splice(0, this.states.length, "ready");
    this.current = 0;
    this.budget = this.random.trials(this.preemption);
  }

  /** A new thread that is ready to run; the running one goes on. */
  spawn(): number {
    return this.states.push("ready") - 1;
  }

  isEnded(thread: number): boolean {
    return this.states[thread] === "ended";
  }

  /** How many threads have not ended. */
  liveCount(): number {
    return this.states.filter((s) => s !== "ended").length;
  }

  block(thread: number): void {
    if (this.states[thread] !== "ready") throw bug(`thread ${thread} blocks but is ${this.states[thread]}`);
    this.states[thread] = "blocked";
  }

  /** Makes a blocked thread ready; nothing when it is not blocked. */
  unblock(thread: number): void {
    if (this.states[thread] === "blocked") this.states[thread] = "ready";
  }

  end(thread: number): void {
    this.states[thread] = "ended";
  }

  /** The budget is used up: any ready thread goes on, perhaps the same. */
  preempt(): number {
    this.budget = this.random.trials(this.preemption);
    return this.pick(true);
  }

  /** The running thread yields (as a spin loop does): another one goes on if there is one. */
  yield(): number {
    return this.pick(false);
  }

  /** The running thread has blocked or ended: the thread that goes on, or -1 for a deadlock (or when all have ended). */
  next(): number {
    return this.pick(true);
  }

  private pick(withCurrent: boolean): number {
    const ready: number[] = [];
    for (let t = 0; t < this.states.length; t++) {
      if (this.states[t] === "ready" && (withCurrent || t !== this.current)) ready.push(t);
    }
    if (ready.length === 0) return !withCurrent && this.states[this.current] === "ready" ? this.current : -1;
    this.current = ready[this.random.below(ready.length)]!;
    return this.current;
  }
}
