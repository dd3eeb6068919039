/**
 * Actions on the heap: an owning pointer like `Box`, and arrays that grow.
 */

import {
  type AdtDef,
  DEFAULT_REPR,
  type FnItem,
  type Local,
  type Operand,
  TY_U8,
  TY_UNIT,
  TY_USIZE,
  type Ty,
} from "../../codegen/index.ts";
import { select } from "./control.ts";
import { droppable, dropScope, newDroppable, touch } from "./droppable.ts";
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
  setReturn,
  someCode,
  spend,
  usize,
} from "./emit.ts";
import type { FnCx } from "./fn-cx.ts";
import { implPath, newFn, newImpl } from "./items.ts";
import { langTrait } from "./lang.ts";
import { binary, cast, copyOf, moveOf, operand, reusable, temp, use } from "./operands.ts";
import { changePlace, localValue, mixPlace } from "./values.ts";

/** `struct Owned<T> { ptr: *mut T }`, whose drop drops the value and frees its memory; `fn own<T>(value: T) -> Owned<T>`. */
interface Owned {
  readonly own: FnItem;
}

function owned(cx: FnCx): Owned {
  const { items } = cx.program;
  const known = items.known<Owned>("owned");
  if (known.length > 0) return known[0]!;
  const { tcx } = cx.types;
  const t = tcx.param(0, "T");
  const ptr = tcx.ptr("mut", t);
  const def: AdtDef = {
    name: "Owned",
    adtKind: "struct",
    generics: ["T"],
    variants: [{ name: "Owned", ctor: "named", fields: [{ name: "ptr", ty: ptr }], discriminant: 0n }],
    repr: DEFAULT_REPR,
    explicitDiscriminants: false,
    prelude: false,
  };
  const ty = tcx.adt(def, [t]);
  implementDrop(cx, ty, t);
  const own = newFn(items, "own", [t], ty, { generics: ["T"] });
  fillBody(cx, own, (inner, [value]) => {
    const [size, align] = sizeAndAlign(inner, t);
    if (inner.rng.chance(40)) callIntrinsic(inner, "__rust_no_alloc_shim_is_unstable_v2", [], []);
    const raw = callIntrinsic(inner, inner.rng.chance(50) ? "__rust_alloc" : "exchange_malloc", [], [size, align]);
    const pointer = temp(inner, ptr, cast("PtrToPtr", moveOf(raw), ptr));
    inner.assign(at(pointer, DEREF), use(moveOf(value!)));
    setReturn(inner, {
      kind: "aggregate",
      aggregate: { kind: "adt", ty, def, variant: 0 },
      operands: [copyOf(pointer)],
    });
  });
  const made = { own };
  known.push(made);
  return made;
}

/** `size_of::<ty>()` and `align_of::<ty>()`, by rvalues or by intrinsics. */
function sizeAndAlign(cx: FnCx, ty: Ty): [Operand, Operand] {
  if (cx.rng.chance(50)) {
    const size = temp(cx, TY_USIZE, { kind: "nullary", op: { kind: "SizeOf", ty } });
    return [copyOf(size), copyOf(temp(cx, TY_USIZE, { kind: "nullary", op: { kind: "AlignOf", ty } }))];
  }
  return [copyOf(callIntrinsic(cx, "size_of", [ty], [])), copyOf(callIntrinsic(cx, "align_of", [ty], []))];
}

function implementDrop(cx: FnCx, ty: Ty, t: Ty): void {
  const { items } = cx.program;
  const { tcx } = cx.types;
  const generics = ["T"];
  const impl = newImpl(items, langTrait(cx, "drop").trait, [ty], { generics });
  const drop = newFn(items, `${implPath(items)}::drop`, [tcx.ref("mut", ty)], TY_UNIT, {
    generics,
    parent: impl,
    assocName: "drop",
  });
  fillBody(cx, drop, (inner, [self]) => {
    const ptr = tcx.ptr("mut", t);
    const pointer = temp(inner, ptr, use(copyAt(self!, DEREF, fieldElem(0, ptr))));
    inner.drop(at(pointer, DEREF));
    const [size, align] = sizeAndAlign(inner, t);
    const bytes = temp(inner, tcx.ptr("mut", TY_U8), cast("PtrToPtr", moveOf(pointer), tcx.ptr("mut", TY_U8)));
    callIntrinsic(inner, "__rust_dealloc", [], [moveOf(bytes), size, align]);
  });
  impl.fns = [drop];
}

