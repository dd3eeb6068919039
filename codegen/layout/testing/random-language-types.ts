/**
 * Random types over all that layout knows: scalars, wide pointers, unsized tails, library types, SIMD vectors, closures, and instances of
 * definitions made before.
 */

import type { TraitDef } from "../../mir/items.ts";
import { newTyCtxt, preludeAdt } from "../../mir/prelude.ts";
import {
  type AdtDef,
  ALL_FLOATS,
  DEFAULT_REPR,
  type FieldDef,
  SIGNED_INTS,
  TY_BOOL,
  TY_CHAR,
  TY_I8,
  TY_NEVER,
  TY_STR,
  TY_U8,
  TY_U16,
  TY_U32,
  TY_UNIT,
  TY_USIZE,
  type Ty,
  type TyCtxt,
  UNSIGNED_INTS,
  type VariantDef,
} from "../../mir/ty.ts";
import { isUnsized, LayoutCx, layoutOf } from "../layout.ts";
import type { TargetDataLayout } from "../types.ts";
import { emptyTrait, type LibraryName, type LibraryTypes, libraryTypes, SEND } from "./library-types.ts";
import { newRng, type Rng } from "./random-types.ts";
import type { RangeSyntax, RustcDialect } from "./rustc-dialect.ts";

export const INTEGERS: readonly Ty[] = [...SIGNED_INTS, ...UNSIGNED_INTS];
export const SCALARS: readonly Ty[] = [TY_BOOL, TY_BOOL, TY_CHAR, ...INTEGERS, ...ALL_FLOATS];
export const SMALL_SCALARS: readonly Ty[] = [TY_BOOL, TY_U8, TY_I8, TY_U16, TY_U32];
/** Larger types say nothing that smaller ones do not, and would grow past what a target can address. */
export const MOST_BYTES = 4096;

/** A parameter that a definition may use in its fields. */
export interface Scope {
  readonly params: readonly Ty[];
  /** A `usize` const parameter. */
  readonly length: Ty | undefined;
}

export const NO_SCOPE: Scope = { params: [], length: undefined };

interface TyOptions {
  /** No type without values. */
  readonly inhabited?: boolean;
}

/** What of a compiler a sample depends on. */
export type SampleDialect = Pick<RustcDialect, "policy" | "ranges">;

/** Makes random types, and knows what they can be made of. */
export class TypeSource {
  readonly tcx: TyCtxt = newTyCtxt();
  readonly cx: LayoutCx;
  readonly rng: Rng;
  readonly library: LibraryTypes;
  /** Definitions made so far. */
  readonly defs: AdtDef[] = [];
  /** Types that only an alias can name: closures and functions. */
  readonly opaque: Ty[] = [];
  readonly foreign: Ty;
  readonly traits: readonly TraitDef[] = [emptyTrait("Tr0"), emptyTrait("Tr1")];
  /** `Vector<T, N>`, a SIMD type. */
  readonly vector: AdtDef;

  /** How the compiler that is asked spells ranges of valid values. */
  readonly ranges: RangeSyntax;

  constructor(seed: number, dataLayout: TargetDataLayout, { policy, ranges }: SampleDialect) {
    this.rng = newRng(seed);
    this.cx = new LayoutCx(this.tcx, dataLayout, policy);
    this.ranges = ranges;
    this.library = libraryTypes(this.tcx);
    this.foreign = this.tcx.foreign("X0");
    const lanes = this.tcx.arrayOf(this.tcx.param(0, "T"), this.tcx.param(1, "N"));
    this.vector = {
      name: "Vector",
      adtKind: "struct",
      generics: ["T", "N"],
      constParams: [undefined, TY_USIZE],
      variants: [tupleVariant("Vector", [lanes], 0n)],
      repr: { ...DEFAULT_REPR, simd: true },
      explicitDiscriminants: false,
      prelude: false,
    };
  }

  option(ty: Ty): Ty {
    return this.tcx.adt(preludeAdt(this.tcx, "std::option::Option"), [ty]);
  }

  size(ty: Ty): number {
    return layoutOf(this.cx, ty).layout.size;
  }

