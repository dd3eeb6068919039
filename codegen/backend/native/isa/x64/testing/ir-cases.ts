/**
 * IR functions for every opcode, type and shape of operands, with arguments at the edges of the types: what the tests of lowering run.
 *
 * A *shape* says where an operand comes from: a parameter, a constant, a load, the same value twice, or a comparison's consumer. Each makes other
 * lowering rules match.
 */

import { evaluate } from "../../../ir/eval.ts";
import type { IrModule } from "../../../ir/function.ts";
import { FLOAT_CC_NAMES, INT_CC_NAMES } from "../../../ir/opcodes.ts";
import { parseModule } from "../../../ir/parse.ts";
import type { NativeCase } from "./run-native.ts";

export const INT_TYPES: readonly string[] = ["i8", "i16", "i32", "i64", "i128"];
export const FLOAT_TYPES: readonly string[] = ["f32", "f64"];
const WIDTHS: Readonly<Record<string, number>> = { i8: 8, i16: 16, i32: 32, i64: 64, i128: 128, f32: 32, f64: 64 };

export function widthOf(type: string): number {
  return WIDTHS[type]!;
}

/** Edges of an integer type, as unsigned bits. */
export function intEdges(type: string): readonly bigint[] {
  const w = BigInt(widthOf(type));
  const half = 1n << (w - 1n);
  const mask = (1n << w) - 1n;
  const edges = [0n, 1n, 2n, 7n, mask, half, half - 1n, half + 1n, mask - 4n];
  const pattern = BigInt.asUintN(Number(w), 0x9e37_79b9_7f4a_7c15_f39c_c060_5ced_c834n);
  edges.push(pattern, (mask / 3n) & mask);
  if (w === 128n) edges.push(1n << 64n, (1n << 64n) - 1n, 1n << 63n, (5n << 64n) | 3n);
  if (w === 64n) edges.push(0x8000_0000n, 0xffff_ffffn, 0x7fff_ffffn, mask - 0x7fff_ffffn);
  return [...new Set(edges)];
}

const view = new DataView(new ArrayBuffer(8));

export function floatBits(type: string, value: number): bigint {
  if (type === "f32") {
    view.setFloat32(0, value);
    return BigInt(view.getUint32(0));
  }
  view.setFloat64(0, value);
  return view.getBigUint64(0);
}

const FLOAT_VALUES: readonly number[] = [
  0,
  -0,
  1,
  -1,
  0.5,
  -0.5,
  1.5,
  127,
  128,
  -128,
  -129,
  255,
  256,
  32767,
  32768,
  -32769,
  65535,
  65536,
  2147483647,
  2147483648,
  -2147483648,
  -2147483649,
  4294967295,
  4294967296,
  2 ** 62,
  2 ** 63,
  -(2 ** 63),
  -(2 ** 63) - 2048,
  2 ** 64,
  2 ** 64 - 2048,
  1e19,
  2 ** 100,
  2 ** 127,
  -(2 ** 127),
  2 ** 127 - 2 ** 74,
  2 ** 128,
  -(2 ** 128),
  1e30,
  3.4e38,
  1e-40,
  5e-324,
  1.7976931348623157e308,
  Infinity,
  -Infinity,
  NaN,
  0.1,
  123456.789,
];

export function floatEdges(type: string): readonly bigint[] {
  return [...new Set(FLOAT_VALUES.map((value) => floatBits(type, value)))];
}

export function edges(type: string): readonly bigint[] {
  return type.startsWith("f") ? floatEdges(type) : intEdges(type);
}

/** The edges of a shift amount: below the width. */
export function amountEdges(type: string): readonly bigint[] {
  const w = BigInt(widthOf(type));
  return [...new Set([0n, 1n, 3n, w / 2n - 1n, w / 2n, w / 2n + 1n, w - 1n])];
}

/** A constant as the text form has it. */
export function constText(type: string, bits: bigint): string {
  return type.startsWith("f")
    ? `fconst.${type} 0x${bits.toString(16)}`
    : `iconst.${type} ${BigInt.asIntN(widthOf(type), bits)}`;
}

