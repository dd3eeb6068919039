/**
 * The messages of assertions, which say what an `assert` checks (`AssertKind::fmt_assert_args` in rustc_middle/src/mir/terminator.rs).
 */

import type { AssertKind, BinOp, Operand } from "../syntax.ts";

interface Message {
  readonly operands: number;
  readonly make: (operands: readonly Operand[]) => AssertKind;
}

const MESSAGES: ReadonlyMap<string, Message> = new Map<string, Message>([
  [
    "index out of bounds: the length is {} but the index is {}",
    { operands: 2, make: ([length, index]) => ({ kind: "boundsCheck", length: length!, index: index! }) },
  ],
  ["attempt to compute `{} + {}`, which would overflow", overflow("Add")],
  ["attempt to compute `{} - {}`, which would overflow", overflow("Sub")],
  ["attempt to compute `{} * {}`, which would overflow", overflow("Mul")],
  ["attempt to compute `{} / {}`, which would overflow", overflow("Div")],
  ["attempt to compute the remainder of `{} % {}`, which would overflow", overflow("Rem")],
  ["attempt to compute `{} % {}`, which would overflow", overflow("Rem")],
  ["attempt to shift left by `{}`, which would overflow", shiftOverflow("Shl")],
  ["attempt to shift right by `{}`, which would overflow", shiftOverflow("Shr")],
  ["attempt to negate `{}`, which would overflow", of("overflowNeg")],
  ["attempt to divide `{}` by zero", of("divisionByZero")],
  ["attempt to calculate the remainder of `{}` with a divisor of zero", of("remainderByZero")],
  [
    "misaligned pointer dereference: address must be a multiple of {} but is {}",
    {
      operands: 2,
      make: ([required, found]) => ({ kind: "misalignedPointerDereference", required: required!, found: found! }),
    },
  ],
  ["null pointer dereference occurred", { operands: 0, make: () => ({ kind: "nullPointerDereference" }) }],
  ["trying to construct an enum from an invalid value {}", of("invalidEnumConstruction")],
]);

function of(kind: "overflowNeg" | "divisionByZero" | "remainderByZero" | "invalidEnumConstruction"): Message {
  return { operands: 1, make: ([operand]) => ({ kind, operand: operand! }) };
}

function overflow(op: BinOp): Message {
  return { operands: 2, make: ([left, right]) => ({ kind: "overflow", op, left: left!, right: right! }) };
}

/** The text gives the shift's amount alone: it stands for both operands. */
function shiftOverflow(op: BinOp): Message {
  return { operands: 1, make: ([amount]) => ({ kind: "overflow", op, left: amount!, right: amount! }) };
}

/** What an assertion with this message (with its quotes) checks; `undefined` when it is not known, or has other operands. */
export function assertKind(literal: string, operands: readonly Operand[]): AssertKind | undefined {
  const text = literal.slice(1, -1);
  const message = MESSAGES.get(text);
  if (message !== undefined) return message.operands === operands.length ? message.make(operands) : undefined;
  if (operands.length > 0) return undefined;
  if (/resumed after (?:completion|being dropped)|should just keep returning/.test(text)) {
    return { kind: "resumedAfterReturn", what: text };
  }
  return /resumed after panicking|should just keep panicking/.test(text)
    ? { kind: "resumedAfterPanic", what: text }
    : undefined;
}
