/** The evaluator against V8's WebAssembly, which is not ours, and on what WebAssembly does not have by hand. */

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { evaluate } from "./eval.ts";
import { parseModule } from "./parse.ts";

/** Our spelling, WebAssembly's opcode bytes, the argument and result types. */
type Row = readonly [string, readonly number[], string, string];

const INT_OPS: readonly (readonly [string, number])[] = [
  ["iadd", 0x6a],
  ["isub", 0x6b],
  ["imul", 0x6c],
  ["sdiv", 0x6d],
  ["udiv", 0x6e],
  ["srem", 0x6f],
  ["urem", 0x70],
  ["band", 0x71],
  ["bor", 0x72],
  ["bxor", 0x73],
  ["rotl", 0x77],
  ["rotr", 0x78],
];
const CONDITIONS: readonly string[] = ["eq", "ne", "slt", "ult", "sgt", "ugt", "sle", "ule", "sge", "uge"];
const FLOAT_CONDITIONS: readonly string[] = ["eq", "ne", "lt", "gt", "le", "ge"];

const ROWS: readonly Row[] = [
  ...INT_OPS.flatMap(([name, code]): Row[] => [
    [`${name}.i32`, [code], "i32 i32", "i32"],
    [`${name}.i64`, [code + 18], "i64 i64", "i64"],
  ]),
  ...["clz", "ctz", "popcnt"].flatMap((name, i): Row[] => [
    [`${name}.i32`, [0x67 + i], "i32", "i32"],
    [`${name}.i64`, [0x79 + i], "i64", "i64"],
  ]),
  ...CONDITIONS.flatMap((cc, i): Row[] => [
    [`icmp.i32 ${cc}`, [0x46 + i], "i32 i32", "i8"],
    [`icmp.i64 ${cc}`, [0x51 + i], "i64 i64", "i8"],
  ]),
  ...FLOAT_CONDITIONS.flatMap((cc, i): Row[] => [
    [`fcmp.f32 ${cc}`, [0x5b + i], "f32 f32", "i8"],
    [`fcmp.f64 ${cc}`, [0x61 + i], "f64 f64", "i8"],
  ]),
  ...["fadd", "fsub", "fmul", "fdiv"].flatMap((name, i): Row[] => [
    [`${name}.f32`, [0x92 + i], "f32 f32", "f32"],
    [`${name}.f64`, [0xa0 + i], "f64 f64", "f64"],
  ]),
  ["fabs.f32", [0x8b], "f32", "f32"],
  ["fneg.f64", [0x9a], "f64", "f64"],
  ["sqrt.f32", [0x91], "f32", "f32"],
  ["sqrt.f64", [0x9f], "f64", "f64"],
  ["ireduce.i32", [0xa7], "i64", "i32"],
  ["sextend.i64", [0xac], "i32", "i64"],
  ["uextend.i64", [0xad], "i32", "i64"],
  ["fcvt_from_sint.f32", [0xb2], "i32", "f32"],
  ["fcvt_from_uint.f32", [0xb3], "i32", "f32"],
  ["fcvt_from_sint.f32", [0xb4], "i64", "f32"],
  ["fcvt_from_uint.f32", [0xb5], "i64", "f32"],
  ["fcvt_from_sint.f64", [0xb9], "i64", "f64"],
  ["fcvt_from_uint.f64", [0xba], "i64", "f64"],
  ["fdemote.f32", [0xb6], "f64", "f32"],
  ["fpromote.f64", [0xbb], "f32", "f64"],
  ["bitcast.i64", [0xbd], "f64", "i64"],
  ...["i32", "i64"].flatMap((to, t): Row[] =>
    ["f32", "f64"].flatMap((from, f): Row[] => [
      [`fcvt_to_sint_sat.${to}`, [0xfc, t * 4 + f * 2], from, to],
      [`fcvt_to_uint_sat.${to}`, [0xfc, t * 4 + f * 2 + 1], from, to],
    ]),
  ),
];

const WASM_TYPE: Readonly<Record<string, number>> = { i8: 0x7f, i32: 0x7f, i64: 0x7e, f32: 0x7d, f64: 0x7c };
const REINTERPRET: Readonly<Record<string, number>> = { f32: 0xbe, f64: 0xbf };
const BITS_OF: Readonly<Record<string, number>> = { f32: 0xbc, f64: 0xbd };
const bitsType = (ty: string): string => (ty === "f32" ? "i32" : ty === "f64" ? "i64" : ty);

/** What the test needs of the engine; the compiler's library has no types for it without a browser's. */
const engine = (
  globalThis as unknown as {
    readonly WebAssembly: {
      readonly Module: new (bytes: Uint8Array) => object;
      readonly Instance: new (module: object) => { readonly exports: Readonly<Record<string, WasmFunction>> };
    };
  }
).WebAssembly;

type WasmFunction = (...args: (number | bigint)[]) => number | bigint;

