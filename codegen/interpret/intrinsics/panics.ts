/**
 * Ends of the road: aborts, and the functions of core and std that panic, which have no body here. Their messages are read where they
 * are plain strings.
 */

import type { Intrinsic, IntrinsicCall } from "./intrinsic.ts";

/** The text of argument `i`, a `&str`; what is none gives nothing. */
function text(call: IntrinsicCall, i: number): string {
  const info = call.site.call.params[i]?.info;
  if (info?.ty.kind !== "ref" || info.ty.pointee.kind !== "str") return "";
  const size = call.meta(i).lo;
  const at = call.readAt(call.pointer(i), size);
  call.memory.checkInit(at, size);
  return new TextDecoder().decode(call.memory.bytes.slice(at, at + size));
}

const panics = (name: string, signature: string, message: string): Intrinsic => ({
  name,
  signature,
  run: (call) => {
    throw call.panic(text(call, 0) || message);
  },
});

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
  panics("panic_fmt", "const fn panic_fmt(fmt: fmt::Arguments<'_>) -> !", "a formatted panic"),
  panics("panic_str_literal", "const fn panic_str_literal(expr: &'static str) -> !", "a panic"),
  panics("panic_str_2015", "const fn panic_str_2015(expr: &str) -> !", "a panic"),
  panics("panic_display", "const fn panic_display<T: fmt::Display>(x: &T) -> !", "a panic"),
  panics("panic_explicit", "const fn panic_explicit() -> !", "explicit panic"),
  panics("begin_panic", "fn begin_panic<M: Any + Send>(msg: M) -> !", "a panic"),
  panics("unwrap_failed", "const fn unwrap_failed() -> !", "called `Option::unwrap()` on a `None` value"),
  panics("expect_failed", "const fn expect_failed(msg: &str) -> !", "expect failed"),
  panics("panic_bounds_check", "fn panic_bounds_check(index: usize, len: usize) -> !", "index out of bounds"),
  panics(
    "slice_index_fail",
    "fn slice_index_fail(start: usize, end: usize, len: usize) -> !",
    "slice index out of range",
  ),
  panics(
    "slice_start_index_len_fail",
    "fn slice_start_index_len_fail(index: usize, len: usize) -> !",
    "slice index out of range",
  ),
  panics(
    "slice_end_index_len_fail",
    "fn slice_end_index_len_fail(index: usize, len: usize) -> !",
    "slice index out of range",
  ),
  panics(
    "slice_index_order_fail",
    "fn slice_index_order_fail(index: usize, end: usize) -> !",
    "slice index out of range",
  ),
  panics(
    "copy_from_slice_len_mismatch_fail",
    "fn len_mismatch_fail(dst: usize, src: usize) -> !",
    "slices of different lengths",
  ),
  panics("len_mismatch_fail", "fn len_mismatch_fail(dst: usize, src: usize) -> !", "slices of different lengths"),
  panics(
    "assert_failed",
    "fn assert_failed<T, U>(kind: AssertKind, left: &T, right: &U, args: Option<Arguments>) -> !",
    "assertion failed",
  ),
  panics("panic_already_borrowed", "fn panic_already_borrowed(err: BorrowMutError) -> !", "RefCell already borrowed"),
  panics(
    "panic_already_mutably_borrowed",
    "fn panic_already_mutably_borrowed(err: BorrowError) -> !",
    "RefCell already mutably borrowed",
  ),
  {
    ...panics(
      "panic_const",
      "fn panic_const_*() -> !",
      "attempt to compute an arithmetic operation that overflows or divides by zero",
    ),
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
