/**
 * Names of intrinsics that are younger than the writer's tables (`codegen/mir/custom-mir/intrinsics.ts`), for nightlies that Miri comes with. Whether a
 * compiler has them is asked with `SPELLING_PROBE`.
 */

/** Compiles with a rustc that has the younger names. */
export const SPELLING_PROBE = `#![allow(internal_features)]
#![feature(core_intrinsics)]
pub fn probe(at: *const u8) -> (u8, f32) {
    unsafe {
        let loaded = core::intrinsics::atomic_load::<u8, { core::intrinsics::AtomicOrdering::Relaxed }, false>(at);
        (loaded, core::intrinsics::powf::<f32>(1.0, 1.0))
    }
}
`;

const FLOATS =
  "sqrt|floor|ceil|trunc|round|round_ties_even_|fma|fmuladd|sin|cos|exp|exp2|log|log2|log10|pow|powi|minimum|maximum|copysign";

/** Younger names of the same functions. */
const FLOAT_NAMES: Readonly<Record<string, string>> = { pow: "powf", round_ties_even_: "round_ties_even" };

/** `source` with the younger names: plain accesses say that they are not volatile, and one function serves floats of all widths. */
export function withYoungerNames(source: string): string {
  return source
    .replaceAll("core::intrinsics::abort(", "std::process::abort(")
    .replaceAll(
      /\bcore::intrinsics::atomic_(load|store)::<_, (\{ [\w:]+ \})>/g,
      "core::intrinsics::atomic_$1::<_, $2, false>",
    )
    .replaceAll(
      new RegExp(`\\bcore::intrinsics::(${FLOATS})f(16|32|64|128)\\(`, "g"),
      (_, name: string, width: string) => `core::intrinsics::${FLOAT_NAMES[name] ?? name}::<f${width}>(`,
    );
}
