/** The LLVM types of backend types, by number. As rustc_codegen_llvm/src/{type_,type_of}.rs. */

import type { BackendType } from "../../ssa/traits/types.ts";
import type { LlvmDialect } from "./versions.ts";

/** Types by `BackendType`. */
export type TypeTexts = readonly string[];

const SCALARS: TypeTexts = ["i1", "i8", "i16", "i32", "i64", "i128", "float", "double"];
const OPAQUE: TypeTexts = [...SCALARS, "ptr"];
const TYPED: TypeTexts = [...SCALARS, "i8*"];

/** How `dialect` writes the types. */
export function typeTexts(dialect: LlvmDialect): TypeTexts {
  return dialect.opaquePointers ? OPAQUE : TYPED;
}

/** Width in bits, by `BackendType`; a pointer counts as an integer of its size. */
export const TYPE_BITS: readonly number[] = [1, 8, 16, 32, 64, 128, 32, 64, 64];

/** The type that a function with these returns has: a scalar pair is a struct of two. */
export function returnType(types: TypeTexts, returns: readonly BackendType[]): string {
  if (returns.length === 0) return "void";
  if (returns.length === 1) return types[returns[0]!]!;
  return `{ ${returns.map((ty) => types[ty]!).join(", ")} }`;
}

/**
 * The half-open range of a scalar that excludes some patterns, as LLVM writes it: `start`, `end + 1`, wrapping. Undefined when every pattern is
 * valid.
 */
export function validRange(bits: number, start: bigint, end: bigint): readonly [bigint, bigint] | undefined {
  const past = BigInt.asUintN(bits, end + 1n);
  return past === start ? undefined : [start, past];
}
