/** The program's type definitions as Rust items. */

import { collectAdts } from "../collect-adts.ts";
import type { Program } from "../program.ts";
import type { AdtDef, FieldDef, ReprOptions, VariantDef } from "../ty.ts";
import { rustIdent, rustTy } from "./rust-names.ts";
import { UnsupportedError } from "./support.ts";

/** All definitions that `program` uses, the prelude's left out. */
export function writeAdts(program: Program): string {
  return collectAdts(program)
    .filter((def) => !def.prelude)
    .map(writeAdt)
    .join("");
}

function writeAdt(def: AdtDef): string {
  if (def.generics.length > 0) throw new UnsupportedError("generic type definitions are not written");
  const repr = writeRepr(def.repr);
  const name = rustIdent(def.name);
  if (def.adtKind === "struct") return `${repr}pub struct ${name}${writeStructFields(def.variants[0]!)}\n`;
  const variants = def.variants.map(
    (v) =>
      `    ${rustIdent(v.name)}${writeVariantFields(v)}${def.explicitDiscriminants ? ` = ${v.discriminant}` : ""},\n`,
  );
  return `${repr}pub enum ${name} {\n${variants.join("")}}\n`;
}

function writeRepr(repr: ReprOptions): string {
  const hints: string[] = [];
  if (repr.c) hints.push("C");
  if (repr.transparent) hints.push("transparent");
  if (repr.int !== undefined) hints.push(repr.int.text);
  if (repr.packed !== undefined) hints.push(`packed(${repr.packed})`);
  if (repr.align !== undefined) hints.push(`align(${repr.align})`);
  return hints.length === 0 ? "" : `#[repr(${hints.join(", ")})]\n`;
}

function writeStructFields(variant: VariantDef): string {
  if (variant.ctor === "unit") return ";";
  const fields = writeFields(variant.fields, variant.ctor === "tuple", "pub ");
  return variant.ctor === "tuple" ? `(${fields});` : ` { ${fields} }`;
}

function writeVariantFields(variant: VariantDef): string {
  if (variant.ctor === "unit") return "";
  const fields = writeFields(variant.fields, variant.ctor === "tuple", "");
  return variant.ctor === "tuple" ? `(${fields})` : ` { ${fields} }`;
}

function writeFields(fields: readonly FieldDef[], tuple: boolean, visibility: string): string {
  return fields
    .map((f) => (tuple ? `${visibility}${rustTy(f.ty)}` : `${visibility}${rustIdent(f.name)}: ${rustTy(f.ty)}`))
    .join(", ");
}
