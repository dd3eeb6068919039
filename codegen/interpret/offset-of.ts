/** Offsets of fields, as `offset_of!` asks for them. */

import { fieldOffset, forVariant } from "../layout/layout.ts";
import type { Ty } from "../mir/ty.ts";
import type { PreparedProgram } from "./compile.ts";

/** The offset of the field at `path`. */
export function offsetOfPath(
  { table, layout: cx }: PreparedProgram,
  ty: Ty,
  path: readonly (readonly [variant: number, field: number])[],
): number {
  let offset = 0;
  let current = table.of(ty);
  for (const [variant, field] of path) {
    const of = { ty: current.ty, layout: current.layout };
    const isEnum = current.ty.kind === "adt" && current.ty.def.adtKind === "enum";
    const { layout } = isEnum ? forVariant(cx, of, variant) : of;
    offset += fieldOffset(layout, field);
    const tys = current.ty.kind === "adt" ? cx.variantFieldTys(current.ty, variant) : table.fieldTysOf(current.ty);
    current = table.of(tys[field]!);
  }
  return offset;
}
