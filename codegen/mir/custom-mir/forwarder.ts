/**
 * Functions that stand where custom MIR may not: in traits, impls and behind the `Fn` traits. Each is one line of Rust that calls the free function
 * whose body is the MIR.
 */

import type { ClosureDef, ImplDef, TraitDef } from "../items.ts";
import type { FnItem } from "../syntax.ts";
import { TY_UNIT, type Ty } from "../ty.ts";
import { whereClause } from "./generics.ts";
import type { ModuleCx } from "./module-cx.ts";
import { memberIdent } from "./rust-names.ts";
import { UnsupportedError } from "./support.ts";

/** The own parameters of a function of a trait or impl. */
function ownGenerics(cx: ModuleCx, item: FnItem, owner: TraitDef | ImplDef): string {
  const from = owner.generics.length;
  const own = item.generics.slice(from).map((name, i) => {
    const ty = item.constParams?.[from + i];
    return ty === undefined ? `${cx.names.param(name)}: 'static` : `const ${cx.names.param(name)}: ${cx.names.ty(ty)}`;
  });
  return own.length === 0 ? "" : `<${own.join(", ")}>`;
}

/** `item` as it stands in its trait or impl. */
export function writeForwarder(cx: ModuleCx, owner: TraitDef | ImplDef, item: FnItem): string {
  const { names } = cx;
  const trait = owner.kind === "trait" ? owner : owner.trait?.trait;
  const name = item.assocName ?? item.name.slice(item.name.lastIndexOf(":") + 1);
  const declared = trait?.fns.find((each) => each.assocName === name);
  if (trait === undefined || declared === undefined) throw new UnsupportedError(`${item.name} is not in its trait`);
  const params = item.params.map((ty, i) => parameter(cx, trait, declared.params[i], ty, i));
  const ret = item.ret === TY_UNIT ? "" : ` -> ${names.ty(item.ret)}`;
  const abi = item.abi === "Rust" ? "" : `extern "${item.abi}" `;
  const head = `${abi}fn ${memberIdent(name)}${ownGenerics(cx, item, owner)}(${params.map((p) => p.decl).join(", ")})${ret}${whereClause(names, item.predicates ?? [])}`;
  if (item.body === undefined) return `    ${head};\n`;
  const args = item.generics.map((generic) => names.param(generic));
  const callee = `${names.of(item, item.name)}${args.length === 0 ? "" : `::<${args.join(", ")}>`}`;
  return `    #[inline(always)] ${head} { ${callee}(${params.map((p) => p.use).join(", ")}) }\n`;
}

/**
 * A parameter, and how it is handed on. In a trait of core references have lifetimes of their own, which the free function does not
 * know of.
 */
function parameter(
  cx: ModuleCx,
  trait: TraitDef,
  declared: Ty | undefined,
  ty: Ty,
  index: number,
): { readonly decl: string; readonly use: string } {
  const { names } = cx;
  const self = index === 0 && declared !== undefined ? receiver(declared) : undefined;
  if (trait.prelude && ty.kind === "ref" && declared?.kind === "ref") {
    const mutability = ty.mutability === "mut" ? "mut " : "";
    const use = self === undefined ? `_${index + 1}` : "self";
    const decl = self === undefined ? `${use}: &${mutability}${names.ty(ty.pointee)}` : `&${mutability}self`;
    return { decl, use: `unsafe { core::mem::transmute(${use}) }` };
  }
  if (self !== undefined) return { decl: self, use: "self" };
  return { decl: `_${index + 1}: ${names.ty(ty)}`, use: `_${index + 1}` };
}

/** `self` as the first parameter of type `ty`, if it is one. */
function receiver(ty: Ty): string | undefined {
  const isSelf = (each: Ty): boolean => each.kind === "param" && each.index === 0;
  if (isSelf(ty)) return "self";
  if (ty.kind === "ref" && isSelf(ty.pointee))
    return ty.mutability === "mut" ? "self: &'static mut Self" : "self: &'static Self";
  return undefined;
}

const CLOSURE_TRAITS = [
  { kind: "fn", trait: "Fn", method: "call", self: "&self" },
  { kind: "fnMut", trait: "FnMut", method: "call_mut", self: "&mut self" },
  { kind: "fnOnce", trait: "FnOnce", method: "call_once", self: "self" },
] as const;

/** The impls of the `Fn` traits that the closure has. */
export function writeClosureImpls(cx: ModuleCx, def: ClosureDef, name: string): string {
  const { body } = def;
  if (body?.body === undefined) throw new UnsupportedError(`the closure ${def.name} has no body`);
  const args = cx.names.ty(cx.tcx.tuple(body.params.slice(1)));
  const values = body.params.slice(1).map((_, i) => `, args.${i}`);
  const callee = cx.names.of(body, body.name);
  const first = CLOSURE_TRAITS.findIndex((row) => row.kind === def.closureKind);
  const impls = CLOSURE_TRAITS.slice(first).map(({ trait, method, self }) => {
    const output = trait === "FnOnce" ? `type Output = ${cx.names.ty(body.ret)}; ` : "";
    const call = `${callee}(${environment(def, trait)}${values.join("")})`;
    const own = trait === "FnOnce" && def.closureKind !== "fnOnce" ? "let mut this = self; " : "";
    return `impl ${`core::ops::${trait}`}<${args}> for ${name} { ${output}#[inline(always)] extern "rust-call" fn ${method}(${self}, args: ${args}) -> ${cx.names.ty(body.ret)} { ${own}${call} } }\n`;
  });
  return impls.join("");
}

/** What the body gets of the closure when it is called by `trait`: by the widest trait it is lent, and only `FnOnce` gives it away. */
function environment(def: ClosureDef, trait: string): string {
  if (def.closureKind === "fnOnce") return "self";
  const mutability = def.closureKind === "fnMut" ? "mut " : "";
  if (trait === "FnOnce") return `unsafe { core::mem::transmute(&${mutability}this) }`;
  if (trait === "FnMut" && def.closureKind === "fn") return "unsafe { core::mem::transmute(&*self) }";
  return "unsafe { core::mem::transmute(self) }";
}

/** A function that calls a closure without captures: what its function pointer points to. */
export function closurePointer(cx: ModuleCx, def: ClosureDef): string {
  let helper = cx.helpers.get(def);
  if (helper === undefined) {
    const { body } = def;
    if (body?.body === undefined || def.upvars.length > 0)
      throw new UnsupportedError(`the closure ${def.name} has no function pointer`);
    const closure = cx.names.of(def, def.name);
    const name = cx.names.fresh(`${closure}_pointer`);
    const params = body.params.slice(1).map((ty, i) => `_${i + 1}: ${cx.names.ty(ty)}`);
    const values = body.params.slice(1).map((_, i) => `, _${i + 1}`);
    const environmentOf = environment(def, "FnOnce").replace("self", "this");
    const call = `${cx.names.of(body, body.name)}(${environmentOf}${values.join("")})`;
    const text = `pub fn ${name}(${params.join(", ")}) -> ${cx.names.ty(body.ret)} { let mut this = ${closure} {}; ${call} }\n`;
    helper = { name, text };
    cx.helpers.set(def, helper);
  }
  return helper.name;
}
