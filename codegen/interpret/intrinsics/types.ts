/** What the compiler knows of types: sizes, alignments, names, identity. */

import { discriminantFor } from "../../layout/layout.ts";
import { needsDrop } from "../../traits/predicates.ts";
import { offsetOfPath } from "../offset-of.ts";
import { activeVariant, sizeAndAlign } from "../typed-copy.ts";
import { Unsupported } from "../ub.ts";
import type { Intrinsic, IntrinsicCall } from "./intrinsic.ts";
import { mayBindLifetimes, typeName } from "./type-name.ts";

function extentOf(call: IntrinsicCall): { readonly size: number; readonly align: number } {
  const info = call.info(0);
  if (info.repr === "unsized" && info.meta === "none")
    throw new Unsupported(`the size of ${info.ty.text}: an extern type has none that is known`);
  return sizeAndAlign(call.memory, call.vm.prepared.table, info, call.meta(0));
}

const sizeOf: Intrinsic["run"] = (call) => call.setNumber(call.info(0).size);
const alignOf: Intrinsic["run"] = (call) => call.setNumber(call.info(0).align);
const sizeOfVal: Intrinsic["run"] = (call) => call.setNumber(extentOf(call).size);
const alignOfVal: Intrinsic["run"] = (call) => call.setNumber(extentOf(call).align);

/** A hash of a type's text that does not depend on when it is asked for: FNV-1a, 128 bits. */
export function typeIdOf(text: string): bigint {
  let hash = 0x6c62272e07bb014262b821756295c58dn;
  for (let i = 0; i < text.length; i++) {
    hash ^= BigInt(text.charCodeAt(i));
    hash = BigInt.asUintN(128, hash * 0x0000000001000000000000000000013bn);
  }
  return hash;
}

/** The discriminant of the value that argument 0 points to; 0 of what is no enum. */
function discriminantBits(call: IntrinsicCall): bigint {
  const info = call.info(0);
  const { table } = call.vm.prepared;
  if (info.uninhabited) throw call.ub("uninhabited", `the discriminant of the uninhabited type ${info.ty.text}`);
  if (info.ty.kind !== "adt" || info.ty.def.adtKind !== "enum") return 0n;
  const mem = table.memOf(info);
  if (mem.kind !== "enum") {
    const { variants } = info.layout;
    return discriminantFor(table.cx, info.ty, variants.kind === "single" ? variants.index : 0).bits;
  }
  const { tag } = mem;
  const { lo, hi, tag: provenance } = call.pointer(0);
  call.memory.access(lo + tag.offset, hi, provenance, tag.size, false);
  const words = tag.discriminants[activeVariant(call.memory, info, tag, lo)]!;
  return words.reduceRight((bits, word) => (bits << 32n) | BigInt(word >>> 0), 0n);
}

function setBytes(call: IntrinsicCall, text: string): void {
  const { prepared, globals } = call.vm;
  const bytes = nameBytes(text);
  const id = globals.allocation(prepared.globals.add({ kind: "bytes", bytes }));
  call.setPointer(call.memory.base[id]!, 0, id);
  call.setMeta(bytes.length, 0, 0);
}

const names = new Map<string, Uint8Array>();

function nameBytes(text: string): Uint8Array {
  let bytes = names.get(text);
  if (bytes === undefined) {
    bytes = new TextEncoder().encode(text);
    names.set(text, bytes);
  }
  return bytes;
}

export const TYPES: readonly Intrinsic[] = [
  { name: "size_of", signature: "const fn size_of<T>() -> usize", run: sizeOf },
  { name: "align_of", signature: "const fn align_of<T>() -> usize", run: alignOf },
  { name: "min_align_of", signature: "const fn min_align_of<T>() -> usize", run: alignOf },
  { name: "pref_align_of", signature: "const fn pref_align_of<T>() -> usize", run: alignOf },
  { name: "size_of_val", signature: "const unsafe fn size_of_val<T: ?Sized>(ptr: *const T) -> usize", run: sizeOfVal },
  {
    name: "align_of_val",
    signature: "const unsafe fn align_of_val<T: ?Sized>(ptr: *const T) -> usize",
    run: alignOfVal,
  },
  {
    name: "min_align_of_val",
    signature: "const unsafe fn min_align_of_val<T: ?Sized>(ptr: *const T) -> usize",
    run: alignOfVal,
  },
  {
    name: "needs_drop",
    signature: "const fn needs_drop<T: ?Sized>() -> bool",
    run: (call) => call.setBool(needsDrop(call.vm.prepared.traits, call.ty(0))),
  },
  {
    name: "type_id",
    signature: "const fn type_id<T: ?Sized + 'static>() -> u128",
    run: (call) => {
      const ty = call.ty(0);
      if (mayBindLifetimes(ty)) throw new Unsupported(`the identity of ${ty.text}, whose lifetimes may be bound`);
      const id = typeIdOf(ty.text);
      if (call.site.ret.repr === "mem") call.memory.storeBits(call.resultAddress(), id, 16);
      else call.setBits(id);
    },
  },
  {
    name: "type_id_eq",
    signature: "const fn type_id_eq(a: TypeId, b: TypeId) -> bool",
    run: (call) => {
      const { size } = call.param(0);
      const [a, b] = [call.address(0), call.address(1)];
      call.setBool(call.memory.loadBits(a, size) === call.memory.loadBits(b, size));
    },
  },
  {
    name: "variant_count",
    signature: "const fn variant_count<T>() -> usize",
    run: (call) => {
      const ty = call.ty(0);
      call.setNumber(ty.kind === "adt" ? ty.def.variants.length : 0);
    },
  },
  {
    name: "offset_of",
    signature: "const fn offset_of<T>(variant: u32, field: u32) -> usize",
    run: (call) => call.setNumber(offsetOfPath(call.vm.prepared, call.ty(0), [[call.number(0), call.number(1)]])),
  },
  {
    name: "discriminant_value",
    signature: "const fn discriminant_value<T>(v: &T) -> <T as DiscriminantKind>::Discriminant",
    run: (call) => call.setBits(discriminantBits(call)),
  },
  {
    name: "type_name",
    signature: "const fn type_name<T: ?Sized>() -> &'static str",
    run: (call) => setBytes(call, typeName(call.ty(0))),
  },
  {
    name: "vtable_size",
    signature: "const unsafe fn vtable_size(ptr: *const ()) -> usize",
    run: (call) => {
      const { lo, hi, tag } = call.pointer(0);
      call.setNumber(call.memory.vtableSize(call.memory.checkVtable(lo, hi, tag)));
    },
  },
  {
    name: "vtable_align",
    signature: "const unsafe fn vtable_align(ptr: *const ()) -> usize",
    run: (call) => {
      const { lo, hi, tag } = call.pointer(0);
      call.setNumber(call.memory.align[call.memory.checkVtable(lo, hi, tag)]!);
    },
  },
];
