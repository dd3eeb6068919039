/**
 * Bodies as text, from places to scopes, laid out as rustc does.
 */

import type {
  AsmOperand,
  BasicBlock,
  Body,
  FieldInit,
  InstanceName,
  LocalDecl,
  Operand,
  Place,
  PlaceElem,
  Rvalue,
  SourceScope,
  Statement,
  Terminator,
  UnwindAction,
  VarDebugInfo,
} from "./ast.ts";
import { constText, pathText, typeText } from "./print-type.ts";

// ---------------------------------------------------------------------------------------------------------------------------------
// Places and operands

/** A place as it is written. */
export function placeText(place: Place): string {
  const { local, projection } = place;
  return projection.length === 0 ? `_${local}` : projected(`_${local}`, projection);
}

function projected(base: string, projection: readonly PlaceElem[]): string {
  let text = base;
  for (const elem of projection) text = projectedOnce(text, elem);
  return text;
}

function projectedOnce(base: string, elem: PlaceElem): string {
  switch (elem.kind) {
    case "deref":
      return `(*${base})`;
    case "field":
      return `(${base}.${elem.index}: ${typeText(elem.ty)})`;
    case "index":
      return `${base}[_${elem.local}]`;
    case "constantIndex":
      return `${base}[${elem.fromEnd ? "-" : ""}${elem.offset} of ${elem.minLength}]`;
    case "subslice":
      return `${base}[${subsliceText(elem.from, elem.to, elem.fromEnd)}]`;
    case "downcast":
      return elem.index < 0 ? `(${base} as ${elem.name})` : `(${base} as variant#${elem.index})`;
    case "opaqueCast":
      return `(${base} as ${typeText(elem.ty)})`;
    case "subtype":
      return `(${base} as subtype ${typeText(elem.ty)})`;
    case "unwrapBinder":
      return `unwrap_binder!(${base}; ${typeText(elem.ty)})`;
  }
}

function subsliceText(from: number, to: number, fromEnd: boolean): string {
  if (!fromEnd) return `${from}..${to}`;
  if (to === 0) return `${from}:`;
  return from === 0 ? `:-${to}` : `${from}:-${to}`;
}

/** An operand as it is written. */
export function operandText(operand: Operand): string {
  switch (operand.kind) {
    case "copy":
      return `copy ${placeText(operand.place)}`;
    case "move":
      return `move ${placeText(operand.place)}`;
    case "const":
      return operand.keyword ? `const ${constText(operand.value)}` : constText(operand.value);
    case "runtimeChecks":
      return operand.name;
  }
}

function operandsText(operands: readonly Operand[]): string {
  let text = "";
  for (let i = 0; i < operands.length; i++)
    text += i === 0 ? operandText(operands[i]!) : `, ${operandText(operands[i]!)}`;
  return text;
}

// ---------------------------------------------------------------------------------------------------------------------------------
// Rvalues

/** The right-hand side of an assignment. */
export function rvalueText(rvalue: Rvalue): string {
  switch (rvalue.kind) {
    case "use":
      return rvalue.prefix + operandText(rvalue.operand);
    case "repeat":
      return `[${operandText(rvalue.operand)}; ${constText(rvalue.count)}]`;
    case "ref":
      return `&${rvalue.region === "" ? "" : `${rvalue.region} `}${rvalue.borrow === "" ? "" : `${rvalue.borrow} `}${placeText(rvalue.place)}`;
    case "rawPtr":
      return `&raw ${rvalue.word} ${placeText(rvalue.place)}`;
    case "threadLocalRef":
      return `&/*tls*/ ${rvalue.mutable ? "mut " : ""}${pathText(rvalue.path)}`;
    case "cast":
      return castText(rvalue);
    case "binary":
      return `${rvalue.op}(${operandText(rvalue.left)}, ${operandText(rvalue.right)})`;
    case "unary":
      return `${rvalue.op}(${operandText(rvalue.operand)})`;
    case "discriminant":
      return `discriminant(${placeText(rvalue.place)})`;
    case "len":
      return `Len(${placeText(rvalue.place)})`;
    case "copyForDeref":
      return `deref_copy ${placeText(rvalue.place)}`;
    case "nullary":
      return `${rvalue.op}(${rvalue.ty === undefined ? "" : typeText(rvalue.ty)})`;
    case "offsetOf":
      return `OffsetOf(${typeText(rvalue.ty)}, [${rvalue.path.map(([variant, field]) => `(${variant}, ${field})`).join(", ")}])`;
    case "shallowInitBox":
      return `ShallowInitBox(${operandText(rvalue.operand)}, ${typeText(rvalue.ty)})`;
    case "wrapBinder":
      return `wrap_binder!(${operandText(rvalue.operand)}; ${typeText(rvalue.ty)})`;
    case "reborrow":
      return `${pathText(rvalue.path)}(${rvalue.word} ${placeText(rvalue.place)})`;
    default:
      return aggregateText(rvalue);
  }
}

