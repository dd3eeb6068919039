/**
 * `MonoCx`: what monomorphization knows of one program: its traits, and every instance made so far.
 */

import type { ConstItem } from "../mir/items.ts";
import type { Program } from "../mir/program.ts";
import type { Body } from "../mir/syntax.ts";
import type { Ty, TyCtxt } from "../mir/ty.ts";
import { newTraitCx, traitCxOf } from "../traits/context.ts";
import type { TraitCx } from "../traits/trait-cx.ts";
import { TyListMap } from "../traits/ty-list-map.ts";
import type { Instance } from "./instance.ts";

export class MonoCx {
  readonly tcx: TyCtxt;
  readonly traits: TraitCx;
  /** Bodies with their arguments filled in. */
  readonly bodies: WeakMap<Instance, Body> = new WeakMap();
  private readonly constants = new TyListMap<bigint>();
  private readonly tables = new Map<string, TyListMap<Instance>>();
  /** How often each symbol was asked for: types of different programs may print alike. */
  private readonly symbols = new Map<string, number>();

  constructor(traits: TraitCx) {
    this.tcx = traits.tcx;
    this.traits = traits;
  }

  /**
   * The instance known by `kind`, `root` and `tys`; made when it is asked for the first time. `make` is given the symbol made unique.
   */
  intern(
    kind: string,
    root: object,
    tys: readonly Ty[],
    symbol: () => string,
    make: (symbol: string) => Instance,
  ): Instance {
    let table = this.tables.get(kind);
    if (table === undefined) {
      table = new TyListMap();
      this.tables.set(kind, table);
    }
    const known = table.get(root, tys);
    if (known !== undefined) return known;
    const made = make(this.uniqueSymbol(symbol()));
    table.set(root, tys, made);
    return made;
  }

  /**
   * The value of the scalar constant `item::<args>` (monomorphic, no trait's own); `undefined` when nobody is there to evaluate it.
   *
   * @throws Diagnostic when the evaluation fails.
   */
  constBits(item: ConstItem, args: readonly Ty[]): bigint | undefined {
    const known = this.constants.get(item, args);
    if (known !== undefined) return known;
    const bits = this.traits.constEvaluator?.evalBits(item, args);
    if (bits !== undefined) this.constants.set(item, args, bits);
    return bits;
  }

  private uniqueSymbol(symbol: string): string {
    const taken = this.symbols.get(symbol) ?? 0;
    this.symbols.set(symbol, taken + 1);
    return taken === 0 ? symbol : `${symbol}.${taken}`;
  }
}

const contexts = new WeakMap<TraitCx, MonoCx>();

/** The `MonoCx` of `program`, the same each time. */
export function monoCxOf(program: Program): MonoCx {
  return monoCxFor(traitCxOf(program));
}

/** The `MonoCx` over `traits`, the same each time. */
export function monoCxFor(traits: TraitCx): MonoCx {
  let cx = contexts.get(traits);
  if (cx === undefined) {
    cx = new MonoCx(traits);
    contexts.set(traits, cx);
  }
  return cx;
}

/** A `MonoCx` for functions that are not part of a program with traits. */
export function plainMonoCx(tcx: TyCtxt): MonoCx {
  return new MonoCx(newTraitCx({ tcx }));
}
