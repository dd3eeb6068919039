/**
 * A program: the type definitions and functions that are compiled together.
 *
 * *Entry points* are its functions without parameters named `main` or `input_N`: each is one run of the program, on one set of
 * inputs, and nothing is shared between runs. Inputs reach the code under test through `black_box`, so that no optimiser knows them.
 */

import type { AllocItem, ClosureDef, ConstItem, ImplDef, StaticItem, TraitDef } from "./items.ts";
import type { FnItem } from "./syntax.ts";
import type { AdtDef, TyCtxt } from "./ty.ts";

export interface Program {
  readonly tcx: TyCtxt;
  /** Functions in source order, without the prelude's intrinsics. */
  readonly functions: FnItem[];
  /** The types that its text declares, in source order; without it, those that its functions use. */
  readonly adts?: readonly AdtDef[];
  /** Statics in source order; nothing when absent, as below. */
  readonly statics?: readonly StaticItem[];
  /** Constant items and promoteds. */
  readonly consts?: readonly ConstItem[];
  readonly traits?: readonly TraitDef[];
  readonly impls?: readonly ImplDef[];
  readonly closures?: readonly ClosureDef[];
  /** Allocations that constants and statics point to. */
  readonly allocs?: readonly AllocItem[];
  /** The file it was read from, for diagnostics; empty when it was generated. */
  readonly file: string;
}

const ENTRY = /^(?:.*::)?(?:main|input_\d+)$/;

/** The entry points of `program`, in source order. */
export function entryPoints(program: Program): FnItem[] {
  return program.functions.filter((f) => f.body !== undefined && f.params.length === 0 && ENTRY.test(f.name));
}
