/**
 * The prelude's types against the library that rustc has: layouts of those that programs can name, with their niches, and what `-Z print-type-sizes` says of
 * all that these are made of, the private ones too.
 */

import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { type LayoutCx, layoutOf } from "../../layout/layout.ts";
import { dumpLayout } from "../../layout/testing/dump-layout.ts";
import { DUMP_ATTRIBUTE, rustcLayouts } from "../../layout/testing/rustc-layouts.ts";
import { printTypeSizes } from "../../layout/type-sizes.ts";
import { newLayoutCx } from "../../monomorphize/layouts.ts";
import { HOST_TARGET } from "../../target/spec.ts";
import { parseProgramWithSkips } from "../parser.ts";
import type { TyOf } from "../ty.ts";

const FEATURES =
  "#![feature(allocator_api, c_variadic, core_intrinsics, formatting_options, iter_array_chunks, maybe_dangling, pattern, ptr_alignment_type, ptr_internals, sync_unsafe_cell, try_trait_v2_yeet, unsafe_pinned)]";

const words = (text: string): string[] => text.trim().split(/\s+/);

const SCALARS = ["u8", "u32", "u64", "&'static str", "bool", "(u16, u8)"];

/** Types with one parameter, at each of the scalars. */
const OF_ONE = words(`
  ops::Range ops::RangeFrom ops::RangeTo ops::RangeInclusive ops::RangeToInclusive ops::Bound ops::ControlFlow ops::Yeet ptr::NonNull ptr::Unique
  cell::Cell cell::RefCell cell::UnsafeCell cell::SyncUnsafeCell cell::OnceCell mem::ManuallyDrop mem::MaybeUninit mem::MaybeDangling mem::Discriminant
  num::Wrapping num::Saturating cmp::Reverse pin::Pin pin::UnsafePinned task::Poll marker::PhantomData hash::BuildHasherDefault sync::atomic::AtomicPtr option::Option
  option::IntoIter result::IntoIter iter::Empty iter::Once iter::OnceWith iter::Repeat iter::RepeatN iter::RepeatWith iter::FromFn iter::Rev
  iter::Enumerate iter::Skip iter::Take iter::StepBy iter::Copied iter::Cloned iter::Cycle iter::Fuse`);

/** The same behind a lifetime. */
const BORROWING_ONE = words(`
  cell::Ref cell::RefMut slice::Iter slice::IterMut slice::Windows slice::Chunks slice::ChunksMut slice::ChunksExact slice::ChunksExactMut
  slice::RChunks slice::RChunksExact option::Iter option::IterMut`);

const OF_TWO = words(`
  ops::ControlFlow result::Result iter::Map iter::Filter iter::FilterMap iter::Chain iter::Zip iter::SkipWhile iter::TakeWhile iter::MapWhile
  iter::Inspect iter::Successors`);

const WITHOUT_PARAMETERS = words(`
  ops::RangeFull ffi::c_void marker::PhantomPinned cell::BorrowError cell::BorrowMutError num::TryFromIntError num::ParseIntError num::IntErrorKind
  num::FpCategory convert::Infallible any::TypeId alloc::Layout alloc::LayoutError alloc::AllocError array::TryFromSliceError str::Utf8Error
  str::ParseBoolError str::pattern::SearchStep fmt::Error fmt::Alignment fmt::FormattingOptions fmt::Sign fmt::DebugAsHex time::Duration
  char::TryFromCharError char::CharTryFromError char::ParseCharError char::ToLowercase char::ToUppercase intrinsics::AtomicOrdering
  sync::atomic::Ordering sync::atomic::AtomicBool ptr::Alignment cmp::Ordering`);

