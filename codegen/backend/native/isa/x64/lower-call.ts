/**
 * Lowering of calls, returns, parameters and system calls: the System V AMD64 ABI (see `machinst/abi.ts` for what is common).
 */

import { NONE } from "../../../../entity/entity.ts";
import type { Signature } from "../../ir/function.ts";
import { Op, Type } from "../../ir/opcodes.ts";
import { type ArgLocs, assignArgs, assignReturns } from "../../machinst/abi.ts";
import type { LowerContext } from "../../machinst/lower.ts";
import type { Rule } from "../../machinst/rules.ts";
import { CLASS_FLOAT, CLASS_INT, INST_RET, type RegClass } from "../../regalloc/function.ts";
import { form, WIDE } from "./families.ts";
import {
  AMODE_INCOMING,
  AMODE_OUTGOING,
  type AMode,
  defFixed,
  fixedMode,
  mem1,
  newAMode,
  Pseudo,
  useAny,
  useFixed,
} from "./inst.ts";
import { CALL_CLOBBERS, Gpr, INT_ARG_REGS, INT_RET_REGS, NUM_FLOAT_ARG_REGS, SYSCALL_ARG_REGS } from "./registers.ts";

const AM: AMode = newAMode();
const ARG_REGS = { ints: INT_ARG_REGS, numFloats: NUM_FLOAT_ARG_REGS };
const RET_REGS = { ints: INT_RET_REGS, numFloats: NUM_FLOAT_ARG_REGS };

interface SignatureLocs {
  readonly params: ArgLocs;
  readonly returns: ArgLocs;
}

const locsOf = new WeakMap<Signature, SignatureLocs>();

function signatureLocs(signature: Signature): SignatureLocs {
  let locs = locsOf.get(signature);
  if (locs === undefined) {
    locs = { params: assignArgs(signature.params, ARG_REGS), returns: assignReturns(signature.returns, RET_REGS) };
    locsOf.set(signature, locs);
  }
  return locs;
}

function classOf(type: Type): RegClass {
  return type >= Type.F32 ? CLASS_FLOAT : CLASS_INT;
}

/** The load and the store of one stack argument. */
function stackForms(type: Type): readonly [number, number] {
  if (type === Type.F32) return [form("movss_rm"), form("movss_mr")];
  if (type === Type.F64) return [form("movsd_rm"), form("movsd_mr")];
  return [form("movq_rm"), form("movq_mr")];
}

// --- Parameters and returns ------------------------------------------------------------------------------------------

/** Defines the function's parameters: those in registers by one `ARGS`, those on the stack by loads. */
export function lowerParams(cx: LowerContext): void {
  const { params } = cx.fn.signature;
  const locs = signatureLocs(cx.fn.signature).params;
  cx.builder.inst(Pseudo.ARGS);
  for (let p = 0; p < params.length; p++) {
    if (locs.reg[p] === NONE) continue;
    const low = cx.paramReg(p, 0);
    if (low !== NONE) defFixed(cx, classOf(params[p]!), low, locs.reg[p]!);
    if (params[p] !== Type.I128) continue;
    const high = cx.paramReg(p, 1);
    if (high !== NONE) defFixed(cx, CLASS_INT, high, locs.regHigh[p]!);
  }
  for (let p = 0; p < params.length; p++) {
    if (locs.reg[p] !== NONE) continue;
    const [load] = stackForms(params[p]!);
    const offset = locs.stackOffset[p]!;
    const low = cx.paramReg(p, 0);
    if (low !== NONE) mem1(cx, load, fixedMode(AM, AMODE_INCOMING, offset), low);
    if (params[p] !== Type.I128) continue;
    const high = cx.paramReg(p, 1);
    if (high !== NONE) mem1(cx, load, fixedMode(AM, AMODE_INCOMING, offset + 8), high);
  }
}

function emitReturn(cx: LowerContext, i: number): void {
  const { returns } = cx.fn.signature;
  const locs = signatureLocs(cx.fn.signature).returns;
  const values: number[] = [];
  for (let r = 0; r < returns.length; r++) {
    const value = cx.arg(i, r);
    values.push(cx.use(value), returns[r] === Type.I128 ? cx.useHigh(value) : NONE);
  }
  cx.builder.inst(Pseudo.RET, 0, 0, 0, 0, INST_RET);
  for (let r = 0; r < returns.length; r++) {
    useFixed(cx, classOf(returns[r]!), values[r * 2]!, locs.reg[r]!);
    if (returns[r] === Type.I128) useFixed(cx, CLASS_INT, values[r * 2 + 1]!, locs.regHigh[r]!);
  }
}

