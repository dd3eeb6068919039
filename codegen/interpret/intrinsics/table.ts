/** The table of all intrinsics. Each file of this folder that defines some is listed here once. */

import { ALLOCATOR } from "./allocator.ts";
import { ARITHMETIC } from "./arithmetic.ts";
import { ATOMICS } from "./atomics.ts";
import { CALLER_LOCATION } from "./caller-location.ts";
import { FLOAT_INTRINSICS } from "./floats.ts";
import { HINTS } from "./hints.ts";
import type { Intrinsic } from "./intrinsic.ts";
import { MEMORY } from "./memory.ts";
import { PANIC_ALIASES, PANICS } from "./panics.ts";
import { POINTERS } from "./pointers.ts";
import { RAW_INIT } from "./raw-init.ts";
import { SIMD } from "./simd.ts";
import { SIMD_MEMORY } from "./simd-memory.ts";
import { THREADS } from "./threads.ts";
import { TYPES } from "./types.ts";
import { VARIADIC } from "./variadic.ts";

export const INTRINSIC_TABLE: readonly Intrinsic[] = [
  ...TYPES,
  ...MEMORY,
  ...ALLOCATOR,
  ...PANICS,
  ...THREADS,
  ...ATOMICS,
  ...ARITHMETIC,
  ...FLOAT_INTRINSICS,
  ...HINTS,
  ...RAW_INIT,
  ...CALLER_LOCATION,
  ...POINTERS,
  ...SIMD,
  ...SIMD_MEMORY,
];

/** `VARIADIC` stands apart: programs of the generator have no variable arguments, and the table is what it is to cover. */
const BY_NAME: ReadonlyMap<string, Intrinsic> = new Map([...INTRINSIC_TABLE, ...VARIADIC].map((i) => [i.name, i]));

/** Functions of core by those that do the same here: waiting in a loop lets others run. */
const ALIASES: ReadonlyMap<string, string> = new Map([
  ...PANIC_ALIASES.map((name) => [name, "panic_explicit"] as const),
  ["spin_loop", "thread_yield"],
  ["_mm_pause", "thread_yield"],
]);

/** The intrinsic that an item without a body is, by its path. */
export function intrinsicOf(path: string): Intrinsic | undefined {
  const at = path.lastIndexOf("::");
  const name = (at < 0 ? path : path.slice(at + 2)).replace(/<.*$/, "");
  const found = BY_NAME.get(ALIASES.get(name) ?? name);
  if (found !== undefined) return found;
  for (let end = name.lastIndexOf("_"); end > 0; end = name.lastIndexOf("_", end - 1)) {
    const prefix = BY_NAME.get(name.slice(0, end));
    if (prefix?.byPrefix === true) return prefix;
  }
  return undefined;
}
