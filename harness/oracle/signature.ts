/**
 * Signatures: which findings are one. Two findings are the same fault when the same kind of compiler shows the same verdict, through the
 * same guilty pass, on reduced programs of the same shape.
 *
 * The *shape* of a reduced program is the set of operations in it, with the class of type each works on (signed, unsigned, float …), but
 * without widths, constants and order: what a pass gets wrong for `i32` it usually gets wrong for `i64`. How values are carried to the operations
 * (references, aggregates, repeats) counts only where there is no operation.
 */

import { type Body, INTRINSICS_BY_NAME, operandTy, type Program, type Rvalue, type Ty } from "../../codegen/index.ts";

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
      const { terminator } = block;
      if (terminator.kind === "switchInt" || terminator.kind === "assert") operations.add(terminator.kind);
      if (terminator.kind === "call") {
        const callee =
          terminator.func.kind === "const" && terminator.func.value.kind === "fn"
            ? terminator.func.value.item.name
            : undefined;
        if (callee === undefined) operations.add("call-indirect");
        else if (!INTRINSICS_BY_NAME.has(callee)) operations.add("call");
      }
    }
  }
  return [...(operations.size > 0 ? operations : carriers)].sort();
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
      operations.add(rvalue.kind);
      return;
    default:
      carriers.add(rvalue.kind);
  }
}

function classOf(ty: Ty): string {
  return ty.kind === "ref" ? "ptr" : ty.kind;
}
