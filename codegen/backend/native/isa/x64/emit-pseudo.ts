/**
 * Emission of the pseudo-instructions (see `Pseudo` in `inst.ts`).
 */

import { bug } from "../../../../entity/entity.ts";
import { Type } from "../../ir/opcodes.ts";
import { RODATA_SYMBOL } from "../../machinst/buffer.ts";
import type { SwitchData } from "../../machinst/vcode.ts";
import { allocIndex, allocIsReg, pregHardware } from "../../regalloc/function.ts";
import type { Emitter } from "./emit.ts";
import { COND_E_AND_NP, COND_NE_OR_P, Pseudo } from "./inst.ts";
import { CC, Form } from "./instructions.ts";
import { Gpr, SCRATCH_GPR } from "./registers.ts";
import { BASE_RIP } from "./rex.ts";

export function emitPseudo(e: Emitter, op: number): void {
  switch (op) {
    case Pseudo.ARGS:
      return;
    case Pseudo.RET:
      e.epilogue();
      e.putReg(Form.ret, 0, 0);
      return;
    case Pseudo.MOV:
      e.move(e.alloc(0), e.alloc(1), false, 8);
      return;
    case Pseudo.MOV_FLOAT:
      e.move(e.alloc(0), e.alloc(1), true, 8);
      return;
    case Pseudo.CALL:
      e.putCall(e.vcode.symbols[e.vcode.disp[e.inst]!]!);
      return;
    case Pseudo.CALL_INDIRECT:
      emitCallIndirect(e);
      return;
    case Pseudo.JMP:
      if (e.succ(0) !== e.nextBlock) e.putBranch(Form.jmp_d32, e.succ(0));
      return;
    case Pseudo.BRANCH:
      emitBranch(e, e.cond, e.succ(0), e.succ(1));
      return;
    case Pseudo.SWITCH_TABLE:
      emitSwitchTable(e);
      return;
    case Pseudo.SWITCH_TREE:
      emitSwitchTree(e);
      return;
    case Pseudo.SWITCH_WIDE:
      emitSwitchWide(e);
      return;
    case Pseudo.ZERO:
      e.putReg(Form.xorl_rm, e.reg(0), e.reg(0));
      return;
    case Pseudo.ZERO_FLOAT:
      e.putReg(Form.xorps_rm, e.reg(0), e.reg(0));
      return;
    case Pseudo.CMOV_FLOAT:
      emitCmovFloat(e);
      return;
    case Pseudo.CVT_U64_F32:
      emitCvtU64(e, Form.cvtsi2ssq_rm, Form.addss_rm);
      return;
    case Pseudo.CVT_U64_F64:
      emitCvtU64(e, Form.cvtsi2sdq_rm, Form.addsd_rm);
      return;
    default:
      throw bug(`pseudo-instruction ${op}`);
  }
}

function emitCallIndirect(e: Emitter): void {
  const callee = e.alloc(0);
  if (allocIsReg(callee)) e.putReg(Form.callq_m, 0, pregHardware(allocIndex(callee)));
  else e.putMem(Form.callq_m, 0, e.spillMem(callee));
}

/** To `then` on `cond`, else to `otherwise`; what comes next is fallen into. */
function emitBranch(e: Emitter, cond: number, then: number, otherwise: number): void {
  if (then === otherwise) {
    if (then !== e.nextBlock) e.putBranch(Form.jmp_d32, then);
    return;
  }
  if (cond === COND_E_AND_NP) {
    emitBranch2(e, CC.NE, CC.P, otherwise, then);
    return;
  }
  if (cond === COND_NE_OR_P) {
    emitBranch2(e, CC.NE, CC.P, then, otherwise);
    return;
  }
  if (then === e.nextBlock) e.putBranch(Form.jcc_d32, otherwise, cond ^ 1);
  else {
    e.putBranch(Form.jcc_d32, then, cond);
    if (otherwise !== e.nextBlock) e.putBranch(Form.jmp_d32, otherwise);
  }
}

/** To `then` on either condition, else to `otherwise`. */
function emitBranch2(e: Emitter, first: number, second: number, then: number, otherwise: number): void {
  e.putBranch(Form.jcc_d32, then, first);
  e.putBranch(Form.jcc_d32, then, second);
  if (otherwise !== e.nextBlock) e.putBranch(Form.jmp_d32, otherwise);
}

// --- Switches --------------------------------------------------------------------------------------------------------

/** Jump tables hold distances from the function's start. The index is read before `rax` is written. */
function emitSwitchTable(e: Emitter): void {
  const index = e.reg(0);
  const data = e.vcode.switches[e.vcode.disp[e.inst]!]!;
  const span = e.vcode.immLo[e.inst]!;
  e.putReg(span <= 127 ? Form.cmpq_mi_sxb : Form.cmpq_mi_sxl, 0, index, span);
  e.putBranch(Form.jcc_d32, e.succ(0), CC.AE);
  e.setMem(BASE_RIP, -1, 0, data.tableOffset).symbol = RODATA_SYMBOL;
  e.putMem(Form.leaq_rm, SCRATCH_GPR, e.mem);
  e.putMem(Form.movslq_rm, Gpr.RAX, e.setMem(SCRATCH_GPR, index, 2, 0));
  e.setMem(BASE_RIP, -1, 0, 0).label = e.startLabel;
  e.putMem(Form.leaq_rm, SCRATCH_GPR, e.mem);
  e.putReg(Form.addq_rm, Gpr.RAX, SCRATCH_GPR);
  e.putReg(Form.jmpq_m, 0, Gpr.RAX);
}

