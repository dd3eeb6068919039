/**
 * Blocks and terminators. As rustc_codegen_ssa/src/mir/block.rs.
 *
 * Panics abort: an `unwind` action is never taken, so calls have one way back.
 */

import type { ArgAbi, FnAbi } from "../../abi/fn-abi.ts";
import { scalarType } from "../../abi/type-of.ts";
import { bug } from "../../entity/entity.ts";
import type { AssertKind, BasicBlockData, BinOp, Operand, Place, Terminator } from "../../mir/syntax.ts";
import { constSwitchTarget } from "../../monomorphize/mono-reachable.ts";
import { PanicCode } from "../../runtime/events.ts";
import { BackendType, type Block, type Value } from "../traits/types.ts";
import type { FunctionCx } from "./function-cx.ts";
import { codegenIntrinsic } from "./intrinsic.ts";
import {
  allocaPlace,
  immediate,
  immediateOf,
  loadOperand,
  OperandKind,
  type OperandRef,
  type PlaceRef,
  pair,
  scalarOf,
  storeOperand,
} from "./operand.ts";
import { codegenOperand, codegenPlace } from "./place.ts";
import { codegenStatement } from "./statement.ts";

type Of<K extends Terminator["kind"]> = Extract<Terminator, { kind: K }>;

export function codegenBlock(fx: FunctionCx, block: BasicBlockData): void {
  for (const statement of block.statements) codegenStatement(fx, statement);
  codegenTerminator(fx, block);
}

function codegenTerminator(fx: FunctionCx, block: BasicBlockData): void {
  const { terminator } = block;
  switch (terminator.kind) {
    case "goto":
      fx.bx.br(fx.block(terminator.target));
      return;
    case "switchInt":
      codegenSwitch(fx, block, terminator);
      return;
    case "return":
      codegenReturn(fx);
      return;
    case "unreachable":
      fx.bx.unreachable();
      return;
    case "assert":
      codegenAssert(fx, terminator);
      return;
    case "call":
      codegenCall(fx, terminator);
      return;
  }
}

function codegenSwitch(fx: FunctionCx, block: BasicBlockData, terminator: Of<"switchInt">): void {
  const { bx } = fx;
  const { discr, values, targets, otherwise } = terminator;
  const only = constSwitchTarget(block, undefined);
  if (only !== undefined) {
    bx.br(only === "unreachable" ? fx.unreachableBlock() : fx.block(only));
    return;
  }
  const operand = codegenOperand(fx, discr);
  const value = immediateOf(operand);
  const type = scalarType(scalarOf(operand.layout.layout));
  const target = (i: number): Block => fx.block(targets[i]!);
  const rest = (): Block => (otherwise === undefined ? fx.unreachableBlock() : fx.block(otherwise));
  if (values.length === 0) {
    bx.br(rest());
  } else if (type === BackendType.I1) {
    // A bool that both values name never takes `otherwise`.
    const zero = values.indexOf(0n);
    const one = values.indexOf(1n);
    bx.condBr(value, one >= 0 ? target(one) : rest(), zero >= 0 ? target(zero) : rest());
  } else if (values.length === 1) {
    bx.condBr(bx.icmp("eq", value, bx.constInt(type, values[0]!)), target(0), rest());
  } else {
    bx.switch(
      value,
      rest(),
      values.map((bits, i): readonly [bigint, Block] => [bits, target(i)]),
    );
  }
}

function codegenReturn(fx: FunctionCx): void {
  const { abi, bx } = fx;
  if (abi.ret.layout.layout.uninhabited) {
    bx.unreachable();
    return;
  }
  const { mode } = abi.ret;
  if (mode.kind === "ignore" || mode.kind === "indirect") {
    bx.ret([]);
    return;
  }
  const place = fx.places[0];
  const op = place === undefined ? fx.operand(0 as Place["local"]) : loadOperand(fx.cx, bx, place);
  bx.ret(mode.kind === "direct" ? [op.a] : [op.a, op.b]);
}

const OVERFLOW_CODES: Readonly<Partial<Record<BinOp, number>>> = {
  Add: PanicCode.OVERFLOW_ADD,
  Sub: PanicCode.OVERFLOW_SUB,
  Mul: PanicCode.OVERFLOW_MUL,
  Div: PanicCode.OVERFLOW_DIV,
  Rem: PanicCode.OVERFLOW_REM,
  Shl: PanicCode.OVERFLOW_SHL,
  Shr: PanicCode.OVERFLOW_SHR,
};

/** The `PanicCode` of an assertion that failed. */
export function panicCodeOf(message: AssertKind): number {
  switch (message.kind) {
    case "boundsCheck":
      return PanicCode.BOUNDS_CHECK;
    case "overflow": {
      const code = OVERFLOW_CODES[message.op];
      if (code === undefined) throw bug(`an overflow of ${message.op}`);
      return code;
    }
    case "overflowNeg":
      return PanicCode.OVERFLOW_NEG;
    case "divisionByZero":
      return PanicCode.DIVISION_BY_ZERO;
    case "remainderByZero":
      return PanicCode.REMAINDER_BY_ZERO;
    default:
      throw bug(`an assertion ${message.kind}`);
  }
}

