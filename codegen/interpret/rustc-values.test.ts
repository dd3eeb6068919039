/** Intrinsics and casts on plain values: the results that an executable made by rustc gives, and undefined where they must be. */

import { describe, expect, it } from "vitest";
import { type Row, runCompiled, runInterpreted, scalar, type ValueTy, verdictOn } from "./testing/rustc-rows.ts";

const INTS: readonly ValueTy[] = [8, 16, 32, 64, 128].flatMap((bits) => [
  scalar(`i${bits}`, bits, "int"),
  scalar(`u${bits}`, bits, "uint"),
]);
const FLOATS: readonly ValueTy[] = [16, 32, 64, 128].map((bits) => scalar(`f${bits}`, bits, "float"));
const BOOL = scalar("bool", 8, "uint");
const U32 = scalar("u32", 32, "uint");
const ORDERING = scalar("std::cmp::Ordering", 8, "int");

const VECTORS: readonly ValueTy[] = [
  { ...scalar("I8x4", 8, "int"), lanes: 4 },
  { ...scalar("U16x2", 16, "uint"), lanes: 2 },
  { ...scalar("I32x4", 32, "int"), lanes: 4 },
  { ...scalar("U64x2", 64, "uint"), lanes: 2 },
  { ...scalar("F32x4", 32, "float"), lanes: 4 },
  { ...scalar("F64x2", 64, "float"), lanes: 2 },
];
/** Vectors that are masks. */
const MASKS: readonly ValueTy[] = [
  { ...scalar("I8x4", 8, "int"), lanes: 4 },
  { ...scalar("I16x2", 16, "int"), lanes: 2 },
  { ...scalar("I32x4", 32, "int"), lanes: 4 },
  { ...scalar("I64x2", 64, "int"), lanes: 2 },
];
const ITEMS = [...new Map([...VECTORS, ...MASKS].map((ty) => [ty.name, ty])).values()]
  .map((ty) => `#[repr(simd)] struct ${ty.name}([${ty.float ? "f" : ty.signed ? "i" : "u"}${ty.bits}; ${ty.lanes}]);`)
  .join("\n");
const RUST_ITEMS = ITEMS.replaceAll("#[repr(simd)]", "#[derive(Clone, Copy)] #[repr(simd)]");

function laneName(ty: ValueTy): string {
  return `${ty.float ? "f" : ty.signed ? "i" : "u"}${ty.bits}`;
}

// ---- Arguments

function intEdges(ty: ValueTy): bigint[] {
  const max = (1n << BigInt(ty.bits)) - 1n;
  const min = 1n << BigInt(ty.bits - 1);
  const mixed = BigInt.asUintN(ty.bits, 0x123456789abcdef0fedcba9876543210n);
  return [0n, 1n, 2n, max, max - 1n, min, min - 1n, mixed];
}

/** Zeros, ones, halves, the smallest and largest, infinities, a NaN; and what lies at the limits of integers. */
function floatEdges({ bits }: ValueTy): bigint[] {
  const mantissa = MANTISSA[bits] ?? 0;
  const bias = (1n << BigInt(bits - mantissa - 2)) - 1n;
  const power = (exponent: number): bigint => (bias + BigInt(exponent)) << BigInt(mantissa);
  const infinity = (2n * bias + 1n) << BigInt(mantissa);
  const half = 1n << BigInt(mantissa - 1);
  const positive = [
    ...[0n, 1n, (1n << BigInt(mantissa)) - 1n, 1n << BigInt(mantissa), power(-1), power(0), power(0) | half],
    ...[power(1) | (half >> 1n), power(1) | half | (half >> 1n), power(7), power(8) - 1n],
    ...[infinity - 1n, infinity, infinity | half],
  ];
  const limits = [15, 31, 63, 127].filter((e) => BigInt(e) <= bias).flatMap((e) => [power(e) - 1n, power(e)]);
  return [...positive, ...limits].flatMap((v) => [v, v | (1n << BigInt(bits - 1))]);
}

