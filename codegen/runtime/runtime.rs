//! The runtime that every executable is linked with, in Rust. `runtime.mir` is rustc's MIR of this file, made by `regenerate.ts`; that is
//! what gets compiled, by whichever backend is used.
//!
//! It stands alone: no libc, no loader, no statics. Its state lies in one shared mapping at a fixed address, so that a parent process
//! sees what its child observed up to the moment it died.
//!
//! A batch: the parent forks a child that runs the cases in order. A case that panics, floods or crashes ends its child; the parent
//! then says so in the event stream and forks again, for the next case. Records are those of `events.ts`.

#![no_std]
#![allow(unnecessary_transmutes)]

extern "C" {
    fn syscall(number: usize, a: usize, b: usize, c: usize, d: usize, e: usize, f: usize) -> isize;
    fn mirwatch_run_case(case: u32);
    fn mirwatch_case_count() -> u32;
}

// Numbers of system calls: `runtime.ts` puts each target's in their place.
const SYS_WRITE: usize = 900_001;
const SYS_MMAP: usize = 900_002;
const SYS_CLONE: usize = 900_003;
const SYS_WAIT4: usize = 900_004;
const SYS_EXIT_GROUP: usize = 900_005;
const SYS_SETITIMER: usize = 900_006;

// The shared mapping. Each word is 8 bytes.
const STATE: usize = 0x6_0000_0000;
/// Records in the buffer.
const FILL: usize = STATE;
/// The case that runs.
const CASE: usize = STATE + 8;
/// Records that it has written.
const COUNT: usize = STATE + 16;
/// How far the child is: one of the values below.
const PHASE: usize = STATE + 24;
/// Milliseconds that a case may take.
const LIMIT: usize = STATE + 32;
/// The status that wait4 gives, 4 bytes.
const STATUS: usize = STATE + 40;
/// A `struct itimerval`: interval, then value, each seconds and microseconds.
const TIMER: usize = STATE + 64;
const BUFFER: usize = STATE + 4096;
const CAPACITY: u64 = 65_536;
const RECORD_SIZE: usize = 24;
const MAPPING_SIZE: usize = 4096 + 65_536 * RECORD_SIZE;

const PHASE_RUNNING: u64 = 0;
/// The case has ended the child on purpose: by a panic or a flood.
const PHASE_CASE_ENDED: u64 = 1;
const PHASE_ALL_DONE: u64 = 2;

const KIND_PANIC: u32 = 19;
const KIND_CASE_START: u32 = 32;
const KIND_CASE_END: u32 = 33;
const KIND_CASE_DIED: u32 = 34;
const KIND_CASE_FLOOD: u32 = 35;
const MAX_EVENTS_PER_CASE: u64 = 65_536;

const DEFAULT_LIMIT: u64 = 2000;

// Exit statuses of the parent.
const EXIT_OK: usize = 0;
const EXIT_WRITE: usize = 101;
const EXIT_MAP: usize = 102;
const EXIT_FORK: usize = 103;
const EXIT_WAIT: usize = 104;

unsafe fn get(address: usize) -> u64 {
    *(address as *const u64)
}

unsafe fn set(address: usize, value: u64) {
    *(address as *mut u64) = value;
}

unsafe fn exit(status: usize) -> ! {
    loop {
        syscall(SYS_EXIT_GROUP, status, 0, 0, 0, 0, 0);
    }
}

/// Arms the alarm that ends a case, or stops it with 0.
unsafe fn set_timer(milliseconds: u64) {
    set(TIMER + 16, milliseconds / 1000);
    set(TIMER + 24, milliseconds % 1000 * 1000);
    syscall(SYS_SETITIMER, 0, TIMER, 0, 0, 0, 0);
}

/// Writes the buffer out. A write that is interrupted is tried again; one that fails ends the process.
unsafe fn flush() {
    let mut address = BUFFER;
    let mut left = get(FILL) as usize * RECORD_SIZE;
    while left > 0 {
        let written = syscall(SYS_WRITE, 1, address, left, 0, 0, 0);
        if written > 0 {
            address += written as usize;
            left -= written as usize;
        } else if written != -4 {
            exit(EXIT_WRITE);
        }
    }
    set(FILL, 0);
}

