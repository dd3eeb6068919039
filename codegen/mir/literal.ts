/**
 * The text of scalar constants, as rustc prints them (`pretty_print_const_scalar_int` in rustc_middle/src/ty/print/pretty.rs), both ways.
 *
 * Integers are decimal with their type, except the greatest and the most negative, which are `i32::MIN`, `u64::MAX` …. Floats follow
 * LLVM's `APFloat::toString`, which rustc uses: as many digits as tell the value from all others, at most three zeros of padding, else
 * scientific with `E`; its rounding is half up, on digits that may already have been cut off. Characters are as `{:?}` writes them.
 */

import { bug } from "../entity/entity.ts";
import { type FloatWidth, isIntegral, type Ty, type TyOf } from "./ty.ts";

const I64 = new BigInt64Array(1);
const U64 = new BigUint64Array(I64.buffer);
const F64 = new Float64Array(I64.buffer);
const F32 = new Float32Array(1);
const U32 = new Uint32Array(F32.buffer);

/** The width in bits of an integer type; `usize` and `isize` have 64. */
export function intBits(ty: TyOf<"int"> | TyOf<"uint">): number {
  return ty.width === "size" ? 64 : ty.width;
}

/** `bits` of an integer type as rustc writes it: `5_i32`, `i32::MIN`. */
export function printInt(ty: TyOf<"int"> | TyOf<"uint">, bits: bigint): string {
  const width = intBits(ty);
  // Most constants are small: they need no wide arithmetic.
  if (bits < 0x70n) return `${bits}_${ty.text}`;
  if (ty.kind === "uint") return bits === BigInt.asUintN(width, -1n) ? `${ty.text}::MAX` : `${bits}_${ty.text}`;
  const min = 1n << BigInt(width - 1);
  if (bits === min) return `${ty.text}::MIN`;
  if (bits === min - 1n) return `${ty.text}::MAX`;
  return `${BigInt.asIntN(width, bits)}_${ty.text}`;
}

/** The bits of `value` in type `ty`; `undefined` when it does not fit. */
export function intFromValue(ty: TyOf<"int"> | TyOf<"uint">, value: bigint): bigint | undefined {
  const width = intBits(ty);
  const bits = BigInt.asUintN(width, value);
  const back = ty.kind === "int" ? BigInt.asIntN(width, bits) : bits;
  return back === value ? bits : undefined;
}

/** The bits of `f32::from(value)`. */
export function f32Bits(value: number): bigint {
  F32[0] = value;
  return BigInt(U32[0]!);
}

/** The bits of a double. */
export function f64Bits(value: number): bigint {
  F64[0] = value;
  return U64[0]!;
}

/** The value of IEEE bits of the given width. */
export function floatValue(width: FloatWidth, bits: bigint): number {
  if (width === 32) {
    U32[0] = Number(bits);
    return F32[0]!;
  }
  U64[0] = bits;
  return F64[0]!;
}

/** The quiet NaN that `NaN_f32` and `NaN_f64` stand for; others are written as `{transmute(0x…): f32}`. */
export function canonicalNan(width: FloatWidth): bigint {
  return width === 32 ? 0x7fc00000n : 0x7ff8000000000000n;
}

/** `bits` of a float type as rustc writes it: `1.5f32`, `-0f64`, `+Inf_f32`; `undefined` for a NaN that is not the canonical one. */
export function printFloat(width: FloatWidth, bits: bigint): string | undefined {
  const value = floatValue(width, bits);
  if (Number.isNaN(value)) return bits === canonicalNan(width) ? `NaN_f${width}` : undefined;
  if (value === Number.POSITIVE_INFINITY) return `+Inf_f${width}`;
  if (value === Number.NEGATIVE_INFINITY) return `-Inf_f${width}`;
  const negative = bits >> BigInt(width - 1) !== 0n;
  return `${negative ? "-" : ""}${magnitude(width, bits)}f${width}`;
}

/** The decimal digits of a value and the power of ten of the last of them. */
interface Decimal {
  digits: string;
  exponent: number;
}

