/**
 * Layout of one run of fields: structs, tuples, and the variants of enums.
 *
 * The order of fields in memory is the compiler's to choose. It groups them by alignment to save padding and, within a group, moves
 * the largest niche towards an edge, so that the other variants of an enum fit before or after it.
 *
 * Algorithm: rustc_abi/src/layout.rs (`univariant`, `univariant_biased`).
 */

import type { ReprOptions } from "../mir/ty.ts";
import { Diagnostic } from "../session/diagnostic.ts";
import { alignTo, available, isUnsizedLayout, maxReprAlign, primitiveSize, scalarPair } from "./scalar.ts";
import type { BackendRepr, Layout, Niche, TargetDataLayout } from "./types.ts";

/** What of a type's `repr` the placement of fields depends on; `linear` keeps their order, as `Box` does. */
export interface StructRepr extends ReprOptions {
  readonly linear?: boolean;
}

/**
 * How the fields may be placed. `maybeUnsized`: the last field stays last, for it is unsized in some instance of the definition.
 * `prefixed`: after an enum's tag of `size` bytes.
 */
export type StructKind =
  | { readonly kind: "alwaysSized" }
  | { readonly kind: "maybeUnsized" }
  | { readonly kind: "prefixed"; readonly size: number; readonly align: number };

export const ALWAYS_SIZED: StructKind = { kind: "alwaysSized" };
export const MAYBE_UNSIZED: StructKind = { kind: "maybeUnsized" };

/** Towards which end of the struct the largest niche is moved. */
type NicheBias = "start" | "end";

/** The layout of `fields` under `repr`. Its `variants` say variant 0. */
export function univariant(
  dl: TargetDataLayout,
  fields: readonly Layout[],
  repr: StructRepr,
  kind: StructKind,
): Layout {
  const layout = univariantBiased(dl, fields, repr, kind, "start");
  const niche = layout.largestNiche;
  if (niche === undefined || fields.length < 2 || kind.kind === "maybeUnsized") return layout;
  const head = niche.offset;
  const tail = layout.size - head - primitiveSize(dl, niche.scalar.primitive);
  if (head === 0 || tail <= 0) return layout;
  // The niche is at neither edge: see whether the other bias brings it closer to one.
  const alt = univariantBiased(dl, fields, repr, kind, "end");
  const altHead = alt.largestNiche?.offset ?? 0;
  return altHead > head && altHead > tail ? alt : layout;
}

function univariantBiased(
  dl: TargetDataLayout,
  fields: readonly Layout[],
  repr: StructRepr,
  kind: StructKind,
  bias: NicheBias,
): Layout {
  const { packed } = repr;
  const tail = kind.kind === "maybeUnsized" && fields.length > 0 ? [fields.length - 1] : [];
  let memoryOrder = fields.map((_, i) => i);
  if (!repr.c && repr.int === undefined && repr.linear !== true && fields.length > 1) {
    const sized = fields.slice(0, fields.length - tail.length);
    memoryOrder = [...sortFields(dl, sized, packed, kind, bias), ...tail];
  }

  const offsets = new Array<number>(fields.length).fill(0);
  let align = 1;
  let reprAlign = repr.align;
  let offset = 0;
  let unsized = false;
  let largestNiche: Niche | undefined;
  let largestAvailable = 0n;
  if (kind.kind === "prefixed") {
    const prefixAlign = Math.min(kind.align, packed ?? kind.align);
    align = prefixAlign;
    offset = alignTo(kind.size, prefixAlign);
  }
  for (const i of memoryOrder) {
    const field = fields[i]!;
    if (unsized) throw new Diagnostic("an unsized field that is not the last one");
    if (isUnsizedLayout(field)) {
      if (kind.kind !== "maybeUnsized") throw new Diagnostic("an unsized field where its definition has a sized one");
      unsized = true;
    }
    const fieldAlign = Math.min(field.align, packed ?? field.align);
    offset = alignTo(offset, fieldAlign);
    align = Math.max(align, fieldAlign);
    reprAlign = maxReprAlign(reprAlign, field.maxReprAlign);
    offsets[i] = offset;
    const niche = field.largestNiche;
    if (niche !== undefined) {
      const room = available(dl, niche.scalar);
      // Of equal niches, the start bias keeps the first and the end bias the last.
      if (bias === "start" ? room > largestAvailable : room >= largestAvailable) {
        largestAvailable = room;
        largestNiche = { offset: niche.offset + offset, scalar: niche.scalar };
      }
    }
    offset += field.size;
  }
  const unadjusted = align;
  align = Math.max(align, repr.align ?? 1);
  const size = alignTo(offset, align);
  return {
    size,
    align,
    maxReprAlign: reprAlign,
    unadjustedAlign: repr.transparent ? (wrappedField(fields)?.unadjustedAlign ?? align) : unadjusted,
    backendRepr: unsized ? { kind: "memory", unsized: true } : structRepr(dl, fields, offsets, repr, size, align),
    fields: { kind: "arbitrary", offsets, memoryOrder },
    variants: { kind: "single", index: 0 },
    largestNiche,
    uninhabited: fields.some((f) => f.uninhabited),
  };
}