function edges(ty: ValueTy): bigint[] {
  if (ty.name === "bool") return [0n, 1n];
  return ty.float ? floatEdges(ty) : intEdges(ty);
}

/** Values of a type, each as its lanes. */
function values(ty: ValueTy): bigint[][] {
  const all = edges(ty);
  if (ty.lanes === 1) return all.map((v) => [v]);
  return all.map((_, i) => Array.from({ length: ty.lanes }, (__, lane) => all[(i * 3 + lane * 5) % all.length]!));
}

/** Every combination of values, thinned out (but for a whole first turn) when they are many. */
function combinations(params: readonly ValueTy[]): bigint[][][] {
  let rows: bigint[][][] = [[]];
  for (const ty of params) rows = rows.flatMap((row) => values(ty).map((value) => [...row, value]));
  const step = Math.max(1, Math.ceil(rows.length / 80));
  // A step that shares no factor with the number of values.
  return rows.filter((_, i) => i % (step % 2 === 0 ? step + 1 : step) === 0);
}

// ---- Rows

interface Rule {
  /** The arguments, as numbers, for which the operation is defined. */
  readonly when?: (...args: bigint[]) => boolean;
  /** What it is otherwise. */
  readonly else?: string;
}

/** A row, and the inputs that are undefined behaviour. */
interface Tested {
  readonly row: Row;
  readonly undefined: Row["inputs"];
  readonly verdict: string;
}

function number(ty: ValueTy, bits: bigint): bigint {
  return ty.signed ? BigInt.asIntN(ty.bits, bits) : bits;
}

function tested(row: Omit<Row, "inputs">, rule: Rule = {}): Tested {
  const { when } = rule;
  const all = combinations(row.params);
  const isDefined = (input: readonly (readonly bigint[])[]): boolean =>
    when === undefined ||
    input[0]!.every((_, lane) => when(...input.map((arg, i) => number(row.params[i]!, arg[lane] ?? arg[0]!))));
  return {
    row: { ...row, inputs: all.filter(isDefined) },
    undefined: all.filter((input) => !isDefined(input)),
    verdict: rule.else ?? "",
  };
}

/** A call of an intrinsic whose generic arguments are `generics`. */
function call(
  name: string,
  generics: readonly ValueTy[],
  params: readonly ValueTy[],
  ret: readonly ValueTy[],
  rule?: Rule,
): Tested {
  const list = generics.map((ty) => ty.name).join(", ");
  const args = params.map((_, i) => "abcd"[i]).join(", ");
  const simd = name.startsWith("simd_");
  return tested(
    {
      title: `${name}<${list}>(${params.map((p) => p.name).join(", ")})`,
      params,
      ret,
      rust: `${name}${list === "" ? "" : `::<${list}>`}(${args})`,
      mir: `std::intrinsics::${simd ? "simd::" : ""}${name}${list === "" ? "" : `::<${list}>`}`,
    },
    rule,
  );
}

/** The same, as it is written for rustc 1.95, where it has another name. */
function written({ row, ...rest }: Tested, rust: string): Tested {
  return { ...rest, row: { ...row, rust } };
}

function operation(title: string, params: readonly ValueTy[], ret: ValueTy, rust: string, mir: string): Tested {
  return tested({ title, params, ret: [ret], rust, mir, isRvalue: true });
}

function inRange(ty: ValueTy, value: bigint): boolean {
  const min = ty.signed ? -(1n << BigInt(ty.bits - 1)) : 0n;
  return value >= min && value < min + (1n << BigInt(ty.bits));
}

const ARITHMETIC: Readonly<Record<string, (a: bigint, b: bigint) => bigint>> = {
  add: (a, b) => a + b,
  sub: (a, b) => a - b,
  mul: (a, b) => a * b,
};

