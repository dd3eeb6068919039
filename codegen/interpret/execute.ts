/**
 * The loop over the bytecode of compiled bodies.
 *
 * Registers are words of `Registers`, at a frame's base plus the operand. Memory is reached through the *effective address* `ea`, which
 * `Ea…` instructions compute and check, and `Ld…`, `St…` and the rest use; `eaTag` is the pointer's tag. What is rare is in other files
 * (`machine-float.ts`, `machine-wide.ts`, what `machine-rare.ts` names, `intrinsics/`): V8 optimises no function beyond a certain size.
 *
 * What interrupts the loop is thrown: undefined behaviour, and the sentinels of `vm.ts`. The state is then back in the machine.
 *
 * The numbers of the cases are those of `OPCODES` (a test compares them): V8 makes a jump table of literals only.
 *
 * The file is long because the switch is one function, and is nothing else: with the state in V8's registers an instruction costs a few
 * nanoseconds, and leaving for another function adds to that. (With 64-bit arithmetic in `wideOp` an integer loop was an eighth slower.)
 */

import { bug } from "../entity/entity.ts";
import { FIRST_TAG } from "./borrow-tracker/violation.ts";
import type { CompiledFn } from "./compile.ts";
import { divRem64, less64, mul64, mulOverflow64, shl64, shr64, toDoubleSigned, toDoubleUnsigned } from "./int64.ts";
import { runIntrinsic } from "./intrinsics/run.ts";
import type { LoopState } from "./loop-state.ts";
import { floatOp } from "./machine-float.ts";
import {
  checkDeref,
  checkLoad,
  failDivOverflow,
  failIndex,
  failRead,
  failReads,
  failZero,
  less,
  offsetPointer,
} from "./machine-ops.ts";
import { rareOp } from "./machine-rare.ts";
import { wideOp } from "./machine-wide.ts";
import { DEAD, INIT, LIVE, NAN_BYTE, NO_PROVENANCE, READ_ONLY } from "./memory.ts";
import { isNanF32, isNanF64 } from "./nan.ts";
import { ACCESS_NONE, ACCESS_WRITE, STATIC_TRAPS, UNWIND_CONTINUE } from "./opcodes.ts";
import { replaceFrame } from "./tail-call.ts";
import { activeVariant, checkBool, checkChar, copyTyped, writeTag } from "./typed-copy.ts";
import { UbTrap } from "./ub.ts";
import { EXPIRED, FINISHED, stackOverflow, UNWINDING } from "./vm.ts";

