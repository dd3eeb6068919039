/**
 * What the interpreter knows of a type: how its values are held, and how memory that holds one is read.
 *
 * A type's *leaves* are its scalars. A value travels *flat*, as one register per leaf, when the type is a scalar, a wide pointer, or a
 * small struct or tuple of such; else it lives in memory and `MemKind` says how to walk it. A wide pointer has two leaves: the address
 * and the metadata (a length, or a pointer to a vtable). *Checks* are what a value must fulfil beyond what its leaves' classes say.
 */

import { bug } from "../entity/entity.ts";
import {
  discriminantFor,
  fieldOffset,
  forVariant,
  integerBits,
  isUnsized,
  type LayoutCx,
  layoutOf,
  pointeeMetadata,
  tagFor,
} from "../layout/layout.ts";
import { available, primitiveSize } from "../layout/scalar.ts";
import type { Layout, Scalar } from "../layout/types.ts";
import { type MetadataKind, type ValueExtent, valueExtent } from "../layout/unsized.ts";
import type { FloatWidth, Ty, TyOf } from "../mir/ty.ts";
import { EventKind } from "../runtime/events.ts";
import { ResourceExhaustion } from "./ub.ts";

/** Classes of scalars. Signed integers, then unsigned ones, ascending, as the machine's tables expect. */
export const Cls: {
  readonly I8: 0;
  readonly I16: 1;
  readonly I32: 2;
  readonly I64: 3;
  readonly I128: 4;
  readonly U8: 5;
  readonly U16: 6;
  readonly U32: 7;
  readonly U64: 8;
  readonly U128: 9;
  readonly BOOL: 10;
  readonly CHAR: 11;
  readonly F32: 12;
  readonly F64: 13;
  readonly PTR: 14;
  readonly REF: 15;
  readonly FN: 16;
  readonly F16: 17;
  readonly F128: 18;
} = {
  I8: 0,
  I16: 1,
  I32: 2,
  I64: 3,
  I128: 4,
  U8: 5,
  U16: 6,
  U32: 7,
  U64: 8,
  U128: 9,
  BOOL: 10,
  CHAR: 11,
  F32: 12,
  F64: 13,
  PTR: 14,
  REF: 15,
  FN: 16,
  F16: 17,
  F128: 18,
};

export type Cls = number;

/** Sizes in bytes, by class. */
export const CLS_SIZE: readonly number[] = [1, 2, 4, 8, 16, 1, 2, 4, 8, 16, 1, 4, 4, 8, 8, 8, 8, 2, 16];

/** 32-bit words that hold a value, by class. */
export const CLS_WORDS: readonly number[] = [1, 1, 1, 2, 4, 1, 1, 1, 2, 4, 1, 1, 1, 2, 2, 2, 2, 1, 4];

/** By class: how far a 32-bit word is shifted up and down again to bring a value into range. */
export const CLS_SHIFT: readonly number[] = [24, 16, 0, 0, 0, 24, 16, 0, 0, 0, 24, 0, 0, 0, 0, 0, 0, 16, 0];

export function isSignedCls(cls: Cls): boolean {
  return cls <= Cls.I128;
}

/** Pointers to data and functions, whose registers have a tag. */
export function isPointerCls(cls: Cls): boolean {
  return cls >= Cls.PTR && cls <= Cls.FN;
}

export function isFloatCls(cls: Cls): boolean {
  return cls === Cls.F32 || cls === Cls.F64 || cls === Cls.F16 || cls === Cls.F128;
}

export interface Leaf {
  readonly cls: Cls;
  readonly offset: number;
  readonly ty: Ty;
  /** The kind of its event. */
  readonly event: number;
}

/** What a pointer that must be valid is called in reports. */
export type PointerNoun = "reference" | "box";

