import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { evaluate } from "../ir/eval.ts";
import { parseModule } from "../ir/parse.ts";
import { printModule } from "../ir/text.ts";
import { newPassCx } from "./context.ts";
import { DEFAULT_MAGIC } from "./magic.ts";
import { DEFAULT_POLICY } from "./policy.ts";
import { simplify } from "./simplify.ts";

const isPowerOfTwo = (d: number): boolean => (d & (d - 1)) === 0;

describe("magic numbers", () => {
  // Both sides grow with x, so they are equal everywhere when they are equal at the ends of every run of equal quotients.
  test.each([8, 16])("divide all unsigned numbers of %i bits by all divisors", (bits) => {
    const end = 2 ** bits;
    for (let d = 3; d < end; d++) {
      if (isPowerOfTwo(d)) continue;
      const { multiplier, shift, add } = DEFAULT_MAGIC.unsigned(bits, BigInt(d));
      const m = Number(multiplier) + (add ? end : 0);
      const scale = 2 ** (bits + shift);
      for (let q = 0; q * d < end; q++) {
        const last = Math.min(q * d + d, end) - 1;
        if (Math.floor((m * q * d) / scale) !== q || Math.floor((m * last) / scale) !== q)
          throw new Error(`${bits} bits: ${q * d} or ${last} divided by ${d}`);
      }
    }
  });

  test.each([8, 16])("divide all signed numbers of %i bits by all divisors", (bits) => {
    const half = 2 ** (bits - 1);
    for (let d = 3; d < half; d++) {
      if (isPowerOfTwo(d)) continue;
      const { multiplier, shift } = DEFAULT_MAGIC.signed(bits, BigInt(d));
      const scale = 2 ** (bits + shift);
      const divided = (x: number): number => Math.floor((Number(multiplier) * x) / scale) + (x < 0 ? 1 : 0);
      for (let q = 0; q * d < half; q++) {
        const last = Math.min(q * d + d, half) - 1;
        if (divided(q * d) !== q || divided(last) !== q || (q > 0 && divided(-q * d) !== -q))
          throw new Error(`${bits} bits: ${q * d} or ${last} divided by ${d}`);
        const least = Math.min(q * d + d - 1, half);
        if (q > 0 && divided(-least) !== -Math.floor(least / d)) throw new Error(`${bits} bits: -${least} by ${d}`);
      }
    }
  });
});

const NAMES = ["udiv", "sdiv", "urem", "srem"] as const;

/** The quotient or remainder by a constant, simplified, as a function of the dividend; `undefined` on a trap. */
function divider(op: string, type: string, d: bigint): (x: bigint) => bigint | undefined {
  const text = `function %f(${type}) -> ${type} {\nblock0(v0: ${type}):\n  v1 = iconst.${type} ${d}\n  v2 = ${op}.${type} v0, v1\n  return v2\n}\n`;
  const module = parseModule(text, "m");
  simplify(module.functions[0]!, newPassCx(DEFAULT_POLICY, "2"));
  const simplified = printModule(module);
  const magnitude = d < 0n ? -d : d;
  const isPower = (magnitude & (magnitude - 1n)) === 0n;
  if (!isPower && type !== "i128") expect(simplified).not.toMatch(/ (u|s)(div|rem)\./);
  return (x) => {
    const { outcome } = evaluate(module, "f", [x]);
    return outcome.kind === "return" ? outcome.values[0] : undefined;
  };
}

function expected(op: string, bits: number, x: bigint, d: bigint): bigint | undefined {
  const signed = op[0] === "s";
  const a = signed ? BigInt.asIntN(bits, x) : x;
  const b = signed ? BigInt.asIntN(bits, d) : BigInt.asUintN(bits, d);
  if (b === 0n || (signed && b === -1n && a === -(1n << BigInt(bits - 1)))) return undefined;
  return BigInt.asUintN(bits, op.endsWith("div") ? a / b : a % b);
}

describe("division by constants", () => {
  test.each(NAMES)("%s.i8 is exact", (op) => {
    const divisors = Array.from({ length: 255 }, (_, i) => BigInt(i - 127)).filter((d) => d !== 0n);
    for (const d of divisors.filter((_, i) => i % 12 === 0 || (i > 118 && i < 142))) {
      const divide = divider(op, "i8", d);
      for (let x = 0n; x < 256n; x += 1n + (x & 3n)) {
        const wanted = expected(op, 8, x, d);
        if (wanted !== undefined && divide(x) !== wanted) throw new Error(`${op} ${x}, ${d}: not ${wanted}`);
      }
    }
  });

  test.each(
    NAMES.flatMap((op) => [16, 32, 64, 128].map((bits) => [op, bits] as const)),
  )("%s.i%i is exact", (op, bits) => {
    const limit = (1n << BigInt(bits)) - 1n;
    const number = fc.oneof(
      fc.bigInt({ min: 0n, max: limit }),
      fc.bigInt({ min: -20n, max: 20n }),
      fc.integer({ min: 1, max: bits - 1 }).map((k) => (1n << BigInt(k)) - 1n),
    );
    fc.assert(
      fc.property(number, fc.array(number, { minLength: 1, maxLength: 6 }), fc.nat({ max: 40 }), (d, dividends, q) => {
        const divisor = BigInt.asIntN(bits, d);
        if (divisor === 0n) return;
        const divide = divider(op, `i${bits}`, divisor);
        // Multiples and their neighbours are where a wrong quotient shows.
        const near = [-1n, 0n, 1n].map((e) => BigInt(q) * divisor + e);
        for (const n of [...dividends, ...near, limit, limit >> 1n]) {
          const x = BigInt.asUintN(bits, n);
          const wanted = expected(op, bits, x, divisor);
          if (wanted !== undefined) expect(divide(x)).toBe(wanted);
        }
      }),
      { numRuns: 60 },
    );
  });
});
