/** Statements, terminators and operands of seasoned bodies. */

import {
  type BasicBlock,
  DUMMY_SP,
  type Local,
  type Operand,
  type Place,
  type Rvalue,
  type Span,
  type Statement,
  type Terminator,
  TY_BOOL,
  TY_U8,
} from "../../codegen/index.ts";

export const SEASON_SPAN: Span = DUMMY_SP;

export function placeOf(local: Local): Place {
  return { local, projection: [] };
}

export function assign(local: Local, rvalue: Rvalue): Statement {
  return { kind: "assign", place: placeOf(local), rvalue, span: SEASON_SPAN };
}

export function goto(target: BasicBlock): Terminator {
  return { kind: "goto", target, span: SEASON_SPAN };
}

export function switchOn(local: Local, value: bigint, target: BasicBlock, otherwise: BasicBlock): Terminator {
  const discr: Operand = { kind: "copy", place: placeOf(local) };
  return { kind: "switchInt", discr, values: [value], targets: [target], otherwise, span: SEASON_SPAN };
}

export function constU8(value: number): Operand {
  return { kind: "const", value: { kind: "scalar", ty: TY_U8, bits: BigInt(value) } };
}

export function constBool(value: boolean): Operand {
  return { kind: "const", value: { kind: "scalar", ty: TY_BOOL, bits: value ? 1n : 0n } };
}
