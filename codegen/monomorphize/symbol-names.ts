/**
 * Linker symbols of instances.
 *
 * A function without generic arguments keeps its path: as in rustc's legacy mangling (rustc_symbol_mangling/src/legacy.rs) it stays
 * readable, and what an assembler might trip over is escaped, so that a symbol is made of letters, digits, `_`, `.` and `$` only. There is
 * no hash: paths are unique in a program. Instances of generic functions, items of impls and shims have rustc's v0 names (`v0.ts`).
 */

import type { FnItem } from "../mir/syntax.ts";
import type { Ty, TyCtxt } from "../mir/ty.ts";
import type { Instance } from "./instance.ts";
import { mangleV0 } from "./v0.ts";

/** What the runtime defines for compiled code to call by name. A user's function of that name gets another symbol. */
export const RUNTIME_PREFIX = "mirwatch_";

/** The symbol of the runtime's function `name`. */
export function runtimeSymbol(name: string): string {
  return RUNTIME_PREFIX + name;
}

/** Symbols that code generation itself may call, whether or not the program names them; `_start` is the linker's. */
export const LIBRARY_SYMBOLS: readonly string[] = [
  "memcpy",
  "memmove",
  "memset",
  "memcmp",
  "bcmp",
  "fmod",
  "fmodf",
  "__udivti3",
  "__umodti3",
  "__divti3",
  "__modti3",
  "__multi3",
  "__muloti4",
  "__ashlti3",
  "__lshrti3",
  "__ashrti3",
  "__floatuntisf",
  "__floatuntidf",
  "__floattisf",
  "__floattidf",
  "__fixunssfti",
  "__fixunsdfti",
  "__fixsfti",
  "__fixdfti",
  "_start",
];

const RESERVED = new Set(LIBRARY_SYMBOLS);
const PLAIN = /^[A-Za-z0-9_.]+$/;

const ESCAPES: ReadonlyMap<string, string> = new Map([
  ["::", ".."],
  ["<", "$LT$"],
  [">", "$GT$"],
  ["(", "$LP$"],
  [")", "$RP$"],
  ["&", "$RF$"],
  ["*", "$BP$"],
  [",", "$C$"],
  ["@", "$SP$"],
]);

/** `text` with everything but letters, digits, `_` and `.` escaped. Injective on texts without `..`. */
export function sanitize(text: string): string {
  if (PLAIN.test(text)) return text;
  return text.replace(/::|[^A-Za-z0-9_.]/g, (c) => ESCAPES.get(c) ?? `$u${(c.codePointAt(0) ?? 0).toString(16)}$`);
}

/** The symbol of `item` with type arguments `args`. `tcx` is needed for functions of generic impls. */
export function symbolName(item: FnItem, args: readonly Ty[], tcx?: TyCtxt): string {
  const foreign = item.abi === "C" || item.kind === "extern";
  if (args.length === 0 && foreign) return item.name;
  if (args.length > 0 || item.parent !== undefined) return mangleV0({ kind: "item", item, args }, tcx);
  const symbol = sanitize(item.name);
  return RESERVED.has(symbol) || (!foreign && symbol.startsWith(RUNTIME_PREFIX)) ? `${symbol}$` : symbol;
}

const plainInstances = new WeakMap<FnItem, { readonly name: string; readonly instance: Instance }>();

/** The instance of `item` with `args`; without arguments, the same object until the item is renamed. */
export function instanceOf(item: FnItem, args: readonly Ty[] = []): Instance {
  if (args.length > 0) return { def: { kind: "item", item }, args, item, symbol: symbolName(item, args) };
  const known = plainInstances.get(item);
  if (known !== undefined && known.name === item.name) return known.instance;
  const instance: Instance = { def: { kind: "item", item }, args, item, symbol: symbolName(item, args) };
  plainInstances.set(item, { name: item.name, instance });
  return instance;
}
