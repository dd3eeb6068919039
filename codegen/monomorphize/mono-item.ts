/**
 * Mono items: what code is generated for. Names follow rustc_middle/src/mir/mono.rs.
 */

import type { FnItem } from "../mir/syntax.ts";
import type { Ty } from "../mir/ty.ts";

/** A function with its type arguments. */
export interface Instance {
  readonly item: FnItem;
  readonly args: readonly Ty[];
  /** The linker symbol; also the identity of the instance. */
  readonly symbol: string;
}

export interface MonoItem {
  readonly instance: Instance;
  /** Estimated size, in MIR statements and terminators. */
  readonly sizeEstimate: number;
  /** Instances that its body mentions, each once, in order of first mention. */
  readonly uses: readonly Instance[];
}
