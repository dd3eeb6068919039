/**
 * EarlyOtherwiseBranch: of two nested switches on discriminants that must be equal, one comparison of the two comes first
 * (rustc_mir_transform/src/early_otherwise_branch.rs).
 *
 * A parent switch on `Q` has a child for each value `v`, which switches on a second value `P`, lists `v` alone, and goes to one destination for all others, as
 * `match (a, b) { (V, V) => …, (W, W) => …, _ => … }` gives. Where `Q != P` the way ends there, whatever `v` is; so that is asked first, and then a
 * single switch on `Q` leads to where the children did. `P` is a discriminant that each child reads, or a place that each looks at as it is.
 *
 * `P` is then read before `Q` is known. Where `otherwise` of the parent is unreachable, all ways read it anyway. Elsewhere it has to be sure that there is
 * something to read: no discriminant, nothing behind a pointer or in a variant, and of a local that has a value on all ways to the parent, which is more
 * than rustc asks.
 */

import { operandTy, placeTy } from "../mir/place-ty.ts";
import type { BasicBlock, Local, Operand, Place, Statement, Terminator } from "../mir/syntax.ts";
import { TY_BOOL, type Ty } from "../mir/ty.ts";
import { successors } from "../mir/visit.ts";
import { cfgOf } from "./cfg.ts";
import { borrowedLocals, forEachUse, type LocalUse } from "./locals.ts";
import type { MirPass, MutBlock, MutBody, TransformCx } from "./pass.ts";
import { samePlace } from "./same-statement.ts";
import { simplifyCfg } from "./simplify-cfg.ts";

type Switch = Extract<Terminator, { kind: "switchInt" }>;

export const earlyOtherwiseBranch: MirPass = (body, cx) => {
  let changed = false;
  // What is made may be the child of another.
  for (let at = 0; at < body.blocks.length; at++) {
    const parent = body.blocks[at]!;
    const found = candidateOf(body, parent, cx);
    if (found === undefined) continue;
    compareFirst(body, parent, found);
    changed = true;
  }
  if (changed) simplifyCfg(body, cx);
  return changed;
};

interface Candidate {
  readonly terminator: Switch;
  /** The second value, or what it is the discriminant of. */
  readonly place: Place;
  /** Whether the children read the discriminant of `place`. */
  readonly isDiscriminant: boolean;
  readonly ty: Ty;
  /** Where both values differ. */
  readonly destination: BasicBlock;
  /** By value of the parent: where both have it. */
  readonly targets: readonly BasicBlock[];
}

function candidateOf(body: MutBody, parent: MutBlock, cx: TransformCx): Candidate | undefined {
  const { terminator } = parent;
  if (parent.isCleanup || terminator.kind !== "switchInt" || terminator.otherwise === undefined) return undefined;
  const [firstTarget] = terminator.targets;
  const first = firstTarget === undefined ? undefined : body.blocks[firstTarget]!;
  if (first?.terminator.kind !== "switchInt" || first.terminator.otherwise === undefined) return undefined;
  const ty = operandTy(body, terminator.discr, cx.tcx);
  if (operandTy(body, first.terminator.discr, cx.tcx) !== ty) return undefined;
  const looked = lookedAt(first, first.terminator);
  if (looked === undefined) return undefined;
  const { place, isDiscriminant } = looked;
  const { statements, terminator: last } = body.blocks[terminator.otherwise]!;
  const isClosed = last.kind === "unreachable" && statements.every(({ kind }) => kind === "nop");
  if (!isClosed && (isDiscriminant || !isPlainField(body, place, cx) || !isInitialised(body, parent, place.local)))
    return undefined;
  const destination = isClosed ? first.terminator.otherwise : terminator.otherwise;
  const targets: BasicBlock[] = [];
  for (const [i, target] of terminator.targets.entries()) {
    const child = body.blocks[target]!;
    const { terminator: own } = child;
    if (own.kind !== "switchInt" || own.otherwise !== destination) return undefined;
    if (own.values.length !== 1 || own.values[0] !== terminator.values[i]) return undefined;
    const childLooks = lookedAt(child, own);
    if (childLooks?.isDiscriminant !== isDiscriminant || !samePlace(childLooks.place, place)) return undefined;
    targets.push(own.targets[0]!);
  }
  return { terminator, place, isDiscriminant, ty, destination, targets };
}

