/** The program's type definitions, traits, impls, closures, statics and constants as Rust items. */

import type { ClosureDef, ConstItem, ImplDef, Predicate, StaticItem, TraitDef } from "../items.ts";
import { type AdtDef, type FieldDef, type ReprOptions, TY_UNIT, type Ty, type VariantDef } from "../ty.ts";
import { writeFn } from "./body.ts";
import { requireCopy } from "./copy.ts";
import { writeClosureImpls, writeForwarder } from "./forwarder.ts";
import { writeGenerics } from "./generics.ts";
import { isCopy, isSync } from "./glue.ts";
import { writeInitialiser } from "./initialiser.ts";
import type { ModuleCx } from "./module-cx.ts";
import { memberIdent } from "./rust-names.ts";
import { need, UnsupportedError } from "./support.ts";
import { threadLocalKey } from "./thread-local.ts";
import { hasPatternField, patternType, rangeAttributes } from "./valid-range.ts";

/** The definitions that the program declares, and those that were mentioned in what is written. */
export function writeAdts(cx: ModuleCx): string {
  const written = new Set<AdtDef>();
  let text = "";
  const write = (def: AdtDef): void => {
    if (def.prelude || written.has(def)) return;
    written.add(def);
    text += writeAdt(cx, def);
  };
  for (const def of cx.program.adts ?? []) write(def);
  // Fields mention more of them.
  for (const def of cx.names.mentioned) write(def);
  return text;
}

/** All items but types and free functions, the prelude's left out. */
export function writeItems(cx: ModuleCx): string {
  const { program } = cx;
  const parts: string[] = [];
  for (const trait of program.traits ?? []) if (!trait.prelude) parts.push(writeTrait(cx, trait));
  for (const impl of program.impls ?? []) if (!impl.prelude) parts.push(writeImpl(cx, impl));
  for (const closure of program.closures ?? []) parts.push(writeClosure(cx, closure));
  for (const item of program.statics ?? []) parts.push(writeStatic(cx, item));
  for (const item of program.consts ?? []) if (item.parent === undefined) parts.push(writeConst(cx, item));
  return parts.join("");
}

// ---- types

function unsizedOf(cx: ModuleCx, item: object): { readonly unsized?: ReadonlySet<number> } {
  const unsized = cx.unsized.get(item);
  return unsized === undefined ? {} : { unsized };
}

function writeAdt(cx: ModuleCx, def: AdtDef): string {
  const { names } = cx;
  if (def.repr.simd === true) names.needs.add("simd");
  const lifetime = names.hasLifetime(def);
  const generics = writeGenerics(names, def, def.predicates ?? [], { lifetime, ...unsizedOf(cx, def) });
  const head = `${writeRepr(def.repr)}${rangeAttributes(cx, def)}pub ${def.adtKind} ${names.adt(def)}${generics.params}`;
  if (hasPatternField(cx, def)) return `${head}${generics.where} { pub value: ${patternType(cx, def)} }\n`;
  if (def.adtKind === "struct") return `${head}${writeStructFields(cx, def.variants[0]!, generics.where)}\n`;
  if (def.adtKind === "union") return `${writeUnion(cx, def, head)}\n`;
  const variants = def.variants.map(
    (v) =>
      `    ${memberIdent(v.name)}${writeVariantFields(cx, v)}${def.explicitDiscriminants ? ` = ${v.discriminant}` : ""},\n`,
  );
  const inside = variants.join("");
  return `${head}${generics.where} {\n${lifetime ? inside.replaceAll("'static", "'a") : inside}}\n`;
}

function writeRepr(repr: ReprOptions): string {
  const hints: string[] = [];
  if (repr.c) hints.push("C");
  if (repr.transparent) hints.push("transparent");
  if (repr.int !== undefined) hints.push(repr.int.text);
  if (repr.packed !== undefined) hints.push(`packed(${repr.packed})`);
  if (repr.align !== undefined) hints.push(`align(${repr.align})`);
  if (repr.simd === true) hints.push("simd");
  return hints.length === 0 ? "" : `#[repr(${hints.join(", ")})]\n`;
}

function writeStructFields(cx: ModuleCx, variant: VariantDef, where: string): string {
  if (variant.ctor === "unit") return `${where};`;
  const fields = writeFields(cx, variant.fields, variant.ctor === "tuple", "pub ");
  return variant.ctor === "tuple" ? `(${fields})${where};` : `${where} { ${fields} }`;
}

function writeVariantFields(cx: ModuleCx, variant: VariantDef): string {
  if (variant.ctor === "unit") return "";
  const fields = writeFields(cx, variant.fields, variant.ctor === "tuple", "");
  return variant.ctor === "tuple" ? `(${fields})` : ` { ${fields} }`;
}

