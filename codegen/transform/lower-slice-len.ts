/**
 * LowerSliceLenCalls: `<[T]>::len` is the metadata of its argument (rustc_mir_transform/src/lower_slice_len.rs).
 *
 * Before inlining, which would put a body in its place. rustc knows the function as a lang item; here it is the
 * `len` of the slices' own impl, which only core can have.
 */

import { operandTy } from "../mir/place-ty.ts";
import type { Rvalue, Terminator } from "../mir/syntax.ts";
import { TY_USIZE } from "../mir/ty.ts";
import type { MirPass } from "./pass.ts";

export const lowerSliceLenCalls: MirPass = (body, cx) => {
  let changed = false;
  for (const block of body.blocks) {
    const { terminator } = block;
    if (!isSliceLen(terminator) || terminator.target === undefined) continue;
    const { args, destination, target, span } = terminator;
    const [slice] = args;
    if (slice === undefined) continue;
    const ty = operandTy(body, slice, cx.tcx);
    if (ty.kind !== "ref" || ty.pointee.kind !== "slice") continue;
    const rvalue: Rvalue = { kind: "unary", op: "PtrMetadata", operand: slice };
    block.statements = [...block.statements, { kind: "assign", place: destination, rvalue, span }];
    block.terminator = { kind: "goto", target, span };
    changed = true;
  }
  return changed;
};

function isSliceLen(terminator: Terminator): terminator is Extract<Terminator, { kind: "call" }> {
  if (terminator.kind !== "call" || terminator.func.kind !== "const" || terminator.func.value.kind !== "fn")
    return false;
  const { item } = terminator.func.value;
  const { parent } = item;
  if (parent?.kind !== "impl" || parent.trait !== undefined || parent.selfTy.kind !== "slice") return false;
  return item.assocName === "len" && item.ret === TY_USIZE;
}
