/**
 * Every operation on every format against rustc: constant evaluation (rustc_apfloat) where it can, else a running program.
 */

import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { add, div, fma, mul, powi, rem, sqrt, sub } from "./arithmetic.ts";
import { abs, classify, copysign, isNan, neg, nextDown, nextUp } from "./bits.ts";
import { eq, isZeroSignOpen, le, lt, maximum, maxNum, minimum, minNum } from "./compare.ts";
import { convert, fromInt, toIntSaturating, toIntUnchecked } from "./convert.ts";
import { F16, F32, F64, F128, type FloatFormat, FORMATS } from "./format.ts";
import { fromNumber, toNumber } from "./number.ts";
import { ceil, floor, round, roundTiesEven, trunc } from "./rounding.ts";
import { printDebug, printDisplay, printExp } from "./shortest.ts";
import { softAdd, softDiv, softFma, softMul, softRem, softSqrt, softSub } from "./soft.ts";
import { edges, operand, Random, randomTriple, type Triple, triples } from "./testing/operands.ts";
import { RUSTC, runRust } from "./testing/rustc.ts";
import { exponentOf, roundPack, significandOf } from "./unpacked.ts";

type Operation = readonly [name: string, result: (format: FloatFormat, triple: Triple, n: bigint) => bigint];

const CATEGORIES = ["Nan", "Infinite", "Zero", "Subnormal", "Normal"];
const WIDTHS = [8, 16, 32, 64, 128];

function flags(format: FloatFormat, a: bigint, b: bigint): bigint {
  const category = BigInt(CATEGORIES.indexOf(classify(format, a)));
  return (
    BigInt(lt(format, a, b)) | (BigInt(le(format, a, b)) << 1n) | (BigInt(eq(format, a, b)) << 2n) | (category << 3n)
  );
}

/** In the order of `testing/arithmetic.rs`. */
const OPERATIONS: readonly Operation[] = [
  ["add", (f, [a, b]) => add(f, a, b)],
  ["sub", (f, [a, b]) => sub(f, a, b)],
  ["mul", (f, [a, b]) => mul(f, a, b)],
  ["div", (f, [a, b]) => div(f, a, b)],
  ["rem", (f, [a, b]) => rem(f, a, b)],
  ["fma", (f, [a, b, c]) => fma(f, a, b, c)],
  ["floor", (f, [a]) => floor(f, a)],
  ["ceil", (f, [a]) => ceil(f, a)],
  ["trunc", (f, [a]) => trunc(f, a)],
  ["round", (f, [a]) => round(f, a)],
  ["round_ties_even", (f, [a]) => roundTiesEven(f, a)],
  ["min", (f, [a, b]) => minNum(f, a, b)],
  ["max", (f, [a, b]) => maxNum(f, a, b)],
  ["minimum", (f, [a, b]) => minimum(f, a, b)],
  ["maximum", (f, [a, b]) => maximum(f, a, b)],
  ["copysign", (f, [a, b]) => copysign(f, a, b)],
  ["neg", (f, [a]) => neg(f, a)],
  ["abs", (f, [a]) => abs(f, a)],
  ["next_up", (f, [a]) => nextUp(f, a)],
  ["next_down", (f, [a]) => nextDown(f, a)],
  ["flags", (f, [a, b]) => flags(f, a, b)],
  ...FORMATS.map((to): Operation => [`as ${to.name}`, (f, [a]) => (f === to ? a : convert(f, to, a))]),
  ...WIDTHS.flatMap((width): Operation[] => [
    [`as i${width}`, (f, [a]) => BigInt.asUintN(width, toIntSaturating(f, a, width, true))],
    [`as u${width}`, (f, [a]) => toIntSaturating(f, a, width, false)],
  ]),
  ["from i8", (f, _, n) => fromInt(f, BigInt.asIntN(8, n))],
  ["from u16", (f, _, n) => fromInt(f, BigInt.asUintN(16, n))],
  ["from i32", (f, _, n) => fromInt(f, BigInt.asIntN(32, n))],
  ["from u32", (f, _, n) => fromInt(f, BigInt.asUintN(32, n))],
  ["from i64", (f, _, n) => fromInt(f, BigInt.asIntN(64, n))],
  ["from u64", (f, _, n) => fromInt(f, BigInt.asUintN(64, n))],
  ["from i128", (f, _, n) => fromInt(f, BigInt.asIntN(128, n))],
  ["from u128", (f, _, n) => fromInt(f, n)],
];

