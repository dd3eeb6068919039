/**
 * The machine: one loop over the bytecode of compiled bodies.
 *
 * Registers are 32-bit words in `R`, at a frame's base plus the operand; `S` holds each register's state at its first word (1
 * initialised, 0 uninitialised, 2 outside its storage). Pointers take three words: the address's two and the provenance. Memory is
 * reached through the *effective address* `ea`, which `Ea…` instructions compute and check, and `Ld…`, `St…` and the rest use.
 *
 * The numbers of the cases are those of `OPCODES` (a test compares them): V8 makes a jump table of literals only.
 */

import { bug } from "../entity/entity.ts";
import type { FnItem } from "../mir/syntax.ts";
import type { CompiledFn, PreparedProgram } from "./compile.ts";
import { EventLimit, EventLog, observeMemory, observeWords, observeZst } from "./events.ts";
import { bigToF32, bigToF64 } from "./float.ts";
import { divRem64, less64, mul64, mulOverflow64, shl64, shr64, toDoubleSigned, toDoubleUnsigned } from "./int64.ts";
import { Arith, arith128, equal128, less128, read128, write128 } from "./int128.ts";
import {
  checkDivision128,
  checkSignature,
  failDivOverflow,
  failIndex,
  failRead,
  failReads,
  failZero,
  floatToInt,
  isNanF32,
  isNanF64,
  less,
  offsetPointer,
  pointersEqual,
} from "./machine-ops.ts";
import { DEAD, FIRST_ADDRESS, FUNCTION, INIT, LIVE, Memory, NAN_BYTE, NO_PROVENANCE, WILDCARD } from "./memory.ts";
import { STATIC_TRAPS } from "./opcodes.ts";
import { activeVariant, checkBool, checkChar, copyTyped, writeTag } from "./typed-copy.ts";
import { type UbError, type UbFrame, UbTrap, Unsupported } from "./ub.ts";

export type Outcome =
  | { readonly kind: "return" }
  | { readonly kind: "panic"; readonly code: number }
  | { readonly kind: "ub"; readonly error: UbError }
  | { readonly kind: "outOfFuel" }
  | { readonly kind: "stackOverflow" }
  | { readonly kind: "eventLimit" }
  | { readonly kind: "unsupported"; readonly what: string };

/** Calls nest no deeper. */
const DEEPEST_STACK = 2000;
const REGISTER_WORDS = 1 << 20;
/** Addresses of functions, which no data has. */
const FUNCTION_ADDRESS = 0x7000_0000;

const F32_NAN = 0x7fc00000;
const F64_NAN_HIGH = 0x7ff80000;

export class Machine {
  private readonly buffer = new ArrayBuffer(REGISTER_WORDS * 4);
  private readonly R = new Int32Array(this.buffer);
  private readonly D = new Float64Array(this.buffer);
  private readonly G = new Float32Array(this.buffer);
  private readonly Q = new BigUint64Array(this.buffer);
  private readonly S = new Uint8Array(REGISTER_WORDS);
  private readonly callers: CompiledFn[] = [];
  private readonly returnPc = new Int32Array(DEEPEST_STACK);
  private readonly callerFp = new Int32Array(DEEPEST_STACK);
  private readonly callerMp = new Int32Array(DEEPEST_STACK);
  /** By function: the allocation that its pointers point to in this run, or 0. */
  private fnAllocations = new Int32Array(64);
  /** The functions that `fnAllocations` names, by allocation. */
  private readonly fnByAllocation = new Map<number, CompiledFn>();

  readonly memory: Memory = new Memory();
  readonly events: EventLog = new EventLog();
  /** Statements and terminators of the last run. */
  steps = 0;

  /** Runs the instance `entry` of `prepared`. */
  run(prepared: PreparedProgram, entry: number, fuel: number, maxEvents: number): Outcome {
    this.memory.reset();
    this.events.reset(maxEvents);
    this.fnAllocations.fill(0);
    this.fnByAllocation.clear();
    this.callers.length = 0;
    this.steps = 0;
    let compiled: CompiledFn;
    try {
      compiled = prepared.function(entry);
    } catch (error) {
      if (error instanceof Unsupported) return { kind: "unsupported", what: error.message };
      throw error;
    }
    return this.loop(prepared, compiled, fuel);
  }

