/** Actions on tail calls that hand on more than integers: pairs, structs of two words, references. */

import {
  type AdtDef,
  DEFAULT_REPR,
  DUMMY_SP,
  type FnItem,
  type Local,
  TY_BOOL,
  TY_I32,
  TY_I64,
  TY_U32,
  TY_U64,
  type Ty,
} from "../../codegen/index.ts";
import { constInt } from "./constants.ts";
import { branch, select } from "./control.ts";
import {
  accumulator,
  affordable,
  at,
  callItem,
  copyAt,
  DEREF,
  deliver,
  fieldElem,
  fillBody,
  mix,
  mixScalar,
  refTo,
  setReturn,
  spend,
} from "./emit.ts";
import type { FnCx } from "./fn-cx.ts";
import { newFn } from "./items.ts";
import { binary, cast, copyOf, fnConst, moveOf, operand, placeOf, reusable, temp, use } from "./operands.ts";

const COST = 12;

/** What travels in two registers: rustc refuses tail calls with arguments in memory. */
const WORDS: readonly Ty[] = [TY_I32, TY_I64, TY_U32, TY_U64];

/** A tuple or a struct of two words. */
function stateTy(cx: FnCx): { readonly ty: Ty; readonly fields: readonly [Ty, Ty] } {
  const fields = [cx.rng.pick(WORDS), cx.rng.pick(WORDS)] as const;
  const { tcx } = cx.types;
  if (cx.rng.chance(50)) return { ty: tcx.tuple(fields), fields };
  const name = cx.program.items.name("State");
  const def: AdtDef = {
    name,
    adtKind: "struct",
    generics: [],
    variants: [{ name, ctor: "named", fields: fields.map((ty, i) => ({ name: `f${i}`, ty })), discriminant: 0n }],
    repr: DEFAULT_REPR,
    explicitDiscriminants: false,
    prelude: false,
  };
  return { ty: tcx.adt(def), fields };
}

function tooCostly(cx: FnCx, rounds: number): boolean {
  if (!affordable(cx, 2 * COST * rounds)) {
    select(cx);
    return true;
  }
  spend(cx, COST * rounds);
  return false;
}

/** `if n == 0 { end } else { become again(n - 1) }` */
function countDown(cx: FnCx, n: Local, again: (less: Local) => void, end: () => void): void {
  const done = temp(cx, TY_BOOL, binary("Eq", copyOf(n), constInt(TY_U32, 0)));
  const [ends, goes] = [cx.newBlock(), cx.newBlock()];
  branch(cx, moveOf(done), ends, goes);
  cx.enter(goes);
  again(temp(cx, TY_U32, binary("Sub", copyOf(n), constInt(TY_U32, 1))));
  cx.enter(ends);
  end();
}

/** `fn run(n: u32, state: S) -> S { … become run(n - 1, next) }` */
export function tailCallState(cx: FnCx): void {
  const rounds = cx.rng.between(1, 8);
  if (tooCostly(cx, rounds)) return;
  const known = cx.program.items.known<{ item: FnItem; ty: Ty; fields: readonly [Ty, Ty] }>("tail states");
  if (known.length === 0 || (known.length < 2 && cx.rng.chance(30))) known.push(stateRunner(cx));
  const { item, ty, fields } = cx.rng.pick(known);
  const operands = fields.map((field) => reusable(cx, field));
  const start =
    ty.kind === "adt"
      ? temp(cx, ty, { kind: "aggregate", aggregate: { kind: "adt", ty, def: ty.def, variant: 0 }, operands })
      : temp(cx, ty, { kind: "aggregate", aggregate: { kind: "tuple" }, operands });
  const end = callItem(cx, item, [], [constInt(TY_U32, rounds), moveOf(start)]);
  const acc = accumulator(cx, fields[0]);
  mix(cx, acc, copyAt(end, fieldElem(0, fields[0])));
  mixScalar(cx, acc, fields[0], copyAt(end, fieldElem(1, fields[1])), fields[1]);
  deliver(cx, acc, fields[0]);
}

function stateRunner(cx: FnCx): { item: FnItem; ty: Ty; fields: readonly [Ty, Ty] } {
  const { items } = cx.program;
  const { ty, fields } = stateTy(cx);
  const item = newFn(items, items.name("run"), [TY_U32, ty], ty);
  const pointerTy = cx.types.tcx.fnPtr(item.params, ty);
  fillBody(cx, item, (inner, [n, state]) => {
    countDown(
      inner,
      n!,
      (less) => {
        const [a, b] = fields.map((field, i) => at(state!, fieldElem(i, field)));
        inner.assign(a!, binary("Mul", { kind: "copy", place: a! }, operand(inner, fields[0])));
        inner.assign(b!, binary("BitXor", { kind: "copy", place: b! }, operand(inner, fields[1])));
        const func = inner.rng.chance(40)
          ? copyOf(temp(inner, pointerTy, cast("ReifyFnPointer", fnConst(item), pointerTy)))
          : fnConst(item);
        inner.terminate({ kind: "tailCall", func, args: [moveOf(less), moveOf(state!)], span: DUMMY_SP });
      },
      () => setReturn(inner, use(copyOf(state!))),
    );
  });
  return { item, ty, fields };
}

/** `fn find(n: u32, a: &T, b: &T) -> &T { … become find(n - 1, b, a) }` */
export function tailCallRefs(cx: FnCx): void {
  const rounds = cx.rng.between(1, 8);
  if (tooCostly(cx, rounds)) return;
  const { items } = cx.program;
  const ty = cx.types.int();
  const ref = cx.types.tcx.ref("not", ty);
  const known = items.known<FnItem>(`tail find ${ty.text}`);
  if (known.length === 0) {
    const item = newFn(items, items.name("find"), [TY_U32, ref, ref], ref);
    known.push(item);
    fillBody(cx, item, (inner, [n, a, b]) => {
      countDown(
        inner,
        n!,
        (less) => {
          const greater = temp(inner, TY_BOOL, binary("Gt", copyAt(a!, DEREF), copyAt(b!, DEREF)));
          const [swap, keep] = [inner.newBlock(), inner.newBlock()];
          branch(inner, moveOf(greater), swap, keep);
          for (const [block, args] of [
            [swap, [b!, a!]],
            [keep, [a!, b!]],
          ] as const) {
            inner.enter(block);
            const values = args.map((local) => copyOf(local));
            inner.terminate({ kind: "tailCall", func: fnConst(item), args: [copyOf(less), ...values], span: DUMMY_SP });
          }
        },
        () => setReturn(inner, use(copyOf(a!))),
      );
    });
  }
  const locals = [0, 1].map(() => temp(cx, ty, use(reusable(cx, ty))));
  const refs = locals.map((local) => copyOf(refTo(cx, at(local), ty)));
  const found = callItem(cx, known[0]!, [], [constInt(TY_U32, rounds), ...refs]);
  const result = temp(cx, ty, use(copyAt(found, DEREF)));
  cx.assign(placeOf(result), binary("Add", copyOf(result), operand(cx, ty)));
  deliver(cx, result, ty);
}
