/**
 * Every kind of undefined behaviour, each beside a neighbour that is legal.
 */

import { describe, expect, it, test } from "vitest";
import { mainOf, runText, runWith, verdictOf } from "./testing/run-text.ts";
import type { UbKind } from "./ub.ts";

const OPTION = "std::option::Option";

interface Pair {
  readonly kind: UbKind;
  readonly what: string;
  readonly items?: string;
  readonly locals?: string;
  /** Blocks of `main` up to its end. */
  readonly bad: readonly string[];
  readonly good: readonly string[];
}

const PAIRS: readonly Pair[] = [
  {
    kind: "uninit",
    what: "a local that was never written",
    locals: "let mut _1: i32; let mut _2: i32;",
    bad: ["_2 = copy _1;"],
    good: ["_1 = const 1_i32; _2 = copy _1;"],
  },
  {
    kind: "uninit",
    what: "a local after a move",
    locals: "let mut _1: i32; let mut _2: i32; let mut _3: i32;",
    bad: ["_1 = const 1_i32; _2 = move _1; _3 = copy _1;"],
    good: ["_1 = const 1_i32; _2 = move _1; _1 = const 2_i32; _3 = copy _1;"],
  },
  {
    kind: "uninit",
    what: "an array after a move",
    locals: "let mut _1: [i32; 2]; let mut _2: [i32; 2]; let mut _3: i32;",
    bad: ["_1 = [const 1_i32; 2]; _2 = move _1; _3 = copy _1[0 of 2];"],
    good: ["_1 = [const 1_i32; 2]; _2 = copy _1; _3 = copy _1[0 of 2];"],
  },
  {
    kind: "uninit",
    what: "one element of an array that is not there yet",
    locals: "let mut _1: [i32; 2]; let mut _2: i32;",
    bad: ["_1[0 of 2] = const 1_i32; _2 = copy _1[1 of 2];"],
    good: ["_1[0 of 2] = const 1_i32; _2 = copy _1[0 of 2];"],
  },
  {
    kind: "uninit",
    what: "padding through a raw pointer",
    items: "struct S { a: u8, b: u32 }",
    locals: "let mut _1: S; let mut _2: *const S; let mut _3: *const u8; let mut _4: u8; let mut _5: *const u8;",
    bad: [
      "_1 = S { a: const 1_u8, b: const 2_u32 }; _2 = &raw const _1; _3 = copy _2 as *const u8 (PtrToPtr); _5 = Offset(copy _3, const 7_usize); _4 = copy (*_5);",
    ],
    good: [
      "_1 = S { a: const 1_u8, b: const 2_u32 }; _2 = &raw const _1; _3 = copy _2 as *const u8 (PtrToPtr); _5 = Offset(copy _3, const 4_usize); _4 = copy (*_5);",
    ],
  },
  {
    kind: "uninit",
    what: "the inactive bytes of an enum after it was copied",
    items: "enum E { A(u32), B }",
    locals:
      "let mut _1: E; let mut _2: E; let mut _3: *const E; let mut _4: *const u32; let mut _5: *const u32; let mut _6: u32;",
    bad: [
      "_1 = E::B; _2 = copy _1; _3 = &raw const _2; _4 = copy _3 as *const u32 (PtrToPtr); _5 = Offset(copy _4, const 1_usize); _6 = copy (*_5);",
    ],
    good: [
      "_1 = E::A(const 3_u32); _2 = copy _1; _3 = &raw const _2; _4 = copy _3 as *const u32 (PtrToPtr); _5 = Offset(copy _4, const 1_usize); _6 = copy (*_5);",
    ],
  },
  {
    kind: "uninit",
    what: "a moved argument, in the caller",
    items: "fn f(_1: i32) -> i32 { bb0: { _0 = copy _1; return; } }",
    locals: "let mut _1: i32; let mut _2: i32; let mut _3: i32;",
    bad: ["_1 = const 1_i32; _2 = f(move _1) -> [return: bb1, unwind continue];", "_3 = copy _1;"],
    good: ["_1 = const 1_i32; _2 = f(copy _1) -> [return: bb1, unwind continue];", "_3 = copy _1;"],
  },
  {
    kind: "uninit",
    what: "the return place that the callee did not write",
    items:
      "fn f(_1: bool) -> i32 { bb0: { switchInt(copy _1) -> [0: bb2, otherwise: bb1]; } bb1: { _0 = const 1_i32; goto -> bb2; } bb2: { return; } }",
    locals: "let mut _1: (); let mut _2: i32;",
    bad: ["_2 = f(const false) -> [return: bb1, unwind continue];", ""],
    good: ["_2 = f(const true) -> [return: bb1, unwind continue];", ""],
  },
  {
    kind: "uninit",
    what: "the destination while it is being built",
    locals: "let mut _1: [i32; 2]; let mut _2: [i32; 2];",
    bad: ["_1 = [const 1_i32; 2]; _1 = [copy _1[1 of 2], copy _1[0 of 2]];"],
    good: ["_2 = [const 1_i32; 2]; _1 = [copy _2[1 of 2], copy _2[0 of 2]];"],
  },
  {
    kind: "deadLocal",
    what: "a register outside its storage",
    locals: "let mut _1: i32; let mut _2: i32;",
    bad: ["StorageLive(_1); _1 = const 1_i32; StorageDead(_1); _2 = copy _1;"],
    good: ["StorageLive(_1); _1 = const 1_i32; _2 = copy _1; StorageDead(_1);"],
  },
  {
    kind: "deadLocal",
    what: "a write before StorageLive, in another block",
    locals: "let mut _1: i32;",
    bad: ["goto -> bb1;", "_1 = const 1_i32; StorageLive(_1);"],
    good: ["StorageLive(_1); goto -> bb1;", "_1 = const 1_i32;"],
  },
  {
    kind: "deadLocal",
    what: "an array outside its storage",
    locals: "let mut _1: [i32; 2]; let mut _2: i32;",
    bad: ["StorageLive(_1); _1 = [const 1_i32; 2]; StorageDead(_1); goto -> bb1;", "_2 = copy _1[0 of 2];"],
    good: ["StorageLive(_1); _1 = [const 1_i32; 2]; goto -> bb1;", "_2 = copy _1[0 of 2]; StorageDead(_1);"],
  },
  {
    kind: "danglingPointer",
    what: "a pointer to a local whose storage ended",
    locals: "let mut _1: i32; let mut _2: *const i32; let mut _3: i32;",
    bad: ["StorageLive(_1); _1 = const 1_i32; _2 = &raw const _1; StorageDead(_1); _3 = copy (*_2);"],
    good: ["StorageLive(_1); _1 = const 1_i32; _2 = &raw const _1; _3 = copy (*_2); StorageDead(_1);"],
  },
  {
    kind: "danglingPointer",
    what: "a pointer to an earlier life of a local",
    locals: "let mut _1: i32; let mut _2: *const i32; let mut _3: i32;",
    bad: [
      "StorageLive(_1); _1 = const 1_i32; _2 = &raw const _1; StorageDead(_1); StorageLive(_1); _1 = const 2_i32; _3 = copy (*_2);",
    ],
    good: ["StorageLive(_1); StorageDead(_1); StorageLive(_1); _1 = const 2_i32; _2 = &raw const _1; _3 = copy (*_2);"],
  },
  {
    kind: "danglingPointer",
    what: "a pointer into a frame that returned",
    items:
      "fn f() -> *const i32 { let mut _1: i32; bb0: { _1 = const 1_i32; _0 = &raw const _1; return; } } fn g(_1: *const i32) -> *const i32 { bb0: { _0 = copy _1; return; } }",
    locals: "let mut _1: *const i32; let mut _2: i32; let mut _3: i32; let mut _4: *const i32;",
    bad: ["_1 = f() -> [return: bb1, unwind continue];", "_2 = copy (*_1);"],
    good: [
      "_3 = const 1_i32; _4 = &raw const _3; _1 = g(copy _4) -> [return: bb1, unwind continue];",
      "_2 = copy (*_1);",
    ],
  },
  {
    kind: "danglingPointer",
    what: "an integer made a pointer",
    locals: "let mut _1: *const i32; let mut _2: i32; let mut _3: (); let mut _4: *const ();",
    bad: ["_1 = const 4096_usize as *const i32 (Transmute); _2 = copy (*_1);"],
    good: ["_4 = const 4096_usize as *const () (Transmute); _3 = copy (*_4);"],
  },
  {
    kind: "outOfBounds",
    what: "one past the end",
    locals:
      "let mut _1: [i32; 2]; let mut _2: *const [i32; 2]; let mut _3: *const i32; let mut _4: *const i32; let mut _5: i32;",
    bad: [
      "_1 = [const 1_i32; 2]; _2 = &raw const _1; _3 = copy _2 as *const i32 (PtrToPtr); _4 = Offset(copy _3, const 2_isize); _5 = copy (*_4);",
    ],
    good: [
      "_1 = [const 1_i32; 2]; _2 = &raw const _1; _3 = copy _2 as *const i32 (PtrToPtr); _4 = Offset(copy _3, const 1_isize); _5 = copy (*_4);",
    ],
  },
  {
    kind: "outOfBounds",
    what: "a wider access than the allocation",
    locals:
      "let mut _1: i64; let mut _2: *const i64; let mut _3: *const [i64; 2]; let mut _4: [i64; 2]; let mut _5: *const [i32; 2]; let mut _6: [i32; 2];",
    bad: ["_1 = const 1_i64; _2 = &raw const _1; _3 = copy _2 as *const [i64; 2] (PtrToPtr); _4 = copy (*_3);"],
    good: ["_1 = const 1_i64; _2 = &raw const _1; _5 = copy _2 as *const [i32; 2] (PtrToPtr); _6 = copy (*_5);"],
  },
  {
    kind: "misaligned",
    what: "an odd offset",
    locals:
      "let mut _1: [u16; 4]; let mut _2: *const [u16; 4]; let mut _3: *const u8; let mut _4: *const u8; let mut _5: *const u16; let mut _6: u16;",
    bad: [
      "_1 = [const 1_u16; 4]; _2 = &raw const _1; _3 = copy _2 as *const u8 (PtrToPtr); _4 = Offset(copy _3, const 1_isize); _5 = copy _4 as *const u16 (PtrToPtr); _6 = copy (*_5);",
    ],
    good: [
      "_1 = [const 1_u16; 4]; _2 = &raw const _1; _3 = copy _2 as *const u8 (PtrToPtr); _4 = Offset(copy _3, const 2_isize); _5 = copy _4 as *const u16 (PtrToPtr); _6 = copy (*_5);",
    ],
  },
  {
    kind: "misaligned",
    what: "an allocation of lesser alignment, wherever it is",
    locals:
      "let mut _1: [u8; 8]; let mut _2: *const [u8; 8]; let mut _3: *const u64; let mut _4: u64; let mut _5: *const [u8; 4]; let mut _6: [u8; 4];",
    bad: ["_1 = [const 1_u8; 8]; _2 = &raw const _1; _3 = copy _2 as *const u64 (PtrToPtr); _4 = copy (*_3);"],
    good: ["_1 = [const 1_u8; 8]; _2 = &raw const _1; _5 = copy _2 as *const [u8; 4] (PtrToPtr); _6 = copy (*_5);"],
  },
  {
    kind: "indexOutOfBounds",
    what: "an index",
    locals: "let mut _1: [i32; 2]; let mut _2: usize; let mut _3: i32;",
    bad: ["_1 = [const 1_i32; 2]; _2 = const 2_usize; _3 = copy _1[_2];"],
    good: ["_1 = [const 1_i32; 2]; _2 = const 1_usize; _3 = copy _1[_2];"],
  },
  {
    kind: "indexOutOfBounds",
    what: "a huge index behind a reference",
    locals: "let mut _1: [i32; 2]; let mut _2: usize; let mut _3: &mut [i32; 2];",
    bad: ["_1 = [const 1_i32; 2]; _3 = &mut _1; _2 = const 4294967296_usize; (*_3)[_2] = const 1_i32;"],
    good: ["_1 = [const 1_i32; 2]; _3 = &mut _1; _2 = const 1_usize; (*_3)[_2] = const 1_i32;"],
  },
  {
    kind: "invalidBool",
    what: "a transmute",
    locals: "let mut _1: bool;",
    bad: ["_1 = const 2_u8 as bool (Transmute);"],
    good: ["_1 = const 1_u8 as bool (Transmute);"],
  },
  {
    kind: "invalidBool",
    what: "a load through a pointer",
    locals: "let mut _1: u8; let mut _2: *const u8; let mut _3: *const bool; let mut _4: bool;",
    bad: ["_1 = const 255_u8; _2 = &raw const _1; _3 = copy _2 as *const bool (PtrToPtr); _4 = copy (*_3);"],
    good: ["_1 = const 0_u8; _2 = &raw const _1; _3 = copy _2 as *const bool (PtrToPtr); _4 = copy (*_3);"],
  },
  {
    kind: "invalidBool",
    what: "within an array that is copied",
    locals: "let mut _1: [bool; 3]; let mut _2: [u8; 3];",
    bad: ["_2 = [const 0_u8, const 7_u8, const 1_u8]; _1 = copy _2 as [bool; 3] (Transmute);"],
    good: ["_2 = [const 0_u8, const 1_u8, const 1_u8]; _1 = copy _2 as [bool; 3] (Transmute);"],
  },
  {
    kind: "invalidChar",
    what: "a surrogate",
    locals: "let mut _1: char;",
    bad: ["_1 = const 55296_u32 as char (Transmute);"],
    good: ["_1 = const 55295_u32 as char (Transmute);"],
  },
  {
    kind: "invalidChar",
    what: "beyond the last",
    locals: "let mut _1: char;",
    bad: ["_1 = const 1114112_u32 as char (Transmute);"],
    good: ["_1 = const 1114111_u32 as char (Transmute);"],
  },
  {
    kind: "invalidEnumTag",
    what: "a tag that no variant has",
    items: "enum E { A, B }",
    locals: "let mut _1: E;",
    bad: ["_1 = const 2_u8 as E (Transmute);"],
    good: ["_1 = const 1_u8 as E (Transmute);"],
  },
  {
    kind: "invalidEnumTag",
    what: "a niche that no variant has",
    locals: `let mut _1: ${OPTION}<bool>; let mut _2: isize;`,
    bad: [`_1 = const 3_u8 as ${OPTION}<bool> (Transmute);`],
    good: [`_1 = const 2_u8 as ${OPTION}<bool> (Transmute); _2 = discriminant(_1);`],
  },
  {
    kind: "uninit",
    what: "the discriminant of nothing",
    locals: `let mut _1: ${OPTION}<u32>; let mut _2: isize;`,
    bad: ["_2 = discriminant(_1);"],
    good: [`_1 = ${OPTION}::<u32>::None; _2 = discriminant(_1);`],
  },
  {
    kind: "invalidReference",
    what: "null",
    locals: "let mut _1: &i32; let mut _2: *const i32;",
    bad: ["_1 = const 0_usize as &i32 (Transmute);"],
    good: ["_2 = const 0_usize as *const i32 (Transmute);"],
  },
  {
    kind: "invalidReference",
    what: "a borrow of what is gone",
    locals: "let mut _1: i32; let mut _2: *const i32; let mut _3: &i32; let mut _4: *const i32;",
    bad: ["StorageLive(_1); _1 = const 1_i32; _2 = &raw const _1; StorageDead(_1); _3 = &(*_2);"],
    good: ["StorageLive(_1); _1 = const 1_i32; _2 = &raw const _1; StorageDead(_1); _4 = &raw const (*_2);"],
  },
  {
    kind: "invalidReference",
    what: "a reference that outlives its referent is copied",
    locals: "let mut _1: i32; let mut _2: &i32; let mut _3: &i32;",
    bad: ["StorageLive(_1); _1 = const 1_i32; _2 = &_1; StorageDead(_1); _3 = copy _2;"],
    good: ["StorageLive(_1); _1 = const 1_i32; _2 = &_1; _3 = copy _2; StorageDead(_1);"],
  },
  {
    kind: "invalidReference",
    what: "a misaligned field of a packed struct",
    items: "#[repr(packed(1))] struct P { a: u8, b: u32 }",
    locals: "let mut _1: P; let mut _2: &u32; let mut _3: *const u32; let mut _4: u32;",
    bad: ["_1 = P { a: const 1_u8, b: const 2_u32 }; _2 = &(_1.1: u32);"],
    good: ["_1 = P { a: const 1_u8, b: const 2_u32 }; _3 = &raw const (_1.1: u32); _4 = copy (_1.1: u32);"],
  },
  {
    kind: "invalidFnPointer",
    what: "null",
    items: "fn f() -> () { bb0: { return; } }",
    locals: "let mut _1: fn(); let mut _2: *const ();",
    bad: ["_1 = const 0_usize as fn() (Transmute);"],
    good: ["_1 = f as fn() (PointerCoercion(ReifyFnPointer(Safe), Implicit)); _2 = copy _1 as *const () (PtrToPtr);"],
  },
  {
    kind: "uncheckedOverflow",
    what: "u8",
    locals: "let mut _1: u8;",
    bad: ["_1 = AddUnchecked(const 200_u8, const 56_u8);"],
    good: ["_1 = AddUnchecked(const 200_u8, const 55_u8);"],
  },
  {
    kind: "uncheckedOverflow",
    what: "i64",
    locals: "let mut _1: i64;",
    bad: ["_1 = MulUnchecked(const 4294967296_i64, const 2147483648_i64);"],
    good: ["_1 = MulUnchecked(const 4294967296_i64, const 2147483647_i64);"],
  },
  {
    kind: "uncheckedOverflow",
    what: "u128",
    locals: "let mut _1: u128;",
    bad: ["_1 = SubUnchecked(const 1_u128, const 2_u128);"],
    good: ["_1 = SubUnchecked(const 2_u128, const 2_u128);"],
  },
  {
    kind: "shiftOverflow",
    what: "by the width",
    locals: "let mut _1: u16;",
    bad: ["_1 = ShlUnchecked(const 1_u16, const 16_u128);"],
    good: ["_1 = ShlUnchecked(const 1_u16, const 15_u128);"],
  },
  {
    kind: "shiftOverflow",
    what: "by a negative amount",
    locals: "let mut _1: i64; let mut _2: i64;",
    bad: ["_1 = ShrUnchecked(const 1_i64, const -1_i8);"],
    good: ["_1 = Shr(const 1_i64, const -1_i8);"],
  },
  {
    kind: "divisionByZero",
    what: "i32",
    locals: "let mut _1: i32;",
    bad: ["_1 = Div(const 1_i32, const 0_i32);"],
    good: ["_1 = Div(const 1_i32, const 2_i32);"],
  },
  {
    kind: "divisionByZero",
    what: "u128 remainder; floats divide",
    locals: "let mut _1: u128; let mut _2: f64;",
    bad: ["_1 = Rem(const 1_u128, const 0_u128);"],
    good: ["_2 = Rem(const 1.0_f64, const 0.0_f64);"],
  },
  {
    kind: "divisionOverflow",
    what: "i8",
    locals: "let mut _1: i8;",
    bad: ["_1 = Rem(const -128_i8, const -1_i8);"],
    good: ["_1 = Rem(const -127_i8, const -1_i8);"],
  },
  {
    kind: "divisionOverflow",
    what: "i64",
    locals: "let mut _1: i64;",
    bad: ["_1 = Div(const -9223372036854775808_i64, const -1_i64);"],
    good: ["_1 = Div(const -9223372036854775808_i64, const 1_i64);"],
  },
  {
    kind: "divisionOverflow",
    what: "i128",
    locals: "let mut _1: i128;",
    bad: ["_1 = Div(const -170141183460469231731687303715884105728_i128, const -1_i128);"],
    good: ["_1 = Div(const -170141183460469231731687303715884105727_i128, const -1_i128);"],
  },
  {
    kind: "pointerArithmetic",
    what: "two past the end",
    locals: "let mut _1: i32; let mut _2: *const i32; let mut _3: *const i32;",
    bad: ["_1 = const 1_i32; _2 = &raw const _1; _3 = Offset(copy _2, const 2_isize);"],
    good: ["_1 = const 1_i32; _2 = &raw const _1; _3 = Offset(copy _2, const 1_isize);"],
  },
  {
    kind: "pointerArithmetic",
    what: "before the start",
    locals: "let mut _1: i32; let mut _2: *const i32; let mut _3: *const i32;",
    bad: ["_1 = const 1_i32; _2 = &raw const _1; _3 = Offset(copy _2, const -1_isize);"],
    good: ["_1 = const 1_i32; _2 = &raw const _1; _3 = Offset(copy _2, const 0_isize);"],
  },
  {
    kind: "unreachable",
    what: "a block",
    locals: "let mut _1: u8;",
    bad: ["_1 = const 3_u8; switchInt(copy _1) -> [0: bb2, otherwise: bb1];", "unreachable;", ""],
    good: ["_1 = const 0_u8; switchInt(copy _1) -> [0: bb2, otherwise: bb1];", "unreachable;", ""],
  },
  {
    kind: "assumeFalse",
    what: "an assumption",
    locals: "let mut _1: bool;",
    bad: ["_1 = Lt(const 2_i32, const 1_i32); assume(copy _1);"],
    good: ["_1 = Lt(const 1_i32, const 2_i32); assume(copy _1);"],
  },
  {
    kind: "overlap",
    what: "a copy onto itself through a pointer",
    locals: "let mut _1: [i32; 2]; let mut _2: *mut [i32; 2]; let mut _3: [i32; 2];",
    bad: ["_1 = [const 1_i32; 2]; _2 = &raw mut _1; (*_2) = copy _1;"],
    good: ["_1 = [const 1_i32; 2]; _2 = &raw mut _1; _3 = [const 2_i32; 2]; (*_2) = copy _3;"],
  },
  {
    kind: "overlap",
    what: "a tuple built of itself",
    locals: "let mut _1: (i32, i32); let mut _2: (i32, i32);",
    bad: ["_2 = (const 1_i32, const 2_i32); _2 = (copy (_2.1: i32), copy (_2.0: i32));"],
    good: ["_2 = (const 1_i32, const 2_i32); _1 = (copy (_2.1: i32), copy (_2.0: i32));"],
  },
  {
    kind: "overlap",
    what: "a call's destination and its moved argument",
    items: "fn f(_1: i32) -> i32 { bb0: { _0 = copy _1; return; } }",
    locals: "let mut _1: i32;",
    bad: ["_1 = const 1_i32; _1 = f(move _1) -> [return: bb1, unwind continue];", ""],
    good: ["_1 = const 1_i32; _1 = f(copy _1) -> [return: bb1, unwind continue];", ""],
  },
  {
    kind: "callSignature",
    what: "another type",
    items: "fn f(_1: u32) -> () { bb0: { return; } }",
    locals: "let mut _1: fn(u32); let mut _2: fn(i32); let mut _3: ();",
    bad: [
      "_1 = f as fn(u32) (PointerCoercion(ReifyFnPointer(Safe), Implicit)); _2 = copy _1 as fn(i32) (Transmute); _3 = copy _2(const 1_i32) -> [return: bb1, unwind continue];",
      "",
    ],
    good: [
      "_1 = f as fn(u32) (PointerCoercion(ReifyFnPointer(Safe), Implicit)); _3 = copy _1(const 1_u32) -> [return: bb1, unwind continue];",
      "",
    ],
  },
  {
    kind: "protectedPlace",
    what: "the return place",
    items:
      "fn f(_1: *mut [i32; 2], _2: bool) -> [i32; 2] { bb0: { switchInt(copy _2) -> [0: bb2, otherwise: bb1]; } bb1: { (*_1)[0 of 2] = const 5_i32; goto -> bb2; } bb2: { _0 = [const 1_i32; 2]; return; } }",
    locals: "let mut _1: [i32; 2]; let mut _2: *mut [i32; 2];",
    bad: [
      "_1 = [const 0_i32; 2]; _2 = &raw mut _1; _1 = f(copy _2, const true) -> [return: bb1, unwind continue];",
      "",
    ],
    good: [
      "_1 = [const 0_i32; 2]; _2 = &raw mut _1; _1 = f(copy _2, const false) -> [return: bb1, unwind continue];",
      "",
    ],
  },
  {
    kind: "protectedPlace",
    what: "a moved argument",
    items: "fn f(_1: [i32; 2], _2: *mut [i32; 2]) -> () { bb0: { (*_2)[0 of 2] = const 5_i32; return; } }",
    locals: "let mut _1: [i32; 2]; let mut _2: *mut [i32; 2]; let mut _3: ();",
    bad: ["_1 = [const 0_i32; 2]; _2 = &raw mut _1; _3 = f(move _1, copy _2) -> [return: bb1, unwind continue];", ""],
    good: ["_1 = [const 0_i32; 2]; _2 = &raw mut _1; _3 = f(copy _1, copy _2) -> [return: bb1, unwind continue];", ""],
  },
  {
    kind: "invalidNicheWrite",
    what: "the untagged variant over another's tag",
    locals: `let mut _1: ${OPTION}<bool>; let mut _2: isize;`,
    bad: [`_1 = ${OPTION}::<bool>::None; discriminant(_1) = 1;`],
    good: [`_1 = ${OPTION}::<bool>::Some(const true); discriminant(_1) = 1; _2 = discriminant(_1);`],
  },
  {
    kind: "uninhabited",
    what: "a variant that cannot be",
    items: "enum Never {} enum E { A(u32), B(Never), C(u32) }",
    locals: "let mut _1: E; let mut _2: isize;",
    bad: ["_1 = E::A(const 1_u32); discriminant(_1) = 1;"],
    good: ["_1 = E::A(const 1_u32); discriminant(_1) = 2; _2 = discriminant(_1);"],
  },
];

