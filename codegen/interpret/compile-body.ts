/**
 * Compiles one body: where its locals are held, and the code of statements that are no assignments.
 *
 * A local is held in registers (one per leaf) when its type is flat, its address is never taken, and it is only projected by fields;
 * else in the frame's memory. Zero-sized locals are only a state.
 */

import { bug } from "../entity/entity.ts";
import type { FnSig } from "../mir/place-ty.ts";
import { operandTy } from "../mir/place-ty.ts";
import type { Body, FnItem, Local, Operand, Place, Rvalue, Statement, Terminator } from "../mir/syntax.ts";
import type { Ty } from "../mir/ty.ts";
import { type Mapper, mapRvalue } from "../mir/visit.ts";
import { isFreeze } from "../traits/predicates.ts";
import type { CompiledFn, PreparedProgram } from "./compile.ts";
import { emitRetagPlace, emitRetagRegisters, mayContainReference } from "./compile-retag.ts";
import { compileAssign } from "./compile-rvalue.ts";
import { compileTerminator } from "./compile-terminator.ts";
import { align16, type CallLayout, callLayout, SLOT } from "./frame.ts";
import { isConstFn } from "./global-table.ts";
import { ACCESS_WRITE, OP } from "./opcodes.ts";
import { operandRegister } from "./operand.ts";
import { emitAddress, emitStoreLeaves, type ResolvedPlace, resolvePlace } from "./place.ts";
import { positionSpan, positionText } from "./position.ts";
import { isAdapter } from "./signature-adapter.ts";
import { type Cls, isPointerCls, type TypeInfo, toWords } from "./type-info.ts";
import { ResourceExhaustion, Unsupported } from "./ub.ts";
import { unreadLocal } from "./unread-local.ts";
import { vaListTy } from "./va-list.ts";

/** Where a local is. */
export interface LocalPlan {
  readonly info: TypeInfo;
  readonly kind: "reg" | "mem" | "zst";
  /** Word of its first slot; of memory and zero-sized locals, of the slot with its state and allocation. */
  readonly slot: number;
  readonly offset: number;
  readonly taken: boolean;
  /** It has `StorageLive` or `StorageDead`; else it lives as long as the frame. */
  readonly storage: boolean;
}

/** Registers for intermediate values of one statement. */
const SCRATCH_SLOTS = 40;

/** The state of compiling one body. */
export class BodyCx {
  readonly prepared: PreparedProgram;
  readonly body: Body;
  readonly out: number[] = [];
  readonly locals: LocalPlan[] = [];
  /** By local: how many times it is read. */
  readonly reads: Int32Array;
  /** Storage that is known to be live, and locals that were assigned as a whole, in the block that is compiled. */
  readonly live: Set<LocalPlan> = new Set();
  readonly assigned: Set<LocalPlan> = new Set();
  readonly stateBase: number;
  readonly scratchBase: number;
  readonly constBase: number;
  frameMemory = 0;
  outMemory = 0;
  outWords = 0;
  /** Code positions of registers of the callee's frame: this frame's length is added when it is known. */
  readonly outFixups: number[] = [];
  /** Code positions of blocks' numbers, which become their positions. */
  readonly blockFixups: number[] = [];
  /** Registers to mark as uninitialised after the statement: what it moved from. */
  readonly pendingDeinit: number[] = [];
  private readonly consts: number[] = [];
  /** By class: the slot of each constant. */
  private readonly constSlots: (Map<bigint, number> | undefined)[] = [];
  private scratchUsed = 0;

