/**
 * Vtables: their entries, and where in them a method or a supertrait's vtable is found.
 *
 * As rustc_trait_selection/src/traits/vtable.rs. A vtable is made of *segments*: the metadata (drop, size, align), then the own methods of
 * each trait, supertraits before those that name them, in order of a depth-first walk. The first supertrait's vtable is thereby a prefix
 * of the whole. Every other supertrait that has methods, of its own or inherited, ends in a pointer to its own vtable (a *vptr*), which
 * upcasting loads.
 */

import { bug } from "../entity/entity.ts";
import { partsOf, substituteRef } from "../mir/fold.ts";
import type { TraitDef, TraitRef } from "../mir/items.ts";
import type { FnItem } from "../mir/syntax.ts";
import type { Ty, TyOf } from "../mir/ty.ts";
import { directSupertraits, sameRef } from "./supertraits.ts";
import type { TraitCx } from "./trait-cx.ts";

export type VtblEntry =
  /** `drop_in_place` of the type; null when there is nothing to drop. */
  | { readonly kind: "drop" }
  | { readonly kind: "size" }
  | { readonly kind: "align" }
  /** The implementation of the trait method `item::<args>`. */
  | { readonly kind: "method"; readonly item: FnItem; readonly args: readonly Ty[] }
  /** A method whose `where` clauses do not hold for the type: never called. */
  | { readonly kind: "vacant" }
  /** The vtable of the type for a supertrait. */
  | { readonly kind: "traitVPtr"; readonly ref: TraitRef };

/** Entries before the first method. */
export const COMMON_ENTRIES = 3;
export const DROP_ENTRY = 0;
export const SIZE_ENTRY = 1;
export const ALIGN_ENTRY = 2;

interface Segment {
  readonly ref: TraitRef;
  readonly emitVptr: boolean;
}

/** The traits that make up the vtable of `ref`, in order. */
function segmentsOf(cx: TraitCx, ref: TraitRef): readonly Segment[] {
  const segments: Segment[] = [];
  const visited: TraitRef[] = [ref];
  const takeUnvisited = (siblings: TraitRef[]): TraitRef | undefined => {
    for (let next = siblings.shift(); next !== undefined; next = siblings.shift()) {
      const sibling = next;
      if (visited.some((r) => sameRef(r, sibling))) continue;
      visited.push(sibling);
      return sibling;
    }
    return undefined;
  };
  const stack: { ref: TraitRef; emitVptr: boolean; siblings: TraitRef[] }[] = [{ ref, emitVptr: false, siblings: [] }];
  let emitVptr = false;
  while (stack.length > 0) {
    // Down to a trait all of whose supertraits are placed.
    for (;;) {
      const siblings = [...directSupertraits(cx, stack.at(-1)!.ref)];
      const next = takeUnvisited(siblings);
      if (next === undefined) break;
      stack.push({ ref: next, emitVptr, siblings });
    }
    // Up, until there is a sibling to go down from.
    for (let top = stack.pop(); top !== undefined; top = stack.pop()) {
      const hasEntries = inheritsEntries(top.ref.trait, new Set());
      segments.push({ ref: top.ref, emitVptr: top.emitVptr && hasEntries });
      emitVptr ||= hasEntries;
      const sibling = takeUnvisited(top.siblings);
      if (sibling !== undefined) {
        stack.push({ ref: sibling, emitVptr, siblings: top.siblings });
        break;
      }
    }
  }
  return segments;
}

/** Whether `trait` or a supertrait has methods in a vtable. */
function inheritsEntries(trait: TraitDef, seen: Set<TraitDef>): boolean {
  if (seen.has(trait)) return false;
  seen.add(trait);
  return ownVtableMethods(trait).length > 0 || trait.supertraits.some((parent) => inheritsEntries(parent.trait, seen));
}

const ownMethods = new WeakMap<TraitDef, { readonly fns: TraitDef["fns"]; readonly methods: readonly FnItem[] }>();

/** The methods of `trait` that have a place in a vtable, in that order. */
export function ownVtableMethods(trait: TraitDef): readonly FnItem[] {
  const known = ownMethods.get(trait);
  if (known !== undefined && known.fns === trait.fns) return known.methods;
  const methods = trait.fns.filter((fn) => isVtableSafe(trait, fn));
  ownMethods.set(trait, { fns: trait.fns, methods });
  return methods;
}

