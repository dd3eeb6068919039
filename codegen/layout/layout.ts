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
  ALL_FLOATS,
  DEFAULT_REPR,
  isIntegral,
  SIGNED_INTS,
  TY_U8,
  TY_UNIT,
  TY_USIZE,
  type Ty,
  type TyCtxt,
  type TyOf,
  UNSIGNED_INTS,
} from "../mir/ty.ts";
import { Diagnostic } from "../session/diagnostic.ts";
import { layoutOfAdt } from "./adt.ts";
import { type LayoutPolicy, layoutPolicyOf } from "./policy.ts";
import { fullScalar, isUnsizedLayout } from "./scalar.ts";
import { layoutOfVector } from "./simd.ts";
import {
  arrayLayout,
  NEVER_LAYOUT,
  nonNull,
  OPAQUE_LAYOUT,
  pointerLayout,
  scalarLayout,
  sliceLayout,
  UNIT_LAYOUT,
} from "./simple.ts";
import { ALWAYS_SIZED, MAYBE_UNSIZED, univariant } from "./struct.ts";
import type { Layout, Primitive, TargetDataLayout, TyAndLayout } from "./types.ts";
import { isUnsizedTail, type MetadataKind, maybeUnsizedStruct, metadataOfTail, structTail } from "./unsized.ts";

/** No object is as large. rustc's bound is 2^61 for 64-bit targets, but offsets here are exact in doubles only up to 2^53. */
function objectSizeBound(dl: TargetDataLayout): number {
  return dl.pointerSize === 4 ? 2 ** 31 : 2 ** 53;
}

/** What layouts depend on, and those computed so far. */
export class LayoutCx {
  readonly tcx: TyCtxt;
  readonly dataLayout: TargetDataLayout;
  readonly policy: LayoutPolicy;
  private readonly normalize: (ty: Ty) => Ty;
  private readonly cache = new Map<Ty, TyAndLayout>();
  private readonly inProgress = new Set<Ty>();
  private readonly fieldTys = new Map<Ty, Map<number, readonly Ty[]>>();
  private readonly tails = new Map<Ty, Ty>();
  private readonly maybeUnsized = new Map<AdtDef, boolean>();

  /**
   * `policy` is that of the release of rustc whose types these are, unless a fault is planted. `normalize` replaces what a field's type says of
   * associated types, after its parameters were replaced.
   */
  constructor(
    tcx: TyCtxt,
    dataLayout: TargetDataLayout,
    policy: LayoutPolicy = layoutPolicyOf(tcx.rustcRelease),
    normalize: (ty: Ty) => Ty = (ty) => ty,
  ) {
    this.tcx = tcx;
    this.dataLayout = dataLayout;
    this.policy = policy;
    this.normalize = normalize;
  }

  layoutOf(ty: Ty): TyAndLayout {
    const known = this.cache.get(ty);
    if (known !== undefined) return known;
    if (this.inProgress.has(ty)) throw new Diagnostic(`recursive type \`${ty.text}\` has infinite size`);
    this.inProgress.add(ty);
    try {
      const made: TyAndLayout = { ty, layout: layoutOfUncached(this, ty) };
      if (made.layout.size >= objectSizeBound(this.dataLayout)) {
        throw new Diagnostic(`values of the type \`${ty.text}\` are too big for the target architecture`);
      }
      this.cache.set(ty, made);
      return made;
    } finally {
      this.inProgress.delete(ty);
    }
  }

  /** The types whose layouts were asked for so far. */
  knownTypes(): Iterable<Ty> {
    return this.cache.keys();
  }

  /** The types of the fields of `variant` of `ty`, cached, for substitution is not free. */
  variantFieldTys(ty: TyOf<"adt">, variant: number): readonly Ty[] {
    return this.cachedFieldTys(ty, variant, () => this.tcx.fieldTys(ty, variant));
  }

  /** The types of what the closure type `ty` captures. */
  upvarTys(ty: TyOf<"closure">): readonly Ty[] {
    return this.cachedFieldTys(ty, 0, () => ty.def.upvars.map((t) => this.tcx.substitute(t, ty.args)));
  }

  /** The type that `ty` ends in: what is unsized of it, when something is. */
  tailOf(ty: Ty): Ty {
    if (ty.kind !== "adt" && ty.kind !== "tuple") return ty;
    let tail = this.tails.get(ty);
    if (tail === undefined) {
      tail = structTail(this, ty);
      this.tails.set(ty, tail);
    }
    return tail;
  }

  /** Whether some instance of `def` is unsized. */
  isMaybeUnsized(def: AdtDef): boolean {
    let maybe = this.maybeUnsized.get(def);
    if (maybe === undefined) {
      maybe = maybeUnsizedStruct(this.tcx, def);
      this.maybeUnsized.set(def, maybe);
    }
    return maybe;
  }

