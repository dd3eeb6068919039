/**
 * Checks that a function given to the allocator keeps the rules at the head of `function.ts`. For tests and `-Z verify`.
 *
 * Checked: array shapes, block and edge structure, split critical edges, single definitions, dominance of uses (reachable blocks), operand
 * classes and constraints. What comes back is a list of messages; an empty one means valid.
 */

import {
  CONSTRAINT_ANY,
  CONSTRAINT_FIXED,
  CONSTRAINT_REG,
  CONSTRAINT_REUSE,
  CONSTRAINT_STACK,
  INST_BRANCH,
  INST_RET,
  type MachineEnv,
  operandClass,
  operandConstraint,
  operandIsDef,
  operandIsLate,
  operandVReg,
  type RegallocFunction,
} from "./function.ts";

/** The rules that `fn` breaks, at most `limit` of them. */
export function validateFunction(fn: RegallocFunction, env: MachineEnv, limit = 20): string[] {
  const errors: string[] = [];
  checkBlocks(fn, errors);
  if (errors.length === 0) checkEdges(fn, errors);
  if (errors.length === 0) checkOperands(fn, env, errors);
  if (errors.length === 0) checkDominance(fn, errors);
  return errors.slice(0, limit);
}

function checkBlocks(fn: RegallocFunction, errors: string[]): void {
  if (fn.numBlocks === 0 || fn.blockStart[0] !== 0 || fn.blockStart[fn.numBlocks] !== fn.numInsts) {
    errors.push(`the ${fn.numBlocks} blocks do not cover the ${fn.numInsts} instructions`);
    return;
  }
  if (fn.predStart[1] !== 0) errors.push("the entry block has predecessors");
  if (fn.paramStart[1] !== 0) errors.push("the entry block has parameters");
  for (let b = 0; b < fn.numBlocks; b++) {
    const last = fn.blockStart[b + 1]! - 1;
    if (last < fn.blockStart[b]!) {
      errors.push(`block ${b} has no instructions`);
      continue;
    }
    for (let i = fn.blockStart[b]!; i <= last; i++) {
      const ends = (fn.instFlags[i]! & (INST_BRANCH | INST_RET)) !== 0;
      if (ends !== (i === last))
        errors.push(ends ? `instruction ${i} ends block ${b} in its middle` : `block ${b} has no terminator`);
    }
    for (let o = fn.operandStart[last]!; o < fn.operandStart[last + 1]!; o++) {
      if (operandIsDef(fn.operands[o]!)) errors.push(`the terminator of block ${b} has a def`);
    }
    const isReturn = (fn.instFlags[last]! & INST_RET) !== 0;
    if (isReturn && fn.succStart[b] !== fn.succStart[b + 1]) errors.push(`block ${b} returns and has successors`);
  }
}

function checkEdges(fn: RegallocFunction, errors: string[]): void {
  // Edges with multiplicity, as successors less predecessors.
  const balance = new Map<number, number>();
  const key = (from: number, to: number): number => from * fn.numBlocks + to;
  for (let b = 0; b < fn.numBlocks; b++) {
    for (let e = fn.predStart[b]!; e < fn.predStart[b + 1]!; e++) {
      balance.set(key(fn.preds[e]!, b), (balance.get(key(fn.preds[e]!, b)) ?? 0) - 1);
    }
    const succs = fn.succStart[b + 1]! - fn.succStart[b]!;
    for (let e = fn.succStart[b]!; e < fn.succStart[b + 1]!; e++) {
      const target = fn.succs[e]!;
      balance.set(key(b, target), (balance.get(key(b, target)) ?? 0) + 1);
      checkEdge(fn, b, e, succs, errors);
    }
  }
  for (const [at, count] of balance) {
    if (count !== 0)
      errors.push(
        `edge from ${Math.floor(at / fn.numBlocks)} to ${at % fn.numBlocks} is not both a successor and a predecessor`,
      );
  }
}

