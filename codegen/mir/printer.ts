/**
 * The printer of MIR text: what rustc prints for the same body (rustc_middle/src/mir/pretty.rs), byte for byte, and the items around it
 * in Rust syntax. A printed program parses to the same program.
 *
 * Three things do not survive: the mutability of arguments, as no text shows it; the left operand of a shift's overflow message, which
 * rustc does not print; and types that nothing mentions, of a program that does not list its types.
 */

import { collectForeignTys } from "./collect-adts.ts";
import type { ConstItem, ImplDef, StaticItem, TraitDef } from "./items.ts";
import { type Names, namesOf } from "./names.ts";
import { preludeDeclares, preludeHas } from "./prelude/load.ts";
import { INTRINSICS_BY_NAME } from "./prelude.ts";
import { printAlloc, printAllocRefs } from "./print-alloc.ts";
import { printConst } from "./print-const.ts";
import { printAdt, printGenerics, printImplHead, printPredicates, printTraitHead } from "./print-items.ts";
import { printOperand, printPlace, printRvalue } from "./print-rvalue.ts";
import type { Program } from "./program.ts";
import type {
  AssertKind,
  BasicBlockData,
  Body,
  Const,
  FnItem,
  Local,
  SourceScope,
  Statement,
  Terminator,
  UnwindAction,
} from "./syntax.ts";
import type { Ty } from "./ty.ts";
import { visitBody } from "./visit.ts";

export { printAdt, printConst, printOperand, printPlace, printRvalue };

/** The text of a program: the release whose layouts it has, types, traits and impls with what is in them, statics, constants, functions, allocations. */
export function printProgram(program: Program): string {
  const names = namesOf(program);
  const items: string[] = [];
  const { rustcRelease } = program.tcx;
  if (rustcRelease !== undefined) items.push(`#![rustc_release = "${rustcRelease}"]\n`);
  for (const def of names.listAdts()) if (!def.prelude) items.push(printAdt(def));
  for (const name of collectForeignTys(program))
    if (!preludeHas(name)) items.push(`extern "C" {\n    type ${name};\n}\n`);
  for (const item of program.traits ?? []) if (!item.prelude) items.push(printTrait(item, names));
  for (const item of program.impls ?? []) if (!item.prelude) items.push(printImpl(item, names));
  for (const item of ownIntrinsics(program)) items.push(printIntrinsic(item, names));
  for (const item of program.statics ?? []) items.push(printStatic(item, names));
  for (const item of program.consts ?? []) if (item.parent === undefined) items.push(printConstItem(item, names));
  for (const item of program.functions)
    if (item.parent === undefined && item.kind !== "intrinsic") items.push(printFn(item, names));
  for (const item of program.allocs ?? []) items.push(printAlloc(item, names));
  items.push(...printAllocRefs(names));
  return items.join("\n");
}

