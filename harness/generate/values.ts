/**
 * Values of any type as scalars and back: how what aggregates, trait objects and closures hold reaches integers that are observed.
 */

import { discriminantTy, type Local, type Operand, type Place, type Ty } from "../../codegen/index.ts";
import { project } from "./aggregates.ts";
import { mixScalar } from "./emit.ts";
import type { FnCx } from "./fn-cx.ts";
import { convert, moveOf, newValue, reusable, temp, use } from "./operands.ts";

/** Mixes some scalar part of the value at `place` into `acc`, of integer type `to`. */
export function mixPlace(cx: FnCx, acc: Local, to: Ty, place: Place, ty: Ty): void {
  const info = cx.types.info(ty);
  if (info.isScalar) {
    mixScalar(cx, acc, to, { kind: "copy", place }, ty);
    return;
  }
  if (ty.kind === "adt" && ty.def.adtKind === "enum") {
    const discr = discriminantTy(ty);
    const read: Operand = {
      kind: "move",
      place: { local: temp(cx, discr, { kind: "discriminant", place }), projection: [] },
    };
    mixScalar(cx, acc, to, read, discr);
    return;
  }
  const scalars = info.leaves.filter((leaf) => leaf.info.isScalar);
  if (scalars.length > 0) {
    const leaf = cx.rng.pick(scalars);
    mixScalar(cx, acc, to, { kind: "copy", place: project(place, ...leaf.projection) }, leaf.info.ty);
    return;
  }
  const [inner] = info.leaves;
  if (inner !== undefined) mixPlace(cx, acc, to, project(place, ...inner.projection), inner.info.ty);
}

/** Changes the value at `place` by `value`, a scalar: a part of it, or all. */
export function changePlace(cx: FnCx, place: Place, ty: Ty, value: Operand, from: Ty): void {
  const info = cx.types.info(ty);
  const scalars = info.isScalar ? [] : info.leaves.filter((leaf) => leaf.info.isScalar);
  if (info.isScalar) cx.assign(place, use(convert(cx, value, from, ty)));
  else if (scalars.length > 0) {
    const leaf = cx.rng.pick(scalars);
    cx.assign(project(place, ...leaf.projection), use(convert(cx, value, from, leaf.info.ty)));
  } else cx.assign(place, use(moveOf(temp(cx, ty, newValue(cx, ty)))));
}

/** A new local, in no pool, with a value of a type without pointers. */
export function localValue(cx: FnCx, ty: Ty): Local {
  return temp(cx, ty, cx.types.info(ty).isScalar ? use(reusable(cx, ty)) : newValue(cx, ty));
}
