/**
 * Trait selection: why `T: Trait<U>` holds, if it does.
 *
 * After rustc_trait_selection/src/traits/select/ (`candidate_from_obligation`, `evaluate_candidate`, `winnow_candidates`), for types
 * without inference variables. Candidates are assembled from the user's impls, the object's own bounds, and the compiler's impls of the
 * traits it knows; those whose `where` clauses fail are dropped. Of several impls the one that is more special than all the
 * others wins, by its header, by its `where` clauses, or by what it asks to be sized; otherwise the choice is ambiguous.
 *
 * Auto traits and `Sized` are coinductive: a goal that comes up again below itself holds. Any other such cycle does not.
 */

import { hasParam, partsOf, substituteRef, traitRefText } from "../mir/fold.ts";
import type { ImplDef, Predicate, TraitDef, TraitRef } from "../mir/items.ts";
import type { Ty } from "../mir/ty.ts";
import { Diagnostic } from "../session/diagnostic.ts";
import { builtinCandidate } from "./builtin.ts";
import { type Bindings, matchRef, matchTy, mayMatch } from "./match.ts";
import { argsAreSized, argsAreSizedFrom } from "./sizedness.ts";
import { supertraitsOf } from "./supertraits.ts";
import { type ImplAncestors, type ImplSource, RECURSION_LIMIT, type TraitCx } from "./trait-cx.ts";

const NONE = { kind: "none" } as const;

/**
 * Why `ref` holds; `undefined` when it does not. Its arguments are normalised first.
 *
 * @throws Diagnostic when several impls apply and none is more special than the others, and when the search does not end.
 */
export function selectImpl(cx: TraitCx, ref: TraitRef): ImplSource | undefined {
  const args = ref.args.map((arg) => cx.normalize(arg));
  const known = cx.selections.get(ref.trait, args);
  if (known !== undefined) return known.kind === "none" ? undefined : known;
  return selectUncached(cx, { trait: ref.trait, args });
}

/** Whether every predicate holds with `args` filled in. */
export function predicatesHold(cx: TraitCx, predicates: readonly Predicate[], args: readonly Ty[]): boolean {
  return predicates.every((predicate) => {
    const ref = substituteRef(cx.tcx, predicate.ref, args);
    if (selectImpl(cx, ref) === undefined) return false;
    if (predicate.kind === "trait") return true;
    const expected = cx.instantiate(predicate.ty, args);
    return cx.normalizeProjection(ref, predicate.name, []) === expected;
  });
}

/** A trait whose goals may rest on themselves. */
export function isCoinductive(trait: TraitDef): boolean {
  switch (trait.lang) {
    case "auto":
    case "send":
    case "sync":
    case "unpin":
    case "freeze":
    case "sized":
    case "meta_sized":
    case "pointee_sized":
      return true;
    default:
      return false;
  }
}

function selectUncached(cx: TraitCx, ref: TraitRef): ImplSource | undefined {
  const { goals } = cx;
  const own = goals.length;
  const above = goals.findIndex((goal) => goal.trait === ref.trait && sameList(goal.args, ref.args));
  if (above >= 0) {
    cx.lowestCycle = Math.min(cx.lowestCycle, above);
    const coinductive = goals.slice(above).every((goal) => isCoinductive(goal.trait));
    return coinductive ? { kind: "builtin", lang: ref.trait.lang ?? "auto" } : undefined;
  }
  if (own >= RECURSION_LIMIT) {
    throw new Diagnostic(`overflow evaluating the requirement \`${traitRefText(ref)}\``, {
      span: ref.trait.span,
      help: `more than ${RECURSION_LIMIT} requirements rest on each other`,
    });
  }
  const outerCycle = cx.lowestCycle;
  cx.lowestCycle = own;
  goals.push(ref);
  try {
    const found = candidateFor(cx, ref);
    // What rests on a goal that is not decided yet is not remembered.
    if (cx.lowestCycle >= own) cx.selections.set(ref.trait, ref.args, found ?? NONE);
    return found;
  } finally {
    goals.pop();
    cx.lowestCycle = Math.min(outerCycle, cx.lowestCycle);
  }
}

function sameList(a: readonly Ty[], b: readonly Ty[]): boolean {
  return a.length === b.length && a.every((ty, i) => ty === b[i]);
}

function candidateFor(cx: TraitCx, ref: TraitRef): ImplSource | undefined {
  const object = objectCandidate(cx, ref);
  if (object !== undefined) return object;
  const applicable = applicableImpls(cx, ref);
  if (applicable.length > 0) {
    const chosen = mostSpecial(cx, ref, applicable);
    return chosen.impl.negative ? undefined : { kind: "user", impl: chosen.impl, args: chosen.args };
  }
  return builtinCandidate(cx, ref);
}

