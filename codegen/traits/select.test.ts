/** Selection and normalisation on small sets of traits and impls; what rustc answers is written beside each case. */

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { newFn } from "../mir/builder.ts";
import { traitRefText } from "../mir/fold.ts";
import type { ImplDef, TraitDef } from "../mir/items.ts";
import { newTyCtxt } from "../mir/prelude.ts";
import { TY_BOOL, TY_I32, TY_STR, TY_U8, TY_UNIT, TY_USIZE, type Ty } from "../mir/ty.ts";
import { Diagnostic, DUMMY_SP } from "../session/diagnostic.ts";
import { newTraitCx } from "./context.ts";
import { bound, newEnum, newImpl, newStruct, newTrait } from "./testing/items.ts";
import type { ImplSource } from "./trait-cx.ts";

const tcx = newTyCtxt();
const T = tcx.param(0, "T");
const U = tcx.param(1, "U");

function cxOf(traits: readonly TraitDef[], impls: readonly ImplDef[]): ReturnType<typeof newTraitCx> {
  return newTraitCx({ tcx, traits, impls });
}

function userArgs(source: ImplSource | undefined): readonly string[] | undefined {
  return source?.kind === "user" ? source.args.map((a) => a.text) : undefined;
}

describe("impls of the program", () => {
  const shape = newTrait("Shape");
  const wrap = newStruct(tcx, "Wrap", [T], { generics: ["T"] });

  it("match by header, with the arguments that make them fit", () => {
    const impls = [newImpl(shape, [TY_I32]), newImpl(shape, [tcx.adt(wrap, [tcx.slice(T)])], { generics: ["T"] })];
    const cx = cxOf([shape], impls);
    expect(userArgs(cx.select({ trait: shape, args: [TY_I32] }))).toEqual([]);
    expect(userArgs(cx.select({ trait: shape, args: [tcx.adt(wrap, [tcx.slice(TY_U8)])] }))).toEqual(["u8"]);
    expect(cx.select({ trait: shape, args: [TY_U8] })).toBeUndefined();
    expect(cx.select({ trait: shape, args: [tcx.adt(wrap, [TY_U8])] })).toBeUndefined();
  });

  it("do not match what differs inside", () => {
    const other = newStruct(tcx, "Other", [T], { generics: ["T"] });
    const pairs: readonly (readonly [pattern: Ty, ty: Ty])[] = [
      [tcx.adt(wrap, [tcx.adt(wrap, [T])]), tcx.adt(wrap, [tcx.adt(other, [TY_U8])])],
      [tcx.tuple([T, T]), tcx.tuple([TY_U8, TY_I32])],
      [tcx.ref("mut", tcx.slice(T)), tcx.ref("not", tcx.slice(TY_U8))],
      [tcx.fnPtr([T], TY_UNIT), tcx.fnPtr([TY_U8], TY_UNIT, { unsafe: true })],
      [tcx.fnPtr([T], T), tcx.fnPtr([TY_U8], TY_I32)],
      [tcx.array(T, 3), tcx.array(TY_U8, 4)],
    ];
    for (const [pattern, ty] of pairs) {
      const cx = cxOf([shape], [newImpl(shape, [pattern], { generics: ["T"] })]);
      expect([pattern.text, ty.text, cx.holds(shape, [ty])]).toEqual([pattern.text, ty.text, false]);
      // The same with what fits.
      expect(cx.holds(shape, [tcx.substitute(pattern, [TY_BOOL])])).toBe(true);
    }
  });

  it("match arrays of any length by a const parameter", () => {
    const n = tcx.param(1, "N");
    const cx = cxOf([shape], [newImpl(shape, [tcx.arrayOf(T, n)], { generics: ["T", "N"] })]);
    expect(userArgs(cx.select({ trait: shape, args: [tcx.array(TY_U8, 7)] }))).toEqual(["u8", "7"]);
  });

  it("apply only when their where clauses hold, however deep", () => {
    const impls = [
      newImpl(shape, [TY_I32]),
      newImpl(shape, [tcx.adt(wrap, [T])], { generics: ["T"], predicates: [bound(shape, T)] }),
    ];
    const cx = cxOf([shape], impls);
    const nest = (depth: number, inner: Ty): Ty => (depth === 0 ? inner : tcx.adt(wrap, [nest(depth - 1, inner)]));
    expect(cx.holds(shape, [nest(20, TY_I32)])).toBe(true);
    expect(cx.holds(shape, [nest(20, TY_U8)])).toBe(false);
  });

  it("bind a parameter that only a projection names", () => {
    const iter = newTrait("Iter", { assocTypes: [{ name: "Item" }] });
    const into = newTrait("Into", { generics: ["X"] });
    // impl<T: Iter<Item = U>, U> Shape for T
    const blanket = newImpl(shape, [T], {
      generics: ["T", "U"],
      predicates: [{ kind: "projection", ref: { trait: iter, args: [T] }, name: "Item", ty: tcx.ref("not", U) }],
    });
    const cx = cxOf(
      [shape, iter, into],
      [blanket, newImpl(iter, [TY_BOOL], { types: { Item: tcx.ref("not", TY_U8) } })],
    );
    expect(userArgs(cx.select({ trait: shape, args: [TY_BOOL] }))).toEqual(["bool", "u8"]);
    expect(cx.select({ trait: shape, args: [TY_I32] })).toBeUndefined();
  });

  it("that overlap are told by name, unless one is more special", () => {
    const pair = newTrait("Pair", { generics: ["X"] });
    const left = newImpl(pair, [TY_I32, T], { generics: ["T"], line: 3 });
    const right = newImpl(pair, [T, TY_U8], { generics: ["T"], line: 8 });
    const both = newImpl(pair, [TY_I32, TY_U8], { line: 9 });
    const ask = (impls: readonly ImplDef[]): ImplSource | undefined =>
      cxOf([pair], impls).select({ trait: pair, args: [TY_I32, TY_U8] });
    expect(() => ask([left, right])).toThrow(
      /multiple impls satisfy `i32: Pair<u8>`\n {2}impl<T> Pair<T> for i32 \(line 3\)\n {2}impl<T> Pair<u8> for T \(line 8\)/,
    );
    expect(ask([left, both, right])).toMatchObject({ impl: both });
  });

  it("of one head are told apart by where clauses that imply the others'", () => {
    const iter = newTrait("Iter");
    const trusted = newTrait("Trusted", { supertraits: [{ trait: iter, args: [tcx.param(0, "Self")] }] });
    const spec = newTrait("Spec");
    const general = newImpl(spec, [T], { generics: ["T"], predicates: [bound(iter, T)] });
    const special = newImpl(spec, [T], { generics: ["T"], predicates: [bound(trusted, T)] });
    const impls = [general, special, newImpl(iter, [TY_U8]), newImpl(iter, [TY_I32]), newImpl(trusted, [TY_I32])];
    const cx = cxOf([iter, trusted, spec], impls);
    expect(cx.select({ trait: spec, args: [TY_U8] })).toMatchObject({ impl: general });
    expect(cx.select({ trait: spec, args: [TY_I32] })).toMatchObject({ impl: special });
  });

  it("that rest on themselves do not hold, but for auto traits", () => {
    const list = newStruct(tcx, "List", [T], { generics: ["T"] });
    const looping = newImpl(shape, [tcx.adt(list, [T])], {
      generics: ["T"],
      predicates: [bound(shape, tcx.adt(list, [T]))],
    });
    expect(cxOf([shape], [looping]).holds(shape, [tcx.adt(list, [TY_U8])])).toBe(false);
    const send = newTrait("Send", { lang: "send" });
    const node = newStruct(tcx, "Node", [TY_I32]);
    const option = tcx.adts.get("std::option::Option")!;
    node.variants = [
      { ...node.variants[0]!, fields: [{ name: "0", ty: tcx.adt(option, [tcx.ref("mut", tcx.adt(node))]) }] },
    ];
    expect(cxOf([send], []).holds(send, [tcx.adt(node)])).toBe(true);
  });

  it("that were taken for granted in a cycle are forgotten when the cycle fails", () => {
    const send = newTrait("Send", { lang: "send" });
    const first = newStruct(tcx, "First", []);
    const second = newStruct(tcx, "Second", [tcx.ref("mut", tcx.adt(first))]);
    const fields = [tcx.ref("mut", tcx.adt(second)), tcx.ptr("mut", TY_U8)];
    first.variants = [{ ...first.variants[0]!, fields: fields.map((ty, i) => ({ name: String(i), ty })) }];
    const cx = cxOf([send], []);
    // `First` asks for `Second`, which asks for `First` again, before its own pointer says no.
    expect(cx.holds(send, [tcx.adt(first)])).toBe(false);
    expect(cx.holds(send, [tcx.adt(second)])).toBe(false);
  });

  it("whose requirements grow without end are a diagnostic", () => {
    const growing = newImpl(shape, [T], { generics: ["T"], predicates: [bound(shape, tcx.tuple([T]))] });
    expect(() => cxOf([shape], [growing]).holds(shape, [TY_U8])).toThrow(Diagnostic);
  });

  it("are chosen alike in whatever order they are asked for, and given", () => {
    const leaves = [TY_I32, TY_U8, TY_BOOL];
    const ty = fc.letrec<{ ty: Ty }>((tie) => ({
      ty: fc.oneof(
        { maxDepth: 4 },
        fc.constantFrom(...leaves),
        tie("ty").map((t) => tcx.adt(wrap, [t])),
        fc.array(tie("ty"), { minLength: 1, maxLength: 2 }).map((ts) => tcx.tuple(ts)),
        tie("ty").map((t) => tcx.ref("not", t)),
      ),
    })).ty;
    const impls = [
      newImpl(shape, [TY_I32]),
      newImpl(shape, [tcx.adt(wrap, [T])], { generics: ["T"], predicates: [bound(shape, T)] }),
      newImpl(shape, [tcx.tuple([T, U])], { generics: ["T", "U"], predicates: [bound(shape, T), bound(shape, U)] }),
      newImpl(shape, [tcx.adt(wrap, [TY_U8])], {}),
    ];
    const answer = (cx: ReturnType<typeof cxOf>, t: Ty): string => {
      const source = cx.select({ trait: shape, args: [t] });
      return source?.kind === "user" ? `${impls.indexOf(source.impl)} ${userArgs(source)}` : "none";
    };
    fc.assert(
      fc.property(
        fc.array(ty, { minLength: 1, maxLength: 8 }),
        fc.shuffledSubarray(impls, { minLength: 4 }),
        (tys, shuffled) => {
          const forwards = cxOf([shape], impls);
          const backwards = cxOf([shape], shuffled);
          const expected = tys.map((t) => answer(forwards, t));
          const found = tys.toReversed().map((t) => answer(backwards, t));
          expect(found.reverse()).toEqual(expected);
          // What is not remembered is found again.
          expect(tys.map((t) => answer(cxOf([shape], impls), t))).toEqual(expected);
        },
      ),
      { seed: 7, numRuns: 200 },
    );
  });
});

