/**
 * The machine: its state, what starts and ends runs, and what happens when the loop (`execute.ts`) is interrupted: panics, threads
 * whose time is up, undefined behaviour.
 */

import { bug } from "../entity/entity.ts";
import type { Ty } from "../mir/ty.ts";
import { Diagnostic } from "../session/diagnostic.ts";
import { BorrowTrap } from "./borrow-tracker/violation.ts";
import type { CompiledFn, PreparedProgram } from "./compile.ts";
import { RaceTrap } from "./concurrency/data-race.ts";
import { Random } from "./concurrency/random.ts";
import { EventLimit, EventLog } from "./events.ts";
import { execute } from "./execute.ts";
import { align16 } from "./frame.ts";
import { Globals } from "./globals.ts";
import { storeValue } from "./leaf-memory.ts";
import type { LoopState } from "./loop-state.ts";
import { failRead } from "./machine-ops.ts";
import { FUNCTION, GLOBAL, LIVE, Memory, READ_ONLY } from "./memory.ts";
import { UNWIND_CONTINUE, UNWIND_TERMINATE_ABI, UNWIND_UNREACHABLE } from "./opcodes.ts";
import { Registers } from "./registers.ts";
import { reportOf } from "./report.ts";
import { calleeAs } from "./signature-adapter.ts";
import { CALL_STACK, type Thread, Threads } from "./threads.ts";
import type { PointerWords } from "./typed-copy.ts";
import { type AllocationReport, ResourceExhaustion, type UbError, UbTrap, Unsupported } from "./ub.ts";
import type { VaArgument } from "./va-list.ts";
import { Abort, EXPIRED, FINISHED, type Panic, stackOverflow, UNWINDING, YIELDED } from "./vm.ts";

export type Outcome =
  | { readonly kind: "return" }
  /** `message` is what rustc's code would print; our own `panic(code)` has none. The `code` of all but assertions and that is 0. */
  | { readonly kind: "panic"; readonly code: number; readonly message?: string }
  /** The process ended: `abort`, or a panic where none may be. */
  | { readonly kind: "abort"; readonly message: string }
  | { readonly kind: "ub"; readonly error: UbError }
  | { readonly kind: "outOfFuel" }
  | { readonly kind: "eventLimit" }
  /** Every thread waits for another. */
  | { readonly kind: "deadlock" }
  /** The program asks for more than the interpreter has, which says nothing about the program. */
  | { readonly kind: "resourceExhaustion"; readonly what: string }
  | { readonly kind: "unsupported"; readonly what: string };

export interface RunOptions {
  readonly fuel: number;
  readonly maxEvents: number;
  /** Of the scheduler of threads, and of whatever else Rust leaves to chance. */
  readonly seed: number;
  /** How likely a compare-exchange that may fail spuriously does; `WEAK_FAILURE_RATE` when absent. */
  readonly weakFailureRate?: number;
}

/** Miri's. */
export const WEAK_FAILURE_RATE = 0.8;

/** Addresses of functions, which no data has. */
const FUNCTION_ADDRESS = 0x7000_0000;

/** Memory for what the body of a constant calls, whose own locals outlive it. */
const CONST_STACK = 1 << 16;
/** What constants take from the heap at a time. */
const REGION = 1 << 18;

/** How a nested run ended, if not by returning. */
class NestedOutcome extends Error {
  readonly outcome: Outcome;

  constructor(outcome: Outcome) {
    super("a nested run");
    this.outcome = outcome;
  }
}

export class Machine implements LoopState {
  readonly regs: Registers = new Registers();
  readonly callers: CompiledFn[] = [];
  readonly returnPc: Int32Array = new Int32Array(CALL_STACK);
  readonly callerFp: Int32Array = new Int32Array(CALL_STACK);
  readonly callerMp: Int32Array = new Int32Array(CALL_STACK);
  /** By function: the allocation that its pointers point to in this run, or 0. */
  private fnAllocations = new Int32Array(64);
  /** The functions that `fnAllocations` names, by allocation. */
  private readonly fnByAllocation = new Map<number, number>();

