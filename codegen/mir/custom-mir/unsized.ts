/**
 * Which type parameters are `?Sized`: those that the program gives a type without a size, straight or through another such parameter.
 */

import type { Program } from "../program.ts";
import type { FnItem } from "../syntax.ts";
import type { AdtDef, Ty } from "../ty.ts";
import { visitBody } from "../visit.ts";

/** By item with parameters, the indices of those that are `?Sized`. */
export type UnsizedParams = ReadonlyMap<object, ReadonlySet<number>>;

export function unsizedParams(program: Program): UnsizedParams {
  const found = new Map<object, Set<number>>();
  const generic = program.functions.some((item) => item.generics.length > 0) || (program.adts ?? []).some(hasParams);
  if (!generic) return found;
  const collector = new Collector(found);
  do {
    collector.changed = false;
    for (const item of program.functions) collector.fn(item);
  } while (collector.changed);
  return found;
}

function hasParams(def: AdtDef): boolean {
  return def.generics.length > 0;
}

class Collector {
  changed = false;
  private readonly found: Map<object, Set<number>>;
  private within: ReadonlySet<number> | undefined;

  constructor(found: Map<object, Set<number>>) {
    this.found = found;
  }

  fn(item: FnItem): void {
    this.within = this.found.get(item);
    for (const ty of [...item.params, item.ret]) this.ty(ty);
    if (item.body === undefined) return;
    for (const local of item.body.locals) this.ty(local.ty);
    visitBody(item.body, {
      constant: (value) => {
        if (value.kind === "fn" || value.kind === "unevaluated") this.args(value.item, value.args);
      },
    });
  }

  private ty(ty: Ty): void {
    switch (ty.kind) {
      case "ref":
      case "ptr":
        this.ty(ty.pointee);
        break;
      case "tuple":
        for (const field of ty.fields) this.ty(field);
        break;
      case "array":
      case "slice":
        this.ty(ty.element);
        break;
      case "adt":
        if (!ty.def.prelude) this.args(ty.def, ty.args);
        for (const arg of ty.args) this.ty(arg);
        break;
      default:
    }
  }

  private args(item: object, args: readonly Ty[]): void {
    args.forEach((arg, i) => {
      if (!this.isUnsized(arg) || this.found.get(item)?.has(i) === true) return;
      const set = this.found.get(item) ?? new Set();
      set.add(i);
      this.found.set(item, set);
      this.changed = true;
    });
  }

  private isUnsized(ty: Ty): boolean {
    if (ty.kind === "param") return this.within?.has(ty.index) ?? false;
    return ty.kind === "str" || ty.kind === "slice" || ty.kind === "dynamic";
  }
}
