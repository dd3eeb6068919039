/**
 * Plain dumps, as rustc prints them without inlining core, read together with their sources: what their functions give when interpreted, against rustc's executable.
 */

import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { compiledValues, dumpValues } from "../testing/run-dump.ts";

/** As the passes go: as built, what debug builds have, what optimised ones have. */
const LEVELS: readonly number[] = [0, 1, 2];

function source(name: string): string {
  return readFileSync(new URL(`../testing/rust/${name}.rs`, import.meta.url), "utf8");
}

function compare(text: string, atLeast: number): void {
  const expected = compiledValues(text);
  expect(Object.keys(expected).length).toBeGreaterThanOrEqual(atLeast);
  for (const level of LEVELS) expect(dumpValues(text, level), `MIR opt-level ${level}`).toEqual(expected);
}

describe("plain dumps give what rustc's executable gives", () => {
  test.each([
    ["constants", 24, "constants of core, of traits and impls, of functions; statics; closures and functions in them"],
    [
      "calls",
      23,
      "calls by tuples: `Fn*` of programs, of closures, of functions, through references and trait objects",
    ],
    [
      "traits",
      45,
      "supertraits, associated items with defaults, blanket impls, specialisation, auto traits, const generics",
    ],
    [
      "variadics",
      5,
      "functions with variable arguments: called by name and by pointers, their lists copied and passed on",
    ],
    ["trait-chains", 23, "projections in bounds, type-level programs, upcasting, generic traits, constants of types"],
  ])("%s, %i functions: %s", (name, count) => compare(source(name), count));
});

const HEAD = `#![feature(specialization, freeze, extern_types, allocator_api, unsafe_pinned, never_type)]
use std::alloc::{Allocator, Layout, AllocError};
use std::cell::{Cell, RefCell, UnsafeCell};
use std::cmp::{Ordering, Reverse};
use std::marker::{Freeze, PhantomData, PhantomPinned};
use std::mem::{self, ManuallyDrop, MaybeUninit};
use std::num::{NonZeroU8, Wrapping};
use std::pin::{Pin, UnsafePinned};
use std::ptr::NonNull;
use std::sync::atomic::AtomicU8;
use std::task::Poll;
extern "C" { pub type Opaque; }
pub struct Plain(u8, u16);
pub struct WithCell(u8, Cell<u16>);
pub enum CellEnum { A(u8), B(UnsafeCell<u8>) }
pub union CellUnion { a: u8, b: ManuallyDrop<UnsafeCell<u16>> }
pub struct Gen<T: ?Sized>(u8, T);
pub struct Tail { n: u64, t: Opaque }
pub struct Pointer(*mut Cell<u8>);
pub struct NoCells([Cell<u8>; 0]);
pub struct Marked(PhantomData<Cell<u8>>);
pub struct Pinned(UnsafePinned<u8>);
pub struct Unmoved(PhantomPinned);
pub trait Object {}
pub struct Zst;
pub struct Arena(u64);
`;

const ALLOCATORS = ["Zst", "Arena"].map(
  (name) => `unsafe impl Allocator for ${name} {
    fn allocate(&self, _: Layout) -> Result<NonNull<[u8]>, AllocError> { loop {} }
    unsafe fn deallocate(&self, _: NonNull<u8>, _: Layout) {}
}
`,
);

/** A function each that says whether a type has the trait: an impl for those that have it is more special than one for all. */
const ASKED = ["Freeze", "Unpin", "Send", "Sync", "Copy"].map(
  (name) => `pub trait Is${name} { fn is() -> u64; }
impl<T: ?Sized> Is${name} for T { default fn is() -> u64 { 0 } }
impl<T: ?Sized + ${name}> Is${name} for T { fn is() -> u64 { 1 } }
pub fn is_${name}<T: ?Sized>() -> u64 { <T as Is${name}>::is() }
`,
);

const UNSIZED = ["Gen<[u8]>", "Gen<dyn Object>", "[Cell<u8>]", "[u8]", "str", "dyn Object", "dyn Object + Send", "!"];
const STRUCTS = [
  "Plain",
  "WithCell",
  "CellEnum",
  "CellUnion",
  "Gen<u8>",
  "Gen<Cell<u8>>",
  "Pointer",
  "NoCells",
  "Marked",
];
const PINNED = ["Pinned", "Unmoved", "UnsafePinned<u8>", "UnsafePinned<&'static u8>", "Gen<PhantomPinned>"];
const CELLS = [
  "Cell<u8>",
  "RefCell<u8>",
  "UnsafeCell<u8>",
  "AtomicU8",
  "[Cell<u8>; 3]",
  "[Cell<u8>; 0]",
  "(u8, Cell<u8>)",
];
const POINTERS = [
  ...["&'static Opaque", "*const Opaque", "&'static Tail", "&'static Cell<u8>", "*const Cell<u8>", "&'static u8"],
  ...[
    "&'static mut u8",
    "&'static mut PhantomPinned",
    "&'static mut Cell<u8>",
    "&'static Pinned",
    "&'static dyn Object",
  ],
  ...["[&'static Opaque; 2]", "NonNull<u8>", "fn(Cell<u8>)", "Pin<&'static u8>"],
];
const WRAPPED = [
  ...[
    "PhantomData<Cell<u8>>",
    "PhantomData<*const u8>",
    "ManuallyDrop<Cell<u8>>",
    "ManuallyDrop<u8>",
    "MaybeUninit<u8>",
  ],
  ...["MaybeUninit<Cell<u8>>", "Wrapping<u8>", "NonZeroU8", "Reverse<u8>", "Poll<u8>", "Layout", "Ordering"],
  ...["Option<Cell<u8>>", "Option<u8>", "Option<&'static Cell<u8>>", "Result<u8, Cell<u8>>", "Option<Plain>", "()"],
];
const BOXES = [
  "Box<Cell<u8>>",
  "Box<u8>",
  "Box<u8, Zst>",
  "Box<u8, Arena>",
  "Box<dyn Object>",
  "Box<dyn Object, Arena>",
];
/** What a wrapper leaves of the niches of what is in it. */
const NICHES = [
  ...[
    "Option<UnsafeCell<&'static u8>>",
    "Option<Cell<bool>>",
    "Option<MaybeUninit<bool>>",
    "Option<ManuallyDrop<bool>>",
  ],
  ...[
    "Option<UnsafePinned<bool>>",
    "Option<PhantomData<bool>>",
    "Option<Option<NonNull<u8>>>",
    "Option<Box<u8, Arena>>",
  ],
  ...["Option<&'static Tail>", "Option<Box<dyn Object>>", "Gen<ManuallyDrop<Box<u8>>>", "Gen<MaybeUninit<[u64; 3]>>"],
];

test("types have the auto traits, sizes and destructors that they have in rustc", () => {
  const sized = [...STRUCTS, ...PINNED, ...CELLS, ...POINTERS, ...WRAPPED, ...BOXES];
  const traits = ["Freeze", "Unpin", "Send", "Sync", "Copy"].flatMap((name) =>
    [...sized, ...UNSIZED].map((ty, i) => `pub fn has_${name}_${i}() -> u64 { is_${name}::<${ty}>() }`),
  );
  const sizes = [...sized, ...NICHES].map(
    (ty, i) =>
      `pub fn size_${i}() -> u64 { (mem::size_of::<${ty}>() * 64 + mem::align_of::<${ty}>() * 2 + mem::needs_drop::<${ty}>() as usize) as u64 }`,
  );
  compare([HEAD, ...ALLOCATORS, ...ASKED, ...traits, ...sizes].join("\n"), 400);
});
