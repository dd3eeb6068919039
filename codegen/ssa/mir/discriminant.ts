/**
 * Reading and writing an enum's discriminant.
 *
 * As `codegen_get_discr` (rustc_codegen_ssa/src/mir/operand.rs) and `codegen_set_discr` (place.rs). The *tag* is what memory holds. With
 * direct encoding it is the discriminant; with niche encoding most patterns belong to one *untagged* variant's field, and a few next to
 * each other stand for the other variants.
 */

import { hasValidRange, intType, isBool, primitiveBits, scalarType } from "../../abi/type-of.ts";
import { bug } from "../../entity/entity.ts";
import { discriminantFor, tagFor } from "../../layout/layout.ts";
import type { Layout, Scalar, TagEncoding, TyAndLayout, Variants } from "../../layout/types.ts";
import type { BackendType, Value } from "../traits/types.ts";
import type { FunctionCx } from "./function-cx.ts";
import {
  constScalar,
  convertScalar,
  loadOperand,
  OperandKind,
  type OperandRef,
  type PlaceRef,
  restrictAlign,
} from "./operand.ts";

type Multiple = Extract<Variants, { kind: "multiple" }>;
type NicheEncoding = Extract<TagEncoding, { kind: "niche" }>;

/** Where the discriminant is read from: a value, or memory of which only the tag is loaded. */
export type DiscriminantSource = OperandRef | PlaceRef;

/** The discriminant of `source`, as an immediate of the scalar layout `to`. */
export function codegenGetDiscr(fx: FunctionCx, source: DiscriminantSource, to: Layout): Value {
  const { bx } = fx;
  const { layout, ty } = source.layout;
  const toType = scalarTypeOf(to);
  const { variants } = layout;
  if (layout.uninhabited || variants.kind === "empty") return bx.undef(toType);
  if (variants.kind === "single") {
    return bx.constInt(toType, discriminantFor(fx.cx.layouts, ty, variants.index).bits);
  }
  const tag = readTag(fx, source, variants);
  if (variants.encoding.kind === "direct") {
    const { primitive } = variants.tag;
    const signed = primitive.kind === "int" && primitive.signed && !isBool(variants.tag);
    return intCast(fx, tag, bitsOf(fx, variants.tag), bitsOfLayout(fx, to), toType, fx.cx.policy.signExtends(signed));
  }
  return nicheDiscriminant(fx, variants.tag, variants.encoding, tag, to);
}

function scalarTypeOf(layout: Layout): BackendType {
  if (layout.backendRepr.kind !== "scalar") throw bug("a discriminant's type is no scalar");
  return scalarType(layout.backendRepr.scalar);
}

/** The width of the scalar's immediate in bits. */
function bitsOf(fx: FunctionCx, scalar: Scalar): number {
  return isBool(scalar) ? 1 : primitiveBits(scalar.primitive, fx.cx.pointerSize * 8);
}

function bitsOfLayout(fx: FunctionCx, layout: Layout): number {
  if (layout.backendRepr.kind !== "scalar") throw bug("a discriminant's type is no scalar");
  return bitsOf(fx, layout.backendRepr.scalar);
}

function intCast(fx: FunctionCx, value: Value, from: number, to: number, toType: BackendType, signed: boolean): Value {
  if (from === to) return value;
  if (from > to) return fx.bx.trunc(value, toType);
  return signed ? fx.bx.sext(value, toType) : fx.bx.zext(value, toType);
}

function tagLayout(fx: FunctionCx, of: TyAndLayout, variants: Multiple): TyAndLayout {
  const scalar = variants.tag;
  const size = primitiveBits(scalar.primitive, fx.cx.pointerSize * 8) / 8;
  return {
    ty: of.ty,
    layout: { ...of.layout, size, backendRepr: { kind: "scalar", scalar }, variants: { kind: "single", index: 0 } },
  };
}

