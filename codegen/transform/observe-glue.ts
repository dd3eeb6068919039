/**
 * Observe glue: for each type that a program observes, the MIR of a function that turns a value into event records.
 *
 * As rustc makes drop glue (rustc_mir_transform/src/shim.rs): `observe::<T>` resolves to `observe_glue::<T>(tag, v)`, whose body writes
 * the records of runtime/events.ts by the intrinsic `observe_scalar`. The glue of scalars and references takes the value itself; that of
 * aggregates takes a `*const T`, and the glue of `&T` for an aggregate is that of `T`.
 */

import { bug } from "../entity/entity.ts";
import { INTRINSICS } from "../mir/prelude.ts";
import type { FnItem, Operand, Place } from "../mir/syntax.ts";
import { discriminantTy } from "../mir/place-ty.ts";
import { TY_BOOL, TY_F32, TY_U128, TY_U32, TY_U64, TY_UNIT, TY_USIZE, type Ty, type TyCtxt, type TyOf, UNSIGNED_INTS } from "../mir/ty.ts";
import type { Instance } from "../monomorphize/mono-item.ts";
import { instanceOf } from "../monomorphize/symbol-names.ts";
import { CANONICAL_NAN_F32, CANONICAL_NAN_F64, EventKind } from "../runtime/events.ts";
import { DUMMY_SP } from "../session/diagnostic.ts";
import { constInt, copyOf, derefOf, local, ShimBuilder } from "./shim-builder.ts";

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
  const item: FnItem = {
    name,
    kind: "fn",
    generics: [],
    params: [TY_U32, byPointer ? tcx.ptr("not", ty) : ty],
    ret: TY_UNIT,
    inline: "none",
    abi: "Rust",
    body: undefined,
    span: DUMMY_SP,
  };
  const glue: ObserveGlue = { instance: instanceOf(item), byPointer };
  // Known before its body is made, so that recursive types end.
  table.byTy.set(ty, glue);
  const b = new ShimBuilder(item.params);
  buildGlue(tcx, b, ty);
  item.body = b.finish();
  return glue;
}

const TAG = 1;
const VALUE = 2;

function buildGlue(tcx: TyCtxt, b: ShimBuilder, ty: Ty): void {
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
      pointerGlue(tcx, b, ty);
      return;
    case "ref":
      observePlace(tcx, b, derefOf(VALUE), ty.pointee, false);
      b.return();
      return;
    case "array":
      arrayGlue(tcx, b, ty);
      return;
    case "tuple":
      observeFields(tcx, b, derefOf(VALUE), ty.fields, false);
      b.return();
      return;
    case "adt":
      adtGlue(tcx, b, ty);
      return;
    default:
      throw bug(`observe glue of ${ty.text}`);
  }
}

