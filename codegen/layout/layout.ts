/**
 * `layoutOf`: the layout of every type, as rustc lays it out, and the walk over fields and variants.
 *
 * Algorithm: rustc_ty_utils/src/layout.rs (`layout_of_uncached`), rustc_middle/src/ty/layout.rs (`ty_and_layout_field`,
 * `ty_and_layout_for_variant`).
 */

import { bug } from "../entity/entity.ts";
import { discriminantTy } from "../mir/place-ty.ts";
import {
  type AdtDef,
  DEFAULT_REPR,
  isIntegral,
  SIGNED_INTS,
  TY_F32,
  TY_F64,
  TY_UNIT,
  type Ty,
  type TyCtxt,
  type TyOf,
  UNSIGNED_INTS,
} from "../mir/ty.ts";
import { Diagnostic } from "../session/diagnostic.ts";
import { layoutOfEnum } from "./enum.ts";
import { isAbsent } from "./niche.ts";
import { DEFAULT_LAYOUT_POLICY, type LayoutPolicy } from "./policy.ts";
import { fullScalar, scalarLayout } from "./scalar.ts";
import { ALWAYS_SIZED, MAYBE_UNSIZED, univariant } from "./struct.ts";
import type { Layout, Primitive, TargetDataLayout, TyAndLayout } from "./types.ts";

/** No object is larger: rustc's bound for 64-bit targets is 2^61, but offsets here are exact only in doubles. */
const OBJECT_SIZE_BOUND = 2 ** 47;

/** What layouts depend on, and those computed so far. */
export class LayoutCx {
  readonly tcx: TyCtxt;
  readonly dataLayout: TargetDataLayout;
  readonly policy: LayoutPolicy;
  private readonly cache = new Map<Ty, TyAndLayout>();
  private readonly inProgress = new Set<Ty>();
  private readonly fieldTys = new Map<Ty, Map<number, readonly Ty[]>>();

  constructor(tcx: TyCtxt, dataLayout: TargetDataLayout, policy: LayoutPolicy = DEFAULT_LAYOUT_POLICY) {
    this.tcx = tcx;
    this.dataLayout = dataLayout;
    this.policy = policy;
  }

  layoutOf(ty: Ty): TyAndLayout {
    const known = this.cache.get(ty);
    if (known !== undefined) return known;
    if (this.inProgress.has(ty)) throw new Diagnostic(`recursive type \`${ty.text}\` has infinite size`);
    this.inProgress.add(ty);
    try {
      const made: TyAndLayout = { ty, layout: layoutOfUncached(this, ty) };
      if (made.layout.size > OBJECT_SIZE_BOUND) {
        throw new Diagnostic(`values of the type \`${ty.text}\` are too big for the target architecture`);
      }
      this.cache.set(ty, made);
      return made;
    } finally {
      this.inProgress.delete(ty);
    }
  }

  /** The types of the fields of `variant` of `ty`, cached, for substitution is not free. */
  variantFieldTys(ty: TyOf<"adt">, variant: number): readonly Ty[] {
    let byVariant = this.fieldTys.get(ty);
    if (byVariant === undefined) {
      byVariant = new Map();
      this.fieldTys.set(ty, byVariant);
    }
    let tys = byVariant.get(variant);
    if (tys === undefined) {
      tys = this.tcx.fieldTys(ty, variant);
      byVariant.set(variant, tys);
    }
    return tys;
  }
}

/**
 * The layout of `ty`, which must have no type parameters.
 *
 * @throws Diagnostic for a type of infinite or too great a size, and for a `repr` that makes no sense.
 */
export function layoutOf(cx: LayoutCx, ty: Ty): TyAndLayout {
  return cx.layoutOf(ty);
}

const NEVER_LAYOUT: Layout = {
  size: 0,
  align: 1,
  backendRepr: { kind: "memory" },
  fields: { kind: "primitive" },
  variants: { kind: "empty" },
  largestNiche: undefined,
  uninhabited: true,
};

