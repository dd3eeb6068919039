/**
 * Globals: what exists once per run beside the heap and locals. Code knows them by number; a run gives each an allocation when it is
 * first used (`globals.ts`).
 */

import type { AllocItem, ConstItem, StaticItem } from "../mir/items.ts";
import type { Body, Const, FnItem } from "../mir/syntax.ts";
import type { Ty, TyOf } from "../mir/ty.ts";

export type Global =
  /** A constant item or promoted: the value that running its body gives. */
  | { readonly kind: "const"; readonly item: ConstItem; readonly args: readonly Ty[]; readonly ty: Ty }
  /** Any other constant; `args` are those of the function it stands in. */
  | { readonly kind: "value"; readonly value: Const; readonly args: readonly Ty[]; readonly ty: Ty }
  /** A static; of a thread-local one, each thread has its own. */
  | { readonly kind: "static"; readonly item: StaticItem }
  | { readonly kind: "alloc"; readonly alloc: AllocItem }
  | { readonly kind: "bytes"; readonly bytes: Uint8Array }
  /** The vtable of the concrete type `ty`. */
  | { readonly kind: "vtable"; readonly ty: Ty; readonly dyn: TyOf<"dynamic"> };

/** Numbers globals; the same one always gets the same number. */
export class GlobalTable {
  readonly globals: Global[] = [];
  private readonly numbers = new Map<object, { readonly global: Global; readonly index: number }[]>();

  /** The number of `global`. */
  add(global: Global): number {
    const key = keyOf(global);
    let known = this.numbers.get(key);
    if (known === undefined) {
      known = [];
      this.numbers.set(key, known);
    }
    for (const { global: other, index } of known) if (isSame(global, other)) return index;
    const index = this.globals.push(global) - 1;
    known.push({ global, index });
    return index;
  }
}

function keyOf(global: Global): object {
  switch (global.kind) {
    case "const":
    case "static":
      return global.item;
    case "value":
      return global.value;
    case "alloc":
      return global.alloc;
    case "bytes":
      return global.bytes;
    case "vtable":
      return global.ty;
  }
}

/** Whether two globals of the same key are one. */
function isSame(a: Global, b: Global): boolean {
  if (a.kind === "vtable") return b.kind === "vtable" && a.dyn === b.dyn;
  if (a.kind !== "const" && a.kind !== "value") return true;
  if (b.kind !== "const" && b.kind !== "value") return false;
  return a.ty === b.ty && a.args.length === b.args.length && a.args.every((ty, i) => ty === b.args[i]);
}

const bodies = new WeakMap<object, FnItem>();

/** A constant's or static's initialiser as a function without parameters. */
export function constFn(item: ConstItem | StaticItem): FnItem {
  let fn = bodies.get(item);
  if (fn === undefined) {
    const body: Body | undefined = item.body;
    fn = {
      name: item.name,
      kind: "fn",
      generics: item.kind === "const" ? item.generics : [],
      params: [],
      ret: item.ty,
      inline: "none",
      abi: "Rust",
      body,
      span: item.span,
    };
    bodies.set(item, fn);
    constFns.add(fn);
  }
  return fn;
}

const constFns = new WeakSet<FnItem>();

/** Whether `item` computes a constant or a static: what its value points to outlives it. */
export function isConstFn(item: FnItem): boolean {
  return constFns.has(item);
}
