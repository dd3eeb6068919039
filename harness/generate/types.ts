/**
 * The types of one generated program: a handful of structs, enums, tuples and arrays, and what the generator needs to know of a type.
 *
 * A *leaf* of a type is a part of it that can be read and written on its own: a field, an element, a field of a field. Fields of enums
 * are none, for which variant is there is not known from the type.
 */

import {
  type AdtDef,
  DEFAULT_REPR,
  type FieldDef,
  type PlaceElem,
  preludeAdt,
  type ReprOptions,
  TY_I8,
  TY_I16,
  TY_I32,
  TY_ISIZE,
  TY_U8,
  TY_U16,
  TY_U32,
  TY_U64,
  TY_UNIT,
  TY_USIZE,
  type Ty,
  type TyCtxt,
  type VariantDef,
} from "../../codegen/index.ts";
import { SCALAR_TYPES, scalarBits } from "./constants.ts";
import type { Feature } from "./features.ts";
import { genericBuffer, genericPair } from "./generic-types.ts";
import type { DrawnPolicy } from "./policies.ts";
import type { Rng } from "./rng.ts";

export interface Leaf {
  readonly projection: readonly PlaceElem[];
  readonly info: TypeInfo;
  /** Inside a packed struct: no reference may be made to it. */
  readonly packed: boolean;
}

export interface TypeInfo {
  readonly ty: Ty;
  /** Dense within the program; scalars come first, in the order of `SCALAR_TYPES`. */
  readonly index: number;
  readonly isScalar: boolean;
  readonly isInt: boolean;
  /** Holds a reference, a raw pointer or a function pointer. */
  readonly hasPointer: boolean;
  /** Rust's `Copy` can be told from the type alone: no definitions of the program in it. */
  readonly plain: boolean;
  readonly leaves: readonly Leaf[];
}

const MAX_LEAVES = 8;

export class Universe {
  readonly tcx: TyCtxt;
  readonly infos: TypeInfo[] = [];
  /** Types without pointers that variables of this program are made of, scalars aside. */
  readonly aggregates: TypeInfo[] = [];
  readonly enums: TypeInfo[] = [];
  readonly arrays: TypeInfo[] = [];
  readonly ordering: AdtDef;
  readonly option: AdtDef;
  private readonly byTy = new Map<Ty, TypeInfo>();
  private readonly rng: Rng;
  private readonly drawn: DrawnPolicy;

  constructor(tcx: TyCtxt, rng: Rng, drawn: DrawnPolicy, features: ReadonlySet<Feature>) {
    this.tcx = tcx;
    this.rng = rng;
    this.drawn = drawn;
    this.ordering = preludeAdt(tcx, "std::cmp::Ordering");
    this.option = preludeAdt(tcx, "std::option::Option");
    for (const ty of SCALAR_TYPES) this.info(ty);
    this.populate();
    if (features.has("generics")) this.addGenerics();
    if (features.has("zeroSized")) this.keep(tcx.tuple([TY_UNIT, this.scalar(), tcx.array(this.scalar(), 0)]));
  }

  info(ty: Ty): TypeInfo {
    const found = this.byTy.get(ty);
    if (found !== undefined) return found;
    const isScalar =
      ty.kind === "bool" || ty.kind === "char" || ty.kind === "int" || ty.kind === "uint" || ty.kind === "float";
    const parts = this.parts(ty);
    const made: TypeInfo = {
      ty,
      index: this.infos.length,
      isScalar,
      isInt: ty.kind === "int" || ty.kind === "uint",
      hasPointer:
        ty.kind === "ref" || ty.kind === "ptr" || ty.kind === "fnptr" || parts.some((part) => part.hasPointer),
      plain: (ty.kind !== "adt" || ty.def.prelude) && parts.every((part) => part.plain),
      leaves: isScalar ? [] : this.findLeaves(ty),
    };
    // Finding parts and leaves may have added other types: the index is what it is now.
    const settled = { ...made, index: this.infos.length };
    this.infos.push(settled);
    this.byTy.set(ty, settled);
    return settled;
  }

  /** A scalar type of this program. */
  scalar(): Ty {
    return SCALAR_TYPES[this.rng.weighted(this.drawn.scalars)]!;
  }

  /** An integer type, of this program's scalars if it has one at hand. */
  int(): Ty {
    for (let i = 0; i < 4; i++) {
      const ty = this.scalar();
      if (ty.kind === "int" || ty.kind === "uint") return ty;
    }
    return SCALAR_TYPES[this.rng.between(2, 13)]!;
  }