/** One record: `observe_scalar(kind, tag, low, high)`. */
function record(b: ShimBuilder, kind: number, low: Operand, high: Operand = constInt(TY_U64, 0n)): void {
  b.call(INTRINSICS.observeScalar, [], [constInt(TY_U32, BigInt(kind)), copyOf(local(TAG)), low, high]);
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

function integerGlue(b: ShimBuilder, ty: IntegerTy): void {
  let value = copyOf(local(VALUE));
  if (ty.kind === "int") value = b.cast("IntToInt", value, unsignedOf(ty));
  const wide = (ty.kind === "int" || ty.kind === "uint") && ty.width === 128;
  const low = ty.kind === "uint" && ty.width === 64 ? value : b.cast("IntToInt", value, TY_U64);
  if (wide) {
    const shifted = b.binary("Shr", value, constInt(TY_U32, 64n), TY_U128);
    record(b, integerKind(ty), low, b.cast("IntToInt", shifted, TY_U64));
  } else {
    record(b, integerKind(ty), low);
  }
  b.return();
}

/** The value's bits, or the canonical NaN: a NaN's sign and payload are not specified. */
function floatGlue(b: ShimBuilder, ty: TyOf<"float">): void {
  const single = ty === TY_F32;
  const kind = single ? EventKind.F32 : EventKind.F64;
  const value = copyOf(local(VALUE));
  const isNan = b.binary("Ne", value, value, TY_BOOL);
  const number = b.newBlock();
  const nan = b.newBlock();
  b.switchInt(isNan, [0n], [number], nan);
  b.startBlock(number);
  const bits = b.cast("Transmute", value, single ? TY_U32 : TY_U64);
  record(b, kind, single ? b.cast("IntToInt", bits, TY_U64) : bits);
  b.return();
  b.startBlock(nan);
  record(b, kind, constInt(TY_U64, single ? CANONICAL_NAN_F32 : CANONICAL_NAN_F64));
  b.return();
}

/** Addresses differ between compilers: only whether it is null counts. */
function pointerGlue(tcx: TyCtxt, b: ShimBuilder, ty: TyOf<"ptr"> | TyOf<"fnptr">): void {
  let pointer = copyOf(local(VALUE));
  if (ty.kind === "fnptr") pointer = b.cast("FnPtrToPtr", pointer, tcx.ptr("not", TY_UNIT));
  const address = b.cast("PointerExposeProvenance", pointer, TY_USIZE);
  const nonNull = b.binary("Ne", address, constInt(TY_USIZE, 0n), TY_BOOL);
  record(b, EventKind.POINTER, b.cast("IntToInt", nonNull, TY_U64));
  b.return();
}

function arrayGlue(tcx: TyCtxt, b: ShimBuilder, ty: TyOf<"array">): void {
  const index = b.newLocal(TY_USIZE);
  b.assign(index, { kind: "use", operand: constInt(TY_USIZE, 0n) });
  const header = b.newBlock();
  const body = b.newBlock();
  const done = b.newBlock();
  b.goto(header);
  b.startBlock(header);
  const more = b.binary("Lt", copyOf(index), constInt(TY_USIZE, BigInt(ty.length)), TY_BOOL);
  b.switchInt(more, [0n], [done], body);
  b.startBlock(body);
  const element: Place = { local: derefOf(VALUE).local, projection: [{ kind: "deref" }, { kind: "index", local: index.local }] };
  observePlace(tcx, b, element, ty.element, false);
  b.assign(index, { kind: "binary", op: "Add", left: copyOf(index), right: constInt(TY_USIZE, 1n) });
  b.goto(header);
  b.startBlock(done);
  b.return();
}

function adtGlue(tcx: TyCtxt, b: ShimBuilder, ty: TyOf<"adt">): void {
  const place = derefOf(VALUE);
  const { def } = ty;
  if (def.adtKind === "struct") {
    observeFields(tcx, b, place, tcx.fieldTys(ty, 0), def.repr.packed !== undefined);
    b.return();
    return;
  }
  const discr = b.newLocal(discriminantTy(ty));
  b.assign(discr, { kind: "discriminant", place });
  const width = bitsOfInt(discriminantTy(ty));
  const variants = def.variants.flatMap((variant, index) => {
    const fields = tcx.fieldTys(ty, index);
    // No value is in a variant that has a field without values.
    return fields.some(isUninhabited) ? [] : [{ index, fields, name: variant.name, bits: BigInt.asUintN(width, variant.discriminant) }];
  });
  const blocks = variants.map(() => b.newBlock());
  const none = b.newBlock();
  b.switchInt(copyOf(discr), variants.map((v) => v.bits), blocks, none);
  for (let i = 0; i < variants.length; i++) {
    const { index, fields, name } = variants[i]!;
    b.startBlock(blocks[i]!);
    record(b, EventKind.VARIANT, constInt(TY_U64, BigInt(index)));
    const downcast: Place = { local: place.local, projection: [...place.projection, { kind: "downcast", variant: index, name }] };
    observeFields(tcx, b, downcast, fields, false);
    b.return();
  }
  b.startBlock(none);
  b.unreachable();
}

function bitsOfInt(ty: Ty): number {
  if (ty.kind !== "int" && ty.kind !== "uint") throw bug(`a discriminant of type ${ty.text}`);
  return ty.width === "size" ? 64 : ty.width;
}

/** As rustc's inhabitedness: whether no value of the type exists. */
function isUninhabited(ty: Ty): boolean {
  switch (ty.kind) {
    case "never":
      return true;
    case "tuple":
      return ty.fields.some(isUninhabited);
    case "array":
      return ty.length > 0 && isUninhabited(ty.element);
    case "adt":
      return ty.def.variants.every((v) => v.fields.some((f) => isUninhabited(f.ty)));
    default:
      return false;
  }
}

function observeFields(tcx: TyCtxt, b: ShimBuilder, base: Place, tys: readonly Ty[], packed: boolean): void {
  tys.forEach((ty, index) => {
    const place: Place = { local: base.local, projection: [...base.projection, { kind: "field", index, ty }] };
    observePlace(tcx, b, place, ty, packed);
  });
}

/** Observes what is at `place`: by value or by address, as the type's glue wants it. */
function observePlace(tcx: TyCtxt, b: ShimBuilder, place: Place, ty: Ty, packed: boolean): void {
  const glue = observeGlue(tcx, ty);
  if (glue === undefined) return;
  let value: Operand;
  if (!glue.byPointer) {
    value = b.use(copyOf(place), ty);
  } else {
    let source = place;
    if (packed) {
      // The field may be too little aligned for the glue.
      source = b.newLocal(ty);
      b.assign(source, { kind: "use", operand: copyOf(place) });
    }
    const pointer = b.newLocal(tcx.ptr("not", ty));
    b.assign(pointer, { kind: "rawPtr", mutability: "not", place: source });
    value = copyOf(pointer);
  }
  b.call(glue.instance.item, [], [copyOf(local(TAG)), value]);
}