  constructor(prepared: PreparedProgram, body: Body, call: CallLayout) {
    this.prepared = prepared;
    this.body = body;
    this.reads = new Int32Array(body.locals.length);
    const usage = localUsage(body, this.reads);
    this.stateBase = call.words;
    let word = call.words;
    let memory = call.memory;
    body.locals.forEach((decl, i) => {
      const info = prepared.table.of(decl.ty);
      if (info.repr === "unsized") throw new Unsupported(`a local of the unsized type ${decl.ty.text}`);
      const taken = (usage[i]! & TAKEN) !== 0;
      const inMemory =
        info.repr === "mem" || (info.repr === "flat" && usage[i]! !== 0 && (usage[i]! & (TAKEN | INDEXED)) !== 0);
      const kind = info.repr === "zst" && !taken ? "zst" : info.repr === "zst" || inMemory ? "mem" : "reg";
      const storage = (usage[i]! & STORAGE) !== 0;
      const param = i >= 1 && i <= body.argCount ? call.params[i - 1] : undefined;
      if (param !== undefined && kind === "reg" && !storage) {
        this.locals.push({ info, kind, slot: param.slot, offset: 0, taken, storage });
        return;
      }
      const slot = word;
      word += kind === "reg" ? info.leaves.length * SLOT : SLOT;
      let offset = 0;
      if (param !== undefined && info.repr === "mem") offset = param.offset;
      else if (i === 0 && info.repr === "mem") offset = 0;
      else if (kind === "mem") {
        offset = align16(memory);
        memory = offset + info.size;
        if (memory > LARGEST_FRAME) throw new ResourceExhaustion(`a frame of ${memory} bytes`);
      }
      this.locals.push({ info, kind, slot, offset, taken, storage });
    });
    this.frameMemory = align16(memory);
    this.scratchBase = word;
    this.constBase = word + SCRATCH_SLOTS * SLOT;
  }

  infoOf(ty: Ty): TypeInfo {
    return this.prepared.table.of(ty);
  }

  operandInfo(operand: Operand): TypeInfo {
    return this.infoOf(operandTy(this.body, operand, this.prepared.tcx));
  }

  plan(local: Local): LocalPlan {
    const plan = this.locals[local];
    if (plan === undefined) throw bug(`no local _${local}`);
    return plan;
  }

  /** Appends an instruction, or several; the parameters are spelled out because a rest parameter would be an array each time. */
  emit(op: number, a?: number, b?: number, c?: number, d?: number, e?: number, f?: number): void {
    const { out } = this;
    out.push(op);
    if (a === undefined) return;
    out.push(a);
    if (b === undefined) return;
    out.push(b);
    if (c === undefined) return;
    out.push(c);
    if (d === undefined) return;
    out.push(d);
    if (e === undefined) return;
    out.push(e);
    if (f !== undefined) out.push(f);
  }

  /** The word of `slots` fresh scratch registers, free again at the next statement. */
  scratch(slots: number): number {
    const word = this.scratchBase + this.scratchUsed * SLOT;
    this.scratchUsed += slots;
    if (this.scratchUsed > SCRATCH_SLOTS) throw bug("a statement needs too many scratch registers");
    return word;
  }

  /** Begins a statement, or what is as independent of what came before. */
  freeScratch(): void {
    this.scratchUsed = 0;
  }

  scratchMark(): number {
    return this.scratchUsed;
  }

  scratchRelease(mark: number): void {
    this.scratchUsed = mark;
  }

  /** The register that holds a constant. */
  constant(cls: Cls, bits: bigint): number {
    let slots = this.constSlots[cls];
    if (slots === undefined) {
      slots = new Map();
      this.constSlots[cls] = slots;
    }
    const known = slots.get(bits);
    if (known !== undefined) return known;
    const words = toWords(bits);
    // Signed bytes and halves are held sign-extended.
    if (cls === 0) words[0] = (words[0]! << 24) >> 24;
    if (cls === 1) words[0] = (words[0]! << 16) >> 16;
    const isPointer = isPointerCls(cls);
    const slot = this.constBase + this.consts.length;
    this.consts.push(words[0]!, words[1]!, isPointer ? 0 : words[2]!, isPointer ? 0 : words[3]!);
    slots.set(bits, slot);
    return slot;
  }

  /** Emits the check that a local's storage is live, unless that is known. */
  checkLive(plan: LocalPlan): void {
    if (!plan.storage || this.live.has(plan)) return;
    this.emit(OP.CheckLive, plan.slot);
    this.live.add(plan);
  }

  /** Emits what the statement's moves leave behind. */
  flushDeinit(except: number, words: number): void {
    for (const slot of this.pendingDeinit) if (slot < except || slot >= except + words) this.emit(OP.Deinit, slot);
    this.pendingDeinit.length = 0;
  }

  /** Notes that a callee's frame, beginning at the next operand to be emitted, is written to. */
  outSlot(slot: number, at: number): number {
    this.outFixups.push(at);
    this.outWords = Math.max(this.outWords, slot + SLOT);
    return slot;
  }

