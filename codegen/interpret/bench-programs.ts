/**
 * Programs that `interpret.bench.ts` runs. Their memory traffic is that of usual Rust: references that are handed on and reborrowed all
 * the time.
 */

/** Arithmetic in registers alone. */
export const INTEGER_LOOP = `
fn main() -> () {
    let mut _1: u32; let mut _2: i32; let mut _3: (i32, bool); let mut _4: bool; let mut _5: u64; let mut _6: u64; let mut _7: ();
    bb0: { _1 = const 0_u32; _2 = const 1_i32; _5 = const 1_u64; goto -> bb1; }
    bb1: { _4 = Lt(copy _1, const 1000000_u32); switchInt(move _4) -> [0: bb4, otherwise: bb2]; }
    bb2: {
        _2 = BitXor(copy _2, const 1234567_i32);
        _2 = BitAnd(copy _2, const 16777215_i32);
        _3 = AddWithOverflow(copy _2, const 3_i32);
        assert(!move (_3.1: bool), "attempt to compute \`{} + {}\`, which would overflow", copy _2, const 3_i32) -> [success: bb3, unwind continue];
    }
    bb3: {
        _2 = move (_3.0: i32);
        _6 = copy _2 as u64 (IntToInt);
        _5 = Add(copy _5, copy _6);
        _5 = Mul(copy _5, const 6364136223846793005_u64);
        _1 = Add(copy _1, const 1_u32);
        goto -> bb1;
    }
    bb4: { _7 = observe::<u64>(const 0_u32, copy _5) -> [return: bb5, unwind continue]; }
    bb5: { return; }
}`;

/** Reads and writes of an array's elements through one reference. */
export const MEMORY_LOOP = `
fn main() -> () {
    let mut _1: usize; let mut _2: [u32; 64]; let mut _3: u32; let mut _4: bool; let mut _5: usize; let mut _6: &mut [u32; 64];
    let mut _7: (); let mut _8: std::option::Option<u32>; let mut _9: isize;
    bb0: { _2 = [const 7_u32; 64]; _6 = &mut _2; _1 = const 0_usize; goto -> bb1; }
    bb1: { _4 = Lt(copy _1, const 1000000_usize); switchInt(move _4) -> [0: bb4, otherwise: bb2]; }
    bb2: {
        _5 = BitAnd(copy _1, const 63_usize);
        _3 = copy (*_6)[_5];
        _3 = Add(copy _3, const 13_u32);
        (*_6)[_5] = copy _3;
        _8 = std::option::Option::<u32>::Some(copy _3);
        _9 = discriminant(_8);
        switchInt(move _9) -> [1: bb3, otherwise: bb5];
    }
    bb3: {
        _3 = copy ((_8 as Some).0: u32);
        (*_6)[_5] = Mul(copy _3, const 3_u32);
        _1 = Add(copy _1, const 1_usize);
        goto -> bb1;
    }
    bb4: { _7 = observe::<u32>(const 0_u32, copy _2[0 of 64]) -> [return: bb5, unwind continue]; }
    bb5: { return; }
}`;

/** Recursion, without a reference. */
export const CALLS = `
fn fib(_1: u32) -> u64 {
    let mut _2: bool; let mut _3: u32; let mut _4: u64; let mut _5: u64;
    bb0: { _2 = Lt(copy _1, const 2_u32); switchInt(move _2) -> [0: bb2, otherwise: bb1]; }
    bb1: { _0 = copy _1 as u64 (IntToInt); return; }
    bb2: { _3 = Sub(copy _1, const 1_u32); _4 = fib(move _3) -> [return: bb3, unwind continue]; }
    bb3: { _3 = Sub(copy _1, const 2_u32); _5 = fib(move _3) -> [return: bb4, unwind continue]; }
    bb4: { _0 = Add(copy _4, copy _5); return; }
}
fn main() -> () {
    let mut _1: u64; let mut _2: ();
    bb0: { _1 = fib(const 24_u32) -> [return: bb1, unwind continue]; }
    bb1: { _2 = observe::<u64>(const 0_u32, copy _1) -> [return: bb2, unwind continue]; }
    bb2: { return; }
}`;

