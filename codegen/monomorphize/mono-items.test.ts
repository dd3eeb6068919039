/**
 * What is collected, against rustc's `-Z print-mono-items`: the same crate as Rust source, and as a program made here, whose bodies
 * mention what the Rust bodies do.
 */

import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { newFn } from "../mir/builder.ts";
import type { ClosureDef, ImplDef, TraitDef } from "../mir/items.ts";
import { newTyCtxt } from "../mir/prelude.ts";
import type { Program } from "../mir/program.ts";
import type { FnItem } from "../mir/syntax.ts";
import { TY_U8, TY_U32, TY_U64, TY_UNIT, type Ty, type TyCtxt } from "../mir/ty.ts";
import { addMethod, bound, newEnum, newImpl, newStruct, newTrait } from "../traits/testing/items.ts";
import { collectCrate, rootsFor } from "./collector.ts";
import { partition } from "./partitioning.ts";
import { printMonoItems } from "./print-mono-items.ts";
import { call, define, dropOf, newStatic, unitFn } from "./testing/mentions.ts";

/** rustc's mono items of `source`, without units. */
function rustcItems(source: string): string[] {
  const dir = mkdtempSync(join(tmpdir(), "mirwatch-mono-"));
  try {
    const file = join(dir, "k.rs");
    writeFileSync(file, `#![no_std]\n#![allow(warnings)]\n${source}`);
    const args = [
      "--edition",
      "2024",
      "--crate-type",
      "lib",
      "-Zprint-mono-items=yes",
      "-Copt-level=0",
      "--out-dir",
      dir,
      file,
    ];
    const run = spawnSync("rustc", args, { env: { ...process.env, RUSTC_BOOTSTRAP: "1" }, encoding: "utf8" });
    if (run.status !== 0) throw new Error(run.stderr);
    return itemsOf(run.stdout.split("\n"));
  } finally {
    rmSync(dir, { recursive: true });
  }
}

/** The items of lines `MONO_ITEM … @@ …`. Paths into the library differ by how it is reached, closures by what file they stand in. */
function itemsOf(lines: readonly string[]): string[] {
  return lines
    .flatMap((line) => /^MONO_ITEM (.*) @@ /.exec(line)?.[1] ?? [])
    .map((item) => item.replaceAll(/\b(?:std|core)::/g, "").replaceAll(/\{closure@[^}]*\/k\.rs:/g, "{closure@k.rs:"))
    .sort();
}

const tcx = newTyCtxt();
const SELF = tcx.param(0, "Self");
const T = tcx.param(0, "T");
const U = tcx.param(1, "U");
const R = (ty: Ty): Ty => tcx.ref("not", ty);

function itemsHere(program: Pick<Program, "functions" | "traits" | "impls" | "statics">): string[] {
  const whole: Program = { ...program, tcx, file: "" };
  const roots = rootsFor(whole, "lazy");
  const { items, statics, mono } = collectCrate(whole, roots, whole.statics);
  const units = partition(items, 2, new Set(roots.map((r) => r.symbol)), { statics, mono });
  return itemsOf(printMonoItems(units, tcx));
}

/** The methods of an impl, by the trait's, each with the body that `define` gives it. */
function implMethod(impl: ImplDef, name: string, trait: TraitDef): FnItem {
  const declared = trait.fns.find((fn) => fn.assocName === name)!;
  const params = declared.params.map((ty) => tcx.substitute(ty, [impl.selfTy]));
  return addMethod(impl, name, params, declared.ret);
}

const root = (): FnItem => newFn("root", [], TY_UNIT, { abi: "C" });

const TRAITS_RS = `
trait Shape { fn area(&self) -> u32; fn twice(&self) -> u32 { self.area() + self.area() } fn unused(&self) {} }
struct Square(u32); struct Circle(u32); struct Pair<T, U>(T, U);
impl Shape for Square { fn area(&self) -> u32 { self.0 } }
impl Shape for Circle { fn area(&self) -> u32 { self.0 } fn twice(&self) -> u32 { 7 } }
impl<T: Shape, U: Shape> Shape for Pair<T, U> { fn area(&self) -> u32 { sum(&self.0, &self.1) } }
impl<T> Pair<T, u8> { fn first(&self) -> &T { &self.0 } fn never(&self) {} }
fn sum<A: Shape, B: Shape>(a: &A, b: &B) -> u32 { a.twice() + b.twice() }
fn never_called() {}
fn never_used<T>(t: T) {}
#[unsafe(no_mangle)] pub extern "C" fn root() {
  let p = Pair(Square(1), Pair(Circle(2), Square(3)));
  let q = Pair(1u64, 2u8); q.first(); p.area(); Circle(1).area();
}`;