  finish(): { consts: Int32Array; frameWords: number } {
    const frameWords = this.constBase + this.consts.length;
    return { consts: new Int32Array(this.consts), frameWords };
  }
}

/** Offsets in a frame are 32-bit. */
const LARGEST_FRAME = 2 ** 30;

const TAKEN = 1;
const INDEXED = 2;
const STORAGE = 4;

/** By local: whether its address is taken, whether more than fields are projected from it, whether it has storage statements. */
class LocalUsage {
  readonly usage: Uint8Array;
  private readonly reads: Int32Array;

  constructor(body: Body, reads: Int32Array) {
    this.usage = new Uint8Array(body.locals.length);
    this.reads = reads;
  }

  place(p: Place): void {
    for (const elem of p.projection) {
      if (elem.kind === "index") this.reads[elem.local]!++;
    }
    for (const elem of p.projection) {
      if (elem.kind === "deref") {
        this.reads[p.local]!++;
        return;
      }
      if (elem.kind !== "field") this.usage[p.local]! |= INDEXED;
    }
  }

  borrow(p: Place): void {
    this.place(p);
    if (!p.projection.some((e) => e.kind === "deref")) this.usage[p.local]! |= TAKEN;
  }

  operand(o: Operand): void {
    if (o.kind === "const") return;
    this.place(o.place);
    this.reads[o.place.local]!++;
  }

  inspect(p: Place): void {
    this.place(p);
    this.reads[p.local]!++;
  }

  rvalue(r: Rvalue): void {
    switch (r.kind) {
      case "use":
      case "repeat":
      case "cast":
      case "unary":
      case "shallowInitBox":
        this.operand(r.operand);
        break;
      case "ref":
      case "rawPtr":
        this.borrow(r.place);
        break;
      case "binary":
        this.operand(r.left);
        this.operand(r.right);
        break;
      case "discriminant":
      case "len":
        this.inspect(r.place);
        break;
      case "aggregate":
        for (const operand of r.operands) this.operand(operand);
        break;
      case "nullary":
      case "threadLocalRef":
        break;
    }
  }

  statement(s: Statement): void {
    switch (s.kind) {
      case "assign":
        this.place(s.place);
        this.rvalue(s.rvalue);
        break;
      case "setDiscriminant":
      case "deinit":
        this.place(s.place);
        break;
      case "retag":
        this.inspect(s.place);
        break;
      case "storageLive":
      case "storageDead":
        this.usage[s.local]! |= STORAGE;
        break;
      case "assume":
        this.operand(s.operand);
        break;
      case "copyNonOverlapping":
        this.operand(s.src);
        this.operand(s.dst);
        this.operand(s.count);
        break;
      case "nop":
        break;
    }
  }

  terminator(t: Terminator): void {
    switch (t.kind) {
      case "switchInt":
        this.operand(t.discr);
        break;
      case "assert":
        this.operand(t.cond);
        break;
      case "call":
        this.operand(t.func);
        for (const arg of t.args) this.operand(arg);
        this.place(t.destination);
        break;
      case "tailCall":
        this.operand(t.func);
        for (const arg of t.args) this.operand(arg);
        break;
      case "drop":
        this.borrow(t.place);
        break;
      default:
        break;
    }
  }
}

function localUsage(body: Body, reads: Int32Array): Uint8Array {
  const found = new LocalUsage(body, reads);
  for (const block of body.blocks) {
    for (const statement of block.statements) found.statement(statement);
    found.terminator(block.terminator);
  }
  return found.usage;
}