function writeFields(cx: ModuleCx, fields: readonly FieldDef[], tuple: boolean, visibility: string): string {
  return fields
    .map((f) =>
      tuple ? `${visibility}${cx.names.ty(f.ty)}` : `${visibility}${memberIdent(f.name)}: ${cx.names.ty(f.ty)}`,
    )
    .join(", ");
}

/** Rust asks that what a union holds has nothing to drop, which it sees of what is Copy. */
function writeUnion(cx: ModuleCx, def: AdtDef, head: string): string {
  const variant = def.variants[0]!;
  for (const field of variant.fields) if (!isManuallyDrop(field.ty)) requireCopy(cx, field.ty);
  return `${head} { ${writeFields(cx, variant.fields, false, "pub ")} }`;
}

function isManuallyDrop(ty: Ty): boolean {
  return ty.kind === "adt" && ty.def.lang === "manually_drop";
}

// ---- traits and impls

function writeTrait(cx: ModuleCx, trait: TraitDef): string {
  const { names } = cx;
  names.needs.add("traits");
  // What is asked of `Self` are supertraits; the rest is a `where` clause.
  const supertraits = trait.supertraits.map((ref) => names.traitRef(ref));
  const isSuper = (predicate: Predicate): boolean =>
    predicate.kind === "trait" && trait.supertraits.some((ref) => ref.trait === predicate.ref.trait);
  const predicates = trait.predicates.filter((predicate) => !isSuper(predicate));
  const generics = writeGenerics(names, trait, predicates, { from: 1 });
  const bounds = ["'static", ...supertraits].join(" + ");
  const where = generics.where.replaceAll(`${names.param("Self")}:`, "Self:");
  const inside = [
    ...trait.assocTypes.map((assoc) => writeAssocType(cx, trait, assoc)),
    ...trait.assocConsts.map((item) => writeAssocConst(cx, trait, item)),
    ...trait.fns.map((item) => writeForwarder(cx, trait, item)),
  ];
  const text = `pub trait ${names.trait(trait)}${generics.params}: ${bounds}${where} {\n${inside.join("")}}\n`;
  return selfInside(cx, text);
}

/** The first parameter of a trait is `Self` inside of it, and an ordinary parameter of the functions outside. */
function selfInside(cx: ModuleCx, text: string): string {
  return text.replaceAll(new RegExp(`\\b${cx.names.param("Self")}\\b`, "g"), "Self");
}

function writeAssocType(cx: ModuleCx, trait: TraitDef, assoc: TraitDef["assocTypes"][number]): string {
  if (assoc.generics.length > 0) throw new UnsupportedError("associated types with parameters");
  const self = trait.generics.map((name, index) => cx.tcx.param(index, name));
  const alias = cx.names.ty(cx.tcx.alias(trait, assoc.name, self));
  const bounds = assoc.predicates.flatMap((predicate) => {
    const subject = cx.names.ty(predicate.ref.args[0]!);
    if (subject !== alias || predicate.kind !== "trait") throw new UnsupportedError("bounds of an associated type");
    return [cx.names.traitRef(predicate.ref)];
  });
  return `    type ${memberIdent(assoc.name)}: ${["'static", ...bounds].join(" + ")};\n`;
}

function writeAssocConst(cx: ModuleCx, owner: TraitDef | ImplDef, item: ConstItem): string {
  const value = item.body === undefined ? "" : ` = ${writeInitialiser(cx, item, owner)}`;
  return `    const ${memberIdent(item.assocName ?? item.name)}: ${cx.names.ty(item.ty)}${value};\n`;
}

function writeImpl(cx: ModuleCx, impl: ImplDef): string {
  const { names } = cx;
  if (impl.trait === undefined) return "";
  const { trait } = impl.trait;
  // An impl of `Drop` is one for all lifetimes.
  const lifetime = trait.lang === "drop" && impl.selfTy.kind === "adt" && names.hasLifetime(impl.selfTy.def);
  const generics = writeGenerics(names, impl, impl.predicates, { lifetime });
  const selfTy = lifetime ? names.ty(impl.selfTy).replaceAll("'static", "'a") : names.ty(impl.selfTy);
  const unsafety = trait.lang === "send" || trait.lang === "sync" ? "unsafe " : "";
  const head = `${unsafety}impl${generics.params} ${impl.negative ? "!" : ""}${names.traitRef(impl.trait)} for ${selfTy}${generics.where}`;
  const inside = [
    ...impl.assocTypes.map(
      (assoc) => `    type ${memberIdent(assoc.name)}${names.args([])} = ${names.ty(assoc.ty)};\n`,
    ),
    ...impl.assocConsts.map((item) => writeAssocConst(cx, impl, item)),
    ...impl.fns.map((item) => writeForwarder(cx, impl, item)),
  ];
  const text = `${head} {\n${inside.join("")}}\n`;
  if (trait.lang !== "copy" || hasClone(cx, impl)) return text;
  const clone = `impl${generics.params} core::clone::Clone for ${names.ty(impl.selfTy)}${generics.where}`;
  return `${text}${clone} { #[inline(always)] fn clone(&self) -> Self { *self } }\n`;
}

