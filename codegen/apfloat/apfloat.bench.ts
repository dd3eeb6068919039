/**
 * Operations per second, in CPU time, for each format: `node codegen/apfloat/apfloat.bench.ts`.
 */

import { add, div, fma, mul, powi, rem, sqrt } from "./arithmetic.ts";
import { lt, minNum } from "./compare.ts";
import { convert, fromInt, toIntSaturating } from "./convert.ts";
import { F64, F128, type FloatFormat, FORMATS } from "./format.ts";
import { parseFloatText } from "./parse.ts";
import { printConst } from "./print.ts";
import { roundTiesEven } from "./rounding.ts";
import { printDebug } from "./shortest.ts";
import { softAdd, softMul } from "./soft.ts";
import { Random, randomTriple, type Triple } from "./testing/operands.ts";

const BATCH = 512;
const MICROSECONDS = 150_000;

const CASES: readonly [string, (format: FloatFormat, triple: Triple) => unknown][] = [
  ["add", (f, [a, b]) => add(f, a, b)],
  ["add, by bigint", (f, [a, b]) => softAdd(f, a, b)],
  ["mul", (f, [a, b]) => mul(f, a, b)],
  ["mul, by bigint", (f, [a, b]) => softMul(f, a, b)],
  ["div", (f, [a, b]) => div(f, a, b)],
  ["rem", (f, [a, b]) => rem(f, a, b)],
  ["sqrt", (f, [a]) => sqrt(f, a)],
  ["fma", (f, [a, b, c]) => fma(f, a, b, c)],
  ["powi 13", (f, [a]) => powi(f, a, 13)],
  ["lt", (f, [a, b]) => lt(f, a, b)],
  ["min", (f, [a, b]) => minNum(f, a, b)],
  ["round_ties_even", (f, [a]) => roundTiesEven(f, a)],
  ["to f64, or from", (f, [a]) => (f === F64 ? convert(f, F128, a) : convert(f, F64, a))],
  ["as i64", (f, [a]) => toIntSaturating(f, a, 64, true)],
  ["from i64", (f, [a]) => fromInt(f, BigInt.asIntN(64, a))],
  ["MIR constant", (f, [a]) => printConst(f, a)],
  ["{:?}", (f, [a]) => printDebug(f, a)],
  ["parse", (f) => parseFloatText(f, "3.14159265358979323846e-5")],
];

function operationsPerSecond(run: (triple: Triple) => unknown, triples: readonly Triple[]): number {
  for (const triple of triples) run(triple);
  const start = process.cpuUsage();
  let count = 0;
  for (;;) {
    for (const triple of triples) run(triple);
    count += triples.length;
    const { user, system } = process.cpuUsage(start);
    if (user + system >= MICROSECONDS) return (count * 1e6) / (user + system);
  }
}

const random = new Random(0x2545_f491_4f6c_dd1dn);
const inputs = FORMATS.map((format) => Array.from({ length: BATCH }, () => randomTriple(format, random)));
console.log(`${"operations/s".padEnd(18)}${FORMATS.map(({ name }) => name.padStart(14)).join("")}`);
for (const [name, operation] of CASES) {
  const rates = FORMATS.map((format, i) => operationsPerSecond((triple) => operation(format, triple), inputs[i]!));
  console.log(name.padEnd(18) + rates.map((rate) => Math.round(rate).toLocaleString("en").padStart(14)).join(""));
}
