/** The runtime's arithmetic, run on the test backend, against BigInt and JavaScript's own floats. */

import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { newTestModule } from "../ssa/test-backend/evaluate.ts";
import { floatFromBits, floatToBits, floatToIntBits, intToFloatBits } from "../ssa/test-backend/float.ts";
import { Machine } from "../ssa/test-backend/machine.ts";
import { HOST_TARGET } from "../target/spec.ts";
import { runtimeMir } from "./regenerate.ts";
import { codegenRuntime } from "./runtime.ts";

const functions = codegenRuntime(HOST_TARGET, () => newTestModule(new Map()));
const call = (symbol: string, ...args: bigint[]): bigint =>
  new Machine(functions, new Map()).call(symbol, args)[0] as bigint;
const asU128 = (x: bigint): bigint => BigInt.asUintN(128, x);
const asI128 = (x: bigint): bigint => BigInt.asIntN(128, x);

/** 128-bit patterns of every length, with runs of zeros and ones, and the edges. */
const bits128 = fc.oneof(
  fc.tuple(fc.bigInt(0n, (1n << 128n) - 1n), fc.integer({ min: 0, max: 127 })).map(([x, shift]) => x >> BigInt(shift)),
  fc
    .tuple(fc.integer({ min: 0, max: 128 }), fc.integer({ min: 0, max: 128 }))
    .map(([a, b]) => asU128((1n << BigInt(a)) - (1n << BigInt(b)))),
  fc.constantFrom(0n, 1n, 1n << 127n, (1n << 127n) - 1n, (1n << 128n) - 1n, 1n << 64n, (1n << 64n) - 1n),
);
const bits64 = fc.oneof(
  fc.bigInt(0n, (1n << 64n) - 1n),
  fc.constantFrom(
    0n,
    1n << 63n,
    0x7ff0000000000000n,
    0xfff0000000000000n,
    0x7ff8000000000000n,
    1n,
    0xfffffffffffffn,
    0x10000000000000n,
  ),
  fc.double().map((x) => floatToBits(x, 64)),
);
const bits32 = fc.oneof(
  fc.bigInt(0n, (1n << 32n) - 1n),
  fc.constantFrom(0n, 1n << 31n, 0x7f800000n, 0xff800000n, 0x7fc00000n, 1n, 0x7fffffn, 0x800000n),
  fc.float().map((x) => floatToBits(x, 32)),
);
const runs = { numRuns: 400 };

describe("128-bit integers", () => {
  it("divide as BigInt does", () => {
    fc.assert(
      fc.property(bits128, bits128, (n, d) => {
        fc.pre(d !== 0n);
        expect(call("__udivti3", n, d)).toBe(n / d);
        expect(call("__umodti3", n, d)).toBe(n % d);
        fc.pre(!(n === 1n << 127n && asI128(d) === -1n));
        expect(call("__divti3", n, d)).toBe(asU128(asI128(n) / asI128(d)));
        expect(call("__modti3", n, d)).toBe(asU128(asI128(n) % asI128(d)));
      }),
      runs,
    );
  });

  it("multiply as BigInt does", () => {
    fc.assert(
      fc.property(bits128, bits128, (a, b) => {
        expect(call("__multi3", a, b)).toBe(asU128(a * b));
      }),
      runs,
    );
  });

  it("multiply with the overflow told, as BigInt does", () => {
    const place = 0x9000;
    fc.assert(
      fc.property(bits128, bits128, (a, b) => {
        const m = new Machine(functions, new Map());
        m.memory.map(place, 16);
        const exact = asI128(a) * asI128(b);
        expect(m.call("__muloti4", [a, b, BigInt(place)])).toEqual([asU128(exact)]);
        expect(m.memory.readByte(place)).toBe(asI128(exact) === exact ? 0 : 1);
      }),
      runs,
    );
  });

  it("shift as BigInt does", () => {
    fc.assert(
      fc.property(bits128, fc.integer({ min: 0, max: 127 }), (x, amount) => {
        const n = BigInt(amount);
        expect(call("__ashlti3", x, n)).toBe(asU128(x << n));
        expect(call("__lshrti3", x, n)).toBe(x >> n);
        expect(call("__ashrti3", x, n)).toBe(asU128(asI128(x) >> n));
      }),
      runs,
    );
  });
});

