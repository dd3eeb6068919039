/**
 * A fast register allocator for unoptimised code: one walk over each block, against the program order, with every vreg in its spill
 * slot between blocks. After regalloc2's `fastalloc`.
 *
 * Going backward, the first mention of a vreg is its last use: it takes a register there (its *home*) and keeps it up to its definition,
 * unless that register is needed otherwise: then the vreg is *evicted*, which means a reload after the instruction, and its slot from there
 * up. A vreg is stored once, at its definition, and only if some later place reads the slot. Blocks are visited in postorder, so that this is known
 * when the definition is reached.
 *
 * The edits of an instruction are: before it, copies from homes to the registers that it demands; after it, first moves from its
 * defs, then reloads of the evicted.
 */

import { bug } from "../../../entity/entity.ts";
import { ensure, extend } from "../../../entity/typed-arrays.ts";
import {
  allocReg,
  allocStack,
  CONSTRAINT_ANY,
  CONSTRAINT_FIXED,
  CONSTRAINT_REUSE,
  CONSTRAINT_STACK,
  EDIT_STRIDE,
  type MachineEnv,
  type RegallocFunction,
  type RegallocOutput,
  type RegallocPolicy,
} from "./function.ts";
import { MoveList } from "./moves.ts";
import { allocatableMask, writtenRegs } from "./registers.ts";

/** A growing list of edits, without their points. */
class EditList {
  words: Int32Array = new Int32Array(192);
  length = 0;

  add(from: number, to: number, word: number): void {
    const at = this.length * 3;
    if (at + 3 > this.words.length) this.words = extend(this.words, at + 3);
    this.words[at] = from;
    this.words[at + 1] = to;
    this.words[at + 2] = word;
    this.length++;
  }
}

class FastAllocator {
  private fn!: RegallocFunction;
  private policy!: RegallocPolicy;
  private allocs: Int32Array = new Int32Array(0);

  /** Per vreg: its home, or -1. */
  private home: Int32Array = new Int32Array(0);
  /** Per vreg: its slot, or -1. */
  private slot: Int32Array = new Int32Array(0);
  private numSlots = 0;
  /** Per preg: the vreg whose home it is, or -1. */
  private readonly holder: Int32Array = new Int32Array(64);
  /** Bit sets per class: homes; registers that the instruction occupies late, and early; allocatable ones. */
  private readonly held: Int32Array = new Int32Array(2);
  private readonly busyLate: Int32Array = new Int32Array(2);
  private readonly busyEarly: Int32Array = new Int32Array(2);
  private readonly allocatable: Int32Array = new Int32Array(2);
  private readonly preferred: Int32Array = new Int32Array(2);
  /** Per preg: the vreg of the operand that is fixed to it, late and early; valid where the instruction says so. */
  private readonly lateOwner: Int32Array = new Int32Array(64);
  private readonly earlyOwner: Int32Array = new Int32Array(64);

  private readonly before: EditList = new EditList();
  private readonly afterDefs: EditList = new EditList();
  private readonly reloads: EditList = new EditList();
  private readonly group: MoveList = new MoveList();

  /** Edits in reverse order, block after block as visited. */
  private reversed: Int32Array = new Int32Array(256);
  private numEdits = 0;
  private editsFrom: Int32Array = new Int32Array(0);
  private editsTo: Int32Array = new Int32Array(0);

  private order: Int32Array = new Int32Array(0);
  private stack: Int32Array = new Int32Array(0);
  private nextEdge: Int32Array = new Int32Array(0);
  private seen: Uint8Array = new Uint8Array(0);

  run(fn: RegallocFunction, env: MachineEnv, policy: RegallocPolicy): RegallocOutput {
    this.fn = fn;
    this.policy = policy;
    this.allocs = new Int32Array(fn.operandStart[fn.numInsts]!);
    this.prepare(env);
    const visited = this.postorder();
    for (let i = 0; i < visited; i++) this.visitBlock(this.order[i]!);
    const edits = this.editsInOrder();
    return {
      allocs: this.allocs,
      edits,
      numEdits: this.numEdits,
      numSpillSlots: this.numSlots,
      writtenRegs: writtenRegs(fn, this.allocs, edits, this.numEdits),
    };
  }

