/**
 * Instructions on 128-bit integers.
 *
 * The numbers of the cases are those of `OPCODES`, as in `execute.ts`.
 */

import { bug } from "../entity/entity.ts";
import { Arith, arith128, equal128, less128, read128, write128 } from "./int128.ts";
import { checkDivision128, failRead, failReads } from "./machine-ops.ts";
import type { Registers } from "./registers.ts";

/** Executes the instruction at `at`; answers where the next one is. */
export function wideOp({ R, S, Q }: Registers, code: Int32Array, at: number, fp: number): number {
  let pc = at;
  switch (code[pc]) {
    case 69: {
      // And4
      const a = fp + code[pc + 2]!;
      const b = fp + code[pc + 3]!;
      if ((S[a]! & S[b]!) !== 1) failReads(S[a]!, S[b]!);
      const d = fp + code[pc + 1]!;
      for (let k = 0; k < 4; k++) R[d + k] = R[a + k]! & R[b + k]!;
      S[d] = 1;
      pc += 4;
      break;
    }
    case 72: {
      // Or4
      const a = fp + code[pc + 2]!;
      const b = fp + code[pc + 3]!;
      if ((S[a]! & S[b]!) !== 1) failReads(S[a]!, S[b]!);
      const d = fp + code[pc + 1]!;
      for (let k = 0; k < 4; k++) R[d + k] = R[a + k]! | R[b + k]!;
      S[d] = 1;
      pc += 4;
      break;
    }
    case 75: {
      // Xor4
      const a = fp + code[pc + 2]!;
      const b = fp + code[pc + 3]!;
      if ((S[a]! & S[b]!) !== 1) failReads(S[a]!, S[b]!);
      const d = fp + code[pc + 1]!;
      for (let k = 0; k < 4; k++) R[d + k] = R[a + k]! ^ R[b + k]!;
      S[d] = 1;
      pc += 4;
      break;
    }
    case 80: {
      // Not4
      const a = fp + code[pc + 2]!;
      if (S[a] !== 1) failRead(S[a]!);
      const d = fp + code[pc + 1]!;
      for (let k = 0; k < 4; k++) R[d + k] = ~R[a + k]!;
      S[d] = 1;
      pc += 3;
      break;
    }
    case 83: {
      // Neg4
      const a = fp + code[pc + 2]!;
      if (S[a] !== 1) failRead(S[a]!);
      const d = fp + code[pc + 1]!;
      write128(Q, d, -read128(Q, a, true));
      S[d] = 1;
      pc += 3;
      break;
    }
    case 101: {
      // Eq4
      const a = fp + code[pc + 2]!;
      const b = fp + code[pc + 3]!;
      if ((S[a]! & S[b]!) !== 1) failReads(S[a]!, S[b]!);
      const d = fp + code[pc + 1]!;
      R[d] = equal128(R, a, b) ? 1 : 0;
      S[d] = 1;
      pc += 4;
      break;
    }
    case 102: {
      // Ne4
      const a = fp + code[pc + 2]!;
      const b = fp + code[pc + 3]!;
      if ((S[a]! & S[b]!) !== 1) failReads(S[a]!, S[b]!);
      const d = fp + code[pc + 1]!;
      R[d] = !equal128(R, a, b) ? 1 : 0;
      S[d] = 1;
      pc += 4;
      break;
    }
    case 103: {
      // LtS4
      const a = fp + code[pc + 2]!;
      const b = fp + code[pc + 3]!;
      if ((S[a]! & S[b]!) !== 1) failReads(S[a]!, S[b]!);
      const d = fp + code[pc + 1]!;
      R[d] = less128(R, a, b, true) ? 1 : 0;
      S[d] = 1;
      pc += 4;
      break;
    }
    case 104: {
      // LeS4
      const a = fp + code[pc + 2]!;
      const b = fp + code[pc + 3]!;
      if ((S[a]! & S[b]!) !== 1) failReads(S[a]!, S[b]!);
      const d = fp + code[pc + 1]!;
      R[d] = !less128(R, b, a, true) ? 1 : 0;
      S[d] = 1;
      pc += 4;
      break;
    }
    case 105: {
      // LtU4
      const a = fp + code[pc + 2]!;
      const b = fp + code[pc + 3]!;
      if ((S[a]! & S[b]!) !== 1) failReads(S[a]!, S[b]!);
      const d = fp + code[pc + 1]!;
      R[d] = less128(R, a, b, false) ? 1 : 0;
      S[d] = 1;
      pc += 4;
      break;
    }
    case 106: {
      // LeU4
      const a = fp + code[pc + 2]!;
      const b = fp + code[pc + 3]!;
      if ((S[a]! & S[b]!) !== 1) failReads(S[a]!, S[b]!);
      const d = fp + code[pc + 1]!;
      R[d] = !less128(R, b, a, false) ? 1 : 0;
      S[d] = 1;
      pc += 4;
      break;
    }
    case 119: // Arith4
    case 120: {
      // ArithO4
      const a = fp + code[pc + 2]!;
      const b = fp + code[pc + 3]!;
      if ((S[a]! & S[b]!) !== 1) failReads(S[a]!, S[b]!);
      const op = code[pc + 4]!;
      const signed = code[pc + 5] === 1;
      if (op === Arith.DIV || op === Arith.REM) checkDivision128(R, a, b, signed);
      const d = fp + code[pc + 1]!;
      const overflow = arith128(R, Q, op, d, a, b, signed);
      if (code[pc] === 120 /* ArithO4 */) {
        R[d + 4] = overflow;
        S[d + 4] = 1;
      }
      S[d] = 1;
      pc += 6;
      break;
    }
    case 141: // SExt4
    case 142: {
      // ZExt4
      const a = fp + code[pc + 2]!;
      if (S[a] !== 1) failRead(S[a]!);
      const d = fp + code[pc + 1]!;
      const lo = R[a]!;
      R[d] = lo;
      R[d + 1] = R[d + 2] = R[d + 3] = code[pc] === 141 /* SExt4 */ ? lo >> 31 : 0;
      S[d] = 1;
      pc += 3;
      break;
    }
    case 143: // SExt24
    case 144: {
      // ZExt24
      const a = fp + code[pc + 2]!;
      if (S[a] !== 1) failRead(S[a]!);
      const d = fp + code[pc + 1]!;
      const hi = R[a + 1]!;
      R[d] = R[a]!;
      R[d + 1] = hi;
      R[d + 2] = R[d + 3] = code[pc] === 143 /* SExt24 */ ? hi >> 31 : 0;
      S[d] = 1;
      pc += 3;
      break;
    }
    default:
      throw bug(`opcode ${code[pc]}`);
  }
  return pc;
}
