/**
 * Layouts that need no field placed: scalars, pointers, arrays and slices, the unit.
 *
 * Algorithm: rustc_abi/src/layout/simple.rs, rustc_abi/src/layout.rs (`array_like`).
 */

import { available, fullScalar, nicheFromScalar, primitiveAlign, primitiveSize, scalarPair } from "./scalar.ts";
import type { Layout, Scalar, TargetDataLayout } from "./types.ts";
import type { MetadataKind } from "./unsized.ts";

/** The layout of a primitive type. */
export function scalarLayout(dl: TargetDataLayout, scalar: Scalar): Layout {
  const align = primitiveAlign(dl, scalar.primitive);
  return {
    size: primitiveSize(dl, scalar.primitive),
    align,
    maxReprAlign: undefined,
    unadjustedAlign: align,
    backendRepr: { kind: "scalar", scalar },
    fields: { kind: "primitive" },
    variants: { kind: "single", index: 0 },
    largestNiche: nicheFromScalar(dl, 0, scalar),
    uninhabited: false,
  };
}

/** The layout of two scalars that are no fields of a definition: a wide pointer's address and metadata. */
export function scalarPairLayout(dl: TargetDataLayout, a: Scalar, b: Scalar): Layout {
  const { size, align, bOffset, repr } = scalarPair(dl, a, b);
  const first = nicheFromScalar(dl, 0, a);
  const second = nicheFromScalar(dl, bOffset, b);
  // Of equal niches the one at the lower offset.
  const firstWins =
    second === undefined || (first !== undefined && available(dl, first.scalar) >= available(dl, second.scalar));
  return {
    size,
    align,
    maxReprAlign: undefined,
    unadjustedAlign: align,
    backendRepr: repr,
    fields: { kind: "arbitrary", offsets: [0, bOffset], memoryOrder: [0, 1] },
    variants: { kind: "single", index: 0 },
    largestNiche: firstWins ? first : second,
    uninhabited: false,
  };
}

/** The address of something: what references and function pointers hold. */
export function nonNull(dl: TargetDataLayout): Scalar {
  return { ...fullScalar(dl, { kind: "pointer" }), start: 1n };
}

/** The layout of a pointer: its address, and the metadata of what it points to. */
export function pointerLayout(dl: TargetDataLayout, address: Scalar, metadata: MetadataKind): Layout {
  if (metadata === "none") return scalarLayout(dl, address);
  const bits = dl.pointerSize === 8 ? 64 : 32;
  const second = metadata === "vtable" ? nonNull(dl) : fullScalar(dl, { kind: "int", bits, signed: false });
  return scalarPairLayout(dl, address, second);
}

/** The layout of what has no bytes. */
export const UNIT_LAYOUT: Layout = {
  size: 0,
  align: 1,
  maxReprAlign: undefined,
  unadjustedAlign: 1,
  backendRepr: { kind: "memory" },
  fields: { kind: "arbitrary", offsets: [], memoryOrder: [] },
  variants: { kind: "single", index: 0 },
  largestNiche: undefined,
  uninhabited: false,
};

/** What has no value: `!`, and enums of which no variant can exist. */
export const NEVER_LAYOUT: Layout = {
  size: 0,
  align: 1,
  maxReprAlign: undefined,
  unadjustedAlign: 1,
  backendRepr: { kind: "memory" },
  fields: { kind: "primitive" },
  variants: { kind: "empty" },
  largestNiche: undefined,
  uninhabited: true,
};

/** The layout of what is only ever behind a pointer, with nothing known of its bytes. */
export const OPAQUE_LAYOUT: Layout = { ...UNIT_LAYOUT, backendRepr: { kind: "memory", unsized: true } };

/** The layout of `count` elements. */
export function arrayLayout(element: Layout, count: number): Layout {
  return {
    size: element.size * count,
    align: element.align,
    maxReprAlign: undefined,
    unadjustedAlign: element.align,
    backendRepr: { kind: "memory" },
    fields: { kind: "array", stride: element.size, count },
    variants: { kind: "single", index: 0 },
    largestNiche: count === 0 ? undefined : element.largestNiche,
    uninhabited: element.uninhabited && count !== 0,
  };
}

/** The layout of a slice, whose length is in the pointers to it. */
export function sliceLayout(element: Layout): Layout {
  return { ...arrayLayout(element, 0), backendRepr: { kind: "memory", unsized: true } };
}
