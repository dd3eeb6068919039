/**
 * The printer of MIR text: what rustc prints for the same body (rustc_middle/src/mir/pretty.rs), byte for byte, and the items around it
 * in Rust syntax. A printed program parses to the same program.
 *
 * Three things do not survive: the mutability of arguments, as no text shows it; the left operand of a shift's overflow message, which
 * rustc does not print; and types that nothing mentions, of a program that does not list its types.
 */

import { type Names, namesOf } from "./names.ts";
import { printAdt } from "./print-items.ts";
import { printConst, printOperand, printPlace, printRvalue } from "./print-rvalue.ts";
import type { Program } from "./program.ts";
import type {
  AssertKind,
  BasicBlockData,
  Body,
  FnItem,
  Local,
  SourceScope,
  Statement,
  Terminator,
  UnwindAction,
} from "./syntax.ts";

export { printAdt, printConst, printOperand, printPlace, printRvalue };

/** The text of a program: its types, then its functions. */
export function printProgram(program: Program): string {
  const names = namesOf(program);
  const items: string[] = [];
  for (const def of names.listAdts()) if (!def.prelude) items.push(printAdt(def));
  for (const item of program.functions) items.push(printFn(item, names));
  return items.join("\n");
}

/** The text of a function with its attributes and body; of an `extern` declaration, its signature. */
export function printFn(item: FnItem, names?: Names): string {
  const head = printSignature(item, names);
  if (item.body === undefined) return `${head};\n`;
  return `${head} {\n${printBody(item.body, names)}}\n`;
}

const INLINE = { none: "", hint: "#[inline]\n", always: "#[inline(always)]\n", never: "#[inline(never)]\n" } as const;

function printSignature(item: FnItem, names: Names | undefined): string {
  const abi = item.abi === "Rust" && item.kind !== "extern" ? "" : `extern "${item.abi}" `;
  const generics = item.generics.length === 0 ? "" : `<${item.generics.join(", ")}>`;
  const params = item.params.map((ty, i) => `_${i + 1}: ${names === undefined ? ty.text : names.trimmedTy(ty)}`);
  const ret = names === undefined ? item.ret.text : names.trimmedTy(item.ret);
  return `${INLINE[item.inline]}${abi}fn ${item.name}${generics}(${params.join(", ")}) -> ${ret}`;
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
