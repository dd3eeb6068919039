/**
 * Actions on control flow that no source of Rust has as it stands: loops with two entries, state machines, nests that are left and gone on with from
 * inside.
 *
 * Blocks of a loop with two entries are made of locals that are set before it, as neither entry dominates the other.
 */

import {
  type BasicBlock,
  type BinOp,
  DUMMY_SP,
  type Local,
  type Operand,
  TY_BOOL,
  TY_CHAR,
  TY_I8,
  TY_I16,
  TY_I64,
  TY_I128,
  TY_U8,
  TY_U32,
  TY_U128,
  TY_USIZE,
  type Ty,
} from "../../codegen/index.ts";
import { constBits, constInt, scalarBits } from "./constants.ts";
import { branch, select } from "./control.ts";
import { accumulator, affordable, deliver, forRange, mix, spend, usize } from "./emit.ts";
import type { FnCx } from "./fn-cx.ts";
import { binary, bounded, condition, copyOf, localOf, moveOf, placeOf, reusable, temp, use } from "./operands.ts";

function tooCostly(cx: FnCx, cost: number): boolean {
  if (cx.nesting > 4 || !affordable(cx, 2 * cost)) {
    select(cx);
    return true;
  }
  spend(cx, cost);
  return false;
}

/** Two blocks that go round each other until a count is reached; a condition says which is entered first. */
export function irreducibleLoop(cx: FnCx): void {
  const trips = cx.rng.between(2, 9);
  if (tooCostly(cx, 8 * trips)) return;
  const ty = cx.types.int();
  const acc = accumulator(cx, ty);
  const values = [temp(cx, ty, use(reusable(cx, ty))), temp(cx, ty, use(reusable(cx, ty)))];
  const i = temp(cx, TY_USIZE, use(usize(0)));
  const limit = localOf(cx, TY_USIZE, bounded(cx, TY_USIZE, trips));
  const first = temp(cx, TY_BOOL, use(condition(cx)));
  const blocks = [cx.newBlock(), cx.newBlock()];
  const exit = cx.newBlock();
  branch(cx, moveOf(first), blocks[0]!, blocks[1]!);
  // An inner diamond, now and then, between the two.
  const diamond = cx.rng.chance(40);
  blocks.forEach((block, k) => {
    cx.enter(block);
    cx.assign(
      placeOf(acc),
      binary(cx.rng.pick<BinOp>(["Add", "BitXor", "Mul", "Sub"]), copyOf(acc), copyOf(values[k]!)),
    );
    cx.assign(placeOf(i), binary("Add", copyOf(i), usize(1)));
    const more = temp(cx, TY_BOOL, binary("Lt", copyOf(i), copyOf(limit)));
    const other = blocks[1 - k]!;
    if (diamond && k === 0) {
      const again = cx.newBlock();
      branch(cx, moveOf(more), again, exit);
      cx.enter(again);
      const low = temp(cx, ty, binary("BitAnd", copyOf(acc), constInt(ty, 1)));
      branch(cx, moveOf(temp(cx, TY_BOOL, binary("Eq", moveOf(low), constInt(ty, 0)))), block, other);
    } else branch(cx, moveOf(more), other, exit);
  });
  cx.enter(exit);
  mix(cx, acc, copyOf(values[0]!));
  deliver(cx, acc, ty);
}

/** Types of states, and the numbers that name them: dense, sparse, negative, beyond 64 bits, characters. */
const STATES: readonly (readonly [Ty, readonly bigint[]])[] = [
  [TY_U8, [0n, 1n, 2n, 255n]],
  [TY_I8, [-128n, -1n, 0n, 127n]],
  [TY_I16, [-300n, -299n, 5n, 30_000n]],
  [TY_CHAR, [0x61n, 0x7fn, 0x1f980n, 0x10ffffn]],
  [TY_I64, [-(2n ** 63n), -1n, 0n, 2n ** 40n]],
  [TY_U128, [0n, 1n, 2n ** 64n, 2n ** 128n - 1n]],
  [TY_I128, [-(2n ** 127n), -(2n ** 64n), -1n, 2n ** 65n]],
];

