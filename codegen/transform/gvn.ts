/**
 * GVN: global value numbering of locals in SSA form (rustc_mir_transform/src/gvn.rs).
 *
 * Each value has a number; two expressions over the same numbers have the same one. Going down the dominator order, an assignment whose
 * value is known becomes a constant, or a copy of the local that held the value first. What reads memory, or a local that is not in SSA
 * form, is a value of its own.
 *
 * A local that is used again keeps its value, so moves of it become copies and its storage lasts as long as the function; only types
 * without ownership are used again.
 */

import { typeFlags } from "../mir/fold.ts";
import { operandTy, rvalueTy } from "../mir/place-ty.ts";
import type { BinOp, Const, Local, Operand, Place, Rvalue } from "../mir/syntax.ts";
import { isPointer, TY_BOOL, TY_USIZE, type Ty } from "../mir/ty.ts";
import { mapStatement, mapTerminator } from "../mir/visit.ts";
import { variantDiscriminant } from "./dataflow-const-prop.ts";
import {
  constOf,
  evalBinary,
  evalIntCast,
  evalOverflowing,
  evalUnary,
  type ScalarConst,
  scalarConst,
  scalarWidth,
} from "./eval.ts";
import { knownResult } from "./integer-identities.ts";
import { copyInsteadOfMove, removeStorage, ssaLocals } from "./locals.ts";
import type { MirPass, MutBody, TransformCx } from "./pass.ts";

type ValueId = number;

/** What is known of a value beside that it equals itself. */
type Value =
  | { readonly kind: "opaque" }
  | { readonly kind: "const"; readonly value: Const }
  | { readonly kind: "aggregate"; readonly variant: number; readonly fields: readonly ValueId[] };

/** Of locals that hold one value: each use of it looks through them for one that dominates. */
const MOST_HOLDERS = 16;

const COMMUTATIVE: ReadonlySet<string> = new Set(["Add", "Mul", "BitAnd", "BitOr", "BitXor", "Eq", "Ne"]);

export const gvn: MirPass = (body, cx) => new Numbering(body, cx).run();

class Numbering {
  private readonly body: MutBody;
  private readonly cx: TransformCx;
  private readonly pointerBits: number;
  private readonly isSsa: Uint8Array;
  private readonly order: readonly number[];
  private readonly dominates: (a: number, b: number) => boolean;
  private readonly values: Value[] = [];
  private readonly numbers = new Map<string, ValueId>();
  private readonly tyIds = new Map<Ty, number>();
  /** By SSA local: its value's number, or -1 before its assignment was seen. */
  private readonly ofLocal: Int32Array;
  /** By value: the locals that hold it, first assigned first, with the block of the assignment. */
  private readonly holders = new Map<ValueId, { readonly local: number; readonly block: number }[]>();
  /** By value, of pointers to slices whose length is known. */
  private readonly lengths = new Map<ValueId, number>();
  private readonly reused = new Set<number>();
  private changed = false;

  constructor(body: MutBody, cx: TransformCx) {
    this.body = body;
    this.cx = cx;
    this.pointerBits = cx.layouts.dataLayout.pointerSize * 8;
    const { isSsa, cfg } = ssaLocals(body);
    this.isSsa = isSsa;
    this.order = cfg.order;
    this.dominates = cfg.dominates;
    this.ofLocal = new Int32Array(body.locals.length).fill(-1);
  }

  run(): boolean {
    for (let local = 1; local <= this.body.argCount; local++) this.assignOpaque(local, 0);
    for (const at of this.order) this.block(at);
    if (this.reused.size > 0) this.keepReused();
    return this.changed;
  }

