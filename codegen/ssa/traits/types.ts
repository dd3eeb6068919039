/**
 * The words that the backend-agnostic layer and the backends share: values, blocks, backend types, signatures.
 *
 * As rustc_codegen_ssa/src/traits, but a `Value` and a `Block` are numbers that only the backend can read: the layer never
 * looks inside, and no generics are needed.
 */

import type { FnAbi } from "../../abi/fn-abi.ts";
import type { Entity } from "../../entity/entity.ts";
import type { Instance } from "../../monomorphize/mono-item.ts";

export type Value = Entity<"ssa.Value">;
export type Block = Entity<"ssa.Block">;

/**
 * The type of an immediate value. `I1` is the immediate form of `bool`; in memory a `bool` is an `I8` (see `fromImmediate` and `toImmediate`).
 * A backend without one-bit values may represent both alike.
 */
export const BackendType: {
  readonly I1: 0;
  readonly I8: 1;
  readonly I16: 2;
  readonly I32: 3;
  readonly I64: 4;
  readonly I128: 5;
  readonly F32: 6;
  readonly F64: 7;
  readonly Ptr: 8;
} = { I1: 0, I8: 1, I16: 2, I32: 3, I64: 4, I128: 5, F32: 6, F64: 7, Ptr: 8 };
export type BackendType = (typeof BackendType)[keyof typeof BackendType];

/** The signature as the backend sees it: aggregates are already pointers, pairs already two values. */
export interface BackendSignature {
  readonly params: readonly BackendType[];
  /** None, one, or two (a scalar pair). */
  readonly returns: readonly BackendType[];
  /** The first parameter points to the place for the result. */
  readonly sret: boolean;
  readonly noReturn: boolean;
}

export type IntPredicate = "eq" | "ne" | "ugt" | "uge" | "ult" | "ule" | "sgt" | "sge" | "slt" | "sle";
/** `o…`: ordered, false when either is NaN; `une` is the negation of `oeq`. */
export type RealPredicate = "oeq" | "une" | "ogt" | "oge" | "olt" | "ole" | "uno" | "ord";

export type OverflowOp = "sadd" | "uadd" | "ssub" | "usub" | "smul" | "umul";

/** What a function is to the module that holds it. */
export type Linkage = "external" | "internal" | "availableExternally";

export interface FunctionDecl {
  readonly symbol: string;
  readonly signature: BackendSignature;
  readonly linkage: Linkage;
  readonly inline: "none" | "hint" | "always" | "never";
  /** Absent for functions defined elsewhere (the runtime's). */
  readonly instance: Instance | undefined;
  readonly abi: FnAbi | undefined;
}
