/** MIR constants to operands. As rustc_codegen_ssa/src/mir/constant.rs. */

import { bug } from "../../entity/entity.ts";
import { constTy } from "../../mir/place-ty.ts";
import type { Const } from "../../mir/syntax.ts";
import type { FunctionCx } from "./function-cx.ts";
import { constScalar, immediate, type OperandRef, zeroSized } from "./operand.ts";

export function codegenConst(fx: FunctionCx, value: Const): OperandRef {
  switch (value.kind) {
    case "zst":
      return zeroSized(fx.layoutOf(value.ty));
    case "scalar": {
      const layout = fx.layoutOf(value.ty);
      const repr = layout.layout.backendRepr;
      if (layout.layout.size === 0) return zeroSized(layout);
      if (repr.kind !== "scalar") throw bug(`a scalar constant of type ${layout.ty.text}`);
      return immediate(layout, constScalar(fx.cx, fx.bx, repr.scalar, value.bits));
    }
    case "fn": {
      const layout = fx.layoutOf(constTy(value, fx.cx.tcx));
      const args = value.args.map((arg) => fx.monomorphize(arg));
      return immediate(layout, fx.bx.fnAddr(fx.cx.declOf(fx.cx.resolveFnPtr(value.item, args))));
    }
    default:
      throw bug(`a constant ${value.kind}`);
  }
}