function integerRows(ty: ValueTy): Tested[] {
  const unsigned = scalar(`u${ty.bits}`, ty.bits, "uint");
  const width = BigInt(ty.bits);
  const nonZero: Rule = { when: (a) => a !== 0n, else: "intrinsicPrecondition" };
  const divides: Rule = {
    when: (a, b) => b !== 0n && !(b === -1n && a === -(1n << (width - 1n))),
    else: "division(ByZero|Overflow)",
  };
  const exact: Rule = {
    when: (a, b) => divides.when!(a, b) && a % b === 0n,
    else: `${divides.else}|intrinsicPrecondition`,
  };
  const shifts = (i: number): Rule => ({
    when: (...args) => args[i]! >= 0n && args[i]! < width,
    else: "shiftOverflow",
  });
  return [
    ...["ctpop", "ctlz", "cttz"].map((name) => call(name, [ty], [ty], [U32])),
    ...["ctlz_nonzero", "cttz_nonzero"].map((name) => call(name, [ty], [ty], [U32], nonZero)),
    ...["bswap", "bitreverse"].map((name) => call(name, [ty], [ty], [ty])),
    ...Object.keys(ARITHMETIC).flatMap((name) => [
      call(`wrapping_${name}`, [ty], [ty, ty], [ty]),
      call(`${name}_with_overflow`, [ty], [ty, ty], [ty, BOOL]),
      call(`unchecked_${name}`, [ty], [ty, ty], [ty], {
        when: (a, b) => inRange(ty, ARITHMETIC[name]!(a, b)),
        else: "uncheckedOverflow",
      }),
      ...(name === "mul" ? [] : [call(`saturating_${name}`, [ty], [ty, ty], [ty])]),
    ]),
    ...["unchecked_div", "unchecked_rem"].map((name) => call(name, [ty], [ty, ty], [ty], divides)),
    call("exact_div", [ty], [ty, ty], [ty], exact),
    ...["unchecked_shl", "unchecked_shr"].map((name) => call(name, [ty, ty], [ty, ty], [ty], shifts(1))),
    ...["unchecked_shl", "unchecked_shr"].map((name) => call(name, [ty, U32], [ty, U32], [ty], shifts(1))),
    call("three_way_compare", [ty], [ty, ty], [ORDERING]),
    call("carrying_mul_add", [ty, unsigned], [ty, ty, ty, ty], [unsigned, ty]),
    ...(ty.signed
      ? []
      : [
          ...["rotate_left", "rotate_right"].map((name) => call(name, [ty], [ty, U32], [ty])),
          ...["unchecked_funnel_shl", "unchecked_funnel_shr"].map((name) =>
            call(name, [ty], [ty, ty, U32], [ty], shifts(2)),
          ),
          call("disjoint_bitor", [ty], [ty, ty], [ty], {
            when: (a, b) => (a & b) === 0n,
            else: "intrinsicPrecondition",
          }),
        ]),
    call("select_unpredictable", [ty], [BOOL, ty, ty], [ty]),
    call("black_box", [ty], [ty], [ty]),
  ];
}

const MANTISSA: Readonly<Record<number, number>> = { 16: 10, 32: 23, 64: 52, 128: 112 };

/** The bits of infinity, which are those of its exponent alone. */
function infinityOf({ bits }: ValueTy): bigint {
  return (1n << BigInt(bits - 1)) - (1n << BigInt(MANTISSA[bits] ?? 0));
}

function magnitude({ bits }: ValueTy, value: bigint): bigint {
  return BigInt.asUintN(bits - 1, value);
}

/** Whether the float's whole part is a value of `to`: by its exponent and mantissa alone. */
function fits(ty: ValueTy, bits: bigint, to: ValueTy): boolean {
  const width = BigInt(MANTISSA[ty.bits] ?? 0);
  const size = magnitude(ty, bits);
  if (size >= infinityOf(ty)) return false;
  const bias = (infinityOf(ty) >> width) >> 1n;
  const exponent = (size >> width) - bias - width;
  const mantissa = (size & ((1n << width) - 1n)) | (1n << width);
  const whole = exponent >= 0n ? mantissa << exponent : mantissa >> -exponent;
  return inRange(to, size === bits ? whole : -whole);
}