  readonly memory: Memory = new Memory();
  readonly events: EventLog = new EventLog();
  readonly globals: Globals = new Globals(this);
  readonly threads: Threads = new Threads();
  readonly random: Random = new Random(0);
  readonly vaLists: (readonly VaArgument[])[] = [];
  weakFailureRate: number = WEAK_FAILURE_RATE;
  thread: Thread = this.threads.reset(0);
  prepared!: PreparedProgram;
  fn!: CompiledFn;
  pc = 0;
  fp = 0;
  mp = 0;
  depth = 0;
  left = 0;
  ea = 0;
  eaTag = 0;
  panic: Panic | undefined;
  /** The end of the memory of its own that a constant's body runs in; 0 while none does. */
  private regionEnd = 0;
  /** What is left for the bodies of further constants. */
  private regionTop = 0;
  private regionLimit = 0;
  unwindAction: number = UNWIND_CONTINUE;
  /** Unwinding entered a cleanup block or a catch, in the last run. */
  unwound = false;
  /** Steps beyond the running thread's slice. */
  private reserve = 0;
  nesting = 0;

  /** Statements and terminators of the last run. */
  steps = 0;

  /** Runs the instance `entry` of `prepared`. */
  run(prepared: PreparedProgram, entry: number, options: RunOptions): Outcome {
    this.prepared = prepared;
    this.memory.reset(prepared.aliasing, prepared.implicitWrites);
    this.memory.alignsByAddress = prepared.alignment === "address";
    this.events.reset(options.maxEvents);
    this.fnAllocations.fill(0);
    this.regionEnd = this.regionTop = this.regionLimit = 0;
    this.fnByAllocation.clear();
    this.globals.reset(prepared);
    this.callers.length = 0;
    this.vaLists.length = 0;
    this.panic = undefined;
    this.unwound = false;
    this.nesting = 0;
    this.reserve = 0;
    this.thread = this.threads.reset(options.seed);
    this.random.reset(options.seed);
    this.weakFailureRate = options.weakFailureRate ?? WEAK_FAILURE_RATE;
    this.left = options.fuel;
    const outcome = this.start(entry);
    this.steps = options.fuel - Math.max(this.left + this.reserve, 0);
    return outcome;
  }

  private start(entry: number): Outcome {
    try {
      const fn = this.prepared.function(entry);
      const { thread } = this;
      if (
        fn.frameWords + fn.outWords > thread.registerEnd ||
        !this.reserveStack(thread.mp + fn.frameMemory + fn.outMemory)
      )
        throw stackOverflow();
      this.save(fn, 0, thread.fp, thread.mp, 0, this.left);
      this.enter(fn, thread.fp, thread.mp);
    } catch (error) {
      const outcome = noVerdict(error);
      if (outcome !== undefined) return outcome;
      throw error;
    }
    return this.loop(0);
  }

  /** Runs until the frame at depth `base` has returned. */
  private loop(base: number): Outcome {
    for (;;) {
      try {
        execute(this, base);
      } catch (error) {
        const outcome = this.handle(error, base);
        if (outcome !== undefined) return outcome;
      }
    }
  }

  /** What something thrown in the loop means: `undefined` when it goes on from the saved state, else how the run ends. */
  private handle(thrown: unknown, base: number): Outcome | undefined {
    let error = thrown;
    for (;;) {
      try {
        return this.interrupted(error, base);
      } catch (next) {
        if (next === error) throw next;
        error = next;
      }
    }
  }

  private interrupted(error: unknown, base: number): Outcome | undefined {
    switch (error) {
      case EXPIRED:
        return this.expired();
      case UNWINDING:
        return this.unwind(base);
      case FINISHED:
        return this.finished();
      case YIELDED:
        this.pc += 4;
        return this.switchThread();
    }
    if (error instanceof NestedOutcome) return error.outcome;
    if (error instanceof EventLimit) return { kind: "eventLimit" };
    if (error instanceof Abort) return { kind: "abort", message: error.message };
    const outcome = noVerdict(error);
    if (outcome !== undefined) return outcome;
    const trap = trapOf(error, this.memory);
    if (trap === undefined) throw error;
    return { kind: "ub", error: this.report(trap) };
  }

  private expired(): Outcome | undefined {
    if (!this.threads.several || this.nesting > 0) {
      if (this.reserve === 0) return { kind: "outOfFuel" };
      this.left += this.reserve;
      this.reserve = 0;
    }
    // The instruction is executed again when it is this thread's turn.
    const { code } = this.fn;
    const cost = code[this.pc] === 190 /* Preempt */ ? 1 : code[this.pc + 1]!;
    this.left += cost;
    this.thread.needs = cost;
    return this.nesting > 0 ? undefined : this.switchThread();
  }

