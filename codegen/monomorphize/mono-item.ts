/**
 * Mono items: what code is generated for. Names follow rustc_middle/src/mir/mono.rs.
 */

import type { StaticItem } from "../mir/items.ts";
import type { ResolvedConst } from "../traits/normalize.ts";
import type { Instance } from "./instance.ts";

export type { Instance } from "./instance.ts";

/** A function. */
export interface MonoItem {
  readonly instance: Instance;
  /** Estimated size, in MIR statements and terminators. */
  readonly sizeEstimate: number;
  /** Instances that its body mentions, each once, in order of first mention. */
  readonly uses: readonly Instance[];
  /** Statics that it refers to; absent when there are none. */
  readonly statics?: readonly StaticItem[];
  /** What it mentions and does not use; absent when there is none. */
  readonly mentions?: readonly Instance[];
  /** The constants that must evaluate for it; absent when there are none. */
  readonly consts?: readonly ResolvedConst[];
}

/** A static with an initialiser. */
export interface StaticMonoItem {
  readonly item: StaticItem;
  readonly symbol: string;
  readonly sizeEstimate: number;
  /** What pointers in its initial value may point to. */
  readonly uses: readonly Instance[];
  readonly statics?: readonly StaticItem[];
}
