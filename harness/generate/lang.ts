/**
 * Traits that the compiler knows of, as a program mentions them: `Drop` and the `Fn` family.
 */

import {
  DUMMY_SP,
  type FnItem,
  type Predicate,
  type TraitDef,
  type TraitLang,
  TY_UNIT,
  type Ty,
  type TyCtxt,
} from "../../codegen/index.ts";
import type { FnCx } from "./fn-cx.ts";

/** The trait and its one method. */
export interface LangTrait {
  readonly trait: TraitDef;
  readonly method: FnItem;
}

const made = new WeakMap<TyCtxt, Map<TraitLang, LangTrait>>();

/** The trait known as `lang`, which the program of `cx` mentions from now on. */
export function langTrait(cx: FnCx, lang: "drop" | "fn" | "fn_mut" | "fn_once"): LangTrait {
  const own = langTraits(cx.types.tcx);
  const found = own.get(lang)!;
  for (const each of lang === "drop" ? [found] : [own.get("fn_once")!, own.get("fn_mut")!, own.get("fn")!]) {
    if (!cx.program.items.traits.includes(each.trait)) cx.program.items.traits.push(each.trait);
  }
  return found;
}

function langTraits(tcx: TyCtxt): Map<TraitLang, LangTrait> {
  let own = made.get(tcx);
  if (own === undefined) {
    own = declareAll(tcx);
    made.set(tcx, own);
  }
  return own;
}

/** `ty: ?Sized` of a type's parameter. */
export function maybeUnsized(cx: FnCx, ty: Ty): Predicate {
  const { tcx } = cx.types;
  let trait = metaSized.get(tcx);
  if (trait === undefined) {
    trait = declare("std::marker::MetaSized", "meta_sized", ["Self"]);
    metaSized.set(tcx, trait);
  }
  return { kind: "trait", ref: { trait, args: [ty] } };
}

const metaSized = new WeakMap<TyCtxt, TraitDef>();

function declareAll(tcx: TyCtxt): Map<TraitLang, LangTrait> {
  const self = tcx.param(0, "Self");
  const args = tcx.param(1, "Args");
  const drop = declare("std::ops::Drop", "drop", ["Self"]);
  const once = declare("std::ops::FnOnce", "fn_once", ["Self", "Args"]);
  const mut = declare("std::ops::FnMut", "fn_mut", ["Self", "Args"]);
  const fn = declare("std::ops::Fn", "fn", ["Self", "Args"]);
  once.assocTypes = [{ name: "Output", generics: [], predicates: [], default: undefined }];
  const output = tcx.alias(once, "Output", [self, args]);
  inherit(mut, once, [self, args]);
  inherit(fn, mut, [self, args]);
  return new Map<TraitLang, LangTrait>([
    ["drop", withMethod(drop, "drop", [tcx.ref("mut", self)], TY_UNIT, "Rust")],
    ["fn_once", withMethod(once, "call_once", [self, args], output, "rust-call")],
    ["fn_mut", withMethod(mut, "call_mut", [tcx.ref("mut", self), args], output, "rust-call")],
    ["fn", withMethod(fn, "call", [tcx.ref("not", self), args], output, "rust-call")],
  ]);
}

function declare(name: string, lang: TraitLang, generics: readonly string[]): TraitDef {
  return {
    kind: "trait",
    name,
    generics,
    predicates: [],
    supertraits: [],
    fns: [],
    assocTypes: [],
    assocConsts: [],
    lang,
    prelude: true,
    span: DUMMY_SP,
  };
}

function inherit(trait: TraitDef, parent: TraitDef, args: readonly Ty[]): void {
  trait.supertraits = [{ trait: parent, args }];
  trait.predicates = [{ kind: "trait", ref: { trait: parent, args } }];
}

function withMethod(trait: TraitDef, name: string, params: readonly Ty[], ret: Ty, abi: string): LangTrait {
  const method: FnItem = {
    name: `${trait.name}::${name}`,
    kind: "fn",
    generics: trait.generics,
    parent: trait,
    assocName: name,
    params,
    ret,
    inline: "none",
    abi,
    body: undefined,
    span: DUMMY_SP,
  };
  trait.fns = [method];
  return { trait, method };
}
