/**
 * The choices of layout that a planted fault may replace, resolved once when a `LayoutCx` is made.
 *
 * The defaults are rustc's. A policy must be deterministic: a type has one layout.
 */

import { type ReservedNiche, reserveNiche } from "./scalar.ts";
import type { Layout, Niche, TargetDataLayout } from "./types.ts";

export interface LayoutPolicy {
  /** Which patterns of `niche` become tags; undefined when there are not `count` of them. */
  readonly reserveNiche: (dl: TargetDataLayout, niche: Niche, count: bigint) => ReservedNiche | undefined;
  /** Whether a variant of `size` bytes leaves the niche at `nicheOffset` alone when it is placed at offset 0. */
  readonly fitsBeforeNiche: (size: number, nicheOffset: number) => boolean;
  /** Whether the niche-filled layout is taken where a tagged one is possible too. */
  readonly preferNiche: (tagged: Layout, nicheFilled: Layout, taggedNiche: bigint, filledNiche: bigint) => boolean;
  /** The bits of a discriminant that a tag of `bits` stores. */
  readonly tagValue: (discriminant: bigint, bits: number) => bigint;
}

export const DEFAULT_LAYOUT_POLICY: LayoutPolicy = {
  reserveNiche,
  fitsBeforeNiche: (size, nicheOffset) => size <= nicheOffset,
  // The smaller one; else the one that leaves the larger niche; else the tagged one, whose code is simpler.
  preferNiche: (tagged, nicheFilled, taggedNiche, filledNiche) =>
    nicheFilled.size < tagged.size || (nicheFilled.size === tagged.size && filledNiche > taggedNiche),
  tagValue: (discriminant, bits) => BigInt.asUintN(bits, discriminant),
};
