/**
 * The interface between instruction selection and register allocation: the function to allocate, the machine's registers,
 * and the result.
 *
 * Modelled on the public interface of regalloc2 (`src/lib.rs`: `Operand`, `Allocation`, `Function`, `MachineEnv`, `Output`), laid
 * out as typed arrays so that neither side makes an object per instruction.
 *
 * Terms
 * - *vreg*: a virtual register, an SSA value; defined exactly once, by an instruction operand or as a block parameter.
 * - *preg*: a machine register, `class << 5 | hardware number`, so 0..63.
 * - *operand*: one mention of a vreg by an instruction: vreg, class, kind (use or def), position (early or late), constraint.
 * - *allocation*: where an operand lives: a preg or a spill slot.
 * - *edit*: a move that the allocator inserts before or after an instruction.
 *
 * Positions. An instruction reads its *early* uses, then writes its early defs, then does its work, reads its *late* uses, and writes
 * its late defs. So an early use and a late def may share a register; a late use shares one with no def, an early def with no use.
 * Clobbers are written late: an early use may be in a clobbered register, a late use and an early def may not.
 * A def with a *reuse* constraint is in the same register as the early use it names. Another early use of the *same vreg* may then
 * be that register too: an instruction that reads an input after its first write must declare that input late.
 *
 * Rules for the caller (`validateFunction` in `validate.ts` checks them all)
 * - Blocks are numbered in layout order, near reverse postorder; block 0 is the entry, without predecessors and parameters.
 * - Every block ends with its only terminator (`INST_BRANCH` or `INST_RET`), which has no defs. A return has no successors.
 * - Critical edges are split: an edge leaves a block with one successor, or enters a block with one predecessor. A block with one
 *   successor that has several predecessors ends with a branch without operands and clobbers (moves go before it).
 *   Edges count with multiplicity: two edges between the same blocks are two successors and two predecessors.
 * - Fixed constraints name allocatable registers. The clobbers of an instruction exclude the registers of its fixed defs.
 *   No two uses at one position and no two defs of an instruction are fixed to one preg (uses of the same vreg may be).
 * - A reuse constraint is on a late def, and names an early use of the same class with the constraint `reg` or `any`;
 *   no two defs reuse one use.
 * - A vreg is used only where its definition dominates.
 */

import type { Entity } from "../../../entity/entity.ts";

export type VReg = Entity<"VReg">;
export type PReg = Entity<"PReg">;
/** A packed operand, see `packOperand`. */
export type PackedOperand = number;
/** A packed allocation, see `allocReg` and `allocStack`. */
export type Allocation = number;
/** `CLASS_INT` or `CLASS_FLOAT`. */
export type RegClass = 0 | 1;

export const CLASS_INT = 0;
/** Float and vector registers. */
export const CLASS_FLOAT = 1;
export const NUM_CLASSES = 2;
export const MAX_PREGS = 64;
export const MAX_VREGS: number = 1 << 22;

export const OPERAND_USE = 0;
export const OPERAND_DEF = 1;
export const POS_EARLY = 0;
export const POS_LATE = 1;

/** A constraint takes 7 bits: `any`, `reg`, `stack`, `32 + operand index` for reuse, `64 + preg` for fixed. */
export const CONSTRAINT_ANY = 0;
/** Any register of the operand's class. */
export const CONSTRAINT_REG = 1;
/** A spill slot. */
export const CONSTRAINT_STACK = 2;
export const CONSTRAINT_REUSE = 32;
export const CONSTRAINT_FIXED = 64;

/** Instruction flags. */
export const INST_BRANCH = 1;
export const INST_RET = 2;
/** A copy with the operands [use, def]: a hint to give both one register, so that the caller can leave it out. */
export const INST_MOVE = 4;

export function preg(regClass: RegClass, hardware: number): PReg {
  return ((regClass << 5) | hardware) as PReg;
}

/** The number that the machine's encodings use. */
export function pregHardware(p: number): number {
  return p & 31;
}

/** The constraint of a late def that must share the register of the instruction's operand `index` (0..31). */
export function constraintReuse(index: number): number {
  return CONSTRAINT_REUSE | index;
}

export function constraintFixed(p: PReg): number {
  return CONSTRAINT_FIXED | p;
}

/** vreg in bits 0..21, class in 22, kind in 23, position in 24, constraint in 25..31. */
export function packOperand(vreg: number, cls: RegClass, kind: 0 | 1, pos: 0 | 1, constraint: number): PackedOperand {
  return vreg | (cls << 22) | (kind << 23) | (pos << 24) | (constraint << 25);
}

export function operandVReg(op: PackedOperand): VReg {
  return (op & 0x3fffff) as VReg;
}

export function operandClass(op: PackedOperand): RegClass {
  return ((op >>> 22) & 1) as RegClass;
}

export function operandIsDef(op: PackedOperand): boolean {
  return (op & 0x800000) !== 0;
}

export function operandIsLate(op: PackedOperand): boolean {
  return (op & 0x1000000) !== 0;
}

/** `CONSTRAINT_ANY`, `CONSTRAINT_REG`, `CONSTRAINT_STACK`, or a value that holds `CONSTRAINT_REUSE` or `CONSTRAINT_FIXED`. */
export function operandConstraint(op: PackedOperand): number {
  return op >>> 25;
}

/**
 * The function to allocate. Arrays may be longer than needed (views of growing buffers); the `num…` fields rule. The allocator
 * keeps no reference to them.
 */
export interface RegallocFunction {
  readonly numVRegs: number;
  /** Per vreg: its class. */
  readonly vregClass: Uint8Array;
  /** Per vreg: the bytes that its spill slot needs, 8 or (float class only) 16. */
  readonly vregSlotSize: Uint8Array;
  /** Per vreg: 1 when an edit from `allocRemat(vreg)` can make it anew in a register, touching nothing else (not the flags either). */
  readonly vregRemat?: Uint8Array;

