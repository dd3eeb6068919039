/** Constants as LLVM text. As rustc_codegen_llvm/src/consts.rs. */

import { bug } from "../../entity/entity.ts";
import { BackendType } from "../../ssa/traits/types.ts";

const F32_EXPONENT = 0x7f80_0000n;
const F32_MANTISSA = 0x007f_ffffn;

const scratch = new DataView(new ArrayBuffer(8));

/** The integer with these bits. */
export function integerText(ty: BackendType, bits: bigint): string {
  if (ty === BackendType.I1) return (bits & 1n) === 1n ? "true" : "false";
  if (ty > BackendType.I128) throw bug(`an integer constant of backend type ${ty}`);
  return bits.toString();
}

/** The float with these IEEE bits. LLVM writes every float as the bits of a double. */
export function floatText(ty: BackendType, bits: bigint): string {
  if (ty !== BackendType.F32 && ty !== BackendType.F64) throw bug(`a float constant of backend type ${ty}`);
  const wide = ty === BackendType.F64 ? bits : widenF32(bits);
  return `0x${BigInt.asUintN(64, wide).toString(16).toUpperCase().padStart(16, "0")}`;
}

/** The bits of the double that equals the float with bits `bits`. NaNs keep sign and payload, and stay signaling. */
function widenF32(bits: bigint): bigint {
  if ((bits & F32_EXPONENT) === F32_EXPONENT) {
    return ((bits & 0x8000_0000n) << 32n) | 0x7ff0_0000_0000_0000n | ((bits & F32_MANTISSA) << 29n);
  }
  scratch.setUint32(0, Number(BigInt.asUintN(32, bits)));
  scratch.setFloat64(0, scratch.getFloat32(0));
  return scratch.getBigUint64(0);
}

/** A global's name: quoted where it has characters that LLVM would not read. */
export function globalName(symbol: string): string {
  if (/^[-a-zA-Z$._][-a-zA-Z$._0-9]*$/.test(symbol)) return `@${symbol}`;
  const escaped = symbol.replace(/[^ !#-[\]-~]/g, (c) =>
    [...Buffer.from(c)].map((b) => `\\${b.toString(16).toUpperCase().padStart(2, "0")}`).join(""),
  );
  return `@"${escaped}"`;
}