/** `loop { match state { … } }` with a fuel; the next state depends on data. */
export function stateMachine(cx: FnCx): void {
  const fuel = cx.rng.between(2, 10);
  if (tooCostly(cx, 9 * fuel)) return;
  const [stateTy, numbers] = cx.rng.pick(STATES);
  const bits = scalarBits(stateTy);
  const states = numbers.slice(0, cx.rng.between(2, 4)).map((n) => BigInt.asUintN(bits, n));
  const constant = (k: number): Operand => constBits(stateTy, states[k % states.length]!);
  const ty = cx.types.int();
  const acc = accumulator(cx, ty);
  const value = temp(cx, ty, use(reusable(cx, ty)));
  const state = temp(cx, stateTy, use(constant(0)));
  const left = temp(cx, TY_U32, use(constInt(TY_U32, fuel)));
  const [head, dispatch, exit, otherwise] = [cx.newBlock(), cx.newBlock(), cx.newBlock(), cx.newBlock()];
  const around = cx.multiplicity;
  cx.multiplicity = around * fuel;
  cx.fallInto(head);
  cx.assign(placeOf(left), binary("Sub", copyOf(left), constInt(TY_U32, 1)));
  branch(cx, moveOf(temp(cx, TY_BOOL, binary("Eq", copyOf(left), constInt(TY_U32, 0)))), exit, dispatch);
  cx.enter(dispatch);
  const targets = states.map((): BasicBlock => cx.newBlock());
  // One state may be what `otherwise` stands for.
  const implied = cx.rng.chance(50);
  cx.terminate({
    kind: "switchInt",
    discr: copyOf(state),
    values: implied ? states.slice(1) : states,
    targets: implied ? targets.slice(1) : targets,
    otherwise: implied ? targets[0]! : otherwise,
    span: DUMMY_SP,
  });
  targets.forEach((block, k) => {
    cx.enter(block);
    stepOf(cx, acc, value, ty, (next) => cx.assign(placeOf(state), use(constant(k + next))), head);
  });
  cx.enter(otherwise);
  if (implied) cx.goto(exit);
  else cx.terminate({ kind: "unreachable", span: DUMMY_SP });
  cx.multiplicity = around;
  cx.enter(exit);
  deliver(cx, acc, ty);
}

/** The work of one state, and its next one: by data, one of two. */
function stepOf(cx: FnCx, acc: Local, value: Local, ty: Ty, go: (next: number) => void, head: BasicBlock): void {
  cx.assign(placeOf(acc), binary(cx.rng.pick<BinOp>(["Add", "BitXor", "Mul", "Sub"]), copyOf(acc), copyOf(value)));
  const mask = constInt(ty, cx.rng.pick([1, 2, 4]));
  const bit = temp(cx, ty, binary("BitAnd", copyOf(acc), mask));
  const set = temp(cx, TY_BOOL, binary("Ne", moveOf(bit), constInt(ty, 0)));
  const [yes, no] = [cx.newBlock(), cx.newBlock()];
  branch(cx, moveOf(set), yes, no);
  cx.enter(yes);
  go(cx.rng.between(1, 3));
  cx.goto(head);
  cx.enter(no);
  go(cx.rng.between(0, 2));
  cx.goto(head);
}

/** Two loops, one in the other; from the inner one both are left, or the outer one goes on. */
export function labelledLoops(cx: FnCx): void {
  const [outer, inner] = [cx.rng.between(2, 4), cx.rng.between(2, 4)];
  if (tooCostly(cx, 10 * outer * inner)) return;
  const ty = cx.types.int();
  const acc = accumulator(cx, ty);
  const value = temp(cx, ty, use(reusable(cx, ty)));
  const done = cx.newBlock();
  forRange(cx, usize(outer), outer, (i) => {
    const latch = cx.newBlock();
    forRange(cx, usize(inner), inner, (k) => {
      cx.assign(placeOf(acc), binary(cx.rng.pick<BinOp>(["Add", "BitXor", "Mul"]), copyOf(acc), copyOf(value)));
      const low = temp(cx, ty, binary("BitAnd", copyOf(acc), constInt(ty, 7)));
      const [leave, on, stay] = [cx.newBlock(), cx.newBlock(), cx.newBlock()];
      cx.terminate({
        kind: "switchInt",
        discr: moveOf(low),
        values: [0n, 3n],
        targets: [leave, on],
        otherwise: stay,
        span: DUMMY_SP,
      });
      cx.enter(leave);
      cx.goto(done);
      cx.enter(on);
      cx.goto(latch);
      cx.enter(stay);
      cx.assign(placeOf(value), binary("Add", copyOf(value), copyOf(acc)));
      const same = temp(cx, TY_BOOL, binary("Eq", copyOf(i), copyOf(k)));
      const [then, next] = [cx.newBlock(), cx.newBlock()];
      branch(cx, moveOf(same), then, next);
      cx.enter(then);
      mix(cx, acc, copyOf(value));
      cx.fallInto(next);
    });
    cx.fallInto(latch);
  });
  cx.fallInto(done);
  deliver(cx, acc, ty);
}

/** `do { … } while (…)` in one block. */
export function tightLoop(cx: FnCx): void {
  const trips = cx.rng.between(2, 16);
  if (tooCostly(cx, 5 * trips)) return;
  const ty = cx.types.int();
  const acc = accumulator(cx, ty);
  const value = temp(cx, ty, use(reusable(cx, ty)));
  const left = temp(cx, TY_U32, use(bounded(cx, TY_U32, trips)));
  const [body, exit] = [cx.newBlock(), cx.newBlock()];
  cx.fallInto(body);
  for (let n = cx.rng.between(1, 2); n > 0; n--)
    cx.assign(placeOf(acc), binary(cx.rng.pick<BinOp>(["Add", "BitXor", "Mul", "Sub"]), copyOf(acc), copyOf(value)));
  if (cx.rng.chance(50)) cx.assign(placeOf(value), binary("Add", copyOf(value), copyOf(acc)));
  const done = temp(cx, TY_BOOL, binary("Eq", copyOf(left), constInt(TY_U32, 0)));
  cx.assign(placeOf(left), binary("Sub", copyOf(left), constInt(TY_U32, 1)));
  branch(cx, moveOf(done), exit, body);
  cx.enter(exit);
  deliver(cx, acc, ty);
}
