/**
 * The runtime of a rustc batch, as Rust source: it runs every case in a child process and writes the event stream to standard output.
 *
 * One child runs case after case into a buffer that it shares with its parent. When it dies, the parent writes out what is in the buffer,
 * says how the case died, and forks another child for the cases that follow. `argv[1]` is the number of the only case to run, or `all`;
 * `argv[2]` is the time that a case may take, in milliseconds.
 *
 * It is `no_std` and leans on the C library for system calls.
 */

import { EventKind, MAX_EVENTS_PER_CASE } from "../../../codegen/index.ts";

/** Records that the shared buffer holds. */
const CAPACITY = 65_536;
const DEFAULT_CASE_MILLISECONDS = 5_000;

/** What panics need that end the run where they are: nothing. */
const ABORTING = `
#[panic_handler]
fn unreachable_panic(_: &core::panic::PanicInfo) -> ! { unsafe { runtime::_exit(97) } }
/// Named by the unwind tables of \`core\`, never called: programs abort on panic.
#[no_mangle]
pub extern "C" fn rust_eh_personality() {}
`;

/** Panics that unwind are std's, without its hook; one that leaves a case ends it with the record that it carries. */
const UNWINDING = `
extern crate std;
#[no_mangle]
#[inline(never)]
pub extern "C-unwind" fn mirwatch_unwind(code: u32) -> ! { std::panic::resume_unwind(std::boxed::Box::new(code)) }
`;

const RUN_UNWINDING = `if let Err(payload) = std::panic::catch_unwind(case.1) {
                mirwatch_panic(payload.downcast_ref::<u32>().copied().unwrap_or(0))
            }`;

