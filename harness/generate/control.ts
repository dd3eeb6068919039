/**
 * Actions that make control flow: diamonds, switches, comparison chains, counted loops with early exits, early returns.
 *
 * A *phi* is a local that every arm of a branch assigns; it becomes a variable where the arms join.
 */

import {
  type BasicBlock,
  type BinOp,
  DUMMY_SP,
  discriminantTy,
  type Local,
  type Operand,
  type Rvalue,
  TY_BOOL,
  TY_CHAR,
  TY_USIZE,
  type Ty,
  type TyOf,
} from "../../codegen/index.ts";
import { enumEntry, makeAggregate, project } from "./aggregates.ts";
import { constBits, constInt, randomConst, scalarBits } from "./constants.ts";
import { canWrite, type FnCx } from "./fn-cx.ts";
import {
  binary,
  bounded,
  condition,
  convert,
  copyOf,
  integerEntry,
  makeValue,
  moveOf,
  operand,
  placeOf,
  read,
  reusable,
  store,
  temp,
  use,
  variable,
} from "./operands.ts";

const MAX_NESTING = 4;

interface Phi {
  readonly local: Local;
  readonly ty: Ty;
}

function openPhi(cx: FnCx): Phi {
  const ty = cx.types.any(20);
  return { local: cx.newScopedLocal(ty), ty };
}

/** One arm: its own scope, some actions, the phi's value, a jump to the join. */
function arm(cx: FnCx, block: BasicBlock, join: BasicBlock, phi: Phi | undefined, actions: number): void {
  cx.enter(block);
  cx.openScope();
  cx.act(actions);
  if (phi !== undefined) cx.assign(placeOf(phi.local), use(operand(cx, phi.ty)));
  endScope(cx);
  cx.goto(join);
}

/**
 * Ends a scope. What it computed and nothing read is, more often than not, folded into a variable outside, or it would be dead code.
 */
export function endScope(cx: FnCx): void {
  const unread = cx.scopeVars().filter((v) => v.uses === 0 && !v.dead && v.info.isInt && v.locked === 0);
  for (const v of unread.slice(0, 2)) {
    if (!cx.rng.chance(70)) continue;
    const sink = cx.choose(cx.types.info(cx.types.int()), (e) => e.v.depth < cx.depth && canWrite(e));
    if (sink === undefined) continue;
    v.uses++;
    const value = convert(cx, copyOf(v.local), v.info.ty, sink.info.ty);
    cx.assign(sink.place, binary(cx.rng.pick<BinOp>(["BitXor", "Add", "Sub"]), sink.copy, value));
  }
  cx.closeScope();
}

/** `switchInt` on a bool: 0 is the false arm. */
export function branch(cx: FnCx, cond: Operand, whenTrue: BasicBlock, whenFalse: BasicBlock): void {
  cx.terminate({
    kind: "switchInt",
    discr: cond,
    values: [0n],
    targets: [whenFalse],
    otherwise: whenTrue,
    span: DUMMY_SP,
  });
}

function tooDeep(cx: FnCx): boolean {
  return cx.nesting >= MAX_NESTING || cx.exhausted;
}

export function ifElse(cx: FnCx): void {
  if (tooDeep(cx)) {
    select(cx);
    return;
  }
  const cond = condition(cx);
  const phi = cx.rng.chance(60) ? openPhi(cx) : undefined;
  const [yes, no, join] = [cx.newBlock(), cx.newBlock(), cx.newBlock()];
  branch(cx, cond, yes, no);
  cx.nesting++;
  arm(cx, yes, join, phi, cx.rng.between(1, 4));
  arm(cx, no, join, phi, cx.rng.chance(30) ? 0 : cx.rng.between(1, 3));
  cx.nesting--;
  cx.enter(join);
  if (phi !== undefined) cx.define(phi.local, phi.ty);
}