  /** The type of a new variable. */
  any(aggregatePercent: number): Ty {
    if (this.aggregates.length > 0 && this.rng.chance(aggregatePercent)) return this.rng.pick(this.aggregates).ty;
    return this.scalar();
  }

  private parts(ty: Ty): TypeInfo[] {
    switch (ty.kind) {
      case "tuple":
        return ty.fields.map((f) => this.info(f));
      case "array":
        return [this.info(ty.element)];
      case "adt":
        return ty.def.variants.flatMap((_, v) => this.tcx.fieldTys(ty, v).map((f) => this.info(f)));
      default:
        return [];
    }
  }

  private findLeaves(ty: Ty): Leaf[] {
    const found: Leaf[] = [];
    const add = (elem: PlaceElem, part: Ty, packed: boolean): void => {
      if (found.length >= MAX_LEAVES) return;
      const info = this.info(part);
      found.push({ projection: [elem], info, packed });
      for (const leaf of info.leaves) {
        if (found.length >= MAX_LEAVES) return;
        if (leaf.projection.length < 3)
          found.push({ projection: [elem, ...leaf.projection], info: leaf.info, packed: packed || leaf.packed });
      }
    };
    if (ty.kind === "tuple") {
      for (const [index, field] of ty.fields.entries()) add({ kind: "field", index, ty: field }, field, false);
    }
    if (ty.kind === "adt" && ty.def.adtKind === "struct") {
      const packed = ty.def.repr.packed !== undefined;
      for (const [index, field] of this.tcx.fieldTys(ty, 0).entries())
        add({ kind: "field", index, ty: field }, field, packed);
    }
    if (ty.kind === "array" && ty.length > 0) {
      const places = new Set([0, ty.length >> 1, ty.length - 1]);
      for (const offset of places)
        add({ kind: "constantIndex", offset, minLength: ty.length, fromEnd: false }, ty.element, false);
    }
    return found;
  }

  private populate(): void {
    const { rng } = this;
    const structs = rng.below(3);
    const enums = rng.below(3);
    for (let i = 0; i < structs; i++) this.keep(this.tcx.adt(this.makeStruct(`S${i}`)));
    for (let i = 0; i < enums; i++) this.keep(this.tcx.adt(this.makeEnum(`E${i}`)));
    for (let i = rng.between(1, 2); i > 0; i--) this.keep(this.makeTuple());
    for (let i = rng.between(1, 2); i > 0; i--)
      this.keep(this.tcx.array(this.fieldTy(1), rng.pick([1, 2, 3, 4, 4, 5, 7, 8, 8, 16])));
    for (let i = rng.below(3); i > 0; i--) this.keep(this.makeOption());
  }

  /** Instances of the program's generic structs. */
  private addGenerics(): void {
    const { rng, tcx } = this;
    this.keep(tcx.adt(genericPair(this), [this.fieldTy(0), this.fieldTy(1)]));
    const length = rng.between(1, 4);
    const count = tcx.constArg(TY_USIZE, BigInt(length), String(length));
    this.keep(tcx.adt(genericBuffer(this), [this.scalar(), count]));
  }

  private keep(ty: Ty): void {
    const info = this.info(ty);
    this.aggregates.push(info);
    if (ty.kind === "array") this.arrays.push(info);
    if (ty.kind === "adt" && ty.def.adtKind === "enum") this.enums.push(info);
  }

  private fieldTy(depth: number): Ty {
    const { rng, tcx } = this;
    const roll = rng.below(100);
    if (depth > 0 && roll < 12 && this.aggregates.length > 0) return rng.pick(this.aggregates).ty;
    if (depth > 0 && roll < 20) return tcx.array(this.fieldTy(0), rng.between(1, 4));
    if (depth > 0 && roll < 26) return tcx.tuple([this.fieldTy(0), this.fieldTy(0)]);
    if (depth > 0 && roll < 34) return this.makeOption();
    return roll < 85 ? this.scalar() : rng.pick(SCALAR_TYPES);
  }

  private makeTuple(): Ty {
    const fields: Ty[] = [];
    for (let n = this.rng.pick([1, 2, 2, 3, 4]); n > 0; n--) fields.push(this.fieldTy(1));
    return this.tcx.tuple(fields);
  }

