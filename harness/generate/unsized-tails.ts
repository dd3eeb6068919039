/**
 * Actions on structs whose last field has no size known at compile time: `Tail<[E; N]>` unsized to `Tail<[E]>`, `Tail<T>` to `Tail<dyn Tr>`; their
 * heads, tails, sizes and drops.
 */

import {
  type AdtDef,
  DEFAULT_REPR,
  type Local,
  type Mutability,
  type PlaceElem,
  TY_USIZE,
  type Ty,
  type TyOf,
} from "../../codegen/index.ts";
import { select } from "./control.ts";
import {
  accumulator,
  affordable,
  at,
  callIntrinsic,
  callItem,
  copyAt,
  DEREF,
  deliver,
  fieldElem,
  fillBody,
  forRange,
  mix,
  mixScalar,
  refTo,
  returnMixed,
  spend,
} from "./emit.ts";
import type { FnCx } from "./fn-cx.ts";
import { newFn } from "./items.ts";
import { maybeUnsized } from "./lang.ts";
import { binary, cast, copyOf, moveOf, newValue, operand, reusable, temp, unary, use } from "./operands.ts";
import { callMethods } from "./trait-objects.ts";
import { implementor, objectTrait } from "./traits.ts";
import { localValue, mixPlace } from "./values.ts";

const COST = 60;

/** `struct Tail<T: ?Sized> { head: W, tail: T }` */
interface TailStruct {
  readonly def: AdtDef;
  readonly head: Ty;
}

function tailStruct(cx: FnCx): TailStruct {
  const known = cx.program.items.known<TailStruct>("tails");
  if (known.length > 0) return known[0]!;
  const head = cx.types.int();
  const t = cx.types.tcx.param(0, "T");
  const def: AdtDef = {
    name: "Tail",
    adtKind: "struct",
    generics: ["T"],
    predicates: [maybeUnsized(cx, t)],
    variants: [
      {
        name: "Tail",
        ctor: "named",
        fields: [
          { name: "head", ty: head },
          { name: "tail", ty: t },
        ],
        discriminant: 0n,
      },
    ],
    repr: cx.rng.chance(40) ? { ...DEFAULT_REPR, c: true } : DEFAULT_REPR,
    explicitDiscriminants: false,
    prelude: false,
  };
  const made = { def, head };
  known.push(made);
  return made;
}

function newTail(cx: FnCx, { def, head }: TailStruct, tail: Ty): { value: Local; ty: TyOf<"adt"> } {
  const ty = cx.types.tcx.adt(def, [tail]) as TyOf<"adt">;
  const made = localValue(cx, tail);
  const value = temp(cx, ty, {
    kind: "aggregate",
    aggregate: { kind: "adt", ty, def, variant: 0 },
    operands: [reusable(cx, head), moveOf(made)],
  });
  return { value, ty };
}

function tooCostly(cx: FnCx): boolean {
  if (cx.nesting > 4 || !affordable(cx, 2 * COST)) {
    select(cx);
    return true;
  }
  spend(cx, COST);
  return false;
}

/** `size_of_val` or `align_of_val` of what `wide` points to. */
function mixSize(cx: FnCx, acc: Local, word: Ty, wide: Local, pointee: Ty): void {
  const pointer = cx.types.tcx.ptr("not", pointee);
  const raw = temp(cx, pointer, { kind: "rawPtr", mutability: "not", place: at(wide, DEREF) });
  const name = cx.rng.chance(70) ? "size_of_val" : "align_of_val";
  mixScalar(cx, acc, word, moveOf(callIntrinsic(cx, name, [pointee], [moveOf(raw)])), TY_USIZE);
}

/** A struct that ends in a slice, of two lengths, through one function. */
export function sliceTail(cx: FnCx): void {
  if (tooCostly(cx)) return;
  const { tcx } = cx.types;
  const tail = tailStruct(cx);
  const element = cx.types.int();
  const mutability: Mutability = cx.rng.chance(50) ? "mut" : "not";
  const unsizedTy = tcx.adt(tail.def, [tcx.slice(element)]);
  const wideTy = tcx.ref(mutability, unsizedTy);
  const acc = accumulator(cx, element);
  for (let n = cx.rng.between(1, 2); n > 0; n--) {
    const { value, ty } = newTail(cx, tail, tcx.array(element, cx.rng.between(1, 5)));
    const thin = refTo(cx, at(value), ty, mutability);
    const wide = temp(cx, wideTy, cast("Unsize", moveOf(thin), wideTy));
    const user = sliceTailUser(cx, tail, element, wideTy);
    mix(cx, acc, moveOf(callItem(cx, user, [], [moveOf(wide), operand(cx, element)])));
    mixPlace(cx, acc, element, at(value), ty);
  }
  deliver(cx, acc, element);
}