  private loop(prepared: PreparedProgram, entry: CompiledFn, fuel: number): Outcome {
    const { R, S, D, G, Q, memory: m, events } = this;
    const { table } = prepared;
    let fn = entry;
    let code = fn.code;
    let pc = 0;
    let fp = 0;
    let mp = FIRST_ADDRESS;
    let depth = 0;
    let left = fuel;
    let ea = 0;
    let eaId = 0;
    try {
      const fits = fn.frameWords + fn.outWords <= REGISTER_WORDS && m.reserve(mp + fn.frameMemory + fn.outMemory);
      if (!fits) return { kind: "stackOverflow" };
      this.enter(fn, fp, mp);
      let { bytes, view, marks, markView } = m;
      for (;;) {
        switch (code[pc]) {
          case 0: {
            // Trap
            const trap = STATIC_TRAPS[code[pc + 1]!]!;
            throw new UbTrap(trap.kind, trap.message);
          }
          case 1: {
            // MovW
            const a = fp + code[pc + 2]!;
            if (S[a] !== 1) failRead(S[a]!);
            const d = fp + code[pc + 1]!;
            R[d] = R[a]!;
            S[d] = 1;
            pc += 3;
            break;
          }
          case 2: {
            // Mov2
            const a = fp + code[pc + 2]!;
            if (S[a] !== 1) failRead(S[a]!);
            const d = fp + code[pc + 1]!;
            R[d] = R[a]!;
            R[d + 1] = R[a + 1]!;
            S[d] = 1;
            pc += 3;
            break;
          }
          case 3: {
            // Mov4
            const a = fp + code[pc + 2]!;
            if (S[a] !== 1) failRead(S[a]!);
            const d = fp + code[pc + 1]!;
            R[d] = R[a]!;
            R[d + 1] = R[a + 1]!;
            R[d + 2] = R[a + 2]!;
            R[d + 3] = R[a + 3]!;
            S[d] = 1;
            pc += 3;
            break;
          }
          case 4: {
            // MovRef
            const a = fp + code[pc + 2]!;
            if (S[a] !== 1) failRead(S[a]!);
            const d = fp + code[pc + 1]!;
            m.checkReference(R[a]!, R[a + 1]!, R[a + 2]!, code[pc + 3]!, code[pc + 4]!);
            R[d] = R[a]!;
            R[d + 1] = R[a + 1]!;
            R[d + 2] = R[a + 2]!;
            S[d] = 1;
            pc += 5;
            break;
          }
          case 5: {
            // Deinit
            S[fp + code[pc + 1]!] = 0;
            pc += 2;
            break;
          }
          case 6: {
            // CheckLive
            if (S[fp + code[pc + 1]!] === 2) failRead(2);
            pc += 2;
            break;
          }
          case 7: {
            // LiveReg
            const end = fp + code[pc + 2]!;
            for (let a = fp + code[pc + 1]!; a < end; a += 4) S[a] = 0;
            pc += 3;
            break;
          }
          case 8: {
            // DeadReg
            const end = fp + code[pc + 2]!;
            for (let a = fp + code[pc + 1]!; a < end; a += 4) S[a] = 2;
            pc += 3;
            break;
          }
          case 9: {
            // LiveMem
            const a = fp + code[pc + 1]!;
            const at = mp + code[pc + 2]!;
            const size = code[pc + 3]!;
            const align = code[pc + 4]!;
            if (align !== 0) {
              if (S[a] === 1) m.state[R[a]!] = DEAD;
              R[a] = m.allocate(at, size, align, LIVE);
            }
            S[a] = 1;
            m.deinit(at, size);
            pc += 5;
            break;
          }
          case 10: {
            // DeadMem
            const a = fp + code[pc + 1]!;
            if (code[pc + 2] === 1 && S[a] === 1) m.state[R[a]!] = DEAD;
            S[a] = 2;
            pc += 3;
            break;
          }
          case 11: {
            // EaLocal
            ea = mp + code[pc + 1]!;
            eaId = 0;
            pc += 2;
            break;
          }
          case 12: {
            // EaDeref
            const a = fp + code[pc + 1]!;
            if (S[a] !== 1) failRead(S[a]!);
            const size = code[pc + 3]!;
            const lo = R[a]!;
            const hi = R[a + 1]!;
            eaId = R[a + 2]!;
            m.checkAlign(lo, hi, eaId, code[pc + 4]!);
            ea = lo + code[pc + 2]!;
            m.checkBounds(ea, hi, eaId, size);
            pc += 5;
            break;
          }
          case 13: {
            // EaPtr
            const a = fp + code[pc + 1]!;
            if (S[a] !== 1) failRead(S[a]!);
            ea = R[a]!;
            eaId = R[a + 2]!;
            m.checkAlign(ea, R[a + 1]!, eaId, code[pc + 2]!);
            // An address that high is in no allocation: the check of the access must fail.
            if (R[a + 1] !== 0) eaId = NO_PROVENANCE;
            pc += 3;
            break;
          }
          case 14: {
            // EaAdd
            ea += code[pc + 1]!;
            pc += 2;
            break;
          }
          case 15: {
            // EaIndex
            const a = fp + code[pc + 1]!;
            if (S[a] !== 1) failRead(S[a]!);
            const index = R[a]!;
            const length = code[pc + 3]!;
            if (R[a + 1] !== 0 || index >>> 0 >= length) failIndex(R, a, length);
            ea += index * code[pc + 2]!;
            pc += 4;
            break;
          }
          case 16: {
            // EaCheck
            m.checkBounds(ea, 0, eaId, code[pc + 1]!);
            pc += 2;
            break;
          }
          case 17: {
            // EaSave
            const d = fp + code[pc + 1]!;
            R[d] = ea;
            R[d + 2] = eaId;
            pc += 2;
            break;
          }
          case 18: {
            // EaLoad
            const a = fp + code[pc + 1]!;
            ea = R[a]!;
            eaId = R[a + 2]!;
            if (eaId !== 0) m.checkBounds(ea, 0, eaId, code[pc + 2]!);
            pc += 3;
            break;
          }
          case 19: {
            // LdI8
            const at = ea + code[pc + 2]!;
            if (marks[at] !== INIT) m.checkInit(at, 1);
            const d = fp + code[pc + 1]!;
            R[d] = view.getInt8(at);
            S[d] = 1;
            pc += 3;
            break;
          }
          case 20: {
            // LdU8
            const at = ea + code[pc + 2]!;
            if (marks[at] !== INIT) m.checkInit(at, 1);
            const d = fp + code[pc + 1]!;
            R[d] = bytes[at]!;
            S[d] = 1;
            pc += 3;
            break;
          }
          case 21: {
            // LdI16
            const at = ea + code[pc + 2]!;
            if (markView.getInt16(at, true) !== 0x0101) m.checkInit(at, 2);
            const d = fp + code[pc + 1]!;
            R[d] = view.getInt16(at, true);
            S[d] = 1;
            pc += 3;
            break;
          }
          case 22: {
            // LdU16
            const at = ea + code[pc + 2]!;
            if (markView.getInt16(at, true) !== 0x0101) m.checkInit(at, 2);
            const d = fp + code[pc + 1]!;
            R[d] = view.getUint16(at, true);
            S[d] = 1;
            pc += 3;
            break;
          }
          case 23: {
            // Ld32
            const at = ea + code[pc + 2]!;
            if (markView.getInt32(at, true) !== 0x01010101) m.checkInit(at, 4);
            const d = fp + code[pc + 1]!;
            R[d] = view.getInt32(at, true);
            S[d] = 1;
            pc += 3;
            break;
          }
          case 24: {
            // Ld64
            const at = ea + code[pc + 2]!;
            if (markView.getInt32(at, true) !== 0x01010101 || markView.getInt32(at + 4, true) !== 0x01010101)
              m.checkInit(at, 8);
            const d = fp + code[pc + 1]!;
            R[d] = view.getInt32(at, true);
            R[d + 1] = view.getInt32(at + 4, true);
            S[d] = 1;
            pc += 3;
            break;
          }
          case 25: {
            // Ld128
            const at = ea + code[pc + 2]!;
            m.checkInit(at, 16);
            const d = fp + code[pc + 1]!;
            R[d] = view.getInt32(at, true);
            R[d + 1] = view.getInt32(at + 4, true);
            R[d + 2] = view.getInt32(at + 8, true);
            R[d + 3] = view.getInt32(at + 12, true);
            S[d] = 1;
            pc += 3;
            break;
          }
          case 26: {
            // LdF32
            const at = ea + code[pc + 2]!;
            if (markView.getInt32(at, true) !== 0x01010101) m.checkInitFloat(at, 4);
            const d = fp + code[pc + 1]!;
            R[d] = view.getInt32(at, true);
            S[d] = 1;
            pc += 3;
            break;
          }
          case 27: {
            // LdF64
            const at = ea + code[pc + 2]!;
            if (markView.getInt32(at, true) !== 0x01010101 || markView.getInt32(at + 4, true) !== 0x01010101)
              m.checkInitFloat(at, 8);
            const d = fp + code[pc + 1]!;
            R[d] = view.getInt32(at, true);
            R[d + 1] = view.getInt32(at + 4, true);
            S[d] = 1;
            pc += 3;
            break;
          }
          case 28: {
            // LdBool
            const at = ea + code[pc + 2]!;
            if (marks[at] !== INIT) m.checkInit(at, 1);
            const d = fp + code[pc + 1]!;
            const value = bytes[at]!;
            if (value > 1) checkBool(value);
            R[d] = value;
            S[d] = 1;
            pc += 3;
            break;
          }
          case 29: {
            // LdChar
            const at = ea + code[pc + 2]!;
            if (markView.getInt32(at, true) !== 0x01010101) m.checkInit(at, 4);
            const d = fp + code[pc + 1]!;
            const value = view.getInt32(at, true);
            checkChar(value);
            R[d] = value;
            S[d] = 1;
            pc += 3;
            break;
          }
          case 30: {
            // LdPtr
            const at = ea + code[pc + 2]!;
            const d = fp + code[pc + 1]!;
            R[d + 2] = m.loadProvenance(at);
            R[d] = view.getInt32(at, true);
            R[d + 1] = view.getInt32(at + 4, true);
            S[d] = 1;
            pc += 3;
            break;
          }
          case 31: {
            // LdRef
            const at = ea + code[pc + 2]!;
            const d = fp + code[pc + 1]!;
            const id = m.loadProvenance(at);
            R[d] = view.getInt32(at, true);
            R[d + 1] = view.getInt32(at + 4, true);
            R[d + 2] = id;
            m.checkReference(R[d]!, R[d + 1]!, id, code[pc + 3]!, code[pc + 4]!);
            S[d] = 1;
            pc += 5;
            break;
          }
          case 32: {
            // LdFn
            const at = ea + code[pc + 2]!;
            const d = fp + code[pc + 1]!;
            const id = m.loadProvenance(at);
            R[d] = view.getInt32(at, true);
            R[d + 1] = view.getInt32(at + 4, true);
            R[d + 2] = id;
            m.checkFnPointer(R[d]!, R[d + 1]!, id);
            S[d] = 1;
            pc += 3;
            break;
          }
          case 33: {
            // St8
            const a = fp + code[pc + 1]!;
            if (S[a] !== 1) failRead(S[a]!);
            const at = ea + code[pc + 2]!;
            bytes[at] = R[a]!;
            marks[at] = INIT;
            pc += 3;
            break;
          }
          case 34: {
            // St16
            const a = fp + code[pc + 1]!;
            if (S[a] !== 1) failRead(S[a]!);
            const at = ea + code[pc + 2]!;
            view.setInt16(at, R[a]!, true);
            markView.setInt16(at, 0x0101, true);
            pc += 3;
            break;
          }
          case 35: {
            // St32
            const a = fp + code[pc + 1]!;
            if (S[a] !== 1) failRead(S[a]!);
            const at = ea + code[pc + 2]!;
            view.setInt32(at, R[a]!, true);
            markView.setInt32(at, 0x01010101, true);
            pc += 3;
            break;
          }
          case 36: {
            // St64
            const a = fp + code[pc + 1]!;
            if (S[a] !== 1) failRead(S[a]!);
            const at = ea + code[pc + 2]!;
            view.setInt32(at, R[a]!, true);
            view.setInt32(at + 4, R[a + 1]!, true);
            markView.setInt32(at, 0x01010101, true);
            markView.setInt32(at + 4, 0x01010101, true);
            pc += 3;
            break;
          }
          case 37: {
            // St128
            const a = fp + code[pc + 1]!;
            if (S[a] !== 1) failRead(S[a]!);
            const at = ea + code[pc + 2]!;
            for (let k = 0; k < 4; k++) {
              view.setInt32(at + 4 * k, R[a + k]!, true);
              markView.setInt32(at + 4 * k, 0x01010101, true);
            }
            pc += 3;
            break;
          }
          case 38: {
            // StF32
            const a = fp + code[pc + 1]!;
            if (S[a] !== 1) failRead(S[a]!);
            const at = ea + code[pc + 2]!;
            view.setInt32(at, R[a]!, true);
            if (isNanF32(R, a)) marks.fill(NAN_BYTE, at, at + 4);
            else markView.setInt32(at, 0x01010101, true);
            pc += 3;
            break;
          }
          case 39: {
            // StF64
            const a = fp + code[pc + 1]!;
            if (S[a] !== 1) failRead(S[a]!);
            const at = ea + code[pc + 2]!;
            view.setInt32(at, R[a]!, true);
            view.setInt32(at + 4, R[a + 1]!, true);
            if (isNanF64(R, a)) marks.fill(NAN_BYTE, at, at + 8);
            else {
              markView.setInt32(at, 0x01010101, true);
              markView.setInt32(at + 4, 0x01010101, true);
            }
            pc += 3;
            break;
          }
          case 40: {
            // StPtr
            const a = fp + code[pc + 1]!;
            if (S[a] !== 1) failRead(S[a]!);
            m.storePointer(ea + code[pc + 2]!, R[a]!, R[a + 1]!, R[a + 2]!);
            pc += 3;
            break;
          }
          case 41: {
            // CopyTyped
            const info = table.infos[code[pc + 2]!]!;
            const from = R[fp + code[pc + 1]!]!;
            if (from < ea + info.size && ea < from + info.size)
              throw new UbTrap("overlap", "an assignment between places that overlap");
            copyTyped(m, table, info, from, ea);
            pc += 3;
            break;
          }
          case 42: {
            // DeinitMem
            m.deinit(ea, code[pc + 1]!);
            pc += 2;
            break;
          }
          case 43: {
            // Repeat
            const size = code[pc + 1]!;
            const total = size * code[pc + 2]!;
            for (let done = size; done < total; ) {
              const chunk = Math.min(done, total - done);
              bytes.copyWithin(ea + done, ea, ea + chunk);
              marks.copyWithin(ea + done, ea, ea + chunk);
              m.prov.copyWithin(ea + done, ea, ea + chunk);
              done += chunk;
            }
            pc += 3;
            break;
          }
          case 44: {
            // SetTag
            const info = table.infos[code[pc + 1]!]!;
            const mem = table.memOf(info);
            if (mem.kind !== "enum") throw bug(`the tag of ${info.ty.text}`);
            writeTag(m, info, mem.tag, code[pc + 2]!, ea);
            pc += 3;
            break;
          }
          case 45: {
            // Discr
            const info = table.infos[code[pc + 2]!]!;
            const mem = table.memOf(info);
            if (mem.kind !== "enum") throw bug(`the discriminant of ${info.ty.text}`);
            const words = mem.tag.discriminants[activeVariant(m, info, mem.tag, ea)]!;
            const d = fp + code[pc + 1]!;
            if (mem.tag.discriminantCls === 0) R[d] = (words[0]! << 24) >> 24;
            else if (mem.tag.discriminantCls === 1) R[d] = (words[0]! << 16) >> 16;
            else {
              R[d] = words[0]!;
              R[d + 1] = words[1]!;
              R[d + 2] = words[2]!;
              R[d + 3] = words[3]!;
            }
            S[d] = 1;
            pc += 3;
            break;
          }
          case 46: {
            // CheckUninit
            if (!m.isUninit(R[fp + code[pc + 1]!]!, code[pc + 2]!)) {
              throw new UbTrap("protectedPlace", "the callee wrote to the return place or to a moved argument");
            }
            pc += 3;
            break;
          }
          case 47: {
            // AddrLocal
            const d = fp + code[pc + 1]!;
            const a = fp + code[pc + 2]!;
            if (S[a] === 2) failRead(2);
            R[d] = mp + code[pc + 3]!;
            R[d + 1] = 0;
            R[d + 2] = R[a]!;
            S[d] = 1;
            pc += 4;
            break;
          }
          case 48: {
            // PtrAdd
            const a = fp + code[pc + 2]!;
            if (S[a] !== 1) failRead(S[a]!);
            const d = fp + code[pc + 1]!;
            offsetPointer(m, R, d, a, code[pc + 3]!);
            S[d] = 1;
            pc += 4;
            break;
          }
          case 49: {
            // PtrIndex
            const a = fp + code[pc + 2]!;
            if (S[a] !== 1) failRead(S[a]!);
            const i = fp + code[pc + 3]!;
            if (S[i] !== 1) failRead(S[i]!);
            const length = code[pc + 5]!;
            if (R[i + 1] !== 0 || R[i]! >>> 0 >= length) failIndex(R, i, length);
            const d = fp + code[pc + 1]!;
            offsetPointer(m, R, d, a, R[i]! * code[pc + 4]!);
            S[d] = 1;
            pc += 6;
            break;
          }
          case 50: {
            // CheckRef
            const a = fp + code[pc + 1]!;
            m.checkReference(R[a]!, R[a + 1]!, R[a + 2]!, code[pc + 2]!, code[pc + 3]!);
            pc += 4;
            break;
          }
          case 51: {
            // AddS
            const a = fp + code[pc + 2]!;
            const b = fp + code[pc + 3]!;
            if ((S[a]! & S[b]!) !== 1) failReads(S[a]!, S[b]!);
            const d = fp + code[pc + 1]!;
            const sh = code[pc + 4]!;
            R[d] = ((R[a]! + R[b]!) << sh) >> sh;
            S[d] = 1;
            pc += 5;
            break;
          }
          case 52: {
            // AddU
            const a = fp + code[pc + 2]!;
            const b = fp + code[pc + 3]!;
            if ((S[a]! & S[b]!) !== 1) failReads(S[a]!, S[b]!);
            const d = fp + code[pc + 1]!;
            const sh = code[pc + 4]!;
            R[d] = ((R[a]! + R[b]!) << sh) >>> sh;
            S[d] = 1;
            pc += 5;
            break;
          }
          case 53: {
            // SubS
            const a = fp + code[pc + 2]!;
            const b = fp + code[pc + 3]!;
            if ((S[a]! & S[b]!) !== 1) failReads(S[a]!, S[b]!);
            const d = fp + code[pc + 1]!;
            const sh = code[pc + 4]!;
            R[d] = ((R[a]! - R[b]!) << sh) >> sh;
            S[d] = 1;
            pc += 5;
            break;
          }
          case 54: {
            // SubU
            const a = fp + code[pc + 2]!;
            const b = fp + code[pc + 3]!;
            if ((S[a]! & S[b]!) !== 1) failReads(S[a]!, S[b]!);
            const d = fp + code[pc + 1]!;
            const sh = code[pc + 4]!;
            R[d] = ((R[a]! - R[b]!) << sh) >>> sh;
            S[d] = 1;
            pc += 5;
            break;
          }
          case 55: {
            // MulS
            const a = fp + code[pc + 2]!;
            const b = fp + code[pc + 3]!;
            if ((S[a]! & S[b]!) !== 1) failReads(S[a]!, S[b]!);
            const d = fp + code[pc + 1]!;
            const sh = code[pc + 4]!;
            R[d] = (Math.imul(R[a]!, R[b]!) << sh) >> sh;
            S[d] = 1;
            pc += 5;
            break;
          }
          case 56: {
            // MulU
            const a = fp + code[pc + 2]!;
            const b = fp + code[pc + 3]!;
            if ((S[a]! & S[b]!) !== 1) failReads(S[a]!, S[b]!);
            const d = fp + code[pc + 1]!;
            const sh = code[pc + 4]!;
            R[d] = (Math.imul(R[a]!, R[b]!) << sh) >>> sh;
            S[d] = 1;
            pc += 5;
            break;
          }
          case 57: {
            // AddOS
            const a = fp + code[pc + 2]!;
            const b = fp + code[pc + 3]!;
            if ((S[a]! & S[b]!) !== 1) failReads(S[a]!, S[b]!);
            const d = fp + code[pc + 1]!;
            const sh = code[pc + 4]!;
            const exact = R[a]! + R[b]!;
            const value = (exact << sh) >> sh;
            R[d] = value;
            R[d + 4] = value === exact ? 0 : 1;
            S[d] = 1;
            S[d + 4] = 1;
            pc += 5;
            break;
          }
          case 58: {
            // AddOU
            const a = fp + code[pc + 2]!;
            const b = fp + code[pc + 3]!;
            if ((S[a]! & S[b]!) !== 1) failReads(S[a]!, S[b]!);
            const d = fp + code[pc + 1]!;
            const sh = code[pc + 4]!;
            const exact = (R[a]! >>> 0) + (R[b]! >>> 0);
            const value = (exact << sh) >>> sh;
            R[d] = value;
            R[d + 4] = value === exact ? 0 : 1;
            S[d] = 1;
            S[d + 4] = 1;
            pc += 5;
            break;
          }
          case 59: {
            // SubOS
            const a = fp + code[pc + 2]!;
            const b = fp + code[pc + 3]!;
            if ((S[a]! & S[b]!) !== 1) failReads(S[a]!, S[b]!);
            const d = fp + code[pc + 1]!;
            const sh = code[pc + 4]!;
            const exact = R[a]! - R[b]!;
            const value = (exact << sh) >> sh;
            R[d] = value;
            R[d + 4] = value === exact ? 0 : 1;
            S[d] = 1;
            S[d + 4] = 1;
            pc += 5;
            break;
          }
          case 60: {
            // SubOU
            const a = fp + code[pc + 2]!;
            const b = fp + code[pc + 3]!;
            if ((S[a]! & S[b]!) !== 1) failReads(S[a]!, S[b]!);
            const d = fp + code[pc + 1]!;
            const sh = code[pc + 4]!;
            const exact = (R[a]! >>> 0) - (R[b]! >>> 0);
            const value = (exact << sh) >>> sh;
            R[d] = value;
            R[d + 4] = value === exact ? 0 : 1;
            S[d] = 1;
            S[d + 4] = 1;
            pc += 5;
            break;
          }
          case 61: {
            // MulOS
            const a = fp + code[pc + 2]!;
            const b = fp + code[pc + 3]!;
            if ((S[a]! & S[b]!) !== 1) failReads(S[a]!, S[b]!);
            const d = fp + code[pc + 1]!;
            const sh = code[pc + 4]!;
            // The double may be rounded, but then it is far out of range.
            const near = R[a]! * R[b]!;
            const value = (Math.imul(R[a]!, R[b]!) << sh) >> sh;
            R[d] = value;
            R[d + 4] = value === near ? 0 : 1;
            S[d] = 1;
            S[d + 4] = 1;
            pc += 5;
            break;
          }
          case 62: {
            // MulOU
            const a = fp + code[pc + 2]!;
            const b = fp + code[pc + 3]!;
            if ((S[a]! & S[b]!) !== 1) failReads(S[a]!, S[b]!);
            const d = fp + code[pc + 1]!;
            const sh = code[pc + 4]!;
            const near = (R[a]! >>> 0) * (R[b]! >>> 0);
            const value = (Math.imul(R[a]!, R[b]!) << sh) >>> sh;
            R[d] = value;
            R[d + 4] = value === near ? 0 : 1;
            S[d] = 1;
            S[d + 4] = 1;
            pc += 5;
            break;
          }
          case 63: // DivS
          case 65: {
            // RemS
            const a = fp + code[pc + 2]!;
            const b = fp + code[pc + 3]!;
            if ((S[a]! & S[b]!) !== 1) failReads(S[a]!, S[b]!);
            const x = R[a]!;
            const y = R[b]!;
            if (y === 0) failZero();
            if (y === -1 && x === -0x80000000 >> code[pc + 4]!) failDivOverflow();
            const d = fp + code[pc + 1]!;
            R[d] = code[pc] === 63 /* DivS */ ? (x / y) | 0 : x % y;
            S[d] = 1;
            pc += 5;
            break;
          }
          case 64: // DivU
          case 66: {
            // RemU
            const a = fp + code[pc + 2]!;
            const b = fp + code[pc + 3]!;
            if ((S[a]! & S[b]!) !== 1) failReads(S[a]!, S[b]!);
            const x = R[a]! >>> 0;
            const y = R[b]! >>> 0;
            if (y === 0) failZero();
            const d = fp + code[pc + 1]!;
            R[d] = code[pc] === 64 /* DivU */ ? (x / y) >>> 0 : x % y;
            S[d] = 1;
            pc += 5;
            break;
          }
          case 67: {
            // And1
            const a = fp + code[pc + 2]!;
            const b = fp + code[pc + 3]!;
            if ((S[a]! & S[b]!) !== 1) failReads(S[a]!, S[b]!);
            const d = fp + code[pc + 1]!;
            R[d] = R[a]! & R[b]!;
            S[d] = 1;
            pc += 4;
            break;
          }
          case 68: {
            // And2
            const a = fp + code[pc + 2]!;
            const b = fp + code[pc + 3]!;
            if ((S[a]! & S[b]!) !== 1) failReads(S[a]!, S[b]!);
            const d = fp + code[pc + 1]!;
            R[d] = R[a]! & R[b]!;
            R[d + 1] = R[a + 1]! & R[b + 1]!;
            S[d] = 1;
            pc += 4;
            break;
          }
          case 69: {
            // And4
            const a = fp + code[pc + 2]!;
            const b = fp + code[pc + 3]!;
            if ((S[a]! & S[b]!) !== 1) failReads(S[a]!, S[b]!);
            const d = fp + code[pc + 1]!;
            for (let k = 0; k < 4; k++) R[d + k] = R[a + k]! & R[b + k]!;
            S[d] = 1;
            pc += 4;
            break;
          }
          case 70: {
            // Or1
            const a = fp + code[pc + 2]!;
            const b = fp + code[pc + 3]!;
            if ((S[a]! & S[b]!) !== 1) failReads(S[a]!, S[b]!);
            const d = fp + code[pc + 1]!;
            R[d] = R[a]! | R[b]!;
            S[d] = 1;
            pc += 4;
            break;
          }
          case 71: {
            // Or2
            const a = fp + code[pc + 2]!;
            const b = fp + code[pc + 3]!;
            if ((S[a]! & S[b]!) !== 1) failReads(S[a]!, S[b]!);
            const d = fp + code[pc + 1]!;
            R[d] = R[a]! | R[b]!;
            R[d + 1] = R[a + 1]! | R[b + 1]!;
            S[d] = 1;
            pc += 4;
            break;
          }
          case 72: {
            // Or4
            const a = fp + code[pc + 2]!;
            const b = fp + code[pc + 3]!;
            if ((S[a]! & S[b]!) !== 1) failReads(S[a]!, S[b]!);
            const d = fp + code[pc + 1]!;
            for (let k = 0; k < 4; k++) R[d + k] = R[a + k]! | R[b + k]!;
            S[d] = 1;
            pc += 4;
            break;
          }
          case 73: {
            // Xor1
            const a = fp + code[pc + 2]!;
            const b = fp + code[pc + 3]!;
            if ((S[a]! & S[b]!) !== 1) failReads(S[a]!, S[b]!);
            const d = fp + code[pc + 1]!;
            R[d] = R[a]! ^ R[b]!;
            S[d] = 1;
            pc += 4;
            break;
          }
          case 74: {
            // Xor2
            const a = fp + code[pc + 2]!;
            const b = fp + code[pc + 3]!;
            if ((S[a]! & S[b]!) !== 1) failReads(S[a]!, S[b]!);
            const d = fp + code[pc + 1]!;
            R[d] = R[a]! ^ R[b]!;
            R[d + 1] = R[a + 1]! ^ R[b + 1]!;
            S[d] = 1;
            pc += 4;
            break;
          }
          case 75: {
            // Xor4
            const a = fp + code[pc + 2]!;
            const b = fp + code[pc + 3]!;
            if ((S[a]! & S[b]!) !== 1) failReads(S[a]!, S[b]!);
            const d = fp + code[pc + 1]!;
            for (let k = 0; k < 4; k++) R[d + k] = R[a + k]! ^ R[b + k]!;
            S[d] = 1;
            pc += 4;
            break;
          }
          case 76: // NotS
          case 77: {
            // NotU
            const a = fp + code[pc + 2]!;
            if (S[a] !== 1) failRead(S[a]!);
            const d = fp + code[pc + 1]!;
            const sh = code[pc + 3]!;
            R[d] = code[pc] === 76 /* NotS */ ? ~R[a]! : (~R[a]! << sh) >>> sh;
            S[d] = 1;
            pc += 4;
            break;
          }
          case 78: {
            // NotBool
            const a = fp + code[pc + 2]!;
            if (S[a] !== 1) failRead(S[a]!);
            const d = fp + code[pc + 1]!;
            R[d] = R[a]! ^ 1;
            S[d] = 1;
            pc += 3;
            break;
          }
          case 79: {
            // Not2
            const a = fp + code[pc + 2]!;
            if (S[a] !== 1) failRead(S[a]!);
            const d = fp + code[pc + 1]!;
            R[d] = ~R[a]!;
            R[d + 1] = ~R[a + 1]!;
            S[d] = 1;
            pc += 3;
            break;
          }
          case 80: {
            // Not4
            const a = fp + code[pc + 2]!;
            if (S[a] !== 1) failRead(S[a]!);
            const d = fp + code[pc + 1]!;
            for (let k = 0; k < 4; k++) R[d + k] = ~R[a + k]!;
            S[d] = 1;
            pc += 3;
            break;
          }
          case 81: {
            // NegS
            const a = fp + code[pc + 2]!;
            if (S[a] !== 1) failRead(S[a]!);
            const d = fp + code[pc + 1]!;
            const sh = code[pc + 3]!;
            R[d] = (-R[a]! << sh) >> sh;
            S[d] = 1;
            pc += 4;
            break;
          }
          case 82: {
            // Neg2
            const a = fp + code[pc + 2]!;
            if (S[a] !== 1) failRead(S[a]!);
            const d = fp + code[pc + 1]!;
            const lo = R[a]!;
            R[d] = -lo;
            R[d + 1] = ~R[a + 1]! + (lo === 0 ? 1 : 0);
            S[d] = 1;
            pc += 3;
            break;
          }
          case 83: {
            // Neg4
            const a = fp + code[pc + 2]!;
            if (S[a] !== 1) failRead(S[a]!);
            const d = fp + code[pc + 1]!;
            write128(Q, d, -read128(Q, a, true));
            S[d] = 1;
            pc += 3;
            break;
          }
          case 84: // ShlS
          case 85: {
            // ShlU
            const a = fp + code[pc + 2]!;
            const b = fp + code[pc + 3]!;
            if ((S[a]! & S[b]!) !== 1) failReads(S[a]!, S[b]!);
            const d = fp + code[pc + 1]!;
            const sh = code[pc + 4]!;
            const shifted = (R[a]! << (R[b]! & (31 - sh))) << sh;
            R[d] = code[pc] === 84 /* ShlS */ ? shifted >> sh : shifted >>> sh;
            S[d] = 1;
            pc += 5;
            break;
          }
          case 86: {
            // ShrS
            const a = fp + code[pc + 2]!;
            const b = fp + code[pc + 3]!;
            if ((S[a]! & S[b]!) !== 1) failReads(S[a]!, S[b]!);
            const d = fp + code[pc + 1]!;
            R[d] = R[a]! >> (R[b]! & (31 - code[pc + 4]!));
            S[d] = 1;
            pc += 5;
            break;
          }
          case 87: {
            // ShrU
            const a = fp + code[pc + 2]!;
            const b = fp + code[pc + 3]!;
            if ((S[a]! & S[b]!) !== 1) failReads(S[a]!, S[b]!);
            const d = fp + code[pc + 1]!;
            R[d] = R[a]! >>> (R[b]! & (31 - code[pc + 4]!));
            S[d] = 1;
            pc += 5;
            break;
          }
          case 88: {
            // ShCheck
            const b = fp + code[pc + 1]!;
            if (S[b] !== 1) failRead(S[b]!);
            const words = code[pc + 2]!;
            let high = 0;
            for (let k = 1; k < words; k++) high |= R[b + k]!;
            if (high !== 0 || R[b]! >>> 0 >= code[pc + 3]!)
              throw new UbTrap("shiftOverflow", "an unchecked shift by the width or more");
            pc += 4;
            break;
          }
          case 89: {
            // Eq1
            const a = fp + code[pc + 2]!;
            const b = fp + code[pc + 3]!;
            if ((S[a]! & S[b]!) !== 1) failReads(S[a]!, S[b]!);
            const d = fp + code[pc + 1]!;
            R[d] = R[a] === R[b] ? 1 : 0;
            S[d] = 1;
            pc += 4;
            break;
          }
          case 90: {
            // Ne1
            const a = fp + code[pc + 2]!;
            const b = fp + code[pc + 3]!;
            if ((S[a]! & S[b]!) !== 1) failReads(S[a]!, S[b]!);
            const d = fp + code[pc + 1]!;
            R[d] = R[a] !== R[b] ? 1 : 0;
            S[d] = 1;
            pc += 4;
            break;
          }
          case 91: {
            // LtS1
            const a = fp + code[pc + 2]!;
            const b = fp + code[pc + 3]!;
            if ((S[a]! & S[b]!) !== 1) failReads(S[a]!, S[b]!);
            const d = fp + code[pc + 1]!;
            R[d] = R[a]! < R[b]! ? 1 : 0;
            S[d] = 1;
            pc += 4;
            break;
          }
          case 92: {
            // LeS1
            const a = fp + code[pc + 2]!;
            const b = fp + code[pc + 3]!;
            if ((S[a]! & S[b]!) !== 1) failReads(S[a]!, S[b]!);
            const d = fp + code[pc + 1]!;
            R[d] = R[a]! <= R[b]! ? 1 : 0;
            S[d] = 1;
            pc += 4;
            break;
          }
          case 93: {
            // LtU1
            const a = fp + code[pc + 2]!;
            const b = fp + code[pc + 3]!;
            if ((S[a]! & S[b]!) !== 1) failReads(S[a]!, S[b]!);
            const d = fp + code[pc + 1]!;
            R[d] = R[a]! >>> 0 < R[b]! >>> 0 ? 1 : 0;
            S[d] = 1;
            pc += 4;
            break;
          }
          case 94: {
            // LeU1
            const a = fp + code[pc + 2]!;
            const b = fp + code[pc + 3]!;
            if ((S[a]! & S[b]!) !== 1) failReads(S[a]!, S[b]!);
            const d = fp + code[pc + 1]!;
            R[d] = R[a]! >>> 0 <= R[b]! >>> 0 ? 1 : 0;
            S[d] = 1;
            pc += 4;
            break;
          }
          case 95: {
            // Eq2
            const a = fp + code[pc + 2]!;
            const b = fp + code[pc + 3]!;
            if ((S[a]! & S[b]!) !== 1) failReads(S[a]!, S[b]!);
            const d = fp + code[pc + 1]!;
            R[d] = R[a] === R[b] && R[a + 1] === R[b + 1] ? 1 : 0;
            S[d] = 1;
            pc += 4;
            break;
          }
          case 96: {
            // Ne2
            const a = fp + code[pc + 2]!;
            const b = fp + code[pc + 3]!;
            if ((S[a]! & S[b]!) !== 1) failReads(S[a]!, S[b]!);
            const d = fp + code[pc + 1]!;
            R[d] = R[a] !== R[b] || R[a + 1] !== R[b + 1] ? 1 : 0;
            S[d] = 1;
            pc += 4;
            break;
          }
          case 97: {
            // LtS2
            const a = fp + code[pc + 2]!;
            const b = fp + code[pc + 3]!;
            if ((S[a]! & S[b]!) !== 1) failReads(S[a]!, S[b]!);
            const d = fp + code[pc + 1]!;
            R[d] = less64(R, a, b, true) ? 1 : 0;
            S[d] = 1;
            pc += 4;
            break;
          }
          case 98: {
            // LeS2
            const a = fp + code[pc + 2]!;
            const b = fp + code[pc + 3]!;
            if ((S[a]! & S[b]!) !== 1) failReads(S[a]!, S[b]!);
            const d = fp + code[pc + 1]!;
            R[d] = !less64(R, b, a, true) ? 1 : 0;
            S[d] = 1;
            pc += 4;
            break;
          }
          case 99: {
            // LtU2
            const a = fp + code[pc + 2]!;
            const b = fp + code[pc + 3]!;
            if ((S[a]! & S[b]!) !== 1) failReads(S[a]!, S[b]!);
            const d = fp + code[pc + 1]!;
            R[d] = less64(R, a, b, false) ? 1 : 0;
            S[d] = 1;
            pc += 4;
            break;
          }
          case 100: {
            // LeU2
            const a = fp + code[pc + 2]!;
            const b = fp + code[pc + 3]!;
            if ((S[a]! & S[b]!) !== 1) failReads(S[a]!, S[b]!);
            const d = fp + code[pc + 1]!;
            R[d] = !less64(R, b, a, false) ? 1 : 0;
            S[d] = 1;
            pc += 4;
            break;
          }
          case 101: {
            // Eq4
            const a = fp + code[pc + 2]!;
            const b = fp + code[pc + 3]!;
            if ((S[a]! & S[b]!) !== 1) failReads(S[a]!, S[b]!);
            const d = fp + code[pc + 1]!;
            R[d] = equal128(R, a, b) ? 1 : 0;
            S[d] = 1;
            pc += 4;
            break;
          }
          case 102: {
            // Ne4
            const a = fp + code[pc + 2]!;
            const b = fp + code[pc + 3]!;
            if ((S[a]! & S[b]!) !== 1) failReads(S[a]!, S[b]!);
            const d = fp + code[pc + 1]!;
            R[d] = !equal128(R, a, b) ? 1 : 0;
            S[d] = 1;
            pc += 4;
            break;
          }
          case 103: {
            // LtS4
            const a = fp + code[pc + 2]!;
            const b = fp + code[pc + 3]!;
            if ((S[a]! & S[b]!) !== 1) failReads(S[a]!, S[b]!);
            const d = fp + code[pc + 1]!;
            R[d] = less128(R, a, b, true) ? 1 : 0;
            S[d] = 1;
            pc += 4;
            break;
          }
          case 104: {
            // LeS4
            const a = fp + code[pc + 2]!;
            const b = fp + code[pc + 3]!;
            if ((S[a]! & S[b]!) !== 1) failReads(S[a]!, S[b]!);
            const d = fp + code[pc + 1]!;
            R[d] = !less128(R, b, a, true) ? 1 : 0;
            S[d] = 1;
            pc += 4;
            break;
          }
          case 105: {
            // LtU4
            const a = fp + code[pc + 2]!;
            const b = fp + code[pc + 3]!;
            if ((S[a]! & S[b]!) !== 1) failReads(S[a]!, S[b]!);
            const d = fp + code[pc + 1]!;
            R[d] = less128(R, a, b, false) ? 1 : 0;
            S[d] = 1;
            pc += 4;
            break;
          }
          case 106: {
            // LeU4
            const a = fp + code[pc + 2]!;
            const b = fp + code[pc + 3]!;
            if ((S[a]! & S[b]!) !== 1) failReads(S[a]!, S[b]!);
            const d = fp + code[pc + 1]!;
            R[d] = !less128(R, b, a, false) ? 1 : 0;
            S[d] = 1;
            pc += 4;
            break;
          }
          case 107: {
            // Cmp
            const a = fp + code[pc + 2]!;
            const b = fp + code[pc + 3]!;
            if ((S[a]! & S[b]!) !== 1) failReads(S[a]!, S[b]!);
            const d = fp + code[pc + 1]!;
            const words = code[pc + 4]!;
            const signed = code[pc + 5] === 1;
            R[d] = less(R, a, b, words, signed) ? -1 : less(R, b, a, words, signed) ? 1 : 0;
            S[d] = 1;
            pc += 6;
            break;
          }
          case 108: {
            // Add2
            const a = fp + code[pc + 2]!;
            const b = fp + code[pc + 3]!;
            if ((S[a]! & S[b]!) !== 1) failReads(S[a]!, S[b]!);
            const d = fp + code[pc + 1]!;
            const lo = (R[a]! >>> 0) + (R[b]! >>> 0);
            R[d + 1] = R[a + 1]! + R[b + 1]! + (lo > 0xffffffff ? 1 : 0);
            R[d] = lo;
            S[d] = 1;
            pc += 4;
            break;
          }
          case 109: {
            // Sub2
            const a = fp + code[pc + 2]!;
            const b = fp + code[pc + 3]!;
            if ((S[a]! & S[b]!) !== 1) failReads(S[a]!, S[b]!);
            const d = fp + code[pc + 1]!;
            const lo = (R[a]! >>> 0) - (R[b]! >>> 0);
            R[d + 1] = R[a + 1]! - R[b + 1]! - (lo < 0 ? 1 : 0);
            R[d] = lo;
            S[d] = 1;
            pc += 4;
            break;
          }
          case 110: {
            // Mul2
            const a = fp + code[pc + 2]!;
            const b = fp + code[pc + 3]!;
            if ((S[a]! & S[b]!) !== 1) failReads(S[a]!, S[b]!);
            const d = fp + code[pc + 1]!;
            mul64(R, d, a, b);
            S[d] = 1;
            pc += 4;
            break;
          }
          case 111: {
            // AddOS2
            const a = fp + code[pc + 2]!;
            const b = fp + code[pc + 3]!;
            if ((S[a]! & S[b]!) !== 1) failReads(S[a]!, S[b]!);
            const d = fp + code[pc + 1]!;
            const lo = (R[a]! >>> 0) + (R[b]! >>> 0);
            const x = R[a + 1]!;
            const y = R[b + 1]!;
            const hi = (x + y + (lo > 0xffffffff ? 1 : 0)) | 0;
            R[d] = lo;
            R[d + 1] = hi;
            R[d + 4] = ((x ^ hi) & (y ^ hi)) >>> 31;
            S[d] = 1;
            S[d + 4] = 1;
            pc += 4;
            break;
          }
          case 112: {
            // AddOU2
            const a = fp + code[pc + 2]!;
            const b = fp + code[pc + 3]!;
            if ((S[a]! & S[b]!) !== 1) failReads(S[a]!, S[b]!);
            const d = fp + code[pc + 1]!;
            const lo = (R[a]! >>> 0) + (R[b]! >>> 0);
            const hi = (R[a + 1]! >>> 0) + (R[b + 1]! >>> 0) + (lo > 0xffffffff ? 1 : 0);
            R[d] = lo;
            R[d + 1] = hi;
            R[d + 4] = hi > 0xffffffff ? 1 : 0;
            S[d] = 1;
            S[d + 4] = 1;
            pc += 4;
            break;
          }
          case 113: {
            // SubOS2
            const a = fp + code[pc + 2]!;
            const b = fp + code[pc + 3]!;
            if ((S[a]! & S[b]!) !== 1) failReads(S[a]!, S[b]!);
            const d = fp + code[pc + 1]!;
            const lo = (R[a]! >>> 0) - (R[b]! >>> 0);
            const x = R[a + 1]!;
            const y = R[b + 1]!;
            const hi = (x - y - (lo < 0 ? 1 : 0)) | 0;
            R[d] = lo;
            R[d + 1] = hi;
            R[d + 4] = ((x ^ y) & (x ^ hi)) >>> 31;
            S[d] = 1;
            S[d + 4] = 1;
            pc += 4;
            break;
          }
          case 114: {
            // SubOU2
            const a = fp + code[pc + 2]!;
            const b = fp + code[pc + 3]!;
            if ((S[a]! & S[b]!) !== 1) failReads(S[a]!, S[b]!);
            const d = fp + code[pc + 1]!;
            const lo = (R[a]! >>> 0) - (R[b]! >>> 0);
            const hi = (R[a + 1]! >>> 0) - (R[b + 1]! >>> 0) - (lo < 0 ? 1 : 0);
            R[d] = lo;
            R[d + 1] = hi;
            R[d + 4] = hi < 0 ? 1 : 0;
            S[d] = 1;
            S[d + 4] = 1;
            pc += 4;
            break;
          }
          case 115: {
            // MulO2
            const a = fp + code[pc + 2]!;
            const b = fp + code[pc + 3]!;
            if ((S[a]! & S[b]!) !== 1) failReads(S[a]!, S[b]!);
            const d = fp + code[pc + 1]!;
            R[d + 4] = mulOverflow64(R, Q, d, a, b, code[pc + 4] === 1);
            S[d] = 1;
            S[d + 4] = 1;
            pc += 5;
            break;
          }
          case 116: {
            // DivRem2
            const a = fp + code[pc + 2]!;
            const b = fp + code[pc + 3]!;
            if ((S[a]! & S[b]!) !== 1) failReads(S[a]!, S[b]!);
            const signed = code[pc + 4] === 1;
            if (R[b] === 0 && R[b + 1] === 0) failZero();
            if (signed && R[b] === -1 && R[b + 1] === -1 && R[a] === 0 && R[a + 1] === -0x80000000) failDivOverflow();
            const d = fp + code[pc + 1]!;
            divRem64(R, Q, d, a, b, signed, code[pc + 5] === 1);
            S[d] = 1;
            pc += 6;
            break;
          }
          case 117: {
            // Shl2
            const a = fp + code[pc + 2]!;
            const b = fp + code[pc + 3]!;
            if ((S[a]! & S[b]!) !== 1) failReads(S[a]!, S[b]!);
            const d = fp + code[pc + 1]!;
            shl64(R, d, a, R[b]! & 63);
            S[d] = 1;
            pc += 4;
            break;
          }
          case 118: {
            // Shr2
            const a = fp + code[pc + 2]!;
            const b = fp + code[pc + 3]!;
            if ((S[a]! & S[b]!) !== 1) failReads(S[a]!, S[b]!);
            const d = fp + code[pc + 1]!;
            shr64(R, d, a, R[b]! & 63, code[pc + 4] === 1);
            S[d] = 1;
            pc += 5;
            break;
          }
          case 119: // Arith4
          case 120: {
            // ArithO4
            const a = fp + code[pc + 2]!;
            const b = fp + code[pc + 3]!;
            if ((S[a]! & S[b]!) !== 1) failReads(S[a]!, S[b]!);
            const op = code[pc + 4]!;
            const signed = code[pc + 5] === 1;
            if (op === Arith.DIV || op === Arith.REM) checkDivision128(R, a, b, signed);
            const d = fp + code[pc + 1]!;
            const overflow = arith128(R, Q, op, d, a, b, signed);
            if (code[pc] === 120 /* ArithO4 */) {
              R[d + 4] = overflow;
              S[d + 4] = 1;
            }
            S[d] = 1;
            pc += 6;
            break;
          }
          case 121: {
            // AddF64
            const a = fp + code[pc + 2]!;
            const b = fp + code[pc + 3]!;
            if ((S[a]! & S[b]!) !== 1) failReads(S[a]!, S[b]!);
            const d = fp + code[pc + 1]!;
            const value = D[a >> 1]! + D[b >> 1]!;
            if (Number.isNaN(value)) {
              R[d] = 0;
              R[d + 1] = F64_NAN_HIGH;
            } else D[d >> 1] = value;
            S[d] = 1;
            pc += 4;
            break;
          }
          case 127: {
            // AddF32
            const a = fp + code[pc + 2]!;
            const b = fp + code[pc + 3]!;
            if ((S[a]! & S[b]!) !== 1) failReads(S[a]!, S[b]!);
            const d = fp + code[pc + 1]!;
            const value = G[a]! + G[b]!;
            if (Number.isNaN(value)) R[d] = F32_NAN;
            else G[d] = value;
            S[d] = 1;
            pc += 4;
            break;
          }
          case 122: {
            // SubF64
            const a = fp + code[pc + 2]!;
            const b = fp + code[pc + 3]!;
            if ((S[a]! & S[b]!) !== 1) failReads(S[a]!, S[b]!);
            const d = fp + code[pc + 1]!;
            const value = D[a >> 1]! - D[b >> 1]!;
            if (Number.isNaN(value)) {
              R[d] = 0;
              R[d + 1] = F64_NAN_HIGH;
            } else D[d >> 1] = value;
            S[d] = 1;
            pc += 4;
            break;
          }
          case 128: {
            // SubF32
            const a = fp + code[pc + 2]!;
            const b = fp + code[pc + 3]!;
            if ((S[a]! & S[b]!) !== 1) failReads(S[a]!, S[b]!);
            const d = fp + code[pc + 1]!;
            const value = G[a]! - G[b]!;
            if (Number.isNaN(value)) R[d] = F32_NAN;
            else G[d] = value;
            S[d] = 1;
            pc += 4;
            break;
          }
          case 123: {
            // MulF64
            const a = fp + code[pc + 2]!;
            const b = fp + code[pc + 3]!;
            if ((S[a]! & S[b]!) !== 1) failReads(S[a]!, S[b]!);
            const d = fp + code[pc + 1]!;
            const value = D[a >> 1]! * D[b >> 1]!;
            if (Number.isNaN(value)) {
              R[d] = 0;
              R[d + 1] = F64_NAN_HIGH;
            } else D[d >> 1] = value;
            S[d] = 1;
            pc += 4;
            break;
          }
          case 129: {
            // MulF32
            const a = fp + code[pc + 2]!;
            const b = fp + code[pc + 3]!;
            if ((S[a]! & S[b]!) !== 1) failReads(S[a]!, S[b]!);
            const d = fp + code[pc + 1]!;
            const value = G[a]! * G[b]!;
            if (Number.isNaN(value)) R[d] = F32_NAN;
            else G[d] = value;
            S[d] = 1;
            pc += 4;
            break;
          }
          case 124: {
            // DivF64
            const a = fp + code[pc + 2]!;
            const b = fp + code[pc + 3]!;
            if ((S[a]! & S[b]!) !== 1) failReads(S[a]!, S[b]!);
            const d = fp + code[pc + 1]!;
            const value = D[a >> 1]! / D[b >> 1]!;
            if (Number.isNaN(value)) {
              R[d] = 0;
              R[d + 1] = F64_NAN_HIGH;
            } else D[d >> 1] = value;
            S[d] = 1;
            pc += 4;
            break;
          }
          case 130: {
            // DivF32
            const a = fp + code[pc + 2]!;
            const b = fp + code[pc + 3]!;
            if ((S[a]! & S[b]!) !== 1) failReads(S[a]!, S[b]!);
            const d = fp + code[pc + 1]!;
            const value = G[a]! / G[b]!;
            if (Number.isNaN(value)) R[d] = F32_NAN;
            else G[d] = value;
            S[d] = 1;
            pc += 4;
            break;
          }
          case 125: {
            // RemF64
            const a = fp + code[pc + 2]!;
            const b = fp + code[pc + 3]!;
            if ((S[a]! & S[b]!) !== 1) failReads(S[a]!, S[b]!);
            const d = fp + code[pc + 1]!;
            const value = D[a >> 1]! % D[b >> 1]!;
            if (Number.isNaN(value)) {
              R[d] = 0;
              R[d + 1] = F64_NAN_HIGH;
            } else D[d >> 1] = value;
            S[d] = 1;
            pc += 4;
            break;
          }
          case 131: {
            // RemF32
            const a = fp + code[pc + 2]!;
            const b = fp + code[pc + 3]!;
            if ((S[a]! & S[b]!) !== 1) failReads(S[a]!, S[b]!);
            const d = fp + code[pc + 1]!;
            const value = G[a]! % G[b]!;
            if (Number.isNaN(value)) R[d] = F32_NAN;
            else G[d] = value;
            S[d] = 1;
            pc += 4;
            break;
          }
          case 126: {
            // NegF64
            const a = fp + code[pc + 2]!;
            if (S[a] !== 1) failRead(S[a]!);
            const d = fp + code[pc + 1]!;
            R[d] = R[a]!;
            R[d + 1] = R[a + 1]! ^ 0x80000000;
            S[d] = 1;
            pc += 3;
            break;
          }
          case 132: {
            // NegF32
            const a = fp + code[pc + 2]!;
            if (S[a] !== 1) failRead(S[a]!);
            const d = fp + code[pc + 1]!;
            R[d] = R[a]! ^ 0x80000000;
            S[d] = 1;
            pc += 3;
            break;
          }
          case 133: {
            // EqF
            const a = fp + code[pc + 2]!;
            const b = fp + code[pc + 3]!;
            if ((S[a]! & S[b]!) !== 1) failReads(S[a]!, S[b]!);
            const d = fp + code[pc + 1]!;
            const wide = code[pc + 4] === 64;
            R[d] = (wide ? D[a >> 1]! === D[b >> 1]! : G[a]! === G[b]!) ? 1 : 0;
            S[d] = 1;
            pc += 5;
            break;
          }
          case 134: {
            // NeF
            const a = fp + code[pc + 2]!;
            const b = fp + code[pc + 3]!;
            if ((S[a]! & S[b]!) !== 1) failReads(S[a]!, S[b]!);
            const d = fp + code[pc + 1]!;
            const wide = code[pc + 4] === 64;
            R[d] = (wide ? D[a >> 1]! !== D[b >> 1]! : G[a]! !== G[b]!) ? 1 : 0;
            S[d] = 1;
            pc += 5;
            break;
          }
          case 135: {
            // LtF
            const a = fp + code[pc + 2]!;
            const b = fp + code[pc + 3]!;
            if ((S[a]! & S[b]!) !== 1) failReads(S[a]!, S[b]!);
            const d = fp + code[pc + 1]!;
            const wide = code[pc + 4] === 64;
            R[d] = (wide ? D[a >> 1]! < D[b >> 1]! : G[a]! < G[b]!) ? 1 : 0;
            S[d] = 1;
            pc += 5;
            break;
          }
          case 136: {
            // LeF
            const a = fp + code[pc + 2]!;
            const b = fp + code[pc + 3]!;
            if ((S[a]! & S[b]!) !== 1) failReads(S[a]!, S[b]!);
            const d = fp + code[pc + 1]!;
            const wide = code[pc + 4] === 64;
            R[d] = (wide ? D[a >> 1]! <= D[b >> 1]! : G[a]! <= G[b]!) ? 1 : 0;
            S[d] = 1;
            pc += 5;
            break;
          }
          case 137: // NormS
          case 138: {
            // NormU
            const a = fp + code[pc + 2]!;
            if (S[a] !== 1) failRead(S[a]!);
            const d = fp + code[pc + 1]!;
            const sh = code[pc + 3]!;
            R[d] = code[pc] === 137 /* NormS */ ? (R[a]! << sh) >> sh : (R[a]! << sh) >>> sh;
            S[d] = 1;
            pc += 4;
            break;
          }
          case 139: {
            // SExt2
            const a = fp + code[pc + 2]!;
            if (S[a] !== 1) failRead(S[a]!);
            const d = fp + code[pc + 1]!;
            const lo = R[a]!;
            R[d] = lo;
            R[d + 1] = lo >> 31;
            S[d] = 1;
            pc += 3;
            break;
          }
          case 140: {
            // ZExt2
            const a = fp + code[pc + 2]!;
            if (S[a] !== 1) failRead(S[a]!);
            const d = fp + code[pc + 1]!;
            R[d] = R[a]!;
            R[d + 1] = 0;
            S[d] = 1;
            pc += 3;
            break;
          }
          case 141: // SExt4
          case 142: {
            // ZExt4
            const a = fp + code[pc + 2]!;
            if (S[a] !== 1) failRead(S[a]!);
            const d = fp + code[pc + 1]!;
            const lo = R[a]!;
            R[d] = lo;
            R[d + 1] = R[d + 2] = R[d + 3] = code[pc] === 141 /* SExt4 */ ? lo >> 31 : 0;
            S[d] = 1;
            pc += 3;
            break;
          }
          case 143: // SExt24
          case 144: {
            // ZExt24
            const a = fp + code[pc + 2]!;
            if (S[a] !== 1) failRead(S[a]!);
            const d = fp + code[pc + 1]!;
            const hi = R[a + 1]!;
            R[d] = R[a]!;
            R[d + 1] = hi;
            R[d + 2] = R[d + 3] = code[pc] === 143 /* SExt24 */ ? hi >> 31 : 0;
            S[d] = 1;
            pc += 3;
            break;
          }
          case 145: {
            // IntToF32
            const a = fp + code[pc + 2]!;
            if (S[a] !== 1) failRead(S[a]!);
            const d = fp + code[pc + 1]!;
            G[d] = code[pc + 3] === 1 ? R[a]! : R[a]! >>> 0;
            S[d] = 1;
            pc += 4;
            break;
          }
          case 146: {
            // IntToF64
            const a = fp + code[pc + 2]!;
            if (S[a] !== 1) failRead(S[a]!);
            const d = fp + code[pc + 1]!;
            D[d >> 1] = code[pc + 3] === 1 ? R[a]! : R[a]! >>> 0;
            S[d] = 1;
            pc += 4;
            break;
          }
          case 147: {
            // Int2ToFloat
            const a = fp + code[pc + 2]!;
            if (S[a] !== 1) failRead(S[a]!);
            const d = fp + code[pc + 1]!;
            const signed = code[pc + 3] === 1;
            const value = signed ? toDoubleSigned(R, a) : toDoubleUnsigned(R, a);
            if (code[pc + 4] === 64) D[d >> 1] = value;
            else if (value > -9e15 && value < 9e15) G[d] = value;
            else G[d] = bigToF32(signed ? BigInt.asIntN(64, Q[a >> 1]!) : Q[a >> 1]!);
            S[d] = 1;
            pc += 5;
            break;
          }
          case 148: {
            // Int4ToFloat
            const a = fp + code[pc + 2]!;
            if (S[a] !== 1) failRead(S[a]!);
            const d = fp + code[pc + 1]!;
            const value = read128(Q, a, code[pc + 3] === 1);
            if (code[pc + 4] === 64) D[d >> 1] = bigToF64(value);
            else G[d] = bigToF32(value);
            S[d] = 1;
            pc += 5;
            break;
          }
          case 149: {
            // FloatToInt
            const a = fp + code[pc + 2]!;
            if (S[a] !== 1) failRead(S[a]!);
            const d = fp + code[pc + 1]!;
            const value = code[pc + 3] === 64 ? D[a >> 1]! : G[a]!;
            floatToInt(R, Q, d, value, code[pc + 4]!, code[pc + 5] === 1);
            S[d] = 1;
            pc += 6;
            break;
          }
          case 150: {
            // F32ToF64
            const a = fp + code[pc + 2]!;
            if (S[a] !== 1) failRead(S[a]!);
            const d = fp + code[pc + 1]!;
            const value = G[a]!;
            if (Number.isNaN(value)) {
              R[d] = 0;
              R[d + 1] = F64_NAN_HIGH;
            } else D[d >> 1] = value;
            S[d] = 1;
            pc += 3;
            break;
          }
          case 151: {
            // F64ToF32
            const a = fp + code[pc + 2]!;
            if (S[a] !== 1) failRead(S[a]!);
            const d = fp + code[pc + 1]!;
            const value = D[a >> 1]!;
            if (Number.isNaN(value)) R[d] = F32_NAN;
            else G[d] = value;
            S[d] = 1;
            pc += 3;
            break;
          }
          case 152: {
            // PtrEq
            const a = fp + code[pc + 2]!;
            const b = fp + code[pc + 3]!;
            if ((S[a]! & S[b]!) !== 1) failReads(S[a]!, S[b]!);
            const d = fp + code[pc + 1]!;
            R[d] = pointersEqual(m, R, a, b) ? code[pc + 4]! : code[pc + 4]! ^ 1;
            S[d] = 1;
            pc += 5;
            break;
          }
          case 153: {
            // PtrLess
            const a = fp + code[pc + 2]!;
            const b = fp + code[pc + 3]!;
            if ((S[a]! & S[b]!) !== 1) failReads(S[a]!, S[b]!);
            const d = fp + code[pc + 1]!;
            if (R[a + 2] !== R[b + 2]) m.addressObserved = true;
            const result = code[pc + 4] === 1 ? !less64(R, b, a, false) : less64(R, a, b, false);
            R[d] = result ? 1 : 0;
            S[d] = 1;
            pc += 5;
            break;
          }
          case 154: {
            // PtrOffset
            const a = fp + code[pc + 2]!;
            const b = fp + code[pc + 3]!;
            if ((S[a]! & S[b]!) !== 1) failReads(S[a]!, S[b]!);
            const d = fp + code[pc + 1]!;
            const count = code[pc + 5] === 1 ? toDoubleSigned(R, b) : toDoubleUnsigned(R, b);
            offsetPointer(m, R, d, a, count * code[pc + 4]!);
            S[d] = 1;
            pc += 6;
            break;
          }
          case 155: {
            // Expose
            const a = fp + code[pc + 2]!;
            if (S[a] !== 1) failRead(S[a]!);
            const d = fp + code[pc + 1]!;
            if (R[a + 2] !== NO_PROVENANCE) {
              m.addressObserved = true;
              m.expose(R[a + 2]!);
            }
            R[d] = R[a]!;
            R[d + 1] = R[a + 1]!;
            S[d] = 1;
            pc += 3;
            break;
          }
          case 156: {
            // FromExposed
            const a = fp + code[pc + 2]!;
            if (S[a] !== 1) failRead(S[a]!);
            const d = fp + code[pc + 1]!;
            R[d] = R[a]!;
            R[d + 1] = R[a + 1]!;
            R[d + 2] = WILDCARD;
            S[d] = 1;
            pc += 3;
            break;
          }
          case 157: {
            // FnPtr
            const d = fp + code[pc + 1]!;
            const id = this.fnAllocation(prepared, code[pc + 2]!);
            R[d] = m.base[id]!;
            R[d + 1] = 0;
            R[d + 2] = id;
            S[d] = 1;
            pc += 3;
            break;
          }
          case 158: {
            // TrapIf
            if (R[fp + code[pc + 1]!] === 1) throw new UbTrap("uncheckedOverflow", "an unchecked operation overflows");
            pc += 2;
            break;
          }
          case 159: {
            // Assume
            const a = fp + code[pc + 1]!;
            if (S[a] !== 1) failRead(S[a]!);
            if (R[a] !== 1) throw new UbTrap("assumeFalse", "an assumption does not hold");
            pc += 2;
            break;
          }
          case 160: {
            // Jmp
            pc = code[pc + 1]!;
            break;
          }
          case 161: {
            // Goto
            left -= code[pc + 1]!;
            if (left < 0) return this.stop(fuel, left, { kind: "outOfFuel" });
            pc = code[pc + 2]!;
            break;
          }
          case 162: {
            // Switch1
            left -= code[pc + 1]!;
            if (left < 0) return this.stop(fuel, left, { kind: "outOfFuel" });
            const a = fp + code[pc + 2]!;
            if (S[a] !== 1) failRead(S[a]!);
            const value = R[a]!;
            const end = pc + 4 + 2 * code[pc + 3]!;
            let at = pc + 4;
            while (at < end && code[at] !== value) at += 2;
            pc = at < end ? code[at + 1]! : code[end]!;
            break;
          }
          case 163: {
            // Switch2
            left -= code[pc + 1]!;
            if (left < 0) return this.stop(fuel, left, { kind: "outOfFuel" });
            const a = fp + code[pc + 2]!;
            if (S[a] !== 1) failRead(S[a]!);
            const lo = R[a]!;
            const hi = R[a + 1]!;
            const end = pc + 4 + 3 * code[pc + 3]!;
            let at = pc + 4;
            while (at < end && (code[at] !== lo || code[at + 1] !== hi)) at += 3;
            pc = at < end ? code[at + 2]! : code[end]!;
            break;
          }
          case 164: {
            // Switch4
            left -= code[pc + 1]!;
            if (left < 0) return this.stop(fuel, left, { kind: "outOfFuel" });
            const a = fp + code[pc + 2]!;
            if (S[a] !== 1) failRead(S[a]!);
            const end = pc + 4 + 5 * code[pc + 3]!;
            let at = pc + 4;
            while (
              at < end &&
              (code[at] !== R[a] || code[at + 1] !== R[a + 1] || code[at + 2] !== R[a + 2] || code[at + 3] !== R[a + 3])
            )
              at += 5;
            pc = at < end ? code[at + 4]! : code[end]!;
            break;
          }
          case 165: {
            // Ret
            left -= code[pc + 1]!;
            if (left < 0) return this.stop(fuel, left, { kind: "outOfFuel" });
            const { taken } = fn;
            for (let k = 0; k < taken.length; k++) {
              const a = fp + taken[k]!;
              if (S[a] === 1) m.state[R[a]!] = DEAD;
            }
            if (depth === 0) return this.stop(fuel, left, { kind: "return" });
            depth--;
            fn = this.callers[depth]!;
            code = fn.code;
            pc = this.returnPc[depth]!;
            fp = this.callerFp[depth]!;
            mp = this.callerMp[depth]!;
            break;
          }
          case 166: {
            // Unreachable
            throw new UbTrap("unreachable", "an unreachable block was reached");
          }
          case 167: // Call
          case 168: {
            // CallPtr
            left -= code[pc + 1]!;
            if (left < 0) return this.stop(fuel, left, { kind: "outOfFuel" });
            let callee: CompiledFn;
            if (code[pc] === 167 /* Call */) {
              callee = prepared.function(code[pc + 2]!);
              this.returnPc[depth] = pc + 3;
            } else {
              const a = fp + code[pc + 2]!;
              if (S[a] !== 1) failRead(S[a]!);
              m.checkFnPointer(R[a]!, R[a + 1]!, R[a + 2]!);
              callee = this.pointee(R[a + 2]!);
              checkSignature(callee, table.infos[code[pc + 3]!]!.ty);
              this.returnPc[depth] = pc + 4;
            }
            const nextFp = fp + fn.frameWords;
            const nextMp = mp + fn.frameMemory;
            if (depth + 1 >= DEEPEST_STACK || nextFp + callee.frameWords + callee.outWords > REGISTER_WORDS) {
              return this.stop(fuel, left, { kind: "stackOverflow" });
            }
            this.callers[depth] = fn;
            this.callerFp[depth] = fp;
            this.callerMp[depth] = mp;
            depth++;
            const end = nextMp + callee.frameMemory + callee.outMemory;
            if (end > bytes.length) {
              if (!m.reserve(end)) return this.stop(fuel, left, { kind: "stackOverflow" });
              bytes = m.bytes;
              view = m.view;
              marks = m.marks;
              markView = m.markView;
            }
            fn = callee;
            code = fn.code;
            pc = 0;
            fp = nextFp;
            mp = nextMp;
            this.enter(fn, fp, mp);
            break;
          }
          case 169: {
            // Assert
            left -= code[pc + 1]!;
            if (left < 0) return this.stop(fuel, left, { kind: "outOfFuel" });
            const a = fp + code[pc + 2]!;
            if (S[a] !== 1) failRead(S[a]!);
            if (R[a] !== code[pc + 3]) {
              events.pushPanic(code[pc + 4]!);
              return this.stop(fuel, left, { kind: "panic", code: code[pc + 4]! });
            }
            pc = code[pc + 5]!;
            break;
          }
          case 170: {
            // PanicOp
            left -= code[pc + 1]!;
            if (left < 0) return this.stop(fuel, left, { kind: "outOfFuel" });
            const a = fp + code[pc + 2]!;
            if (S[a] !== 1) failRead(S[a]!);
            events.pushPanic(R[a]! >>> 0);
            return this.stop(fuel, left, { kind: "panic", code: R[a]! >>> 0 });
          }
          case 171: {
            // Observe
            const t = fp + code[pc + 1]!;
            const a = fp + code[pc + 2]!;
            if ((S[a]! & S[t]!) !== 1) failReads(S[a]!, S[t]!);
            observeWords(events, code[pc + 3]!, code[pc + 4]!, R[t]!, R, a);
            pc += 5;
            break;
          }
          case 172: {
            // ObserveMem
            const t = fp + code[pc + 1]!;
            if (S[t] !== 1) failRead(S[t]!);
            observeMemory(events, m, table, table.infos[code[pc + 2]!]!, R[t]!, ea);
            pc += 3;
            break;
          }
          case 173: {
            // ObserveZst
            const t = fp + code[pc + 1]!;
            if (S[t] !== 1) failRead(S[t]!);
            observeZst(events, table, table.infos[code[pc + 2]!]!, R[t]!);
            pc += 3;
            break;
          }
          case 174: {
            // ObserveRecord
            const k = fp + code[pc + 1]!;
            const t = fp + code[pc + 2]!;
            const a = fp + code[pc + 3]!;
            const b = fp + code[pc + 4]!;
            if ((S[k]! & S[t]! & S[a]! & S[b]!) !== 1) failRead(0);
            events.push(R[k]!, R[t]!, R[a]!, R[a + 1]!, R[b]!, R[b + 1]!);
            pc += 5;
            break;
          }
          case 175: {
            // Cover
            fn.covered[code[pc + 1]!] = 1;
            pc += 2;
            break;
          }
          default:
            throw bug(`opcode ${code[pc]}`);
        }
      }
    } catch (error) {
      this.steps = fuel - left;
      if (error instanceof UbTrap) return { kind: "ub", error: this.locate(error, fn, pc, depth) };
      if (error instanceof EventLimit) return { kind: "eventLimit" };
      if (error instanceof Unsupported) return { kind: "unsupported", what: error.message };
      throw error;
    }
  }

