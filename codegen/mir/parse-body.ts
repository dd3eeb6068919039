/**
 * Bodies in MIR text: `debug` lines, locals, scopes, blocks, statements, terminators.
 */

import type { Cursor } from "./cursor.ts";
import { Tok } from "./lexer.ts";
import { type BodyScope, parseLocal, parseOperand, parsePlace, parseTypedPlace } from "./parse-operand.ts";
import { parseRight } from "./parse-rvalue.ts";
import { parseType, type TypeScope } from "./parse-type.ts";
import type {
  AssertKind,
  BasicBlock,
  BasicBlockData,
  BinOp,
  Body,
  Local,
  LocalDecl,
  Operand,
  Place,
  Statement,
  Terminator,
  UnwindAction,
} from "./syntax.ts";
import type { Ty } from "./ty.ts";

const BANG = 33;
const LPAREN = 40;
const RPAREN = 41;
const COMMA = 44;
const COLON = 58;
const SEMICOLON = 59;
const EQUALS = 61;
const LBRACKET = 91;
const RBRACKET = 93;
const LBRACE = 123;
const RBRACE = 125;

/** A scope while it is read. */
interface OpenScope {
  readonly id: number;
  readonly inlined: string;
  readonly debugInfo: { name: string; value: string }[];
  readonly locals: Local[];
  readonly children: OpenScope[];
}

/** Reads a body from its `{` to its `}`; `params` and `ret` are the types in the signature. `_0` need not be declared. */
export function parseBody(c: Cursor, types: TypeScope, params: readonly Ty[], ret: Ty): Body {
  c.expect(LBRACE, "`{` and the body");
  const decls = new Map<number, LocalDecl>(params.map((ty, i) => [i + 1, { ty, mutability: "not" }]));
  const root = openScope(0, "");
  const declsAt = c.at;
  parseDeclarations(c, types, root, decls);
  if (!decls.has(0)) {
    decls.set(0, { ty: ret, mutability: "mut" });
    root.locals.unshift(0 as Local);
  }
  const locals = withoutGaps(decls);
  if (typeof locals === "number") {
    throw c.error(`the local \`_${locals}\` is not declared`, "locals are numbered without gaps", declsAt);
  }
  const blocks = parseBlocks(c, { ...types, locals });
  c.expect(RBRACE, "a block or `}`");
  const plain = root.debugInfo.length === 0 && root.children.length === 0 && inOrder(root.locals);
  return { locals, argCount: params.length, blocks, ...(plain ? {} : { scopes: root }) };
}

function openScope(id: number, inlined: string): OpenScope {
  return { id, inlined, debugInfo: [], locals: [], children: [] };
}

function inOrder(locals: readonly Local[]): boolean {
  return locals.every((local, i) => i === 0 || locals[i - 1]! < local);
}

/** The values by their keys `0 .. size`; the first key that is missing, when one is. */
function withoutGaps<T>(map: ReadonlyMap<number, T>): T[] | number {
  const items: T[] = [];
  for (let i = 0; i < map.size; i++) {
    const item = map.get(i);
    if (item === undefined) return i;
    items.push(item);
  }
  return items;
}

function parseDeclarations(c: Cursor, types: TypeScope, scope: OpenScope, decls: Map<number, LocalDecl>): void {
  while (true) {
    if (c.isWord("debug")) scope.debugInfo.push(parseDebugInfo(c));
    else if (c.isWord("let")) parseLet(c, types, scope, decls);
    else if (c.isWord("scope")) scope.children.push(c.nested(() => parseScope(c, types, decls)));
    else return;
  }
}

/** `debug name => value;`: its text is kept as it is. */
function parseDebugInfo(c: Cursor): { name: string; value: string } {
  c.expectWord("debug");
  const nameAt = c.at;
  while (c.kind() !== Tok.FAT_ARROW) nextOfLine(c, "`=>`");
  const name = c.slice(nameAt, c.at - 1);
  c.advance();
  const valueAt = c.at;
  while (c.kind() !== SEMICOLON) nextOfLine(c, "`;`");
  const value = c.slice(valueAt, c.at - 1);
  if (nameAt === valueAt - 1 || valueAt === c.at) throw c.unexpected("a name and a value");
  c.advance();
  return { name, value };
}

function nextOfLine(c: Cursor, what: string): void {
  if (c.kind() === Tok.EOF || c.startsLine(c.at)) throw c.unexpected(what);
  c.advance();
}

