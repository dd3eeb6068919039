/** Resolution of instances, bodies for their arguments, and vtables of concrete types. */

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import * as mir from "../mir/builder.ts";
import { newFn } from "../mir/builder.ts";
import { typeFlags } from "../mir/fold.ts";
import type { ClosureDef, ConstItem } from "../mir/items.ts";
import { newTyCtxt } from "../mir/prelude.ts";
import type { Body } from "../mir/syntax.ts";
import { TY_BOOL, TY_I32, TY_U8, TY_UNIT, TY_USIZE, type Ty, type TyOf } from "../mir/ty.ts";
import { renderVerifyError, verifyBody } from "../mir/verifier.ts";
import { DUMMY_SP } from "../session/diagnostic.ts";
import { newTraitCx } from "../traits/context.ts";
import { addMethod, bound, newImpl, newStruct, newTrait } from "../traits/testing/items.ts";
import { collectCrate, rootsFor } from "./collector.ts";
import type { Instance } from "./instance.ts";
import { instanceText } from "./instance-text.ts";
import { instanceBody, instantiateBody } from "./instantiate.ts";
import { monoCxFor } from "./mono-cx.ts";
import { partition } from "./partitioning.ts";
import { printMonoItems } from "./print-mono-items.ts";
import { resolveDrop, resolveFnPtr, resolveForVtable, resolveInstance } from "./resolve.ts";
import { ctorInstance, threadLocalInstance } from "./shims.ts";
import { call, define, dropOf, mentioning, newStatic, unitFn } from "./testing/mentions.ts";
import { vtableFor } from "./vtable.ts";

const tcx = newTyCtxt();
const SELF = tcx.param(0, "Self");
const T = tcx.param(0, "T");
const R = (ty: Ty): Ty => tcx.ref("not", ty);

const sized = newTrait("Sized", { lang: "sized" });
const drop = newTrait("Drop", { lang: "drop" });
addMethod(drop, "drop", [tcx.ref("mut", SELF)]);
const clone = newTrait("Clone", { lang: "clone" });
const cloneFn = addMethod(clone, "clone", [R(SELF)], SELF);
const fnPtrTrait = newTrait("FnPtr", { lang: "fn_ptr" });
const addr = addMethod(fnPtrTrait, "addr", [SELF], tcx.ptr("not", TY_UNIT));
const fnOnce = newTrait("FnOnce", { lang: "fn_once", generics: ["Args"], assocTypes: [{ name: "Output" }] });
const callOnce = addMethod(
  fnOnce,
  "call_once",
  [SELF, tcx.param(1, "Args")],
  tcx.alias(fnOnce, "Output", [SELF, tcx.param(1, "Args")]),
);

const act = newTrait("Act", { generics: ["X"] });
const required = addMethod(act, "required", [R(SELF)]);
const provided = define(tcx, addMethod(act, "provided", [R(SELF)]));
const generic = define(
  tcx,
  addMethod(act, "generic", [R(SELF)], TY_UNIT, { generics: ["U"], predicates: [bound(sized, SELF)] }),
);
const consume = addMethod(act, "consume", [SELF]);
const wrap = newStruct(tcx, "Wrap", [T], { generics: ["T"] });
const forWrap = newImpl(act, [tcx.adt(wrap, [T]), tcx.slice(T)], { generics: ["T"] });
const ownRequired = define(tcx, addMethod(forWrap, "required", [R(tcx.adt(wrap, [T]))]));
const ownGeneric = define(tcx, addMethod(forWrap, "generic", [R(tcx.adt(wrap, [T]))], TY_UNIT, { generics: ["V"] }));
define(tcx, addMethod(forWrap, "consume", [tcx.adt(wrap, [T])]));
const loud = tcx.adt(newStruct(tcx, "Loud", []));
const forLoud = newImpl(drop, [loud]);
define(tcx, addMethod(forLoud, "drop", [tcx.ref("mut", loud)]));

const traits = newTraitCx({ tcx, traits: [sized, drop, clone, fnPtrTrait, fnOnce, act], impls: [forWrap, forLoud] });
const cx = monoCxFor(traits);
const w8 = tcx.adt(wrap, [TY_U8]);
const bytes = tcx.slice(TY_U8);
const dynAct = tcx.dynamic({ principal: { trait: act, args: [bytes] }, projections: [], autos: [] });
const text = (instance: Instance): string => instanceText(instance, tcx);

