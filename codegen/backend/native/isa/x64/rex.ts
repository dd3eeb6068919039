/**
 * REX prefixes, ModRM and SIB bytes (Intel SDM volume 2, chapter 2).
 */

import { bug, NONE } from "../../../../entity/entity.ts";
import type { MachBuffer } from "../../machinst/buffer.ts";

/** `base` of an address relative to the next instruction. */
export const BASE_RIP = -2;

/**
 * A memory operand, filled in anew for each instruction that has one: `[base + (index << shift) + disp]`.
 * `base` and `index` are hardware numbers or `NONE`. With `base` `BASE_RIP` the target is `label` when it is not `NONE`, else `symbol` when
 * it is not empty, plus `disp`.
 */
export interface Mem {
  base: number;
  index: number;
  shift: number;
  disp: number;
  label: number;
  symbol: string;
}

export function newMem(): Mem {
  return { base: NONE, index: NONE, shift: 0, disp: 0, label: NONE, symbol: "" };
}

/**
 * Writes a REX prefix when one is needed.
 *
 * @param byteReg whether an 8-bit register with number 4 to 7 is named, which without REX would be `ah` to `bh`.
 */
export function putRex(b: MachBuffer, w: number, reg: number, index: number, base: number, byteReg: boolean): void {
  const rex = (w << 3) | ((reg >> 3) << 2) | ((index >> 3) << 1) | (base >> 3);
  if (rex !== 0 || byteReg) b.put1(0x40 | rex);
}

/** ModRM with a register in both places. */
export function putModRmReg(b: MachBuffer, reg: number, rm: number): void {
  b.put1(0xc0 | ((reg & 7) << 3) | (rm & 7));
}

/**
 * ModRM, SIB and displacement of a memory operand.
 *
 * @param trailing bytes of the instruction after the displacement, which RIP-relative addressing counts from.
 */
export function putModRmMem(b: MachBuffer, reg: number, mem: Mem, trailing: number): void {
  const r = (reg & 7) << 3;
  const { base, index, disp } = mem;
  if (base === BASE_RIP) {
    b.put1(r | 5);
    if (mem.label !== NONE) b.putLabel4(mem.label, disp - trailing);
    else if (mem.symbol !== "") b.putSymbol4(mem.symbol, disp - 4 - trailing);
    else b.put4(disp);
    return;
  }
  if (index === 4) throw bug("rsp cannot be an index");
  if (base === NONE) {
    // mod 00 with SIB base 101: no base, a 32-bit displacement.
    b.put1(r | 4);
    b.put1((mem.shift << 6) | ((index === NONE ? 4 : index & 7) << 3) | 5);
    b.put4(disp);
    return;
  }
  // rbp and r13 as base have no form without displacement; rsp and r12 need a SIB byte.
  const mod = disp === 0 && (base & 7) !== 5 ? 0 : disp >= -128 && disp <= 127 ? 0x40 : 0x80;
  if (index !== NONE || (base & 7) === 4) {
    b.put1(mod | r | 4);
    b.put1((mem.shift << 6) | ((index === NONE ? 4 : index & 7) << 3) | (base & 7));
  } else {
    b.put1(mod | r | (base & 7));
  }
  if (mod === 0x40) b.put1(disp);
  else if (mod === 0x80) b.put4(disp);
}
