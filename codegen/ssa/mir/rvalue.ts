/**
 * Rvalues: into a place, or as an operand. As rustc_codegen_ssa/src/mir/rvalue.rs.
 *
 * All operands of an aggregate are read before any of its fields is written. What lies in memory is copied last, so an aggregate must
 * not overlap its own memory operands: MIR forbids it.
 */

import { scalarType } from "../../abi/type-of.ts";
import { bug } from "../../entity/entity.ts";
import { fieldOf, fieldOffset, forVariant, tagFor } from "../../layout/layout.ts";
import type { BackendRepr, TyAndLayout } from "../../layout/types.ts";
import { discriminantTy } from "../../mir/place-ty.ts";
import type { Operand, Rvalue } from "../../mir/syntax.ts";
import { BackendType, type Value } from "../traits/types.ts";
import { operandPart } from "./analyze.ts";
import { codegenBinary, codegenUnary } from "./binop.ts";
import { codegenCast } from "./cast.ts";
import { codegenGetDiscr, codegenSetDiscr } from "./discriminant.ts";
import type { FunctionCx } from "./function-cx.ts";
import {
  allocaPlace,
  constScalar,
  convertScalar,
  immediate,
  loadOperand,
  OperandKind,
  type OperandRef,
  type PlaceRef,
  pair,
  scalarOf,
  storeOperand,
  zeroSized,
} from "./operand.ts";
import { codegenConsume, codegenOperand, codegenPlace, projectField } from "./place.ts";

type Aggregate = Extract<Rvalue, { kind: "aggregate" }>;
type Repeat = Extract<Rvalue, { kind: "repeat" }>;

/** Evaluates `rvalue` into `dest`, whose layout is the rvalue's. */
export function codegenRvalue(fx: FunctionCx, dest: PlaceRef, rvalue: Rvalue): void {
  switch (rvalue.kind) {
    case "aggregate":
      codegenAggregate(fx, dest, rvalue);
      return;
    case "repeat":
      codegenRepeat(fx, dest, rvalue);
      return;
    case "cast":
      if (rvalue.castKind === "Transmute") {
        storeOperand(fx.bx, codegenOperand(fx, rvalue.operand), dest);
        return;
      }
      break;
  }
  storeOperand(fx.bx, codegenRvalueOperand(fx, rvalue, dest.layout), dest);
}

/** Evaluates `rvalue`, of layout `to`, to an operand. */
export function codegenRvalueOperand(fx: FunctionCx, rvalue: Rvalue, to: TyAndLayout): OperandRef {
  switch (rvalue.kind) {
    case "use":
      return codegenOperand(fx, rvalue.operand);
    case "cast":
      return codegenCast(fx, rvalue.castKind, codegenOperand(fx, rvalue.operand), to);
    case "binary":
      return codegenBinary(fx, rvalue.op, codegenOperand(fx, rvalue.left), codegenOperand(fx, rvalue.right), to);
    case "unary":
      return codegenUnary(fx, rvalue.op, codegenOperand(fx, rvalue.operand), to);
    case "ref":
    case "rawPtr":
      return immediate(to, codegenPlace(fx, rvalue.place).ptr);
    case "discriminant":
      return discriminantOf(fx, rvalue, to);
    case "aggregate":
      return aggregateOperand(fx, rvalue, to);
    case "repeat": {
      if (to.layout.size === 0) return zeroSized(to);
      const slot = allocaPlace(fx.bx, to);
      codegenRepeat(fx, slot, rvalue);
      return loadOperand(fx.cx, fx.bx, slot);
    }
    default:
      throw bug(`an rvalue ${rvalue.kind}`);
  }
}

function discriminantOf(
  fx: FunctionCx,
  rvalue: Extract<Rvalue, { kind: "discriminant" }>,
  to: TyAndLayout,
): OperandRef {
  const { place } = rvalue;
  const inMemory = fx.places[place.local] !== undefined || place.projection.some((elem) => elem.kind === "deref");
  const source = inMemory ? codegenPlace(fx, place) : codegenConsume(fx, place);
  if (source.layout.ty.kind !== "adt" || source.layout.ty.def.adtKind !== "enum") {
    if (discriminantTy(source.layout.ty) !== to.ty) throw bug(`a discriminant of type ${to.ty.text}`);
  }
  return immediate(to, codegenGetDiscr(fx, source, to.layout));
}

/** The layout whose fields an aggregate's operands fill: the variant's, for an enum. */
function aggregateFields(fx: FunctionCx, rvalue: Aggregate, of: TyAndLayout): TyAndLayout {
  const { aggregate } = rvalue;
  return aggregate.kind === "adt" ? forVariant(fx.cx.layouts, of, aggregate.variant) : of;
}

function codegenAggregate(fx: FunctionCx, dest: PlaceRef, rvalue: Aggregate): void {
  const { aggregate, operands } = rvalue;
  const values = operands.map((operand) => codegenOperand(fx, operand));
  const fields: PlaceRef = { layout: aggregateFields(fx, rvalue, dest.layout), ptr: dest.ptr, align: dest.align };
  for (let i = 0; i < values.length; i++) {
    const value = values[i]!;
    if (value.kind !== OperandKind.ZeroSized) storeOperand(fx.bx, value, projectField(fx, fields, i));
  }
  if (aggregate.kind === "adt") codegenSetDiscr(fx, dest, aggregate.variant);
}

