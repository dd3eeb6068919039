/**
 * Prints a layout as rustc's `#[rustc_layout(debug)]` does, in one line and without what we do not keep, so that the two compare as text.
 */

import { primitiveSize } from "../scalar.ts";
import type { BackendRepr, FieldsShape, Layout, Primitive, Scalar, TargetDataLayout, Variants } from "../types.ts";

export function dumpLayout(dl: TargetDataLayout, layout: Layout): string {
  const niche = layout.largestNiche;
  const parts = [
    `size: Size(${layout.size} bytes)`,
    `align: AbiAlign {abi: Align(${layout.align} bytes)}`,
    `backend_repr: ${dumpRepr(dl, layout.backendRepr)}`,
    `fields: ${dumpFields(layout.fields)}`,
    `largest_niche: ${niche === undefined ? "None" : `Some(Niche {offset: Size(${niche.offset} bytes),${dumpScalarFields(niche.scalar)}})`}`,
    `uninhabited: ${layout.uninhabited}`,
    `variants: ${dumpVariants(dl, layout.variants)}`,
    `max_repr_align: ${layout.maxReprAlign === undefined ? "None" : `Some(Align(${layout.maxReprAlign} bytes))`}`,
    `unadjusted_abi_align: Align(${layout.unadjustedAlign} bytes)`,
  ];
  return `Layout {${parts.join(",")}}`;
}

/** rustc's own dump, brought to the form of `dumpLayout`. */
export function normaliseRustcDump(text: string): string {
  return text
    .replace(/\s*\n\s*/g, "")
    .replace(/,(?=[}\])])/g, "")
    .replace(/,randomization_seed: \d+/g, "");
}

function dumpPrimitive(p: Primitive): string {
  if (p.kind === "pointer") return "Pointer(AddressSpace(0))";
  return p.kind === "float" ? `Float(F${p.bits})` : `Int(I${p.bits},${p.signed})`;
}

function dumpScalarFields(s: Scalar): string {
  const range = s.start > s.end ? `(..=${s.end}) | (${s.start}..)` : `${s.start}..=${s.end}`;
  return `value: ${dumpPrimitive(s.primitive)},valid_range: ${range}`;
}

function dumpScalar(s: Scalar): string {
  return s.maybeUninit === true
    ? `Union {value: ${dumpPrimitive(s.primitive)}}`
    : `Initialized {${dumpScalarFields(s)}}`;
}

function dumpRepr(dl: TargetDataLayout, repr: BackendRepr): string {
  if (repr.kind === "memory") return `Memory {sized: ${repr.unsized !== true}}`;
  if (repr.kind === "simdVector") return `SimdVector {element: ${dumpScalar(repr.element)},count: ${repr.count}}`;
  if (repr.kind === "scalar") return `Scalar(${dumpScalar(repr.scalar)})`;
  if (repr.bOffset < primitiveSize(dl, repr.a.primitive)) throw new Error("the scalars of a pair overlap");
  return `ScalarPair(${dumpScalar(repr.a)},${dumpScalar(repr.b)})`;
}

function dumpFields(shape: FieldsShape): string {
  if (shape.kind === "primitive") return "Primitive";
  if (shape.kind === "array") return `Array {stride: Size(${shape.stride} bytes),count: ${shape.count}}`;
  if (shape.kind === "union") return `Union(${shape.count})`;
  return `Arbitrary {offsets: [${shape.offsets.map((o) => `Size(${o} bytes)`).join(",")}],in_memory_order: [${shape.memoryOrder.join(",")}]}`;
}

function dumpVariants(dl: TargetDataLayout, v: Variants): string {
  if (v.kind === "empty") return "Empty";
  if (v.kind === "single") return `Single {index: ${v.index}}`;
  const e = v.encoding;
  const encoding =
    e.kind === "direct"
      ? "Direct"
      : `Niche {untagged_variant: ${e.untaggedVariant},niche_variants: ${e.nicheVariants.start}..=${e.nicheVariants.end},niche_start: ${e.nicheStart}}`;
  return `Multiple {tag: ${dumpScalar(v.tag)},tag_encoding: ${encoding},tag_field: 0,variants: [${v.variants.map((l) => dumpLayout(dl, l)).join(",")}]}`;
}