/** A diamond without side effects, as `if c { a } else { b }`. */
export function select(cx: FnCx): void {
  const ty = cx.types.any(12);
  const cond = condition(cx);
  const [yes, no, join] = [cx.newBlock(), cx.newBlock(), cx.newBlock()];
  const phi = { local: cx.newScopedLocal(ty), ty };
  branch(cx, cond, yes, no);
  for (const block of [yes, no]) arm(cx, block, join, phi, 0);
  cx.enter(join);
  cx.define(phi.local, ty);
}

/** A switch on a small range: all cases are there, and all are reached by some value. */
export function switchDense(cx: FnCx): void {
  if (tooDeep(cx)) {
    select(cx);
    return;
  }
  const ty = cx.types.int();
  const cases = cx.rng.pick([3, 4, 5, 6, 8, 9]);
  const selector = bounded(cx, ty, cases + cx.rng.below(3));
  const base = cx.rng.chance(30) ? cx.rng.between(1, 20) : 0;
  const discr = base === 0 ? selector : moveOf(temp(cx, ty, binary("Add", selector, constInt(ty, base))));
  const values: bigint[] = [];
  for (let i = 0; i < cases; i++) values.push(BigInt(base + i));
  switchOn(cx, discr, values);
}

/** A switch on far-apart values, of any type that can be switched on. */
export function switchSparse(cx: FnCx): void {
  if (tooDeep(cx)) {
    select(cx);
    return;
  }
  const ty = cx.rng.chance(12) ? TY_CHAR : cx.types.int();
  const values = new Set<bigint>();
  for (let n = cx.rng.between(2, 6); n > 0; n--) {
    const made = randomConst(cx.rng, ty);
    if (made.kind === "const" && made.value.kind === "scalar") values.add(made.value.bits);
  }
  const known = [...values];
  let discr = variable(cx, ty);
  // So that some case is hit: choose between the data and one of the values.
  if (ty !== TY_CHAR && cx.rng.chance(60)) {
    const low = constBits(ty, cx.rng.pick(known));
    discr = moveOf(
      temp(
        cx,
        ty,
        binary("BitXor", moveOf(temp(cx, ty, binary("BitAnd", discr, constInt(ty, cx.rng.pick([1, 2, 4, 0]))))), low),
      ),
    );
  }
  switchOn(cx, discr, known);
}

function switchOn(cx: FnCx, discr: Operand, values: readonly bigint[]): void {
  const phi = openPhi(cx);
  const join = cx.newBlock();
  const targets: BasicBlock[] = [];
  // Neighbouring cases share a block now and then.
  for (let i = 0; i < values.length; i++) targets.push(i > 0 && cx.rng.chance(15) ? targets[i - 1]! : cx.newBlock());
  const otherwise = cx.newBlock();
  cx.terminate({ kind: "switchInt", discr, values, targets, otherwise, span: DUMMY_SP });
  cx.nesting++;
  for (const block of new Set(targets)) arm(cx, block, join, phi, cx.rng.chance(35) ? 1 : 0);
  arm(cx, otherwise, join, phi, 0);
  cx.nesting--;
  cx.enter(join);
  cx.define(phi.local, phi.ty);
}

/** `if x == a {…} else if x < b {…} …`: what becomes a switch or a range check. */
export function compareChain(cx: FnCx): void {
  if (tooDeep(cx)) {
    select(cx);
    return;
  }
  const ty = cx.types.int();
  const x = temp(cx, ty, use(variable(cx, ty)));
  const phi = openPhi(cx);
  const join = cx.newBlock();
  cx.nesting++;
  for (let n = cx.rng.between(2, 4); n > 0; n--) {
    const test = temp(
      cx,
      TY_BOOL,
      binary(cx.rng.pick<BinOp>(["Eq", "Lt", "Gt", "Ne", "Le"]), copyOf(x), randomConst(cx.rng, ty)),
    );
    const [hit, miss] = [cx.newBlock(), cx.newBlock()];
    branch(cx, moveOf(test), hit, miss);
    arm(cx, hit, join, phi, cx.rng.below(2));
    cx.enter(miss);
  }
  cx.nesting--;
  cx.openScope();
  cx.assign(placeOf(phi.local), use(operand(cx, phi.ty)));
  cx.closeScope();
  cx.fallInto(join);
  cx.define(phi.local, phi.ty);
}

