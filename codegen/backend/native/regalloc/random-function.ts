/**
 * Random functions that keep the rules of `function.ts`, for the property tests of the allocators and the checker.
 *
 * A shape (sizes and a seed, so that a failing case shrinks by its sizes) becomes a control flow graph with loops and split critical
 * edges in reverse postorder, and then instructions of all kinds that instruction selection makes: two-address operations, calls with
 * fixed operands and clobbers, early defs, late uses, stack operands, block parameters that swap.
 */

import {
  CLASS_FLOAT,
  CLASS_INT,
  CONSTRAINT_ANY,
  CONSTRAINT_REG,
  CONSTRAINT_STACK,
  constraintFixed,
  constraintReuse,
  INST_BRANCH,
  INST_MOVE,
  INST_RET,
  type MachineEnv,
  OPERAND_DEF,
  OPERAND_USE,
  POS_EARLY,
  POS_LATE,
  packOperand,
  preg,
  type RegallocFunction,
  type RegClass,
} from "./function.ts";

export interface FunctionShape {
  readonly seed: number;
  readonly blocks: number;
  readonly instsPerBlock: number;
  /** Registers per class: half of them caller-saved. At least 6. */
  readonly registers: number;
  /** Uses pick among the newest `window` vregs: small means low pressure. */
  readonly window: number;
  readonly params: number;
  /** Out of 100 instructions, so many are calls. */
  readonly calls: number;
  readonly remat: boolean;
}

/** A machine with `registers` allocatable registers per class, the scratch after them. */
export function randomEnv(registers: number): MachineEnv {
  const half = (registers + 1) >> 1;
  const range = (cls: RegClass, from: number, to: number) =>
    Array.from({ length: to - from }, (_, i) => preg(cls, from + i));
  return {
    preferredRegs: [range(CLASS_INT, 0, half), range(CLASS_FLOAT, 0, half)],
    nonPreferredRegs: [range(CLASS_INT, half, registers), range(CLASS_FLOAT, half, registers)],
    scratch: [preg(CLASS_INT, registers), preg(CLASS_FLOAT, registers)],
  };
}

/** Three kinds of vreg: int, float of 8 bytes, float of 16. */
type Kind = 0 | 1 | 2;

class Builder {
  readonly shape: FunctionShape;
  private state: number;
  readonly kinds: Kind[] = [];
  readonly remat: number[] = [];
  readonly operands: number[] = [];
  readonly operandStart: number[] = [0];
  readonly clobbers: number[] = [];
  readonly instFlags: number[] = [];

  constructor(shape: FunctionShape) {
    this.shape = shape;
    this.state = (shape.seed ^ 0x9e3779b9) >>> 0;
  }

  /** 0..n-1 (mulberry32). */
  below(n: number): number {
    this.state = (this.state + 0x6d2b79f5) >>> 0;
    let t = this.state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) % n;
  }

  newVReg(kind: Kind): number {
    this.kinds.push(kind);
    this.remat.push(0);
    return this.kinds.length - 1;
  }

  operand(vreg: number, kind: 0 | 1, pos: 0 | 1, constraint: number): void {
    this.operands.push(packOperand(vreg, this.kinds[vreg] === 0 ? CLASS_INT : CLASS_FLOAT, kind, pos, constraint));
  }

  endInst(flags = 0, clobberInt = 0, clobberFloat = 0): void {
    this.operandStart.push(this.operands.length);
    this.clobbers.push(clobberInt, clobberFloat);
    this.instFlags.push(flags);
  }
}

