/**
 * Actions on recursive types behind pointers: linked lists and trees on the stack, and values without size.
 */

import {
  type AdtDef,
  DEFAULT_REPR,
  DUMMY_SP,
  type FnItem,
  INTRINSICS,
  type Local,
  type Operand,
  type Rvalue,
  TY_BOOL,
  TY_ISIZE,
  TY_UNIT,
  TY_USIZE,
  type Ty,
  type TyOf,
} from "../../codegen/index.ts";
import { constInt } from "./constants.ts";
import { select } from "./control.ts";
import {
  accumulator,
  affordable,
  at,
  callItem,
  constOf,
  copyAt,
  DEREF,
  deliver,
  fieldElem,
  fillBody,
  mix,
  refTo,
  returnMixed,
  setReturn,
  spend,
  switchAll,
  whileLoop,
} from "./emit.ts";
import type { FnCx } from "./fn-cx.ts";
import { newFn } from "./items.ts";
import {
  binary,
  callTo,
  copyOf,
  fnConst,
  moveOf,
  operand,
  placeOf,
  reusable,
  temp,
  unitPlace,
  use,
} from "./operands.ts";

/** `struct Node { value: W, next: Option<&Node> }` or, `raw`, with `*mut Node` that is null at the end. */
interface ListTy {
  readonly node: TyOf<"adt">;
  readonly value: Ty;
  readonly next: Ty;
  readonly raw: boolean;
}

function listTy(cx: FnCx): ListTy {
  const { items } = cx.program;
  const known = items.known<ListTy>("lists");
  if (known.length > 1 || (known.length > 0 && cx.rng.chance(50))) return cx.rng.pick(known);
  const { tcx, option } = cx.types;
  const name = items.name("Node");
  const def: AdtDef = {
    name,
    adtKind: "struct",
    generics: [],
    variants: [],
    repr: DEFAULT_REPR,
    explicitDiscriminants: false,
    prelude: false,
  };
  const node = tcx.adt(def) as TyOf<"adt">;
  const value = cx.types.int();
  const raw = cx.rng.chance(50);
  const next = raw ? tcx.ptr("mut", node) : tcx.adt(option, [tcx.ref("not", node)]);
  const fields = [
    { name: "value", ty: value },
    { name: "next", ty: next },
  ];
  def.variants = [{ name, ctor: "named", fields, discriminant: 0n }];
  const made = { node, value, next, raw };
  known.push(made);
  return made;
}

/** A list of nodes in locals, built from its end, and a walk over it that may write. */
export function listWalk(cx: FnCx): void {
  const length = cx.rng.between(1, 5);
  if (!affordable(cx, 20 * length)) {
    select(cx);
    return;
  }
  const list = listTy(cx);
  const acc = accumulator(cx, list.value);
  const cursor = list.raw ? rawList(cx, list, length) : optionList(cx, list, length);
  if (list.raw) walkRaw(cx, list, cursor, acc, length);
  else walkOption(cx, list, cursor, acc, length);
  deliver(cx, acc, list.value);
}

function newNode(cx: FnCx, list: ListTy, next: Operand): Local {
  return temp(cx, list.node, {
    kind: "aggregate",
    aggregate: { kind: "adt", ty: list.node, def: list.node.def, variant: 0 },
    operands: [reusable(cx, list.value), next],
  });
}

function optionOf(cx: FnCx, ty: Ty, payload: Operand | undefined): Rvalue {
  const variant = payload === undefined ? 0 : 1;
  const operands = payload === undefined ? [] : [payload];
  return { kind: "aggregate", aggregate: { kind: "adt", ty, def: cx.types.option, variant }, operands };
}

function optionList(cx: FnCx, list: ListTy, length: number): Local {
  let head = temp(cx, list.next, optionOf(cx, list.next, undefined));
  for (let i = 0; i < length; i++) {
    const node = newNode(cx, list, copyOf(head));
    head = temp(cx, list.next, optionOf(cx, list.next, copyOf(refTo(cx, at(node), list.node))));
  }
  return head;
}

