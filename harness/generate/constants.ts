/**
 * Constants that optimisers and instruction selectors treat specially: around zero, limits, powers of two, byte masks, the edges of
 * immediate fields; for floats also signed zeros, subnormals, infinities, NaN and the edges of integer ranges.
 */

import {
  bug,
  type Operand,
  TY_BOOL,
  TY_CHAR,
  TY_F32,
  TY_F64,
  TY_I8,
  TY_I16,
  TY_I32,
  TY_I64,
  TY_I128,
  TY_ISIZE,
  TY_U8,
  TY_U16,
  TY_U32,
  TY_U64,
  TY_U128,
  TY_UNIT,
  TY_USIZE,
  type Ty,
} from "../../codegen/index.ts";
import type { Rng } from "./rng.ts";

/** Scalars by their dense index, the same in every program. */
export const SCALAR_TYPES: readonly Ty[] = [
  TY_BOOL,
  TY_CHAR,
  TY_I8,
  TY_I16,
  TY_I32,
  TY_I64,
  TY_I128,
  TY_ISIZE,
  TY_U8,
  TY_U16,
  TY_U32,
  TY_U64,
  TY_U128,
  TY_USIZE,
  TY_F32,
  TY_F64,
];

/** The width of a scalar in bits. `usize` counts as 64: every target of today is of 64 bits. */
export function scalarBits(ty: Ty): number {
  switch (ty.kind) {
    case "bool":
      return 1;
    case "char":
      return 32;
    case "int":
    case "uint":
      return ty.width === "size" ? 64 : ty.width;
    case "float":
      return ty.width;
    default:
      throw bug(`${ty.text} is no scalar`);
  }
}

/** The operand that is the constant with these bits. */
export function constBits(ty: Ty, bits: bigint): Operand {
  return { kind: "const", value: { kind: "scalar", ty, bits } };
}

const SMALL_LOW = -2;
const SMALL_HIGH = 130;
const small = new Map<Ty, Operand[]>();

/** The integer constant `value` (any sign, truncated to the type). Small ones are shared. */
export function constInt(ty: Ty, value: number): Operand {
  if (value < SMALL_LOW || value > SMALL_HIGH) return constBits(ty, BigInt.asUintN(scalarBits(ty), BigInt(value)));
  let row = small.get(ty);
  if (row === undefined) {
    row = [];
    for (let i = SMALL_LOW; i <= SMALL_HIGH; i++) row.push(constBits(ty, BigInt.asUintN(scalarBits(ty), BigInt(i))));
    small.set(ty, row);
  }
  return row[value - SMALL_LOW]!;
}

export const UNIT_OPERAND: Operand = { kind: "const", value: { kind: "zst", ty: TY_UNIT } };

function interestingInts(bits: number): bigint[] {
  const found = new Set<bigint>();
  const add = (value: bigint): void => {
    found.add(BigInt.asUintN(bits, value));
  };
  const width = BigInt(bits);
  for (const base of [0n, 1n << (width - 1n), 1n << width]) for (let d = -3n; d <= 3n; d++) add(base + d);
  for (let k = 2n; k < width; k += k < 8n ? 1n : k < 34n ? 4n : 15n) {
    const power = 1n << k;
    for (const value of [power, power - 1n, power + 1n, -power]) add(value);
  }
  for (const value of [
    10n,
    12n,
    13n,
    25n,
    60n,
    100n,
    127n,
    128n,
    255n,
    256n,
    641n,
    1000n,
    4095n,
    4096n,
    32767n,
    65535n,
    65536n,
  ]) {
    add(value);
    add(-value);
  }
  for (const byte of [0x55n, 0xaan, 0x0fn, 0xf0n, 0x01n, 0x80n, 0x7fn]) {
    let pattern = 0n;
    for (let i = 0n; i < width; i += 8n) pattern |= byte << i;
    add(pattern);
  }
  add((1n << (width / 2n)) - 1n);
  add(((1n << (width / 2n)) - 1n) << (width / 2n));
  return [...found];
}