const OTHERS = [
  ...words("8 16 32 64 size").flatMap((width) => [`sync::atomic::AtomicU${width}`, `sync::atomic::AtomicI${width}`]),
  ...words("u8 u16 u32 u64 u128 usize i8 i16 i32 i64 i128 isize char").map((primitive) => `num::NonZero<${primitive}>`),
  ...words(
    "ffi::VaList str::Chars str::CharIndices str::Bytes fmt::Formatter fmt::Arguments str::pattern::CharSearcher",
  ).map((name) => `${name}<'static>`),
  ...words("panic::Location panic::PanicInfo panic::PanicMessage").map((name) => `${name}<'static>`),
  ...words("fmt::DebugStruct fmt::DebugTuple fmt::DebugSet fmt::DebugList str::pattern::StrSearcher").map(
    (name) => `${name}<'static, 'static>`,
  ),
  ...words("u8;0 u32;3 u128;2").map((array) => `array::IntoIter<${array.replace(";", ", ")}>`),
  ...words("Split SplitN SplitTerminator").map((name) => `str::${name}<'static, char>`),
  "str::Split<'static, &'static str>",
  "str::Split<'static, fn(char) -> bool>",
  ...words("Split SplitMut ChunkBy ChunkByMut").map((name) => `slice::${name}<'static, u32, fn(&u32) -> bool>`),
  "iter::Peekable<core::ops::Range<u8>>",
  "iter::Peekable<core::slice::Iter<'static, u8>>",
  "iter::Scan<core::ops::Range<u8>, u16, fn()>",
  "iter::ArrayChunks<core::ops::Range<u16>, 4>",
  "iter::FlatMap<core::ops::Range<u8>, core::ops::Range<u32>, fn()>",
  "iter::Flatten<core::array::IntoIter<core::ops::Range<u32>, 2>>",
  "cell::RefCell<[u8; 3]>",
  "cell::RefCell<u128>",
  "mem::ManuallyDrop<core::cell::Cell<bool>>",
  "ptr::NonNull<[u8]>",
];

const LIBRARY = [
  "std::alloc::Global",
  "std::boxed::Box<u8>",
  "std::boxed::Box<[u8]>",
  "std::boxed::Box<dyn Fn()>",
  "std::vec::Vec<u32>",
  "std::string::String",
];

const TYPES: readonly string[] = [
  ...OF_ONE.flatMap((name) => SCALARS.map((ty) => `core::${name}<${ty}>`)),
  ...BORROWING_ONE.flatMap((name) => SCALARS.map((ty) => `core::${name}<'static, ${ty}>`)),
  ...OF_TWO.flatMap((name) => SCALARS.map((ty) => `core::${name}<${ty}, core::ops::Range<u8>>`)),
  ...[...WITHOUT_PARAMETERS, ...OTHERS].map((name) => `core::${name}`),
  ...LIBRARY,
].flatMap((ty) => [ty, `core::option::Option<${ty}>`]);

/** What core implements and the prelude does not, as types depend on it. */
const IMPLS = `impl std::str::pattern::Pattern for char { type Searcher = std::str::pattern::CharSearcher<'static>; }
impl<'b> std::str::pattern::Pattern for &'b str { type Searcher = std::str::pattern::StrSearcher<'static, 'b>; }
impl std::str::pattern::Pattern for fn(char) -> bool { type Searcher = std::str::pattern::CharPredicateSearcher<'static, fn(char) -> bool>; }
struct std::str::pattern::CharPredicateSearcher<'a, F>(std::str::pattern::MultiCharEqSearcher<'a, F>);
impl<T> std::iter::Iterator for std::ops::Range<T> { type Item = T; }
impl<'a, T> std::iter::Iterator for std::slice::Iter<'a, T> { type Item = &'a T; }
impl<T, const N: usize> std::iter::Iterator for std::array::IntoIter<T, N> { type Item = T; }
`;

/** Our types of these texts, and their layouts; undefined for a text that is no type of ours. */
function typesOf(texts: readonly string[]): { readonly tys: (TyOf<"ptr"> | undefined)[]; readonly cx: LayoutCx } {
  const fns = texts.map((text, i) => `fn f${i}(_1: *const ${text}) -> () { bb0: { return; } }`);
  const { program } = parseProgramWithSkips(`${IMPLS}${fns.join("\n")}`, { onUnsupported: "skip" });
  const byName = new Map(program.functions.map((fn) => [fn.name, fn.params[0]]));
  const tys = texts.map((_, i) => {
    const ty = byName.get(`f${i}`);
    return ty?.kind === "ptr" ? ty : undefined;
  });
  return { tys, cx: newLayoutCx(program, HOST_TARGET.dataLayout) };
}

/** Makes rustc lay out types that no program can name. */
const USES = `pub fn array(x: [u8; 3], f: fn(u8) -> u32) -> [u32; 3] { x.map(f) }
pub fn shunt(x: &[u8], f: fn(&u8) -> Option<u32>) -> Option<u32> { x.iter().map(f).sum() }
pub fn format(x: u32, width: usize) -> String { format!("{x:width$}") }
pub fn select(b: bool, x: String, y: String) -> String { core::hint::select_unpredictable(b, x, y) }
pub fn chunks(x: core::iter::ArrayChunks<core::slice::Iter<'static, u8>, 4>, f: fn(u8, [&'static u8; 4]) -> u8) -> u8 { x.rfold(0, f) }`;

