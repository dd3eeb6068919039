import { describe, expect, test } from "vitest";
import { F32, F64 } from "../../apfloat/format.ts";
import { fromNumber } from "../../apfloat/number.ts";
import { isFusionSeen, isOrderSeen, isPrecisionSeen } from "./open-floats.ts";

const f32 = (x: number): bigint => fromNumber(F32, x);
const f64 = (x: number): bigint => fromNumber(F64, x);

describe("floats that Rust leaves open", () => {
  test("an operation in any order is open unless all of its numbers are short", () => {
    expect(isOrderSeen(F64, false, [f64(12), f64(0.25)], f64(3))).toBe(false);
    expect(isOrderSeen(F64, false, [f64(0.1), f64(2)], f64(0.2))).toBe(true);
    expect(isOrderSeen(F32, false, [f32(2 ** 15), f32(1)], f32(2 ** 15))).toBe(true);
    expect(isOrderSeen(F64, false, [f64(Number.NaN), f64(1)], f64(Number.NaN))).toBe(true);
    expect(isOrderSeen(F64, false, [f64(Number.POSITIVE_INFINITY), f64(1)], f64(1))).toBe(true);
  });

  test("the sign of a zero is open", () => {
    expect(isOrderSeen(F64, false, [f64(5), f64(5)], f64(0))).toBe(true);
    expect(isOrderSeen(F64, false, [f64(-0), f64(5)], f64(5))).toBe(true);
  });

  test("a quotient may be a product with the reciprocal, which only powers of two have", () => {
    expect(isOrderSeen(F64, true, [f64(6), f64(4)], f64(1.5))).toBe(false);
    expect(isOrderSeen(F64, true, [f64(6), f64(3)], f64(2))).toBe(true);
  });

  test("functions of C libraries are exact at a few points", () => {
    expect(isPrecisionSeen("cos", F64, [f64(0)])).toBe(false);
    expect(isPrecisionSeen("cos", F64, [f64(1)])).toBe(true);
    expect(isPrecisionSeen("pow", F32, [f32(5), f32(1)])).toBe(false);
    expect(isPrecisionSeen("pow", F32, [f32(5), f32(2)])).toBe(true);
    expect(isPrecisionSeen("log2", F64, [f64(8)])).toBe(true);
  });

  test("fusion shows where the product is rounded", () => {
    expect(isFusionSeen(F64, f64(3), f64(4), f64(5))).toBe(false);
    expect(isFusionSeen(F64, f64(1 + 2 ** -30), f64(1 + 2 ** -30), f64(-1))).toBe(true);
  });
});
