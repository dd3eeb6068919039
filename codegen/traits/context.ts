/** Making a `TraitCx`: where selection and normalisation, which rest on each other, are tied together. */

import type { Program } from "../mir/program.ts";
import { normalizeProjection, normalizeTy } from "./normalize.ts";
import { ancestors, selectImpl } from "./select.ts";
import { TraitCx, type TraitItems, type TraitSolver } from "./trait-cx.ts";

const SOLVER: TraitSolver = { ancestors, selectImpl, normalize: normalizeTy, normalizeProjection };

/** A `TraitCx` over some traits and impls. */
export function newTraitCx(items: TraitItems): TraitCx {
  return new TraitCx(items, SOLVER);
}

const contexts = new WeakMap<Program, TraitCx>();

/** The `TraitCx` of `program`, the same each time. */
export function traitCxOf(program: Program): TraitCx {
  let cx = contexts.get(program);
  if (cx === undefined) {
    cx = newTraitCx(program);
    contexts.set(program, cx);
  }
  return cx;
}