function traitsProgram(): Parameters<typeof itemsHere>[0] {
  const shape = newTrait("Shape");
  const area = addMethod(shape, "area", [R(SELF)], TY_U32);
  const twice = define(tcx, addMethod(shape, "twice", [R(SELF)], TY_U32), call(area, SELF));
  define(tcx, addMethod(shape, "unused", [R(SELF)]));
  const square = tcx.adt(newStruct(tcx, "Square", [TY_U32]));
  const circle = tcx.adt(newStruct(tcx, "Circle", [TY_U32]));
  const pairDef = newStruct(tcx, "Pair", [T, U], { generics: ["T", "U"] });
  const pair = (a: Ty, b: Ty): Ty => tcx.adt(pairDef, [a, b]);
  const sum = newFn("sum", [R(T), R(U)], TY_U32, { generics: ["A", "B"] });
  define(tcx, sum, call(twice, T), call(twice, U));
  const forSquare = newImpl(shape, [square]);
  define(tcx, implMethod(forSquare, "area", shape));
  const forCircle = newImpl(shape, [circle]);
  define(tcx, implMethod(forCircle, "area", shape));
  define(tcx, implMethod(forCircle, "twice", shape));
  const forPair = newImpl(shape, [pair(T, U)], {
    generics: ["T", "U"],
    predicates: [bound(shape, T), bound(shape, U)],
  });
  define(tcx, implMethod(forPair, "area", shape), call(sum, T, U));
  const inherent: ImplDef = { ...newImpl(shape, [pair(T, TY_U8)], { generics: ["T"] }), trait: undefined };
  const first = define(tcx, addMethod(inherent, "first", [R(pair(T, TY_U8))], R(T)));
  define(tcx, addMethod(inherent, "never", [R(pair(T, TY_U8))]));
  const main = define(
    tcx,
    root(),
    call(first, TY_U64),
    call(area, pair(square, pair(circle, square))),
    call(area, circle),
  );
  return {
    functions: [sum, define(tcx, unitFn("never_called")), define(tcx, unitFn("never_used", ["T"])), main],
    traits: [shape],
    impls: [forSquare, forCircle, forPair, inherent],
  };
}

const DYN_RS = `
trait Base { fn base(&self) {} }
trait Sub: Base { fn sub(&self); fn consume(self) where Self: Sized {} fn other(&self) { helper::<Self>() } }
struct Loud(u8); struct Quiet(u8); struct Holder<T>(u8, T);
enum Either { V0(Loud), V1(u8) }
impl Drop for Loud { fn drop(&mut self) { touch(&self.0) } }
impl Base for Loud {} impl Sub for Loud { fn sub(&self) {} }
impl Base for Quiet { fn base(&self) {} } impl Sub for Quiet { fn sub(&self) {} }
fn helper<T: ?Sized>() {}
fn touch(x: &u8) {}
fn take(x: &dyn Sub) { x.sub(); up(x); }
fn up(x: &dyn Base) { x.base(); }
#[unsafe(no_mangle)] pub extern "C" fn root() {
  let a = Loud(1); let b = Quiet(2);
  take(&a); take(&b);
  let h = Holder(1, Either::V0(Loud(3)));
  let arr = [Holder(1, Loud(2)), Holder(3, Loud(4))];
  let t = (Quiet(3), 4u8);
}`;