  /** A random sized type. Beyond depth 0 only scalars. */
  ty(scope: Scope, depth: number, options: TyOptions = {}): Ty {
    const { rng, tcx } = this;
    const sub = (): Ty => this.ty(scope, depth - 1, options);
    if (scope.params.length > 0 && rng.chance(35)) return rng.pick(scope.params);
    const kind = rng.below(depth <= 0 ? 6 : 30);
    if (kind <= 6) return rng.pick(SCALARS);
    switch (kind) {
      case 7:
      case 8:
        return tcx.ref(this.mutability(), this.pointee(scope, depth - 1));
      case 9:
        return tcx.ptr(this.mutability(), this.pointee(scope, depth - 1));
      case 10:
      case 11:
        return scope.length !== undefined && rng.chance(40)
          ? tcx.arrayOf(sub(), scope.length)
          : tcx.array(sub(), rng.pick([0, 1, 2, 3, 4, 5, 6, 8, 16]));
      case 12:
      case 13:
        return tcx.tuple(Array.from({ length: rng.below(4) }, sub));
      case 14:
      case 15:
        return this.option(sub());
      case 16:
        return tcx.adt(preludeAdt(tcx, "std::result::Result"), [sub(), sub()]);
      case 17:
        return rng.chance(40) && options.inhabited !== true ? TY_NEVER : tcx.adt(preludeAdt(tcx, "std::cmp::Ordering"));
      case 18:
        return rng.pick([tcx.fnPtr([], TY_UNIT), tcx.fnPtr([TY_U8], TY_CHAR, { unsafe: true, abi: "C" })]);
      case 19:
      case 20:
        return this.libraryTy(scope, depth - 1, options);
      case 21:
        return tcx.adt(this.vector, [
          rng.pick([...INTEGERS, ...ALL_FLOATS]),
          this.constLength(rng.pick([1, 2, 3, 4, 7, 8, 16])),
        ]);
      case 22:
        return this.opaque.length > 0 ? rng.pick(this.opaque) : rng.pick(SCALARS);
      default:
        return this.defined(options) ?? rng.pick(SCALARS);
    }
  }

  /** A type some of whose bit patterns no value has. */
  nichedTy(): Ty {
    const { rng, tcx } = this;
    const kind = rng.below(12);
    if (kind === 0) return tcx.ref(this.mutability(), this.pointee(NO_SCOPE, 1));
    if (kind === 1) return tcx.fnPtr([], TY_UNIT);
    if (kind === 2) return tcx.adt(this.library.NonZero, [rng.pick(INTEGERS)]);
    if (kind === 3) return tcx.adt(preludeAdt(tcx, "std::cmp::Ordering"));
    if (kind === 4) return this.option(rng.pick([TY_BOOL, TY_CHAR]));
    if (kind === 5) return this.defined({ inhabited: true }) ?? TY_CHAR;
    return rng.pick([TY_BOOL, TY_CHAR]);
  }

  /** One of `scalars`, or up to `most` of one in an array. */
  plainTy(scalars: readonly Ty[], most: number): Ty {
    const scalar = this.rng.pick(scalars);
    return this.rng.chance(30) ? this.tcx.array(scalar, this.rng.below(most + 1)) : scalar;
  }

  /** An instance of a definition made before. */
  private defined(options: TyOptions): Ty | undefined {
    if (this.defs.length === 0) return undefined;
    const ty = this.instance(this.rng.pick(this.defs));
    if (ty === undefined || isUnsized(this.cx, ty)) return undefined;
    const { layout } = layoutOf(this.cx, ty);
    return layout.size > MOST_BYTES >> 3 || (options.inhabited === true && layout.uninhabited) ? undefined : ty;
  }

  private mutability(): "mut" | "not" {
    return this.rng.chance(50) ? "mut" : "not";
  }

  private constLength(n: number): Ty {
    return this.tcx.constArg(TY_USIZE, BigInt(n), String(n));
  }

  private libraryTy(scope: Scope, depth: number, options: TyOptions): Ty {
    const name = this.rng.pick<LibraryName>([
      "PhantomData",
      "NonNull",
      "NonZero",
      "NonZero",
      "UnsafeCell",
      "Cell",
      "RefCell",
      "ManuallyDrop",
      "MaybeUninit",
      "Box",
      "Box",
    ]);
    const def = this.library[name];
    if (name === "NonZero") return this.tcx.adt(def, [this.rng.pick(INTEGERS)]);
    const behindPointer = name === "NonNull" || name === "Box" || name === "PhantomData";
    const arg = behindPointer ? this.pointee(scope, depth, true) : this.ty(scope, depth, options);
    return this.tcx.adt(def, [arg]);
  }

