/**
 * Signatures: which findings are one. Two findings are the same fault when the same kind of compiler shows the same verdict, through the
 * same guilty pass, on reduced programs of the same shape.
 *
 * The *shape* of a reduced program is the set of operations in it, with the class of type each works on (signed, unsigned, float …), but
 * without widths, constants and order: what a pass gets wrong for `i32` it usually gets wrong for `i64`. How values are carried to the operations
 * (references, aggregates, repeats) counts only where there is no operation.
 */

import {
  type Body,
  type FnItem,
  INTRINSICS_BY_NAME,
  type Operand,
  operandTy,
  type Program,
  type Rvalue,
  type Terminator,
  type Ty,
} from "../../codegen/index.ts";

export interface SignatureParts {
  readonly kind: string;
  readonly verdict: string;
  readonly culprit: string;
  readonly shape: readonly string[];
}

export function signatureOf({ kind, verdict, culprit, shape }: SignatureParts): string {
  return [kind, verdict, culprit, shape.join(" ")].join(" | ");
}

/** The sorted set of operations in `program`. */
export function shapeOf(program: Program): string[] {
  const operations = new Set<string>();
  const carriers = new Set<string>();
  for (const { body } of program.functions) {
    if (body === undefined) continue;
    for (const block of body.blocks) {
      for (const statement of block.statements) {
        if (statement.kind === "assign") addRvalue(operations, carriers, program, body, statement.rvalue);
        else if (statement.kind === "setDiscriminant") operations.add("setDiscriminant");
      }
      addTerminator(operations, block.terminator);
    }
  }
  return [...(operations.size > 0 ? operations : carriers)].sort();
}

function addTerminator(operations: Set<string>, terminator: Terminator): void {
  switch (terminator.kind) {
    case "switchInt":
    case "assert":
    case "drop":
      operations.add(terminator.kind);
      return;
    case "call":
    case "tailCall": {
      const callee = calleeClass(terminator.func);
      if (callee !== undefined) operations.add(callee);
      if (terminator.kind === "tailCall") operations.add("become");
    }
  }
}

/** How a callee is called: by a pointer, through a vtable; an intrinsic by name. `undefined` for what every program has. */
function calleeClass(func: Operand): string | undefined {
  if (func.kind !== "const" || func.value.kind !== "fn") return "call-indirect";
  const { item, args } = func.value;
  if (INTRINSICS_BY_NAME.has(item.name)) return undefined;
  if (item.kind === "intrinsic") return intrinsicName(item);
  return item.parent?.kind === "trait" && args[0]?.kind === "dynamic" ? "call-virtual" : "call";
}

/** Without path and the orderings of atomics. */
function intrinsicName({ name }: FnItem): string {
  return name.slice(name.lastIndexOf(":") + 1).replace(/(_(relaxed|acquire|release|acqrel|seqcst))+$/, "");
}

function addRvalue(operations: Set<string>, carriers: Set<string>, program: Program, body: Body, rvalue: Rvalue): void {
  switch (rvalue.kind) {
    case "use":
      return;
    case "binary":
      operations.add(`${rvalue.op}:${classOf(operandTy(body, rvalue.left, program.tcx))}`);
      return;
    case "unary":
      operations.add(`${rvalue.op}:${classOf(operandTy(body, rvalue.operand, program.tcx))}`);
      return;
    case "cast":
      operations.add(
        `${rvalue.castKind}:${classOf(operandTy(body, rvalue.operand, program.tcx))}>${classOf(rvalue.ty)}`,
      );
      return;
    case "discriminant":
    case "len":
    case "threadLocalRef":
      operations.add(rvalue.kind);
      return;
    case "nullary":
      operations.add(rvalue.op.kind);
      return;
    default:
      carriers.add(rvalue.kind);
  }
}

function classOf(ty: Ty): string {
  return ty.kind === "ref" ? "ptr" : ty.kind;
}
