/**
 * `-Z print-type-sizes`: how the bytes of each type are used, largest types first, in rustc's words.
 *
 * Only named types and closures are listed. The fields of a variant are in order of offset; what lies between is padding. A field that
 * begins before the end of the one before it (in a union) is shown with its offset.
 *
 * Format: rustc_session/src/code_stats.rs (`print_type_sizes`), rustc_ty_utils/src/layout.rs (`record_layout_for_printing`).
 */

import type { Ty, TyOf } from "../mir/ty.ts";
import { fieldOf, fieldOffset, forVariant, type LayoutCx, layoutOf } from "./layout.ts";
import { primitiveSize } from "./scalar.ts";
import type { TyAndLayout } from "./types.ts";

interface FieldInfo {
  readonly name: string;
  readonly offset: number;
  readonly size: number;
  readonly align: number;
}

interface VariantInfo {
  readonly name: string;
  /** Up to the end of the last field; the whole layout when there are no fields with a size. */
  readonly size: number;
  readonly fields: readonly FieldInfo[];
}

interface TypeSizeInfo {
  readonly description: string;
  readonly size: number;
  readonly align: number;
  readonly packed: boolean;
  /** Variants are shown with their names: enums and unions. */
  readonly namesVariants: boolean;
  readonly discriminantSize: number | undefined;
  /** The largest first. */
  readonly variants: readonly VariantInfo[];
}

/** The sizes of those of `types` that have a name, and of closures, as text of one line each fact. */
export function printTypeSizes(types: Iterable<Ty>, cx: LayoutCx): string {
  const infos: TypeSizeInfo[] = [];
  for (const ty of new Set(types)) {
    if (ty.kind === "adt") infos.push(adtInfo(cx, ty));
    else if (ty.kind === "closure") infos.push(closureInfo(layoutOf(cx, ty)));
  }
  infos.sort((a, b) => b.size - a.size || Buffer.compare(Buffer.from(a.description), Buffer.from(b.description)));
  return infos.flatMap((info) => typeLines(info).map((line) => `print-type-size ${line}\n`)).join("");
}

/** rustc tells a closure's size, but not what is in it. */
function closureInfo({ ty, layout }: TyAndLayout): TypeSizeInfo {
  const { size, align } = layout;
  const none = { packed: false, namesVariants: false, discriminantSize: undefined, variants: [] };
  return { description: ty.text, size, align, ...none };
}

function adtInfo(cx: LayoutCx, ty: TyOf<"adt">): TypeSizeInfo {
  const of = layoutOf(cx, ty);
  const { layout } = of;
  const variants: VariantInfo[] = [];
  let discriminantSize: number | undefined;
  if (layout.variants.kind === "single") variants.push(variantInfo(cx, ty, of, layout.variants.index));
  if (layout.variants.kind === "multiple") {
    ty.def.variants.forEach((_, v) => {
      variants.push(variantInfo(cx, ty, forVariant(cx, of, v), v));
    });
    variants.sort((a, b) => b.size - a.size);
    const { encoding, tag } = layout.variants;
    if (encoding.kind === "direct") discriminantSize = primitiveSize(cx.dataLayout, tag.primitive);
  }
  return {
    description: ty.text,
    size: layout.size,
    align: layout.align,
    packed: ty.def.repr.packed !== undefined,
    namesVariants: ty.def.adtKind !== "struct",
    discriminantSize,
    variants,
  };
}

/** `of` is the type in variant `index`. */
function variantInfo(cx: LayoutCx, ty: TyOf<"adt">, of: TyAndLayout, index: number): VariantInfo {
  const def = ty.def.variants[index];
  let end = 0;
  const fields = (def?.fields ?? []).map(({ name }, i): FieldInfo => {
    const { size, align } = fieldOf(cx, of, i).layout;
    const offset = fieldOffset(of.layout, i);
    end = Math.max(end, offset + size);
    return { name, offset, size, align };
  });
  return { name: def?.name ?? "", size: end === 0 ? of.layout.size : end, fields };
}

function typeLines(info: TypeSizeInfo): string[] {
  const lines = [`type: \`${info.description}\`: ${info.size} bytes, alignment: ${info.align} bytes`];
  const discriminant = info.discriminantSize ?? 0;
  if (info.discriminantSize !== undefined) lines.push(`    discriminant: ${discriminant} bytes`);
  let end = discriminant;
  for (const variant of info.variants) {
    if (info.namesVariants) lines.push(`    variant \`${variant.name}\`: ${variant.size - discriminant} bytes`);
    lines.push(...fieldLines(variant.fields, discriminant, info.packed, info.namesVariants ? "        " : "    "));
    end = Math.max(end, variant.size);
  }
  if (end < info.size) lines.push(`    end padding: ${info.size - end} bytes`);
  return lines;
}

function fieldLines(fields: readonly FieldInfo[], start: number, packed: boolean, indent: string): string[] {
  const lines: string[] = [];
  let end = start;
  // Of fields at one offset those of size zero come first, so that only true overlaps are shown as such.
  for (const { name, offset, size, align } of [...fields].sort((a, b) => a.offset - b.offset || a.size - b.size)) {
    if (offset > end) lines.push(`${indent}padding: ${offset - end} bytes`);
    let text = `${indent}field \`.${name}\`: ${size} bytes`;
    if (offset < end) text += `, offset: ${offset} bytes, alignment: ${align} bytes`;
    else if (offset > end && !packed) text += `, alignment: ${align} bytes`;
    lines.push(text);
    end = offset + size;
  }
  return lines;
}
