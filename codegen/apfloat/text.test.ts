/**
 * Text against rustc: the constants in its MIR, and the bits that it reads literals as.
 */

import { describe, expect, it } from "vitest";
import { isFiniteFloat, isNan, neg } from "./bits.ts";
import { F16, F32, F64, F128, type FloatFormat, FORMATS } from "./format.ts";
import { parseFloatText, parseLiteral } from "./parse.ts";
import { printConst } from "./print.ts";
import { printDebug, printDisplay, printExp, shortestDecimal } from "./shortest.ts";
import { edges, operand, Random } from "./testing/operands.ts";
import { RUSTC, runRust, rustcMir } from "./testing/rustc.ts";
import { exponentOf, significandOf } from "./unpacked.ts";

/** The exact decimal halfway between a magnitude and the next, `extra` digits appended. */
function midpoint(format: FloatFormat, bits: bigint, extra: string): string {
  const exponent = exponentOf(format, bits) - 1;
  const doubled = 2n * significandOf(format, bits) + 1n;
  if (exponent >= 0) return `${doubled << BigInt(exponent)}.0${extra}`;
  return `${doubled * 5n ** BigInt(-exponent)}${extra}e${exponent - extra.length}`;
}

function randomDecimal(format: FloatFormat, random: Random): string {
  let digits = "";
  for (let left = 1 + random.below(45); left > 0; left--) digits += random.below(10);
  const point = random.below(digits.length);
  const range = Math.floor(format.maxExponent * 0.31);
  const whole = point === 0 ? "0" : digits.slice(0, point);
  const decimal = `${whole}.${digits.slice(point)}`;
  return random.below(3) === 0 ? decimal : `${decimal}e${random.below(2 * range) - range - random.below(30)}`;
}

/** Literals of a format, without type: random decimals, what floats print as, and ties with their neighbours. */
function literals(format: FloatFormat, random: Random, count: number): string[] {
  const texts = [];
  const magnitudes = edges(format).filter((bits) => isFiniteFloat(format, bits) && bits < format.signMask);
  for (let i = 0; i < count; i++) {
    texts.push(randomDecimal(format, random));
    const bits = operand(format, random, format.one) & format.magnitudeMask;
    if (bits < format.max) magnitudes.push(bits);
  }
  magnitudes.forEach((bits, i) => {
    texts.push(printExp(format, bits), `-${printDebug(format, bits)}`);
    // The ends of f128's range take thousands of digits; a few are enough.
    if (Math.abs(exponentOf(format, bits)) > 1200 && i % 40 !== 0) return;
    texts.push(midpoint(format, bits, ""), midpoint(format, bits, "0001"));
  });
  return texts;
}

const random = new Random(0x0123_4567_89ab_cdefn);
const LITERALS = FORMATS.map((format) => ({ format, texts: literals(format, random, 250) }));

function differences(
  ours: readonly (string | undefined)[],
  theirs: readonly string[],
  sources: readonly string[],
): string[] {
  expect(ours.length).toBe(theirs.length);
  const lines = ours.flatMap((text, i) => (text === theirs[i] ? [] : [`${sources[i]}: ${text}, rustc ${theirs[i]}`]));
  return lines.slice(0, 10).map((line) => line.slice(0, 300));
}

describe.skipIf(RUSTC === undefined)("against rustc", () => {
  it("writes constants as rustc's MIR has them, digit for digit", { timeout: 60_000 }, () => {
    const functions = LITERALS.map(
      ({ format: { name }, texts }) =>
        `pub fn all_${name}() -> [${name}; ${texts.length}] { [${texts.map((text) => text + name).join(", ")}] }`,
    );
    const mir = rustcMir(`#![feature(f16, f128)]\n${functions.join("\n")}`);
    for (const { format, texts } of LITERALS) {
      const body = mir.slice(mir.indexOf(`fn all_${format.name}()`));
      const list = /_0 = \[(.*)\];/.exec(body)![1]!;
      const theirs = list.split(", ").map((constant) => constant.replace("const ", ""));
      const ours = texts.map((text) => printConst(format, parseFloatText(format, text)!));
      expect(differences(ours, theirs, texts)).toEqual([]);
    }
  });

  it("reads literals of any length as rustc does, bit for bit", { timeout: 60_000 }, () => {
    const sources = LITERALS.flatMap(({ format, texts }) => texts.map((text) => text + format.name));
    const array = `[${sources.map((text) => `${text.replace("-", "")}.to_bits() as u128`).join(", ")}]`;
    const source = `#![feature(f16, f128)]
      static BITS: [u128; ${sources.length}] = ${array};
      fn main() { for bits in &BITS { println!("{bits:x}"); } }`;
    const theirs = runRust(source, "").toString().trimEnd().split("\n");
    const ours = sources.map((text) => parseLiteral(text.replace("-", ""))!.bits.toString(16));
    expect(differences(ours, theirs, sources)).toEqual([]);
  });

  it("writes infinities and NaNs as rustc's MIR has them", { timeout: 60_000 }, () => {
    const names = ["INFINITY", "NEG_INFINITY", "NAN"] as const;
    const functions = FORMATS.flatMap(({ name }) =>
      names.map((constant) => `pub fn ${name}_${constant}() -> ${name} { const { ${name}::${constant} } }`),
    );
    const mir = rustcMir(`#![feature(f16, f128)]\n${functions.join("\n")}`, ["-Zmir-opt-level=4"]);
    for (const format of FORMATS) {
      const ours = [format.infinity, neg(format, format.infinity), format.nan].map((bits) => printConst(format, bits));
      const theirs = names.map((constant) => {
        const body = mir.slice(mir.indexOf(`fn ${format.name}_${constant}()`));
        return /_0 = const (.*);/.exec(body)![1]!;
      });
      expect(ours).toEqual(theirs);
    }
  });
});

