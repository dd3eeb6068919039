/** Vtables of concrete types, with the instances that their methods are. */

import { bug } from "../entity/entity.ts";
import type { TraitRef } from "../mir/items.ts";
import type { Ty } from "../mir/ty.ts";
import { needsDrop } from "../traits/predicates.ts";
import { principalRef, type VtblEntry, vtableEntries } from "../traits/vtable.ts";
import type { Instance } from "./instance.ts";
import type { MonoCx } from "./mono-cx.ts";
import { resolveDrop, resolveForVtable } from "./resolve.ts";

export type ResolvedVtblEntry =
  /** `undefined`: null, there is nothing to drop. */
  | { readonly kind: "drop"; readonly instance: Instance | undefined }
  | Extract<VtblEntry, { kind: "size" | "align" | "vacant" }>
  | { readonly kind: "method"; readonly instance: Instance }
  /** The vtable of the same type for `ref`; see `vtableForRef`. */
  | { readonly kind: "traitVPtr"; readonly ref: TraitRef };

/** The vtable of `ty` for the `dyn` type `dyn`. */
export function vtableFor(cx: MonoCx, ty: Ty, dyn: Ty): readonly ResolvedVtblEntry[] {
  if (dyn.kind !== "dynamic") throw bug(`a vtable for ${dyn.text}`);
  return resolveEntries(cx, ty, principalRef(dyn, ty));
}

/** The vtable of `ref.args[0]` for the trait `ref`. */
export function vtableForRef(cx: MonoCx, ref: TraitRef): readonly ResolvedVtblEntry[] {
  return resolveEntries(cx, ref.args[0] ?? noSelf(ref), ref);
}

function noSelf(ref: TraitRef): never {
  throw bug(`${ref.trait.name} without \`Self\``);
}

function resolveEntries(cx: MonoCx, ty: Ty, ref: TraitRef | undefined): readonly ResolvedVtblEntry[] {
  return vtableEntries(cx.traits, ref).map((entry): ResolvedVtblEntry => {
    switch (entry.kind) {
      case "drop":
        return { kind: "drop", instance: needsDrop(cx.traits, ty) ? resolveDrop(cx, ty) : undefined };
      case "method":
        return { kind: "method", instance: resolveForVtable(cx, entry.item, entry.args) };
      default:
        return entry;
    }
  });
}
