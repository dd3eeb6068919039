/**
 * DataflowConstProp: constants over the control flow, also in locals that are assigned more than once
 * (rustc_mir_transform/src/dataflow_const_prop.rs).
 *
 * A forward analysis over integers, bools and chars in locals that are not borrowed, and in the fields of checked-arithmetic pairs. It is conditional: an edge
 * of a switch on a constant that is not taken carries nothing (Wegman and Zadeck, 1991). What stays unknown at a join is unknown.
 */

import { discriminantTy, operandTy, placeTy } from "../mir/place-ty.ts";
import type { Operand, Place, Rvalue, Statement, Terminator } from "../mir/syntax.ts";
import { TY_BOOL, type Ty, type TyOf } from "../mir/ty.ts";
import { mapStatement, mapTerminator, successors } from "../mir/visit.ts";
import {
  constOf,
  constOperand,
  evalBinary,
  evalIntCast,
  evalOverflowing,
  evalUnary,
  type ScalarConst,
  scalarWidth,
} from "./eval.ts";
import { borrowedLocals, forEachUse } from "./locals.ts";
import type { MirPass, MutBody, TransformCx } from "./pass.ts";

/**
 * What is known: constants by slot. A slot is `3 * local` for the whole, `+ 1` and `+ 2` for the fields of a pair. Of an enum, the whole stands for its
 * discriminant, which has another type than the enum. A slot that is absent is not known.
 */
export type State = Map<number, ScalarConst>;

export const dataflowConstProp: MirPass = (body, cx) => {
  const flow = new ConstFlow(body, cx);
  const entry = solve(body, flow);
  if (entry === undefined) return false;
  let changed = false;
  body.blocks.forEach((block, at) => {
    const state = entry[at];
    if (state === undefined) return;
    const known = new Map(state);
    const operand = (o: Operand): Operand => flow.substitute(known, o);
    block.statements = block.statements.map((statement) => {
      const next = mapStatement(statement, { operand });
      if (next !== statement) changed = true;
      const simpler = flow.foldStatement(known, next);
      if (simpler !== next) changed = true;
      flow.statement(known, simpler);
      return simpler;
    });
    const next = mapTerminator(block.terminator, { operand });
    if (next !== block.terminator) changed = true;
    block.terminator = next;
  });
  return changed;
};

/**
 * How many constants may be carried over edges, all in all: what is known grows with the function, and so does the number of edges that it is carried
 * over. rustc leaves functions of more than 100 blocks alone.
 */
const MOST_CARRIED = 2_000_000;

/** By block: what is known on entry; `undefined` when nothing reaches it. Without an answer when that would be too much work. */
function solve(body: MutBody, flow: ConstFlow): (State | undefined)[] | undefined {
  const entry: (State | undefined)[] = new Array(body.blocks.length);
  entry[0] = new Map();
  const work = [0];
  let carried = 0;
  for (let at = work.pop(); at !== undefined; at = work.pop()) {
    const state: State = new Map(entry[at]);
    const block = body.blocks[at]!;
    for (const statement of block.statements) flow.statement(state, statement);
    for (const next of flow.takenEdges(state, block.terminator)) {
      carried += state.size;
      if (carried > MOST_CARRIED) return undefined;
      const out = flow.afterTerminator(state, block.terminator);
      if (join(entry, next, out)) work.push(next);
    }
  }
  return entry;
}

/** Keeps of `entry[at]` what `state` agrees with; true when that changed it. */
function join(entry: (State | undefined)[], at: number, state: State): boolean {
  const known = entry[at];
  if (known === undefined) {
    entry[at] = new Map(state);
    return true;
  }
  let changed = false;
  for (const [slot, value] of known) {
    const other = state.get(slot);
    if (other !== undefined && other.bits === value.bits && other.ty === value.ty) continue;
    known.delete(slot);
    changed = true;
  }
  return changed;
}

/** The transfer functions, also used where a path is followed by itself (`jump-threading.ts`). */
export class ConstFlow {
  private readonly body: MutBody;
  private readonly cx: TransformCx;
  private readonly borrowed: Uint8Array;
  private readonly pointerBits: number;

  constructor(body: MutBody, cx: TransformCx) {
    this.body = body;
    this.cx = cx;
    this.borrowed = borrowedLocals(body);
    this.pointerBits = cx.layouts.dataLayout.pointerSize * 8;
  }

  private slotOf({ local, projection }: Place): number | undefined {
    if (this.borrowed[local] === 1) return undefined;
    if (projection.length === 0) return 3 * local;
    const [field] = projection;
    if (projection.length > 1 || field?.kind !== "field" || field.index > 1) return undefined;
    return this.body.locals[local]!.ty.kind === "tuple" ? 3 * local + 1 + field.index : undefined;
  }

  valueOf(state: State, operand: Operand): ScalarConst | undefined {
    if (operand.kind === "const") return constOf(operand);
    const slot = this.slotOf(operand.place);
    return slot === undefined ? undefined : state.get(slot);
  }

  /** `operand`, or the constant that it is. */
  substitute(state: State, operand: Operand): Operand {
    if (operand.kind === "const") return operand;
    const value = this.valueOf(state, operand);
    return value !== undefined && value.ty === placeTy(this.body, operand.place, this.cx.tcx).ty
      ? constOperand(value)
      : operand;
  }

  /** An assignment whose value is known, as one of a constant. */
  foldStatement(state: State, statement: Statement): Statement {
    if (statement.kind !== "assign" || statement.rvalue.kind === "use") return statement;
    const value = this.evaluate(state, statement.rvalue);
    if (value === undefined) return statement;
    return { ...statement, rvalue: { kind: "use", operand: constOperand(value) } };
  }