  readonly numInsts: number;
  /** Packed operands of all instructions. */
  readonly operands: Int32Array;
  /** Per instruction `i`: its operands are `[operandStart[i], operandStart[i + 1])`. Has `numInsts + 1` entries. */
  readonly operandStart: Int32Array;
  /** Two words per instruction: bit sets of the clobbered pregs of the int and of the float class, by hardware number. */
  readonly clobbers: Int32Array;
  /** Per instruction: `INST_…` flags. */
  readonly instFlags: Uint8Array;

  readonly numBlocks: number;
  /** Per block `b`: its instructions are `[blockStart[b], blockStart[b + 1])`. Has `numBlocks + 1` entries. */
  readonly blockStart: Int32Array;
  /** Per block `b`: its outgoing edges are `[succStart[b], succStart[b + 1])`, indices into `succs`. Has `numBlocks + 1` entries. */
  readonly succStart: Int32Array;
  /** Per edge: its target block. */
  readonly succs: Int32Array;
  readonly predStart: Int32Array;
  /** Predecessor blocks, once per edge. */
  readonly preds: Int32Array;
  /** Per block: its parameters are `[paramStart[b], paramStart[b + 1])` of `params`. */
  readonly paramStart: Int32Array;
  readonly params: Int32Array;
  /** Per edge: the vregs that it passes to its target's parameters are `[argStart[e], argStart[e + 1])` of `args`. */
  readonly argStart: Int32Array;
  readonly args: Int32Array;
}

/** The registers of a machine. */
export interface MachineEnv {
  /** Per class: allocatable registers to try first, in this order (caller-saved ones). */
  readonly preferredRegs: readonly [readonly PReg[], readonly PReg[]];
  /** Per class: allocatable registers to try after them (callee-saved ones). */
  readonly nonPreferredRegs: readonly [readonly PReg[], readonly PReg[]];
  /** Per class: a register for moves alone, never allocatable; it never holds a value across an instruction. */
  readonly scratch: readonly [PReg, PReg];
}

export const ALLOC_NONE: Allocation = 0;
const ALLOC_KIND_REG = 1 << 28;
const ALLOC_KIND_STACK = 2 << 28;
const ALLOC_KIND_REMAT = 3 << 28;
const ALLOC_KIND_MASK = 7 << 28;
const ALLOC_INDEX_MASK = (1 << 28) - 1;

export function allocReg(p: number): Allocation {
  return ALLOC_KIND_REG | p;
}

/**
 * A spill slot; slots are counted in units of 8 bytes from an address that is a multiple of 16, and one of 16 bytes takes an even
 * slot and the next.
 */
export function allocStack(slot: number): Allocation {
  return ALLOC_KIND_STACK | slot;
}

/** Only as the source of an edit: make the vreg anew. */
export function allocRemat(vreg: number): Allocation {
  return ALLOC_KIND_REMAT | vreg;
}

export function allocIsReg(a: Allocation): boolean {
  return (a & ALLOC_KIND_MASK) === ALLOC_KIND_REG;
}

export function allocIsStack(a: Allocation): boolean {
  return (a & ALLOC_KIND_MASK) === ALLOC_KIND_STACK;
}

export function allocIsRemat(a: Allocation): boolean {
  return (a & ALLOC_KIND_MASK) === ALLOC_KIND_REMAT;
}

/** The preg of a register allocation. */
export function allocPReg(a: Allocation): PReg {
  return (a & 63) as PReg;
}

/** The slot number of a stack allocation, the vreg of a remat allocation, the preg of a register allocation. */
export function allocIndex(a: Allocation): number {
  return a & ALLOC_INDEX_MASK;
}

/** Words per edit: program point, from, to, `class | size << 8` where size is the bytes of the moved value's slot (8 or 16). */
export const EDIT_STRIDE = 4;

export function editClass(word: number): RegClass {
  return (word & 1) as RegClass;
}

export function editSize(word: number): number {
  return word >>> 8;
}

/** Where everything went. */
export interface RegallocOutput {
  /** Per operand, by its index in `operands`: its allocation. */
  readonly allocs: Int32Array;
  /**
   * `EDIT_STRIDE` words per edit, sorted by program point, to be done in this order, one after another. No edit moves from stack to
   * stack. A register source or target is of the edit's class.
   */
  readonly edits: Int32Array;
  readonly numEdits: number;
  /** Spill slots in units of 8 bytes. */
  readonly numSpillSlots: number;
  /** Bit sets (int class, float class; by hardware number) of the registers that defs and edits write, without clobbers. */
  readonly writtenRegs: readonly [number, number];
}

/** What the allocators rest on for soundness, as data, so that a fault can be planted by replacing a field. */
export interface RegallocPolicy {
  /** Per class: which clobbered registers are heeded, by hardware number. */
  readonly clobberFilter: readonly [number, number];
  /** Whether a vreg that has a spill slot is stored there where it is defined. */
  readonly storesSpill: (vreg: number) => boolean;
  /** Whether a cycle of `length` parallel moves is broken by saving one location first. */
  readonly savesCycle: (length: number) => boolean;
}

export const SOUND_POLICY: RegallocPolicy = {
  clobberFilter: [-1, -1],
  storesSpill: () => true,
  savesCycle: () => true,
};

export interface RegallocOptions {
  /** `linear-scan` for optimising levels, `fast` for opt-level 0. */
  readonly algorithm: "linear-scan" | "fast";
  /** `SOUND_POLICY` when absent. */
  readonly policy?: RegallocPolicy;
}
