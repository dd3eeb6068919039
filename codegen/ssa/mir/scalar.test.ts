/** Scalar operations and casts, run on the test backend, against BigInt arithmetic and JavaScript's floats. */

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { BodyBuilder, binary, cast, copy, newFn, ret, unary } from "../../mir/builder.ts";
import { binaryTy } from "../../mir/place-ty.ts";
import { newTyCtxt } from "../../mir/prelude.ts";
import type { BinOp, Rvalue } from "../../mir/syntax.ts";
import {
  FLOATS,
  SIGNED_INTS,
  TY_BOOL,
  TY_CHAR,
  TY_F32,
  TY_F64,
  TY_I32,
  TY_U8,
  TY_U16,
  TY_U32,
  TY_U64,
  type Ty,
  UNSIGNED_INTS,
} from "../../mir/ty.ts";
import { HOST_TARGET } from "../../target/spec.ts";
import { compileForTest } from "../test-backend/evaluate.ts";
import { floatFromBits, floatToBits, floatToIntBits, intToFloatBits } from "../test-backend/float.ts";
import { type CompiledFunction, Machine } from "../test-backend/machine.ts";

const tcx = newTyCtxt();
const INTS = [...SIGNED_INTS, ...UNSIGNED_INTS];

/** A function whose body is one rvalue of its arguments. */
function compileRvalue(params: readonly Ty[], result: Ty, rvalue: Rvalue): Map<string, CompiledFunction> {
  const item = newFn("f", params, result);
  const b = new BodyBuilder(tcx, params, result);
  b.assign(0, rvalue);
  b.terminate(ret());
  item.body = b.finish();
  return compileForTest({ tcx, functions: [item], file: "" }, HOST_TARGET, [item]);
}

function run(functions: Map<string, CompiledFunction>, ...args: bigint[]): readonly bigint[] {
  return new Machine(functions, new Map()).call("f", args);
}

function widthOf(ty: Ty): number {
  if (ty.kind === "bool") return 1;
  if (ty.kind === "char") return 32;
  if (ty.kind === "float") return ty.width;
  if (ty.kind !== "int" && ty.kind !== "uint") throw new Error(ty.text);
  return ty.width === "size" ? 64 : ty.width;
}

function numberOf(ty: Ty, bits: bigint): bigint {
  return ty.kind === "int" ? BigInt.asIntN(widthOf(ty), bits) : bits;
}

/** Bits of a type: anything, and what is near zero and the limits. */
function bitsOf(ty: Ty): fc.Arbitrary<bigint> {
  const width = BigInt(widthOf(ty));
  const max = (1n << width) - 1n;
  if (ty.kind === "char") return fc.constantFrom(0n, 65n, 0xd7ffn, 0xe000n, 0x10ffffn);
  if (ty.kind === "float") {
    const special = [
      0,
      -0,
      1,
      -1,
      0.5,
      1.5,
      2.5,
      127.5,
      255,
      256,
      -128.9,
      2 ** 31,
      2 ** 63,
      2 ** 64,
      -(2 ** 63),
      2 ** 127,
      Infinity,
      -Infinity,
      Number.NaN,
    ];
    return fc.oneof(
      fc.constantFrom(...special).map((x) => floatToBits(x, ty.width === 32 ? 32 : 64)),
      fc.bigInt(0n, max),
    );
  }
  const near = fc
    .tuple(fc.constantFrom(0n, max, max >> 1n, (max >> 1n) + 1n), fc.bigInt(-3n, 3n))
    .map(([a, b]) => (a + b) & max);
  return fc.oneof(fc.bigInt(0n, max), near);
}

const runs = { numRuns: 60 };

type Wide = (a: bigint, b: bigint) => bigint;
const WRAPPING: Readonly<Record<string, Wide>> = {
  Add: (a, b) => a + b,
  Sub: (a, b) => a - b,
  Mul: (a, b) => a * b,
  BitAnd: (a, b) => a & b,
  BitOr: (a, b) => a | b,
  BitXor: (a, b) => a ^ b,
  Div: (a, b) => a / b,
  Rem: (a, b) => a % b,
};