/** `let mut _1: T;`. */
function parseLet(c: Cursor, types: TypeScope, scope: OpenScope, decls: Map<number, LocalDecl>): void {
  c.expectWord("let");
  const mutability = c.eatWord("mut") ? "mut" : "not";
  const at = c.at;
  if (c.kind() !== Tok.LOCAL) throw c.unexpected("a local such as `_1`");
  const local = c.value() as Local;
  if (decls.has(local)) throw c.error(`the local \`_${local}\` is declared twice`, undefined, at);
  c.advance();
  c.expect(COLON, "`:` and the local's type");
  const ty = parseType(c, types);
  if (c.isWord("as")) throw c.unsupported("a type annotation of the user");
  c.expect(SEMICOLON, "`;`");
  decls.set(local, { ty, mutability });
  scope.locals.push(local);
}

/** `scope 1 (inlined f) { … }`. */
function parseScope(c: Cursor, types: TypeScope, decls: Map<number, LocalDecl>): OpenScope {
  c.expectWord("scope");
  const id = c.integer("the scope's number");
  const inlinedAt = c.at;
  if (c.kind() === LPAREN) skipParenthesised(c);
  const scope = openScope(id, inlinedAt === c.at ? "" : c.slice(inlinedAt, c.at - 1));
  c.expect(LBRACE, "`{`");
  parseDeclarations(c, types, scope, decls);
  c.expect(RBRACE, "`debug`, `let`, `scope` or `}`");
  return scope;
}

/** Steps over `(…)`, which stays on its line. */
function skipParenthesised(c: Cursor): void {
  let depth = 0;
  do {
    if (c.kind() === LPAREN) depth++;
    else if (c.kind() === RPAREN) depth--;
    if (c.kind() === Tok.EOF || (depth > 0 && c.startsLine(c.at + 1))) throw c.unexpected("`)`");
    c.advance();
  } while (depth > 0);
}

function parseBlocks(c: Cursor, scope: BodyScope): BasicBlockData[] {
  const blocks = new Map<number, BasicBlockData>();
  const at = c.at;
  const highest = { block: -1, at };
  const jumps = new JumpCheck(highest);
  while (c.kind() === Tok.BLOCK) {
    const block = c.value();
    if (blocks.has(block)) throw c.error(`the block \`bb${block}\` is there twice`);
    c.advance();
    blocks.set(block, parseBlock(c, scope, jumps));
  }
  if (blocks.size === 0) throw c.unexpected("a block such as `bb0: {`");
  const inOrder = withoutGaps(blocks);
  if (typeof inOrder === "number") {
    throw c.error(`the block \`bb${inOrder}\` is missing`, "blocks are numbered without gaps", at);
  }
  if (highest.block >= inOrder.length) throw c.error(`there is no block \`bb${highest.block}\``, undefined, highest.at);
  return inOrder;
}

/** Remembers the highest block that was jumped to, and where: it must exist in the end. */
class JumpCheck {
  private readonly highest: { block: number; at: number };

  constructor(highest: { block: number; at: number }) {
    this.highest = highest;
  }

  target(c: Cursor): BasicBlock {
    if (c.kind() !== Tok.BLOCK) throw c.unexpected("a block such as `bb1`");
    const block = c.value();
    if (block > this.highest.block) {
      this.highest.block = block;
      this.highest.at = c.at;
    }
    c.advance();
    return block as BasicBlock;
  }
}

/** Behind the label: ` (cleanup): { statements terminator }`. */
function parseBlock(c: Cursor, scope: BodyScope, jumps: JumpCheck): BasicBlockData {
  let isCleanup = false;
  if (c.eat(LPAREN)) {
    c.expectWord("cleanup");
    c.expect(RPAREN, "`)`");
    isCleanup = true;
  }
  c.expect(COLON, "`:`");
  c.expect(LBRACE, "`{`");
  const statements: Statement[] = [];
  let terminator: Terminator | undefined;
  while (terminator === undefined) {
    const parsed = parseStatementOrTerminator(c, scope, jumps);
    c.expect(SEMICOLON, "`;`");
    if (isTerminator(parsed)) terminator = parsed;
    else statements.push(parsed);
  }
  c.expect(RBRACE, "`}` behind the terminator");
  return { statements, terminator, isCleanup };
}

const TERMINATORS: ReadonlySet<string> = new Set(["goto", "switchInt", "return", "unreachable", "call", "assert"]);

function isTerminator(parsed: Statement | Terminator): parsed is Terminator {
  return TERMINATORS.has(parsed.kind);
}

