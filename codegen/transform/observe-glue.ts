/**
 * Observe glue: for each type that a program observes, the MIR of a function that turns a value into event records.
 *
 * As rustc makes drop glue (rustc_mir_transform/src/shim.rs): `observe::<T>` resolves to `observe_glue::<T>(tag, v)`, whose body writes
 * the records of runtime/events.ts by the intrinsic `observe_scalar`. The glue of scalars and references takes the value itself; that of
 * aggregates takes a `*const T`, and the glue of `&T` for an aggregate is that of `T`.
 */

import { bug } from "../entity/entity.ts";
import * as mir from "../mir/builder.ts";
import { BodyBuilder } from "../mir/builder.ts";
import { intBits } from "../mir/literal.ts";
import { discriminantTy } from "../mir/place-ty.ts";
import { INTRINSICS } from "../mir/prelude.ts";
import type { FnItem, Operand, Place } from "../mir/syntax.ts";
import {
  isIntegral,
  TY_BOOL,
  TY_F32,
  TY_U32,
  TY_U64,
  TY_U128,
  TY_UNIT,
  TY_USIZE,
  type Ty,
  type TyCtxt,
  type TyOf,
  UNSIGNED_INTS,
} from "../mir/ty.ts";
import type { Instance } from "../monomorphize/mono-item.ts";
import { instanceOf } from "../monomorphize/symbol-names.ts";
import { CANONICAL_NAN_F32, CANONICAL_NAN_F64, EventKind } from "../runtime/events.ts";

export interface ObserveGlue {
  readonly instance: Instance;
  /** The second argument is a `*const T`, not a `T`. */
  readonly byPointer: boolean;
}

interface GlueTable {
  readonly byTy: Map<Ty, ObserveGlue | undefined>;
  /** Names taken: types of different programs may print alike. */
  readonly names: Set<string>;
}

const tables = new WeakMap<TyCtxt, GlueTable>();

/** The glue of `ty`, the same each time; undefined when values of `ty` leave no records. */
export function observeGlue(tcx: TyCtxt, ty: Ty): ObserveGlue | undefined {
  let table = tables.get(tcx);
  if (table === undefined) {
    table = { byTy: new Map(), names: new Set() };
    tables.set(tcx, table);
  }
  if (table.byTy.has(ty)) return table.byTy.get(ty);
  if (leavesRecords(ty)) return declareGlue(tcx, table, ty);
  table.byTy.set(ty, undefined);
  return undefined;
}

/** Whether a value of `ty` leaves any record. */
function leavesRecords(ty: Ty): boolean {
  switch (ty.kind) {
    case "never":
      return false;
    case "tuple":
      return ty.fields.some(leavesRecords);
    case "array":
      return ty.length > 0 && leavesRecords(ty.element);
    case "ref":
      return leavesRecordsBehindRef(ty.pointee);
    case "adt":
      return ty.def.adtKind === "enum" || ty.def.variants.some((v) => v.fields.length > 0);
    default:
      return true;
  }
}

/** As `leavesRecords`, but ends on types that refer to themselves: only plain data can be shown to be empty. */
function leavesRecordsBehindRef(ty: Ty): boolean {
  return ty.kind === "ref" ? leavesRecordsBehindRef(ty.pointee) : leavesRecords(ty);
}

function isAggregate(ty: Ty): boolean {
  return ty.kind === "tuple" || ty.kind === "array" || ty.kind === "adt";
}

function declareGlue(tcx: TyCtxt, table: GlueTable, ty: Ty): ObserveGlue {
  // A reference to an aggregate is the pointer that the aggregate's own glue takes.
  if (ty.kind === "ref" && isAggregate(ty.pointee)) {
    const inner = observeGlue(tcx, ty.pointee);
    if (inner === undefined) throw bug(`no glue for ${ty.pointee.text}`);
    const glue: ObserveGlue = { instance: inner.instance, byPointer: false };
    table.byTy.set(ty, glue);
    return glue;
  }
  const byPointer = isAggregate(ty);
  const base = `observe_glue::<${ty.text}>`;
  let name = base;
  for (let n = 1; table.names.has(name); n++) name = `${base}.${n}`;
  table.names.add(name);
  const item: FnItem = mir.newFn(name, [TY_U32, byPointer ? tcx.ptr("not", ty) : ty], TY_UNIT);
  const glue: ObserveGlue = { instance: instanceOf(item), byPointer };
  // Known before its body is made, so that recursive types end.
  table.byTy.set(ty, glue);
  const b = new BodyBuilder(tcx, item.params, item.ret);
  buildGlue(b, ty);
  item.body = b.finish();
  return glue;
}

const TAG = 1;
const VALUE = 2;
/** What the argument points to. */
const POINTEE: Place = mir.place(VALUE, mir.deref());