  private cachedFieldTys(ty: Ty, variant: number, make: () => readonly Ty[]): readonly Ty[] {
    let byVariant = this.fieldTys.get(ty);
    if (byVariant === undefined) {
      byVariant = new Map();
      this.fieldTys.set(ty, byVariant);
    }
    let tys = byVariant.get(variant);
    if (tys === undefined) {
      tys = make().map(this.normalize);
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

/** Whether the size of a value of `ty` is known at run time only. */
export function isUnsized(cx: LayoutCx, ty: Ty): boolean {
  return isUnsizedTail(cx.tailOf(ty));
}

/** What a pointer to `ty` carries beside the address. */
export function pointeeMetadata(cx: LayoutCx, ty: Ty): MetadataKind {
  return metadataOfTail(cx.tailOf(ty));
}

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
      return pointerLayout(dl, fullScalar(dl, { kind: "pointer" }), pointeeMetadata(cx, ty.pointee));
    case "ref":
      return pointerLayout(dl, nonNull(dl), pointeeMetadata(cx, ty.pointee));
    case "fnptr":
      return scalarLayout(dl, nonNull(dl));
    case "tuple":
      return univariant(
        dl,
        layouts(cx, ty.fields),
        DEFAULT_REPR,
        ty.fields.length === 0 ? ALWAYS_SIZED : MAYBE_UNSIZED,
      );
    case "closure":
      return univariant(dl, layouts(cx, cx.upvarTys(ty)), DEFAULT_REPR, ALWAYS_SIZED);
    case "array":
      return arrayLayout(sizedElement(cx, ty.element), ty.length);
    case "slice":
      return sliceLayout(sizedElement(cx, ty.element));
    case "str":
      return sliceLayout(cx.layoutOf(TY_U8).layout);
    case "fndef":
      return UNIT_LAYOUT;
    case "dynamic":
    case "foreign":
      return OPAQUE_LAYOUT;
    case "adt":
      return adtLayout(cx, ty);
    case "param":
    case "alias":
    case "genericArray":
    case "constArg":
    case "anonConst":
      throw bug(`layout of ${ty.text}, which is no type of a value before its parameters are known`);
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

/** The layout of an array's element. */
function sizedElement(cx: LayoutCx, ty: Ty): Layout {
  const { layout } = cx.layoutOf(ty);
  if (isUnsizedLayout(layout))
    throw new Diagnostic(`the elements of an array must be sized, but \`${ty.text}\` is not`);
  return layout;
}

function adtLayout(cx: LayoutCx, ty: TyOf<"adt">): Layout {
  const { def } = ty;
  if (def.repr.simd === true) {
    const [array, ...rest] = cx.variantFieldTys(ty, 0);
    if (array?.kind !== "array" || rest.length > 0) throw new Diagnostic(`the SIMD type \`${ty.text}\` is no array`);
    return layoutOfVector(cx.layoutOf(array.element).layout, array.length, def.repr.packed !== undefined);
  }
  const variants = def.variants.map((_, v) => layouts(cx, cx.variantFieldTys(ty, v)));
  return layoutOfAdt(cx.dataLayout, cx.policy, def, variants, cx.isMaybeUnsized(def));
}

/** The byte offset of field `index` of `layout` (of one variant, for enums with several). */
export function fieldOffset(layout: Layout, index: number): number {
  const shape = layout.fields;
  if (shape.kind === "array") return shape.stride * index;
  if (shape.kind === "union") return 0;
  const offset = shape.kind === "arbitrary" ? shape.offsets[index] : undefined;
  if (offset === undefined) throw bug(`no field ${index} in a layout of ${layout.size} bytes`);
  return offset;
}

/**
 * The type and layout of field `index`. Of an enum with several variants, field 0 is the tag. Of a wide pointer, field 0 is the address,
 * which keeps the pointer's type, and field 1 the metadata.
 */
export function fieldOf(cx: LayoutCx, of: TyAndLayout, index: number): TyAndLayout {
  const { ty } = of;
  if ((ty.kind === "ref" || ty.kind === "ptr") && index === 0) {
    const thin = ty.kind === "ref" ? cx.tcx.ref(ty.mutability, TY_UNIT) : cx.tcx.ptr(ty.mutability, TY_UNIT);
    return { ty, layout: cx.layoutOf(thin).layout };
  }
  return cx.layoutOf(fieldTy(cx, of, index));
}

/** Drop glue, size and alignment: what every vtable starts with. */
const COMMON_VTABLE_ENTRIES = 3;

function fieldTy(cx: LayoutCx, { ty, layout }: TyAndLayout, index: number): Ty {
  const found = ((): Ty | undefined => {
    switch (ty.kind) {
      case "tuple":
        return ty.fields[index];
      case "closure":
        return cx.upvarTys(ty)[index];
      case "array":
      case "slice":
        return ty.element;
      case "str":
        return TY_U8;
      case "ref":
      case "ptr":
        return index === 1 ? metadataTy(cx, pointeeMetadata(cx, ty.pointee)) : undefined;
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

/** The type of a pointer's metadata; a vtable is a reference to words. */
function metadataTy(cx: LayoutCx, kind: MetadataKind): Ty | undefined {
  if (kind === "none") return undefined;
  return kind === "length" ? TY_USIZE : cx.tcx.ref("not", cx.tcx.array(TY_USIZE, COMMON_VTABLE_ENTRIES));
}

/** The type of MIR that is exactly this primitive; a pointer is `*const ()`, as in rustc. */
export function primitiveTy(cx: LayoutCx, primitive: Primitive): Ty {
  if (primitive.kind === "pointer") return cx.tcx.ptr("not", TY_UNIT);
  const tys = primitive.kind === "float" ? ALL_FLOATS : primitive.signed ? SIGNED_INTS : UNSIGNED_INTS;
  const found = tys.find((t) => (isIntegral(t) || t.kind === "float") && t.width === primitive.bits);
  if (found === undefined) throw bug(`no ${primitive.kind} type of ${primitive.bits} bits`);
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
