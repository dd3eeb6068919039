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
    case "adt": {
      const held = heldParams(ty.def);
      return [ty.def, ...ty.args.flatMap((arg, i) => (held.has(i) ? heldAdts(arg) : []))];
    }
    default:
      return [];
  }
}

const paramsHeld = new WeakMap<AdtDef, ReadonlySet<number>>();
const NONE: ReadonlySet<number> = new Set();

/** The parameters of which a value of `def` holds one in place: not what it has pointers to, as `Box<T>` has. */
function heldParams(def: AdtDef): ReadonlySet<number> {
  const known = paramsHeld.get(def);
  if (known !== undefined) return known;
  // While it is looked at, it holds nothing: what it holds through itself, it holds otherwise too.
  paramsHeld.set(def, NONE);
  const held = new Set<number>();
  for (const variant of def.variants) for (const field of variant.fields) addHeldParams(field.ty, held);
  paramsHeld.set(def, held);
  return held;
}

function addHeldParams(ty: Ty, held: Set<number>): void {
  switch (ty.kind) {
    case "param":
      held.add(ty.index);
      break;
    case "tuple":
      for (const field of ty.fields) addHeldParams(field, held);
      break;
    case "array":
    case "genericArray":
      addHeldParams(ty.element, held);
      break;
    case "adt": {
      const inner = heldParams(ty.def);
      ty.args.forEach((arg, i) => {
        if (inner.has(i)) addHeldParams(arg, held);
      });
      break;
    }
    default:
  }
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
