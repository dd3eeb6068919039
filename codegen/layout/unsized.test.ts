/**
 * Sizes of unsized values against `size_of_val` and `align_of_val` of a program that rustc compiled.
 */

import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { newTyCtxt } from "../mir/prelude.ts";
import {
  type AdtDef,
  DEFAULT_REPR,
  type ReprOptions,
  TY_STR,
  TY_U8,
  TY_U16,
  TY_U32,
  TY_U64,
  type Ty,
  type TyCtxt,
} from "../mir/ty.ts";
import { HOST_TARGET } from "../target/spec.ts";
import { LayoutCx, layoutOf } from "./layout.ts";
import { emptyTrait, META_SIZED } from "./testing/library-types.ts";
import { type PointerMetadata, sizeAndAlignOfVal, valueExtent } from "./unsized.ts";

/** Each line prints a value's size and alignment. `Tr` is any trait, for `dyn`. */
const PROGRAM = `#![feature(layout_for_ptr)]
trait Tr {} impl Tr for u8 {} impl Tr for u16 {} impl Tr for u64 {} impl Tr for A32 {} impl<const N: usize> Tr for [u8; N] {}
#[repr(align(32))] struct A32(u8);
struct Tail<T: ?Sized> { a: u16, b: u8, tail: T }
#[repr(C)] struct Outer<T: ?Sized> { a: u64, b: u8, tail: Tail<T> }
#[repr(packed(2))] struct Packed<T: ?Sized> { a: u8, tail: std::mem::ManuallyDrop<T> }
fn show<T: ?Sized>(v: *const T) { unsafe { println!("{} {}", std::mem::size_of_val_raw(v), std::mem::align_of_val_raw(v)); } }
fn main() {
  show::<[u32]>(&[0u32; 5]);
  show::<str>("sieben!");
  show::<dyn Tr>(&[0u8; 3]);
  show::<Tail<[u32]>>(&Tail { a: 0, b: 0, tail: [0u32; 3] });
  show::<Tail<[u8]>>(&Tail { a: 0, b: 0, tail: [0u8; 4] });
  show::<Tail<dyn Tr>>(&Tail { a: 0, b: 0, tail: 0u8 });
  show::<Tail<dyn Tr>>(&Tail { a: 0, b: 0, tail: A32(0) });
  show::<Outer<dyn Tr>>(&Outer { a: 0, b: 0, tail: Tail { a: 0, b: 0, tail: [0u8; 3] } });
  show::<Outer<dyn Tr>>(&Outer { a: 0, b: 0, tail: Tail { a: 0, b: 0, tail: A32(0) } });
  show::<Outer<[u64]>>(&Outer { a: 0, b: 0, tail: Tail { a: 0, b: 0, tail: [0u64; 2] } });
  show::<Packed<[u64]>>(&Packed { a: 0, tail: std::mem::ManuallyDrop::new([0u64; 2]) });
  show::<Packed<dyn Tr>>(&Packed { a: 0, tail: std::mem::ManuallyDrop::new(0u64) });
  show::<Packed<dyn Tr>>(&Packed { a: 0, tail: std::mem::ManuallyDrop::new(0u8) });
  show::<Tail<u64>>(&Tail { a: 0, b: 0, tail: 0u64 });
}
`;

function rustcSizes(): string[] {
  const dir = mkdtempSync(join(tmpdir(), "mirwatch-unsized-"));
  try {
    writeFileSync(join(dir, "main.rs"), PROGRAM);
    const env = { ...process.env, RUSTC_BOOTSTRAP: "1" };
    const built = spawnSync("rustc", ["-Awarnings", "main.rs"], { env, cwd: dir, encoding: "utf8" });
    if (built.status !== 0) throw new Error(built.stderr);
    return spawnSync(join(dir, "main"), { encoding: "utf8" }).stdout.trim().split("\n");
  } finally {
    rmSync(dir, { recursive: true });
  }
}

/** `struct name<T: ?Sized>`, whose last field is `tail`. */
function generic(tcx: TyCtxt, name: string, tys: readonly Ty[], repr: Partial<ReprOptions> = {}): AdtDef {
  const fields = tys.map((ty, i) => ({ name: String(i), ty }));
  return {
    name,
    adtKind: "struct",
    generics: ["T"],
    predicates: [{ kind: "trait", ref: { trait: META_SIZED, args: [tcx.param(0, "T")] } }],
    variants: [{ name, ctor: "tuple", fields, discriminant: 0n }],
    repr: { ...DEFAULT_REPR, ...repr },
    explicitDiscriminants: false,
    prelude: false,
  };
}

describe("sizes of unsized values", () => {
  const tcx = newTyCtxt();
  const cx = new LayoutCx(tcx, HOST_TARGET.dataLayout);
  const t = tcx.param(0, "T");
  const tail = generic(tcx, "Tail", [TY_U16, TY_U8, t]);
  const outer = generic(tcx, "Outer", [TY_U64, TY_U8, tcx.adt(tail, [t])], { c: true });
  const packed = generic(tcx, "Packed", [TY_U8, t], { packed: 2 });
  const dyn = tcx.dynamic({ principal: { trait: emptyTrait("Tr"), args: [] }, projections: [], autos: [] });

  it("are what a compiled program measures", () => {
    const length = (n: number): PointerMetadata => ({ kind: "length", length: n });
    const vtable = (size: number, align: number): PointerMetadata => ({ kind: "vtable", size, align });
    const cases: readonly (readonly [Ty, PointerMetadata])[] = [
      [tcx.slice(TY_U32), length(5)],
      [TY_STR, length(7)],
      [dyn, vtable(3, 1)],
      [tcx.adt(tail, [tcx.slice(TY_U32)]), length(3)],
      [tcx.adt(tail, [tcx.slice(TY_U8)]), length(4)],
      [tcx.adt(tail, [dyn]), vtable(1, 1)],
      [tcx.adt(tail, [dyn]), vtable(32, 32)],
      [tcx.adt(outer, [dyn]), vtable(3, 1)],
      [tcx.adt(outer, [dyn]), vtable(32, 32)],
      [tcx.adt(outer, [tcx.slice(TY_U64)]), length(2)],
      [tcx.adt(packed, [tcx.slice(TY_U64)]), length(2)],
      [tcx.adt(packed, [dyn]), vtable(8, 8)],
      [tcx.adt(packed, [dyn]), vtable(1, 1)],
      [tcx.adt(tail, [TY_U64]), { kind: "none" }],
    ];
    const ours = cases.map(([ty, metadata]) => sizeAndAlignOfVal(cx, ty, metadata));
    expect(ours.map((v) => `${v?.size} ${v?.align}`)).toEqual(rustcSizes());
  });

  it("are unknown behind a pointer to an extern type", () => {
    const foreign = tcx.foreign("X");
    expect(valueExtent(cx, foreign)).toEqual({ kind: "foreign" });
    expect(sizeAndAlignOfVal(cx, tcx.adt(tail, [foreign]), { kind: "none" })).toBeUndefined();
  });

  it("leave the other fields where they are in every instance", () => {
    const offsets = [TY_U64, TY_U8, tcx.slice(TY_U64), dyn].map((arg) => {
      const { fields } = layoutOf(cx, tcx.adt(tail, [arg])).layout;
      return fields.kind === "arbitrary" ? fields.offsets.slice(0, 2) : [];
    });
    expect(new Set(offsets.map(String)).size).toBe(1);
  });
});
