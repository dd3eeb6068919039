/**
 * An independent check of a register allocation: does every instruction read the values it should, whatever path led to it?
 *
 * Sees only the function and the result, and shares no code with the allocators (the packings of `function.ts` aside). It is the dual of
 * regalloc2's `checker.rs`: that one computes forward which vregs each location holds, and looks at the uses; this one starts at the uses
 * and walks backward what they *demand*, "location L holds v here", until a definition meets it. Both transfer functions distribute over
 * joins, so both decide the same property, but demands are as few as live ranges, and an error knows both its use and its culprit.
 *
 * Walking backward, a demand (L, v)
 * - is met by a def of v into L, and by an edit that makes v anew in L, or the one vreg that all edges pass to parameter v;
 * - moves with an edit from M to L to (M, v);
 * - becomes (L, arg) of each incoming edge at the block whose parameter v is, else (L, v) at the end of each predecessor;
 * - is an error where L is written otherwise, where v is defined elsewhere (L would hold the value of an earlier iteration),
 *   and at the function's entry.
 * Blocks are walked again for new demands only, until there are none.
 *
 * Checked besides, per instruction and edit: constraints, classes, register and slot numbers, conflicts between the operands of one instruction,
 * that the scratch registers hold nothing across an instruction, sizes of moves, order of edits.
 */

import {
  allocIndex,
  allocIsReg,
  allocIsRemat,
  allocIsStack,
  CONSTRAINT_FIXED,
  CONSTRAINT_REG,
  CONSTRAINT_REUSE,
  CONSTRAINT_STACK,
  EDIT_STRIDE,
  editClass,
  editSize,
  type MachineEnv,
  type RegallocFunction,
  type RegallocOutput,
} from "./function.ts";

const DEF_BIT = 0x800000;
const LATE_BIT = 0x1000000;
const VREG_MASK = 0x3fffff;

function enlarge(array: Int32Array, length: number): Int32Array {
  if (array.length >= length) return array;
  const larger = new Int32Array(length * 2);
  larger.set(array);
  return larger;
}

class Checker {
  private fn!: RegallocFunction;
  private out!: RegallocOutput;
  private errors: string[] = [];
  private limit = 0;

  private readonly usable: Uint8Array = new Uint8Array(64);
  private readonly isScratch: Uint8Array = new Uint8Array(64);
  private scratchRegs: readonly number[] = [];

  /** Demands at the walk's position: chains per location (pregs, then slots), from a pool. */
  private head: Int32Array = new Int32Array(0);
  private demandVReg: Int32Array = new Int32Array(256);
  /** The operand that demands. */
  private demandUse: Int32Array = new Int32Array(256);
  private demandNext: Int32Array = new Int32Array(256);
  private poolSize = 0;
  private freeHead = -1;
  private numDemands = 0;
  /** Locations that may have demands. */
  private touched: Int32Array = new Int32Array(256);
  private numTouched = 0;
  /** Per class: registers that may have demands. */
  private readonly regsTouched: Int32Array = new Int32Array(2);
  /** Per vreg: its demands. */
  private pending: Int32Array = new Int32Array(0);

  /** Demands at block ends, each once: chained per block, newest first. */
  private endHead: Int32Array = new Int32Array(0);
  /** Per block: the newest end demand that has been walked. */
  private endDone: Int32Array = new Int32Array(0);
  private endBlock: Int32Array = new Int32Array(256);
  private endLocation: Int32Array = new Int32Array(256);
  private endVReg: Int32Array = new Int32Array(256);
  private endUse: Int32Array = new Int32Array(256);
  private endNext: Int32Array = new Int32Array(256);
  private numEnds = 0;
  /** Hash table of end demands: index plus one. */
  private table: Int32Array = new Int32Array(1024);