function parseStatementOrTerminator(c: Cursor, scope: BodyScope, jumps: JumpCheck): Statement | Terminator {
  if (c.kind() === Tok.LOCAL || c.kind() === LPAREN) return parseAssignment(c, scope, jumps);
  const span = c.span();
  const word = c.kind() === Tok.IDENT ? c.word() : "";
  switch (word) {
    case "StorageLive":
    case "StorageDead": {
      c.advance();
      const local = parenthesised(c, () => parseLocal(c, scope));
      return { kind: word === "StorageLive" ? "storageLive" : "storageDead", local, span };
    }
    case "discriminant":
      return parseSetDiscriminant(c, scope);
    case "assume":
      c.advance();
      return { kind: "assume", operand: parenthesised(c, () => parseOperand(c, scope, undefined)), span };
    case "nop":
      c.advance();
      return { kind: "nop", span };
    case "goto":
      c.advance();
      c.expect(Tok.ARROW, "`->`");
      return { kind: "goto", target: jumps.target(c), span };
    case "return":
    case "unreachable":
      c.advance();
      return { kind: word, span };
    case "switchInt":
      return parseSwitchInt(c, scope, jumps);
    case "assert":
      return parseAssert(c, scope, jumps);
    default:
      if (OTHER_STATEMENTS.has(word)) throw c.unsupported(`\`${word}\``);
      throw c.unexpected("a statement or a terminator");
  }
}

/** What MIR has and this reader does not read yet. */
const OTHER_STATEMENTS: ReadonlySet<string> = new Set([
  "AscribeUserType",
  "BackwardIncompatibleDropHint",
  "ConstEvalCounter",
  "Coverage",
  "Deinit",
  "FakeRead",
  "PlaceMention",
  "Retag",
  "asm",
  "async",
  "copy_nonoverlapping",
  "coroutine_drop",
  "drop",
  "falseEdge",
  "falseUnwind",
  "resume",
  "tailcall",
  "terminate",
  "yield",
]);

function parenthesised<T>(c: Cursor, parse: () => T): T {
  c.expect(LPAREN, "`(`");
  const result = parse();
  c.expect(RPAREN, "`)`");
  return result;
}

/** `place = rvalue`, or `place = f(…) -> …`. */
function parseAssignment(c: Cursor, scope: BodyScope, jumps: JumpCheck): Statement | Terminator {
  const span = c.span();
  const { place, ty } = parseTypedPlace(c, scope);
  c.expect(EQUALS, "`=`");
  const right = parseRight(c, scope, ty);
  if (right.kind === "rvalue") return { kind: "assign", place, rvalue: right.rvalue, span };
  // A diverging call that unwinds into a cleanup block is printed like an older dump's plain successor.
  if (ty.kind === "never" && c.kind() === Tok.ARROW && c.kind(1) === Tok.BLOCK) {
    throw c.unsupported("a call that only unwinds");
  }
  const { target, unwind } = parseSuccessors(c, jumps, "return");
  return { kind: "call", func: right.func, args: right.args, destination: place, target, unwind, span };
}

/** `discriminant(place) = 1`. */
function parseSetDiscriminant(c: Cursor, scope: BodyScope): Statement {
  const span = c.span();
  c.advance();
  const place: Place = parenthesised(c, () => parsePlace(c, scope));
  c.expect(EQUALS, "`=`");
  return { kind: "setDiscriminant", place, variant: c.integer("a variant's number"), span };
}

/** `switchInt(move _1) -> [0: bb1, 5: bb2, otherwise: bb3]`. */
function parseSwitchInt(c: Cursor, scope: BodyScope, jumps: JumpCheck): Terminator {
  const span = c.span();
  c.advance();
  const discr = parenthesised(c, () => parseOperand(c, scope, undefined));
  c.expect(Tok.ARROW, "`->`");
  c.expect(LBRACKET, "`[`");
  const values: bigint[] = [];
  const targets: BasicBlock[] = [];
  let otherwise: BasicBlock | undefined;
  while (!c.eat(RBRACKET)) {
    if (otherwise !== undefined) throw c.error("nothing may follow `otherwise`");
    const value = c.eatWord("otherwise") ? undefined : parseSwitchValue(c);
    c.expect(COLON, "`:`");
    const target = jumps.target(c);
    if (value === undefined) {
      otherwise = target;
    } else {
      values.push(value);
      targets.push(target);
    }
    if (c.kind() !== RBRACKET) c.expect(COMMA, "`,` or `]`");
  }
  if (values.length === 0 && otherwise === undefined) throw c.error("this `switchInt` goes nowhere");
  return { kind: "switchInt", discr, values, targets, otherwise, span };
}

/** A value of a switch: an unsigned number; older dumps give its type behind it. */
function parseSwitchValue(c: Cursor): bigint {
  const match = c.kind() === Tok.NUMBER ? /^(\d{1,39})(?:_?[iu](?:8|16|32|64|128|size))?$/.exec(c.word()) : null;
  if (match === null) throw c.unexpected("a value or `otherwise`");
  c.advance();
  return BigInt(match[1]!);
}

