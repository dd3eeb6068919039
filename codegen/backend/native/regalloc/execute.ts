/**
 * Symbolic execution of a function before and after register allocation: the second oracle of the tests, beside the checker.
 *
 * Each def computes a number from its instruction and the values of all uses; branches are decided by a seeded sequence. A run's trace is
 * the use values of each executed instruction. After allocation, values live in registers and in slots of 8 bytes; what a clobber,
 * a scratch register across an instruction, or the upper half of an 8-byte value holds is never the same twice.
 */

import {
  allocIndex,
  allocIsReg,
  allocIsRemat,
  allocIsStack,
  EDIT_STRIDE,
  editSize,
  type MachineEnv,
  operandIsDef,
  operandIsLate,
  operandVReg,
  type RegallocFunction,
  type RegallocOutput,
} from "./function.ts";

function mix(a: number, b: number): number {
  let t = Math.imul(a ^ 0x9e3779b9, 0x85ebca6b) ^ b;
  t = Math.imul(t ^ (t >>> 15), 0xc2b2ae35);
  return (t ^ (t >>> 13)) | 0;
}

/** The value of a def: for one that can be made anew, of its vreg alone. */
function defValue(fn: RegallocFunction, inst: number, o: number, uses: number): number {
  const vreg = operandVReg(fn.operands[o]!);
  if (fn.vregRemat !== undefined && fn.vregRemat[vreg] !== 0) return mix(vreg, 77);
  return mix(mix(inst, o - fn.operandStart[inst]!), uses);
}

/** The upper half that goes with a value of 16 bytes. */
function upperHalf(value: number): number {
  return value ^ 0x5a5a5a5a;
}

function nextBlockEdge(fn: RegallocFunction, block: number, step: number, seed: number): number {
  const count = fn.succStart[block + 1]! - fn.succStart[block]!;
  return count === 0 ? -1 : fn.succStart[block]! + ((mix(seed, step) >>> 0) % count);
}

/** The trace of `fn` as it is, of at most `limit` blocks. */
export function executeVRegs(fn: RegallocFunction, seed: number, limit: number): number[] {
  const values = new Int32Array(fn.numVRegs);
  const trace: number[] = [];
  let block = 0;
  for (let step = 0; step < limit; step++) {
    for (let i = fn.blockStart[block]!; i < fn.blockStart[block + 1]!; i++) {
      let early = 0;
      let all = 0;
      for (let o = fn.operandStart[i]!; o < fn.operandStart[i + 1]!; o++) {
        const op = fn.operands[o]!;
        if (operandIsDef(op)) continue;
        const value = values[operandVReg(op)]!;
        trace.push(value);
        if (!operandIsLate(op)) early = mix(early, mix(o, value));
        all = (all + mix(o, value)) | 0;
      }
      for (let o = fn.operandStart[i]!; o < fn.operandStart[i + 1]!; o++) {
        const op = fn.operands[o]!;
        if (operandIsDef(op)) values[operandVReg(op)] = defValue(fn, i, o, operandIsLate(op) ? all : early);
      }
    }
    const edge = nextBlockEdge(fn, block, step, seed);
    if (edge < 0) return trace;
    block = fn.succs[edge]!;
    const passed = Array.from(fn.args.subarray(fn.argStart[edge]!, fn.argStart[edge + 1]!), (arg) => values[arg]!);
    passed.forEach((value, i) => {
      values[fn.params[fn.paramStart[block]! + i]!] = value;
    });
  }
  return trace;
}

class Machine {
  private readonly low: Int32Array;
  private readonly high: Int32Array;
  private poison = 1;
  private readonly fn: RegallocFunction;

  constructor(fn: RegallocFunction, out: RegallocOutput) {
    this.fn = fn;
    this.low = new Int32Array(64 + out.numSpillSlots);
    this.high = new Int32Array(64 + out.numSpillSlots);
    for (let i = 0; i < this.low.length; i++) this.spoil(i);
  }

  spoil(place: number): void {
    this.low[place] = mix(this.poison++, 0xdead);
    this.high[place] = mix(this.poison++, 0xbeef);
  }

