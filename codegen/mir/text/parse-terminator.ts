/**
 * Terminators, and the blocks that they name: `-> bb1`, `-> [return: bb1, unwind continue]`, `-> unwind unreachable`.
 */

import type { AsmOperand, LabelledTarget, Operand, Place, Terminator, UnwindAction } from "./ast.ts";
import { B, CLASS, DIGIT } from "./bytes.ts";
import type { Cursor } from "./cursor.ts";
import { parseOperand, parsePlace } from "./parse-operand.ts";
import { parseOperands, type RightHead } from "./parse-rvalue.ts";
import { scanBalanced } from "./scan.ts";

export const NO_UNWIND: UnwindAction = { kind: "none", block: -1, reason: "" };
const UNWIND_CONTINUE: UnwindAction = { kind: "continue", block: -1, reason: "" };
const UNWIND_UNREACHABLE: UnwindAction = { kind: "unreachable", block: -1, reason: "" };
const MAX_SHARED = 1 << 14;
const sharedCleanups: UnwindAction[] = [];

/** Unwinding goes to `block`. */
export function unwindTo(block: number): UnwindAction {
  if (block >= MAX_SHARED) return { kind: "cleanup", block, reason: "" };
  while (sharedCleanups.length <= block)
    sharedCleanups.push({ kind: "cleanup", block: sharedCleanups.length, reason: "" });
  return sharedCleanups[block]!;
}

/** The blocks behind an arrow: `bare` of `-> bb1`; others by their labels, -1 for what is not there. */
interface Targets {
  readonly bare: number;
  readonly labelled: readonly LabelledTarget[];
  readonly unwind: UnwindAction;
}

const NO_TARGETS: Targets = { bare: -1, labelled: [], unwind: NO_UNWIND };

type TerminatorParser = (c: Cursor, at: number) => Terminator;

/** Terminators that start with a word, by that word. */
const TERMINATORS: ReadonlyMap<string, TerminatorParser> = new Map<string, TerminatorParser>([
  ["goto", parseGoto],
  ["switchInt", parseSwitchInt],
  ["return", (_, at): Terminator => ({ kind: "return", at })],
  ["unreachable", (_, at): Terminator => ({ kind: "unreachable", at })],
  ["resume", (_, at): Terminator => ({ kind: "resume", at })],
  ["coroutine_drop", (_, at): Terminator => ({ kind: "coroutineDrop", at })],
  ["terminate", (c, at): Terminator => ({ kind: "terminate", at, reason: parseReason(c) })],
  ["drop", (c, at): Terminator => parseDrop(c, at, false)],
  ["async", parseAsyncDrop],
  ["assert", parseAssert],
  ["falseEdge", parseFalseEdge],
  ["falseUnwind", parseFalseUnwind],
  ["tailcall", (c, at): Terminator => parseTailCall(c, at, "tailcall")],
  ["become", (c, at): Terminator => parseTailCall(c, at, "become")],
  ["asm", parseAsm],
]);

/** The terminator that starts with the current word, without its `;`; undefined when none does. */
export function parseWordTerminator(c: Cursor): Terminator | undefined {
  const at = c.at;
  const word = c.word();
  const parse = TERMINATORS.get(word);
  if (parse === undefined) return undefined;
  c.eatWord(word);
  return parse(c, at);
}

/** A call or a yield, of which what stands before the arrow has been read. */
export function parseAssignedTerminator(c: Cursor, at: number, destination: Place, head: RightHead): Terminator {
  if (!c.is2(B.MINUS, B.GREATER)) throw c.expected("`->` and where the call returns");
  const targets = parseTargets(c);
  if (head.kind === "yieldHead") {
    const resume = targets.bare >= 0 ? targets.bare : label(c, targets, "resume", at);
    return { kind: "yield", at, resumeArg: destination, value: head.value, resume, drop: optional(targets, "drop") };
  }
  const { func, args } = head;
  if (targets.bare >= 0)
    return { kind: "call", at, destination, func, args, target: -1, unwind: unwindTo(targets.bare) };
  checkLabels(c, at, targets, "return");
  if (targets.labelled.length === 0 && targets.unwind.kind === "none") {
    throw c.error("this call neither returns nor unwinds", "name its blocks: `[return: bb1, unwind continue]`", at);
  }
  return { kind: "call", at, destination, func, args, target: optional(targets, "return"), unwind: targets.unwind };
}

