/** Ranges of valid values as the patterns of pattern types: `1..=9`, `-128..=-1 | 1..=127`, `!null`. */

import { isIntegral, type Ty } from "../../mir/ty.ts";

/** The bits of the first and the last of some patterns, which may go around. */
export interface Range {
  readonly start: bigint;
  readonly end: bigint;
}

/**
 * The pattern of the values of `ty` with the bits `start` to `end`, which is `fitsPattern`.
 */
export function rangePattern(ty: Ty, { start, end }: Range, pointerBits: number): string {
  if (ty.kind === "ptr") return "!null";
  if (ty.kind === "char") return `'\\u{${start.toString(16)}}'..='\\u{${end.toString(16)}}'`;
  if (ty.kind !== "int") return `${start}..=${end}`;
  const bits = ty.width === "size" ? pointerBits : ty.width;
  const [from, to] = [BigInt.asIntN(bits, start), BigInt.asIntN(bits, end)];
  if (from <= to) return `${from}..=${to}`;
  const half = 1n << BigInt(bits - 1);
  return `${-half}..=${to} | ${from}..=${half - 1n}`;
}

/** Whether a pattern can say `range` of `ty`: only of signed integers one that goes around, and of pointers only that they are not null. */
export function fitsPattern(ty: Ty, { start, end }: Range, pointerBits: number): boolean {
  if (ty.kind === "ptr") return start === 1n && end === (1n << BigInt(pointerBits)) - 1n;
  if (ty.kind === "char") return start <= end && end < 0xd800n;
  return isIntegral(ty) && (ty.kind === "int" || start <= end);
}
