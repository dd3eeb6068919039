/**
 * The layout policies of rustc's releases, against the bytes that programs of each installed release have in memory.
 */

import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { newTyCtxt, preludeAdt } from "../mir/prelude.ts";
import {
  type AdtDef,
  DEFAULT_REPR,
  TY_BOOL,
  TY_CHAR,
  TY_I8,
  TY_NEVER,
  TY_U8,
  TY_U16,
  type Ty,
  type TyCtxt,
} from "../mir/ty.ts";
import { HOST_TARGET } from "../target/spec.ts";
import { LayoutCx, layoutOf, tagFor } from "./layout.ts";
import { DEFAULT_LAYOUT_POLICY, type LayoutPolicy, layoutPolicyOf } from "./policy.ts";
import { tupleVariant } from "./testing/random-language-types.ts";
import { rustAdt } from "./testing/random-types.ts";
import { fitsPattern, rangePattern } from "./testing/range-pattern.ts";
import { findRustcs, type RustcDialect } from "./testing/rustc-dialect.ts";

const dl = HOST_TARGET.dataLayout;
const PLAIN = { explicitDiscriminants: false, prelude: false, generics: [] } as const;
/** Bounds at which the choice of a niche changes: near zero, and near the other end. */
const BOUNDS = [0n, 1n, 2n, 3n, 126n, 128n, 129n, 253n, 254n, 255n];
const MOST_TAGGED = 3;

interface NichedEnum {
  readonly range: AdtDef;
  readonly def: AdtDef;
  /** The variant that holds the scalar; the others are empty. */
  readonly untagged: number;
}

/** Enums of a byte with each valid range, and one empty variant or more, which the niche may not have room for. */
function nichedEnums(tcx: TyCtxt): NichedEnum[] {
  const found: NichedEnum[] = [];
  for (const start of BOUNDS) {
    for (const end of BOUNDS) {
      if (BigInt.asUintN(8, end + 1n) === start) continue;
      const ty = fitsPattern(TY_U8, { start, end }, 64) ? TY_U8 : TY_I8;
      const name = `R${start}_${end}`;
      const repr = { ...DEFAULT_REPR, transparent: true, validRange: { start, end } };
      const range: AdtDef = { ...PLAIN, name, adtKind: "struct", variants: [tupleVariant(name, [ty], 0n)], repr };
      for (let count = 1; count <= MOST_TAGGED; count++) {
        const untagged = (Number(start) + Number(end) + count) % (count + 1);
        const variants = Array.from({ length: count + 1 }, (_, i) =>
          tupleVariant(`V${i}`, i === untagged ? [tcx.adt(range)] : [], BigInt(i)),
        );
        const def: AdtDef = { ...PLAIN, name: `E${count}_${name}`, adtKind: "enum", variants, repr: DEFAULT_REPR };
        found.push({ range, def, untagged });
      }
    }
  }
  return found;
}

/** Our size of `def`, and the tag of each of its variants but the untagged one. */
function ours(cx: LayoutCx, { def, untagged }: NichedEnum): { size: number; offset: number; tags: readonly bigint[] } {
  const of = layoutOf(cx, cx.tcx.adt(def));
  const { variants } = of.layout;
  if (variants.kind !== "multiple") throw new Error(def.name);
  const tags = def.variants.flatMap((_, i) => (i === untagged ? [] : [tagFor(cx, of, i) ?? -1n]));
  return { size: of.layout.size, offset: variants.tagOffset, tags };
}

