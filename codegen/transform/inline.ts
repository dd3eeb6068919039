/**
 * Inline: calls of small functions become their bodies (rustc_mir_transform/src/inline.rs).
 *
 * Functions come callees first, so a callee is already optimised, and calls in what was inlined are left alone: recursion ends by itself. The
 * costs and thresholds are rustc's.
 *
 * What a `#[track_caller]` function calls has the location of that function's own caller, which scopes would have to tell once frames are
 * merged: such functions neither go in nor take in. A callee with other target features stays a call, as its code may not be mixed with the caller's.
 */

import { flagsOf, HAS_ALIAS, typeFlags } from "../mir/fold.ts";
import { placeTy } from "../mir/place-ty.ts";
import type {
  BasicBlock,
  BasicBlockData,
  Body,
  Const,
  FnItem,
  Local,
  Operand,
  Place,
  Statement,
  Terminator,
  UnwindAction,
} from "../mir/syntax.ts";
import type { Ty, TyCtxt } from "../mir/ty.ts";
import { type Mapper, mapBlock, visitBody } from "../mir/visit.ts";
import { isIndirect } from "./locals.ts";
import type { MirPass, MutBlock, MutBody, TransformCx } from "./pass.ts";

const INSTR_COST = 5;
const CALL_PENALTY = 25;
const LANDINGPAD_PENALTY = 50;
const RESUME_PENALTY = 45;
const THRESHOLD = 50;
const HINT_THRESHOLD = 100;
/** A function that has grown this large takes in nothing more. */
const LARGEST_CALLER = 2_000;

type Call = Extract<Terminator, { kind: "call" }>;

export const inline: MirPass = (body, cx) => {
  let changed = false;
  let size = body.blocks.reduce((sum, block) => sum + block.statements.length + 1, 0);
  const { length } = body.blocks;
  for (let at = 0; at < length; at++) {
    const block = body.blocks[at]!;
    const { terminator } = block;
    if (terminator.kind !== "call" || block.isCleanup || size > LARGEST_CALLER) continue;
    const callee = calleeOf(terminator, body, cx);
    if (callee === undefined) continue;
    inlineCall(body, block, terminator, callee, cx);
    size += callee.body.blocks.reduce((sum, { statements }) => sum + statements.length + 1, 0);
    changed = true;
  }
  return changed;
};

interface Callee {
  readonly body: Body;
  readonly args: readonly Ty[];
}

/** What `call` calls, when that is to be inlined. */
function calleeOf({ func, args, destination }: Call, caller: MutBody, cx: TransformCx): Callee | undefined {
  if (func.kind !== "const" || func.value.kind !== "fn") return undefined;
  const { item, args: tyArgs } = func.value;
  // A trait's function is another one for each type.
  if (item.kind !== "fn" || item === cx.item || item.parent?.kind === "trait" || item.closure !== undefined)
    return undefined;
  if (item.params.length !== args.length || tyArgs.length !== item.generics.length) return undefined;
  if (!attributesAllow(item, cx.item)) return undefined;
  const body = cx.bodyOf(item);
  if (body === undefined || !isWorthIt(item, body) || callsOf(body, cx.item)) return undefined;
  if (needsAddress(destination) && isPacked(caller, destination, cx.tcx)) return undefined;
  // What a projection of a parameter's type is can be told only where the parameter is known.
  if (flagsOf(tyArgs) !== 0 && mentionsAlias(body)) return undefined;
  return { body, args: tyArgs };
}

function attributesAllow(callee: FnItem, caller: FnItem): boolean {
  const has = (item: FnItem, prefix: string): string | undefined => item.attributes?.find((a) => a.startsWith(prefix));
  if (has(callee, "track_caller") !== undefined || has(caller, "track_caller") !== undefined) return false;
  if (has(callee, "rustc_no_mir_inline") !== undefined || has(callee, "naked") !== undefined) return false;
  const features = has(callee, "target_feature");
  return callee.variadic !== true && (features === undefined || features === has(caller, "target_feature"));
}

function isWorthIt(item: FnItem, body: Body): boolean {
  if (item.inline === "never") return false;
  let cost = 0;
  for (const block of body.blocks) {
    for (const { kind } of block.statements)
      if (kind !== "storageLive" && kind !== "storageDead" && kind !== "nop") cost += INSTR_COST;
    const own = terminatorCost(block.terminator);
    if (own === undefined) return false;
    cost += own;
  }
  if (item.inline === "always") return true;
  return cost <= (item.inline === "hint" ? HINT_THRESHOLD : THRESHOLD);
}

/** `undefined` when a body that ends a block so cannot be inlined. */
function terminatorCost(terminator: Terminator): number | undefined {
  const pad = "unwind" in terminator && terminator.unwind.kind === "cleanup" ? LANDINGPAD_PENALTY : 0;
  switch (terminator.kind) {
    case "tailCall":
      return undefined;
    case "call":
      return CALL_PENALTY + pad;
    case "drop":
    case "assert":
      return CALL_PENALTY + pad;
    case "unwindResume":
      return RESUME_PENALTY;
    default:
      return INSTR_COST;
  }
}

function callsOf(body: Body, item: FnItem): boolean {
  return body.blocks.some(
    ({ terminator: t }) =>
      t.kind === "call" && t.func.kind === "const" && t.func.value.kind === "fn" && t.func.value.item === item,
  );
}

