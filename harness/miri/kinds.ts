/**
 * What Miri's messages mean in the interpreter's kinds of undefined behaviour. A message may stand for several kinds, where the interpreter tells apart what
 * Miri does not.
 *
 * Source: `Display` of `UndefinedBehaviorInfo` and its like (rustc_middle/src/mir/interpret/error.rs, rustc_const_eval/src/errors.rs and
 * interpret/validity.rs), and Miri's own (`src/borrow_tracker`, `src/concurrency/data_race.rs`, `src/shims`).
 */

import type { UbKind } from "../../codegen/index.ts";

interface Row {
  readonly message: RegExp;
  readonly kinds: readonly UbKind[];
}

/** The first row that matches counts. */
const ROWS: readonly Row[] = [
  { message: /data race|Race condition/i, kinds: ["dataRace"] },
  { message: /overlapping ranges/, kinds: ["overlap"] },
  {
    message: /is forbidden|borrow stack|only grants|not granting access|is strongly protected|is protected/i,
    kinds: ["aliasing", "protectedPlace"],
  },
  { message: /uninitialized/, kinds: ["uninit"] },
  { message: /dead local/, kinds: ["deadLocal"] },
  // Also of the fields of a place, which the interpreter finds when it accesses them.
  {
    message: /in-bounds pointer arithmetic/,
    kinds: ["pointerArithmetic", "outOfBounds", "danglingPointer"],
  },
  { message: /pointer arithmetic|ptr_offset_from|`offset_from|is not within bounds/, kinds: ["pointerArithmetic"] },
  { message: /niched variant/, kinds: ["invalidNicheWrite"] },
  {
    message: /computing total size|transmuting from|called on|intrinsic produced|is out-of-bounds of vector|SIMD mask/,
    kinds: ["intrinsicPrecondition", "outOfBounds", "pointerArithmetic"],
  },
  { message: /ABI mismatch/, kinds: ["callSignature"] },
  { message: /contains a (?:function|vtable)/, kinds: ["danglingPointer"] },
  { message: /invalid reference metadata/, kinds: ["invalidMetadata"] },
  { message: /pointer must point to some allocation/, kinds: ["invalidFnPointer", "invalidVtable", "invalidDealloc"] },
  { message: /(?:incorrect layout on|^) ?deallocat|freeing|reallocat/, kinds: ["invalidDealloc"] },
  { message: /expected a boolean|as a bool/, kinds: ["invalidBool"] },
  { message: /unicode scalar value|as a char/, kinds: ["invalidChar"] },
  { message: /valid enum tag|invalid tag|valid discriminant|invalid enum/, kinds: ["invalidEnumTag"] },
  { message: /(?:reference|box|Box)\b/, kinds: ["invalidReference"] },
  { message: /function pointer|as a function/, kinds: ["invalidFnPointer"] },
  { message: /vtable/, kinds: ["invalidVtable"] },
  { message: /metadata/, kinds: ["invalidMetadata"] },
  { message: /uninhabited|never type|zero-variant/, kinds: ["uninhabited", "invalidEnumTag"] },
  { message: /expected something|out of (?:the )?range/, kinds: ["invalidValue"] },
  { message: /has been freed/, kinds: ["danglingPointer", "invalidDealloc"] },
  { message: /dangling|no provenance|null pointer/, kinds: ["danglingPointer"] },
  { message: /align/, kinds: ["misaligned"] },
  { message: /read-only|immutable/, kinds: ["writeToReadOnly"] },
  { message: /indexing out of bounds/, kinds: ["indexOutOfBounds"] },
  {
    message:
      /end of the allocation|out-of-bounds|bytes (?:to|from) the (?:end|beginning)|only \d+ byte|points to (?:before|after)|at or beyond/,
    kinds: ["outOfBounds"],
  },
  { message: /overflowing shift/, kinds: ["shiftOverflow"] },
  { message: /by zero|divisor of zero/, kinds: ["divisionByZero"] },
  { message: /signed (?:division|remainder)/, kinds: ["divisionOverflow"] },
  {
    message: /arithmetic overflow|without remainder/,
    kinds: ["uncheckedOverflow", "intrinsicPrecondition", "pointerArithmetic"],
  },
  { message: /unreachable code/, kinds: ["unreachable", "divergingReturn"] },
  { message: /assume/, kinds: ["assumeFalse", "intrinsicPrecondition", "shiftOverflow"] },
  { message: /calling a function/, kinds: ["callSignature"] },
  { message: /returned|function returning/, kinds: ["divergingReturn"] },
  { message: /unwinding past/, kinds: ["unwindUnreachable"] },
];

/** The kinds that a message stands for; empty for one that is not known. */
export function kindsOf(message: string): readonly UbKind[] {
  return ROWS.find((row) => row.message.test(message))?.kinds ?? [];
}
