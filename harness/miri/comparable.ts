/**
 * Programs in the form in which custom MIR can say them: a place goes through a pointer at its start only, and slices are indexed from their start.
 *
 * The writer makes such places out of others itself, with copies of references, which retag. Here these copies become part of the program, so that the
 * interpreter and Miri run the same.
 */

import {
  type Body,
  build,
  mapStatement,
  mapTerminator,
  type Place,
  type PlaceElem,
  type Program,
  type Statement,
  TY_USIZE,
  type TyCtxt,
  visitBody,
} from "../../codegen/index.ts";
import { isPointer, OpenBody } from "./open-body.ts";

/** What the writer gives a body of its own, however a program declares it. */
const GLUE = /(?:^|::)(?:__rust_\w+|thread_\w+|catch_unwind|atomic_\w+)$/;

/** Gives each function of `program` the form that custom MIR has. */
export function makeComparable(program: Program): void {
  for (const item of program.functions) {
    if (item.body !== undefined) item.body = separateDerefs(item.body, program.tcx);
    else if (item.kind === "extern" && GLUE.test(item.name)) Object.assign(item, { kind: "intrinsic" });
  }
}

/** `body` with at most one dereference in a place. */
function separateDerefs(old: Body, tcx: TyCtxt): Body {
  const body = new OpenBody(old, tcx);
  for (const block of body.blocks) {
    const statements: Statement[] = [];
    const place = (each: Place): Place => separated(body, each, statements);
    for (const statement of block.statements) {
      statements.push(asWritten(body, mapStatement(statement, { place })));
    }
    block.terminator = mapTerminator(block.terminator, { place });
    block.statements = statements;
  }
  return body.close();
}

/** `place` with the pointers on its way in locals of their own. */
function separated(body: OpenBody, place: Place, into: Statement[]): Place {
  let current: Place = { local: place.local, projection: [] };
  for (const elem of place.projection) {
    if (elem.kind === "deref" && current.projection.length > 0) {
      const ty = body.tyOf(current);
      if (!isPointer(ty)) return place;
      // A copy that is no move would be taken for one that rustc made here, which retags nothing.
      const unique = ty.kind === "ref" && ty.mutability === "mut";
      const pointer = body.temp(ty, build.use(unique ? build.move(current) : build.copy(current)), into);
      current = { local: pointer, projection: [] };
    }
    current = { ...current, projection: [...current.projection, fromStart(body, current, elem, into)] };
  }
  return current;
}

function fromStart(body: OpenBody, base: Place, elem: PlaceElem, into: Statement[]): PlaceElem {
  if (elem.kind !== "constantIndex" || !elem.fromEnd) return elem;
  const ty = body.tyOf(base);
  if (ty.kind !== "slice") return elem;
  const pointer = body.temp(body.tcx.ptr("not", ty), build.rawPtrTo("not", base), into);
  const length = body.temp(TY_USIZE, build.unary("PtrMetadata", build.copy(pointer)), into);
  const count = build.constInt(TY_USIZE, elem.offset);
  return { kind: "index", local: body.temp(TY_USIZE, build.binary("Sub", build.copy(length), count), into) };
}

/**
 * Custom MIR has no two-phase borrows, and no copies that do not retag: the copy of a unique reference, which rustc only makes to take a place apart,
 * becomes a move.
 */
function asWritten(body: OpenBody, statement: Statement): Statement {
  if (statement.kind === "assign" && statement.rvalue.kind === "use" && statement.rvalue.operand.kind === "copy") {
    const { place } = statement.rvalue.operand;
    const ty = body.tyOf(place);
    const unique = ty.kind === "ref" && ty.mutability === "mut";
    return unique ? { ...statement, rvalue: { kind: "use", operand: { kind: "move", place } } } : statement;
  }
  if (statement.kind !== "assign" || statement.rvalue.kind !== "ref" || statement.rvalue.twoPhase !== true)
    return statement;
  const { mutability, place } = statement.rvalue;
  return { ...statement, rvalue: { kind: "ref", mutability, place } };
}

/** Whether the writer makes a mutable pointer of its own for some place: a part of a slice, which may be behind a shared reference. */
export function hasSubslice(body: Body): boolean {
  let found = false;
  const place = (each: Place): void => {
    found ||= each.projection.some(({ kind }) => kind === "subslice");
  };
  visitBody(body, { place });
  return found;
}