describe("an instance", () => {
  it("of a trait's method is the impl's, else the trait's own", () => {
    expect(text(resolveInstance(cx, required, [w8, bytes]))).toBe("<Wrap<u8> as Act<[u8]>>::required");
    expect(resolveInstance(cx, required, [w8, bytes])).toMatchObject({
      def: { kind: "item", item: ownRequired },
      args: [TY_U8],
    });
    expect(resolveInstance(cx, generic, [w8, bytes, TY_BOOL])).toMatchObject({
      item: ownGeneric,
      args: [TY_U8, TY_BOOL],
    });
    expect(resolveInstance(cx, provided, [w8, bytes])).toMatchObject({ item: provided, args: [w8, bytes] });
    expect(() => resolveInstance(cx, required, [TY_U8, bytes])).toThrow("`u8: Act<[u8]>` does not hold");
  });

  it("is the same object each time", () => {
    expect(resolveInstance(cx, required, [w8, bytes])).toBe(resolveInstance(cx, required, [w8, bytes]));
    expect(resolveDrop(cx, loud)).toBe(resolveDrop(cx, loud));
    expect(resolveInstance(cx, cloneFn, [tcx.tuple([TY_U8])])).toBe(resolveInstance(cx, cloneFn, [tcx.tuple([TY_U8])]));
  });

  it("of a method of a dyn type is a place in its vtable, and a pointer to it a shim", () => {
    expect(resolveInstance(cx, provided, [dynAct, bytes]).def).toEqual({ kind: "virtual", item: provided, index: 4 });
    expect(instanceBody(cx, resolveInstance(cx, provided, [dynAct, bytes]))).toBeUndefined();
    const pointer = resolveFnPtr(cx, provided, [dynAct, bytes]);
    expect(pointer.def.kind).toBe("reifyShim");
    expect(instanceBody(cx, pointer)).toBeDefined();
    expect(text(pointer)).toMatch(/ - shim\(reify\)$/);
    // A method that is not in the vtable is called as it is.
    expect(resolveInstance(cx, generic, [dynAct, bytes, TY_U8])).toMatchObject({
      def: { kind: "item", item: generic },
    });
  });

  it("of what the compiler implements is a shim", () => {
    const pointer = tcx.fnPtr([TY_U8], TY_I32);
    const kinds = [
      resolveInstance(cx, cloneFn, [tcx.tuple([TY_U8])]),
      resolveInstance(cx, callOnce, [pointer, tcx.tuple([TY_U8])]),
      resolveInstance(cx, addr, [pointer]),
      resolveDrop(cx, loud),
      resolveDrop(cx, TY_U8),
    ].map((instance) => [instance.def.kind, instance.item.body !== undefined]);
    expect(kinds).toEqual([
      ["cloneShim", true],
      ["fnPtrShim", true],
      ["fnPtrAddrShim", true],
      ["dropGlue", true],
      ["dropGlue", false],
    ]);
    const def: ClosureDef = {
      kind: "closure",
      name: "{c}",
      generics: [],
      upvars: [loud],
      upvarNames: ["l"],
      closureKind: "fn",
      body: undefined,
    };
    const closure = tcx.closure(def, []);
    def.body = { ...newFn("f::{closure#0}", [R(closure), TY_U8], TY_BOOL), closure: def };
    const once = resolveInstance(cx, callOnce, [closure, tcx.tuple([TY_U8])]);
    expect(once.def).toMatchObject({ kind: "closureCallShim", call: "fnOnce" });
    expect([...once.item.params.map((p) => p.text), once.item.ret.text]).toEqual(["{c}", "(u8,)", "bool"]);
    // The closure was handed over, so it is dropped, also when the call unwinds.
    const drops = once.item.body!.blocks.filter((b) => b.terminator.kind === "drop").map((b) => b.isCleanup);
    expect(drops.sort()).toEqual([false, true]);
  });

  it("of a constructor makes its value, of a thread-local static takes its address", () => {
    const ctor = ctorInstance(cx, w8 as TyOf<"adt">, 0);
    expect([ctor.def.kind, ctor.item.params.map((p) => p.text), ctor.item.ret.text]).toEqual([
      "ctorShim",
      ["u8"],
      "Wrap<u8>",
    ]);
    const local = { ...newStatic(tcx, "LOCAL", TY_U8), threadLocal: true };
    const address = threadLocalInstance(cx, local);
    expect([text(address), address.item.ret.text]).toEqual(["LOCAL - shim(tls)", "&u8"]);
    for (const { item } of [ctor, address]) expect(verifyBody(item.body!, tcx).map(renderVerifyError)).toEqual([]);
    expect(threadLocalInstance(cx, local)).toBe(address);
  });

  it("of drop_in_place is drop glue", () => {
    const dropInPlace = { ...newFn("std::ptr::drop_in_place", [tcx.ptr("mut", T)], TY_UNIT, { generics: ["T"] }) };
    expect(resolveInstance(cx, dropInPlace, [loud])).toBe(resolveDrop(cx, loud));
  });

  it("has a symbol that no other has, even when types print alike", () => {
    const twin = tcx.adt(newStruct(tcx, "Loud", [TY_U8]));
    const f = define(tcx, unitFn("f", ["T"]));
    expect(resolveInstance(cx, f, [twin]).symbol).not.toBe(resolveInstance(cx, f, [loud]).symbol);
  });
});

