/**
 * Random type definitions, and their Rust source, for comparing our layouts and values with rustc's.
 *
 * Seeded: the same seed makes the same definitions. Every definition may use those before it.
 */

import { preludeAdt } from "../../mir/prelude.ts";
import {
  type AdtDef,
  DEFAULT_REPR,
  FLOATS,
  type ReprOptions,
  SIGNED_INTS,
  TY_BOOL,
  TY_CHAR,
  TY_I128,
  TY_NEVER,
  TY_UNIT,
  type Ty,
  type TyCtxt,
  UNSIGNED_INTS,
  type VariantDef,
} from "../../mir/ty.ts";
import type { Range } from "./range-pattern.ts";

/** A small generator of random numbers (mulberry32). */
export interface Rng {
  /** An integer in `0 .. n`. */
  readonly below: (n: number) => number;
  readonly chance: (percent: number) => boolean;
  readonly pick: <T>(items: readonly T[]) => T;
}

export function newRng(seed: number): Rng {
  let state = seed >>> 0;
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return (t ^ (t >>> 14)) >>> 0;
  };
  const below = (n: number): number => next() % n;
  return { below, chance: (percent) => below(100) < percent, pick: (items) => items[below(items.length)]! };
}

export interface RandomTypeOptions {
  /** `!`, which no value has, may appear. */
  readonly uninhabited: boolean;
}

const SCALARS: readonly Ty[] = [TY_BOOL, TY_BOOL, TY_CHAR, ...SIGNED_INTS, ...UNSIGNED_INTS, ...FLOATS];

/** `count` random definitions, added to `tcx`. */
export function randomAdts(tcx: TyCtxt, rng: Rng, count: number, options: RandomTypeOptions): AdtDef[] {
  const defs: AdtDef[] = [];
  for (let i = 0; i < count; i++) {
    const def = rng.chance(40)
      ? randomStruct(tcx, rng, `S${i}`, defs, options)
      : randomEnum(tcx, rng, `E${i}`, defs, options);
    tcx.adts.set(def.name, def);
    defs.push(def);
  }
  return defs;
}

/** A random type made of scalars, `defs` and the prelude. */
export function randomTy(tcx: TyCtxt, rng: Rng, defs: readonly AdtDef[], options: RandomTypeOptions, depth = 2): Ty {
  const sub = (): Ty => randomTy(tcx, rng, defs, options, depth - 1);
  const kind = rng.below(depth <= 0 ? 6 : 16);
  if (kind <= 5) return rng.pick(SCALARS);
  switch (kind) {
    case 6:
      return tcx.ref(rng.chance(50) ? "mut" : "not", sub());
    case 7:
      return tcx.ptr(rng.chance(50) ? "mut" : "not", sub());
    case 8:
      return tcx.array(sub(), rng.pick([0, 1, 2, 3, 4, 5, 6, 8]));
    case 9:
      return tcx.tuple(Array.from({ length: rng.below(4) }, sub));
    case 10:
      return tcx.adt(preludeAdt(tcx, "std::option::Option"), [sub()]);
    case 11:
      return tcx.adt(preludeAdt(tcx, "std::result::Result"), [sub(), sub()]);
    case 12:
      return rng.chance(30) && options.uninhabited ? TY_NEVER : tcx.adt(preludeAdt(tcx, "std::cmp::Ordering"));
    case 13:
      return tcx.fnPtr([], TY_UNIT);
    default:
      return defs.length > 0 ? tcx.adt(rng.pick(defs)) : rng.pick(SCALARS);
  }
}

function randomFields(
  tcx: TyCtxt,
  rng: Rng,
  defs: readonly AdtDef[],
  options: RandomTypeOptions,
  most: number,
): { name: string; ty: Ty }[] {
  return Array.from({ length: rng.below(most + 1) }, (_, i) => ({
    name: String(i),
    ty: randomTy(tcx, rng, defs, options),
  }));
}

function variantOf(name: string, fields: readonly { name: string; ty: Ty }[], discriminant: bigint): VariantDef {
  return { name, ctor: fields.length === 0 ? "unit" : "tuple", fields, discriminant };
}

