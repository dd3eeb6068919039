/**
 * Copies of programs that have more than functions: every item is copied, so that a changed function, or one that is left out, is so
 * wherever it is mentioned (in types, impls, closures, statics, allocations).
 *
 * Type definitions are shared with the original as long as none of them mentions a copied item: types that stay the same stay interned.
 */

import {
  type AdtDef,
  collectAdts,
  type FnItem,
  type ImplDef,
  mapTypes,
  type Program,
  renameProgram,
  TyMapper,
} from "../../codegen/index.ts";
import { usedItems } from "./used-items.ts";

const LISTS = ["statics", "consts", "traits", "impls", "closures", "allocs"] as const;

/**
 * A copy of `program`; `remake` answers a function's new form in terms of the original items, or `undefined` to leave it out, which takes
 * it out of its impl or trait too. Other items are left out when `keep` says so.
 */
export function rebuildItems(
  program: Program,
  remake: (item: FnItem, index: number) => FnItem | undefined,
  keep: (item: object) => boolean = () => true,
): Program {
  const defs = collectAdts(program);
  const copied = defs.some(mentionsItems) ? defs : [];
  const copy = renameProgram(program, copied, program.tcx, (name) => name);
  const items = new Map<object, object>();
  const own = copied.filter((def) => !def.prelude);
  (copy.adts ?? []).forEach((def, i) => void items.set(own[i]!, def));
  for (const list of ["functions", ...LISTS] as const)
    (program[list] ?? []).forEach((item, i) => void items.set(item, copy[list]![i]!));
  const types = new TyMapper(program.tcx, items);
  const dropped = new Set<FnItem>();
  const functions = program.functions.flatMap((item, index): FnItem[] => {
    const target = copy.functions[index]!;
    const made = remake(item, index);
    if (made === undefined) {
      dropped.add(target);
      return [];
    }
    if (made !== item) fill(target, item, made, types);
    return [target];
  });
  const kept: Partial<Record<(typeof LISTS)[number], object[]>> = {};
  for (const list of LISTS) {
    const originals = program[list] as readonly object[] | undefined;
    if (originals !== undefined) kept[list] = (copy[list] as readonly object[]).filter((_, i) => keep(originals[i]!));
  }
  const consts = new Set<object>(kept.consts);
  for (const item of [...(copy.traits ?? []), ...(copy.impls ?? [])]) {
    item.fns = item.fns.filter((fn) => !dropped.has(fn));
    if (!item.prelude) item.assocConsts = item.assocConsts.filter((c) => consts.has(c));
  }
  const adts = program.adts?.filter(keep).map((def) => (items.get(def) as AdtDef | undefined) ?? def);
  return {
    tcx: program.tcx,
    functions,
    ...(adts === undefined ? {} : { adts }),
    ...(kept as Partial<Program>),
    file: program.file,
  };
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

/** Gives `target`, the copy of `item`, what `made` has of its own. */
function fill(target: Mutable<FnItem>, item: FnItem, made: FnItem, types: TyMapper): void {
  if (made.params !== item.params) target.params = types.tys(made.params);
  if (made.ret !== item.ret) target.ret = types.ty(made.ret);
  if (made.body !== item.body) target.body = made.body && mapTypes(made.body, types);
}

/** A field's type, or a bound, mentions an item that is no type definition. */
function mentionsItems(def: AdtDef): boolean {
  if (def.prelude) return false;
  if ((def.predicates?.length ?? 0) > 0) return true;
  // As types are written: of a trait object, a function or closure, a projection.
  return def.variants.some(({ fields }) => fields.some(({ ty }) => /\bdyn |\{| as /.test(ty.text)));
}

/** `program` without the items that its entry points do not need. */
export function pruneItems(program: Program): Program {
  const used = usedItems(program);
  // What an impl that is gone has left behind is used where it is mentioned by name.
  const impls = (program.impls ?? []) as readonly ImplDef[];
  const listed = new Set<object>(impls);
  const found = [...used].filter((item): item is ImplDef => (item as ImplDef).kind === "impl" && !listed.has(item));
  const whole = found.length === 0 ? program : { ...program, impls: [...impls, ...found] };
  return rebuildItems(
    whole,
    (item) => (used.has(item) ? item : undefined),
    (item) => used.has(item) || (item as { readonly prelude?: boolean }).prelude === true,
  );
}