function checkEdge(fn: RegallocFunction, block: number, edge: number, succs: number, errors: string[]): void {
  const target = fn.succs[edge]!;
  const preds = fn.predStart[target + 1]! - fn.predStart[target]!;
  if (succs > 1 && preds > 1) errors.push(`critical edge from block ${block} to ${target}`);
  const last = fn.blockStart[block + 1]! - 1;
  if (preds > 1) {
    if (fn.operandStart[last] !== fn.operandStart[last + 1])
      errors.push(`the branch of block ${block}, before which moves go, has operands`);
    if ((fn.clobbers[2 * last]! | fn.clobbers[2 * last + 1]!) !== 0)
      errors.push(`the branch of block ${block} has clobbers`);
  }
  const args = fn.argStart[edge + 1]! - fn.argStart[edge]!;
  const firstParam = fn.paramStart[target]!;
  if (args !== fn.paramStart[target + 1]! - firstParam) {
    errors.push(`block ${block} passes ${args} arguments to block ${target}`);
    return;
  }
  for (let i = 0; i < args; i++) {
    const arg = fn.args[fn.argStart[edge]! + i]!;
    const param = fn.params[firstParam + i]!;
    if (fn.vregClass[arg] !== fn.vregClass[param] || fn.vregSlotSize[arg] !== fn.vregSlotSize[param]) {
      errors.push(
        `argument v${arg} of block ${block} and parameter v${param} of block ${target} differ in class or size`,
      );
    }
  }
}

function checkOperands(fn: RegallocFunction, env: MachineEnv, errors: string[]): void {
  const allocatable = new Set<number>([...env.preferredRegs, ...env.nonPreferredRegs].flat());
  for (let i = 0; i < fn.numInsts; i++) {
    const first = fn.operandStart[i]!;
    const last = fn.operandStart[i + 1]!;
    const fixed = new Map<string, number>();
    const reused = new Set<number>();
    for (let o = first; o < last; o++) {
      const op = fn.operands[o]!;
      const vreg = operandVReg(op);
      const at = `operand ${o - first} of instruction ${i}`;
      if (vreg >= fn.numVRegs) errors.push(`${at}: no vreg ${vreg}`);
      else if (operandClass(op) !== fn.vregClass[vreg]) errors.push(`${at}: v${vreg} is of another class`);
      const constraint = operandConstraint(op);
      if (constraint >= CONSTRAINT_FIXED) checkFixed(fn, i, op, allocatable, fixed, at, errors);
      else if (constraint >= CONSTRAINT_REUSE) checkReuse(fn, i, op, reused, at, errors);
      else if (constraint > CONSTRAINT_STACK) errors.push(`${at}: unknown constraint ${constraint}`);
    }
  }
  for (let v = 0; v < fn.numVRegs; v++) {
    const size = fn.vregSlotSize[v]!;
    if (size !== 8 && !(size === 16 && fn.vregClass[v] === 1)) errors.push(`v${v} has a slot of ${size} bytes`);
  }
}

function checkFixed(
  fn: RegallocFunction,
  inst: number,
  op: number,
  allocatable: ReadonlySet<number>,
  fixed: Map<string, number>,
  at: string,
  errors: string[],
): void {
  const reg = operandConstraint(op) & 63;
  if (!allocatable.has(reg)) errors.push(`${at}: register ${reg} is not allocatable`);
  if (reg >>> 5 !== operandClass(op)) errors.push(`${at}: register ${reg} is of another class`);
  const isDef = operandIsDef(op);
  const isLate = operandIsLate(op);
  const clobbered = ((fn.clobbers[2 * inst + (reg >>> 5)]! >>> (reg & 31)) & 1) !== 0;
  if (clobbered && (isDef || isLate)) errors.push(`${at}: register ${reg} is clobbered too`);
  for (const position of isDef ? (isLate ? ["late"] : ["early", "late"]) : isLate ? ["early", "late"] : ["early"]) {
    const key = `${position} ${reg}`;
    const other = fixed.get(key);
    const mine = isDef ? -1 - operandVReg(op) : operandVReg(op);
    if (other !== undefined && other !== mine) errors.push(`${at}: register ${reg} is taken ${position}`);
    fixed.set(key, mine);
  }
}

function checkReuse(
  fn: RegallocFunction,
  inst: number,
  op: number,
  reused: Set<number>,
  at: string,
  errors: string[],
): void {
  const first = fn.operandStart[inst]!;
  const index = operandConstraint(op) & 31;
  if (!operandIsDef(op) || !operandIsLate(op)) errors.push(`${at}: reuse on what is no late def`);
  if (first + index >= fn.operandStart[inst + 1]!) {
    errors.push(`${at}: reuses operand ${index}, which is not there`);
    return;
  }
  const input = fn.operands[first + index]!;
  const constraint = operandConstraint(input);
  if (operandIsDef(input) || operandIsLate(input)) errors.push(`${at}: reuses operand ${index}, which is no early use`);
  if (constraint !== CONSTRAINT_ANY && constraint !== CONSTRAINT_REG)
    errors.push(`${at}: reuses operand ${index}, which is constrained`);
  if (operandClass(input) !== operandClass(op)) errors.push(`${at}: reuses operand ${index} of another class`);
  if (reused.has(index)) errors.push(`${at}: operand ${index} is reused twice`);
  reused.add(index);
}