function randomStruct(
  tcx: TyCtxt,
  rng: Rng,
  name: string,
  defs: readonly AdtDef[],
  options: RandomTypeOptions,
): AdtDef {
  const fields = randomFields(tcx, rng, defs, options, 6);
  let repr: ReprOptions = DEFAULT_REPR;
  if (rng.chance(12)) repr = { ...repr, c: true };
  if (rng.chance(8)) repr = { ...repr, align: rng.pick([1, 2, 4, 8, 16, 32]) };
  else if (rng.chance(10) && !fields.some((f) => hasAlignRepr(f.ty)))
    repr = { ...repr, packed: rng.pick([1, 2, 4, 8]) };
  else if (rng.chance(10) && fields.length === 1 && !repr.c) repr = { ...DEFAULT_REPR, transparent: true };
  return {
    name,
    adtKind: "struct",
    generics: [],
    variants: [variantOf(name, fields, 0n)],
    repr,
    explicitDiscriminants: false,
    prelude: false,
  };
}

/** A packed type may not hold one with `repr(align)`. */
export function hasAlignRepr(ty: Ty): boolean {
  switch (ty.kind) {
    case "array":
      return hasAlignRepr(ty.element);
    case "tuple":
      return ty.fields.some(hasAlignRepr);
    case "adt":
      return (
        ty.def.repr.align !== undefined ||
        ty.args.some(hasAlignRepr) ||
        ty.def.variants.some((v) => v.fields.some((f) => hasAlignRepr(f.ty)))
      );
    default:
      return false;
  }
}

function randomEnum(tcx: TyCtxt, rng: Rng, name: string, defs: readonly AdtDef[], options: RandomTypeOptions): AdtDef {
  const count = rng.chance(4) ? 300 : 1 + rng.below(5);
  const fieldless = count === 300 || rng.chance(15);
  let repr: ReprOptions = DEFAULT_REPR;
  if (rng.chance(12)) repr = { ...repr, int: rng.pick([...SIGNED_INTS, ...UNSIGNED_INTS]) };
  if (rng.chance(8)) repr = { ...repr, c: true };
  if (rng.chance(4)) repr = { ...repr, align: rng.pick([2, 8, 16]) };
  if (count === 300 && repr.int !== undefined) repr = { ...repr, int: TY_I128 };
  const explicit = (fieldless || repr.int !== undefined) && rng.chance(60);
  const values = explicit ? randomDiscriminants(rng, count, repr) : Array.from({ length: count }, (_, i) => BigInt(i));
  const fixed = repr.c || repr.int !== undefined;
  const variants = values.map((value, i) =>
    // Releases of rustc disagree on an enum of fixed tag that has no values at all; so its first variant has one.
    variantOf(`V${i}`, fieldless || (i === 0 && fixed) ? [] : randomFields(tcx, rng, defs, options, 3), value),
  );
  // C and an integer together are for enums with fields.
  if (repr.int !== undefined && variants.every((v) => v.fields.length === 0)) repr = { ...repr, c: false };
  return { name, adtKind: "enum", generics: [], variants, repr, explicitDiscriminants: explicit, prelude: false };
}

/** `count` different values that the enum's discriminant can have, where a pointer has `pointerBits`. */
export function randomDiscriminants(rng: Rng, count: number, repr: ReprOptions, pointerBits = 64): bigint[] {
  const int = repr.int;
  const signed = int === undefined || int.kind === "int";
  // Without an integer in its repr, a C enum has 32 bits and a Rust one the pointer's.
  const own =
    int === undefined || (int.kind !== "int" && int.kind !== "uint") ? (repr.c ? 32 : pointerBits) : int.width;
  const width = own === "size" ? pointerBits : own;
  const seen = new Set<bigint>();
  while (seen.size < count) {
    const bits = 1 + rng.below(Math.min(width, 128));
    let value = 0n;
    for (let i = 0; i < 4; i++) value = (value << 32n) | BigInt(rng.below(0x1_0000_0000));
    value = BigInt.asUintN(bits, value);
    if (signed) value = rng.chance(50) ? BigInt.asIntN(width, -value) : BigInt.asIntN(width, value);
    seen.add(value);
  }
  return [...seen];
}

