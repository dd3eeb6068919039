/**
 * Which type definitions are sound: none holds itself, nor others too deep in one another.
 */

import type { AdtDef, Ty } from "../ty.ts";

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
function heldParams(def: AdtDef, depth = 0): ReadonlySet<number> {
  const known = paramsHeld.get(def);
  if (known !== undefined) return known;
  // What nests so deep is refused, whatever it holds.
  if (depth > MAX_NESTING) return NONE;
  // While it is looked at, it holds nothing: what it holds through itself, it holds otherwise too.
  paramsHeld.set(def, NONE);
  const held = new Set<number>();
  for (const variant of def.variants) for (const field of variant.fields) addHeldParams(field.ty, held, depth);
  paramsHeld.set(def, held);
  return held;
}

function addHeldParams(ty: Ty, held: Set<number>, depth: number): void {
  switch (ty.kind) {
    case "param":
      held.add(ty.index);
      break;
    case "tuple":
      for (const field of ty.fields) addHeldParams(field, held, depth);
      break;
    case "array":
    case "genericArray":
      addHeldParams(ty.element, held, depth);
      break;
    case "adt": {
      const inner = heldParams(ty.def, depth + 1);
      ty.args.forEach((arg, i) => {
        if (inner.has(i)) addHeldParams(arg, held, depth);
      });
      break;
    }
    default:
  }
}

/** Layouts are found by calls: a value may hold another, that one another, and so on, this often. rustc's `recursion_limit` is less. */
const MAX_NESTING = 200;

export interface Nesting {
  /** The definitions of which a value would hold another one of the same, and so be endless: those on a cycle of fields held in place. */
  readonly endless: ReadonlySet<AdtDef>;
  /** Those with more than `MAX_NESTING` values in one another, the innermost of them apart. */
  readonly deep: ReadonlySet<AdtDef>;
}

interface Open {
  readonly def: AdtDef;
  readonly held: AdtDef[];
  /** How deep values nest in it, as far as is known. */
  depth: number;
}

/** How `defs` hold each other. */
export function nestingAdts(defs: readonly AdtDef[]): Nesting {
  const endless = new Set<AdtDef>();
  const deep = new Set<AdtDef>();
  /** By definition, how deep values nest in it; -1 while it is looked at. */
  const depths = new Map<AdtDef, number>();
  for (const root of defs) {
    if (depths.has(root)) continue;
    const stack: Open[] = [];
    const open = (def: AdtDef): void => {
      depths.set(def, -1);
      stack.push({ def, held: def.variants.flatMap((v) => v.fields.flatMap((f) => heldAdts(f.ty))), depth: 0 });
    };
    open(root);
    for (let top = stack.at(-1); top !== undefined; top = stack.at(-1)) {
      const next = top.held.pop();
      if (next === undefined) {
        depths.set(top.def, top.depth);
        if (top.depth > MAX_NESTING) deep.add(top.def);
        stack.pop();
        const outer = stack.at(-1);
        if (outer !== undefined) outer.depth = Math.max(outer.depth, top.depth + 1);
        continue;
      }
      const depth = depths.get(next);
      if (depth === undefined) open(next);
      else if (depth < 0) endless.add(next);
      else top.depth = Math.max(top.depth, depth + 1);
    }
  }
  return { endless, deep };
}