/** Blocks in reverse postorder from the entry. */
function reversePostorder(fn: RegallocFunction): number[] {
  const seen = new Uint8Array(fn.numBlocks);
  const order: number[] = [];
  const stack: { block: number; edge: number }[] = [{ block: 0, edge: fn.succStart[0]! }];
  seen[0] = 1;
  for (let top = stack.at(-1); top !== undefined; top = stack.at(-1)) {
    if (top.edge >= fn.succStart[top.block + 1]!) {
      order.push(top.block);
      stack.pop();
      continue;
    }
    const succ = fn.succs[top.edge++]!;
    if (seen[succ] === 0) {
      seen[succ] = 1;
      stack.push({ block: succ, edge: fn.succStart[succ]! });
    }
  }
  return order.reverse();
}

/** Immediate dominators by Cooper, Harvey and Kennedy's algorithm; -1 where unreachable. */
function immediateDominators(fn: RegallocFunction, order: readonly number[]): Int32Array {
  const rank = new Int32Array(fn.numBlocks).fill(-1);
  order.forEach((block, at) => {
    rank[block] = at;
  });
  const idom = new Int32Array(fn.numBlocks).fill(-1);
  idom[0] = 0;
  for (let changed = true; changed; ) {
    changed = false;
    for (const block of order) {
      if (block === 0) continue;
      let best = -1;
      for (let e = fn.predStart[block]!; e < fn.predStart[block + 1]!; e++) {
        const pred = fn.preds[e]!;
        if (idom[pred]! < 0) continue;
        let a = pred;
        while (best >= 0 && a !== best) {
          if (rank[a]! > rank[best]!) a = idom[a]!;
          else best = idom[best]!;
        }
        best = a;
      }
      if (idom[block] !== best) {
        idom[block] = best;
        changed = true;
      }
    }
  }
  return idom;
}

function checkDominance(fn: RegallocFunction, errors: string[]): void {
  const order = reversePostorder(fn);
  const idom = immediateDominators(fn, order);
  const defBlock = new Int32Array(fn.numVRegs).fill(-1);
  // The first position where the vreg may be used: twice the instruction plus one, 0 for parameters.
  const defPos = new Int32Array(fn.numVRegs);
  const define = (vreg: number, block: number, pos: number): void => {
    if (defBlock[vreg]! >= 0) errors.push(`v${vreg} is defined twice`);
    defBlock[vreg] = block;
    defPos[vreg] = pos;
  };
  for (let b = 0; b < fn.numBlocks; b++) {
    for (let p = fn.paramStart[b]!; p < fn.paramStart[b + 1]!; p++) define(fn.params[p]!, b, 0);
    for (let i = fn.blockStart[b]!; i < fn.blockStart[b + 1]!; i++) {
      for (let o = fn.operandStart[i]!; o < fn.operandStart[i + 1]!; o++) {
        if (operandIsDef(fn.operands[o]!)) define(operandVReg(fn.operands[o]!), b, i + 1);
      }
    }
  }
  const use = (vreg: number, block: number, pos: number, where: string): void => {
    let at = block;
    if (defBlock[vreg] === block && defPos[vreg]! <= pos) return;
    while (at !== 0 && (at === block || at !== defBlock[vreg])) at = idom[at]!;
    if (at !== defBlock[vreg] || at === block) errors.push(`${where}: v${vreg} is not defined on every path`);
  };
  for (const b of order) {
    for (let i = fn.blockStart[b]!; i < fn.blockStart[b + 1]!; i++) {
      for (let o = fn.operandStart[i]!; o < fn.operandStart[i + 1]!; o++) {
        if (!operandIsDef(fn.operands[o]!)) use(operandVReg(fn.operands[o]!), b, i, `instruction ${i}`);
      }
    }
    for (let a = fn.argStart[fn.succStart[b]!]!; a < fn.argStart[fn.succStart[b + 1]!]!; a++) {
      use(fn.args[a]!, b, fn.numInsts, `an argument of block ${b}`);
    }
  }
}