/** Whether a method can be called on a `dyn`: it has a receiver, no type parameters of its own, and no `Self: Sized`. */
export function isVtableSafe(trait: TraitDef, fn: FnItem): boolean {
  const receiver = fn.params[0];
  if (receiver === undefined || !mentionsSelf(receiver)) return false;
  if (fn.generics.length > trait.generics.length) return false;
  return !(fn.predicates ?? []).some((p) => p.ref.trait.lang === "sized" && isSelf(p.ref.args[0]));
}

function isSelf(ty: Ty | undefined): boolean {
  return ty?.kind === "param" && ty.index === 0;
}

function mentionsSelf(ty: Ty): boolean {
  return isSelf(ty) || partsOf(ty).some(mentionsSelf);
}

/** The trait reference that a `dyn` type's vtable is for, with `self` as its `Self`; `undefined` of a `dyn` of auto traits alone. */
export function principalRef(dyn: TyOf<"dynamic">, self: Ty): TraitRef | undefined {
  const { principal } = dyn.predicates;
  return principal === undefined ? undefined : { trait: principal.trait, args: [self, ...principal.args] };
}

const COMMON: readonly VtblEntry[] = [{ kind: "drop" }, { kind: "size" }, { kind: "align" }];

/** The entries of the vtable for `ref`, whose `Self` is a concrete type; of `undefined`, a vtable without a principal. */
export function vtableEntries(cx: TraitCx, ref: TraitRef | undefined): readonly VtblEntry[] {
  if (ref === undefined) return COMMON;
  const entries: VtblEntry[] = [...COMMON];
  for (const segment of segmentsOf(cx, ref)) {
    for (const item of ownVtableMethods(segment.ref.trait)) {
      const { args } = segment.ref;
      const possible = (item.predicates ?? []).every(
        (p) => cx.select(substituteRef(cx.tcx, p.ref, args)) !== undefined,
      );
      entries.push(possible ? { kind: "method", item, args } : { kind: "vacant" });
    }
    if (segment.emitVptr) entries.push({ kind: "traitVPtr", ref: segment.ref });
  }
  return entries;
}

/**
 * The entry of the vtable of `dyn` that holds the method `item` of `ref`, a supertrait of its principal with the `dyn` type as `Self`;
 * `undefined` when the method has none.
 */
export function vtableMethodIndex(cx: TraitCx, dyn: TyOf<"dynamic">, ref: TraitRef, item: FnItem): number | undefined {
  const own = ownVtableMethods(ref.trait).indexOf(item);
  const principal = principalRef(dyn, dyn);
  if (own < 0 || principal === undefined) return undefined;
  let base = COMMON_ENTRIES;
  for (const segment of segmentsOf(cx, principal)) {
    if (sameRef(segment.ref, ref)) return base + own;
    base += ownVtableMethods(segment.ref.trait).length + (segment.emitVptr ? 1 : 0);
  }
  throw bug(`${ref.trait.name} is no supertrait of ${dyn.text}`);
}

/**
 * The entry in the vtable of `from` that points to the vtable of `to`; `undefined` when the vtable of `from` serves as it is, and
 * `"unrelated"` when `from` cannot be upcast to `to`.
 */
export function supertraitVtableSlot(
  cx: TraitCx,
  from: TyOf<"dynamic">,
  to: TyOf<"dynamic">,
): number | undefined | "unrelated" {
  if (!to.predicates.autos.every((trait) => cx.holds(trait, [from]))) return "unrelated";
  if (to.predicates.principal === undefined) return undefined;
  const source = principalRef(from, from);
  const target = principalRef(to, from);
  if (source === undefined || target === undefined) return "unrelated";
  let offset = COMMON_ENTRIES;
  for (const segment of segmentsOf(cx, source)) {
    offset += ownVtableMethods(segment.ref.trait).length;
    if (sameRef(segment.ref, target)) return segment.emitVptr ? offset : undefined;
    if (segment.emitVptr) offset++;
  }
  return "unrelated";
}
