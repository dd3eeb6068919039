/**
 * Values that no variable of the pools has: floats of 16 and 128 bits, vectors, unions, wide pointers, pointers to functions, structs of the shapes
 * that calling conventions tell apart. Each knows how to make one and how to mix what it holds into an integer.
 */

import {
  type AdtDef,
  DEFAULT_REPR,
  type Local,
  type Place,
  preludeAdt,
  TY_BOOL,
  TY_F16,
  TY_F32,
  TY_F64,
  TY_F128,
  TY_I8,
  TY_I64,
  TY_I128,
  TY_U8,
  TY_U16,
  TY_U32,
  TY_U64,
  TY_U128,
  TY_UNIT,
  TY_USIZE,
  type Ty,
  type TyOf,
} from "../../codegen/index.ts";
import { project } from "./aggregates.ts";
import { at, callValue, DEREF, fieldElem, mix, mixScalar, refTo } from "./emit.ts";
import { floatValue } from "./floats.ts";
import type { FnCx } from "./fn-cx.ts";
import { smallFn } from "./fn-values.ts";
import { cast, copyOf, fnConst, moveOf, newValue, reusable, temp, unary, use } from "./operands.ts";
import { newVector, someVector } from "./simd.ts";
import { callMethods, makeObject } from "./trait-objects.ts";
import { objectTrait } from "./traits.ts";
import { newUnion, union } from "./unions.ts";
import { localValue, mixPlace } from "./values.ts";

export interface OddValue {
  readonly ty: Ty;
  /** A new value in a local that is in no pool. */
  readonly make: (cx: FnCx) => Local;
  /** Mixes a part of the value at `place` into `acc`, of integer type `word`. */
  readonly look: (cx: FnCx, acc: Local, word: Ty, place: Place) => void;
}

type Maker = (cx: FnCx) => OddValue;

/** A value of a type that the generator knows to take apart. */
function plain(ty: Ty): OddValue {
  return {
    ty,
    make: (cx) => localValue(cx, ty),
    look: (cx, acc, word, place) => mixPlace(cx, acc, word, place, ty),
  };
}

const RECORDS: readonly (readonly Ty[])[] = [
  [TY_F32, TY_F32],
  [TY_F64, TY_I64],
  [TY_U8, TY_F64],
  [TY_F32, TY_U8],
  [TY_F32, TY_F32, TY_F32],
  [TY_U64, TY_U64, TY_U64],
  [TY_U8, TY_U16, TY_U8],
  [TY_I128],
  [TY_U8, TY_U128],
  [TY_U32, TY_BOOL],
];

/** A struct of one of the shapes that calling conventions pass each in its own way. */
function record(cx: FnCx): OddValue {
  const { items } = cx.program;
  const { tcx } = cx.types;
  const known = items.known<Ty>("records");
  if (known.length < 3 && (known.length === 0 || cx.rng.chance(60))) {
    const name = items.name("Record");
    const fields = cx.rng.chance(20)
      ? [tcx.array(cx.rng.pick([TY_U8, TY_U16, TY_F32]), cx.rng.pick([3, 4, 5, 9, 17]))]
      : cx.rng.pick(RECORDS);
    const repr = cx.rng.pick([{ c: true }, { c: true }, {}, { align: 32 }, { c: true, packed: 1 }]);
    const def: AdtDef = {
      name,
      adtKind: "struct",
      generics: [],
      variants: [{ name, ctor: "named", fields: fields.map((ty, i) => ({ name: `f${i}`, ty })), discriminant: 0n }],
      repr: { ...DEFAULT_REPR, ...repr },
      explicitDiscriminants: false,
      prelude: false,
    };
    known.push(tcx.adt(def));
  }
  return plain(cx.rng.pick(known));
}

/** An array by itself: one scalar, two, or memory. */
function array(cx: FnCx): OddValue {
  return plain(cx.types.tcx.array(cx.types.scalar(), cx.rng.between(1, 5)));
}

/** Enums and tuples that travel as one scalar, as two, or in memory. */
function prelude(cx: FnCx): OddValue {
  const { tcx, option, ordering } = cx.types;
  const result = preludeAdt(tcx, "std::result::Result");
  return plain(
    cx.rng.pick([
      TY_UNIT,
      tcx.tuple([TY_U64, TY_BOOL]),
      tcx.tuple([TY_F64, TY_U8]),
      tcx.adt(ordering),
      tcx.adt(option, [TY_U128]),
      tcx.adt(option, [TY_F32]),
      tcx.adt(result, [TY_U64, TY_U8]),
      tcx.adt(result, [TY_F64, TY_I8]),
      tcx.adt(option, [tcx.tuple([TY_U16, TY_BOOL])]),
    ]),
  );
}

function oddFloat(cx: FnCx): OddValue {
  const ty = cx.rng.pick([TY_F16, TY_F128]);
  return {
    ty,
    make: (each) => temp(each, ty, use(floatValue(each, ty))),
    look: (each, acc, word, place) => mixScalar(each, acc, word, { kind: "copy", place }, ty),
  };
}