  private paramBlock: Int32Array = new Int32Array(0);
  private paramIndex: Int32Array = new Int32Array(0);
  private inStart: Int32Array = new Int32Array(0);
  private inEdge: Int32Array = new Int32Array(0);
  private edgeSource: Int32Array = new Int32Array(0);
  private reachable: Int32Array = new Int32Array(0);
  private worklist: Int32Array = new Int32Array(0);
  private blockEdits: Int32Array = new Int32Array(0);
  private visited: Int32Array = new Int32Array(0);

  run(fn: RegallocFunction, env: MachineEnv, out: RegallocOutput, limit: number): string[] {
    this.fn = fn;
    this.out = out;
    this.limit = limit;
    this.errors = [];
    this.prepare(env);
    if (this.checkEditList()) {
      for (let again = true; again && this.errors.length < limit; ) {
        again = false;
        for (let b = fn.numBlocks - 1; b >= 0; b--) {
          if (this.visited[b] !== 0 && (this.reachable[b] === 0 || this.endHead[b] === this.endDone[b])) continue;
          this.walkBlock(b);
          again = true;
        }
      }
    }
    return this.errors.slice(0, limit);
  }

  private prepare(env: MachineEnv): void {
    const { fn } = this;
    this.usable.fill(0);
    this.isScratch.fill(0);
    for (const regs of [env.preferredRegs, env.nonPreferredRegs])
      for (const list of regs) for (const reg of list) this.usable[reg] = 1;
    for (const reg of env.scratch) this.isScratch[reg] = 1;
    this.scratchRegs = env.scratch;
    const locations = 64 + this.out.numSpillSlots + 2;
    this.head = enlarge(this.head, locations);
    this.head.fill(-1, 0, locations);
    this.poolSize = 0;
    this.freeHead = -1;
    this.numDemands = 0;
    this.numTouched = 0;
    this.numEnds = 0;
    this.table.fill(0);
    this.pending = enlarge(this.pending, fn.numVRegs);
    this.pending.fill(0, 0, fn.numVRegs);
    this.endHead = enlarge(this.endHead, fn.numBlocks);
    this.endDone = enlarge(this.endDone, fn.numBlocks);
    this.endHead.fill(-1, 0, fn.numBlocks);
    this.endDone.fill(-1, 0, fn.numBlocks);
    this.visited = enlarge(this.visited, fn.numBlocks);
    this.visited.fill(0, 0, fn.numBlocks);
    this.paramBlock = enlarge(this.paramBlock, fn.numVRegs);
    this.paramIndex = enlarge(this.paramIndex, fn.numVRegs);
    this.paramBlock.fill(-1, 0, fn.numVRegs);
    for (let b = 0; b < fn.numBlocks; b++) {
      for (let p = fn.paramStart[b]!; p < fn.paramStart[b + 1]!; p++) {
        this.paramBlock[fn.params[p]!] = b;
        this.paramIndex[fn.params[p]!] = p - fn.paramStart[b]!;
      }
    }
    this.prepareEdges();
  }

  private prepareEdges(): void {
    const { fn } = this;
    const edges = fn.succStart[fn.numBlocks]!;
    this.inStart = enlarge(this.inStart, fn.numBlocks + 2);
    this.inEdge = enlarge(this.inEdge, edges);
    this.edgeSource = enlarge(this.edgeSource, edges);
    this.inStart.fill(0, 0, fn.numBlocks + 2);
    for (let e = 0; e < edges; e++) this.inStart[fn.succs[e]! + 2]!++;
    for (let b = 2; b <= fn.numBlocks + 1; b++) this.inStart[b]! += this.inStart[b - 1]!;
    for (let b = 0; b < fn.numBlocks; b++) {
      for (let e = fn.succStart[b]!; e < fn.succStart[b + 1]!; e++) {
        this.edgeSource[e] = b;
        this.inEdge[this.inStart[fn.succs[e]! + 1]!++] = e;
      }
    }
    this.reachable = enlarge(this.reachable, fn.numBlocks);
    this.worklist = enlarge(this.worklist, fn.numBlocks);
    this.reachable.fill(0, 0, fn.numBlocks);
    let top = 0;
    this.worklist[top++] = 0;
    this.reachable[0] = 1;
    while (top > 0) {
      const block = this.worklist[--top]!;
      for (let e = fn.succStart[block]!; e < fn.succStart[block + 1]!; e++) {
        const target = fn.succs[e]!;
        if (this.reachable[target] !== 0) continue;
        this.reachable[target] = 1;
        this.worklist[top++] = target;
      }
    }
  }

