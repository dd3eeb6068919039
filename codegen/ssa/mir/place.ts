/**
 * From MIR places to addresses, and reading through them.
 *
 * As rustc_codegen_ssa/src/mir/place.rs (`codegen_place`) and operand.rs (`codegen_consume`).
 */

import { bug } from "../../entity/entity.ts";
import { fieldOf, fieldOffset, forVariant } from "../../layout/layout.ts";
import type { Operand, Place } from "../../mir/syntax.ts";
import { operandProjection } from "./analyze.ts";
import { codegenConst } from "./constant.ts";
import type { FunctionCx } from "./function-cx.ts";
import {
  danglingPlace,
  extractPart,
  immediateOf,
  loadOperand,
  type OperandRef,
  type PlaceRef,
  restrictAlign,
} from "./operand.ts";

/** The address of `place`. */
export function codegenPlace(fx: FunctionCx, place: Place): PlaceRef {
  const { projection, local } = place;
  let at = 0;
  let current = fx.places[local];
  if (current === undefined) {
    // The local is an operand: only what it points to has an address.
    const deref = projection.findIndex((elem) => elem.kind === "deref");
    if (deref >= 0) {
      const pointer = consumeOperandLocal(fx, { local, projection: projection.slice(0, deref) });
      current = derefPlace(fx, pointer);
      at = deref + 1;
    } else if (fx.layouts[local]!.layout.size === 0) {
      current = danglingPlace(fx.bx, fx.layouts[local]!);
    } else {
      throw bug(`_${local} of ${fx.instance.symbol} has no address`);
    }
  }
  for (; at < projection.length; at++) current = project(fx, current, place, at);
  return current;
}

function project(fx: FunctionCx, base: PlaceRef, place: Place, at: number): PlaceRef {
  const elem = place.projection[at]!;
  switch (elem.kind) {
    case "deref":
      return derefPlace(fx, loadOperand(fx.cx, fx.bx, base));
    case "field":
      return projectField(fx, base, elem.index);
    case "downcast":
      return { layout: forVariant(fx.cx.layouts, base.layout, elem.variant), ptr: base.ptr, align: base.align };
    case "index": {
      const index = immediateOf(codegenConsume(fx, { local: elem.local, projection: [] }));
      const layout = fieldOf(fx.cx.layouts, base.layout, 0);
      const stride = layout.layout.size;
      return { layout, ptr: fx.bx.ptrIndex(base.ptr, index, stride), align: restrictAlign(base.align, stride) };
    }
    case "constantIndex": {
      const { fields } = base.layout.layout;
      if (fields.kind !== "array") throw bug(`an index into ${base.layout.ty.text}`);
      return projectField(fx, base, elem.fromEnd ? fields.count - elem.offset : elem.offset);
    }
    case "subslice":
      throw bug("a subslice");
  }
}

/** The place of field (or element) `index` of `base`. */
export function projectField(fx: FunctionCx, base: PlaceRef, index: number): PlaceRef {
  const layout = fieldOf(fx.cx.layouts, base.layout, index);
  const offset = fieldOffset(base.layout.layout, index);
  if (offset === 0) return { layout, ptr: base.ptr, align: base.align };
  return { layout, ptr: fx.bx.ptrOffset(base.ptr, offset), align: restrictAlign(base.align, offset) };
}

/** What `pointer` points to. */
function derefPlace(fx: FunctionCx, pointer: OperandRef): PlaceRef {
  const { ty } = pointer.layout;
  if (ty.kind !== "ref" && ty.kind !== "ptr") throw bug(`deref of ${ty.text}`);
  const layout = fx.cx.layoutOf(ty.pointee);
  return { layout, ptr: immediateOf(pointer), align: layout.layout.align };
}

/** The value of a place whose local is an operand, by its fields only. */
function consumeOperandLocal(fx: FunctionCx, place: Place): OperandRef {
  const op = fx.operand(place.local);
  if (place.projection.length === 0) return op;
  const found = operandProjection(fx.cx.layouts, op.layout, place);
  if (found === undefined) throw bug(`_${place.local} of ${fx.instance.symbol} should be in memory`);
  return extractPart(fx.cx, fx.bx, op, found.part, found.layout);
}

/** The value at `place`. */
export function codegenConsume(fx: FunctionCx, place: Place): OperandRef {
  const { local, projection } = place;
  if (fx.places[local] === undefined) {
    if (projection.length === 0) return fx.operand(local);
    const isZst = fx.layouts[local]!.layout.size === 0;
    if (!isZst && !projection.some((elem) => elem.kind === "deref")) return consumeOperandLocal(fx, place);
  }
  return loadOperand(fx.cx, fx.bx, codegenPlace(fx, place));
}

/** The value of a MIR operand. */
export function codegenOperand(fx: FunctionCx, operand: Operand): OperandRef {
  return operand.kind === "const" ? codegenConst(fx, operand.value) : codegenConsume(fx, operand.place);
}
