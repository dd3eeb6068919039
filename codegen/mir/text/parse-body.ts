/**
 * Bodies: scopes with their `debug` lines and locals, coverage lines, basic blocks.
 */

import type {
  BasicBlock,
  Body,
  InstanceName,
  LocalDecl,
  PlaceElem,
  SourceScope,
  Statement,
  Terminator,
  Type,
  VarDebugInfo,
} from "./ast.ts";
import { B, CLASS, DIGIT } from "./bytes.ts";
import type { Cursor } from "./cursor.ts";
import { parseConst } from "./parse-const.ts";
import { parseFieldOrCast, parsePlace } from "./parse-operand.ts";
import { parseValuePath } from "./parse-path.ts";
import { parseRight } from "./parse-rvalue.ts";
import { parseWordStatement } from "./parse-statement.ts";
import { parseAssignedTerminator, parseWordTerminator } from "./parse-terminator.ts";
import { parseType } from "./parse-type.ts";
import { scanBalanced } from "./scan.ts";

/** Scopes may nest this deeply: a function has one for each of its `let`s. */
const MAX_SCOPE_DEPTH = 20_000;

/** A body, from its `{` to its `}`. */
export function parseBody(c: Cursor): Body {
  const at = c.at;
  c.expect(B.LBRACE);
  const scope = parseScopes(c, at);
  const coverage: string[] = [];
  while (c.startsWith("coverage ")) coverage.push(parseCoverageLine(c));
  const blocks: BasicBlock[] = [];
  while (!c.eat(B.RBRACE)) blocks.push(parseBlock(c));
  return { scope, coverage, blocks };
}

// ---------------------------------------------------------------------------------------------------------------------------------
// Scopes

interface OpenScope extends SourceScope {
  readonly debugInfo: VarDebugInfo[];
  readonly locals: LocalDecl[];
  readonly children: SourceScope[];
}

/** What stands before the blocks: the declarations of the outermost scope and all scopes in it. */
function parseScopes(c: Cursor, at: number): SourceScope {
  const open: OpenScope[] = [];
  let scope: OpenScope = { at, id: 0, inlined: undefined, debugInfo: [], locals: [], children: [] };
  const root = scope;
  while (true) {
    switch (c.peek()) {
      case 108: // l
        scope.locals.push(parseLocalDecl(c));
        break;
      case 100: // d
        scope.debugInfo.push(parseDebugInfo(c));
        break;
      case 115: {
        // s
        if (open.length >= MAX_SCOPE_DEPTH) throw c.error(`scopes nest more than ${MAX_SCOPE_DEPTH} levels deep`);
        const child = parseScopeHead(c);
        scope.children.push(child);
        open.push(scope);
        scope = child;
        break;
      }
      case B.RBRACE: {
        const parent = open.pop();
        if (parent === undefined) return root;
        c.eat(B.RBRACE);
        scope = parent;
        break;
      }
      default:
        if (open.length > 0) throw c.expected("`let`, `debug`, `scope` or `}`");
        return root;
    }
  }
}

/** `scope 1 (inlined #[track_caller] f) {`. */
function parseScopeHead(c: Cursor): OpenScope {
  const at = c.at;
  c.expectWord("scope");
  const id = c.integer("a scope's number");
  let inlined: SourceScope["inlined"];
  if (c.eat(B.LPAREN)) {
    c.expectWord("inlined");
    const trackCaller = c.eatText("#[track_caller]");
    inlined = { trackCaller, callee: parseInstance(c, c.at) };
    c.expect(B.RPAREN);
  }
  c.expect(B.LBRACE);
  return { at, id, inlined, debugInfo: [], locals: [], children: [] };
}

/** A function's name and what stands behind it, up to the closing parenthesis of `(inlined …)` or `(fn: …)`, which `from` stands in. */
export function parseInstance(c: Cursor, from: number): InstanceName {
  const path = parseValuePath(c);
  if (c.peek() === B.RPAREN) return { path, suffix: "" };
  const start = c.prevEnd;
  const end = scanBalanced(c, start, ")");
  if (end < 0) throw c.error("this `(` has no `)`", undefined, from);
  c.moveTo(end);
  return { path, suffix: c.name(start, end) };
}

/** `let mut _1: T as UserTypeProjection { … };`. */
function parseLocalDecl(c: Cursor): LocalDecl {
  const at = c.at;
  c.expectWord("let");
  const mutable = c.eatWord("mut");
  const local = c.local();
  c.expect(B.COLON);
  const ty = parseType(c);
  const userTypes = c.peek() === B.SEMICOLON ? NO_USER_TYPES : parseUserTypes(c);
  c.expect(B.SEMICOLON);
  return { at, local, mutable, ty, userTypes };
}

const NO_USER_TYPES: readonly string[] = [];