  private fail(message: string): void {
    if (this.errors.length < this.limit) this.errors.push(message);
  }

  // Edits by themselves.

  /** Checks each edit, and finds the edits of each block; false when their order makes that impossible. */
  private checkEditList(): boolean {
    const { fn, out } = this;
    const { edits } = out;
    this.blockEdits = enlarge(this.blockEdits, fn.numBlocks + 1);
    let block = 0;
    let before = 0;
    this.blockEdits[0] = 0;
    for (let e = 0; e < out.numEdits; e++) {
      const point = edits[e * EDIT_STRIDE]!;
      if (point < before || point >= 2 * fn.numInsts) {
        this.fail(`edit ${e}: point ${point} is out of order`);
        return false;
      }
      before = point;
      while (point >> 1 >= fn.blockStart[block + 1]!) this.blockEdits[++block] = e;
      if (point === 2 * fn.blockStart[block + 1]! - 1) this.fail(`edit ${e}: after the terminator of block ${block}`);
      this.checkEdit(e);
    }
    while (block < fn.numBlocks) this.blockEdits[++block] = out.numEdits;
    return true;
  }

  private checkEdit(e: number): void {
    const { edits } = this.out;
    const from = edits[e * EDIT_STRIDE + 1]!;
    const to = edits[e * EDIT_STRIDE + 2]!;
    const word = edits[e * EDIT_STRIDE + 3]!;
    const cls = editClass(word);
    const size = editSize(word);
    if (size !== 8 && size !== 16) this.fail(`edit ${e}: moves ${size} bytes`);
    if (allocIsRemat(from)) {
      const vreg = allocIndex(from);
      if (this.fn.vregRemat === undefined || vreg >= this.fn.numVRegs || this.fn.vregRemat[vreg] === 0) {
        this.fail(`edit ${e}: v${vreg} cannot be made anew`);
      }
      if (!allocIsReg(to)) this.fail(`edit ${e}: makes v${vreg} anew in no register`);
    } else {
      this.checkPlace(from, cls, size, true, `edit ${e}`);
    }
    this.checkPlace(to, cls, size, true, `edit ${e}`);
    if (allocIsStack(from) && allocIsStack(to)) this.fail(`edit ${e}: moves from stack to stack`);
  }

  private checkPlace(alloc: number, cls: number, size: number, scratch: boolean, where: string): void {
    const index = allocIndex(alloc);
    if (allocIsReg(alloc)) {
      if (index > 63 || (this.usable[index] === 0 && !(scratch && this.isScratch[index] !== 0))) {
        this.fail(`${where}: register ${index} is not to be used`);
      } else if (index >>> 5 !== cls) {
        this.fail(`${where}: ${name(index)} is of the wrong class`);
      }
    } else if (allocIsStack(alloc)) {
      if (index + (size >>> 3) > this.out.numSpillSlots) this.fail(`${where}: no slot ${index}`);
      else if (size === 16 && (index & 1) !== 0) this.fail(`${where}: slot ${index} is not aligned`);
    } else {
      this.fail(`${where}: no allocation`);
    }
  }

  // The walk.

  private walkBlock(block: number): void {
    const { fn, out } = this;
    const first = this.visited[block] === 0;
    this.visited[block] = 1;
    this.takeEndDemands(block);
    let edit = this.blockEdits[block + 1]! - 1;
    const firstEdit = this.blockEdits[block]!;
    const { edits } = out;
    for (let i = fn.blockStart[block + 1]! - 1; i >= fn.blockStart[block]!; i--) {
      for (; edit >= firstEdit && edits[edit * EDIT_STRIDE] === 2 * i + 1; edit--) this.walkEdit(edit);
      if (first || this.numDemands > 0) this.walkInst(i, first);
      for (; edit >= firstEdit && edits[edit * EDIT_STRIDE] === 2 * i; edit--) this.walkEdit(edit);
    }
    this.leaveBlock(block);
  }

