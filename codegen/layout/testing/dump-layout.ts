/**
 * Prints a layout as rustc's `#[rustc_layout(debug)]` does, in one line and without what we do not keep, so that the two compare as text.
 * What it does not keep of rustc's dump is the seed of random layouts.
 */

import { primitiveSize } from "../scalar.ts";
import type {
  BackendRepr,
  FieldsShape,
  Layout,
  Niche,
  Primitive,
  Scalar,
  TargetDataLayout,
  Variants,
} from "../types.ts";
import type { VariantForm } from "./rustc-dialect.ts";

export function dumpLayout(dl: TargetDataLayout, layout: Layout, form: VariantForm = "layouts"): string {
  const parts = [
    `size: Size(${layout.size} bytes)`,
    `align: AbiAlign {abi: Align(${layout.align} bytes)}`,
    `backend_repr: ${dumpRepr(dl, layout.backendRepr)}`,
    `fields: ${dumpFields(layout.fields)}`,
    `largest_niche: ${dumpNiche(layout.largestNiche)}`,
    `uninhabited: ${layout.uninhabited}`,
    `variants: ${dumpVariants(dl, layout.variants, form)}`,
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

function dumpNiche(niche: Niche | undefined): string {
  if (niche === undefined) return "None";
  return `Some(Niche {offset: Size(${niche.offset} bytes),${dumpScalarFields(niche.scalar)}})`;
}

function dumpOffsets(offsets: readonly number[]): string {
  return offsets.map((o) => `Size(${o} bytes)`).join(",");
}

function dumpFields(shape: FieldsShape): string {
  if (shape.kind === "primitive") return "Primitive";
  if (shape.kind === "array") return `Array {stride: Size(${shape.stride} bytes),count: ${shape.count}}`;
  if (shape.kind === "union") return `Union(${shape.count})`;
  return `Arbitrary {offsets: [${dumpOffsets(shape.offsets)}],in_memory_order: [${shape.memoryOrder.join(",")}]}`;
}

function dumpVariants(dl: TargetDataLayout, v: Variants, form: VariantForm): string {
  if (v.kind === "empty") return "Empty";
  if (v.kind === "single") return `Single {index: ${v.index}}`;
  const e = v.encoding;
  const encoding =
    e.kind === "direct"
      ? "Direct"
      : `Niche {untagged_variant: ${e.untaggedVariant},niche_variants: ${e.nicheVariants.start}..=${e.nicheVariants.end},niche_start: ${e.nicheStart}}`;
  const variants = v.variants.map((l) => (form === "layouts" ? dumpLayout(dl, l) : dumpVariantLayout(dl, l)));
  return `Multiple {tag: ${dumpScalar(v.tag)},tag_encoding: ${encoding},tag_field: 0,variants: [${variants.join(",")}]}`;
}

/** What newer dumps say of a variant of an enum with several. */
function dumpVariantLayout(dl: TargetDataLayout, layout: Layout): string {
  if (layout.fields.kind !== "arbitrary") throw new Error("a variant without offsets");
  const parts = [
    `size: Size(${layout.size} bytes)`,
    `backend_repr: ${dumpRepr(dl, layout.backendRepr)}`,
    `field_offsets: [${dumpOffsets(layout.fields.offsets)}]`,
    `fields_in_memory_order: [${layout.fields.memoryOrder.join(",")}]`,
    `largest_niche: ${dumpNiche(layout.largestNiche)}`,
    `uninhabited: ${layout.uninhabited}`,
  ];
  return `VariantLayout {${parts.join(",")}}`;
}