/// Adds a record; it counts only once it is complete.
unsafe fn put(kind: u32, tag: u32, low: u64, high: u64) {
    let fill = get(FILL);
    let at = BUFFER + fill as usize * RECORD_SIZE;
    *(at as *mut u32) = kind;
    *((at + 4) as *mut u32) = tag;
    set(at + 8, low);
    set(at + 16, high);
    set(FILL, fill + 1);
}

/// Ends the child because of what the case did; the parent goes on with the next.
unsafe fn end_case() -> ! {
    set(PHASE, PHASE_CASE_ENDED);
    exit(EXIT_OK)
}

/// Adds a record of the case that runs.
unsafe fn event(kind: u32, tag: u32, low: u64, high: u64) {
    let count = get(COUNT);
    if count == MAX_EVENTS_PER_CASE {
        put(KIND_CASE_FLOOD, 0, get(CASE), 0);
        end_case();
    }
    set(COUNT, count + 1);
    put(kind, tag, low, high);
    // Room for the records that frame cases is kept. The alarm must not end the case between writing and forgetting.
    if get(FILL) >= CAPACITY - 16 {
        set_timer(0);
        flush();
        set_timer(get(LIMIT));
    }
}

#[no_mangle]
pub unsafe extern "C" fn mirwatch_observe_scalar(kind: u32, tag: u32, low: u64, high: u64) {
    event(kind, tag, low, high);
}

#[no_mangle]
pub unsafe extern "C" fn mirwatch_panic(code: u32) -> ! {
    // Written even when the case may write no more.
    put(KIND_PANIC, 0, code as u64, 0);
    end_case()
}

unsafe fn run_cases(first: u64, end: u64) -> ! {
    let mut case = first;
    while case < end {
        set(CASE, case);
        set(COUNT, 0);
        put(KIND_CASE_START, 0, case, 0);
        set_timer(get(LIMIT));
        mirwatch_run_case(case as u32);
        put(KIND_CASE_END, 0, case, 0);
        if get(FILL) >= CAPACITY - 16 {
            set_timer(0);
            flush();
        }
        case += 1;
    }
    set_timer(0);
    set(PHASE, PHASE_ALL_DONE);
    exit(EXIT_OK)
}

/// Runs the child for the cases from `first`, and says which case is next.
unsafe fn supervise(first: u64, end: u64) -> u64 {
    set(PHASE, PHASE_RUNNING);
    set(CASE, first);
    // Only the parent's end is to be signalled: SIGCHLD.
    let pid = syscall(SYS_CLONE, 17, 0, 0, 0, 0, 0);
    if pid < 0 {
        exit(EXIT_FORK);
    }
    if pid == 0 {
        run_cases(first, end);
    }
    loop {
        let waited = syscall(SYS_WAIT4, pid as usize, STATUS, 0, 0, 0, 0);
        if waited == pid {
            break;
        }
        if waited != -4 {
            exit(EXIT_WAIT);
        }
    }
    let status = *(STATUS as *const u32);
    let phase = get(PHASE);
    let case = get(CASE);
    // What the child could not write, the parent cannot either.
    if status == (EXIT_WRITE as u32) << 8 {
        exit(EXIT_WRITE);
    }
    if status != 0 || phase == PHASE_RUNNING {
        put(KIND_CASE_DIED, 0, case, status as u64);
    }
    flush();
    if status == 0 && phase == PHASE_ALL_DONE {
        return end;
    }
    case + 1
}

/// The decimal number at `text`, up to its end.
unsafe fn parse(text: usize) -> u64 {
    let mut value = 0;
    let mut at = text;
    loop {
        let byte = *(at as *const u8);
        if byte < 48 || byte > 57 {
            return value;
        }
        value = value * 10 + (byte - 48) as u64;
        at += 1;
    }
}

/// Where a process starts: `sp` points to the argument count, the arguments' addresses follow. The first argument is the only case to
/// run, the second the milliseconds that a case may take.
#[no_mangle]
pub unsafe extern "C" fn mirwatch_start(sp: *const usize) -> ! {
    let stack = sp as usize;
    let count = get(stack);
    let mapped = syscall(SYS_MMAP, STATE, MAPPING_SIZE, 3, 0x10_0021, 0xffff_ffff_ffff_ffff, 0);
    if mapped != STATE as isize {
        exit(EXIT_MAP);
    }
    set(LIMIT, DEFAULT_LIMIT);
    let mut next = 0;
    let mut end = mirwatch_case_count() as u64;
    if count > 2 {
        set(LIMIT, parse(get(stack + 24) as usize));
    }
    if count > 1 {
        let only = get(stack + 16) as usize;
        // `-` stands for all cases.
        if *(only as *const u8) != 45 {
            next = parse(only);
            if next < end {
                end = next + 1;
            }
        }
    }
    while next < end {
        next = supervise(next, end);
    }
    exit(EXIT_OK)
}

