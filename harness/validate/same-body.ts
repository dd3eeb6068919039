/**
 * Bodies that say the same in other numbers: a text for each body, equal for bodies that differ only in what locals and blocks are called.
 *
 * Blocks come in reverse postorder, so those that nothing reaches are left out; locals are numbered as they are first mentioned. Storage statements and `nop`
 * are not compared, nor whether an assignment copies or moves, which the import does not keep; and one block that is `unreachable` is like another.
 */

import {
  type BasicBlock,
  type Body,
  type Local,
  mapBlock,
  mapStatement,
  type Operand,
  printBody,
  type Statement,
  successors,
} from "../../codegen/index.ts";

export function canonicalText(body: Body): string {
  const numbers = new Map<number, number>();
  const kept: number[] = [];
  let unreachable: number | undefined;
  for (const at of reversePostorder(body)) {
    const { statements, terminator, isCleanup } = body.blocks[at]!;
    const isEmpty = terminator.kind === "unreachable" && !isCleanup && statements.every(isMarker);
    if (isEmpty && unreachable !== undefined) {
      numbers.set(at, unreachable);
      continue;
    }
    if (isEmpty) unreachable = kept.length;
    numbers.set(at, kept.length);
    kept.push(at);
  }
  const locals = new Map<number, number>();
  for (let i = 0; i <= body.argCount; i++) locals.set(i, i);
  const local = (l: Local): Local => {
    let number = locals.get(l);
    if (number === undefined) {
      number = locals.size;
      locals.set(l, number);
    }
    return number as Local;
  };
  const block = (b: BasicBlock): BasicBlock => numbers.get(b)! as BasicBlock;
  const blocks = kept.map((at) => {
    const data = body.blocks[at]!;
    return mapBlock(
      { ...data, statements: data.statements.filter((s) => !isMarker(s)).map(copying) },
      { local, block },
    );
  });
  const decls: { ty: Body["locals"][number]["ty"]; mutability: "mut" }[] = [];
  for (const [old, number] of locals) decls[number] = { ty: body.locals[old]!.ty, mutability: "mut" };
  return printBody({ locals: decls, argCount: body.argCount, blocks });
}

function isMarker({ kind }: Statement): boolean {
  return kind === "storageLive" || kind === "storageDead" || kind === "nop";
}

function copying(statement: Statement): Statement {
  if (statement.kind !== "assign") return statement;
  const operand = (o: Operand): Operand => (o.kind === "move" ? { kind: "copy", place: o.place } : o);
  return mapStatement(statement, { operand });
}

function reversePostorder(body: Body): number[] {
  const seen = new Set<number>([0]);
  const postorder: number[] = [];
  const path = [{ at: 0, next: successors(body.blocks[0]!.terminator), done: 0 }];
  for (let top = path.at(-1); top !== undefined; top = path.at(-1)) {
    const next = top.next[top.done++];
    if (next === undefined) {
      postorder.push(top.at);
      path.pop();
    } else if (!seen.has(next)) {
      seen.add(next);
      path.push({ at: next, next: successors(body.blocks[next]!.terminator), done: 0 });
    }
  }
  return postorder.reverse();
}