/** A random valid function. */
export function randomFunction(shape: FunctionShape): RegallocFunction {
  const b = new Builder(shape);
  const succs = randomGraph(b);
  const preds = succs.map(() => [] as number[]);
  succs.forEach((targets, from) => {
    for (const to of targets) preds[to]!.push(from);
  });
  const idom = dominators(succs, preds);
  const visible: number[][] = [];
  const params: number[][] = [];
  const args: number[][] = [];
  const blockStart: number[] = [0];
  for (let block = 0; block < succs.length; block++) {
    const scope = block === 0 ? [] : [...visible[idom[block]!]!];
    params[block] = block === 0 ? [] : randomParams(b, scope);
    if (block === 0) entryDefs(b, scope);
    const count = b.below(shape.instsPerBlock + 1);
    for (let i = 0; i < count; i++) randomInst(b, scope);
    terminator(b, scope, succs[block]!, preds);
    visible[block] = scope;
    blockStart.push(b.instFlags.length);
  }
  succs.forEach((targets, from) => {
    for (const to of targets) args.push(params[to]!.map((p) => pick(b, visible[from]!, b.kinds[p]!)));
  });
  return {
    numVRegs: b.kinds.length,
    vregClass: Uint8Array.from(b.kinds, (k) => (k === 0 ? CLASS_INT : CLASS_FLOAT)),
    vregSlotSize: Uint8Array.from(b.kinds, (k) => (k === 2 ? 16 : 8)),
    ...(shape.remat ? { vregRemat: Uint8Array.from(b.remat) } : {}),
    numInsts: b.instFlags.length,
    operands: Int32Array.from(b.operands),
    operandStart: Int32Array.from(b.operandStart),
    clobbers: Int32Array.from(b.clobbers),
    instFlags: Uint8Array.from(b.instFlags),
    numBlocks: succs.length,
    blockStart: Int32Array.from(blockStart),
    succStart: starts(succs),
    succs: Int32Array.from(succs.flat()),
    predStart: starts(preds),
    preds: Int32Array.from(preds.flat()),
    paramStart: starts(params),
    params: Int32Array.from(params.flat()),
    argStart: starts(args),
    args: Int32Array.from(args.flat()),
  };
}

function starts(lists: readonly (readonly number[])[]): Int32Array {
  const result = new Int32Array(lists.length + 1);
  lists.forEach((list, i) => {
    result[i + 1] = result[i]! + list.length;
  });
  return result;
}

/** Successors per block: all reachable, critical edges split, reverse postorder. */
function randomGraph(b: Builder): number[][] {
  const n = b.shape.blocks;
  const succs: number[][] = Array.from({ length: n }, () => []);
  for (let to = 1; to < n; to++) succs[Math.max(0, to - 1 - b.below(3))]!.push(to);
  for (let from = 0; from < n; from++) {
    // The entry has no predecessors, so edges go to 1 or above; backward ones make loops, also irreducible ones.
    const extra = n > 1 ? b.below(3) : 0;
    for (let i = 0; i < extra; i++) if (succs[from]!.length < 4) succs[from]!.push(1 + b.below(n - 1));
  }
  const predCount = new Array<number>(n).fill(0);
  for (const targets of succs) for (const to of targets) predCount[to]!++;
  for (let from = 0; from < n; from++) {
    if (succs[from]!.length < 2) continue;
    succs[from] = succs[from]!.map((to) => (predCount[to]! > 1 ? succs.push([to]) - 1 : to));
  }
  return renumber(succs);
}

function renumber(succs: readonly (readonly number[])[]): number[][] {
  const seen = new Set<number>([0]);
  const post: number[] = [];
  const visit = (block: number): void => {
    for (const to of [...succs[block]!].reverse()) {
      if (seen.has(to)) continue;
      seen.add(to);
      visit(to);
    }
    post.push(block);
  };
  visit(0);
  const order = post.reverse();
  const number = new Map(order.map((block, i) => [block, i]));
  return order.map((block) => succs[block]!.map((to) => number.get(to)!));
}

/** Immediate dominators, from sets of dominators by the textbook fixpoint. */
function dominators(succs: readonly number[][], preds: readonly number[][]): number[] {
  const n = succs.length;
  const all = new Set(Array.from({ length: n }, (_, i) => i));
  const dom = Array.from({ length: n }, (_, i) => (i === 0 ? new Set([0]) : new Set(all)));
  for (let changed = true; changed; ) {
    changed = false;
    for (let block = 1; block < n; block++) {
      let meet: Set<number> | undefined;
      for (const p of preds[block]!)
        meet = meet === undefined ? new Set(dom[p]) : new Set([...meet].filter((d) => dom[p]!.has(d)));
      meet = (meet ?? new Set<number>()).add(block);
      if (meet.size === dom[block]!.size) continue;
      dom[block] = meet;
      changed = true;
    }
  }
  // The closest strict dominator is the one with the most dominators.
  return dom.map((set, block) =>
    [...set].filter((d) => d !== block).reduce((a, d) => (dom[d]!.size > dom[a]!.size ? d : a), 0),
  );
}

function randomParams(b: Builder, scope: number[]): number[] {
  const params: number[] = [];
  const count = b.below(3) === 0 ? b.below(b.shape.params + 1) : 0;
  for (let i = 0; i < count; i++) params.push(b.newVReg(b.below(4) === 0 ? ((1 + b.below(2)) as Kind) : 0));
  scope.push(...params);
  return params;
}