  private block(at: number): void {
    const block = this.body.blocks[at]!;
    block.statements.forEach((statement, i) => {
      const next = mapStatement(statement, { operand: (operand) => this.simplifyOperand(operand) });
      if (next !== statement) this.changed = true;
      block.statements[i] = next;
      if (next.kind === "assign") block.statements[i] = this.assign(next, at);
    });
    const { terminator } = block;
    // A call's function operand is part of the call: only its arguments are values.
    const next =
      terminator.kind === "call" || terminator.kind === "tailCall"
        ? { ...terminator, args: terminator.args.map((arg) => this.simplifyOperand(arg)) }
        : mapTerminator(terminator, { operand: (operand) => this.simplifyOperand(operand) });
    block.terminator = next;
    if (next.kind === "call" && next.destination.projection.length === 0) this.assignOpaque(next.destination.local, at);
  }

  private assign<S extends { readonly place: Place; readonly rvalue: Rvalue }>(statement: S, at: number): S {
    const { place, rvalue } = statement;
    const value = this.numberRvalue(rvalue);
    if (place.projection.length > 0) return statement;
    const { local } = place;
    const ty = this.body.locals[local]!.ty;
    const better = this.replacement(value, ty, at);
    if (this.isSsa[local] === 1) this.hold(local, value, at);
    if (better === undefined || isSame(rvalue, better)) return statement;
    if (better.kind !== "const") this.reused.add(better.place.local);
    this.changed = true;
    return { ...statement, rvalue: { kind: "use", operand: better } };
  }

  /** The constant, or the earlier local, that `value` is at a place that `block` dominates. */
  private replacement(value: ValueId, ty: Ty, block: number): Operand | undefined {
    const known = this.values[value]!;
    if (known.kind === "const" && known.value.kind === "scalar" && known.value.ty === ty)
      return { kind: "const", value: known.value };
    if (!isPlain(ty)) return undefined;
    const holder = this.holders
      .get(value)
      ?.find((h) => this.body.locals[h.local]!.ty === ty && this.dominates(h.block, block));
    if (holder === undefined) return undefined;
    return { kind: "copy", place: { local: holder.local as Local, projection: [] } };
  }

  /** `operand`, or the constant that it is known to be. */
  private simplifyOperand(operand: Operand): Operand {
    if (operand.kind === "const") return operand;
    const value = this.numberPlace(operand.place);
    if (value === undefined) return operand;
    const known = this.values[value]!;
    if (known.kind !== "const" || known.value.kind !== "scalar") return operand;
    if (known.value.ty !== operandTy(this.body, operand, this.cx.tcx)) return operand;
    this.changed = true;
    return { kind: "const", value: known.value };
  }

  // ---- numbers

  private opaque(): ValueId {
    this.values.push({ kind: "opaque" });
    return this.values.length - 1;
  }

  private intern(key: string, value: Value): ValueId {
    const found = this.numbers.get(key);
    if (found !== undefined) return found;
    this.values.push(value);
    this.numbers.set(key, this.values.length - 1);
    return this.values.length - 1;
  }

  private tyId(ty: Ty): number {
    let id = this.tyIds.get(ty);
    if (id === undefined) {
      id = this.tyIds.size;
      this.tyIds.set(ty, id);
    }
    return id;
  }

  private constant(value: Const): ValueId {
    if (value.kind === "scalar" || value.kind === "transmuted")
      return this.intern(`c${this.tyId(value.ty)}:${value.bits}`, { kind: "const", value });
    if (value.kind === "zst") return this.intern(`z${this.tyId(value.ty)}`, { kind: "const", value });
    return this.opaque();
  }

  private scalar({ ty, bits }: ScalarConst): ValueId {
    return this.constant(scalarConst(ty, bits));
  }

  private hold(local: number, value: ValueId, block: number): void {
    this.ofLocal[local] = value;
    const list = this.holders.get(value);
    if (list === undefined) this.holders.set(value, [{ local, block }]);
    else {
      list.push({ local, block });
      // The first are the likeliest to dominate, the last the likeliest to be near.
      if (list.length > MOST_HOLDERS) list.splice(MOST_HOLDERS / 2, 1);
    }
  }