/** Compiles the body of an instance. */
export function compileBody(
  prepared: PreparedProgram,
  index: number,
  item: FnItem,
  sig: FnSig,
  body: Body,
): CompiledFn {
  // The list of a variadic function's further arguments comes last.
  const params = sig.variadic === true ? [...sig.params, vaListTy(prepared.tcx)] : sig.params;
  const call = callLayout(prepared.table, { ...sig, params });
  const cx = new BodyCx(prepared, body, call);
  const blockStart = new Int32Array(body.blocks.length);
  /** Where each statement's code starts, its block and its number. */
  const positions: number[] = [];
  positions.push(0, 0, 0);
  const protects = emitPrologue(cx, call, prepared.aliasing !== "none" && !isAdapter(item));
  body.blocks.forEach((block, b) => {
    blockStart[b] = cx.out.length;
    cx.live.clear();
    cx.assigned.clear();
    if (prepared.coverage) cx.emit(OP.Cover, b);
    block.statements.forEach((statement, s) => {
      positions.push(cx.out.length, b, s);
      cx.freeScratch();
      if (prepared.threaded) cx.emit(OP.Preempt);
      compileStatement(cx, statement);
    });
    positions.push(cx.out.length, b, block.statements.length);
    cx.freeScratch();
    compileTerminator(cx, sig, block.terminator, block.statements.length + 1);
  });
  const { consts, frameWords } = cx.finish();
  const { locals } = cx;
  const code = new Int32Array(cx.out);
  for (const at of cx.outFixups) code[at]! += frameWords;
  for (const at of cx.blockFixups) code[at] = blockStart[code[at]!]!;
  const states = new Uint8Array((cx.scratchBase - cx.stateBase) / SLOT);
  const entry: number[] = [];
  const taken: number[] = [];
  const kept: number[] = [];
  const isConst = isConstFn(item);
  cx.locals.forEach((plan, i) => {
    if (plan.taken && plan.kind === "mem") {
      if (isConst) kept.push(plan.slot, isFreeze(prepared.traits, plan.info.ty) ? 1 : 0);
      else taken.push(plan.slot);
      if (!plan.storage) entry.push(plan.slot, plan.offset, plan.info.size, plan.info.align);
    }
    if (plan.slot < cx.stateBase) return;
    const slots = plan.kind === "reg" ? plan.info.leaves.length : 1;
    const isArg = i >= 1 && i <= body.argCount;
    const state = plan.storage && !isArg ? 2 : plan.kind === "reg" ? 0 : 1;
    for (let k = 0; k < slots; k++) states[(plan.slot - cx.stateBase) / SLOT + k] = state;
  });
  return {
    index,
    item,
    name: item.name,
    sig,
    code,
    positionBase: prepared.positionBase(code.length + entry.length / 4),
    frameWords,
    outWords: cx.outWords,
    frameMemory: cx.frameMemory,
    outMemory: cx.outMemory,
    argumentsEnd: call.memory,
    constBase: cx.constBase,
    consts,
    stateBase: cx.stateBase,
    states,
    taken: new Int32Array(taken),
    kept: new Int32Array(kept),
    entryAllocations: new Int32Array(entry),
    protects,
    covered: new Uint8Array(body.blocks.length),
    localBorn: (pc) => localBorn(cx.locals, code, entry, pc),
    positionOf: (pc) => positionOf(body, positions, pc < code.length ? pc : 0),
    placeText: (block, statement) => positionText(body, block, statement),
    unreadLocal: (frame) => unreadLocal(body, locals, frame),
  };
}

/** The local with the memory that the instruction at `pc` makes, or that is made at the function's entry, by its number behind the code. */
function localBorn(
  locals: readonly LocalPlan[],
  code: Int32Array,
  entry: readonly number[],
  pc: number,
): number | undefined {
  const slot = pc >= code.length ? entry[4 * (pc - code.length)] : code[pc] === OP.LiveMem ? code[pc + 1] : undefined;
  const found = locals.findIndex((plan) => plan.kind === "mem" && plan.slot === slot);
  return found < 0 ? undefined : found;
}

function positionOf(body: Body, positions: readonly number[], pc: number): ReturnType<CompiledFn["positionOf"]> {
  let low = 0;
  let high = positions.length / 3 - 1;
  // The last statement that starts at or before `pc`; of several that start there, the one that has code.
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (positions[3 * middle]! <= pc) low = middle;
    else high = middle - 1;
  }
  const block = positions[3 * low + 1]!;
  const statement = positions[3 * low + 2]!;
  return { block, statement, span: positionSpan(body, block, statement) };
}

/**
 * Moves arguments from where the caller has put them to where the body wants them, clears the result, and retags the arguments. Answers
 * whether some are protected.
 */