  private makeOption(): Ty {
    const { rng, tcx } = this;
    const nichey: readonly (() => Ty)[] = [
      () => SCALAR_TYPES[0]!,
      () => SCALAR_TYPES[1]!,
      () => tcx.adt(this.ordering),
      () => tcx.adt(this.option, [SCALAR_TYPES[0]!]),
      () => (this.enums.length > 0 ? rng.pick(this.enums).ty : this.scalar()),
      () => tcx.tuple([this.scalar(), SCALAR_TYPES[0]!]),
    ];
    if (rng.chance(20)) return tcx.adt(preludeAdt(tcx, "std::result::Result"), [this.scalar(), this.scalar()]);
    return tcx.adt(this.option, [rng.chance(55) ? rng.pick(nichey)() : this.scalar()]);
  }

  private makeStruct(name: string): AdtDef {
    const { rng } = this;
    const count = rng.pick([1, 2, 2, 3, 4, 5]);
    const tuple = rng.chance(30);
    const fields: FieldDef[] = [];
    for (let i = 0; i < count; i++) fields.push({ name: tuple ? String(i) : `f${i}`, ty: this.fieldTy(1) });
    const variants: VariantDef[] = [{ name, ctor: tuple ? "tuple" : "named", fields, discriminant: 0n }];
    return this.define({ name, adtKind: "struct", variants, repr: structRepr(rng, fields), explicit: false });
  }

  private makeEnum(name: string): AdtDef {
    const { rng } = this;
    const fieldless = rng.chance(25);
    const count = fieldless ? rng.between(2, 9) : rng.between(2, 5);
    const repr: ReprOptions = rng.chance(fieldless ? 50 : 25)
      ? { ...DEFAULT_REPR, int: rng.pick([TY_I8, TY_U8, TY_I16, TY_U16, TY_I32, TY_U32, TY_U64]) }
      : DEFAULT_REPR;
    // Discriminants may be written on an enum with fields only when it has an integer repr.
    const explicit = (fieldless || repr.int !== undefined) && rng.chance(60);
    const variants: VariantDef[] = [];
    let discriminant = explicit ? firstDiscriminant(rng, repr.int) : 0n;
    for (let i = 0; i < count; i++) {
      variants.push({ ...this.variant(`V${i}`, fieldless || rng.chance(25)), discriminant });
      discriminant += explicit && i + 1 < count ? BigInt(rng.pick([1, 1, 2, 3, 5])) : 1n;
    }
    return this.define({ name, adtKind: "enum", variants, repr, explicit });
  }

  private variant(name: string, unit: boolean): Omit<VariantDef, "discriminant"> {
    if (unit) return { name, ctor: "unit", fields: [] };
    const { rng } = this;
    const named = rng.chance(40);
    const fields: FieldDef[] = [];
    for (let n = rng.pick([1, 1, 2, 3]), i = 0; i < n; i++)
      fields.push({ name: named ? `f${i}` : String(i), ty: this.fieldTy(1) });
    return { name, ctor: named ? "named" : "tuple", fields };
  }

  private define(parts: {
    name: string;
    adtKind: "struct" | "enum";
    variants: VariantDef[];
    repr: ReprOptions;
    explicit: boolean;
  }): AdtDef {
    const { name, adtKind, variants, repr, explicit } = parts;
    const def: AdtDef = {
      name,
      adtKind,
      generics: [],
      variants,
      repr,
      explicitDiscriminants: explicit,
      prelude: false,
    };
    return def;
  }
}

function structRepr(rng: Rng, fields: readonly FieldDef[]): ReprOptions {
  const roll = rng.below(100);
  if (roll < 18) return { ...DEFAULT_REPR, c: true };
  if (roll < 23 && !fields.some((f) => holdsAdt(f.ty))) return { ...DEFAULT_REPR, packed: rng.pick([1, 2, 4]) };
  if (roll < 28) return { ...DEFAULT_REPR, align: rng.pick([2, 8, 16, 32]) };
  if (roll < 36 && fields.length === 1) return { ...DEFAULT_REPR, transparent: true };
  return DEFAULT_REPR;
}

/** A first discriminant that leaves room for the others; negative ones only for signed types. */
function firstDiscriminant(rng: Rng, int: Ty | undefined): bigint {
  const ty = int ?? TY_ISIZE;
  const half = 1n << BigInt(scalarBits(ty) - 1);
  const starts = ty.kind === "int" ? [-half, -3n, -1n, 0n, 1n, half - 50n] : [0n, 1n, half - 20n, 2n * half - 50n];
  return rng.pick(starts);
}

/** A packed struct may hold no type of raised alignment, so it is given no definitions at all. */
function holdsAdt(ty: Ty): boolean {
  switch (ty.kind) {
    case "adt":
      return true;
    case "tuple":
      return ty.fields.some(holdsAdt);
    case "array":
      return holdsAdt(ty.element);
    default:
      return false;
  }
}
