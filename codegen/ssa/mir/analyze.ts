/**
 * Locals analysis: which locals can be SSA operands, and which need a stack slot.
 *
 * As rustc_codegen_ssa/src/mir/analyze.rs. A local stays an operand when its type is a scalar or a scalar pair, it is assigned as a
 * whole and at one place only, that place dominates every use, and its address is never taken. A zero-sized local never needs a slot.
 * Blocks are looked at in reverse postorder, so that a definition is seen before every use that it dominates.
 */

import { fieldOffset, forVariant, type LayoutCx, layoutOf } from "../../layout/layout.ts";
import type { Layout, TyAndLayout } from "../../layout/types.ts";
import type { Body, Operand, Place, Rvalue, Statement, Terminator } from "../../mir/syntax.ts";
import type { Ty } from "../../mir/ty.ts";

const UNDEFINED = -1;
const MEMORY = -2;
const ARGUMENT = -3;

/** The parts of a scalar or scalar pair that a field of `layout` at `offset` covers. */
export type OperandPart = "zst" | "whole" | "a" | "b";

/** Which part of an operand of layout `container` its field `field` at `offset` is; undefined when it is no part that can be named. */
export function operandPart(container: Layout, offset: number, field: Layout): OperandPart | undefined {
  if (field.size === 0) return "zst";
  const repr = container.backendRepr;
  const inner = field.backendRepr;
  if (repr.kind === "scalar")
    return inner.kind === "scalar" && offset === 0 && field.size === container.size ? "whole" : undefined;
  if (repr.kind !== "scalarPair") return undefined;
  if (inner.kind === "scalarPair") {
    const same =
      offset === 0 &&
      inner.bOffset === repr.bOffset &&
      samePrimitiveSize(inner.a, repr.a) &&
      samePrimitiveSize(inner.b, repr.b);
    return same ? "whole" : undefined;
  }
  if (inner.kind !== "scalar") return undefined;
  if (offset === 0 && samePrimitiveSize(inner.scalar, repr.a)) return "a";
  return offset === repr.bOffset && samePrimitiveSize(inner.scalar, repr.b) ? "b" : undefined;
}

type ScalarOf = Extract<Layout["backendRepr"], { kind: "scalar" }>["scalar"];

function samePrimitiveSize(x: ScalarOf, y: ScalarOf): boolean {
  return primitiveWidth(x) === primitiveWidth(y);
}

/** Bits; all targets so far have 64-bit pointers, and a pointer overlaps only integers of its own size. */
function primitiveWidth(s: ScalarOf): number {
  return s.primitive.kind === "pointer" ? 64 : s.primitive.bits;
}

/** What `operandProjection` finds: the part of the local that a place names, and the layout there. */
export interface OperandProjection {
  readonly part: OperandPart;
  readonly layout: TyAndLayout;
}

/** The part of an operand-like local of layout `base` that the fields in `place` name; undefined when it must be in memory. */
export function operandProjection(cx: LayoutCx, base: TyAndLayout, place: Place): OperandProjection | undefined {
  let current = base;
  let offset = 0;
  for (const elem of place.projection) {
    if (elem.kind === "downcast") {
      current = forVariant(cx, current, elem.variant);
    } else if (elem.kind === "field") {
      const next = fieldLayout(cx, current, elem.index);
      if (next === undefined) return undefined;
      offset += fieldOffset(current.layout, elem.index);
      current = next;
    } else {
      return undefined;
    }
  }
  const part = operandPart(base.layout, offset, current.layout);
  return part === undefined ? undefined : { part, layout: current };
}

function fieldLayout(cx: LayoutCx, of: TyAndLayout, index: number): TyAndLayout | undefined {
  const { ty, layout } = of;
  if (layout.fields.kind !== "arbitrary") return undefined;
  if (ty.kind === "tuple") return layoutOf(cx, ty.fields[index] as Ty);
  if (ty.kind === "adt" && layout.variants.kind === "single")
    return layoutOf(cx, cx.variantFieldTys(ty, layout.variants.index)[index] as Ty);
  return undefined;
}

/** One byte per local of `body`: 1 when it needs a stack slot. `order` is the reverse postorder of the blocks. */
export function nonSsaLocals(
  cx: LayoutCx,
  body: Body,
  layouts: readonly TyAndLayout[],
  order: readonly number[],
  dominates: (a: number, b: number) => boolean,
): Uint8Array {
  const analyzer = new LocalAnalyzer(cx, body, layouts, dominates);
  for (const block of order) analyzer.visitBlock(block);
  return analyzer.memory();
}

class LocalAnalyzer {
  private readonly cx: LayoutCx;
  private readonly body: Body;
  private readonly layouts: readonly TyAndLayout[];
  private readonly dominates: (a: number, b: number) => boolean;
  /** The block that defines the local, or one of the marks above. */
  private readonly defBlock: Int32Array;
  private readonly defIndex: Int32Array;
  private block = 0;
  private index = 0;