/** `ty` in Rust source. References are `'static`. Closures and functions are written as the alias that names them. */
export function rustTy(ty: Ty): string {
  switch (ty.kind) {
    case "ref":
      return `&'static ${ty.mutability === "mut" ? "mut " : ""}${rustTy(ty.pointee)}`;
    case "ptr":
      return `*${ty.mutability === "mut" ? "mut" : "const"} ${rustTy(ty.pointee)}`;
    case "array":
      return `[${rustTy(ty.element)}; ${ty.length}]`;
    case "genericArray":
      return `[${rustTy(ty.element)}; ${rustTy(ty.length)}]`;
    case "slice":
      return `[${rustTy(ty.element)}]`;
    case "tuple":
      return `(${ty.fields.map((f) => `${rustTy(f)}, `).join("")})`;
    case "dynamic":
      return `(${ty.text})`;
    case "closure":
      return ty.def.name;
    case "fndef":
      return ty.item.name;
    case "adt":
      return ty.def.name + (ty.args.length === 0 ? "" : `<${ty.args.map(rustTy).join(", ")}>`);
    default:
      return ty.text;
  }
}

/**
 * `def` in Rust source, on one line, preceded by `attribute`. Where `pattern` is given, it writes the range of valid values in the type of the only
 * field; else attributes do.
 */
export function rustAdt(def: AdtDef, attribute: string, pattern?: (ty: Ty, range: Range) => string): string {
  const range = def.repr.validRange;
  const field = def.variants[0]?.fields[0]?.ty;
  if (pattern !== undefined && range !== undefined && field !== undefined) {
    const ty = `std::pat::pattern_type!(${rustTy(field)} is ${pattern(field, range)})`;
    return `${attribute}${reprAttribute(def)}pub struct ${def.name}(pub ${ty});`;
  }
  const head = `${attribute}${reprAttribute(def)}${rangeAttributes(def)}`;
  const name = def.name + rustGenerics(def);
  if (def.adtKind === "enum") {
    const variants = def.variants.map(
      (v) => `${v.name}${rustFields(v, "")}${def.explicitDiscriminants ? ` = ${v.discriminant}` : ""}`,
    );
    return `${head}pub enum ${name} { ${variants.join(", ")} }`;
  }
  const variant = def.variants[0];
  const fields = variant === undefined ? "" : rustFields(variant, "pub ");
  return `${head}pub ${def.adtKind} ${name}${fields}${variant?.ctor === "named" ? "" : ";"}`;
}

function reprAttribute({ repr }: AdtDef): string {
  const hints = [
    ...(repr.c ? ["C"] : []),
    ...(repr.transparent ? ["transparent"] : []),
    ...(repr.simd === true ? ["simd"] : []),
    // A SIMD type is packed or not; there is no number to it.
    ...(repr.packed !== undefined ? [repr.simd === true ? "packed" : `packed(${repr.packed})`] : []),
    ...(repr.align !== undefined ? [`align(${repr.align})`] : []),
    ...(repr.int !== undefined ? [repr.int.text] : []),
  ];
  return hints.length > 0 ? `#[repr(${hints.join(", ")})] ` : "";
}

function rangeAttributes({ repr: { validRange } }: AdtDef): string {
  if (validRange === undefined) return "";
  const { start, end } = validRange;
  return `#[rustc_layout_scalar_valid_range_start(${start})] #[rustc_layout_scalar_valid_range_end(${end})] `;
}

/** Type parameters are `'static`, for references to them are; those with a bound (there is only `MetaSized`) may be unsized. */
function rustGenerics(def: AdtDef): string {
  if (def.generics.length === 0) return "";
  const simd = def.repr.simd === true;
  const params = def.generics.map((name, i) => {
    const constTy = def.constParams?.[i];
    if (constTy !== undefined) return `const ${name}: ${constTy.text}`;
    const relaxed = def.predicates?.some((p) => p.ref.args[0]?.text === name) === true;
    return simd ? name : `${name}: ${relaxed ? "?Sized + " : ""}'static`;
  });
  return `<${params.join(", ")}>`;
}

function rustFields(v: VariantDef, visibility: string): string {
  if (v.ctor === "unit") return "";
  if (v.ctor === "named") return ` { ${v.fields.map((f) => `${visibility}${f.name}: ${rustTy(f.ty)}`).join(", ")} }`;
  return `(${v.fields.map((f) => visibility + rustTy(f.ty)).join(", ")})`;
}
