/**
 * Floats of all four formats. What IEEE 754 defines exactly goes through `codegen/apfloat`; transcendental functions, which it does not, take JavaScript's for `f32` and
 * `f64`: their last bits are nobody's to promise.
 */

import * as arithmetic from "../../apfloat/arithmetic.ts";
import { abs, copysign, isFiniteFloat, isNan } from "../../apfloat/bits.ts";
import { isZeroSignOpen, maximum, maxNum, minimum, minNum } from "../../apfloat/compare.ts";
import { toIntUnchecked } from "../../apfloat/convert.ts";
import type { FloatFormat } from "../../apfloat/format.ts";
import { fromNumber, toNumber } from "../../apfloat/number.ts";
import * as rounding from "../../apfloat/rounding.ts";
import { Unsupported } from "../ub.ts";
import type { Intrinsic, IntrinsicCall } from "./intrinsic.ts";
import { numericOf } from "./numeric.ts";
import { isFusionSeen, isOrderSeen, isPrecisionSeen } from "./open-floats.ts";

const WIDTHS = [16, 32, 64, 128] as const;

function formatOfParam(call: IntrinsicCall): FloatFormat {
  const { format } = numericOf(call.param(0).leaves[0]!.cls);
  if (format === undefined) throw new Unsupported(`${call.site.name} of ${call.param(0).ty.text}`);
  return format;
}

type Op = (format: FloatFormat, ...operands: bigint[]) => bigint;
/** Whether Rust leaves open which float the result is. */
type IsOpen = (format: FloatFormat, ...operands: bigint[]) => boolean;

const never: IsOpen = () => false;
const zeroSigns: IsOpen = (f, a, b) => isZeroSignOpen(f, a!, b!);

function run(count: number, op: Op, isOpen: IsOpen = never): Intrinsic["run"] {
  return (call) => {
    const format = formatOfParam(call);
    const operands = Array.from({ length: count }, (_, i) => call.bits(i));
    if (isOpen(format, ...operands)) call.leaveOpen();
    call.setBits(op(format, ...operands));
  };
}

/** One intrinsic per width: `sqrtf16` …; `generic` is the newer name that has the type as an argument. */
function perWidth(
  name: string,
  count: number,
  op: Op,
  { isOpen = never, generic }: { readonly isOpen?: IsOpen; readonly generic?: string } = {},
): Intrinsic[] {
  const params = ["x", "y", "z"].slice(0, count);
  const rows: Intrinsic[] = WIDTHS.map((width) => ({
    name: `${name}f${width}`,
    signature: `const fn ${name}f${width}(${params.map((p) => `${p}: f${width}`).join(", ")}) -> f${width}`,
    run: run(count, op, isOpen),
  }));
  if (generic !== undefined) {
    const list = params.map((p) => `${p}: T`).join(", ");
    rows.push({
      name: generic,
      signature: `const fn ${generic}<T: FloatPrimitive>(${list}) -> T`,
      run: run(count, op, isOpen),
    });
  }
  return rows;
}

function transcendental(name: string, op: (x: number) => number): Intrinsic[] {
  return perWidth(name, 1, (format, x) => fromNumber(format, op(hardwareNumber(name, format, x!))), {
    isOpen: (f, ...operands) => isPrecisionSeen(name, f, operands),
  });
}

function hardwareNumber(name: string, format: FloatFormat, bits: bigint): number {
  if (format.bits === 128) throw new Unsupported(`${name} of f128`);
  return toNumber(format, bits);
}

/** C's `pow`, which knows more cases than JavaScript's: one to the power of anything is one, and so is minus one to that of infinity. */
function pow(a: number, b: number): number {
  return a === 1 || (a === -1 && Math.abs(b) === Number.POSITIVE_INFINITY) ? 1 : a ** b;
}

const powi: Intrinsic[] = WIDTHS.map((width) => ({
  name: `powif${width}`,
  signature: `const fn powif${width}(a: f${width}, x: i32) -> f${width}`,
  run: (call) => {
    // The order of the multiplications is open.
    if (Math.abs(call.number(1)) > 2) call.leaveOpen();
    call.setBits(arithmetic.powi(formatOfParam(call), call.bits(0), call.number(1)));
  },
}));

const OPS: Readonly<Record<string, Op>> = {
  add: (f, a, b) => arithmetic.add(f, a!, b!),
  sub: (f, a, b) => arithmetic.sub(f, a!, b!),
  mul: (f, a, b) => arithmetic.mul(f, a!, b!),
  div: (f, a, b) => arithmetic.div(f, a!, b!),
  rem: (f, a, b) => arithmetic.rem(f, a!, b!),
};

