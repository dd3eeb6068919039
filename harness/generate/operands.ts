/**
 * Choosing operands and destinations: the def-use chains of a body.
 *
 * Values that nothing has read yet are preferred as operands, and places whose value was read as destinations, so that what is computed
 * flows on into what is observed (the liveness-driven generation of CLIR) instead of being dead code.
 */

import {
  type BinOp,
  bug,
  type CastKind,
  DUMMY_SP,
  type FnItem,
  type Local,
  type Operand,
  type Place,
  type Rvalue,
  TY_BOOL,
  TY_CHAR,
  TY_U8,
  TY_U32,
  TY_UNIT,
  type Ty,
  type TyOf,
  type UnOp,
} from "../../codegen/index.ts";
import { constInt, randomConst, scalarBits, UNIT_OPERAND } from "./constants.ts";
import { canRead, canWrite, type Entry, type FnCx, type Var } from "./fn-cx.ts";

/** `_N` */
export function placeOf(local: Local): Place {
  return { local, projection: [] };
}

export function copyOf(local: Local): Operand {
  return { kind: "copy", place: placeOf(local) };
}

export function moveOf(local: Local): Operand {
  return { kind: "move", place: placeOf(local) };
}

export function use(operand: Operand): Rvalue {
  return { kind: "use", operand };
}

export function binary(op: BinOp, left: Operand, right: Operand): Rvalue {
  return { kind: "binary", op, left, right };
}

export function unary(op: UnOp, operand: Operand): Rvalue {
  return { kind: "unary", op, operand };
}

export function cast(castKind: CastKind, operand: Operand, ty: Ty): Rvalue {
  return { kind: "cast", castKind, operand, ty };
}

/** A new local, in no pool, that holds `rvalue`. */
export function temp(cx: FnCx, ty: Ty, rvalue: Rvalue): Local {
  const local = cx.newLocal(ty);
  cx.assign(placeOf(local), rvalue);
  return local;
}

/** A local that holds `value`: the temporary that it is moved out of, if it is. */
export function localOf(cx: FnCx, ty: Ty, value: Operand): Local {
  const temporary = value.kind === "move" && value.place.projection.length === 0;
  return temporary ? value.place.local : temp(cx, ty, use(value));
}

/** Reads `entry`, moving out of it now and then when it is never needed again. */
export function read(cx: FnCx, entry: Entry, mayMove: boolean): Operand {
  const { v } = entry;
  v.uses++;
  if (
    mayMove &&
    cx.pinned === 0 &&
    v.depth === cx.depth &&
    !v.addressed &&
    v.mutable &&
    entry.place.projection.length === 0 &&
    v.frozen === 0
  ) {
    if (v.uses > 1 && cx.rng.chance(cx.drawn.policy.chances.move)) {
      v.dead = true;
      return { kind: "move", place: entry.place };
    }
  }
  return entry.copy;
}

/** A value of type `ty` for one use. */
export function operand(cx: FnCx, ty: Ty): Operand {
  return pickOperand(cx, ty, true);
}

/** A value of type `ty` that may be used again in the statements that follow: never a move. */
export function reusable(cx: FnCx, ty: Ty): Operand {
  return pickOperand(cx, ty, false);
}

/** Like `reusable`, but not a constant. */
export function variable(cx: FnCx, ty: Ty): Operand {
  const entry = cx.choose(cx.types.info(ty));
  return entry === undefined ? fresh(cx, ty) : read(cx, entry, false);
}

function pickOperand(cx: FnCx, ty: Ty, mayMove: boolean): Operand {
  const info = cx.types.info(ty);
  if (info.isScalar && cx.rng.chance(cx.drawn.policy.chances.constant)) return randomConst(cx.rng, ty);
  const entry = cx.choose(info);
  if (entry !== undefined) return read(cx, entry, mayMove);
  return fresh(cx, ty);
}

/** A value of a type that no variable has: made from what there is. */
function fresh(cx: FnCx, ty: Ty): Operand {
  const info = cx.types.info(ty);
  if (!info.isScalar) return makeValue(cx, ty);
  const source = anyScalar(cx);
  if (source === undefined) return randomConst(cx.rng, ty);
  const made = localOf(cx, ty, convert(cx, read(cx, source, false), source.info.ty, ty));
  cx.define(made, ty).uses++;
  return copyOf(made);
}

/** A new value of a composite type without references in it. */
export function makeValue(cx: FnCx, ty: Ty): Operand {
  const made = newValue(cx, ty);
  return made.kind === "use" ? made.operand : moveOf(temp(cx, ty, made));
}

