/**
 * Types whose size is known at run time only: slices, `str`, `dyn Trait`, extern types, and the structs and tuples that end in one.
 *
 * The *tail* of a type is what its last field ends in. A pointer to an unsized type carries *metadata* that completes the type: the
 * length of a slice, or the vtable of a trait object. `T: ?Sized` is the bound `T: MetaSized` (or the weaker `PointeeSized`).
 *
 * Algorithm: rustc_middle/src/ty/util.rs (`struct_tail_raw`), rustc_codegen_ssa/src/size_of_val.rs.
 */

import { bug } from "../entity/entity.ts";
import type { Predicate } from "../mir/items.ts";
import type { AdtDef, Ty, TyCtxt, TyOf } from "../mir/ty.ts";
import { Diagnostic } from "../session/diagnostic.ts";
import { alignTo } from "./scalar.ts";
import type { TyAndLayout } from "./types.ts";

/** What a pointer carries beside the address. */
export type MetadataKind = "none" | "length" | "vtable";

/** The types of fields, with the definition's parameters replaced. */
export interface FieldTypes {
  variantFieldTys(ty: TyOf<"adt">, variant: number): readonly Ty[];
}

/** Longer chains of last fields are only those of a type that contains itself. */
const MOST_TAILS = 256;

/** The type that `ty` ends in: through the last fields of structs and tuples, the first type that is neither or has no fields. */
export function structTail(fields: FieldTypes, ty: Ty): Ty {
  let tail = ty;
  for (let i = 0; i < MOST_TAILS; i++) {
    const last = lastField(fields, tail);
    if (last === undefined) return tail;
    tail = last;
  }
  throw new Diagnostic(`recursive type \`${ty.text}\` has infinite size`);
}

function lastField(fields: FieldTypes, ty: Ty): Ty | undefined {
  if (ty.kind === "tuple") return ty.fields[ty.fields.length - 1];
  if (ty.kind !== "adt" || ty.def.adtKind !== "struct") return undefined;
  const tys = fields.variantFieldTys(ty, 0);
  return tys[tys.length - 1];
}

/** The metadata of pointers to `tail`, a type that `structTail` gave. */
export function metadataOfTail(tail: Ty): MetadataKind {
  if (tail.kind === "slice" || tail.kind === "str") return "length";
  return tail.kind === "dynamic" ? "vtable" : "none";
}

/** Whether a value of `tail`, a type that `structTail` gave, has no size of its own. */
export function isUnsizedTail(tail: Ty): boolean {
  return tail.kind === "slice" || tail.kind === "str" || tail.kind === "dynamic" || tail.kind === "foreign";
}

/** Whether some instance of the struct `def` is unsized. All its instances then keep the last field last, so that unsizing moves nothing. */
export function maybeUnsizedStruct(tcx: TyCtxt, def: AdtDef): boolean {
  if (def.adtKind !== "struct") return false;
  const fields = def.variants[0]?.fields ?? [];
  const last = fields[fields.length - 1];
  if (last === undefined) return false;
  const tail = structTail({ variantFieldTys: (ty, variant) => tcx.fieldTys(ty, variant) }, last.ty);
  if (tail.kind === "param") return relaxesSized(def.predicates ?? [], tail);
  if (tail.kind === "alias") {
    const decl = tail.trait.assocTypes.find((a) => a.name === tail.name);
    return decl?.predicates.some(isSizednessRelaxed) === true;
  }
  return isUnsizedTail(tail);
}

function isSizednessRelaxed(predicate: Predicate): boolean {
  if (predicate.kind !== "trait") return false;
  const { lang } = predicate.ref.trait;
  return lang === "meta_sized" || lang === "pointee_sized";
}

function relaxesSized(predicates: readonly Predicate[], param: TyOf<"param">): boolean {
  const about = predicates.filter((p) => {
    const subject = p.ref.args[0];
    return subject?.kind === "param" && subject.index === param.index;
  });
  return about.some(isSizednessRelaxed) && !about.some((p) => p.kind === "trait" && p.ref.trait.lang === "sized");
}

/** The metadata of one pointer; of a vtable, what it says of the type behind it. */
export type PointerMetadata =
  | { readonly kind: "none" }
  | { readonly kind: "length"; readonly length: number }
  | { readonly kind: "vtable"; readonly size: number; readonly align: number };

export interface SizeAndAlign {
  readonly size: number;
  readonly align: number;
}

/**
 * How the size of a value follows from its pointer's metadata. Of an unsized struct, `tail` is its last field, which starts at `offset`
 * rounded up to the tail's alignment, of which no more than `packed` counts; `align` is the alignment of the other fields.
 */
export type ValueExtent =
  | { readonly kind: "static"; readonly size: number; readonly align: number }
  | { readonly kind: "slice"; readonly stride: number; readonly align: number }
  | { readonly kind: "dynamic" }
  | { readonly kind: "foreign" }
  | {
      readonly kind: "struct";
      readonly offset: number;
      readonly align: number;
      readonly packed: number | undefined;
      readonly tail: ValueExtent;
    };

interface Layouts extends FieldTypes {
  layoutOf(ty: Ty): TyAndLayout;
}

/** How the size of a value of `ty` follows from metadata: for a backend to compute in code. */
export function valueExtent(cx: Layouts, ty: Ty): ValueExtent {
  switch (ty.kind) {
    case "slice":
    case "str": {
      const { layout } = cx.layoutOf(ty);
      if (layout.fields.kind !== "array") throw bug(`${ty.text} is laid out as no array`);
      return { kind: "slice", stride: layout.fields.stride, align: layout.align };
    }
    case "dynamic":
      return { kind: "dynamic" };
    case "foreign":
      return { kind: "foreign" };
    default: {
      const { layout } = cx.layoutOf(ty);
      const last = isUnsizedTail(structTail(cx, ty)) ? lastField(cx, ty) : undefined;
      if (last === undefined) return { kind: "static", size: layout.size, align: layout.align };
      if (layout.fields.kind !== "arbitrary") throw bug(`${ty.text} has a tail but no offsets`);
      return {
        kind: "struct",
        offset: layout.fields.offsets[layout.fields.offsets.length - 1] ?? 0,
        align: layout.align,
        packed: ty.kind === "adt" ? ty.def.repr.packed : undefined,
        tail: valueExtent(cx, last),
      };
    }
  }
}

/** The size and alignment that `extent` gives with `metadata`; undefined for an extern type, which has neither. */
export function extentWith(extent: ValueExtent, metadata: PointerMetadata): SizeAndAlign | undefined {
  switch (extent.kind) {
    case "static":
      return extent;
    case "slice":
      if (metadata.kind !== "length") throw bug(`a slice with ${metadata.kind} for metadata`);
      return { size: extent.stride * metadata.length, align: extent.align };
    case "dynamic":
      if (metadata.kind !== "vtable") throw bug(`a trait object with ${metadata.kind} for metadata`);
      return metadata;
    case "foreign":
      return undefined;
    case "struct": {
      const tail = extentWith(extent.tail, metadata);
      if (tail === undefined) return undefined;
      const tailAlign = Math.min(tail.align, extent.packed ?? tail.align);
      const align = Math.max(extent.align, tailAlign);
      return { size: alignTo(alignTo(extent.offset, tailAlign) + tail.size, align), align };
    }
  }
}

/** `size_of_val` and `align_of_val` of a value of `ty` behind a pointer with `metadata`; undefined for an extern type. */
export function sizeAndAlignOfVal(cx: Layouts, ty: Ty, metadata: PointerMetadata): SizeAndAlign | undefined {
  return extentWith(valueExtent(cx, ty), metadata);
}