function emitPrologue(cx: BodyCx, call: CallLayout, retags: boolean): boolean {
  const ret = cx.plan(0 as Local);
  let protects = false;
  if (ret.info.repr === "mem" && ret.info.size > 0) cx.emit(OP.EaLocal, ret.offset, OP.DeinitMem, ret.info.size);
  call.params.forEach((param, i) => {
    const plan = cx.plan((i + 1) as Local);
    const hasReference = retags && mayContainReference(cx.prepared.table, param.info);
    protects ||= hasReference;
    if (param.info.repr === "flat") {
      // Drop glue, which is passed a raw pointer.
      if (plan.info.ty.kind === "ptr" && param.info.ty.kind === "ref")
        cx.emit(OP.CheckValue, param.slot, param.info.index);
      if (hasReference) emitRetagRegisters(cx, param.info, param.slot, true);
      if (plan.kind === "reg") {
        if (plan.slot === param.slot) return;
        for (let k = 0; k < param.info.leaves.length; k++)
          cx.emit(OP.Mov4, plan.slot + k * SLOT, param.slot + k * SLOT);
      } else {
        cx.emit(OP.EaLocal, plan.offset);
        emitStoreLeaves(cx, param.info, param.slot);
      }
    } else if (hasReference) cx.emit(OP.EaLocal, plan.offset, OP.RetagMem, param.info.index, 1);
  });
  return protects;
}

const MOVES_AS_COPIES: Mapper = {
  operand: (operand) => (operand.kind === "move" ? { kind: "copy", place: operand.place } : operand),
};

function compileStatement(cx: BodyCx, s: Statement): void {
  switch (s.kind) {
    case "assign":
      if (cx.prepared.moves === "strict") compileAssign(cx, s.place, s.rvalue);
      else compileAssign(cx, s.place, mapRvalue(s.rvalue, MOVES_AS_COPIES), s.rvalue);
      return;
    case "setDiscriminant": {
      const place: ResolvedPlace = resolvePlace(cx, s.place);
      if (place.kind === "zst") return;
      if (place.kind === "reg") throw bug(`SetDiscriminant of ${place.info.ty.text}`);
      emitAddress(cx, place);
      cx.emit(OP.SetTag, place.info.index, s.variant);
      return;
    }
    case "deinit":
      compileDeinit(cx, s.place);
      return;
    case "retag":
      emitRetagPlace(cx, s.place);
      return;
    case "copyNonOverlapping": {
      const pointee = cx.operandInfo(s.src).ty;
      if (pointee.kind !== "ptr" && pointee.kind !== "ref") throw bug(`copy_nonoverlapping from ${pointee.text}`);
      const { size, align } = cx.infoOf(pointee.pointee);
      const [src, dst, count] = [s.src, s.dst, s.count].map((o) => operandRegister(cx, o));
      cx.emit(OP.CopyNonOverlapping, src, dst, count, size, align);
      cx.flushDeinit(-1, 0);
      return;
    }
    case "storageLive": {
      const plan = cx.plan(s.local);
      if (plan.kind === "reg") cx.emit(OP.LiveReg, plan.slot, plan.slot + plan.info.leaves.length * SLOT);
      else cx.emit(OP.LiveMem, plan.slot, plan.offset, plan.info.size, plan.taken ? plan.info.align : 0);
      cx.live.add(plan);
      return;
    }
    case "storageDead": {
      const plan = cx.plan(s.local);
      if (plan.kind === "reg") cx.emit(OP.DeadReg, plan.slot, plan.slot + plan.info.leaves.length * SLOT);
      else cx.emit(OP.DeadMem, plan.slot, plan.taken ? 1 : 0);
      cx.live.delete(plan);
      cx.assigned.delete(plan);
      return;
    }
    case "assume": {
      const info = cx.operandInfo(s.operand);
      if (info.repr !== "flat") throw bug(`an assumption of type ${info.ty.text}`);
      cx.emit(OP.Assume, operandRegister(cx, s.operand));
      cx.flushDeinit(-1, 0);
      return;
    }
    case "nop":
      return;
  }
}

function compileDeinit(cx: BodyCx, place: Place): void {
  const of = resolvePlace(cx, place);
  if (of.kind === "zst") return;
  if (of.kind === "reg") {
    for (let k = 0; k < of.info.leaves.length; k++) cx.emit(OP.Deinit, of.slot + k * SLOT);
    return;
  }
  emitAddress(cx, of, ACCESS_WRITE);
  cx.emit(OP.DeinitMem, of.info.size);
}