/** Puts `callee` in the place of `call`, which ends `block`. */
function inlineCall(body: MutBody, block: MutBlock, call: Call, callee: Callee, cx: TransformCx): void {
  const { span } = call;
  const firstLocal = body.locals.length;
  const firstBlock = body.blocks.length;
  const { locals, argCount } = callee.body;
  const ty = (t: Ty): Ty => (typeFlags(t) === 0 ? t : cx.instantiate(t, callee.args));
  for (const decl of locals) body.locals.push({ ...decl, ty: ty(decl.ty) });
  const local = (l: number): Local => (firstLocal + l) as Local;

  const destination = fixDestination(body, block, call, cx.tcx);
  call.args.forEach((operand, i) => {
    block.statements.push(assignTo({ local: local(i + 1), projection: [] }, operand, span));
  });
  const own: Local[] = [];
  for (let l = argCount + 1; l < locals.length; l++) if (!hasStorage(callee.body, l)) own.push(local(l));
  for (const l of own) block.statements.push({ kind: "storageLive", local: l, span });
  block.terminator = { kind: "goto", target: firstBlock as BasicBlock, span };

  const after: BasicBlock = (firstBlock + callee.body.blocks.length) as BasicBlock;
  const mapper: Mapper = {
    local: (l) => local(l),
    block: (b) => (firstBlock + b) as BasicBlock,
    ty,
    constant: (value) => substituteConst(value, callee.args),
  };
  for (const calleeBlock of callee.body.blocks) {
    body.blocks.push(moveIn(mapBlock(calleeBlock, mapper), call.unwind, after));
  }
  const dead: Statement[] = own.map((l) => ({ kind: "storageDead", local: l, span }));
  if (call.target === undefined) {
    body.blocks.push({ statements: dead, terminator: { kind: "unreachable", span }, isCleanup: false });
    return;
  }
  const result: Operand = { kind: "move", place: { local: local(0), projection: [] } };
  body.blocks.push({
    statements: [assignTo(destination, result, span), ...dead],
    terminator: { kind: "goto", target: call.target, span },
    isCleanup: false,
  });
}

function assignTo(place: Place, operand: Operand, span: Call["span"]): Statement {
  return { kind: "assign", place, rvalue: { kind: "use", operand }, span };
}

/** Whether what leads to `place` might change. */
function needsAddress(place: Place): boolean {
  return isIndirect(place) || place.projection.some(({ kind }) => kind === "index");
}

/** Whether `place` lies in a packed type: a store through a pointer to it would promise an alignment that it has not. */
function isPacked(body: MutBody, place: Place, tcx: TyCtxt): boolean {
  return place.projection.some((_, i) => {
    const { ty } = placeTy(body, { local: place.local, projection: place.projection.slice(0, i) }, tcx);
    return ty.kind === "adt" && ty.def.repr.packed !== undefined;
  });
}

function mentionsAlias(body: Body): boolean {
  let flags = flagsOf(body.locals.map(({ ty }) => ty));
  visitBody(body, {
    ty: (ty) => {
      flags |= typeFlags(ty);
    },
  });
  return (flags & HAS_ALIAS) !== 0;
}

/** The destination, whose address is taken before the call, as the callee might change what leads there. */
function fixDestination(body: MutBody, block: MutBlock, { destination, span }: Call, tcx: TyCtxt): Place {
  if (!needsAddress(destination)) return destination;
  const pointee = placeTy(body, destination, tcx).ty;
  const pointer = body.locals.length as Local;
  body.locals.push({ ty: tcx.ptr("mut", pointee), mutability: "mut" });
  block.statements.push({
    kind: "assign",
    place: { local: pointer, projection: [] },
    rvalue: { kind: "rawPtr", mutability: "mut", place: destination },
    span,
  });
  return { local: pointer, projection: [{ kind: "deref" }] };
}

function hasStorage(body: Body, local: number): boolean {
  return body.blocks.some(({ statements }) => statements.some((s) => s.kind === "storageLive" && s.local === local));
}

/** A const parameter, once its argument is a value. */
function substituteConst(value: Const, args: readonly Ty[]): Const {
  if (value.kind !== "param") return value;
  const arg = args[value.index];
  if (arg?.kind === "constArg") return { kind: "scalar", ty: arg.ty, bits: arg.bits };
  if (arg?.kind === "param") return { ...value, index: arg.index, name: arg.name };
  return value;
}

/** A block of the callee as one of the caller's: returns and unwinding go where the call's go. */
function moveIn(block: BasicBlockData, unwind: UnwindAction, after: BasicBlock): MutBlock {
  return {
    statements: [...block.statements],
    terminator: block.isCleanup ? endCleanup(block.terminator, unwind) : endNormal(block.terminator, unwind, after),
    isCleanup: block.isCleanup,
  };
}

function endNormal(terminator: Terminator, unwind: UnwindAction, after: BasicBlock): Terminator {
  if (terminator.kind === "return") return { kind: "goto", target: after, span: terminator.span };
  if ("unwind" in terminator && terminator.unwind.kind === "continue") return { ...terminator, unwind };
  return terminator;
}

function endCleanup(terminator: Terminator, unwind: UnwindAction): Terminator {
  if (terminator.kind !== "unwindResume") return terminator;
  const { span } = terminator;
  switch (unwind.kind) {
    case "continue":
      return terminator;
    case "cleanup":
      return { kind: "goto", target: unwind.block, span };
    case "unreachable":
      return { kind: "unreachable", span };
    case "terminate":
      return { kind: "unwindTerminate", reason: unwind.reason, span };
  }
}
