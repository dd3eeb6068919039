/**
 * Attributes of items: representations, and what is not understood.
 */

import { parseInteger } from "../literal.ts";
import type { AdtItem, Attribute, RustItemBase } from "../rust/ast.ts";
import { DEFAULT_REPR, isIntegral, PRIMITIVE_TYPES, type ReprOptions } from "../ty.ts";

/** `repr` and the attributes beside it that say how a type is laid out. */
export function reprOf(item: AdtItem): ReprOptions {
  let repr = DEFAULT_REPR;
  let start: bigint | undefined;
  let end: bigint | undefined;
  for (const attribute of item.attributes) {
    if (attribute.name === "repr") repr = withHints(item, attribute, repr);
    else if (attribute.name === "rustc_layout_scalar_valid_range_start") start = bound(item, attribute);
    else if (attribute.name === "rustc_layout_scalar_valid_range_end") end = bound(item, attribute);
  }
  if (start !== undefined || end !== undefined) {
    repr = { ...repr, validRange: { start: start ?? 0n, end: end ?? (1n << 128n) - 1n } };
  }
  checkRepr(item, repr);
  return repr;
}

/** A number of at most 128 bits. */
function bound(item: RustItemBase, attribute: Attribute): bigint {
  const value = parseInteger(attribute.value);
  if (value !== undefined) return value;
  throw item.source.error(`\`${attribute.value}\` is no unsigned number`, attribute.at);
}

/** The name of the lang item that `item` is, when it is one. */
export function langOf(item: RustItemBase): string | undefined {
  const lang = item.attributes.find(({ name }) => name === "lang");
  if (lang !== undefined && !/^\w+$/.test(lang.value))
    throw item.source.error(`\`${lang.value}\` is no name of a lang item`, lang.at);
  return lang?.value;
}

function withHints(item: RustItemBase, attribute: Attribute, before: ReprOptions): ReprOptions {
  let repr = before;
  for (const [hint] of attribute.value.matchAll(/[^,()\s]+(?:\s*\([^)]*\))?/g)) {
    const [, word, argument] = /^(\w+)\s*(?:\(\s*(\w*)\s*\))?$/.exec(hint) ?? [];
    const int = PRIMITIVE_TYPES.get(hint);
    if (hint === "C") repr = { ...repr, c: true };
    else if (hint === "Rust") repr = { ...repr };
    else if (hint === "transparent") repr = { ...repr, transparent: true };
    else if (hint === "simd") repr = { ...repr, simd: true };
    else if (word === "packed")
      repr = { ...repr, packed: argument === undefined ? 1 : powerOfTwo(item, attribute, argument) };
    else if (word === "align") repr = { ...repr, align: powerOfTwo(item, attribute, argument ?? "") };
    else if (int !== undefined && isIntegral(int)) repr = { ...repr, int };
    else throw item.source.error(`unknown representation \`${hint}\``, attribute.at);
  }
  return repr;
}

function powerOfTwo(item: RustItemBase, attribute: Attribute, argument: string): number {
  const value = /^\d{1,10}$/.test(argument) ? Number(argument) : 0;
  if (value === 0 || value > 2 ** 29 || (value & (value - 1)) !== 0) {
    throw item.source.error("an alignment is a power of two", attribute.at);
  }
  return value;
}

function checkRepr(item: AdtItem, repr: ReprOptions): void {
  const error = (message: string): Error => item.source.error(message, item.nameAt);
  const { kind } = item;
  if (kind !== "enum" && repr.int !== undefined)
    throw error(`a ${kind} has no discriminant to represent as an integer`);
  if (kind === "enum" && repr.packed !== undefined) throw error("an enum cannot be packed");
  if (repr.packed !== undefined && repr.align !== undefined) throw error("`packed` and `align` exclude each other");
  if (repr.transparent && (repr.c || repr.packed !== undefined || repr.align !== undefined || repr.int !== undefined)) {
    throw error("`transparent` excludes other representations");
  }
  if (kind === "enum" && item.variants.length === 0 && repr.int !== undefined) {
    throw error("an enum without variants has no discriminant to represent");
  }
}

/** Words that cannot be ignored, as the item would mean something else. */
const REFUSED: ReadonlySet<string> = new Set(["global_allocator", "proc_macro", "panic_handler"]);

/** Refuses attributes that would change what the item means. */
export function checkAttributes(item: RustItemBase): void {
  for (const { name, at } of item.attributes) {
    if (REFUSED.has(name)) throw item.source.error(`not supported yet: the attribute \`${name}\``, at);
  }
}
