/** Places and operands of custom MIR. */

import { bug } from "../../entity/entity.ts";
import type { Local, Operand, Place } from "../syntax.ts";
import type { BodyCx } from "./body-cx.ts";
import { constant } from "./constants.ts";
import { UnsupportedError } from "./support.ts";

export function writeOperand(b: BodyCx, operand: Operand): string {
  switch (operand.kind) {
    case "copy":
      return writePlace(b, operand.place);
    case "move":
      return `Move(${writePlace(b, operand.place)})`;
    case "const":
      return constant(b.module, operand.value);
  }
}

/** A place that is written or borrowed: one that goes through a variant needs a macro around it. */
export function writeTarget(b: BodyCx, place: Place): string {
  const text = writePlace(b, place);
  if (!place.projection.some((elem) => elem.kind === "downcast")) return text;
  return b.module.form === "macro"
    ? `place!(${text})`
    : `(*core::intrinsics::mir::__internal_make_place(${text}))`;
}

export function writePlace(b: BodyCx, { local, projection }: Place): string {
  let text = local === 0 ? "RET" : `_${local}`;
  for (let i = 0; i < projection.length; i++) {
    const elem = projection[i]!;
    switch (elem.kind) {
      case "deref":
        if (b.ty(local, projection.slice(0, i)).kind === "adt")
          throw new UnsupportedError("the content of a Box is reached through it");
        text = `(*${text})`;
        break;
      case "field": {
        const base = projection[i - 1];
        if (base?.kind === "downcast")
          text = `Field::<${b.module.names.ty(elem.ty)}>(Variant(${text}, ${base.variant}), ${elem.index})`;
        else text = `${text}.${b.module.names.field(b.ty(local, projection.slice(0, i)), 0, elem.index)}`;
        break;
      }
      case "index":
        text = `${text}[_${elem.local}]`;
        break;
      case "constantIndex":
        text = `${text}[${constantIndex(b, local, projection.slice(0, i), elem.offset, elem.fromEnd)}]`;
        break;
      case "subslice":
        throw new UnsupportedError("subslices are not written");
      case "downcast":
        break;
    }
  }
  return text;
}

/** The local that holds a constant index, which custom MIR has no literal for. */
function constantIndex(
  b: BodyCx,
  local: Local,
  projection: Place["projection"],
  offset: number,
  fromEnd: boolean,
): string {
  let at = offset;
  if (fromEnd) {
    const ty = b.ty(local, projection);
    if (ty.kind === "slice") throw new UnsupportedError("an index from the end of a slice");
    if (ty.kind !== "array") throw bug("an index from the end of what is no array");
    at = ty.length - offset;
  }
  b.indices.add(at);
  return `k${at}`;
}
