/**
 * `-Z print-type-sizes` against rustc's own text.
 */

import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import { newTyCtxt } from "../mir/prelude.ts";
import {
  type AdtDef,
  DEFAULT_REPR,
  type ReprOptions,
  TY_BOOL,
  TY_STR,
  TY_U8,
  TY_U16,
  TY_U32,
  TY_U64,
  TY_UNIT,
  type Ty,
  type TyCtxt,
} from "../mir/ty.ts";
import { HOST_TARGET } from "../target/spec.ts";
import { isUnsized, LayoutCx } from "./layout.ts";
import { randomLayoutSample } from "./testing/random-layouts.ts";
import { rustTy } from "./testing/random-types.ts";
import { DUMP_ATTRIBUTE, rustcDialect } from "./testing/rustc-dialect.ts";
import { headerFor } from "./testing/rustc-layouts.ts";
import { printTypeSizes } from "./type-sizes.ts";

/** What rustc prints for a crate of `lines` which asks for the sizes of `types`: by type, in its order. */
function rustcTypeSizes(lines: readonly string[], types: readonly string[]): string[] {
  const dir = mkdtempSync(join(tmpdir(), "mirwatch-sizes-"));
  try {
    const asks = types.map((ty, i) => `pub const SIZE${i}: usize = std::mem::size_of::<${ty}>();`);
    writeFileSync(
      join(dir, "lib.rs"),
      `${headerFor(rustcDialect("rustc"), HOST_TARGET.triple)}${[...lines, ...asks].join("\n")}\n`,
    );
    const args = ["--edition", "2021", "--crate-type", "lib", "--emit", "metadata", "-Zprint-type-sizes", "lib.rs"];
    const env = { ...process.env, RUSTC_BOOTSTRAP: "1" };
    const run = spawnSync("rustc", args, { env, cwd: dir, encoding: "utf8", maxBuffer: 2 ** 28 });
    if (run.error !== undefined || run.status !== 0) throw new Error(run.stderr);
    return blocksOf(run.stdout);
  } finally {
    rmSync(dir, { recursive: true });
  }
}

function blocksOf(text: string): string[] {
  return text.split(/^(?=print-type-size type: )/m);
}

function typeOf(block: string): string {
  return /type: `(.*)`: \d+ bytes, alignment/.exec(block)?.[1] ?? "";
}

it("prints random types as rustc does", () => {
  const sample = randomLayoutSample(11, 600, HOST_TARGET.dataLayout, rustcDialect("rustc"));
  const types = sample.dumped.flatMap((ty) => (ty === undefined || isUnsized(sample.cx, ty) ? [] : [ty]));
  const lines = sample.lines.map((line) => line.replaceAll(DUMP_ATTRIBUTE, ""));
  const theirs = rustcTypeSizes(lines, types.map(rustTy));
  const ours = blocksOf(printTypeSizes(types, sample.cx));
  // rustc lists also what these types are made of, names closures by their place, and writes `&dyn A + B` where we have parentheses.
  const ourTypes = new Set(ours.map(typeOf));
  const theirTypes = new Set(theirs.map(typeOf));
  const common = ours.filter((block) => theirTypes.has(typeOf(block)));
  expect(common.length).toBeGreaterThan(700);
  expect(ours.filter((block) => !theirTypes.has(typeOf(block))).every((b) => /\bC\d+|\(dyn /.test(typeOf(b)))).toBe(
    true,
  );
  expect(common.join("")).toBe(theirs.filter((block) => ourTypes.has(typeOf(block))).join(""));
});

const SOURCE = `pub struct Mixed { a: u8, b: u64, c: u16, d: () }
#[repr(C)] pub struct InOrder { a: u8, b: u64, c: u16 }
#[repr(packed(2))] pub struct Tight { a: u8, b: u32, c: u8 }
pub enum Tagged { Small(u8), Large { x: u64, y: u8 }, Nothing }
pub enum Hidden { Flag(bool, u32), Other(u32), Nothing }
#[repr(C)] pub union Either { byte: u8, word: u32, text: &'static str }
pub struct Empty;
pub enum Never {}
pub type Closure = impl Sized;
#[define_opaque(Closure)] pub fn make(a: u8, b: &'static str, c: u64) -> Closure { move || { let _x = (&a, &b, &c); } }`;

function define(
  tcx: TyCtxt,
  adtKind: AdtDef["adtKind"],
  name: string,
  variants: Readonly<Record<string, Readonly<Record<string, Ty>>>>,
  repr: Partial<ReprOptions> = {},
): Ty {
  return tcx.adt({
    name,
    adtKind,
    generics: [],
    variants: Object.entries(variants).map(([variant, fields], i) => ({
      name: variant,
      ctor: "named",
      fields: Object.entries(fields).map(([field, ty]) => ({ name: field, ty })),
      discriminant: BigInt(i),
    })),
    repr: { ...DEFAULT_REPR, ...repr },
    explicitDiscriminants: false,
    prelude: false,
  });
}

it("prints structs, enums, unions and closures as rustc does, in its order", () => {
  const tcx = newTyCtxt();
  const text = tcx.ref("not", TY_STR);
  const abc = { a: TY_U8, b: TY_U64, c: TY_U16 };
  const types = [
    define(tcx, "struct", "Mixed", { Mixed: { ...abc, d: TY_UNIT } }),
    define(tcx, "struct", "InOrder", { InOrder: abc }, { c: true }),
    define(tcx, "struct", "Tight", { Tight: { a: TY_U8, b: TY_U32, c: TY_U8 } }, { packed: 2 }),
    define(tcx, "enum", "Tagged", { Small: { 0: TY_U8 }, Large: { x: TY_U64, y: TY_U8 }, Nothing: {} }),
    define(tcx, "enum", "Hidden", { Flag: { 0: TY_BOOL, 1: TY_U32 }, Other: { 0: TY_U32 }, Nothing: {} }),
    define(tcx, "union", "Either", { Either: { byte: TY_U8, word: TY_U32, text } }, { c: true }),
    define(tcx, "struct", "Empty", { Empty: {} }),
    define(tcx, "enum", "Never", {}),
    tcx.closure(
      {
        kind: "closure",
        name: "{closure@lib.rs:12:84: 12:91}",
        generics: [],
        upvars: [TY_U8, text, TY_U64],
        upvarNames: ["a", "b", "c"],
        closureKind: "fn",
        body: undefined,
      },
      [],
    ),
  ];
  const names = types.map((ty) => (ty.kind === "closure" ? "Closure" : ty.text));
  const theirs = rustcTypeSizes(SOURCE.split("\n"), names);
  expect(printTypeSizes(types, new LayoutCx(tcx, HOST_TARGET.dataLayout))).toBe(theirs.join(""));
});
