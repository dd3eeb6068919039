/** Vectors, lane by lane: arithmetic, comparisons to masks, conversions, reductions (core/src/intrinsics/simd). */

import * as arithmetic from "../../apfloat/arithmetic.ts";
import { abs, neg } from "../../apfloat/bits.ts";
import { compare, isZeroSignOpen, maxNum, minNum } from "../../apfloat/compare.ts";
import { convert, fromInt, toIntSaturating, toIntUnchecked } from "../../apfloat/convert.ts";
import type { FloatFormat } from "../../apfloat/format.ts";
import { fromNumber, toNumber } from "../../apfloat/number.ts";
import * as rounding from "../../apfloat/rounding.ts";
import { Unsupported } from "../ub.ts";
import type { Intrinsic } from "./intrinsic.ts";
import { argument, lanesOf, mask, sameLength, setLanes } from "./lanes.ts";
import {
  carrylessMul,
  funnelLeft,
  funnelRight,
  leadingZeros,
  type Numeric,
  popCount,
  reverseBits,
  saturate,
  smallest,
  swapBytes,
  trailingZeros,
  valueOfBits,
} from "./numeric.ts";
import { isFusionSeen, isOrderSeen, isPrecisionSeen } from "./open-floats.ts";

// ---- Lane by lane

type IntLane = (n: Numeric, ...operands: bigint[]) => bigint;
type FloatLane = (f: FloatFormat, ...operands: bigint[]) => bigint;

/** An operation on each lane. Integers come as numbers (signed if they are), floats as bits. */
function lanewise(
  name: string,
  count: number,
  int: IntLane | undefined,
  float?: FloatLane,
  isOpen: (format: FloatFormat, ...operands: bigint[]) => boolean = () => false,
): Intrinsic {
  const params = ["x", "y", "z"].slice(0, count).map((p) => `${p}: T`);
  return {
    name: `simd_${name}`,
    signature: `const unsafe fn simd_${name}<T>(${params.join(", ")}) -> T`,
    run: (call) => {
      const { numeric } = lanesOf(call, call.param(0));
      const operands = Array.from({ length: count }, (_, i) => argument(call, i));
      const { format } = numeric;
      const lane = (i: number): bigint => {
        if (format !== undefined) {
          if (float === undefined) throw new Unsupported(`simd_${name} of floats`);
          const lane = operands.map((o) => o[i]!);
          if (isOpen(format, ...lane)) call.leaveOpen();
          return float(format, ...lane);
        }
        if (int === undefined) throw new Unsupported(`simd_${name} of integers`);
        return int(numeric, ...operands.map((o) => valueOfBits(numeric, o[i]!)));
      };
      try {
        setLanes(
          call,
          operands[0]!.map((_, i) => lane(i)),
        );
      } catch (error) {
        if (error instanceof LaneUb) throw call.ub(error.kind, `\`simd_${name}\`: ${error.message}`);
        throw error;
      }
    },
  };
}

/** Undefined behaviour in one lane; the call knows where it is. */
class LaneUb extends Error {
  readonly kind: "divisionByZero" | "divisionOverflow" | "shiftOverflow";

  constructor(kind: LaneUb["kind"], message: string) {
    super(message);
    this.kind = kind;
  }
}

function checkedDivision(op: (a: bigint, b: bigint) => bigint): IntLane {
  return (n, a, b) => {
    if (b === 0n) throw new LaneUb("divisionByZero", "a lane is divided by zero");
    if (b === -1n && a === smallest(n)) throw new LaneUb("divisionOverflow", "a lane overflows");
    return op(a!, b!);
  };
}

function checkedShift(op: (a: bigint, b: bigint) => bigint): IntLane {
  return (n, a, b) => {
    if (b! < 0n || b! >= BigInt(n.width)) throw new LaneUb("shiftOverflow", `a lane is shifted by ${b}`);
    return op(a!, b!);
  };
}