/** The newest vregs of a kind in scope, one of them. */
function pick(b: Builder, scope: readonly number[], kind: Kind): number {
  const candidates: number[] = [];
  for (let i = scope.length - 1; i >= 0 && candidates.length < b.shape.window; i--) {
    if (b.kinds[scope[i]!] === kind) candidates.push(scope[i]!);
  }
  return candidates[b.below(candidates.length)]!;
}

/** The arguments of the function: fixed defs, some of each kind. */
function entryDefs(b: Builder, scope: number[]): void {
  for (let i = 0; i < 3; i++) {
    const int = b.newVReg(0);
    const float = b.newVReg(i === 0 ? 2 : 1);
    b.operand(int, OPERAND_DEF, POS_LATE, constraintFixed(preg(CLASS_INT, i)));
    b.operand(float, OPERAND_DEF, POS_LATE, constraintFixed(preg(CLASS_FLOAT, i)));
    scope.push(int, float);
  }
  b.endInst();
}

function terminator(b: Builder, scope: readonly number[], succs: readonly number[], preds: readonly number[][]): void {
  if (succs.length === 0) {
    b.operand(pick(b, scope, 0), OPERAND_USE, POS_EARLY, constraintFixed(preg(CLASS_INT, 0)));
    b.operand(pick(b, scope, 1), OPERAND_USE, POS_EARLY, constraintFixed(preg(CLASS_FLOAT, 0)));
    b.endInst(INST_RET);
    return;
  }
  if (succs.every((to) => preds[to]!.length === 1) && b.below(4) > 0) {
    const late = b.below(4) === 0 ? POS_LATE : POS_EARLY;
    b.operand(pick(b, scope, 0), OPERAND_USE, late, b.below(2) === 0 ? CONSTRAINT_REG : CONSTRAINT_ANY);
  }
  b.endInst(INST_BRANCH);
}

function randomKind(b: Builder): Kind {
  return b.below(3) === 0 ? ((1 + b.below(2)) as Kind) : 0;
}

function randomInst(b: Builder, scope: number[]): void {
  if (b.below(100) < b.shape.calls) {
    call(b, scope);
    return;
  }
  const kind = randomKind(b);
  switch (b.below(12)) {
    case 0:
      constant(b, scope, kind);
      break;
    case 1:
    case 2:
    case 3:
      twoAddress(b, scope, kind);
      break;
    case 4:
      shift(b, scope);
      break;
    case 5:
      divide(b, scope);
      break;
    case 6:
      move(b, scope, kind);
      break;
    case 7:
      earlyDef(b, scope, kind);
      break;
    case 8:
      stackOperands(b, scope, kind);
      break;
    default:
      plain(b, scope, kind);
  }
}

function def(b: Builder, scope: number[], kind: Kind, pos: 0 | 1, constraint: number): number {
  const vreg = b.newVReg(kind);
  b.operand(vreg, OPERAND_DEF, pos, constraint);
  scope.push(vreg);
  return vreg;
}

function use(b: Builder, scope: readonly number[], kind: Kind, pos: 0 | 1, constraint: number): void {
  b.operand(pick(b, scope, kind), OPERAND_USE, pos, constraint);
}

function constant(b: Builder, scope: number[], kind: Kind): void {
  const vreg = def(b, scope, kind, POS_LATE, CONSTRAINT_REG);
  b.remat[vreg] = 1;
  b.endInst();
}

function plain(b: Builder, scope: number[], kind: Kind): void {
  for (let i = b.below(3); i >= 0; i--) {
    const late = b.below(5) === 0 ? POS_LATE : POS_EARLY;
    use(b, scope, randomKind(b), late, b.below(3) === 0 ? CONSTRAINT_ANY : CONSTRAINT_REG);
  }
  if (b.below(4) > 0) {
    const vreg = b.newVReg(kind);
    b.operand(vreg, OPERAND_DEF, POS_LATE, b.below(4) === 0 ? CONSTRAINT_ANY : CONSTRAINT_REG);
    if (b.below(8) === 0) def(b, scope, randomKind(b), POS_LATE, CONSTRAINT_REG);
    scope.push(vreg);
  }
  b.endInst();
}