export interface Suite {
  readonly module: IrModule;
  readonly cases: readonly NativeCase[];
  readonly expected: readonly (readonly bigint[])[];
}

/** Collects functions and cases; what traps is left out. */
export class SuiteBuilder {
  private readonly texts: string[] = [];
  private readonly wanted: NativeCase[] = [];

  /** Adds a function by its text after `function %name`, to be called with each of `argLists`. */
  add(body: string, argLists: readonly (readonly bigint[])[]): void {
    const symbol = `t${this.texts.length}`;
    this.texts.push(`function %${symbol}${body}`);
    for (const args of argLists) this.wanted.push({ symbol, args });
  }

  /** The text of a function, for messages. */
  textOf(symbol: string): string {
    return this.texts[Number(symbol.slice(1))]!;
  }

  finish(): Suite {
    const module = parseModule(this.texts.join("\n"), "suite");
    const byName = new Map(module.functions.map((fn) => [fn.symbol, fn]));
    const cases: NativeCase[] = [];
    const expected: (readonly bigint[])[] = [];
    for (const c of this.wanted) {
      const { outcome } = evaluate({ name: "one", functions: [byName.get(c.symbol)!] }, c.symbol, c.args);
      if (outcome.kind !== "return") continue;
      cases.push(c);
      expected.push(outcome.values);
    }
    return { module, cases, expected };
  }
}

function pairs(a: readonly bigint[], b: readonly bigint[]): (readonly bigint[])[] {
  return a.flatMap((x) => b.map((y) => [x, y]));
}

/** Every third or so of the pairs, for shapes that multiply. */
function sparse<T>(list: readonly T[], step: number): T[] {
  return list.filter((_, i) => i % step === 0);
}

/** Fewer floats, the special ones among them. */
function someFloats(type: string): readonly bigint[] {
  const special = [Number.NaN, -0, 0, 1, Number.POSITIVE_INFINITY].map((value) => floatBits(type, value));
  return [...new Set([...sparse(floatEdges(type), 5), ...special])];
}

const BINARY = ["iadd", "isub", "imul", "udiv", "sdiv", "urem", "srem", "umulhi", "smulhi", "band", "bor", "bxor"];
const SHIFTS = ["ishl", "ushr", "sshr", "rotl", "rotr"];
const UNARY = ["bnot", "ineg", "clz", "ctz", "popcnt", "bswap"];
const OVERFLOW = ["sadd_overflow", "uadd_overflow", "ssub_overflow", "usub_overflow", "smul_overflow", "umul_overflow"];

/** An operation on two operands of `type` in all shapes; `results` are its result types, `tail` ends the function. */
function binaryShapes(
  s: SuiteBuilder,
  op: string,
  type: string,
  results: readonly string[],
  bs: readonly bigint[],
): void {
  const as = type.startsWith("f") ? someFloats(type) : edges(type);
  const ret = results.join(", ");
  const values = results.map((_, i) => `v${10 + i}`).join(", ");
  const bytes = widthOf(type) / 8;
  const slot = `  ss0 = size ${bytes}, align ${bytes}\n`;
  s.add(
    `(${type}, ${type}) -> ${ret} {\nblock0(v0: ${type}, v1: ${type}):\n  ${values} = ${op} v0, v1\n  return ${values}\n}`,
    pairs(as, bs),
  );
  s.add(
    `(${type}) -> ${ret} {\nblock0(v0: ${type}):\n  ${values} = ${op} v0, v0\n  return ${values}\n}`,
    as.map((x) => [x]),
  );
  for (const b of sparse(bs, bs.length > 20 ? 4 : 1))
    s.add(
      `(${type}) -> ${ret} {\nblock0(v0: ${type}):\n  v1 = ${constText(type, b)}\n  ${values} = ${op} v0, v1\n  return ${values}\n}`,
      as.map((x) => [x]),
    );
  for (const a of sparse(as, 4))
    s.add(
      `(${type}) -> ${ret} {\nblock0(v1: ${type}):\n  v0 = ${constText(type, a)}\n  ${values} = ${op} v0, v1\n  return ${values}\n}`,
      bs.map((y) => [y]),
    );
  const loads = [
    ["v2", "v1", "v0"],
    ["v0", "v2", "v1"],
  ] as const;
  for (const [left, right, stored] of loads)
    s.add(
      `(${type}, ${type}) -> ${ret} {\n${slot}block0(v0: ${type}, v1: ${type}):\n  v3 = stack_addr.i64 ss0\n  store.${type} v3, ${stored}\n  v2 = load.${type} v3\n  ${values} = ${op} ${left}, ${right}\n  return ${values}\n}`,
      sparse(pairs(as, bs), 3),
    );
}

