/**
 * Instructions on floats: those of the two formats that JavaScript has, and by `apfloat/` those of the others.
 *
 * The numbers of the cases are those of `OPCODES`, as in `execute.ts`.
 */

import { fromInt, toIntSaturating } from "../apfloat/convert.ts";
import { bug } from "../entity/entity.ts";
import { bigToF32, bigToF64 } from "./float.ts";
import { toDoubleSigned, toDoubleUnsigned } from "./int64.ts";
import { read128, write128 } from "./int128.ts";
import { failRead, failReads, floatToInt } from "./machine-ops.ts";
import type { Registers } from "./registers.ts";
import { convertFloat, formatOf, readFloat, softBinary, softCompare, writeFloat } from "./soft-float.ts";

const F32_NAN = 0x7fc00000;
const F64_NAN_HIGH = 0x7ff80000;

/** Operation `op` of `Add`, `Sub`, `Mul`, `Div`, `Rem`. Of two `f32` the result is rounded twice, to the same value. */
function compute(op: number, a: number, b: number): number {
  switch (op) {
    case 0:
      return a + b;
    case 1:
      return a - b;
    case 2:
      return a * b;
    case 3:
      return a / b;
    default:
      return a % b;
  }
}

/** Executes the instruction at `at`; answers where the next one is. */
export function floatOp({ R, S, D, G, Q }: Registers, code: Int32Array, at: number, fp: number): number {
  let pc = at;
  switch (code[pc]) {
    case 121: // AddF64
    case 122: // SubF64
    case 123: // MulF64
    case 124: // DivF64
    case 125: {
      // RemF64
      const a = fp + code[pc + 2]!;
      const b = fp + code[pc + 3]!;
      if ((S[a]! & S[b]!) !== 1) failReads(S[a]!, S[b]!);
      const d = fp + code[pc + 1]!;
      const value = compute(code[pc]! - 121, D[a >> 1]!, D[b >> 1]!);
      if (Number.isNaN(value)) {
        R[d] = 0;
        R[d + 1] = F64_NAN_HIGH;
      } else D[d >> 1] = value;
      S[d] = 1;
      pc += 4;
      break;
    }
    case 127: // AddF32
    case 128: // SubF32
    case 129: // MulF32
    case 130: // DivF32
    case 131: {
      // RemF32
      const a = fp + code[pc + 2]!;
      const b = fp + code[pc + 3]!;
      if ((S[a]! & S[b]!) !== 1) failReads(S[a]!, S[b]!);
      const d = fp + code[pc + 1]!;
      const value = compute(code[pc]! - 127, G[a]!, G[b]!);
      if (Number.isNaN(value)) R[d] = F32_NAN;
      else G[d] = value;
      S[d] = 1;
      pc += 4;
      break;
    }
    case 126: {
      // NegF64
      const a = fp + code[pc + 2]!;
      if (S[a] !== 1) failRead(S[a]!);
      const d = fp + code[pc + 1]!;
      R[d] = R[a]!;
      R[d + 1] = R[a + 1]! ^ 0x80000000;
      S[d] = 1;
      pc += 3;
      break;
    }
    case 132: {
      // NegF32
      const a = fp + code[pc + 2]!;
      if (S[a] !== 1) failRead(S[a]!);
      const d = fp + code[pc + 1]!;
      R[d] = R[a]! ^ 0x80000000;
      S[d] = 1;
      pc += 3;
      break;
    }
    case 133: {
      // EqF
      const a = fp + code[pc + 2]!;
      const b = fp + code[pc + 3]!;
      if ((S[a]! & S[b]!) !== 1) failReads(S[a]!, S[b]!);
      const d = fp + code[pc + 1]!;
      const wide = code[pc + 4] === 64;
      R[d] = (wide ? D[a >> 1]! === D[b >> 1]! : G[a]! === G[b]!) ? 1 : 0;
      S[d] = 1;
      pc += 5;
      break;
    }
    case 134: {
      // NeF
      const a = fp + code[pc + 2]!;
      const b = fp + code[pc + 3]!;
      if ((S[a]! & S[b]!) !== 1) failReads(S[a]!, S[b]!);
      const d = fp + code[pc + 1]!;
      const wide = code[pc + 4] === 64;
      R[d] = (wide ? D[a >> 1]! !== D[b >> 1]! : G[a]! !== G[b]!) ? 1 : 0;
      S[d] = 1;
      pc += 5;
      break;
    }
    case 135: {
      // LtF
      const a = fp + code[pc + 2]!;
      const b = fp + code[pc + 3]!;
      if ((S[a]! & S[b]!) !== 1) failReads(S[a]!, S[b]!);
      const d = fp + code[pc + 1]!;
      const wide = code[pc + 4] === 64;
      R[d] = (wide ? D[a >> 1]! < D[b >> 1]! : G[a]! < G[b]!) ? 1 : 0;
      S[d] = 1;
      pc += 5;
      break;
    }
    case 136: {
      // LeF
      const a = fp + code[pc + 2]!;
      const b = fp + code[pc + 3]!;
      if ((S[a]! & S[b]!) !== 1) failReads(S[a]!, S[b]!);
      const d = fp + code[pc + 1]!;
      const wide = code[pc + 4] === 64;
      R[d] = (wide ? D[a >> 1]! <= D[b >> 1]! : G[a]! <= G[b]!) ? 1 : 0;
      S[d] = 1;
      pc += 5;
      break;
    }
    case 145: {
      // IntToF32
      const a = fp + code[pc + 2]!;
      if (S[a] !== 1) failRead(S[a]!);
      const d = fp + code[pc + 1]!;
      G[d] = code[pc + 3] === 1 ? R[a]! : R[a]! >>> 0;
      S[d] = 1;
      pc += 4;
      break;
    }
    case 146: {
      // IntToF64
      const a = fp + code[pc + 2]!;
      if (S[a] !== 1) failRead(S[a]!);
      const d = fp + code[pc + 1]!;
      D[d >> 1] = code[pc + 3] === 1 ? R[a]! : R[a]! >>> 0;
      S[d] = 1;
      pc += 4;
      break;
    }
    case 147: {
      // Int2ToFloat
      const a = fp + code[pc + 2]!;
      if (S[a] !== 1) failRead(S[a]!);
      const d = fp + code[pc + 1]!;
      const signed = code[pc + 3] === 1;
      const value = signed ? toDoubleSigned(R, a) : toDoubleUnsigned(R, a);
      if (code[pc + 4] === 64) D[d >> 1] = value;
      else if (value > -9e15 && value < 9e15) G[d] = value;
      else G[d] = bigToF32(signed ? BigInt.asIntN(64, Q[a >> 1]!) : Q[a >> 1]!);
      S[d] = 1;
      pc += 5;
      break;
    }
    case 148: {
      // Int4ToFloat
      const a = fp + code[pc + 2]!;
      if (S[a] !== 1) failRead(S[a]!);
      const d = fp + code[pc + 1]!;
      const value = read128(Q, a, code[pc + 3] === 1);
      if (code[pc + 4] === 64) D[d >> 1] = bigToF64(value);
      else G[d] = bigToF32(value);
      S[d] = 1;
      pc += 5;
      break;
    }
    case 149: {
      // FloatToInt
      const a = fp + code[pc + 2]!;
      if (S[a] !== 1) failRead(S[a]!);
      const d = fp + code[pc + 1]!;
      const value = code[pc + 3] === 64 ? D[a >> 1]! : G[a]!;
      floatToInt(R, Q, d, value, code[pc + 4]!, code[pc + 5] === 1);
      S[d] = 1;
      pc += 6;
      break;
    }
    case 150: {
      // F32ToF64
      const a = fp + code[pc + 2]!;
      if (S[a] !== 1) failRead(S[a]!);
      const d = fp + code[pc + 1]!;
      const value = G[a]!;
      if (Number.isNaN(value)) {
        R[d] = 0;
        R[d + 1] = F64_NAN_HIGH;
      } else D[d >> 1] = value;
      S[d] = 1;
      pc += 3;
      break;
    }
    case 151: {
      // F64ToF32
      const a = fp + code[pc + 2]!;
      if (S[a] !== 1) failRead(S[a]!);
      const d = fp + code[pc + 1]!;
      const value = D[a >> 1]!;
      if (Number.isNaN(value)) R[d] = F32_NAN;
      else G[d] = value;
      S[d] = 1;
      pc += 3;
      break;
    }
    case 176: {
      // SoftBinary
      const a = fp + code[pc + 2]!;
      const b = fp + code[pc + 3]!;
      if ((S[a]! & S[b]!) !== 1) failReads(S[a]!, S[b]!);
      const d = fp + code[pc + 1]!;
      softBinary(R, Q, code[pc + 4]!, code[pc + 5]!, d, a, b);
      S[d] = 1;
      pc += 6;
      break;
    }
    case 177: {
      // SoftCompare
      const a = fp + code[pc + 2]!;
      const b = fp + code[pc + 3]!;
      if ((S[a]! & S[b]!) !== 1) failReads(S[a]!, S[b]!);
      const d = fp + code[pc + 1]!;
      R[d] = softCompare(R, Q, code[pc + 4]!, code[pc + 5]!, a, b) ? 1 : 0;
      S[d] = 1;
      pc += 6;
      break;
    }
    case 178: {
      // SoftNeg
      const a = fp + code[pc + 2]!;
      if (S[a] !== 1) failRead(S[a]!);
      const d = fp + code[pc + 1]!;
      for (let k = 0; k < 4; k++) R[d + k] = R[a + k]!;
      if (code[pc + 3] === 16) R[d]! ^= 0x8000;
      else R[d + 3]! ^= 0x80000000;
      S[d] = 1;
      pc += 4;
      break;
    }
    case 179: {
      // SoftFromInt
      const a = fp + code[pc + 2]!;
      if (S[a] !== 1) failRead(S[a]!);
      const d = fp + code[pc + 1]!;
      const words = code[pc + 3]!;
      const signed = code[pc + 4] === 1;
      const low = words === 1 ? (signed ? R[a]! : R[a]! >>> 0) : 0;
      const pair = words === 2 ? (signed ? BigInt.asIntN(64, Q[a >> 1]!) : Q[a >> 1]!) : 0n;
      const value = words === 1 ? BigInt(low) : words === 2 ? pair : read128(Q, a, signed);
      writeFloat(R, Q, code[pc + 5]!, d, fromInt(formatOf(code[pc + 5]!), value));
      S[d] = 1;
      pc += 6;
      break;
    }
    case 180: {
      // SoftToInt
      const a = fp + code[pc + 2]!;
      if (S[a] !== 1) failRead(S[a]!);
      const d = fp + code[pc + 1]!;
      const signed = code[pc + 5] === 1;
      const bits = toIntSaturating(formatOf(code[pc + 3]!), readFloat(R, Q, code[pc + 3]!, a), code[pc + 4]!, signed);
      write128(Q, d, signed ? BigInt.asIntN(code[pc + 4]!, bits) : bits);
      S[d] = 1;
      pc += 6;
      break;
    }
    case 181: {
      // SoftConvert
      const a = fp + code[pc + 2]!;
      if (S[a] !== 1) failRead(S[a]!);
      const d = fp + code[pc + 1]!;
      convertFloat(R, Q, code[pc + 3]!, code[pc + 4]!, d, a);
      S[d] = 1;
      pc += 5;
      break;
    }
    default:
      throw bug(`opcode ${code[pc]}`);
  }
  return pc;
}
