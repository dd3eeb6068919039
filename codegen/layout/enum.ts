/**
 * Enums with a tag of their own, and the choice between that and a niche.
 *
 * The tag is the smallest integer that holds all discriminants; it grows into padding that the fields' alignment leaves behind it.
 *
 * Algorithm: rustc_abi/src/layout.rs (`layout_of_enum`), rustc_middle/src/ty/layout.rs (`discr_range_of_repr`).
 */

import { bug } from "../entity/entity.ts";
import type { ReprOptions } from "../mir/ty.ts";
import { nicheFilling } from "./niche.ts";
import type { LayoutPolicy } from "./policy.ts";
import {
  alignTo,
  available,
  fullScalar,
  maxReprAlign,
  nicheFromScalar,
  primitiveAlign,
  primitiveSize,
  scalarPair,
  toUnion,
  unsignedMax,
} from "./scalar.ts";
import { univariant } from "./struct.ts";
import type { BackendRepr, Layout, Primitive, Scalar, TargetDataLayout } from "./types.ts";

type IntBits = 8 | 16 | 32 | 64 | 128;
const INT_BITS: readonly IntBits[] = [8, 16, 32, 64, 128];

/** The layout of an enum with at least two variants, or of one whose `repr` fixes the tag. */
export function layoutOfEnum(
  dl: TargetDataLayout,
  policy: LayoutPolicy,
  repr: ReprOptions,
  variants: readonly (readonly Layout[])[],
  discriminants: readonly bigint[],
): Layout {
  const filled = nicheFilling(dl, policy, repr, variants);
  const tagged = taggedLayout(dl, policy, repr, variants, discriminants);
  if (filled === undefined) return tagged;
  const room = (l: Layout): bigint => (l.largestNiche === undefined ? 0n : available(dl, l.largestNiche.scalar));
  return policy.preferNiche(tagged, filled, room(tagged), room(filled)) ? filled : tagged;
}

interface DiscriminantRange {
  readonly min: bigint;
  readonly max: bigint;
}

/** The discriminants of inhabited variants, each once, in ascending order. */
function discriminantValues(
  dl: TargetDataLayout,
  repr: ReprOptions,
  variants: readonly (readonly Layout[])[],
  discriminants: readonly bigint[],
): readonly bigint[] {
  const { bits, signed } = discriminantInt(dl, repr);
  const used = discriminants.filter((_, i) => repr.c || variants[i]!.every((f) => !f.uninhabited));
  const values = [...new Set(used.map((d) => BigInt.asIntN(signed ? bits : 128, d)))].sort((a, b) => (a < b ? -1 : 1));
  return values.length === 0 ? [0n] : values;
}

/** The range of `values` whose ends are to be tags. Where it may go around, `max` is followed by the largest gap. */
function discriminantRange(
  dl: TargetDataLayout,
  policy: LayoutPolicy,
  repr: ReprOptions,
  values: readonly bigint[],
): DiscriminantRange {
  if (policy.wrapsTags !== "byDiscriminant") return { min: values[0]!, max: values[values.length - 1]! };
  const { bits, signed } = discriminantInt(dl, repr);
  let best: DiscriminantRange | undefined;
  let bestGap = -1n;
  values.forEach((value, i) => {
    const next = values[(i + 1) % values.length]!;
    // Across the wrap, what is left of the type beside the values' own span.
    const top = signed ? (1n << BigInt(bits - 1)) - 1n : unsignedMax(bits >> 3);
    const gap = value > next ? BigInt.asUintN(128, top - (value - next)) : next - value;
    if (gap >= bestGap) {
      bestGap = gap;
      best = { min: next, max: value };
    }
  });
  return best ?? { min: 0n, max: 0n };
}

/** The shortest range of patterns of `bits` bits with all `values`, which may go around; of two as short, the one that starts lower. */
function shortestRange(values: readonly bigint[], bits: number): { readonly start: bigint; readonly end: bigint } {
  const patterns = [...new Set(values.map((v) => BigInt.asUintN(bits, v)))].sort((a, b) => (a < b ? -1 : 1));
  let best = { start: patterns[0]!, end: patterns[patterns.length - 1]! };
  for (let i = 1; i < patterns.length; i++) {
    const range = { start: patterns[i]!, end: patterns[i - 1]! };
    if (BigInt.asUintN(bits, range.end - range.start) < BigInt.asUintN(bits, best.end - best.start)) best = range;
  }
  return best;
}