function checkedFunnel(op: typeof funnelLeft): IntLane {
  return (n, a, b, shift) => {
    if (shift! < 0n || shift! >= BigInt(n.width)) throw new LaneUb("shiftOverflow", `a lane is shifted by ${shift}`);
    return op(n, BigInt.asUintN(n.width, a!), BigInt.asUintN(n.width, b!), shift!);
  };
}

/** An operation on the bits of one integer. */
function onBits(op: (n: Numeric, bits: bigint) => bigint | number): IntLane {
  return (n, a) => BigInt(op(n, BigInt.asUintN(n.width, a!)));
}

function viaNumber(op: (x: number) => number): FloatLane {
  return (f, a) => {
    if (f.bits === 128) throw new Unsupported("a transcendental function of f128");
    return fromNumber(f, op(toNumber(f, a!)));
  };
}

const precision =
  (name: string) =>
  (f: FloatFormat, ...operands: bigint[]): boolean =>
    isPrecisionSeen(name, f, operands);
const zeroSigns = (f: FloatFormat, a?: bigint, b?: bigint): boolean => isZeroSignOpen(f, a!, b!);

const LANEWISE: readonly Intrinsic[] = [
  lanewise(
    "add",
    2,
    (_, a, b) => a! + b!,
    (f, a, b) => arithmetic.add(f, a!, b!),
  ),
  lanewise(
    "sub",
    2,
    (_, a, b) => a! - b!,
    (f, a, b) => arithmetic.sub(f, a!, b!),
  ),
  lanewise(
    "mul",
    2,
    (_, a, b) => a! * b!,
    (f, a, b) => arithmetic.mul(f, a!, b!),
  ),
  lanewise(
    "div",
    2,
    checkedDivision((a, b) => a / b),
    (f, a, b) => arithmetic.div(f, a!, b!),
  ),
  lanewise(
    "rem",
    2,
    checkedDivision((a, b) => a % b),
    (f, a, b) => arithmetic.rem(f, a!, b!),
  ),
  lanewise(
    "shl",
    2,
    checkedShift((a, b) => a << b),
  ),
  lanewise(
    "shr",
    2,
    checkedShift((a, b) => a >> b),
  ),
  lanewise("funnel_shl", 3, checkedFunnel(funnelLeft)),
  lanewise("funnel_shr", 3, checkedFunnel(funnelRight)),
  lanewise("carryless_mul", 2, (n, a, b) => carrylessMul(n, BigInt.asUintN(n.width, a!), BigInt.asUintN(n.width, b!))),
  lanewise("and", 2, (_, a, b) => a! & b!),
  lanewise("or", 2, (_, a, b) => a! | b!),
  lanewise("xor", 2, (_, a, b) => a! ^ b!),
  lanewise(
    "neg",
    1,
    (_, a) => -a!,
    (f, a) => neg(f, a!),
  ),
  lanewise("saturating_add", 2, (n, a, b) => saturate(n, a! + b!)),
  lanewise("saturating_sub", 2, (n, a, b) => saturate(n, a! - b!)),
  lanewise("bswap", 1, onBits(swapBytes)),
  lanewise("bitreverse", 1, onBits(reverseBits)),
  lanewise("ctlz", 1, onBits(leadingZeros)),
  lanewise("cttz", 1, onBits(trailingZeros)),
  lanewise(
    "ctpop",
    1,
    onBits((_, bits) => popCount(bits)),
  ),
  lanewise("fabs", 1, undefined, (f, a) => abs(f, a!)),
  lanewise("ceil", 1, undefined, (f, a) => rounding.ceil(f, a!)),
  lanewise("floor", 1, undefined, (f, a) => rounding.floor(f, a!)),
  lanewise("round", 1, undefined, (f, a) => rounding.round(f, a!)),
  lanewise("round_ties_even", 1, undefined, (f, a) => rounding.roundTiesEven(f, a!)),
  lanewise("trunc", 1, undefined, (f, a) => rounding.trunc(f, a!)),
  lanewise("fsqrt", 1, undefined, (f, a) => arithmetic.sqrt(f, a!)),
  lanewise("fma", 3, undefined, (f, a, b, c) => arithmetic.fma(f, a!, b!, c!)),
  lanewise(
    "relaxed_fma",
    3,
    undefined,
    (f, a, b, c) => arithmetic.fma(f, a!, b!, c!),
    (f, a, b, c) => isFusionSeen(f, a!, b!, c!),
  ),
  lanewise("fmin", 2, undefined, (f, a, b) => minNum(f, a!, b!), zeroSigns),
  lanewise("fmax", 2, undefined, (f, a, b) => maxNum(f, a!, b!), zeroSigns),
  lanewise("minimum_number_nsz", 2, undefined, (f, a, b) => minNum(f, a!, b!), zeroSigns),
  lanewise("maximum_number_nsz", 2, undefined, (f, a, b) => maxNum(f, a!, b!), zeroSigns),
  lanewise("fsin", 1, undefined, viaNumber(Math.sin), precision("sin")),
  lanewise("fcos", 1, undefined, viaNumber(Math.cos), precision("cos")),
  lanewise("fexp", 1, undefined, viaNumber(Math.exp), precision("exp")),
  lanewise(
    "fexp2",
    1,
    undefined,
    viaNumber((x) => 2 ** x),
    precision("exp2"),
  ),
  lanewise("flog", 1, undefined, viaNumber(Math.log), precision("log")),
  lanewise("flog2", 1, undefined, viaNumber(Math.log2), precision("log2")),
  lanewise("flog10", 1, undefined, viaNumber(Math.log10), precision("log10")),
];

