/**
 * What code generation does not take, said before it starts.
 *
 * The language has more than `ssa/` lowers. A body that uses the rest is a `Diagnostic` that names the construct and its place: for `mirc` an
 * error, never wrong code. A campaign asks `codegenLacks` of each program first and counts those with an answer as skipped.
 *
 * A *lack* is told in two ways: `what` names the program's own types, for a person with that program; `reason` does not, so that many
 * programs share it.
 */

import { INTRINSICS } from "../../mir/prelude.ts";
import { entryPoints, type Program } from "../../mir/program.ts";
import type { Body, Const, FnItem, Operand, Place, Rvalue, Statement, Terminator } from "../../mir/syntax.ts";
import type { AdtDef, Ty } from "../../mir/ty.ts";
import { visitBody } from "../../mir/visit.ts";
import { instanceBody } from "../../monomorphize/instantiate.ts";
import { monoCxOf } from "../../monomorphize/mono-cx.ts";
import { instanceOf } from "../../monomorphize/symbol-names.ts";
import { type UseCx, usesOf, usesOfStatic } from "../../monomorphize/uses.ts";
import { batchRoots } from "../../runtime/batch.ts";
import { Diagnostic, type Span } from "../../session/diagnostic.ts";
import { HOST_TARGET } from "../../target/spec.ts";
import { evaluateConstants } from "../constants.ts";

interface Lack {
  readonly what: string;
  readonly reason: string;
  readonly span?: Span;
}

/** @throws Diagnostic when `body` has a construct that is not lowered. `types` are those of its locals, monomorphic. */
export function checkSupported(name: string, body: Body, types: readonly Ty[]): void {
  const lack = bodyLack(body, types);
  if (lack !== undefined) throw lackDiagnostic(lack, name);
}

function lackDiagnostic({ what, span }: Lack, name: string): Diagnostic {
  return new Diagnostic(`code generation does not support ${what}, in \`${name}\``, span === undefined ? {} : { span });
}

function bodyLack(body: Body, types: readonly Ty[]): Lack | undefined {
  const inTypes = firstOf(types, tyLack);
  if (inTypes !== undefined) return inTypes;
  for (const block of body.blocks) {
    // Panics abort: nothing enters a cleanup block.
    if (block.isCleanup) continue;
    for (const statement of block.statements) {
      const lack = statementLack(statement);
      if (lack !== undefined) return { ...lack, span: statement.span };
    }
    const lack = terminatorLack(block.terminator);
    if (lack !== undefined) return { ...lack, span: block.terminator.span };
  }
  return undefined;
}

/** Why code generation cannot compile `program`, without names of its own; `undefined` when it can. */
export function codegenLacks(program: Program): string | undefined {
  return programLack(program)?.lack.reason;
}

/** @throws Diagnostic when code generation cannot compile `program`. */
export function checkProgramSupported(program: Program): void {
  const found = programLack(program);
  if (found !== undefined) throw lackDiagnostic(found.lack, found.name);
}

/**
 * The first lack of `program`, and the function that it is in. Looks at everything that its entry points and statics need, as the collector
 * would; stops at the first lack, so that nothing is asked of what is not supported.
 */
function programLack(program: Program): { readonly lack: Lack; readonly name: string } | undefined {
  const { tcx } = program;
  const cx: UseCx = {
    tcx,
    normalizes: (program.traits?.length ?? 0) + (program.consts?.length ?? 0) > 0,
    get mono() {
      return monoCxOf(program);
    },
  };
  evaluateConstants(program, HOST_TARGET.dataLayout);
  // A static that code refers to is a lack of that code. What others point to is compiled all the same.
  const stack = (program.statics ?? []).flatMap((item) => (item.body === undefined ? [] : usesOfStatic(cx, item).uses));
  stack.push(...(batchRoots(program) ?? entryPoints(program)).map((item) => instanceOf(item)));
  const seen = new Set(stack.map((instance) => instance.symbol));
  for (let instance = stack.pop(); instance !== undefined; instance = stack.pop()) {
    const { body } = instance.item;
    if (body === undefined) continue;
    const generic = instance.args.length > 0;
    const own = generic || cx.normalizes ? (instanceBody(cx.mono, instance) ?? body) : body;
    const lack = instanceLack(own);
    if (lack !== undefined) return { lack: { span: instance.item.span, ...lack }, name: instance.item.name };
    for (const use of usesOf(cx, instance, body).uses) {
      if (seen.has(use.symbol)) continue;
      seen.add(use.symbol);
      stack.push(use);
    }
  }
  return undefined;
}