/** The type of the discriminant's value, as type checking sees it. */
function discriminantInt(dl: TargetDataLayout, repr: ReprOptions): { bits: IntBits; signed: boolean } {
  const ty = repr.int;
  if (ty === undefined) return { bits: dl.pointerSize === 8 ? 64 : 32, signed: true };
  if (ty.kind !== "int" && ty.kind !== "uint") throw bug(`repr(${ty.text}) is no integer`);
  const bits = ty.width === "size" ? (dl.pointerSize === 8 ? 64 : 32) : ty.width;
  return { bits, signed: ty.kind === "int" };
}

/** The smallest tag for a range. Unsigned wins a tie, as in C. */
function tagInteger(
  dl: TargetDataLayout,
  repr: ReprOptions,
  { min, max }: DiscriminantRange,
): { bits: IntBits; signed: boolean } {
  if (repr.int !== undefined) return discriminantInt(dl, repr);
  const fits = (ok: (bits: number) => boolean): IntBits => INT_BITS.find(ok) ?? 128;
  const unsigned = fits((bits) => [min, max].every((v) => BigInt.asUintN(128, v) >> BigInt(bits) === 0n));
  const signed = fits((bits) => [min, max].every((v) => BigInt.asIntN(bits, v) === v));
  const atLeast: IntBits = repr.c ? 32 : 8;
  const bits = Math.max(Math.min(unsigned, signed), atLeast) as IntBits;
  return { bits, signed: unsigned > signed };
}

function taggedLayout(
  dl: TargetDataLayout,
  policy: LayoutPolicy,
  repr: ReprOptions,
  variants: readonly (readonly Layout[])[],
  discriminants: readonly bigint[],
): Layout {
  const values = discriminantValues(dl, repr, variants, discriminants);
  const range = discriminantRange(dl, policy, repr, values);
  const min = tagInteger(dl, repr, range);
  const minTag: Primitive = { kind: "int", bits: min.bits, signed: min.signed };
  const minSize = primitiveSize(dl, minTag);
  let prefixAlign = primitiveAlign(dl, minTag);
  // repr(C) is a tag and then a union: the payload of every variant starts at the union's alignment.
  if (repr.c)
    for (const fields of variants) for (const field of fields) prefixAlign = Math.max(prefixAlign, field.align);

  const layouts = variants.map(
    (fields, index): Layout => ({
      ...univariant(dl, fields, repr, { kind: "prefixed", size: minSize, align: prefixAlign }),
      variants: { kind: "single", index },
    }),
  );
  const align = layouts.reduce((most, l) => Math.max(most, l.align), 1);
  const size = alignTo(
    layouts.reduce((most, l) => Math.max(most, l.size), 0),
    align,
  );
  const bits = repr.c || repr.int !== undefined ? min.bits : Math.max(min.bits, roomForTag(dl, variants, layouts) ?? 0);
  if (bits > min.bits) widenTag(layouts, minSize, bits >> 3);

  const tag: Scalar = {
    primitive: { kind: "int", bits: bits as IntBits, signed: min.signed },
    ...(policy.wrapsTags === "byTag"
      ? shortestRange(values, bits)
      : { start: policy.tagValue(range.min, bits), end: policy.tagValue(range.max, bits) }),
  };
  const reprAlign = layouts.reduce((most, l) => maxReprAlign(most, l.maxReprAlign), repr.align);
  const unadjustedAlign = layouts.reduce((most, l) => Math.max(most, l.unadjustedAlign), 1);
  const backendRepr = taggedRepr(dl, tag, variants, layouts, size, align);
  return {
    size,
    align,
    maxReprAlign: reprAlign,
    unadjustedAlign,
    backendRepr,
    fields: { kind: "arbitrary", offsets: [0], memoryOrder: [0] },
    variants: {
      kind: "multiple",
      tag,
      tagOffset: 0,
      encoding: { kind: "direct" },
      variants: layouts.map((l) => withEnumRepr(l, backendRepr, size, align)),
    },
    largestNiche: nicheFromScalar(dl, 0, tag),
    uninhabited: layouts.every((l) => l.uninhabited),
  };
}