/** An aggregate as an operand: its scalars put together, or, where the layout does not show them as fields, through memory. */
function aggregateOperand(fx: FunctionCx, rvalue: Aggregate, to: TyAndLayout): OperandRef {
  if (to.layout.size === 0) return zeroSized(to);
  const values = rvalue.operands.map((operand) => codegenOperand(fx, operand));
  const built = buildOperand(fx, rvalue, values, to);
  if (built !== undefined) return built;
  const slot = allocaPlace(fx.bx, to);
  codegenAggregate(fx, slot, rvalue);
  return loadOperand(fx.cx, fx.bx, slot);
}

function buildOperand(
  fx: FunctionCx,
  { aggregate }: Aggregate,
  values: readonly OperandRef[],
  to: TyAndLayout,
): OperandRef | undefined {
  const { cx, bx } = fx;
  const repr = to.layout.backendRepr;
  if (repr.kind === "memory") return undefined;
  const { layouts } = cx;
  const from = aggregate.kind === "adt" ? forVariant(layouts, to, aggregate.variant) : to;
  let a: Value | undefined;
  let b: Value | undefined;
  for (let i = 0; i < values.length; i++) {
    const value = values[i]!;
    const part = operandPart(to.layout, fieldOffset(from.layout, i), fieldOf(layouts, from, i).layout);
    if (part === undefined) return undefined;
    if (part === "zst") continue;
    const inner = value.layout.layout.backendRepr;
    if (inner.kind === "scalarPair" && repr.kind === "scalarPair") {
      a = convertScalar(cx, bx, value.a, inner.a, repr.a);
      b = convertScalar(cx, bx, value.b, inner.b, repr.b);
    } else {
      const converted = convertScalar(cx, bx, value.a, scalarOf(value.layout.layout), partScalar(repr, part));
      if (part === "b") b = converted;
      else a = converted;
    }
  }
  const { variants } = to.layout;
  const bits = aggregate.kind === "adt" ? tagFor(layouts, to, aggregate.variant) : undefined;
  if (bits !== undefined && variants.kind === "multiple") {
    const part = repr.kind === "scalar" ? "whole" : variants.tagOffset === 0 ? "a" : "b";
    const tag = convertScalar(cx, bx, constScalar(cx, bx, variants.tag, bits), variants.tag, partScalar(repr, part));
    if (part === "b") b = tag;
    else a = tag;
  }
  if (repr.kind === "scalar") return immediate(to, a ?? bx.undef(scalarType(repr.scalar)));
  if (repr.kind !== "scalarPair") throw bug(`an operand of type ${to.ty.text}`);
  return pair(to, a ?? bx.undef(scalarType(repr.a)), b ?? bx.undef(scalarType(repr.b)));
}

function partScalar(repr: BackendRepr, part: "whole" | "a" | "b"): Extract<BackendRepr, { kind: "scalar" }>["scalar"] {
  if (repr.kind === "scalar") return repr.scalar;
  if (repr.kind !== "scalarPair") throw bug("a part of a value in memory");
  return part === "b" ? repr.b : repr.a;
}

/** `[operand; count]`: memset where all bytes are alike, a few stores, or a loop. */
function codegenRepeat(fx: FunctionCx, dest: PlaceRef, { operand, count }: Repeat): void {
  const { bx, cx } = fx;
  if (dest.layout.layout.size === 0) return;
  const value = codegenOperand(fx, operand);
  const element = fieldOf(cx.layouts, dest.layout, 0);
  const byte = uniformByte(operand, element.layout.size);
  if (byte !== undefined && count > 1) {
    bx.memset(dest.ptr, dest.align, byte, dest.layout.layout.size);
    return;
  }
  if (count <= cx.policy.unrolledRepeat) {
    for (let i = 0; i < count; i++) storeOperand(bx, value, projectField(fx, dest, i));
    return;
  }
  repeatLoop(fx, dest, value, element, count);
}

/** The byte that all bytes of a scalar constant are, if there is one. */
function uniformByte(operand: Operand, size: number): number | undefined {
  if (operand.kind !== "const" || operand.value.kind !== "scalar") return undefined;
  const { bits } = operand.value;
  const byte = bits & 0xffn;
  let pattern = 0n;
  for (let i = 0; i < size; i++) pattern = (pattern << 8n) | byte;
  return pattern === bits ? Number(byte) : undefined;
}

/** Writes `value` to each element; the counter lives in a slot, for builders have no phis. */
function repeatLoop(fx: FunctionCx, dest: PlaceRef, value: OperandRef, element: TyAndLayout, count: number): void {
  const { bx, cx } = fx;
  const usize = BackendType.I64;
  const counter = bx.alloca(cx.pointerSize, cx.pointerSize);
  const header = bx.appendBlock("repeat_header");
  const body = bx.appendBlock("repeat_body");
  const next = bx.appendBlock("repeat_next");
  bx.store(bx.constInt(usize, 0n), counter, cx.pointerSize);
  bx.br(header);
  bx.switchToBlock(header);
  const index = bx.load(usize, counter, cx.pointerSize);
  bx.condBr(bx.icmp("ult", index, bx.constInt(usize, BigInt(count))), body, next);
  bx.switchToBlock(body);
  const { size, align } = element.layout;
  storeOperand(bx, value, {
    layout: element,
    ptr: bx.ptrIndex(dest.ptr, index, size),
    align: Math.min(align, dest.align),
  });
  bx.store(bx.add(index, bx.constInt(usize, 1n)), counter, cx.pointerSize);
  bx.br(header);
  bx.switchToBlock(next);
}
