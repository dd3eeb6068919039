/**
 * Terminators of custom MIR. An `assert` is a match on the bool and a call that panics.
 */

import { bug } from "../../entity/entity.ts";
import { PanicCode } from "../../runtime/events.ts";
import { structTail } from "../place-ty.ts";
import type { AssertKind, BasicBlock, BinOp, Operand, Place, Terminator, UnwindAction } from "../syntax.ts";
import { TY_U32, TY_UNIT, type Ty } from "../ty.ts";
import type { BodyCx } from "./body-cx.ts";
import { lastSegment } from "./callee.ts";
import { scalarText } from "./constants.ts";
import { NULLARY } from "./intrinsics.ts";
import { writeOperand, writePlace, writeTarget } from "./place.ts";
import { need, UnsupportedError } from "./support.ts";

export function writeTerminator(b: BodyCx, terminator: Terminator, block: BasicBlock): void {
  switch (terminator.kind) {
    case "goto":
      b.push(`Goto(bb${terminator.target})`);
      break;
    case "return":
      b.push("Return()");
      break;
    case "unreachable":
      b.push("Unreachable()");
      break;
    case "switchInt":
      writeSwitchInt(b, terminator);
      break;
    case "call":
      writeCall(b, terminator);
      break;
    case "tailCall": {
      need(b.module.support, "tailCall");
      const args = terminator.args.map((arg) => writeOperand(b, arg));
      b.push(`TailCall(${writeCallee(b, terminator.func)}(${args.join(", ")}))`);
      break;
    }
    case "drop":
      writeDrop(b, terminator);
      break;
    case "unwindResume":
      b.push("UnwindResume()");
      break;
    case "unwindTerminate":
      b.push(`UnwindTerminate(${terminateReason(terminator.reason)})`);
      break;
    case "assert":
      writeAssert(b, terminator, block);
      break;
  }
}

/** What has no size is dropped by a call of its glue, as the function for it takes values. */
function writeDrop(b: BodyCx, { place, target, unwind }: Extract<Terminator, { kind: "drop" }>): void {
  need(b.module.support, "drop");
  const ends = `ReturnTo(bb${target}), ${writeUnwind(b, unwind)}`;
  const ty = b.ty(place.local, place.projection);
  if (hasSize(b, ty)) {
    b.push(`Drop(${writePlace(b, place)}, ${ends})`);
    return;
  }
  const address = b.temp(b.module.tcx.ptr("mut", ty));
  b.push(`${address} = &raw mut ${writePlace(b, place)};`);
  b.push(`Call(${b.temp(TY_UNIT)} = core::ptr::drop_in_place(${address}), ${ends})`);
}

function hasSize(b: BodyCx, ty: Ty): boolean {
  const tail = structTail(ty, b.module.tcx);
  if (tail.kind === "param") return b.module.unsized.get(b.item)?.has(tail.index) !== true;
  return tail.kind !== "dynamic" && tail.kind !== "slice" && tail.kind !== "str";
}

function writeSwitchInt(b: BodyCx, terminator: Extract<Terminator, { kind: "switchInt" }>): void {
  const { discr, values, targets, otherwise } = terminator;
  const last = otherwise === undefined ? b.never() : `bb${otherwise}`;
  if (values.length === 0) {
    b.push(`Goto(${last})`);
    return;
  }
  need(b.module.support, "switchInt");
  const ty = b.operandTy(discr);
  const arms = values.map((value, i) => `${scalarText(ty, value, false)} => bb${targets[i]!}`);
  b.push(`match ${writeOperand(b, discr)} { ${arms.join(", ")}, _ => ${last} }`);
}

function writeCall(b: BodyCx, terminator: Extract<Terminator, { kind: "call" }>): void {
  const { func, args, destination, target, unwind } = terminator;
  const next = target === undefined ? b.never() : `bb${target}`;
  const intrinsic = intrinsicName(func);
  if (intrinsic !== undefined && NULLARY.has(intrinsic)) {
    b.push(`${writeTarget(b, destination)} = const { ${writeOperand(b, func)}() };`);
    b.push(`Goto(${next})`);
    return;
  }
  // Codegen reads it when it compiles the call.
  if (intrinsic === "simd_shuffle" && args[2]?.kind !== "const")
    throw new UnsupportedError("simd_shuffle in an order that is no constant");
  // Core's own `panic` has a name in common with the language's, which is told a code.
  const panics = intrinsic === "panic" ? b.operandTy(args[0]!) !== TY_U32 : PANICS.test(intrinsic ?? "");
  if (panics) {
    const panic = `${panicFunction(b)}(${EXPLICIT_PANIC}_u32)`;
    b.push(`Call(${writeTarget(b, destination)} = ${panic}, ReturnTo(${next}), ${writeUnwind(b, unwind)})`);
    return;
  }
  if (intrinsic !== undefined && ABORTS.test(intrinsic)) {
    b.push(`Call(${writeTarget(b, destination)} = ${abortFunction(b)}, ReturnTo(${next}), UnwindUnreachable())`);
    return;
  }
  if (intrinsic === "type_id" && writeTypeId(b, func, destination)) {
    b.push(`Goto(${next})`);
    return;
  }
  const values = args.map((arg) => (intrinsic === "type_id_eq" ? writeAsTypeId(b, arg) : writeOperand(b, arg)));
  b.push(
    `Call(${writeTarget(b, destination)} = ${writeCallee(b, func)}(${values.join(", ")}), ReturnTo(${next}), ${writeUnwind(b, unwind)})`,
  );
}