/** The same as an rvalue. */
export function newValue(cx: FnCx, ty: Ty): Rvalue {
  const { rng } = cx;
  switch (ty.kind) {
    case "tuple":
      if (ty.fields.length === 0) return use(UNIT_OPERAND);
      return { kind: "aggregate", aggregate: { kind: "tuple" }, operands: ty.fields.map((f) => reusable(cx, f)) };
    case "array": {
      const plain = cx.types.info(ty.element).plain;
      if (plain && (ty.length > 8 || rng.chance(35)))
        return { kind: "repeat", operand: reusable(cx, ty.element), count: ty.length };
      const operands: Operand[] = [];
      for (let i = 0; i < ty.length; i++) operands.push(reusable(cx, ty.element));
      return { kind: "aggregate", aggregate: { kind: "array", element: ty.element }, operands };
    }
    case "adt":
      return newVariant(cx, ty, rng.below(ty.def.variants.length));
    case "fnptr":
      return reify(cx, ty);
    default:
      throw bug(`a value of ${ty.text} cannot be made from nothing`);
  }
}

/** A value of one variant. */
export function newVariant(cx: FnCx, ty: TyOf<"adt">, variant: number): Rvalue {
  const fields = cx.types.tcx.fieldTys(ty, variant);
  return {
    kind: "aggregate",
    aggregate: { kind: "adt", ty, def: ty.def, variant },
    operands: fields.map((f) => reusable(cx, f)),
  };
}

/** A pointer to some leaf function of this signature; there is one, or the type would not have been made. */
function reify(cx: FnCx, ty: TyOf<"fnptr">): Rvalue {
  const fitting = cx.callees.filter((f) => f.isLeaf && fnPtrTy(cx, f.item) === ty);
  if (fitting.length === 0) throw bug(`no function of type ${ty.text}`);
  return cast("ReifyFnPointer", fnConst(cx.rng.pick(fitting).item), ty);
}

export function fnConst(item: FnItem, args: readonly Ty[] = []): Operand {
  return { kind: "const", value: { kind: "fn", item, args } };
}

export function fnPtrTy(cx: FnCx, item: FnItem): Ty {
  return cx.types.tcx.fnPtr(item.params, item.ret);
}

/** Some readable scalar that converts to every other one: an integer, for preference. */
export function anyScalar(cx: FnCx): Entry | undefined {
  for (let tries = 0; tries < 5; tries++) {
    const entry = cx.choose(cx.types.info(cx.types.scalar()));
    if (entry !== undefined) return entry;
  }
  return undefined;
}

/** `value` as another scalar type, through temporaries. Never undefined, and it depends on no NaN's bits. */
export function convert(cx: FnCx, value: Operand, from: Ty, to: Ty): Operand {
  if (from === to) return value;
  if (to === TY_BOOL) {
    if (from.kind === "float" || from === TY_CHAR)
      return moveOf(temp(cx, TY_BOOL, binary("Gt", value, from === TY_CHAR ? CHAR_M : randomConst(cx.rng, from))));
    const bit = moveOf(temp(cx, from, binary("BitAnd", value, constInt(from, 1))));
    return moveOf(temp(cx, TY_BOOL, binary("Ne", bit, constInt(from, 0))));
  }
  if (to === TY_CHAR) {
    const byte = convert(cx, value, from, TY_U8);
    return moveOf(temp(cx, TY_CHAR, cast("IntToInt", byte, TY_CHAR)));
  }
  if (to.kind === "float" && (from === TY_CHAR || from === TY_BOOL)) {
    return convert(cx, moveOf(temp(cx, TY_U32, cast("IntToInt", value, TY_U32))), TY_U32, to);
  }
  return moveOf(temp(cx, to, cast(castKind(from, to), value, to)));
}

const CHAR_M: Operand = { kind: "const", value: { kind: "scalar", ty: TY_CHAR, bits: 0x6dn } };

/** The cast between two number-like scalars. */
export function castKind(from: Ty, to: Ty): CastKind {
  if (from.kind === "float") return to.kind === "float" ? "FloatToFloat" : "FloatToInt";
  return to.kind === "float" ? "IntToFloat" : "IntToInt";
}

/**
 * Stores `rvalue` where later code finds it: into a place whose old value was read, or into a new variable. A result that is no scalar
 * goes through a new local, since rustc does not define assignments whose two sides overlap.
 */