describe("a vtable", () => {
  it("holds what its methods resolve to, by pointer where they take the value", () => {
    const entries = vtableFor(cx, w8, dynAct);
    expect(entries.map((e) => e.kind)).toEqual(["drop", "size", "align", "method", "method", "method"]);
    expect(entries[0]).toEqual({ kind: "drop", instance: undefined });
    expect(entries[3]).toEqual({ kind: "method", instance: resolveInstance(cx, required, [w8, bytes]) });
    const shim = resolveForVtable(cx, consume, [w8, bytes]);
    expect(entries[5]).toEqual({ kind: "method", instance: shim });
    expect([shim.def.kind, shim.item.params[0]!.text]).toEqual(["vtableShim", "*mut Wrap<u8>"]);
    const owning = vtableFor(
      cx,
      tcx.adt(wrap, [loud]),
      tcx.dynamic({ principal: undefined, projections: [], autos: [] }),
    );
    expect(owning[0]).toEqual({ kind: "drop", instance: resolveDrop(cx, tcx.adt(wrap, [loud])) });
  });
});

describe("a body for arguments", () => {
  const iter = newTrait("Iter", { assocTypes: [{ name: "Item" }] });
  const hasN = newTrait("HasN");
  const declared: ConstItem = {
    kind: "const",
    name: "N",
    generics: ["Self"],
    parent: hasN,
    assocName: "N",
    ty: TY_USIZE,
    body: undefined,
    span: DUMMY_SP,
  };
  hasN.assocConsts = [declared];
  const implN = newImpl(hasN, [TY_U8]);
  implN.assocConsts = [{ ...declared, parent: implN, generics: [] }];
  const local = monoCxFor(
    newTraitCx({ tcx, traits: [iter, hasN], impls: [newImpl(iter, [TY_U8], { types: { Item: TY_BOOL } }), implN] }),
  );
  const N = tcx.param(1, "N");

  it("has every type filled in and normalised, and constants too", () => {
    const item = tcx.alias(iter, "Item", [T]);
    const b = new mir.BodyBuilder(tcx, [T, tcx.adt(wrap, [item])], item);
    b.assign(0, mir.use(mir.move(mir.place(2, mir.field(0, item)))));
    b.temp(TY_USIZE, mir.use(mir.constant({ kind: "param", ty: TY_USIZE, index: 1, name: "N" })));
    b.temp(TY_USIZE, mir.use(mir.constant({ kind: "unevaluated", item: declared, args: [T], ty: TY_USIZE })));
    const list = tcx.arrayOf(T, N);
    b.assign(b.newLocal(list), { kind: "repeat", operand: mir.copy(1), count: 0, genericCount: N });
    b.terminate(mir.ret());
    const filled = instantiateBody(local, b.finish(), [TY_U8, tcx.constArg(TY_USIZE, 3n, "3")]);
    expect(filled.locals.map((l) => l.ty.text)).toEqual(["bool", "u8", "Wrap<bool>", "usize", "usize", "[u8; 3]"]);
    expect(verifyBody(filled, tcx).map(renderVerifyError)).toEqual([]);
    const constants = filled.blocks[0]!.statements.flatMap((s) =>
      s.kind === "assign" && s.rvalue.kind === "use" && s.rvalue.operand.kind === "const"
        ? [s.rvalue.operand.value]
        : [],
    );
    expect(constants[0]).toEqual({ kind: "scalar", ty: TY_USIZE, bits: 3n });
    expect(constants[1]).toMatchObject({ kind: "unevaluated", item: implN.assocConsts[0], args: [] });
  });

  it("is the body itself when nothing in it is generic", () => {
    const plain = mentioning(tcx, { params: [TY_U8], ret: TY_I32 }, [dropOf(loud)]);
    expect(instantiateBody(local, plain, [])).toBe(plain);
    expect(instantiateBody(local, plain, [TY_U8])).toBe(plain);
  });

  it("is the same in one step and in two", () => {
    const generic = fc.letrec<{ ty: Ty }>((tie) => ({
      ty: fc.oneof(
        { maxDepth: 3 },
        fc.constantFrom(T, tcx.param(1, "U"), TY_U8),
        tie("ty").map((t) => tcx.adt(wrap, [t])),
        tie("ty").map((t) => tcx.tuple([t, TY_BOOL])),
        tie("ty").map((t) => R(t)),
      ),
    })).ty;
    const bodyOf = (tys: readonly Ty[]): Body => mentioning(tcx, { params: tys, ret: TY_UNIT }, tys.map(dropOf));
    fc.assert(
      fc.property(fc.array(generic, { minLength: 1, maxLength: 5 }), generic, generic, (tys, a, b) => {
        const outer = [TY_I32, w8];
        const once = instantiateBody(
          local,
          bodyOf(tys),
          [a, b].map((t) => tcx.substitute(t, outer)),
        );
        const twice = instantiateBody(local, instantiateBody(local, bodyOf(tys), [a, b]), outer);
        expect(twice).toEqual(once);
        expect(once.locals.every(({ ty }) => typeFlags(ty) === 0)).toBe(true);
      }),
      { seed: 2, numRuns: 100 },
    );
  });
});