// --- Calls -----------------------------------------------------------------------------------------------------------

/** Registers of values in order; the high half of an `i128` follows its low half, and is `NONE` for other types. */
type ValueRegs = readonly number[];

function argRegs(cx: LowerContext, i: number, firstArg: number, types: readonly Type[]): ValueRegs {
  const regs: number[] = [];
  for (let p = 0; p < types.length; p++) {
    const value = cx.arg(i, firstArg + p);
    regs.push(cx.use(value), types[p] === Type.I128 ? cx.useHigh(value) : NONE);
  }
  return regs;
}

function storeStackArgs(cx: LowerContext, types: readonly Type[], locs: ArgLocs, regs: ValueRegs): void {
  cx.builder.vcode.outgoingSize = Math.max(cx.builder.vcode.outgoingSize, locs.stackSize);
  for (let p = 0; p < types.length; p++) {
    if (locs.reg[p] !== NONE) continue;
    const store = stackForms(types[p]!)[1];
    mem1(cx, store, fixedMode(AM, AMODE_OUTGOING, locs.stackOffset[p]!), regs[p * 2]!);
    if (types[p] === Type.I128)
      mem1(cx, store, fixedMode(AM, AMODE_OUTGOING, locs.stackOffset[p]! + 8), regs[p * 2 + 1]!);
  }
}

/** Operands and clobbers of the call just put: arguments in registers, results, and all that a callee may destroy but results. */
function callOperands(
  cx: LowerContext,
  signature: Signature,
  locs: SignatureLocs,
  regs: ValueRegs,
  results: ValueRegs,
): void {
  const { params, returns } = signature;
  for (let p = 0; p < params.length; p++) {
    if (locs.params.reg[p] === NONE) continue;
    useFixed(cx, classOf(params[p]!), regs[p * 2]!, locs.params.reg[p]!);
    if (params[p] === Type.I128) useFixed(cx, CLASS_INT, regs[p * 2 + 1]!, locs.params.regHigh[p]!);
  }
  let [ints, floats] = CALL_CLOBBERS;
  for (let r = 0; r < returns.length; r++) {
    const cls = classOf(returns[r]!);
    const reg = locs.returns.reg[r]!;
    if (results[r * 2] !== NONE) {
      defFixed(cx, cls, results[r * 2]!, reg);
      if (cls === CLASS_INT) ints &= ~(1 << reg);
      else floats &= ~(1 << reg);
    }
    if (returns[r] === Type.I128 && results[r * 2 + 1] !== NONE) {
      defFixed(cx, CLASS_INT, results[r * 2 + 1]!, locs.returns.regHigh[r]!);
      ints &= ~(1 << locs.returns.regHigh[r]!);
    }
  }
  cx.builder.clobber(ints, floats);
  cx.builder.vcode.hasCalls = true;
}

/** Puts a call of `symbol`: arguments and results by register. */
function putCall(cx: LowerContext, symbol: string, signature: Signature, regs: ValueRegs, results: ValueRegs): void {
  const locs = signatureLocs(signature);
  storeStackArgs(cx, signature.params, locs.params, regs);
  cx.builder.inst(Pseudo.CALL, 0, symbolIndex(cx, symbol));
  callOperands(cx, signature, locs, regs, results);
}

/** The number of `symbol` among those that the function's instructions name. */
export function symbolIndex(cx: LowerContext, symbol: string): number {
  const { symbols } = cx.builder.vcode;
  const found = symbols.indexOf(symbol);
  return found >= 0 ? found : symbols.push(symbol) - 1;
}

/** The registers of the call's results that somebody reads. */
function resultRegs(cx: LowerContext, i: number, types: readonly Type[]): ValueRegs {
  const regs: number[] = [];
  for (let r = 0; r < types.length; r++) {
    const isUsed = cx.isUsed(i, r);
    regs.push(isUsed ? cx.result(i, r) : NONE, isUsed && types[r] === Type.I128 ? cx.resultHigh(i, r) : NONE);
  }
  return regs;
}

