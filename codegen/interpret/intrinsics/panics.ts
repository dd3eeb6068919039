/**
 * Ends of the road: aborts, and the functions of core and std that panic, which have no body here. They say what rustc's code prints, where
 * that is text and numbers; what else an argument's `Debug` or `Display` would print is left out.
 */

import { fieldOffset } from "../../layout/layout.ts";
import type { Ty } from "../../mir/ty.ts";
import type { Intrinsic, IntrinsicCall } from "./intrinsic.ts";

/** The text of argument `i`, a `&str` or a reference to one, or `fmt::Arguments` without arguments; what is none gives nothing. */
function text(call: IntrinsicCall, i: number): string {
  const ty = call.site.call.params[i]?.info.ty;
  if (ty === undefined) return "";
  if (isStr(ty)) return bytesText(call, call.pointer(i), call.meta(i).lo);
  if (ty.kind === "ref" && isStr(ty.pointee)) return strAt(call, call.readAt(call.pointer(i), 16, 8));
  return ty.kind === "adt" && /(^|::)fmt::Arguments$/.test(ty.def.name) ? argumentsText(call, i) : "";
}

function isStr(ty: Ty): boolean {
  return ty.kind === "ref" && ty.pointee.kind === "str";
}

function pointerAt({ memory: m }: IntrinsicCall, at: number): { lo: number; hi: number; tag: number } {
  return { lo: m.view.getInt32(at, true), hi: m.view.getInt32(at + 4, true), tag: m.loadProvenance(at) };
}

function strAt(call: IntrinsicCall, at: number): string {
  return bytesText(call, pointerAt(call, at), call.memory.view.getInt32(at + 8, true));
}

function bytesText(call: IntrinsicCall, pointer: { lo: number; hi: number; tag: number }, size: number): string {
  const at = call.readAt(pointer, size);
  call.memory.checkInit(at, size);
  return new TextDecoder().decode(call.memory.bytes.slice(at, at + size));
}

/** `Arguments { template, args }`: an odd `args`, which is no pointer, is twice the length of a plain `template`. */
function argumentsText(call: IntrinsicCall, i: number): string {
  const { layout, size } = call.param(i);
  if (size !== 16) return "";
  const at = call.address(i);
  const args = pointerAt(call, at + fieldOffset(layout, 1));
  if (args.tag !== 0 || (args.lo & 1) === 0) return "";
  return bytesText(call, pointerAt(call, at + fieldOffset(layout, 0)), args.lo >>> 1);
}

type Message = string | ((call: IntrinsicCall) => string);

/** A function that panics, with the text of its first argument if it has one. */
const panics = (name: string, signature: string, message: Message): Intrinsic => ({
  name,
  signature,
  run: (call) => {
    throw call.panic(text(call, 0) || (typeof message === "string" ? message : message(call)));
  },
});

/** What `slice_index_fail` finds wrong with a range, in its order. */
function sliceIndexFailure(start: bigint, end: bigint, len: bigint): string {
  if (start > len) return `range start index ${start} out of range for slice of length ${len}`;
  if (end > len || start <= end) return `range end index ${end} out of range for slice of length ${len}`;
  return `slice index starts at ${start} but ends at ${end}`;
}

function lengthMismatch(call: IntrinsicCall): string {
  return `copy_from_slice: source slice length (${call.bits(1)}) does not match destination slice length (${call.bits(0)})`;
}

/** By the function that it stands in: what `assert_failed` in `Vec`'s methods says. */
const VEC_FAILURES: readonly (readonly [method: string, what: string, relation: string])[] = [
  ["swap_remove", "swap_remove index", "<"],
  ["insert", "insertion index", "<="],
  ["remove", "removal index", "<"],
  ["split_off", "`at` split index", "<="],
];

function assertFailure(call: IntrinsicCall): string {
  const [, method] = /(\w+)::assert_failed$/.exec(call.site.name) ?? [];
  const found = VEC_FAILURES.find(([name]) => name === method);
  if (found === undefined || call.site.params.length !== 2) return "assertion failed";
  return `${found[1]} (is ${call.bits(0)}) should be ${found[2]} len (is ${call.bits(1)})`;
}

/** What functions that share an entry say, by their names. */
const BY_NAME: Readonly<Record<string, string>> = {
  panic_explicit: "explicit panic",
  panic_for_nonpositive_argument: "argument of integer logarithm must be positive",
  panic_for_negative_argument: "argument of integer square root cannot be negative",
  slice_start_index_overflow_fail: "attempted to index slice from after maximum usize",
  slice_end_index_overflow_fail: "attempted to index slice up to maximum usize",
  panic_const_add_overflow: "attempt to add with overflow",
  panic_const_sub_overflow: "attempt to subtract with overflow",
  panic_const_mul_overflow: "attempt to multiply with overflow",
  panic_const_div_overflow: "attempt to divide with overflow",
  panic_const_rem_overflow: "attempt to calculate the remainder with overflow",
  panic_const_neg_overflow: "attempt to negate with overflow",
  panic_const_shr_overflow: "attempt to shift right with overflow",
  panic_const_shl_overflow: "attempt to shift left with overflow",
  panic_const_div_by_zero: "attempt to divide by zero",
  panic_const_rem_by_zero: "attempt to calculate the remainder with a divisor of zero",
  panic_const_coroutine_resumed: "coroutine resumed after completion",
  panic_const_async_fn_resumed: "`async fn` resumed after completion",
  panic_const_async_gen_fn_resumed: "`async gen fn` resumed after completion",
  panic_const_gen_fn_none: "`gen fn` should just keep returning `None` after completion",
  panic_const_coroutine_resumed_panic: "coroutine resumed after panicking",
  panic_const_async_fn_resumed_panic: "`async fn` resumed after panicking",
  panic_const_async_gen_fn_resumed_panic: "`async gen fn` resumed after panicking",
  panic_const_gen_fn_none_panic: "`gen fn` should just keep returning `None` after panicking",
  panic_const_coroutine_resumed_drop: "coroutine resumed after async drop",
  panic_const_async_fn_resumed_drop: "`async fn` resumed after async drop",
  panic_const_async_gen_fn_resumed_drop: "`async gen fn` resumed after async drop",
  panic_const_gen_fn_none_drop: "`gen fn` resumed after async drop",
};