  /** Reads an operand; a value of 16 bytes with a wrong upper half reads as another number. */
  read(alloc: number, vreg: number): number {
    const place = this.placeOf(alloc);
    const low = this.low[place]!;
    if (this.fn.vregSlotSize[vreg] !== 16) return low;
    const high = allocIsStack(alloc) ? this.low[place + 1]! : this.high[place]!;
    return high === upperHalf(low) ? low : mix(low, high);
  }

  write(alloc: number, vreg: number, value: number): void {
    this.put(
      alloc,
      value,
      this.fn.vregSlotSize[vreg] === 16 ? upperHalf(value) : mix(this.poison++, 0xcafe),
      this.fn.vregSlotSize[vreg]!,
    );
  }

  move(from: number, to: number, size: number): void {
    if (allocIsRemat(from)) {
      this.write(to, allocIndex(from), mix(allocIndex(from), 77));
      return;
    }
    const place = this.placeOf(from);
    const high = allocIsReg(from) ? this.high[place]! : size === 16 ? this.low[place + 1]! : mix(this.poison++, 0xf00d);
    this.put(to, this.low[place]!, high, size);
  }

  private put(alloc: number, low: number, high: number, size: number): void {
    const place = this.placeOf(alloc);
    this.low[place] = low;
    if (allocIsReg(alloc)) this.high[place] = high;
    else if (size === 16) this.low[place + 1] = high;
  }

  private placeOf(alloc: number): number {
    return allocIsReg(alloc) ? allocIndex(alloc) : 64 + allocIndex(alloc);
  }
}

/** The trace of `fn` as allocated; equal to that of `executeVRegs` when the allocation is right. */
export function executeAllocation(
  fn: RegallocFunction,
  env: MachineEnv,
  out: RegallocOutput,
  seed: number,
  limit: number,
): number[] {
  const machine = new Machine(fn, out);
  const trace: number[] = [];
  const editAt = new Map<number, number[]>();
  for (let e = 0; e < out.numEdits; e++) {
    const point = out.edits[e * EDIT_STRIDE]!;
    editAt.set(point, [...(editAt.get(point) ?? []), e]);
  }
  const edit = (point: number): void => {
    for (const e of editAt.get(point) ?? []) {
      const at = e * EDIT_STRIDE;
      machine.move(out.edits[at + 1]!, out.edits[at + 2]!, editSize(out.edits[at + 3]!));
    }
  };
  let block = 0;
  for (let step = 0; step < limit; step++) {
    for (let i = fn.blockStart[block]!; i < fn.blockStart[block + 1]!; i++) {
      edit(2 * i);
      for (const reg of env.scratch) machine.spoil(reg);
      executeInst(fn, out, machine, i, trace);
      edit(2 * i + 1);
    }
    const edge = nextBlockEdge(fn, block, step, seed);
    if (edge < 0) return trace;
    block = fn.succs[edge]!;
  }
  return trace;
}

/** Early uses, early defs, late uses, clobbers, late defs. */
function executeInst(fn: RegallocFunction, out: RegallocOutput, machine: Machine, inst: number, trace: number[]): void {
  const first = fn.operandStart[inst]!;
  const last = fn.operandStart[inst + 1]!;
  const values = new Map<number, number>();
  const readUses = (late: boolean): void => {
    for (let o = first; o < last; o++) {
      const op = fn.operands[o]!;
      if (!operandIsDef(op) && operandIsLate(op) === late) values.set(o, machine.read(out.allocs[o]!, operandVReg(op)));
    }
  };
  const writeDefs = (late: boolean, uses: number): void => {
    for (let o = first; o < last; o++) {
      const op = fn.operands[o]!;
      if (!operandIsDef(op) || operandIsLate(op) !== late) continue;
      machine.write(out.allocs[o]!, operandVReg(op), defValue(fn, inst, o, uses));
    }
  };
  readUses(false);
  let early = 0;
  for (const [o, value] of values) early = mix(early, mix(o, value));
  writeDefs(false, early);
  readUses(true);
  for (let cls = 0; cls < 2; cls++) {
    for (let r = 0; r < 32; r++) if (((fn.clobbers[2 * inst + cls]! >>> r) & 1) !== 0) machine.spoil((cls << 5) | r);
  }
  let all = 0;
  for (const [o, value] of values) all = (all + mix(o, value)) | 0;
  writeDefs(true, all);
  for (let o = first; o < last; o++) if (!operandIsDef(fn.operands[o]!)) trace.push(values.get(o)!);
}