function walkOption(cx: FnCx, list: ListTy, cursor: Local, acc: Local, length: number): void {
  const nodeRef = cx.types.tcx.ref("not", list.node);
  whileLoop(
    cx,
    length,
    () => moveOf(temp(cx, TY_ISIZE, { kind: "discriminant", place: at(cursor) })),
    () => {
      const node = temp(
        cx,
        nodeRef,
        use(copyAt(cursor, { kind: "downcast", variant: 1, name: "Some" }, fieldElem(0, nodeRef))),
      );
      mix(cx, acc, copyAt(node, DEREF, fieldElem(0, list.value)));
      cx.assign(placeOf(cursor), use(copyAt(node, DEREF, fieldElem(1, list.next))));
    },
  );
}

function rawList(cx: FnCx, list: ListTy, length: number): Local {
  const zero = constInt(TY_USIZE, 0);
  let head = temp(cx, list.next, {
    kind: "cast",
    castKind: "Transmute",
    operand: zero,
    ty: list.next,
  });
  for (let i = 0; i < length; i++) {
    const node = newNode(cx, list, copyOf(head));
    head = temp(cx, list.next, { kind: "rawPtr", mutability: "mut", place: at(node) });
  }
  return head;
}

function walkRaw(cx: FnCx, list: ListTy, cursor: Local, acc: Local, length: number): void {
  const writes = cx.rng.chance(50);
  const zero = constInt(TY_USIZE, 0);
  const end = temp(cx, list.next, { kind: "cast", castKind: "Transmute", operand: zero, ty: list.next });
  whileLoop(
    cx,
    length,
    () => moveOf(temp(cx, TY_BOOL, binary("Ne", copyOf(cursor), copyOf(end)))),
    () => {
      const value = at(cursor, DEREF, fieldElem(0, list.value));
      mix(cx, acc, { kind: "copy", place: value });
      if (writes) cx.assign(value, binary("Add", { kind: "copy", place: value }, copyOf(acc)));
      cx.assign(placeOf(cursor), use(copyAt(cursor, DEREF, fieldElem(1, list.next))));
    },
  );
}

/** `enum Tree { Leaf(W), Fork(&Tree, &Tree) }` with `fn fold(t: &Tree) -> W`, which calls itself. */
interface TreeTy {
  readonly tree: TyOf<"adt">;
  readonly value: Ty;
  readonly ref: Ty;
  readonly fold: FnItem;
}

function treeTy(cx: FnCx): TreeTy {
  const { items } = cx.program;
  const known = items.known<TreeTy>("trees");
  if (known.length > 0) return known[0]!;
  const { tcx } = cx.types;
  const def: AdtDef = {
    name: "Tree",
    adtKind: "enum",
    generics: [],
    variants: [],
    repr: DEFAULT_REPR,
    explicitDiscriminants: false,
    prelude: false,
  };
  const tree = tcx.adt(def) as TyOf<"adt">;
  const value = cx.types.int();
  const ref = tcx.ref("not", tree);
  def.variants = [
    { name: "Leaf", ctor: "tuple", fields: [{ name: "0", ty: value }], discriminant: 0n },
    {
      name: "Fork",
      ctor: "tuple",
      fields: [
        { name: "0", ty: ref },
        { name: "1", ty: ref },
      ],
      discriminant: 1n,
    },
  ];
  const fold = newFn(items, "fold", [ref], value);
  const made = { tree, value, ref, fold };
  known.push(made);
  fillBody(cx, fold, (inner, [t]) => {
    const discr = temp(inner, TY_ISIZE, { kind: "discriminant", place: at(t!, DEREF) });
    const field = (variant: number, index: number, ty: Ty): Operand =>
      copyAt(t!, DEREF, { kind: "downcast", variant, name: def.variants[variant]!.name }, fieldElem(index, ty));
    switchAll(inner, moveOf(discr), [0n, 1n], (variant) => {
      if (variant === 0) {
        setReturn(inner, binary("Mul", field(0, 0, value), constInt(value, 3)));
        return;
      }
      const left = callItem(inner, fold, [], [field(1, 0, ref)]);
      const right = callItem(inner, fold, [], [field(1, 1, ref)]);
      mix(inner, left, moveOf(right));
      returnMixed(inner, left);
    });
  });
  return made;
}

