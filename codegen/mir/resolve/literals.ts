/**
 * Literals of MIR text: their types and bits.
 */

import { canonicalNan, intBits, intFromValue, parseChar, parseFloatText, parseInteger } from "../literal.ts";
import {
  type FloatWidth,
  isIntegral,
  PRIMITIVE_TYPES,
  TY_BOOL,
  TY_CHAR,
  TY_F16,
  TY_F32,
  TY_F64,
  TY_F128,
  TY_U8,
  type Ty,
} from "../ty.ts";

export interface ScalarLiteral {
  readonly ty: Ty;
  readonly bits: bigint;
}

/** Why a literal has no value. */
export type LiteralError = { readonly error: string; readonly help?: string };

/** `5_i32`, `-0x5_i8`, `i32::MIN` comes as a path; a suffix is needed unless `expected` tells the type. */
export function intLiteral(text: string, expected: Ty | undefined): ScalarLiteral | LiteralError {
  const match = INT.exec(text);
  if (match === null) return { error: `\`${text}\` is no number` };
  const ty = match[3] === undefined ? expected : PRIMITIVE_TYPES.get(match[3]);
  if (ty === undefined || !isIntegral(ty)) {
    return { error: `the number \`${text}\` has no type`, help: `write its type behind it: \`${text}_i32\`` };
  }
  if (/^0[xob]_*$/.test(match[2]!)) return { error: `\`${text}\` has no digits` };
  const magnitude = parseInteger(match[2]!);
  const bits = magnitude === undefined ? undefined : intFromValue(ty, match[1] === "-" ? -magnitude : magnitude);
  return bits === undefined ? { error: `\`${text}\` does not fit in \`${ty.text}\`` } : { ty, bits };
}

const INT = /^([-+]?)(0x[\da-fA-F_]+|0b[01_]+|0o[0-7_]+|\d[\d_]*?)(?:_?([iu](?:8|16|32|64|128|size)))?$/;
const FLOAT = /^([-+]?)([\d._]+(?:[eE][+-]?\d+)?)_?f(16|32|64|128)$/;
const NAMED_FLOAT = /^([-+]?)(inf|nan)_?f(16|32|64|128)$/i;

const FLOAT_TYPES: ReadonlyMap<string, Ty> = new Map([
  ["16", TY_F16],
  ["32", TY_F32],
  ["64", TY_F64],
  ["128", TY_F128],
]);

/** `1.5f32`, `+Inf_f64`, `NaN_f32`. */
export function floatLiteral(text: string): ScalarLiteral | LiteralError {
  const named = NAMED_FLOAT.exec(text);
  if (named !== null) {
    const ty = FLOAT_TYPES.get(named[3]!)!;
    const width = Number(named[3]) as FloatWidth;
    const sign = named[1] === "-" ? 1n << BigInt(width - 1) : 0n;
    const bits = named[2]!.toLowerCase() === "nan" ? canonicalNan(width) : infinity(width);
    return { ty, bits: bits | sign };
  }
  const match = FLOAT.exec(text);
  if (match === null) return { error: `\`${text}\` is no number` };
  const width = Number(match[3]) as FloatWidth;
  const ty = FLOAT_TYPES.get(match[3]!)!;
  const bits = parseFloatText(width, `${match[1] === "-" ? "-" : ""}${match[2]}`);
  if (bits === undefined) return { error: `\`${text}\` is no number` };
  if ((bits & infinity(width)) === infinity(width)) return { error: `\`${text}\` is too large for \`${ty.text}\`` };
  return { ty, bits };
}

/** The exponent bits, all ones. */
function infinity(width: FloatWidth): bigint {
  const exponent = { 16: 5n, 32: 8n, 64: 11n, 128: 15n }[width];
  return ((1n << exponent) - 1n) << (BigInt(width) - 1n - exponent);
}

/** The bits of a scalar literal that is to be a `ty`; `undefined` when it is none. */
export function literalBits(kind: string, text: string, ty: Ty): bigint | undefined {
  const found = scalarLiteral(kind, text, ty);
  return found === undefined || "error" in found || found.ty !== ty ? undefined : found.bits;
}

/** The scalar that a literal is; `undefined` for strings. */
export function scalarLiteral(
  kind: string,
  text: string,
  expected: Ty | undefined,
): ScalarLiteral | LiteralError | undefined {
  switch (kind) {
    case "int":
      return intLiteral(text, expected);
    case "float":
      return floatLiteral(text);
    case "bool":
      return { ty: TY_BOOL, bits: text === "true" ? 1n : 0n };
    case "char": {
      const code = parseChar(text);
      return code === undefined ? { error: `\`${text}\` is no character` } : { ty: TY_CHAR, bits: BigInt(code) };
    }
    case "byte": {
      const code = parseChar(text.slice(1));
      return code === undefined || code > 255 ? { error: `\`${text}\` is no byte` } : { ty: TY_U8, bits: BigInt(code) };
    }
    default:
      return undefined;
  }
}

/** `i32::MIN` and `i32::MAX`. */
export function limitBits(ty: Ty, max: boolean): bigint | undefined {
  if (!isIntegral(ty)) return undefined;
  const width = BigInt(intBits(ty));
  if (ty.kind === "uint") return max ? (1n << width) - 1n : 0n;
  return max ? (1n << (width - 1n)) - 1n : 1n << (width - 1n);
}