  private prepare(env: MachineEnv): void {
    const { fn } = this;
    this.home = ensure(this.home, fn.numVRegs);
    this.slot = ensure(this.slot, fn.numVRegs);
    this.home.fill(-1, 0, fn.numVRegs);
    this.slot.fill(-1, 0, fn.numVRegs);
    this.holder.fill(-1);
    this.held.fill(0);
    this.numSlots = 0;
    this.numEdits = 0;
    this.editsFrom = ensure(this.editsFrom, fn.numBlocks);
    this.editsTo = ensure(this.editsTo, fn.numBlocks);
    const mask = allocatableMask(env);
    for (let cls = 0; cls < 2; cls++) {
      this.allocatable[cls] = mask[cls]!;
      this.preferred[cls] = 0;
      for (const reg of env.preferredRegs[cls]!) this.preferred[cls]! |= 1 << (reg & 31);
    }
    this.group.reset(1, env.scratch, this.policy.savesCycle);
  }

  /** Fills `order`: unreachable blocks, then the others in postorder. */
  private postorder(): number {
    const { fn } = this;
    const n = fn.numBlocks;
    this.order = ensure(this.order, n);
    this.stack = ensure(this.stack, n + 1);
    this.nextEdge = ensure(this.nextEdge, n);
    this.seen = ensure(this.seen, n);
    this.seen.fill(0, 0, n);
    const { order, stack, nextEdge, seen } = this;
    nextEdge.set(fn.succStart.subarray(0, n));
    let top = 0;
    let count = 0;
    stack[top++] = 0;
    seen[0] = 1;
    while (top > 0) {
      const block = stack[top - 1]!;
      if (nextEdge[block]! < fn.succStart[block + 1]!) {
        const succ = fn.succs[nextEdge[block]!++]!;
        if (seen[succ] === 0) {
          seen[succ] = 1;
          stack[top++] = succ;
        }
      } else {
        order[count++] = block;
        top--;
      }
    }
    if (count === n) return n;
    order.copyWithin(n - count, 0, count);
    let at = 0;
    for (let b = n - 1; b >= 0; b--) if (seen[b] === 0) order[at++] = b;
    return n;
  }

  // Slots, homes and edits.

  private slotOf(vreg: number): number {
    let slot = this.slot[vreg]!;
    if (slot < 0) {
      if (this.fn.vregSlotSize[vreg] === 16) {
        slot = (this.numSlots + 1) & ~1;
        this.numSlots = slot + 2;
      } else {
        slot = this.numSlots++;
      }
      this.slot[vreg] = slot;
    }
    return allocStack(slot);
  }

  private word(vreg: number): number {
    return this.fn.vregClass[vreg]! | (this.fn.vregSlotSize[vreg]! << 8);
  }

  private setHome(vreg: number, reg: number): void {
    this.home[vreg] = reg;
    this.holder[reg] = vreg;
    this.held[reg >>> 5]! |= 1 << (reg & 31);
  }

  private leaveHome(vreg: number): void {
    const reg = this.home[vreg]!;
    if (reg < 0) return;
    this.home[vreg] = -1;
    this.holder[reg] = -1;
    this.held[reg >>> 5]! &= ~(1 << (reg & 31));
  }

  /** Takes the home of `vreg` away: it is in its slot from this instruction up. */
  private evict(vreg: number): void {
    this.reloads.add(this.slotOf(vreg), allocReg(this.home[vreg]!), this.word(vreg));
    this.leaveHome(vreg);
  }

  /** A register outside `busy` that is nobody's home, or -1. */
  private findFree(cls: number, busy: number): number {
    const free = this.allocatable[cls]! & ~this.held[cls]! & ~busy;
    if (free === 0) return -1;
    const choice = (free & this.preferred[cls]!) !== 0 ? free & this.preferred[cls]! : free;
    return (cls << 5) | (31 - Math.clz32(choice & -choice));
  }