// ---- Comparisons

/** `test` is told -1, 0 or 1, or `undefined` when a lane is NaN. */
function comparison(name: string, test: (order: number | undefined) => boolean): Intrinsic {
  return {
    name: `simd_${name}`,
    signature: `const unsafe fn simd_${name}<T, U>(x: T, y: T) -> U`,
    run: (call) => {
      const { numeric } = lanesOf(call, call.param(0));
      const [a, b] = [argument(call, 0), argument(call, 1)];
      const order = (x: bigint, y: bigint): number | undefined => {
        if (numeric.format !== undefined) return compare(numeric.format, x, y);
        const [p, q] = [valueOfBits(numeric, x), valueOfBits(numeric, y)];
        return p < q ? -1 : p > q ? 1 : 0;
      };
      setLanes(
        call,
        a.map((x, i) => (test(order(x, b[i]!)) ? -1n : 0n)),
      );
    },
  };
}

const COMPARISONS: readonly Intrinsic[] = [
  comparison("eq", (order) => order === 0),
  comparison("ne", (order) => order !== 0),
  comparison("lt", (order) => order === -1),
  comparison("le", (order) => order === -1 || order === 0),
  comparison("gt", (order) => order === 1),
  comparison("ge", (order) => order === 1 || order === 0),
];

// ---- Conversions

function castLane(from: Numeric, to: Numeric, bits: bigint, saturating: boolean): bigint | undefined {
  if (from.format !== undefined) {
    if (to.format !== undefined) return convert(from.format, to.format, bits);
    return saturating
      ? toIntSaturating(from.format, bits, to.width, to.signed)
      : toIntUnchecked(from.format, bits, to.width, to.signed);
  }
  const value = valueOfBits(from, bits);
  return to.format === undefined ? value : fromInt(to.format, value);
}

function laneCast(name: string, saturating: boolean): Intrinsic {
  return {
    name: `simd_${name}`,
    signature: `const unsafe fn simd_${name}<T, U>(x: T) -> U`,
    run: (call) => {
      const from = lanesOf(call, call.param(0));
      const to = lanesOf(call, call.site.ret);
      sameLength(call, from.count, to.count);
      const lanes = argument(call, 0).map((bits) => {
        const cast = castLane(from.numeric, to.numeric, bits, saturating);
        if (cast === undefined) throw call.ub("intrinsicPrecondition", `\`simd_${name}\` of a lane that does not fit`);
        return cast;
      });
      setLanes(call, lanes);
    },
  };
}