/** `-> [return: bb1, unwind continue]`, `-> bb1`, `-> unwind continue`; `main` labels the normal successor. */
function parseSuccessors(
  c: Cursor,
  jumps: JumpCheck,
  main: string,
): { target: BasicBlock | undefined; unwind: UnwindAction } {
  c.expect(Tok.ARROW, "`->`");
  if (c.kind() === Tok.BLOCK) return { target: jumps.target(c), unwind: { kind: "continue" } };
  if (c.isWord("unwind")) return { target: undefined, unwind: parseUnwind(c, jumps) };
  c.expect(LBRACKET, "`[`");
  let target: BasicBlock | undefined;
  let unwind: UnwindAction = { kind: "continue" };
  if (c.eatWord(main)) {
    c.expect(COLON, "`:`");
    target = jumps.target(c);
    if (c.kind() !== RBRACKET) c.expect(COMMA, "`,` or `]`");
  }
  if (c.kind() !== RBRACKET) unwind = parseUnwind(c, jumps);
  c.expect(RBRACKET, "`]`");
  return { target, unwind };
}

/** `unwind continue`, `unwind unreachable`, `unwind terminate(abi)`, `unwind: bb5`. */
function parseUnwind(c: Cursor, jumps: JumpCheck): UnwindAction {
  c.expectWord("unwind");
  if (c.eat(COLON)) return { kind: "cleanup", block: jumps.target(c) };
  if (c.kind() === Tok.BLOCK) return { kind: "cleanup", block: jumps.target(c) };
  if (c.eatWord("continue")) return { kind: "continue" };
  if (c.eatWord("unreachable")) return { kind: "unreachable" };
  c.expectWord("terminate");
  return { kind: "terminate", reason: parenthesised(c, () => c.ident("`abi` or `cleanup`")) };
}

/** The messages of assertions, with how many operands follow. */
const MESSAGES: ReadonlyMap<
  string,
  { readonly operands: number; readonly make: (operands: readonly Operand[]) => AssertKind }
> = new Map([
  [
    "index out of bounds: the length is {} but the index is {}",
    { operands: 2, make: ([length, index]) => ({ kind: "boundsCheck", length: length!, index: index! }) },
  ],
  ["attempt to compute `{} + {}`, which would overflow", overflow("Add")],
  ["attempt to compute `{} - {}`, which would overflow", overflow("Sub")],
  ["attempt to compute `{} * {}`, which would overflow", overflow("Mul")],
  ["attempt to compute `{} / {}`, which would overflow", overflow("Div")],
  ["attempt to compute the remainder of `{} % {}`, which would overflow", overflow("Rem")],
  ["attempt to compute `{} % {}`, which would overflow", overflow("Rem")],
  ["attempt to shift left by `{}`, which would overflow", shiftOverflow("Shl")],
  ["attempt to shift right by `{}`, which would overflow", shiftOverflow("Shr")],
  [
    "attempt to negate `{}`, which would overflow",
    { operands: 1, make: ([operand]) => ({ kind: "overflowNeg", operand: operand! }) },
  ],
  [
    "attempt to divide `{}` by zero",
    { operands: 1, make: ([operand]) => ({ kind: "divisionByZero", operand: operand! }) },
  ],
  [
    "attempt to calculate the remainder of `{}` with a divisor of zero",
    { operands: 1, make: ([operand]) => ({ kind: "remainderByZero", operand: operand! }) },
  ],
]);

function overflow(op: BinOp): { operands: number; make: (operands: readonly Operand[]) => AssertKind } {
  return { operands: 2, make: ([left, right]) => ({ kind: "overflow", op, left: left!, right: right! }) };
}

/** The text gives the shift's amount alone: it stands for both operands. */
function shiftOverflow(op: BinOp): { operands: number; make: (operands: readonly Operand[]) => AssertKind } {
  return { operands: 1, make: ([amount]) => ({ kind: "overflow", op, left: amount!, right: amount! }) };
}

/** `assert(!move _1, "message", copy _2) -> [success: bb1, unwind continue]`. */
function parseAssert(c: Cursor, scope: BodyScope, jumps: JumpCheck): Terminator {
  const span = c.span();
  c.advance();
  c.expect(LPAREN, "`(`");
  const expected = !c.eat(BANG);
  const cond = parseOperand(c, scope, undefined);
  c.expect(COMMA, "`,` and the message");
  const at = c.at;
  if (c.kind() !== Tok.STRING) throw c.unexpected("the assertion's message");
  const text = c.word().slice(1, -1);
  const message = MESSAGES.get(text);
  if (message === undefined) throw c.unsupported(`an assertion with the message "${text}"`, at);
  c.advance();
  const operands: Operand[] = [];
  while (c.eat(COMMA)) operands.push(parseOperand(c, scope, undefined));
  c.expect(RPAREN, "`)`");
  if (operands.length !== message.operands) {
    throw c.error(`this message takes ${message.operands} operands, not ${operands.length}`, undefined, at);
  }
  const { target, unwind } = parseSuccessors(c, jumps, "success");
  if (target === undefined) throw c.error("an assertion needs a block for success");
  return { kind: "assert", cond, expected, message: message.make(operands), target, unwind, span };
}
