/**
 * Bodies of MIR text: locals, scopes and blocks.
 */

import { bug } from "../../entity/entity.ts";
import type { BasicBlockData, Body, FnItem, Local, LocalDecl, SourceScope, Statement } from "../syntax.ts";
import type * as text from "../text/ast.ts";
import { instanceText, placeText } from "../text/print-body.ts";
import { constText, typeText } from "../text/print-type.ts";
import type { Ty } from "../ty.ts";
import { BodyCx } from "./body-cx.ts";
import { resolveStatement } from "./statement.ts";
import { resolveTerminator } from "./terminator.ts";
import { resolveTy } from "./types.ts";
import { errorIn, type Scope } from "./world.ts";

/** Resolves a body; `params` and `ret` are the types in the signature. `_0` need not be declared. */
export function resolveBody(scope: Scope, body: text.Body, params: readonly Ty[], ret: Ty): Body {
  const cx = new BodyCx(scope, body);
  const root = declareLocals(cx, params, ret);
  const blocks = resolveBlocks(cx);
  const plain = root.debugInfo.length === 0 && root.children.length === 0 && inOrder(root.locals);
  return { locals: cx.locals, argCount: params.length, blocks, ...(plain ? {} : { scopes: root }) };
}

/** The types of a body's arguments: the parameters, and for `...` the list of what else a call passes. */
export function argTys({ world }: Scope, { params, variadic }: FnItem): readonly Ty[] {
  if (variadic !== true) return params;
  const list = world.lookup(world.adts, "std::ffi::VaList", "");
  if (list === undefined || list === "several") throw bug("no prelude has `VaList`");
  return [...params, world.tcx.adt(list)];
}

// ---- locals

/** Scopes are followed by calls. */
const MAX_SCOPE_DEPTH = 1500;

function declareLocals(cx: BodyCx, params: readonly Ty[], ret: Ty): SourceScope {
  const decls = new Map<number, LocalDecl>();
  for (let i = 0; i < params.length; i++) decls.set(i + 1, { ty: params[i]!, mutability: "not" });
  const root = sourceScope(cx, cx.text.scope, decls, 0) as { locals: Local[] } & SourceScope;
  if (!decls.has(0)) {
    decls.set(0, { ty: ret, mutability: "mut" });
    root.locals.unshift(0 as Local);
  }
  cx.scope.at = cx.text.scope.at;
  for (let i = 0; i < decls.size; i++) {
    const decl = decls.get(i);
    if (decl === undefined) {
      throw errorIn(cx.scope, `the local \`_${i}\` is not declared`, "locals are numbered without gaps");
    }
    cx.locals.push(decl);
  }
  return root;
}

function sourceScope(cx: BodyCx, source: text.SourceScope, decls: Map<number, LocalDecl>, depth: number): SourceScope {
  const { scope } = cx;
  const locals: Local[] = [];
  if (depth > MAX_SCOPE_DEPTH) throw scope.source.error("scopes nest too deeply", source.at);
  for (const { at, local, mutable, ty } of source.locals) {
    scope.at = at;
    if (decls.has(local)) throw errorIn(scope, `the local \`_${local}\` is declared twice`);
    decls.set(local, { ty: resolveTy(scope, ty), mutability: mutable ? "mut" : "not" });
    locals.push(local as Local);
  }
  const children: SourceScope[] = [];
  for (const child of source.children) children.push(sourceScope(cx, child, decls, depth + 1));
  return {
    id: source.id,
    inlined: inlinedText(source.inlined),
    debugInfo: source.debugInfo.map(debugInfo),
    locals,
    children,
  };
}

// ---- blocks

function resolveBlocks(cx: BodyCx): BasicBlockData[] {
  const { scope, text: body } = cx;
  if (body.blocks.length === 0) throw scope.source.error("expected a block such as `bb0: {`", body.scope.at);
  const blocks: BasicBlockData[] = new Array(body.blocks.length);
  for (const block of body.blocks) {
    scope.at = block.at;
    if (blocks[block.index] !== undefined) throw errorIn(scope, `the block \`bb${block.index}\` is there twice`);
    if (block.index >= body.blocks.length) {
      const missing = firstMissing(body.blocks);
      throw errorIn(scope, `the block \`bb${missing}\` is missing`, "blocks are numbered without gaps");
    }
    blocks[block.index] = resolveBlock(cx, block);
  }
  return blocks;
}

function resolveBlock(cx: BodyCx, block: text.BasicBlock): BasicBlockData {
  const { scope } = cx;
  const statements: Statement[] = [];
  for (const statement of block.statements) {
    scope.at = statement.at;
    const made = resolveStatement(cx, statement, cx.span());
    if (made !== undefined) statements.push(made);
  }
  if (block.terminator === undefined) throw scope.source.error("this block has no terminator", block.at);
  scope.at = block.terminator.at;
  return { statements, terminator: resolveTerminator(cx, block.terminator, cx.span()), isCleanup: block.cleanup };
}

function inOrder(locals: readonly Local[]): boolean {
  return locals.every((local, i) => i === 0 || locals[i - 1]! < local);
}

function firstMissing(blocks: readonly text.BasicBlock[]): number {
  const there = new Set(blocks.map((block) => block.index));
  let missing = 0;
  while (there.has(missing)) missing++;
  return missing;
}

function inlinedText(inlined: text.SourceScope["inlined"]): string {
  if (inlined === undefined) return "";
  return `(inlined ${inlined.trackCaller ? "#[track_caller] " : ""}${instanceText(inlined.callee)})`;
}

/** `debug name => value`, the two as text. */
function debugInfo({ name, fragment, value }: text.VarDebugInfo): { name: string; value: string } {
  const whole =
    fragment === undefined
      ? name
      : placeText({ local: 0, projection: fragment.projection }).replace("_0", `(${name}: ${typeText(fragment.ty)})`);
  return { name: whole, value: value.kind === "place" ? placeText(value.place) : `const ${constText(value.value)}` };
}
