/**
 * Our layouts against rustc's: every random type's whole layout (sizes, offsets, niches, tag encoding, backend repr) as rustc prints it.
 */

import { describe, expect, it } from "vitest";
import { newTyCtxt, preludeAdt } from "../mir/prelude.ts";
import {
  type AdtDef,
  DEFAULT_REPR,
  TY_BOOL,
  TY_CHAR,
  TY_I8,
  TY_NEVER,
  TY_STR,
  TY_U8,
  TY_U32,
  TY_U64,
  TY_USIZE,
  type Ty,
  type TyCtxt,
} from "../mir/ty.ts";
import { DATA_LAYOUTS, HOST_TARGET } from "../target/spec.ts";
import {
  discriminantFor,
  fieldOf,
  fieldOffset,
  forVariant,
  isUnsized,
  LayoutCx,
  layoutOf,
  pointeeMetadata,
  tagFor,
} from "./layout.ts";
import { DEFAULT_LAYOUT_POLICY } from "./policy.ts";
import { dumpLayout } from "./testing/dump-layout.ts";
import { emptyTrait } from "./testing/library-types.ts";
import { randomLayoutSample } from "./testing/random-layouts.ts";
import { newRng, randomAdts, randomTy, rustAdt, rustTy } from "./testing/random-types.ts";
import { DUMP_ATTRIBUTE, findRustcs, rustcDialect } from "./testing/rustc-dialect.ts";
import { rustcLayouts } from "./testing/rustc-layouts.ts";

const dl = HOST_TARGET.dataLayout;

function compareWithRustc(seed: number, adts: number, types: number): void {
  const tcx = newTyCtxt();
  const rng = newRng(seed);
  const defs = randomAdts(tcx, rng, adts, { uninhabited: true });
  const tys = [
    ...defs.map((d) => tcx.adt(d)),
    ...Array.from({ length: types }, () => randomTy(tcx, rng, defs, { uninhabited: true }, 3)),
  ];
  const lines = [
    ...defs.map((d) => rustAdt(d, DUMP_ATTRIBUTE)),
    ...tys.slice(defs.length).map((ty, i) => `${DUMP_ATTRIBUTE}pub type T${i} = ${rustTy(ty)};`),
  ];
  const theirs = rustcLayouts("rustc", HOST_TARGET.triple, lines);
  const { policy, variants } = rustcDialect("rustc");
  const cx = new LayoutCx(tcx, dl, policy);
  tys.forEach((ty, i) => {
    expect(dumpLayout(dl, layoutOf(cx, ty).layout, variants), `${lines[i]}\n${ty.text}`).toBe(theirs[i]);
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
  it("is rustc's, for the random types of generated programs", () => {
    compareWithRustc(1, 400, 400);
  });

  for (const dialect of findRustcs()) {
    for (const triple of ["x86_64-unknown-linux-gnu", "i686-unknown-linux-gnu", "aarch64-unknown-linux-gnu"]) {
      it(`is that of ${dialect.version}, for random types of the whole language on ${triple}`, () => {
        const dataLayout = DATA_LAYOUTS.get(triple);
        if (dataLayout === undefined) throw new Error(triple);
        const sample = randomLayoutSample(3, 500, dataLayout, dialect);
        const theirs = rustcLayouts(dialect.rustc, triple, sample.lines);
        sample.dumped.forEach((ty, i) => {
          if (ty === undefined) return;
          const ours = dumpLayout(dataLayout, layoutOf(sample.cx, ty).layout, dialect.variants);
          expect(ours, sample.lines[i]).toBe(theirs[i]);
        });
      });
    }
  }

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
    expect(() => layoutOf(cx, tcx.ref("not", tcx.adt(def)))).toThrow("infinite size");
    expect(() => layoutOf(cx, tcx.array(TY_STR, 2))).toThrow("must be sized");
    expect(() => layoutOf(cx, tcx.tuple([TY_STR, TY_U8]))).toThrow("not the last one");
    expect(() => layoutOf(cx, tcx.array(tcx.array(TY_U64, 2 ** 30), 2 ** 30))).toThrow("too big");
  });

  it("has an address and metadata for the fields of a wide pointer", () => {
    const tcx = newTyCtxt();
    const cx = new LayoutCx(tcx, dl);
    const slice = layoutOf(cx, tcx.ref("mut", tcx.slice(TY_U32)));
    expect([0, 1].map((i) => fieldOffset(slice.layout, i))).toEqual([0, 8]);
    expect(fieldOf(cx, slice, 0)).toMatchObject({ ty: slice.ty, layout: { size: 8 } });
    expect(fieldOf(cx, slice, 1).ty).toBe(TY_USIZE);
    const dyn = tcx.dynamic({ principal: { trait: emptyTrait("Tr"), args: [] }, projections: [], autos: [] });
    expect(fieldOf(cx, layoutOf(cx, tcx.ptr("not", dyn)), 1).ty.text).toBe("&[usize; 3]");
    expect(pointeeMetadata(cx, tcx.tuple([TY_U8, tcx.tuple([TY_STR])]))).toBe("length");
    expect(pointeeMetadata(cx, tcx.foreign("X"))).toBe("none");
    expect(isUnsized(cx, tcx.foreign("X"))).toBe(true);
    expect(isUnsized(cx, tcx.ref("not", dyn))).toBe(false);
  });

  it("normalizes the types of fields", () => {
    const tcx = newTyCtxt();
    const trait = emptyTrait("Tr");
    const cx = new LayoutCx(tcx, dl, DEFAULT_LAYOUT_POLICY, (ty) => (ty.kind === "alias" ? TY_U64 : ty));
    const field = layoutOf(cx, structOf(tcx, "S", [tcx.alias(trait, "A", [TY_U8])]));
    expect(field.layout.size).toBe(8);
    expect(fieldOf(cx, field, 0).ty).toBe(TY_U64);
  });

  it("takes its choices from the policy", () => {
    const tcx = newTyCtxt();
    const cx = new LayoutCx(tcx, dl, { ...DEFAULT_LAYOUT_POLICY, reserveNiche: () => undefined });
    expect(layoutOf(cx, option(tcx, TY_BOOL)).layout.size).toBe(2);
  });
});