/** How a loop counts: `step` from `start`, going on while `op` holds between the counter and `limit`. */
interface Counting {
  readonly ty: Ty;
  readonly start: Operand;
  readonly op: BinOp;
  readonly limit: Operand;
  readonly step: BinOp;
  readonly by: Operand;
  readonly trips: number;
}

function counting(cx: FnCx): Counting {
  const { rng } = cx;
  const ty = rng.chance(45) ? TY_USIZE : cx.types.int();
  const trips = rng.between(2, cx.loops.length > 0 ? 4 : 9);
  const bits = scalarBits(ty);
  const top = 1n << BigInt(bits);
  const half = top >> 1n;
  const at = (value: bigint): Operand => constBits(ty, BigInt.asUintN(bits, value));
  const n = BigInt(trips);
  switch (rng.below(6)) {
    case 0: // down to zero
      return { ty, start: at(n), op: "Ne", limit: at(0n), step: "Sub", by: at(1n), trips };
    case 1: {
      // by a larger step
      const by = BigInt(rng.between(2, 5));
      return { ty, start: at(0n), op: "Lt", limit: at(n * by - BigInt(rng.below(2))), step: "Add", by: at(by), trips };
    }
    case 2: {
      // around the end of the type's range
      const start = (ty.kind === "int" ? half : top) - BigInt(rng.between(1, trips));
      return { ty, start: at(start), op: "Ne", limit: at(start + n), step: "Add", by: at(1n), trips };
    }
    case 3: // the number of trips is data
      return {
        ty,
        start: at(0n),
        op: "Lt",
        limit: bounded(cx, ty, Math.min(trips + 1, 8)),
        step: "Add",
        by: at(1n),
        trips: Math.min(trips, 7),
      };
    case 4:
      return { ty, start: at(1n), op: "Le", limit: at(n), step: "Add", by: at(1n), trips };
    default:
      return { ty, start: at(0n), op: "Lt", limit: at(n), step: "Add", by: at(1n), trips };
  }
}

export function countedLoop(cx: FnCx): void {
  if (tooDeep(cx) || cx.loops.length >= 3 || cx.cost + cx.multiplicity * 60 > cx.maxCost) {
    select(cx);
    return;
  }
  cx.hasLoop = true;
  const count = counting(cx);
  // A limit that is data is held in its own local, which nothing writes.
  const limit = count.limit.kind === "const" ? count.limit : copyOf(temp(cx, count.ty, use(count.limit)));
  const counter = cx.newScopedLocal(count.ty);
  cx.assign(placeOf(counter), use(count.start));
  const [head, body, latch, exit] = [cx.newBlock(), cx.newBlock(), cx.newBlock(), cx.newBlock()];
  // A loop that tests at its end runs at least once, which is right when the number of trips is known.
  const testsAtEnd = count.limit.kind === "const" && cx.rng.chance(30);
  const around = cx.multiplicity;
  cx.multiplicity = around * count.trips;
  if (testsAtEnd) cx.fallInto(body);
  else {
    cx.fallInto(head);
    testLoop(cx, binary(count.op, copyOf(counter), limit), body, exit);
    cx.enter(body);
  }
  loopBody(cx, counter, count.ty, latch, exit);
  cx.fallInto(latch);
  cx.assign(placeOf(counter), binary(count.step, copyOf(counter), count.by));
  if (testsAtEnd) {
    cx.fallInto(head);
    testLoop(cx, binary(count.op, copyOf(counter), limit), body, exit);
  } else cx.goto(head);
  cx.multiplicity = around;
  cx.enter(exit);
  cx.define(counter, count.ty);
}