  private evaluate(state: State, rvalue: Rvalue): ScalarConst | undefined {
    switch (rvalue.kind) {
      case "use":
        return this.valueOf(state, rvalue.operand);
      case "binary": {
        const left = this.valueOf(state, rvalue.left);
        const right = this.valueOf(state, rvalue.right);
        return left && right && evalBinary(rvalue.op, left, right, this.pointerBits);
      }
      case "unary": {
        const operand = this.valueOf(state, rvalue.operand);
        return operand && evalUnary(rvalue.op, operand, this.pointerBits);
      }
      case "cast": {
        const operand = rvalue.castKind === "IntToInt" ? this.valueOf(state, rvalue.operand) : undefined;
        return operand && evalIntCast(operand, rvalue.ty, this.pointerBits);
      }
      case "discriminant": {
        const slot = rvalue.place.projection.length === 0 ? this.slotOf(rvalue.place) : undefined;
        return slot === undefined ? undefined : state.get(slot);
      }
      default:
        return undefined;
    }
  }

  /** The discriminant of the enum that `rvalue` makes. */
  private madeVariant(rvalue: Rvalue): ScalarConst | undefined {
    let variant: number;
    let ty: Ty;
    if (rvalue.kind === "aggregate" && rvalue.aggregate.kind === "adt") ({ variant, ty } = rvalue.aggregate);
    else if (rvalue.kind === "use" && rvalue.operand.kind === "const" && rvalue.operand.value.kind === "aggregate")
      ({ variant, ty } = rvalue.operand.value);
    else return undefined;
    return ty.kind === "adt" && ty.def.adtKind === "enum"
      ? variantDiscriminant(ty, variant, this.pointerBits)
      : undefined;
  }

  private forget(state: State, local: number): void {
    state.delete(3 * local);
    state.delete(3 * local + 1);
    state.delete(3 * local + 2);
  }

  /** Moves `state` over `statement`. */
  statement(state: State, statement: Statement): void {
    if (statement.kind === "assign") {
      const { place, rvalue } = statement;
      const value = this.evaluate(state, rvalue) ?? this.madeVariant(rvalue);
      const pair = this.overflowPair(state, rvalue);
      const slot = this.slotOf(place);
      this.forgetWritten(state, { statement });
      if (slot === undefined) return;
      if (value !== undefined) state.set(slot, value);
      else if (pair !== undefined && place.projection.length === 0) {
        state.set(slot + 1, pair.value);
        state.set(slot + 2, { ty: TY_BOOL, bits: pair.overflow ? 1n : 0n });
      }
      return;
    }
    this.forgetWritten(state, { statement });
    if (statement.kind === "storageLive" || statement.kind === "storageDead") this.forget(state, statement.local);
  }

  private overflowPair(state: State, rvalue: Rvalue): ReturnType<typeof evalOverflowing> {
    if (rvalue.kind !== "binary") return undefined;
    const left = this.valueOf(state, rvalue.left);
    const right = this.valueOf(state, rvalue.right);
    return left && right && evalOverflowing(rvalue.op, left, right, this.pointerBits);
  }

  private forgetWritten(state: State, node: Parameters<typeof forEachUse>[0]): void {
    forEachUse(node, (local, how) => {
      if (how === "write" || how === "partialWrite" || how === "move") this.forget(state, local);
    });
  }

  /** What is known behind `terminator`. */
  afterTerminator(state: State, terminator: Terminator): State {
    const out: State = new Map(state);
    this.forgetWritten(out, { terminator });
    return out;
  }

  /** Adds to `state` what it says of a switch's operand that the target of this number was taken. What is moved is gone. */
  learn(state: State, { discr, values, targets }: Extract<Terminator, { kind: "switchInt" }>, edge: number): void {
    if (discr.kind === "move") this.forget(state, discr.place.local);
    const slot = discr.kind === "copy" ? this.slotOf(discr.place) : undefined;
    if (slot === undefined || discr.kind !== "copy") return;
    const { ty } = placeTy(this.body, discr.place, this.cx.tcx);
    const value = values[edge];
    if (edge < targets.length && value !== undefined) state.set(slot, { ty, bits: value });
    // A `bool` that is not the one listed value is the other.
    else if (ty === TY_BOOL && values.length === 1) state.set(slot, { ty, bits: 1n - values[0]! });
  }

  /** The blocks that can follow, given what is known. */
  takenEdges(state: State, terminator: Terminator): readonly number[] {
    if (terminator.kind !== "switchInt") return successors(terminator);
    const value = this.valueOf(state, terminator.discr);
    if (value === undefined || value.ty !== operandTy(this.body, terminator.discr, this.cx.tcx))
      return successors(terminator);
    const at = terminator.values.indexOf(value.bits);
    const target = at >= 0 ? terminator.targets[at] : terminator.otherwise;
    return target === undefined ? [] : [target];
  }
}

/** The value of `ty`'s discriminant in a variant. */
export function variantDiscriminant(ty: TyOf<"adt">, variant: number, pointerBits: number): ScalarConst | undefined {
  const discr = discriminantTy(ty);
  const width = scalarWidth(discr, pointerBits);
  const discriminant = ty.def.variants[variant]?.discriminant;
  if (width === undefined || discriminant === undefined) return undefined;
  return { ty: discr, bits: BigInt.asUintN(width, discriminant) };
}
