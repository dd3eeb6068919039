/**
 * Backend types of scalars. As rustc_codegen_llvm/src/type_of.rs (`scalar_llvm_type_at`, `immediate_backend_type`).
 *
 * A scalar that is `bool` (an unsigned byte that is 0 or 1: also some enums' tags) is an `I1` as an immediate and an `I8` in memory.
 */

import { bug } from "../entity/entity.ts";
import type { Primitive, Scalar } from "../layout/types.ts";
import { BackendType } from "../ssa/traits/types.ts";

/** Whether the scalar's immediate form is `I1`. */
export function isBool(scalar: Scalar): boolean {
  const p = scalar.primitive;
  return (
    p.kind === "int" &&
    p.bits === 8 &&
    !p.signed &&
    scalar.start === 0n &&
    scalar.end === 1n &&
    scalar.maybeUninit === undefined
  );
}

/** The type of the scalar as an immediate. */
export function scalarType(scalar: Scalar): BackendType {
  return isBool(scalar) ? BackendType.I1 : primitiveType(scalar.primitive);
}

/** The type of the primitive in memory. */
export function primitiveType(p: Primitive): BackendType {
  if (p.kind === "pointer") return BackendType.Ptr;
  if (p.kind === "float") return p.bits === 32 ? BackendType.F32 : BackendType.F64;
  return intType(p.bits);
}

/** The integer type of `bits` bits. */
export function intType(bits: number): BackendType {
  switch (bits) {
    case 8:
      return BackendType.I8;
    case 16:
      return BackendType.I16;
    case 32:
      return BackendType.I32;
    case 64:
      return BackendType.I64;
    case 128:
      return BackendType.I128;
    default:
      throw bug(`no integer type of ${bits} bits`);
  }
}

const FULL_END: ReadonlyMap<number, bigint> = new Map(
  [8, 16, 32, 64, 128].map((bits) => [bits, (1n << BigInt(bits)) - 1n]),
);

/** The bits of `p`; `pointerBits` for a pointer. */
export function primitiveBits(p: Primitive, pointerBits: number): number {
  return p.kind === "pointer" ? pointerBits : p.bits;
}

/** Whether some bit patterns of the scalar are invalid, so that a load can say so. */
export function hasValidRange(scalar: Scalar, pointerBits: number): boolean {
  if (scalar.maybeUninit === true) return false;
  const max = FULL_END.get(primitiveBits(scalar.primitive, pointerBits)) ?? 0n;
  return ((scalar.end - scalar.start + 1n) & max) !== 0n;
}