/** Stays in the loop while `test` holds. A third of the tests are written the other way round, which shows a wrong inverse where it counts: at the bound. */
function testLoop(cx: FnCx, test: Rvalue, body: BasicBlock, exit: BasicBlock): void {
  const holds = temp(cx, TY_BOOL, test);
  if (cx.rng.chance(67)) {
    branch(cx, moveOf(holds), body, exit);
    return;
  }
  branch(cx, moveOf(temp(cx, TY_BOOL, { kind: "unary", op: "Not", operand: copyOf(holds) })), exit, body);
}

function loopBody(cx: FnCx, counter: Local, ty: Ty, latch: BasicBlock, exit: BasicBlock): void {
  const { rng } = cx;
  cx.openScope();
  cx.loops.push({ exit, latch, depth: cx.depth - 1 });
  cx.nesting++;
  cx.define(counter, ty, { mutable: false });
  if (rng.chance(45)) accumulate(cx);
  cx.act(rng.between(2, 6));
  cx.nesting--;
  cx.loops.pop();
  endScope(cx);
}

/** `acc = acc op value` on a variable from outside the loop. */
function accumulate(cx: FnCx): void {
  const ty = cx.types.scalar();
  const sink = cx.choose(cx.types.info(ty), (e) => e.v.depth < cx.depth && canWrite(e));
  if (sink === undefined || ty === TY_CHAR || ty === TY_BOOL) return;
  const ops: readonly BinOp[] = ty.kind === "float" ? ["Add", "Sub", "Mul"] : ["Add", "Sub", "Mul", "BitXor"];
  const value = variable(cx, ty);
  cx.assign(sink.place, binary(cx.rng.pick(ops), sink.copy, value));
  sink.v.uses = 0;
}

/** `if c { break }` or `if c { continue }`. */
export function exitLoop(cx: FnCx): void {
  const loop = cx.loops.at(-1);
  if (loop === undefined) {
    select(cx);
    return;
  }
  const cond = condition(cx);
  const [leave, stay] = [cx.newBlock(), cx.newBlock()];
  branch(cx, cond, leave, stay);
  cx.enter(leave);
  cx.deadStorage(loop.depth);
  cx.goto(cx.rng.chance(50) ? loop.exit : loop.latch);
  cx.enter(stay);
}

/** `if c { return value }`. */
export function earlyReturn(cx: FnCx): void {
  if (cx.ret.hasPointer || cx.rng.chance(50)) {
    select(cx);
    return;
  }
  const ty = cx.types.int();
  const rare = temp(cx, TY_BOOL, binary("Eq", variable(cx, ty), randomConst(cx.rng, ty)));
  const [leave, stay] = [cx.newBlock(), cx.newBlock()];
  branch(cx, moveOf(rare), leave, stay);
  cx.enter(leave);
  cx.openScope();
  cx.assign(placeOf(0 as Local), use(reusable(cx, cx.ret.ty)));
  cx.closeScope();
  cx.dropAll();
  cx.terminate({ kind: "return", span: DUMMY_SP });
  cx.enter(stay);
}

/** A switch whose last arm cannot be reached, and says so. */
export function unreachableArm(cx: FnCx): void {
  if (tooDeep(cx)) {
    select(cx);
    return;
  }
  const ty = cx.types.int();
  const cases = cx.rng.pick([2, 4, 8]);
  const selector = bounded(cx, ty, cases);
  const phi = openPhi(cx);
  const join = cx.newBlock();
  const values: bigint[] = [];
  const targets: BasicBlock[] = [];
  for (let i = 0; i < cases; i++) {
    values.push(BigInt(i));
    targets.push(cx.newBlock());
  }
  const never = cx.newBlock();
  cx.terminate({ kind: "switchInt", discr: selector, values, targets, otherwise: never, span: DUMMY_SP });
  cx.enter(never);
  cx.terminate({ kind: "unreachable", span: DUMMY_SP });
  for (const block of targets) arm(cx, block, join, phi, 0);
  cx.enter(join);
  cx.define(phi.local, phi.ty);
}

