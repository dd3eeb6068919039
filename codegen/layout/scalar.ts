/**
 * Scalars and niches: sizes and alignments of primitives, and which bit patterns an enum may take for its tag.
 *
 * Algorithm: rustc_abi/src/lib.rs (`Scalar`, `Niche::available`, `Niche::reserve`) and rustc_abi/src/layout/simple.rs.
 */

import type { BackendRepr, Layout, Niche, Primitive, Scalar, TargetDataLayout } from "./types.ts";

/** Size in bytes. */
export function primitiveSize(dl: TargetDataLayout, p: Primitive): number {
  return p.kind === "pointer" ? dl.pointerSize : p.bits >> 3;
}

/** ABI alignment in bytes. */
export function primitiveAlign(dl: TargetDataLayout, p: Primitive): number {
  if (p.kind === "pointer") return dl.pointerSize;
  if (p.kind === "float") return p.bits === 64 ? dl.f64Align : p.bits >> 3;
  return p.bits <= 32 ? p.bits >> 3 : p.bits === 64 ? dl.i64Align : dl.i128Align;
}

/** The greatest unsigned value of `size` bytes. */
export function unsignedMax(size: number): bigint {
  return MAX_BY_SIZE.get(size) ?? (1n << BigInt(size * 8)) - 1n;
}

const MAX_BY_SIZE: ReadonlyMap<number, bigint> = new Map([1, 2, 4, 8, 16].map((n) => [n, (1n << BigInt(n * 8)) - 1n]));

/** A scalar of which every bit pattern is valid. */
export function fullScalar(dl: TargetDataLayout, primitive: Primitive): Scalar {
  return { primitive, start: 0n, end: unsignedMax(primitiveSize(dl, primitive)) };
}

/** `scalar` where some value of the type leaves it uninitialised: then nothing is known of its bits. */
export function toUnion(dl: TargetDataLayout, scalar: Scalar): Scalar {
  return { ...fullScalar(dl, scalar.primitive), maybeUninit: true };
}

/** How many patterns of `scalar` no valid value uses. */
export function available(dl: TargetDataLayout, scalar: Scalar): bigint {
  const max = unsignedMax(primitiveSize(dl, scalar.primitive));
  return (scalar.start - scalar.end - 1n) & max;
}

/** The niche that `scalar` at `offset` offers; none when all its patterns are valid. */
export function nicheFromScalar(dl: TargetDataLayout, offset: number, scalar: Scalar): Niche | undefined {
  return scalar.maybeUninit !== true && available(dl, scalar) > 0n ? { offset, scalar } : undefined;
}

/** Where a run of reserved patterns starts, and the scalar whose valid range now includes them. */
export interface ReservedNiche {
  readonly start: bigint;
  readonly scalar: Scalar;
}

/**
 * Takes `count` patterns out of `niche`, next to the valid range, on the side that gives pattern 0 to an enum of two variants
 * where possible. Undefined when there are too few.
 */
export function reserveNiche(dl: TargetDataLayout, niche: Niche, count: bigint): ReservedNiche | undefined {
  const { scalar } = niche;
  const max = unsignedMax(primitiveSize(dl, scalar.primitive));
  if (count > available(dl, scalar)) return undefined;
  const { start, end } = scalar;
  const atStart = (): ReservedNiche => {
    const moved = (start - count) & max;
    return { start: moved, scalar: { ...scalar, start: moved } };
  };
  const atEnd = (): ReservedNiche => ({ start: (end + 1n) & max, scalar: { ...scalar, end: (end + count) & max } });
  // A range that wraps around holds zero already.
  if (start > end) return atEnd();
  if (start <= max - end) return count <= start ? atStart() : atEnd();
  const movedEnd = (end + count) & max;
  return movedEnd >= 1n && movedEnd <= end ? atStart() : atEnd();
}

/**
 * As `reserveNiche`, but a single pattern is the one nearest to zero on either side, as an integer with a sign sees it: 0, else -1, else 1,
 * and so on; of two as near, the one below the valid range. Only a scalar of up to `boolBytes` bytes with the values 0 and 1, as `bool` has
 * them, keeps taking 2.
 */
export function reserveNicheNearZero(
  dl: TargetDataLayout,
  niche: Niche,
  count: bigint,
  boolBytes: number,
): ReservedNiche | undefined {
  const { scalar } = niche;
  const { start, end } = scalar;
  const size = primitiveSize(dl, scalar.primitive);
  const max = unsignedMax(size);
  const looksLikeBool = size <= boolBytes && start === 0n && end === 1n;
  if (count !== 1n || looksLikeBool || available(dl, scalar) === 0n) return reserveNiche(dl, niche, count);
  const below = (start - 1n) & max;
  const above = (end + 1n) & max;
  const distance = (pattern: bigint): bigint => (pattern > max >> 1n ? max - pattern + 1n : pattern);
  return distance(below) <= distance(above)
    ? { start: below, scalar: { ...scalar, start: below } }
    : { start: above, scalar: { ...scalar, end: above } };
}

/** Two scalars one after the other, as rustc's `LayoutData::scalar_pair` places them. */
export interface ScalarPair {
  readonly size: number;
  readonly align: number;
  readonly bOffset: number;
  readonly repr: BackendRepr;
}

export function scalarPair(dl: TargetDataLayout, a: Scalar, b: Scalar): ScalarPair {
  const bAlign = primitiveAlign(dl, b.primitive);
  const align = Math.max(primitiveAlign(dl, a.primitive), bAlign);
  const bOffset = alignTo(primitiveSize(dl, a.primitive), bAlign);
  const size = alignTo(bOffset + primitiveSize(dl, b.primitive), align);
  return { size, align, bOffset, repr: { kind: "scalarPair", a, b, bOffset } };
}

/** A value of unknown size: a part of it cannot be moved, and it ends every struct it is in. */
export function isUnsizedLayout(layout: Layout): boolean {
  return layout.backendRepr.kind === "memory" && layout.backendRepr.unsized === true;
}

/** The greater of two `maxReprAlign`. */
export function maxReprAlign(a: number | undefined, b: number | undefined): number | undefined {
  if (a === undefined || b === undefined) return a ?? b;
  return Math.max(a, b);
}

/** `offset` rounded up to a multiple of `align`, a power of two. Exact up to 2^53. */
export function alignTo(offset: number, align: number): number {
  const rest = offset % align;
  return rest === 0 ? offset : offset + align - rest;
}
