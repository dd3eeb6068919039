/**
 * Initialisers whose value refers to their own locals (`&[&1, &2]`): each such local becomes a constant of its own, to which the initialiser refers.
 *
 * Rust lets what a constant refers to live on; in MIR that is a reference to a local, and a function that returned one would return a dangling pointer.
 */

import { type Body, type Const, type Local, RETURN_PLACE, type Statement } from "../mir/syntax.ts";
import type { Ty } from "../mir/ty.ts";
import { visitBody } from "../mir/visit.ts";

/** Makes the constant whose value a body ends with; gives how it is mentioned. */
export type MakeConst = (body: Body, ty: Ty) => Const;

type Assign = Extract<Statement, { kind: "assign" }>;

/** `body` with its references to whole locals replaced by constants that `make` makes; the last one, when it is the result, stays. */
export function splitLentLocals(body: Body, make: MakeConst): Body {
  const block = body.blocks[0];
  if (block?.terminator.kind !== "return" || !borrowsOften(body)) return body;
  const statements = block.statements.filter((statement): statement is Assign => statement.kind === "assign");
  const done: Statement[] = [];
  for (const statement of statements) {
    const lent = lentLocal(statement);
    const isResult = statement.place.local === RETURN_PLACE && statement.place.projection.length === 0;
    if (lent === undefined || isResult) {
      done.push(statement);
      continue;
    }
    const ty = body.locals[statement.place.local]!.ty;
    const value = make(ending(body, done, statement, ty), ty);
    done.push({ ...statement, rvalue: { kind: "use", operand: { kind: "const", value } } });
  }
  return { ...body, blocks: [{ ...block, statements: done }] };
}

/** Whether there is more to it than a reference that is the result. */
function borrowsOften(body: Body): boolean {
  let count = 0;
  visitBody(body, {
    place: (place, context) => {
      if (context === "borrow" && !place.projection.some(({ kind }) => kind === "deref")) count++;
    },
  });
  return count > 1;
}

/** `_N` of `_M = &_N`. */
function lentLocal({ place, rvalue }: Assign): Local | undefined {
  if (rvalue.kind !== "ref" || rvalue.mutability !== "not" || place.projection.length > 0) return undefined;
  return rvalue.place.projection.length > 0 ? undefined : rvalue.place.local;
}

/** `body` up to `last`, whose reference is its result. */
function ending(body: Body, done: readonly Statement[], last: Assign, ty: Ty): Body {
  const result: Statement = { ...last, place: { local: RETURN_PLACE, projection: [] } };
  const locals = body.locals.map((decl, i) => (i === RETURN_PLACE ? { ...decl, ty } : decl));
  const terminator = { kind: "return" as const, span: last.span };
  return { locals, argCount: body.argCount, blocks: [{ statements: [...done, result], terminator, isCleanup: false }] };
}