/** What a child's switch looks at, when the child does nothing else. */
function lookedAt(
  { statements }: MutBlock,
  { discr }: Switch,
): { readonly place: Place; readonly isDiscriminant: boolean } | undefined {
  const [read, ...more] = statements;
  if (more.length > 0 || discr.kind === "const") return undefined;
  if (read === undefined) return discr.kind === "copy" ? { place: discr.place, isDiscriminant: false } : undefined;
  // The discriminant is gone behind the switch, so nobody misses the assignment.
  if (read.kind !== "assign" || read.rvalue.kind !== "discriminant" || discr.kind !== "move") return undefined;
  if (read.place.projection.length > 0 || !samePlace(read.place, discr.place)) return undefined;
  return { place: read.rvalue.place, isDiscriminant: true };
}

/** Whether `place` is a part of its local that has a value whenever the local has one. */
function isPlainField(body: MutBody, { local, projection }: Place, cx: TransformCx): boolean {
  return projection.every((elem, i) => {
    const { ty } = placeTy(body, { local, projection: projection.slice(0, i) }, cx.tcx);
    return elem.kind === "field" && !(ty.kind === "adt" && ty.def.adtKind === "union");
  });
}

/** Whether `local` has a value behind the statements of `at`, whichever way led there. */
function isInitialised(body: MutBody, at: MutBlock, local: Local): boolean {
  if (borrowedLocals(body)[local] === 1) return false;
  const { order } = cfgOf(body);
  // What is not contradicted is true: the greatest solution.
  const entry = new Uint8Array(body.blocks.length).fill(1);
  entry[0] = local > 0 && local <= body.argCount ? 1 : 0;
  let state = false;
  const step = (used: number, how: LocalUse): void => {
    if (used !== local) return;
    if (how === "write") state = true;
    else if (how === "move" || how === "storage" || how === "drop") state = false;
  };
  const over = (statement: Statement): void => {
    forEachUse({ statement }, step);
    if (statement.kind === "deinit" && statement.place.local === local) state = false;
  };
  for (let again = true; again; ) {
    again = false;
    for (const b of order) {
      const { statements, terminator } = body.blocks[b]!;
      state = entry[b] === 1;
      for (const statement of statements) over(statement);
      // A call that does not return gives its destination no value.
      const before = state;
      forEachUse({ terminator }, step);
      state &&= before || terminator.kind !== "call" || terminator.unwind.kind !== "cleanup";
      for (const next of successors(terminator)) {
        if (state || entry[next] === 0) continue;
        entry[next] = 0;
        again = true;
      }
    }
  }
  state = entry[body.blocks.indexOf(at)] === 1;
  for (const statement of at.statements) over(statement);
  return state;
}

function compareFirst(
  body: MutBody,
  parent: MutBlock,
  { terminator, place, isDiscriminant, ty, destination, targets }: Candidate,
): void {
  const { discr, span } = terminator;
  const local = (of: Ty): Place => {
    body.locals.push({ ty: of, mutability: "mut" });
    return { local: (body.locals.length - 1) as Local, projection: [] };
  };
  const left: Operand = discr.kind === "move" ? { kind: "copy", place: discr.place } : discr;
  let right: Operand = { kind: "copy", place };
  if (isDiscriminant) {
    const second = local(ty);
    parent.statements = [
      ...parent.statements,
      { kind: "assign", place: second, rvalue: { kind: "discriminant", place }, span },
    ];
    right = { kind: "move", place: second };
  }
  const differ = local(TY_BOOL);
  parent.statements = [
    ...parent.statements,
    { kind: "assign", place: differ, rvalue: { kind: "binary", op: "Ne", left, right }, span },
  ];
  const equal = body.blocks.length as BasicBlock;
  body.blocks.push({
    statements: [],
    terminator: { ...terminator, discr: left, targets },
    isCleanup: false,
  });
  parent.terminator = {
    kind: "switchInt",
    discr: { kind: "move", place: differ },
    values: [0n],
    targets: [equal],
    otherwise: destination,
    span,
  };
}
