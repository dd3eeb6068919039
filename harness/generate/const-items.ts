/**
 * Actions on constants: constant items with bodies, promoteds, allocations with pointers between them, constants of compound types.
 */

import {
  type AllocItem,
  bug,
  type Const,
  type ConstItem,
  type Local,
  type Operand,
  type Rvalue,
  TY_BOOL,
  TY_UNIT,
  type Ty,
  type TyOf,
} from "../../codegen/index.ts";
import { randomConst, scalarBits } from "./constants.ts";
import { accumulator, at, constOf, copyAt, DEREF, deliver, initialiser, mixScalar, setReturn } from "./emit.ts";
import type { FnCx } from "./fn-cx.ts";
import { newAlloc, newConst } from "./items.ts";
import { binary, copyOf, moveOf, temp, use } from "./operands.ts";
import { mixPlace } from "./values.ts";

const MOST = 3;

/** An rvalue of type `ty` from constants alone. */
export function constantValue(cx: FnCx, ty: Ty): Rvalue {
  if (cx.types.info(ty).isScalar) return use(randomConst(cx.rng, ty));
  const part = (f: Ty): Operand => {
    const made = constantValue(cx, f);
    return made.kind === "use" ? made.operand : moveOf(temp(cx, f, made));
  };
  switch (ty.kind) {
    case "tuple":
      return { kind: "aggregate", aggregate: { kind: "tuple" }, operands: ty.fields.map(part) };
    case "array":
      return {
        kind: "aggregate",
        aggregate: { kind: "array", element: ty.element },
        operands: Array.from({ length: ty.length }, () => part(ty.element)),
      };
    case "adt": {
      const variant = cx.rng.below(ty.def.variants.length);
      const operands = cx.types.tcx.fieldTys(ty, variant).map(part);
      return { kind: "aggregate", aggregate: { kind: "adt", ty, def: ty.def, variant }, operands };
    }
    default:
      throw bug(`a constant of type ${ty.text}`);
  }
}

/** The same as one constant, where one can be written: no scalar of it inside of an enum's niche is chosen by hand. */
function constantTree(cx: FnCx, ty: Ty): Const {
  if (cx.types.info(ty).isScalar) {
    const made = randomConst(cx.rng, ty);
    if (made.kind !== "const") throw bug("a random constant that is none");
    return made.value;
  }
  switch (ty.kind) {
    case "tuple":
      if (ty.fields.length === 0) return { kind: "zst", ty: TY_UNIT };
      return { kind: "aggregate", ty, variant: 0, fields: ty.fields.map((f) => constantTree(cx, f)) };
    case "array":
      return {
        kind: "aggregate",
        ty,
        variant: 0,
        fields: Array.from({ length: ty.length }, () => constantTree(cx, ty.element)),
      };
    case "adt": {
      const variant = cx.rng.below(ty.def.variants.length);
      const fields = cx.types.tcx.fieldTys(ty, variant).map((f) => constantTree(cx, f));
      return { kind: "aggregate", ty, variant, fields };
    }
    default:
      throw bug(`a constant of type ${ty.text}`);
  }
}

/** `const C: T = { … };`: computed once at compile time, used in several places. */
export function constItem(cx: FnCx): void {
  const { items } = cx.program;
  const known = items.known<ConstItem>("const items");
  if (known.length < MOST && (known.length === 0 || cx.rng.chance(50))) {
    const ty = cx.types.any(40);
    const body = initialiser(cx, ty, (inner) => {
      if (ty.kind !== "int" && ty.kind !== "uint") {
        setReturn(inner, constantValue(inner, ty));
        return;
      }
      const word = temp(inner, ty, use(randomConst(inner.rng, ty)));
      for (const op of ["Mul", "BitXor", "Add"] as const)
        inner.assign(at(word), binary(op, copyOf(word), randomConst(inner.rng, ty)));
      setReturn(inner, use(moveOf(word)));
    });
    known.push(newConst(items, items.name("CONST"), ty, body));
  }
  const item = cx.rng.pick(known);
  const word = cx.types.int();
  const acc = accumulator(cx, word);
  const value = temp(cx, item.ty, use(constOf({ kind: "unevaluated", item, args: [], ty: item.ty })));
  mixPlace(cx, acc, word, at(value), item.ty);
  deliver(cx, acc, word);
  cx.define(value, item.ty);
}