/** `f*_algebraic` may be reordered, `f*_fast` also assume that all is finite. */
const loose: Intrinsic[] = Object.entries(OPS).flatMap(([name, op]) => [
  {
    name: `f${name}_algebraic`,
    signature: `const fn f${name}_algebraic<T: FloatPrimitive>(a: T, b: T) -> T`,
    run: run(2, op, (f, ...operands) => isOrderSeen(f, name === "div", operands, op(f, ...operands))),
  },
  {
    name: `f${name}_fast`,
    signature: `unsafe fn f${name}_fast<T: FloatPrimitive>(a: T, b: T) -> T`,
    run: (call) => {
      const format = formatOfParam(call);
      const [a, b] = [call.bits(0), call.bits(1)];
      const result = op(format, a, b);
      for (const bits of [a, b, result]) {
        if (!isFiniteFloat(format, bits))
          throw call.ub("intrinsicPrecondition", `\`f${name}_fast\` with a value that is not finite`);
      }
      if (isOrderSeen(format, name === "div", [a, b], result)) call.leaveOpen();
      call.setBits(result);
    },
  },
]);

export const FLOAT_INTRINSICS: readonly Intrinsic[] = [
  ...perWidth("sqrt", 1, (f, a) => arithmetic.sqrt(f, a!)),
  ...perWidth("fma", 3, (f, a, b, c) => arithmetic.fma(f, a!, b!, c!)),
  // May be one operation or two; here it is one.
  ...perWidth("fmuladd", 3, (f, a, b, c) => arithmetic.fma(f, a!, b!, c!), {
    isOpen: (f, a, b, c) => isFusionSeen(f, a!, b!, c!),
  }),
  ...perWidth("floor", 1, rounding.floor),
  ...perWidth("ceil", 1, rounding.ceil),
  ...perWidth("trunc", 1, rounding.trunc),
  ...perWidth("round", 1, rounding.round),
  ...perWidth("round_ties_even_", 1, rounding.roundTiesEven),
  ...perWidth("rint", 1, rounding.roundTiesEven),
  ...perWidth("nearbyint", 1, rounding.roundTiesEven),
  ...perWidth("roundeven", 1, rounding.roundTiesEven),
  ...perWidth("fabs", 1, abs, { generic: "fabs" }),
  // The sign of a NaN is open.
  ...perWidth("copysign", 2, (f, a, b) => copysign(f, a!, b!), { isOpen: (f, _, b) => isNan(f, b!) }),
  ...perWidth("minnum", 2, (f, a, b) => minNum(f, a!, b!), { isOpen: zeroSigns }),
  ...perWidth("maxnum", 2, (f, a, b) => maxNum(f, a!, b!), { isOpen: zeroSigns }),
  ...perWidth("minimum_number_nsz_", 2, (f, a, b) => minNum(f, a!, b!), { isOpen: zeroSigns }),
  ...perWidth("maximum_number_nsz_", 2, (f, a, b) => maxNum(f, a!, b!), { isOpen: zeroSigns }),
  ...perWidth("minimum", 2, (f, a, b) => minimum(f, a!, b!)),
  ...perWidth("maximum", 2, (f, a, b) => maximum(f, a!, b!)),
  ...powi,
  ...loose,
  ...transcendental("sin", Math.sin),
  ...transcendental("cos", Math.cos),
  ...transcendental("exp", Math.exp),
  ...transcendental("exp2", (x) => 2 ** x),
  ...transcendental("log", Math.log),
  ...transcendental("log2", Math.log2),
  ...transcendental("log10", Math.log10),
  ...perWidth("pow", 2, (f, a, b) => fromNumber(f, pow(hardwareNumber("pow", f, a!), hardwareNumber("pow", f, b!))), {
    isOpen: (f, ...operands) => isPrecisionSeen("pow", f, operands),
  }),
  {
    name: "float_to_int_unchecked",
    signature: "unsafe fn float_to_int_unchecked<Float: FloatPrimitive, Int: Copy>(value: Float) -> Int",
    run: (call) => {
      const { width, signed } = numericOf(call.site.ret.leaves[0]!.cls);
      const value = toIntUnchecked(formatOfParam(call), call.bits(0), width, signed);
      if (value === undefined)
        throw call.ub(
          "intrinsicPrecondition",
          `\`float_to_int_unchecked\` of a value that \`${call.site.ret.ty.text}\` does not hold`,
        );
      call.setBits(value);
    },
  },
];