function simd(cx: FnCx): OddValue {
  const v = someVector(cx);
  const array = cx.types.tcx.array(v.lane, v.lanes);
  return {
    ty: v.ty,
    make: (each) => newVector(each, v),
    look: (each, acc, word, place) => {
      const lanes = temp(each, array, cast("Transmute", { kind: "copy", place }, array));
      const lane = {
        kind: "constantIndex",
        offset: each.rng.below(v.lanes),
        minLength: v.lanes,
        fromEnd: false,
      } as const;
      mixScalar(each, acc, word, { kind: "copy", place: at(lanes, lane) }, v.lane);
    },
  };
}

function unionValue(cx: FnCx): OddValue {
  const { ty, fields } = union(cx);
  return {
    ty,
    make: (each) => newUnion(each, ty, fields, each.rng.below(fields.length)),
    look: (each, acc, word, place) => {
      const i = each.rng.below(fields.length);
      mixPlace(each, acc, word, project(place, fieldElem(i, fields[i]!)), fields[i]!);
    },
  };
}

function slice(cx: FnCx): OddValue {
  const { tcx } = cx.types;
  const element = cx.types.int();
  const array = tcx.array(element, cx.rng.between(1, 6));
  const ty = tcx.ref("not", tcx.slice(element));
  return {
    ty,
    make: (each) => {
      const whole = temp(each, array, newValue(each, array));
      return temp(each, ty, cast("Unsize", moveOf(refTo(each, at(whole), array)), ty));
    },
    look: (each, acc, word, place) => {
      const length = temp(each, TY_USIZE, unary("PtrMetadata", { kind: "copy", place }));
      mixScalar(each, acc, word, moveOf(length), TY_USIZE);
      const first = { kind: "constantIndex", offset: 0, minLength: 1, fromEnd: false } as const;
      mixScalar(each, acc, word, { kind: "copy", place: project(place, DEREF, first) }, element);
    },
  };
}

function optionRef(cx: FnCx): OddValue {
  const { tcx, option } = cx.types;
  const pointee = cx.types.int();
  const ref = tcx.ref("not", pointee);
  const ty = tcx.adt(option, [ref]) as TyOf<"adt">;
  return {
    ty,
    make: (each) => {
      const some = each.rng.chance(70);
      const target = temp(each, pointee, use(reusable(each, pointee)));
      const operands = some ? [copyOf(refTo(each, at(target), pointee))] : [];
      return temp(each, ty, {
        kind: "aggregate",
        aggregate: { kind: "adt", ty, def: option, variant: some ? 1 : 0 },
        operands,
      });
    },
    look: (each, acc, word, place) => mixPlace(each, acc, word, place, ty),
  };
}

function thinPointer(cx: FnCx): OddValue {
  const { tcx } = cx.types;
  const pointee = cx.types.any(50);
  const raw = cx.rng.chance(50);
  const ty = raw ? tcx.ptr("mut", pointee) : tcx.ref("not", pointee);
  return {
    ty,
    make: (each) => {
      const target = localValue(each, pointee);
      return temp(
        each,
        ty,
        raw
          ? { kind: "rawPtr", mutability: "mut", place: at(target) }
          : { kind: "ref", mutability: "not", place: at(target) },
      );
    },
    look: (each, acc, word, place) => mixPlace(each, acc, word, project(place, DEREF), pointee),
  };
}

function object(cx: FnCx): OddValue {
  const t = objectTrait(cx);
  const ty = cx.types.tcx.ref("not", t.dyn);
  return {
    ty,
    make: (each) => makeObject(each, t, "not").object,
    look: (each, acc, word, place) => {
      const held = temp(each, ty, use({ kind: "copy", place }));
      callMethods(each, t, held, t.dyn, "not", acc, word);
    },
  };
}

function fnPointer(cx: FnCx): OddValue {
  const on = cx.types.int();
  const ty = cx.types.tcx.fnPtr([on], on);
  const target = smallFn(cx, on);
  return {
    ty,
    make: (each) => temp(each, ty, cast("ReifyFnPointer", fnConst(target), ty)),
    look: (each, acc, word, place) =>
      mixScalar(each, acc, word, moveOf(callValue(each, { kind: "copy", place }, [reusable(each, on)], on)), on),
  };
}

/** Looking at these runs nothing that may panic, and every C calling convention has them. */
const C_MAKERS: readonly Maker[] = [
  record,
  record,
  record,
  prelude,
  array,
  oddFloat,
  oddFloat,
  unionValue,
  slice,
  optionRef,
  thinPointer,
  thinPointer,
  (cx) => plain(cx.types.any(50)),
];
const MAKERS: readonly Maker[] = [...C_MAKERS, simd, simd, object, fnPointer];

/** Any odd value; `c`: one that functions of the C ABI take. */
export function oddValue(cx: FnCx, c = false): OddValue {
  return cx.rng.pick(c ? C_MAKERS : MAKERS)(cx);
}

/** Mixes both parts of `value`, which is `(word, odd)`. */
export function lookAtPair(cx: FnCx, odd: OddValue, acc: Local, word: Ty, value: Local): void {
  mix(cx, acc, { kind: "copy", place: at(value, fieldElem(0, word)) });
  odd.look(cx, acc, word, at(value, fieldElem(1, odd.ty)));
}
