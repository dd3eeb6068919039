/**
 * The Rust runtime of a crate that Miri runs: one execution runs one case and says on standard error which, and how it ended.
 *
 * Miri's `-Zmiri-many-seeds` executes a crate many times in one process, after one compilation. Each execution takes the next case: it
 * appends a byte to the file that `argv[1]` names, and the length that the file had is its position in `CASES`. A process that dies leaves
 * the file, so that the next process goes on behind the case that killed it.
 *
 * Memory comes from Rust's allocator, so that Miri judges sizes and alignments of what is freed.
 */

import { EventKind } from "../../codegen/index.ts";

/** The allocator's functions of the program model, by the name that the writer gives their calls. */
const ALLOCATOR: ReadonlySet<string> = new Set([
  "exchange_malloc",
  "__rust_alloc",
  "__rust_alloc_zeroed",
  "__rust_realloc",
  "__rust_dealloc",
]);

/** A written crate whose allocator is the runtime's, with the runtime behind it. */
export function withMiriRuntime(source: string, unwinds: boolean): string {
  const calls = source.replaceAll(/\bcrate::glue::(\w+)/g, (call, name: string) =>
    ALLOCATOR.has(name) ? `crate::runtime::${name}` : call,
  );
  // Later releases answer with a `bool`.
  return calls.replaceAll("core::intrinsics::catch_unwind(", "crate::runtime::catch_unwind(") + runtimeSource(unwinds);
}

/** Begins the line of a case; what stands before the next such line belongs to it. */
export const CASE_MARK = "@case";
/** Begins the last line of a case that ended without a word of Miri's. */
export const END_MARK = "@end";

/** Mixes the events of a run into 64 bits, as `eventHash` does. */
export const HASH_FACTOR = 0x9e37_79b9_7f4a_7c15n;

const UNWIND = `#[no_mangle]
pub extern "C-unwind" fn mirwatch_unwind(code: u32) -> ! { std::panic::resume_unwind(std::boxed::Box::new(code)) }
`;

const RUN = "(case.1)();";
const RUN_UNWINDING = `if let Err(payload) = std::panic::catch_unwind(case.1) {
            mirwatch_panic(payload.downcast_ref::<u32>().copied().unwrap_or(0))
        }`;

function runtimeSource(unwinds: boolean): string {
  return `
extern crate std;
${unwinds ? UNWIND : ""}pub mod runtime {
    use core::sync::atomic::{AtomicU64, Ordering::Relaxed};
    use std::alloc::{alloc, alloc_zeroed, dealloc, realloc, Layout};
    extern "C" {
        fn open(path: *const u8, flags: i32, ...) -> i32;
        fn write(file: i32, data: *const u8, length: usize) -> isize;
        fn lseek64(file: i32, offset: i64, whence: i32) -> i64;
        fn exit(status: i32) -> !;
    }
    fn layout(size: usize, align: usize) -> Layout { unsafe { Layout::from_size_align_unchecked(size, align) } }
    pub fn exchange_malloc(size: usize, align: usize) -> *mut u8 { unsafe { alloc(layout(size, align)) } }
    pub fn __rust_alloc(size: usize, align: usize) -> *mut u8 { unsafe { alloc(layout(size, align)) } }
    pub fn __rust_alloc_zeroed(size: usize, align: usize) -> *mut u8 { unsafe { alloc_zeroed(layout(size, align)) } }
    pub fn __rust_realloc(at: *mut u8, old: usize, align: usize, size: usize) -> *mut u8 { unsafe { realloc(at, layout(old, align), size) } }
    pub fn __rust_dealloc(at: *mut u8, size: usize, align: usize) { unsafe { dealloc(at, layout(size, align)) } }

    pub unsafe fn catch_unwind(f: fn(*mut u8), data: *mut u8, handler: fn(*mut u8, *mut u8)) -> i32 {
        core::intrinsics::catch_unwind(f, data, handler) as i32
    }

    static HASH: AtomicU64 = AtomicU64::new(0);
    fn mix(word: u64) {
        HASH.store((HASH.load(Relaxed).rotate_left(5) ^ word).wrapping_mul(0x${HASH_FACTOR.toString(16)}), Relaxed);
    }
    #[no_mangle]
    pub extern "C" fn observe_scalar(kind: u32, tag: u32, low: u64, high: u64) {
        mix(kind as u64 | (tag as u64) << 32);
        mix(low);
        mix(high);
    }
    #[no_mangle]
    pub extern "C" fn mirwatch_panic(code: u32) -> ! {
        observe_scalar(${EventKind.PANIC}, 0, code as u64, 0);
        say(b"${END_MARK}", HASH.load(Relaxed));
        unsafe { exit(0) }
    }
    fn say(word: &[u8], mut number: u64) {
        let mut line = [b' '; 40];
        let mut at = line.len() - 1;
        line[at] = b'\\n';
        loop {
            at -= 1;
            line[at] = b"0123456789abcdef"[(number & 15) as usize];
            number >>= 4;
            if number == 0 { break; }
        }
        at -= 1 + word.len();
        line[at..at + word.len()].copy_from_slice(word);
        unsafe { write(2, line.as_ptr().add(at), line.len() - at); }
    }
    #[no_mangle]
    fn miri_start(_argc: isize, argv: *const *const u8) -> isize {
        let position = unsafe {
            // For appending, and for writing.
            let file = open(*argv.add(1), 0o2001);
            let position = lseek64(file, 0, 2);
            write(file, b".".as_ptr(), 1);
            position as usize
        };
        if position >= crate::CASES.len() { return 0; }
        let case = crate::CASES[position];
        say(b"${CASE_MARK}", case.0 as u64);
        ${unwinds ? RUN_UNWINDING : RUN}
        say(b"${END_MARK}", HASH.load(Relaxed));
        0
    }
}
`;
}