function buildGlue(b: BodyBuilder, ty: Ty): void {
  switch (ty.kind) {
    case "bool":
    case "char":
    case "int":
    case "uint":
      integerGlue(b, ty);
      return;
    case "float":
      floatGlue(b, ty);
      return;
    case "ptr":
    case "fnptr":
      pointerGlue(b, ty);
      return;
    case "ref":
      observePlace(b, POINTEE, ty.pointee, false);
      b.terminate(mir.ret());
      return;
    case "array":
      arrayGlue(b, ty);
      return;
    case "tuple":
      observeFields(b, POINTEE, ty.fields, false);
      b.terminate(mir.ret());
      return;
    case "adt":
      adtGlue(b, ty);
      return;
    default:
      throw bug(`observe glue of ${ty.text}`);
  }
}

/** Calls a function that returns `()`. */
function callUnit(b: BodyBuilder, item: FnItem, args: readonly Operand[]): void {
  b.call(b.newLocal(TY_UNIT), mir.fnRef(item), args);
}

/** One record: `observe_scalar(kind, tag, low, high)`. */
function record(b: BodyBuilder, kind: number, low: Operand, high: Operand = mir.constInt(TY_U64, 0)): void {
  callUnit(b, INTRINSICS.observeScalar, [mir.constInt(TY_U32, kind), mir.copy(TAG), low, high]);
}

/** `rvalue` in a local of its own, so that the locals analysis keeps it out of memory. */
function value(b: BodyBuilder, ty: Ty, rvalue: ReturnType<typeof mir.use>): Operand {
  return mir.copy(b.temp(ty, rvalue));
}

type IntegerTy = TyOf<"bool"> | TyOf<"char"> | TyOf<"int"> | TyOf<"uint">;

/** The record kind of a type that is one integer in memory. */
function integerKind(ty: IntegerTy): number {
  if (ty.kind === "bool") return EventKind.BOOL;
  if (ty.kind === "char") return EventKind.CHAR;
  const signed = ty.kind === "int";
  switch (ty.width) {
    case 8:
      return signed ? EventKind.I8 : EventKind.U8;
    case 16:
      return signed ? EventKind.I16 : EventKind.U16;
    case 32:
      return signed ? EventKind.I32 : EventKind.U32;
    case 64:
      return signed ? EventKind.I64 : EventKind.U64;
    case 128:
      return signed ? EventKind.I128 : EventKind.U128;
    case "size":
      return signed ? EventKind.ISIZE : EventKind.USIZE;
  }
}

/** The unsigned type of a signed one's width: what a cast to a wider type then zero-extends. */
function unsignedOf(ty: TyOf<"int">): Ty {
  const found = UNSIGNED_INTS.find((u) => u.kind === "uint" && u.width === ty.width);
  if (found === undefined) throw bug(`no unsigned type as wide as ${ty.text}`);
  return found;
}

function integerGlue(b: BodyBuilder, ty: IntegerTy): void {
  let bits = mir.copy(VALUE);
  if (ty.kind === "int") {
    const unsigned = unsignedOf(ty);
    bits = value(b, unsigned, mir.cast("IntToInt", bits, unsigned));
  }
  const low = ty.kind === "uint" && ty.width === 64 ? bits : value(b, TY_U64, mir.cast("IntToInt", bits, TY_U64));
  if (isIntegral(ty) && ty.width === 128) {
    const shifted = value(b, TY_U128, mir.binary("Shr", bits, mir.constInt(TY_U32, 64)));
    record(b, integerKind(ty), low, value(b, TY_U64, mir.cast("IntToInt", shifted, TY_U64)));
  } else {
    record(b, integerKind(ty), low);
  }
  b.terminate(mir.ret());
}

/** The value's bits, or the canonical NaN: a NaN's sign and payload are not specified. */
function floatGlue(b: BodyBuilder, ty: TyOf<"float">): void {
  const single = ty === TY_F32;
  const kind = single ? EventKind.F32 : EventKind.F64;
  const isNan = value(b, TY_BOOL, mir.binary("Ne", mir.copy(VALUE), mir.copy(VALUE)));
  const number = b.newBlock();
  const nan = b.newBlock();
  b.terminate(mir.branch(isNan, nan, number));
  b.switchTo(number);
  const bitsTy = single ? TY_U32 : TY_U64;
  const bits = value(b, bitsTy, mir.cast("Transmute", mir.copy(VALUE), bitsTy));
  record(b, kind, single ? value(b, TY_U64, mir.cast("IntToInt", bits, TY_U64)) : bits);
  b.terminate(mir.ret());
  b.switchTo(nan);
  record(b, kind, mir.constInt(TY_U64, single ? CANONICAL_NAN_F32 : CANONICAL_NAN_F64));
  b.terminate(mir.ret());
}