/** An array that is reborrowed for each call, which reborrows an element. */
export const REBORROWS = `
fn bump(_1: &mut [u32; 64], _2: usize) -> u32 {
    let mut _3: &mut u32; let mut _4: &u32; let mut _5: usize;
    bb0: {
        _5 = BitAnd(copy _2, const 63_usize);
        _3 = &mut (*_1)[_5];
        (*_3) = Add(copy (*_3), const 1_u32);
        _4 = &(*_3);
        _0 = copy (*_4);
        return;
    }
}
fn main() -> () {
    let mut _1: usize; let mut _2: [u32; 64]; let mut _3: u32; let mut _4: bool; let mut _5: (); let mut _6: &mut [u32; 64]; let mut _7: ();
    let mut _8: &mut [u32; 64];
    bb0: { _2 = [const 7_u32; 64]; _6 = &mut _2; _1 = const 0_usize; goto -> bb1; }
    bb1: { _4 = Lt(copy _1, const 300000_usize); switchInt(move _4) -> [0: bb4, otherwise: bb2]; }
    bb2: { _8 = &mut (*_6); _3 = bump(move _8, copy _1) -> [return: bb3, unwind continue]; }
    bb3: { _1 = Add(copy _1, const 1_usize); goto -> bb1; }
    bb4: { _7 = observe::<u32>(const 0_u32, copy (*_6)[0 of 64]) -> [return: bb5, unwind continue]; }
    bb5: { return; }
}`;

/** A linked list on the heap, walked by `&mut`, with a call of a method for each node. */
export const LIST = `
unsafe extern "Rust" {
    fn __rust_alloc(size: usize, align: usize) -> *mut u8;
}
struct Node { value: u64, next: *mut Node }
fn add(_1: &mut Node, _2: u64) -> () {
    let mut _3: &mut u64;
    bb0: { _3 = &mut ((*_1).0: u64); (*_3) = Add(copy (*_3), copy _2); return; }
}
fn walk(_1: &mut Node, _2: u64) -> u64 {
    let mut _3: &mut Node; let mut _4: &mut Node; let mut _5: (); let mut _6: *mut Node; let mut _7: usize; let mut _8: &u64; let mut _9: bool;
    bb0: { _3 = &mut (*_1); _0 = const 0_u64; goto -> bb1; }
    bb1: { _4 = &two_phase mut (*_3); _5 = add(move _4, copy _2) -> [return: bb2, unwind continue]; }
    bb2: {
        _8 = &((*_3).0: u64);
        _0 = BitXor(copy _0, copy (*_8));
        _6 = copy ((*_3).1: *mut Node);
        _7 = copy _6 as usize (Transmute);
        switchInt(copy _7) -> [0: bb4, otherwise: bb3];
    }
    bb3: { _3 = &mut (*_6); goto -> bb1; }
    bb4: { return; }
}
fn main() -> () {
    let mut _1: usize; let mut _2: *mut u8; let mut _3: *mut Node; let mut _4: *mut Node; let mut _5: bool; let mut _6: u64; let mut _7: &mut Node; let mut _8: ();
    bb0: { _1 = const 0_usize; _4 = const 0_usize as *mut Node (PointerWithExposedProvenance); goto -> bb1; }
    bb1: { _2 = __rust_alloc(const 16_usize, const 8_usize) -> [return: bb2, unwind continue]; }
    bb2: {
        _3 = copy _2 as *mut Node (PtrToPtr);
        (*_3) = Node { value: const 5_u64, next: copy _4 };
        _4 = copy _3;
        _1 = Add(copy _1, const 1_usize);
        _5 = Lt(copy _1, const 100_usize);
        switchInt(move _5) -> [0: bb3, otherwise: bb1];
    }
    bb3: { _1 = const 0_usize; goto -> bb4; }
    bb4: { _7 = &mut (*_4); _6 = walk(move _7, const 3_u64) -> [return: bb5, unwind continue]; }
    bb5: { _1 = Add(copy _1, const 1_usize); _5 = Lt(copy _1, const 1000_usize); switchInt(move _5) -> [0: bb6, otherwise: bb4]; }
    bb6: { _8 = observe::<u64>(const 0_u32, copy _6) -> [return: bb7, unwind continue]; }
    bb7: { return; }
}`;

