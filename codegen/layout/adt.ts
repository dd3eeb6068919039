/**
 * Structs, enums and unions: which kind of layout a definition gets, and what its attributes change of it.
 *
 * Algorithm: rustc_abi/src/layout.rs (`layout_of_struct_or_enum`, `layout_of_struct`).
 */

import { type AdtDef, isIntegral } from "../mir/ty.ts";
import { Diagnostic } from "../session/diagnostic.ts";
import { layoutOfEnum } from "./enum.ts";
import { isAbsent } from "./niche.ts";
import type { LayoutPolicy } from "./policy.ts";
import { available, fullScalar, nicheFromScalar, primitiveSize, unsignedMax } from "./scalar.ts";
import { NEVER_LAYOUT } from "./simple.ts";
import { ALWAYS_SIZED, MAYBE_UNSIZED, univariant } from "./struct.ts";
import type { BackendRepr, Layout, Scalar, TargetDataLayout } from "./types.ts";
import { layoutOfUnion } from "./union.ts";

/**
 * The layout of an instance of `def` (no SIMD vector) whose variants have fields of these layouts. `maybeUnsized`: some instance of
 * the struct is unsized.
 *
 * @throws Diagnostic for a `repr` that makes no sense.
 */
export function layoutOfAdt(
  dl: TargetDataLayout,
  policy: LayoutPolicy,
  def: AdtDef,
  variants: readonly (readonly Layout[])[],
  maybeUnsized: boolean,
): Layout {
  checkRepr(def);
  if (def.adtKind === "union") return layoutOfUnion(dl, def.repr, variants[0] ?? []);
  const isEnum = def.adtKind === "enum";
  const fixedTag = def.repr.c || def.repr.int !== undefined;
  const present = variants.flatMap((fields, v) => (!fixedTag && isAbsent(fields) ? [] : [v]));
  const isEmpty = present.length === 0 || (!policy.keepsEmptyTag(def.repr) && variants.every(isAbsent));
  if (isEnum && isEmpty) return NEVER_LAYOUT;
  if (isEnum && (present.length > 1 || fixedTag)) {
    const discriminants = def.variants.map((v) => v.discriminant);
    return layoutOfEnum(dl, policy, def.repr, variants, discriminants);
  }
  // A struct, or an enum of which one variant only can exist, which is laid out as a struct.
  const index = present[0] ?? 0;
  // The compiler relies on the pointer of a `Box` being first.
  const repr = { ...def.repr, linear: def.lang === "owned_box" };
  const laidOut = univariant(dl, variants[index] ?? [], repr, maybeUnsized ? MAYBE_UNSIZED : ALWAYS_SIZED);
  const layout: Layout = { ...laidOut, variants: { kind: "single", index } };
  // What is behind a shared reference to a cell may change, so no outer enum's tag can be in it.
  if (def.lang === "unsafe_cell" || def.lang === "unsafe_pinned") return withoutNiches(dl, layout);
  return def.repr.validRange === undefined ? layout : withValidRange(dl, def, layout, def.repr.validRange);
}

function checkRepr(def: AdtDef): void {
  const { repr } = def;
  if (repr.packed !== undefined && def.adtKind === "enum")
    throw new Diagnostic(`\`repr(packed)\` on the enum \`${def.name}\``);
  if (repr.packed !== undefined && repr.align !== undefined) {
    throw new Diagnostic(`\`${def.name}\` is both \`repr(packed)\` and \`repr(align)\``);
  }
  if (repr.int !== undefined && !isIntegral(repr.int))
    throw new Diagnostic(`\`repr(${repr.int.text})\` on \`${def.name}\` is no integer type`);
}

function withoutNiches(dl: TargetDataLayout, layout: Layout): Layout {
  const hide = (s: Scalar): Scalar => (s.maybeUninit === true ? s : fullScalar(dl, s.primitive));
  const repr = layout.backendRepr;
  let backendRepr: BackendRepr = repr;
  if (repr.kind === "scalar") backendRepr = { ...repr, scalar: hide(repr.scalar) };
  else if (repr.kind === "scalarPair") backendRepr = { ...repr, a: hide(repr.a), b: hide(repr.b) };
  else if (repr.kind === "simdVector") backendRepr = { ...repr, element: hide(repr.element) };
  return { ...layout, backendRepr, largestNiche: undefined };
}

/** `layout` where the scalar at its start has values in `range` only. An end beyond the scalar's greatest value means that value. */
function withValidRange(
  dl: TargetDataLayout,
  def: AdtDef,
  layout: Layout,
  range: { readonly start: bigint; readonly end: bigint },
): Layout {
  const repr = layout.backendRepr;
  if (repr.kind !== "scalar" && repr.kind !== "scalarPair")
    throw new Diagnostic(`a valid range on \`${def.name}\`, which is no scalar`);
  const old = repr.kind === "scalar" ? repr.scalar : repr.a;
  const max = unsignedMax(primitiveSize(dl, old.primitive));
  if (range.start > max) throw new Diagnostic(`the valid range of \`${def.name}\` starts beyond its greatest value`);
  const scalar: Scalar = {
    primitive: old.primitive,
    start: range.start,
    end: range.end > max ? max : range.end,
  };
  const niche = nicheFromScalar(dl, 0, scalar);
  const known = layout.largestNiche;
  const replaces =
    niche !== undefined && (known === undefined || available(dl, known.scalar) <= available(dl, niche.scalar));
  return {
    ...layout,
    backendRepr: repr.kind === "scalar" ? { ...repr, scalar } : { ...repr, a: scalar },
    largestNiche: replaces ? niche : known,
  };
}