/** Addresses differ between compilers: only whether it is null counts. */
function pointerGlue(b: BodyBuilder, ty: TyOf<"ptr"> | TyOf<"fnptr">): void {
  let pointer = mir.copy(VALUE);
  if (ty.kind === "fnptr") {
    const data = b.tcx.ptr("not", TY_UNIT);
    pointer = value(b, data, mir.cast("FnPtrToPtr", pointer, data));
  }
  const address = value(b, TY_USIZE, mir.cast("PointerExposeProvenance", pointer, TY_USIZE));
  const nonNull = value(b, TY_BOOL, mir.binary("Ne", address, mir.constInt(TY_USIZE, 0)));
  record(b, EventKind.POINTER, value(b, TY_U64, mir.cast("IntToInt", nonNull, TY_U64)));
  b.terminate(mir.ret());
}

function arrayGlue(b: BodyBuilder, ty: TyOf<"array">): void {
  const index = b.temp(TY_USIZE, mir.use(mir.constInt(TY_USIZE, 0)));
  const header = b.jump();
  const body = b.newBlock();
  const done = b.newBlock();
  const more = value(b, TY_BOOL, mir.binary("Lt", mir.copy(index), mir.constInt(TY_USIZE, ty.length)));
  b.terminate(mir.branch(more, body, done));
  b.switchTo(body);
  observePlace(b, mir.project(POINTEE, mir.indexBy(index)), ty.element, false);
  b.assign(index, mir.binary("Add", mir.copy(index), mir.constInt(TY_USIZE, 1)));
  b.terminate(mir.goto(header));
  b.switchTo(done);
  b.terminate(mir.ret());
}

function adtGlue(b: BodyBuilder, ty: TyOf<"adt">): void {
  const { def } = ty;
  if (def.adtKind === "struct") {
    observeFields(b, POINTEE, b.tcx.fieldTys(ty, 0), def.repr.packed !== undefined);
    b.terminate(mir.ret());
    return;
  }
  const discrTy = discriminantTy(ty);
  if (!isIntegral(discrTy)) throw bug(`a discriminant of type ${discrTy.text}`);
  const discr = value(b, discrTy, mir.discriminantOf(POINTEE));
  const variants = def.variants.flatMap((variant, index) => {
    const fields = b.tcx.fieldTys(ty, index);
    // No value is in a variant that has a field without values.
    if (fields.some((field) => isUninhabited(b.tcx, field))) return [];
    return [{ index, fields, bits: BigInt.asUintN(intBits(discrTy), variant.discriminant), block: b.newBlock() }];
  });
  const none = b.newBlock();
  const arms = variants.map(({ bits, block }): [bigint, number] => [bits, block]);
  b.terminate(mir.switchInt(discr, arms, none));
  for (const { index, fields, block } of variants) {
    b.switchTo(block);
    record(b, EventKind.VARIANT, mir.constInt(TY_U64, index));
    observeFields(b, mir.project(POINTEE, mir.downcast(ty, index)), fields, false);
    b.terminate(mir.ret());
  }
  b.switchTo(none);
  b.terminate(mir.unreachable());
}

/** As rustc's inhabitedness: whether no value of the type exists. */
function isUninhabited(tcx: TyCtxt, ty: Ty): boolean {
  switch (ty.kind) {
    case "never":
      return true;
    case "tuple":
      return ty.fields.some((field) => isUninhabited(tcx, field));
    case "array":
      return ty.length > 0 && isUninhabited(tcx, ty.element);
    case "adt":
      return ty.def.variants.every((_, v) => tcx.fieldTys(ty, v).some((field) => isUninhabited(tcx, field)));
    default:
      return false;
  }
}

function observeFields(b: BodyBuilder, base: Place, tys: readonly Ty[], packed: boolean): void {
  tys.forEach((ty, index) => {
    observePlace(b, mir.project(base, mir.field(index, ty)), ty, packed);
  });
}

/** Observes what is at `place`: by value or by address, as the type's glue wants it. */
function observePlace(b: BodyBuilder, place: Place, ty: Ty, packed: boolean): void {
  const glue = observeGlue(b.tcx, ty);
  if (glue === undefined) return;
  let passed: Operand;
  if (glue.byPointer) {
    // A field of a packed type may be too little aligned for the glue.
    const source = packed ? mir.place(b.temp(ty, mir.use(mir.copy(place)))) : place;
    passed = value(b, b.tcx.ptr("not", ty), mir.rawPtrTo("not", source));
  } else if (ty.kind === "ref" && isAggregate(ty.pointee)) {
    // The glue of a reference to an aggregate is the aggregate's own, which takes a raw pointer.
    passed = value(b, b.tcx.ptr("not", ty.pointee), mir.rawPtrTo("not", mir.project(place, mir.deref())));
  } else {
    passed = value(b, ty, mir.use(mir.copy(place)));
  }
  callUnit(b, glue.instance.item, [mir.copy(TAG), passed]);
}
