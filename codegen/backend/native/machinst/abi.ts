/**
 * Calling conventions and frames, as far as they are the same for every ISA with stack and registers (after Cranelift's `machinst/abi.rs`).
 *
 * An argument takes the next registers of its class; an `i128` takes two integer registers or, when there are not two left, 16 aligned bytes
 * of the stack, and the registers left stay free for later arguments (System V AMD64 ABI 3.2.3). Stack arguments take 8 bytes each.
 *
 * A frame, from the stack pointer up: outgoing stack arguments, spill slots, stack slots, saved registers, return address; above it
 * the incoming stack arguments. The stack pointer is fixed between prologue and epilogue and a multiple of 16 wherever a call is.
 */

import { bug, NONE } from "../../../entity/entity.ts";
import { Type } from "../ir/opcodes.ts";

/** The registers that pass values, by class, as hardware numbers. */
export interface PassingRegs {
  readonly ints: readonly number[];
  readonly numFloats: number;
}

/** Where each of a list of values goes. */
export interface ArgLocs {
  /** Per value: hardware register of the class of the value; `NONE` when it is on the stack. */
  readonly reg: readonly number[];
  /** Per value: the register of an `i128`'s high half. */
  readonly regHigh: readonly number[];
  /** Per value: byte offset from the first stack argument. */
  readonly stackOffset: readonly number[];
  /** Bytes of all stack arguments, a multiple of 16. */
  readonly stackSize: number;
}

/** Assigns places to arguments of the given types. */
export function assignArgs(types: readonly Type[], regs: PassingRegs): ArgLocs {
  const reg: number[] = [];
  const regHigh: number[] = [];
  const stackOffset: number[] = [];
  let ints = 0;
  let floats = 0;
  let stack = 0;
  for (const type of types) {
    let low: number = NONE;
    let high: number = NONE;
    if (type >= Type.F32) {
      if (floats < regs.numFloats) low = floats++;
    } else if (type === Type.I128) {
      if (ints + 2 <= regs.ints.length) {
        low = regs.ints[ints++]!;
        high = regs.ints[ints++]!;
      } else stack = (stack + 15) & ~15;
    } else if (ints < regs.ints.length) low = regs.ints[ints++]!;
    reg.push(low);
    regHigh.push(high);
    stackOffset.push(low === NONE ? stack : NONE);
    if (low === NONE) stack += type === Type.I128 ? 16 : 8;
  }
  return { reg, regHigh, stackOffset, stackSize: (stack + 15) & ~15 };
}

/**
 * Assigns registers to results, which are never on the stack.
 *
 * @throws bug when they do not fit: who makes the signature returns such results through memory.
 */
export function assignReturns(types: readonly Type[], regs: PassingRegs): ArgLocs {
  const locs = assignArgs(types, regs);
  if (locs.stackSize !== 0) throw bug(`results of types ${types.join(", ")} do not fit in registers`);
  return locs;
}

/** Offsets from the stack pointer, in bytes. */
export interface FrameLayout {
  readonly spillBase: number;
  readonly slotBase: number;
  /** What the prologue takes from the stack pointer after saving registers. */
  readonly frameSize: number;
  /** Bit set of saved registers, by hardware number. */
  readonly saved: number;
  readonly incomingBase: number;
}

export function popcount(bits: number): number {
  let n = 0;
  for (let rest = bits; rest !== 0; rest &= rest - 1) n++;
  return n;
}

/**
 * Lays out a frame.
 *
 * @param saved bit set of the callee-saved registers that the function writes; each takes 8 bytes, as the return address does.
 * @param aligned whether anything needs the stack pointer to be a multiple of 16.
 */
export function layOutFrame(
  outgoingSize: number,
  numSpillSlots: number,
  slotSize: number,
  saved: number,
  aligned: boolean,
): FrameLayout {
  const spillBase = (outgoingSize + 15) & ~15;
  const slotBase = (spillBase + numSpillSlots * 8 + 15) & ~15;
  const contents = slotSize > 0 ? slotBase + slotSize : numSpillSlots > 0 ? spillBase + numSpillSlots * 8 : spillBase;
  const above = popcount(saved) * 8 + 8;
  const total = aligned || contents > 0 ? ((contents + above + 15) & ~15) - above : 0;
  return { spillBase, slotBase, frameSize: total, saved, incomingBase: total + above };
}