function floatRows(ty: ValueTy): Tested[] {
  const at = `f${ty.bits}`;
  // Which zero is the lesser is open, and so is the sign of a NaN.
  const zerosAlike: Rule = { when: (a, b) => a === b || magnitude(ty, a) !== 0n || magnitude(ty, b) !== 0n };
  const signed: Rule = { when: (_, b) => magnitude(ty, b) <= infinityOf(ty) };
  const of = (to: ValueTy): Rule => ({ when: (a) => fits(ty, a, to), else: "intrinsicPrecondition" });
  return [
    ...["sqrt", "floor", "ceil", "trunc", "round", "round_ties_even_"].map((name) => call(name + at, [], [ty], [ty])),
    written(call("fabs", [ty], [ty], [ty]), "a.abs()"),
    call(`copysign${at}`, [], [ty, ty], [ty], signed),
    ...["min", "max"].map((name) =>
      written(call(`${name}imum_number_nsz_${at}`, [], [ty, ty], [ty], zerosAlike), `a.${name}(b)`),
    ),
    ...["minimum", "maximum"].map((name) => call(name + at, [], [ty, ty], [ty])),
    call(`fma${at}`, [], [ty, ty, ty], [ty]),
    ...[..."+-*/%"].map((op, i) => {
      const name = ["Add", "Sub", "Mul", "Div", "Rem"][i]!;
      return operation(`${at} ${op}`, [ty, ty], ty, `a ${op} b`, `${name}($0, $1)`);
    }),
    ...["<", "<=", "==", "!=", ">", ">="].map((op, i) => {
      const name = ["Lt", "Le", "Eq", "Ne", "Gt", "Ge"][i]!;
      return operation(`${at} ${op}`, [ty, ty], BOOL, `a ${op} b`, `${name}($0, $1)`);
    }),
    operation(`-${at}`, [ty], ty, "-a", "Neg($0)"),
    ...FLOATS.map((to) =>
      operation(`${at} as ${to.name}`, [ty], to, `a as ${to.name}`, `$0 as ${to.name} (FloatToFloat)`),
    ),
    ...INTS.map((to) => operation(`${at} as ${to.name}`, [ty], to, `a as ${to.name}`, `$0 as ${to.name} (FloatToInt)`)),
    ...INTS.map((from) => operation(`${from.name} as ${at}`, [from], ty, `a as ${at}`, `$0 as ${at} (IntToFloat)`)),
    ...INTS.map((to) => call("float_to_int_unchecked", [ty, to], [ty], [to], of(to))),
  ];
}

/** The vector of masks for `ty`: of signed integers. */
function maskOf(ty: ValueTy): ValueTy {
  return MASKS.find((m) => m.bits === ty.bits && m.lanes === ty.lanes)!;
}

