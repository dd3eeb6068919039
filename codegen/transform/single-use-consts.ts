/**
 * SingleUseConsts: a constant that is assigned to a local once, and used once or never, goes where it is used
 * (rustc_mir_transform/src/single_use_consts.rs).
 *
 * Whether the assignment comes before the use need not be asked: otherwise the use would read what is not initialised.
 */

import type { Local, Operand, Statement } from "../mir/syntax.ts";
import { mapStatement, mapTerminator, visitStatement, visitTerminator } from "../mir/visit.ts";
import { forEachUse } from "./locals.ts";
import type { MirPass, MutBody } from "./pass.ts";

type ConstOperand = Extract<Operand, { kind: "const" }>;

export const singleUseConsts: MirPass = (body) => {
  const consts = candidates(body);
  if (consts.size === 0) return false;
  const operand = (o: Operand): Operand => (o.kind === "const" ? o : (consts.get(o.place.local) ?? o));
  const isGone = (statement: Statement): boolean =>
    statement.kind === "assign" && statement.place.projection.length === 0 && consts.has(statement.place.local);
  for (const block of body.blocks) {
    block.statements = block.statements.filter((s) => !isGone(s)).map((s) => mapStatement(s, { operand }));
    block.terminator = mapTerminator(block.terminator, { operand });
  }
  return true;
};

/** By local: the constant it is, when its one use, if any, is as an operand as a whole. */
function candidates(body: MutBody): Map<number, ConstOperand> {
  const mentions = new Uint32Array(body.locals.length);
  const operands = new Uint32Array(body.locals.length);
  const consts = new Map<number, ConstOperand>();
  const count = (local: number, how: string): void => {
    if (how !== "storage") mentions[local]!++;
  };
  const visitor = {
    operand: (o: Operand): void => {
      if (o.kind !== "const" && o.place.projection.length === 0) operands[o.place.local]!++;
    },
    local: (): void => undefined,
  };
  for (const block of body.blocks) {
    for (const statement of block.statements) {
      forEachUse({ statement }, count);
      visitStatement(statement, visitor);
      if (statement.kind !== "assign" || statement.rvalue.kind !== "use" || statement.place.projection.length > 0)
        continue;
      if (statement.rvalue.operand.kind === "const") consts.set(statement.place.local, statement.rvalue.operand);
    }
    forEachUse({ terminator: block.terminator }, count);
    visitTerminator(block.terminator, visitor);
  }
  for (const local of consts.keys() as Iterable<Local>) {
    if (local <= body.argCount || mentions[local]! > 2 || operands[local]! !== mentions[local]! - 1)
      consts.delete(local);
  }
  return consts;
}
