/**
 * Actions on generic functions, structs and traits: type and const parameters, bounds, `where` clauses, associated types and constants,
 * default methods, generic impls.
 *
 * All of it is over one trait, `Num`: integers, bools and chars that are turned into the program's *word*, an integer type, and back. So generic code
 * computes, although it does not know its types.
 */

import {
  type ConstItem,
  type FnItem,
  type ImplDef,
  type Local,
  type Operand,
  type Predicate,
  type TraitDef,
  TY_U32,
  TY_USIZE,
  type Ty,
} from "../../codegen/index.ts";
import { randomConst } from "./constants.ts";
import { select } from "./control.ts";
import {
  accumulator,
  affordable,
  at,
  callItem,
  callValue,
  constOf,
  copyAt,
  DEREF,
  deliver,
  fieldElem,
  fillBody,
  forRange,
  initialiser,
  mix,
  refTo,
  returnMixed,
  setReturn,
  spend,
  usize,
} from "./emit.ts";
import type { FnCx } from "./fn-cx.ts";
import { genericBuffer, genericPair } from "./generic-types.ts";
import { assocType, implPath, newConst, newFn, newImpl, newTrait } from "./items.ts";
import { binary, convert, copyOf, fnConst, moveOf, operand, placeOf, reusable, temp, use } from "./operands.ts";

const CALL_COST = 40;

/** `trait Num { const WIDTH: u32; fn to(self) -> W; fn from(x: W) -> Self; }` */
interface Num {
  readonly word: Ty;
  readonly trait: TraitDef;
  readonly width: ConstItem;
  readonly to: FnItem;
  readonly from: FnItem;
  readonly implementors: Set<Ty>;
}

function num(cx: FnCx): Num {
  const { items } = cx.program;
  const known = items.known<Num>("num");
  if (known.length > 0) return known[0]!;
  const self = cx.types.tcx.param(0, "Self");
  const word = cx.types.int();
  const trait = newTrait(items, "Num");
  const inTrait = { generics: ["Self"], parent: trait };
  const width = newConst(items, "Num::WIDTH", TY_U32, undefined, { ...inTrait, assocName: "WIDTH" });
  const to = newFn(items, "Num::to", [self], word, { ...inTrait, assocName: "to" });
  const from = newFn(items, "Num::from", [word], self, { ...inTrait, assocName: "from" });
  trait.fns = [to, from];
  trait.assocConsts = [width];
  const made = { word, trait, width, to, from, implementors: new Set<Ty>() };
  known.push(made);
  return made;
}

/** A scalar type that implements `Num`. Floats do not: their conversions would hide what went in. */
function numTy(cx: FnCx, n: Num): Ty {
  let ty = cx.types.scalar();
  if (ty.kind === "float") ty = cx.types.int();
  if (!n.implementors.has(ty)) implementNum(cx, n, ty);
  return ty;
}

function implementNum(cx: FnCx, n: Num, ty: Ty): void {
  n.implementors.add(ty);
  const { items } = cx.program;
  const impl = newImpl(items, n.trait, [ty]);
  const path = implPath(items);
  const to = newFn(items, `${path}::to`, [ty], n.word, { parent: impl, assocName: "to" });
  fillBody(cx, to, (inner, [x]) => setReturn(inner, use(convert(inner, copyOf(x!), ty, n.word))));
  const from = newFn(items, `${path}::from`, [n.word], ty, { parent: impl, assocName: "from", inline: "hint" });
  fillBody(cx, from, (inner, [x]) => setReturn(inner, use(convert(inner, copyOf(x!), n.word, ty))));
  const body = initialiser(cx, TY_U32, (inner) => setReturn(inner, use(randomConst(inner.rng, TY_U32))));
  const width = newConst(items, `${path}::WIDTH`, TY_U32, body, { parent: impl, assocName: "WIDTH" });
  impl.fns = [to, from];
  impl.assocConsts = [width];
}

function bound(trait: TraitDef, ...args: readonly Ty[]): Predicate {
  return { kind: "trait", ref: { trait, args } };
}

/** `<ty as Num>::to(value)` in a local. */
function toWord(cx: FnCx, n: Num, ty: Ty, value: Operand): Local {
  return callValue(cx, fnConst(n.to, [ty]), [value], n.word);
}

function fromWord(cx: FnCx, n: Num, ty: Ty, value: Operand): Local {
  return callValue(cx, fnConst(n.from, [ty]), [value], ty);
}

