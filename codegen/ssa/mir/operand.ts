/**
 * `OperandRef` and `PlaceRef`: values and places while MIR becomes backend IR, and moving between them.
 *
 * As rustc_codegen_ssa/src/mir/{operand,place}.rs. An operand is *immediate* (one backend value), a *pair* (two), a *ref* (it lies in
 * memory that nobody changes before it is used), or *zero-sized*. A place is an address and what is known of its alignment.
 */

import { hasValidRange, intType, isBool, primitiveBits, primitiveType, scalarType } from "../../abi/type-of.ts";
import { bug } from "../../entity/entity.ts";
import type { Layout, Scalar, TyAndLayout } from "../../layout/types.ts";
import type { CodegenCx } from "../context.ts";
import type { BuilderMethods } from "../traits/builder.ts";
import { BackendType, type Value } from "../traits/types.ts";
import type { OperandPart } from "./analyze.ts";

export const OperandKind: { readonly Immediate: 0; readonly Pair: 1; readonly Ref: 2; readonly ZeroSized: 3 } = {
  Immediate: 0,
  Pair: 1,
  Ref: 2,
  ZeroSized: 3,
};
export type OperandKind = (typeof OperandKind)[keyof typeof OperandKind];

export interface OperandRef {
  readonly kind: OperandKind;
  readonly layout: TyAndLayout;
  /** The immediate, the first of a pair, or a ref's address. */
  readonly a: Value;
  /** The second of a pair. */
  readonly b: Value;
  /** A ref's alignment in bytes. */
  readonly align: number;
}

export interface PlaceRef {
  readonly layout: TyAndLayout;
  readonly ptr: Value;
  /** Bytes. */
  readonly align: number;
}

/** Fills the fields that a kind of operand does not use. */
const NO_VALUE: Value = -1 as Value;

export function immediate(layout: TyAndLayout, value: Value): OperandRef {
  return { kind: OperandKind.Immediate, layout, a: value, b: NO_VALUE, align: 0 };
}

export function pair(layout: TyAndLayout, a: Value, b: Value): OperandRef {
  return { kind: OperandKind.Pair, layout, a, b, align: 0 };
}

export function zeroSized(layout: TyAndLayout): OperandRef {
  return { kind: OperandKind.ZeroSized, layout, a: NO_VALUE, b: NO_VALUE, align: 0 };
}

function byRef(place: PlaceRef): OperandRef {
  return { kind: OperandKind.Ref, layout: place.layout, a: place.ptr, b: NO_VALUE, align: place.align };
}

/** The backend value of an operand that must be immediate. */
export function immediateOf(op: OperandRef): Value {
  if (op.kind !== OperandKind.Immediate) throw bug(`an immediate was expected of ${op.layout.ty.text}`);
  return op.a;
}

/** The scalar of a layout that must be one. */
export function scalarOf(layout: Layout): Scalar {
  if (layout.backendRepr.kind !== "scalar") throw bug("a scalar layout was expected");
  return layout.backendRepr.scalar;
}

/** What is left of alignment `align` at `offset` bytes further. */
export function restrictAlign(align: number, offset: number): number {
  if (offset % align === 0) return align;
  // The lowest set bit of an offset that is no multiple of a small power of two lies in its low half.
  const low = offset % 0x4000_0000;
  return low & -low;
}

/** A new stack slot for a value of `layout`. */
export function allocaPlace(bx: BuilderMethods, layout: TyAndLayout): PlaceRef {
  const { size, align } = layout.layout;
  return { layout, ptr: bx.alloca(size, align), align };
}

/** A constant of the scalar's immediate type. */
export function constScalar(cx: CodegenCx, bx: BuilderMethods, scalar: Scalar, bits: bigint): Value {
  const p = scalar.primitive;
  if (p.kind === "float") return bx.constFloat(primitiveType(p), bits);
  if (p.kind === "int") return bx.constInt(scalarType(scalar), bits);
  return bits === 0n ? bx.constNull() : bx.inttoptr(bx.constInt(intType(cx.pointerSize * 8), bits));
}

/** An immediate of scalar `from` as one of scalar `to`, bit for bit; both have one size. */
export function convertScalar(cx: CodegenCx, bx: BuilderMethods, value: Value, from: Scalar, to: Scalar): Value {
  if (scalarType(from) === scalarType(to)) return value;
  let out = isBool(from) ? bx.fromImmediate(value) : value;
  const memoryFrom = primitiveType(from.primitive);
  const memoryTo = primitiveType(to.primitive);
  if (memoryFrom !== memoryTo) {
    const int = intType(primitiveBits(from.primitive, cx.pointerSize * 8));
    if (from.primitive.kind === "pointer") out = bx.ptrtoint(out, int);
    else if (from.primitive.kind === "float") out = bx.bitcast(out, int);
    if (to.primitive.kind === "pointer") out = bx.inttoptr(out);
    else if (to.primitive.kind === "float") out = bx.bitcast(out, memoryTo);
  }
  return isBool(to) ? bx.toImmediateBool(out) : out;
}

