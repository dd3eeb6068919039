/**
 * Our layouts against rustc's: every random type's whole layout (sizes, offsets, niches, tag encoding, backend repr) as rustc prints it.
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
  TY_U32,
  TY_U64,
  type Ty,
  type TyCtxt,
} from "../mir/ty.ts";
import { HOST_TARGET } from "../target/spec.ts";
import { discriminantFor, fieldOf, fieldOffset, forVariant, LayoutCx, layoutOf, tagFor } from "./layout.ts";
import { DEFAULT_LAYOUT_POLICY } from "./policy.ts";
import { dumpLayout, normaliseRustcDump } from "./testing/dump-layout.ts";
import { newRng, randomAdts, randomTy, rustAdt, rustTy } from "./testing/random-types.ts";

const dl = HOST_TARGET.dataLayout;

/** What rustc says of each `#[rustc_layout(debug)]` item, in source order. */
function rustcLayouts(source: string): string[] {
  const dir = mkdtempSync(join(tmpdir(), "mirwatch-layout-"));
  try {
    writeFileSync(join(dir, "lib.rs"), source);
    const args = [
      "--edition",
      "2021",
      "--crate-type",
      "lib",
      "--emit",
      "metadata",
      "--error-format",
      "json",
      "--out-dir",
      dir,
      join(dir, "lib.rs"),
    ];
    const run = spawnSync("rustc", args, {
      env: { ...process.env, RUSTC_BOOTSTRAP: "1" },
      encoding: "utf8",
      maxBuffer: 1 << 28,
    });
    if (run.error !== undefined) throw run.error;
    const messages = run.stderr
      .split("\n")
      .filter((line) => line.startsWith("{"))
      .map((line) => JSON.parse(line) as { message: string; level: string; spans: { byte_start: number }[] });
    const layouts = messages.filter((m) => m.message.startsWith("layout_of("));
    const errors = messages.filter(
      (m) => m.level === "error" && !m.message.startsWith("layout_of(") && !m.message.startsWith("aborting"),
    );
    if (errors.length > 0) throw new Error(`rustc: ${errors[0]?.message}`);
    return layouts
      .sort((a, b) => (a.spans[0]?.byte_start ?? 0) - (b.spans[0]?.byte_start ?? 0))
      .map((m) => normaliseRustcDump(m.message.slice(m.message.indexOf(" = ") + 3)));
  } finally {
    rmSync(dir, { recursive: true });
  }
}

const HEADER = `#![feature(rustc_attrs, never_type)]
#![allow(warnings)]
`;

function compareWithRustc(seed: number, adts: number, types: number): void {
  const tcx = newTyCtxt();
  const rng = newRng(seed);
  const defs = randomAdts(tcx, rng, adts, { uninhabited: true });
  const tys = [
    ...defs.map((d) => tcx.adt(d)),
    ...Array.from({ length: types }, () => randomTy(tcx, rng, defs, { uninhabited: true }, 3)),
    ...defs.map((d) => tcx.adt(preludeAdt(tcx, "std::option::Option"), [tcx.adt(d)])),
  ];
  const attribute = "#[rustc_layout(debug)] ";
  const source = [
    ...defs.map((d) => rustAdt(d, attribute)),
    ...tys.slice(defs.length).map((ty, i) => `${attribute}pub type T${i} = ${rustTy(ty)};`),
  ];
  const theirs = rustcLayouts(HEADER + source.join("\n"));
  expect(theirs.length).toBe(tys.length);
  const cx = new LayoutCx(tcx, dl);
  tys.forEach((ty, i) => {
    expect(dumpLayout(dl, layoutOf(cx, ty).layout), `${source[i]}\n${ty.text}`).toBe(theirs[i]);
  });
}

function option(tcx: TyCtxt, ty: Ty): Ty {
  return tcx.adt(preludeAdt(tcx, "std::option::Option"), [ty]);
}