/** As `bodyLack`, and what only shows later: callees that have no code, and types within types. */
function instanceLack(body: Body): Lack | undefined {
  const shallow = bodyLack(
    body,
    body.locals.map((decl) => decl.ty),
  );
  if (shallow !== undefined) return shallow;
  let found: Lack | undefined;
  const seen = new Set<AdtDef | Ty>();
  const ty = (t: Ty): void => {
    found ??= deepTyLack(t, seen);
  };
  for (const decl of body.locals) ty(decl.ty);
  visitBody(body, {
    ty,
    constant: (value) => {
      if (value.kind === "fn") found ??= bodilessLack(value.item);
    },
  });
  return found;
}

/** Of a function without a body: what defines it is not known. (The runtime's own functions call such.) */
function bodilessLack(item: FnItem): Lack | undefined {
  if (item.kind === "extern") return { what: `the foreign function \`${item.name}\``, reason: "foreign functions" };
  if (item.variadic === true) return same(VARIADIC);
  return item.kind === "fn" && item.body === undefined ? same(`the function \`${item.name}\``) : undefined;
}

const VARIADIC = "functions with variable arguments";

const EXPANDED: ReadonlySet<FnItem> = new Set([
  INTRINSICS.observe,
  INTRINSICS.blackBox,
  INTRINSICS.observeScalar,
  INTRINSICS.panic,
  INTRINSICS.syscall,
]);

function intrinsicLack(item: FnItem): Lack | undefined {
  if (item.kind !== "intrinsic" || EXPANDED.has(item)) return undefined;
  const name = item.name.slice(item.name.lastIndexOf(":") + 1);
  const family = INTRINSIC_FAMILIES.find((prefix) => name.startsWith(prefix));
  const reason = family === undefined ? `the intrinsic \`${name}\`` : `intrinsics \`${family}*\``;
  return { what: `the intrinsic \`${item.name}\``, reason };
}

/** Beginnings of names: intrinsics that are lowered together, or not. */
const INTRINSIC_FAMILIES: readonly string[] = ["atomic_", "simd_", "thread_"];

/** `tyLack` of `ty`, what it points to and the fields of what it contains. */
function deepTyLack(ty: Ty, seen: Set<AdtDef | Ty>): Lack | undefined {
  if (seen.has(ty)) return undefined;
  seen.add(ty);
  const lack = tyLack(ty);
  if (lack !== undefined) return lack;
  const deep = (t: Ty): Lack | undefined => deepTyLack(t, seen);
  switch (ty.kind) {
    case "tuple":
      return firstOf(ty.fields, deep);
    case "array":
    case "genericArray":
      return deep(ty.element);
    case "ref":
    case "ptr":
      return deep(ty.pointee);
    case "fnptr":
      return ty.variadic ? same(VARIADIC) : (firstOf(ty.params, deep) ?? deep(ty.ret));
    case "adt": {
      if (ty.def.lang === "owned_box") return same("`Box`");
      const inArgs = firstOf(ty.args, deep);
      if (inArgs !== undefined || seen.has(ty.def)) return inArgs;
      seen.add(ty.def);
      return firstOf(ty.def.variants, ({ fields }) => firstOf(fields, (field) => deep(field.ty)));
    }
    default:
      return undefined;
  }
}

/** Without a name of the program's own. */
function same(what: string): Lack {
  return { what, reason: what };
}

function tyLack(ty: Ty): Lack | undefined {
  switch (ty.kind) {
    case "tuple":
      return firstOf(ty.fields, tyLack);
    case "array":
      return tyLack(ty.element);
    case "ref":
    case "ptr":
      return isUnsizedTail(ty.pointee) ? typeLack(ty, ty.pointee.kind) : undefined;
    case "adt":
      if (ty.def.adtKind === "union") return typeLack(ty, "union");
      if (ty.def.repr.simd === true) return typeLack(ty, "simd");
      return firstOf(ty.args, tyLack);
    case "float":
      return ty.width === 32 || ty.width === 64 ? undefined : same(`the type \`${ty.text}\``);
    case "bool":
    case "char":
    case "never":
    case "int":
    case "uint":
    case "fnptr":
    case "constArg":
      return undefined;
    // Only in the fields of generic types, where the arguments are looked at.
    case "param":
    case "alias":
      return undefined;
    case "genericArray":
      return tyLack(ty.element);
    default:
      return typeLack(ty, ty.kind);
  }
}

