/**
 * Broken MIR text: items that are right, changed at random. For tests that the reader answers anything with a diagnostic, in linear time.
 */

/** A stream of random numbers (xorshift32), the same for the same seed. */
export class Rng {
  private state: number;

  constructor(seed: number) {
    this.state = Math.imul(seed ^ 0x9e3779b9, 0x85ebca6b) | 1;
  }

  /** An integer in `0..n`. */
  below(n: number): number {
    let x = this.state;
    x ^= x << 13;
    x ^= x >>> 17;
    x ^= x << 5;
    this.state = x;
    return (x >>> 0) % n;
  }
}

type Mutation = (text: Uint8Array, rng: Rng, others: readonly Uint8Array[]) => Uint8Array;

/** Pieces of the language, to be put where they do not belong. */
const TOKENS: readonly Uint8Array[] = [
  ...[
    "(",
    ")",
    "[",
    "]",
    "{",
    "}",
    "<",
    ">",
    "::",
    "->",
    "=>",
    ",",
    ";",
    ":",
    "&",
    "*",
    "!",
    "'",
    '"',
    "\\",
    "/*",
    "*/",
    "//",
    "#",
    "..",
    "=",
    "|",
    "?",
    "+",
    "-",
  ],
  ...[
    "_1",
    "bb1",
    "copy ",
    "move ",
    "const ",
    "dyn ",
    "impl ",
    "for<'a> ",
    "fn(",
    " as ",
    "<impl at ",
    "promoted[0]",
    "{closure@a.rs:1:1: 1:2}",
    "alloc1",
    "╾",
    "╼",
    "│",
    "__",
  ],
  ...[
    "(*",
    'asm!("',
    "options(",
    "is ",
    "0x",
    "1_u8",
    "1.5f32",
    'b"',
    "'a'",
    "true",
    " {{ ",
    " }} ",
    "-> [return: ",
    "unwind ",
    "\0",
    "\n",
    "\r\n",
    "\t",
    "é",
    "\u{feff}",
  ],
  ...[
    "fn f() -> () {",
    "scope 1 {",
    "debug x => ",
    "let mut _1: ",
    "coverage ",
    "| x\n",
    "}\n",
    "static ",
    "unsafe<'a> ",
    "field_of!(",
    "99999999999999999999",
    "Indirect { alloc_id: ",
  ],
  ...[
    "ConstValue(",
    "ZeroSized: ",
    "ValTree(Leaf(0x01): u8)",
    "ReLateParam(",
    "Region(BrAnon)",
    "Opaque(DefId(",
    "/#0",
    "#1",
    " upvar_tys=()",
    "{f::{closure#0}",
  ],
].map((token) => Buffer.from(token));

/** What opens and nests. */
const NESTS: readonly Uint8Array[] = [
  "(",
  "[",
  "<",
  "{",
  "((*",
  "&",
  "*const ",
  "A<",
  "fn(",
  "-> ",
  "dyn A<",
  "<A as ",
  "::<",
  "const {",
  "Some(",
  "scope 1 {",
  "unwrap_binder!(",
  "for<'a> ",
  "/*",
  "+ ",
  "{a::{closure#0} t=",
  "A<{a ",
  "A<{a<",
  "ConstValue(ZeroSized: ",
  "A<ValTree(Leaf(0): ",
  "for<Region(",
].map((token) => Buffer.from(token));

function replaced(text: Uint8Array, from: number, to: number, by: Uint8Array): Uint8Array {
  const result = new Uint8Array(text.length - (to - from) + by.length);
  result.set(text.subarray(0, from));
  result.set(by, from);
  result.set(text.subarray(to), from + by.length);
  return result;
}

function anyRange(text: Uint8Array, rng: Rng, longest: number): [from: number, to: number] {
  const from = rng.below(text.length + 1);
  return [from, Math.min(text.length, from + rng.below(longest))];
}

function isWordByte(b: number): boolean {
  return (b >= 48 && b <= 57) || (b >= 65 && b <= 90) || (b >= 97 && b <= 122) || b === 95;
}

/** The word or the byte around a random place. */
function anyToken(text: Uint8Array, rng: Rng): [from: number, to: number] {
  const at = rng.below(Math.max(1, text.length));
  let from = at;
  let to = Math.min(text.length, at + 1);
  while (from > 0 && isWordByte(text[from - 1]!)) from--;
  while (to < text.length && isWordByte(text[to]!)) to++;
  return [from, to];
}