function emitCall(cx: LowerContext, i: number): void {
  const { symbol, signature } = cx.fn.functions[cx.fn.immLo[i]!]!;
  const regs = argRegs(cx, i, 0, signature.params);
  putCall(cx, symbol, signature, regs, resultRegs(cx, i, signature.returns));
}

function emitCallIndirect(cx: LowerContext, i: number): void {
  const signature = cx.fn.signatures[cx.fn.immLo[i]!]!;
  const callee = cx.use(cx.arg(i, 0));
  const regs = argRegs(cx, i, 1, signature.params);
  const locs = signatureLocs(signature);
  storeStackArgs(cx, signature.params, locs.params, regs);
  const results = resultRegs(cx, i, signature.returns);
  cx.builder.inst(Pseudo.CALL_INDIRECT);
  useAny(cx, CLASS_INT, callee);
  callOperands(cx, signature, locs, regs, results);
}

function emitSyscall(cx: LowerContext, i: number): void {
  const count = cx.fn.argCount[i]!;
  const regs: number[] = [];
  for (let a = 0; a < count; a++) regs.push(cx.use(cx.arg(i, a)));
  const result = cx.result(i);
  cx.builder.inst(form("syscall"));
  useFixed(cx, CLASS_INT, regs[0]!, Gpr.RAX);
  for (let a = 1; a < count; a++) useFixed(cx, CLASS_INT, regs[a]!, SYSCALL_ARG_REGS[a - 1]!);
  defFixed(cx, CLASS_INT, result, Gpr.RAX);
  cx.builder.clobber((1 << Gpr.RCX) | (1 << Gpr.R11), 0);
}

// --- The runtime's functions -----------------------------------------------------------------------------------------

function signature(params: readonly Type[], returns: readonly Type[]): Signature {
  return { params, returns, noReturn: false };
}

/** Signatures of the 128-bit helpers, the names and ABI of libgcc and compiler-rt. */
export const RUNTIME: Readonly<Record<string, Signature>> = {
  __udivti3: signature([Type.I128, Type.I128], [Type.I128]),
  __umodti3: signature([Type.I128, Type.I128], [Type.I128]),
  __divti3: signature([Type.I128, Type.I128], [Type.I128]),
  __modti3: signature([Type.I128, Type.I128], [Type.I128]),
  __floatuntisf: signature([Type.I128], [Type.F32]),
  __floatuntidf: signature([Type.I128], [Type.F64]),
  __floattisf: signature([Type.I128], [Type.F32]),
  __floattidf: signature([Type.I128], [Type.F64]),
  __fixunssfti: signature([Type.F32], [Type.I128]),
  __fixunsdfti: signature([Type.F64], [Type.I128]),
  __fixsfti: signature([Type.F32], [Type.I128]),
  __fixdfti: signature([Type.F64], [Type.I128]),
};

/** Calls a runtime helper. */
export function callRuntime(cx: LowerContext, symbol: string, regs: ValueRegs, results: ValueRegs): void {
  putCall(cx, symbol, RUNTIME[symbol]!, regs, results);
}

function divisionRule(name: string, op: number, symbol: string): Rule {
  return {
    name,
    op,
    types: WIDE,
    emit: (cx, i) => {
      const [a, b] = [cx.arg(i, 0), cx.arg(i, 1)];
      const regs = [cx.use(a), cx.useHigh(a), cx.use(b), cx.useHigh(b)];
      callRuntime(cx, symbol, regs, [cx.result(i), cx.resultHigh(i)]);
    },
  };
}

export const CALL_RULES: readonly Rule[] = [
  { name: "call", op: Op.call, emit: emitCall },
  { name: "call_indirect", op: Op.callIndirect, emit: emitCallIndirect },
  { name: "syscall", op: Op.syscall, emit: emitSyscall },
  { name: "return", op: Op.ret, emit: emitReturn },
  divisionRule("udiv.i128", Op.udiv, "__udivti3"),
  divisionRule("urem.i128", Op.urem, "__umodti3"),
  divisionRule("sdiv.i128", Op.sdiv, "__divti3"),
  divisionRule("srem.i128", Op.srem, "__modti3"),
];
