/**
 * How a function's arguments and result travel. Names follow rustc_target/src/callconv.
 *
 * One rule serves the Rust ABI and, so far, `extern "C"`, which only the runtime uses, with scalars: scalars and scalar pairs travel
 * as values, everything else through memory. An i128 is one value; a backend puts it in two registers.
 */

import { type LayoutCx, layoutOf } from "../layout/layout.ts";
import type { TyAndLayout } from "../layout/types.ts";
import type { FnSig } from "../mir/place-ty.ts";
import type { BackendSignature, BackendType } from "../ssa/traits/types.ts";
import { BackendType as Type } from "../ssa/traits/types.ts";
import { scalarType } from "./type-of.ts";

export type PassMode =
  /** Zero-sized: not passed. */
  | { readonly kind: "ignore" }
  | { readonly kind: "direct"; readonly ty: BackendType }
  | { readonly kind: "pair"; readonly a: BackendType; readonly b: BackendType }
  /** By pointer to memory that the callee owns. */
  | { readonly kind: "indirect" };

/** What is known of the memory that a reference points to (rustc's `PointeeInfo`). */
export interface PointeeInfo {
  readonly size: number;
  readonly align: number;
}

export interface ArgAbi {
  readonly layout: TyAndLayout;
  readonly mode: PassMode;
  /** Of a value that is one reference, where it is known; a backend may then take the memory for readable. */
  readonly pointee?: PointeeInfo;
}

export interface FnAbi {
  readonly args: readonly ArgAbi[];
  readonly ret: ArgAbi;
}

const IGNORE: PassMode = { kind: "ignore" };
const INDIRECT: PassMode = { kind: "indirect" };

/** How a value of this layout is passed or returned. */
export function passModeOf(layout: TyAndLayout): PassMode {
  if (layout.layout.size === 0) return IGNORE;
  const repr = layout.layout.backendRepr;
  switch (repr.kind) {
    case "scalar":
      return { kind: "direct", ty: scalarType(repr.scalar) };
    case "scalarPair":
      return { kind: "pair", a: scalarType(repr.a), b: scalarType(repr.b) };
    case "simdVector":
    case "memory":
      return INDIRECT;
  }
}

/** The ABI of a function with this signature, which must have no type parameters. */
export function fnAbiOf(cx: LayoutCx, sig: FnSig): FnAbi {
  const arg = (ty: FnSig["ret"]): ArgAbi => {
    const layout = layoutOf(cx, ty);
    if (ty.kind !== "ref") return { layout, mode: passModeOf(layout) };
    const { size, align } = layoutOf(cx, ty.pointee).layout;
    return { layout, mode: passModeOf(layout), pointee: { size, align } };
  };
  return { args: sig.params.map(arg), ret: arg(sig.ret) };
}

/** The flat signature that a backend sees of `abi`. */
export function backendSignature(abi: FnAbi): BackendSignature {
  const params: BackendType[] = [];
  const returns: BackendType[] = [];
  const { mode } = abi.ret;
  if (mode.kind === "indirect") params.push(Type.Ptr);
  else if (mode.kind === "direct") returns.push(mode.ty);
  else if (mode.kind === "pair") returns.push(mode.a, mode.b);
  for (const arg of abi.args) {
    if (arg.mode.kind === "direct") params.push(arg.mode.ty);
    else if (arg.mode.kind === "pair") params.push(arg.mode.a, arg.mode.b);
    else if (arg.mode.kind === "indirect") params.push(Type.Ptr);
  }
  return { params, returns, sret: mode.kind === "indirect", noReturn: abi.ret.layout.layout.uninhabited };
}