function runtimeSource(head: string, run: string): string {
  return `${head}
pub mod runtime {
    use core::ptr::{addr_of, addr_of_mut, null_mut};
    #[repr(C)]
    #[derive(Clone, Copy)]
    struct Record { kind: u32, tag: u32, low: u64, high: u64 }
    #[repr(C)]
    struct Shared {
        /// The position in CASES of the case that runs.
        position: u64,
        /// Records of it so far.
        events: u64,
        /// The case stopped itself and has its last record.
        stopped: u64,
        /// Records in the buffer: written out, and all.
        flushed: u64,
        used: u64,
        buffer: [Record; ${CAPACITY}],
    }
    #[repr(C)]
    struct TimerValue { interval_seconds: i64, interval_micros: i64, seconds: i64, micros: i64 }
    extern "C" {
        fn mmap(address: *mut u8, length: usize, protection: i32, flags: i32, file: i32, offset: i64) -> *mut u8;
        fn fork() -> i32;
        fn waitpid(child: i32, status: *mut i32, options: i32) -> i32;
        fn write(file: i32, data: *const u8, length: usize) -> isize;
        fn setitimer(which: i32, new: *const TimerValue, old: *mut TimerValue) -> i32;
        pub fn _exit(status: i32) -> !;
    }
    static mut SHARED: *mut Shared = null_mut();
    static mut LIMIT: TimerValue = TimerValue { interval_seconds: 0, interval_micros: 0, seconds: 0, micros: 0 };
    const NO_LIMIT: TimerValue = TimerValue { interval_seconds: 0, interval_micros: 0, seconds: 0, micros: 0 };

    /// Writes out what the buffer holds and nobody wrote yet.
    unsafe fn flush() {
        let s = SHARED;
        while (*s).flushed < (*s).used {
            let from = addr_of!((*s).buffer) as *const u8;
            let start = (*s).flushed as usize * 24;
            let mut done = 0usize;
            let length = ((*s).used - (*s).flushed) as usize * 24;
            while done < length {
                let n = write(1, from.add(start + done), length - done);
                if n <= 0 { _exit(98) }
                done += n as usize;
            }
            (*s).flushed = (*s).used;
        }
        (*s).flushed = 0;
        (*s).used = 0;
    }

    unsafe fn push(kind: u32, tag: u32, low: u64, high: u64) {
        let s = SHARED;
        if (*s).used == ${CAPACITY} {
            // The clock stands still, so that no record is written twice.
            let mut left = NO_LIMIT;
            setitimer(0, &NO_LIMIT, &mut left);
            flush();
            setitimer(0, &left, null_mut());
        }
        (*s).buffer[(*s).used as usize] = Record { kind, tag, low, high };
        (*s).used += 1;
    }

    #[no_mangle]
    #[inline(never)]
    pub extern "C" fn observe_scalar(kind: u32, tag: u32, low: u64, high: u64) {
        unsafe {
            let s = SHARED;
            if (*s).events == ${MAX_EVENTS_PER_CASE} {
                push(${EventKind.CASE_FLOOD}, 0, crate::CASES[(*s).position as usize].0 as u64, 0);
                (*s).stopped = 1;
                _exit(0)
            }
            (*s).events += 1;
            push(kind, tag, low, high);
        }
    }

    #[no_mangle]
    #[inline(never)]
    pub extern "C" fn mirwatch_panic(code: u32) -> ! {
        unsafe {
            push(${EventKind.PANIC}, 0, code as u64, 0);
            (*SHARED).stopped = 1;
            _exit(0)
        }
    }

    unsafe fn run_child(to: u64) -> ! {
        let s = SHARED;
        while (*s).position < to {
            let case = crate::CASES[(*s).position as usize];
            (*s).events = 0;
            push(${EventKind.CASE_START}, 0, case.0 as u64, 0);
            setitimer(0, addr_of!(LIMIT), null_mut());
            ${run}
            setitimer(0, &NO_LIMIT, null_mut());
            push(${EventKind.CASE_END}, 0, case.0 as u64, 0);
            // Statics are as the next case must not find them.
            if case.2 { (*s).stopped = 1; _exit(0) }
            (*s).position += 1;
        }
        _exit(0)
    }

    unsafe fn parse(mut text: *const u8) -> Option<u64> {
        let mut value = 0u64;
        if *text == 0 { return None; }
        while *text != 0 {
            if *text < b'0' || *text > b'9' { return None; }
            value = value * 10 + (*text - b'0') as u64;
            text = text.add(1);
        }
        Some(value)
    }

    #[no_mangle]
    pub unsafe extern "C" fn main(argc: i32, argv: *const *const u8) -> i32 {
        // Readable and writable; shared and anonymous.
        let memory = mmap(null_mut(), core::mem::size_of::<Shared>(), 3, 0x21, -1, 0);
        if memory as isize == -1 { return 98; }
        SHARED = memory as *mut Shared;
        let s = SHARED;
        let limit = if argc > 2 { parse(*argv.add(2)) } else { None };
        let milliseconds = limit.unwrap_or(${DEFAULT_CASE_MILLISECONDS}) as i64;
        (*addr_of_mut!(LIMIT)).seconds = milliseconds / 1000;
        (*addr_of_mut!(LIMIT)).micros = milliseconds % 1000 * 1000;
        let mut to = crate::CASES.len() as u64;
        if let Some(only) = if argc > 1 { parse(*argv.add(1)) } else { None } {
            while (*s).position < to && crate::CASES[(*s).position as usize].0 as u64 != only { (*s).position += 1; }
            if (*s).position < to { to = (*s).position + 1; }
        }
        while (*s).position < to {
            (*s).stopped = 0;
            let child = fork();
            if child < 0 { return 98; }
            if child == 0 { run_child(to) }
            let mut status = 0i32;
            while waitpid(child, &mut status, 0) != child {}
            if (*s).position < to {
                if (*s).stopped == 0 {
                    if (*s).used == ${CAPACITY} { flush(); }
                    push(${EventKind.CASE_DIED}, 0, crate::CASES[(*s).position as usize].0 as u64, status as u32 as u64);
                }
                (*s).position += 1;
            }
            flush();
        }
        0
    }
}
`;
}

/** For programs that abort on panic. */
export const RUNTIME_SOURCE: string = runtimeSource(ABORTING, "(case.1)();");

/** For programs of which some unwind; compiled with `-Cpanic=unwind`, and with std. */
export const UNWINDING_RUNTIME_SOURCE: string = runtimeSource(UNWINDING, RUN_UNWINDING);
