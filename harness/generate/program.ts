/**
 * A random program: types, a call graph of small functions, and entry points that run it on several inputs.
 *
 * Functions are made leaves first, and call only what was made before them, so that calls end. A recursive function calls itself with
 * less of a `fuel` parameter. Entry points differ in their inputs only, which pass through `black_box`.
 */

import {
  type BinOp,
  type Body,
  DUMMY_SP,
  type FnItem,
  type InlineAttr,
  type Local,
  newTyCtxt,
  type Operand,
  type Program,
  TY_BOOL,
  TY_U32,
  TY_UNIT,
  type Ty,
  type TyCtxt,
} from "../../codegen/index.ts";
import { runActions } from "./actions.ts";
import { blackBox, callSelf, observe } from "./calls.ts";
import { constInt, randomConst } from "./constants.ts";
import { branch, countedLoop } from "./control.ts";
import { type FeatureChoice, featureSet } from "./features.ts";
import { canRead, FnCx, type GeneratedFn, type ProgramCx, type Var } from "./fn-cx.ts";
import { ProgramItems } from "./items.ts";
import {
  binary,
  callTo,
  convert,
  copyOf,
  defineAs,
  fnConst,
  makeValue,
  newValue,
  operand,
  placeOf,
  read,
  reusable,
  temp,
  use,
} from "./operands.ts";
import { DEFAULT_POLICY, drawPolicy, type Policy } from "./policies.ts";
import { Rng } from "./rng.ts";
import { Universe } from "./types.ts";

export interface GenerateOptions {
  /** Types are interned here; a new one when absent. Definitions are told apart by identity: several programs have an `S0`. */
  readonly tcx?: TyCtxt;
  readonly policy?: Policy;
  /** What the program may use beyond core; `core` when absent. */
  readonly features?: FeatureChoice;
  /** Statements, roughly; the policy's when absent. */
  readonly size?: number;
}

/** A random program. Almost all are free of undefined behaviour; `generateChecked` proves it of each. */
export function generateProgram(seed: bigint | number, options: GenerateOptions = {}): Program {
  const policy = options.policy ?? DEFAULT_POLICY;
  const rng = new Rng(seed);
  const features = featureSet(options.features ?? "core");
  const drawn = drawPolicy(policy, features, rng);
  const tcx = options.tcx ?? newTyCtxt();
  const items = new ProgramItems(features);
  const types = new Universe(tcx, rng, drawn, features);
  const program: ProgramCx = { rng, drawn, types, nextTag: 1, items, act: runActions };
  const size = options.size ?? policy.size;
  const made: GeneratedFn[] = [];
  const helpers = size < 20 ? rng.below(2) : rng.between(1, 4);
  for (let i = 0; i < helpers; i++) {
    const share = Math.max(3, Math.floor(size / 10) + rng.between(-3, 6));
    made.push(
      makeFn(program, `f${made.length + 1}`, made, {
        size: share,
        leaf: i < 2 && rng.chance(75),
        maxCost: policy.maxCost / 12,
      }),
    );
    if (rng.chance(policy.chances.duplicateFn)) made.push(duplicate(program, made.at(-1)!, `f${made.length + 1}`));
  }
  const main = makeFn(program, "f0", made, {
    size: Math.max(1, Math.floor(size * 0.55)),
    leaf: false,
    maxCost: policy.maxCost,
  });
  const functions = [main.item, ...made.map((f) => f.item)];
  const inputs = rng.between(policy.inputs[0], policy.inputs[1]);
  for (let i = 0; i < inputs; i++) functions.push(makeEntry(program, `input_${i}`, main));
  functions.push(...items.functions);
  return { tcx, functions, ...items.lists(), file: "" };
}

interface FnShape {
  readonly size: number;
  readonly leaf: boolean;
  readonly maxCost: number;
}

function makeFn(program: ProgramCx, name: string, made: readonly GeneratedFn[], shape: FnShape): GeneratedFn {
  const { rng } = program;
  const { chances } = program.drawn.policy;
  const isMain = name === "f0";
  const recursive = !isMain && !shape.leaf && rng.chance(chances.recursiveFn);
  const params = makeParams(program, isMain, recursive);
  const ret = returnTy(program, params, recursive || isMain);
  const item: FnItem = {
    name,
    kind: "fn",
    generics: [],
    params,
    ret,
    inline: rng.pick(INLINE),
    abi: "Rust",
    body: undefined,
    span: DUMMY_SP,
  };
  const cx = new FnCx(program, shape.leaf ? [] : made, ret, shape.maxCost);
  const vars = defineParams(cx, params);
  cx.room = shape.size;
  let calls = 0;
  const fuelLimit = recursive ? rng.between(3, 5) : undefined;
  if (recursive) {
    calls = rng.chance(30) ? 2 : 1;
    cx.recursion = { item, fuel: vars[0]!.local, left: calls };
    baseCase(cx, vars[0]!);
  }
  while (!cx.exhausted) {
    // Most programs loop, and halfway there are values worth looping over.
    if (isMain && !cx.hasLoop && cx.room < shape.size / 2 && rng.chance(30)) countedLoop(cx);
    else cx.act(1);
  }
  // What is left of the recursion happens at the end, so that a recursive function always is.
  if (cx.recursion !== undefined && cx.recursion.left === calls) callSelf(cx, item, cx.recursion.fuel);
  setReturn(cx, vars);
  cx.closeScope();
  cx.terminate({ kind: "return", span: DUMMY_SP });
  item.body = cx.finish(params.length);
  const depth = fuelLimit ?? 1;
  return { item, cost: cx.cost * (calls === 2 ? 2 ** depth : depth), isLeaf: !cx.calls && !recursive, fuelLimit };
}