function codegenAssert(fx: FunctionCx, { cond, expected, message, target }: Of<"assert">): void {
  const value = immediateOf(codegenOperand(fx, cond));
  const panic = fx.panicBlock(panicCodeOf(message));
  const next = fx.block(target);
  if (expected) fx.bx.condBr(value, next, panic);
  else fx.bx.condBr(value, panic, next);
}

/** Goes on after a call: to its target, or nowhere. */
function finishCall(fx: FunctionCx, target: number | undefined): void {
  if (target === undefined) fx.bx.unreachable();
  else fx.bx.br(fx.block(target));
}

function codegenCall(fx: FunctionCx, { func, args, destination, target }: Of<"call">): void {
  const { bx, cx } = fx;
  if (func.kind === "const" && func.value.kind === "fn") {
    const { item } = func.value;
    const tyArgs = func.value.args.map((arg) => fx.monomorphize(arg));
    const returnTo = returnDest(fx, destination);
    if (item.kind === "intrinsic") {
      const values = args.map((arg) => codegenOperand(fx, arg));
      const result = codegenIntrinsic(fx, item, tyArgs, values, returnTo.layout);
      if (result !== undefined) storeResult(fx, returnTo, destination, result);
    } else {
      const decl = cx.declOf(cx.resolve(item, tyArgs));
      emitCall(fx, decl.abi!, args, destination, returnTo, (values) => bx.call(decl, values));
    }
  } else {
    const callee = codegenOperand(fx, func);
    const { ty } = callee.layout;
    if (ty.kind !== "fnptr") throw bug(`a call of ${ty.text}`);
    const { abi, signature } = cx.fnPtrAbi(ty);
    const returnTo = returnDest(fx, destination);
    emitCall(fx, abi, args, destination, returnTo, (values) =>
      bx.callIndirect(signature, immediateOf(callee), values, abi),
    );
  }
  finishCall(fx, target);
}

/** Where a call's result goes; the address is computed before the call, as MIR says. No place: the destination is an operand. */
interface ReturnDest {
  readonly layout: PlaceRef["layout"];
  readonly place: PlaceRef | undefined;
}

function returnDest(fx: FunctionCx, destination: Place): ReturnDest {
  const { local, projection } = destination;
  if (projection.length === 0) return { layout: fx.layouts[local]!, place: fx.places[local] };
  const place = codegenPlace(fx, destination);
  return { layout: place.layout, place };
}

function storeResult(fx: FunctionCx, dest: ReturnDest, destination: Place, result: OperandRef): void {
  if (dest.place !== undefined) storeOperand(fx.bx, result, dest.place);
  else fx.operands[destination.local] = result;
}

function emitCall(
  fx: FunctionCx,
  abi: FnAbi,
  args: readonly Operand[],
  destination: Place,
  returnTo: ReturnDest,
  call: (values: readonly Value[]) => readonly Value[],
): void {
  const { bx } = fx;
  const values: Value[] = [];
  const temporaries: PlaceRef[] = [];
  const { mode, layout } = abi.ret;
  let sret: PlaceRef | undefined;
  if (mode.kind === "indirect") {
    // A place in a packed type may be too little aligned for the callee.
    const dest = returnTo.place;
    sret = dest !== undefined && dest.align >= layout.layout.align ? dest : allocaPlace(bx, layout);
    values.push(sret.ptr);
  }
  for (let i = 0; i < abi.args.length; i++) pushArgument(fx, values, temporaries, abi.args[i]!, args[i]!);
  const results = call(values);
  for (const slot of temporaries) bx.lifetimeEnd(slot.ptr, slot.layout.layout.size);
  if (mode.kind === "direct") storeResult(fx, returnTo, destination, immediate(layout, results[0]!));
  else if (mode.kind === "pair") storeResult(fx, returnTo, destination, pair(layout, results[0]!, results[1]!));
  else if (sret !== undefined && sret !== returnTo.place) {
    storeResult(fx, returnTo, destination, loadOperand(fx.cx, bx, sret));
  }
}

/**
 * Adds the values of one argument. The callee owns memory that it is passed: what is moved it may have as it is, of the rest it gets a copy.
 */
function pushArgument(fx: FunctionCx, values: Value[], temporaries: PlaceRef[], abi: ArgAbi, arg: Operand): void {
  const { bx } = fx;
  if (abi.mode.kind === "ignore") return;
  const op = codegenOperand(fx, arg);
  if (abi.mode.kind === "direct") {
    values.push(immediateOf(op));
  } else if (abi.mode.kind === "pair") {
    if (op.kind !== OperandKind.Pair) throw bug(`a pair was expected of ${op.layout.ty.text}`);
    values.push(op.a, op.b);
  } else if (arg.kind === "move" && op.kind === OperandKind.Ref && op.align >= abi.layout.layout.align) {
    values.push(op.a);
  } else {
    const slot = allocaPlace(bx, abi.layout);
    bx.lifetimeStart(slot.ptr, slot.layout.layout.size);
    storeOperand(bx, op, slot);
    temporaries.push(slot);
    values.push(slot.ptr);
  }
}