  /** A register outside `busy`, by eviction if need be. */
  private takeRegister(cls: number, busy: number): number {
    const free = this.findFree(cls, busy);
    if (free >= 0) return free;
    const candidates = this.allocatable[cls]! & this.held[cls]! & ~busy;
    if (candidates === 0) throw bug(`an instruction needs more registers of class ${cls} than there are`);
    const reg = (cls << 5) | (31 - Math.clz32(candidates));
    this.evict(this.holder[reg]!);
    return reg;
  }

  private flush(list: EditList, point: number): void {
    for (let i = list.length - 1; i >= 0; i--) {
      this.push(point, list.words[3 * i]!, list.words[3 * i + 1]!, list.words[3 * i + 2]!);
    }
    list.length = 0;
  }

  private push(point: number, from: number, to: number, word: number): void {
    const at = this.numEdits++ * EDIT_STRIDE;
    if (at + EDIT_STRIDE > this.reversed.length) this.reversed = extend(this.reversed, at + EDIT_STRIDE);
    const { reversed } = this;
    reversed[at] = point;
    reversed[at + 1] = from;
    reversed[at + 2] = to;
    reversed[at + 3] = word;
  }

  private editsInOrder(): Int32Array {
    const edits = new Int32Array(this.numEdits * EDIT_STRIDE);
    const { reversed } = this;
    let to = 0;
    for (let b = 0; b < this.fn.numBlocks; b++) {
      for (let e = this.editsTo[b]! - 1; e >= this.editsFrom[b]!; e--) {
        const from = e * EDIT_STRIDE;
        edits[to] = reversed[from]!;
        edits[to + 1] = reversed[from + 1]!;
        edits[to + 2] = reversed[from + 2]!;
        edits[to + 3] = reversed[from + 3]!;
        to += EDIT_STRIDE;
      }
    }
    return edits;
  }

  // Blocks and edges.

  private visitBlock(block: number): void {
    const { fn } = this;
    const first = fn.blockStart[block]!;
    this.editsFrom[block] = this.numEdits;
    this.passArguments(block);
    for (let i = fn.blockStart[block + 1]! - 1; i >= first; i--) {
      const from = fn.operandStart[i]!;
      const to = fn.operandStart[i + 1]!;
      if (from !== to || (fn.clobbers[2 * i]! | fn.clobbers[2 * i + 1]!) !== 0) this.visitInst(i, from, to);
    }
    for (let cls = 0; cls < 2; cls++) {
      for (let held = this.held[cls]!; held !== 0; held &= held - 1) {
        const reg = (cls << 5) | (31 - Math.clz32(held & -held));
        const vreg = this.holder[reg]!;
        this.push(2 * first, this.slotOf(vreg), allocReg(reg), this.word(vreg));
        this.leaveHome(vreg);
      }
    }
    this.receiveArguments(block, first);
    this.editsTo[block] = this.numEdits;
  }

  /** Edges out: arguments go to the slots of the target's parameters here, or in the target when this is its one predecessor. */
  private passArguments(block: number): void {
    const { fn } = this;
    for (let e = fn.succStart[block]!; e < fn.succStart[block + 1]!; e++) {
      const first = fn.argStart[e]!;
      const count = fn.argStart[e + 1]! - first;
      if (count === 0) continue;
      const target = fn.succs[e]!;
      if (fn.predStart[target + 1]! - fn.predStart[target]! === 1) {
        for (let i = 0; i < count; i++) this.slotOf(fn.args[first + i]!);
        continue;
      }
      this.group.resetGroup();
      for (let i = 0; i < count; i++) {
        const arg = fn.args[first + i]!;
        const param = fn.params[fn.paramStart[target]! + i]!;
        if (this.home[arg]! < 0) {
          const reg = this.findFree(fn.vregClass[arg]!, 0);
          if (reg >= 0) this.setHome(arg, reg);
        }
        const source = this.home[arg]! >= 0 ? allocReg(this.home[arg]!) : this.slotOf(arg);
        this.group.add(0, 0, source, this.slotOf(param), this.word(param));
      }
      this.pushGroup(2 * (fn.blockStart[block + 1]! - 1));
    }
  }