function layoutOfUncached(cx: LayoutCx, ty: Ty): Layout {
  const dl = cx.dataLayout;
  const int = (bits: 8 | 16 | 32 | 64 | 128, signed: boolean): Primitive => ({ kind: "int", bits, signed });
  switch (ty.kind) {
    case "bool":
      return scalarLayout(dl, { primitive: int(8, false), start: 0n, end: 1n });
    case "char":
      return scalarLayout(dl, { primitive: int(32, false), start: 0n, end: 0x10ffffn });
    case "never":
      return NEVER_LAYOUT;
    case "int":
    case "uint":
      return scalarLayout(dl, fullScalar(dl, int(integerBits(dl, ty), ty.kind === "int")));
    case "float":
      return scalarLayout(dl, fullScalar(dl, { kind: "float", bits: ty.width }));
    case "ptr":
      return scalarLayout(dl, fullScalar(dl, { kind: "pointer" }));
    case "ref":
    case "fnptr":
      return scalarLayout(dl, { ...fullScalar(dl, { kind: "pointer" }), start: 1n });
    case "tuple":
      return univariant(dl, layouts(cx, ty.fields), DEFAULT_REPR, MAYBE_UNSIZED);
    case "array":
      return arrayLayout(cx.layoutOf(ty.element).layout, ty.length);
    case "adt":
      return adtLayout(cx, ty);
    case "param":
      throw bug(`layout of the type parameter ${ty.name}`);
  }
}

/** The width of an integer type in bits. */
export function integerBits(dl: TargetDataLayout, ty: TyOf<"int"> | TyOf<"uint">): 8 | 16 | 32 | 64 | 128 {
  if (ty.width === "size") return dl.pointerSize === 8 ? 64 : 32;
  return ty.width;
}

function layouts(cx: LayoutCx, tys: readonly Ty[]): Layout[] {
  return tys.map((t) => cx.layoutOf(t).layout);
}

function arrayLayout(element: Layout, count: number): Layout {
  return {
    size: element.size * count,
    align: element.align,
    backendRepr: { kind: "memory" },
    fields: { kind: "array", stride: element.size, count },
    variants: { kind: "single", index: 0 },
    largestNiche: count === 0 ? undefined : element.largestNiche,
    uninhabited: element.uninhabited && count !== 0,
  };
}

function adtLayout(cx: LayoutCx, ty: TyOf<"adt">): Layout {
  const { def } = ty;
  checkRepr(def);
  const variants = def.variants.map((_, v) => layouts(cx, cx.variantFieldTys(ty, v)));
  const isEnum = def.adtKind === "enum";
  const fixedTag = def.repr.c || def.repr.int !== undefined;
  const present = variants.flatMap((fields, v) => (!fixedTag && isAbsent(fields) ? [] : [v]));
  if (isEnum && present.length === 0) return NEVER_LAYOUT;
  if (isEnum && (present.length > 1 || fixedTag)) {
    return layoutOfEnum(
      cx.dataLayout,
      cx.policy,
      def.repr,
      variants,
      def.variants.map((v) => v.discriminant),
    );
  }
  // A struct, or an enum of which one variant only can exist, which is laid out as a struct.
  const index = present[0] ?? 0;
  return {
    ...univariant(cx.dataLayout, variants[index] ?? [], def.repr, ALWAYS_SIZED),
    variants: { kind: "single", index },
  };
}

function checkRepr(def: AdtDef): void {
  const { repr } = def;
  if (repr.packed !== undefined && def.adtKind === "enum")
    throw new Diagnostic(`\`repr(packed)\` on the enum \`${def.name}\``);
  if (repr.packed !== undefined && repr.align !== undefined) {
    throw new Diagnostic(`\`${def.name}\` is both \`repr(packed)\` and \`repr(align)\``);
  }
  if (repr.int !== undefined && !isIntegral(repr.int))
    throw new Diagnostic(`\`repr(${repr.int.text})\` on \`${def.name}\` is no integer type`);
}

/** The byte offset of field `index` of `layout` (of one variant, for enums with several). */
export function fieldOffset(layout: Layout, index: number): number {
  const shape = layout.fields;
  if (shape.kind === "array") return shape.stride * index;
  const offset = shape.kind === "arbitrary" ? shape.offsets[index] : undefined;
  if (offset === undefined) throw bug(`no field ${index} in a layout of ${layout.size} bytes`);
  return offset;
}

/** The type and layout of field `index`; of an enum with several variants, field 0 is the tag. */
export function fieldOf(cx: LayoutCx, of: TyAndLayout, index: number): TyAndLayout {
  return cx.layoutOf(fieldTy(cx, of, index));
}

