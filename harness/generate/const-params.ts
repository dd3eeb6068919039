/** An action on const parameters that are no lengths: flags, characters, signed numbers. */

import { type FnItem, TY_BOOL, TY_CHAR, TY_I16, TY_I32, TY_U8, type Ty } from "../../codegen/index.ts";
import { select } from "./control.ts";
import {
  accumulator,
  affordable,
  callItem,
  constOf,
  deliver,
  fillBody,
  ifThenElse,
  mix,
  mixScalar,
  returnMixed,
  spend,
} from "./emit.ts";
import type { FnCx } from "./fn-cx.ts";
import { newFn } from "./items.ts";
import { convert, copyOf, moveOf, operand, reusable, temp, use } from "./operands.ts";

const COST = 40;

/** Kinds of const parameters, each with values at its edges. */
const KINDS: readonly (readonly [name: string, ty: Ty, values: readonly bigint[]])[] = [
  ["B", TY_BOOL, [0n, 1n]],
  ["C", TY_CHAR, [0n, 0x61n, 0xe9n, 0x10ffffn]],
  ["I", TY_I16, [0n, 1n, 0x7fffn, 0x8000n, 0xffffn]],
  ["J", TY_I32, [0n, 7n, 0x7fffffffn, 0x80000000n]],
  ["U", TY_U8, [0n, 1n, 255n]],
];

/** `fn choose<const B: bool, const C: char, …>(w: W) -> W`, at two lists of values; one that hands its own parameters on. */
export function constParams(cx: FnCx): void {
  if (!affordable(cx, 2 * COST)) {
    select(cx);
    return;
  }
  spend(cx, COST);
  const { tcx } = cx.types;
  const word = cx.types.int();
  const acc = accumulator(cx, word);
  const item = chooser(cx, word);
  for (let n = cx.rng.between(1, 2); n > 0; n--) {
    const args = KINDS.map(([, ty, values]) => {
      const bits = cx.rng.pick(values);
      return tcx.constArg(ty, bits, constText(ty, bits));
    });
    mix(cx, acc, moveOf(callItem(cx, item, args, [operand(cx, word)])));
  }
  deliver(cx, acc, word);
}

/** A const argument as types are written with it. */
function constText(ty: Ty, bits: bigint): string {
  if (ty === TY_BOOL) return bits === 0n ? "false" : "true";
  if (ty === TY_CHAR) return bits === 0x61n ? "'a'" : `'\\u{${bits.toString(16)}}'`;
  return String(ty.kind === "int" && ty.width !== "size" ? BigInt.asIntN(ty.width, bits) : bits);
}

function chooser(cx: FnCx, word: Ty): FnItem {
  const { items } = cx.program;
  const known = items.known<FnItem>(`const params ${word.text}`);
  if (known.length > 0) return known[0]!;
  const { tcx } = cx.types;
  const generics = KINDS.map(([name]) => name);
  const constants = KINDS.map(([, ty]) => ty);
  const options = { generics, constParams: constants };
  // Its parameters reach this one by the call of another.
  const inner = newFn(items, items.name("chosen"), [word], word, options);
  const outer = newFn(items, items.name("choose"), [word], word, options);
  known.push(outer);
  fillBody(cx, inner, (body, [w]) => {
    const acc = temp(body, word, use(copyOf(w!)));
    KINDS.forEach(([name, ty], index) => {
      if (ty === TY_BOOL) return;
      mixScalar(body, acc, word, constOf({ kind: "param", ty, index, name }), ty);
    });
    ifThenElse(
      body,
      constOf({ kind: "param", ty: TY_BOOL, index: 0, name: "B" }),
      () => mix(body, acc, copyOf(w!)),
      () => mix(body, acc, reusable(body, word)),
    );
    returnMixed(body, acc);
  });
  fillBody(cx, outer, (body, [w]) => {
    const args = KINDS.map(([name], index) => tcx.param(index, name));
    const acc = callItem(body, inner, args, [copyOf(w!)]);
    mix(body, acc, convert(body, constOf({ kind: "param", ty: TY_U8, index: 4, name: "U" }), TY_U8, word));
    returnMixed(body, acc);
  });
  return outer;
}
