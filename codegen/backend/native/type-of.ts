/** Backend types to the types of the native IR: `I1` is an `i8` of 0 or 1, a pointer is an `i64`. */

import type { BackendSignature, BackendType } from "../../ssa/traits/types.ts";
import type { Signature } from "./ir/function.ts";
import { Type } from "./ir/opcodes.ts";

/** By `BackendType`. */
const IR_TYPES: readonly Type[] = [
  Type.I8,
  Type.I8,
  Type.I16,
  Type.I32,
  Type.I64,
  Type.I128,
  Type.F32,
  Type.F64,
  Type.I64,
];

export function irType(ty: BackendType): Type {
  return IR_TYPES[ty]!;
}

const signatures = new WeakMap<BackendSignature, Signature>();

export function irSignature(signature: BackendSignature): Signature {
  let ir = signatures.get(signature);
  if (ir === undefined) {
    ir = {
      params: signature.params.map(irType),
      returns: signature.returns.map(irType),
      noReturn: signature.noReturn,
    };
    signatures.set(signature, ir);
  }
  return ir;
}