function castText(rvalue: Extract<Rvalue, { kind: "cast" }>): string {
  const { kind, coercion, safety, source } = rvalue.cast;
  let inner = "";
  if (coercion !== "")
    inner = `(${coercion}${safety === "" ? "" : `(${safety})`}${source === "" ? "" : `, ${source}`})`;
  return `${operandText(rvalue.operand)} as ${typeText(rvalue.ty)} (${kind}${inner})`;
}

type Aggregate = Extract<
  Rvalue,
  { kind: "array" | "tuple" | "tupleStruct" | "struct" | "closure" | "aggregateRawPtr" }
>;

function aggregateText(rvalue: Aggregate): string {
  switch (rvalue.kind) {
    case "array":
      return `[${operandsText(rvalue.elements)}]`;
    case "tuple":
      return tupleText(rvalue.elements);
    case "tupleStruct":
      return `${pathText(rvalue.path)}(${operandsText(rvalue.elements)})`;
    case "struct":
      return pathText(rvalue.path) + fieldsText(rvalue.fields);
    case "closure":
      return typeText(rvalue.ty) + fieldsText(rvalue.fields);
    case "aggregateRawPtr":
      return `*${rvalue.mutable ? "mut" : "const"} ${typeText(rvalue.pointee)} from ${tupleText(rvalue.elements)}`;
  }
}

function tupleText(elements: readonly Operand[]): string {
  return elements.length === 1 ? `(${operandText(elements[0]!)},)` : `(${operandsText(elements)})`;
}

/** ` { f: a }`; nothing when there are no fields. */
function fieldsText(fields: readonly FieldInit[]): string {
  if (fields.length === 0) return "";
  return ` { ${fields.map((f) => `${f.name}: ${operandText(f.value)}`).join(", ")} }`;
}

// ---------------------------------------------------------------------------------------------------------------------------------
// Statements

/** A statement without its `;`. */
export function statementText(statement: Statement): string {
  switch (statement.kind) {
    case "assign":
      return `${placeText(statement.place)} = ${rvalueText(statement.rvalue)}`;
    case "storageLive":
      return `StorageLive(_${statement.local})`;
    case "storageDead":
      return `StorageDead(_${statement.local})`;
    case "setDiscriminant":
      return `discriminant(${placeText(statement.place)}) = ${statement.variant}`;
    case "deinit":
      return `Deinit(${placeText(statement.place)})`;
    case "fakeRead":
      return `FakeRead(${statement.cause}, ${placeText(statement.place)})`;
    case "placeMention":
      return `PlaceMention(${placeText(statement.place)})`;
    case "ascribeUserType":
      return `AscribeUserType(${placeText(statement.place)}, ${statement.variance}, ${statement.projection})`;
    case "retag":
      return `Retag(${statement.retag === "" ? "" : `[${statement.retag}] `}${placeText(statement.place)})`;
    case "coverage":
      return `Coverage::${statement.text}`;
    case "assume":
      return `assume(${operandText(statement.operand)})`;
    case "copyNonOverlapping":
      return `copy_nonoverlapping(dst = ${operandText(statement.dst)}, src = ${operandText(statement.src)}, count = ${operandText(statement.count)})`;
    case "constEvalCounter":
      return "ConstEvalCounter";
    case "backwardIncompatibleDropHint":
      return `BackwardIncompatibleDropHint(${placeText(statement.place)})`;
    case "nop":
      return "nop";
  }
}

// ---------------------------------------------------------------------------------------------------------------------------------
// Terminators

