/**
 * What the optimiser may do: the predicates and tables that make each pass right, gathered where they can be replaced one by one.
 *
 * A policy is chosen once, when a session is set up. Passes read it; they have no other idea of what is legal. `DEFAULT_POLICY` is the
 * right one; a planted fault is a copy with one entry replaced (`{ ...DEFAULT_POLICY, mayHoist: … }`).
 */

import type { OptLevel } from "../../../session/session.ts";
import type { InlineAttr, Inst, IrFunction, Value } from "../ir/function.ts";
import { EFFECTS, Effect, OPS, Op } from "../ir/opcodes.ts";
import { type AddressAnalysis, mayAlias, reachableByCalls } from "./address-analysis.ts";
import { DEFAULT_FOLDS, type FoldTable } from "./fold.ts";
import { DEFAULT_INLINE_COSTS, type InlineCosts } from "./inline-cost.ts";
import { DEFAULT_MAGIC, type MagicTable } from "./magic.ts";
import { ALL_RULES } from "./rules/all.ts";
import { swapCond } from "./rules/arith.ts";
import { argOf, defOf, isInt, type Rule } from "./rules/rule.ts";
import { sameBody } from "./same-body.ts";

export interface OptPolicy {
  /** By opcode: whether a stack address given to it escapes (of a store: the value stored). */
  readonly escapesThrough: Uint8Array;
  /** Whether the slot, all of whose accesses are understood, may become values. */
  readonly mayPromote: (fn: IrFunction, slot: number) => boolean;
  /** SROA leaves alone slots of more bytes, or that would fall into more pieces. */
  readonly sroaMaxBytes: number;
  readonly sroaMaxPieces: number;

  /** By opcode: whether an instruction may go when no result is used. */
  readonly removable: Uint8Array;
  /** By opcode: whether two instructions with the same operands have the same results. */
  readonly mayNumber: Uint8Array;
  /** By opcode: whether the two arguments may be exchanged. */
  readonly commutative: Uint8Array;
  /** The exact folding of each opcode. */
  readonly fold: FoldTable;
  /** Magic numbers for division by constants. */
  readonly magic: MagicTable;
  /** The peephole rules, in order. */
  readonly rules: readonly Rule[];

  /** Whether two accesses of given sizes may touch the same byte. */
  readonly mayAlias: (
    aa: AddressAnalysis,
    a: Value,
    offsetA: number,
    sizeA: number,
    b: Value,
    offsetB: number,
    sizeB: number,
  ) => boolean;
  /** Whether a call may touch the memory at an address. */
  readonly reachableByCalls: (aa: AddressAnalysis, address: Value) => boolean;

  /**
   * Whether `inst`, whose arguments do not change in a loop, may move before the loop. `always`: it runs whenever the loop is entered, with
   * no effect before it. `writes`: memory that it reads may be written in the loop.
   */
  readonly mayHoist: (fn: IrFunction, inst: Inst, always: boolean, writes: boolean) => boolean;
  /** Whether `inst` may run though the program would not have run it (a branch turned into `select`). */
  readonly maySpeculate: (fn: IrFunction, inst: Inst) => boolean;
  /** The most instructions that a branch turned into `select` may run in vain, by opt-level. */
  readonly speculationLimit: Readonly<Record<OptLevel, number>>;
  /** The most block arguments that a branch turned into `select` may choose, by opt-level. */
  readonly selectLimit: Readonly<Record<OptLevel, number>>;
  /** The inverse of an integer or float condition. */
  readonly invertCond: (cc: number) => number;
  /** The integer condition that holds of exchanged arguments. */
  readonly swapCond: (cc: number) => number;
  /** Whether control never comes to `unreachable`, so that branches to it may go. */
  readonly trustUnreachable: boolean;
  /** Whether below a branch its condition counts as known. */
  readonly learnFromBranches: boolean;

  readonly inlineCosts: InlineCosts;
  /** Whether a body may be inlined at all, whatever it costs. */
  readonly mayInline: (callee: IrFunction, attr: InlineAttr) => boolean;
  /** Whether two functions with equal hashes are one: compares the bodies. */
  readonly sameBody: (a: IrFunction, b: IrFunction) => boolean;
}

function byOpcode(yes: (opcode: number, effects: number) => boolean): Uint8Array {
  return Uint8Array.from(OPS, (_, opcode) => (yes(opcode, EFFECTS[opcode]!) ? 1 : 0));
}

const isPure = (effects: number): boolean => (effects & ~(Effect.COMMUTATIVE | Effect.TRAP)) === 0;

/** Whether a division by this divisor cannot trap: a constant, neither 0 nor, of signed ones, -1. */
function isSafeDivision(fn: IrFunction, inst: Inst): boolean {
  const opcode = fn.opcode[inst]!;
  const divisor = defOf(fn, argOf(fn, inst, 1), Op.iconst);
  if (divisor < 0 || isInt(fn, fn.result(divisor as Inst), 0)) return false;
  const signed = opcode === Op.sdiv || opcode === Op.srem;
  return !signed || !isInt(fn, fn.result(divisor as Inst), -1);
}

function mayRunInVain(fn: IrFunction, inst: Inst): boolean {
  const effects = EFFECTS[fn.opcode[inst]!]!;
  if ((effects & ~Effect.COMMUTATIVE) === 0) return true;
  const opcode = fn.opcode[inst]!;
  const division = opcode === Op.udiv || opcode === Op.sdiv || opcode === Op.urem || opcode === Op.srem;
  return division && isSafeDivision(fn, inst);
}

export const DEFAULT_POLICY: OptPolicy = {
  escapesThrough: byOpcode(() => true),
  mayPromote: () => true,
  sroaMaxBytes: 128,
  sroaMaxPieces: 24,

  // Loads and divisions may trap, but a program that lets them is not one to preserve.
  removable: byOpcode((_, effects) => (effects & (Effect.WRITE | Effect.SIDE | Effect.TERMINATOR)) === 0),
  mayNumber: byOpcode((opcode, effects) => opcode !== Op.nop && isPure(effects)),
  commutative: byOpcode((_, effects) => (effects & Effect.COMMUTATIVE) !== 0),
  fold: DEFAULT_FOLDS,
  magic: DEFAULT_MAGIC,
  rules: ALL_RULES,

  mayAlias,
  reachableByCalls,

  mayHoist: (fn, inst, always, writes) => {
    if ((EFFECTS[fn.opcode[inst]!]! & Effect.READ) !== 0) return always && !writes;
    return always || mayRunInVain(fn, inst);
  },
  maySpeculate: mayRunInVain,
  speculationLimit: { "0": 0, "1": 1, "2": 2, "3": 3, s: 1, z: 1 },
  selectLimit: { "0": 0, "1": 1, "2": 2, "3": 3, s: 2, z: 2 },
  invertCond: (cc) => cc ^ 1,
  swapCond,
  trustUnreachable: true,
  learnFromBranches: true,

  inlineCosts: DEFAULT_INLINE_COSTS,
  mayInline: (callee, attr) => attr !== "never" && callee.layout.length > 0,
  sameBody,
};
