/** Partitioning: placing mono items in codegen units. */

import type { MonoItem } from "./mono-item.ts";

/** A unit of code that is compiled on its own, perhaps in parallel with others. */
export interface CodegenUnit {
  readonly name: string;
  readonly items: readonly MonoItem[];
  readonly sizeEstimate: number;
}