/** What must hold of a value; `leaf` is the leaf it is about, for flat values, and `offset` where that is in memory. */
export type Check = {
  readonly leaf: number;
  readonly offset: number;
} /** `loose`: it may dangle, being in a `ManuallyDrop`. */ & (
  | { readonly kind: "reference"; readonly pointee: TypeInfo; readonly noun: PointerNoun; readonly loose: boolean }
  /** Of a wide raw pointer to a `dyn` type: its metadata is a vtable. */
  | { readonly kind: "metadata"; readonly pointee: TypeInfo }
  | { readonly kind: "range"; readonly size: number; readonly start: bigint; readonly end: bigint }
);

export type MemKind =
  | { readonly kind: "scalar" }
  | { readonly kind: "struct"; readonly fields: readonly FieldInfo[] }
  /** A wide pointer; its two leaves are those of the type. */
  | { readonly kind: "wide" }
  /** Bytes that are copied as they are, but for those that are padding in every field: pairs of start and end. */
  | { readonly kind: "union"; readonly padding: readonly (readonly [start: number, end: number])[] }
  | { readonly kind: "array"; readonly element: TypeInfo; readonly count: number }
  | { readonly kind: "enum"; readonly tag: TagInfo; readonly variants: readonly (readonly FieldInfo[])[] };

export interface FieldInfo {
  readonly offset: number;
  readonly info: TypeInfo;
}

/** How an enum's active variant is told and set. Words are 32-bit, least significant first. */
export interface TagInfo {
  readonly offset: number;
  /** Bytes; 0 when only one variant can exist. */
  readonly size: number;
  readonly isPointer: boolean;
  /** By small tag of at most four bytes: its variant, or -1. */
  readonly small: Int16Array | undefined;
  /** By tag: the words and the variant, -1 of a tag that must not be. */
  readonly known: readonly { readonly words: readonly number[]; readonly variant: number }[];
  /** The variant of every other valid tag, and the range of those; absent when every tag is in `known`. */
  readonly untagged: { readonly variant: number; readonly range: Scalar; readonly full: boolean } | undefined;
  /** By variant: the words to write; absent for the untagged variant and where there is no tag. */
  readonly write: readonly (readonly number[] | undefined)[];
  readonly inhabited: readonly boolean[];
  /** By variant: the discriminant's words. */
  readonly discriminants: readonly (readonly number[])[];
  readonly discriminantCls: Cls;
}

export interface TypeInfo {
  /** Its number in `TypeTable.infos`. */
  readonly index: number;
  readonly ty: Ty;
  readonly layout: Layout;
  readonly size: number;
  readonly align: number;
  /** `flat` values are `leaves`; `zst` values are nothing at all; of `unsized` types there are only pointers. */
  readonly repr: "zst" | "flat" | "mem" | "unsized";
  readonly leaves: readonly Leaf[];
  /** What a pointer to this type carries beside the address. */
  readonly meta: MetadataKind;
  readonly uninhabited: boolean;
  /** Every byte is that of an integer, so that a copy needs no walk. */
  readonly plain: boolean;
  /** Computed when first asked for, by `checksOf` and `extentOf`. */
  checks: readonly Check[] | undefined;
  extent: ValueExtent | undefined;
  /** Computed when memory of this type is first walked, as types may be recursive through references. */
  mem: MemKind | undefined;
}

const NO_CHECKS: readonly Check[] = [];

/** More leaves than this, and a struct lives in memory. */
const MOST_FLAT_LEAVES = 8;

/** Sizes, offsets and lengths are 32-bit in bytecode. */
const LARGEST_SIZE = 2 ** 30;

/** The infos of all types of a program. */
export class TypeTable {
  readonly cx: LayoutCx;
  readonly infos: TypeInfo[] = [];
  private readonly byTy = new Map<Ty, TypeInfo>();

  constructor(cx: LayoutCx) {
    this.cx = cx;
    if (cx.dataLayout.pointerSize !== 8 || cx.dataLayout.endian !== "little")
      throw bug("the interpreter is for 64-bit little-endian targets");
  }

  of(ty: Ty): TypeInfo {
    return this.byTy.get(ty) ?? this.make(ty);
  }