/** Executes from the saved state on, until something is thrown. */
export function execute(vm: LoopState, base: number): never {
  const { memory: m, prepared, regs } = vm;
  const { R, S, Q } = regs;
  const { table } = prepared;
  let { fn, pc, fp, mp, depth, left, ea, eaTag, thread } = vm;
  const bottom = vm.nesting > 0 ? base : thread.depthBase;
  let code = fn.code;
  let { bytes, view, marks, markView } = m;
  try {
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
            if (S[a] === 1) m.free(R[a]!, R[a]!, fn.positionBase + pc);
            R[a] = m.allocate(at, size, align, LIVE, fn.positionBase + pc);
          }
          S[a] = 1;
          m.deinit(at, size);
          pc += 5;
          break;
        }
        case 10: {
          // DeadMem
          const a = fp + code[pc + 1]!;
          if (code[pc + 2] === 1 && S[a] === 1) m.free(R[a]!, R[a]!, fn.positionBase + pc);
          S[a] = 2;
          pc += 3;
          break;
        }
        case 11: {
          // EaLocal
          ea = mp + code[pc + 1]!;
          eaTag = 0;
          pc += 2;
          break;
        }
        case 12: {
          // EaDeref
          const a = fp + code[pc + 1]!;
          if (S[a] !== 1) failRead(S[a]!);
          const lo = R[a]!;
          const tag = R[a + 2]!;
          const size = code[pc + 3]!;
          const align = code[pc + 4]!;
          ea = lo + code[pc + 2]!;
          eaTag = tag;
          const id = tag < FIRST_TAG ? tag : m.tagAllocation[tag - FIRST_TAG]!;
          const state = id > 0 ? m.state[id]! : DEAD;
          const isOpen = state === LIVE || (state === READ_ONLY && code[pc + 5] !== ACCESS_WRITE);
          if (isOpen && R[a + 1] === 0) {
            const base = m.base[id]!;
            const offset = ea - base;
            if (
              ((lo - base) & (align - 1)) === 0 &&
              align <= m.align[id]! &&
              offset >= 0 &&
              offset + size <= m.size[id]!
            ) {
              if ((m.tracked[id] === 1 || m.races !== undefined) && code[pc + 5] !== ACCESS_NONE && size !== 0) {
                m.position = fn.positionBase + pc;
                m.tell(id, tag, offset, size, code[pc + 5] === ACCESS_WRITE);
              }
              pc += 6;
              break;
            }
          }
          m.position = fn.positionBase + pc;
          checkDeref(m, lo, R[a + 1]!, tag, code[pc + 2]!, size, align, code[pc + 5]!);
          pc += 6;
          break;
        }
        case 13: {
          // EaPtr
          const a = fp + code[pc + 1]!;
          if (S[a] !== 1) failRead(S[a]!);
          ea = R[a]!;
          eaTag = R[a + 2]!;
          const align = code[pc + 2]!;
          const id = eaTag < FIRST_TAG ? eaTag : m.tagAllocation[eaTag - FIRST_TAG]!;
          const isAligned = id > 0 && align <= m.align[id]! && ((ea - m.base[id]!) & (align - 1)) === 0;
          if (!isAligned) m.checkAlign(ea, R[a + 1]!, eaTag, align);
          // An address that high is in no allocation: the check of the access must fail.
          if (R[a + 1] !== 0) eaTag = NO_PROVENANCE;
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
          const id = eaTag < FIRST_TAG ? eaTag : m.tagAllocation[eaTag - FIRST_TAG]!;
          const state = id > 0 ? m.state[id]! : DEAD;
          if (state === LIVE || (state === READ_ONLY && code[pc + 2] !== ACCESS_WRITE)) {
            const offset = ea - m.base[id]!;
            const size = code[pc + 1]!;
            if (offset >= 0 && offset + size <= m.size[id]!) {
              if ((m.tracked[id] === 1 || m.races !== undefined) && code[pc + 2] !== ACCESS_NONE && size !== 0) {
                m.position = fn.positionBase + pc;
                m.tell(id, eaTag, offset, size, code[pc + 2] === ACCESS_WRITE);
              }
              pc += 3;
              break;
            }
          }
          m.position = fn.positionBase + pc;
          if (code[pc + 2] === ACCESS_NONE) m.checkBounds(ea, 0, eaTag, code[pc + 1]!);
          else m.access(ea, 0, eaTag, code[pc + 1]!, code[pc + 2] === ACCESS_WRITE);
          pc += 3;
          break;
        }
        case 17: {
          // EaSave
          const d = fp + code[pc + 1]!;
          R[d] = ea;
          R[d + 1] = 0;
          R[d + 2] = eaTag;
          S[d] = 1;
          pc += 2;
          break;
        }
        case 18: {
          // EaLoad
          const a = fp + code[pc + 1]!;
          ea = R[a]!;
          eaTag = R[a + 2]!;
          if (eaTag !== 0) {
            m.position = fn.positionBase + pc;
            if (code[pc + 3] === ACCESS_NONE) m.checkBounds(ea, 0, eaTag, code[pc + 2]!);
            else m.access(ea, 0, eaTag, code[pc + 2]!, code[pc + 3] === ACCESS_WRITE);
          }
          pc += 4;
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
        case 23: // Ld32
        case 26: {
          // LdF32
          const at = ea + code[pc + 2]!;
          if (markView.getInt32(at, true) !== 0x01010101) checkLoad(m, at, 4, code[pc] === 26 /* LdF32 */);
          const d = fp + code[pc + 1]!;
          R[d] = view.getInt32(at, true);
          S[d] = 1;
          pc += 3;
          break;
        }
        case 24: // Ld64
        case 27: {
          // LdF64
          const at = ea + code[pc + 2]!;
          if (markView.getInt32(at, true) !== 0x01010101 || markView.getInt32(at + 4, true) !== 0x01010101)
            checkLoad(m, at, 8, code[pc] === 27 /* LdF64 */);
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
          if (R[d] === 0 && R[d + 1] === 0) m.failNullFn();
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
        case 44: {
          // SetTag
          const info = table.infos[code[pc + 1]!]!;
          const mem = table.memOf(info);
          if (mem.kind !== "enum") throw bug(`the tag of ${info.ty.text}`);
          if (eaTag !== 0 && (m.borrow !== undefined || m.races !== undefined)) {
            m.position = fn.positionBase + pc;
            m.access(ea + mem.tag.offset, 0, eaTag, mem.tag.size, true);
          }
          writeTag(m, info, mem.tag, code[pc + 2]!, ea);
          pc += 3;
          break;
        }
        case 45: {
          // Discr
          const info = table.infos[code[pc + 2]!]!;
          const mem = table.memOf(info);
          if (mem.kind !== "enum") throw bug(`the discriminant of ${info.ty.text}`);
          if (eaTag !== 0 && (m.borrow !== undefined || m.races !== undefined)) {
            m.position = fn.positionBase + pc;
            m.access(ea + mem.tag.offset, 0, eaTag, mem.tag.size, false);
          }
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
          if (S[a] !== 1) failRead(S[a]!);
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
          if (left < 0) throw EXPIRED;
          pc = code[pc + 2]!;
          break;
        }
        case 162: {
          // Switch1
          left -= code[pc + 1]!;
          if (left < 0) throw EXPIRED;
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
          if (left < 0) throw EXPIRED;
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
          if (left < 0) throw EXPIRED;
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
          if (left < 0) throw EXPIRED;
          if (fn.protects && m.borrow?.hasProtectors(depth) === true) {
            m.borrow.position = fn.positionBase + pc;
            m.borrow.protectorEnd(depth);
          }
          const { taken } = fn;
          for (let k = 0; k < taken.length; k++) {
            const a = fp + taken[k]!;
            if (S[a] === 1) m.free(R[a]!, R[a]!, fn.positionBase + pc);
          }
          if (depth === bottom) throw FINISHED;
          depth--;
          fn = vm.callers[depth]!;
          code = fn.code;
          pc = vm.returnPc[depth]!;
          fp = vm.callerFp[depth]!;
          mp = vm.callerMp[depth]!;
          break;
        }
        case 166: {
          // Unreachable
          throw new UbTrap("unreachable", "an unreachable block was reached");
        }
        case 167: // Call
        case 168: // CallPtr
        case 186: {
          // CallVirtual
          left -= code[pc + 1]!;
          if (left < 0) throw EXPIRED;
          let callee: CompiledFn;
          if (code[pc] === 167 /* Call */) {
            callee = prepared.function(code[pc + 2]!);
            vm.returnPc[depth] = pc + 4;
          } else if (code[pc] === 168 /* CallPtr */) {
            callee = vm.calleeAt(fp + code[pc + 2]!, code[pc + 3]!);
            vm.returnPc[depth] = pc + 5;
          } else {
            callee = prepared.function(vm.globals.method(fp + code[pc + 2]!, code[pc + 3]!));
            vm.returnPc[depth] = pc + 5;
          }
          const nextFp = fp + fn.frameWords;
          const nextMp = mp + fn.frameMemory;
          if (depth + 1 >= thread.depthEnd || nextFp + callee.frameWords + callee.outWords > thread.registerEnd) {
            throw stackOverflow();
          }
          vm.callers[depth] = fn;
          vm.callerFp[depth] = fp;
          vm.callerMp[depth] = mp;
          const end = nextMp + callee.frameMemory + callee.outMemory;
          if (end > bytes.length || end > thread.memoryEnd) {
            if (!vm.reserveStack(end)) throw stackOverflow();
            bytes = m.bytes;
            view = m.view;
            marks = m.marks;
            markView = m.markView;
          }
          depth++;
          fn = callee;
          code = fn.code;
          pc = 0;
          fp = nextFp;
          mp = nextMp;
          vm.enter(fn, fp, mp);
          break;
        }
        case 169: {
          // Assert
          left -= code[pc + 1]!;
          if (left < 0) throw EXPIRED;
          const a = fp + code[pc + 2]!;
          if (S[a] !== 1) failRead(S[a]!);
          pc = R[a] === code[pc + 3] ? code[pc + 4]! : pc + 5;
          break;
        }
        case 170: {
          // PanicOp
          left -= code[pc + 1]!;
          if (left < 0) throw EXPIRED;
          const a = fp + code[pc + 2]!;
          if (S[a] !== 1) failRead(S[a]!);
          vm.panic = { code: R[a]! >>> 0, message: undefined };
          vm.unwindAction = code[pc + 3]!;
          throw UNWINDING;
        }
        case 184: {
          // Resume
          left -= code[pc + 1]!;
          if (left < 0) throw EXPIRED;
          vm.unwindAction = UNWIND_CONTINUE;
          throw UNWINDING;
        }
        case 185: {
          // Terminate
          vm.unwindAction = code[pc + 1]!;
          throw UNWINDING;
        }
        case 182: {
          // EaTaken
          const a = fp + code[pc + 2]!;
          ea = mp + code[pc + 1]!;
          const id = R[a]!;
          eaTag = id;
          if ((m.tracked[id] === 1 || m.races !== undefined) && code[pc + 4] !== ACCESS_NONE && S[a] === 1) {
            m.position = fn.positionBase + pc;
            m.tell(id, id, ea - m.base[id]!, code[pc + 3]!, code[pc + 4] === ACCESS_WRITE);
          }
          pc += 5;
          break;
        }
        case 183: {
          // EaIndexMeta
          const a = fp + code[pc + 1]!;
          if (S[a] !== 1) failRead(S[a]!);
          const index = R[a]!;
          const length = R[fp + code[pc + 3]!]!;
          if (R[a + 1] !== 0 || index >>> 0 >= length >>> 0) failIndex(R, a, length >>> 0);
          ea += index * code[pc + 2]!;
          pc += 4;
          break;
        }
        case 187: {
          // Intrinsic
          left -= code[pc + 1]!;
          if (left < 0) throw EXPIRED;
          vm.save(fn, pc, fp, mp, depth, left);
          vm.unwindAction = code[pc + 3]!;
          runIntrinsic(vm, code[pc + 2]!);
          pc += 4;
          bytes = m.bytes;
          view = m.view;
          marks = m.marks;
          markView = m.markView;
          left = vm.left;
          break;
        }
        case 188: // TailCall
        case 189: {
          // TailCallPtr
          left -= code[pc + 1]!;
          if (left < 0) throw EXPIRED;
          vm.save(fn, pc, fp, mp, depth, left);
          fn = replaceFrame(
            vm,
            code[pc] === 188 /* TailCall */
              ? prepared.function(code[pc + 2]!)
              : vm.calleeAt(fp + code[pc + 2]!, code[pc + 3]!),
          );
          code = fn.code;
          pc = 0;
          bytes = m.bytes;
          view = m.view;
          marks = m.marks;
          markView = m.markView;
          break;
        }
        case 190: {
          // Preempt
          if (thread.isPreemptive && --left < 0) throw EXPIRED;
          pc += 1;
          break;
        }
        case 175: {
          // Cover
          fn.covered[code[pc + 1]!] = 1;
          pc += 2;
          break;
        }
        default: {
          const op = code[pc]!;
          if (op < 51 || op > 181 || (op > 151 && op < 175)) {
            vm.save(fn, pc, fp, mp, depth, left);
            vm.ea = ea;
            vm.eaTag = eaTag;
            pc = rareOp(vm, code, pc);
            ({ fn, fp, mp, left, ea, eaTag } = vm);
            code = fn.code;
            bytes = m.bytes;
            view = m.view;
            marks = m.marks;
            markView = m.markView;
          } else if (op < 121 || (op > 136 && op < 145)) pc = wideOp(regs, code, pc, fp);
          else pc = floatOp(regs, code, pc, fp);
        }
      }
    }
  } finally {
    vm.save(fn, pc, fp, mp, depth, left);
  }
}