/** An impl with its arguments. */
export interface Applicable {
  readonly impl: ImplDef;
  readonly args: readonly Ty[];
}

/** The impls whose header and `where` clauses fit, in source order. */
function applicableImpls(cx: TraitCx, ref: TraitRef): Applicable[] {
  const found: Applicable[] = [];
  for (const impl of cx.implsOf(ref.trait)) {
    const args = matchImpl(cx, impl, ref);
    if (args === undefined || !argsAreSized(cx.tcx, impl, args)) continue;
    if (predicatesHold(cx, impl.predicates, args)) found.push({ impl, args });
  }
  return found;
}

/**
 * The arguments with which the header of `impl` is `ref`; `undefined` when there are none. The `where` clauses are not checked, but a
 * parameter that only a projection names (`F: Fn() -> R`) is found by them.
 */
export function matchImpl(cx: TraitCx, impl: ImplDef, ref: TraitRef): readonly Ty[] | undefined {
  const header = impl.trait;
  if (header === undefined || !mayMatch(header.args[0]!, ref.args[0]!)) return undefined;
  const bindings = matchRef(cx.tcx, header, ref, impl.generics.length);
  if (bindings === undefined) return undefined;
  bindProjections(cx, impl.predicates, bindings);
  const { args, deferred } = bindings;
  if (!isComplete(args)) return undefined;
  for (const [pattern, ty] of deferred) if (cx.instantiate(pattern, args) !== ty) return undefined;
  return args;
}

function isComplete(args: readonly (Ty | undefined)[]): args is readonly Ty[] {
  return !args.includes(undefined);
}

/** Binds parameters that are the right-hand side of a projection of bound ones, until nothing new is found. */
function bindProjections(cx: TraitCx, predicates: readonly Predicate[], bindings: Bindings): void {
  const { args } = bindings;
  for (let left = args.length; left > 0 && !isComplete(args); left--) {
    for (const predicate of predicates) {
      if (predicate.kind !== "projection" || !predicate.ref.args.every((arg) => isBound(arg, args))) continue;
      const ref = substituteRef(cx.tcx, predicate.ref, args as readonly Ty[]);
      if (selectImpl(cx, ref) === undefined) continue;
      matchTy(cx.tcx, predicate.ty, cx.normalizeProjection(ref, predicate.name, []), bindings);
    }
  }
}

/** Whether every parameter in `ty` is known. */
function isBound(ty: Ty, args: readonly (Ty | undefined)[]): boolean {
  if (ty.kind === "param") return args[ty.index] !== undefined;
  return !hasParam(ty) || collectParams(ty, new Set()).every((index) => args[index] !== undefined);
}

function collectParams(ty: Ty, into: Set<number>): number[] {
  if (ty.kind === "param") into.add(ty.index);
  else for (const part of partsOf(ty)) collectParams(part, into);
  return [...into];
}

/** The impls for `ref` that are less special than `impl`, the selected one; the most special first. */
export function ancestors(cx: TraitCx, ref: TraitRef, impl: ImplDef): ImplAncestors {
  let left = applicableImpls(cx, ref).filter((other) => other.impl !== impl);
  const found: Extract<ImplSource, { kind: "user" }>[] = [];
  while (left.length > 0) {
    const next = mostSpecial(cx, ref, left);
    found.push({ kind: "user", ...next });
    left = left.filter((other) => other !== next);
  }
  return found;
}

/**
 * The one of `impls` that `ref` is for, whether or not it would be selected: of several whose heads fit the most special one. `where` clauses are checked as far as
 * they do not rest on parameters, of which `ref` may have some.
 */
export function implFor(cx: TraitCx, ref: TraitRef, impls: readonly ImplDef[]): Applicable | undefined {
  const fitting = impls.flatMap((impl) => {
    const args = matchImpl(cx, impl, ref);
    if (args === undefined || !argsAreSized(cx.tcx, impl, args)) return [];
    const known = impl.predicates.filter((p) => !p.ref.args.some((arg) => hasParam(cx.tcx.substitute(arg, args))));
    return predicatesHold(cx, known, args) ? [{ impl, args }] : [];
  });
  return fitting.length === 0 ? undefined : mostSpecial(cx, ref, fitting);
}

