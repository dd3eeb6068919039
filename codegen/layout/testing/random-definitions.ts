/**
 * Random definitions over all that layout knows: generic ones, unions, every `repr`, valid ranges, SIMD. What rustc would reject is never made.
 */

import type { Predicate } from "../../mir/items.ts";
import {
  type AdtDef,
  ALL_FLOATS,
  DEFAULT_REPR,
  type FieldDef,
  isIntegral,
  type ReprOptions,
  TY_CHAR,
  TY_I128,
  TY_NEVER,
  TY_U8,
  TY_UNIT,
  type Ty,
  type VariantDef,
} from "../../mir/ty.ts";
import { integerBits, type LayoutCx } from "../layout.ts";
import { isUnsizedTail } from "../unsized.ts";
import { META_SIZED } from "./library-types.ts";
import { INTEGERS, mentions, SCALARS, SMALL_SCALARS, type TypeSource, tupleVariant } from "./random-language-types.ts";
import { hasAlignRepr, randomDiscriminants } from "./random-types.ts";
import { fitsPattern, type Range } from "./range-pattern.ts";

const ALIGNS: readonly number[] = [1, 2, 4, 8, 16, 32];
const PLAIN = { explicitDiscriminants: false, prelude: false } as const;

/** A struct, which may have parameters and an unsized tail. */
export function randomStruct(source: TypeSource, name: string): AdtDef {
  const { rng } = source;
  const { scope, generics, constParams } = source.scope();
  let tys = source.fieldTys(scope, 6);
  let predicates: Predicate[] = [];
  let repr: ReprOptions = DEFAULT_REPR;
  const transparent = rng.chance(8);
  if (transparent) tys = [source.ty(scope, 2)];
  tys.push(...source.markers(scope, tys));
  const tail = rng.below(100);
  const param = scope.params[scope.params.length - 1];
  if (tail < 25 && param !== undefined && !transparent) {
    // The parameter as the last field, and nowhere else where it would have to be sized.
    const others = tys.filter((ty) => !mentions(ty, param));
    tys = [...others, ...source.markers({ ...scope, params: scope.params.slice(0, -1) }, others), param];
    predicates = [{ kind: "trait", ref: { trait: META_SIZED, args: [param] } }];
  } else if (tail < 32 && !transparent) {
    tys.push(source.unsizedTy());
  }
  if (transparent) repr = { ...DEFAULT_REPR, transparent: true };
  else repr = structRepr(source, tys);
  const variant = tupleVariant(name, tys, 0n);
  return { name, adtKind: "struct", generics, constParams, predicates, variants: [variant], repr, ...PLAIN };
}

function structRepr({ rng, cx }: TypeSource, tys: readonly Ty[]): ReprOptions {
  let repr: ReprOptions = DEFAULT_REPR;
  if (rng.chance(15)) repr = { ...repr, c: true };
  if (rng.chance(10)) repr = { ...repr, align: rng.pick(ALIGNS) };
  else if (rng.chance(12) && !tys.some(hasAlignRepr) && !mayBeUnsized(cx, tys))
    repr = { ...repr, packed: rng.pick([1, 2, 4, 8, 16]) };
  return repr;
}

/** Whether the last field may be unsized: then a packed struct would have to drop it in place, which is not allowed. */
function mayBeUnsized(cx: LayoutCx, tys: readonly Ty[]): boolean {
  const last = tys[tys.length - 1];
  if (last === undefined) return false;
  const tail = cx.tailOf(last);
  return tail.kind === "param" || isUnsizedTail(tail);
}

/** A union. */
export function randomUnion(source: TypeSource, name: string): AdtDef {
  const { rng, tcx } = source;
  const { scope, generics, constParams } = source.scope();
  const wrap = (ty: Ty): Ty => (SCALARS.includes(ty) ? ty : tcx.adt(source.library.ManuallyDrop, [ty]));
  const transparent = rng.chance(10);
  const count = transparent ? 1 : 1 + rng.below(4);
  const own = Array.from({ length: count }, () => source.ty(scope, 2));
  const tys = [...own.map(wrap), ...source.markers(scope, own).map(wrap)];
  let repr: ReprOptions = DEFAULT_REPR;
  if (transparent) repr = { ...repr, transparent: true };
  else {
    if (rng.chance(20)) repr = { ...repr, c: true };
    if (rng.chance(10)) repr = { ...repr, align: rng.pick(ALIGNS) };
    else if (rng.chance(12) && !tys.some(hasAlignRepr)) repr = { ...repr, packed: rng.pick([1, 2, 4, 8]) };
  }
  const fields = tys.map((ty, i): FieldDef => ({ name: `f${i}`, ty }));
  const variant: VariantDef = { name, ctor: "named", fields, discriminant: 0n };
  return { name, adtKind: "union", generics, constParams, variants: [variant], repr, ...PLAIN };
}