  private finished(): Outcome | undefined {
    const { thread } = this;
    if (this.nesting > 0 || thread.id === 0) return { kind: "return" };
    this.globals.endThread(thread.id);
    this.threads.finish(thread);
    return this.switchThread();
  }

  /** Goes on with a thread that is ready. */
  private switchThread(): Outcome | undefined {
    const old = this.thread;
    old.fn = this.fn;
    old.pc = this.pc;
    old.fp = this.fp;
    old.mp = this.mp;
    old.depth = this.depth;
    const next = this.threads.next();
    if (next?.fn === undefined) return { kind: "deadlock" };
    const total = this.left + this.reserve;
    const slice = Math.min(total, Math.max(this.threads.slice(), next.needs));
    if (total <= 0 || total < next.needs) return { kind: "outOfFuel" };
    next.needs = 0;
    this.thread = next;
    this.memory.thread = next.id;
    this.reserve = total - slice;
    this.save(next.fn, next.pc, next.fp, next.mp, next.depth, slice);
    return undefined;
  }

  /** Leaves frames until one has a cleanup block, and goes on there. */
  private unwind(base: number): Outcome | undefined {
    const bottom = this.nesting > 0 ? base : this.thread.depthBase;
    for (;;) {
      const action = this.unwindAction;
      if (action >= 0) {
        this.pc = action;
        this.unwound = true;
        return undefined;
      }
      if (action === UNWIND_UNREACHABLE)
        throw new UbTrap("unwindUnreachable", "unwinding out of a call that may not unwind");
      if (action !== UNWIND_CONTINUE) {
        const why = action === UNWIND_TERMINATE_ABI ? "a function that cannot unwind" : "a destructor during cleanup";
        return { kind: "abort", message: `panic in ${why}` };
      }
      this.leave();
      if (this.depth === bottom) {
        if (this.panic === undefined) throw bug("unwinding without a panic");
        const { code, message } = this.panic;
        if (this.nesting === 0) this.events.pushPanic(code);
        return { kind: "panic", code, ...(message === undefined ? {} : { message }) };
      }
      this.depth--;
      const { depth } = this;
      this.fn = this.callers[depth]!;
      this.pc = this.returnPc[depth]! - 1;
      this.fp = this.callerFp[depth]!;
      this.mp = this.callerMp[depth]!;
      this.unwindAction = this.fn.code[this.pc]!;
    }
  }

  /** What leaving the running frame does. */
  private leave(): void {
    const { fn, memory: m } = this;
    const position = fn.positionBase + this.pc;
    if (m.borrow?.hasProtectors(this.depth) === true) {
      m.borrow.position = position;
      m.borrow.protectorEnd(this.depth);
    }
    for (const slot of fn.taken) {
      const a = this.fp + slot;
      if (this.regs.S[a] === 1) m.free(this.regs.R[a]!, this.regs.R[a]!, position);
    }
  }

  save(fn: CompiledFn, pc: number, fp: number, mp: number, depth: number, left: number): void {
    this.fn = fn;
    this.pc = pc;
    this.fp = fp;
    this.mp = mp;
    this.depth = depth;
    this.left = left;
    this.memory.position = fn.positionBase + pc;
  }

  reserveStack(end: number): boolean {
    if (this.regionEnd > 0) return end <= this.regionEnd;
    return this.thread.id === 0 ? this.memory.reserveStack(end) : end <= this.thread.memoryEnd;
  }

  enter(fn: CompiledFn, fp: number, mp: number): void {
    const { memory: m } = this;
    const { R, S } = this.regs;
    const { consts, states } = fn;
    let at = fp + fn.constBase;
    for (let i = 0; i < consts.length; i++) R[at + i] = consts[i]!;
    for (let i = 0; i < consts.length; i += 4) S[at + i] = 1;
    at = fp + fn.stateBase;
    for (let i = 0; i < states.length; i++) S[at + 4 * i] = states[i]!;
    m.deinit(mp + fn.argumentsEnd, fn.frameMemory - fn.argumentsEnd);
    const { entryAllocations: list } = fn;
    const entryPosition = fn.positionBase + fn.code.length;
    for (let i = 0; i < list.length; i += 4)
      R[fp + list[i]!] = m.allocate(mp + list[i + 1]!, list[i + 2]!, list[i + 3]!, LIVE, entryPosition + (i >> 2));
  }