describe("printing and parsing", () => {
  it("give back every float that was written, in each style", () => {
    const values = new Random(0x5555_1234_aaaa_9999n);
    for (const format of FORMATS) {
      const count = format === F128 ? 300 : 1500;
      const all = [...edges(format), ...Array.from({ length: count }, () => operand(format, values, format.one))];
      for (const bits of all.filter((x) => !isNan(format, x))) {
        for (const print of [printDebug, printDisplay, printExp]) {
          expect(parseFloatText(format, print(format, bits))).toBe(bits);
        }
        expect(parseLiteral(printConst(format, bits)!)).toEqual({ format, bits });
      }
      expect(parseLiteral(printConst(format, format.nan)!)).toEqual({ format, bits: format.nan });
      expect(printConst(format, format.nan | 1n)).toBeUndefined();
    }
  });

  it("write no more digits than needed", () => {
    const values = new Random(0x7777_1234_aaaa_9999n);
    for (const format of FORMATS) {
      for (let i = 0; i < 300; i++) {
        const bits = operand(format, values, format.one) & format.magnitudeMask;
        if (bits === 0n || !isFiniteFloat(format, bits)) continue;
        const { digits, exponent } = shortestDecimal(format, bits);
        if (digits.length === 1) continue;
        const shorter = BigInt(digits.slice(0, -1));
        for (const text of [`${shorter}e${exponent + 1}`, `${shorter + 1n}e${exponent + 1}`]) {
          expect(parseFloatText(format, text)).not.toBe(bits);
        }
      }
    }
  });
});

describe("parseLiteral", () => {
  it.each([
    ["1_000.5e-3_f128", F128, "1.0005"],
    ["1.0E+40f32", F32, "1e40"],
    ["2f16", F16, "2"],
    ["+Inf_f64", F64, "inf"],
    ["-Inf_f128", F128, "-inf"],
    ["inf", F64, "inf"],
    ["1.", F64, "1"],
    ["-1e-7", F64, "-1e-7"],
    ["1e_5", F64, "100000"],
  ])("reads %s", (text, format, plain) => {
    expect(parseLiteral(text)).toEqual({ format, bits: parseFloatText(format, plain) });
  });

  it.each([
    "",
    "f32",
    "_f64",
    ".",
    "e5",
    "1e",
    "1e+",
    "0x10",
    "1.5f80",
    "--1",
    "1 ",
    "infx",
    "1.2.3",
    "abc",
  ])("refuses %j", (text) => {
    expect(parseLiteral(text)).toBeUndefined();
  });

  it("reads hundreds of thousands of digits, and exponents of any size", () => {
    const ones = "1".repeat(200_000);
    for (const format of FORMATS) {
      expect(parseFloatText(format, `0.${ones}e-999999999999`)).toBe(0n);
      expect(parseFloatText(format, `${ones}e999999999999`)).toBe(format.infinity);
      expect(parseFloatText(format, `${"0".repeat(200_000)}1e-5`)).toBe(parseFloatText(format, "1e-5"));
      expect(parseFloatText(format, `1.5${ones}`)).toBe(parseFloatText(format, `1.5${"1".repeat(100)}`));
      expect(parseFloatText(format, `${ones}e-200000`)).toBe(parseFloatText(format, `0.${"1".repeat(100)}`));
    }
  });
});