function readTag(fx: FunctionCx, source: DiscriminantSource, variants: Multiple): Value {
  const { cx, bx } = fx;
  const place = asPlace(source);
  if (place !== undefined) {
    const ptr = bx.ptrOffset(place.ptr, variants.tagOffset);
    const align = restrictAlign(place.align, variants.tagOffset);
    return loadOperand(cx, bx, { layout: tagLayout(fx, source.layout, variants), ptr, align }).a;
  }
  const op = source as OperandRef;
  const repr = op.layout.layout.backendRepr;
  if (repr.kind === "scalar") return convertScalar(cx, bx, op.a, repr.scalar, variants.tag);
  if (repr.kind !== "scalarPair") throw bug(`the tag of ${op.layout.ty.text}`);
  if (variants.tagOffset === 0) return convertScalar(cx, bx, op.a, repr.a, variants.tag);
  return convertScalar(cx, bx, op.b, repr.b, variants.tag);
}

function asPlace(source: DiscriminantSource): PlaceRef | undefined {
  if ("ptr" in source) return source;
  return source.kind === OperandKind.Ref ? { layout: source.layout, ptr: source.a, align: source.align } : undefined;
}

function nicheDiscriminant(fx: FunctionCx, scalar: Scalar, encoding: NicheEncoding, rawTag: Value, to: Layout): Value {
  const { bx } = fx;
  const { untaggedVariant, nicheVariants, nicheStart } = encoding;
  const toType = scalarTypeOf(to);
  const toBits = bitsOfLayout(fx, to);
  const isPointer = scalar.primitive.kind === "pointer";
  const bits = bitsOf(fx, scalar);
  const tagType = isPointer ? intType(bits) : scalarType(scalar);
  const tag = isPointer ? bx.ptrtoint(rawTag, tagType) : rawTag;
  const relativeMax = nicheVariants.end - nicheVariants.start;
  const untagged = bx.constInt(toType, BigInt(untaggedVariant));

  if (relativeMax === 0) {
    const isNiche = bx.icmp("eq", tag, bx.constInt(tagType, nicheStart));
    return bx.select(isNiche, bx.constInt(toType, BigInt(nicheVariants.start)), untagged);
  }
  const relative = nicheStart === 0n ? tag : bx.sub(tag, bx.constInt(tagType, nicheStart));
  const isNiche = isNicheTag(fx, scalar, encoding, tag, relative, tagType, bits);
  const cast = intCast(fx, relative, bits, toBits, toType, false);
  const delta = nicheVariants.start;
  const tagged = delta === 0 ? cast : bx.add(cast, bx.constInt(toType, BigInt(delta)));
  return bx.select(isNiche, tagged, untagged);
}

/**
 * Whether `tag` is one of the niche's patterns. When they lie at an end of the valid range, which does not wrap, one comparison with the
 * tag itself says so, and the subtraction may turn out not to be needed.
 */
function isNicheTag(
  fx: FunctionCx,
  scalar: Scalar,
  { nicheVariants, nicheStart }: NicheEncoding,
  tag: Value,
  relative: Value,
  tagType: BackendType,
  bits: number,
): Value {
  const { bx } = fx;
  const relativeMax = BigInt(nicheVariants.end - nicheVariants.start);
  const nicheEnd = BigInt.asUintN(bits, nicheStart + relativeMax);
  const plain = scalar.start <= scalar.end && nicheStart <= nicheEnd && hasValidRange(scalar, bits);
  if (plain && nicheEnd === scalar.end) return bx.icmp("uge", tag, bx.constInt(tagType, nicheStart));
  if (plain && nicheStart === scalar.start) return bx.icmp("ule", tag, bx.constInt(tagType, nicheEnd));
  return bx.icmp("ule", relative, bx.constInt(tagType, relativeMax));
}

/** Makes the enum at `place` be in `variant`: writes the tag, where there is one. */
export function codegenSetDiscr(fx: FunctionCx, place: PlaceRef, variant: number): void {
  const { cx, bx } = fx;
  const bits = tagFor(cx.layouts, place.layout, variant);
  const { variants } = place.layout.layout;
  if (bits === undefined || variants.kind !== "multiple") return;
  const value = bx.fromImmediate(constScalar(cx, bx, variants.tag, bits));
  bx.store(value, bx.ptrOffset(place.ptr, variants.tagOffset), restrictAlign(place.align, variants.tagOffset));
}