  private receiveArguments(block: number, firstInst: number): void {
    const { fn } = this;
    if (fn.predStart[block + 1]! - fn.predStart[block]! !== 1) return;
    const firstParam = fn.paramStart[block]!;
    const count = fn.paramStart[block + 1]! - firstParam;
    if (count === 0) return;
    const source = fn.preds[fn.predStart[block]!]!;
    this.group.resetGroup();
    for (let e = fn.succStart[source]!; e < fn.succStart[source + 1]!; e++) {
      if (fn.succs[e] !== block) continue;
      for (let i = 0; i < count; i++) {
        const param = fn.params[firstParam + i]!;
        if (this.slot[param]! < 0) continue;
        this.group.add(0, 0, this.slotOf(fn.args[fn.argStart[e]! + i]!), this.slotOf(param), this.word(param));
      }
    }
    this.pushGroup(2 * firstInst);
  }

  private pushGroup(point: number): void {
    const { group } = this;
    group.sequentialiseAll(this.numSlots);
    this.numSlots = group.numSlots;
    for (let e = group.numEdits - 1; e >= 0; e--) {
      const at = e * EDIT_STRIDE;
      this.push(point, group.edits[at + 1]!, group.edits[at + 2]!, group.edits[at + 3]!);
    }
  }

  // Instructions.

  private visitInst(inst: number, first: number, last: number): void {
    const { fn, busyLate, busyEarly } = this;
    busyLate[0] = fn.clobbers[2 * inst]! & this.policy.clobberFilter[0];
    busyLate[1] = fn.clobbers[2 * inst + 1]! & this.policy.clobberFilter[1];
    busyEarly[0] = 0;
    busyEarly[1] = 0;
    if (((busyLate[0]! & this.held[0]!) | (busyLate[1]! & this.held[1]!)) !== 0) this.evictClobbered(first, last);
    let defs = 0;
    let fixed = false;
    for (let o = first; o < last; o++) {
      const op = fn.operands[o]!;
      defs += (op >>> 23) & 1;
      if (op >>> 25 >= CONSTRAINT_FIXED) {
        fixed = true;
        this.noteFixed(op);
      }
    }
    if (fixed) this.evictFixed(first, last, true);
    if (defs > 0)
      for (let o = first; o < last; o++) if ((fn.operands[o]! & 0x800000) !== 0) this.visitDef(o, first, last);
    if (defs < last - first) {
      if (fixed) this.evictFixed(first, last, false);
      this.visitUses(first, last, fixed);
    }
    if (this.reloads.length > 0) this.flush(this.reloads, 2 * inst + 1);
    if (this.afterDefs.length > 0) this.flush(this.afterDefs, 2 * inst + 1);
    if (this.before.length > 0) this.flush(this.before, 2 * inst);
  }

  /** Evicts from the clobbered registers, but for vregs that the instruction defines: a move to their home follows. */
  private evictClobbered(first: number, last: number): void {
    for (let cls = 0; cls < 2; cls++) {
      const clobbered = this.busyLate[cls]! & this.held[cls]! & ~this.homesOfDefs(first, last, cls);
      for (let b = clobbered; b !== 0; b &= b - 1) this.evict(this.holder[(cls << 5) | (31 - Math.clz32(b & -b))]!);
    }
  }

  private noteFixed(op: number): void {
    const reg = (op >>> 25) & 63;
    const bit = 1 << (reg & 31);
    const isDef = (op & 0x800000) !== 0;
    const isLate = (op & 0x1000000) !== 0;
    if (isDef || isLate) {
      this.busyLate[reg >>> 5]! |= bit;
      this.lateOwner[reg] = op & 0x3fffff;
    }
    if (!isDef || !isLate) {
      this.busyEarly[reg >>> 5]! |= bit;
      this.earlyOwner[reg] = op & 0x3fffff;
    }
  }

