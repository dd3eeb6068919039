/**
 * Which types are passed alike in calls, as far as Rust promises it: only between those may the type of a function pointer and that of
 * the function it points to differ.
 *
 * Source: core's documentation of the primitive type `fn`, "ABI compatibility". Miri (rustc_const_eval/src/interpret/call.rs) goes a little
 * beyond it and takes whatever is passed as one pointer for compatible.
 */

import { isPointer, type Ty, type TyOf } from "../mir/ty.ts";
import { globalBoxContent } from "./global-box.ts";
import type { TypeTable } from "./type-info.ts";

/** A type as it is passed: what is equal here is compatible. `nonNull`: core promises that `Option` of it is passed as it is. */
interface PassedAs {
  readonly as: string | Ty;
  readonly nonNull: boolean;
}

/** The ABI strings `X` whose functions may be called as if they were `X-unwind`. */
const MAY_UNWIND: ReadonlySet<string> = new Set(
  "C aapcs fastcall stdcall system sysv64 thiscall vectorcall win64".split(" "),
);

/** Whether a function of the ABI `own` may be called as one of the ABI `given`. */
export function isAbiCallableAs(own: string, given: string): boolean {
  return own === given || (MAY_UNWIND.has(own) && given === `${own}-unwind`);
}

/** Whether values of the two types are passed alike. */
export function areAbiCompatible(table: TypeTable, a: Ty, b: Ty): boolean {
  return a === b || passedAs(table, a).as === passedAs(table, b).as;
}

function passedAs(table: TypeTable, ty: Ty): PassedAs {
  if (isPointer(ty)) return { as: pointerTo(table, ty.pointee), nonNull: ty.kind === "ref" };
  switch (ty.kind) {
    case "fnptr":
      return { as: `extern "${ty.abi.replace(/-unwind$/, "")}" fn`, nonNull: true };
    case "char":
      return { as: "u32", nonNull: false };
    case "int":
    case "uint":
      return { as: `${ty.kind === "int" ? "i" : "u"}${ty.width === "size" ? 64 : ty.width}`, nonNull: false };
    case "adt":
      return passedAdt(table, ty);
    default:
      return { as: isTrivial(table, ty) ? "nothing" : ty, nonNull: false };
  }
}

/** Pointers are passed alike when their metadata has the same type. */
function pointerTo(table: TypeTable, pointee: Ty): string {
  switch (table.of(pointee).meta) {
    case "none":
      return "pointer";
    case "length":
      return "pointer and length";
    case "vtable":
      return `pointer and vtable of ${table.cx.tailOf(pointee).text}`;
  }
}

function passedAdt(table: TypeTable, ty: TyOf<"adt">): PassedAs {
  const { def } = ty;
  if (isTrivial(table, ty)) return { as: "nothing", nonNull: false };
  const content = globalBoxContent(ty);
  if (content !== undefined) return { as: pointerTo(table, content), nonNull: true };
  if (def.adtKind !== "enum") {
    const field = def.repr.transparent ? onlyField(table, table.cx.variantFieldTys(ty, 0)) : undefined;
    if (field === undefined) return { as: ty, nonNull: false };
    const inner = passedAs(table, field);
    // Nothing is promised of what a union leaves out.
    const nonNull = def.adtKind === "struct" && (inner.nonNull || def.repr.validRange?.start === 1n);
    return { as: inner.as, nonNull };
  }
  const payload = def.repr.transparent ? onlyField(table, table.cx.variantFieldTys(ty, 0)) : optionPayload(table, ty);
  const inner = payload === undefined ? undefined : passedAs(table, payload);
  if (inner === undefined) return { as: ty, nonNull: false };
  if (def.repr.transparent) return inner;
  return inner.nonNull ? { as: inner.as, nonNull: false } : { as: ty, nonNull: false };
}

/** The one field that the option-like enum `ty` has in one variant, the other having none that counts. */
function optionPayload(table: TypeTable, ty: TyOf<"adt">): Ty | undefined {
  const { repr, variants } = ty.def;
  if (
    variants.length !== 2 ||
    repr.c ||
    repr.int !== undefined ||
    repr.align !== undefined ||
    repr.packed !== undefined
  )
    return undefined;
  const [first, second] = [0, 1].map((v) => table.cx.variantFieldTys(ty, v)) as [readonly Ty[], readonly Ty[]];
  const isEmpty = (fields: readonly Ty[]): boolean => fields.every((field) => isTrivial(table, field));
  const payload = isEmpty(first) ? second : isEmpty(second) ? first : [];
  return payload.length === 1 ? payload[0] : undefined;
}

/** The field of a transparent type that counts. */
function onlyField(table: TypeTable, fields: readonly Ty[]): Ty | undefined {
  return fields.find((field) => !isTrivial(table, field));
}

/**
 * No bytes, aligned to one, and so by Rust's own layout: not passed at all. What C or an array has no bytes by, some ABIs pass, which is
 * why nothing is promised of it.
 */
function isTrivial(table: TypeTable, ty: Ty): boolean {
  const { repr, align } = table.of(ty);
  if (repr !== "zst" || align !== 1 || ty.kind === "array") return false;
  if (ty.kind === "adt" && ty.def.adtKind === "enum") return !ty.def.repr.c;
  if (ty.kind === "adt" && ty.def.repr.c) return false;
  const fields = ty.kind === "adt" ? table.cx.variantFieldTys(ty, 0) : table.fieldTysOf(ty);
  return fields.every((field) => isTrivial(table, field));
}