  /** What a pointer points to: often something unsized. `metaSized`: no extern type. */
  private pointee(scope: Scope, depth: number, metaSized = false): Ty {
    if (this.rng.chance(3) && !metaSized) return this.foreign;
    return this.rng.chance(40) ? this.unsizedTy() : this.ty(scope, depth);
  }

  unsizedTy(): Ty {
    const { rng, tcx } = this;
    switch (rng.below(8)) {
      case 0:
      case 1:
        return tcx.slice(this.ty(NO_SCOPE, 1));
      case 2:
        return TY_STR;
      case 3:
      case 4: {
        const principal = { trait: rng.pick(this.traits), args: [] };
        return tcx.dynamic({ principal, projections: [], autos: rng.chance(30) ? [SEND] : [] });
      }
      case 5:
        return tcx.tuple([this.ty(NO_SCOPE, 1), this.ty(NO_SCOPE, 1), this.unsizedTy()]);
      case 6:
        return tcx.adt(this.library[rng.pick<LibraryName>(["UnsafeCell", "Cell", "RefCell", "ManuallyDrop"])], [
          this.unsizedTy(),
        ]);
      default: {
        const unsizable = this.defs.filter((def) => this.cx.isMaybeUnsized(def));
        if (unsizable.length === 0) return TY_STR;
        const ty = this.instance(rng.pick(unsizable), true);
        return ty !== undefined && isUnsized(this.cx, ty) ? ty : TY_STR;
      }
    }
  }

  /** `def` with random arguments; `unsized` where a parameter may be. Undefined when the arguments do not suit. */
  instance(def: AdtDef, unsized = false): Ty | undefined {
    const relaxed = new Set(def.predicates?.map((p) => p.ref.args[0]));
    const args = def.generics.map((name, i): Ty => {
      if (def.constParams?.[i] !== undefined) return this.constLength(this.rng.pick([0, 1, 2, 3, 4, 7]));
      const mayBeUnsized = relaxed.has(this.tcx.param(i, name));
      return mayBeUnsized && (unsized || this.rng.chance(20)) ? this.unsizedTy() : this.ty(NO_SCOPE, 1);
    });
    return this.tcx.adt(def, args);
  }

  /** Type parameters for a definition, and sometimes a const one. */
  scope(): { scope: Scope; generics: string[]; constParams: (Ty | undefined)[] } {
    const generics: string[] = [];
    const constParams: (Ty | undefined)[] = [];
    if (this.rng.chance(30)) {
      const count = 1 + this.rng.below(2);
      for (let i = 0; i < count; i++) {
        generics.push(`T${i}`);
        constParams.push(undefined);
      }
    }
    const params = generics.map((name, i) => this.tcx.param(i, name));
    let length: Ty | undefined;
    if (this.rng.chance(8)) {
      length = this.tcx.param(generics.length, "N");
      generics.push("N");
      constParams.push(TY_USIZE);
    }
    return { scope: { params, length }, generics, constParams };
  }

  fieldTys(scope: Scope, most: number): Ty[] {
    return Array.from({ length: this.rng.below(most + 1) }, () => this.ty(scope, 2));
  }

  /** Type parameters that no field mentions: rustc wants them to be. */
  markers(scope: Scope, tys: readonly Ty[]): Ty[] {
    const unused = scope.params.filter((param) => !tys.some((ty) => mentions(ty, param)));
    return unused.map((param) => this.tcx.adt(this.library.PhantomData, [param]));
  }
}

/** A variant whose fields have no names. */
export function tupleVariant(name: string, tys: readonly Ty[], discriminant: bigint): VariantDef {
  const fields = tys.map((ty, i): FieldDef => ({ name: String(i), ty }));
  return { name, ctor: fields.length === 0 ? "unit" : "tuple", fields, discriminant };
}

/** Whether `ty` has `param` in it. */
export function mentions(ty: Ty, param: Ty): boolean {
  switch (ty.kind) {
    case "param":
      return ty === param;
    case "tuple":
      return ty.fields.some((t) => mentions(t, param));
    case "array":
    case "slice":
    case "genericArray":
      return mentions(ty.element, param);
    case "ref":
    case "ptr":
      return mentions(ty.pointee, param);
    case "adt":
      return ty.args.some((t) => mentions(t, param));
    default:
      return false;
  }
}
