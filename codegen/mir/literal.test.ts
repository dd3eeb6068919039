import fc from "fast-check";
import { expect, test } from "vitest";
import { f64Bits, parseChar, parseFloatText, printChar, printFloat, printInt } from "./literal.ts";
import { emitMir, findRustcs } from "./testing/rustc-sources.ts";
import { SIGNED_INTS, TY_I8, TY_I128, TY_U8, TY_USIZE, UNSIGNED_INTS } from "./ty.ts";

test("integers print as rustc prints them", () => {
  expect(SIGNED_INTS.length + UNSIGNED_INTS.length).toBe(12);
  if (TY_I8.kind !== "int" || TY_I128.kind !== "int" || TY_U8.kind !== "uint" || TY_USIZE.kind !== "uint")
    throw new Error();
  expect([0n, 5n, 127n, 128n, 255n].map((bits) => printInt(TY_I8 as never, bits))).toEqual([
    "0_i8",
    "5_i8",
    "i8::MAX",
    "i8::MIN",
    "-1_i8",
  ]);
  expect(printInt(TY_U8, 255n)).toBe("u8::MAX");
  expect(printInt(TY_U8, 127n)).toBe("127_u8");
  expect(printInt(TY_USIZE, 2n ** 64n - 1n)).toBe("usize::MAX");
  expect(printInt(TY_I128, 2n ** 128n - 2n)).toBe("-2_i128");
});

test("a float's text has its value", () => {
  fc.assert(
    fc.property(fc.constantFrom(32 as const, 64 as const), fc.bigInt(0n, 2n ** 64n - 1n), (width, random) => {
      const bits = BigInt.asUintN(width, random);
      const text = printFloat(width, bits);
      if (text === undefined || text.includes("_")) return;
      expect(parseFloatText(width, text.replace(/f(32|64)$/, ""))).toBe(bits);
    }),
    { numRuns: 3000 },
  );
});

test("decimal text is rounded to a float once", () => {
  // Halfway between two floats as a double, but a little more in decimal.
  expect(parseFloatText(32, "1.00000005960464477539062500001")).toBe(0x3f800001n);
  expect(parseFloatText(32, "1.000000059604644775390625")).toBe(0x3f800000n);
  expect(parseFloatText(32, "1.00000005960464477539062499999")).toBe(0x3f800000n);
  expect(parseFloatText(32, "-1.00000005960464477539062500001")).toBe(0xbf800001n);
  expect(f64Bits(-0)).toBe(1n << 63n);
});

test("every character's text has its value", () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 0x10ffff }), (code) => {
      fc.pre(code < 0xd800 || code > 0xdfff);
      expect(parseChar(printChar(code))).toBe(code);
    }),
    { numRuns: 2000 },
  );
  for (let code = 0; code < 256; code++) expect(parseChar(printChar(code))).toBe(code);
});

const rustc = findRustcs()[0];

/** Pseudo-random numbers below 2^32. */
function* random(seed: number): Generator<number> {
  for (let state = seed; ; ) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    yield (state ^ (state >>> 15)) >>> 0;
  }
}

test.skipIf(rustc === undefined)("floats and characters print as rustc prints them", () => {
  const numbers = random(7);
  const next = (): number => numbers.next().value as number;
  const floats: [32 | 64, bigint][] = [];
  for (let i = 0; i < 150; i++) {
    floats.push([32, BigInt(next())], [64, (BigInt(next()) << 32n) | BigInt(next())]);
    floats.push(
      [64, f64Bits((next() % 100_000) / [1, 2, 8, 10, 1000, 3e9][next() % 6]!)],
      [64, f64Bits(2 ** ((next() % 1000) - 500))],
    );
    floats.push([32, BigInt(next() % 0x8000) << 16n], [32, BigInt(next() % 300)]);
  }
  const codes: number[] = [0, 9, 10, 13, 32, 34, 39, 92, 127, 0xa0, 0xad, 0x300, 0x200d, 0xe000, 0xfffd, 0x10ffff];
  for (let i = 0; i < 150; i++) codes.push(next() % 0x3000, 0x1f000 + (next() % 0x1000), next() % 0x110000);
  const scalars = codes.filter((code) => code < 0xd800 || code > 0xdfff);
  const source = [
    ...floats.map(
      ([width, bits], i) =>
        `pub const F${i}: f${width} = f${width}::from_bits(${bits}); pub fn f${i}() -> f${width} { F${i} }`,
    ),
    ...scalars.map((code, i) => `pub fn c${i}() -> char { '\\u{${code.toString(16)}}' }`),
  ].join("\n");
  const dump = emitMir(rustc!, source, ["-C", "opt-level=3"]);
  const printed = (name: string): string => {
    const start = dump.indexOf(`\nfn ${name}()`);
    return /_0 = const (.*);/.exec(dump.slice(start))![1]!;
  };
  floats.forEach(([width, bits], i) => {
    const text = printed(`f${i}`);
    expect(printFloat(width, bits) ?? `NaN_f${width}`).toBe(text);
  });
  scalars.forEach((code, i) => {
    expect(printChar(code)).toBe(printed(`c${i}`));
  });
});
