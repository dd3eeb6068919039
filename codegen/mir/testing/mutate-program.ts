/**
 * Broken programs: the items of programs that are right, changed at random so that most of the text still reads as MIR and Rust. For tests that whatever comes behind
 * the reader of text (names, types, constants, the verifier, the printer) answers anything with a diagnostic, in linear time.
 */

import type { Rng } from "../text/testing/mutate.ts";

/** Programs as lists of items, and what there is to put into them. */
export interface ProgramCorpus {
  readonly programs: readonly (readonly string[])[];
  readonly items: readonly string[];
  /** Types as the programs write them. */
  readonly types: readonly string[];
}

/** The corpus of some texts; `pieces` are items that a program needs nothing else for. */
export function corpusOf(texts: readonly string[], maxLength: number, pieces: readonly string[] = []): ProgramCorpus {
  const programs: (readonly string[])[] = [];
  const types = new Set<string>();
  for (const text of texts) {
    const items = itemsOf(text);
    if (text.length <= maxLength) programs.push(items);
    else for (const part of smallParts(items, maxLength)) programs.push(part);
  }
  for (const piece of pieces) programs.push([piece]);
  for (const items of programs) for (const item of items) collectTypes(item, types);
  return { programs, items: [...new Set(programs.flat())], types: [...types] };
}

/** Items stand apart by blank lines; what is indented belongs to the item before. */
export function itemsOf(text: string): string[] {
  return text
    .replace(/^\/\/.*\n?/gm, "")
    .split(/\n\n+(?=\S)/)
    .filter((item) => item.trim() !== "");
}

