/**
 * Niche-filled enums: one variant (the *untagged* one) keeps its own layout, and the others are told apart by patterns that no
 * valid value of one of its fields has. The others' fields lie before or after that field.
 *
 * Algorithm: rustc_abi/src/layout.rs (`layout_of_enum`, `calculate_niche_filling_layout`).
 */

import type { ReprOptions } from "../mir/ty.ts";
import type { LayoutPolicy } from "./policy.ts";
import { alignTo, maxReprAlign, nicheFromScalar, primitiveSize, toUnion } from "./scalar.ts";
import { ALWAYS_SIZED, univariant } from "./struct.ts";
import type { BackendRepr, Layout, Scalar, TargetDataLayout } from "./types.ts";

/** A variant that takes no part in the layout: no value of it exists, and it needs no room. */
export function isAbsent(fields: readonly Layout[]): boolean {
  return fields.some((f) => f.uninhabited) && fields.every((f) => f.size === 0 && f.align === 1);
}

/** The niche-filled layout of an enum with these variants; undefined when there is none. */
export function nicheFilling(
  dl: TargetDataLayout,
  policy: LayoutPolicy,
  repr: ReprOptions,
  variants: readonly (readonly Layout[])[],
): Layout | undefined {
  if (repr.c || repr.int !== undefined || variants.length < 2) return undefined;
  const layouts = variants.map(
    (fields, index): Layout => ({ ...univariant(dl, fields, repr, ALWAYS_SIZED), variants: { kind: "single", index } }),
  );
  const align = layouts.reduce((most, l) => Math.max(most, l.align), 1);
  let untagged = 0;
  for (let i = 1; i < layouts.length; i++) if (layouts[i]!.size >= layouts[untagged]!.size) untagged = i;
  const largest = layouts[untagged]!;

  const tagged = variants.flatMap((fields, i) => (i !== untagged && !isAbsent(fields) ? [i] : []));
  const start = tagged[0]!;
  const end = tagged[tagged.length - 1]!;
  const niche = largest.largestNiche;
  if (niche === undefined) return undefined;
  const reserved = policy.reserveNiche(dl, niche, BigInt(end - start + 1));
  if (reserved === undefined) return undefined;

  const size = alignTo(largest.size, align);
  const nicheEnd = niche.offset + primitiveSize(dl, niche.scalar.primitive);
  for (let i = 0; i < layouts.length; i++) {
    if (i === untagged) continue;
    const placed = placeAround(policy, layouts[i]!, niche.offset, nicheEnd, size);
    if (placed === undefined) return undefined;
    layouts[i] = placed;
  }

  const othersEmpty = layouts.every((l, i) => i === untagged || l.size === 0);
  const same = size === largest.size && align === largest.align && othersEmpty;
  return {
    size,
    align,
    maxReprAlign: layouts.reduce((most, l) => maxReprAlign(most, l.maxReprAlign), repr.align),
    unadjustedAlign: layouts.reduce((most, l) => Math.max(most, l.unadjustedAlign), 1),
    backendRepr: same ? filledRepr(dl, largest.backendRepr, reserved.scalar, niche.offset) : { kind: "memory" },
    fields: { kind: "arbitrary", offsets: [niche.offset], memoryOrder: [0] },
    variants: {
      kind: "multiple",
      tag: reserved.scalar,
      tagOffset: niche.offset,
      encoding: { kind: "niche", untaggedVariant: untagged, nicheVariants: { start, end }, nicheStart: reserved.start },
      variants: layouts,
    },
    largestNiche: nicheFromScalar(dl, niche.offset, reserved.scalar),
    uninhabited: layouts.every((l) => l.uninhabited),
  };
}

/** `layout` moved so that it leaves the bytes of the niche alone; undefined when it fits on neither side. */
function placeAround(
  policy: LayoutPolicy,
  layout: Layout,
  nicheOffset: number,
  nicheEnd: number,
  size: number,
): Layout | undefined {
  if (policy.fitsBeforeNiche(layout.size, nicheOffset)) return { ...layout, largestNiche: undefined };
  const shift = alignTo(nicheEnd, layout.align);
  if (shift + layout.size > size || layout.fields.kind !== "arbitrary") return undefined;
  return {
    ...layout,
    size: layout.size + shift,
    largestNiche: undefined,
    // Not at offset 0, so it cannot travel as a scalar.
    backendRepr: layout.uninhabited ? layout.backendRepr : { kind: "memory" },
    fields: { ...layout.fields, offsets: layout.fields.offsets.map((o) => o + shift) },
  };
}

/** When the other variants are empty, the enum travels as its untagged variant does; only the niche is surely initialised. */
function filledRepr(dl: TargetDataLayout, repr: BackendRepr, niche: Scalar, nicheOffset: number): BackendRepr {
  if (repr.kind === "scalar") return { kind: "scalar", scalar: niche };
  if (repr.kind !== "scalarPair") return { kind: "memory" };
  return nicheOffset === 0
    ? { ...repr, a: niche, b: toUnion(dl, repr.b) }
    : { ...repr, a: toUnion(dl, repr.a), b: niche };
}
