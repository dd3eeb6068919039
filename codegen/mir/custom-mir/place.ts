/** Places and operands of custom MIR. */

import { bug } from "../../entity/entity.ts";
import type { Const, Operand, Place, PlaceElem } from "../syntax.ts";
import { TY_USIZE, type Ty, type TyOf } from "../ty.ts";
import type { BodyCx } from "./body-cx.ts";
import { constant, isWrapper } from "./constants.ts";
import { need, UnsupportedError } from "./support.ts";

export function writeOperand(b: BodyCx, operand: Operand): string {
  switch (operand.kind) {
    case "copy":
      return writePlace(b, operand.place);
    case "move":
      return `Move(${writePlace(b, operand.place)})`;
    case "const":
      return writeConstant(b, operand.value);
  }
}

/** Rust looks through the references of a constant at what they refer to, which may be uninitialised there; it does not through raw pointers. */
function writeConstant(b: BodyCx, value: Const): string {
  if (value.kind !== "alloc" || value.ty.kind !== "ref" || value.alloc.initialised === undefined)
    return constant(b.module, value);
  const raw = b.module.tcx.ptr(value.ty.mutability, value.ty.pointee);
  const pointer = b.temp(raw);
  const reference = b.temp(value.ty);
  b.push(`${pointer} = ${constant(b.module, { ...value, ty: raw })};`);
  b.push(`${reference} = &${value.ty.mutability === "mut" ? "mut " : ""}(*${pointer});`);
  return reference;
}

/** A place that is written or borrowed: one that goes through a variant needs a macro around it. */
export function writeTarget(b: BodyCx, place: Place): string {
  const text = writePlace(b, place);
  return place.projection.some((elem) => elem.kind === "downcast") ? madePlace(b, text) : text;
}

/** The same of the beginning of a place. */
function asPlace(b: BodyCx, text: string): string {
  return text.includes("Variant(") ? madePlace(b, text) : text;
}

/** What is in a variant is written as a call. */
function madePlace(b: BodyCx, text: string): string {
  return b.module.form === "macro" ? `place!(${text})` : `(*core::intrinsics::mir::__internal_make_place(${text}))`;
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
        if (ty.kind === "adt" && isWrapper(b.module, ty.def)) text = `(*${castAddress(b, text, elem.ty)})`;
        else text = `${text}.${names.field(ty, 0, elem.index)}`;
        break;
      }
      case "index":
        need(b.module.support, "index");
        text = `${text}[_${elem.local}]`;
        break;
      case "constantIndex":
        need(b.module.support, "index");
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
  b.push(`${raw} = &raw mut ${asPlace(b, text)};`);
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
  b.push(`${pointer} = &raw const ${asPlace(b, text)};`);
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
