/**
 * What differs between LLVM releases, in what we write and in how the tools are called. One row per release that changed something; a
 * release has the facts of all rows up to it.
 */

export interface LlvmDialect {
  /** Flags that every tool needs to read opaque pointers. */
  readonly opaquePointerFlags: readonly string[];
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
  opaquePointerFlags: ["-opaque-pointers"],
  lifetimeSize: true,
  nuwEverywhere: false,
  rangeAttribute: false,
  writable: false,
  ltoCodegenLevel: false,
};

/** In ascending order. */
export const DIALECT_CHANGES: readonly { readonly since: number; readonly change: Partial<LlvmDialect> }[] = [
  { since: 15, change: { opaquePointerFlags: [] } },
  { since: 17, change: { ltoCodegenLevel: true } },
  { since: 18, change: { writable: true } },
  { since: 19, change: { nuwEverywhere: true, rangeAttribute: true } },
  { since: 22, change: { lifetimeSize: false } },
];

/** The oldest release that has opaque pointers in all tools. */
export const OLDEST_LLVM = 14;

/** The facts of LLVM `major`. */
export function dialectOf(major: number): LlvmDialect {
  let dialect = OLDEST;
  for (const row of DIALECT_CHANGES) if (row.since <= major) dialect = { ...dialect, ...row.change };
  return dialect;
}
