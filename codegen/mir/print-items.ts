/**
 * Items as Rust text: type definitions, and the heads of traits and impls.
 */

import type { ImplDef, Predicate, TraitDef, TraitRef } from "./items.ts";
import type { AdtDef, FieldDef, ReprOptions, Ty, VariantDef } from "./ty.ts";

/** The text of a `struct`, an `enum` or a `union`, with its `repr`. */
export function printAdt(def: AdtDef): string {
  const lang = def.lang === undefined ? "" : `#[lang = "${def.lang}"]\n`;
  const head = `${lang}${printRepr(def.repr)}${def.adtKind} ${def.name}${printGenerics(def, 0)}`;
  const where = printPredicates(def.predicates ?? []);
  if (def.adtKind !== "enum") {
    const variant = def.variants[0]!;
    const fields = printFields(variant, "");
    return variant.ctor === "named" ? `${head}${where}${fields}\n` : `${head}${fields}${where};\n`;
  }
  const variants = def.variants.map((variant) => {
    const discriminant = def.explicitDiscriminants ? ` = ${variant.discriminant}` : "";
    return `    ${variant.name}${printFields(variant, "    ")}${discriminant},\n`;
  });
  return `${head}${where} {\n${variants.join("")}}\n`;
}

function printFields(variant: VariantDef, indent: string): string {
  switch (variant.ctor) {
    case "unit":
      return "";
    case "tuple":
      return `(${variant.fields.map((f) => f.ty.text).join(", ")})`;
    case "named": {
      const field = (f: FieldDef): string => `${indent}    ${f.name}: ${f.ty.text},\n`;
      return variant.fields.length === 0 ? " {}" : ` {\n${variant.fields.map(field).join("")}${indent}}`;
    }
  }
}

function printRepr(repr: ReprOptions): string {
  const hints: string[] = [];
  if (repr.c) hints.push("C");
  if (repr.transparent) hints.push("transparent");
  if (repr.simd === true) hints.push("simd");
  if (repr.packed !== undefined) hints.push(`packed(${repr.packed})`);
  if (repr.align !== undefined) hints.push(`align(${repr.align})`);
  if (repr.int !== undefined) hints.push(repr.int.text);
  let out = hints.length === 0 ? "" : `#[repr(${hints.join(", ")})]\n`;
  if (repr.validRange !== undefined) {
    out += `#[rustc_layout_scalar_valid_range_start(${repr.validRange.start})]\n`;
    out += `#[rustc_layout_scalar_valid_range_end(${repr.validRange.end})]\n`;
  }
  return out;
}

interface Generic {
  readonly generics: readonly string[];
  readonly constParams?: readonly (Ty | undefined)[];
  readonly defaults?: readonly (Ty | undefined)[];
}

/** `<T, const N: usize, U = T>` of the parameters from `from` on; nothing when there are none. */
export function printGenerics({ generics, constParams, defaults }: Generic, from: number): string {
  const list = generics.slice(from).flatMap((name, i) => {
    // A parameter of its own that the types of the parameters show.
    if (isImplParam(name)) return [];
    const ty = constParams?.[from + i];
    const value = defaults?.[from + i];
    return [`${ty === undefined ? name : `const ${name}: ${ty.text}`}${value === undefined ? "" : ` = ${value.text}`}`];
  });
  return list.length === 0 ? "" : `<${list.join(", ")}>`;
}

/** `impl Trait` in the type of a parameter is a type parameter with that as its name. */
export function isImplParam(name: string): boolean {
  return name.startsWith("impl ");
}

/** ` where T: Trait<X, Name = U>`, or nothing. What is said of a trait's types stands behind the trait. */
export function printPredicates(predicates: readonly Predicate[]): string {
  const clauses: string[] = [];
  for (let i = 0; i < predicates.length; i++) {
    const { ref } = predicates[i]!;
    const self = ref.args[0]!;
    const bindings: string[] = [];
    for (let next = predicates[i + 1]; next?.kind === "projection"; next = predicates[++i + 1]) {
      bindings.push(`${next.name} = ${next.ty.text}`);
    }
    if (self.kind === "param" && isImplParam(self.name)) continue;
    clauses.push(`${self.text}: ${printTraitRef(ref, bindings)}`);
  }
  return clauses.length === 0 ? "" : ` where ${clauses.join(", ")}`;
}

/** `Trait<X, Name = T>`: `Self` is left out, and `bindings` added. */
export function printTraitRef({ trait, args }: TraitRef, bindings: readonly string[] = []): string {
  const list = [...args.slice(1).map((arg) => arg.text), ...bindings];
  return list.length === 0 ? trait.name : `${trait.name}<${list.join(", ")}>`;
}

/** `trait Tr<T>: Super where …`, up to its `{`. */
export function printTraitHead(item: TraitDef): string {
  const lang = item.lang === undefined || item.lang === "auto" ? "" : `#[lang = "${item.lang}"]\n`;
  return `${lang}${item.lang === "auto" ? "auto " : ""}trait ${item.name}${printGenerics(item, 1)}${printPredicates(item.predicates)}`;
}

/** `impl<T> Trait<X> for T where …`, up to its `{`. */
export function printImplHead(item: ImplDef): string {
  const trait = item.trait === undefined ? "" : `${item.negative ? "!" : ""}${printTraitRef(item.trait)} for `;
  return `impl${printGenerics(item, 0)} ${trait}${item.selfTy.text}${printPredicates(item.predicates)}`;
}
