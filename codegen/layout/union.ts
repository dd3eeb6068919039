/**
 * Unions: every field at offset 0. A union whose fields all travel alike travels as they do, though it may be uninitialised.
 *
 * Algorithm: rustc_abi/src/layout.rs (`layout_of_union`).
 */

import type { ReprOptions } from "../mir/ty.ts";
import { Diagnostic } from "../session/diagnostic.ts";
import { alignTo, isUnsizedLayout, maxReprAlign, primitiveAlign, toUnion } from "./scalar.ts";
import type { BackendRepr, Layout, Primitive, TargetDataLayout } from "./types.ts";

/**
 * The layout of a union of `fields`.
 *
 * @throws Diagnostic for a union without fields or with an unsized one.
 */
export function layoutOfUnion(dl: TargetDataLayout, repr: ReprOptions, fields: readonly Layout[]): Layout {
  if (fields.length === 0) throw new Diagnostic("unions cannot have zero fields");
  if (fields.some(isUnsizedLayout)) throw new Diagnostic("an unsized field in a union");
  const largest = fields.reduce((most, f) => Math.max(most, f.align), 1);
  const unadjustedAlign = Math.min(largest, repr.packed ?? largest);
  const align = Math.max(unadjustedAlign, repr.align ?? 1);
  const size = fields.reduce((most, f) => Math.max(most, f.size), 0);
  return {
    size: alignTo(size, align),
    align,
    maxReprAlign: fields.reduce((most, f) => maxReprAlign(most, f.maxReprAlign), repr.align),
    unadjustedAlign,
    backendRepr: repr.c ? { kind: "memory" } : commonRepr(dl, fields, align),
    fields: { kind: "union", count: fields.length },
    variants: { kind: "single", index: 0 },
    largestNiche: undefined,
    uninhabited: false,
  };
}

/** How all fields that take room travel, with no pattern invalid; memory when they differ or `align` is not theirs. */
function commonRepr(dl: TargetDataLayout, fields: readonly Layout[], align: number): BackendRepr {
  const memory: BackendRepr = { kind: "memory" };
  const sized = fields.filter((f) => f.size !== 0);
  const first = sized[0]?.backendRepr;
  if (first === undefined || first.kind === "memory") return memory;
  if (!sized.every((f) => sameRepr(f.backendRepr, first))) return memory;
  switch (first.kind) {
    case "scalar":
      return primitiveAlign(dl, first.scalar.primitive) === align
        ? { kind: "scalar", scalar: toUnion(dl, first.scalar) }
        : memory;
    case "scalarPair": {
      const own = Math.max(primitiveAlign(dl, first.a.primitive), primitiveAlign(dl, first.b.primitive));
      return own === align ? { ...first, a: toUnion(dl, first.a), b: toUnion(dl, first.b) } : memory;
    }
    case "simdVector":
      return primitiveAlign(dl, first.element.primitive) <= align
        ? { ...first, element: toUnion(dl, first.element) }
        : memory;
  }
}

/** Whether two values travel alike, whatever patterns are valid. */
function sameRepr(a: BackendRepr, b: BackendRepr): boolean {
  if (a.kind === "scalar") return b.kind === "scalar" && samePrimitive(a.scalar.primitive, b.scalar.primitive);
  if (a.kind === "scalarPair") {
    return (
      b.kind === "scalarPair" &&
      samePrimitive(a.a.primitive, b.a.primitive) &&
      samePrimitive(a.b.primitive, b.b.primitive)
    );
  }
  if (a.kind === "simdVector") {
    return b.kind === "simdVector" && a.count === b.count && samePrimitive(a.element.primitive, b.element.primitive);
  }
  return b.kind === "memory";
}

function samePrimitive(a: Primitive, b: Primitive): boolean {
  if (a.kind === "int") return b.kind === "int" && a.bits === b.bits && a.signed === b.signed;
  if (a.kind === "float") return b.kind === "float" && a.bits === b.bits;
  return b.kind === "pointer";
}