// Memory. Words are copied where both sides are aligned.

unsafe fn copy_up(to: usize, from: usize, size: usize) {
    let mut at = 0;
    if (to | from) & 7 == 0 {
        while at + 8 <= size {
            *((to + at) as *mut u64) = *((from + at) as *const u64);
            at += 8;
        }
    }
    while at < size {
        *((to + at) as *mut u8) = *((from + at) as *const u8);
        at += 1;
    }
}

unsafe fn copy_down(to: usize, from: usize, size: usize) {
    let mut at = size;
    if (to | from | size) & 7 == 0 {
        while at > 0 {
            at -= 8;
            *((to + at) as *mut u64) = *((from + at) as *const u64);
        }
    }
    while at > 0 {
        at -= 1;
        *((to + at) as *mut u8) = *((from + at) as *const u8);
    }
}

#[no_mangle]
pub unsafe extern "C" fn memcpy(to: *mut u8, from: *const u8, size: usize) -> *mut u8 {
    copy_up(to as usize, from as usize, size);
    to
}

#[no_mangle]
pub unsafe extern "C" fn memmove(to: *mut u8, from: *const u8, size: usize) -> *mut u8 {
    if (to as usize) - (from as usize) < size {
        copy_down(to as usize, from as usize, size);
    } else {
        copy_up(to as usize, from as usize, size);
    }
    to
}

#[no_mangle]
pub unsafe extern "C" fn memset(to: *mut u8, byte: i32, size: usize) -> *mut u8 {
    let start = to as usize;
    let low = byte as u8;
    let mut at = 0;
    if start & 7 == 0 {
        let word = (low as u64) * 0x0101_0101_0101_0101;
        while at + 8 <= size {
            *((start + at) as *mut u64) = word;
            at += 8;
        }
    }
    while at < size {
        *((start + at) as *mut u8) = low;
        at += 1;
    }
    to
}

#[no_mangle]
pub unsafe extern "C" fn memcmp(a: *const u8, b: *const u8, size: usize) -> i32 {
    let mut at = 0;
    while at < size {
        let x = *((a as usize + at) as *const u8);
        let y = *((b as usize + at) as *const u8);
        if x != y {
            return x as i32 - y as i32;
        }
        at += 1;
    }
    0
}

#[no_mangle]
pub unsafe extern "C" fn bcmp(a: *const u8, b: *const u8, size: usize) -> i32 {
    memcmp(a, b, size)
}

// 128-bit integers, as halves of 64 bits: nothing here may need the routine that it is.

fn high(x: u128) -> u64 {
    (x >> 64) as u64
}

fn join(high: u64, low: u64) -> u128 {
    ((high as u128) << 64) | low as u128
}

/// Leading zeros of what is not zero.
fn leading_zeros(x: u64) -> u32 {
    let mut zeros = 0;
    let mut rest = x;
    let mut step = 32;
    while step > 0 {
        if rest >> (64 - step) == 0 {
            zeros += step;
            rest = rest << step;
        }
        step = step / 2;
    }
    zeros
}

/// Leading zeros of two halves; 128 for zero.
fn leading_zeros_128(high: u64, low: u64) -> u32 {
    if high != 0 {
        leading_zeros(high)
    } else if low != 0 {
        64 + leading_zeros(low)
    } else {
        128
    }
}

