/** What is particular about the layout of a type: how an enum tells its variants apart, what a struct ends in, what fields hold. */

import { type AdtDef, HOST_TARGET, LayoutCx, layoutOf, type Ty, type TyCtxt, type TyOf } from "../../codegen/index.ts";

export type LayoutShape =
  | "tagged enum"
  | "niche enum"
  | "niche beside data"
  | "enum of one variant"
  | "uninhabited variant"
  | "slice tail"
  | "dyn tail"
  | "union in a union"
  | "reference field"
  | "slice field"
  | "fn pointer field"
  | "array field"
  | "scalar pair"
  | "one scalar"
  | "in memory";

const contexts = new WeakMap<TyCtxt, LayoutCx>();

function layoutCx(tcx: TyCtxt): LayoutCx {
  let cx = contexts.get(tcx);
  if (cx === undefined) {
    cx = new LayoutCx(tcx, HOST_TARGET.dataLayout);
    contexts.set(tcx, cx);
  }
  return cx;
}

/** The shapes of `ty`, which mentions no parameters. */
export function layoutShapes(tcx: TyCtxt, ty: TyOf<"adt">): readonly LayoutShape[] {
  const found: LayoutShape[] = [];
  const { def } = ty;
  const fields = def.variants.map((_, v) => tcx.fieldTys(ty, v));
  const tail = def.adtKind === "struct" ? fields[0]?.at(-1) : undefined;
  if (tail?.kind === "slice") found.push("slice tail");
  if (tail?.kind === "dynamic") found.push("dyn tail");
  if (def.adtKind === "union" && fields.flat().some((field) => holdsUnion(tcx, field))) found.push("union in a union");
  for (const field of fields.flat()) {
    if (field.kind === "ref") found.push(field.pointee.kind === "slice" ? "slice field" : "reference field");
    if (field.kind === "fnptr") found.push("fn pointer field");
    if (field.kind === "array") found.push("array field");
  }
  if (def.adtKind === "enum") found.push(...enumShapes(tcx, ty, fields));
  if (tail?.kind === "slice" || tail?.kind === "dynamic") return found;
  const { backendRepr } = layoutOf(layoutCx(tcx), ty).layout;
  if (backendRepr.kind === "scalar") found.push("one scalar");
  else if (backendRepr.kind === "scalarPair") found.push("scalar pair");
  else if (backendRepr.kind === "memory") found.push("in memory");
  return found;
}

function enumShapes(tcx: TyCtxt, ty: TyOf<"adt">, fields: readonly (readonly Ty[])[]): LayoutShape[] {
  const found: LayoutShape[] = [];
  if (fields.some((each) => each.some((field) => field.kind === "never"))) found.push("uninhabited variant");
  const { variants } = layoutOf(layoutCx(tcx), ty).layout;
  if (variants.kind === "single") found.push("enum of one variant");
  if (variants.kind !== "multiple") return found;
  if (variants.encoding.kind === "direct") found.push("tagged enum");
  else {
    found.push("niche enum");
    if (variants.variants.filter((variant) => variant.size > 0).length > 1) found.push("niche beside data");
  }
  return found;
}

/** Whether a union is somewhere in `ty`, not behind a pointer. */
function holdsUnion(tcx: TyCtxt, ty: Ty, within: ReadonlySet<AdtDef> = new Set()): boolean {
  if (ty.kind === "tuple") return ty.fields.some((field) => holdsUnion(tcx, field, within));
  if (ty.kind === "array") return holdsUnion(tcx, ty.element, within);
  if (ty.kind !== "adt" || within.has(ty.def)) return false;
  if (ty.def.adtKind === "union") return true;
  const inside = new Set([...within, ty.def]);
  return ty.def.variants.some((_, v) => tcx.fieldTys(ty, v).some((field) => holdsUnion(tcx, field, inside)));
}