function twoAddress(b: Builder, scope: number[], kind: Kind): void {
  use(b, scope, kind, POS_EARLY, CONSTRAINT_REG);
  use(b, scope, kind, b.below(6) === 0 ? POS_LATE : POS_EARLY, b.below(2) === 0 ? CONSTRAINT_ANY : CONSTRAINT_REG);
  def(b, scope, kind, POS_LATE, constraintReuse(0));
  b.endInst();
}

function shift(b: Builder, scope: number[]): void {
  use(b, scope, 0, POS_EARLY, CONSTRAINT_REG);
  use(b, scope, 0, b.below(2) === 0 ? POS_LATE : POS_EARLY, constraintFixed(preg(CLASS_INT, 1)));
  def(b, scope, 0, POS_LATE, constraintReuse(0));
  b.endInst();
}

function divide(b: Builder, scope: number[]): void {
  const low = preg(CLASS_INT, 0);
  const high = preg(CLASS_INT, 2);
  use(b, scope, 0, POS_EARLY, constraintFixed(low));
  use(b, scope, 0, POS_EARLY, constraintFixed(high));
  use(b, scope, 0, b.below(3) === 0 ? POS_EARLY : POS_LATE, b.below(2) === 0 ? CONSTRAINT_ANY : CONSTRAINT_REG);
  def(b, scope, 0, POS_LATE, constraintFixed(low));
  if (b.below(2) === 0) {
    def(b, scope, 0, POS_LATE, constraintFixed(high));
    b.endInst();
  } else {
    b.endInst(0, 1 << 2, 0);
  }
}

function move(b: Builder, scope: number[], kind: Kind): void {
  use(b, scope, kind, POS_EARLY, CONSTRAINT_REG);
  def(b, scope, kind, POS_LATE, CONSTRAINT_REG);
  b.endInst(INST_MOVE);
}

function earlyDef(b: Builder, scope: number[], kind: Kind): void {
  const vreg = b.newVReg(kind);
  use(b, scope, kind, POS_EARLY, CONSTRAINT_REG);
  b.operand(vreg, OPERAND_DEF, POS_EARLY, b.below(3) === 0 ? CONSTRAINT_ANY : CONSTRAINT_REG);
  use(b, scope, randomKind(b), POS_LATE, CONSTRAINT_ANY);
  if (b.below(2) === 0) {
    const other = b.newVReg(kind);
    b.operand(other, OPERAND_DEF, POS_LATE, CONSTRAINT_REG);
    scope.push(other);
  }
  scope.push(vreg);
  // A pseudo instruction with temporaries: early uses may be in what it clobbers.
  const clobber = 1 << b.below(b.shape.registers);
  b.endInst(0, b.below(3) === 0 ? clobber : 0, b.below(3) === 0 ? clobber : 0);
}

function stackOperands(b: Builder, scope: number[], kind: Kind): void {
  const vreg = b.newVReg(kind);
  use(b, scope, kind, b.below(2) === 0 ? POS_EARLY : POS_LATE, CONSTRAINT_STACK);
  use(b, scope, kind, POS_EARLY, CONSTRAINT_REG);
  b.operand(vreg, OPERAND_DEF, POS_LATE, b.below(2) === 0 ? CONSTRAINT_STACK : CONSTRAINT_REG);
  scope.push(vreg);
  b.endInst();
}

function call(b: Builder, scope: number[]): void {
  const half = (b.shape.registers + 1) >> 1;
  const ints = b.below(Math.min(half, 5));
  const floats = b.below(3);
  for (let i = 0; i < ints; i++) use(b, scope, 0, POS_EARLY, constraintFixed(preg(CLASS_INT, i)));
  for (let i = 0; i < floats; i++) use(b, scope, 1, POS_EARLY, constraintFixed(preg(CLASS_FLOAT, i)));
  if (b.below(4) === 0) use(b, scope, 0, POS_EARLY, CONSTRAINT_REG);
  if (b.below(6) === 0) use(b, scope, 0, POS_LATE, CONSTRAINT_ANY);
  let clobberInt = (1 << half) - 1;
  let clobberFloat = b.below(2) === 0 ? (1 << b.shape.registers) - 1 : clobberInt;
  if (b.below(3) > 0) {
    def(b, scope, 0, POS_LATE, constraintFixed(preg(CLASS_INT, 0)));
    clobberInt &= ~1;
  }
  if (b.below(3) === 0) {
    def(b, scope, 1, POS_LATE, constraintFixed(preg(CLASS_FLOAT, 0)));
    clobberFloat &= ~1;
  }
  b.endInst(0, clobberInt, clobberFloat);
}