function pick<T>(list: readonly T[], rng: Rng): T {
  return list[rng.below(list.length)]!;
}

function repeated(token: Uint8Array, count: number): Uint8Array {
  const result = new Uint8Array(token.length * count);
  for (let i = 0; i < count; i++) result.set(token, i * token.length);
  return result;
}

/** What opens, and what closes it: read in one of several ways, some of which only the end tells. */
const WRAPS: readonly (readonly [open: Uint8Array, close: Uint8Array])[] = [
  ["A<", ">"],
  ["(", ",)"],
  ["[", "; 3]"],
  ["<impl A<", ">(u8)>::B"],
  ["<", " as T>::A"],
  ["A<B<", ">(1)>"],
  ["fn(", ") -> u8 {f}"],
  ["{closure@a::<", ">::{closure#0}}"],
  ["((*", ").0: u8)"],
  ["Add(", ", copy _1)"],
  ["{f::{closure#0} upvar_tys=(", ",)}"],
  ["A<{f::{closure#0} t=", "}>"],
  ["A<ValTree(Leaf(0x1): ", ")>"],
  ["for<Region(BrNamed(", "))> u8"],
].map(([open, close]): [Uint8Array, Uint8Array] => [Buffer.from(open!), Buffer.from(close!)]);

const MUTATIONS: readonly Mutation[] = [
  function wrap(text, rng): Uint8Array {
    const [from, to] = anyToken(text, rng);
    const [open, close] = pick(WRAPS, rng);
    const count = 1 + rng.below(rng.below(4) === 0 ? 60 : 3);
    return replaced(replaced(text, to, to, repeated(close, count)), from, from, repeated(open, count));
  },
  function flipBit(text, rng): Uint8Array {
    const result = text.slice();
    if (result.length > 0) result[rng.below(result.length)]! ^= 1 << rng.below(8);
    return result;
  },
  function setByte(text, rng): Uint8Array {
    const result = text.slice();
    if (result.length > 0) result[rng.below(result.length)] = rng.below(256);
    return result;
  },
  function truncate(text, rng): Uint8Array {
    return text.slice(0, rng.below(text.length + 1));
  },
  function deleteRange(text, rng): Uint8Array {
    const [from, to] = anyRange(text, rng, 40);
    return replaced(text, from, to, new Uint8Array(0));
  },
  function duplicateRange(text, rng): Uint8Array {
    const [from, to] = anyRange(text, rng, 120);
    return replaced(text, to, to, text.slice(from, to));
  },
  function insertToken(text, rng): Uint8Array {
    const at = rng.below(text.length + 1);
    return replaced(text, at, at, pick(TOKENS, rng));
  },
  function replaceToken(text, rng): Uint8Array {
    const [from, to] = anyToken(text, rng);
    return replaced(text, from, to, pick(TOKENS, rng));
  },
  function spliceToken(text, rng, others): Uint8Array {
    const other = pick(others, rng);
    const [from, to] = anyToken(text, rng);
    const [otherFrom, otherTo] = anyToken(other, rng);
    return replaced(text, from, to, other.slice(otherFrom, otherTo));
  },
  function spliceRange(text, rng, others): Uint8Array {
    const other = pick(others, rng);
    const [from, to] = anyRange(text, rng, 60);
    const [otherFrom, otherTo] = anyRange(other, rng, 120);
    return replaced(text, from, to, other.slice(otherFrom, otherTo));
  },
  function explode(text, rng): Uint8Array {
    // Rarely, and rarely large: most of the time would go here otherwise.
    const at = rng.below(text.length + 1);
    const count = 1 + rng.below(rng.below(8) === 0 ? 1500 : 12);
    return replaced(text, at, at, repeated(pick(NESTS, rng), count));
  },
];

/** One of `texts`, changed a few times. */
export function mutate(texts: readonly Uint8Array[], rng: Rng): Uint8Array {
  let text = pick(texts, rng);
  const times = 1 + rng.below(1 + rng.below(3));
  for (let i = 0; i < times; i++) text = pick(MUTATIONS, rng)(text, rng, texts);
  return text;
}

/** What opens, once each: for texts that do nothing but nest. */
export function nestingTokens(): readonly Uint8Array[] {
  return NESTS;
}
