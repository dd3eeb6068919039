/**
 * RemoveZsts: what has one value is neither stored nor read (rustc_mir_transform/src/remove_zsts.rs).
 *
 * An assignment to a place of zero size goes, as does setting its discriminant; an operand of zero size becomes its constant, so that the
 * locals behind them are mentioned by nothing. Types without a value stay: an operand of such a type is never reached. The layout of what depends on a
 * parameter is not known.
 */

import { layoutOf } from "../layout/layout.ts";
import { typeFlags } from "../mir/fold.ts";
import { operandTy, placeTy } from "../mir/place-ty.ts";
import type { Operand, Statement } from "../mir/syntax.ts";
import { TY_UNIT, type Ty } from "../mir/ty.ts";
import { mapStatement, mapTerminator } from "../mir/visit.ts";
import type { MirPass, TransformCx } from "./pass.ts";

export const removeZsts: MirPass = (body, cx) => {
  let changed = false;
  const isStore = (statement: Statement): boolean =>
    (statement.kind === "assign" || statement.kind === "setDiscriminant" || statement.kind === "deinit") &&
    isZst(placeTy(body, statement.place, cx.tcx).ty, cx);
  const operand = (o: Operand): Operand => {
    if (o.kind === "const") return o;
    const ty = operandTy(body, o, cx.tcx);
    return isZst(ty, cx) ? { kind: "const", value: { kind: "zst", ty } } : o;
  };
  for (const block of body.blocks) {
    const kept = block.statements.filter((statement) => !isStore(statement));
    if (kept.length !== block.statements.length) changed = true;
    block.statements = kept.map((statement) => {
      const next = mapStatement(statement, { operand });
      if (next !== statement) changed = true;
      return next;
    });
    const next = mapTerminator(block.terminator, { operand });
    if (next !== block.terminator) changed = true;
    block.terminator = next;
  }
  return changed;
};

/** Whether `ty` has values, all of zero bytes. */
function isZst(ty: Ty, cx: TransformCx): boolean {
  if (ty === TY_UNIT) return true;
  if (!maybeZst(ty) || typeFlags(ty) !== 0) return false;
  const { layout } = layoutOf(cx.layouts, ty);
  return layout.size === 0 && !layout.uninhabited;
}

/** Without asking for a layout: scalars and pointers have bytes. */
function maybeZst(ty: Ty): boolean {
  switch (ty.kind) {
    case "adt":
    case "tuple":
    case "array":
    case "closure":
    case "fndef":
      return true;
    default:
      return false;
  }
}