  /** Evicts from the registers of fixed operands who is not their owner, late (before defs are dealt with) or early (after). */
  private evictFixed(first: number, last: number, late: boolean): void {
    for (let o = first; o < last; o++) {
      const op = this.fn.operands[o]!;
      if (op >>> 25 < CONSTRAINT_FIXED) continue;
      const isDef = (op & 0x800000) !== 0;
      const isLate = (op & 0x1000000) !== 0;
      if (late ? !isDef && !isLate : isDef && isLate) continue;
      const reg = (op >>> 25) & 63;
      const holder = this.holder[reg]!;
      if (holder >= 0 && holder !== (late ? this.lateOwner : this.earlyOwner)[reg]) this.evict(holder);
    }
  }

  private visitDef(o: number, first: number, last: number): void {
    const op = this.fn.operands[o]!;
    const vreg = op & 0x3fffff;
    const constraint = op >>> 25;
    const home = this.home[vreg]!;
    if (constraint >= CONSTRAINT_FIXED) {
      this.defineIn(o, vreg, constraint & 63);
    } else if (
      constraint === CONSTRAINT_STACK ||
      (constraint === CONSTRAINT_ANY && home < 0 && this.slot[vreg]! >= 0)
    ) {
      const slot = this.slotOf(vreg);
      this.allocs[o] = slot;
      if (home >= 0) this.reloads.add(slot, allocReg(home), this.word(vreg));
      this.leaveHome(vreg);
    } else {
      const cls = (op >>> 22) & 1;
      const early = (op & 0x1000000) === 0 || constraint >= CONSTRAINT_REUSE;
      const busy = this.busyLate[cls]! | (early ? this.busyEarly[cls]! : 0);
      let reg = home;
      if (home < 0 || ((busy >>> (home & 31)) & 1) !== 0) {
        // The home of another def, or this one's, is the last choice.
        const others = busy | this.homesOfDefs(first, last, cls);
        reg = this.takeRegister(cls, (this.allocatable[cls]! & ~others) !== 0 ? others : busy);
      }
      const bit = 1 << (reg & 31);
      this.busyLate[cls]! |= bit;
      if (early) this.busyEarly[cls]! |= bit;
      this.defineIn(o, vreg, reg);
    }
  }

  /** The homes of the vregs that the instruction defines and that are not dealt with: to take one would only cost a reload. */
  private homesOfDefs(first: number, last: number, cls: number): number {
    let homes = 0;
    for (let o = first; o < last; o++) {
      const op = this.fn.operands[o]!;
      if ((op & 0x800000) === 0 || ((op >>> 22) & 1) !== cls) continue;
      const home = this.home[op & 0x3fffff]!;
      if (home >= 0) homes |= 1 << (home & 31);
    }
    return homes;
  }

  /** The instruction writes `vreg` into `reg`; after it, the value goes to its home and slot. */
  private defineIn(o: number, vreg: number, reg: number): void {
    const home = this.home[vreg]!;
    const alloc = allocReg(reg);
    this.allocs[o] = alloc;
    if (home >= 0 && home !== reg) {
      this.afterDefs.add(alloc, allocReg(home), this.word(vreg));
      // Nobody else may define into it, since this move comes first.
      this.busyLate[home >>> 5]! |= 1 << (home & 31);
    }
    if (this.slot[vreg]! >= 0 && this.policy.storesSpill(vreg))
      this.afterDefs.add(alloc, this.slotOf(vreg), this.word(vreg));
    this.leaveHome(vreg);
  }