function tooCostly(cx: FnCx, cost: number): boolean {
  if (cx.multiplicity > 16 || cx.nesting > 4 || !affordable(cx, cost * 2)) {
    select(cx);
    return true;
  }
  spend(cx, cost);
  return false;
}

/** A value in the heap, with an owner: changed there, read, freed at the end of a scope. */
export function heapBox(cx: FnCx): void {
  if (tooCostly(cx, 40)) return;
  const { tcx } = cx.types;
  const { own } = owned(cx);
  const d = cx.rng.chance(40) ? droppable(cx) : undefined;
  const ty = d?.ty ?? heapTy(cx);
  const value = d === undefined ? localValue(cx, ty) : temp(cx, ty, newDroppable(cx, d));
  const box: Local = callItem(cx, own, [ty], [moveOf(value)]);
  const content = at(box, fieldElem(0, tcx.ptr("mut", ty)), DEREF);
  const word = cx.types.int();
  const acc = accumulator(cx, word);
  cx.nesting++;
  dropScope(cx, at(box), () => {
    someCode(cx, 0, 2);
    if (d === undefined) changePlace(cx, content, ty, copyOf(acc), word);
    else touch(cx, content, d);
    mixPlace(cx, acc, word, content, ty);
  });
  cx.nesting--;
  deliver(cx, acc, word);
}

/** A type that takes room: memory of size zero cannot be allocated. */
function heapTy(cx: FnCx): Ty {
  const ty = cx.types.any(40);
  return ty.kind === "tuple" || ty.kind === "adt"
    ? cx.types.info(ty).leaves.some((l) => l.info.isScalar)
      ? ty
      : cx.types.int()
    : ty;
}

/** Memory for a few elements, filled, grown, summed up, freed. */
export function heapArray(cx: FnCx): void {
  const [length, more] = [cx.rng.between(1, 5), cx.rng.between(0, 3)];
  if (tooCostly(cx, (length + more) * 16)) return;
  const { tcx } = cx.types;
  const ty = cx.types.int();
  const ptr = tcx.ptr("mut", ty);
  const acc = accumulator(cx, ty);
  const size = temp(cx, TY_USIZE, { kind: "nullary", op: { kind: "SizeOf", ty } });
  const align = temp(cx, TY_USIZE, { kind: "nullary", op: { kind: "AlignOf", ty } });
  const bytes = temp(cx, TY_USIZE, binary("Mul", copyOf(size), usize(length)));
  const zeroed = cx.rng.chance(40);
  // Either Rust's allocator or C's; each frees what it made.
  const c = cx.rng.chance(35);
  let raw = c
    ? callIntrinsic(cx, zeroed ? "calloc" : "malloc", [], zeroed ? [usize(1), copyOf(bytes)] : [copyOf(bytes)])
    : callIntrinsic(cx, zeroed ? "__rust_alloc_zeroed" : "__rust_alloc", [], [copyOf(bytes), copyOf(align)]);
  let pointer = temp(cx, ptr, cast("PtrToPtr", copyOf(raw), ptr));
  const there = (i: Local): Local => temp(cx, ptr, binary("Offset", copyOf(pointer), copyOf(i)));
  if (!zeroed || cx.rng.chance(50)) {
    forRange(cx, usize(length), length, (i) => {
      const slot = there(i);
      cx.assign(at(slot, DEREF), use(copyOf(acc)));
      mix(cx, acc, operand(cx, ty));
    });
  }
  let total = bytes;
  if (more > 0) {
    const grown = temp(cx, TY_USIZE, binary("Mul", copyOf(size), usize(length + more)));
    const args = c ? [moveOf(raw), copyOf(grown)] : [moveOf(raw), copyOf(bytes), copyOf(align), copyOf(grown)];
    raw = callIntrinsic(cx, c ? "realloc" : "__rust_realloc", [], args);
    pointer = temp(cx, ptr, cast("PtrToPtr", copyOf(raw), ptr));
    total = grown;
    const last = temp(cx, TY_USIZE, use(usize(length + more - 1)));
    cx.assign(at(there(last), DEREF), use(reusable(cx, ty)));
    mix(cx, acc, copyAt(there(last), DEREF));
  }
  forRange(cx, usize(length), length, (i) => mix(cx, acc, copyAt(there(i), DEREF)));
  if (c) callIntrinsic(cx, "free", [], [moveOf(raw)]);
  else callIntrinsic(cx, "__rust_dealloc", [], [moveOf(raw), copyOf(total), copyOf(align)]);
  deliver(cx, acc, ty);
}