const INLINE: readonly InlineAttr[] = ["none", "none", "none", "none", "hint", "always", "never", "never"];

function makeParams(program: ProgramCx, isMain: boolean, recursive: boolean): Ty[] {
  const { rng, types } = program;
  const { chances } = program.drawn.policy;
  const params: Ty[] = recursive ? [TY_U32] : [];
  const count = isMain ? rng.between(2, 5) : rng.chance(8) ? rng.between(7, 10) : rng.between(1, 4);
  for (let i = 0; i < count; i++) {
    const ty = types.any(chances.aggregateParam);
    const pointer = rng.chance(chances.pointerParam) ? rng.pick(["ref", "refMut", "ptr"]) : "none";
    if (pointer === "ref") params.push(types.tcx.ref("not", ty));
    else if (pointer === "refMut") params.push(types.tcx.ref("mut", ty));
    else if (pointer === "ptr") params.push(types.tcx.ptr("mut", ty));
    else params.push(ty);
  }
  return params;
}

function returnTy(program: ProgramCx, params: readonly Ty[], byValue: boolean): Ty {
  const { rng, types } = program;
  const refs = params.filter((p) => p.kind === "ref" && p.mutability === "not");
  if (!byValue && refs.length > 0 && rng.chance(30)) return rng.pick(refs);
  if (!byValue && rng.chance(5)) return TY_UNIT;
  return types.any(28);
}

function defineParams(cx: FnCx, params: readonly Ty[]): Var[] {
  const locals = params.map((ty) => cx.newLocal(ty));
  // What raw pointer parameters point to may be one thing: they share a target.
  const elsewhere: Var = {
    local: -1 as Local,
    info: cx.types.info(TY_UNIT),
    depth: 0,
    uses: 0,
    mutable: true,
    frozen: 0,
    locked: 0,
    rawed: 0,
    dead: false,
    addressed: true,
    targets: [],
    isParam: true,
  };
  return params.map((ty, i) => {
    const isFuel = i === 0 && cx.recursion !== undefined;
    return cx.define(locals[i]!, ty, {
      mutable: !isFuel && ty.kind !== "ref" && ty.kind !== "ptr",
      isParam: true,
      targets: ty.kind === "ptr" ? [elsewhere] : [],
    });
  });
}

/** `if fuel == 0 { return value }` */
function baseCase(cx: FnCx, fuel: Var): void {
  fuel.mutable = false;
  const empty = temp(cx, TY_BOOL, binary("Eq", copyOf(fuel.local), constInt(TY_U32, 0)));
  const [base, go] = [cx.newBlock(), cx.newBlock()];
  branch(cx, copyOf(empty), base, go);
  cx.enter(base);
  cx.openScope();
  cx.assign(placeOf(0 as Local), use(reusable(cx, cx.ret.ty)));
  cx.closeScope();
  cx.terminate({ kind: "return", span: DUMMY_SP });
  cx.enter(go);
}

/** Sets `_0`, from what nothing has read yet where that is possible. */
function setReturn(cx: FnCx, params: readonly Var[]): void {
  const { ret } = cx;
  if (ret.ty === TY_UNIT) return;
  if (ret.hasPointer) {
    const lent = params.filter((p) => p.info === ret);
    cx.assign(placeOf(0 as Local), use(copyOf(cx.rng.pick(lent).local)));
    return;
  }
  foldUnread(cx);
  cx.assign(placeOf(0 as Local), ret.isScalar ? use(operand(cx, ret.ty)) : newValue(cx, ret.ty));
}

const FOLDS: readonly BinOp[] = ["BitXor", "Add", "Sub", "BitXor"];