/** A matrix product, by rows and elements that are handed on as references. */
export const MATRIX = `
fn accumulate(_1: &mut f64, _2: &[f64; 16], _3: &[[f64; 16]; 16], _4: usize) -> () {
    let mut _5: usize; let mut _6: bool; let mut _7: &f64; let mut _8: &[f64; 16]; let mut _9: f64; let mut _10: &f64;
    bb0: { _5 = const 0_usize; goto -> bb1; }
    bb1: { _6 = Lt(copy _5, const 16_usize); switchInt(move _6) -> [0: bb3, otherwise: bb2]; }
    bb2: {
        _7 = &(*_2)[_5];
        _8 = &(*_3)[_5];
        _10 = &(*_8)[_4];
        _9 = Mul(copy (*_7), copy (*_10));
        (*_1) = Add(copy (*_1), move _9);
        _5 = Add(copy _5, const 1_usize);
        goto -> bb1;
    }
    bb3: { return; }
}
fn row(_1: &mut [f64; 16], _2: &[f64; 16], _3: &[[f64; 16]; 16]) -> () {
    let mut _4: usize; let mut _5: bool; let mut _6: &mut f64; let mut _7: (); let mut _8: &[f64; 16]; let mut _9: &[[f64; 16]; 16];
    bb0: { _4 = const 0_usize; goto -> bb1; }
    bb1: { _5 = Lt(copy _4, const 16_usize); switchInt(move _5) -> [0: bb4, otherwise: bb2]; }
    bb2: { _6 = &mut (*_1)[_4]; _8 = &(*_2); _9 = &(*_3); _7 = accumulate(move _6, copy _8, copy _9, copy _4) -> [return: bb3, unwind continue]; }
    bb3: { _4 = Add(copy _4, const 1_usize); goto -> bb1; }
    bb4: { return; }
}
fn multiply(_1: &mut [[f64; 16]; 16], _2: &[[f64; 16]; 16], _3: &[[f64; 16]; 16]) -> () {
    let mut _4: usize; let mut _5: bool; let mut _6: &mut [f64; 16]; let mut _7: (); let mut _8: &[f64; 16]; let mut _9: &[[f64; 16]; 16];
    bb0: { _4 = const 0_usize; goto -> bb1; }
    bb1: { _5 = Lt(copy _4, const 16_usize); switchInt(move _5) -> [0: bb4, otherwise: bb2]; }
    bb2: { _6 = &mut (*_1)[_4]; _8 = &(*_2)[_4]; _9 = &(*_3); _7 = row(move _6, copy _8, copy _9) -> [return: bb3, unwind continue]; }
    bb3: { _4 = Add(copy _4, const 1_usize); goto -> bb1; }
    bb4: { return; }
}
fn main() -> () {
    let mut _1: [[f64; 16]; 16]; let mut _2: [[f64; 16]; 16]; let mut _3: [[f64; 16]; 16]; let mut _4: [f64; 16]; let mut _5: &mut [[f64; 16]; 16];
    let mut _6: &[[f64; 16]; 16]; let mut _7: &[[f64; 16]; 16]; let mut _8: (); let mut _9: usize; let mut _10: bool; let mut _11: f64;
    bb0: { _4 = [const 0.5_f64; 16]; _1 = [copy _4; 16]; _2 = [copy _4; 16]; _3 = [copy _4; 16]; _9 = const 0_usize; goto -> bb1; }
    bb1: { _10 = Lt(copy _9, const 10_usize); switchInt(move _10) -> [0: bb4, otherwise: bb2]; }
    bb2: { _5 = &mut _1; _6 = &_2; _7 = &_3; _8 = multiply(move _5, copy _6, copy _7) -> [return: bb3, unwind continue]; }
    bb3: { _9 = Add(copy _9, const 1_usize); goto -> bb1; }
    bb4: { _11 = copy _1[3 of 16][3 of 16]; _8 = observe::<f64>(const 0_u32, copy _11) -> [return: bb5, unwind continue]; }
    bb5: { return; }
}`;

