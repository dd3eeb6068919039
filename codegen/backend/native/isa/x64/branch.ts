/**
 * The two forms of x86-64's direct branches: `jcc`/`jmp` with a 32-bit and with an 8-bit displacement.
 */

import type { BranchShape } from "../../machinst/buffer.ts";

const JCC_LONG_SIZE = 6;
const JMP_LONG_SIZE = 5;
const TWO_BYTE_ESCAPE = 0x0f;

function longSize(bytes: Uint8Array, at: number): number {
  return bytes[at] === TWO_BYTE_ESCAPE ? JCC_LONG_SIZE : JMP_LONG_SIZE;
}

export const BRANCH_SHAPE: BranchShape = {
  longSize,
  shortSize: 2,
  shortMin: -128,
  shortMax: 127,
  shorten(bytes, at, displacement): void {
    // 0F 80+cc rel32 becomes 70+cc rel8; E9 rel32 becomes EB rel8.
    bytes[at] = bytes[at] === TWO_BYTE_ESCAPE ? bytes[at + 1]! - 0x10 : 0xeb;
    bytes[at + 1] = displacement;
  },
  patchLong(bytes, at, displacement): void {
    const field = at + longSize(bytes, at) - 4;
    for (let i = 0; i < 4; i++) bytes[field + i] = displacement >> (8 * i);
  },
};
