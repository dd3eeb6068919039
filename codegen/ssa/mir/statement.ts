/** Statements. As rustc_codegen_ssa/src/mir/statement.rs. */

import type { Local, Place, Rvalue, Statement } from "../../mir/syntax.ts";
import { codegenSetDiscr } from "./discriminant.ts";
import type { FunctionCx } from "./function-cx.ts";
import { immediateOf, type PlaceRef } from "./operand.ts";
import { codegenOperand, codegenPlace } from "./place.ts";
import { codegenRvalue, codegenRvalueOperand } from "./rvalue.ts";

export function codegenStatement(fx: FunctionCx, statement: Statement): void {
  switch (statement.kind) {
    case "assign":
      codegenAssign(fx, statement.place, statement.rvalue);
      return;
    case "setDiscriminant":
      codegenSetDiscr(fx, codegenPlace(fx, statement.place), statement.variant);
      return;
    case "storageLive": {
      const place = slotOf(fx, statement.local);
      if (place !== undefined) fx.bx.lifetimeStart(place.ptr, place.layout.layout.size);
      return;
    }
    case "storageDead": {
      const place = slotOf(fx, statement.local);
      if (place !== undefined) fx.bx.lifetimeEnd(place.ptr, place.layout.layout.size);
      return;
    }
    case "assume":
      fx.bx.assume(immediateOf(codegenOperand(fx, statement.operand)));
      return;
    case "nop":
      return;
  }
}

/** The stack slot of a local that has one of its own: not the caller's memory. */
function slotOf(fx: FunctionCx, local: Local): PlaceRef | undefined {
  return local > fx.body.argCount ? fx.places[local] : undefined;
}

function codegenAssign(fx: FunctionCx, place: Place, rvalue: Rvalue): void {
  const { local, projection } = place;
  if (projection.length > 0) {
    codegenRvalue(fx, codegenPlace(fx, place), rvalue);
    return;
  }
  const slot = fx.places[local];
  if (slot !== undefined) {
    codegenRvalue(fx, slot, rvalue);
    return;
  }
  const layout = fx.layouts[local]!;
  // A zero-sized value has nothing to compute: rvalues have no effects.
  if (layout.layout.size === 0) return;
  const value = codegenRvalueOperand(fx, rvalue, layout);
  fx.operands[local] = value.layout === layout ? value : { ...value, layout };
}