/// Quotient (high, low) and remainder (high, low), one bit of the quotient at a time. The divisor is not zero.
fn divide(n1: u64, n0: u64, d1: u64, d0: u64) -> (u64, u64, u64, u64) {
    if n1 == 0 && d1 == 0 {
        return (0, n0 / d0, 0, n0 % d0);
    }
    let n_zeros = leading_zeros_128(n1, n0);
    let d_zeros = leading_zeros_128(d1, d0);
    if n_zeros > d_zeros {
        return (0, 0, n1, n0);
    }
    let mut shift = d_zeros - n_zeros;
    // The divisor, moved up to the dividend's first bit.
    let mut s1 = d1;
    let mut s0 = d0;
    if shift >= 64 {
        s1 = d0 << (shift - 64);
        s0 = 0;
    } else if shift > 0 {
        s1 = (d1 << shift) | (d0 >> (64 - shift));
        s0 = d0 << shift;
    }
    let mut r1 = n1;
    let mut r0 = n0;
    let mut q1 = 0;
    let mut q0 = 0;
    loop {
        q1 = (q1 << 1) | (q0 >> 63);
        q0 = q0 << 1;
        if r1 > s1 || (r1 == s1 && r0 >= s0) {
            let borrow = (r0 < s0) as u64;
            r0 -= s0;
            r1 -= s1 + borrow;
            q0 |= 1;
        }
        if shift == 0 {
            return (q1, q0, r1, r0);
        }
        shift -= 1;
        s0 = (s0 >> 1) | (s1 << 63);
        s1 = s1 >> 1;
    }
}

#[no_mangle]
pub extern "C" fn __udivti3(n: u128, d: u128) -> u128 {
    let r = divide(high(n), n as u64, high(d), d as u64);
    join(r.0, r.1)
}

#[no_mangle]
pub extern "C" fn __umodti3(n: u128, d: u128) -> u128 {
    let r = divide(high(n), n as u64, high(d), d as u64);
    join(r.2, r.3)
}

fn negate_if(negative: bool, x: u128) -> u128 {
    if negative {
        !x + 1
    } else {
        x
    }
}

#[no_mangle]
pub extern "C" fn __divti3(n: i128, d: i128) -> i128 {
    let a = negate_if(n < 0, n as u128);
    let b = negate_if(d < 0, d as u128);
    negate_if((n < 0) != (d < 0), __udivti3(a, b)) as i128
}

#[no_mangle]
pub extern "C" fn __modti3(n: i128, d: i128) -> i128 {
    let a = negate_if(n < 0, n as u128);
    let b = negate_if(d < 0, d as u128);
    negate_if(n < 0, __umodti3(a, b)) as i128
}

#[no_mangle]
pub extern "C" fn __multi3(a: i128, b: i128) -> i128 {
    let a0 = a as u64;
    let b0 = b as u64;
    let a1 = high(a as u128);
    let b1 = high(b as u128);
    // The product of the low halves, from 32-bit pieces.
    let mask = 0xffff_ffff;
    let low = (a0 & mask) * (b0 & mask);
    let mid1 = (a0 >> 32) * (b0 & mask) + (low >> 32);
    let mid2 = (a0 & mask) * (b0 >> 32) + (mid1 & mask);
    let top = (a0 >> 32) * (b0 >> 32) + (mid1 >> 32) + (mid2 >> 32);
    join(top + a0 * b1 + a1 * b0, (mid2 << 32) | (low & mask)) as i128
}

/// The product, and whether it overflows: LLVM calls this where the processor has no wide multiplication of its own.
#[no_mangle]
pub unsafe extern "C" fn __muloti4(a: i128, b: i128, overflow: *mut i32) -> i128 {
    let x = negate_if(a < 0, a as u128);
    let y = negate_if(b < 0, b as u128);
    let negative = (a < 0) != (b < 0);
    let product = __multi3(x as i128, y as i128) as u128;
    // The magnitudes' product is whole when dividing it gives the other factor back.
    let whole = x == 0 || __udivti3(product, x) == y;
    let least = 1u128 << 127;
    let fits = whole && (product < least || (negative && product == least));
    *overflow = if fits { 0 } else { 1 };
    negate_if(negative, product) as i128
}

// Shifts of 128-bit integers, which LLVM calls where size matters. Amounts are below 128.

#[no_mangle]
pub extern "C" fn __ashlti3(a: u128, amount: i32) -> u128 {
    let n = amount as u32;
    let low = a as u64;
    if n >= 64 {
        return join(low << (n - 64), 0);
    }
    if n == 0 {
        return a;
    }
    join((high(a) << n) | (low >> (64 - n)), low << n)
}

#[no_mangle]
pub extern "C" fn __lshrti3(a: u128, amount: i32) -> u128 {
    let n = amount as u32;
    let top = high(a);
    if n >= 64 {
        return join(0, top >> (n - 64));
    }
    if n == 0 {
        return a;
    }
    join(top >> n, (a as u64 >> n) | (top << (64 - n)))
}