/** A program that brings its own `TypeId` gets core's bits in it. */
function writeTypeId(b: BodyCx, func: Operand, destination: Place): boolean {
  const ty = b.ty(destination.local, destination.projection);
  const asked = func.kind === "const" && func.value.kind === "fn" ? func.value.args[0] : undefined;
  if (asked === undefined || ty.kind !== "adt" || ty.def.prelude) return false;
  need(b.module.support, "constTypeId");
  const id = b.rawTemp("core::any::TypeId");
  b.push(`${id} = const { core::any::TypeId::of::<${b.module.names.ty(asked)}>() };`);
  b.push(`${writeTarget(b, destination)} = CastTransmute(${id});`);
  return true;
}

/** A type id as core's. */
function writeAsTypeId(b: BodyCx, operand: Operand): string {
  const ty = b.operandTy(operand);
  const text = writeOperand(b, operand);
  if (ty.kind !== "adt" || ty.def.prelude) return text;
  const id = b.rawTemp("core::any::TypeId");
  b.push(`${id} = CastTransmute(${text});`);
  return id;
}

/** Functions of core that panic, whatever they are given. */
const PANICS =
  /^(?:panic_(?!nounwind|cannot|in_cleanup)\w+|begin_panic|unwrap_failed|expect_failed|assert_failed|slice_\w*fail|(?:copy_from_slice_)?len_mismatch_fail)$/;

/** Those of them that may not unwind, and end the program. */
const ABORTS = /^panic_(?:nounwind\w*|cannot_unwind|in_cleanup)$/;

/** The code of a panic that is no assertion's. */
const EXPLICIT_PANIC = 0;

/** Rust lets a function that is evaluated at compile time call nothing else. */
function isConst(b: BodyCx): boolean {
  if (!b.module.constFns.has(b.item)) return false;
  b.module.names.needs.add("constPanic");
  return true;
}

function panicFunction(b: BodyCx): string {
  const name = b.module.unwinds ? "unwind" : "panic";
  return `crate::glue::${isConst(b) ? `const_${name}` : name}`;
}

function abortFunction(b: BodyCx): string {
  return isConst(b) ? `crate::glue::const_abort()` : "core::intrinsics::abort()";
}

/** What the compiler or core defines, by its last name. */
function intrinsicName(func: Operand): string | undefined {
  const isIntrinsic = func.kind === "const" && func.value.kind === "fn" && func.value.item.kind === "intrinsic";
  return isIntrinsic ? lastSegment(func.value.item.name) : undefined;
}

function writeCallee(b: BodyCx, func: Operand): string {
  if (func.kind !== "const") need(b.module.support, "indirectCall");
  const text = writeOperand(b, func);
  return func.kind === "const" || (func.kind === "copy" && func.place.projection.length === 0) ? text : `(${text})`;
}

/** In programs that end where they panic nothing ever unwinds. */
function writeUnwind(b: BodyCx, unwind: UnwindAction): string {
  if (!b.module.unwinds) return "UnwindUnreachable()";
  switch (unwind.kind) {
    case "continue":
      return "UnwindContinue()";
    case "unreachable":
      return "UnwindUnreachable()";
    case "terminate":
      return `UnwindTerminate(${terminateReason(unwind.reason)})`;
    case "cleanup":
      return `UnwindCleanup(bb${unwind.block})`;
  }
}

function terminateReason(reason: string): string {
  return reason === "abi" ? "ReasonAbi" : "ReasonInCleanup";
}

function writeAssert(
  b: BodyCx,
  { cond, expected, message, target, unwind }: Extract<Terminator, { kind: "assert" }>,
  block: BasicBlock,
): void {
  need(b.module.support, "neverCall");
  b.usesNeverLocal = true;
  const fail = `bbpanic${block}`;
  const panic = panicFunction(b);
  b.split(`match ${writeOperand(b, cond)} { ${expected} => bb${target}, _ => ${fail} }`, fail);
  b.push(`Call(never = ${panic}(${panicCode(message)}_u32), ReturnTo(${b.never()}), ${writeUnwind(b, unwind)})`);
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

/** The code that a failed assertion reports. */
export function panicCode(message: AssertKind): number {
  switch (message.kind) {
    case "boundsCheck":
      return PanicCode.BOUNDS_CHECK;
    case "divisionByZero":
      return PanicCode.DIVISION_BY_ZERO;
    case "remainderByZero":
      return PanicCode.REMAINDER_BY_ZERO;
    case "overflowNeg":
      return PanicCode.OVERFLOW_NEG;
    case "overflow": {
      const code = OVERFLOW_CODES[message.op];
      if (code === undefined) throw bug(`an overflow of ${message.op}`);
      return code;
    }
    default:
      return EXPLICIT_PANIC;
  }
}