  evaluate(index: number, at: number, mutable: boolean): void {
    const { fn, pc, fp, mp, depth, ea, eaTag, unwindAction, panic, memory: m, regionEnd } = this;
    const callee = this.prepared.function(index);
    const nextFp = fp + fn.frameWords + fn.outWords;
    const nextMp = callee.kept.length > 0 ? this.regionFor(callee) : mp + fn.frameMemory + fn.outMemory;
    const fits =
      depth + 1 < this.thread.depthEnd && nextFp + callee.frameWords + callee.outWords <= this.thread.registerEnd;
    if (!fits || !this.reserveStack(nextMp + callee.frameMemory + callee.outMemory)) throw stackOverflow();
    this.callers[depth] = fn;
    this.returnPc[depth] = pc + 1;
    this.callerFp[depth] = fp;
    this.callerMp[depth] = mp;
    this.save(callee, 0, nextFp, nextMp, depth + 1, this.left);
    // Constants and statics have their values before any thread runs.
    const { races } = m;
    m.races = undefined;
    this.enter(callee, nextFp, nextMp);
    this.nesting++;
    const outcome = this.loop(depth + 1);
    m.races = races;
    this.nesting--;
    if (outcome.kind === "panic") {
      const why = outcome.message ?? `code ${outcome.code}`;
      throw new Unsupported(`the constant \`${callee.item.name}\`, whose evaluation panics (${why})`);
    }
    if (outcome.kind !== "return") throw new NestedOutcome(outcome);
    if (callee.kept.length > 0) {
      this.keepLocals(callee, nextFp, mutable);
      this.releaseRegion(callee, nextMp);
    }
    this.regionEnd = regionEnd;
    const result = this.prepared.table.of(callee.sig.ret);
    if (result.repr === "mem") m.copyRaw(nextMp, at, result.size);
    else storeValue(m, this.regs, result, nextFp, at);
    this.save(fn, pc, fp, mp, depth, this.left);
    this.ea = ea;
    this.eaTag = eaTag;
    this.unwindAction = unwindAction;
    this.panic = panic;
  }

  /** Memory of its own for the frame of `callee`, whose locals stay, and for what it calls. */
  private regionFor(callee: CompiledFn): number {
    const size = callee.frameMemory + callee.outMemory + CONST_STACK;
    // The check for room in `execute` takes what lies below a thread's stack for that stack.
    const isUsable = this.regionTop + size <= this.regionLimit && this.regionTop >= this.thread.memoryEnd;
    if (!isUsable) {
      const length = Math.max(size, REGION);
      this.regionTop = this.memory.region(length);
      this.regionLimit = this.regionTop + length;
    }
    const base = this.regionTop;
    this.regionTop = this.regionEnd = align16(base + size);
    return base;
  }

  /** Gives back what lies behind the frame of `callee` at `base`, when nothing else has begun there since. */
  private releaseRegion(callee: CompiledFn, base: number): void {
    if (this.regionTop === this.regionEnd) this.regionTop = align16(base + callee.frameMemory);
  }

  /** The locals of a constant's body, at `fp`, as memory for the rest of the run. */
  private keepLocals({ kept }: CompiledFn, fp: number, mutable: boolean): void {
    const { memory: m, regs } = this;
    for (let i = 0; i < kept.length; i += 2) {
      const a = fp + kept[i]!;
      const id = regs.R[a]!;
      if (regs.S[a] !== 1 || m.state[id] !== LIVE) continue;
      m.kind[id] = GLOBAL;
      if (kept[i + 1] === 1 && !mutable) m.state[id] = READ_ONLY;
    }
  }

  fnAllocation(index: number): number {
    if (index >= this.fnAllocations.length) {
      const grown = new Int32Array(index * 2);
      grown.set(this.fnAllocations);
      this.fnAllocations = grown;
    }
    let id = this.fnAllocations[index]!;
    if (id === 0) {
      id = this.memory.allocate(FUNCTION_ADDRESS + 16 * index, 0, 1, FUNCTION, this.memory.position);
      this.fnAllocations[index] = id;
      this.fnByAllocation.set(id, index);
    }
    return id;
  }

  calleeAt(a: number, ty: number): CompiledFn {
    const { R, S } = this.regs;
    if (S[a] !== 1) failRead(S[a]!);
    return this.calleeOf({ lo: R[a]!, hi: R[a + 1]!, tag: R[a + 2]! }, this.prepared.table.infos[ty]!.ty);
  }