function fieldTy(cx: LayoutCx, { ty, layout }: TyAndLayout, index: number): Ty {
  const found = ((): Ty | undefined => {
    switch (ty.kind) {
      case "tuple":
        return ty.fields[index];
      case "array":
        return ty.element;
      case "adt":
        if (layout.variants.kind === "multiple")
          return index === 0 ? primitiveTy(cx, layout.variants.tag.primitive) : undefined;
        return layout.variants.kind === "single" ? cx.variantFieldTys(ty, layout.variants.index)[index] : undefined;
      default:
        return undefined;
    }
  })();
  if (found === undefined) throw bug(`${ty.text} has no field ${index}`);
  return found;
}

/** The type of MIR that is exactly this primitive; a pointer is `*const ()`, as in rustc. */
export function primitiveTy(cx: LayoutCx, primitive: Primitive): Ty {
  if (primitive.kind === "pointer") return cx.tcx.ptr("not", TY_UNIT);
  if (primitive.kind === "float") return primitive.bits === 32 ? TY_F32 : TY_F64;
  const tys = primitive.signed ? SIGNED_INTS : UNSIGNED_INTS;
  const found = tys.find((t) => isIntegral(t) && t.width === primitive.bits);
  if (found === undefined) throw bug(`no integer type of ${primitive.bits} bits`);
  return found;
}

/** `of`, known to be in variant `variant`: its layout has that variant's fields. */
export function forVariant(cx: LayoutCx, of: TyAndLayout, variant: number): TyAndLayout {
  const { ty, layout } = of;
  if (layout.variants.kind === "single" && layout.variants.index === variant) return of;
  if (layout.variants.kind === "multiple") {
    const found = layout.variants.variants[variant];
    if (found === undefined) throw bug(`${ty.text} has no variant ${variant}`);
    return { ty, layout: found };
  }
  // A variant that cannot exist was left out of the layout; its fields are there to be named, never to be used.
  if (ty.kind !== "adt") throw bug(`variant ${variant} of ${ty.text}`);
  const count = cx.variantFieldTys(ty, variant).length;
  const offsets = new Array<number>(count).fill(0);
  return {
    ty,
    layout: {
      ...NEVER_LAYOUT,
      fields: { kind: "arbitrary", offsets, memoryOrder: offsets.map((_, i) => i) },
      variants: { kind: "single", index: variant },
    },
  };
}

/** The discriminant of a variant: its type, its value as written, and the bits of it in that type. */
export interface Discriminant {
  readonly ty: Ty;
  readonly value: bigint;
  readonly bits: bigint;
}

/** The discriminant that variant `variant` of `ty` has. */
export function discriminantFor(cx: LayoutCx, ty: Ty, variant: number): Discriminant {
  const discrTy = discriminantTy(ty);
  if (!isIntegral(discrTy)) throw bug(`a discriminant of type ${discrTy.text}`);
  const width = integerBits(cx.dataLayout, discrTy);
  if (ty.kind !== "adt" || ty.def.adtKind !== "enum") return { ty: discrTy, value: 0n, bits: 0n };
  const def = ty.def.variants[variant];
  if (def === undefined) throw bug(`${ty.text} has no variant ${variant}`);
  return { ty: discrTy, value: def.discriminant, bits: BigInt.asUintN(width, def.discriminant) };
}

/**
 * The tag's bits that mean `variant`; undefined when the variant is the untagged one of a niche-filled enum or the enum has no tag.
 * What `SetDiscriminant` writes.
 */
export function tagFor(cx: LayoutCx, of: TyAndLayout, variant: number): bigint | undefined {
  const { layout } = of;
  if (layout.variants.kind !== "multiple") return undefined;
  const { tag, encoding } = layout.variants;
  const bits = tag.primitive.kind === "pointer" ? cx.dataLayout.pointerSize * 8 : tag.primitive.bits;
  if (encoding.kind === "direct") return cx.policy.tagValue(discriminantFor(cx, of.ty, variant).value, bits);
  if (variant === encoding.untaggedVariant) return undefined;
  return BigInt.asUintN(bits, encoding.nicheStart + BigInt(variant - encoding.nicheVariants.start));
}