  private make(ty: Ty): TypeInfo {
    const { layout } = layoutOf(this.cx, ty);
    if (layout.size > LARGEST_SIZE || (ty.kind === "array" && ty.length > LARGEST_SIZE))
      throw new ResourceExhaustion(`the huge type ${ty.text}`);
    const cls = scalarCls(this.cx, ty);
    const flat = cls !== undefined ? [{ cls, offset: 0, ty, event: eventKind(ty) }] : this.flatten(ty, layout);
    const plain =
      cls !== undefined ? cls <= Cls.U128 : ty.kind === "array" && !layout.uninhabited && this.of(ty.element).plain;
    const unsized = isUnsized(this.cx, ty);
    const zst = layout.size === 0 && !unsized;
    const info: TypeInfo = {
      index: this.infos.length,
      ty,
      layout,
      size: layout.size,
      align: layout.align,
      repr: unsized ? "unsized" : zst ? "zst" : flat !== undefined ? "flat" : "mem",
      leaves: zst || unsized ? [] : (flat ?? []),
      meta: pointeeMetadata(this.cx, ty),
      uninhabited: layout.uninhabited,
      plain,
      checks: undefined,
      mem: undefined,
      extent: undefined,
    };
    this.infos.push(info);
    this.byTy.set(ty, info);
    return info;
  }

  /** How the size of a value of an unsized type follows from metadata. */
  extentOf(info: TypeInfo): ValueExtent {
    info.extent ??= valueExtent(this.cx, info.ty);
    return info.extent;
  }

  /** What the value of a flat type must fulfil beyond its leaves' classes; of memory types, only what is the type's own. */
  checksOf(info: TypeInfo): readonly Check[] {
    info.checks ??= this.makeChecks(info);
    return info.checks;
  }

  private makeChecks(info: TypeInfo): readonly Check[] {
    const { ty } = info;
    if (ty.kind === "ref" || ty.kind === "ptr") {
      const isThin = pointeeMetadata(this.cx, ty.pointee) === "none";
      if (isThin && ty.kind === "ptr") return NO_CHECKS;
      const pointee = this.of(ty.pointee);
      // The loads and moves of thin references check all the rest.
      if (isThin && !this.pointsToNothing(pointee)) return NO_CHECKS;
      if (ty.kind === "ptr") return [{ leaf: 0, offset: 0, kind: "metadata", pointee }];
      return [{ leaf: 0, offset: 0, kind: "reference", pointee, noun: "reference", loose: false }];
    }
    const checks: Check[] = [];
    if (info.repr === "flat") {
      let leaf = 0;
      this.fieldTysOf(ty).forEach((fieldTy, i) => {
        const field = this.of(fieldTy);
        const offset = fieldOffset(info.layout, i);
        for (const check of isMaybeDangling(ty) ? this.looseChecks(field) : this.checksOf(field))
          checks.push({ ...check, leaf: check.leaf + leaf, offset: check.offset + offset });
        leaf += field.leaves.length;
      });
    }
    if (ty.kind !== "adt") return checks;
    const { validRange } = ty.def.repr;
    const { backendRepr } = info.layout;
    if (validRange !== undefined) {
      const scalar =
        backendRepr.kind === "scalar"
          ? backendRepr.scalar
          : backendRepr.kind === "scalarPair"
            ? backendRepr.a
            : undefined;
      if (scalar !== undefined) {
        const size = primitiveSize(this.cx.dataLayout, scalar.primitive);
        checks.push({ leaf: 0, offset: 0, kind: "range", size, start: validRange.start, end: validRange.end });
      }
    }
    const content = ty.def.lang === "owned_box" ? ty.args[0] : undefined;
    // Before the range of its `NonNull`, which says less.
    if (content !== undefined)
      checks.unshift({ leaf: 0, offset: 0, kind: "reference", pointee: this.of(content), noun: "box", loose: false });
    return checks;
  }