const MAX_PADDING = 3;

function magnitude(width: FloatWidth, bits: bigint): string {
  const value = Math.abs(floatValue(width, bits));
  if (value === 0) return "0";
  const precision = width === 32 ? 9 : 17;
  if (value < 1e6 && Number.isInteger(value)) {
    const text = String(value);
    const zeros = text.length - text.replace(/0+$/, "").length;
    if (zeros <= MAX_PADDING) return text;
  }
  const { digits, exponent } = shorten(exactDecimal(width, bits, precision), precision);
  return layOut(digits, exponent, precision);
}

/** `value` in decimal, exactly except for digits far beyond `precision`, which are cut off. */
function exactDecimal(width: FloatWidth, bits: bigint, precision: number): Decimal {
  const mantissaBits = width === 32 ? 23 : 52;
  const bias = width === 32 ? 127 : 1023;
  const biased = Number((bits >> BigInt(mantissaBits)) & (width === 32 ? 0xffn : 0x7ffn));
  let significand = bits & ((1n << BigInt(mantissaBits)) - 1n);
  if (biased !== 0) significand |= 1n << BigInt(mantissaBits);
  let exponent = Math.max(biased, 1) - bias - mantissaBits;
  while ((significand & 1n) === 0n) {
    significand >>= 1n;
    exponent++;
  }
  if (exponent > 0) {
    significand <<= BigInt(exponent);
    exponent = 0;
  } else {
    // n / 2^e is (n * 5^e) / 10^e.
    significand *= 5n ** BigInt(-exponent);
  }
  // 196/59 is log2(10), a little over.
  const active = significand.toString(2).length;
  const needed = Math.floor((precision * 196 + 58) / 59);
  const removable = active > needed ? Math.floor(((active - needed) * 59) / 196) : 0;
  if (removable > 0) significand /= 10n ** BigInt(removable);
  return { digits: significand.toString(), exponent: exponent + removable };
}

/** Rounds to `precision` digits, half up, and drops zeros at the end. */
function shorten({ digits, exponent }: Decimal, precision: number): Decimal {
  if (digits.length > precision) {
    const dropped = digits.length - precision;
    const up = digits.charCodeAt(precision) >= 53;
    let kept = BigInt(digits.slice(0, precision));
    if (up) kept += 1n;
    digits = kept.toString();
    exponent += dropped;
  }
  const trimmed = digits.replace(/0+$/, "");
  return { digits: trimmed, exponent: exponent + digits.length - trimmed.length };
}

function layOut(digits: string, exponent: number, precision: number): string {
  const count = digits.length;
  const top = exponent + count - 1;
  const scientific =
    exponent >= 0 ? exponent > MAX_PADDING || count + exponent > precision : top < 0 && -top > MAX_PADDING;
  if (scientific) {
    const fraction = count === 1 ? "0" : digits.slice(1);
    return `${digits[0]}.${fraction}E${top < 0 ? "-" : "+"}${Math.abs(top)}`;
  }
  if (exponent >= 0) return digits + "0".repeat(exponent);
  if (top >= 0) return `${digits.slice(0, top + 1)}.${digits.slice(top + 1)}`;
  return `0.${"0".repeat(-top - 1)}${digits}`;
}

/** The bits of the float nearest to decimal text such as `1.5` or `9.9E-6`. */
export function parseFloatText(width: FloatWidth, text: string): bigint {
  const value = Number(text.replaceAll("_", ""));
  if (Number.isNaN(value)) throw bug(`${text} is no number`);
  if (width === 64) return f64Bits(value);
  return f32Bits(nearestF32(text.replaceAll("_", ""), value));
}

/** Rounds decimal `text` to a float once: rounding `value`, the nearest double, again can go wrong when that is a tie. */
function nearestF32(text: string, value: number): number {
  const near = Math.fround(value);
  if (near === value || !Number.isFinite(near)) return near;
  const other = nextF32(near, value > near);
  if (!Number.isFinite(other) || (near + other) / 2 !== value) return near;
  const comparison = compareDecimal(text, value);
  if (comparison === 0) return near;
  return comparison > 0 ? Math.max(near, other) : Math.min(near, other);
}