/** The intrinsics that `program` mentions and a reader would not know: those that neither the language nor the prelude declares. */
function ownIntrinsics(program: Program): readonly FnItem[] {
  const found = new Map<string, FnItem>();
  const constant = (value: Const): void => {
    if (value.kind !== "fn" || value.item.kind !== "intrinsic" || found.has(value.item.name)) return;
    const { name } = value.item;
    if (!INTRINSICS_BY_NAME.has(name) && !preludeDeclares(name)) found.set(name, value.item);
  };
  for (const body of bodiesOf(program)) visitBody(body, { constant });
  return [...found.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
}

function printIntrinsic(item: FnItem, names: Names): string {
  // One that was read has the attribute among its own.
  const attribute = item.attributes?.includes("rustc_intrinsic") === true ? "" : "#[rustc_intrinsic]\n";
  return attribute + printFn(item, names);
}

function* bodiesOf({ functions, statics, consts, impls, traits }: Program): Iterable<Body> {
  const members = [...(impls ?? []), ...(traits ?? [])].flatMap(({ fns, assocConsts }) => [...fns, ...assocConsts]);
  for (const { body } of [...functions, ...(statics ?? []), ...(consts ?? []), ...members])
    if (body !== undefined) yield body;
}

/** The text of a function with its attributes and body; of an `extern` declaration, its signature. */
export function printFn(item: FnItem, names?: Names): string {
  const head = printAttributes(item) + printSignature(item, names);
  if (item.body === undefined) return `${head};\n`;
  return `${head} {\n${printBody(item.body, names)}}\n`;
}

const INLINE = { none: "", hint: "#[inline]\n", always: "#[inline(always)]\n", never: "#[inline(never)]\n" } as const;

function printAttributes(item: FnItem): string {
  let out = INLINE[item.inline];
  for (const attribute of item.attributes ?? []) out += `#[${attribute}]\n`;
  if (item.closure !== undefined && item.constParams !== undefined) {
    const params = item.constParams.flatMap((ty, i) => (ty === undefined ? [] : [`${item.generics[i]}: ${ty.text}`]));
    if (params.length > 0) out += `#[const_params(${params.join(", ")})]\n`;
  }
  if (item.closure !== undefined && item.closure.upvars.length > 0) {
    const { upvars, upvarNames } = item.closure;
    out += `#[upvars(${upvars.map((ty, i) => `${upvarNames[i] ?? i}: ${ty.text}`).join(", ")})]\n`;
  }
  return out;
}

function printSignature(item: FnItem, names: Names | undefined): string {
  const abi = item.abi === "Rust" && item.kind !== "extern" ? "" : `extern "${item.abi}" `;
  const inherited = item.parent?.generics.length ?? 0;
  const generics = item.closure === undefined ? printGenerics(item, inherited) : "";
  const params = item.params.map((ty, i) => `_${i + 1}: ${names === undefined ? ty.text : names.trimmedTy(ty)}`);
  const variadic = item.variadic === true ? [...params, "..."] : params;
  const ret = names === undefined ? item.ret.text : names.trimmedTy(item.ret);
  const name = item.parent === undefined ? item.name : (item.assocName ?? item.name);
  const where = printPredicates((item.predicates ?? []).slice(inheritedPredicates(item)));
  return `${item.unsafe === true ? "unsafe " : ""}${abi}fn ${name}${generics}(${variadic.join(", ")}) -> ${ret}${where}`;
}

/** The impl or trait around a function says these; those of a closure are its parent's. */
function inheritedPredicates(item: FnItem): number {
  if (item.closure !== undefined) return item.predicates?.length ?? 0;
  return item.parent?.predicates.length ?? 0;
}

function indented(text: string): string {
  return text.replace(/^(?=.)/gm, "    ");
}

function printTrait(item: TraitDef, names: Names): string {
  const parts: string[] = item.assocTypes.map((assoc) => {
    const bounds = assoc.predicates.length === 0 ? "" : printPredicates(assoc.predicates);
    const own = assoc.generics.length === 0 ? "" : `<${assoc.generics.join(", ")}>`;
    return `type ${assoc.name}${own}${bounds}${assoc.default === undefined ? "" : ` = ${assoc.default.text}`};\n`;
  });
  for (const assoc of item.assocConsts) parts.push(printConstItem(assoc, names));
  for (const fn of item.fns) parts.push(printFn(fn, names));
  return `${printTraitHead(item)} {\n${indented(parts.join(""))}}\n`;
}

function printImpl(item: ImplDef, names: Names): string {
  const parts: string[] = item.assocTypes.map((assoc) => {
    const own = assoc.generics.length === 0 ? "" : `<${assoc.generics.join(", ")}>`;
    return `type ${assoc.name}${own} = ${assoc.ty.text};\n`;
  });
  for (const assoc of item.assocConsts) parts.push(printConstItem(assoc, names));
  for (const fn of item.fns) parts.push(printFn(fn, names));
  return `${printImplHead(item)} {\n${indented(parts.join(""))}}\n`;
}

function printInitialiser(ty: Ty, body: Body | undefined, names: Names | undefined): string {
  return body === undefined ? `${ty.text};\n` : `${ty.text} = {\n${printBody(body, names)}}\n`;
}

/** `static mut X: T = { … }`; of an `extern` block, its declaration in one. */
export function printStatic(item: StaticItem, names?: Names): string {
  const attributes = (item.attributes ?? []).map((attribute) => `#[${attribute}]\n`).join("");
  const local = item.threadLocal ? "#[thread_local]\n" : "";
  const mut = item.mutability === "mut" ? "mut " : "";
  const text = `${attributes}${local}static ${mut}${item.name}: ${printInitialiser(item.ty, item.body, names)}`;
  return item.body === undefined ? `extern "C" {\n${indented(text)}}\n` : text;
}

/** `const N: T = { … }`; of a trait without default, its declaration. */
export function printConstItem(item: ConstItem, names?: Names): string {
  const name = item.parent === undefined ? item.name : (item.assocName ?? item.name);
  const generics = printGenerics(item, item.parent?.generics.length ?? 0);
  return `const ${name}${generics}: ${printInitialiser(item.ty, item.body, names)}`;
}

/** The text inside a function's braces: scopes, locals, blocks. */
export function printBody(body: Body, names?: Names): string {
  let out = body.scopes === undefined ? printLocals(body) : printScope(body, body.scopes, "");
  for (let i = 0; i < body.blocks.length; i++) out += printBlock(i, body.blocks[i]!, names);
  return out;
}

function printLocals(body: Body): string {
  let out = printLet(body, 0 as Local, "");
  for (let i = body.argCount + 1; i < body.locals.length; i++) out += printLet(body, i as Local, "");
  return out;
}

function printLet(body: Body, local: Local, indent: string): string {
  const { ty, mutability } = body.locals[local]!;
  return `${indent}    let ${mutability === "mut" ? "mut " : ""}_${local}: ${ty.text};\n`;
}

function printScope(body: Body, scope: SourceScope, indent: string): string {
  let out = "";
  for (const { name, value } of scope.debugInfo) out += `${indent}    debug ${name} => ${value};\n`;
  for (const local of scope.locals) out += printLet(body, local, indent);
  for (const child of scope.children) {
    const inlined = child.inlined === "" ? "" : ` ${child.inlined}`;
    out += `${indent}    scope ${child.id}${inlined} {\n${printScope(body, child, `${indent}    `)}${indent}    }\n`;
  }
  return out;
}

function printBlock(index: number, block: BasicBlockData, names: Names | undefined): string {
  let out = `\n    bb${index}${block.isCleanup ? " (cleanup)" : ""}: {\n`;
  for (const statement of block.statements) out += `        ${printStatement(statement, names)};\n`;
  return `${out}        ${printTerminator(block.terminator, names)};\n    }\n`;
}

const RETAG = { default: "", fnEntry: "[fn entry] ", twoPhase: "[2phase] ", raw: "[raw] " } as const;

/** The text of a statement, without `;`. */
export function printStatement(statement: Statement, names?: Names): string {
  switch (statement.kind) {
    case "assign":
      return `${printPlace(statement.place)} = ${printRvalue(statement.rvalue, names)}`;
    case "setDiscriminant":
      return `discriminant(${printPlace(statement.place)}) = ${statement.variant}`;
    case "storageLive":
      return `StorageLive(_${statement.local})`;
    case "storageDead":
      return `StorageDead(_${statement.local})`;
    case "assume":
      return `assume(${printOperand(statement.operand, names)})`;
    case "copyNonOverlapping": {
      const [dst, src, count] = [statement.dst, statement.src, statement.count].map((o) => printOperand(o, names));
      return `copy_nonoverlapping(dst = ${dst}, src = ${src}, count = ${count})`;
    }
    case "deinit":
      return `Deinit(${printPlace(statement.place)})`;
    case "retag":
      return `Retag(${RETAG[statement.retagKind]}${printPlace(statement.place)})`;
    case "nop":
      return "nop";
  }
}

/** The text of a terminator, without `;`. */
export function printTerminator(terminator: Terminator, names?: Names): string {
  switch (terminator.kind) {
    case "goto":
      return `goto -> bb${terminator.target}`;
    case "switchInt": {
      const arms = terminator.values.map((value, i) => `${value}: bb${terminator.targets[i]}`);
      if (terminator.otherwise !== undefined) arms.push(`otherwise: bb${terminator.otherwise}`);
      return `switchInt(${printOperand(terminator.discr, names)}) -> [${arms.join(", ")}]`;
    }
    case "return":
    case "unreachable":
      return terminator.kind;
    case "call": {
      const args = terminator.args.map((arg) => printOperand(arg, names, true)).join(", ");
      const call = `${printPlace(terminator.destination)} = ${printOperand(terminator.func, names)}(${args})`;
      return call + printSuccessors("return", terminator.target, terminator.unwind);
    }
    case "tailCall": {
      const args = terminator.args.map((arg) => printOperand(arg, names, true)).join(", ");
      return `tailcall ${printOperand(terminator.func, names)}(${args})`;
    }
    case "drop":
      return `drop(${printPlace(terminator.place)})${printSuccessors("return", terminator.target, terminator.unwind)}`;
    case "unwindResume":
      return "resume";
    case "unwindTerminate":
      return `terminate(${terminator.reason})`;
    case "assert": {
      const cond = `${terminator.expected ? "" : "!"}${printOperand(terminator.cond, names)}`;
      const successors = printSuccessors("success", terminator.target, terminator.unwind);
      return `assert(${cond}, ${printMessage(terminator.message, names)})${successors}`;
    }
  }
}

function printSuccessors(label: string, target: number | undefined, unwind: UnwindAction): string {
  const text = printUnwind(unwind);
  if (target !== undefined) return ` -> [${label}: bb${target}, ${text}]`;
  return unwind.kind === "cleanup" ? ` -> [${text}]` : ` -> ${text}`;
}

function printUnwind(unwind: UnwindAction): string {
  switch (unwind.kind) {
    case "continue":
    case "unreachable":
      return `unwind ${unwind.kind}`;
    case "terminate":
      return `unwind terminate(${unwind.reason})`;
    case "cleanup":
      return `unwind: bb${unwind.block}`;
  }
}

const OVERFLOW_SIGNS: Readonly<Record<string, string>> = { Add: "+", Sub: "-", Mul: "*", Div: "/" };

function printMessage(message: AssertKind, names: Names | undefined): string {
  switch (message.kind) {
    case "boundsCheck":
      return `"index out of bounds: the length is {} but the index is {}", ${printOperand(message.length, names)}, ${printOperand(message.index, names)}`;
    case "overflowNeg":
      return `"attempt to negate \`{}\`, which would overflow", ${printOperand(message.operand, names)}`;
    case "divisionByZero":
      return `"attempt to divide \`{}\` by zero", ${printOperand(message.operand, names)}`;
    case "remainderByZero":
      return `"attempt to calculate the remainder of \`{}\` with a divisor of zero", ${printOperand(message.operand, names)}`;
    case "misalignedPointerDereference": {
      const [required, found] = [message.required, message.found].map((o) => printOperand(o, names));
      return `"misaligned pointer dereference: address must be a multiple of {} but is {}", ${required}, ${found}`;
    }
    case "nullPointerDereference":
      return '"null pointer dereference occurred"';
    case "invalidEnumConstruction":
      return `"trying to construct an enum from an invalid value {}", ${printOperand(message.operand, names)}`;
    case "resumedAfterReturn":
    case "resumedAfterPanic":
      return `"${message.what}"`;
    case "overflow": {
      const right = printOperand(message.right, names);
      if (message.op === "Shl") return `"attempt to shift left by \`{}\`, which would overflow", ${right}`;
      if (message.op === "Shr") return `"attempt to shift right by \`{}\`, which would overflow", ${right}`;
      const left = printOperand(message.left, names);
      if (message.op === "Rem") {
        return `"attempt to compute the remainder of \`{} % {}\`, which would overflow", ${left}, ${right}`;
      }
      const sign = OVERFLOW_SIGNS[message.op] ?? message.op;
      return `"attempt to compute \`{} ${sign} {}\`, which would overflow", ${left}, ${right}`;
    }
  }
}
