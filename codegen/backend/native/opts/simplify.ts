/**
 * Peephole simplification: constants fold, and the rules of the policy rewrite what they match, to a fixpoint.
 *
 * Blocks are visited in reverse postorder, so that arguments are simplified before their uses; what a rewrite inserts before the
 * instruction is visited too. Rounds repeat while anything changes, within a bound.
 */

import { NONE } from "../../../entity/entity.ts";
import type { Inst, IrFunction, Value } from "../ir/function.ts";
import { OPS, Op, Type } from "../ir/opcodes.ts";
import type { PassCx } from "./context.ts";
import { insertBits, insertConst } from "./edit.ts";
import { foldWide, foldWideSecond } from "./fold-wide.ts";
import type { OptPolicy } from "./policy.ts";
import type { Rule, RuleCx } from "./rules/rule.ts";

const MAX_ROUNDS = 4;
/** A bound on the rewrites of one instruction and what replaces it, against rules that chase each other. */
const MAX_STEPS = 64;

/** Rules by opcode, kept for the policy that they came from. */
const compiled = new WeakMap<readonly Rule[], (readonly Rule[])[]>();

function rulesByOpcode(policy: OptPolicy): (readonly Rule[])[] {
  let table = compiled.get(policy.rules);
  if (table === undefined) {
    table = OPS.map((_, opcode) => policy.rules.filter((rule) => rule.ops.includes(opcode)));
    compiled.set(policy.rules, table);
  }
  return table;
}

let useCount: Int32Array = new Int32Array(256);
let countedValues = 0;
const isUnused = (value: Value): boolean => value < countedValues && useCount[value] === 0;

/** Applies the policy's rules; true when any matched. */
export function simplify(fn: IrFunction, cx: PassCx): boolean {
  const rules = rulesByOpcode(cx.policy);
  const ruleCx: RuleCx = { policy: cx.policy, isUnused };
  cx.cfg.compute(fn);
  let changed = false;
  for (let round = 0; round < MAX_ROUNDS; round++) {
    countUses(fn);
    let again = false;
    for (let i = 0; i < cx.cfg.reachable; i++) {
      if (simplifyBlock(fn, cx.cfg.rpo[i]!, ruleCx, rules)) again = true;
    }
    if (!again) break;
    changed = true;
    fn.resolveAliases();
  }
  return changed;
}

function countUses(fn: IrFunction): void {
  countedValues = fn.valueCount;
  if (useCount.length < countedValues) useCount = new Int32Array(countedValues * 2);
  useCount.fill(0, 0, countedValues);
  for (let b = 0; b < fn.layout.length; b++) {
    for (let inst = fn.firstInst[fn.layout[b]!]!; inst !== NONE; inst = fn.next[inst]!) {
      countRun(fn, fn.argStart[inst]!, fn.argCount[inst]!);
      for (let s = fn.succCount[inst]! - 1, at = fn.succStart[inst]! + s * 3; s >= 0; s--, at -= 3)
        countRun(fn, fn.succPool[at + 1]!, fn.succPool[at + 2]!);
    }
  }
}

function countRun(fn: IrFunction, start: number, count: number): void {
  for (let i = start; i < start + count; i++) useCount[fn.argPool[i]!]!++;
}

function simplifyBlock(fn: IrFunction, block: number, cx: RuleCx, rules: (readonly Rule[])[]): boolean {
  let changed = false;
  let steps = 0;
  for (let inst = fn.firstInst[block]!; inst !== NONE; ) {
    const opcode = fn.opcode[inst]!;
    if (opcode === Op.iconst || opcode === Op.fconst) {
      inst = fn.next[inst]!;
      continue;
    }
    resolveArgs(fn, inst);
    const previous = fn.prev[inst]!;
    if (steps < MAX_STEPS && simplifyInst(fn, inst as Inst, cx, rules[opcode]!)) {
      changed = true;
      steps++;
      // Go on with what the rewrite put in the place of the instruction.
      inst = previous === NONE ? fn.firstInst[block]! : fn.next[previous]!;
      continue;
    }
    steps = 0;
    inst = fn.next[inst]!;
  }
  return changed;
}

function resolveArgs(fn: IrFunction, inst: number): void {
  const start = fn.argStart[inst]!;
  for (let i = start + fn.argCount[inst]! - 1; i >= start; i--) fn.argPool[i] = fn.resolve(fn.argPool[i]! as Value);
}

function simplifyInst(fn: IrFunction, inst: Inst, cx: RuleCx, rules: readonly Rule[]): boolean {
  if (foldInst(fn, inst, cx.policy)) return true;
  for (let i = 0; i < rules.length; i++) if (rules[i]!.apply(fn, inst, cx)) return true;
  return false;
}

const out = new Int32Array(4);

/** Replaces `inst` by constants when all its arguments are constants and it folds. */
export function foldInst(fn: IrFunction, inst: Inst, policy: OptPolicy): boolean {
  const count = fn.argCount[inst]!;
  if (count === 0 || count > 2 || fn.resultCount[inst] === 0) return false;
  const a = constantDef(fn, fn.arg(inst, 0));
  if (a === NONE) return false;
  const b = count === 2 ? constantDef(fn, fn.arg(inst, 1)) : a;
  if (b === NONE) return false;
  const opcode = fn.opcode[inst]!;
  const type = fn.type[inst]!;
  const from = fn.type[a]!;
  if (type === Type.I128 || from === Type.I128) return foldWideInst(fn, inst, a, b, count);
  const fold = policy.fold[opcode];
  if (fold === undefined) return false;
  const second = count === 2 ? b : NONE;
  const bLo = second === NONE ? 0 : fn.immLo[second]!;
  const bHi = second === NONE ? 0 : fn.immHi[second]!;
  if (!fold(type, from, fn.immLo[a]!, fn.immHi[a]!, bLo, bHi, out, fn.aux[inst]!)) return false;
  const result = fn.result(inst);
  fn.replaceValue(result, insertConst(fn, inst, fn.valueType[result]! as Type, out[0]!, out[1]!));
  if (fn.resultCount[inst] === 2) fn.replaceValue(fn.result(inst, 1), insertConst(fn, inst, Type.I8, out[2]!, 0));
  fn.removeInst(inst);
  return true;
}

function foldWideInst(fn: IrFunction, inst: Inst, a: Inst, b: Inst, count: number): boolean {
  const opcode = fn.opcode[inst]!;
  const x = fn.constBits(a);
  const y = count === 2 ? fn.constBits(b) : 0n;
  const first = foldWide(opcode, fn.type[inst]!, fn.type[a]!, fn.aux[inst]!, x, y);
  if (first === undefined) return false;
  const result = fn.result(inst);
  fn.replaceValue(result, insertBits(fn, inst, fn.valueType[result]! as Type, first));
  if (fn.resultCount[inst] === 2) {
    const flag = fn.result(inst, 1);
    const second = foldWideSecond(opcode, x, y);
    fn.replaceValue(flag, insertBits(fn, inst, fn.valueType[flag]! as Type, second ?? 0n));
  }
  fn.removeInst(inst);
  return true;
}

function constantDef(fn: IrFunction, value: Value): Inst | -1 {
  const def = fn.valueDef[value]!;
  return def >= 0 && (fn.opcode[def] === Op.iconst || fn.opcode[def] === Op.fconst) ? (def as Inst) : NONE;
}
