/** Places and operands of custom MIR. */

import { bug } from "../../entity/entity.ts";
import type { Operand, Place, PlaceElem } from "../syntax.ts";
import { type AdtDef, TY_USIZE, type Ty, type TyOf } from "../ty.ts";
import type { BodyCx } from "./body-cx.ts";
import { constant } from "./constants.ts";
import { need, UnsupportedError } from "./support.ts";

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
  return b.module.form === "macro" ? `place!(${text})` : `(*core::intrinsics::mir::__internal_make_place(${text}))`;
}

/** Types of core that hold one value at their start, in a private field. */
export function isWrapper(def: AdtDef): boolean {
  return def.lang === "unsafe_cell" || def.lang === "manually_drop" || def.lang === "maybe_uninit";
}

/**
 * A place. In this phase a place may go through a pointer only at its start: pointers further on are copied first. Statements that it needs before it are
 * written.
 */
export function writePlace(b: BodyCx, { local, projection }: Place): string {
  const { names } = b.module;
  let text = local === 0 ? "RET" : `_${local}`;
  for (let i = 0; i < projection.length; i++) {
    const elem = projection[i]!;
    switch (elem.kind) {
      case "deref": {
        const ty = b.ty(local, projection.slice(0, i));
        if (ty.kind !== "ref" && ty.kind !== "ptr")
          throw new UnsupportedError("the content of a Box is reached through it");
        text = `(*${i === 0 ? text : pointerTemp(b, text, ty)})`;
        break;
      }
      case "field": {
        const base = projection[i - 1];
        if (base?.kind === "downcast") {
          text = `Field::<${names.ty(elem.ty)}>(Variant(${text}, ${base.variant}), ${elem.index})`;
          break;
        }
        const ty = b.ty(local, projection.slice(0, i));
        if (ty.kind === "adt" && isWrapper(ty.def)) text = `(*${castAddress(b, text, elem.ty)})`;
        else text = `${text}.${names.field(ty, 0, elem.index)}`;
        break;
      }
      case "index":
        text = `${text}[_${elem.local}]`;
        break;
      case "constantIndex":
        text = `${text}[${constantIndex(b, text, b.ty(local, projection.slice(0, i)), elem)}]`;
        break;
      case "subslice":
        text = `(*${subslice(b, text, b.ty(local, projection.slice(0, i)), elem)})`;
        break;
      case "downcast":
        break;
    }
  }
  return text;
}

/** A local that holds the pointer in the place `text`. That to `&mut` is a raw pointer: assigning would reborrow it through two pointers. */
function pointerTemp(b: BodyCx, text: string, ty: TyOf<"ref"> | TyOf<"ptr">): string {
  const unique = ty.kind === "ref" && ty.mutability === "mut";
  const temp = b.temp(unique ? b.module.tcx.ptr("mut", ty.pointee) : ty);
  b.push(`${temp} = ${unique ? `CastTransmute(${text})` : text};`);
  return temp;
}

/** A local that holds the address of the place `text` as a pointer to `pointee`. */
function castAddress(b: BodyCx, text: string, pointee: Ty): string {
  const raw = b.rawTemp("*mut _");
  b.push(`${raw} = &raw mut ${text};`);
  const temp = b.temp(b.module.tcx.ptr("mut", pointee));
  b.push(`${temp} = CastPtrToPtr(${raw});`);
  return temp;
}

/** The local that holds a constant index, which custom MIR has no literal for. */
function constantIndex(b: BodyCx, text: string, ty: Ty, elem: Extract<PlaceElem, { kind: "constantIndex" }>): string {
  if (elem.fromEnd && ty.kind === "slice") {
    const temp = b.temp(TY_USIZE);
    b.push(`${temp} = ${sliceLength(b, text)};`);
    b.push(`${temp} = ${temp} - ${elem.offset}_usize;`);
    return temp;
  }
  if (elem.fromEnd && ty.kind !== "array") throw bug("an index from the end of what is no array");
  const at = elem.fromEnd && ty.kind === "array" ? ty.length - elem.offset : elem.offset;
  b.indices.add(at);
  return `k${at}`;
}

/** The length of the slice place `text`. */
function sliceLength(b: BodyCx, text: string): string {
  need(b.module.support, "ptrMetadata");
  const pointer = b.rawTemp("*const _");
  b.push(`${pointer} = &raw const ${text};`);
  return `PtrMetadata(${pointer})`;
}

/** A local that points to a part of the array or slice place `text`. */
function subslice(b: BodyCx, text: string, ty: Ty, elem: Extract<PlaceElem, { kind: "subslice" }>): string {
  const { tcx } = b.module;
  if (ty.kind !== "array" && ty.kind !== "slice") throw bug(`a part of ${ty.text}`);
  need(b.module.support, "offset");
  const first = castAddress(b, text, ty.element);
  const start = b.temp(tcx.ptr("mut", ty.element));
  b.push(`${start} = Offset(${first}, ${elem.from}_usize);`);
  if (ty.kind === "array") {
    const length = (elem.fromEnd ? ty.length - elem.to : elem.to) - elem.from;
    const part = b.temp(tcx.ptr("mut", tcx.array(ty.element, length)));
    b.push(`${part} = CastPtrToPtr(${start});`);
    return part;
  }
  const length = b.temp(TY_USIZE);
  b.push(`${length} = ${elem.fromEnd ? sliceLength(b, text) : `${elem.to}_usize`};`);
  b.push(`${length} = ${length} - ${elem.fromEnd ? elem.from + elem.to : elem.from}_usize;`);
  const part = b.temp(tcx.ptr("mut", ty));
  b.call(part, `core::intrinsics::aggregate_raw_ptr::<${b.module.names.ty(tcx.ptr("mut", ty))}, _, _>`, [
    start,
    length,
  ]);
  return part;
}