describe("integer operations", () => {
  it.each(INTS.map((ty) => [ty.text, ty] as const))("%s wrap", (_, ty) => {
    const width = widthOf(ty);
    for (const [op, compute] of Object.entries(WRAPPING)) {
      const f = compileRvalue([ty, ty], ty, binary(op as BinOp, copy(1), copy(2)));
      fc.assert(
        fc.property(bitsOf(ty), bitsOf(ty), (a, b) => {
          const divides = op === "Div" || op === "Rem";
          fc.pre(!divides || b !== 0n);
          const exact = compute(numberOf(ty, a), numberOf(ty, b));
          fc.pre(!divides || numberOf(ty, b) !== -1n || BigInt.asIntN(width, -numberOf(ty, a)) === -numberOf(ty, a));
          expect(run(f, a, b)).toEqual([BigInt.asUintN(width, exact)]);
        }),
        runs,
      );
    }
  });

  it.each(INTS.map((ty) => [ty.text, ty] as const))("%s say when they overflow", (_, ty) => {
    const width = widthOf(ty);
    for (const op of ["AddWithOverflow", "SubWithOverflow", "MulWithOverflow"] as const) {
      const compute = WRAPPING[op.slice(0, 3)]!;
      const f = compileRvalue([ty, ty], binaryTy(op, ty, tcx), binary(op, copy(1), copy(2)));
      fc.assert(
        fc.property(bitsOf(ty), bitsOf(ty), (a, b) => {
          const exact = compute(numberOf(ty, a), numberOf(ty, b));
          const wrapped = BigInt.asUintN(width, exact);
          expect(run(f, a, b)).toEqual([wrapped, numberOf(ty, wrapped) === exact ? 0n : 1n]);
        }),
        runs,
      );
    }
  });

  it("shifts take their amount modulo the width, whatever its type", () => {
    for (const ty of INTS) {
      const width = widthOf(ty);
      for (const by of INTS) {
        const left = compileRvalue([ty, by], ty, binary("Shl", copy(1), copy(2)));
        const right = compileRvalue([ty, by], ty, binary("Shr", copy(1), copy(2)));
        fc.assert(
          fc.property(bitsOf(ty), bitsOf(by), (a, b) => {
            const amount = BigInt.asUintN(128, numberOf(by, b)) % BigInt(width);
            expect(run(left, a, b)).toEqual([BigInt.asUintN(width, a << amount)]);
            expect(run(right, a, b)).toEqual([BigInt.asUintN(width, numberOf(ty, a) >> amount)]);
          }),
          { numRuns: 8 },
        );
      }
    }
  });

  it("compare by their sign, and three ways", () => {
    const holds: Readonly<Record<string, (a: bigint, b: bigint) => boolean>> = {
      Eq: (a, b) => a === b,
      Ne: (a, b) => a !== b,
      Lt: (a, b) => a < b,
      Le: (a, b) => a <= b,
      Gt: (a, b) => a > b,
      Ge: (a, b) => a >= b,
    };
    for (const ty of [...INTS, TY_BOOL, TY_CHAR]) {
      const three = compileRvalue([ty, ty], binaryTy("Cmp", ty, tcx), binary("Cmp", copy(1), copy(2)));
      const all = Object.keys(holds).map((op) =>
        compileRvalue([ty, ty], TY_BOOL, binary(op as BinOp, copy(1), copy(2))),
      );
      fc.assert(
        fc.property(bitsOf(ty), bitsOf(ty), (x, y) => {
          const [a, b] = [numberOf(ty, x), numberOf(ty, y)];
          Object.values(holds).forEach((test, i) => {
            expect(run(all[i]!, x, y)).toEqual([test(a, b) ? 1n : 0n]);
          });
          expect(run(three, x, y)).toEqual([a < b ? 255n : a === b ? 0n : 1n]);
        }),
        { numRuns: 15 },
      );
    }
  });

  it("negate and complement", () => {
    for (const ty of INTS) {
      const not = compileRvalue([ty], ty, unary("Not", copy(1)));
      const neg = compileRvalue([ty], ty, unary("Neg", copy(1)));
      fc.assert(
        fc.property(bitsOf(ty), (a) => {
          expect(run(not, a)).toEqual([BigInt.asUintN(widthOf(ty), ~a)]);
          expect(run(neg, a)).toEqual([BigInt.asUintN(widthOf(ty), -a)]);
        }),
        runs,
      );
    }
    const not = compileRvalue([TY_BOOL], TY_BOOL, unary("Not", copy(1)));
    expect([run(not, 0n), run(not, 1n)]).toEqual([[1n], [0n]]);
  });
});