/** Functions without a row of their own, which panic as `panic_explicit` does. */
export const PANIC_ALIASES: readonly string[] = Object.keys(BY_NAME).filter((name) => !name.startsWith("panic_const"));

function byName(call: IntrinsicCall): string {
  const { name } = call.site;
  return BY_NAME[name.slice(name.lastIndexOf(":") + 1)] ?? "a panic";
}

const nounwind = (name: string, signature: string, message: string): Intrinsic => ({
  name,
  signature,
  run: (call) => {
    throw call.abort(text(call, 0) || message);
  },
});

export const PANICS: readonly Intrinsic[] = [
  {
    name: "abort",
    signature: "fn abort() -> !",
    run: (call) => {
      throw call.abort("abort");
    },
  },
  {
    name: "unreachable",
    signature: "const unsafe fn unreachable() -> !",
    run: (call) => {
      throw call.ub("unreachable", "`unreachable` was reached");
    },
  },
  {
    name: "unreachable_unchecked",
    signature: "const unsafe fn unreachable_unchecked() -> !",
    run: (call) => {
      throw call.ub("unreachable", "`unreachable_unchecked` was reached");
    },
  },
  panics("panic", "const fn panic(expr: &'static str) -> !", "a panic"),
  panics("panic_fmt", "const fn panic_fmt(fmt: fmt::Arguments<'_>) -> !", "a formatted panic"),
  panics("panic_str_literal", "const fn panic_str_literal(expr: &'static str) -> !", "a panic"),
  panics("panic_str_2015", "const fn panic_str_2015(expr: &str) -> !", "a panic"),
  panics("panic_display", "const fn panic_display<T: fmt::Display>(x: &T) -> !", "a panic"),
  panics("panic_explicit", "const fn panic_explicit() -> !", byName),
  panics("begin_panic", "fn begin_panic<M: Any + Send>(msg: M) -> !", "a panic"),
  panics("unwrap_failed", "const fn unwrap_failed() -> !", "called `Option::unwrap()` on a `None` value"),
  panics("expect_failed", "const fn expect_failed(msg: &str) -> !", "expect failed"),
  panics(
    "panic_bounds_check",
    "fn panic_bounds_check(index: usize, len: usize) -> !",
    (call) => `index out of bounds: the len is ${call.bits(1)} but the index is ${call.bits(0)}`,
  ),
  panics("slice_index_fail", "fn slice_index_fail(start: usize, end: usize, len: usize) -> !", (call) =>
    sliceIndexFailure(call.bits(0), call.bits(1), call.bits(2)),
  ),
  panics(
    "slice_start_index_len_fail",
    "fn slice_start_index_len_fail(index: usize, len: usize) -> !",
    (call) => `range start index ${call.bits(0)} out of range for slice of length ${call.bits(1)}`,
  ),
  panics(
    "slice_end_index_len_fail",
    "fn slice_end_index_len_fail(index: usize, len: usize) -> !",
    (call) => `range end index ${call.bits(0)} out of range for slice of length ${call.bits(1)}`,
  ),
  panics(
    "slice_index_order_fail",
    "fn slice_index_order_fail(index: usize, end: usize) -> !",
    (call) => `slice index starts at ${call.bits(0)} but ends at ${call.bits(1)}`,
  ),
  panics("copy_from_slice_len_mismatch_fail", "fn len_mismatch_fail(dst: usize, src: usize) -> !", lengthMismatch),
  panics("len_mismatch_fail", "fn len_mismatch_fail(dst: usize, src: usize) -> !", lengthMismatch),
  panics(
    "assert_failed",
    "fn assert_failed<T, U>(kind: AssertKind, left: &T, right: &U, args: Option<Arguments>) -> !",
    assertFailure,
  ),
  panics("panic_already_borrowed", "fn panic_already_borrowed(err: BorrowMutError) -> !", "RefCell already borrowed"),
  panics(
    "panic_already_mutably_borrowed",
    "fn panic_already_mutably_borrowed(err: BorrowError) -> !",
    "RefCell already mutably borrowed",
  ),
  {
    ...panics("panic_const", "fn panic_const_*() -> !", byName),
    byPrefix: true,
  },
  nounwind("panic_nounwind", "const fn panic_nounwind(expr: &'static str) -> !", "a panic that may not unwind"),
  nounwind(
    "panic_nounwind_fmt",
    "const fn panic_nounwind_fmt(fmt: Arguments, _: bool) -> !",
    "a panic that may not unwind",
  ),
  nounwind(
    "panic_nounwind_nobacktrace",
    "fn panic_nounwind_nobacktrace(expr: &'static str) -> !",
    "a panic that may not unwind",
  ),
  nounwind("panic_cannot_unwind", "fn panic_cannot_unwind() -> !", "panic in a function that cannot unwind"),
  nounwind("panic_in_cleanup", "fn panic_in_cleanup() -> !", "panic in a destructor during cleanup"),
  nounwind("handle_alloc_error", "fn handle_alloc_error(layout: Layout) -> !", "memory allocation failed"),
  nounwind("exit", 'unsafe extern "C" fn exit(status: c_int) -> !', "exit"),
];