/** What kinds of types are called in reasons. */
const TYPE_KINDS: Readonly<Record<string, string>> = {
  str: "`str`",
  slice: "slices",
  dynamic: "trait objects",
  foreign: "foreign types",
  union: "unions",
  simd: "SIMD vectors",
  fndef: "function items as values",
  closure: "closures",
};

function typeLack(ty: Ty, kind: string): Lack {
  return { what: `the type \`${ty.text}\``, reason: TYPE_KINDS[kind] ?? `types of kind \`${kind}\`` };
}

/** Pointers to `ty` are wide. Structs with such tails are caught where they are laid out. */
function isUnsizedTail(ty: Ty): boolean {
  return ty.kind === "str" || ty.kind === "slice" || ty.kind === "dynamic" || ty.kind === "foreign";
}

function statementLack(statement: Statement): Lack | undefined {
  switch (statement.kind) {
    case "assign":
      return placeLack(statement.place) ?? rvalueLack(statement.rvalue);
    case "assume":
      return operandLack(statement.operand);
    case "setDiscriminant":
      return placeLack(statement.place);
    case "storageLive":
    case "storageDead":
    case "nop":
      return undefined;
    default:
      return same(`the statement \`${statement.kind}\``);
  }
}

function terminatorLack(terminator: Terminator): Lack | undefined {
  if ("unwind" in terminator && terminator.unwind.kind === "cleanup") return same("unwinding into a cleanup block");
  switch (terminator.kind) {
    case "switchInt":
      return operandLack(terminator.discr);
    case "call":
      return operandLack(terminator.func) ?? firstOf(terminator.args, operandLack) ?? placeLack(terminator.destination);
    case "assert":
      return ASSERTIONS.has(terminator.message.kind)
        ? operandLack(terminator.cond)
        : same(`the assertion \`${terminator.message.kind}\``);
    case "goto":
    case "return":
    case "unreachable":
      return undefined;
    default:
      return same(`the terminator \`${terminator.kind}\``);
  }
}

const ASSERTIONS: ReadonlySet<string> = new Set([
  "boundsCheck",
  "overflow",
  "overflowNeg",
  "divisionByZero",
  "remainderByZero",
]);

function rvalueLack(rvalue: Rvalue): Lack | undefined {
  switch (rvalue.kind) {
    case "use":
    case "repeat":
      return operandLack(rvalue.operand);
    case "unary":
      return rvalue.op === "PtrMetadata" ? same("`PtrMetadata`") : operandLack(rvalue.operand);
    case "cast":
      if (rvalue.castKind === "Unsize" || rvalue.castKind === "ClosureFnPointer")
        return same(`a cast \`${rvalue.castKind}\``);
      return operandLack(rvalue.operand);
    case "ref":
    case "rawPtr":
    case "discriminant":
      return placeLack(rvalue.place);
    case "binary":
      return operandLack(rvalue.left) ?? operandLack(rvalue.right);
    case "aggregate":
      if (rvalue.aggregate.kind === "closure" || rvalue.aggregate.kind === "rawPtr") {
        return same(`an aggregate of kind \`${rvalue.aggregate.kind}\``);
      }
      return firstOf(rvalue.operands, operandLack);
    default:
      return same(`the rvalue \`${rvalue.kind}\``);
  }
}

function operandLack(operand: Operand): Lack | undefined {
  return operand.kind === "const" ? constLack(operand.value) : placeLack(operand.place);
}

function constLack(value: Const): Lack | undefined {
  if (value.kind === "fn") {
    return value.item.parent === undefined ? intrinsicLack(value.item) : same("associated functions");
  }
  if (value.kind !== "scalar" && value.kind !== "zst") return same(`a constant of kind \`${value.kind}\``);
  return tyLack(value.ty);
}

function placeLack({ projection }: Place): Lack | undefined {
  return projection.some((elem) => elem.kind === "subslice") ? same("a subslice") : undefined;
}

function firstOf<T>(list: readonly T[], find: (item: T) => Lack | undefined): Lack | undefined {
  for (const item of list) {
    const found = find(item);
    if (found !== undefined) return found;
  }
  return undefined;
}
