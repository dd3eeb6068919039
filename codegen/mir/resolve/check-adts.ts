/**
 * Which type definitions are sound: none holds itself, and all that they mention is there.
 */

import type { AdtDef, Ty } from "../ty.ts";

/** The definitions that `ty` mentions, behind pointers too. */
function mentionedAdts(ty: Ty): AdtDef[] {
  switch (ty.kind) {
    case "tuple":
      return ty.fields.flatMap(mentionedAdts);
    case "array":
    case "slice":
    case "genericArray":
      return mentionedAdts(ty.element);
    case "ref":
    case "ptr":
      return mentionedAdts(ty.pointee);
    case "adt":
      return [ty.def, ...ty.args.flatMap(mentionedAdts)];
    case "alias":
      return ty.args.flatMap(mentionedAdts);
    case "fnptr":
      return [...ty.params.flatMap(mentionedAdts), ...mentionedAdts(ty.ret)];
    default:
      return [];
  }
}

/** The definitions that a value of `ty` holds in place: not those behind pointers. */
function heldAdts(ty: Ty): AdtDef[] {
  switch (ty.kind) {
    case "tuple":
      return ty.fields.flatMap(heldAdts);
    case "array":
    case "genericArray":
      return heldAdts(ty.element);
    case "adt":
      return ty.def.prelude && isPointerLike(ty.def) ? [] : [ty.def, ...ty.args.flatMap(heldAdts)];
    default:
      return [];
  }
}

/** Types of the prelude that keep what they are generic over behind a pointer. */
function isPointerLike(def: AdtDef): boolean {
  return def.variants.every((v) => v.fields.every((f) => heldAdts(f.ty).length === 0 && f.ty.kind !== "param"));
}

/** The definitions of which a value would hold another one of the same, and so be endless: those on a cycle of fields held in place. */
export function endlessAdts(defs: readonly AdtDef[]): ReadonlySet<AdtDef> {
  const endless = new Set<AdtDef>();
  const state = new Map<AdtDef, "open" | "done">();
  for (const root of defs) {
    if (state.has(root)) continue;
    const stack: { def: AdtDef; held: AdtDef[] }[] = [];
    const open = (def: AdtDef): void => {
      state.set(def, "open");
      stack.push({ def, held: def.variants.flatMap((v) => v.fields.flatMap((f) => heldAdts(f.ty))) });
    };
    open(root);
    for (let top = stack.at(-1); top !== undefined; top = stack.at(-1)) {
      const next = top.held.pop();
      if (next === undefined) {
        state.set(top.def, "done");
        stack.pop();
      } else if (!state.has(next)) {
        open(next);
      } else if (state.get(next) === "open") {
        endless.add(next);
      }
    }
  }
  return endless;
}

/** Those of `defs` that mention only each other and the prelude. */
export function usableAdts(defs: readonly AdtDef[]): ReadonlySet<AdtDef> {
  const usable = new Set(defs);
  for (let changed = true; changed; ) {
    changed = false;
    for (const def of usable) {
      const mentioned = def.variants.flatMap((v) => v.fields.flatMap((f) => mentionedAdts(f.ty)));
      if (mentioned.every((other) => other.prelude || usable.has(other))) continue;
      usable.delete(def);
      changed = true;
    }
  }
  return usable;
}
