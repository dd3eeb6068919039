/**
 * Lowering of `switch`: a jump table where the cases are dense, else a binary search of comparisons.
 */

import { Op, Type } from "../../ir/opcodes.ts";
import type { LowerContext } from "../../machinst/lower.ts";
import type { Rule } from "../../machinst/rules.ts";
import { CLASS_INT, INST_BRANCH } from "../../regalloc/function.ts";
import { alu, form } from "./families.ts";
import { Pseudo, reg2, reg3, useReg } from "./inst.ts";
import { aluImm, imm64Reg, ZERO_EXTEND_32 } from "./lower-alu.ts";
import { Gpr } from "./registers.ts";

/** When a jump table pays, as data. */
export interface SwitchPolicy {
  readonly minCases: number;
  /** Entries per case at most. */
  readonly maxSparseness: number;
}

export const SWITCH_POLICY: SwitchPolicy = { minCases: 4, maxSparseness: 4 };

const SUB = alu("sub");

function emitSwitch(cx: LowerContext, i: number, policy: SwitchPolicy): void {
  const values = cx.fn.switchCases[cx.fn.immLo[i]!]!;
  const type = cx.argType(i, 0);
  const order = values.map((_, k) => k).sort((a, b) => (values[a]! < values[b]! ? -1 : 1));
  if (values.length >= policy.minCases && type !== Type.I128) {
    const least = values[order[0]!]!;
    const span = values[order[order.length - 1]!]! - least + 1n;
    if (span <= BigInt(values.length * policy.maxSparseness)) {
      emitTable(cx, i, least, Number(span), values);
      return;
    }
  }
  const { vcode } = cx.builder;
  const data = { tableOffset: -1, values: order.map((k) => values[k]!), targets: order.map((k) => k + 1) };
  const index = vcode.switches.push(data) - 1;
  const value = cx.arg(i, 0);
  if (type === Type.I128) {
    const [low, high] = [cx.use(value), cx.useHigh(value)];
    cx.builder.inst(Pseudo.SWITCH_WIDE, 0, index, type, 0, INST_BRANCH);
    useReg(cx, CLASS_INT, low);
    useReg(cx, CLASS_INT, high);
    return;
  }
  const reg = cx.use(value);
  cx.builder.inst(Pseudo.SWITCH_TREE, 0, index, type, 0, INST_BRANCH);
  useReg(cx, CLASS_INT, reg);
}

/** The distance from the least case, zero-extended to 64 bits: the index. */
function tableIndex(cx: LowerContext, value: number, least: bigint): number {
  const type = cx.fn.valueType[value]!;
  let index = cx.use(value);
  if (type < Type.I32 || (type === Type.I32 && least === 0n)) {
    const extended = cx.tmp();
    reg2(cx, ZERO_EXTEND_32[type]!, extended, index);
    index = extended;
  }
  if (least === 0n) return index;
  const distance = cx.tmp();
  const imm = Number(BigInt.asIntN(type === Type.I64 ? 64 : 32, least));
  if (type !== Type.I64 || (imm >= -(2 ** 31) && imm < 2 ** 31)) {
    aluImm(cx, SUB, type === Type.I64 ? Type.I64 : Type.I32, index, distance, imm);
  } else {
    const lo = Number(BigInt.asIntN(32, least));
    reg3(cx, form("subq_rm"), index, distance, imm64Reg(cx, lo, Number(BigInt.asIntN(32, least >> 32n))));
  }
  return distance;
}

/** `rax` is free at a terminator but for its operands, which are read before it is written. */
function emitTable(cx: LowerContext, i: number, least: bigint, span: number, values: readonly bigint[]): void {
  const targets = new Array<number>(span).fill(0);
  for (let k = 0; k < values.length; k++) targets[Number(values[k]! - least)] = k + 1;
  const index = tableIndex(cx, cx.arg(i, 0), least);
  const tableOffset = cx.builder.jumpTable(targets, cx.order.succStart[cx.block]!);
  const data = cx.builder.vcode.switches.push({ tableOffset, values: [BigInt(span)], targets: [] }) - 1;
  cx.builder.inst(Pseudo.SWITCH_TABLE, 0, data, span, 0, INST_BRANCH);
  useReg(cx, CLASS_INT, index);
  cx.builder.clobber(1 << Gpr.RAX, 0);
}

export function switchRules(policy: SwitchPolicy): readonly Rule[] {
  return [{ name: "switch", op: Op.switch, emit: (cx, i) => emitSwitch(cx, i, policy) }];
}