function nextF32(value: number, up: boolean): number {
  F32[0] = value;
  const awayFromZero = value === 0 ? true : up === value > 0;
  if (value === 0) U32[0] = up ? 1 : 0x80000001;
  else U32[0] = U32[0]! + (awayFromZero ? 1 : -1);
  return F32[0]!;
}

/** The sign of `text - value`, exactly. */
function compareDecimal(text: string, value: number): number {
  const match = /^(-?)(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d+))?$/.exec(text);
  if (match === null) throw bug(`${text} is no decimal number`);
  const fraction = match[3] ?? "";
  const power = Number(match[4] ?? 0) - fraction.length;
  let left = BigInt(match[1]! + match[2]! + fraction);
  F64[0] = value;
  const biased = Number((U64[0]! >> 52n) & 0x7ffn);
  const mantissa = (U64[0]! & 0xfffffffffffffn) | (biased === 0 ? 0n : 1n << 52n);
  let right = value < 0 ? -mantissa : mantissa;
  const binary = Math.max(biased, 1) - 1075;
  if (power >= 0) left *= 10n ** BigInt(power);
  else right *= 10n ** BigInt(-power);
  if (binary >= 0) right <<= BigInt(binary);
  else left <<= BigInt(-binary);
  return left === right ? 0 : left > right ? 1 : -1;
}

const NAMED_ESCAPES: ReadonlyMap<number, string> = new Map([
  [0, "\\0"],
  [9, "\\t"],
  [10, "\\n"],
  [13, "\\r"],
  [39, "\\'"],
  [92, "\\\\"],
]);
/** What Rust's `is_printable` refuses, and marks that would join the quote before them. */
const ESCAPED = /[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Cn}\p{Zl}\p{Zp}\p{Zs}\p{Grapheme_Extend}]/u;

/** A code point as `{:?}` of a `char` writes it, with its quotes. */
export function printChar(codePoint: number): string {
  const named = NAMED_ESCAPES.get(codePoint);
  if (named !== undefined) return `'${named}'`;
  const text = String.fromCodePoint(codePoint);
  if (codePoint !== 32 && ESCAPED.test(text)) return `'\\u{${codePoint.toString(16)}}'`;
  return `'${text}'`;
}

const STR_DECODER = new TextDecoder("utf-8", { fatal: true });
const STR_ENCODER = new TextEncoder();

/** UTF-8 text as `{:?}` of a `str` writes it, with its quotes. Marks that join what is before them are escaped at the start only. */
export function printStr(bytes: Uint8Array): string {
  let out = '"';
  for (const char of STR_DECODER.decode(bytes)) {
    const code = char.codePointAt(0)!;
    if (code === 34) out += '\\"';
    else if (code === 39 || (code >= 32 && code < 127 && code !== 92)) out += char;
    else if (out.length > 1 && /\p{Grapheme_Extend}/u.test(char)) out += char;
    else out += printChar(code).slice(1, -1);
  }
  return `${out}"`;
}

/** Bytes as Rust writes a byte string, with its quotes (`escape_ascii`). */
export function printBytes(bytes: Uint8Array): string {
  let out = 'b"';
  for (const byte of bytes) {
    if (byte === 0) out += "\\x00";
    else if (byte === 34) out += '\\"';
    else if (NAMED_ESCAPES.has(byte)) out += NAMED_ESCAPES.get(byte);
    else out += byte >= 32 && byte < 127 ? String.fromCharCode(byte) : `\\x${byte.toString(16).padStart(2, "0")}`;
  }
  return `${out}"`;
}

