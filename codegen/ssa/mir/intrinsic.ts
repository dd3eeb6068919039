/**
 * Intrinsics: calls that code generation expands itself. As rustc_codegen_ssa/src/mir/intrinsic.rs.
 *
 * `black_box` of an immediate or a pair hides each value. A value in memory is copied to a slot, the slot's *address* is hidden, and the
 * result is read through it: the backend must then assume that the slot holds anything at all, as long as it takes a hidden address for
 * one that escaped and may be written through.
 */

import { bug } from "../../entity/entity.ts";
import type { TyAndLayout } from "../../layout/types.ts";
import { INTRINSICS } from "../../mir/prelude.ts";
import type { FnItem } from "../../mir/syntax.ts";
import type { Ty } from "../../mir/ty.ts";
import { observeGlue } from "../../transform/observe-glue.ts";
import type { FunctionDecl, Value } from "../traits/types.ts";
import type { FunctionCx } from "./function-cx.ts";
import {
  allocaPlace,
  immediate,
  immediateOf,
  OperandKind,
  type OperandRef,
  pair,
  spill,
  storeOperand,
} from "./operand.ts";

/** Expands a call of the intrinsic `item::<tyArgs>`; its result of layout `to`, or undefined when it gives none. */
export function codegenIntrinsic(
  fx: FunctionCx,
  item: FnItem,
  tyArgs: readonly Ty[],
  args: readonly OperandRef[],
  to: TyAndLayout,
): OperandRef | undefined {
  switch (item) {
    case INTRINSICS.observe:
      codegenObserve(fx, tyArgs[0]!, args[0]!, args[1]!);
      return undefined;
    case INTRINSICS.blackBox:
      return codegenBlackBox(fx, args[0]!);
    case INTRINSICS.observeScalar:
      callScalars(fx, fx.cx.observeScalarDecl, args);
      return undefined;
    case INTRINSICS.panic:
      callScalars(fx, fx.cx.panicDecl, args);
      return undefined;
    case INTRINSICS.syscall:
      return immediate(to, fx.bx.syscall(args.map(immediateOf)));
    default:
      throw bug(`no code for the intrinsic ${item.name}`);
  }
}

function callScalars(fx: FunctionCx, decl: FunctionDecl, args: readonly OperandRef[]): readonly Value[] {
  return fx.bx.call(decl, args.map(immediateOf));
}

function codegenObserve(fx: FunctionCx, ty: Ty, tag: OperandRef, value: OperandRef): void {
  const glue = observeGlue(fx.cx.tcx, ty);
  if (glue === undefined) return;
  const decl = fx.cx.declOf(glue.instance);
  const passed = glue.byPointer ? spill(fx.bx, value).ptr : immediateOf(value);
  fx.bx.call(decl, [immediateOf(tag), passed]);
}

function codegenBlackBox(fx: FunctionCx, value: OperandRef): OperandRef {
  const { bx } = fx;
  switch (value.kind) {
    case OperandKind.ZeroSized:
      return value;
    case OperandKind.Immediate:
      return immediate(value.layout, bx.blackBox(value.a));
    case OperandKind.Pair:
      return pair(value.layout, bx.blackBox(value.a), bx.blackBox(value.b));
    case OperandKind.Ref: {
      const slot = allocaPlace(bx, value.layout);
      storeOperand(bx, value, slot);
      return { ...value, a: bx.blackBox(slot.ptr), align: slot.align };
    }
  }
}