  private takeEndDemands(block: number): void {
    for (let d = this.endHead[block]!; d !== this.endDone[block]!; d = this.endNext[d]!) {
      this.demand(this.endLocation[d]!, this.endVReg[d]!, this.endUse[d]!);
    }
    this.endDone[block] = this.endHead[block]!;
  }

  private walkEdit(e: number): void {
    if (this.numDemands === 0) return;
    const { edits } = this.out;
    const from = edits[e * EDIT_STRIDE + 1]!;
    const to = edits[e * EDIT_STRIDE + 2]!;
    const size = editSize(edits[e * EDIT_STRIDE + 3]!);
    const target = locationOf(to);
    const inst = edits[e * EDIT_STRIDE]! >> 1;
    if (target >= 64) this.checkNeighbours(target, size, `edit ${e} at instruction ${inst} overwrites part of it`);
    let d = this.head[target]!;
    this.head[target] = -1;
    while (d >= 0) {
      const next = this.demandNext[d]!;
      const vreg = this.demandVReg[d]!;
      const use = this.demandUse[d]!;
      this.release(d);
      if (allocIsRemat(from)) {
        if (allocIndex(from) !== vreg && !this.isParamOf(vreg, allocIndex(from)))
          this.failDemand(use, vreg, target, `edit ${e} at instruction ${inst} makes v${allocIndex(from)} there`);
      } else {
        if (this.fn.vregSlotSize[vreg]! > size && (allocIsStack(from) || allocIsStack(to))) {
          this.failDemand(use, vreg, target, `edit ${e} at instruction ${inst} moves only ${size} bytes of it`);
        }
        this.demand(locationOf(from), vreg, use);
      }
      d = next;
    }
  }

  /** Whether `param` is a block parameter to which all edges pass `arg`: then both have one value. */
  private isParamOf(param: number, arg: number): boolean {
    const block = this.paramBlock[param]!;
    if (block < 0) return false;
    for (let i = this.inStart[block]!; i < this.inStart[block + 1]!; i++) {
      const edge = this.inEdge[i]!;
      if (this.reachable[this.edgeSource[edge]!] === 0) continue;
      if (this.fn.args[this.fn.argStart[edge]! + this.paramIndex[param]!] !== arg) return false;
    }
    return true;
  }

  private walkInst(inst: number, first: boolean): void {
    const { fn, out } = this;
    const from = fn.operandStart[inst]!;
    const to = fn.operandStart[inst + 1]!;
    if (first) this.checkOperands(inst, from, to);
    for (let o = from; o < to; o++) if ((fn.operands[o]! & DEF_BIT) !== 0) this.walkDef(inst, o);
    if (this.numDemands > 0) {
      for (let cls = 0; cls < 2; cls++) {
        const clobbered = fn.clobbers[2 * inst + cls]! & this.regsTouched[cls]!;
        for (let m = clobbered; m !== 0; m &= m - 1) {
          const reg = (cls << 5) | (31 - Math.clz32(m & -m));
          if (this.head[reg]! >= 0) this.failAll(reg, `instruction ${inst} clobbers it`);
        }
      }
      for (const reg of this.scratchRegs)
        if (this.head[reg]! >= 0) this.failAll(reg, `that is a scratch register, at instruction ${inst}`);
    }
    if (!first) return;
    for (let o = from; o < to; o++) {
      const op = fn.operands[o]!;
      if ((op & DEF_BIT) === 0) this.demand(locationOf(out.allocs[o]!), op & VREG_MASK, o);
    }
  }