// ---- Reductions

function reduction(
  name: string,
  int: ((n: Numeric, a: bigint, b: bigint) => bigint) | undefined,
  float: ((f: FloatFormat, a: bigint, b: bigint) => bigint) | undefined,
  start: "first" | "argument" = "first",
  isOpen: (format: FloatFormat, lanes: readonly bigint[]) => boolean = () => false,
): Intrinsic {
  return {
    name: `simd_reduce_${name}`,
    signature: `const unsafe fn simd_reduce_${name}<T, U>(x: T${start === "argument" ? ", y: U" : ""}) -> U`,
    run: (call) => {
      const { numeric } = lanesOf(call, call.param(0));
      const { format } = numeric;
      const lanes = argument(call, 0);
      const all = start === "argument" ? [call.bits(1), ...lanes] : lanes;
      if (format !== undefined) {
        if (float === undefined) throw new Unsupported(`simd_reduce_${name} of floats`);
        if (isOpen(format, all)) call.leaveOpen();
        call.setBits(all.reduce((a, b) => float(format, a, b)));
        return;
      }
      if (int === undefined) throw new Unsupported(`simd_reduce_${name} of integers`);
      const values = all.map((bits) => valueOfBits(numeric, bits));
      call.setBits(values.reduce((a, b) => int(numeric, a, b)));
    },
  };
}

const min = (_: Numeric, a: bigint, b: bigint): bigint => (a < b ? a : b);
const max = (_: Numeric, a: bigint, b: bigint): bigint => (a > b ? a : b);

function haveBothZeros(format: FloatFormat, lanes: readonly bigint[]): boolean {
  return lanes.some((a) => lanes.some((b) => isZeroSignOpen(format, a, b)));
}

/** Whether the order of an unordered reduction may show. */
function isReductionSeen(
  format: FloatFormat,
  lanes: readonly bigint[],
  op: (f: FloatFormat, a: bigint, b: bigint) => bigint,
): boolean {
  const result = lanes.reduce((a, b) => op(format, a, b));
  return lanes.length > 2 && isOrderSeen(format, false, lanes, result);
}

const REDUCTIONS: readonly Intrinsic[] = [
  reduction("add_ordered", (_, a, b) => a + b, arithmetic.add, "argument"),
  reduction("mul_ordered", (_, a, b) => a * b, arithmetic.mul, "argument"),
  reduction(
    "add_unordered",
    (_, a, b) => a + b,
    arithmetic.add,
    "first",
    (f, lanes) => isReductionSeen(f, lanes, arithmetic.add),
  ),
  reduction(
    "mul_unordered",
    (_, a, b) => a * b,
    arithmetic.mul,
    "first",
    (f, lanes) => isReductionSeen(f, lanes, arithmetic.mul),
  ),
  reduction("and", (_, a, b) => a & b, undefined),
  reduction("or", (_, a, b) => a | b, undefined),
  reduction("xor", (_, a, b) => a ^ b, undefined),
  reduction("min", min, minNum, "first", haveBothZeros),
  reduction("max", max, maxNum, "first", haveBothZeros),
  {
    name: "simd_reduce_all",
    signature: "const unsafe fn simd_reduce_all<T>(x: T) -> bool",
    run: (call) => call.setBool(mask(call, 0).every((bit) => bit)),
  },
  {
    name: "simd_reduce_any",
    signature: "const unsafe fn simd_reduce_any<T>(x: T) -> bool",
    run: (call) => call.setBool(mask(call, 0).some((bit) => bit)),
  },
];

export const SIMD: readonly Intrinsic[] = [
  ...LANEWISE,
  ...COMPARISONS,
  laneCast("as", true),
  laneCast("cast", false),
  ...REDUCTIONS,
];