/** `<ty as Num>::WIDTH` as a word. */
function widthOf(cx: FnCx, n: Num, ty: Ty): Operand {
  const value = temp(cx, TY_U32, use(constOf({ kind: "unevaluated", item: n.width, args: [ty], ty: TY_U32 })));
  return convert(cx, moveOf(value), TY_U32, n.word);
}

function tooCostly(cx: FnCx, calls: number): boolean {
  if (!affordable(cx, calls * CALL_COST * 2)) {
    select(cx);
    return true;
  }
  spend(cx, calls * CALL_COST);
  return false;
}

/** `fn g<T: Num, U: Num>(x: T, y: &U, w: W) -> W`, at one or two lists of types. */
export function genericCall(cx: FnCx): void {
  if (tooCostly(cx, 3)) return;
  const n = num(cx);
  const g = genericFn(cx, n);
  const acc = accumulator(cx, n.word);
  for (let calls = cx.rng.between(1, 2); calls > 0; calls--) {
    const [t, u] = [numTy(cx, n), numTy(cx, n)];
    const lent = temp(cx, u, use(reusable(cx, u)));
    const result = callItem(cx, g, [t, u], [operand(cx, t), copyOf(refTo(cx, at(lent), u)), copyOf(acc)]);
    mix(cx, acc, moveOf(result));
  }
  deliver(cx, acc, n.word);
}

const MOST_GENERIC_FNS = 2;

function genericFn(cx: FnCx, n: Num): FnItem {
  const { items } = cx.program;
  const known = items.known<FnItem>("generic fns");
  if (known.length >= MOST_GENERIC_FNS) return cx.rng.pick(known);
  const { tcx } = cx.types;
  const [t, u] = [tcx.param(0, "T"), tcx.param(1, "U")];
  const item = newFn(items, items.name("generic"), [t, tcx.ref("not", u), n.word], n.word, {
    generics: ["T", "U"],
    predicates: [bound(n.trait, t), bound(n.trait, u)],
  });
  known.push(item);
  const callee = known.length > 1 && cx.rng.chance(60) ? known[0] : undefined;
  fillBody(cx, item, (inner, [x, y, w]) => {
    inner.define(w!, n.word, { mutable: false });
    const acc = temp(inner, n.word, use(copyOf(w!)));
    mix(inner, acc, moveOf(toWord(inner, n, t, moveOf(x!))));
    mix(inner, acc, moveOf(toWord(inner, n, u, copyAt(y!, DEREF))));
    mix(inner, acc, widthOf(inner, n, inner.rng.pick([t, u])));
    inner.act(2);
    // Polymorphic calls of polymorphic functions, with the parameters exchanged and with a type of its own.
    if (callee !== undefined) {
      const lent = fromWord(inner, n, t, copyOf(acc));
      const args = [moveOf(fromWord(inner, n, u, copyOf(acc))), copyOf(refTo(inner, at(lent), t)), copyOf(acc)];
      mix(inner, acc, moveOf(callItem(inner, callee, [u, t], args)));
    }
    returnMixed(inner, acc);
  });
  return item;
}

/** A generic struct by reference: `fn h<T: Num, U: Num>(p: &mut Pair<T, U>, w: W) -> W` changes one field by the other. */
export function genericStruct(cx: FnCx): void {
  if (tooCostly(cx, 2)) return;
  const n = num(cx);
  const { tcx } = cx.types;
  const h = pairFn(cx, n);
  const [t, u] = [numTy(cx, n), numTy(cx, n)];
  const pair = tcx.adt(genericPair(cx.types), [t, u]);
  const value = temp(cx, pair, {
    kind: "aggregate",
    aggregate: { kind: "adt", ty: pair, def: genericPair(cx.types), variant: 0 },
    operands: [reusable(cx, t), reusable(cx, u)],
  });
  const result = callItem(cx, h, [t, u], [moveOf(refTo(cx, at(value), pair, "mut")), operand(cx, n.word)]);
  deliver(cx, result, n.word);
  cx.define(value, pair);
}

function pairFn(cx: FnCx, n: Num): FnItem {
  const { items } = cx.program;
  const known = items.known<FnItem>("pair fns");
  if (known.length > 0) return known[0]!;
  const { tcx } = cx.types;
  const [t, u] = [tcx.param(0, "T"), tcx.param(1, "U")];
  const pair = tcx.adt(genericPair(cx.types), [t, u]);
  const item = newFn(items, "pair_fn", [tcx.ref("mut", pair), n.word], n.word, {
    generics: ["T", "U"],
    predicates: [bound(n.trait, t), bound(n.trait, u)],
  });
  known.push(item);
  fillBody(cx, item, (inner, [p, w]) => {
    const acc = temp(inner, n.word, use(copyOf(w!)));
    mix(inner, acc, moveOf(toWord(inner, n, t, copyAt(p!, DEREF, fieldElem(0, t)))));
    const made = fromWord(inner, n, u, copyOf(acc));
    inner.assign(at(p!, DEREF, fieldElem(1, u)), use(moveOf(made)));
    mix(inner, acc, moveOf(toWord(inner, n, u, copyAt(p!, DEREF, fieldElem(1, u)))));
    returnMixed(inner, acc);
  });
  return item;
}

