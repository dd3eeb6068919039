/**
 * Types with fewer values than their representation, as expanded sources write them (`struct NonZeroU8Inner(u8 is const 1..);`), in the attributes that
 * stood for the same before: `rustc_layout_scalar_valid_range_start` and `_end`.
 */

const BITS: ReadonlyMap<string, bigint> = new Map([
  ...["8", "16", "32", "64", "128"].flatMap((width): [string, bigint][] => [
    [`u${width}`, BigInt(width)],
    [`i${width}`, BigInt(width)],
  ]),
  ["usize", 64n],
  ["isize", 64n],
  ["char", 32n],
]);

/** `trait Thin = A + B;` as a trait that whatever implements `A + B` implements. */
export function withoutTraitAliases(source: string): string {
  return source.replace(
    /^([ \t]*)((?:pub(?:\([^)]*\))? )?)trait (\w+) =\s*([^;{]*);/gm,
    (_, indent: string, visibility: string, name: string, bounds: string) =>
      `${indent}${visibility}trait ${name}: ${bounds} {}\n${indent}impl<T: ?Sized + ${bounds}> ${name} for T {}`,
  );
}

/** `source` with its pattern types as attributes. */
export function withoutPatternTypes(source: string): string {
  return withoutRanges(withoutNonNull(source));
}

/** `struct NonNull<T> { pointer: *const T is !null, }`; elsewhere such a type has no values of its own here. */
function withoutNonNull(source: string): string {
  const structs = source.replace(
    /^([ \t]*)((?:pub(?:\([^)]*\))? )?struct \w+(?:<[^>]*>)? \{\s*\w+: \*(?:const|mut) \w+) is !null(,?\s*\})/gm,
    (_, indent: string, head: string, rest: string) =>
      `${indent}#[rustc_layout_scalar_valid_range_start(1)]\n${indent}${head}${rest}`,
  );
  // The compiler's own traits hold of pointers with and without.
  return structs.replace(/^[ \t]*(?:unsafe )?impl\b[^{}]* is !null\b[^{}]*\{\s*\}$/gm, "");
}

function withoutRanges(source: string): string {
  return source.replace(
    /^([ \t]*)((?:pub(?:\([^)]*\))? )?struct \w+\()(\w+) is ([^;]*)\);/gm,
    (whole, indent: string, head: string, ty: string, pattern: string) => {
      const range = rangeOf(pattern, ty, source);
      if (range === undefined) return whole;
      const attribute = (word: string, value: bigint): string =>
        `${indent}#[rustc_layout_scalar_valid_range_${word}(${value})]\n`;
      return `${attribute("start", range.start)}${attribute("end", range.end)}${indent}${head}${ty});`;
    },
  );
}

/** `const 1..`, `const 0..=const MAX`, `..const 0 | const 1..`. */
function rangeOf(pattern: string, ty: string, source: string): { start: bigint; end: bigint } | undefined {
  const bits = BITS.get(ty);
  if (bits === undefined) return undefined;
  const parts = pattern.split("|").map((part) => part.trim());
  // Of two parts the upper one goes on, around the end of the range, in the lower one.
  const upper = parts.at(-1)!.split("..");
  const lower = parts[0]!.split("..");
  const start = boundOf(upper[0]!, ty, source);
  const last = lower[1]!;
  const end = last === "" ? (1n << bits) - 1n : boundOf(last.replace(/^=/, ""), ty, source);
  if (start === undefined || end === undefined) return undefined;
  const inclusive = last === "" || last.startsWith("=") ? end : end - 1n;
  return { start: BigInt.asUintN(Number(bits), start), end: BigInt.asUintN(Number(bits), inclusive) };
}

function boundOf(text: string, ty: string, source: string): bigint | undefined {
  const word = text.replace(/\bconst\b/, "").trim();
  if (word === "") return 0n;
  const shifted = /^(.*)>>\s*(\d+)$/.exec(word);
  if (shifted !== null) {
    const value = boundOf(shifted[1]!, ty, source);
    return value === undefined ? undefined : value >> BigInt(shifted[2]!);
  }
  const char = /^'\\u\{(\w+)\}'$/.exec(word);
  if (char !== null) return BigInt(`0x${char[1]}`);
  if (/^-?(?:0x[\da-fA-F_]+|\d[\d_]*)$/.test(word)) {
    const digits = word.replaceAll("_", "");
    return digits.startsWith("-") ? -BigInt(digits.slice(1)) : BigInt(digits);
  }
  const max = /^([ui])(\d+|size)::MAX$/.exec(word);
  if (max !== null) return (1n << (BITS.get(`${max[1]}${max[2]}`)! - (max[1] === "i" ? 1n : 0n))) - 1n;
  const named = new RegExp(`\\bconst ${word}: \\w+ = ([^;]*);`).exec(source);
  return named === null ? undefined : boundOf(named[1]!, ty, source);
}