function loadScalar(cx: CodegenCx, bx: BuilderMethods, scalar: Scalar, ptr: Value, align: number): Value {
  const ty = primitiveType(scalar.primitive);
  const loaded = hasValidRange(scalar, cx.pointerSize * 8)
    ? bx.loadRange(ty, ptr, align, scalar.start, scalar.end)
    : bx.load(ty, ptr, align);
  return ty === BackendType.I8 && isBool(scalar) ? bx.toImmediateBool(loaded) : loaded;
}

/** The value at `place`. */
export function loadOperand(cx: CodegenCx, bx: BuilderMethods, place: PlaceRef): OperandRef {
  const { layout } = place.layout;
  if (layout.size === 0) return zeroSized(place.layout);
  const repr = layout.backendRepr;
  switch (repr.kind) {
    case "scalar":
      return immediate(place.layout, loadScalar(cx, bx, repr.scalar, place.ptr, place.align));
    case "scalarPair": {
      const a = loadScalar(cx, bx, repr.a, place.ptr, place.align);
      const bPtr = bx.ptrOffset(place.ptr, repr.bOffset);
      return pair(place.layout, a, loadScalar(cx, bx, repr.b, bPtr, restrictAlign(place.align, repr.bOffset)));
    }
    case "simdVector":
    case "memory":
      return byRef(place);
  }
}

/** Stores `op` at `place`; of `place`, only the address counts, so that this transmutes. */
export function storeOperand(bx: BuilderMethods, op: OperandRef, place: PlaceRef): void {
  switch (op.kind) {
    case OperandKind.ZeroSized:
      return;
    case OperandKind.Immediate:
      bx.store(bx.fromImmediate(op.a), place.ptr, place.align);
      return;
    case OperandKind.Pair: {
      const repr = op.layout.layout.backendRepr;
      if (repr.kind !== "scalarPair") throw bug(`a pair of layout ${repr.kind}`);
      bx.store(bx.fromImmediate(op.a), place.ptr, place.align);
      const bPtr = bx.ptrOffset(place.ptr, repr.bOffset);
      bx.store(bx.fromImmediate(op.b), bPtr, restrictAlign(place.align, repr.bOffset));
      return;
    }
    case OperandKind.Ref:
      bx.memcpy(place.ptr, place.align, op.a, op.align, op.layout.layout.size);
      return;
  }
}

/** The address of `op`'s value: its own memory, or a new stack slot that it is stored to. */
export function spill(bx: BuilderMethods, op: OperandRef): PlaceRef {
  const { align } = op.layout.layout;
  if (op.kind === OperandKind.Ref && op.align >= align) return { layout: op.layout, ptr: op.a, align: op.align };
  if (op.kind === OperandKind.ZeroSized) return danglingPlace(bx, op.layout);
  const slot = allocaPlace(bx, op.layout);
  storeOperand(bx, op, slot);
  return slot;
}

/** A place for a value without bytes: any aligned address. */
export function danglingPlace(bx: BuilderMethods, layout: TyAndLayout): PlaceRef {
  const { align } = layout.layout;
  return { layout, ptr: bx.inttoptr(bx.constInt(BackendType.I64, BigInt(align))), align };
}

/** The part of an immediate or a pair that `operandPart` named, as an operand of `layout`. */
export function extractPart(
  cx: CodegenCx,
  bx: BuilderMethods,
  op: OperandRef,
  part: OperandPart,
  layout: TyAndLayout,
): OperandRef {
  if (part === "zst") return zeroSized(layout);
  const from = op.layout.layout.backendRepr;
  const to = layout.layout.backendRepr;
  if (part === "whole" && from.kind === "scalarPair" && to.kind === "scalarPair") {
    return pair(layout, convertScalar(cx, bx, op.a, from.a, to.a), convertScalar(cx, bx, op.b, from.b, to.b));
  }
  const scalar = scalarOf(layout.layout);
  if (from.kind === "scalar") return immediate(layout, convertScalar(cx, bx, op.a, from.scalar, scalar));
  if (from.kind !== "scalarPair") throw bug(`a part of ${op.layout.ty.text} in memory`);
  const value =
    part === "a" ? convertScalar(cx, bx, op.a, from.a, scalar) : convertScalar(cx, bx, op.b, from.b, scalar);
  return immediate(layout, value);
}