/** `fn sum<T: Num, const N: usize>(a: [T; N], w: W) -> W`, at two lengths. */
export function constGeneric(cx: FnCx): void {
  if (tooCostly(cx, 4)) return;
  const n = num(cx);
  const { tcx } = cx.types;
  const t = numTy(cx, n);
  const sum = arrayFn(cx, n);
  const acc = accumulator(cx, n.word);
  for (let calls = cx.rng.between(1, 2); calls > 0; calls--) {
    const length = cx.rng.between(1, 6);
    const operands: Operand[] = [];
    for (let i = 0; i < length; i++) operands.push(reusable(cx, t));
    const array = temp(cx, tcx.array(t, length), {
      kind: "aggregate",
      aggregate: { kind: "array", element: t },
      operands,
    });
    spend(cx, length * 8);
    const args = [t, tcx.constArg(TY_USIZE, BigInt(length), String(length))];
    mix(cx, acc, moveOf(callItem(cx, sum, args, [moveOf(array), copyOf(acc)])));
  }
  deliver(cx, acc, n.word);
}

function arrayFn(cx: FnCx, n: Num): FnItem {
  const { items } = cx.program;
  const known = items.known<FnItem>("array fns");
  if (known.length > 0) return known[0]!;
  const { tcx } = cx.types;
  const t = tcx.param(0, "T");
  const length = tcx.param(1, "N");
  const arrayTy = tcx.arrayOf(t, length);
  const item = newFn(items, "array_fn", [arrayTy, n.word], n.word, {
    generics: ["T", "N"],
    constParams: [undefined, TY_USIZE],
    predicates: [bound(n.trait, t)],
  });
  known.push(item);
  fillBody(cx, item, (inner, [array, w]) => {
    const acc = temp(inner, n.word, use(copyOf(w!)));
    const count: Operand = constOf({ kind: "param", ty: TY_USIZE, index: 1, name: "N" });
    // A second array of the same length, of one repeated element.
    const filler = fromWord(inner, n, n.word, copyOf(w!));
    const wordsTy = tcx.arrayOf(n.word, length);
    const words = temp(inner, wordsTy, { kind: "repeat", operand: copyOf(filler), count: 0, genericCount: length });
    forRange(inner, count, 4, (i) => {
      const there = { kind: "index", local: i } as const;
      mix(inner, acc, moveOf(toWord(inner, n, t, copyAt(array!, there))));
      inner.assign(at(words, there), binary("Add", copyAt(words, there), copyOf(acc)));
      mix(inner, acc, copyAt(words, there));
    });
    const buffer = tcx.adt(genericBuffer(cx.types), [t, length]);
    const held = temp(inner, buffer, {
      kind: "aggregate",
      aggregate: { kind: "adt", ty: buffer, def: genericBuffer(cx.types), variant: 0 },
      operands: [moveOf(array!), count],
    });
    mix(inner, acc, convert(inner, copyAt(held, fieldElem(1, TY_USIZE)), TY_USIZE, n.word));
    returnMixed(inner, acc);
  });
  if (!n.implementors.has(n.word)) implementNum(cx, n, n.word);
  return item;
}

/** `trait Shape { type Out: Num; const K: W = …; const LEN: usize = …; fn make(&self, x: W) -> Self::Out; fn run(&self, x: W) -> W { … } }` */
interface Shape {
  readonly trait: TraitDef;
  readonly k: ConstItem;
  readonly len: ConstItem;
  readonly make: FnItem;
  readonly run: FnItem;
  readonly implementors: Set<Ty>;
}