/** A WebAssembly function of one instruction; floats go in and out as their bits. */
function wasmFunction([, code, args, result]: Row): WasmFunction {
  const params = args.split(" ");
  const body: number[] = [];
  params.forEach((ty, i) => {
    body.push(0x20, i);
    const cast = REINTERPRET[ty];
    if (cast !== undefined) body.push(cast);
  });
  body.push(...code);
  const cast = BITS_OF[result];
  if (cast !== undefined) body.push(cast);
  body.push(0x0b);
  const section = (id: number, bytes: readonly number[]): number[] => [id, bytes.length, ...bytes];
  const type = [
    1,
    0x60,
    params.length,
    ...params.map((ty) => WASM_TYPE[bitsType(ty)]!),
    1,
    WASM_TYPE[bitsType(result)]!,
  ];
  const module = [
    ...[0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
    ...section(1, type),
    ...section(3, [1, 0]),
    ...section(7, [1, 1, 0x66, 0, 0]),
    ...section(10, [1, body.length + 1, 0, ...body]),
  ];
  const instance = new engine.Instance(new engine.Module(new Uint8Array(module)));
  return instance.exports.f!;
}

const WIDTH: Readonly<Record<string, number>> = { i8: 8, i32: 32, f32: 32, i64: 64, f64: 64 };
const SPECIAL: readonly bigint[] = [
  ...[0n, 1n, 2n, 0x7fff_ffffn, 0x8000_0000n, 0xffff_ffffn, 0x7fff_ffff_ffff_ffffn, 0x8000_0000_0000_0000n],
  // Numbers around the limits of the conversions, as f64 and f32.
  ...[0x43e0_0000_0000_0000n, 0x43f0_0000_0000_0000n, 0x41df_ffff_ffc0_0000n, 0x7ff0_0000_0000_0000n, 0x4f00_0000n],
  ...[0x5f00_0000n, 0x7f80_0000n, 0xbf00_0000n, 0x0020_0000_2000_0001n, 0x0040_0000_4000_0001n],
];

const isNan = (ty: string, bits: bigint): boolean =>
  ty === "f32"
    ? (bits & 0x7fff_ffffn) > 0x7f80_0000n
    : ty === "f64" && (bits & ((1n << 63n) - 1n)) > 0x7ff0_0000_0000_0000n;

describe("the evaluator", () => {
  test.each(ROWS)("%s %s is WebAssembly's", (...row) => {
    const [name, , args, result] = row;
    const params = args.split(" ");
    const wasm = wasmFunction(row);
    const operands = params.map((_, i) => `v${i}`);
    const entry = operands.map((v, i) => `${v}: ${params[i]}`).join(", ");
    const text = `function %f(${params.join(", ")}) -> ${result} {\nblock0(${entry}):\n  v9 = ${name} ${operands.join(", ")}\n  return v9\n}\n`;
    const module = parseModule(text, "m");
    const operand = fc.oneof(fc.bigInt({ min: 0n, max: (1n << 64n) - 1n }), fc.constantFrom(...SPECIAL));
    fc.assert(
      fc.property(operand, operand, (a, b) => {
        const values = [a, b].slice(0, params.length).map((x, i) => BigInt.asUintN(WIDTH[params[i]!]!, x));
        const { outcome } = evaluate(module, "f", values);
        let expected: bigint | undefined;
        try {
          const passed = values.map((x, i) =>
            WIDTH[params[i]!] === 64 ? BigInt.asIntN(64, x) : Number(BigInt.asIntN(32, x)),
          );
          expected = BigInt.asUintN(WIDTH[result]!, BigInt(wasm(...passed)));
        } catch {
          expected = undefined;
        }
        if (name.startsWith("rot") && values[1]! >= BigInt(WIDTH[result]!)) return;
        // WebAssembly's remainder of the least number by -1 is 0; ours traps.
        if (name.startsWith("srem") && outcome.kind === "trap" && expected === 0n) return;
        if (expected === undefined) expect(outcome.kind).toBe("trap");
        else if (isNan(result, expected))
          expect(outcome.kind === "return" && isNan(result, outcome.values[0]!)).toBe(true);
        else expect(outcome).toEqual({ kind: "return", values: [expected] });
      }),
      { numRuns: 60 },
    );
  });

  const run = (body: string, args: readonly bigint[] = []): unknown => {
    const params = args.map(() => "i64").join(", ");
    const entry = args.length === 0 ? "" : `(${args.map((_, i) => `v${i}: i64`).join(", ")})`;
    return evaluate(
      parseModule(`function %f(${params}) -> i64 {\n  ss0 = size 8, align 8\nblock0${entry}:\n${body}\n}\n`, "m"),
      "f",
      args,
    ).outcome;
  };

  test("keeps memory in bounds", () => {
    const at = (offset: number): string =>
      `  v8 = stack_addr.i64 ss0\n  v9 = iconst.i64 7\n  store.i64 v8, v9\n  v7 = load.i64 v8+${offset}\n  return v7`;
    expect(run(at(0))).toEqual({ kind: "return", values: [7n] });
    expect(run(at(1))).toMatchObject({ kind: "trap" });
  });

  test("traps on what must not be", () => {
    expect(run("  v2 = ishl.i64 v0, v1\n  return v2", [1n, 64n])).toMatchObject({ kind: "trap" });
    expect(run("  v2 = iadd.i64 nuw v0, v1\n  return v2", [1n, (1n << 64n) - 1n])).toMatchObject({ kind: "trap" });
    expect(run("  unreachable")).toMatchObject({ kind: "trap" });
  });

  test("ends loops by fuel", () => {
    expect(run("  jump block1\nblock1:\n  jump block1")).toEqual({ kind: "out-of-fuel" });
  });
});
