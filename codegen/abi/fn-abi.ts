/**
 * How a function's arguments and result travel. Names follow rustc_target/src/callconv.
 */

import type { TyAndLayout } from "../layout/types.ts";
import type { BackendType } from "../ssa/traits/types.ts";

export type PassMode =
  /** Zero-sized: not passed. */
  | { readonly kind: "ignore" }
  | { readonly kind: "direct"; readonly ty: BackendType }
  | { readonly kind: "pair"; readonly a: BackendType; readonly b: BackendType }
  /** By pointer to memory that the callee owns. */
  | { readonly kind: "indirect" };

export interface ArgAbi {
  readonly layout: TyAndLayout;
  readonly mode: PassMode;
}

export interface FnAbi {
  readonly args: readonly ArgAbi[];
  readonly ret: ArgAbi;
}
