/**
 * Makes generic functions and types ordinary ones, with the arguments that they are first mentioned with in the place of their parameters. What was
 * mentioned with others is ill-typed then, unless the parameter did not matter.
 */

import {
  type AdtDef,
  type Body,
  type Const,
  type FnItem,
  mapBody,
  type Program,
  partsOf,
  type Ty,
  type TyCtxt,
  visitBody,
} from "../../../codegen/index.ts";
import { rebuildTypes } from "../rebuild-items.ts";
import type { ReduceCx, Reducer } from "../reducer.ts";
import { prune } from "./drop-functions.ts";

export const dropGenerics: Reducer = {
  name: "drop-generics",
  async run(cx: ReduceCx): Promise<boolean> {
    let kept = false;
    for (let i = 0; !cx.stopped; ) {
      const site = genericSites(cx.program)[i];
      if (site === undefined) break;
      if (await cx.try(instantiated(cx.program, site))) kept = true;
      else i++;
    }
    return kept;
  },
};

/** A generic item, and all that it is mentioned with. */
interface GenericSite {
  readonly item: FnItem | AdtDef;
  readonly mentions: readonly (readonly Ty[])[];
}

/** The program's own generic functions and types, members of impls and traits left out. */
function genericSites(program: Program): GenericSite[] {
  const mentions = new Map<FnItem | AdtDef, Map<string, readonly Ty[]>>();
  const add = (item: FnItem | AdtDef, args: readonly Ty[]): void => {
    if (
      args.length === 0 ||
      ("prelude" in item ? item.prelude : item.parent !== undefined || item.closure !== undefined)
    )
      return;
    const known = mentions.get(item) ?? new Map<string, readonly Ty[]>();
    known.set(args.map((arg) => arg.text).join(), args);
    mentions.set(item, known);
  };
  const seen = new Set<Ty>();
  const ty = (t: Ty): void => {
    if (seen.has(t)) return;
    seen.add(t);
    if (t.kind === "adt") add(t.def, t.args);
    else if (t.kind === "fndef") add(t.item, t.args);
    for (const part of partsOf(t)) ty(part);
  };
  const constant = (value: Const): void => {
    if (value.kind === "fn") add(value.item, value.args);
  };
  for (const { params, ret, body } of program.functions) {
    for (const t of [...params, ret, ...(body?.locals ?? []).map((decl) => decl.ty)]) ty(t);
    if (body !== undefined) visitBody(body, { ty, constant });
  }
  return [...mentions].map(([item, args]) => ({ item, mentions: [...args.values()] }));
}

/** `program` with the item instantiated; `undefined` when it is only mentioned with parameters of others. */
function instantiated(program: Program, { item, mentions }: GenericSite): Program | undefined {
  const { tcx } = program;
  const args = mentions.find((list) => !list.some(hasParam));
  if (args === undefined) return undefined;
  const isFn = "params" in item;
  const plain = isFn ? tcx.fnDef(item, []) : tcx.adt(item, []);
  const replace = new Map(mentions.map((list) => [isFn ? tcx.fnDef(item, list) : tcx.adt(item, list), plain] as const));
  const constant = (value: Const): Const =>
    value.kind === "fn" && value.item === item ? { ...value, args: [] } : value;
  const made = rebuildTypes(program, {
    replace,
    remakeDef: (def) => (def === item ? instantiatedDef(def, args, tcx) : undefined),
    remakeFn: (fn) => (fn === item ? instantiatedFn(fn, args, tcx) : undefined),
    prepare: (body) => (isFn ? mapBody(body, { constant }) : body),
  });
  return prune(made);
}

function hasParam(ty: Ty): boolean {
  return ty.kind === "param" || partsOf(ty).some(hasParam);
}

function instantiatedDef(def: AdtDef, args: readonly Ty[], tcx: TyCtxt): AdtDef {
  const variants = def.variants.map((v) => ({
    ...v,
    fields: v.fields.map((f) => ({ ...f, ty: tcx.substitute(f.ty, args) })),
  }));
  return { ...def, generics: [], constParams: [], predicates: [], variants };
}

function instantiatedFn(item: FnItem, args: readonly Ty[], tcx: TyCtxt): FnItem {
  const fill = (ty: Ty): Ty => tcx.substitute(ty, args);
  return {
    ...item,
    generics: [],
    constParams: [],
    predicates: [],
    params: item.params.map(fill),
    ret: fill(item.ret),
    body: item.body && filledBody(item.body, args, fill),
  };
}

function filledBody(body: Body, args: readonly Ty[], fill: (ty: Ty) => Ty): Body {
  const made = mapBody(body, {
    ty: fill,
    constant: (value) => {
      const arg = value.kind === "param" ? args[value.index] : undefined;
      return arg?.kind === "constArg" ? { kind: "scalar", ty: arg.ty, bits: arg.bits } : value;
    },
  });
  return { ...made, locals: body.locals.map((decl) => ({ ...decl, ty: fill(decl.ty) })) };
}