/** `cmp` by type of the value: with an immediate, with a short one. */
const CMP_IMM: readonly number[] = [-1, Form.cmpb_mi, Form.cmpw_mi, Form.cmpl_mi, Form.cmpq_mi_sxl];
const CMP_IMM8: readonly number[] = [-1, Form.cmpb_mi, Form.cmpw_mi_sxb, Form.cmpl_mi_sxb, Form.cmpq_mi_sxb];
const BITS: readonly number[] = [0, 8, 16, 32, 64];

/** Compares register `reg` of `type` with unsigned `value`. */
function compareWith(e: Emitter, type: number, reg: number, value: bigint): void {
  const signed = BigInt.asIntN(BITS[type]!, value);
  if (signed >= -128n && signed <= 127n) {
    e.putReg(CMP_IMM8[type]!, 0, reg, Number(signed));
    return;
  }
  if (type !== Type.I64 || BigInt.asIntN(32, signed) === signed) {
    e.putReg(CMP_IMM[type]!, 0, reg, Number(signed));
    return;
  }
  const lo = Number(BigInt.asIntN(32, value));
  e.putReg(Form.movq_oi, 0, SCRATCH_GPR, lo, Number(BigInt.asIntN(32, value >> 32n)));
  e.putReg(Form.cmpq_rm, reg, SCRATCH_GPR);
}

/** Below this many cases, one comparison after another. */
const LINEAR_CASES = 4;

function emitSwitchTree(e: Emitter): void {
  const data = e.vcode.switches[e.vcode.disp[e.inst]!]!;
  emitSubtree(e, data, e.vcode.immLo[e.inst]!, e.reg(0), 0, data.values.length);
}

/** Searches the cases from `from` up to `to`; goes on to the default. */
function emitSubtree(e: Emitter, data: SwitchData, type: number, reg: number, from: number, to: number): void {
  if (to - from < LINEAR_CASES) {
    for (let k = from; k < to; k++) {
      compareWith(e, type, reg, data.values[k]!);
      e.putBranch(Form.jcc_d32, e.succ(data.targets[k]!), CC.E);
    }
    if (e.succ(0) !== e.nextBlock || to !== data.values.length) e.putBranch(Form.jmp_d32, e.succ(0));
    return;
  }
  const middle = (from + to) >>> 1;
  const upper = e.buffer.newLabel();
  compareWith(e, type, reg, data.values[middle]!);
  e.putBranch(Form.jcc_d32, upper, CC.AE);
  emitSubtree(e, data, type, reg, from, middle);
  e.bind(upper);
  emitSubtree(e, data, type, reg, middle, to);
}

/** Both halves of each case, one after another. */
function emitSwitchWide(e: Emitter): void {
  const data = e.vcode.switches[e.vcode.disp[e.inst]!]!;
  const [low, high] = [e.reg(0), e.reg(1)];
  for (let k = 0; k < data.values.length; k++) {
    const next = e.buffer.newLabel();
    compareWith(e, Type.I64, low, BigInt.asUintN(64, data.values[k]!));
    e.putBranch(Form.jcc_d32, next, CC.NE);
    compareWith(e, Type.I64, high, data.values[k]! >> 64n);
    e.putBranch(Form.jcc_d32, e.succ(data.targets[k]!), CC.E);
    e.bind(next);
  }
  if (e.succ(0) !== e.nextBlock) e.putBranch(Form.jmp_d32, e.succ(0));
}

// --- Floats ----------------------------------------------------------------------------------------------------------

/** The result is in the register of `otherwise`; on the condition, `then` replaces it. */
function emitCmovFloat(e: Emitter): void {
  const [dst, then] = [e.reg(1), e.reg(2)];
  const { cond } = e;
  const done = e.buffer.newLabel();
  if (cond === COND_E_AND_NP) {
    e.putBranch(Form.jcc_d32, done, CC.NE);
    e.putBranch(Form.jcc_d32, done, CC.P);
    e.putReg(Form.movaps_rm, dst, then);
  } else if (cond === COND_NE_OR_P) {
    const take = e.buffer.newLabel();
    e.putBranch(Form.jcc_d32, take, CC.NE);
    e.putBranch(Form.jcc_d32, done, CC.NP);
    e.bind(take);
    e.putReg(Form.movaps_rm, dst, then);
  } else {
    e.putBranch(Form.jcc_d32, done, cond ^ 1);
    e.putReg(Form.movaps_rm, dst, then);
  }
  e.bind(done);
}

/**
 * `u64` to float. With the top bit clear it is an `i64`; otherwise half of it is converted, its lowest bit kept as a sticky bit so that rounding
 * is right, and doubled.
 */
function emitCvtU64(e: Emitter, convert: number, add: number): void {
  const [src, dst, half, bit] = [e.reg(0), e.reg(1), e.reg(2), e.reg(3)];
  const isLarge = e.buffer.newLabel();
  const done = e.buffer.newLabel();
  e.putReg(Form.testq_mr, src, src);
  e.putBranch(Form.jcc_d32, isLarge, CC.S);
  e.putReg(convert, dst, src);
  e.putBranch(Form.jmp_d32, done);
  e.bind(isLarge);
  e.putReg(Form.movq_rm, half, src);
  e.putReg(Form.shrq_mi, 0, half, 1);
  e.putReg(Form.movl_rm, bit, src);
  e.putReg(Form.andl_mi_sxb, 0, bit, 1);
  e.putReg(Form.orq_rm, half, bit);
  e.putReg(convert, dst, half);
  e.putReg(add, dst, dst);
  e.bind(done);
}