function rustArray(cases: readonly Triple[]): string {
  return `&[${cases.map((triple) => `[${triple.map((bits) => `0x${bits.toString(16)}`).join(",")}]`).join(",")}]`;
}

/** Differences as readable lines, few enough to read. */
function report(differences: string[]): string[] {
  return differences.slice(0, 10);
}

describe.skipIf(RUSTC === undefined)("against rustc", () => {
  it("gives bit for bit what rustc's constant evaluation gives, for every operation and format", {
    timeout: 120_000,
  }, () => {
    const random = new Random(0x1234_5678_9abc_def1n);
    const cases = FORMATS.map((format) => triples(format, random, 1200));
    let source = readFileSync(new URL("./testing/arithmetic.rs", import.meta.url), "utf8");
    FORMATS.forEach((format, i) => {
      source = source.replace(`CASES_${format.name.toUpperCase()}`, rustArray(cases[i]!));
    });
    const bytes = runRust(source, "");
    const words = new BigUint64Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length));
    const columns = OPERATIONS.length + 1;
    expect(words.length).toBe(cases.flat().length * columns * 2);
    const differences: string[] = [];
    let row = 0;
    FORMATS.forEach((format, i) => {
      for (const triple of cases[i]!) {
        const at = (column: number): bigint => {
          const word = 2 * (row * columns + column);
          return words[word]! | (words[word + 1]! << 64n);
        };
        const n = at(OPERATIONS.length);
        OPERATIONS.forEach(([name, operation], column) => {
          const [a, b] = triple;
          if ((name === "min" || name === "max") && isZeroSignOpen(format, a, b)) return;
          const ours = operation(format, triple, n);
          const theirs = at(column);
          if (ours === theirs) return;
          const operands = triple.map((bits) => bits.toString(16)).join(" ");
          differences.push(`${format.name} ${name} ${operands}: ${ours.toString(16)}, rustc ${theirs.toString(16)}`);
        });
        row++;
      }
    });
    expect(report(differences)).toEqual([]);
  });

  it("takes roots and powers and prints text as a running program does", { timeout: 120_000 }, () => {
    const random = new Random(0x9e37_79b9_7f4a_7c15n);
    // Ties between two shortest decimals.
    const ties = [
      "1.6582067800885622e15",
      "-1.0527302596033332e15",
      "6.629364712329372e14",
      "5e-324",
      "9007199254740993",
    ];
    const inputs = FORMATS.flatMap((format) =>
      [...edges(format), ...Array.from({ length: 1500 }, () => operand(format, random, format.one))].map((bits) => ({
        format,
        bits: isNan(format, bits) ? format.nan : bits,
        power: random.below(3) === 0 ? random.below(2 ** 32) - 2 ** 31 : random.below(80) - 40,
      })),
    );
    for (const text of ties) inputs.push({ format: F64, bits: doubleBits(text), power: -(2 ** 31) });
    const stdin = inputs.map(({ format, bits, power }) => `${format.bits} ${bits.toString(16)} ${power}`).join("\n");
    const source = readFileSync(new URL("./testing/runtime.rs", import.meta.url), "utf8");
    const lines = runRust(source, stdin).toString().trimEnd().split("\n");
    const canonical = (format: FloatFormat, text: string): string => {
      const bits = BigInt(`0x${text}`);
      return (isNan(format, bits) ? format.nan : bits).toString(16);
    };
    const differences = inputs.flatMap(({ format, bits, power }, i) => {
      const [root, raised, ...text] = lines[i]!.split(" ");
      const theirs = [canonical(format, root!), canonical(format, raised!), ...(format === F128 ? [] : text)].join(" ");
      const written = [printDebug(format, bits), printDisplay(format, bits), printExp(format, bits)];
      const numbers = [sqrt(format, bits).toString(16), powi(format, bits, power).toString(16)];
      const ours = [...numbers, ...(format === F128 ? [] : written)].join(" ");
      return ours === theirs ? [] : [`${format.name} ${bits.toString(16)} ^ ${power}: ${ours}, Rust ${theirs}`];
    });
    expect(report(differences)).toEqual([]);
  });
});