function parseUserTypes(c: Cursor): readonly string[] {
  const types: string[] = [];
  while (c.eatWord("as")) {
    const start = c.at;
    c.ident("a projection");
    if (c.peek() === B.LBRACE) {
      const end = scanBalanced(c, c.at + 1, "");
      if (end < 0) throw c.error("this `{` has no `}`");
      c.moveTo(end + 1);
    }
    types.push(c.slice(start, c.prevEnd));
  }
  return types;
}

/** `debug x => _1;`. */
function parseDebugInfo(c: Cursor): VarDebugInfo {
  const at = c.at;
  c.expectWord("debug");
  let name: string;
  let fragment: VarDebugInfo["fragment"];
  if (c.peek() === B.LPAREN) {
    const projection: PlaceElem[] = [];
    const base = parseFragment(c, projection);
    name = base.name;
    fragment = { ty: base.ty, projection };
  } else {
    name = c.ident("a variable");
  }
  c.expect2(B.EQUALS, B.GREATER);
  const value = parseDebugValue(c);
  c.expect(B.SEMICOLON);
  return { at, name, fragment, value };
}

/** A place, or a constant as an operand has it. */
function parseDebugValue(c: Cursor): VarDebugInfo["value"] {
  if (atPlace(c)) return { kind: "place", place: parsePlace(c) };
  const keyword = c.eatWord("const");
  return { kind: "const", value: parseConst(c), keyword };
}

/** `(x: T)`, `((x: T).0: U)`: a part of a variable, written as a place is. */
function parseFragment(c: Cursor, projection: PlaceElem[]): { name: string; ty: Type } {
  c.enter();
  c.expect(B.LPAREN);
  let base: { name: string; ty: Type };
  if (c.eat(B.STAR)) {
    base = parseFragment(c, projection);
    projection.push({ kind: "deref" });
  } else if (c.peek() === B.LPAREN) {
    base = parseFragment(c, projection);
    projection.push(parseFieldOrCast(c));
  } else {
    const name = c.ident("a variable");
    c.expect(B.COLON);
    base = { name, ty: parseType(c) };
  }
  c.expect(B.RPAREN);
  c.leave();
  return base;
}

/** `coverage Code(Counter(0)) => a.rs:1:1 - 2:2;`: the rest of the line. */
function parseCoverageLine(c: Cursor): string {
  c.eatWord("coverage");
  const start = c.at;
  let end = c.bytes.indexOf(B.NEWLINE, start);
  if (end < 0 || end > c.end) end = c.end;
  c.moveTo(end);
  return c.slice(start, end).trimEnd();
}

// ---------------------------------------------------------------------------------------------------------------------------------
// Blocks

/** `bb0 (cleanup): { … }`. */
function parseBlock(c: Cursor): BasicBlock {
  const at = c.at;
  const index = c.block();
  const cleanup = c.eat(B.LPAREN);
  if (cleanup) {
    c.expectWord("cleanup");
    c.expect(B.RPAREN);
  }
  c.expect(B.COLON);
  c.expect(B.LBRACE);
  const statements: Statement[] = [];
  let terminator: Terminator | undefined;
  while (!c.eat(B.RBRACE)) {
    if (terminator !== undefined) throw c.expected("`}`", "nothing follows a block's terminator");
    terminator = parseLine(c, statements);
    c.expect(B.SEMICOLON);
  }
  return { at, index, cleanup, statements, terminator };
}

/** A statement, which goes to the end of `statements`, or a terminator. */
function parseLine(c: Cursor, statements: Statement[]): Terminator | undefined {
  if (atPlace(c)) return parseAssignment(c, statements);
  if (!c.atIdent()) throw c.expected("a statement");
  const statement = parseWordStatement(c);
  if (statement !== undefined) {
    statements.push(statement);
    return undefined;
  }
  const terminator = parseWordTerminator(c);
  if (terminator === undefined) throw c.expected("a statement or a terminator");
  return terminator;
}

/** A place starts here, and nothing else that a statement or a debug line may have. */
function atPlace(c: Cursor): boolean {
  const b = c.peek();
  if (b === B.UNDERSCORE) return (CLASS[c.peekAt(1)]! & DIGIT) !== 0;
  return b === B.LPAREN || (b === 117 && c.startsWith("unwrap_binder!("));
}

function parseAssignment(c: Cursor, statements: Statement[]): Terminator | undefined {
  const at = c.at;
  const place = parsePlace(c);
  c.expect(B.EQUALS);
  const rvalue = parseRight(c);
  if (rvalue.kind === "callHead" || rvalue.kind === "yieldHead") return parseAssignedTerminator(c, at, place, rvalue);
  statements.push({ kind: "assign", at, place, rvalue });
  return undefined;
}