  /**
   * Uses: late ones first, so that their homes outlast the defs; then the early ones with a demand, fixed and reused; then registers, then
   * what may be anywhere.
   */
  private visitUses(first: number, last: number, fixed: boolean): void {
    const { operands } = this.fn;
    let late = false;
    let reuses = false;
    let anys = false;
    for (let o = first; o < last; o++) {
      const op = operands[o]!;
      const constraint = op >>> 25;
      if ((op & 0x800000) === 0) {
        if ((op & 0x1000000) !== 0) late = true;
        if (constraint === CONSTRAINT_ANY) anys = true;
      } else if (constraint >= CONSTRAINT_REUSE && constraint < CONSTRAINT_FIXED) {
        reuses = true;
      }
    }
    if (late) {
      if (fixed) this.demandFixed(first, last, 0x1000000);
      for (let o = first; o < last; o++) {
        const op = operands[o]!;
        if ((op & 0x1800000) === 0x1000000 && this.allocs[o] === 0) this.visitUse(o, op, op >>> 25 === CONSTRAINT_ANY);
      }
    }
    if (fixed) this.demandFixed(first, last, 0);
    if (reuses) this.demandReused(first, last);
    for (let o = first; o < last; o++) {
      const op = operands[o]!;
      if ((op & 0x1800000) === 0 && this.allocs[o] === 0 && op >>> 25 !== CONSTRAINT_ANY) this.visitUse(o, op, false);
    }
    if (!anys) return;
    for (let o = first; o < last; o++) {
      const op = operands[o]!;
      if ((op & 0x800000) === 0 && this.allocs[o] === 0) this.visitUse(o, op, true);
    }
  }

  /** The fixed uses whose position bit is `pos`. */
  private demandFixed(first: number, last: number, pos: number): void {
    for (let o = first; o < last; o++) {
      const op = this.fn.operands[o]!;
      if ((op & 0x1800000) === pos && op >>> 25 >= CONSTRAINT_FIXED) this.demand(o, op & 0x3fffff, (op >>> 25) & 63);
    }
  }

  private demandReused(first: number, last: number): void {
    const { operands } = this.fn;
    for (let o = first; o < last; o++) {
      const op = operands[o]!;
      const constraint = op >>> 25;
      if ((op & 0x800000) === 0 || constraint < CONSTRAINT_REUSE || constraint >= CONSTRAINT_FIXED) continue;
      const input = first + (constraint & 31);
      this.demand(input, operands[input]! & 0x3fffff, this.allocs[o]! & 63);
    }
  }

  /** Operand `o` reads `vreg` in `reg`, which belongs to the instruction. */
  private demand(o: number, vreg: number, reg: number): void {
    const home = this.home[vreg]!;
    this.allocs[o] = allocReg(reg);
    if (home < 0) {
      this.setHome(vreg, reg);
    } else if (home !== reg) {
      this.before.add(allocReg(home), allocReg(reg), this.word(vreg));
      this.busyEarly[home >>> 5]! |= 1 << (home & 31);
    }
  }

  private visitUse(o: number, op: number, any: boolean): void {
    const vreg = op & 0x3fffff;
    if (op >>> 25 === CONSTRAINT_STACK) {
      this.allocs[o] = this.slotOf(vreg);
      return;
    }
    const cls = (op >>> 22) & 1;
    const late = (op & 0x1000000) !== 0;
    let home = this.home[vreg]!;
    if (home < 0) {
      const busy = this.busyEarly[cls]! | (late ? this.busyLate[cls]! : 0);
      home = any ? this.findFree(cls, busy) : this.takeRegister(cls, busy);
      if (home < 0) {
        this.allocs[o] = this.slotOf(vreg);
        return;
      }
      this.setHome(vreg, home);
    }
    this.allocs[o] = allocReg(home);
    this.busyEarly[cls]! |= 1 << (home & 31);
    if (late) this.busyLate[cls]! |= 1 << (home & 31);
  }
}

const allocator: FastAllocator = new FastAllocator();

/** Allocates `fn` block by block; see the head of this file. */
export function allocateFast(fn: RegallocFunction, env: MachineEnv, policy: RegallocPolicy): RegallocOutput {
  return allocator.run(fn, env, policy);
}