function dynProgram(): Parameters<typeof itemsHere>[0] {
  const sized = newTrait("Sized", { lang: "sized" });
  const drop = newTrait("Drop", { lang: "drop" });
  drop.name = "core::ops::Drop";
  addMethod(drop, "drop", [tcx.ref("mut", SELF)]);
  const base = newTrait("Base");
  const baseFn = define(tcx, addMethod(base, "base", [R(SELF)]));
  const sub = newTrait("Sub", { supertraits: [{ trait: base, args: [SELF] }] });
  const helper = define(tcx, unitFn("helper", ["T"]));
  const subFn = addMethod(sub, "sub", [R(SELF)]);
  define(tcx, addMethod(sub, "consume", [SELF], TY_UNIT, { predicates: [bound(sized, SELF)] }));
  define(tcx, addMethod(sub, "other", [R(SELF)]), call(helper, SELF));
  const loud = tcx.adt(newStruct(tcx, "Loud", [TY_U8]));
  const quiet = tcx.adt(newStruct(tcx, "Quiet", [TY_U8]));
  const holder = newStruct(tcx, "Holder", [TY_U8, T], { generics: ["T"] });
  const either = tcx.adt(newEnum(tcx, "Either", [[loud], [TY_U8]]));
  const touch = define(tcx, newFn("touch", [R(TY_U8)], TY_UNIT));
  const impls = [
    newImpl(drop, [loud]),
    newImpl(base, [loud]),
    newImpl(sub, [loud]),
    newImpl(base, [quiet]),
    newImpl(sub, [quiet]),
  ];
  define(tcx, implMethod(impls[0]!, "drop", drop), call(touch));
  define(tcx, implMethod(impls[2]!, "sub", sub));
  define(tcx, implMethod(impls[3]!, "base", base));
  define(tcx, implMethod(impls[4]!, "sub", sub));
  const dyn = (trait: TraitDef): Ty => tcx.dynamic({ principal: { trait, args: [] }, projections: [], autos: [] });
  const up = define(tcx, newFn("up", [R(dyn(base))], TY_UNIT), call(baseFn, dyn(base)));
  const take = newFn("take", [R(dyn(sub))], TY_UNIT);
  define(tcx, take, call(subFn, dyn(sub)), { kind: "unsize", from: R(dyn(sub)), to: R(dyn(base)) }, call(up));
  const main = define(
    tcx,
    root(),
    { kind: "unsize", from: R(loud), to: R(dyn(sub)) },
    call(take),
    { kind: "unsize", from: R(quiet), to: R(dyn(sub)) },
    dropOf(tcx.adt(holder, [either])),
    dropOf(tcx.array(tcx.adt(holder, [loud]), 2)),
    dropOf(tcx.tuple([quiet, TY_U8])),
    dropOf(loud),
  );
  return { functions: [helper, touch, take, up, main], traits: [sized, drop, base, sub], impls };
}

const CALLS_RS = `
struct Loud(u8);
impl Drop for Loud { fn drop(&mut self) {} }
fn double(x: u32) -> u32 { x }
fn triple(x: u32) -> u32 { x }
fn generic<T>(x: T) -> T { x }
fn apply<F: Fn(u32) -> u32>(f: F) -> u32 { f(1) }
fn once<F: FnOnce(u32) -> u32>(f: F) -> u32 { f(5) }
fn pointer(f: fn(u32) -> u32) -> u32 { f(1) }
static TABLE: [fn(u32) -> u32; 2] = [double, triple];
static USED: u32 = 3;
static UNUSED: u32 = 4;
#[unsafe(no_mangle)] pub extern "C" fn root() {
  let k = USED;
  let l = Loud(1);
  apply(|x| x ^ k); once(move |x| { let m = &l; x ^ m.0 as u32 }); apply(double); pointer(generic::<u32>); pointer(|x| x ^ 1); TABLE[0](4);
}`;

/** The line and columns of the closures in `CALLS_RS`, below two more lines; rustc prints them so. */
function closureName(text: string): string {
  const lines = CALLS_RS.split("\n");
  const line = lines.findIndex((l) => l.includes(text));
  const column = lines[line]!.indexOf(text) + 1;
  const head = /^(?:move )?\|x\|/.exec(text)![0];
  return `{closure@k.rs:${line + 3}:${column}: ${line + 3}:${column + head.length}}`;
}

