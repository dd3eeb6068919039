/**
 * Actions on signatures: values of every kind as arguments and results, under Rust's calling convention and under C's, called by name and
 * through pointers.
 */

import { type FnItem, type Local, type Operand, type Rvalue, TY_BOOL, type Ty } from "../../codegen/index.ts";
import { constInt } from "./constants.ts";
import { select } from "./control.ts";
import {
  accumulator,
  affordable,
  at,
  callValue,
  deliver,
  fillBody,
  ifThenElse,
  mix,
  setReturn,
  someCode,
  spend,
} from "./emit.ts";
import type { FnCx } from "./fn-cx.ts";
import { newFn } from "./items.ts";
import { lookAtPair, type OddValue, oddValue } from "./odd-values.ts";
import { binary, cast, copyOf, fnConst, moveOf, operand, reusable, temp, use } from "./operands.ts";

const CALL_COST = 60;

/** `fn pass(params…) -> R`; a `pair` returns `(word, params[returned])`. */
interface Pass {
  readonly item: FnItem;
  readonly params: readonly OddValue[];
  readonly word: Ty;
  readonly ret: Ty;
  readonly returned: number;
  readonly pair: boolean;
}

const MOST = 3;

function pass(cx: FnCx, abi: "Rust" | "C"): Pass {
  const { items } = cx.program;
  const known = items.known<Pass>(`passes ${abi}`);
  if (known.length >= MOST || (known.length > 0 && cx.rng.chance(40))) return cx.rng.pick(known);
  const params: OddValue[] = [];
  for (let i = cx.rng.pick([1, 2, 2, 3, 3, 4, 7]); i > 0; i--) {
    // Now and then two parameters of one type, of which data says which one comes back.
    const twin = params.length > 0 && cx.rng.chance(25);
    params.push(twin ? cx.rng.pick(params) : oddValue(cx, abi === "C"));
  }
  const word = cx.types.int();
  const returned = cx.rng.below(params.length);
  const pair = cx.rng.chance(35);
  const own = params[returned]!.ty;
  const ret = cx.rng.chance(20) ? word : pair ? cx.types.tcx.tuple([word, own]) : own;
  const item = newFn(items, items.name(abi === "C" ? "c_pass" : "pass"), [...params.map((p) => p.ty), word], ret, {
    abi,
    inline: cx.rng.pick(["none", "never", "never", "hint"]),
  });
  const made: Pass = { item, params, word, ret, returned, pair };
  fillPass(cx, made, abi);
  known.push(made);
  return made;
}

function fillPass(cx: FnCx, { item, params, word, ret, returned, pair }: Pass, abi: "Rust" | "C"): void {
  fillBody(cx, item, (inner, locals) => {
    const last = locals.at(-1)!;
    inner.define(last, word, { mutable: false });
    // What unwinds out of a function of the C ABI ends the process: nothing in it may panic.
    if (abi === "Rust") someCode(inner, 0, 2);
    const acc = temp(inner, word, use(copyOf(last)));
    params.forEach((param, i) => {
      if (inner.rng.chance(70)) param.look(inner, acc, word, at(locals[i]!));
    });
    if (ret === word) {
      setReturn(inner, use(copyOf(acc)));
      return;
    }
    const give = (i: number): Rvalue =>
      pair
        ? { kind: "aggregate", aggregate: { kind: "tuple" }, operands: [copyOf(acc), moveOf(locals[i]!)] }
        : use(moveOf(locals[i]!));
    const other = params.findIndex((param, i) => i !== returned && param.ty === params[returned]!.ty);
    if (other < 0) setReturn(inner, give(returned));
    else {
      const bit = temp(inner, word, binary("BitAnd", copyOf(acc), constInt(word, 1)));
      ifThenElse(
        inner,
        moveOf(temp(inner, TY_BOOL, binary("Eq", moveOf(bit), constInt(word, 0)))),
        () => setReturn(inner, give(returned)),
        () => setReturn(inner, give(other)),
      );
    }
  });
}

function callPass(cx: FnCx, abi: "Rust" | "C"): void {
  if (!affordable(cx, 2 * CALL_COST)) {
    select(cx);
    return;
  }
  spend(cx, CALL_COST);
  const made = pass(cx, abi);
  const { item, params, word, ret, returned, pair } = made;
  const args: Operand[] = params.map((param): Operand => {
    const local: Local = param.make(cx);
    return cx.rng.chance(50) ? moveOf(local) : copyOf(local);
  });
  args.push(operand(cx, word));
  const pointerTy = cx.types.tcx.fnPtr(item.params, ret, { abi });
  const func = cx.rng.chance(35)
    ? moveOf(temp(cx, pointerTy, cast("ReifyFnPointer", fnConst(item), pointerTy)))
    : fnConst(item);
  const result = callValue(cx, func, args, ret);
  const acc = accumulator(cx, word);
  if (ret === word) mix(cx, acc, copyOf(result));
  else if (pair) lookAtPair(cx, params[returned]!, acc, word, result);
  else params[returned]!.look(cx, acc, word, at(result));
  mix(cx, acc, reusable(cx, word));
  deliver(cx, acc, word);
}

/** Two or three odd values into a function of the program, and one of them back. */
export function passValues(cx: FnCx): void {
  callPass(cx, "Rust");
}

/** The same with a function of the C ABI. */
export function passToC(cx: FnCx): void {
  callPass(cx, "C");
}
