/**
 * Undefined behaviour: the closed list of what the interpreter detects, and where a program did it.
 *
 * The list follows Miri's (rustc_middle/src/mir/interpret/error.rs). What is not detected is said in `interpret.ts`.
 */

import type { Span } from "../session/diagnostic.ts";

export type UbKind =
  /** Bytes or a local were read before they were written, or after a move. */
  | "uninit"
  /** A local was used outside its `StorageLive` … `StorageDead`. */
  | "deadLocal"
  /** A pointer to memory that is gone, or without provenance, was used. */
  | "danglingPointer"
  | "outOfBounds"
  | "misaligned"
  /** `array[i]` with `i` not below the length, in MIR itself: an assertion should have guarded it. */
  | "indexOutOfBounds"
  | "invalidBool"
  | "invalidChar"
  | "invalidEnumTag"
  /** A reference that is null, dangling, out of bounds or misaligned. */
  | "invalidReference"
  | "invalidFnPointer"
  /** A value of a type without values, or a return from a function that returns `!`. */
  | "uninhabited"
  /** `AddUnchecked` and the like left the type's range. */
  | "uncheckedOverflow"
  /** `ShlUnchecked`, `ShrUnchecked` by at least the width. */
  | "shiftOverflow"
  | "divisionByZero"
  /** `MIN / -1`, `MIN % -1`. */
  | "divisionOverflow"
  /** `Offset` left its allocation or wrapped around. */
  | "pointerArithmetic"
  | "unreachable"
  | "assumeFalse"
  /** Source and destination of an assignment, or the places of a call, overlap. */
  | "overlap"
  /** A function pointer was called at another type than the function's. */
  | "callSignature"
  /** A call without a return target returned. */
  | "divergingReturn"
  /** The callee wrote to the caller's return place or to a moved argument. */
  | "protectedPlace"
  /** `SetDiscriminant` to the untagged variant while its niche holds another variant's tag. */
  | "invalidNicheWrite";

export interface UbFrame {
  readonly function: string;
  readonly block: number;
  /** The statement's index; the terminator's is the number of statements. */
  readonly statement: number;
  readonly span: Span;
}

export interface UbError extends UbFrame {
  readonly kind: UbKind;
  readonly message: string;
  /** The statement or terminator as far as it names the place, such as `_3 = …`; empty when there is none. */
  readonly place: string;
  /** The allocation that was accessed, where one was. */
  readonly allocation?: {
    readonly id: number;
    readonly size: number;
    readonly alive: boolean;
    readonly offset: number;
  };
  /** Innermost first; the first is where the error is. */
  readonly backtrace: readonly UbFrame[];
}

/** Thrown by the machine where undefined behaviour happens; the run turns it into a `UbError`. */
export class UbTrap extends Error {
  readonly kind: UbKind;
  readonly allocation: UbError["allocation"];

  constructor(kind: UbKind, message: string, allocation?: UbError["allocation"]) {
    super(message);
    this.kind = kind;
    this.allocation = allocation;
  }
}

/** Thrown when a program needs what the interpreter does not have. */
export class Unsupported extends Error {}