/** A generic function over an associated type and constant, with the default method, or one of the impl's own. */
export function associatedItems(cx: FnCx): void {
  if (tooCostly(cx, 4)) return;
  const n = num(cx);
  const shape = shapeTrait(cx, n);
  const { tcx } = cx.types;
  const acc = accumulator(cx, n.word);
  const user = shapeUser(cx, n, shape);
  for (let calls = cx.rng.between(1, 2); calls > 0; calls--) {
    const base = numTy(cx, n);
    const generic = cx.rng.chance(40);
    const ty = generic ? tcx.adt(genericPair(cx.types), [base, base]) : base;
    if (generic) implementForPairs(cx, n, shape);
    else if (!shape.implementors.has(ty)) implementShape(cx, n, shape, ty);
    const value = generic
      ? temp(cx, ty, {
          kind: "aggregate",
          aggregate: { kind: "adt", ty, def: genericPair(cx.types), variant: 0 },
          operands: [reusable(cx, base), reusable(cx, base)],
        })
      : temp(cx, ty, use(reusable(cx, ty)));
    mix(cx, acc, moveOf(callItem(cx, user, [ty], [copyOf(refTo(cx, at(value), ty)), copyOf(acc)])));
  }
  deliver(cx, acc, n.word);
}

function shapeTrait(cx: FnCx, n: Num): Shape {
  const { items } = cx.program;
  const known = items.known<Shape>("shape");
  if (known.length > 0) return known[0]!;
  const { tcx } = cx.types;
  const self = tcx.param(0, "Self");
  const trait = newTrait(items, "Shape");
  const out = tcx.alias(trait, "Out", [self]);
  trait.assocTypes = [assocType("Out", [bound(n.trait, out)])];
  const inTrait = { generics: ["Self"], parent: trait };
  const value = initialiser(cx, n.word, (inner) => setReturn(inner, use(randomConst(inner.rng, n.word))));
  const k = newConst(items, "Shape::K", n.word, value, { ...inTrait, assocName: "K" });
  const count = initialiser(cx, TY_USIZE, (inner) => setReturn(inner, use(usize(inner.rng.between(1, 5)))));
  const len = newConst(items, "Shape::LEN", TY_USIZE, count, { ...inTrait, assocName: "LEN" });
  const make = newFn(items, "Shape::make", [tcx.ref("not", self), n.word], out, { ...inTrait, assocName: "make" });
  const run = newFn(items, "Shape::run", [tcx.ref("not", self), n.word], n.word, { ...inTrait, assocName: "run" });
  const made: Shape = { trait, k, len, make, run, implementors: new Set() };
  known.push(made);
  if (!n.implementors.has(n.word)) implementNum(cx, n, n.word);
  trait.assocConsts = [k, len];
  trait.fns = [make, run];
  fillBody(cx, run, (inner, [me, x]) => {
    const acc = temp(inner, n.word, use(copyOf(x!)));
    const shaped = callValue(inner, fnConst(make, [self]), [copyOf(me!), copyOf(x!)], out);
    mix(inner, acc, moveOf(toWord(inner, n, out, moveOf(shaped))));
    mix(inner, acc, constOf({ kind: "unevaluated", item: k, args: [self], ty: n.word }));
    returnMixed(inner, acc);
  });
  return made;
}

/** `impl Shape for ty`, with a constant and a `run` of its own now and then. */
function implementShape(cx: FnCx, n: Num, shape: Shape, ty: Ty): void {
  shape.implementors.add(ty);
  const { items } = cx.program;
  const impl = newImpl(items, shape.trait, [ty]);
  const path = implPath(items);
  const out = numTy(cx, n);
  impl.assocTypes = [{ name: "Out", generics: [], ty: out }];
  const self = cx.types.tcx.ref("not", ty);
  const make = newFn(items, `${path}::make`, [self, n.word], out, { parent: impl, assocName: "make" });
  fillBody(cx, make, (inner, [me, x]) => {
    inner.define(x!, n.word, { mutable: false });
    const acc = temp(inner, n.word, use(copyOf(x!)));
    mix(inner, acc, convert(inner, copyAt(me!, DEREF), ty, n.word));
    setReturn(inner, use(convert(inner, moveOf(acc), n.word, out)));
  });
  const fns = [make];
  if (cx.rng.chance(40)) fns.push(ownRun(cx, n, impl, path, ty));
  impl.fns = fns;
  if (cx.rng.chance(60)) {
    const body = initialiser(cx, n.word, (inner) => setReturn(inner, use(randomConst(inner.rng, n.word))));
    const k = newConst(items, `${path}::K`, n.word, body, { parent: impl, assocName: "K" });
    const count = initialiser(cx, TY_USIZE, (inner) => setReturn(inner, use(usize(inner.rng.between(1, 5)))));
    impl.assocConsts = [k, newConst(items, `${path}::LEN`, TY_USIZE, count, { parent: impl, assocName: "LEN" })];
  }
}

