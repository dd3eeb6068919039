/** Values of flat types between registers and memory, leaf by leaf, where no compiled code does it. */

import { INIT, type Memory, NAN_BYTE } from "./memory.ts";
import { isNanF32, isNanF64 } from "./nan.ts";
import type { Registers } from "./registers.ts";
import { CLS_SIZE, Cls, type TypeInfo } from "./type-info.ts";

/** Words of one register, as in `frame.ts`. */
const SLOT = 4;

/** Stores the flat value in the registers from `a` on at `at`. Uninitialised registers become uninitialised bytes. */
export function storeValue(m: Memory, regs: Registers, info: TypeInfo, a: number, at: number): void {
  m.deinit(at, info.size);
  info.leaves.forEach((leaf, k) => {
    if (regs.S[a + k * SLOT] === 1) storeLeaf(m, regs, leaf.cls, a + k * SLOT, at + leaf.offset);
  });
}

/** Stores one register of class `cls`. */
export function storeLeaf(m: Memory, { R, Q }: Registers, cls: Cls, a: number, at: number): void {
  const size = CLS_SIZE[cls]!;
  if (cls >= Cls.PTR && cls <= Cls.FN) {
    m.storePointer(at, R[a]!, R[a + 1]!, R[a + 2]!);
    return;
  }
  for (let i = 0; i < size; i++) m.bytes[at + i] = R[a + (i >> 2)]! >>> ((i & 3) * 8);
  m.marks.fill(isNan(R, Q, cls, a) ? NAN_BYTE : INIT, at, at + size);
}

/** Whether the float in register `a` is a NaN; false for what is no float. */
function isNan(R: Int32Array, Q: BigUint64Array, cls: Cls, a: number): boolean {
  switch (cls) {
    case Cls.F16:
      return (R[a]! & 0x7fff) > 0x7c00;
    case Cls.F32:
      return isNanF32(R, a);
    case Cls.F64:
      return isNanF64(R, a);
    case Cls.F128: {
      const high = Q[(a >> 1) + 1]! & 0x7fff_ffff_ffff_ffffn;
      return high > 0x7fff_0000_0000_0000n || (high === 0x7fff_0000_0000_0000n && Q[a >> 1] !== 0n);
    }
    default:
      return false;
  }
}

/**
 * Loads a value of one leaf into register `d`, without checking that it is valid at its type.
 *
 * @throws UbTrap when bytes are not initialised
 */
export function loadLeaf(m: Memory, { R, S }: Registers, cls: Cls, d: number, at: number): void {
  const size = CLS_SIZE[cls]!;
  if (cls >= Cls.PTR && cls <= Cls.FN) {
    R[d + 2] = m.loadProvenance(at);
    R[d] = m.view.getInt32(at, true);
    R[d + 1] = m.view.getInt32(at + 4, true);
  } else {
    if (cls === Cls.F32 || cls === Cls.F64 || cls === Cls.F16 || cls === Cls.F128) m.checkInitFloat(at, size);
    else m.checkInit(at, size);
    if (size === 1) R[d] = cls === Cls.I8 ? m.view.getInt8(at) : m.bytes[at]!;
    else if (size === 2) R[d] = cls === Cls.I16 ? m.view.getInt16(at, true) : m.view.getUint16(at, true);
    else for (let k = 0; k < size >> 2; k++) R[d + k] = m.view.getInt32(at + 4 * k, true);
  }
  S[d] = 1;
}
