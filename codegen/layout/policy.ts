/**
 * The choices of layout that differ between releases of rustc, or that a planted fault may replace, resolved once when a `LayoutCx` is made.
 *
 * Rust promises little about layouts, so a release may lay out a type otherwise than the one before. Bytes that one release wrote (a
 * constant's memory in a dump) can be read with its own policy only. A policy must be deterministic: a type has one layout.
 *
 * Source: rustc_abi/src/lib.rs (`Niche::reserve`), as changed for 1.97 by https://github.com/rust-lang/rust/pull/155473;
 * rustc_abi/src/layout.rs (`layout_of_enum`), as changed for 1.90 by https://github.com/rust-lang/rust/pull/144577 and
 * for 1.99 by https://github.com/rust-lang/rust/pull/159509; `layout_of_struct_or_enum` as changed for 1.96.
 */

import type { ReprOptions } from "../mir/ty.ts";
import { Diagnostic } from "../session/diagnostic.ts";
import { type ReservedNiche, reserveNiche, reserveNicheNearZero } from "./scalar.ts";
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
  /**
   * Whether the range of valid tags goes around where that is shorter, so that the largest gap between discriminants is a niche; and whether
   * that is seen in the type that discriminants have, or in the tag, which may be smaller.
   */
  readonly wrapsTags: "never" | "byDiscriminant" | "byTag";
  /** Whether an enum of this `repr`, none of whose variants can exist or takes room, has the tag that its `repr` fixes all the same. */
  readonly keepsEmptyTag: (repr: ReprOptions) => boolean;
}

/** The policy of rustc 1.96. */
export const DEFAULT_LAYOUT_POLICY: LayoutPolicy = {
  reserveNiche,
  fitsBeforeNiche: (size, nicheOffset) => size <= nicheOffset,
  // The smaller one; else the one that leaves the larger niche; else the tagged one, whose code is simpler.
  preferNiche: (tagged, nicheFilled, taggedNiche, filledNiche) =>
    nicheFilled.size < tagged.size || (nicheFilled.size === tagged.size && filledNiche > taggedNiche),
  tagValue: (discriminant, bits) => BigInt.asUintN(bits, discriminant),
  wrapsTags: "byDiscriminant",
  keepsEmptyTag: (repr) => repr.c || repr.int !== undefined,
};

const POLICY_OF_1_90: LayoutPolicy = { ...DEFAULT_LAYOUT_POLICY, keepsEmptyTag: (repr) => repr.c };

const POLICY_OF_1_98: LayoutPolicy = {
  ...DEFAULT_LAYOUT_POLICY,
  reserveNiche: (dl, niche, count) => reserveNicheNearZero(dl, niche, count, 16),
};

/** rustc's policies, by the first release `1.since` that has each, in ascending order; the oldest is that of 1.85 to 1.89. */
export const LAYOUT_POLICIES: readonly { readonly since: number; readonly policy: LayoutPolicy }[] = [
  { since: 0, policy: { ...POLICY_OF_1_90, wrapsTags: "never" } },
  // `#[repr(u8)] enum E { A = 0, B = 255 }` has a niche.
  { since: 90, policy: POLICY_OF_1_90 },
  // `#[repr(u8)] enum E { V(!) }` has one byte, not none.
  { since: 96, policy: DEFAULT_LAYOUT_POLICY },
  // `None::<char>` is -1, not 0x110000.
  {
    since: 97,
    policy: { ...DEFAULT_LAYOUT_POLICY, reserveNiche: (dl, niche, n) => reserveNicheNearZero(dl, niche, n, 1) },
  },
  // The outer `None` of `Option<Option<u16>>` is 2 again, not -1: its tag has the values of a `bool`.
  { since: 98, policy: POLICY_OF_1_98 },
  // `enum E { A = 0, B = 255 }` has a niche, as with `repr(u8)`.
  { since: 99, policy: { ...POLICY_OF_1_98, wrapsTags: "byTag" } },
];

/**
 * The policy of a release of rustc, named as rustc names it: `1.96.0`, `1.97.0-nightly`, or all that `rustc --version` prints. Without one, that of
 * 1.96. Of a nightly, what its release does: the first nightlies of a release may lay out as the one before.
 *
 * @throws Diagnostic for what is no release of rustc 1.
 */
export function layoutPolicyOf(release: string | undefined): LayoutPolicy {
  if (release === undefined) return DEFAULT_LAYOUT_POLICY;
  const minor = /^(?:rustc )?1\.(\d+)(?:\.\d+)?(?![\w.])/.exec(release)?.[1];
  if (minor === undefined) throw new Diagnostic(`\`${release}\` is no release of rustc`);
  let { policy } = LAYOUT_POLICIES[0]!;
  for (const row of LAYOUT_POLICIES) if (row.since <= Number(minor)) policy = row.policy;
  return policy;
}