/** A program that prints a line per enum: its size, and for each variant without fields its byte at the offset given. */
function program(enums: readonly NichedEnum[], offsets: readonly number[], dialect: RustcDialect): string {
  const pattern =
    dialect.ranges === "patterns"
      ? (ty: Ty, range: { start: bigint; end: bigint }) => rangePattern(ty, range, 64)
      : undefined;
  const ranges = new Set(enums.map(({ range }) => rustAdt(range, "", pattern)));
  const prints = enums.map(({ def, untagged }, e) => {
    const empty = def.variants.flatMap(({ name }, i) => (i === untagged ? [] : [name]));
    const bytes = empty.map((name) => `byte(&${def.name}::${name}, ${offsets[e]})`);
    return `println!("{} ${empty.map(() => "{}").join(" ")}", size_of::<${def.name}>(), ${bytes.join(", ")});`;
  });
  const features = ["rustc_attrs", ...(dialect.ranges === "patterns" ? ["pattern_types", "pattern_type_macro"] : [])];
  return `#![feature(${features.join(", ")})] #![allow(warnings)]
use std::mem::size_of;
fn byte<T>(v: &T, offset: usize) -> u8 { unsafe { *(v as *const T as *const u8).add(offset) } }
${[...ranges].join("\n")}
${enums.map(({ def }) => rustAdt(def, "")).join("\n")}
fn main() {
${prints.join("\n")}
}
`;
}

function outputOf(rustc: string, source: string): string[] {
  const dir = mkdtempSync(join(tmpdir(), "mirwatch-policy-"));
  try {
    writeFileSync(join(dir, "main.rs"), source);
    const env = { ...process.env, RUSTC_BOOTSTRAP: "1" };
    const built = spawnSync(rustc, ["-Copt-level=0", "-Cdebuginfo=0", "main.rs"], { env, cwd: dir, encoding: "utf8" });
    if (built.status !== 0) throw new Error(built.stderr);
    return spawnSync(join(dir, "main"), { encoding: "utf8" }).stdout.trimEnd().split("\n");
  } finally {
    rmSync(dir, { recursive: true });
  }
}

function optionTag(policy: LayoutPolicy, ty: Ty, depth = 1): bigint | undefined {
  const tcx = newTyCtxt();
  let option = ty;
  for (let i = 0; i < depth; i++) option = tcx.adt(preludeAdt(tcx, "std::option::Option"), [option]);
  const cx = new LayoutCx(tcx, dl, policy);
  return tagFor(cx, layoutOf(cx, option), 0);
}