  private calleeOf(pointer: PointerWords, ty: Ty): CompiledFn {
    const { prepared } = this;
    return prepared.function(calleeAs(prepared, prepared.function(this.functionOf(pointer)), ty));
  }

  private functionOf({ lo, hi, tag }: PointerWords): number {
    const index = this.fnByAllocation.get(this.memory.checkFnPointer(lo, hi, tag));
    if (index === undefined) throw bug(`no function at allocation ${tag}`);
    return index;
  }

  spawn(pointer: PointerWords, ty: Ty, argument: PointerWords): number {
    const fn = this.calleeOf(pointer, ty);
    const { R, S } = this.regs;
    const thread = this.threads.spawn(this.memory, this.thread, fn);
    R[thread.fp] = argument.lo;
    R[thread.fp + 1] = argument.hi;
    R[thread.fp + 2] = argument.tag;
    S[thread.fp] = 1;
    // Its locals are its own from the start.
    this.memory.thread = thread.id;
    this.enter(fn, thread.fp, thread.mp);
    this.memory.thread = this.thread.id;
    this.reserve += this.left;
    this.left = 0;
    return thread.id;
  }

  /** The bits of the scalar that `entry` has returned. */
  resultBits(entry: number): bigint {
    const info = this.prepared.table.of(this.prepared.function(entry).sig.ret);
    const at = this.thread.memoryBase;
    if (info.repr === "flat") storeValue(this.memory, this.regs, info, 0, at);
    return this.memory.loadBits(at, info.size);
  }

  frames(): { fn: CompiledFn; pc: number }[] {
    const frames = [{ fn: this.fn, pc: this.pc }];
    for (let d = this.depth - 1; d >= this.thread.depthBase; d--)
      frames.push({ fn: this.callers[d]!, pc: this.returnPc[d]! - 1 });
    return frames;
  }

  private report(trap: UbTrap): UbError {
    const owner = trap.allocation === undefined ? undefined : this.ownerOf(trap.allocation);
    return reportOf(this.prepared, trap, this.frames(), this.thread.id, this.messageOf(trap), owner);
  }

  /** What an allocation is of, as reports say it. */
  private ownerOf({ id, kind, bornAt }: AllocationReport): string | undefined {
    if (kind === "heap") return undefined;
    if (kind === "function") {
      const index = this.fnByAllocation.get(id);
      return index === undefined ? undefined : this.prepared.function(index).name;
    }
    const global = kind === "stack" ? undefined : this.globals.nameOf(id);
    if (global !== undefined) return global;
    // Locals of a constant's body stay as globals.
    const fn = this.prepared.functionAt(bornAt);
    const local = fn?.localBorn(bornAt - fn.positionBase);
    return fn === undefined || local === undefined ? undefined : `_${local} of ${fn.name}`;
  }

  /** A trap's message, with the name of the local that could not be read. */
  private messageOf(trap: UbTrap): string {
    const { kind, message, byte, allocation } = trap;
    const isDead = kind === "deadLocal";
    if ((kind !== "uninit" && !isDead) || allocation !== undefined) return message;
    const { fn, fp, mp } = this;
    const { block, statement } = fn.positionOf(this.pc);
    const local = fn.unreadLocal({ block, statement, states: this.regs.S, fp, mp, byte, isDead });
    return local === undefined ? message : `${message}: _${local}`;
  }
}

/** What ends a run without a verdict: a `Diagnostic` is of the traits, the layouts and the instances that it came to need. */
function noVerdict(error: unknown): Outcome | undefined {
  if (error instanceof ResourceExhaustion) return { kind: "resourceExhaustion", what: error.message };
  if (error instanceof Unsupported || error instanceof Diagnostic) return { kind: "unsupported", what: error.message };
  return undefined;
}

/** What a violation of aliasing, or a race, is as undefined behaviour. */
function trapOf(error: unknown, m: Memory): UbTrap | undefined {
  if (error instanceof UbTrap) return error;
  if (error instanceof BorrowTrap)
    return new UbTrap("aliasing", error.message, m.describeAt(error.violation.allocation, error.violation.at), {
      violation: error.violation,
    });
  if (error instanceof RaceTrap)
    return new UbTrap("dataRace", error.message, m.describeAt(error.race.allocation, error.race.at), {
      race: error.race,
    });
  return undefined;
}