  private walkDef(inst: number, o: number): void {
    const vreg = this.fn.operands[o]! & VREG_MASK;
    const location = locationOf(this.out.allocs[o]!);
    let d = this.head[location]!;
    let other = false;
    this.head[location] = -1;
    let kept = -1;
    while (d >= 0) {
      const next = this.demandNext[d]!;
      if (this.demandVReg[d] === vreg) {
        this.release(d);
      } else {
        this.demandNext[d] = kept;
        kept = d;
        other = true;
      }
      d = next;
    }
    this.head[location] = kept;
    if (other) this.failAll(location, `instruction ${inst} defines v${vreg} there`);
    if (location >= 64)
      this.checkNeighbours(location, this.fn.vregSlotSize[vreg]!, `instruction ${inst} overwrites part of it`);
    if (this.pending[vreg]! > 0) this.failVReg(vreg, `instruction ${inst} defines it in ${name(location)}`);
  }

  /** Demands at slots that a write of `size` bytes to slot location `target` overlaps, other than at `target`. */
  private checkNeighbours(target: number, size: number, reason: string): void {
    if (size === 16 && this.head[target + 1]! >= 0) this.failAll(target + 1, reason);
    if (target > 64 && this.head[target - 1]! >= 0) {
      for (let d = this.head[target - 1]!; d >= 0; d = this.demandNext[d]!) {
        if (this.fn.vregSlotSize[this.demandVReg[d]!] !== 16) continue;
        this.failAll(target - 1, reason);
        return;
      }
    }
    if (size === 8 && this.head[target]! >= 0) {
      for (let d = this.head[target]!; d >= 0; d = this.demandNext[d]!) {
        if (this.fn.vregSlotSize[this.demandVReg[d]!] !== 16) continue;
        this.failAll(target, reason);
        return;
      }
    }
  }

  private leaveBlock(block: number): void {
    const isReachable = this.reachable[block] !== 0;
    for (let t = 0; t < this.numTouched; t++) {
      const location = this.touched[t]!;
      let d = this.head[location]!;
      this.head[location] = -1;
      while (d >= 0) {
        const next = this.demandNext[d]!;
        if (isReachable) this.passUp(block, location, this.demandVReg[d]!, this.demandUse[d]!);
        this.release(d);
        d = next;
      }
    }
    this.numTouched = 0;
    this.regsTouched.fill(0);
  }

  private passUp(block: number, location: number, vreg: number, use: number): void {
    const { fn } = this;
    if (block === 0) {
      this.failDemand(use, vreg, location, "nothing on some path from the entry puts it there");
      return;
    }
    const isParam = this.paramBlock[vreg] === block;
    for (let i = this.inStart[block]!; i < this.inStart[block + 1]!; i++) {
      const edge = this.inEdge[i]!;
      const source = this.edgeSource[edge]!;
      if (this.reachable[source] === 0) continue;
      this.demandAtEnd(source, location, isParam ? fn.args[fn.argStart[edge]! + this.paramIndex[vreg]!]! : vreg, use);
    }
  }

  // Demands.

  private demand(location: number, vreg: number, use: number): void {
    const chain = this.head[location]!;
    for (let d = chain; d >= 0; d = this.demandNext[d]!) if (this.demandVReg[d] === vreg) return;
    let d = this.freeHead;
    if (d >= 0) {
      this.freeHead = this.demandNext[d]!;
    } else {
      d = this.poolSize++;
      if (d >= this.demandVReg.length) {
        this.demandVReg = enlarge(this.demandVReg, d + 1);
        this.demandUse = enlarge(this.demandUse, d + 1);
        this.demandNext = enlarge(this.demandNext, d + 1);
      }
    }
    this.demandVReg[d] = vreg;
    this.demandUse[d] = use;
    this.demandNext[d] = chain;
    this.head[location] = d;
    this.pending[vreg]!++;
    this.numDemands++;
    if (location < 64) this.regsTouched[location >>> 5]! |= 1 << (location & 31);
    if (chain < 0) {
      if (this.numTouched >= this.touched.length) this.touched = enlarge(this.touched, this.numTouched + 1);
      this.touched[this.numTouched++] = location;
    }
  }

