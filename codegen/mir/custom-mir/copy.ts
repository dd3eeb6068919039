/**
 * `Copy` for the program's types, where Rust asks for it: of what is repeated, and of what a union holds. Definitions are written
 * without, as most need none.
 */

import type { AdtDef, Ty, TyOf } from "../ty.ts";
import { writeGenerics } from "./generics.ts";
import { isCopy } from "./glue.ts";
import type { ModuleCx } from "./module-cx.ts";
import { UnsupportedError } from "./support.ts";

/** Sees to it that Rust knows `ty` to be `Copy`. @throws UnsupportedError when it cannot be. */
export function requireCopy(cx: ModuleCx, ty: Ty): void {
  switch (ty.kind) {
    case "tuple":
      for (const field of ty.fields) requireCopy(cx, field);
      return;
    case "array":
    case "genericArray":
      requireCopy(cx, ty.element);
      return;
    case "param":
    case "alias":
      // A bound says so, or the program is none.
      return;
    case "adt":
      for (const arg of ty.args) if (arg.kind !== "constArg") requireCopy(cx, arg);
      if (!ty.def.prelude) requireDefinition(cx, ty);
      return;
    default:
      if (!isCopy(ty)) throw new UnsupportedError(`${ty.text} is to be Copy`);
  }
}

const keys = new WeakMap<AdtDef, object>();

function requireDefinition(cx: ModuleCx, ty: TyOf<"adt">): void {
  const { def } = ty;
  let key = keys.get(def);
  if (key === undefined) {
    key = {};
    keys.set(def, key);
  }
  if (cx.helpers.has(key)) return;
  const helper = { name: "", text: "" };
  cx.helpers.set(key, helper);
  const impls = cx.program.impls ?? [];
  const langs = impls
    .filter((impl) => impl.selfTy.kind === "adt" && impl.selfTy.def === def)
    .map((impl) => impl.trait?.trait.lang);
  if (langs.includes("drop")) throw new UnsupportedError(`${def.name} is to be Copy and has a destructor`);
  def.variants.forEach((_, v) => {
    for (const field of cx.tcx.fieldTys(ty, v)) requireCopy(cx, field);
  });
  if (langs.includes("copy")) return;
  const generics = writeGenerics(cx.names, def, def.predicates ?? [], { lifetime: cx.names.hasLifetime(def) });
  const params = generics.params.replaceAll(/(?<!'a): 'static/g, ": 'static + core::marker::Copy");
  const self = `${cx.names.adt(def)}${generics.args}`;
  const clone = langs.includes("clone")
    ? ""
    : `impl${params} core::clone::Clone for ${self}${generics.where} { #[inline(always)] fn clone(&self) -> Self { *self } }\n`;
  helper.text = `${clone}impl${params} core::marker::Copy for ${self}${generics.where} {}\n`;
}