/** A terminator without its `;`. */
export function terminatorText(t: Terminator): string {
  switch (t.kind) {
    case "goto":
      return `goto -> bb${t.target}`;
    case "switchInt":
      return switchText(t);
    case "return":
    case "unreachable":
    case "resume":
      return t.kind;
    case "terminate":
      return `terminate(${t.reason})`;
    case "coroutineDrop":
      return "coroutine_drop";
    case "call":
      return callText(t);
    case "tailCall":
      return `${t.word} ${operandText(t.func)}(${tailArgsText(t)})`;
    case "drop":
      return dropText(t);
    case "assert":
      return `${assertText(t)}${targetsText(`success: bb${t.target}`, t.target, t.unwind)}`;
    case "falseEdge":
      return `falseEdge -> [real: bb${t.real}, imaginary: bb${t.imaginary}]`;
    case "falseUnwind":
      return `falseUnwind${targetsText(`real: bb${t.real}`, t.real, t.unwind)}`;
    case "yield":
      return yieldText(t);
    case "asm":
      return asmText(t);
  }
}

type TerminatorOf<K extends Terminator["kind"]> = Extract<Terminator, { kind: K }>;

function switchText(t: TerminatorOf<"switchInt">): string {
  if (t.values.length === 0) return `switchInt(${operandText(t.discr)}) -> bb${t.otherwise}`;
  let text = `switchInt(${operandText(t.discr)}) -> [`;
  for (let i = 0; i < t.values.length; i++) text += `${i === 0 ? "" : ", "}${t.values[i]}: bb${t.targets[i]}`;
  return t.otherwise < 0 ? `${text}]` : `${text}, otherwise: bb${t.otherwise}]`;
}

function callText(t: TerminatorOf<"call">): string {
  const head = `${placeText(t.destination)} = ${operandText(t.func)}(${operandsText(t.args)})`;
  if (t.target >= 0)
    return `${head} -> [return: bb${t.target}${t.unwind.kind === "none" ? "" : `, ${unwindText(t.unwind)}`}]`;
  return t.unwind.kind === "cleanup" ? `${head} -> bb${t.unwind.block}` : `${head} -> ${unwindText(t.unwind)}`;
}

function tailArgsText(t: TerminatorOf<"tailCall">): string {
  const { args, spans } = t;
  if (spans === undefined) return operandsText(args);
  return args.map((arg, i) => `Spanned { node: ${operandText(arg)}, span: ${spans[i]} }`).join(", ");
}

function dropText(t: TerminatorOf<"drop">): string {
  const head =
    t.future === undefined ? `drop(${placeText(t.place)})` : `async drop(${placeText(t.place)}; poll=${t.future})`;
  if (t.drop < 0) return head + targetsText(`return: bb${t.target}`, t.target, t.unwind);
  const cleanup = t.unwind.kind === "cleanup" ? `, ${unwindText(t.unwind)}` : "";
  const action = t.unwind.kind === "cleanup" || t.unwind.kind === "none" ? "" : `, ${unwindText(t.unwind)}`;
  return `${head} -> [return: bb${t.target}${cleanup}, drop: bb${t.drop}${action}]`;
}

function assertText(t: TerminatorOf<"assert">): string {
  const args = t.args.length === 0 ? "" : `, ${operandsText(t.args)}`;
  return `assert(${t.expected ? "" : "!"}${operandText(t.cond)}, ${t.message}${args})`;
}

function yieldText(t: TerminatorOf<"yield">): string {
  const head = `${placeText(t.resumeArg)} = yield(${operandText(t.value)})`;
  return t.drop < 0 ? `${head} -> bb${t.resume}` : `${head} -> [resume: bb${t.resume}, drop: bb${t.drop}]`;
}

/** ` -> bb1` when there is one block and no unwind action, else ` -> [LABELLED, unwind …]`. */
function targetsText(labelled: string, block: number, unwind: UnwindAction): string {
  return unwind.kind === "none" ? ` -> bb${block}` : ` -> [${labelled}, ${unwindText(unwind)}]`;
}

function unwindText(unwind: UnwindAction): string {
  switch (unwind.kind) {
    case "cleanup":
      return `unwind: bb${unwind.block}`;
    case "terminate":
      return `unwind terminate(${unwind.reason})`;
    default:
      return `unwind ${unwind.kind}`;
  }
}