export function binarySuite(s: SuiteBuilder, type: string): void {
  for (const op of BINARY) {
    // Division of 128 bits is the runtime's: a sample is enough.
    const bs = type === "i128" && op.includes("div") ? sparse(intEdges(type), 2) : intEdges(type);
    binaryShapes(s, `${op}.${type}`, type, [type], bs);
  }
  for (const op of SHIFTS) binaryShapes(s, `${op}.${type}`, type, [type], amountEdges(type));
  for (const op of OVERFLOW) binaryShapes(s, `${op}.${type}`, type, [type, "i8"], intEdges(type));
}

export function unarySuite(s: SuiteBuilder, type: string): void {
  for (const op of UNARY)
    s.add(
      `(${type}) -> ${type} {\nblock0(v0: ${type}):\n  v1 = ${op}.${type} v0\n  return v1\n}`,
      intEdges(type).map((x) => [x]),
    );
  s.add(
    `(${type}) -> ${type} {\nblock0(v0: ${type}):\n  v1 = black_box.${type} v0\n  return v1\n}`,
    edges(type).map((x) => [x]),
  );
}

/** Overflow as a branch's condition, with the result used afterwards. */
export function overflowBranchSuite(s: SuiteBuilder, type: string): void {
  for (const op of OVERFLOW)
    s.add(
      `(${type}, ${type}) -> ${type} {\nblock0(v0: ${type}, v1: ${type}):\n  v2, v3 = ${op}.${type} v0, v1\n  v6 = bxor.${type} v0, v1\n  brif v3, block1, block2\nblock1:\n  v4 = bnot.${type} v2\n  return v4\nblock2:\n  v5 = bxor.${type} v2, v6\n  return v5\n}`,
      pairs(intEdges(type), intEdges(type)),
    );
}

/** Comparisons as values, branches and conditions of selects, of registers, constants and loads. */
export function compareSuite(s: SuiteBuilder, type: string): void {
  const isFloat = type.startsWith("f");
  const names = isFloat ? FLOAT_CC_NAMES : INT_CC_NAMES;
  const op = isFloat ? "fcmp" : "icmp";
  const all = edges(type);
  const some = isFloat ? someFloats(type) : all;
  for (const cc of names) {
    // Comparisons as values meet all pairs, their consumers a part of them.
    binaryShapes(s, `${op}.${type} ${cc}`, type, ["i8"], some);
    s.add(
      `(${type}, ${type}) -> i32 {\nblock0(v0: ${type}, v1: ${type}):\n  v2 = ${op}.${type} ${cc} v0, v1\n  brif v2, block1, block2\nblock1:\n  v3 = iconst.i32 11\n  return v3\nblock2:\n  v4 = iconst.i32 22\n  return v4\n}`,
      sparse(pairs(some, some), 2),
    );
    for (const result of ["i8", "i32", "i64", "i128", "f32", "f64"])
      s.add(
        `(${type}, ${type}, ${result}, ${result}) -> ${result} {\nblock0(v0: ${type}, v1: ${type}, v2: ${result}, v3: ${result}):\n  v4 = ${op}.${type} ${cc} v0, v1\n  v5 = select.${result} v4, v2, v3\n  return v5\n}`,
        sparse(pairs(some, some), 5).map(([a, b]) => [a!, b!, edges(result)[2]!, edges(result)[5]!]),
      );
  }
  if (isFloat) return;
  s.add(
    `(${type}, ${type}) -> i8 {\nblock0(v0: ${type}, v1: ${type}):\n  v2 = band.${type} v0, v1\n  v3 = iconst.${type} 0\n  v4 = icmp.${type} ne v2, v3\n  return v4\n}`,
    pairs(some, some),
  );
}

