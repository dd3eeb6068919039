/**
 * Copies of programs that have more than functions: every item is copied, so that a changed function, or one that is left out, is so
 * wherever it is mentioned (in types, impls, closures, statics, allocations).
 *
 * Type definitions are shared with the original as long as none of them mentions a copied item: types that stay the same stay interned.
 */

import {
  type AdtDef,
  type Body,
  collectAdts,
  type FnItem,
  type ImplDef,
  mapTypes,
  type Program,
  renameProgram,
  type TraitDef,
  type Ty,
  type TyCtxt,
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
  const { copy, items } = copyItems(program, defs.some(mentionsItems) ? defs : []);
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

/** A copy of `program` with the definitions `copied`, and what each item became. */
function copyItems(
  program: Program,
  copied: readonly AdtDef[],
): { readonly copy: Program; readonly items: ReadonlyMap<object, object> } {
  const copy = renameProgram(program, copied, program.tcx, (name) => name);
  const items = new Map<object, object>();
  const own = copied.filter((def) => !def.prelude);
  (copy.adts ?? []).forEach((def, i) => void items.set(own[i]!, def));
  for (const list of ["functions", ...LISTS] as const)
    (program[list] ?? []).forEach((item, i) => void items.set(item, copy[list]![i]!));
  return { copy, items };
}

/** An item that has `where` clauses. */
export type Bounded = FnItem | ImplDef | TraitDef | AdtDef;

/** A copy of `program` without the predicates of its own items that `keep` refuses. */
export function rebuildBounds(program: Program, keep: (owner: Bounded, index: number) => boolean): Program {
  const { copy, items } = copyItems(program, collectAdts(program));
  for (const owner of boundedItems(program)) {
    const target = items.get(owner) as Mutable<Bounded> | undefined;
    const predicates = target?.predicates?.filter((_, i) => keep(owner, i));
    if (target === undefined || predicates === undefined) continue;
    target.predicates = predicates;
    if ("supertraits" in target)
      target.supertraits = target.supertraits.filter((ref) =>
        predicates.some((p) => p.kind === "trait" && p.ref.trait === ref.trait),
      );
  }
  return copy;
}

/** The program's own items that may have `where` clauses. */
export function boundedItems(program: Program): Bounded[] {
  const { functions, traits = [], impls = [] } = program;
  return [...functions, ...traits, ...impls, ...collectAdts(program)].filter(
    (item) => !("prelude" in item && item.prelude),
  );
}

/** A change of types, in terms of the original program. */
export interface TypeChange {
  /** Types that become others wherever they stand. */
  readonly replace: ReadonlyMap<Ty, Ty>;
  /** The new form of a definition; `undefined` leaves it. */
  readonly remakeDef: (def: AdtDef) => AdtDef | undefined;
  /** Adapts a body to what the types will be. */
  readonly prepare: (body: Body) => Body;
  /** The new form of a function, its body not yet prepared; `undefined` leaves it. */
  readonly remakeFn?: (item: FnItem) => FnItem | undefined;
}

/** A copy of `program` with its types changed: in signatures, bodies, definitions, statics, constants, impls and closures. */
export function rebuildTypes(program: Program, { replace, remakeDef, prepare, remakeFn }: TypeChange): Program {
  const defs = collectAdts(program);
  const { copy, items } = copyItems(program, defs);
  const copied = new TyMapper(program.tcx, items);
  const types = new Replacing(program.tcx, new Map([...replace].map(([from, to]) => [copied.ty(from), copied.ty(to)])));
  const bodyOf = (body: Body): Body => mapTypes(mapTypes(prepare(body), copied), types);
  for (const def of defs) {
    const target = items.get(def) as AdtDef | undefined;
    if (target === undefined) continue;
    const { variants, generics, constParams, predicates } = remakeDef(def) ?? def;
    const made: Mutable<AdtDef> = target;
    made.generics = generics;
    if (constParams !== undefined) made.constParams = constParams;
    if (predicates !== undefined) made.predicates = types.predicates(copied.predicates(predicates));
    target.variants = variants.map((v) => ({
      ...v,
      fields: v.fields.map((f) => ({ ...f, ty: types.ty(copied.ty(f.ty)) })),
    }));
  }
  program.functions.forEach((item, i) => {
    const target: Mutable<FnItem> = copy.functions[i]!;
    const made = remakeFn?.(item) ?? item;
    target.generics = made.generics;
    if (made.constParams !== undefined) target.constParams = made.constParams;
    target.params = types.tys(copied.tys(made.params));
    target.ret = types.ty(copied.ty(made.ret));
    if (made.predicates !== undefined) target.predicates = types.predicates(copied.predicates(made.predicates));
    target.body = made.body && bodyOf(made.body);
  });
  for (const list of ["statics", "consts"] as const) {
    program[list]?.forEach((item, i) => {
      const target = copy[list]![i]!;
      target.ty = types.ty(target.ty);
      target.body = item.body && bodyOf(item.body);
    });
  }
  for (const closure of copy.closures ?? []) closure.upvars = types.tys(closure.upvars);
  for (const impl of copy.impls ?? []) if (!impl.prelude) changeImpl(impl, types);
  for (const trait of copy.traits ?? []) {
    if (trait.prelude) continue;
    trait.predicates = types.predicates(trait.predicates);
    trait.supertraits = trait.supertraits.map((ref) => types.traitRef(ref));
  }
  return copy;
}

function changeImpl(impl: ImplDef, types: TyMapper): void {
  impl.trait = impl.trait && types.traitRef(impl.trait);
  impl.selfTy = types.ty(impl.selfTy);
  impl.predicates = types.predicates(impl.predicates);
  impl.assocTypes = impl.assocTypes.map((type) => ({ ...type, ty: types.ty(type.ty) }));
}

/** Maps some types to others, wherever they stand. */
export class Replacing extends TyMapper {
  private readonly from: ReadonlyMap<Ty, Ty>;

  constructor(tcx: TyCtxt, from: ReadonlyMap<Ty, Ty>, items: ReadonlyMap<object, object> = new Map()) {
    super(tcx, items);
    this.from = from;
  }

  override ty(ty: Ty): Ty {
    return this.from.get(ty) ?? super.ty(ty);
  }
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
