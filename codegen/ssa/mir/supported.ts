/**
 * What code generation does not take, said before it starts on a function.
 *
 * The language has more than `ssa/` lowers. A body that uses the rest is a `Diagnostic` that names the construct and its place: for `mirc` an
 * error, for a campaign a counted skip, never wrong code.
 */

import type { Body, Const, Operand, Place, Rvalue, Statement, Terminator } from "../../mir/syntax.ts";
import type { Ty } from "../../mir/ty.ts";
import { Diagnostic, type Span } from "../../session/diagnostic.ts";

/** @throws Diagnostic when `body` has a construct that is not lowered. `types` are those of its locals, monomorphic. */
export function checkSupported(name: string, body: Body, types: readonly Ty[]): void {
  for (const ty of types) {
    const what = unsupportedTy(ty);
    if (what !== undefined) throw unsupported(name, what, undefined);
  }
  for (const block of body.blocks) {
    // Panics abort: nothing enters a cleanup block.
    if (block.isCleanup) continue;
    for (const statement of block.statements) {
      const what = unsupportedStatement(statement);
      if (what !== undefined) throw unsupported(name, what, statement.span);
    }
    const what = unsupportedTerminator(block.terminator);
    if (what !== undefined) throw unsupported(name, what, block.terminator.span);
  }
}

function unsupported(name: string, what: string, span: Span | undefined): Diagnostic {
  return new Diagnostic(`code generation does not support ${what}, in \`${name}\``, span === undefined ? {} : { span });
}

function unsupportedTy(ty: Ty): string | undefined {
  switch (ty.kind) {
    case "tuple":
      return firstOf(ty.fields, unsupportedTy);
    case "array":
      return unsupportedTy(ty.element);
    case "ref":
    case "ptr":
      return isUnsizedTail(ty.pointee) ? `the type \`${ty.text}\`` : undefined;
    case "adt":
      if (ty.def.adtKind === "union" || ty.def.repr.simd === true) return `the type \`${ty.text}\``;
      return firstOf(ty.args, unsupportedTy);
    case "float":
      return ty.width === 32 || ty.width === 64 ? undefined : `the type \`${ty.text}\``;
    case "bool":
    case "char":
    case "never":
    case "int":
    case "uint":
    case "fnptr":
      return undefined;
    default:
      return `the type \`${ty.text}\``;
  }
}

/** Pointers to `ty` are wide. Structs with such tails are caught where they are laid out. */
function isUnsizedTail(ty: Ty): boolean {
  return ty.kind === "str" || ty.kind === "slice" || ty.kind === "dynamic" || ty.kind === "foreign";
}

function unsupportedStatement(statement: Statement): string | undefined {
  switch (statement.kind) {
    case "assign":
      return unsupportedPlace(statement.place) ?? unsupportedRvalue(statement.rvalue);
    case "assume":
      return unsupportedOperand(statement.operand);
    case "setDiscriminant":
      return unsupportedPlace(statement.place);
    case "storageLive":
    case "storageDead":
    case "nop":
      return undefined;
    default:
      return `the statement \`${statement.kind}\``;
  }
}

function unsupportedTerminator(terminator: Terminator): string | undefined {
  if ("unwind" in terminator && terminator.unwind.kind === "cleanup") return "unwinding into a cleanup block";
  switch (terminator.kind) {
    case "switchInt":
      return unsupportedOperand(terminator.discr);
    case "call":
      return (
        unsupportedOperand(terminator.func) ??
        firstOf(terminator.args, unsupportedOperand) ??
        unsupportedPlace(terminator.destination)
      );
    case "assert":
      return ASSERTIONS.has(terminator.message.kind)
        ? unsupportedOperand(terminator.cond)
        : `the assertion \`${terminator.message.kind}\``;
    case "goto":
    case "return":
    case "unreachable":
      return undefined;
    default:
      return `the terminator \`${terminator.kind}\``;
  }
}

const ASSERTIONS: ReadonlySet<string> = new Set([
  "boundsCheck",
  "overflow",
  "overflowNeg",
  "divisionByZero",
  "remainderByZero",
]);

function unsupportedRvalue(rvalue: Rvalue): string | undefined {
  switch (rvalue.kind) {
    case "use":
    case "repeat":
      return unsupportedOperand(rvalue.operand);
    case "unary":
      return rvalue.op === "PtrMetadata" ? "`PtrMetadata`" : unsupportedOperand(rvalue.operand);
    case "cast":
      if (rvalue.castKind === "Unsize" || rvalue.castKind === "ClosureFnPointer")
        return `a cast \`${rvalue.castKind}\``;
      return unsupportedOperand(rvalue.operand);
    case "ref":
    case "rawPtr":
    case "discriminant":
      return unsupportedPlace(rvalue.place);
    case "binary":
      return unsupportedOperand(rvalue.left) ?? unsupportedOperand(rvalue.right);
    case "aggregate":
      if (rvalue.aggregate.kind === "closure" || rvalue.aggregate.kind === "rawPtr") {
        return `an aggregate of kind \`${rvalue.aggregate.kind}\``;
      }
      return firstOf(rvalue.operands, unsupportedOperand);
    default:
      return `the rvalue \`${rvalue.kind}\``;
  }
}

function unsupportedOperand(operand: Operand): string | undefined {
  return operand.kind === "const" ? unsupportedConst(operand.value) : unsupportedPlace(operand.place);
}

function unsupportedConst(value: Const): string | undefined {
  if (value.kind === "fn") return value.item.parent === undefined ? undefined : "associated functions";
  if (value.kind !== "scalar" && value.kind !== "zst") return `a constant of kind \`${value.kind}\``;
  return unsupportedTy(value.ty);
}

function unsupportedPlace({ projection }: Place): string | undefined {
  return projection.some((elem) => elem.kind === "subslice") ? "a subslice" : undefined;
}

function firstOf<T>(list: readonly T[], find: (item: T) => string | undefined): string | undefined {
  for (const item of list) {
    const found = find(item);
    if (found !== undefined) return found;
  }
  return undefined;
}