describe("collecting and partitioning", () => {
  const inlined = define(tcx, newFn("inlined", [], TY_UNIT, { inline: "hint" }));
  const shared = define(tcx, unitFn("shared"));
  const left = define(tcx, unitFn("left"), call(inlined), call(shared));
  const right = define(tcx, unitFn("right"), call(inlined), call(shared), dropOf(loud));
  const main = define(tcx, newFn("main", [], TY_UNIT), call(left), call(right));
  const target = newStatic(tcx, "TARGET", TY_U8);
  const base = { tcx, functions: [inlined, shared, left, right, main], traits: [drop], impls: [forLoud], file: "" };

  it("copies what is to be inlined to each unit that reaches it, when asked to", () => {
    const program = { ...base };
    const roots = rootsFor(program, "lazy");
    const { items } = collectCrate(program, roots);
    const units = partition(items, 8, new Set(["main"]), { inlineInAllCgus: true });
    const where = (symbol: string): number => units.filter((u) => u.linkages?.has(symbol)).length;
    expect([where("inlined"), where("shared"), where("left")]).toEqual([2, 1, 1]);
    for (const unit of units) expect(unit.linkages?.get("inlined") ?? "internal").toBe("internal");
    const lines = printMonoItems(units, tcx);
    expect(lines.find((l) => l.includes("fn inlined"))).toMatch(
      /^MONO_ITEM fn inlined @@ cgu\.\d\[Internal\] cgu\.\d\[Internal\]$/,
    );
    expect(lines.some((l) => l.includes("drop_in_place::<Loud> - shim(Some(Loud)) @@ cgu."))).toBe(true);
  });

  it("takes generic functions for no roots, and all others when eager", () => {
    const program = {
      ...base,
      functions: [...base.functions, define(tcx, unitFn("g", ["T"])), define(tcx, unitFn("dead"))],
    };
    expect(rootsFor(program, "lazy").map(text)).toEqual(["main"]);
    expect(rootsFor(program, "eager").map(text)).toEqual([
      "inlined",
      "shared",
      "left",
      "right",
      "main",
      "dead",
      "<Loud as Drop>::drop",
    ]);
  });

  it("places statics, visible when another unit refers to them", () => {
    const reader = define(tcx, unitFn("reader"), { kind: "static", item: target });
    const program = { ...base, functions: [define(tcx, newFn("main", [], TY_UNIT), call(reader)), reader] };
    const { items, statics } = collectCrate(program, rootsFor(program, "lazy"));
    expect(statics.map((s) => s.symbol)).toEqual(["TARGET"]);
    const linkage = (units: number): unknown =>
      partition(items, units, new Set(["main"]), { statics })
        .find((u) => u.statics !== undefined)
        ?.linkages?.get("TARGET");
    expect([linkage(1), linkage(8)]).toEqual(["internal", "external"]);
  });

  it("leaves out what only a block mentions that no path leads to", () => {
    const b = new mir.BodyBuilder(tcx, [], TY_UNIT);
    const dead = b.newBlock();
    b.terminate(mir.ret());
    b.switchTo(dead);
    b.call(b.newLocal(TY_UNIT), mir.fnRef(shared), []);
    b.terminate(mir.ret());
    const item = newFn("main", [], TY_UNIT, { body: b.finish() });
    const program = { tcx, functions: [item, shared], file: "" };
    expect(collectCrate(program, rootsFor(program, "lazy")).items.map((i) => i.instance.symbol)).toEqual(["main"]);
  });

  it("asks no traits for a program that has no use for them", () => {
    const program = { tcx, functions: [main, left, inlined, shared], file: "" };
    const plain = define(tcx, newFn("main", [], TY_UNIT), call(left), dropOf(TY_U8));
    expect(
      collectCrate({ ...program, functions: [plain, left] }, rootsFor({ ...program, functions: [plain] }, "lazy")).mono,
    ).toBeUndefined();
  });
});
