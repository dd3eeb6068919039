/** What the writers of one program's module share. */

import type { StaticItem } from "../items.ts";
import type { Program } from "../program.ts";
import type { FnItem } from "../syntax.ts";
import type { TyCtxt } from "../ty.ts";
import type { Glue } from "./glue.ts";
import type { Names } from "./rust-names.ts";
import type { RustcSupport } from "./support.ts";
import type { UnsizedParams } from "./unsized.ts";

/**
 * `macro` is `mir! { … }`, to be read by people. `expanded` is what that macro expands to (core/src/intrinsics/mir.rs): the macro copies a
 * block once per statement in it, which is half of the time that a compiler takes for a batch.
 */
export type BodyForm = "macro" | "expanded";

export interface ModuleCx {
  readonly program: Program;
  readonly tcx: TyCtxt;
  readonly names: Names;
  readonly glue: Glue;
  readonly form: BodyForm;
  /** Everything is there when absent. */
  readonly support: RustcSupport | undefined;
  /** Panics unwind; otherwise they end the run where they are. */
  readonly unwinds: boolean;
  readonly unsized: UnsizedParams;
  /** Functions that are evaluated at compile time. */
  readonly constFns: ReadonlySet<FnItem>;
  /** Functions and statics that are defined elsewhere, in the order in which they are mentioned. */
  readonly externs: Set<FnItem | StaticItem>;
  /** Items made on demand, by what they are for. */
  readonly helpers: Map<object, { readonly name: string; text: string }>;
}
