/**
 * Bit sets of registers, per class and by hardware number.
 */

import { EDIT_STRIDE, type MachineEnv, type RegallocFunction } from "./function.ts";

const masks: WeakMap<MachineEnv, readonly [number, number]> = new WeakMap();

/** Per class: the allocatable registers, by hardware number. */
export function allocatableMask(env: MachineEnv): readonly [number, number] {
  let mask = masks.get(env);
  if (mask === undefined) {
    const bits: [number, number] = [0, 0];
    for (const regs of [...env.preferredRegs, ...env.nonPreferredRegs])
      for (const reg of regs) bits[reg >>> 5]! |= 1 << (reg & 31);
    mask = bits;
    masks.set(env, mask);
  }
  return mask;
}

/** Per class: the registers that defs and edits write. */
export function writtenRegs(
  fn: RegallocFunction,
  allocs: Int32Array,
  edits: Int32Array,
  numEdits: number,
): readonly [number, number] {
  let int = 0;
  let float = 0;
  const numOperands = fn.operandStart[fn.numInsts]!;
  for (let o = 0; o < numOperands; o++) {
    if ((fn.operands[o]! & 0x800000) === 0) continue;
    const alloc = allocs[o]!;
    if (alloc >>> 28 !== 1) continue;
    if ((alloc & 32) === 0) int |= 1 << (alloc & 31);
    else float |= 1 << (alloc & 31);
  }
  for (let e = 0; e < numEdits; e++) {
    const to = edits[e * EDIT_STRIDE + 2]!;
    if (to >>> 28 !== 1) continue;
    if ((to & 32) === 0) int |= 1 << (to & 31);
    else float |= 1 << (to & 31);
  }
  return [int, float];
}
