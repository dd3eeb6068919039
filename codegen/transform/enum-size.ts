/**
 * EnumSizeOpt: a copy of an enum with one large variant and smaller ones copies only the bytes of the active variant
 * (rustc_mir_transform/src/large_enums.rs).
 *
 * The sizes stand in a table by discriminant. What lies behind the active variant keeps its old bytes: they are padding.
 */

import { forVariant, layoutOf } from "../layout/layout.ts";
import { discriminantTy, placeTy } from "../mir/place-ty.ts";
import type { Local, Operand, Place, Rvalue, Statement } from "../mir/syntax.ts";
import { TY_U8, TY_USIZE, type Ty } from "../mir/ty.ts";
import { isIndirect } from "./locals.ts";
import type { MirPass, MutBody, TransformCx } from "./pass.ts";

/** By how many bytes the largest variant must exceed the smallest. */
const DISCREPANCY = 128;
const LARGEST_DISCRIMINANT = 255n;

export const enumSize: MirPass = (body, cx) => {
  let changed = false;
  for (const block of body.blocks) {
    block.statements = block.statements.flatMap((statement) => {
      const parts = optimised(body, statement, cx);
      if (parts === undefined) return [statement];
      changed = true;
      return parts;
    });
  }
  return changed;
};

/** By discriminant: the bytes to copy; `undefined` when it is not worth it. */
function sizeTable(ty: Ty, cx: TransformCx): number[] | undefined {
  if (ty.kind !== "adt" || ty.def.adtKind !== "enum" || ty.def.variants.length < 2 || hasParam(ty)) return undefined;
  const layout = layoutOf(cx.layouts, ty);
  const { variants } = layout.layout;
  // A tag in a niche lies in the largest variant's own bytes, outside of the others.
  if (variants.kind !== "multiple" || variants.encoding.kind !== "direct") return undefined;
  const table: number[] = [];
  let [smallest, largest] = [Number.POSITIVE_INFINITY, 0];
  for (const [i, { discriminant }] of ty.def.variants.entries()) {
    if (discriminant < 0n || discriminant > LARGEST_DISCRIMINANT) return undefined;
    const { size } = forVariant(cx.layouts, layout, i).layout;
    table[Number(discriminant)] = size;
    smallest = Math.min(smallest, size);
    largest = Math.max(largest, size);
  }
  if (largest - smallest < DISCREPANCY) return undefined;
  return Array.from(table, (size) => size ?? 0);
}

function hasParam(ty: Ty): boolean {
  return ty.kind === "param" || ty.kind === "alias" || (ty.kind === "adt" && ty.args.some(hasParam));
}

function optimised(body: MutBody, statement: Statement, cx: TransformCx): Statement[] | undefined {
  if (statement.kind !== "assign" || statement.rvalue.kind !== "use") return undefined;
  const { operand } = statement.rvalue;
  if (operand.kind === "const") return undefined;
  const { ty } = placeTy(body, operand.place, cx.tcx);
  const table = sizeTable(ty, cx);
  // A place may be packed: pointers to it as a whole are only sure to be aligned for locals and behind pointers.
  if (table === undefined || !isAligned(operand.place) || !isAligned(statement.place)) return undefined;
  return new CopyWriter(body, statement.span, cx).write(statement.place, operand.place, ty, table);
}

function isAligned(place: Place): boolean {
  return place.projection.length === 0 || (isIndirect(place) && place.projection.length === 1);
}

class CopyWriter {
  private readonly body: MutBody;
  private readonly span: Statement["span"];
  private readonly cx: TransformCx;
  private readonly statements: Statement[] = [];

  constructor(body: MutBody, span: Statement["span"], cx: TransformCx) {
    this.body = body;
    this.span = span;
    this.cx = cx;
  }

  write(dest: Place, source: Place, ty: Ty, table: readonly number[]): Statement[] {
    const { tcx } = this.cx;
    const sizes = this.temp(tcx.array(TY_USIZE, table.length), {
      kind: "aggregate",
      aggregate: { kind: "array", element: TY_USIZE },
      operands: table.map((size) => constUsize(size)),
    });
    const discr = this.temp(discriminantTy(ty), { kind: "discriminant", place: source });
    const index = this.temp(TY_USIZE, { kind: "cast", castKind: "IntToInt", operand: copyOf(discr), ty: TY_USIZE });
    const size: Operand = { kind: "copy", place: { local: sizes, projection: [{ kind: "index", local: index }] } };
    const count = this.temp(TY_USIZE, { kind: "use", operand: size });
    const dst = this.bytePointer("mut", dest, ty);
    const src = this.bytePointer("not", source, ty);
    this.statements.push({
      kind: "copyNonOverlapping",
      src: copyOf(src),
      dst: copyOf(dst),
      count: copyOf(count),
      span: this.span,
    });
    return this.statements;
  }

  private bytePointer(mutability: "mut" | "not", place: Place, ty: Ty): Local {
    const { tcx } = this.cx;
    const whole = this.temp(tcx.ptr(mutability, ty), { kind: "rawPtr", mutability, place });
    const bytes = tcx.ptr(mutability, TY_U8);
    return this.temp(bytes, { kind: "cast", castKind: "PtrToPtr", operand: copyOf(whole), ty: bytes });
  }

  private temp(ty: Ty, rvalue: Rvalue): Local {
    const local = this.body.locals.length as Local;
    this.body.locals.push({ ty, mutability: "not" });
    this.statements.push({ kind: "assign", place: { local, projection: [] }, rvalue, span: this.span });
    return local;
  }
}

function copyOf(local: Local): Operand {
  return { kind: "copy", place: { local, projection: [] } };
}

function constUsize(value: number): Operand {
  return { kind: "const", value: { kind: "scalar", ty: TY_USIZE, bits: BigInt(value) } };
}
