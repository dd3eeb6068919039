/**
 * What differs between LLVM releases, in what we write and in how the tools are called. One row per release that changed something; a
 * release has the facts of all rows up to it.
 */

export interface LlvmDialect {
  /**
   * Pointers have no pointee type (`ptr`). LLVM 14 can be told so by a flag, but its argument promotion then crashes; what its users ran has
   * typed pointers, so before 15 every pointer is an `i8*` that is cast where it is used.
   */
  readonly opaquePointers: boolean;
  /** `llvm.lifetime.*` take the size before the pointer. */
  readonly lifetimeSize: boolean;
  /** `trunc nuw` and `getelementptr nuw` exist. */
  readonly nuwEverywhere: boolean;
  /** The `range(…)` parameter and return attribute exists. */
  readonly rangeAttribute: boolean;
  /** `writable` and `dead_on_unwind` exist. */
  readonly writable: boolean;
  /** `--lto-CGO…` of ld.lld exists. */
  readonly ltoCodegenLevel: boolean;
}

const OLDEST: LlvmDialect = {
  opaquePointers: false,
  lifetimeSize: true,
  nuwEverywhere: false,
  rangeAttribute: false,
  writable: false,
  ltoCodegenLevel: false,
};

/** In ascending order. */
export const DIALECT_CHANGES: readonly { readonly since: number; readonly change: Partial<LlvmDialect> }[] = [
  { since: 15, change: { opaquePointers: true } },
  { since: 17, change: { ltoCodegenLevel: true } },
  { since: 18, change: { writable: true } },
  { since: 19, change: { nuwEverywhere: true, rangeAttribute: true } },
  { since: 22, change: { lifetimeSize: false } },
];

/** The oldest release that is tested. */
export const OLDEST_LLVM = 14;

/** The facts of LLVM `major`. */
export function dialectOf(major: number): LlvmDialect {
  let dialect = OLDEST;
  for (const row of DIALECT_CHANGES) if (row.since <= major) dialect = { ...dialect, ...row.change };
  return dialect;
}
