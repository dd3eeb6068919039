/**
 * ScalarReplacementOfAggregates: a local struct or tuple that is only used field by field becomes a local per field
 * (rustc_mir_transform/src/sroa.rs).
 *
 * Splitting goes one level deep; the pass runs until nothing is left to split, as the parts may be aggregates too.
 *
 * rustc also splits what has a field borrowed. Under Tree Borrows, and of raw pointers under Stacked Borrows, a pointer to a field reaches the
 * fields beside it (`container_of`), so here such a local stays whole.
 */

import { bug } from "../entity/entity.ts";
import { fieldTysOf } from "../mir/place-ty.ts";
import type { Local, LocalDecl, Operand, Place, PlaceElem, Rvalue, Statement } from "../mir/syntax.ts";
import {
  mapStatement,
  mapTerminator,
  type PlaceContext,
  visitOperand,
  visitStatement,
  visitTerminator,
} from "../mir/visit.ts";
import { localUse } from "./locals.ts";
import type { MirPass, MutBody, TransformCx } from "./pass.ts";

const MOST_FIELDS = 32;

export const sroa: MirPass = (body, cx) => {
  let changed = false;
  while (splitOnce(body, cx)) changed = true;
  return changed;
};

/** By local that is split: the first of its fields' locals. */
type Split = ReadonlyMap<number, { readonly first: number; readonly fields: LocalDecl["ty"][] }>;

function splitOnce(body: MutBody, cx: TransformCx): boolean {
  const split = candidates(body, cx);
  if (split.size === 0) return false;
  const elements = (place: Place): PlaceElem[] => [...place.projection];
  const partOf = (place: Place): Place => {
    const parts = split.get(place.local);
    const [field, ...rest] = elements(place);
    if (parts === undefined || field?.kind !== "field") return place;
    return { local: (parts.first + field.index) as Local, projection: rest };
  };
  const mapper = { place: (place: Place): Place => partOf(place) };
  for (const block of body.blocks) {
    block.statements = block.statements.flatMap((statement) =>
      expand(statement, split).map((s) => mapStatement(s, mapper)),
    );
    block.terminator = mapTerminator(block.terminator, mapper);
  }
  return true;
}

/** Statements about the whole, as statements about each field. */
function expand(statement: Statement, split: Split): Statement[] {
  if (statement.kind === "storageLive" || statement.kind === "storageDead") {
    const parts = split.get(statement.local);
    return parts === undefined
      ? [statement]
      : parts.fields.map((_, i) => ({ ...statement, local: (parts.first + i) as Local }));
  }
  if (statement.kind !== "assign" || statement.place.projection.length > 0) return [statement];
  const parts = split.get(statement.place.local);
  if (parts === undefined) return [statement];
  return operandsOf(statement.rvalue, parts.fields).map((operand, i) => ({
    kind: "assign",
    place: { local: (parts.first + i) as Local, projection: [] },
    rvalue: { kind: "use", operand },
    span: statement.span,
  }));
}

/** What each field is given by an assignment of `rvalue`. */
function operandsOf(rvalue: Rvalue, fields: readonly LocalDecl["ty"][]): readonly Operand[] {
  if (rvalue.kind === "aggregate") return rvalue.operands;
  if (rvalue.kind !== "use" || rvalue.operand.kind === "const") throw bug(`SROA of a ${rvalue.kind}`);
  const { kind, place } = rvalue.operand;
  return fields.map((ty, index) => ({
    kind,
    place: { local: place.local, projection: [...place.projection, { kind: "field", index, ty }] },
  }));
}

/** The locals that can be split, with new locals for their fields already in `body`. */
function candidates(body: MutBody, cx: TransformCx): Split {
  const whole = wholeUses(body);
  const split = new Map<number, { first: number; fields: LocalDecl["ty"][] }>();
  const { length } = body.locals;
  for (let local = body.argCount + 1; local < length; local++) {
    if (whole[local] === 1) continue;
    const { ty, mutability } = body.locals[local]!;
    if (!isSplittable(ty)) continue;
    const fields = fieldTysOf(ty, undefined, cx.tcx);
    if (fields === undefined || fields.length > MOST_FIELDS) continue;
    split.set(local, { first: body.locals.length, fields: [...fields] });
    for (const field of fields) body.locals.push({ ty: field, mutability });
  }
  return split;
}

/** Not enums, unions, vectors, or what the language treats apart. */
function isSplittable(ty: LocalDecl["ty"]): boolean {
  if (ty.kind === "tuple") return ty.fields.length > 0;
  if (ty.kind !== "adt" || ty.def.adtKind !== "struct") return false;
  const { repr, lang } = ty.def;
  return repr.simd !== true && repr.validRange === undefined && lang === undefined;
}

/**
 * By local: 1 when it is used other than field by field, borrowed in part, assigned other than by an aggregate that lists its fields or as a copy of another place,
 * or never mentioned.
 */
function wholeUses(body: MutBody): Uint8Array {
  const whole = new Uint8Array(body.locals.length);
  const mentioned = new Uint8Array(body.locals.length);
  const visitor = {
    place: (place: Place, context: PlaceContext): void => {
      mentioned[place.local] = 1;
      const isWhole = place.projection[0]?.kind !== "field" && context !== "storage";
      const use = localUse(place, context);
      if (isWhole || use === "borrow" || use === "drop") whole[place.local] = 1;
    },
    local: (local: Local, context: PlaceContext | "index"): void => {
      if (context === "index") whole[local] = 1;
    },
  };
  for (const block of body.blocks) {
    for (const statement of block.statements) {
      const { kind } = statement;
      const operands = kind === "assign" ? fieldwise(statement) : undefined;
      if (kind === "assign" && operands !== undefined) {
        mentioned[statement.place.local] = 1;
        for (const operand of operands) visitOperand(operand, visitor);
      } else visitStatement(statement, visitor);
    }
    visitTerminator(block.terminator, visitor);
  }
  return whole.map((mark, local) => (mark === 1 || mentioned[local] === 0 ? 1 : 0));
}

/** What an assignment to a whole local reads, when it can be made field by field. */
function fieldwise({ place, rvalue }: Extract<Statement, { kind: "assign" }>): readonly Operand[] | undefined {
  if (place.projection.length > 0) return undefined;
  if (rvalue.kind === "aggregate") return rvalue.operands;
  return rvalue.kind === "use" && rvalue.operand.kind !== "const" ? [rvalue.operand] : undefined;
}
