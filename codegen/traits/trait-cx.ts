/**
 * `TraitCx`: the traits and impls of a program, indexed, and everything that is remembered of them.
 *
 * One program has one `TraitCx`. All questions about types that depend on impls (selection, normalisation, `Copy`, drop) take it
 * first and answer for *monomorphic* types: there is no environment of `where` clauses to assume. Type parameters may occur, as types
 * of which nothing is known.
 */

import { HAS_ALIAS, substitute, typeFlags } from "../mir/fold.ts";
import type { ConstItem, ImplDef, TraitDef, TraitLang, TraitRef } from "../mir/items.ts";
import type { Program } from "../mir/program.ts";
import type { FnItem } from "../mir/syntax.ts";
import type { Ty, TyCtxt } from "../mir/ty.ts";
import { TyListMap } from "./ty-list-map.ts";

/** Runs constant items at compile time; the interpreter gives one. */
export interface ConstEvaluator {
  /**
   * The value of the scalar constant `item::<args>` (monomorphic), as the unsigned bits of its type.
   *
   * @throws Diagnostic when the evaluation fails.
   */
  evalBits(item: ConstItem, args: readonly Ty[]): bigint;
}

/** Why a trait holds, and so where its items come from (rustc's `ImplSource`). */
export type ImplSource =
  | { readonly kind: "user"; readonly impl: ImplDef; readonly args: readonly Ty[] }
  /** The compiler's own impl, by what the trait is. */
  | { readonly kind: "builtin"; readonly lang: TraitLang }
  /** `Self` is a `dyn` type with this trait among its principal's supertraits. `ref` is that supertrait, of the `dyn` type. */
  | { readonly kind: "object"; readonly ref: TraitRef };

/** rustc's default `recursion_limit`. */
export const RECURSION_LIMIT = 128;

/** Impls that apply beside the one that was selected, the most special first: it inherits what it does not give itself. */
export type ImplAncestors = readonly Extract<ImplSource, { kind: "user" }>[];

/** Selection and normalisation, which rest on each other; `context.ts` ties the knot. */
export interface TraitSolver {
  ancestors(cx: TraitCx, ref: TraitRef, impl: ImplDef): ImplAncestors;
  selectImpl(cx: TraitCx, ref: TraitRef): ImplSource | undefined;
  normalize(cx: TraitCx, ty: Ty): Ty;
  normalizeProjection(cx: TraitCx, ref: TraitRef, name: string, own: readonly Ty[]): Ty;
}

/** What a `TraitCx` is made from. */
export type TraitItems = Pick<Program, "tcx" | "traits" | "impls"> & { readonly functions?: readonly FnItem[] };

export class TraitCx {
  readonly tcx: TyCtxt;
  private readonly solver: TraitSolver;
  /** Set by whoever can evaluate constants, before the first type that needs one is normalised. */
  constEvaluator: ConstEvaluator | undefined;
  /** Selections that are known. */
  readonly selections: TyListMap<ImplSource | { readonly kind: "none" }> = new TyListMap();
  private readonly ancestors = new TyListMap<ImplAncestors>();
  /** Goals that are being selected, innermost last. */
  readonly goals: TraitRef[] = [];
  readonly normalized: Map<Ty, Ty> = new Map();
  /** The outermost goal that one under way was found to rest on, as an index of `goals`. */
  lowestCycle: number = Number.POSITIVE_INFINITY;
  /** How deep normalisation is in itself. */
  normalizeDepth = 0;
  readonly isCopyCache: Map<Ty, boolean> = new Map();
  readonly isFreezeCache: Map<Ty, boolean> = new Map();
  readonly isUnpinCache: Map<Ty, boolean> = new Map();
  readonly needsDropCache: Map<Ty, boolean> = new Map();
  private readonly implsByTrait = new Map<TraitDef, ImplDef[]>();
  private readonly langTraits = new Map<TraitLang, TraitDef>();
  private readonly freeOfBox: FnItem | undefined;

  constructor(items: TraitItems, solver: TraitSolver) {
    this.tcx = items.tcx;
    this.freeOfBox = findBoxFree(items);
    this.solver = solver;
    for (const trait of items.traits ?? []) this.addTrait(trait);
    for (const impl of items.impls ?? []) {
      if (impl.trait === undefined) continue;
      const { trait } = impl.trait;
      this.addTrait(trait);
      const known = this.implsByTrait.get(trait);
      if (known === undefined) this.implsByTrait.set(trait, [impl]);
      else known.push(impl);
    }
  }

