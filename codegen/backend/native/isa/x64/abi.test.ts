/**
 * The calling convention against GCC: C functions called from IR, IR functions called from C, with every mix of argument classes.
 */

import { describe, expect, test } from "vitest";
import type { Signature } from "../../ir/function.ts";
import { Type } from "../../ir/opcodes.ts";
import { parseModule } from "../../ir/parse.ts";
import { ALGORITHMS } from "./testing/compare.ts";
import { edges } from "./testing/ir-cases.ts";
import { Random } from "./testing/random-ir.ts";
import { compileCases, linkAndRun, type NativeCase, readResults } from "./testing/run-native.ts";

const TYPES = ["i8", "i16", "i32", "i64", "i128", "f32", "f64"] as const;
const TYPE_NUMBER: Readonly<Record<string, Type>> = {
  i8: Type.I8,
  i16: Type.I16,
  i32: Type.I32,
  i64: Type.I64,
  i128: Type.I128,
  f32: Type.F32,
  f64: Type.F64,
};
const C_TYPES: Readonly<Record<string, string>> = {
  i8: "unsigned char",
  i16: "unsigned short",
  i32: "unsigned",
  i64: "unsigned long",
  i128: "unsigned __int128",
  f32: "float",
  f64: "double",
};
const WIDTH: Readonly<Record<string, number>> = { i8: 8, i16: 16, i32: 32, i64: 64, i128: 128, f32: 32, f64: 64 };
const MASK128 = (1n << 128n) - 1n;

/** Random parameter lists, long enough to reach the stack in both classes. */
function parameterLists(count: number): readonly (readonly string[])[] {
  const r = new Random(1234);
  const lists: (readonly string[])[] = [
    ["i128", "i64", "i128", "i64", "i128", "i64"],
    ["i64", "i64", "i64", "i64", "i64", "i128", "i32"],
  ];
  while (lists.length < count) lists.push(Array.from({ length: 1 + r.below(20) }, () => r.pick(TYPES)));
  return lists;
}

const LISTS = parameterLists(30);

/** What both sides compute of their arguments: a polynomial of their bits. */
function hash(args: readonly bigint[]): bigint {
  return args.reduce((h, bits) => (h * 31n + bits) & MASK128, 7n);
}

/** Bits of argument `i` in C; floats by their representation. */
function cBits(type: string, i: number): string {
  if (type === "f32") return `(unsigned __int128)((union { float f; unsigned u; }){ .f = a${i} }).u`;
  if (type === "f64") return `(unsigned __int128)((union { double f; unsigned long u; }){ .f = a${i} }).u`;
  return `(unsigned __int128)a${i}`;
}

function cFunction(symbol: string, params: readonly string[]): string {
  const list = params.map((type, i) => `${C_TYPES[type]} a${i}`).join(", ");
  const steps = params.map((type, i) => `h = h * 31 + ${cBits(type, i)};`).join(" ");
  return `unsigned __int128 ${symbol}(${list}) { unsigned __int128 h = 7; ${steps} return h; }`;
}

/** A C function that passes its parameters on to an IR function, so that both directions are seen. */
function cForwarder(symbol: string, callee: string, params: readonly string[]): string {
  const list = params.map((type, i) => `${C_TYPES[type]} a${i}`).join(", ");
  const args = params.map((_, i) => `a${i}`).join(", ");
  return `unsigned __int128 ${callee}(${list}); unsigned __int128 ${symbol}(${list}) { return ${callee}(${args}) + 1; }`;
}

/** The same function in IR. */
function irFunction(symbol: string, params: readonly string[]): string {
  const head = params.map((type, i) => `v${i}: ${type}`).join(", ");
  const lines = ["  v100 = iconst.i128 7", "  v101 = iconst.i128 31"];
  let h = "v100";
  let next = 200;
  params.forEach((type, i) => {
    let bits = `v${i}`;
    if (type === "f32" || type === "f64") {
      lines.push(`  v${next} = bitcast.${type === "f32" ? "i32" : "i64"} ${bits}`);
      bits = `v${next++}`;
    }
    if (type !== "i128") {
      lines.push(`  v${next} = uextend.i128 ${bits}`);
      bits = `v${next++}`;
    }
    lines.push(`  v${next} = imul.i128 ${h}, v101`, `  v${next + 1} = iadd.i128 v${next}, ${bits}`);
    h = `v${next + 1}`;
    next += 2;
  });
  return `function %${symbol}(${params.join(", ")}) -> i128 {\nblock0(${head}):\n${lines.join("\n")}\n  return ${h}\n}`;
}

describe("the System V calling convention", () => {
  for (const algorithm of ALGORITHMS)
    test(`is GCC's, both ways (${algorithm})`, () => {
      const r = new Random(99);
      const cases: NativeCase[] = [];
      const expected: bigint[] = [];
      const external = new Map<string, Signature>();
      const c: string[] = [];
      const ir: string[] = [];
      LISTS.forEach((params, k) => {
        const signature = { params: params.map((type) => TYPE_NUMBER[type]!), returns: [Type.I128], noReturn: false };
        c.push(cFunction(`c${k}`, params), cForwarder(`forward${k}`, `ir${k}`, params));
        ir.push(irFunction(`ir${k}`, params));
        external.set(`c${k}`, signature).set(`forward${k}`, signature);
        for (let n = 0; n < 3; n++) {
          // A signalling NaN would not survive; these have none.
          const args = params.map((type) => r.pick(edges(type)) & ((1n << BigInt(WIDTH[type]!)) - 1n));
          cases.push({ symbol: `c${k}`, args }, { symbol: `ir${k}`, args }, { symbol: `forward${k}`, args });
          expected.push(hash(args), hash(args), (hash(args) + 1n) & MASK128);
        }
      });
      const module = parseModule(ir.join("\n"), "abi");
      const signatures = new Map([...external, ...module.functions.map((fn) => [fn.symbol, fn.signature] as const)]);
      const object = compileCases(module, cases, { algorithm, verify: true, optForSize: false }, undefined, external);
      const results = readResults(linkAndRun(object, c.join("\n")), cases, (symbol) => signatures.get(symbol)!);
      expect(results.map((values) => values[0])).toEqual(expected);
    });
});