describe("conversions", () => {
  it("round integers to floats to nearest, ties to even", () => {
    fc.assert(
      fc.property(bits128, (x) => {
        expect(call("__floatuntidf", x)).toBe(intToFloatBits(x, 64));
        expect(call("__floatuntisf", x)).toBe(intToFloatBits(x, 32));
        expect(call("__floattidf", x)).toBe(intToFloatBits(asI128(x), 64));
        expect(call("__floattisf", x)).toBe(intToFloatBits(asI128(x), 32));
      }),
      runs,
    );
  });

  it("agree with Number() for what fits, so that the helper of the tests is right too", () => {
    fc.assert(
      fc.property(bits128, (x) => {
        expect(intToFloatBits(x, 64)).toBe(floatToBits(Number(x), 64));
      }),
      runs,
    );
  });

  it("saturate floats to integers", () => {
    const scaled = fc
      .tuple(bits64, fc.integer({ min: 1020, max: 1023 + 130 }))
      .map(([x, e]) => (x & 0x800fffffffffffffn) | (BigInt(e) << 52n));
    fc.assert(
      fc.property(fc.oneof(bits64, scaled), (bits) => {
        const x = floatFromBits(bits, 64);
        expect(call("__fixunsdfti", bits)).toBe(floatToIntBits(x, 128, false));
        expect(call("__fixdfti", bits)).toBe(floatToIntBits(x, 128, true));
        const single = floatToBits(x, 32);
        expect(call("__fixunssfti", single)).toBe(floatToIntBits(Math.fround(x), 128, false));
        expect(call("__fixsfti", single)).toBe(floatToIntBits(Math.fround(x), 128, true));
      }),
      runs,
    );
  });
});

describe("fmod", () => {
  const check = (symbol: string, width: 32 | 64, a: bigint, b: bigint): void => {
    const expected = floatFromBits(a, width) % floatFromBits(b, width);
    const actual = floatFromBits(call(symbol, a, b), width);
    expect(Object.is(actual, expected)).toBe(true);
  };

  it("is exact for f64", () => {
    const near = fc
      .tuple(bits64, fc.integer({ min: 0, max: 40 }))
      .map(([x, d]): [bigint, bigint] => [x, BigInt.asUintN(64, x - (BigInt(d) << 52n))]);
    fc.assert(
      fc.property(fc.oneof(fc.tuple(bits64, bits64), near), ([a, b]) => check("fmod", 64, a, b)),
      runs,
    );
  });

  it("is exact for f32", () => {
    fc.assert(
      fc.property(bits32, bits32, (a, b) => check("fmodf", 32, a, b)),
      runs,
    );
  });
});

describe("memory", () => {
  const BASE = 0x9000;
  const SIZE = 64;
  const machine = (bytes: readonly number[]): Machine => {
    const m = new Machine(functions, new Map());
    m.memory.map(BASE, SIZE);
    bytes.forEach((byte, i) => {
      m.memory.writeByte(BASE + i, byte);
    });
    return m;
  };
  const read = (m: Machine): number[] => Array.from({ length: SIZE }, (_, i) => m.memory.readByte(BASE + i));
  const contents = fc.array(fc.integer({ min: 0, max: 255 }), { minLength: SIZE, maxLength: SIZE });
  const span = fc.tuple(fc.nat(31), fc.nat(31), fc.nat(32));

  it("memmove copies overlapping bytes, memcpy the others, memset fills", () => {
    fc.assert(
      fc.property(contents, span, fc.boolean(), fc.integer(), (bytes, [rawTo, rawFrom, size], aligned, fill) => {
        const [to, from] = aligned ? [rawTo & ~7, rawFrom & ~7] : [rawTo, rawFrom];
        const moved = [...bytes];
        moved.copyWithin(to, from, from + size);
        const m = machine(bytes);
        expect(m.call("memmove", [BigInt(BASE + to), BigInt(BASE + from), BigInt(size)])).toEqual([BigInt(BASE + to)]);
        expect(read(m)).toEqual(moved);
        if (Math.abs(to - from) >= size) {
          const copied = machine(bytes);
          copied.call("memcpy", [BigInt(BASE + to), BigInt(BASE + from), BigInt(size)]);
          expect(read(copied)).toEqual(moved);
        }
        const filled = machine(bytes);
        filled.call("memset", [BigInt(BASE + to), BigInt.asUintN(32, BigInt(fill)), BigInt(size)]);
        expect(read(filled)).toEqual([...bytes].fill(fill & 255, to, to + size));
        const difference = BigInt.asIntN(
          32,
          machine(bytes).call("memcmp", [BigInt(BASE + to), BigInt(BASE + from), BigInt(size)])[0] as bigint,
        );
        const expected = Buffer.compare(
          Buffer.from(bytes.slice(to, to + size)),
          Buffer.from(bytes.slice(from, from + size)),
        );
        expect(Math.sign(Number(difference))).toBe(expected);
      }),
      runs,
    );
  });
});

const nightly = spawnSync("rustup", ["run", "nightly", "rustc", "--version"]).status === 0;

describe("runtime.mir", () => {
  it.skipIf(!nightly)("is what rustc makes of runtime.rs", () => {
    const here = (file: string): string => fileURLToPath(new URL(file, import.meta.url));
    expect(readFileSync(here("runtime.mir"), "utf8")).toBe(runtimeMir(here("runtime.rs")));
  });
});