#[no_mangle]
pub extern "C" fn __ashrti3(a: i128, amount: i32) -> i128 {
    let n = amount as u32;
    let top = high(a as u128) as i64;
    if n >= 64 {
        return join((top >> 63) as u64, (top >> (n - 64)) as u64) as i128;
    }
    if n == 0 {
        return a;
    }
    join((top >> n) as u64, (a as u64 >> n) | ((top as u64) << (64 - n))) as i128
}

// 128-bit integers to floats, rounded to nearest, ties to even.

/// `x`, which is not zero, with its first bit moved to the top; the 64 bits there, the last one set if any below was.
fn significant(x: u128, zeros: u32) -> u64 {
    let x1 = high(x);
    let x0 = x as u64;
    let top;
    let rest;
    if zeros >= 64 {
        top = x0 << (zeros - 64);
        rest = 0;
    } else if zeros > 0 {
        top = (x1 << zeros) | (x0 >> (64 - zeros));
        rest = x0 << zeros;
    } else {
        top = x1;
        rest = x0;
    }
    top | (rest != 0) as u64
}

/// `m >> shift`, rounded to nearest, ties to even.
fn round_shift(m: u64, shift: u32) -> u64 {
    let kept = m >> shift;
    let half = 1 << (shift - 1);
    let rest = m & ((half << 1) - 1);
    if rest > half || (rest == half && kept & 1 == 1) {
        kept + 1
    } else {
        kept
    }
}

#[no_mangle]
pub extern "C" fn __floatuntidf(x: u128) -> f64 {
    if x == 0 {
        return 0.0;
    }
    let zeros = leading_zeros_128(high(x), x as u64);
    // The implied bit of the significand adds one to the exponent, as does a carry out of the rounding.
    let bits = ((1023 + 127 - 1 - zeros as u64) << 52) + round_shift(significant(x, zeros), 11);
    unsafe { core::mem::transmute(bits) }
}

#[no_mangle]
pub extern "C" fn __floatuntisf(x: u128) -> f32 {
    if x == 0 {
        return 0.0;
    }
    let zeros = leading_zeros_128(high(x), x as u64);
    let bits = ((127 + 127 - 1 - zeros as u64) << 23) + round_shift(significant(x, zeros), 40);
    unsafe { core::mem::transmute(bits as u32) }
}

#[no_mangle]
pub extern "C" fn __floattidf(x: i128) -> f64 {
    let magnitude = __floatuntidf(negate_if(x < 0, x as u128));
    if x < 0 {
        -magnitude
    } else {
        magnitude
    }
}

#[no_mangle]
pub extern "C" fn __floattisf(x: i128) -> f32 {
    let magnitude = __floatuntisf(negate_if(x < 0, x as u128));
    if x < 0 {
        -magnitude
    } else {
        magnitude
    }
}

// Floats to 128-bit integers: towards zero, saturating, NaN to 0.

/// `significand * 2^exponent` towards zero, where the result is below 2^128.
fn scale(significand: u64, exponent: i32) -> u128 {
    if exponent >= 64 {
        join(significand << (exponent - 64), 0)
    } else if exponent > 0 {
        join(significand >> (64 - exponent), significand << exponent)
    } else if exponent > -64 {
        join(0, significand >> -exponent)
    } else {
        0
    }
}

/// The magnitude of a float from its parts, at most `limit` bits; more saturate to all ones.
fn magnitude(significand: u64, exponent: i32, width: i32, limit: i32) -> u128 {
    if exponent + width > limit {
        join(0xffff_ffff_ffff_ffff, 0xffff_ffff_ffff_ffff)
    } else {
        scale(significand, exponent)
    }
}

fn magnitude_f64(bits: u64, limit: i32) -> u128 {
    let biased = ((bits >> 52) & 0x7ff) as i32;
    if biased < 1023 {
        return 0;
    }
    magnitude((bits & 0xf_ffff_ffff_ffff) | 0x10_0000_0000_0000, biased - 1023 - 52, 53, limit)
}

fn magnitude_f32(bits: u32, limit: i32) -> u128 {
    let biased = ((bits >> 23) & 0xff) as i32;
    if biased < 127 {
        return 0;
    }
    magnitude(((bits & 0x7f_ffff) | 0x80_0000) as u64, biased - 127 - 23, 24, limit)
}