/** Quicksort of a slice, in halves as of `split_at_mut`, with swaps of elements. */
export const QUICKSORT = `
fn slice(_1: *mut u32, _2: usize, _3: usize) -> *mut [u32] {
    let mut _4: *mut u32;
    bb0: { _4 = Offset(copy _1, copy _2); _0 = *mut [u32] from (copy _4, copy _3); return; }
}
fn swap(_1: &mut [u32], _2: usize, _3: usize) -> () {
    let mut _4: u32; let mut _5: &mut u32; let mut _6: u32;
    bb0: {
        _4 = copy (*_1)[_2];
        _6 = copy (*_1)[_3];
        _5 = &mut (*_1)[_2];
        (*_5) = copy _6;
        _5 = &mut (*_1)[_3];
        (*_5) = copy _4;
        return;
    }
}
fn sort(_1: &mut [u32]) -> () {
    let mut _2: usize; let mut _3: bool; let mut _4: usize; let mut _5: usize; let mut _6: u32; let mut _7: &u32; let mut _8: &mut [u32]; let mut _9: ();
    let mut _10: *mut [u32]; let mut _11: *mut u32; let mut _12: *mut [u32]; let mut _13: &mut [u32]; let mut _14: &mut [u32]; let mut _15: usize; let mut _16: usize; let mut _17: usize;
    bb0: { _2 = PtrMetadata(copy _1); _3 = Lt(copy _2, const 2_usize); switchInt(move _3) -> [0: bb1, otherwise: bb12]; }
    bb1: { _15 = Sub(copy _2, const 1_usize); _6 = copy (*_1)[_15]; _4 = const 0_usize; _5 = const 0_usize; goto -> bb2; }
    bb2: { _3 = Lt(copy _5, copy _15); switchInt(move _3) -> [0: bb6, otherwise: bb3]; }
    bb3: { _7 = &(*_1)[_5]; _3 = Lt(copy (*_7), copy _6); switchInt(move _3) -> [0: bb5, otherwise: bb4]; }
    bb4: { _8 = &mut (*_1); _9 = swap(move _8, copy _4, copy _5) -> [return: bb11, unwind continue]; }
    bb5: { _5 = Add(copy _5, const 1_usize); goto -> bb2; }
    bb6: { _8 = &mut (*_1); _9 = swap(move _8, copy _4, copy _15) -> [return: bb7, unwind continue]; }
    bb7: { _10 = &raw mut (*_1); _11 = copy _10 as *mut u32 (PtrToPtr); _12 = slice(copy _11, const 0_usize, copy _4) -> [return: bb8, unwind continue]; }
    bb8: { _13 = &mut (*_12); _16 = Add(copy _4, const 1_usize); _17 = Sub(copy _2, copy _16); _12 = slice(copy _11, copy _16, copy _17) -> [return: bb9, unwind continue]; }
    bb9: { _14 = &mut (*_12); _9 = sort(move _13) -> [return: bb10, unwind continue]; }
    bb10: { _9 = sort(move _14) -> [return: bb12, unwind continue]; }
    bb11: { _4 = Add(copy _4, const 1_usize); goto -> bb5; }
    bb12: { return; }
}
fn main() -> () {
    let mut _1: [u32; 500]; let mut _2: usize; let mut _3: u32; let mut _4: bool; let mut _5: &mut [u32]; let mut _6: &mut [u32; 500]; let mut _7: (); let mut _8: usize;
    bb0: { _1 = [const 0_u32; 500]; _8 = const 0_usize; _3 = const 12345_u32; goto -> bb1; }
    bb1: { _2 = const 0_usize; goto -> bb2; }
    bb2: {
        _3 = Mul(copy _3, const 1664525_u32);
        _3 = Add(copy _3, const 1013904223_u32);
        _1[_2] = Shr(copy _3, const 8_u32);
        _2 = Add(copy _2, const 1_usize);
        _4 = Lt(copy _2, const 500_usize);
        switchInt(move _4) -> [0: bb3, otherwise: bb2];
    }
    bb3: { _6 = &mut _1; _5 = copy _6 as &mut [u32] (PointerCoercion(Unsize, Implicit)); _7 = sort(move _5) -> [return: bb4, unwind continue]; }
    bb4: { _8 = Add(copy _8, const 1_usize); _4 = Lt(copy _8, const 20_usize); switchInt(move _4) -> [0: bb5, otherwise: bb1]; }
    bb5: { _7 = observe::<u32>(const 0_u32, copy _1[250 of 500]) -> [return: bb6, unwind continue]; }
    bb6: { return; }
}`;