/** `&VALUE` of something constant: a reference that lives for ever. */
export function promoted(cx: FnCx): void {
  const { items } = cx.program;
  const { tcx } = cx.types;
  const pointee = cx.types.any(50);
  const ty = tcx.ref("not", pointee);
  const body = initialiser(cx, ty, (inner) => {
    const value = temp(inner, pointee, constantValue(inner, pointee));
    setReturn(inner, { kind: "ref", mutability: "not", place: at(value) });
  });
  const number = items.known<null>("promoteds").push(null) - 1;
  const item = newConst(items, `f0::promoted[${number}]`, ty, body);
  const word = cx.types.int();
  const acc = accumulator(cx, word);
  const pointer = temp(cx, ty, use(constOf({ kind: "unevaluated", item, args: [], ty })));
  mixPlace(cx, acc, word, at(pointer, DEREF), pointee);
  deliver(cx, acc, word);
}

/** Bytes of integers, and pointers to them, as a dump's alloc blocks have them: `&[T; N]`, `&&[T; N]`, `&[&T; N]`. */
export function allocConstant(cx: FnCx): void {
  const { tcx } = cx.types;
  const { items } = cx.program;
  const ty = cx.types.int();
  const length = cx.rng.between(1, 5);
  const size = scalarBits(ty) / 8;
  const bytes = Uint8Array.from({ length: size * length }, () => cx.rng.below(256));
  const data = newAlloc(items, size, bytes);
  const arrayRef = tcx.ref("not", tcx.array(ty, length));
  const word = cx.types.int();
  const acc = accumulator(cx, word);
  const element = { kind: "constantIndex", offset: cx.rng.below(length), minLength: length, fromEnd: false } as const;
  if (cx.rng.chance(35)) {
    const held = temp(cx, arrayRef, use(constOf({ kind: "alloc", alloc: data, offset: 0, ty: arrayRef })));
    mixScalar(cx, acc, word, copyAt(held, DEREF, element), ty);
  } else if (cx.rng.chance(50)) {
    const pointer = pointerTable(cx, data, [0]);
    const outer = tcx.ref("not", arrayRef);
    const held = temp(cx, outer, use(constOf({ kind: "alloc", alloc: pointer, offset: 0, ty: outer })));
    mixScalar(cx, acc, word, copyAt(held, DEREF, DEREF, element), ty);
  } else {
    const offsets = Array.from({ length: cx.rng.between(1, 3) }, () => cx.rng.below(length) * size);
    const elementRef = tcx.ref("not", ty);
    const table = tcx.ref("not", tcx.array(elementRef, offsets.length));
    const held = temp(
      cx,
      table,
      use(constOf({ kind: "alloc", alloc: pointerTable(cx, data, offsets), offset: 0, ty: table })),
    );
    const slot = {
      kind: "constantIndex",
      offset: cx.rng.below(offsets.length),
      minLength: offsets.length,
      fromEnd: false,
    } as const;
    mixScalar(cx, acc, word, copyAt(held, DEREF, slot, DEREF), ty);
  }
  deliver(cx, acc, word);
}

/** An allocation of pointers into `target`. */
function pointerTable(cx: FnCx, target: AllocItem, offsets: readonly number[]): AllocItem {
  const bytes = new Uint8Array(8 * offsets.length);
  return newAlloc(cx.program.items, 8, bytes, {
    relocations: offsets.map((addend, i) => ({ offset: 8 * i, target: { kind: "alloc", alloc: target }, addend })),
  });
}

/** A struct, tuple, array or enum as one constant operand; a one-field struct by its scalar's bits. */
export function aggregateConstant(cx: FnCx): void {
  const { tcx, option } = cx.types;
  const word = cx.types.int();
  const acc = accumulator(cx, word);
  const ty = cx.types.any(85);
  const value: Local = temp(cx, ty, use(constOf(constantTree(cx, ty))));
  mixPlace(cx, acc, word, at(value), ty);
  if (cx.rng.chance(50)) {
    // `Option<bool>`: Some(false) and Some(true) are the bits 0 and 1; those of None are the compiler's to choose.
    const flags = tcx.adt(option, [TY_BOOL]) as TyOf<"adt">;
    const held = temp(cx, flags, use(constOf({ kind: "transmuted", ty: flags, bits: BigInt(cx.rng.below(2)) })));
    mixPlace(cx, acc, word, at(held), flags);
  }
  deliver(cx, acc, word);
  cx.define(value, ty);
}