fn signed(negative: bool, magnitude: u128) -> i128 {
    let min = 0x8000_0000_0000_0000;
    if negative {
        if high(magnitude) >= min {
            join(min, 0) as i128
        } else {
            negate_if(true, magnitude) as i128
        }
    } else if high(magnitude) >= min {
        join(min - 1, 0xffff_ffff_ffff_ffff) as i128
    } else {
        magnitude as i128
    }
}

#[no_mangle]
pub extern "C" fn __fixunsdfti(x: f64) -> u128 {
    if x >= 1.0 {
        magnitude_f64(unsafe { core::mem::transmute(x) }, 128)
    } else {
        0
    }
}

#[no_mangle]
pub extern "C" fn __fixunssfti(x: f32) -> u128 {
    if x >= 1.0 {
        magnitude_f32(unsafe { core::mem::transmute(x) }, 128)
    } else {
        0
    }
}

#[no_mangle]
pub extern "C" fn __fixdfti(x: f64) -> i128 {
    if x != x {
        return 0;
    }
    signed(x < 0.0, magnitude_f64(unsafe { core::mem::transmute(x) }, 128))
}

#[no_mangle]
pub extern "C" fn __fixsfti(x: f32) -> i128 {
    if x != x {
        return 0;
    }
    signed(x < 0.0, magnitude_f32(unsafe { core::mem::transmute(x) }, 128))
}

// C's remainder: exact, with the sign of the dividend.

/// Significand and exponent of what is neither zero nor infinite, the significand's first bit being bit `width`.
fn normalize(bits: u64, biased: i64, width: u32) -> (u64, i64) {
    let fraction = bits & ((1 << width) - 1);
    if biased != 0 {
        return (fraction | (1 << width), biased);
    }
    let shift = leading_zeros(fraction) - (63 - width);
    (fraction << shift, 1 - shift as i64)
}

/// The remainder's bits, without a sign, of finite magnitudes `x` and `y`, `y` not zero; `width` is that of the fraction.
fn remainder(x: u64, y: u64, width: u32) -> u64 {
    if x < y {
        return x;
    }
    let (mut m, mut e) = normalize(x, (x >> width) as i64, width);
    let (d, d_e) = normalize(y, (y >> width) as i64, width);
    loop {
        if m >= d {
            m -= d;
        }
        if m == 0 {
            return 0;
        }
        if e == d_e {
            break;
        }
        m = m << 1;
        e -= 1;
    }
    let shift = leading_zeros(m) - (63 - width);
    e -= shift as i64;
    m = m << shift;
    if e > 0 {
        (m - (1 << width)) + ((e as u64) << width)
    } else {
        m >> (1 - e)
    }
}

#[no_mangle]
pub extern "C" fn fmod(x: f64, y: f64) -> f64 {
    let x_bits: u64 = unsafe { core::mem::transmute(x) };
    let y_bits: u64 = unsafe { core::mem::transmute(y) };
    let infinity = 0x7ff0_0000_0000_0000;
    let sign = x_bits & 0x8000_0000_0000_0000;
    let x_abs = x_bits ^ sign;
    let y_abs = y_bits & 0x7fff_ffff_ffff_ffff;
    if x_abs >= infinity || y_abs > infinity || y_abs == 0 {
        return unsafe { core::mem::transmute(0x7ff8_0000_0000_0000_u64) };
    }
    if y_abs == infinity {
        return x;
    }
    unsafe { core::mem::transmute(remainder(x_abs, y_abs, 52) | sign) }
}

#[no_mangle]
pub extern "C" fn fmodf(x: f32, y: f32) -> f32 {
    let x_bits: u32 = unsafe { core::mem::transmute(x) };
    let y_bits: u32 = unsafe { core::mem::transmute(y) };
    let infinity = 0x7f80_0000;
    let sign = x_bits & 0x8000_0000;
    let x_abs = x_bits ^ sign;
    let y_abs = y_bits & 0x7fff_ffff;
    if x_abs >= infinity || y_abs > infinity || y_abs == 0 {
        return unsafe { core::mem::transmute(0x7fc0_0000_u32) };
    }
    if y_abs == infinity {
        return x;
    }
    unsafe { core::mem::transmute(remainder(x_abs as u64, y_abs as u64, 23) as u32 | sign) }
}
