/** What a failed assertion says: the text that rustc's code prints (library/core/src/panicking.rs), not the one in MIR, which has operands' names. */

import { bug } from "../entity/entity.ts";
import type { AssertKind, BinOp, Operand } from "../mir/syntax.ts";
import type { Cls } from "./type-info.ts";

/** An assertion, as the instruction that fails it has it. */
export interface AssertSite {
  readonly message: AssertKind;
  readonly code: number;
  /** The classes of the operands that the text shows. */
  readonly shown: readonly Cls[];
}

/** The operands of an assertion that its text shows, in the order of `assertMessage`. */
export function shownOperands(message: AssertKind): readonly Operand[] {
  switch (message.kind) {
    case "boundsCheck":
      return [message.length, message.index];
    case "misalignedPointerDereference":
      return [message.required, message.found];
    case "invalidEnumConstruction":
      return [message.operand];
    default:
      return [];
  }
}

const OVERFLOWS: Readonly<Partial<Record<BinOp, string>>> = {
  Add: "add",
  Sub: "subtract",
  Mul: "multiply",
  Div: "divide",
  Rem: "calculate the remainder",
  Shl: "shift left",
  Shr: "shift right",
};

/** `values` are those of `shownOperands`, unsigned. */
export function assertMessage(message: AssertKind, values: readonly bigint[]): string {
  const hex = (i: number): string => `0x${values[i]?.toString(16)}`;
  switch (message.kind) {
    case "boundsCheck":
      return `index out of bounds: the len is ${values[0]} but the index is ${values[1]}`;
    case "overflowNeg":
      return "attempt to negate with overflow";
    case "divisionByZero":
      return "attempt to divide by zero";
    case "remainderByZero":
      return "attempt to calculate the remainder with a divisor of zero";
    case "overflow": {
      const operation = OVERFLOWS[message.op];
      if (operation === undefined) throw bug(`an assertion on overflow of ${message.op}`);
      return `attempt to ${operation} with overflow`;
    }
    case "misalignedPointerDereference":
      return `misaligned pointer dereference: address must be a multiple of ${hex(0)} but is ${hex(1)}`;
    case "nullPointerDereference":
      return "null pointer dereference occurred";
    case "invalidEnumConstruction":
      return `trying to construct an enum from an invalid value ${hex(0)}`;
    case "resumedAfterReturn":
    case "resumedAfterPanic":
      return message.what;
  }
}

/** Whether failing ends the process instead of unwinding: the checks that debug builds make of what would be undefined behaviour. */
export function failureAborts({ kind }: AssertKind): boolean {
  return (
    kind === "misalignedPointerDereference" || kind === "nullPointerDereference" || kind === "invalidEnumConstruction"
  );
}
