/**
 * Structs whose one scalar has some values only (`rustc_layout_scalar_valid_range_start`). Where the attributes are gone, the field is of a pattern type:
 * then it is made and read by transmutes, as a pattern type is not its base type.
 */

import type { AdtDef, Ty } from "../ty.ts";
import type { ModuleCx } from "./module-cx.ts";
import { need, UnsupportedError } from "./support.ts";

/** The end of a range that has no end of its own. */
const UNBOUNDED = 2n ** 128n - 1n;

/** Whether the field of `def` is written as a pattern type. */
export function hasPatternField(cx: ModuleCx, def: AdtDef): boolean {
  return def.repr.validRange !== undefined && cx.support !== undefined && !cx.support.has("validRange");
}

/** The attributes of a range, or nothing. */
export function rangeAttributes(cx: ModuleCx, def: AdtDef): string {
  const { validRange } = def.repr;
  if (validRange === undefined || hasPatternField(cx, def)) return "";
  const { start, end } = validRange;
  const last = end === UNBOUNDED ? "" : `#[rustc_layout_scalar_valid_range_end(${end})]\n`;
  return `#[rustc_layout_scalar_valid_range_start(${start})]\n${last}`;
}

/** The type of the only field of `def` as a pattern type. */
export function patternType(cx: ModuleCx, def: AdtDef): string {
  need(cx.support, "patternType");
  const { validRange } = def.repr;
  const fields = def.variants[0]?.fields ?? [];
  const ty = fields[0]?.ty;
  const pattern = validRange === undefined || ty === undefined ? undefined : patternOf(ty, validRange);
  if (pattern === undefined || ty === undefined || fields.length > 1)
    throw new UnsupportedError(`this rustc has no attributes for the valid range of ${def.name}`);
  return `core::pattern_type!(${cx.names.ty(ty)} is ${pattern})`;
}

function patternOf(ty: Ty, { start, end }: { readonly start: bigint; readonly end: bigint }): string | undefined {
  if (ty.kind === "ptr") return start === 1n && end >= 2n ** 64n - 1n ? "!null" : undefined;
  if (ty.kind !== "uint" && ty.kind !== "int") return undefined;
  const bits = ty.width === "size" ? 64 : ty.width;
  const last = BigInt.asUintN(bits, end === UNBOUNDED ? -1n : end);
  if (ty.kind === "uint") return start <= last ? `${start}..=${last}` : undefined;
  const [low, high] = [BigInt.asIntN(bits, start), BigInt.asIntN(bits, last)];
  if (low <= high) return `${low}..=${high}`;
  return `${-(2n ** BigInt(bits - 1))}..=${high} | ${low}..=${2n ** BigInt(bits - 1) - 1n}`;
}