  /** The checks of a value whose references need only be aligned and not null. */
  private looseChecks(info: TypeInfo): readonly Check[] {
    const checks = this.checksOf(info).map((check) => (check.kind === "reference" ? { ...check, loose: true } : check));
    info.leaves.forEach(({ cls, ty, offset }, leaf) => {
      if (cls !== Cls.REF || ty.kind !== "ref") return;
      checks.push({ leaf, offset, kind: "reference", pointee: this.of(ty.pointee), noun: "reference", loose: true });
    });
    return checks;
  }

  /** Whether no reference to `pointee` can be valid: it has no values, or is such a reference itself. */
  pointsToNothing(pointee: TypeInfo): boolean {
    let info = pointee;
    while (info.ty.kind === "ref" && info.meta === "none") info = this.of(info.ty.pointee);
    return info.uninhabited;
  }

  /** The types of the fields of what is no enum and no union, in source order. */
  fieldTysOf(ty: Ty): readonly Ty[] {
    if (ty.kind === "tuple") return ty.fields;
    if (ty.kind === "closure") return this.cx.upvarTys(ty);
    return ty.kind === "adt" && ty.def.adtKind === "struct" ? this.cx.variantFieldTys(ty, 0) : [];
  }

  /** The leaves of a wide pointer, a small struct, tuple or closure in source order; undefined for what has to live in memory. */
  private flatten(ty: Ty, layout: Layout): Leaf[] | undefined {
    if (ty.kind === "ref" || ty.kind === "ptr") {
      const length = pointeeMetadata(this.cx, ty.pointee) === "length";
      const { pointerSize } = this.cx.dataLayout;
      return [
        { cls: Cls.PTR, offset: 0, ty, event: eventKind(ty) },
        { cls: length ? Cls.U64 : Cls.PTR, offset: pointerSize, ty, event: 0 },
      ];
    }
    if (layout.size === 0 || layout.uninhabited) return undefined;
    const isStruct = ty.kind === "adt" && ty.def.adtKind === "struct" && ty.def.repr.simd !== true;
    if (ty.kind !== "tuple" && ty.kind !== "closure" && !isStruct) return undefined;
    const tys = this.fieldTysOf(ty);
    const leaves: Leaf[] = [];
    for (let i = 0; i < tys.length; i++) {
      const info = this.of(tys[i]!);
      if (info.repr === "mem" || info.repr === "unsized") return undefined;
      const offset = fieldOffset(layout, i);
      for (const leaf of info.leaves) {
        // Moves and loads of pointers that may dangle do not look where they point.
        const cls = leaf.cls === Cls.REF && isMaybeDangling(ty) ? Cls.PTR : leaf.cls;
        leaves.push({ ...leaf, cls, offset: leaf.offset + offset });
      }
      if (leaves.length > MOST_FLAT_LEAVES) return undefined;
    }
    return leaves;
  }

  /** The walk over memory that holds a value of `info`. */
  memOf(info: TypeInfo): MemKind {
    info.mem ??= this.makeMem(info);
    return info.mem;
  }

  private makeMem(info: TypeInfo): MemKind {
    const { ty, layout } = info;
    if (scalarCls(this.cx, ty) !== undefined) return { kind: "scalar" };
    switch (ty.kind) {
      case "ref":
      case "ptr":
        return { kind: "wide" };
      case "tuple":
      case "closure":
        return { kind: "struct", fields: this.fields(layout, this.fieldTysOf(ty)) };
      case "array":
        return { kind: "array", element: this.of(ty.element), count: ty.length };
      case "adt":
        if (ty.def.adtKind === "struct")
          return { kind: "struct", fields: this.fields(layout, this.cx.variantFieldTys(ty, 0)) };
        return ty.def.adtKind === "union" ? { kind: "union", padding: this.paddingOf(info) } : this.enumMem(ty, layout);
      case "never":
      case "fndef":
        return { kind: "struct", fields: [] };
      default:
        throw bug(`memory of type ${ty.text}`);
    }
  }