/** The one of `applicable` that is more special than every other. */
function mostSpecial(cx: TraitCx, ref: TraitRef, applicable: readonly Applicable[]): Applicable {
  if (applicable.length === 1) return applicable[0]!;
  const winners = applicable.filter((a) =>
    applicable.every((b) => a === b || (specializes(cx, a.impl, b.impl) && !specializes(cx, b.impl, a.impl))),
  );
  if (winners.length === 1) return winners[0]!;
  const heads = applicable.map(({ impl }) => `  ${implText(impl)}`).join("\n");
  throw new Diagnostic(`multiple impls satisfy \`${traitRefText(ref)}\`\n${heads}`, {
    span: applicable[1]!.impl.span,
    help: "remove one of them, or make one more special than the others",
  });
}

/**
 * Whether every type that `a` is for, `b` is for too: `b`'s header fits `a`'s, whose parameters are opaque to the match, and `a`'s `where`
 * clauses, with their supertraits, give all that `b`'s ask for, and a size where `b` needs one.
 */
function specializes(cx: TraitCx, a: ImplDef, b: ImplDef): boolean {
  if (a.trait === undefined || b.trait === undefined) return false;
  const bindings = matchRef(cx.tcx, b.trait, a.trait, b.generics.length);
  if (bindings === undefined) return false;
  const { args } = bindings;
  if (!isComplete(args)) return true;
  if (!argsAreSizedFrom(cx.tcx, b, args, a)) return false;
  const given = elaborated(cx, a.predicates);
  return b.predicates.every((predicate) => {
    if (predicate.kind !== "trait") return true;
    const ref = substituteRef(cx.tcx, predicate.ref, args);
    if (given.some((known) => known.trait === ref.trait && sameList(known.args, ref.args))) return true;
    // What is made of parameters is given an auto trait with them; a parameter alone is not.
    if (isCoinductive(ref.trait)) return !isAutoTrait(ref.trait) || !isOpaque(ref.args[0]!);
    return selectImpl(cx, ref) !== undefined;
  });
}

function isAutoTrait({ lang }: TraitDef): boolean {
  return lang === "auto" || lang === "send" || lang === "sync" || lang === "unpin" || lang === "freeze";
}

function isOpaque({ kind }: Ty): boolean {
  return kind === "param" || kind === "alias";
}

/** What `predicates` say of traits, and what follows by supertraits. Nothing is normalised: the parameters are opaque. */
function elaborated(cx: TraitCx, predicates: readonly Predicate[]): TraitRef[] {
  const known = predicates.map(({ ref }) => ref);
  for (let i = 0; i < known.length; i++) {
    const { trait, args } = known[i]!;
    for (const parent of trait.supertraits) {
      const ref = substituteRef(cx.tcx, parent, args);
      if (!known.some((k) => k.trait === ref.trait && sameList(k.args, ref.args))) known.push(ref);
    }
  }
  return known;
}

/** `impl<T> Trait<U> for Vec<T>`, as a message shows it. */
export function implText(impl: ImplDef): string {
  const generics = impl.generics.length === 0 ? "" : `<${impl.generics.join(", ")}>`;
  if (impl.trait === undefined) return `impl${generics} ${impl.selfTy.text}`;
  const rest = impl.trait.args.slice(1);
  const args = rest.length === 0 ? "" : `<${rest.map((a) => a.text).join(", ")}>`;
  const where = impl.span.line > 0 ? ` (line ${impl.span.line})` : "";
  return `impl${generics} ${impl.negative ? "!" : ""}${impl.trait.trait.name}${args} for ${impl.selfTy.text}${where}`;
}

/** `dyn Trait: Trait`, and so for its supertraits. */
function objectCandidate(cx: TraitCx, ref: TraitRef): ImplSource | undefined {
  const self = ref.args[0];
  if (self?.kind !== "dynamic") return undefined;
  const { principal, autos } = self.predicates;
  if (autos.includes(ref.trait)) return { kind: "builtin", lang: ref.trait.lang ?? "auto" };
  if (principal === undefined) return undefined;
  const own: TraitRef = { trait: principal.trait, args: [self, ...principal.args] };
  const found = supertraitsOf(cx, own).find((r) => r.trait === ref.trait && sameList(r.args, ref.args));
  return found === undefined || isBuiltinOnly(ref.trait) ? undefined : { kind: "object", ref: found };
}

/** Traits that have no methods in a vtable: a `dyn` type has them by what it is. */
function isBuiltinOnly(trait: TraitDef): boolean {
  return trait.lang === "sized" || trait.lang === "meta_sized" || trait.lang === "pointee_sized";
}