export function selectSuite(s: SuiteBuilder, type: string): void {
  const [a, b] = [edges(type)[3]!, edges(type)[4]!];
  s.add(
    `(i8, ${type}, ${type}) -> ${type} {\nblock0(v0: i8, v1: ${type}, v2: ${type}):\n  v3 = select.${type} v0, v1, v2\n  return v3\n}`,
    [0n, 1n, 2n, 255n, 128n].map((c) => [c, a, b]),
  );
}

export function floatSuite(s: SuiteBuilder, type: string): void {
  const all = floatEdges(type);
  for (const op of ["fadd", "fsub", "fmul", "fdiv"]) binaryShapes(s, `${op}.${type}`, type, [type], sparse(all, 2));
  for (const op of ["fneg", "fabs", "sqrt"])
    s.add(
      `(${type}) -> ${type} {\nblock0(v0: ${type}):\n  v1 = ${op}.${type} v0\n  return v1\n}`,
      all.map((x) => [x]),
    );
}

/** A conversion of a parameter, and of a load. */
function conversion(s: SuiteBuilder, op: string, from: string, to: string): void {
  const argLists = edges(from).map((x) => [x]);
  s.add(`(${from}) -> ${to} {\nblock0(v0: ${from}):\n  v1 = ${op}.${to} v0\n  return v1\n}`, argLists);
  const bytes = widthOf(from) / 8;
  s.add(
    `(${from}) -> ${to} {\n  ss0 = size ${bytes}, align ${bytes}\nblock0(v0: ${from}):\n  v3 = stack_addr.i64 ss0\n  store.${from} v3, v0\n  v2 = load.${from} v3\n  v1 = ${op}.${to} v2\n  return v1\n}`,
    argLists,
  );
}

export function convertSuite(s: SuiteBuilder): void {
  for (const from of INT_TYPES)
    for (const to of INT_TYPES) {
      if (widthOf(from) < widthOf(to)) {
        conversion(s, "uextend", from, to);
        conversion(s, "sextend", from, to);
        // The upper bits of what is extended are not zero by themselves.
        for (const wide of INT_TYPES)
          if (widthOf(wide) > widthOf(from))
            for (const op of ["uextend", "sextend"])
              s.add(
                `(${wide}) -> ${to} {\nblock0(v0: ${wide}):\n  v1 = ireduce.${from} v0\n  v2 = ${op}.${to} v1\n  return v2\n}`,
                intEdges(wide).map((x) => [x]),
              );
        s.add(
          `(${from}, ${from}) -> ${to} {\nblock0(v0: ${from}, v1: ${from}):\n  v2 = iadd.${from} v0, v1\n  v3 = uextend.${to} v2\n  return v3\n}`,
          pairs(intEdges(from), intEdges(from)),
        );
      }
      if (widthOf(from) > widthOf(to)) conversion(s, "ireduce", from, to);
    }
  for (const int of INT_TYPES)
    for (const float of FLOAT_TYPES) {
      for (const op of ["fcvt_from_uint", "fcvt_from_sint"]) conversion(s, op, int, float);
      for (const op of ["fcvt_to_uint_sat", "fcvt_to_sint_sat"]) conversion(s, op, float, int);
    }
  conversion(s, "fpromote", "f32", "f64");
  conversion(s, "fdemote", "f64", "f32");
  for (const [from, to] of [
    ["i32", "f32"],
    ["f32", "i32"],
    ["i64", "f64"],
    ["f64", "i64"],
  ] as const)
    conversion(s, "bitcast", from, to);
  s.add(
    `(i64, i64) -> i128 {\nblock0(v0: i64, v1: i64):\n  v2 = iconcat.i128 v0, v1\n  return v2\n}`,
    pairs(sparse(intEdges("i64"), 3), sparse(intEdges("i64"), 3)),
  );
  s.add(
    `(i128) -> i64, i64 {\nblock0(v0: i128):\n  v1, v2 = isplit.i64 v0\n  return v1, v2\n}`,
    intEdges("i128").map((x) => [x]),
  );
}