export function treeFold(cx: FnCx): void {
  const depth = cx.rng.between(1, 3);
  if (!affordable(cx, 30 * 2 ** depth)) {
    select(cx);
    return;
  }
  spend(cx, 20 * 2 ** depth);
  const t = treeTy(cx);
  const grow = (level: number): Local => {
    const isLeaf = level === 0 || (level < depth && cx.rng.chance(30));
    const operands: Operand[] = isLeaf ? [reusable(cx, t.value)] : [copyOf(grow(level - 1)), copyOf(grow(level - 1))];
    const variant = isLeaf ? 0 : 1;
    const node = temp(cx, t.tree, {
      kind: "aggregate",
      aggregate: { kind: "adt", ty: t.tree, def: t.tree.def, variant },
      operands,
    });
    return refTo(cx, at(node), t.tree);
  };
  deliver(cx, callItem(cx, t.fold, [], [copyOf(grow(depth))]), t.value);
}

/** Values without size: through structs, arrays, pointers and calls, beside values that have one. */
export function zeroSizedFlow(cx: FnCx): void {
  const { tcx } = cx.types;
  const { items } = cx.program;
  const known = items.known<{ zst: TyOf<"adt">; pass: FnItem; word: Ty }>("zero-sized");
  if (known.length === 0) {
    const name = "Z";
    const zst = tcx.adt({
      name,
      adtKind: "struct",
      generics: [],
      variants: [{ name, ctor: "unit", fields: [], discriminant: 0n }],
      repr: cx.rng.chance(30) ? { ...DEFAULT_REPR, align: 4 } : DEFAULT_REPR,
      explicitDiscriminants: false,
      prelude: false,
    }) as TyOf<"adt">;
    const word = cx.types.int();
    const pass = newFn(items, "pass", [zst, word, tcx.array(zst, 3), TY_UNIT], tcx.tuple([zst, word, TY_UNIT]));
    fillBody(cx, pass, (inner, [z, w, many, unit]) => {
      inner.define(w!, word, { mutable: false });
      inner.act(1);
      const element = copyAt(many!, { kind: "constantIndex", offset: 1, minLength: 3, fromEnd: false });
      const kept = inner.rng.chance(50) ? moveOf(z!) : element;
      setReturn(inner, {
        kind: "aggregate",
        aggregate: { kind: "tuple" },
        operands: [kept, copyOf(w!), copyOf(unit!)],
      });
    });
    known.push({ zst, pass, word });
  }
  const { zst, pass, word } = known[0]!;
  const one: Operand = constOf({ kind: "zst", ty: zst });
  const held = temp(cx, zst, {
    kind: "aggregate",
    aggregate: { kind: "adt", ty: zst, def: zst.def, variant: 0 },
    operands: [],
  });
  const behind = refTo(cx, at(held), zst);
  const many = temp(cx, tcx.array(zst, 3), { kind: "repeat", operand: copyAt(behind, DEREF), count: 3 });
  const empty = temp(cx, tcx.array(word, 0), {
    kind: "aggregate",
    aggregate: { kind: "array", element: word },
    operands: [],
  });
  const args = [
    cx.rng.chance(50) ? one : moveOf(held),
    operand(cx, word),
    moveOf(many),
    constOf({ kind: "zst", ty: TY_UNIT }),
  ];
  const result = callItem(cx, pass, [], args);
  callTo(cx, fnConst(INTRINSICS.blackBox, [cx.locals[empty]!.ty]), [copyOf(empty)], placeOf(empty));
  callTo(cx, fnConst(INTRINSICS.blackBox, [TY_UNIT]), [constOf({ kind: "zst", ty: TY_UNIT })], unitPlace(cx));
  cx.statement({ kind: "nop", span: DUMMY_SP });
  deliver(cx, temp(cx, word, use(copyAt(result, fieldElem(1, word)))), word);
}