const NAME = /\b(?:struct|enum|union|trait|fn|static|const|type)\s+(?:mut\s+)?([\w:{}#[\]]+)|^(alloc\d+) \(/;

/** Of each function of a large program, it and what it mentions, as far as that is no more than `maxLength`. */
function smallParts(items: readonly string[], maxLength: number): string[][] {
  const byWord = new Map<string, number[]>();
  items.forEach((item, i) => {
    const match = NAME.exec(item);
    const name = (match?.[1] ?? match?.[2] ?? "").replace(/::\{.*$/, "");
    const word = name.slice(name.lastIndexOf(":") + 1);
    if (word !== "") byWord.set(word, [...(byWord.get(word) ?? []), i]);
  });
  const parts: string[][] = [];
  items.forEach((item, root) => {
    if (!/^(?:#\[.*\]\s*)*(?:unsafe )?fn /.test(item)) return;
    const wanted = new Set([root]);
    let length = item.length;
    for (const i of wanted) {
      for (const word of new Set(items[i]!.match(/\b[A-Za-z_]\w*/g))) {
        for (const other of byWord.get(word) ?? []) {
          if (wanted.has(other)) continue;
          wanted.add(other);
          length += items[other]!.length;
        }
      }
      if (length > maxLength) return;
    }
    parts.push([...wanted].sort((a, b) => a - b).map((i) => items[i]!));
  });
  return parts;
}

function collectTypes(item: string, types: Set<string>): void {
  for (const [, ty] of item.matchAll(/(?:let (?:mut )?_\d+|_\d+|\w+): ([^;,(){}=]{1,60})[;,)]/g)) types.add(ty!.trim());
  for (const [, ty] of item.matchAll(/ as ([^;(){}]{1,40}) \(/g)) types.add(ty!);
}

function pick<T>(list: readonly T[], rng: Rng): T {
  return list[rng.below(list.length)]!;
}

/** Numbers at the edge of something, and what only looks like one. */
const NUMBERS: readonly string[] = [
  ..."0 1 -1 2 3 7 8 15 16 63 64 65 127 128 255 256 4095 65535 65536 2147483647 2147483648 4294967295 4294967296".split(
    " ",
  ),
  ..."9007199254740991 9007199254740993 9223372036854775807 9223372036854775808 18446744073709551615".split(" "),
  ..."18446744073709551616 340282366920938463463374607431768211455 340282366920938463463374607431768211456".split(" "),
  ..."0x0 0x 0xff 0xffffffffffffffff 0b0 0b 0bb0 0b2 0o7 0o8 0o 1_000 1__0 _ 00 1e9 1.5 0x1p3 1_u8 256_u8 -1_u8 3_usize".split(
    " ",
  ),
  ..."1_i128 0xg 1u 1i32 5_f32 1.5f32 1e400f64 NaN_f32 -inf_f64 i32::MIN u128::MAX usize::MAX '\\u{110000}' 'a' b'\\xff' true".split(
    " ",
  ),
  ..."1<<3 1<<200 1<<(1<<40) 1/0 1%0 -(-1) !0 (1 3*4-13 usize::MAX+1 N {N} {N+1} 4-5 1as u8 2*3as usize".split(" "),
];

const PRIMITIVES: readonly string[] = [
  ..."bool char str ! () u8 i8 u16 i16 u32 i32 u64 i64 u128 i128 usize isize f16 f32 f64 f128 Self T U".split(" "),
  ..."&u8|&mut u8|*const u8|*mut [u8]|[u8]|[u8; 4]|&str|&[u8]|(u8, u16)|(u8,)|fn(u8) -> u8|&dyn Send|dyn Send".split(
    "|",
  ),
  ..."Option<u8>|Option<Box<u8>>|Result<u8, ()>|Box<u8>|Box<dyn Send>|Ordering|impl Copy|T::Item|<T as Iterator>::Item".split(
    "|",
  ),
  ..."<u8 as Clone>::Output|[u8; N]|[[u8; 65536]; 65536]|[u8; 18446744073709551615]|{closure@a.rs:1:1: 1:2}|_".split(
    "|",
  ),
  ..."ManuallyDrop<u8>|MaybeUninit<u8>|PhantomData<u8>|NonNull<u8>|UnsafeCell<u8>|Range<usize>|Iter<'_, u8>".split("|"),
];

/** How a type becomes another: the type stands for `$`. */
const WRAPS: readonly string[] = [
  ..."&$|&mut $|*const $|*mut $|[$; 3]|[$; 0]|[$]|($,)|($, $)|Option<$>|Box<$>|fn($) -> $|Result<$, $>|<$ as Clone>::X".split(
    "|",
  ),
  ..."[$; N]|[$; 4294967296]|MaybeUninit<$>|ManuallyDrop<$>|PhantomData<$>|dyn Fn($) -> $|$ is 1..".split("|"),
];

const SNIPPETS: readonly string[] = [
  ...'where T: Copy|<T>|<T, U>|<const N: usize>|<\'a>|<T: Iterator>|::<T>|::<u8>|::<3>|pub |unsafe |extern "C" |mut |move |copy '.split(
    "|",
  ),
  ..."const |&|*|(|)|[|]|{|}|<|>|::|->|;|,|:|=|#[repr(C)]|#[repr(u8)]|#[repr(packed)]|#[repr(align(16))]|#[repr(transparent)]".split(
    "|",
  ),
  ...'#[repr(simd)]|#[lang = "owned_box"]|#[lang = "sized"]|#[rustc_intrinsic]|#[thread_local]|#[upvars(0: u8)]|#[inline]'.split(
    "|",
  ),
  ...'#[rustc_layout_scalar_valid_range_start(x)]|#[rustc_layout_scalar_valid_range_end(9)]|#[const_params(T: u8)]|#[lang = "x"]'.split(
    "|",
  ),
  ...'dyn |impl |for<\'a> |?Sized|Self|_0|_1|_2|bb0|bb1|alloc1|promoted[0]|{closure#0}|"x"|b"x"|const {alloc1: &u8}|unwind continue'.split(
    "|",
  ),
];

/** A word and where it stands. */
function anyWord(text: string, rng: Rng, shape: RegExp): [from: number, to: number] | undefined {
  shape.lastIndex = rng.below(text.length + 1);
  let match = shape.exec(text);
  if (match === null) {
    shape.lastIndex = 0;
    match = shape.exec(text);
  }
  return match === null ? undefined : [match.index, match.index + match[0].length];
}

function replaced(text: string, range: [number, number] | undefined, by: (old: string) => string): string {
  return range === undefined ? text : text.slice(0, range[0]) + by(text.slice(...range)) + text.slice(range[1]);
}

const WORD = /[A-Za-z_]\w*/g;
const NUMBER = /\d\w*/g;
const LOCAL = /\b_\d+/g;
const BLOCK = /\bbb\d+/g;
const TYPE = /(?<=: )[^;,(){}=]{1,40}(?=[;,)])|\b(?:[iu](?:8|16|32|64|128|size)|bool|char|f32|f64)\b/g;
const TOKEN = /\w+|::|->|\S/g;
const LINE = /[^\n]+\n?/g;
const OPEN = /[([{<]/g;

/** What stands between two brackets that belong together. */
function anySubtree(text: string, rng: Rng): [from: number, to: number] | undefined {
  const open = anyWord(text, rng, OPEN);
  if (open === undefined) return undefined;
  let depth = 0;
  const end = Math.min(text.length, open[0] + 2000);
  for (let i = open[0]; i < end; i++) {
    const c = text.charCodeAt(i);
    if (c === 40 || c === 91 || c === 123 || c === 60) depth++;
    else if ((c === 41 || c === 93 || c === 125 || (c === 62 && text.charCodeAt(i - 1) !== 45)) && --depth === 0)
      return [open[1], i];
  }
  return undefined;
}

type Mutation = (item: string, rng: Rng, corpus: ProgramCorpus) => string;

/** One word of a shape by another of the same shape. */
function swapped(shape: RegExp): Mutation {
  return (item, rng) => {
    const other = anyWord(item, rng, shape);
    return other === undefined ? item : replaced(item, anyWord(item, rng, shape), () => item.slice(...other));
  };
}

/** A range by one of another item's. */
function spliced(find: (text: string, rng: Rng) => [number, number] | undefined): Mutation {
  return (item, rng, { items }) => {
    const donor = rng.below(2) === 0 ? item : pick(items, rng);
    const range = find(donor, rng);
    return range === undefined ? item : replaced(item, find(item, rng), () => donor.slice(...range));
  };
}

const MUTATIONS: readonly Mutation[] = [
  (item, rng) => replaced(item, anyWord(item, rng, NUMBER), () => pick(NUMBERS, rng)),
  (item, rng, { types }) =>
    replaced(item, anyWord(item, rng, TYPE), () => (rng.below(2) === 0 ? pick(PRIMITIVES, rng) : pick(types, rng))),
  (item, rng) => replaced(item, anyWord(item, rng, TYPE), (ty) => pick(WRAPS, rng).replaceAll("$", () => ty)),
  (item, rng, { types }) => {
    // The same in all places, so that what the type is used for goes with it.
    const range = anyWord(item, rng, TYPE);
    if (range === undefined) return item;
    const ty = item.slice(...range);
    return item.replaceAll(ty, () => (rng.below(2) === 0 ? pick(PRIMITIVES, rng) : pick(types, rng)));
  },
  swapped(LOCAL),
  swapped(BLOCK),
  swapped(WORD),
  swapped(NUMBER),
  swapped(TYPE),
  spliced((text, rng) => anyWord(text, rng, WORD)),
  spliced((text, rng) => anyWord(text, rng, LINE)),
  spliced(anySubtree),
  spliced((text, rng) => anyWord(text, rng, TYPE)),
  (item, rng) => replaced(item, anyWord(item, rng, LINE), () => ""),
  (item, rng) => replaced(item, anyWord(item, rng, LINE), (line) => line + line),
  (item, rng) => replaced(item, anyWord(item, rng, TOKEN), () => ""),
  (item, rng) => replaced(item, anyWord(item, rng, TOKEN), (token) => `${token} ${token}`),
  (item, rng) => replaced(item, anyWord(item, rng, TOKEN), (token) => pick(SNIPPETS, rng) + token),
  (item, rng) => replaced(item, anyWord(item, rng, TOKEN), () => pick(SNIPPETS, rng)),
  (item, rng) => item.slice(0, rng.below(item.length + 1)),
  (item, rng) => {
    const word = anyWord(item, rng, TYPE);
    return word === undefined ? item : replaced(item, word, (ty) => nested(ty, pick(WRAPS, rng), 1 + rng.below(40)));
  },
];

/** `wrap` around `ty`, again and again, as long as the text stays short. */
function nested(ty: string, wrap: string, count: number): string {
  let out = ty;
  for (let i = 0; i < count && out.length < 2000; i++) out = wrap.replaceAll("$", () => out);
  return out;
}

function changedItems(items: string[], rng: Rng, corpus: ProgramCorpus): void {
  const at = rng.below(items.length);
  switch (rng.below(12)) {
    case 0:
      items.splice(at, 1);
      break;
    case 1:
      items.push(items[at]!);
      break;
    case 2:
      items.push(pick(corpus.items, rng));
      break;
    case 3:
      items.splice(rng.below(items.length), 0, ...items.splice(at, 1));
      break;
    case 4:
      items[at] = pick(corpus.items, rng);
      break;
    default:
      items[at] = pick(MUTATIONS, rng)(items[at]!, rng, corpus);
  }
}

/** One of the programs, changed a few times. */
export function mutateProgram(corpus: ProgramCorpus, rng: Rng): string {
  // The shorter of two: small programs show the same faults sooner.
  const [a, b] = [pick(corpus.programs, rng), pick(corpus.programs, rng)];
  const items = [...(a.length <= b.length ? a : b)];
  const times = 1 + rng.below(1 + rng.below(5));
  for (let i = 0; i < times && items.length > 0; i++) changedItems(items, rng, corpus);
  return items.join("\n\n");
}
