/**
 * The text of scalar constants, as rustc prints them (`pretty_print_const_scalar_int` in rustc_middle/src/ty/print/pretty.rs), both ways.
 *
 * Integers are decimal with their type, except the greatest and the most negative, which are `i32::MIN`, `u64::MAX` …. Floats are
 * `apfloat/`'s. Characters are as `{:?}` writes them.
 */

import { formatOf } from "../apfloat/format.ts";
import { parseFloatText as parseDecimal } from "../apfloat/parse.ts";
import { printConst } from "../apfloat/print.ts";
import { type AdtDef, type FloatWidth, isIntegral, type Ty, type TyOf, type VariantDef } from "./ty.ts";

const U64 = new BigUint64Array(1);
const F64 = new Float64Array(U64.buffer);
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

/** The value of an integer literal without sign and type: `0x_ff`, `0b101`, `1_000`; `undefined` for what is none, or has more than 128 bits. */
export function parseInteger(text: string): bigint | undefined {
  const digits = text.includes("_") ? text.replaceAll("_", "") : text;
  // The longest of 128 bits is binary; leading zeros of longer ones are not worth reading.
  if (digits.length > 140 || text.startsWith("_") || !INTEGER.test(digits)) return undefined;
  const value = BigInt(digits);
  return value >> 128n === 0n ? value : undefined;
}

const INTEGER = /^(?:0x[\da-fA-F]+|0o[0-7]+|0b[01]+|\d+)$/;

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

/** The quiet NaN that `NaN_f32` and `NaN_f64` stand for; others are written as `{transmute(0x…): f32}`. */
export function canonicalNan(width: FloatWidth): bigint {
  return formatOf(width).nan;
}

/** `bits` of a float type as rustc writes it: `1.5f32`, `-0f64`, `+Inf_f32`; `undefined` for a NaN that is not the canonical one. */
export function printFloat(width: FloatWidth, bits: bigint): string | undefined {
  return printConst(formatOf(width), bits);
}

/** The bits of the float nearest to decimal text such as `1.5` or `9.9E-6`; `undefined` for what is no number. */
export function parseFloatText(width: FloatWidth, text: string): bigint | undefined {
  return parseDecimal(formatOf(width), text.replaceAll("_", ""));
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

interface Tags {
  /** The definition is completed while it is being declared: what was remembered of the incomplete one is stale. */
  readonly variants: readonly VariantDef[];
  readonly width: number | undefined;
  readonly byBits: ReadonlyMap<bigint, VariantDef>;
}

const tags = new WeakMap<AdtDef, Tags>();

function tagsOf(def: AdtDef): Tags {
  let known = tags.get(def);
  if (known?.variants !== def.variants) {
    const width = tagWidth(def);
    const byBits = new Map<bigint, VariantDef>();
    if (width !== undefined) for (const v of def.variants) byBits.set(BigInt.asUintN(width, v.discriminant), v);
    known = { variants: def.variants, width, byBits };
    tags.set(def, known);
  }
  return known;
}

/** The tag's width of an enum without fields; 0 when it has one variant and no `repr`; `undefined` for other types. */
export function fieldlessTagBits(ty: Ty): number | undefined {
  return ty.kind === "adt" && ty.def.adtKind === "enum" ? tagsOf(ty.def).width : undefined;
}

/** The variant of an enum without fields whose tag is `bits`. */
export function variantOfTag(def: AdtDef, bits: bigint): VariantDef | undefined {
  return tagsOf(def).byBits.get(bits);
}

function tagWidth({ variants, repr }: AdtDef): number | undefined {
  if (variants.length === 0 || variants.some((v) => v.fields.length > 0)) return undefined;
  if (repr.int !== undefined && isIntegral(repr.int)) return intBits(repr.int);
  if (repr.c) return 32;
  if (variants.length === 1) return 0;
  const signed = variants.some((v) => v.discriminant < 0n);
  const fits = (bits: number): boolean =>
    variants.every((v) => (signed ? BigInt.asIntN : BigInt.asUintN)(bits, v.discriminant) === v.discriminant);
  return [8, 16, 32, 64].find(fits) ?? 128;
}