/** What rustc prints of the sizes of the types in a crate: a block of lines by the type's text. */
function rustcTypeSizes(lines: readonly string[], emit: string): Map<string, string> {
  const dir = mkdtempSync(join(tmpdir(), "mirwatch-prelude-"));
  try {
    writeFileSync(join(dir, "lib.rs"), `${[FEATURES, "#![allow(warnings)]", ...lines].join("\n")}\n`);
    const args = ["--edition", "2021", "--crate-type", "lib", "--emit", emit, "-Zprint-type-sizes", "lib.rs"];
    const env = { ...process.env, RUSTC_BOOTSTRAP: "1" };
    const run = spawnSync("rustc", args, { env, cwd: dir, encoding: "utf8", maxBuffer: 2 ** 28 });
    if (run.error !== undefined || run.status !== 0) throw new Error(run.stderr);
    const blocks = run.stdout.split(/^(?=print-type-size type: )/m);
    return new Map(blocks.map((block) => [/type: `(.*)`: \d+ bytes, alignment/.exec(block)?.[1] ?? "", block]));
  } finally {
    rmSync(dir, { recursive: true });
  }
}

/** A block without the type's text, which rustc writes with lifetimes. */
function withoutName(block: string): string {
  return block.replace(/type: `.*`: /, "type: ");
}

/** What differs in our sizes of the types that rustc lists; the names of ours are added to `seen`. */
function differences(theirs: ReadonlyMap<string, string>, seen: Set<string>, allKnown: boolean): string[] {
  // What is in a closure is not in its text.
  const texts = [...theirs.keys()].filter((text) => !text.includes("{closure"));
  const { tys, cx } = typesOf(texts);
  return texts.flatMap((text, i) => {
    const ty = tys[i]?.pointee;
    if (ty === undefined && allKnown) return [`${text}: not known`];
    if (ty?.kind !== "adt") return [];
    seen.add(ty.def.name);
    const ours = withoutName(printTypeSizes([ty], cx));
    const their = withoutName(theirs.get(text) ?? "");
    return ours === their ? [] : [`${text}\nours: ${ours}\ntheirs: ${their}`];
  });
}

/** The library of 1.95 has it elsewhere. */
const NEWER: readonly string[] = [
  "std::mem::Alignment",
  "std::sync::atomic::Atomic",
  ...[1, 2, 4, 8].map((align) => `std::sync::atomic::private::Align${align}`),
];

test("private types are of the sizes and have the fields that they have in rustc", () => {
  const seen = new Set<string>(NEWER);
  const asks = TYPES.map((ty, i) => `pub const SIZE${i}: usize = std::mem::size_of::<${ty}>();`);
  expect(differences(rustcTypeSizes(asks, "metadata"), seen, true)).toEqual([]);
  expect(differences(rustcTypeSizes(USES.split("\n"), "obj"), seen, false)).toEqual([]);
  expect(preludeTypes().filter((name) => !seen.has(name))).toEqual([]);
});

/** The paths of the types in the prelude's text. */
function preludeTypes(): string[] {
  return ["types.rs.txt", "iterators.rs.txt"].flatMap((name) => {
    const text = readFileSync(new URL(name, import.meta.url), "utf8");
    return [...text.matchAll(/^(?:struct|enum|union) ((?:\w+::)*\w+)/gm)].map((match) => match[1]!);
  });
}

test("types have the layouts that they have in rustc", () => {
  const lines = [FEATURES, ...TYPES.map((ty, i) => `${DUMP_ATTRIBUTE}pub type T${i} = ${ty};`)];
  const theirs = rustcLayouts("rustc", HOST_TARGET.triple, lines).slice(1);
  const { tys, cx } = typesOf(TYPES);
  const wrong: string[] = [];
  TYPES.forEach((text, i) => {
    const ty = tys[i];
    const ours = ty === undefined ? "not known" : dumpLayout(cx.dataLayout, layoutOf(cx, ty.pointee).layout);
    if (ours !== theirs[i]) wrong.push(`${text}\n  ours ${ours}\n  theirs ${theirs[i]}`);
  });
  expect(wrong).toEqual([]);
});