/** `fn(&Tail<[E]>, E) -> E`: sums the elements, and through `&mut` changes them and the head. */
function sliceTailUser(cx: FnCx, tail: TailStruct, element: Ty, wideTy: Ty): ReturnType<typeof newFn> {
  const known = cx.program.items.known<ReturnType<typeof newFn>>(`tail ${wideTy.text}`);
  if (known.length > 0) return known[0]!;
  const { items } = cx.program;
  const { tcx } = cx.types;
  const { pointee, mutability } = wideTy as TyOf<"ref">;
  const sliceTy = tcx.slice(element);
  const item = newFn(items, items.name("use_tail"), [wideTy, element], element, {
    inline: cx.rng.pick(["none", "never", "hint"]),
  });
  known.push(item);
  fillBody(cx, item, (inner, [wide, x]) => {
    const acc = temp(inner, element, use(copyOf(x!)));
    const rest: readonly PlaceElem[] = [DEREF, fieldElem(1, sliceTy)];
    const shared = refTo(inner, at(wide!, ...rest), sliceTy);
    const length = temp(inner, TY_USIZE, unary("PtrMetadata", copyOf(shared)));
    mixScalar(inner, acc, element, copyAt(wide!, DEREF, fieldElem(0, tail.head)), tail.head);
    forRange(inner, copyOf(length), 4, (i) => {
      const place = at(wide!, ...rest, { kind: "index", local: i });
      mix(inner, acc, { kind: "copy", place });
      if (mutability === "mut") inner.assign(place, binary("BitXor", { kind: "copy", place }, copyOf(acc)));
    });
    if (mutability === "mut") {
      const place = at(wide!, DEREF, fieldElem(0, tail.head));
      inner.assign(place, binary("Add", { kind: "copy", place }, reusable(inner, tail.head)));
    }
    mixSize(inner, acc, element, wide!, pointee);
    returnMixed(inner, acc);
  });
  return item;
}

/** A struct that ends in a trait object: its head, the methods of its tail, its size. */
export function objectTail(cx: FnCx): void {
  if (tooCostly(cx)) return;
  const { tcx } = cx.types;
  const tail = tailStruct(cx);
  const t = objectTrait(cx);
  const mutability: Mutability = cx.rng.chance(50) ? "mut" : "not";
  const { value, ty } = newTail(cx, tail, implementor(cx, t));
  const unsizedTy = tcx.adt(tail.def, [t.dyn]);
  const wideTy = tcx.ref(mutability, unsizedTy);
  const thin = refTo(cx, at(value), ty, mutability);
  const wide = temp(cx, wideTy, cast("Unsize", moveOf(thin), wideTy));
  const word = cx.types.int();
  const acc = accumulator(cx, word);
  mixScalar(cx, acc, word, copyAt(wide, DEREF, fieldElem(0, tail.head)), tail.head);
  // Where the tail starts depends on the alignment that its vtable has.
  const object = refTo(cx, at(wide, DEREF, fieldElem(1, t.dyn)), t.dyn, mutability);
  callMethods(cx, t, object, t.dyn, mutability, acc, word);
  mixSize(cx, acc, word, wide, unsizedTy);
  mixPlace(cx, acc, word, at(value), ty);
  deliver(cx, acc, word);
}

/** A slice of slices, each of its own length. */
export function slicesOfSlices(cx: FnCx): void {
  if (tooCostly(cx)) return;
  const { tcx } = cx.types;
  const element = cx.types.int();
  const inner = tcx.ref("not", tcx.slice(element));
  const count = cx.rng.between(2, 3);
  const operands = Array.from({ length: count }, () => {
    const arrayTy = tcx.array(element, cx.rng.between(1, 4));
    const array = temp(cx, arrayTy, newValue(cx, arrayTy));
    return moveOf(temp(cx, inner, cast("Unsize", moveOf(refTo(cx, at(array), arrayTy)), inner)));
  });
  const tableTy = tcx.array(inner, count);
  const table = temp(cx, tableTy, { kind: "aggregate", aggregate: { kind: "array", element: inner }, operands });
  const outer = tcx.ref("not", tcx.slice(inner));
  const rows = temp(cx, outer, cast("Unsize", moveOf(refTo(cx, at(table), tableTy)), outer));
  const acc = accumulator(cx, element);
  const height = temp(cx, TY_USIZE, unary("PtrMetadata", copyOf(rows)));
  forRange(cx, copyOf(height), count, (i) => {
    const row = temp(cx, inner, use(copyAt(rows, DEREF, { kind: "index", local: i })));
    const width = temp(cx, TY_USIZE, unary("PtrMetadata", copyOf(row)));
    forRange(cx, copyOf(width), 4, (k) => mix(cx, acc, copyAt(row, DEREF, { kind: "index", local: k })));
  });
  deliver(cx, acc, element);
}
