/**
 * The event record: what one observation looks like on the wire.
 *
 * A run of a program is a sequence of records of 24 bytes, little-endian: `kind: u32, tag: u32, low: u64, high: u64`. The interpreter
 * writes the same bytes as a compiled program does, so agreeing is comparing bytes, and a difference is a record's number.
 *
 * An `observe` of a scalar is one record; `kind` is the scalar's, `low`/`high` its bits zero-extended to 128 (floats: IEEE bits, every NaN
 * as the canonical quiet NaN 0x7fc00000 / 0x7ff8000000000000). An aggregate is the records of its fields in source order; an array's, of its elements;
 * an enum's, a `VARIANT` record (`low` = variant index) and then the fields of that variant; a reference's, the records of what it
 * points to. A raw pointer and a function pointer are one `POINTER` record (`low` = 1 unless null). `()` and other empty types leave none.
 *
 * The records of process control (`CASE_*`) frame a batch: many runs in one executable.
 */

export const RECORD_SIZE = 24;

/** Record kinds. Scalars' kinds are their types'. */
export const EventKind: {
  readonly BOOL: 1;
  readonly CHAR: 2;
  readonly I8: 3;
  readonly I16: 4;
  readonly I32: 5;
  readonly I64: 6;
  readonly I128: 7;
  readonly ISIZE: 8;
  readonly U8: 9;
  readonly U16: 10;
  readonly U32: 11;
  readonly U64: 12;
  readonly U128: 13;
  readonly USIZE: 14;
  readonly F32: 15;
  readonly F64: 16;
  readonly VARIANT: 17;
  readonly POINTER: 18;
  /** A panic; `low` is a `PanicCode`. The last record of its run. */
  readonly PANIC: 19;
  /** A run starts; `low` is its number in the batch. */
  readonly CASE_START: 32;
  /** A run returned normally; `low` is its number. */
  readonly CASE_END: 33;
  /** A run's process died; `low` is its number, `high` the status of wait4. */
  readonly CASE_DIED: 34;
  /** A run wrote more than `MAX_EVENTS_PER_CASE` records and was stopped there. */
  readonly CASE_FLOOD: 35;
} = {
  BOOL: 1,
  CHAR: 2,
  I8: 3,
  I16: 4,
  I32: 5,
  I64: 6,
  I128: 7,
  ISIZE: 8,
  U8: 9,
  U16: 10,
  U32: 11,
  U64: 12,
  U128: 13,
  USIZE: 14,
  F32: 15,
  F64: 16,
  VARIANT: 17,
  POINTER: 18,
  PANIC: 19,
  CASE_START: 32,
  CASE_END: 33,
  CASE_DIED: 34,
  CASE_FLOOD: 35,
};

/** Why a program panicked: the assertion's kind. Overflow codes follow the order of rustc's messages. */
export const PanicCode: {
  readonly BOUNDS_CHECK: 1;
  readonly OVERFLOW_ADD: 2;
  readonly OVERFLOW_SUB: 3;
  readonly OVERFLOW_MUL: 4;
  readonly OVERFLOW_DIV: 5;
  readonly OVERFLOW_REM: 6;
  readonly OVERFLOW_NEG: 7;
  readonly OVERFLOW_SHL: 8;
  readonly OVERFLOW_SHR: 9;
  readonly DIVISION_BY_ZERO: 10;
  readonly REMAINDER_BY_ZERO: 11;
} = {
  BOUNDS_CHECK: 1,
  OVERFLOW_ADD: 2,
  OVERFLOW_SUB: 3,
  OVERFLOW_MUL: 4,
  OVERFLOW_DIV: 5,
  OVERFLOW_REM: 6,
  OVERFLOW_NEG: 7,
  OVERFLOW_SHL: 8,
  OVERFLOW_SHR: 9,
  DIVISION_BY_ZERO: 10,
  REMAINDER_BY_ZERO: 11,
};

/** A run may write this many records; the interpreter counts a program that writes more as unusable. */
export const MAX_EVENTS_PER_CASE = 65_536;

export const CANONICAL_NAN_F32 = 0x7fc00000n;
export const CANONICAL_NAN_F64 = 0x7ff8000000000000n;