describe("undefined behaviour", () => {
  test.each(PAIRS)("$kind: $what", ({ kind, items = "", locals = "", bad, good }) => {
    // Where there is an aliasing model, it sees what a callee does to protected places sooner.
    const aliasing = kind === "protectedPlace" ? "none" : "tree";
    expect(verdictOf(runWith(`${items} ${mainOf(locals, ...bad)}`, { aliasing }))).toBe(kind);
    expect(verdictOf(runText(`${items} ${mainOf(locals, ...good)}`))).toBe("return");
  });

  it("says where", () => {
    const text = `fn f(_1: i32) -> i32 {
    let mut _2: i32;
    bb0: { goto -> bb1; }
    bb1: {
        _2 = copy _1;
        _0 = Div(copy _2, const 0_i32);
        return;
    }
}
${mainOf("let mut _1: i32;", "_1 = f(const 7_i32) -> [return: bb1, unwind continue];", "")}`;
    const { outcome } = runText(text);
    if (outcome.kind !== "ub") throw new Error(outcome.kind);
    const { error } = outcome;
    expect(error).toMatchObject({
      kind: "divisionByZero",
      function: "f",
      block: 1,
      statement: 1,
      place: "_0 = Div(copy _2, const 0_i32)",
    });
    expect(error.span.line).toBe(6);
    expect(error.backtrace.map((f) => [f.function, f.block, f.statement])).toEqual([
      ["f", 1, 1],
      ["main", 0, 0],
    ]);
  });

  it("names the allocation", () => {
    const { outcome } = runText(
      mainOf(
        "let mut _1: i64; let mut _2: *const i64; let mut _3: *const [i64; 2]; let mut _4: [i64; 2];",
        "_1 = const 1_i64; _2 = &raw const _1; _3 = copy _2 as *const [i64; 2] (PtrToPtr); _4 = copy (*_3);",
      ),
    );
    if (outcome.kind !== "ub") throw new Error(outcome.kind);
    expect(outcome.error.allocation).toMatchObject({ size: 8, alive: true, offset: 0 });
  });
});
