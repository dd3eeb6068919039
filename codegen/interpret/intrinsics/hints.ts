/** What tells an optimiser something and means little else: hints, assertions about types, questions about the build. */

import type { RuntimeChecks } from "../compile.ts";
import type { Intrinsic } from "./intrinsic.ts";

const nothing = (name: string, signature: string): Intrinsic => ({ name, signature, run: () => undefined });

const runtimeCheck = (name: string, isOn: (checks: RuntimeChecks) => boolean): Intrinsic => ({
  name,
  signature: `const fn ${name}() -> bool`,
  run: (call) => call.setBool(isOn(call.vm.prepared.runtimeChecks)),
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
    // Neither answer may matter, so the seed chooses.
    name: "is_val_statically_known",
    signature: "const fn is_val_statically_known<T: Copy>(arg: T) -> bool",
    run: (call) => call.setBool(call.vm.random.below(2) === 1),
  },
  runtimeCheck("ub_checks", (checks) => checks.ub),
  runtimeCheck("contract_checks", (checks) => checks.contract),
  runtimeCheck("overflow_checks", (checks) => checks.overflow),
  {
    name: "breakpoint",
    signature: "fn breakpoint()",
    run: (call) => {
      throw call.abort("a breakpoint, with no debugger to stop in");
    },
  },
  prefetch("read_data"),
  prefetch("write_data"),
  prefetch("read_instruction"),
  prefetch("write_instruction"),
];