  private release(d: number): void {
    this.pending[this.demandVReg[d]!]!--;
    this.numDemands--;
    this.demandNext[d] = this.freeHead;
    this.freeHead = d;
  }

  private demandAtEnd(block: number, location: number, vreg: number, use: number): void {
    if (this.numEnds * 2 >= this.table.length) this.growTable();
    const mask = this.table.length - 1;
    let at = hash(block, location, vreg) & mask;
    for (let entry = this.table[at]!; entry !== 0; entry = this.table[at]!) {
      const d = entry - 1;
      if (this.endVReg[d] === vreg && this.endLocation[d] === location && this.endBlock[d] === block) return;
      at = (at + 1) & mask;
    }
    const d = this.numEnds++;
    this.table[at] = d + 1;
    if (d >= this.endVReg.length) {
      this.endBlock = enlarge(this.endBlock, d + 1);
      this.endLocation = enlarge(this.endLocation, d + 1);
      this.endVReg = enlarge(this.endVReg, d + 1);
      this.endUse = enlarge(this.endUse, d + 1);
      this.endNext = enlarge(this.endNext, d + 1);
    }
    this.endBlock[d] = block;
    this.endLocation[d] = location;
    this.endVReg[d] = vreg;
    this.endUse[d] = use;
    this.endNext[d] = this.endHead[block]!;
    this.endHead[block] = d;
  }

  private growTable(): void {
    const mask = this.table.length * 2 - 1;
    this.table = new Int32Array(mask + 1);
    for (let d = 0; d < this.numEnds; d++) {
      let at = hash(this.endBlock[d]!, this.endLocation[d]!, this.endVReg[d]!) & mask;
      while (this.table[at] !== 0) at = (at + 1) & mask;
      this.table[at] = d + 1;
    }
  }

  private failDemand(use: number, vreg: number, location: number, reason: string): void {
    const { fn } = this;
    let inst = 0;
    while (fn.operandStart[inst + 1]! <= use) inst++;
    this.fail(
      `operand ${use - fn.operandStart[inst]!} of instruction ${inst} needs v${vreg} in ${name(location)}: ${reason}`,
    );
  }

  /** Reports and drops all demands at `location`. */
  private failAll(location: number, reason: string): void {
    let d = this.head[location]!;
    this.head[location] = -1;
    while (d >= 0) {
      const next = this.demandNext[d]!;
      this.failDemand(this.demandUse[d]!, this.demandVReg[d]!, location, reason);
      this.release(d);
      d = next;
    }
  }

  /** Reports and drops all demands for `vreg`. */
  private failVReg(vreg: number, reason: string): void {
    for (let t = 0; t < this.numTouched; t++) {
      const location = this.touched[t]!;
      let d = this.head[location]!;
      let kept = -1;
      while (d >= 0) {
        const next = this.demandNext[d]!;
        if (this.demandVReg[d] === vreg) {
          this.failDemand(this.demandUse[d]!, vreg, location, reason);
          this.release(d);
        } else {
          this.demandNext[d] = kept;
          kept = d;
        }
        d = next;
      }
      this.head[location] = kept;
    }
  }

  // Operands by themselves.

  private checkOperands(inst: number, from: number, to: number): void {
    const { fn } = this;
    const { allocs } = this.out;
    let writesOrLate = false;
    for (let o = from; o < to; o++) {
      const op = fn.operands[o]!;
      const alloc = allocs[o]!;
      if ((op & (DEF_BIT | LATE_BIT)) !== 0) writesOrLate = true;
      // The common case first: a usable register of the right class, where a register or anything will do.
      const constraint = op >>> 25;
      if (
        constraint <= CONSTRAINT_REG &&
        alloc >>> 28 === 1 &&
        this.usable[alloc & 63] !== 0 &&
        ((alloc >>> 5) & 1) === ((op >>> 22) & 1)
      )
        continue;
      this.checkOperand(inst, o, from, op, alloc);
    }
    if (writesOrLate) this.checkConflicts(inst, from, to);
  }