function ownRun(cx: FnCx, n: Num, impl: ImplDef, path: string, ty: Ty): FnItem {
  const self = cx.types.tcx.ref("not", ty);
  const run = newFn(cx.program.items, `${path}::run`, [self, n.word], n.word, { parent: impl, assocName: "run" });
  fillBody(cx, run, (inner, [me, x]) => {
    inner.define(x!, n.word, { mutable: false });
    inner.act(2);
    const acc = temp(inner, n.word, use(copyOf(x!)));
    mix(inner, acc, convert(inner, copyAt(me!, DEREF), ty, n.word));
    returnMixed(inner, acc);
  });
  return run;
}

/** `impl<T: Num> Shape for Pair<T, T>`, once. */
function implementForPairs(cx: FnCx, n: Num, shape: Shape): void {
  const { items } = cx.program;
  const known = items.known<null>("shape of pairs");
  if (known.length > 0) return;
  known.push(null);
  const { tcx } = cx.types;
  const t = tcx.param(0, "T");
  const pair = tcx.adt(genericPair(cx.types), [t, t]);
  const generics = ["T"];
  const predicates = [bound(n.trait, t)];
  const impl = newImpl(items, shape.trait, [pair], { generics, predicates });
  const path = implPath(items);
  impl.assocTypes = [{ name: "Out", generics: [], ty: t }];
  const self = tcx.ref("not", pair);
  const make = newFn(items, `${path}::make`, [self, n.word], t, {
    generics,
    predicates,
    parent: impl,
    assocName: "make",
  });
  fillBody(cx, make, (inner, [me, x]) => {
    const acc = temp(inner, n.word, use(copyOf(x!)));
    for (const i of [0, 1]) mix(inner, acc, moveOf(toWord(inner, n, t, copyAt(me!, DEREF, fieldElem(i, t)))));
    setReturn(inner, use(moveOf(fromWord(inner, n, t, moveOf(acc)))));
  });
  impl.fns = [make];
}

/** `fn user<S>(s: &S, w: W) -> W where S: Shape, S::Out: Num` */
function shapeUser(cx: FnCx, n: Num, shape: Shape): FnItem {
  const { items } = cx.program;
  const known = items.known<FnItem>("shape user");
  if (known.length > 0) return known[0]!;
  const { tcx } = cx.types;
  const s = tcx.param(0, "S");
  const out = tcx.alias(shape.trait, "Out", [s]);
  const item = newFn(items, "shape_user", [tcx.ref("not", s), n.word], n.word, {
    generics: ["S"],
    predicates: [bound(shape.trait, s), bound(n.trait, out)],
  });
  known.push(item);
  fillBody(cx, item, (inner, [me, w]) => {
    const acc = callValue(inner, fnConst(shape.run, [s]), [copyOf(me!), copyOf(w!)], n.word);
    const made = callValue(inner, fnConst(shape.make, [s]), [copyOf(me!), copyOf(acc)], out);
    const kept = temp(inner, tcx.tuple([out, n.word]), {
      kind: "aggregate",
      aggregate: { kind: "tuple" },
      operands: [moveOf(made), copyOf(acc)],
    });
    mix(inner, acc, moveOf(toWord(inner, n, out, { kind: "move", place: at(kept, fieldElem(0, out)) })));
    mix(inner, acc, constOf({ kind: "unevaluated", item: shape.k, args: [s], ty: n.word }));
    inner.assign(placeOf(acc), binary("Add", copyOf(acc), widthOf(inner, n, out)));
    if (inner.rng.chance(25)) lengthOfShape(inner, n, shape, s, acc);
    returnMixed(inner, acc);
  });
  return item;
}

/** An array whose length is an associated constant: filled, and its last element and length read back. */
function lengthOfShape(cx: FnCx, n: Num, shape: Shape, s: Ty, acc: Local): void {
  const { tcx } = cx.types;
  const length = tcx.anonConst(shape.len, [s], `<${s.text} as Shape>::LEN`);
  const arrayTy = tcx.arrayOf(n.word, length);
  const array = temp(cx, arrayTy, { kind: "repeat", operand: copyOf(acc), count: 0, genericCount: length });
  const count = temp(cx, TY_USIZE, use(constOf({ kind: "unevaluated", item: shape.len, args: [s], ty: TY_USIZE })));
  const last = temp(cx, TY_USIZE, binary("Sub", copyOf(count), usize(1)));
  cx.assign(at(array, { kind: "index", local: last }), binary("Mul", copyOf(acc), widthOf(cx, n, n.word)));
  mix(cx, acc, copyAt(array, { kind: "constantIndex", offset: 0, minLength: 1, fromEnd: false }));
  mix(cx, acc, convert(cx, moveOf(count), TY_USIZE, n.word));
}