describe("impls of the compiler", () => {
  const lang = (name: string, l: NonNullable<TraitDef["lang"]>, generics: readonly string[] = []): TraitDef =>
    newTrait(name, { lang: l, generics });
  const copy = lang("Copy", "copy");
  const clone = lang("Clone", "clone");
  const sized = lang("Sized", "sized");
  const sync = lang("Sync", "sync");
  const send = lang("Send", "send");
  const freeze = lang("Freeze", "freeze");
  const fnOnce = newTrait("FnOnce", { lang: "fn_once", generics: ["Args"], assocTypes: [{ name: "Output" }] });
  const fn = lang("Fn", "fn", ["Args"]);
  const cell = newStruct(tcx, "UnsafeCell", [T], { generics: ["T"], lang: "unsafe_cell" });
  const cx = cxOf([copy, clone, sized, sync, send, freeze, fnOnce, fn], []);

  it("give Copy to what is plain data all through", () => {
    const struct = tcx.adt(newStruct(tcx, "Plain", [TY_I32]));
    expect(cx.holds(copy, [tcx.tuple([TY_I32, tcx.array(tcx.ref("not", TY_STR), 2)])])).toBe(true);
    expect(cx.holds(copy, [tcx.ref("mut", TY_I32)])).toBe(false);
    expect(cx.holds(copy, [struct])).toBe(false);
    expect(cxOf([copy], [newImpl(copy, [struct])]).holds(copy, [tcx.tuple([struct])])).toBe(true);
  });

  it("know which types have a size", () => {
    const tail = newStruct(tcx, "Tail", [TY_U8, T], { generics: ["T"] });
    for (const [ty, expected] of [
      [TY_STR, false],
      [tcx.slice(TY_U8), false],
      [tcx.adt(tail, [TY_U8]), true],
      [tcx.adt(tail, [tcx.slice(TY_U8)]), false],
      [tcx.dynamic({ principal: undefined, projections: [], autos: [send] }), false],
      [tcx.ref("not", TY_STR), true],
    ] as const) {
      expect([ty.text, cx.holds(sized, [ty])]).toEqual([ty.text, expected]);
    }
  });

  it("pass auto traits on from the parts to the whole", () => {
    const shared = tcx.adt(cell, [TY_I32]);
    const holder = tcx.adt(newStruct(tcx, "Holder", [tcx.ref("not", T)], { generics: ["T"] }), [shared]);
    expect(cx.holds(sync, [shared])).toBe(false);
    expect(cx.holds(send, [shared])).toBe(true);
    // `&T: Send` asks for `T: Sync`.
    expect(cx.holds(send, [holder])).toBe(false);
    expect(cx.holds(freeze, [shared])).toBe(false);
    expect(cx.holds(freeze, [holder])).toBe(true);
    expect(cx.holds(send, [tcx.ptr("mut", TY_I32)])).toBe(false);
    const unsafeSend = newImpl(send, [tcx.ptr("mut", T)], { generics: ["T"] });
    expect(cxOf([send], [unsafeSend]).holds(send, [tcx.tuple([tcx.ptr("mut", TY_I32)])])).toBe(true);
    const negative = newImpl(send, [TY_I32], { negative: true });
    expect(cxOf([send], [negative]).holds(send, [tcx.tuple([TY_I32])])).toBe(false);
  });

  it("let closures, functions and pointers to them be called with their own arguments only", () => {
    const pointer = tcx.fnPtr([TY_I32, TY_U8], TY_BOOL);
    expect(cx.holds(fn, [pointer, tcx.tuple([TY_I32, TY_U8])])).toBe(true);
    expect(cx.holds(fn, [pointer, tcx.tuple([TY_I32])])).toBe(false);
    expect(cx.holds(fn, [tcx.fnPtr([], TY_UNIT, { unsafe: true }), TY_UNIT])).toBe(false);
    const body = newFn("main::{closure#0}", [TY_UNIT, TY_I32], T, { generics: ["T"] });
    const def = {
      kind: "closure",
      name: "{closure}",
      generics: ["T"],
      upvars: [T],
      upvarNames: ["x"],
      closureKind: "fnMut",
      body,
    } as const;
    const closure = tcx.closure({ ...def }, [TY_BOOL]);
    const args = tcx.tuple([TY_I32]);
    expect(cx.holds(fn, [closure, args])).toBe(false);
    expect(cx.holds(fnOnce, [closure, args])).toBe(true);
    expect(cx.normalize(tcx.alias(fnOnce, "Output", [closure, args]))).toBe(TY_BOOL);
    expect(cx.normalize(tcx.alias(fnOnce, "Output", [pointer, tcx.tuple([TY_I32, TY_U8])]))).toBe(TY_BOOL);
    const item = newFn("id", [T], T, { generics: ["T"] });
    expect(cx.normalize(tcx.alias(fnOnce, "Output", [tcx.fnDef(item, [TY_U8]), tcx.tuple([TY_U8])]))).toBe(TY_U8);
  });
});