  /** All impls of `trait`, in source order. */
  implsOf(trait: TraitDef): readonly ImplDef[] {
    return this.implsByTrait.get(trait) ?? NO_IMPLS;
  }

  /** `box_free::<T>(pointer)`, which frees the memory of a `Box` that has no impl of `Drop`. */
  boxFree(): FnItem | undefined {
    return this.freeOfBox;
  }

  /** The trait that the compiler knows as `lang`; absent from programs that never mention it. */
  langTrait(lang: TraitLang): TraitDef | undefined {
    return this.langTraits.get(lang);
  }

  /**
   * Why `ref` holds; `undefined` when it does not.
   *
   * @throws Diagnostic when several impls apply and none is more special than the others, and when the search does not end.
   */
  select(ref: TraitRef): ImplSource | undefined {
    return this.solver.selectImpl(this, ref);
  }

  /**
   * Where the impl `source`, selected for `ref`, has an item from: `source` itself when `has` is true of its impl, or the next less special impl of which it
   * is (as `Ancestors::leaf_def` of rustc_middle/src/traits/specialization_graph.rs); `undefined` when only the trait may give it.
   */
  itemSource(
    source: Extract<ImplSource, { kind: "user" }>,
    ref: TraitRef,
    has: (impl: ImplDef) => boolean,
  ): Extract<ImplSource, { kind: "user" }> | undefined {
    if (has(source.impl)) return source;
    if (this.implsOf(ref.trait).length === 1) return undefined;
    const args = ref.args.map((arg) => this.normalize(arg));
    let ancestors = this.ancestors.get(ref.trait, args);
    if (ancestors === undefined) {
      ancestors = this.solver.ancestors(this, { trait: ref.trait, args }, source.impl);
      this.ancestors.set(ref.trait, args, ancestors);
    }
    return ancestors.find(({ impl }) => has(impl));
  }

  /** Whether `args[0]: trait<args[1..]>` holds. */
  holds(trait: TraitDef, args: readonly Ty[]): boolean {
    return this.solver.selectImpl(this, { trait, args }) !== undefined;
  }

  /**
   * `ty` with every `alias`, `anonConst` and `genericArray` replaced that does not depend on a parameter.
   *
   * @throws Diagnostic when a projection's trait is not implemented, and when the replacing does not end.
   */
  normalize(ty: Ty): Ty {
    return (typeFlags(ty) & HAS_ALIAS) === 0 ? ty : this.solver.normalize(this, ty);
  }

  /** `<ref>::name<own>`, normalised; the arguments of `ref` are. */
  normalizeProjection(ref: TraitRef, name: string, own: readonly Ty[]): Ty {
    return this.solver.normalizeProjection(this, ref, name, own);
  }

  /** `ty` with `args` filled in, normalised. */
  instantiate(ty: Ty, args: readonly Ty[]): Ty {
    return this.normalize(substitute(this.tcx, ty, args));
  }

  private addTrait(trait: TraitDef): void {
    if (trait.lang !== undefined && trait.lang !== "auto" && !this.langTraits.has(trait.lang))
      this.langTraits.set(trait.lang, trait);
    for (const { trait: parent } of trait.supertraits) {
      if (parent.lang !== undefined && !this.langTraits.has(parent.lang)) this.addTrait(parent);
    }
  }
}

/** A function of the program, or else the one that comes with the prelude's `Box`. */
function findBoxFree({ functions = [], impls = [] }: TraitItems): FnItem | undefined {
  const named = ({ name }: FnItem): boolean => name.endsWith("box_free") && /(?:^|::)box_free$/.test(name);
  const own = functions.find(named);
  if (own !== undefined) return own;
  for (const impl of impls) {
    const found = impl.trait === undefined && impl.prelude ? impl.fns.find(named) : undefined;
    if (found !== undefined) return found;
  }
  return undefined;
}

const NO_IMPLS: readonly ImplDef[] = [];

/** The arguments of an impl's item that stands for a trait's: the impl's own, then the item's, of `args`, the trait's and the item's. */
export function implItemArgs(
  source: Extract<ImplSource, { kind: "user" }>,
  trait: TraitDef,
  args: readonly Ty[],
): readonly Ty[] {
  const own = args.slice(trait.generics.length);
  return own.length === 0 ? source.args : [...source.args, ...own];
}