function structOf(tcx: TyCtxt, name: string, tys: readonly Ty[], repr: AdtDef["repr"] = DEFAULT_REPR): Ty {
  const fields = tys.map((ty, i) => ({ name: String(i), ty }));
  return tcx.adt({
    name,
    adtKind: "struct",
    generics: [],
    variants: [{ name, ctor: "tuple", fields, discriminant: 0n }],
    repr,
    explicitDiscriminants: false,
    prelude: false,
  });
}

describe("layout", () => {
  it("is rustc's, for random types", () => {
    compareWithRustc(1, 400, 400);
    compareWithRustc(2, 400, 400);
  });

  it("hides a tag in a niche", () => {
    const tcx = newTyCtxt();
    const cx = new LayoutCx(tcx, dl);
    const size = (ty: Ty): number => layoutOf(cx, ty).layout.size;
    expect(size(option(tcx, tcx.ref("not", TY_U8)))).toBe(8);
    expect(size(option(tcx, tcx.ptr("not", TY_U8)))).toBe(16);
    expect(size(option(tcx, option(tcx, TY_BOOL)))).toBe(1);
    expect(size(option(tcx, TY_CHAR))).toBe(4);
    expect(size(option(tcx, TY_U8))).toBe(2);
    expect(tagFor(cx, layoutOf(cx, option(tcx, TY_BOOL)), 0)).toBe(2n);
    expect(tagFor(cx, layoutOf(cx, option(tcx, TY_BOOL)), 1)).toBeUndefined();
    expect(tagFor(cx, layoutOf(cx, option(tcx, TY_U8)), 1)).toBe(1n);
  });

  it("walks fields and variants", () => {
    const tcx = newTyCtxt();
    const cx = new LayoutCx(tcx, dl);
    const s = layoutOf(cx, structOf(tcx, "S", [TY_U8, TY_U32, TY_BOOL]));
    expect([0, 1, 2].map((i) => fieldOffset(s.layout, i))).toEqual([4, 0, 5]);
    expect(fieldOf(cx, s, 1).ty).toBe(TY_U32);
    const o = layoutOf(cx, option(tcx, TY_U64));
    const some = forVariant(cx, o, 1);
    expect(fieldOffset(some.layout, 0)).toBe(8);
    expect(fieldOf(cx, some, 0).ty).toBe(TY_U64);
    const r = layoutOf(cx, tcx.adt(preludeAdt(tcx, "std::result::Result"), [TY_U8, TY_NEVER]));
    expect(r.layout.size).toBe(1);
    expect(forVariant(cx, r, 1).layout.uninhabited).toBe(true);
    expect(discriminantFor(cx, tcx.adt(preludeAdt(tcx, "std::cmp::Ordering")), 0)).toEqual({
      ty: TY_I8,
      value: -1n,
      bits: 0xffn,
    });
  });

  it("rejects types without a size", () => {
    const tcx = newTyCtxt();
    const cx = new LayoutCx(tcx, dl);
    const def: AdtDef = {
      name: "R",
      adtKind: "struct",
      generics: [],
      variants: [],
      repr: DEFAULT_REPR,
      explicitDiscriminants: false,
      prelude: false,
    };
    def.variants = [{ name: "R", ctor: "tuple", fields: [{ name: "0", ty: tcx.adt(def) }], discriminant: 0n }];
    expect(() => layoutOf(cx, tcx.adt(def))).toThrow("infinite size");
    expect(() => layoutOf(cx, tcx.array(tcx.array(TY_U64, 2 ** 30), 2 ** 30))).toThrow("too big");
  });

  it("takes its choices from the policy", () => {
    const tcx = newTyCtxt();
    const cx = new LayoutCx(tcx, dl, { ...DEFAULT_LAYOUT_POLICY, reserveNiche: () => undefined });
    expect(layoutOf(cx, option(tcx, TY_BOOL)).layout.size).toBe(2);
  });
});