  /** The bytes of a union that no field has data in. */
  private paddingOf(union: TypeInfo): [start: number, end: number][] {
    const isData = new Uint8Array(union.size);
    this.markData(union, 0, isData);
    const padding: [number, number][] = [];
    for (let at = isData.indexOf(0); at >= 0; ) {
      const next = isData.indexOf(1, at);
      const end = next < 0 ? union.size : next;
      padding.push([at, end]);
      at = isData.indexOf(0, end);
    }
    return padding;
  }

  /** Marks the bytes of a value of `info` at `at` that are no padding, whatever variant it is. */
  private markData(info: TypeInfo, at: number, isData: Uint8Array): void {
    const { ty } = info;
    if (info.size === 0) return;
    if (info.plain || scalarCls(this.cx, ty) !== undefined || ty.kind === "ref" || ty.kind === "ptr") {
      isData.fill(1, at, at + info.size);
      return;
    }
    if (ty.kind === "adt" && ty.def.adtKind === "union") {
      for (const field of this.cx.variantFieldTys(ty, 0)) this.markData(this.of(field), at, isData);
      return;
    }
    const mem = this.memOf(info);
    const mark = (fields: readonly FieldInfo[]): void => {
      for (const field of fields) this.markData(field.info, at + field.offset, isData);
    };
    if (mem.kind === "struct") mark(mem.fields);
    else if (mem.kind === "array") {
      for (let i = 0; i < mem.count; i++) this.markData(mem.element, at + i * mem.element.size, isData);
    } else if (mem.kind === "enum") {
      isData.fill(1, at + mem.tag.offset, at + mem.tag.offset + mem.tag.size);
      mem.variants.forEach(mark);
    }
  }

  private fields(layout: Layout, tys: readonly Ty[]): FieldInfo[] {
    return tys.map((ty, i) => ({ offset: fieldOffset(layout, i), info: this.of(ty) }));
  }

  private enumMem(ty: TyOf<"adt">, layout: Layout): MemKind {
    const variants = ty.def.variants.map((_, v) =>
      this.fields(forVariant(this.cx, { ty, layout }, v).layout, this.cx.variantFieldTys(ty, v)),
    );
    return { kind: "enum", tag: this.tagInfo(ty, layout), variants };
  }

  private tagInfo(ty: TyOf<"adt">, layout: Layout): TagInfo {
    const { cx } = this;
    const of = { ty, layout };
    const count = ty.def.variants.length;
    const all = Array.from({ length: count }, (_, v) => v);
    const inhabited = all.map((v) => !forVariant(cx, of, v).layout.uninhabited);
    const discriminants = all.map((v) => toWords(discriminantFor(cx, ty, v).bits));
    const discriminantCls = scalarCls(cx, count === 0 ? ty : discriminantFor(cx, ty, 0).ty) ?? Cls.I64;
    const base = { inhabited, discriminants, discriminantCls };
    if (layout.variants.kind !== "multiple") {
      const single = layout.variants.kind === "single" ? layout.variants.index : -1;
      const known = single < 0 ? [] : [{ words: [0, 0, 0, 0], variant: single }];
      return {
        ...base,
        offset: 0,
        size: 0,
        isPointer: false,
        small: undefined,
        known,
        untagged: undefined,
        write: all.map(() => undefined),
      };
    }
    const { tag, tagOffset, encoding } = layout.variants;
    const bits = all.map((v) => tagFor(cx, of, v));
    const write = bits.map((b) => (b === undefined ? undefined : toWords(b)));
    const inNiche = (v: number): boolean =>
      encoding.kind === "direct" ||
      (v >= encoding.nicheVariants.start && v <= encoding.nicheVariants.end && v !== encoding.untaggedVariant);
    const size = primitiveSize(cx.dataLayout, tag.primitive);
    const known = all
      .filter((v) => inhabited[v] && inNiche(v))
      .map((v) => ({ words: write[v] ?? toWords(0n), variant: v }));
    if (encoding.kind === "niche") {
      // The tag that the untagged variant would have stands for nothing.
      const { untaggedVariant: own, nicheVariants, nicheStart } = encoding;
      const hole = BigInt.asUintN(size * 8, nicheStart + BigInt(own - nicheVariants.start));
      if (own >= nicheVariants.start && own <= nicheVariants.end) known.push({ words: toWords(hole), variant: -1 });
    }
    return {
      ...base,
      offset: tagOffset,
      size,
      isPointer: tag.primitive.kind === "pointer",
      small: smallTags(size, known),
      known,
      untagged:
        encoding.kind === "niche" && inhabited[encoding.untaggedVariant]
          ? { variant: encoding.untaggedVariant, range: tag, full: available(cx.dataLayout, tag) === 0n }
          : undefined,
      write,
    };
  }
}