  private assignOpaque(local: number, block: number): void {
    if (this.isSsa[local] === 1) this.hold(local, this.opaque(), block);
  }

  /** The number of what `place` holds, when it is a field of an SSA local. */
  private numberPlace({ local, projection }: Place): ValueId | undefined {
    if (this.isSsa[local] === 0) return undefined;
    let value = this.ofLocal[local]!;
    let variant = 0;
    for (const elem of projection) {
      if (value < 0) return undefined;
      if (elem.kind === "downcast") {
        ({ variant } = elem);
        continue;
      }
      if (elem.kind !== "field") return undefined;
      const known: Value = this.values[value]!;
      value =
        known.kind === "aggregate" && known.variant === variant && elem.index < known.fields.length
          ? known.fields[elem.index]!
          : this.intern(`f${value}.${variant}.${elem.index}:${this.tyId(elem.ty)}`, { kind: "opaque" });
      variant = 0;
    }
    return value < 0 ? undefined : value;
  }

  private numberOperand(operand: Operand): ValueId {
    if (operand.kind === "const") return this.constant(operand.value);
    return this.numberPlace(operand.place) ?? this.opaque();
  }

  private constOfValue(value: ValueId): ScalarConst | undefined {
    const known = this.values[value]!;
    return known.kind === "const" ? constOf({ kind: "const", value: known.value }) : undefined;
  }

  private numberRvalue(rvalue: Rvalue): ValueId {
    switch (rvalue.kind) {
      case "use":
        return this.numberOperand(rvalue.operand);
      case "binary":
        return this.numberBinary(rvalue);
      case "unary": {
        const operand = this.numberOperand(rvalue.operand);
        const length = rvalue.op === "PtrMetadata" ? this.lengths.get(operand) : undefined;
        if (length !== undefined) return this.scalar({ ty: TY_USIZE, bits: BigInt(length) });
        const constant = this.constOfValue(operand);
        const folded = constant && evalUnary(rvalue.op, constant, this.pointerBits);
        if (folded !== undefined) return this.scalar(folded);
        return this.intern(`u${rvalue.op}(${operand})`, { kind: "opaque" });
      }
      case "cast": {
        if (rvalue.castKind === "Unsize") return this.unsized(rvalue);
        // Exposing and taking up provenance are effects.
        if (!PURE_CASTS.has(rvalue.castKind)) return this.opaque();
        const operand = this.numberOperand(rvalue.operand);
        const constant = this.constOfValue(operand);
        const folded =
          constant && rvalue.castKind === "IntToInt" ? evalIntCast(constant, rvalue.ty, this.pointerBits) : undefined;
        if (folded !== undefined) return this.scalar(folded);
        return this.intern(`k${rvalue.castKind}${this.tyId(rvalue.ty)}(${operand})`, { kind: "opaque" });
      }
      case "discriminant":
        return this.numberDiscriminant(rvalue);
      case "aggregate": {
        const { aggregate, operands } = rvalue;
        const isUnion = aggregate.kind === "adt" && aggregate.def.adtKind === "union";
        if (isUnion || (aggregate.kind !== "adt" && aggregate.kind !== "tuple")) return this.opaque();
        const variant = aggregate.kind === "adt" ? aggregate.variant : 0;
        const fields = operands.map((operand) => this.numberOperand(operand));
        const ty = this.tyId(rvalueTy(this.body, rvalue, this.cx.tcx));
        return this.intern(`a${ty}.${variant}(${fields.join()})`, { kind: "aggregate", variant, fields });
      }
      default:
        return this.opaque();
    }
  }