function hasClone(cx: ModuleCx, copy: ImplDef): boolean {
  const same = (impl: ImplDef): boolean =>
    impl.trait?.trait.lang === "clone" &&
    impl.selfTy.kind === copy.selfTy.kind &&
    impl.selfTy.text === copy.selfTy.text;
  return cx.program.impls?.some(same) ?? false;
}

// ---- closures

function writeClosure(cx: ModuleCx, def: ClosureDef): string {
  const { names } = cx;
  names.needs.add("closures");
  if (def.generics.length > 0) throw new UnsupportedError("a closure in a generic function");
  const name = names.of(def, def.name);
  const fields = def.upvars.map((upvar, i) => `pub c${i}: ${names.ty(upvar)}`);
  const copies = def.upvars.every(isCopy)
    ? `impl core::clone::Clone for ${name} { #[inline(always)] fn clone(&self) -> Self { *self } }\nimpl core::marker::Copy for ${name} {}\n`
    : "";
  return `pub struct ${name} { ${fields.join(", ")} }\n${copies}${writeClosureImpls(cx, def, name)}`;
}

// ---- statics and constants

function writeStatic(cx: ModuleCx, item: StaticItem): string {
  const { names } = cx;
  if (item.body === undefined) return "";
  const name = names.of(item, item.name);
  const ty = names.ty(item.ty);
  const value = writeInitialiser(cx, item, undefined);
  const local = item.threadLocal ? "#[thread_local]\n" : "";
  // Thread-locals are reached by a function, as custom MIR has no rvalue for their addresses.
  const address = item.threadLocal
    ? `#[inline(always)] pub fn ${names.of(threadLocalKey(item), `${item.name}_address`)}() -> *mut ${ty} { (&raw const ${name}${item.mutability === "mut" || isSync(cx, item.ty) ? "" : ".0"}) as *mut ${ty} }\n`
    : "";
  if (item.mutability === "mut") return `${local}pub static mut ${name}: ${ty} = ${value};\n${address}`;
  if (isSync(cx, item.ty)) return `${local}pub static ${name}: ${ty} = ${value};\n${address}`;
  return `${local}pub static ${name}: crate::glue::Shared<${ty}> = crate::glue::Shared(${value});\n${address}`;
}

function writeConst(cx: ModuleCx, item: ConstItem): string {
  const { names } = cx;
  if (item.body === undefined) return "";
  const name = names.of(item, item.name);
  const ty = names.ty(item.ty);
  const value = writeInitialiser(cx, item, undefined);
  if (item.generics.length === 0) return `pub const ${name}: ${ty} = ${value};\n`;
  const generics = writeGenerics(names, item, []);
  const types = item.generics.filter((_, i) => item.constParams?.[i] === undefined).map((each) => names.param(each));
  const holder = `pub struct ${name}${generics.params}(core::marker::PhantomData<(${types.map((each) => `*const ${each},`).join(" ")})>);\n`;
  return `${holder}impl${generics.params} ${name}${generics.args} { pub const VALUE: ${ty} = ${value}; }\n`;
}

/** Declarations of what is defined elsewhere. */
export function writeExterns(cx: ModuleCx): string {
  const { names } = cx;
  const lines = [...cx.externs].map((item) => {
    if ("kind" in item && item.kind === "static") {
      const mutability = item.mutability === "mut" ? "mut " : "";
      return `    pub static ${mutability}${names.of(item, item.name)}: ${names.ty(item.ty)};\n`;
    }
    const params = item.params.map((ty, i) => `_${i + 1}: ${names.ty(ty)}`);
    if (item.variadic === true) {
      need(cx.support, "variadic");
      params.push("...");
    }
    const ret = item.ret === TY_UNIT ? "" : ` -> ${names.ty(item.ret)}`;
    const name = item.name.slice(item.name.lastIndexOf(":") + 1);
    return `    #[link_name = "${name}"] pub fn ${names.of(item, name)}(${params.join(", ")})${ret};\n`;
  });
  return lines.length === 0 ? "" : `extern "C" {\n${lines.join("")}}\n`;
}

/** The free functions: those of the program, among them the bodies of methods and closures. */
export function writeFunctions(cx: ModuleCx): string {
  let text = "";
  for (const item of cx.program.functions) {
    if (item.body !== undefined) text += writeFn(cx, item);
    else if (item.kind === "fn" && item.parent?.kind !== "trait")
      throw new UnsupportedError(`the function ${item.name} has no body`);
  }
  return text;
}