/** The bits of the double that JavaScript reads. */
function doubleBits(text: string): bigint {
  return new BigUint64Array(new Float64Array([Number(text)]).buffer)[0]!;
}

describe("fast paths", () => {
  const NARROW = [F16, F32, F64];

  it("give what exact integer arithmetic gives", { timeout: 60_000 }, () => {
    const differences: string[] = [];
    for (const format of NARROW) {
      const random = new Random(0xfeed_beef_0bad_cafen);
      const check = (name: string, operands: readonly bigint[], fast: bigint, exact: bigint): void => {
        if (fast !== exact) differences.push(`${format.name} ${name} ${operands.map((x) => x.toString(16)).join(" ")}`);
      };
      for (let i = 0; i < 30_000; i++) {
        const [a, b, c] = randomTriple(format, random);
        check("add", [a, b], add(format, a, b), softAdd(format, a, b));
        check("sub", [a, b], sub(format, a, b), softSub(format, a, b));
        check("mul", [a, b], mul(format, a, b), softMul(format, a, b));
        check("div", [a, b], div(format, a, b), softDiv(format, a, b));
        check("rem", [a, b], rem(format, a, b), softRem(format, a, b));
        check("sqrt", [a], sqrt(format, a), softSqrt(format, a));
        check("fma", [a, b, c], fma(format, a, b, c), softFma(format, a, b, c));
      }
    }
    expect(report(differences)).toEqual([]);
  });
});

describe("narrowing", () => {
  it("rounds a double once, at and beside every kind of tie", () => {
    const random = new Random(0x1357_9bdf_2468_ace0n);
    for (const format of [F16, F32]) {
      for (let i = 0; i < 20_000; i++) {
        const value = abs(format, operand(format, random, format.one));
        if (value >= format.max) continue;
        // Halfway to the next float, and a unit of the double around.
        const middle = (toNumber(format, value) + toNumber(format, value + 1n)) / 2;
        for (const bits of [-1n, 0n, 1n].map((step) => fromNumber(F64, middle) + step)) {
          const exact = roundPack(format, false, significandOf(F64, bits), exponentOf(F64, bits));
          expect(convert(F64, format, bits)).toBe(exact);
        }
      }
    }
  });
});

describe("toIntUnchecked", () => {
  it("has no result exactly where `as` saturates, or the value is no number", () => {
    const random = new Random(0xabcdef12345n);
    for (const format of FORMATS) {
      for (const bits of [
        ...edges(format),
        ...Array.from({ length: 2000 }, () => operand(format, random, format.one)),
      ]) {
        for (const width of WIDTHS) {
          for (const signed of [true, false]) {
            const saturated = toIntSaturating(format, bits, width, signed);
            const wide = toIntSaturating(format, bits, 20_000, true);
            const regular = !isNan(format, bits) && classify(format, bits) !== "Infinite";
            const expected = regular && wide === saturated ? saturated : undefined;
            expect(toIntUnchecked(format, bits, width, signed)).toBe(expected);
          }
        }
      }
    }
  });
});