/** The bits of the integer that fills the room before the first field of every variant; undefined when there is none of that size. */
function roomForTag(
  dl: TargetDataLayout,
  variants: readonly (readonly Layout[])[],
  layouts: readonly Layout[],
): IntBits | undefined {
  let align = 256;
  layouts.forEach((layout, i) => {
    if (layout.fields.kind !== "arbitrary") throw bug("a variant without offsets");
    const first = layout.fields.memoryOrder.find((f) => {
      const field = variants[i]![f]!;
      return field.size !== 0 || field.align !== 1;
    });
    if (first !== undefined) align = Math.min(align, variants[i]![first]!.align);
  });
  // On some targets an integer is larger than its alignment: then it would not fit.
  return INT_BITS.find(
    (bits) => bits === align * 8 && primitiveAlign(dl, { kind: "int", bits, signed: false }) === align,
  );
}

/** Moves what starts right after a tag of `oldSize` bytes (zero-sized fields among it) behind the wider tag. */
function widenTag(layouts: Layout[], oldSize: number, newSize: number): void {
  layouts.forEach((layout, i) => {
    if (layout.fields.kind !== "arbitrary") throw bug("a variant without offsets");
    const offsets = layout.fields.offsets.map((o) => (o <= oldSize ? newSize : o));
    const size = layout.size <= oldSize ? newSize : layout.size;
    layouts[i] = { ...layout, size, fields: { ...layout.fields, offsets } };
  });
}

/** A tag alone is a scalar; a tag and, in every variant, one scalar at the same offset are a pair. */
function taggedRepr(
  dl: TargetDataLayout,
  tag: Scalar,
  variants: readonly (readonly Layout[])[],
  layouts: readonly Layout[],
  size: number,
  align: number,
): BackendRepr {
  if (primitiveSize(dl, tag.primitive) === size) return { kind: "scalar", scalar: tag };
  const memory: BackendRepr = { kind: "memory" };
  let common: { primitive: Primitive; offset: number } | undefined;
  let inAll = true;
  for (let v = 0; v < variants.length; v++) {
    const shape = layouts[v]!.fields;
    if (shape.kind !== "arbitrary") throw bug("a variant without offsets");
    const fields = variants[v]!;
    const first = fields.findIndex((f) => f.size !== 0);
    if (first === -1) {
      inAll = false;
      continue;
    }
    if (fields.some((f, i) => i > first && f.size !== 0)) return memory;
    const repr = fields[first]!.backendRepr;
    if (repr.kind !== "scalar") return memory;
    if (repr.scalar.maybeUninit === true) inAll = false;
    const offset = shape.offsets[first]!;
    if (common === undefined) {
      common = { primitive: repr.scalar.primitive, offset };
      continue;
    }
    const merged = offset === common.offset ? mergePrimitives(dl, common.primitive, repr.scalar.primitive) : undefined;
    if (merged === undefined) return memory;
    common = { primitive: merged, offset };
  }
  if (common === undefined) return memory;
  const full = fullScalar(dl, common.primitive);
  const pair = scalarPair(dl, tag, inAll ? full : toUnion(dl, full));
  return pair.bOffset === common.offset && align === pair.align && size === pair.size ? pair.repr : memory;
}

/** Integers of one size go together, and with pointers, as a pointer. */
function mergePrimitives(dl: TargetDataLayout, a: Primitive, b: Primitive): Primitive | undefined {
  if (a.kind === "int" && b.kind === "int") return a.bits === b.bits ? a : undefined;
  if (a.kind === "float" || b.kind === "float")
    return a.kind === b.kind && a.kind === "float" && b.kind === "float" && a.bits === b.bits ? a : undefined;
  if (a.kind === "pointer" && b.kind === "pointer") return a;
  const pointer = a.kind === "pointer" ? a : b;
  const int = a.kind === "pointer" ? b : a;
  const same =
    primitiveSize(dl, pointer) === primitiveSize(dl, int) && primitiveAlign(dl, pointer) === primitiveAlign(dl, int);
  return same ? pointer : undefined;
}

/** A downcast is free, so a variant with fields travels as its enum does. */
function withEnumRepr(layout: Layout, repr: BackendRepr, size: number, align: number): Layout {
  if (repr.kind === "memory" || layout.backendRepr.kind !== "memory") return layout;
  if (layout.fields.kind !== "arbitrary" || layout.fields.offsets.length === 0) return layout;
  return { ...layout, backendRepr: repr, size: Math.max(layout.size, size), align: Math.max(layout.align, align) };
}