/** Whether what is in a value of type `ty` may dangle: `ManuallyDrop`, and core's `MaybeDangling` that is in it. */
export function isMaybeDangling(ty: Ty): boolean {
  return ty.kind === "adt" && (ty.def.lang === "manually_drop" || ty.def.name.endsWith("::MaybeDangling"));
}

/** A table of the variants by tag, where tags are small numbers. */
function smallTags(size: number, known: TagInfo["known"]): Int16Array | undefined {
  if (size > 4 || known.length < 3 || known.length > 0x7fff) return undefined;
  if (!known.every(({ words }) => words[0]! >= 0 && words[0]! < 256)) return undefined;
  const table = new Int16Array(256).fill(-1);
  for (const { words, variant } of known) table[words[0]!] = variant;
  return table;
}

/** The four 32-bit words of the low 128 bits of `bits`. */
export function toWords(bits: bigint): number[] {
  if (bits >= 0n && bits <= 0x7fffffffn) return [Number(bits), 0, 0, 0];
  return [0n, 32n, 64n, 96n].map((shift) => Number(BigInt.asIntN(32, bits >> shift)));
}

const FLOAT_CLS: Readonly<Record<FloatWidth, Cls>> = { 16: Cls.F16, 32: Cls.F32, 64: Cls.F64, 128: Cls.F128 };

/** The class of a scalar type; undefined for what is no scalar. */
export function scalarCls(cx: LayoutCx, ty: Ty): Cls | undefined {
  switch (ty.kind) {
    case "ptr":
    case "ref":
      if (pointeeMetadata(cx, ty.pointee) !== "none") return undefined;
      return ty.kind === "ptr" ? Cls.PTR : Cls.REF;
    case "bool":
      return Cls.BOOL;
    case "char":
      return Cls.CHAR;
    case "int":
      return Math.log2(integerBits(cx.dataLayout, ty)) - 3;
    case "uint":
      return Math.log2(integerBits(cx.dataLayout, ty)) + 2;
    case "float":
      return FLOAT_CLS[ty.width];
    case "fnptr":
      return Cls.FN;
    default:
      return undefined;
  }
}

const INT_EVENTS: ReadonlyMap<string, number> = new Map([
  ["i8", EventKind.I8],
  ["i16", EventKind.I16],
  ["i32", EventKind.I32],
  ["i64", EventKind.I64],
  ["i128", EventKind.I128],
  ["isize", EventKind.ISIZE],
  ["u8", EventKind.U8],
  ["u16", EventKind.U16],
  ["u32", EventKind.U32],
  ["u64", EventKind.U64],
  ["u128", EventKind.U128],
  ["usize", EventKind.USIZE],
  ["bool", EventKind.BOOL],
  ["char", EventKind.CHAR],
  ["f32", EventKind.F32],
  ["f64", EventKind.F64],
  ["f16", EventKind.U16],
  ["f128", EventKind.U128],
]);

/** The kind of the event that an observation of the scalar type `ty` is; 0 for references, which are looked through. */
function eventKind(ty: Ty): number {
  if (ty.kind === "ref") return 0;
  return INT_EVENTS.get(ty.text) ?? EventKind.POINTER;
}
