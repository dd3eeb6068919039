/**
 * Type definitions as Rust text.
 */

import type { AdtDef, FieldDef, ReprOptions, VariantDef } from "./ty.ts";

/** The text of a `struct` or an `enum`, with its `repr`. */
export function printAdt(def: AdtDef): string {
  const generics = def.generics.length === 0 ? "" : `<${def.generics.join(", ")}>`;
  const head = `${printRepr(def.repr)}${def.adtKind} ${def.name}${generics}`;
  if (def.adtKind === "struct") {
    const variant = def.variants[0]!;
    const fields = printFields(variant, "");
    return variant.ctor === "named" ? `${head}${fields}\n` : `${head}${fields};\n`;
  }
  const variants = def.variants.map((variant) => {
    const discriminant = def.explicitDiscriminants ? ` = ${variant.discriminant}` : "";
    return `    ${variant.name}${printFields(variant, "    ")}${discriminant},\n`;
  });
  return `${head} {\n${variants.join("")}}\n`;
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
  if (repr.packed !== undefined) hints.push(`packed(${repr.packed})`);
  if (repr.align !== undefined) hints.push(`align(${repr.align})`);
  if (repr.int !== undefined) hints.push(repr.int.text);
  return hints.length === 0 ? "" : `#[repr(${hints.join(", ")})]\n`;
}
