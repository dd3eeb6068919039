/**
 * Which types are passed alike in calls, as far as Rust promises it: only between those may the type of a function pointer and that of
 * the function it points to differ.
 *
 * Source: core's documentation of the primitive type `fn`, "ABI compatibility".
 */

import { isPointer, type Ty, type TyOf } from "../mir/ty.ts";
import type { TypeTable } from "./type-info.ts";

/** A type as it is passed: what is equal here is compatible. `nonNull`: core promises that `Option` of it is passed as it is. */
interface PassedAs {
  readonly as: string | Ty;
  readonly nonNull: boolean;
}

/** Whether values of the two types are passed alike. */
export function areAbiCompatible(table: TypeTable, a: Ty, b: Ty): boolean {
  return a === b || passedAs(table, a).as === passedAs(table, b).as;
}

function passedAs(table: TypeTable, ty: Ty): PassedAs {
  if (isPointer(ty)) return { as: pointerTo(table, ty.pointee), nonNull: ty.kind === "ref" };
  switch (ty.kind) {
    case "fnptr":
      return { as: `extern "${ty.abi}" fn`, nonNull: true };
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
  const { def, args } = ty;
  if (isTrivial(table, ty)) return { as: "nothing", nonNull: false };
  const content = def.lang === "owned_box" ? args[0] : undefined;
  if (content !== undefined) return { as: pointerTo(table, content), nonNull: true };
  if (def.adtKind === "struct") {
    const field = def.repr.transparent ? onlyField(table, table.cx.variantFieldTys(ty, 0)) : undefined;
    if (field === undefined) return { as: ty, nonNull: false };
    const inner = passedAs(table, field);
    return { as: inner.as, nonNull: inner.nonNull || def.repr.validRange?.start === 1n };
  }
  if (def.adtKind === "enum" && def.variants.length === 2) {
    const [first, second] = [0, 1].map((v) => table.cx.variantFieldTys(ty, v)) as [readonly Ty[], readonly Ty[]];
    const payload = first.length === 0 ? second : second.length === 0 ? first : [];
    const inner = payload.length === 1 ? passedAs(table, payload[0]!) : undefined;
    if (inner?.nonNull === true) return { as: inner.as, nonNull: false };
  }
  return { as: ty, nonNull: false };
}

/** The field of a transparent struct that counts. */
function onlyField(table: TypeTable, fields: readonly Ty[]): Ty | undefined {
  return fields.find((field) => !isTrivial(table, field));
}

/** No bytes, and aligned to one: not passed at all. */
function isTrivial(table: TypeTable, ty: Ty): boolean {
  const { repr, align, uninhabited } = table.of(ty);
  return repr === "zst" && align === 1 && !uninhabited;
}