/** The only field that takes room; undefined when there are several or none. */
function wrappedField(fields: readonly Layout[]): Layout | undefined {
  const sized = fields.filter((f) => f.size !== 0 || isUnsizedLayout(f));
  return sized.length === 1 && !isUnsizedLayout(sized[0]!) ? sized[0] : undefined;
}

interface FieldKey {
  readonly group: number;
  readonly niche: bigint;
  readonly edge: number;
}

/** The indices of `fields` in their order in memory. */
function sortFields(
  dl: TargetDataLayout,
  fields: readonly Layout[],
  packed: number | undefined,
  kind: StructKind,
  bias: NicheBias,
): number[] {
  const niches = fields.map((f) => (f.largestNiche === undefined ? 0n : available(dl, f.largestNiche.scalar)));
  let largestNiche = 0n;
  for (const niche of niches) if (niche > largestNiche) largestNiche = niche;
  const maxAlign = Math.max(...fields.map((f) => f.align));
  const keys = fields.map((field, i): FieldKey => {
    const niche = niches[i]!;
    const group =
      packed !== undefined ? Math.min(field.align, packed) : alignmentGroup(field, niche, largestNiche, maxAlign, bias);
    return { group, niche, edge: distanceFromEdge(dl, field, bias) };
  });
  const byNiche = (a: FieldKey, b: FieldKey): number => (a.niche < b.niche ? -1 : a.niche > b.niche ? 1 : 0);
  const order = fields.map((_, i) => i);
  return order.sort((x, y) => {
    const a = keys[x]!;
    const b = keys[y]!;
    // After a tag, small alignments come first, and the largest niche last: there it can be an outer enum's tag.
    if (kind.kind === "prefixed") return a.group - b.group || byNiche(a, b);
    return b.group - a.group || (bias === "start" ? byNiche(b, a) : byNiche(a, b)) || a.edge - b.edge;
  });
}

/** The logarithm of the alignment that `field` is grouped by: `[u8; 4]` goes with the fields of alignment 4. */
function alignmentGroup(field: Layout, niche: bigint, largestNiche: bigint, maxAlign: number, bias: NicheBias): number {
  const sizeAsAlign = trailingZeros(Math.max(field.align, field.size));
  if (largestNiche === 0n) return sizeAsAlign;
  // Beyond the largest true alignment nothing is gained, and a niche may have to give way to an array.
  if (bias === "start") return Math.min(trailingZeros(maxAlign), sizeAsAlign);
  return niche === largestNiche ? trailingZeros(field.align) : sizeAsAlign;
}

/** How far the field's niche is from the edge that it is moved to. Only compared between equal niches. */
function distanceFromEdge(dl: TargetDataLayout, field: Layout, bias: NicheBias): number {
  const niche = field.largestNiche;
  if (niche === undefined) return 0;
  if (bias === "start") return niche.offset;
  return niche.offset + primitiveSize(dl, niche.scalar.primitive) - field.size;
}

function trailingZeros(n: number): number {
  let zeros = 0;
  for (let rest = n; rest % 2 === 0 && rest > 0; rest /= 2) zeros++;
  return zeros;
}

/** A struct that is one scalar, or two, and zero-sized fields, travels as those. */
function structRepr(
  dl: TargetDataLayout,
  fields: readonly Layout[],
  offsets: readonly number[],
  repr: StructRepr,
  size: number,
  align: number,
): BackendRepr {
  const memory: BackendRepr = { kind: "memory" };
  if (size === 0) return memory;
  const nonZst: number[] = [];
  for (let i = 0; i < fields.length && nonZst.length < 3; i++) if (fields[i]!.size !== 0) nonZst.push(i);
  if (nonZst.length === 1) {
    const i = nonZst[0]!;
    const field = fields[i]!;
    if (offsets[i] !== 0 || align !== field.align || size !== field.size) return memory;
    // C ABIs pass a struct of one scalar or vector differently from what is in it; pairs are Rust's alone.
    const { kind } = field.backendRepr;
    return kind === "memory" || (repr.c && kind !== "scalarPair") ? memory : field.backendRepr;
  }
  if (nonZst.length !== 2) return memory;
  let [i, j] = nonZst as [number, number];
  if (offsets[i]! >= offsets[j]!) [i, j] = [j, i];
  const a = fields[i]!.backendRepr;
  const b = fields[j]!.backendRepr;
  if (a.kind !== "scalar" || b.kind !== "scalar") return memory;
  const pair = scalarPair(dl, a.scalar, b.scalar);
  const matches = offsets[i] === 0 && offsets[j] === pair.bOffset && align === pair.align && size === pair.size;
  return matches ? pair.repr : memory;
}