  private stop(fuel: number, left: number, outcome: Outcome): Outcome {
    this.steps = fuel - Math.max(left, 0);
    return outcome;
  }

  /** Sets up the frame of `fn`; its arguments are there already. */
  private enter(fn: CompiledFn, fp: number, mp: number): void {
    const { R, S, memory: m } = this;
    const { consts, states } = fn;
    let at = fp + fn.constBase;
    for (let i = 0; i < consts.length; i++) R[at + i] = consts[i]!;
    for (let i = 0; i < consts.length; i += 4) S[at + i] = 1;
    at = fp + fn.stateBase;
    for (let i = 0; i < states.length; i++) S[at + 4 * i] = states[i]!;
    m.deinit(mp + fn.argumentsEnd, fn.frameMemory - fn.argumentsEnd);
    const { entryAllocations: list } = fn;
    for (let i = 0; i < list.length; i += 4)
      R[fp + list[i]!] = m.allocate(mp + list[i + 1]!, list[i + 2]!, list[i + 3]!, LIVE);
  }

  private fnAllocation(prepared: PreparedProgram, index: number): number {
    if (index >= this.fnAllocations.length) {
      const grown = new Int32Array(index * 2);
      grown.set(this.fnAllocations);
      this.fnAllocations = grown;
    }
    let id = this.fnAllocations[index]!;
    if (id === 0) {
      id = this.memory.allocate(FUNCTION_ADDRESS + 16 * index, 0, 1, FUNCTION);
      this.fnAllocations[index] = id;
      this.fnByAllocation.set(id, prepared.function(index));
    }
    return id;
  }

  private pointee(id: number): CompiledFn {
    const found = this.fnByAllocation.get(id);
    if (found === undefined) throw bug(`no function at allocation ${id}`);
    return found;
  }

  private locate(trap: UbTrap, fn: CompiledFn, pc: number, depth: number): UbError {
    const backtrace: UbFrame[] = [frameOf(fn, pc)];
    for (let d = depth - 1; d >= 0; d--) backtrace.push(frameOf(this.callers[d]!, this.returnPc[d]! - 1));
    const innermost = backtrace[0]!;
    return {
      ...innermost,
      kind: trap.kind,
      message: trap.message,
      place: fn.placeText(innermost.block, innermost.statement),
      ...(trap.allocation === undefined ? {} : { allocation: trap.allocation }),
      backtrace,
    };
  }
}

function frameOf(fn: CompiledFn, pc: number): UbFrame {
  const item: FnItem = fn.item;
  return { function: item.name, ...fn.positionOf(pc) };
}
