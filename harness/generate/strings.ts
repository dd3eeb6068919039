/**
 * Actions on `str` and byte strings: literals, their bytes, lengths and parts, and `str` made of bytes that are valid.
 */

import { type Local, type Operand, TY_STR, TY_U8, TY_U32, TY_U64, TY_USIZE, type Ty } from "../../codegen/index.ts";
import { constInt } from "./constants.ts";
import { at, constOf, copyAt, DEREF, deliver, forRange, refTo } from "./emit.ts";
import type { FnCx } from "./fn-cx.ts";
import {
  binary,
  bounded,
  cast,
  convert,
  copyOf,
  localOf,
  moveOf,
  placeOf,
  reusable,
  temp,
  unary,
  use,
} from "./operands.ts";

/** With characters of every length in UTF-8. */
const WORDS: readonly string[] = [
  "a",
  "mir",
  "hello, world",
  "zero\u0000inside",
  "naïve",
  "日本",
  "🦀 crab",
  "0123456789abcdef",
  "tab\tand\nline",
  "\u007f\u0080\u07ff\u0800\uffff\u{10000}\u{10ffff}",
];

/** `const "…"`, a `&str`. */
function literal(cx: FnCx): { operand: Operand; length: number } {
  const bytes = new TextEncoder().encode(cx.rng.pick(WORDS));
  return { operand: constOf({ kind: "bytes", ty: cx.types.tcx.ref("not", TY_STR), bytes }), length: bytes.length };
}

/** A multiplicative hash of a `&[u8]` in a local. */
function hashBytes(cx: FnCx, bytes: Local, length: number, seed: Operand): Local {
  const hash = temp(cx, TY_U64, use(seed));
  const count = temp(cx, TY_USIZE, unary("PtrMetadata", copyOf(bytes)));
  forRange(cx, copyOf(count), length, (i) => {
    const wide = temp(cx, TY_U64, cast("IntToInt", copyAt(bytes, DEREF, { kind: "index", local: i }), TY_U64));
    cx.assign(placeOf(hash), binary("BitXor", copyOf(hash), moveOf(wide)));
    cx.assign(placeOf(hash), binary("Mul", copyOf(hash), constInt(TY_U64, 0x1b3)));
  });
  return hash;
}

/** The bytes of one of two literals, whole or in part: hashed, or one of them looked up. */
export function strBytes(cx: FnCx): void {
  const { tcx } = cx.types;
  const text = literal(cx);
  const strRef = tcx.ref("not", TY_STR);
  const bytesRef = tcx.ref("not", tcx.slice(TY_U8));
  const held = temp(cx, strRef, use(text.operand));
  if (cx.rng.chance(40)) {
    const length = temp(cx, TY_USIZE, unary("PtrMetadata", copyOf(held)));
    deliver(cx, length, TY_USIZE);
  }
  const bytes = temp(cx, bytesRef, cast("Transmute", copyOf(held), bytesRef));
  if (cx.rng.chance(50)) {
    deliver(cx, hashBytes(cx, bytes, text.length, reusable(cx, TY_U64)), TY_U64);
    return;
  }
  const index = localOf(cx, TY_USIZE, bounded(cx, TY_USIZE, text.length));
  const byte = temp(cx, TY_U8, use(copyAt(bytes, DEREF, { kind: "index", local: index })));
  deliver(cx, byte, TY_U8);
  byteString(cx);
}

/** `const b"…"`, a `&[u8; N]`, unsized or not. */
function byteString(cx: FnCx): void {
  const { tcx } = cx.types;
  const length = cx.rng.between(1, 12);
  const bytes = Uint8Array.from({ length }, () => cx.rng.below(256));
  const ty = tcx.ref("not", cx.rng.chance(50) ? tcx.array(TY_U8, length) : tcx.slice(TY_U8));
  const held = temp(cx, ty, use(constOf({ kind: "bytes", ty, bytes })));
  const index = localOf(cx, TY_USIZE, bounded(cx, TY_USIZE, length));
  deliver(cx, temp(cx, TY_U8, use(copyAt(held, DEREF, { kind: "index", local: index }))), TY_U8);
}

/** A `str` of computed ASCII: bytes written, seen as `str`, its length and bytes read back. */
export function strFromBytes(cx: FnCx): void {
  const { tcx } = cx.types;
  const length = cx.rng.between(2, 6);
  const arrayTy = tcx.array(TY_U8, length);
  const operands: Operand[] = [];
  for (let i = 0; i < length; i++) {
    const byte = convert(cx, reusable(cx, TY_U32), TY_U32, TY_U8);
    operands.push(moveOf(temp(cx, TY_U8, binary("BitAnd", byte, constInt(TY_U8, 0x7f)))));
  }
  const array: Local = temp(cx, arrayTy, { kind: "aggregate", aggregate: { kind: "array", element: TY_U8 }, operands });
  const sliceRef: Ty = tcx.ref("not", tcx.slice(TY_U8));
  const strRef = tcx.ref("not", TY_STR);
  const slice = temp(cx, sliceRef, cast("Unsize", moveOf(refTo(cx, at(array), arrayTy)), sliceRef));
  const text = temp(cx, strRef, cast("Transmute", moveOf(slice), strRef));
  const again = refTo(cx, at(text, DEREF), TY_STR);
  const bytes = temp(cx, sliceRef, cast("Transmute", moveOf(again), sliceRef));
  deliver(cx, hashBytes(cx, bytes, length, reusable(cx, TY_U64)), TY_U64);
}