/** The bytes of a string literal `"…"`, `b"…"` or `c"…"` with its quotes; `undefined` when it is none. */
export function parseStr(literal: string): Uint8Array | undefined {
  const isBytes = literal.startsWith("b");
  const start = literal.indexOf('"');
  if (start < 0 || literal.length < start + 2 || !literal.endsWith('"')) return undefined;
  const inside = literal.slice(start + 1, -1);
  if (!inside.includes("\\")) return STR_ENCODER.encode(inside);
  const out: number[] = [];
  let plain = 0;
  for (let i = inside.indexOf("\\"); i >= 0; i = inside.indexOf("\\", plain)) {
    for (const byte of STR_ENCODER.encode(inside.slice(plain, i))) out.push(byte);
    const sequence = STR_ESCAPE.exec(inside.slice(i, i + 12));
    if (sequence === null) return undefined;
    plain = i + sequence[0].length;
    if (sequence[1] !== undefined) plain = skipBlanks(inside, plain);
    else if (sequence[2] !== undefined && isBytes) out.push(Number.parseInt(sequence[2], 16));
    else {
      const code = parseChar(`'${sequence[0]}'`);
      if (code === undefined) return undefined;
      for (const byte of STR_ENCODER.encode(String.fromCodePoint(code))) out.push(byte);
    }
  }
  for (const byte of STR_ENCODER.encode(inside.slice(plain))) out.push(byte);
  return Uint8Array.from(out);
}

const STR_ESCAPE = /^\\(?:(\n)|x([\da-fA-F]{2})|u\{[\da-fA-F_]{1,9}\}|[0tnr'"\\])/;

function skipBlanks(text: string, from: number): number {
  let i = from;
  while (i < text.length && /\s/.test(text[i]!)) i++;
  return i;
}

const SIMPLE_ESCAPES: ReadonlyMap<string, number> = new Map([
  ["\\0", 0],
  ["\\t", 9],
  ["\\n", 10],
  ["\\r", 13],
  ["\\'", 39],
  ['\\"', 34],
  ["\\\\", 92],
]);

/** The code point of a character literal with its quotes; `undefined` when it is none. */
export function parseChar(literal: string): number | undefined {
  const inside = literal.slice(1, -1);
  if (!inside.startsWith("\\")) {
    const code = inside.codePointAt(0);
    return code !== undefined && isScalarValue(code) ? code : undefined;
  }
  const simple = SIMPLE_ESCAPES.get(inside);
  if (simple !== undefined) return simple;
  const match =
    /^\\u\{([0-9a-fA-F]{1,6})\}$/.exec(inside.replaceAll("_", "")) ?? /^\\x([0-7][0-9a-fA-F])$/.exec(inside);
  const code = match === null ? -1 : Number.parseInt(match[1]!, 16);
  return isScalarValue(code) ? code : undefined;
}

/** A valid `char`: a code point that is no surrogate. */
export function isScalarValue(code: number): boolean {
  return code >= 0 && code <= 0x10ffff && (code < 0xd800 || code > 0xdfff);
}

/** The width in bits of the scalars of `ty`, where a type alone tells it; pointers have 64. `undefined` for what is no scalar. */
export function scalarBits(ty: Ty): number | undefined {
  switch (ty.kind) {
    case "bool":
      return 8;
    case "char":
      return 32;
    case "int":
    case "uint":
      return intBits(ty);
    case "float":
      return ty.width;
    case "ref":
    case "ptr":
    case "fnptr":
      return 64;
    default:
      return undefined;
  }
}

/** The tag's width of an enum without fields; 0 when it has one variant and no `repr`; `undefined` for other types. */
export function fieldlessTagBits(ty: Ty): number | undefined {
  if (ty.kind !== "adt" || ty.def.adtKind !== "enum") return undefined;
  const { variants, repr } = ty.def;
  if (variants.length === 0 || variants.some((v) => v.fields.length > 0)) return undefined;
  if (repr.int !== undefined && isIntegral(repr.int)) return intBits(repr.int);
  if (repr.c) return 32;
  if (variants.length === 1) return 0;
  const signed = variants.some((v) => v.discriminant < 0n);
  const fits = (bits: number): boolean =>
    variants.every((v) => (signed ? BigInt.asIntN : BigInt.asUintN)(bits, v.discriminant) === v.discriminant);
  return [8, 16, 32, 64].find(fits) ?? 128;
}
