/**
 * MatchBranchSimplification: a switch whose targets do the same, up to the constants that they store, becomes straight code
 * (rustc_mir_transform/src/match_branches.rs).
 *
 * All targets end in the same jump or return and have the same statements but for assignments of constants to the same place. Where these differ, the
 * constant must follow from the value switched on: two `bool`s that tell it from the listed value, or integers that are the value itself, cast.
 * `otherwise` takes part unless it is unreachable. The value is read once, before the statements, which may change it.
 */

import { operandTy, placeTy } from "../mir/place-ty.ts";
import type { Local, Operand, Rvalue, Statement, Terminator } from "../mir/syntax.ts";
import { TY_BOOL, type Ty } from "../mir/ty.ts";
import { constOf, constOperand, evalIntCast, type ScalarConst, scalarWidth } from "./eval.ts";
import type { MirPass, MutBlock, MutBody, TransformCx } from "./pass.ts";
import { sameStatement } from "./same-statement.ts";

type Switch = Extract<Terminator, { kind: "switchInt" }>;
type Assign = Extract<Statement, { kind: "assign" }>;

export const matchBranchSimplification: MirPass = (body, cx) => {
  let changed = false;
  for (const block of body.blocks) {
    const { terminator } = block;
    if (terminator.kind !== "switchInt") continue;
    const merged = mergeOf(body, block, terminator, cx);
    if (merged === undefined) continue;
    block.statements = block.statements.concat(merged.statements);
    block.terminator = merged.terminator;
    changed = true;
  }
  return changed;
};

/** A way through the switch: the value that leads there, absent for `otherwise`. */
interface Arm {
  readonly value: bigint | undefined;
  readonly block: MutBlock;
}

function mergeOf(
  body: MutBody,
  block: MutBlock,
  terminator: Switch,
  cx: TransformCx,
): { readonly statements: readonly Statement[]; readonly terminator: Terminator } | undefined {
  const arms = armsOf(body, terminator);
  const [first, ...others] = arms;
  if (first === undefined || others.length === 0 || arms.some((arm) => arm.block === block)) return undefined;
  const end = first.block.terminator;
  const { length } = first.block.statements;
  if (others.some((arm) => !sameEnd(arm.block.terminator, end) || arm.block.statements.length !== length))
    return undefined;
  const discrTy = operandTy(body, terminator.discr, cx.tcx);
  if (scalarWidth(discrTy, pointerBits(cx)) === undefined) return undefined;
  const discr = body.locals.length as Local;
  const merged: Statement[] = [];
  for (let i = 0; i < length; i++) {
    const statement = mergeStatements(body, arms, i, { local: discr, ty: discrTy }, cx);
    if (statement === undefined) return undefined;
    merged.push(statement);
  }
  body.locals.push({ ty: discrTy, mutability: "not" });
  const read: Rvalue = { kind: "use", operand: terminator.discr };
  const place = { local: discr, projection: [] };
  return {
    statements: [{ kind: "assign", place, rvalue: read, span: terminator.span }, ...merged],
    terminator: end,
  };
}

function pointerBits(cx: TransformCx): number {
  return cx.layouts.dataLayout.pointerSize * 8;
}

function armsOf(body: MutBody, { values, targets, otherwise }: Switch): Arm[] {
  const arms: Arm[] = values.map((value, i) => ({ value, block: body.blocks[targets[i]!]! }));
  const rest = otherwise === undefined ? undefined : body.blocks[otherwise]!;
  if (rest !== undefined && rest.terminator.kind !== "unreachable") arms.push({ value: undefined, block: rest });
  return arms;
}

function sameEnd(a: Terminator, b: Terminator): boolean {
  if (a.kind === "goto" && b.kind === "goto") return a.target === b.target;
  return a.kind === "return" && b.kind === "return";
}

interface Discr {
  readonly local: Local;
  readonly ty: Ty;
}

/** One statement that does what statement `i` does in each arm. */
function mergeStatements(
  body: MutBody,
  arms: readonly Arm[],
  i: number,
  discr: Discr,
  cx: TransformCx,
): Statement | undefined {
  const first = arms[0]!.block.statements[i]!;
  if (arms.every((arm) => sameStatement(arm.block.statements[i]!, first))) return first;
  const stores: Assign[] = [];
  const constants: ScalarConst[] = [];
  for (const { block } of arms) {
    const statement = block.statements[i]!;
    if (statement.kind !== "assign" || statement.rvalue.kind !== "use") return undefined;
    const constant = constOf(statement.rvalue.operand);
    if (constant === undefined || !sameStore(statement, first)) return undefined;
    stores.push(statement);
    constants.push(constant);
  }
  const store = stores[0]!;
  const { ty } = placeTy(body, store.place, cx.tcx);
  const rvalue = ty === TY_BOOL ? asComparison(arms, constants, discr) : asCast(arms, constants, ty, discr, cx);
  return rvalue === undefined ? undefined : { ...store, rvalue };
}

/** Whether both assign to the same place. */
function sameStore(a: Assign, b: Statement): boolean {
  return b.kind === "assign" && sameStatement({ ...a, rvalue: b.rvalue }, b);
}

/** `discr == value`, of two arms that store one `bool` each. */
function asComparison(arms: readonly Arm[], constants: readonly ScalarConst[], discr: Discr): Rvalue | undefined {
  const { value } = arms[0]!;
  if (arms.length !== 2 || value === undefined) return undefined;
  const op = constants[0]!.bits === 1n ? "Eq" : "Ne";
  return { kind: "binary", op, left: read(discr), right: constOperand({ ty: discr.ty, bits: value }) };
}

/** `discr as ty`, of arms that each store their own value. */
function asCast(
  arms: readonly Arm[],
  constants: readonly ScalarConst[],
  ty: Ty,
  discr: Discr,
  cx: TransformCx,
): Rvalue | undefined {
  if ((ty.kind !== "int" && ty.kind !== "uint") || discr.ty.kind === "char") return undefined;
  const isValue = arms.every(({ value }, i) => {
    if (value === undefined) return false;
    return evalIntCast({ ty: discr.ty, bits: value }, ty, pointerBits(cx))?.bits === constants[i]!.bits;
  });
  if (!isValue) return undefined;
  return ty === discr.ty
    ? { kind: "use", operand: read(discr) }
    : { kind: "cast", castKind: "IntToInt", operand: read(discr), ty };
}

function read({ local }: Discr): Operand {
  return { kind: "copy", place: { local, projection: [] } };
}