describe("float operations", () => {
  const compute: Readonly<Record<string, (a: number, b: number) => number>> = {
    Add: (a, b) => a + b,
    Sub: (a, b) => a - b,
    Mul: (a, b) => a * b,
    Div: (a, b) => a / b,
    Rem: (a, b) => a % b,
  };

  it.each(FLOATS.map((ty) => [ty.text, ty] as const))("%s", (_, ty) => {
    const width = widthOf(ty) as 32 | 64;
    for (const [op, exact] of Object.entries(compute)) {
      const f = compileRvalue([ty, ty], ty, binary(op as BinOp, copy(1), copy(2)));
      fc.assert(
        fc.property(bitsOf(ty), bitsOf(ty), (a, b) => {
          const result = floatFromBits(run(f, a, b)[0]!, width);
          const wanted = exact(floatFromBits(a, width), floatFromBits(b, width));
          expect(Object.is(result, width === 32 ? Math.fround(wanted) : wanted)).toBe(true);
        }),
        runs,
      );
    }
    const neg = compileRvalue([ty], ty, unary("Neg", copy(1)));
    fc.assert(
      fc.property(bitsOf(ty), (a) => {
        expect(run(neg, a)).toEqual([a ^ (1n << BigInt(width - 1))]);
      }),
    );
  });

  it("compare with NaN as unordered", () => {
    const nan = floatToBits(Number.NaN, 64);
    const one = floatToBits(1, 64);
    for (const op of ["Eq", "Lt", "Le", "Gt", "Ge"] as const) {
      const f = compileRvalue([TY_F64, TY_F64], TY_BOOL, binary(op, copy(1), copy(2)));
      expect([run(f, nan, one), run(f, one, nan), run(f, nan, nan)]).toEqual([[0n], [0n], [0n]]);
    }
    const ne = compileRvalue([TY_F64, TY_F64], TY_BOOL, binary("Ne", copy(1), copy(2)));
    expect([run(ne, nan, nan), run(ne, one, one)]).toEqual([[1n], [0n]]);
  });
});

describe("casts", () => {
  it("between integers truncate, or extend by the source's sign", () => {
    for (const from of [...INTS, TY_BOOL, TY_CHAR]) {
      for (const to of INTS) {
        const f = compileRvalue([from], to, cast("IntToInt", copy(1), to));
        fc.assert(
          fc.property(bitsOf(from), (a) => {
            expect(run(f, a)).toEqual([BigInt.asUintN(widthOf(to), numberOf(from, a))]);
          }),
          { numRuns: 10 },
        );
      }
    }
  });

  it("between integers and floats round, and saturate", () => {
    for (const int of INTS) {
      for (const float of FLOATS) {
        const width = widthOf(float) as 32 | 64;
        const toFloat = compileRvalue([int], float, cast("IntToFloat", copy(1), float));
        const toInt = compileRvalue([float], int, cast("FloatToInt", copy(1), int));
        fc.assert(
          fc.property(bitsOf(int), bitsOf(float), (i, f) => {
            expect(run(toFloat, i)).toEqual([intToFloatBits(numberOf(int, i), width)]);
            expect(run(toInt, f)).toEqual([floatToIntBits(floatFromBits(f, width), widthOf(int), int.kind === "int")]);
          }),
          { numRuns: 20 },
        );
      }
    }
  });

  it("between floats round", () => {
    const narrow = compileRvalue([TY_F64], TY_F32, cast("FloatToFloat", copy(1), TY_F32));
    fc.assert(
      fc.property(bitsOf(TY_F64), (a) => {
        const x = floatFromBits(a, 64);
        expect(Object.is(floatFromBits(run(narrow, a)[0]!, 32), Math.fround(x))).toBe(true);
      }),
    );
  });

  it("transmute keeps the bits, through registers and through memory", () => {
    const small = [TY_F32, tcx.array(TY_U8, 4), tcx.tuple([TY_U16, TY_U16]), tcx.array(TY_U32, 1), tcx.tuple([TY_I32])];
    const large = [
      TY_F64,
      tcx.array(TY_U8, 8),
      tcx.tuple([TY_U32, TY_F32]),
      tcx.tuple([TY_F32, TY_U32]),
      tcx.ptr("not", TY_U8),
    ];
    for (const [int, tys] of [
      [TY_U32, small],
      [TY_U64, large],
    ] as const) {
      for (const first of tys) {
        for (const second of tys) {
          const item = newFn("f", [int], int);
          const b = new BodyBuilder(tcx, item.params, int);
          const one = b.temp(first, cast("Transmute", copy(1), first));
          const two = b.temp(second, cast("Transmute", copy(one), second));
          b.assign(0, cast("Transmute", copy(two), int));
          b.terminate(ret());
          item.body = b.finish();
          const f = compileForTest({ tcx, functions: [item], file: "" }, HOST_TARGET, [item]);
          expect(run(f, 0x41f2_0304n)).toEqual([0x41f2_0304n]);
        }
      }
    }
  });
});