  private numberBinary({ op, left, right }: Extract<Rvalue, { kind: "binary" }>): ValueId {
    let a = this.numberOperand(left);
    let b = this.numberOperand(right);
    const x = this.constOfValue(a);
    const y = this.constOfValue(b);
    if (x !== undefined && y !== undefined) {
      const folded = evalBinary(op, x, y, this.pointerBits);
      if (folded !== undefined) return this.scalar(folded);
      const pair = evalOverflowing(op, x, y, this.pointerBits);
      if (pair !== undefined) {
        const fields = [this.scalar(pair.value), this.scalar({ ty: TY_BOOL, bits: pair.overflow ? 1n : 0n })];
        return this.intern(`p(${fields.join()})`, { kind: "aggregate", variant: 0, fields });
      }
    }
    const known = this.identity(op, a, b, operandTy(this.body, left, this.cx.tcx));
    if (known !== undefined) return known;
    if (COMMUTATIVE.has(op) && a > b) [a, b] = [b, a];
    // Values of two types may share a number only as constants of one type, so the left operand tells the type.
    return this.intern(`b${op}(${a},${b})`, { kind: "opaque" });
  }

  /** A pointer to a slice that was one to an array: its length is known. */
  private unsized({ operand, ty }: Extract<Rvalue, { kind: "cast" }>): ValueId {
    const value = this.opaque();
    const from = operandTy(this.body, operand, this.cx.tcx);
    if (!isPointer(from) || !isPointer(ty) || from.pointee.kind !== "array" || ty.pointee.kind !== "slice")
      return value;
    if (typeFlags(from.pointee) === 0) this.lengths.set(value, from.pointee.length);
    return value;
  }

  /** What `a op b` of integers is, because both are the same or one absorbs the other. */
  private identity(op: BinOp, a: ValueId, b: ValueId, ty: Ty): ValueId | undefined {
    const width = scalarWidth(ty, this.pointerBits);
    if (width === undefined) return undefined;
    const known = knownResult(op, {
      same: a === b,
      left: this.constOfValue(a)?.bits,
      right: this.constOfValue(b)?.bits,
      width,
    });
    if (known === "operand") return a;
    if (typeof known === "boolean") return this.scalar({ ty: TY_BOOL, bits: known ? 1n : 0n });
    return known === undefined ? undefined : this.scalar({ ty, bits: known });
  }

  /** The discriminant of a value whose variant is known. */
  private numberDiscriminant(rvalue: Extract<Rvalue, { kind: "discriminant" }>): ValueId {
    const value = this.numberPlace(rvalue.place);
    if (value === undefined) return this.opaque();
    const known = this.values[value]!;
    const ty = rvalueTy(this.body, { kind: "use", operand: { kind: "copy", place: rvalue.place } }, this.cx.tcx);
    if (known.kind === "aggregate" && ty.kind === "adt" && ty.def.adtKind === "enum") {
      const constant = variantDiscriminant(ty, known.variant, this.pointerBits);
      if (constant !== undefined) return this.scalar(constant);
    }
    return this.intern(`d${value}`, { kind: "opaque" });
  }

  private keepReused(): void {
    const isReused = (local: number): boolean => this.reused.has(local);
    removeStorage(this.body, isReused);
    copyInsteadOfMove(this.body, isReused);
  }
}

const PURE_CASTS: ReadonlySet<string> = new Set([
  "IntToInt",
  "IntToFloat",
  "FloatToInt",
  "FloatToFloat",
  "PtrToPtr",
  "FnPtrToPtr",
  "Transmute",
  "MutToConstPointer",
  "ArrayToPointer",
]);

/** Types whose values may be held twice: no ownership, no uniqueness. */
function isPlain(ty: Ty): boolean {
  switch (ty.kind) {
    case "bool":
    case "char":
    case "int":
    case "uint":
    case "float":
    case "ptr":
    case "fnptr":
      return true;
    case "ref":
      return ty.mutability === "not";
    default:
      return false;
  }
}

function isSame(rvalue: Rvalue, operand: Operand): boolean {
  if (rvalue.kind !== "use") return false;
  const old = rvalue.operand;
  if (old.kind === "const" || operand.kind === "const") return old.kind === operand.kind;
  return old.place.local === operand.place.local && old.place.projection.length === 0;
}