const F64_VALUES: readonly number[] = [
  0,
  -0,
  1,
  -1,
  0.5,
  -0.5,
  2,
  3,
  -3,
  10,
  0.1,
  1 / 3,
  1.5,
  -1.75,
  127,
  128,
  255,
  256,
  32767,
  65535,
  65536,
  2147483647,
  2147483648,
  -2147483648,
  -2147483649,
  4294967295,
  4294967296,
  9007199254740991,
  9007199254740992,
  2 ** 63,
  -(2 ** 63),
  2 ** 64,
  1.7014118346046923e38,
  3.4028236692093846e38,
  1e-10,
  1e10,
  1e100,
  1.7976931348623157e308,
  2.2250738585072014e-308,
  5e-324,
  Math.PI,
  -Math.E,
  Infinity,
  -Infinity,
  NaN,
];

const scratch = new DataView(new ArrayBuffer(8));

function f64Bits(value: number): bigint {
  scratch.setFloat64(0, value);
  return scratch.getBigUint64(0);
}

function f32Bits(value: number): bigint {
  scratch.setFloat32(0, value);
  return BigInt(scratch.getUint32(0));
}

const CHARS: readonly bigint[] = [
  0n,
  9n,
  0x30n,
  0x41n,
  0x61n,
  0x7an,
  0x7fn,
  0x80n,
  0xffn,
  0x100n,
  0x7ffn,
  0x800n,
  0xd7ffn,
  0xe000n,
  0xfeffn,
  0xffffn,
  0x10000n,
  0x1f980n,
  0x10ffffn,
];

const interesting = new Map<Ty, readonly Operand[]>(
  SCALAR_TYPES.map((ty) => [ty, interestingBits(ty).map((bits) => constBits(ty, bits))]),
);

function interestingBits(ty: Ty): readonly bigint[] {
  if (ty.kind === "bool") return [0n, 1n];
  if (ty.kind === "char") return CHARS;
  if (ty === TY_F32)
    return [...new Set([...F64_VALUES.map(f32Bits), 1n, 0x7fffffn, 0x800000n, 0x7f7fffffn, 0x4b7fffffn])];
  if (ty === TY_F64) return F64_VALUES.map(f64Bits);
  return interestingInts(scalarBits(ty));
}

/** A constant of scalar type: mostly an interesting one, else a small or a uniformly random one. */
export function randomConst(rng: Rng, ty: Ty): Operand {
  const choice = rng.below(8);
  if (choice < 4 || ty.kind === "bool" || ty.kind === "char") return rng.pick(interesting.get(ty)!);
  if (ty.kind === "float") {
    const value = choice < 6 ? rng.between(-40, 200) / 8 : (rng.next() / 4294967296 - 0.5) * 10 ** rng.between(-3, 9);
    return constBits(ty, ty === TY_F32 ? f32Bits(value) : f64Bits(value));
  }
  if (choice < 7) return constInt(ty, rng.between(ty.kind === "int" ? -20 : 0, 100));
  const bits = scalarBits(ty);
  const wide = bits > 64 ? (rng.bits64() << 64n) | rng.bits64() : bits > 32 ? rng.bits64() : BigInt(rng.next());
  return constBits(ty, BigInt.asUintN(bits, wide));
}

/** A constant divisor: neither 0 nor (signed) -1, of a kind that division-by-constant code treats apart. */
export function randomDivisor(rng: Rng, ty: Ty): Operand {
  for (let tries = 0; tries < 8; tries++) {
    const made = randomConst(rng, ty);
    if (made.kind !== "const" || made.value.kind !== "scalar") break;
    const { bits } = made.value;
    if (bits !== 0n && !(ty.kind === "int" && bits === BigInt.asUintN(scalarBits(ty), -1n))) return made;
  }
  return constInt(ty, rng.pick([3, 5, 7, 10, 11, 12, 13, 25, 60, 100]));
}