function asmText(t: TerminatorOf<"asm">): string {
  const parts = [t.template, ...t.operands.map(asmOperandText), `options(${t.options})`];
  const head = `asm!(${parts.join(", ")})`;
  const { unwind } = t;
  const blocks = t.targets.map(({ label, block }) => `${label}: bb${block}`);
  if (unwind.kind === "cleanup") blocks.push(unwindText(unwind));
  const shown = unwind.kind !== "cleanup" && unwind.kind !== "none";
  if (blocks.length === 0) return shown ? `${head} -> ${unwindText(unwind)}` : head;
  if (blocks.length === 1 && !shown) return `${head} -> bb${t.targets[0]?.block ?? unwind.block}`;
  if (shown) blocks.push(unwindText(unwind));
  return `${head} -> [${blocks.join(", ")}]`;
}

function asmOperandText(operand: AsmOperand): string {
  switch (operand.kind) {
    case "in":
      return `in(${operand.reg}) ${operandText(operand.value)}`;
    case "out":
      return `${operand.late ? "late" : ""}out(${operand.reg}) ${outText(operand.place)}`;
    case "inout":
      return `in${operand.late ? "late" : ""}out(${operand.reg}) ${operandText(operand.value)} => ${outText(operand.place)}`;
    case "const":
      return `const ${operandText(operand.value)}`;
    case "symFn":
      return `sym_fn ${operandText(operand.value)}`;
    case "symStatic":
      return `sym_static ${operand.text}`;
    case "label":
      return `label ${operand.index}`;
  }
}

function outText(place: Place | undefined): string {
  return place === undefined ? "_" : placeText(place);
}

// ---------------------------------------------------------------------------------------------------------------------------------
// Scopes and blocks

/** A function's name as `(inlined …)` and `(fn: …)` have it. */
export function instanceText(instance: InstanceName): string {
  return pathText(instance.path) + instance.suffix;
}

/** A body from `{` to `}`, without a newline behind it. */
export function bodyText(body: Body): string {
  let out = `{\n${scopesText(body.scope)}\n`;
  for (const line of body.coverage) out += `    coverage ${line}\n`;
  if (body.coverage.length > 0) out += "\n";
  for (let i = 0; i < body.blocks.length; i++) {
    if (i > 0) out += "\n";
    out += blockText(body.blocks[i]!);
  }
  return `${out}}`;
}

/** The declarations of all scopes. They may nest too deeply for calls. */
function scopesText(root: SourceScope): string {
  let out = declarationsText(root, "    ");
  const open: { readonly scope: SourceScope; next: number }[] = [{ scope: root, next: 0 }];
  while (open.length > 0) {
    const top = open[open.length - 1]!;
    const child = top.scope.children[top.next++];
    const indent = "    ".repeat(open.length);
    if (child === undefined) {
      open.pop();
      if (open.length > 0) out += `${"    ".repeat(open.length)}}\n`;
    } else {
      out += `${indent}scope ${child.id}${inlinedText(child)} {\n${declarationsText(child, `${indent}    `)}`;
      open.push({ scope: child, next: 0 });
    }
  }
  return out;
}

function inlinedText(scope: SourceScope): string {
  if (scope.inlined === undefined) return "";
  const { trackCaller, callee } = scope.inlined;
  return ` (inlined ${trackCaller ? "#[track_caller] " : ""}${instanceText(callee)})`;
}

function declarationsText(scope: SourceScope, indent: string): string {
  let out = "";
  for (const info of scope.debugInfo) out += `${indent}${debugInfoText(info)}\n`;
  for (const local of scope.locals) out += `${indent}${localDeclText(local)}\n`;
  return out;
}

function debugInfoText(info: VarDebugInfo): string {
  const { fragment, value } = info;
  const name =
    fragment === undefined ? info.name : projected(`(${info.name}: ${typeText(fragment.ty)})`, fragment.projection);
  return `debug ${name} => ${value.kind === "place" ? placeText(value.place) : operandText(value)};`;
}

function localDeclText(decl: LocalDecl): string {
  let out = `let ${decl.mutable ? "mut " : ""}_${decl.local}: ${typeText(decl.ty)}`;
  for (const user of decl.userTypes) out += ` as ${user}`;
  return `${out};`;
}

function blockText(block: BasicBlock): string {
  let out = `    bb${block.index}${block.cleanup ? " (cleanup)" : ""}: {\n`;
  for (const statement of block.statements) out += `        ${statementText(statement)};\n`;
  if (block.terminator !== undefined) out += `        ${terminatorText(block.terminator)};\n`;
  return `${out}    }\n`;
}