// ---------------------------------------------------------------------------------------------------------------------------------
// Targets

function parseTargets(c: Cursor): Targets {
  if (!c.eat2(B.MINUS, B.GREATER)) return NO_TARGETS;
  if (c.peek() === 98) return { bare: c.block(), labelled: [], unwind: NO_UNWIND };
  if (c.peek() === 117) return { bare: -1, labelled: [], unwind: parseUnwind(c) };
  const labelled: LabelledTarget[] = [];
  let unwind = NO_UNWIND;
  c.expect(B.LBRACKET);
  while (!c.eat(B.RBRACKET)) {
    if (c.isWord("unwind")) {
      unwind = parseUnwind(c);
    } else {
      const name = c.atDigit() || c.peek() === B.MINUS ? parseValue(c) : c.ident("a label");
      c.expect(B.COLON);
      labelled.push({ label: name, block: c.block() });
    }
    if (c.peek() !== B.RBRACKET && !c.eat(B.COMMA)) throw c.expected("`,` or `]`");
  }
  return { bare: -1, labelled, unwind };
}

/** `unwind continue`, `unwind: bb1`. */
function parseUnwind(c: Cursor): UnwindAction {
  c.expectWord("unwind");
  if (c.eat(B.COLON)) return unwindTo(c.block());
  if (c.eatWord("continue")) return UNWIND_CONTINUE;
  if (c.eatWord("unreachable")) return UNWIND_UNREACHABLE;
  if (c.eatWord("terminate")) return { kind: "terminate", block: -1, reason: parseReason(c) };
  throw c.expected("`continue`, `unreachable`, `terminate(…)`, or `:` and a block");
}

/** `(abi)`, `(cleanup)`. */
function parseReason(c: Cursor): string {
  c.expect(B.LPAREN);
  const reason = c.ident("`abi` or `cleanup`");
  c.expect(B.RPAREN);
  return reason;
}

/** A value of `switchInt`: any integer, kept as text. */
function parseValue(c: Cursor): string {
  const start = c.at;
  c.eat(B.MINUS);
  const end = c.wordEnd(c.at);
  if (end === c.at || (CLASS[c.peek()]! & DIGIT) === 0) throw c.expected("a value");
  c.moveTo(end);
  return c.name(start, end);
}

function optional(targets: Targets, name: string): number {
  for (const target of targets.labelled) if (target.label === name) return target.block;
  return -1;
}

function label(c: Cursor, targets: Targets, name: string, at: number): number {
  const block = optional(targets, name);
  if (block < 0) throw c.error(`this terminator has no \`${name}:\``, undefined, at);
  return block;
}

/** Labels other than these would be lost. */
function checkLabels(c: Cursor, at: number, targets: Targets, ...names: readonly string[]): void {
  const { labelled } = targets;
  for (let i = 0; i < labelled.length; i++) {
    const name = labelled[i]!.label;
    if (!names.includes(name)) throw c.error(`\`${name}:\` does not belong to this terminator`, undefined, at);
    for (let j = 0; j < i; j++)
      if (labelled[j]!.label === name) throw c.error(`\`${name}:\` is given twice`, undefined, at);
  }
}

// ---------------------------------------------------------------------------------------------------------------------------------
// Terminators

function parseGoto(c: Cursor, at: number): Terminator {
  c.expect2(B.MINUS, B.GREATER);
  return { kind: "goto", at, target: c.block() };
}

function parseSwitchInt(c: Cursor, at: number): Terminator {
  c.expect(B.LPAREN);
  const discr = parseOperand(c);
  c.expect(B.RPAREN);
  const { bare, labelled } = parseTargets(c);
  const values: string[] = [];
  const targets: number[] = [];
  let otherwise = bare;
  for (const target of labelled) {
    if (otherwise >= 0) throw c.error("`otherwise` stands last", undefined, at);
    if (target.label === "otherwise") {
      otherwise = target.block;
    } else {
      values.push(target.label);
      targets.push(target.block);
    }
  }
  if (otherwise < 0 && values.length === 0) throw c.error("this switch goes nowhere", undefined, at);
  return { kind: "switchInt", at, discr, values, targets, otherwise };
}