describe("normalisation", () => {
  const iter = newTrait("Iter", { assocTypes: [{ name: "Item" }] });
  const wrap = newStruct(tcx, "W", [T], { generics: ["T"] });
  const item = (ty: Ty): Ty => tcx.alias(iter, "Item", [ty]);

  it("goes through impls, defaults and generic associated types", () => {
    const lend = newTrait("Lend", {
      assocTypes: [
        { name: "Of", generics: ["X"], default: undefined },
        { name: "D", default: tcx.tuple([tcx.param(0, "Self")]) },
      ],
    });
    const impl = newImpl(lend, [tcx.adt(wrap, [T])], { generics: ["T"] });
    impl.assocTypes = [{ name: "Of", generics: ["X"], ty: tcx.tuple([T, U]) }];
    const nested = newImpl(iter, [tcx.adt(wrap, [T])], {
      generics: ["T"],
      predicates: [bound(iter, T)],
      types: { Item: tcx.slice(item(T)) },
    });
    const cx = cxOf([iter, lend], [impl, nested, newImpl(iter, [TY_U8], { types: { Item: TY_BOOL } })]);
    const w = (t: Ty): Ty => tcx.adt(wrap, [t]);
    expect(cx.normalize(item(w(w(TY_U8)))).text).toBe("[[bool]]");
    expect(cx.normalize(tcx.alias(lend, "Of", [w(TY_U8), TY_STR])).text).toBe("(u8, str)");
    expect(cx.normalize(tcx.alias(lend, "D", [w(TY_U8)])).text).toBe("(W<u8>,)");
    expect(cx.normalize(tcx.ref("not", item(TY_U8)))).toBe(tcx.ref("not", TY_BOOL));
    expect(cx.normalize(item(T))).toBe(item(T));
    expect(() => cx.normalize(item(TY_STR))).toThrow("`<str as Iter>::Item` is not known: `str: Iter` does not hold");
  });

  it("reads a projection off a dyn type, and off its supertraits' bounds", () => {
    const self = tcx.param(0, "Self");
    const bytes = newTrait("Bytes", {
      supertraits: [{ trait: iter, args: [self] }],
      predicates: [{ kind: "projection", ref: { trait: iter, args: [self] }, name: "Item", ty: TY_U8 }],
    });
    const cx = cxOf([iter, bytes], []);
    const projections = [{ trait: iter, args: [], name: "Item", ty: TY_I32 }];
    const dynIter = tcx.dynamic({ principal: { trait: iter, args: [] }, projections, autos: [] });
    const dynBytes = tcx.dynamic({ principal: { trait: bytes, args: [] }, projections: [], autos: [] });
    expect(cx.normalize(item(dynIter))).toBe(TY_I32);
    expect(cx.normalize(item(dynBytes))).toBe(TY_U8);
  });

  it("evaluates constants in types, an impl's where the trait names one", () => {
    const sized = newTrait("HasN");
    const constant = (parent: TraitDef | ImplDef): TraitDef["assocConsts"][number] => ({
      kind: "const",
      name: "N",
      generics: parent.generics,
      parent,
      assocName: "N",
      ty: TY_USIZE,
      body: undefined,
      span: DUMMY_SP,
    });
    const declared = constant(sized);
    sized.assocConsts = [declared];
    const impl = newImpl(sized, [TY_U8]);
    impl.assocConsts = [constant(impl)];
    const cx = cxOf([sized], [impl]);
    const length = tcx.anonConst(declared, [T], "T::N");
    const array = tcx.arrayOf(TY_BOOL, length);
    expect(cx.normalize(array)).toBe(array);
    expect(() => cx.instantiate(array, [TY_U8])).toThrow("cannot be evaluated here");
    cx.constEvaluator = { evalBits: (item) => (item === impl.assocConsts[0] ? 5n : 9n) };
    expect(cx.instantiate(array, [TY_U8])).toBe(tcx.array(TY_BOOL, 5));
  });

  it("knows the discriminants and metadata of types", () => {
    const kind = newTrait("DiscriminantKind", { lang: "discriminant_kind", assocTypes: [{ name: "Discriminant" }] });
    const pointee = newTrait("Pointee", { lang: "pointee", assocTypes: [{ name: "Metadata" }] });
    const cx = cxOf([kind, pointee], []);
    const e = newEnum(tcx, "E", [[], [TY_U8]]);
    expect(cx.normalize(tcx.alias(kind, "Discriminant", [tcx.adt(e)])).text).toBe("isize");
    expect(cx.normalize(tcx.alias(kind, "Discriminant", [TY_I32]))).toBe(TY_U8);
    expect(cx.normalize(tcx.alias(pointee, "Metadata", [TY_STR]))).toBe(TY_USIZE);
    expect(cx.normalize(tcx.alias(pointee, "Metadata", [TY_I32]))).toBe(TY_UNIT);
  });

  it("comes to the same before and after substitution", () => {
    const metaSized = newTrait("MetaSized", { lang: "meta_sized" });
    const parts = { generics: ["T"], predicates: [bound(metaSized, T)], types: { Item: tcx.tuple([T, T]) } };
    const cx = cxOf([iter, metaSized], [newImpl(iter, [tcx.adt(wrap, [T])], parts)]);
    const generic = fc.letrec<{ ty: Ty }>((tie) => ({
      ty: fc.oneof(
        { maxDepth: 4 },
        fc.constantFrom(T, U, TY_U8),
        tie("ty").map((t) => tcx.adt(wrap, [t])),
        tie("ty").map((t) => item(tcx.adt(wrap, [t]))),
        tie("ty").map((t) => tcx.slice(t)),
        fc.tuple(tie("ty"), tie("ty")).map(([a, b]) => tcx.fnPtr([a], b)),
      ),
    })).ty;
    fc.assert(
      fc.property(generic, generic, generic, (ty, a, b) => {
        const args = [a, b];
        const late = cx.normalize(tcx.substitute(ty, args));
        expect(cx.normalize(tcx.substitute(cx.normalize(ty), args))).toBe(late);
        expect(cx.normalize(late)).toBe(late);
        // Substituting twice is substituting by what was substituted.
        const outer = [TY_BOOL, TY_I32];
        const composed = args.map((arg) => tcx.substitute(arg, outer));
        expect(tcx.substitute(tcx.substitute(ty, args), outer)).toBe(tcx.substitute(ty, composed));
      }),
      { seed: 3, numRuns: 300 },
    );
  });
});

it("a trait reference reads as it is written", () => {
  expect(traitRefText({ trait: newTrait("Add", { generics: ["Rhs"] }), args: [TY_I32, TY_U8] })).toBe("i32: Add<u8>");
});