/** A vector that grows on the heap: pushes, then a reference to each element. */
export const PUSH = `
unsafe extern "Rust" {
    fn __rust_alloc(size: usize, align: usize) -> *mut u8;
    fn __rust_realloc(ptr: *mut u8, size: usize, align: usize, new_size: usize) -> *mut u8;
    fn __rust_dealloc(ptr: *mut u8, size: usize, align: usize);
}
struct Vec { ptr: *mut u32, cap: usize, len: usize }
fn grow(_1: &mut Vec) -> () {
    let mut _2: *mut u8; let mut _3: *mut u8; let mut _4: usize; let mut _5: usize;
    bb0: {
        _2 = copy ((*_1).0: *mut u32) as *mut u8 (PtrToPtr);
        _4 = Mul(copy ((*_1).1: usize), const 4_usize);
        _5 = Mul(copy _4, const 2_usize);
        _3 = __rust_realloc(copy _2, copy _4, const 4_usize, copy _5) -> [return: bb1, unwind continue];
    }
    bb1: { ((*_1).0: *mut u32) = copy _3 as *mut u32 (PtrToPtr); ((*_1).1: usize) = Mul(copy ((*_1).1: usize), const 2_usize); return; }
}
fn as_mut(_1: &mut Vec, _2: usize) -> &mut u32 {
    let mut _3: *mut u32;
    bb0: { _3 = Offset(copy ((*_1).0: *mut u32), copy _2); _0 = &mut (*_3); return; }
}
fn push(_1: &mut Vec, _2: u32) -> () {
    let mut _3: bool; let mut _4: &mut Vec; let mut _5: (); let mut _6: *mut u32;
    bb0: { _3 = Eq(copy ((*_1).2: usize), copy ((*_1).1: usize)); switchInt(move _3) -> [0: bb2, otherwise: bb1]; }
    bb1: { _4 = &mut (*_1); _5 = grow(move _4) -> [return: bb2, unwind continue]; }
    bb2: {
        _6 = Offset(copy ((*_1).0: *mut u32), copy ((*_1).2: usize));
        (*_6) = copy _2;
        ((*_1).2: usize) = Add(copy ((*_1).2: usize), const 1_usize);
        return;
    }
}
fn main() -> () {
    let mut _1: Vec; let mut _2: *mut u8; let mut _3: usize; let mut _4: &mut Vec; let mut _5: u32; let mut _6: (); let mut _7: bool; let mut _8: &mut u32; let mut _9: usize; let mut _10: usize; let mut _11: *mut u32;
    bb0: { _9 = const 0_usize; goto -> bb1; }
    bb1: { _2 = __rust_alloc(const 16_usize, const 4_usize) -> [return: bb2, unwind continue]; }
    bb2: { _11 = copy _2 as *mut u32 (PtrToPtr); _1 = Vec { ptr: copy _11, cap: const 4_usize, len: const 0_usize }; _3 = const 0_usize; goto -> bb3; }
    bb3: { _5 = copy _3 as u32 (IntToInt); _4 = &two_phase mut _1; _6 = push(move _4, copy _5) -> [return: bb4, unwind continue]; }
    bb4: { _3 = Add(copy _3, const 1_usize); _7 = Lt(copy _3, const 1000_usize); switchInt(move _7) -> [0: bb5, otherwise: bb3]; }
    bb5: { _3 = const 0_usize; goto -> bb6; }
    bb6: { _4 = &mut _1; _8 = as_mut(move _4, copy _3) -> [return: bb7, unwind continue]; }
    bb7: { (*_8) = Add(copy (*_8), const 1_u32); _3 = Add(copy _3, const 1_usize); _7 = Lt(copy _3, const 1000_usize); switchInt(move _7) -> [0: bb8, otherwise: bb6]; }
    bb8: { _2 = copy (_1.0: *mut u32) as *mut u8 (PtrToPtr); _10 = Mul(copy (_1.1: usize), const 4_usize); _6 = __rust_dealloc(copy _2, copy _10, const 4_usize) -> [return: bb9, unwind continue]; }
    bb9: { _9 = Add(copy _9, const 1_usize); _7 = Lt(copy _9, const 10_usize); switchInt(move _7) -> [0: bb10, otherwise: bb1]; }
    bb10: { _6 = observe::<u32>(const 0_u32, copy _5) -> [return: bb11, unwind continue]; }
    bb11: { return; }
}`;

/** A reference that is derived from itself all the time. */
export const CHAIN = `
fn main() -> () {
    let mut _1: usize; let mut _2: [u32; 64]; let mut _3: &mut u32; let mut _4: bool; let mut _5: usize; let mut _6: &mut [u32; 64]; let mut _7: ();
    bb0: { _2 = [const 7_u32; 64]; _6 = &mut _2; _1 = const 0_usize; goto -> bb1; }
    bb1: { _4 = Lt(copy _1, const 300000_usize); switchInt(move _4) -> [0: bb3, otherwise: bb2]; }
    bb2: {
        _6 = &mut (*_6);
        _5 = BitAnd(copy _1, const 63_usize);
        _3 = &mut (*_6)[_5];
        (*_3) = Add(copy (*_3), const 1_u32);
        _1 = Add(copy _1, const 1_usize);
        goto -> bb1;
    }
    bb3: { _7 = observe::<u32>(const 0_u32, copy (*_6)[0 of 64]) -> [return: bb4, unwind continue]; }
    bb4: { return; }
}`;