/** A division that runs only when its divisor allows it: what may not be hoisted out of its guard. */
export function guardedDivision(cx: FnCx): void {
  const ty = cx.types.int();
  const x = temp(cx, ty, use(variable(cx, ty)));
  const entry = integerEntry(cx);
  const raw = entry === undefined ? randomConst(cx.rng, ty) : convert(cx, read(cx, entry, false), entry.info.ty, ty);
  // Small, so that it is zero on some inputs; not negative, so that it is not -1.
  const y = temp(cx, ty, binary("BitAnd", raw, constInt(ty, cx.rng.pick([1, 3, 6, 12, 127]))));
  const zero = temp(cx, TY_BOOL, binary("Eq", copyOf(y), constInt(ty, 0)));
  const result = cx.newScopedLocal(ty);
  const [yes, no, join] = [cx.newBlock(), cx.newBlock(), cx.newBlock()];
  branch(cx, moveOf(zero), yes, no);
  cx.enter(yes);
  cx.openScope();
  cx.assign(placeOf(result), use(reusable(cx, ty)));
  cx.closeScope();
  cx.goto(join);
  cx.enter(no);
  cx.assign(placeOf(result), binary(cx.rng.chance(50) ? "Div" : "Rem", copyOf(x), copyOf(y)));
  cx.fallInto(join);
  cx.define(result, ty);
}

/** A match on an enum: the discriminant, a switch over all variants, the fields of each in its arm. */
export function enumMatch(cx: FnCx): void {
  const entry = enumEntry(cx);
  if (entry === undefined) {
    makeAggregate(cx);
    return;
  }
  if (tooDeep(cx)) {
    select(cx);
    return;
  }
  const ty = entry.info.ty as TyOf<"adt">;
  const discrTy = discriminantTy(ty);
  entry.v.uses++;
  cx.pinned++;
  const discr = temp(cx, discrTy, { kind: "discriminant", place: entry.place });
  if (cx.rng.chance(30)) store(cx, discrTy, use(copyOf(discr)));
  cx.pinned--;
  // The store above may have written the enum itself: look again.
  const fresh = temp(cx, discrTy, { kind: "discriminant", place: entry.place });
  const phi = openPhi(cx);
  const join = cx.newBlock();
  const bits = scalarBits(discrTy);
  const values = ty.def.variants.map((v) => BigInt.asUintN(bits, v.discriminant));
  const targets = values.map(() => cx.newBlock());
  // A match may leave one variant to `otherwise`; else that is unreachable.
  const lacking = cx.rng.chance(25) ? cx.rng.below(values.length) : -1;
  const otherwise = lacking >= 0 ? targets[lacking]! : cx.newBlock();
  const kept = (_: unknown, i: number): boolean => i !== lacking;
  cx.terminate({
    kind: "switchInt",
    discr: moveOf(fresh),
    values: values.filter(kept),
    targets: targets.filter(kept),
    otherwise,
    span: DUMMY_SP,
  });
  if (lacking < 0) {
    cx.enter(otherwise);
    cx.terminate({ kind: "unreachable", span: DUMMY_SP });
  }
  cx.nesting++;
  targets.forEach((block, variant) => {
    cx.enter(block);
    cx.openScope();
    const downcast = { kind: "downcast", variant, name: ty.def.variants[variant]!.name } as const;
    cx.types.tcx.fieldTys(ty, variant).forEach((fieldTy, index) => {
      const local = cx.newScopedLocal(fieldTy);
      cx.assign(
        placeOf(local),
        use({ kind: "copy", place: project(entry.place, downcast, { kind: "field", index, ty: fieldTy }) }),
      );
      cx.define(local, fieldTy);
    });
    if (cx.rng.chance(25)) cx.act(1);
    cx.assign(placeOf(phi.local), use(cx.types.info(phi.ty).isScalar ? reusable(cx, phi.ty) : makeValue(cx, phi.ty)));
    endScope(cx);
    cx.goto(join);
  });
  cx.nesting--;
  cx.enter(join);
  cx.define(phi.local, phi.ty);
}