describe("layout policies", () => {
  for (const dialect of findRustcs()) {
    it(`choose the bytes that ${dialect.version} does, for ranges of a byte`, () => {
      const tcx = newTyCtxt();
      const enums = nichedEnums(tcx);
      const cx = new LayoutCx(tcx, dl, dialect.policy);
      const expected = enums.map((e) => ours(cx, e));
      const lines = outputOf(
        dialect.rustc,
        program(
          enums,
          expected.map(({ offset }) => offset),
          dialect,
        ),
      );
      expect(lines.length).toBe(enums.length);
      expected.forEach(({ size, tags }, i) => {
        expect(`${size} ${tags.join(" ")}`, enums[i]!.def.name).toBe(lines[i]);
      });
    });
  }

  it("differ in the niche of `Option<char>` from 1.97 on, and not in that of `Option<bool>`", () => {
    const new97 = layoutPolicyOf("1.97.0");
    expect(optionTag(DEFAULT_LAYOUT_POLICY, TY_CHAR)).toBe(0x110000n);
    expect(optionTag(new97, TY_CHAR)).toBe(0xffff_ffffn);
    expect(optionTag(DEFAULT_LAYOUT_POLICY, TY_CHAR, 2)).toBe(0x110001n);
    expect(optionTag(new97, TY_CHAR, 2)).toBe(0xffff_fffen);
    expect([1, 2, 3].map((depth) => optionTag(DEFAULT_LAYOUT_POLICY, TY_BOOL, depth))).toEqual([2n, 3n, 4n]);
    expect([1, 2, 3].map((depth) => optionTag(new97, TY_BOOL, depth))).toEqual([2n, 255n, 254n]);
  });

  it("see the gap between discriminants in the tag from 1.99 on", () => {
    const tcx = newTyCtxt();
    const variants = [tupleVariant("A", [], 0n), tupleVariant("B", [], 255n)];
    const def: AdtDef = {
      ...PLAIN,
      explicitDiscriminants: true,
      name: "E",
      adtKind: "enum",
      variants,
      repr: DEFAULT_REPR,
    };
    const size = (release: string): number => {
      const cx = new LayoutCx(tcx, dl, layoutPolicyOf(release));
      return layoutOf(cx, tcx.adt(preludeAdt(tcx, "std::option::Option"), [tcx.adt(def)])).layout.size;
    };
    expect(["1.96.0", "1.98.0", "1.99.0"].map(size)).toEqual([2, 2, 1]);
  });

  it("differ in tags with the values of a `bool` from 1.97 to 1.98", () => {
    const tag = (release: string): bigint | undefined => optionTag(layoutPolicyOf(release), TY_U16, 2);
    expect(["1.96.0", "1.97.0", "1.98.0", "1.99.0"].map(tag)).toEqual([2n, 0xffffn, 2n, 2n]);
  });

  it("differ in enums of fixed tag without values before 1.96", () => {
    const tcx = newTyCtxt();
    const repr = { ...DEFAULT_REPR, int: TY_U8 };
    const variants = [tupleVariant("V", [TY_NEVER], 0n)];
    const ty = tcx.adt({ ...PLAIN, name: "E", adtKind: "enum", variants, repr });
    const size = (release: string): number => layoutOf(new LayoutCx(tcx, dl, layoutPolicyOf(release)), ty).layout.size;
    expect(["1.85.0", "1.95.0", "1.96.0", "1.97.0-nightly"].map(size)).toEqual([0, 0, 1, 1]);
  });

  it("differ in tags that go around before 1.90", () => {
    const tcx = newTyCtxt();
    const repr = { ...DEFAULT_REPR, int: TY_U8 };
    const variants = [tupleVariant("A", [], 0n), tupleVariant("B", [], 255n)];
    const ty = tcx.adt({ ...PLAIN, explicitDiscriminants: true, name: "E", adtKind: "enum", variants, repr });
    const size = (release: string): number => {
      const cx = new LayoutCx(tcx, dl, layoutPolicyOf(release));
      return layoutOf(cx, tcx.adt(preludeAdt(tcx, "std::option::Option"), [ty])).layout.size;
    };
    expect(["1.85.0", "1.89.0", "1.90.0", "1.96.0", "1.97.0-nightly"].map(size)).toEqual([2, 2, 1, 1, 1]);
  });

  it("are chosen by the release that a type context has", () => {
    const tag = (release?: string): bigint | undefined => {
      const tcx = newTyCtxt(release);
      const cx = new LayoutCx(tcx, dl);
      return tagFor(cx, layoutOf(cx, tcx.adt(preludeAdt(tcx, "std::option::Option"), [TY_CHAR])), 0);
    };
    expect(tag()).toBe(0x110000n);
    expect(tag("1.96.0")).toBe(0x110000n);
    expect(tag("1.97.0-nightly")).toBe(0xffff_ffffn);
  });

  it("go by the release, however it is said", () => {
    expect(layoutPolicyOf(undefined)).toBe(DEFAULT_LAYOUT_POLICY);
    expect(layoutPolicyOf("1.96")).toBe(DEFAULT_LAYOUT_POLICY);
    expect(layoutPolicyOf("rustc 1.96.0 (ac68faa20 2026-05-25) (built from a source tarball)")).toBe(
      DEFAULT_LAYOUT_POLICY,
    );
    expect(layoutPolicyOf("1.99.0")).toBe(layoutPolicyOf("rustc 1.100.1-beta.3 (e50aa6fba 2026-12-01)"));
    expect(layoutPolicyOf("1.97.0-nightly")).not.toBe(DEFAULT_LAYOUT_POLICY);
    for (const text of ["", "nightly", "2.0.0", "clang 1.97", "1.97x"])
      expect(() => layoutPolicyOf(text), text).toThrow("no release of rustc");
  });
});