  private checkOperand(inst: number, o: number, from: number, op: number, alloc: number): void {
    const where = `operand ${o - from} of instruction ${inst}`;
    const vreg = op & VREG_MASK;
    this.checkPlace(alloc, (op >>> 22) & 1, this.fn.vregSlotSize[vreg]!, false, where);
    const constraint = op >>> 25;
    if (constraint >= CONSTRAINT_FIXED) {
      if (!allocIsReg(alloc) || allocIndex(alloc) !== (constraint & 63))
        this.fail(`${where}: must be in ${name(constraint & 63)}`);
    } else if (constraint >= CONSTRAINT_REUSE) {
      if (alloc !== this.out.allocs[from + (constraint & 31)] || !allocIsReg(alloc)) {
        this.fail(`${where}: must be in the register of operand ${constraint & 31}`);
      }
    } else if (constraint === CONSTRAINT_STACK) {
      if (!allocIsStack(alloc)) this.fail(`${where}: must be in a slot`);
    } else if (constraint === CONSTRAINT_REG && !allocIsReg(alloc)) {
      this.fail(`${where}: must be in a register`);
    }
  }

  private checkConflicts(inst: number, from: number, to: number): void {
    const { fn } = this;
    const { allocs } = this.out;
    const clobbers = (fn.clobbers[2 * inst]! | fn.clobbers[2 * inst + 1]!) !== 0;
    for (let a = from; a < to; a++) {
      const op = fn.operands[a]!;
      const isDef = (op & DEF_BIT) !== 0;
      if (!isDef && (op & LATE_BIT) === 0) continue;
      const alloc = allocs[a]!;
      if (
        clobbers &&
        allocIsReg(alloc) &&
        ((fn.clobbers[2 * inst + ((alloc >>> 5) & 1)]! >>> (alloc & 31)) & 1) !== 0
      ) {
        this.fail(
          `operand ${a - from} of instruction ${inst} is in ${name(alloc & 63)}, which the instruction clobbers`,
        );
      }
      if (!isDef) continue;
      const early = (op & LATE_BIT) === 0;
      for (let b = from; b < to; b++) {
        if (b === a) continue;
        const other = fn.operands[b]!;
        const otherIsDef = (other & DEF_BIT) !== 0;
        // Two defs are compared once. A late def may be where an early use was.
        if (otherIsDef ? b < a : !early && (other & LATE_BIT) === 0) continue;
        if (this.overlap(alloc, op & VREG_MASK, allocs[b]!, other & VREG_MASK)) {
          this.fail(
            `operands ${a - from} and ${b - from} of instruction ${inst} are both in ${name(locationOf(alloc))}`,
          );
        }
      }
    }
  }

  private overlap(a: number, va: number, b: number, vb: number): boolean {
    if (!allocIsStack(a) || !allocIsStack(b)) return a === b;
    const first = allocIndex(a);
    const second = allocIndex(b);
    return first < second + (this.fn.vregSlotSize[vb]! >>> 3) && second < first + (this.fn.vregSlotSize[va]! >>> 3);
  }
}

function hash(block: number, location: number, vreg: number): number {
  const mixed = Math.imul(block, 0x9e3779b1) ^ Math.imul(location, 0x85ebca6b) ^ Math.imul(vreg, 0xc2b2ae35);
  return (mixed ^ (mixed >>> 15)) >>> 0;
}

function locationOf(alloc: number): number {
  return allocIsReg(alloc) ? allocIndex(alloc) & 63 : 64 + allocIndex(alloc);
}

function name(location: number): string {
  if (location >= 64) return `slot ${location - 64}`;
  return `${location < 32 ? "int" : "float"} register ${location & 31}`;
}

const checker: Checker = new Checker();

/**
 * The faults of allocation `out` of `fn`, at most `limit`; none means that the allocation is right. `fn` itself is taken to keep the rules
 * of `function.ts`.
 */
export function checkAllocation(fn: RegallocFunction, env: MachineEnv, out: RegallocOutput, limit = 20): string[] {
  return checker.run(fn, env, out, limit);
}
