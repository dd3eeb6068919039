/**
 * What a layout is: size, alignment, field offsets, niches, and how a backend represents the value.
 *
 * The terms are those of rustc_abi: a *scalar* is a primitive with the range of its valid bit patterns; a *niche* is a run of
 * patterns that no valid value uses, in which an enum can hide its tag; *backend repr* says whether a value travels as one scalar,
 * as two, or through memory. Sizes, alignments and offsets are in bytes.
 */

import type { Ty } from "../mir/ty.ts";

export type Primitive =
  | { readonly kind: "int"; readonly bits: 8 | 16 | 32 | 64 | 128; readonly signed: boolean }
  | { readonly kind: "float"; readonly bits: 16 | 32 | 64 | 128 }
  | { readonly kind: "pointer" };

/** Valid patterns run from `start` up to and including `end`, wrapping around; both are unsigned bits of the primitive's width. */
export interface Scalar {
  readonly primitive: Primitive;
  readonly start: bigint;
  readonly end: bigint;
  /** Some valid values of the type leave this scalar uninitialised (rustc's `Scalar::Union`); it then has no invalid pattern. */
  readonly maybeUninit?: true;
}

export interface Niche {
  readonly offset: number;
  readonly scalar: Scalar;
}

export type BackendRepr =
  | { readonly kind: "scalar"; readonly scalar: Scalar }
  | { readonly kind: "scalarPair"; readonly a: Scalar; readonly b: Scalar; readonly bOffset: number }
  | { readonly kind: "simdVector"; readonly element: Scalar; readonly count: number }
  /** `unsized`: the value ends in something whose size is known at run time only, so that it is never moved. */
  | { readonly kind: "memory"; readonly unsized?: true };

export type FieldsShape =
  | { readonly kind: "primitive" }
  /** `count` is 0 for slices and `str`. */
  | { readonly kind: "array"; readonly stride: number; readonly count: number }
  /** All `count` fields at offset 0. */
  | { readonly kind: "union"; readonly count: number }
  /** `offsets` is by source order; `memoryOrder` lists source indices by ascending offset. */
  | { readonly kind: "arbitrary"; readonly offsets: readonly number[]; readonly memoryOrder: readonly number[] };

export type TagEncoding =
  /** The tag holds the discriminant's value, truncated to the tag. */
  | { readonly kind: "direct" }
  /**
   * `variant = tag - nicheStart + nicheVariants.start` (wrapping, in the tag's width) when that lies in `nicheVariants`, else
   * `untaggedVariant`.
   */
  | {
      readonly kind: "niche";
      readonly untaggedVariant: number;
      readonly nicheVariants: { readonly start: number; readonly end: number };
      readonly nicheStart: bigint;
    };

export type Variants =
  | { readonly kind: "single"; readonly index: number }
  /** An enum without inhabited variants. */
  | { readonly kind: "empty" }
  | {
      readonly kind: "multiple";
      readonly tag: Scalar;
      readonly tagOffset: number;
      readonly encoding: TagEncoding;
      readonly variants: readonly Layout[];
    };

export interface Layout {
  /** Of an unsized type: up to where its tail starts, or would if its alignment were 1. */
  readonly size: number;
  readonly align: number;
  /** The greatest `repr(align)` of the type and of what it is made of. C ABIs of some targets ask for these two. */
  readonly maxReprAlign: number | undefined;
  /** The alignment without the type's own `repr(align)`; of a transparent type, that of its field. */
  readonly unadjustedAlign: number;
  readonly backendRepr: BackendRepr;
  readonly fields: FieldsShape;
  readonly variants: Variants;
  readonly largestNiche: Niche | undefined;
  readonly uninhabited: boolean;
}

export interface TyAndLayout {
  readonly ty: Ty;
  readonly layout: Layout;
}

/** What a target's data layout says. */
export interface TargetDataLayout {
  readonly pointerSize: 4 | 8;
  readonly endian: "little" | "big";
  /** ABI alignments in bytes, by bit width. */
  readonly i64Align: number;
  readonly i128Align: number;
  readonly f64Align: number;
}