function callsProgram(cx: TyCtxt): Parameters<typeof itemsHere>[0] {
  const drop = newTrait("core::ops::Drop", { lang: "drop" });
  addMethod(drop, "drop", [tcx.ref("mut", SELF)]);
  const args = tcx.param(1, "Args");
  const fnOnce = newTrait("core::ops::FnOnce", {
    lang: "fn_once",
    generics: ["Args"],
    assocTypes: [{ name: "Output" }],
  });
  const output = tcx.alias(fnOnce, "Output", [SELF, args]);
  const callOnce = addMethod(fnOnce, "call_once", [SELF, args], output);
  const fn = newTrait("core::ops::Fn", {
    lang: "fn",
    generics: ["Args"],
    supertraits: [{ trait: fnOnce, args: [SELF, args] }],
  });
  const callFn = addMethod(fn, "call", [R(SELF), args], output);
  const loud = tcx.adt(newStruct(tcx, "Loud", [TY_U8]));
  const impl = newImpl(drop, [loud]);
  define(tcx, implMethod(impl, "drop", drop));
  const unary = (name: string): FnItem => define(tcx, newFn(name, [TY_U32], TY_U32));
  const [double, triple] = [unary("double"), unary("triple")];
  const generic = define(tcx, newFn("generic", [T], T, { generics: ["T"] }));
  const argTuple = tcx.tuple([TY_U32]);
  const pointerTy = tcx.fnPtr([TY_U32], TY_U32);
  const apply = define(tcx, newFn("apply", [T], TY_U32, { generics: ["F"] }), call(callFn, T, argTuple), dropOf(T));
  const once = define(tcx, newFn("once", [T], TY_U32, { generics: ["F"] }), call(callOnce, T, argTuple));
  const pointer = define(tcx, newFn("pointer", [pointerTy], TY_U32));
  const closure = (n: number, text: string, upvars: readonly Ty[]): Ty => {
    const def: ClosureDef = {
      kind: "closure",
      name: closureName(text),
      generics: [],
      upvars,
      upvarNames: [],
      closureKind: "fn",
      body: undefined,
    };
    const ty = cx.closure(def, []);
    def.body = define(tcx, { ...newFn(`root::{closure#${n}}`, [R(ty), TY_U32], TY_U32), closure: def });
    return ty;
  };
  const plain = closure(0, "|x| x ^ k", [R(TY_U32)]);
  const owning = closure(1, "move |x| { let m", [loud]);
  const empty = closure(2, "|x| x ^ 1", []);
  const table = newStatic(
    tcx,
    "TABLE",
    tcx.array(pointerTy, 2),
    { kind: "reify", item: double!, to: pointerTy },
    { kind: "reify", item: triple!, to: pointerTy },
  );
  const used = newStatic(tcx, "USED", TY_U32);
  const main = define(
    tcx,
    root(),
    { kind: "static", item: used },
    call(apply, plain),
    call(once, owning),
    call(apply, tcx.fnDef(double!, [])),
    { kind: "reify", item: generic, args: [TY_U32], to: pointerTy },
    call(pointer),
    { kind: "closureFnPtr", closure: empty, to: pointerTy },
    { kind: "static", item: table },
  );
  return {
    functions: [double!, triple!, generic, apply, once, pointer, main],
    traits: [drop, fnOnce, fn],
    impls: [impl],
    statics: [table, used, newStatic(tcx, "UNUSED", TY_U32)],
  };
}

const rustc = spawnSync("rustc", ["--version"]).status === 0;

describe.skipIf(!rustc)("mono items are rustc's", () => {
  it("of generic functions, default methods and impls of generic types", () => {
    expect(itemsHere(traitsProgram())).toEqual(rustcItems(TRAITS_RS));
  });

  it("of vtables and drop glue", () => {
    expect(itemsHere(dynProgram())).toEqual(rustcItems(DYN_RS));
  });

  it("of closures, function pointers and statics", () => {
    const own = itemsHere(callsProgram(tcx));
    const expected = rustcItems(CALLS_RS);
    // rustc calls a closure's body directly, and has one shim for both `call_once` of it and pointers to it.
    const direct = (item: string): boolean => /^fn <\{closure@.*>::call - shim$/.test(item);
    const once = (item: string): boolean =>
      /^fn (?:<\{closure@.*>::call_once - shim|\{closure@.* as fn - shim)$/.test(item);
    expect(own.filter((item) => !direct(item) && !once(item))).toEqual(expected.filter((item) => !once(item)));
    expect(own.filter(once).length).toBe(expected.filter(once).length);
  });
});