/** A scalar with invalid patterns of its own. */
export function randomRanged(source: TypeSource, name: string): AdtDef {
  const { rng, ranges } = source;
  const ty = rng.pick([...INTEGERS, TY_CHAR, source.tcx.ptr("not", TY_U8)]);
  const pointerBits = source.cx.dataLayout.pointerSize * 8;
  const bits = isIntegral(ty) ? integerBits(source.cx.dataLayout, ty) : ty.kind === "char" ? 15 : pointerBits;
  let validRange = randomRange(source, bits);
  if (ranges === "patterns" && !fitsPattern(ty, validRange, pointerBits)) {
    const { start, end } = validRange;
    validRange = ty.kind === "ptr" ? { start: 1n, end: BigInt.asUintN(bits, -1n) } : { start: end, end: start };
  }
  const repr: ReprOptions = { ...DEFAULT_REPR, transparent: rng.chance(50), validRange };
  return { name, adtKind: "struct", generics: [], variants: [tupleVariant(name, [ty], 0n)], repr, ...PLAIN };
}

/** Some patterns of `bits` bits, not all: often near zero on either side, where the choice of a niche changes. */
function randomRange({ rng }: TypeSource, bits: number): Range {
  const bound = (): bigint => {
    let value = 0n;
    for (let i = 0; i < 4; i++) value = (value << 32n) | BigInt(rng.below(0x1_0000_0000));
    const near = BigInt.asUintN(Math.min(4, bits), value);
    const kind = rng.below(100);
    if (kind < 40) return near;
    return BigInt.asUintN(bits, kind < 60 ? -near : value);
  };
  const start = bound();
  const end = bound();
  const isFull = BigInt.asUintN(bits, end + 1n) === start;
  return isFull ? { start, end: start } : { start, end };
}

/** A SIMD type of its own. */
export function randomSimd(source: TypeSource, name: string): AdtDef {
  const { rng, tcx } = source;
  const element = rng.pick([...INTEGERS, ...ALL_FLOATS, tcx.ptr("not", TY_U8), tcx.ptr("mut", TY_UNIT)]);
  const array = tcx.array(element, 1 + rng.below(rng.chance(20) ? 64 : 9));
  const repr: ReprOptions = { ...DEFAULT_REPR, simd: true, ...(rng.chance(30) ? { packed: 1 } : {}) };
  return { name, adtKind: "struct", generics: [], variants: [tupleVariant(name, [array], 0n)], repr, ...PLAIN };
}

/** An enum, with or without fields. */
export function randomEnum(source: TypeSource, name: string): AdtDef {
  const { rng } = source;
  if (rng.chance(2)) return { name, adtKind: "enum", generics: [], variants: [], repr: DEFAULT_REPR, ...PLAIN };
  const { scope, generics, constParams } = source.scope();
  const many = rng.chance(1);
  const count = many ? 300 : 1 + rng.below(rng.chance(10) ? 12 : 5);
  const fieldless = many || rng.chance(15);
  let repr: ReprOptions = DEFAULT_REPR;
  if (rng.chance(12)) repr = { ...repr, int: many ? TY_I128 : rng.pick(INTEGERS) };
  if (rng.chance(8)) repr = { ...repr, c: true };
  if (rng.chance(6)) repr = { ...repr, align: rng.pick(ALIGNS) };
  const variantTys = Array.from({ length: count }, () => (fieldless ? [] : source.fieldTys(scope, 3)));
  variantTys[count - 1]!.push(...source.markers(scope, variantTys.flat()));
  if (!repr.c && repr.int === undefined && count === 1 && variantTys[0]!.length === 1 && rng.chance(30))
    repr = { ...DEFAULT_REPR, transparent: true };
  const noFields = variantTys.every((tys) => tys.length === 0);
  // C and an integer together are for enums with fields.
  if (repr.int !== undefined && noFields) repr = { ...repr, c: false };
  const explicit = (noFields || repr.int !== undefined) && !repr.transparent && rng.chance(60);
  const pointerBits = source.cx.dataLayout.pointerSize * 8;
  const values = explicit
    ? randomDiscriminants(rng, count, repr, pointerBits)
    : Array.from({ length: count }, (_, i) => BigInt(i));
  const variants = values.map((value, i) => tupleVariant(`V${i}`, variantTys[i]!, value));
  return {
    name,
    adtKind: "enum",
    generics,
    constParams,
    variants,
    repr,
    explicitDiscriminants: explicit,
    prelude: false,
  };
}

/** An enum that is likely to hide its tag in a niche of its largest variant, before or behind which the others' data may lie. */
export function randomNichedEnum(source: TypeSource, name: string): AdtDef {
  const { rng } = source;
  const largest = [source.nichedTy(), ...Array.from({ length: 1 + rng.below(3) }, () => source.plainTy(SCALARS, 4))];
  if (rng.chance(50)) largest.reverse();
  const others = Array.from({ length: 1 + rng.below(rng.chance(20) ? 9 : 4) }, () => {
    const tys = Array.from({ length: rng.below(3) }, () => source.plainTy(SMALL_SCALARS, 2));
    return rng.chance(8) ? [...tys, TY_NEVER] : tys;
  });
  const at = rng.below(others.length + 1);
  const variantTys = [...others.slice(0, at), largest, ...others.slice(at)];
  const variants = variantTys.map((tys, i) => tupleVariant(`V${i}`, tys, BigInt(i)));
  const repr: ReprOptions = rng.chance(6) ? { ...DEFAULT_REPR, align: rng.pick(ALIGNS) } : DEFAULT_REPR;
  return { name, adtKind: "enum", generics: [], variants, repr, ...PLAIN };
}