/** `drop(_1) -> [return: bb1, unwind continue]`, `async drop(_1; poll=bb2) -> …`. */
function parseDrop(c: Cursor, at: number, isAsync: boolean): Terminator {
  c.expect(B.LPAREN);
  const place = parsePlace(c);
  let future: string | undefined;
  if (isAsync) {
    c.expect(B.SEMICOLON);
    c.expectText("poll=");
    const start = c.at;
    const end = scanBalanced(c, start, ")");
    if (end < 0) throw c.error("this `(` has no `)`", undefined, at);
    future = c.slice(start, end);
    c.moveTo(end);
  }
  c.expect(B.RPAREN);
  const targets = parseTargets(c);
  checkLabels(c, at, targets, "return", "drop");
  const target = targets.bare >= 0 ? targets.bare : label(c, targets, "return", at);
  return { kind: "drop", at, place, future, target, unwind: targets.unwind, drop: optional(targets, "drop") };
}

function parseAsyncDrop(c: Cursor, at: number): Terminator {
  c.expectWord("drop");
  return parseDrop(c, at, true);
}

/** `assert(!copy _1, "message {}", copy _2) -> [success: bb1, unwind continue]`. */
function parseAssert(c: Cursor, at: number): Terminator {
  c.expect(B.LPAREN);
  const expected = !c.eat(B.BANG);
  const cond = parseOperand(c);
  c.expect(B.COMMA);
  const message = c.string(c.at);
  const args: Operand[] = [];
  while (c.eat(B.COMMA)) args.push(parseOperand(c));
  c.expect(B.RPAREN);
  const targets = parseTargets(c);
  checkLabels(c, at, targets, "success");
  const target = targets.bare >= 0 ? targets.bare : label(c, targets, "success", at);
  return { kind: "assert", at, cond, expected, message, args, target, unwind: targets.unwind };
}

function parseFalseEdge(c: Cursor, at: number): Terminator {
  const targets = parseTargets(c);
  checkLabels(c, at, targets, "real", "imaginary");
  return { kind: "falseEdge", at, real: label(c, targets, "real", at), imaginary: label(c, targets, "imaginary", at) };
}

function parseFalseUnwind(c: Cursor, at: number): Terminator {
  const targets = parseTargets(c);
  checkLabels(c, at, targets, "real");
  const real = targets.bare >= 0 ? targets.bare : label(c, targets, "real", at);
  return { kind: "falseUnwind", at, real, unwind: targets.unwind };
}

function parseTailCall(c: Cursor, at: number, word: string): Terminator {
  const func = parseOperand(c);
  if (!c.startsWith("(Spanned { node: "))
    return { kind: "tailCall", at, word, func, args: parseOperands(c), spans: undefined };
  const args: Operand[] = [];
  const spans: string[] = [];
  c.expect(B.LPAREN);
  while (!c.eat(B.RPAREN)) {
    c.expectText("Spanned {");
    c.expectText("node:");
    args.push(parseOperand(c));
    c.expect(B.COMMA);
    c.expectText("span:");
    spans.push(parseSpan(c));
    c.expect(B.RBRACE);
    if (c.peek() !== B.RPAREN) c.expect(B.COMMA);
  }
  return { kind: "tailCall", at, word, func, args, spans };
}

/** `src/a.rs:1:2: 3:4 (#0)`: the text up to ` }`. */
function parseSpan(c: Cursor): string {
  const start = c.at;
  const end = scanBalanced(c, start, "}");
  if (end < 0) throw c.error("this span has no end");
  c.moveTo(end);
  return c.slice(start, end).trimEnd();
}

// ---------------------------------------------------------------------------------------------------------------------------------
// Inline assembly