export function store(cx: FnCx, ty: Ty, rvalue: Rvalue): void {
  const info = cx.types.info(ty);
  if (cx.rng.chance(cx.drawn.policy.chances.store)) {
    const entry = cx.choose(info, canOverwrite);
    if (entry !== undefined && !readsLocal(rvalue, entry.v.local)) {
      cx.assign(entry.place, info.isScalar ? rvalue : use(moveOf(temp(cx, ty, rvalue))));
      entry.v.uses = 0;
      return;
    }
  }
  defineAs(cx, ty, rvalue);
}

/** A new variable that holds `rvalue`. */
export function defineAs(cx: FnCx, ty: Ty, rvalue: Rvalue, targets?: readonly Var[]): Var {
  const options = targets === undefined ? {} : { targets };
  // What a temporary holds can stay there; now and then it is moved all the same, for copy propagation to undo.
  if (rvalue.kind === "use" && rvalue.operand.kind === "move" && cx.rng.chance(80)) {
    return cx.define(localOf(cx, ty, rvalue.operand), ty, options);
  }
  const local = cx.newScopedLocal(ty);
  cx.assign(placeOf(local), rvalue);
  return cx.define(local, ty, options);
}

/** A plain copy out of `local`: storing that into `local` may store a place into itself. */
function readsLocal(rvalue: Rvalue, local: Local): boolean {
  return rvalue.kind === "use" && rvalue.operand.kind !== "const" && rvalue.operand.place.local === local;
}

function canOverwrite(entry: Entry): boolean {
  return entry.v.uses > 0 && canWrite(entry);
}

/** A condition: a bool at hand or a comparison. */
export function condition(cx: FnCx): Operand {
  const { rng } = cx;
  if (rng.chance(30)) {
    const entry = cx.choose(cx.types.info(TY_BOOL));
    if (entry !== undefined) return read(cx, entry, false);
  }
  const ty = rng.chance(85) ? cx.types.int() : cx.types.scalar();
  return moveOf(temp(cx, TY_BOOL, comparison(cx, ty)));
}

const COMPARISONS: readonly BinOp[] = ["Eq", "Lt", "Le", "Ne", "Ge", "Gt"];

/** A comparison of two values of a scalar type, one of them a variable. */
export function comparison(cx: FnCx, ty: Ty): Rvalue {
  const left = variable(cx, ty);
  const right = reusable(cx, ty);
  const op = cx.rng.pick(COMPARISONS);
  return cx.rng.chance(85) ? binary(op, left, right) : binary(op, right, left);
}

/** `x & (2^bits - 1)` in a temporary: a value below `2^bits`, and not negative when `bits` is less than the width. */
export function masked(cx: FnCx, value: Operand, ty: Ty, bits: number): Local {
  const mask = (1n << BigInt(bits)) - 1n;
  return temp(cx, ty, binary("BitAnd", value, { kind: "const", value: { kind: "scalar", ty, bits: mask } }));
}

/** An integer or bool entry, of any type, for use as an index, a selector, a fuel. */
export function integerEntry(cx: FnCx): Entry | undefined {
  for (let tries = 0; tries < 4; tries++) {
    const entry = cx.choose(cx.types.info(cx.types.int()), canRead);
    if (entry !== undefined) return entry;
  }
  return undefined;
}

/** A value of `ty` in `0 ..< limit`, from live data where possible; `limit` is at least 1. */
export function bounded(cx: FnCx, ty: Ty, limit: number): Operand {
  const { rng } = cx;
  if (rng.chance(10)) return constInt(ty, rng.below(limit));
  const source = integerEntry(cx);
  if (source === undefined) return constInt(ty, rng.below(limit));
  const wide = convert(cx, read(cx, source, false), source.info.ty, ty);
  if ((limit & (limit - 1)) === 0) return moveOf(temp(cx, ty, binary("BitAnd", wide, constInt(ty, limit - 1))));
  if (ty.kind === "uint" && limit < 2 ** Math.min(31, scalarBits(ty)))
    return moveOf(temp(cx, ty, binary("Rem", wide, constInt(ty, limit))));
  const low = Math.floor(Math.log2(limit));
  return moveOf(masked(cx, wide, ty, low));
}

/** The unit local that a call without result writes. */
export function unitPlace(cx: FnCx): Place {
  return placeOf(cx.newLocal(TY_UNIT));
}

/** Calls `item` with the result in `destination` and goes on in a new block. */
export function callTo(cx: FnCx, func: Operand, args: readonly Operand[], destination: Place): void {
  const target = cx.newBlock();
  cx.terminate({ kind: "call", func, args, destination, target, unwind: cx.unwind, span: DUMMY_SP });
  cx.enter(target);
}