function vectorRows(ty: ValueTy): Tested[] {
  const width = BigInt(ty.bits);
  const lane = { ...ty, lanes: 1, name: laneName(ty) };
  const mask = maskOf(ty);
  const index: Rule = { when: (...args) => args[1]! < BigInt(ty.lanes), else: "intrinsicPrecondition" };
  const isMask: Rule = { when: (m) => m === 0n || m === -1n, else: "intrinsicPrecondition" };
  const names = (list: string): string[] => list.split(" ").map((name) => `simd_${name}`);
  const binary = (list: string, rule?: Rule): Tested[] =>
    names(list).map((name) => call(name, [ty], [ty, ty], [ty], rule));
  const unary = (list: string): Tested[] => names(list).map((name) => call(name, [ty], [ty], [ty]));
  const reduce = (list: string): Tested[] =>
    names(list).map((name) => call(`simd_reduce_${name.slice(5)}`, [ty, lane], [ty], [lane]));
  const divides: Rule = {
    when: (a, b) => b !== 0n && !(b === -1n && a === -(1n << (width - 1n))),
    else: "division(ByZero|Overflow)",
  };
  const zerosAlike: Rule = { when: (a, b) => a === b || magnitude(ty, a) !== 0n || magnitude(ty, b) !== 0n };
  const numeric = ty.float
    ? [
        ...binary("div rem"),
        ...["min", "max"].map((name) =>
          written(call(`simd_${name}imum_number_nsz`, [ty], [ty, ty], [ty], zerosAlike), `simd_f${name}(a, b)`),
        ),
        ...unary("fabs neg ceil floor round round_ties_even trunc fsqrt"),
        call("simd_fma", [ty], [ty, ty, ty], [ty]),
        ...names("reduce_add_ordered reduce_mul_ordered").map((name) => call(name, [ty, lane], [ty, lane], [lane])),
      ]
    : [
        ...binary("and or xor saturating_add saturating_sub"),
        ...binary("div rem", divides),
        ...binary("shl shr", { when: (_, by) => by >= 0n && by < width, else: "shiftOverflow" }),
        ...unary("bswap bitreverse ctlz cttz ctpop"),
        ...(ty.signed ? unary("neg") : []),
        ...reduce("and or xor min max add_unordered mul_unordered".replaceAll("simd_", "")),
      ];
  const casts = VECTORS.filter((to) => to.lanes === ty.lanes).flatMap((to) => [
    call("simd_as", [ty, to], [ty], [to]),
    ...(ty.float && !to.float
      ? [call("simd_cast", [ty, to], [ty], [to], { when: (a) => fits(ty, a, to), else: "intrinsicPrecondition" })]
      : [call("simd_cast", [ty, to], [ty], [to])]),
  ]);
  return [
    ...binary("add sub mul"),
    ...numeric,
    ...names("eq ne lt le gt ge").map((name) => call(name, [ty, mask], [ty, ty], [mask])),
    call("simd_select", [mask, ty], [mask, ty, ty], [ty], isMask),
    call("simd_insert_dyn", [ty, lane], [ty, U32, lane], [ty], index),
    call("simd_extract_dyn", [ty, lane], [ty, U32], [lane], index),
    call("simd_splat", [ty, lane], [lane], [ty]),
    ...casts,
  ];
}

describe("values", () => {
  const all = [
    ...INTS.flatMap(integerRows),
    ...FLOATS.flatMap(floatRows),
    ...VECTORS.flatMap(vectorRows),
    ...MASKS.flatMap((mask) =>
      ["simd_reduce_all", "simd_reduce_any"].map((name) =>
        call(name, [mask], [mask], [BOOL], { when: (m) => m === 0n || m === -1n, else: "intrinsicPrecondition" }),
      ),
    ),
  ];

  it("are those of rustc's executable", () => {
    const rows = all.map(({ row }) => row);
    const theirs = runCompiled(RUST_ITEMS, rows);
    rows.forEach((row, i) => {
      const lines = (results: readonly string[]): string[] =>
        row.inputs.map(
          (input, k) =>
            `${row.title} of ${input.map((lanes) => lanes.map((b) => b.toString(16)).join(" ")).join(", ")}: ${results[k]}`,
        );
      expect(lines(runInterpreted(ITEMS, row))).toEqual(lines(theirs[i]!));
    });
  });

  it("are none where the intrinsic demands more", () => {
    for (const { row, undefined: inputs, verdict } of all) {
      if (verdict === "") continue;
      for (const input of inputs.slice(0, 3))
        expect(`${row.title} of ${input}: ${verdictOn(ITEMS, row, input)}`).toMatch(new RegExp(`: (${verdict})$`));
    }
  });
});
