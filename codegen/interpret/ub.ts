/**
 * Undefined behaviour: the closed list of what the interpreter detects, and where a program did it.
 *
 * The list follows Miri's (rustc_middle/src/mir/interpret/error.rs).
 */

import type { Span } from "../session/diagnostic.ts";
import type { BorrowViolation } from "./borrow-tracker/violation.ts";
import type { DataRace } from "./concurrency/data-race.ts";

export type UbKind =
  /** Bytes or a local were read before they were written, or after a move. */
  | "uninit"
  /** A local was used outside its `StorageLive` … `StorageDead`. */
  | "deadLocal"
  /** A pointer to memory that is gone, or without provenance, was used. */
  | "danglingPointer"
  | "outOfBounds"
  | "misaligned"
  /** A write to a constant, a vtable, or a static that is not `mut` and has no interior mutability. */
  | "writeToReadOnly"
  /** `array[i]` with `i` not below the length, in MIR itself: an assertion should have guarded it. */
  | "indexOutOfBounds"
  | "invalidBool"
  | "invalidChar"
  | "invalidEnumTag"
  /** A reference (or `Box`) that is null, dangling, out of bounds or misaligned. */
  | "invalidReference"
  | "invalidFnPointer"
  /** The metadata of a `dyn` pointer that is no vtable, or that of another trait. */
  | "invalidVtable"
  /** A slice or `str` whose length makes it larger than the address space. */
  | "invalidMetadata"
  /** A value outside of what its type allows (`rustc_layout_scalar_valid_range`), such as a `NonZero` that is zero. */
  | "invalidValue"
  /** A value of a type without values, or a return from a function that returns `!`. */
  | "uninhabited"
  /** `AddUnchecked`, `unchecked_*`, `exact_div` and the like left the type's range. */
  | "uncheckedOverflow"
  /** `ShlUnchecked`, `ShrUnchecked` by at least the width. */
  | "shiftOverflow"
  | "divisionByZero"
  /** `MIN / -1`, `MIN % -1`. */
  | "divisionOverflow"
  /** `Offset`, `ptr_offset_from` … left their allocation or wrapped around. */
  | "pointerArithmetic"
  | "unreachable"
  | "assumeFalse"
  /** Source and destination of an assignment, of `copy_nonoverlapping`, or the places of a call, overlap. */
  | "overlap"
  /** A function pointer was called at another type than the function's, or at another ABI. */
  | "callSignature"
  /** A call without a return target returned. */
  | "divergingReturn"
  /** Unwinding out of a call whose unwind action is `unreachable`. */
  | "unwindUnreachable"
  /** The callee wrote to the caller's return place or to a moved argument. */
  | "protectedPlace"
  /** `SetDiscriminant` to the untagged variant while its niche holds another variant's tag. */
  | "invalidNicheWrite"
  /** Memory was freed twice, that is not the heap's, from its middle, or with another size or alignment. */
  | "invalidDealloc"
  /** A violation of Tree or Stacked Borrows. */
  | "aliasing"
  | "dataRace"
  /** A precondition of an intrinsic that no other kind names. */
  | "intrinsicPrecondition";

const KINDS: Readonly<Record<UbKind, true>> = {
  uninit: true,
  deadLocal: true,
  danglingPointer: true,
  outOfBounds: true,
  misaligned: true,
  writeToReadOnly: true,
  indexOutOfBounds: true,
  invalidBool: true,
  invalidChar: true,
  invalidEnumTag: true,
  invalidReference: true,
  invalidFnPointer: true,
  invalidVtable: true,
  invalidMetadata: true,
  invalidValue: true,
  uninhabited: true,
  uncheckedOverflow: true,
  shiftOverflow: true,
  divisionByZero: true,
  divisionOverflow: true,
  pointerArithmetic: true,
  unreachable: true,
  assumeFalse: true,
  overlap: true,
  callSignature: true,
  divergingReturn: true,
  unwindUnreachable: true,
  protectedPlace: true,
  invalidNicheWrite: true,
  invalidDealloc: true,
  aliasing: true,
  dataRace: true,
  intrinsicPrecondition: true,
};

/** All kinds. */
export const UB_KINDS: readonly UbKind[] = Object.keys(KINDS) as UbKind[];

export interface UbFrame {
  readonly function: string;
  readonly block: number;
  /** The statement's index; the terminator's is the number of statements. */
  readonly statement: number;
  readonly span: Span;
}

/** A number of bytes, as messages say it. */
export function bytesText(count: number): string {
  return Math.abs(count) === 1 ? `${count} byte` : `${count} bytes`;
}

/** What is known of an allocation where something went wrong; positions are the machine's. */
export interface AllocationReport {
  readonly id: number;
  readonly kind: "stack" | "heap" | "global" | "function" | "vtable";
  readonly size: number;
  readonly align: number;
  readonly alive: boolean;
  /** Of the pointer, in bytes. */
  readonly offset: number;
  readonly bornAt: number;
  readonly diedAt: number | undefined;
}

export interface UbError extends UbFrame {
  readonly kind: UbKind;
  readonly message: string;
  /** The statement or terminator as MIR text. */
  readonly place: string;
  /** The allocation that was accessed, where one was, and its history. */
  readonly allocation?: {
    readonly id: number;
    /** What it is of: a local, a static or constant, a function, the types of a vtable. */
    readonly owner?: string;
    readonly kind: AllocationReport["kind"];
    readonly size: number;
    readonly align: number;
    readonly alive: boolean;
    readonly offset: number;
    readonly allocatedAt?: UbFrame;
    readonly freedAt?: UbFrame;
  };
  /** Other places that matter: where a tag was created, what took its permission, the other access of a race. */
  readonly notes: readonly { readonly what: string; readonly at: UbFrame | undefined }[];
  /** Innermost first; the first is where the error is. */
  readonly backtrace: readonly UbFrame[];
  readonly thread: number;
}

/** Thrown by the machine where undefined behaviour happens; the run turns it into a `UbError`. */
export class UbTrap extends Error {
  readonly kind: UbKind;
  readonly allocation: AllocationReport | undefined;
  readonly violation: BorrowViolation | undefined;
  readonly race: DataRace | undefined;
  /** The address of the byte of a frame that was not initialised. */
  readonly byte: number | undefined;

  constructor(
    kind: UbKind,
    message: string,
    allocation?: AllocationReport,
    more: { readonly violation?: BorrowViolation; readonly race?: DataRace; readonly byte?: number } = {},
  ) {
    super(message);
    this.kind = kind;
    this.allocation = allocation;
    this.violation = more.violation;
    this.race = more.race;
    this.byte = more.byte;
  }
}

/** Thrown when a program needs what the interpreter does not have. */
export class Unsupported extends Error {}

/** Thrown when a program needs more than the interpreter gives: stack, memory, threads (Miri's `ResourceExhaustion`). */
export class ResourceExhaustion extends Error {}