/** Folds scalars that nothing read into one variable each of the return type, or the type of a field of it. */
function foldUnread(cx: FnCx): void {
  const { ret, rng } = cx;
  const foldTy = ret.isInt ? ret.ty : (ret.leaves.find((leaf) => leaf.info.isInt)?.info.ty ?? cx.types.int());
  let folded: Operand | undefined;
  let count = 0;
  for (const v of [...cx.scopeVars()]) {
    if (v.uses > 0 || v.dead || v.locked > 0 || count >= 10) continue;
    const from = v.info.isScalar ? v.info : v.info.leaves.find((leaf) => leaf.info.isScalar)?.info;
    if (from === undefined || v.info.hasPointer) continue;
    const entry = cx.pool(from).find((e) => e.v === v && canRead(e));
    if (entry === undefined) continue;
    const value = convert(cx, read(cx, entry, false), from.ty, foldTy);
    folded = folded === undefined ? value : copyOf(temp(cx, foldTy, binary(rng.pick(FOLDS), folded, value)));
    count++;
  }
  if (folded !== undefined) defineAs(cx, foldTy, use(folded));
}

/** A copy of `f` under another name: as it is, or with a constant changed. */
function duplicate(program: ProgramCx, f: GeneratedFn, name: string): GeneratedFn {
  const { item } = f;
  // A recursive function's copy would call the original: it is a twin only to the eye.
  const body = program.rng.chance(50) ? item.body : changeConstant(program.rng, item.body!);
  return { ...f, item: { ...item, name, body } };
}

function changeConstant(rng: Rng, body: Body): Body {
  let done = false;
  const blocks = body.blocks.map((block) => ({
    ...block,
    statements: block.statements.map((statement) => {
      if (done || statement.kind !== "assign" || statement.rvalue.kind !== "binary") return statement;
      const { op, left, right } = statement.rvalue;
      if (
        (op !== "BitXor" && op !== "Add") ||
        right.kind !== "const" ||
        right.value.kind !== "scalar" ||
        left.kind === "const"
      ) {
        return statement;
      }
      // `x = x + c` may be the step of a loop, which would no longer end.
      if (statement.place.local === left.place.local) return statement;
      done = true;
      return { ...statement, rvalue: binary(op, left, randomConst(rng, right.value.ty)) };
    }),
  }));
  return { ...body, blocks };
}

/** An entry point: inputs through `black_box`, a call of `main`, observations of its result and of what it was lent. */
function makeEntry(program: ProgramCx, name: string, main: GeneratedFn): FnItem {
  const cx = new FnCx(program, [], TY_UNIT, Number.POSITIVE_INFINITY);
  const { params, ret } = main.item;
  const lent: { readonly local: Local; readonly ty: Ty }[] = [];
  const seen = new Map<Ty, Operand>();
  const args = params.map((ty): Operand => {
    if (ty.kind !== "ref" && ty.kind !== "ptr") return copyOf(inputValue(cx, ty, seen));
    const target = inputValue(cx, ty.pointee, seen);
    lent.push({ local: target, ty: ty.pointee });
    // The other inputs are not made of what this pointer is to write, where that would end it.
    const lender = cx.scopeVars().find((v) => v.local === target);
    if (lender !== undefined && ty.mutability === "mut" && cx.drawn.policy.aliasing === "stacked") cx.lock(lender);
    return copyOf(
      temp(
        cx,
        ty,
        ty.kind === "ref"
          ? { kind: "ref", mutability: ty.mutability, place: placeOf(target) }
          : { kind: "rawPtr", mutability: ty.mutability, place: placeOf(target) },
      ),
    );
  });
  const result = cx.newLocal(ret);
  callTo(cx, fnConst(main.item), args, placeOf(result));
  if (ret !== TY_UNIT) observe(cx, ret, copyOf(result));
  for (const { local, ty } of lent) observe(cx, ty, copyOf(local));
  cx.terminate({ kind: "return", span: DUMMY_SP });
  return {
    name,
    kind: "fn",
    generics: [],
    params: [],
    ret: TY_UNIT,
    inline: "none",
    abi: "Rust",
    body: cx.finish(0),
    span: DUMMY_SP,
  };
}

/**
 * A value that optimisers know nothing of: black-boxed whole, or made of a few black-boxed scalars. Some scalars repeat an earlier input, in
 * `seen`: comparisons go wrong where their operands are equal, which random values hardly ever are.
 */
function inputValue(cx: FnCx, ty: Ty, seen: Map<Ty, Operand>): Local {
  if (cx.types.info(ty).isScalar) {
    const earlier = cx.rng.chance(30) ? seen.get(ty) : undefined;
    const value = earlier ?? randomConst(cx.rng, ty);
    seen.set(ty, value);
    const local = blackBox(cx, ty, value);
    cx.define(local, ty);
    return local;
  }
  const value = makeValue(cx, ty);
  return cx.rng.chance(40) ? blackBox(cx, ty, value) : temp(cx, ty, use(value));
}
