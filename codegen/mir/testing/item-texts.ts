/**
 * Programs as pieces of text, one per construct of items, types and constants. Any subset in any order is a program that verifies.
 */

import fc from "fast-check";

/** Each declares names of its own and uses nothing of the others. */
export const PIECES: readonly string[] = [
  `union U1 { a: u32, b: [u8; 4], c: core::mem::ManuallyDrop<u16> }
fn u1(_1: u32) -> [u8; 4] { let mut _2: U1; bb0: { _2 = U1 { a: copy _1 }; _0 = copy (_2.1: [u8; 4]); return; } }`,
  `#[repr(simd)] struct V4([f32; 4]);
#[repr(C, packed(2))] struct P2 { a: u8, b: u64 }
#[rustc_layout_scalar_valid_range_start(1)] #[rustc_layout_scalar_valid_range_end(0xfe)] struct Ranged(u8);
fn v4(_1: V4, _2: P2, _3: Ranged) -> u8 { bb0: { _0 = copy (_3.0: u8); return; } }`,
  `struct Array<T, const N: usize, A = u8> { data: [T; N], extra: A }
fn array1<T, const N: usize>(_1: &Array<T, N>) -> usize { bb0: { _0 = const N; return; } }
fn array2() -> usize { let mut _1: &Array<i8, 3>; bb0: { _0 = array1::<i8, 3>(copy _1) -> [return: bb1, unwind continue]; } bb1: { return; } }
fn array3<const N: usize>(_1: u8) -> [u8; N] { bb0: { _0 = [copy _1; N]; return; } }`,
  `trait T1<X>: core::marker::Copy where X: core::clone::Clone { const K: X; type Out; fn go(_1: Self, _2: X) -> <Self as T1<X>>::Out; fn with<Y: core::marker::Copy>(_1: &Self, _2: Y) -> Y { bb0: { _0 = copy _2; return; } } }
impl T1<i16> for u8 { const K: i16 = const -7_i16; type Out = bool; fn go(_1: u8, _2: i16) -> bool { bb0: { _0 = const true; return; } } }
impl core::marker::Copy for Own1 {}
impl core::clone::Clone for Own1 { fn clone(_1: &Own1) -> Own1 { bb0: { _0 = copy (*_1); return; } } fn clone_from(_1: &mut Own1, _2: &Own1) -> () { bb0: { return; } } }
struct Own1;
fn t1() -> i16 { bb0: { _0 = const <u8 as T1<i16>>::K; return; } }
fn t2<Q: T1<u8, Out = u64>>(_1: Q) -> u64 { bb0: { _0 = <Q as T1<u8>>::go(move _1, const 3_u8) -> [return: bb1, unwind unreachable]; } bb1: { return; } }`,
  `struct Inh<T>(T);
impl<T> Inh<T> { const ONE: u8 = const 1_u8; fn get(_1: &Inh<T>) -> &T { bb0: { _0 = &((*_1).0: T); return; } } }
fn inh1(_1: &Inh<char>) -> &char { bb0: { _0 = Inh::<char>::get(copy _1) -> [return: bb1, unwind continue]; } bb1: { return; } }
fn inh2() -> u8 { bb0: { _0 = const Inh::<bool>::ONE; return; } }`,
  `trait Speak { fn speak(_1: &Self) -> u8; }
impl Speak for i32 { fn speak(_1: &i32) -> u8 { bb0: { _0 = const 9_u8; return; } } }
fn dyn1(_1: &i32) -> &dyn Speak { bb0: { _0 = copy _1 as &dyn Speak (PointerCoercion(Unsize, Implicit)); return; } }
fn dyn2(_1: &dyn Speak) -> u8 { bb0: { _0 = <dyn Speak as Speak>::speak(copy _1) -> [return: bb1, unwind continue]; } bb1: { return; } }
fn dyn3(_1: &(dyn Speak + core::marker::Send)) -> () { bb0: { return; } }
fn dyn4(_1: &dyn core::iter::Iterator<Item = u8>) -> () { bb0: { return; } }`,
  `static mut COUNTER: [u16; 2] = { bb0: { _0 = [const 1_u16, const 2_u16]; return; } }
#[thread_local] static LOCAL1: i8 = const -1_i8;
fn static1() -> *mut [u16; 2] { bb0: { _0 = const {alloc901: *mut [u16; 2]}; return; } }
fn static2() -> &i8 { bb0: { _0 = &/*tls*/ LOCAL1; return; } }
alloc901 (static: COUNTER)`,
  `fn allocs1() -> &[&u8; 2] { bb0: { _0 = const {alloc911: &[&u8; 2]}; return; } }
alloc911 (size: 16, align: 8) {
    ╾──────alloc912───────╼ ╾────alloc912+0x1─────╼ │ ╾──────╼╾──────╼
}
alloc912 (size: 4, align: 1) {
    01 __ ff 00                                     │ .░..
}`,
  `const CONST1: (u8, Option<char>) = { bb0: { _0 = const (1_u8, Option::<char>::Some('x')); return; } }
fn const1() -> (u8, Option<char>) { bb0: { _0 = const CONST1; return; } }
fn const2(_1: u8) -> &u8 { bb0: { _0 = const const2::promoted[0]; return; } }
const const2::promoted[0]: &u8 = { let mut _1: u8; bb0: { _1 = const 5_u8; _0 = &_1; return; } }`,
  `fn closure1<T>(_1: T, _2: u8) -> {closure@a.rs:1:2: 1:4} { bb0: { _0 = {closure@a.rs:1:2: 1:4} { t: move _1, n: copy _2 }; return; } }
fn closure1::{closure#0}(_1: &mut {closure@a.rs:1:2: 1:4}, _2: i32) -> u8 { bb0: { _0 = copy ((*_1).1: u8); return; } }
fn closure2::{closure#0}(_1: &{closure@a.rs:2:2: 2:4}, _2: u8) -> u8 { bb0: { _0 = copy _2; return; } }
fn closure2() -> fn(u8) -> u8 { let mut _1: {closure@a.rs:2:2: 2:4}; bb0: { _1 = {closure@a.rs:2:2: 2:4}; _0 = move _1 as fn(u8) -> u8 (PointerCoercion(ClosureFnPointer(Safe), Implicit)); return; } }`,
  `extern "C" { static mut errno: i32; fn puts(s: *const u8) -> i32; fn printf(s: *const u8, ...) -> i32; type FILE; }
fn extern1(_1: *mut FILE, _2: *const u8) -> i32 { bb0: { _0 = puts(copy _2) -> [return: bb1, unwind continue]; } bb1: { _0 = printf(copy _2, const 1_u8, const 2.5f64) -> [return: bb2, unwind continue]; } bb2: { return; } }`,
  `fn slices1(_1: &[u8], _2: &str, _3: *const [u16], _4: [u8; 5]) -> usize {
    let mut _5: &[u8]; let mut _6: *const u16; let mut _7: &[u8; 2]; let mut _8: usize;
    bb0: { _5 = &(*_1)[1:-2]; _7 = &_4[1..3]; _6 = copy _3 as *const u16 (PtrToPtr); _3 = *const [u16] from (copy _6, const 3_usize); _8 = PtrMetadata(copy _2); _0 = Len((*_1)); return; }
}`,
  `fn texts1() -> &str { bb0: { _0 = const "a\\"\\n\\u{200b}é"; return; } }
fn texts2() -> &[u8; 3] { bb0: { _0 = const b"\\x00\\"z"; return; } }
fn texts3() -> f128 { bb0: { _0 = const 1.5f128; return; } }
fn texts4() -> [core::mem::MaybeUninit<u8>; 2] { bb0: { _0 = [const <uninit>; 2]; return; } }
fn texts5() -> Option<(u8, u8)> { bb0: { _0 = const {transmute(0x0102): Option<(u8, u8)>}; return; } }`,
  `fn drops1(_1: Box<u8>, _2: *const u8, _3: *mut u8) -> () {
    bb0: { copy_nonoverlapping(dst = copy _3, src = copy _2, count = const 2_usize); Retag([fn entry] _1); drop(_1) -> [return: bb1, unwind: bb2]; }
    bb1: { tailcall drops2(copy _2); }
    bb2 (cleanup): { drop((*_3)) -> [return: bb3, unwind terminate(cleanup)]; }
    bb3 (cleanup): { resume; }
}
fn drops2(_1: *const u8) -> () { bb0: { return; } }`,
  `#[track_caller] #[cold] #[inline(never)] unsafe fn attrs1<F: core::ops::FnMut(u8) -> i8>(_1: F, _2: impl core::ops::Fn() + core::marker::Copy) -> i8 {
    let mut _3: &mut F;
    bb0: { _3 = &mut _1; _0 = <F as core::ops::FnMut<(u8,)>>::call_mut(move _3, const (1_u8,)) -> [return: bb1, unwind continue]; }
    bb1: { return; }
}`,
  `fn items1() -> fn(u8) -> u8 { let _1: fn(u8) -> u8 {items2}; bb0: { _1 = items2; _0 = copy _1 as fn(u8) -> u8 (PointerCoercion(ReifyFnPointer(Safe), AsCast)); return; } }
fn items2(_1: u8) -> u8 { bb0: { _0 = copy _1; return; } }
fn items3() -> (usize, usize, usize, bool) { let mut _1: usize; let mut _2: usize; let mut _3: usize; let mut _4: bool;
    bb0: { _1 = SizeOf(Option<u8>); _2 = AlignOf(u64); _3 = OffsetOf((u8, u32), [(0, 1)]); _4 = UbChecks(); _0 = (move _1, move _2, move _3, move _4); return; } }`,
];

/** Programs of some of the pieces, in any order. */
export function arbitraryItems(): fc.Arbitrary<string> {
  return fc.shuffledSubarray([...PIECES]).map((pieces) => pieces.join("\n\n"));
}
