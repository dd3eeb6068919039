/**
 * Casts. As rustc_codegen_ssa/src/mir/rvalue.rs (`codegen_rvalue_operand`, `codegen_transmute_operand`).
 */

import { intType, isBool, primitiveBits, scalarType } from "../../abi/type-of.ts";
import { bug } from "../../entity/entity.ts";
import type { BackendRepr, Scalar, TyAndLayout } from "../../layout/types.ts";
import type { CastKind } from "../../mir/syntax.ts";
import type { Value } from "../traits/types.ts";
import type { FunctionCx } from "./function-cx.ts";
import {
  convertScalar,
  immediate,
  immediateOf,
  loadOperand,
  OperandKind,
  type OperandRef,
  pair,
  scalarOf,
  storeOperand,
  zeroSized,
} from "./operand.ts";

/** `operand as to`. */
export function codegenCast(fx: FunctionCx, kind: CastKind, operand: OperandRef, to: TyAndLayout): OperandRef {
  switch (kind) {
    case "Transmute":
      return codegenTransmute(fx, operand, to);
    case "PtrToPtr":
    case "FnPtrToPtr":
    case "ReifyFnPointer":
    case "UnsafeFnPointer":
    case "MutToConstPointer":
    case "ArrayToPointer":
      return immediate(to, immediateOf(operand));
    case "IntToInt":
    case "IntToFloat":
    case "FloatToInt":
    case "FloatToFloat":
    case "PointerExposeProvenance":
    case "PointerWithExposedProvenance": {
      const from = scalarOf(operand.layout.layout);
      return immediate(to, castScalar(fx, immediateOf(operand), from, scalarOf(to.layout)));
    }
    default:
      throw bug(`a cast ${kind}`);
  }
}

function isSigned(scalar: Scalar): boolean {
  return scalar.primitive.kind === "int" && scalar.primitive.signed && !isBool(scalar);
}

/** A numeric cast: truncating, extending, rounding or saturating, as Rust's `as`. */
function castScalar(fx: FunctionCx, value: Value, from: Scalar, to: Scalar): Value {
  const { bx } = fx;
  const toType = scalarType(to);
  if (from.primitive.kind === "float") {
    if (to.primitive.kind === "float") {
      if (from.primitive.bits === to.primitive.bits) return value;
      return from.primitive.bits > to.primitive.bits ? bx.fptrunc(value, toType) : bx.fpext(value, toType);
    }
    return isSigned(to) ? bx.fptosiSat(value, toType) : bx.fptouiSat(value, toType);
  }
  if (to.primitive.kind === "float") {
    return isSigned(from) ? bx.sitofp(value, toType) : bx.uitofp(value, toType);
  }
  return castInt(fx, value, from, to);
}

function castInt(fx: FunctionCx, value: Value, from: Scalar, to: Scalar): Value {
  const { bx } = fx;
  const pointerBits = fx.cx.pointerSize * 8;
  const pointerInt = intType(pointerBits);
  const fromBits = isBool(from) ? 1 : primitiveBits(from.primitive, pointerBits);
  const toBits = primitiveBits(to.primitive, pointerBits);
  const toType = to.primitive.kind === "pointer" ? pointerInt : intType(toBits);
  const int = from.primitive.kind === "pointer" ? bx.ptrtoint(value, pointerInt) : value;
  let out = int;
  if (fromBits > toBits) out = bx.trunc(int, toType);
  else if (fromBits < toBits) {
    out = fx.cx.policy.signExtends(isSigned(from)) ? bx.sext(int, toType) : bx.zext(int, toType);
  }
  return to.primitive.kind === "pointer" ? bx.inttoptr(out) : out;
}

/** The bits of `operand` as a value of `to`: in registers where both sides are made of scalars of the same sizes, else through memory. */
export function codegenTransmute(fx: FunctionCx, operand: OperandRef, to: TyAndLayout): OperandRef {
  const { cx, bx } = fx;
  if (to.layout.size === 0) return zeroSized(to);
  const from = operand.layout.layout.backendRepr;
  const target = to.layout.backendRepr;
  if (operand.kind === OperandKind.Immediate && from.kind === "scalar" && target.kind === "scalar") {
    return immediate(to, convertScalar(cx, bx, operand.a, from.scalar, target.scalar));
  }
  if (
    from.kind === "scalarPair" &&
    target.kind === "scalarPair" &&
    operand.kind === OperandKind.Pair &&
    samePairs(fx, from, target)
  ) {
    return pair(
      to,
      convertScalar(cx, bx, operand.a, from.a, target.a),
      convertScalar(cx, bx, operand.b, from.b, target.b),
    );
  }
  if (operand.kind === OperandKind.Ref) {
    // A ref is aligned for its own type, which says nothing of the new one's.
    return loadOperand(cx, bx, { layout: to, ptr: operand.a, align: operand.align });
  }
  const align = Math.max(to.layout.align, operand.layout.layout.align);
  const slot = { layout: to, ptr: bx.alloca(to.layout.size, align), align };
  storeOperand(bx, operand, slot);
  return loadOperand(cx, bx, slot);
}

type PairRepr = Extract<BackendRepr, { kind: "scalarPair" }>;

function samePairs(fx: FunctionCx, from: PairRepr, to: PairRepr): boolean {
  const bits = (s: Scalar): number => primitiveBits(s.primitive, fx.cx.pointerSize * 8);
  return from.bOffset === to.bOffset && bits(from.a) === bits(to.a) && bits(from.b) === bits(to.b);
}