/** `asm!("mov {0}, {1}", out(reg) _1, in(reg) copy _2, options(NOMEM)) -> [return: bb1, unwind unreachable]`. */
function parseAsm(c: Cursor, at: number): Terminator {
  c.expectText("!(");
  const start = c.at;
  const end = templateEnd(c, start);
  c.moveTo(end);
  const template = c.slice(start, end);
  const operands: AsmOperand[] = [];
  let options: string | undefined;
  while (options === undefined) {
    c.expect(B.COMMA);
    if (c.startsWith("options(")) options = parseAsmOptions(c);
    else operands.push(parseAsmOperand(c));
  }
  c.expect(B.RPAREN);
  const { bare, labelled, unwind } = parseTargets(c);
  checkAsmLabels(c, at, labelled);
  return {
    kind: "asm",
    at,
    template,
    operands,
    options,
    targets: labelled,
    unwind: bare >= 0 ? unwindTo(bare) : unwind,
  };
}

function checkAsmLabels(c: Cursor, at: number, labelled: readonly LabelledTarget[]): void {
  for (const { label: name } of labelled) {
    if (name !== "return" && name !== "label") throw c.error(`\`${name}:\` does not belong to \`asm!\``, undefined, at);
  }
}

const ASM_OPERANDS: readonly string[] = [
  ...["in(", "out(", "lateout(", "inout(", "inlateout(", "const ", "sym_fn ", "sym_static ", "label ", "options("],
];

/** Behind the closing quote of a template. Its text is not escaped, so a quote in it is told by what follows. */
function templateEnd(c: Cursor, start: number): number {
  const { bytes, end } = c;
  if (bytes[start] !== B.QUOTE2) throw c.expected("a template");
  for (let i = bytes.indexOf(B.QUOTE2, start + 1); i >= 0 && i < end; i = bytes.indexOf(B.QUOTE2, i + 1)) {
    if (bytes[i + 1] !== B.COMMA || bytes[i + 2] !== B.SPACE) continue;
    const ahead = i + 3 - c.at;
    if (ASM_OPERANDS.some((word) => c.startsWith(word, ahead))) return i + 1;
  }
  c.hitEnd = true;
  throw c.error("this template has no end", undefined, start);
}

/** `options(PURE | NOMEM)`: what its parentheses hold. */
function parseAsmOptions(c: Cursor): string {
  c.expectText("options(");
  const start = c.at;
  const end = scanBalanced(c, start, ")");
  if (end < 0) throw c.error("this `(` has no `)`");
  c.moveTo(end);
  const options = c.slice(start, end);
  c.expect(B.RPAREN);
  return options;
}

function parseAsmOperand(c: Cursor): AsmOperand {
  const word = c.ident("an operand of `asm!`");
  switch (word) {
    case "in":
      return { kind: "in", reg: parseReg(c), value: parseOperand(c) };
    case "out":
    case "lateout":
      return { kind: "out", reg: parseReg(c), late: word === "lateout", place: parseOutPlace(c) };
    case "inout":
    case "inlateout": {
      const reg = parseReg(c);
      const value = parseOperand(c);
      c.expect2(B.EQUALS, B.GREATER);
      return { kind: "inout", reg, late: word === "inlateout", value, place: parseOutPlace(c) };
    }
    case "const":
      return { kind: "const", value: parseOperand(c) };
    case "sym_fn":
      return { kind: "symFn", value: parseOperand(c) };
    case "sym_static":
      return { kind: "symStatic", text: parseSymStatic(c) };
    case "label":
      return { kind: "label", index: c.integer("a label's number") };
    default:
      throw c.error(`\`${word}\` is no operand of \`asm!\``);
  }
}

/** `DefId(…)`. */
function parseSymStatic(c: Cursor): string {
  const start = c.at;
  const end = scanBalanced(c, start, ",");
  if (end < 0) throw c.error("this operand has no end");
  c.moveTo(end);
  return c.slice(start, end);
}

/** `(reg)`, `("eax")`: what its parentheses hold. */
function parseReg(c: Cursor): string {
  c.expect(B.LPAREN);
  const start = c.at;
  const end = scanBalanced(c, start, ")");
  if (end < 0) throw c.error("this `(` has no `)`");
  c.moveTo(end);
  const reg = c.slice(start, end);
  c.expect(B.RPAREN);
  return reg;
}

function parseOutPlace(c: Cursor): Place | undefined {
  return c.eatWord("_") ? undefined : parsePlace(c);
}