  constructor(cx: LayoutCx, body: Body, layouts: readonly TyAndLayout[], dominates: (a: number, b: number) => boolean) {
    this.cx = cx;
    this.body = body;
    this.layouts = layouts;
    this.dominates = dominates;
    this.defBlock = new Int32Array(layouts.length).fill(UNDEFINED);
    this.defIndex = new Int32Array(layouts.length);
    for (let i = 0; i < layouts.length; i++) {
      const { layout } = layouts[i]!;
      if (layout.size !== 0 && layout.backendRepr.kind === "memory") this.defBlock[i] = MEMORY;
      else if (i >= 1 && i <= body.argCount) this.defBlock[i] = ARGUMENT;
    }
  }

  memory(): Uint8Array {
    const out = new Uint8Array(this.layouts.length);
    for (let i = 0; i < out.length; i++) {
      if (this.defBlock[i] === MEMORY && this.layouts[i]!.layout.size !== 0) out[i] = 1;
    }
    return out;
  }

  visitBlock(block: number): void {
    const data = this.body.blocks[block]!;
    this.block = block;
    const { statements } = data;
    for (let i = 0; i < statements.length; i++) {
      this.index = i;
      this.visitStatement(statements[i]!);
    }
    this.index = statements.length;
    this.visitTerminator(data.terminator);
  }

  private visitStatement(statement: Statement): void {
    switch (statement.kind) {
      case "assign":
        this.visitRvalue(statement.rvalue);
        this.write(statement.place);
        break;
      case "setDiscriminant":
        this.project(statement.place);
        this.inMemory(statement.place);
        break;
      case "assume":
        this.visitOperand(statement.operand);
        break;
    }
  }

  private visitTerminator(terminator: Terminator): void {
    switch (terminator.kind) {
      case "switchInt":
        this.visitOperand(terminator.discr);
        break;
      case "assert":
        this.visitOperand(terminator.cond);
        break;
      case "return":
        this.use(0);
        break;
      case "call":
        this.visitOperand(terminator.func);
        for (const arg of terminator.args) this.visitOperand(arg);
        this.write(terminator.destination);
        break;
    }
  }

  private visitRvalue(rvalue: Rvalue): void {
    switch (rvalue.kind) {
      case "use":
      case "repeat":
      case "cast":
      case "unary":
        this.visitOperand(rvalue.operand);
        break;
      case "binary":
        this.visitOperand(rvalue.left);
        this.visitOperand(rvalue.right);
        break;
      case "ref":
      case "rawPtr":
        this.project(rvalue.place);
        this.inMemory(rvalue.place);
        break;
      case "discriminant":
        this.read(rvalue.place);
        break;
      case "aggregate":
        for (const operand of rvalue.operands) this.visitOperand(operand);
        break;
    }
  }

  private visitOperand(operand: Operand): void {
    if (operand.kind !== "const") this.read(operand.place);
  }

  private read(place: Place): void {
    const { projection, local } = place;
    if (projection.length > 0) {
      this.project(place);
      if (projection[0]!.kind !== "deref" && this.defBlock[local] !== MEMORY) {
        const base = this.layouts[local]!;
        const fields = leadingFields(place);
        if (operandProjection(this.cx, base, fields) === undefined) {
          this.defBlock[local] = MEMORY;
          return;
        }
      }
    }
    this.use(local);
  }

  private write(place: Place): void {
    if (place.projection.length === 0) {
      this.define(place.local);
      return;
    }
    this.project(place);
    this.inMemory(place);
  }

  /** The base of `place` must be in memory, unless the place is behind a pointer that the local holds. */
  private inMemory(place: Place): void {
    const first = derefIndex(place);
    if (first < 0) this.defBlock[place.local] = MEMORY;
    else
      this.read(
        first === 0
          ? { local: place.local, projection: [] }
          : { local: place.local, projection: place.projection.slice(0, first) },
      );
  }

  private project(place: Place): void {
    for (const elem of place.projection) if (elem.kind === "index") this.use(elem.local);
  }

  private use(local: number): void {
    const def = this.defBlock[local]!;
    if (def === MEMORY || def === ARGUMENT) return;
    const fine =
      def === this.block ? this.defIndex[local]! < this.index : def !== UNDEFINED && this.dominates(def, this.block);
    if (!fine) this.defBlock[local] = MEMORY;
  }

  private define(local: number): void {
    if (this.defBlock[local] === UNDEFINED) {
      this.defBlock[local] = this.block;
      this.defIndex[local] = this.index;
    } else {
      this.defBlock[local] = MEMORY;
    }
  }
}

/** The index of the first `deref` in `place`, or -1. */
export function derefIndex(place: Place): number {
  const { projection } = place;
  for (let i = 0; i < projection.length; i++) if (projection[i]!.kind === "deref") return i;
  return -1;
}

/** `place` up to its first `deref`. */
export function leadingFields(place: Place): Place {
  const end = derefIndex(place);
  return end < 0 ? place : { local: place.local, projection: place.projection.slice(0, end) };
}
