/** What tells an optimiser something and means little else: hints, assertions about types, questions about the build. */

import type { Intrinsic } from "./intrinsic.ts";

const nothing = (name: string, signature: string): Intrinsic => ({ name, signature, run: () => undefined });

const always = (name: string, signature: string, value: boolean): Intrinsic => ({
  name,
  signature,
  run: (call) => call.setBool(value),
});

/** The value of argument `i`, as it is. */
const identity = (name: string, signature: string, i = 0): Intrinsic => ({
  name,
  signature,
  run: (call) => call.setFromMemory(call.address(i)),
});

const prefetch = (what: string): Intrinsic =>
  nothing(`prefetch_${what}`, `fn prefetch_${what}<T, const LOCALITY: i32>(data: *const T)`);

export const HINTS: readonly Intrinsic[] = [
  nothing("cold_path", "const fn cold_path()"),
  identity("likely", "const fn likely(b: bool) -> bool"),
  identity("unlikely", "const fn unlikely(b: bool) -> bool"),
  identity("black_box", "fn black_box<T>(dummy: T) -> T"),
  nothing("forget", "const fn forget<T: ?Sized>(_: T)"),
  {
    name: "assume",
    signature: "const unsafe fn assume(b: bool)",
    run: (call) => {
      if (!call.bool(0)) throw call.ub("assumeFalse", "`assume` of what is false");
    },
  },
  {
    name: "select_unpredictable",
    signature: "const fn select_unpredictable<T>(b: bool, true_val: T, false_val: T) -> T",
    run: (call) => call.setFromMemory(call.address(call.bool(0) ? 1 : 2)),
  },
  {
    name: "assert_inhabited",
    signature: "const fn assert_inhabited<T>()",
    run: (call) => {
      if (call.info(0).uninhabited)
        throw call.panic(`attempted to instantiate uninhabited type \`${call.ty(0).text}\``);
    },
  },
  nothing("assert_zero_valid", "const fn assert_zero_valid<T>()"),
  nothing("assert_mem_uninitialized_valid", "const fn assert_mem_uninitialized_valid<T>()"),
  always("is_val_statically_known", "const fn is_val_statically_known<T: Copy>(arg: T) -> bool", false),
  always("ub_checks", "const fn ub_checks() -> bool", false),
  always("overflow_checks", "const fn overflow_checks() -> bool", true),
  nothing("breakpoint", "fn breakpoint()"),
  prefetch("read_data"),
  prefetch("write_data"),
  prefetch("read_instruction"),
  prefetch("write_instruction"),
];
