import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { LayoutCx, layoutOf } from "../../layout/layout.ts";
import type { TyAndLayout } from "../../layout/types.ts";
import { newTyCtxt } from "../../mir/prelude.ts";
import { TY_U128 } from "../../mir/ty.ts";
import { runCommand } from "../../ssa/back/command.ts";
import type { BuilderMethods } from "../../ssa/traits/builder.ts";
import {
  BackendType,
  type FunctionDecl,
  type IntPredicate,
  type OverflowOp,
  type RealPredicate,
  type Value,
} from "../../ssa/traits/types.ts";
import { HOST_TARGET, TARGETS, type Target } from "../../target/spec.ts";
import type { newLlvmModule } from "./module.ts";
import { decl, moduleText, type ProbeCase, runProbes, signature } from "./testing/harness.ts";
import { discoverLlvm, type LlvmToolchain, missingFor } from "./tools.ts";

const { I1, I8, I16, I32, I64, I128, F32, F64, Ptr } = BackendType;
const BITS: readonly number[] = [1, 8, 16, 32, 64, 128, 32, 64, 64];
const NAMES: readonly string[] = ["i1", "i8", "i16", "i32", "i64", "i128", "f32", "f64", "ptr"];

let toolchains: LlvmToolchain[] = [];
let directory = "";
beforeAll(async () => {
  toolchains = await discoverLlvm();
  directory = mkdtempSync(join(tmpdir(), "mirwatch-builder-"));
});
afterAll(() => rmSync(directory, { recursive: true, force: true }));

test("this machine has an LLVM to test with", () => {
  expect(toolchains.length).toBeGreaterThan(0);
});

// The model: what each operation means, on unsigned bits.

const mask = (ty: BackendType, x: bigint): bigint => BigInt.asUintN(BITS[ty]!, x);
const signed = (ty: BackendType, x: bigint): bigint => BigInt.asIntN(BITS[ty]!, x);

const scratch = new DataView(new ArrayBuffer(8));
function toFloat(ty: BackendType, bits: bigint): number {
  if (ty === F32) {
    scratch.setUint32(0, Number(bits));
    return scratch.getFloat32(0);
  }
  scratch.setBigUint64(0, bits);
  return scratch.getFloat64(0);
}
function fromFloat(ty: BackendType, value: number): bigint {
  if (ty === F32) {
    scratch.setFloat32(0, value);
    return BigInt(scratch.getUint32(0));
  }
  scratch.setFloat64(0, value);
  return scratch.getBigUint64(0);
}

type IntOp = "add" | "sub" | "mul" | "udiv" | "sdiv" | "urem" | "srem" | "and" | "or" | "xor" | "shl" | "lshr" | "ashr";

function intModel(op: IntOp, ty: BackendType, a: bigint, b: bigint): bigint {
  const sa = signed(ty, a);
  const sb = signed(ty, b);
  const results: Record<IntOp, () => bigint> = {
    add: () => a + b,
    sub: () => a - b,
    mul: () => a * b,
    udiv: () => a / b,
    sdiv: () => sa / sb,
    urem: () => a % b,
    srem: () => sa % sb,
    and: () => a & b,
    or: () => a | b,
    xor: () => a ^ b,
    shl: () => a << b,
    lshr: () => a >> b,
    ashr: () => sa >> b,
  };
  return mask(ty, results[op]());
}

const COMPARE: Record<IntPredicate, (ty: BackendType, a: bigint, b: bigint) => boolean> = {
  eq: (_, a, b) => a === b,
  ne: (_, a, b) => a !== b,
  ugt: (_, a, b) => a > b,
  uge: (_, a, b) => a >= b,
  ult: (_, a, b) => a < b,
  ule: (_, a, b) => a <= b,
  sgt: (ty, a, b) => signed(ty, a) > signed(ty, b),
  sge: (ty, a, b) => signed(ty, a) >= signed(ty, b),
  slt: (ty, a, b) => signed(ty, a) < signed(ty, b),
  sle: (ty, a, b) => signed(ty, a) <= signed(ty, b),
};

const FLOAT_COMPARE: Record<RealPredicate, (a: number, b: number) => boolean> = {
  oeq: (a, b) => a === b,
  une: (a, b) => a !== b,
  ogt: (a, b) => a > b,
  oge: (a, b) => a >= b,
  olt: (a, b) => a < b,
  ole: (a, b) => a <= b,
  uno: (a, b) => Number.isNaN(a) || Number.isNaN(b),
  ord: (a, b) => !Number.isNaN(a) && !Number.isNaN(b),
};

function exact(op: OverflowOp, ty: BackendType, a: bigint, b: bigint): bigint {
  const [x, y] = op.startsWith("s") ? [signed(ty, a), signed(ty, b)] : [a, b];
  return op.endsWith("add") ? x + y : op.endsWith("sub") ? x - y : x * y;
}

function overflows(op: OverflowOp, ty: BackendType, a: bigint, b: bigint): boolean {
  const result = exact(op, ty, a, b);
  return (op.startsWith("s") ? signed(ty, result) : mask(ty, result)) !== result;
}

/** `as`: truncates, saturates, NaN to 0. */
function saturate(isSigned: boolean, ty: BackendType, value: number): bigint {
  if (Number.isNaN(value)) return 0n;
  const bits = BigInt(BITS[ty]!);
  const min = isSigned ? -(1n << (bits - 1n)) : 0n;
  const max = isSigned ? (1n << (bits - 1n)) - 1n : (1n << bits) - 1n;
  if (value === Number.POSITIVE_INFINITY) return mask(ty, max);
  if (value === Number.NEGATIVE_INFINITY) return mask(ty, min);
  const whole = BigInt(Math.trunc(value));
  return mask(ty, whole < min ? min : whole > max ? max : whole);
}

// Generators of probes: each with what the model says.

interface Expected extends ProbeCase {
  readonly expected: bigint;
}

const bitsOf = (ty: BackendType): fc.Arbitrary<bigint> => {
  const max = (1n << BigInt(BITS[ty]!)) - 1n;
  return fc.oneof(fc.bigInt({ min: 0n, max }), fc.constantFrom(0n, 1n & max, max, max >> 1n, (max >> 1n) + 1n));
};

const FLOAT_VALUES = [
  0,
  -0,
  1,
  -1,
  0.5,
  1.5,
  -2.75,
  3.4e38,
  1e-40,
  5e-324,
  1e300,
  255.9,
  -128.5,
  65536,
  2147483648,
  9.3e18,
  Number.NaN,
  Number.POSITIVE_INFINITY,
  Number.NEGATIVE_INFINITY,
];
const floatBits = (ty: BackendType): fc.Arbitrary<bigint> =>
  fc
    .oneof(fc.constantFrom(...FLOAT_VALUES), ty === F32 ? fc.float() : fc.double())
    .map((x) => fromFloat(ty, ty === F32 ? Math.fround(x) : x));

/** An operand: a constant that the optimiser sees, or one that it does not. */
interface Operand {
  readonly bits: bigint;
  readonly hidden: boolean;
}
const operand = (bits: fc.Arbitrary<bigint>): fc.Arbitrary<Operand> => fc.record({ bits, hidden: fc.boolean() });

function emit(b: BuilderMethods, ty: BackendType, { bits, hidden }: Operand): Value {
  const value = ty === F32 || ty === F64 ? b.constFloat(ty, bits) : b.constInt(ty, bits);
  return hidden ? b.blackBox(value) : value;
}

const INT_TYPES = [I8, I16, I32, I64, I128] as const;
const intTy = fc.constantFrom(...INT_TYPES);
const floatTy = fc.constantFrom(F32, F64);

const intOps: fc.Arbitrary<Expected> = fc
  .tuple(
    fc.constantFrom<IntOp>(
      "add",
      "sub",
      "mul",
      "udiv",
      "sdiv",
      "urem",
      "srem",
      "and",
      "or",
      "xor",
      "shl",
      "lshr",
      "ashr",
    ),
    intTy,
  )
  // 128-bit division is a call of the runtime, which these probes do not have.
  .map(([op, ty]): [IntOp, (typeof INT_TYPES)[number]] => [op, /div|rem/.test(op) && ty === I128 ? I64 : ty])
  .chain(([op, ty]) =>
    fc.tuple(operand(bitsOf(ty)), operand(bitsOf(ty))).map(([a, right]) => {
      let b = right;
      if (/div|rem/.test(op)) {
        const trap = b.bits === 0n || (op.startsWith("s") && signed(ty, b.bits) === -1n);
        if (trap) b = { ...b, bits: 3n };
      } else if (/sh/.test(op)) b = { ...b, bits: b.bits % BigInt(BITS[ty]!) };
      return {
        name: `${op} ${NAMES[ty]} ${a.bits} ${b.bits}`,
        ty,
        build: (bx: BuilderMethods) => bx[op](emit(bx, ty, a), emit(bx, ty, b)),
        expected: intModel(op, ty, a.bits, b.bits),
      };
    }),
  );

const unaryOps: fc.Arbitrary<Expected> = fc
  .tuple(fc.constantFrom("not", "neg"), fc.constantFrom(I1, ...INT_TYPES))
  .chain(([op, ty]) =>
    operand(bitsOf(ty)).map((a) => ({
      name: `${op} ${NAMES[ty]} ${a.bits}`,
      ty,
      build: (b: BuilderMethods) => (op === "not" ? b.not(emit(b, ty, a)) : b.neg(emit(b, ty, a))),
      expected: mask(ty, op === "not" ? ~a.bits : -a.bits),
    })),
  );

const OVERFLOW_OPS: readonly OverflowOp[] = ["sadd", "uadd", "ssub", "usub", "smul", "umul"];
const overflowOps: fc.Arbitrary<Expected> = fc
  .tuple(fc.constantFrom(...OVERFLOW_OPS), intTy, fc.constantFrom("value", "flag", "unchecked"))
  .chain(([op, wide, part]) => {
    // So is the checked 128-bit signed product.
    const ty = op === "smul" && wide === I128 ? I64 : wide;
    return fc.tuple(operand(bitsOf(ty)), operand(bitsOf(ty))).map(([a, c]): Expected => {
      const name = `${op} ${part} ${NAMES[ty]} ${a.bits} ${c.bits}`;
      const over = overflows(op, ty, a.bits, c.bits);
      const wrapped = mask(ty, exact(op, ty, a.bits, c.bits));
      if (part === "flag")
        return {
          name,
          ty: I1,
          build: (b) => b.checkedBinop(op, emit(b, ty, a), emit(b, ty, c))[1],
          expected: over ? 1n : 0n,
        };
      const unchecked = part === "unchecked" && !over;
      return {
        name,
        ty,
        build: (b) =>
          unchecked
            ? b.uncheckedBinop(op, emit(b, ty, a), emit(b, ty, c))
            : b.checkedBinop(op, emit(b, ty, a), emit(b, ty, c))[0],
        expected: wrapped,
      };
    });
  });

const comparisons: fc.Arbitrary<Expected> = fc
  .tuple(fc.constantFrom(...(Object.keys(COMPARE) as IntPredicate[])), fc.constantFrom(I1, ...INT_TYPES))
  .chain(([predicate, ty]) =>
    fc.tuple(operand(bitsOf(ty)), operand(bitsOf(ty))).map(([a, c]) => ({
      name: `icmp ${predicate} ${NAMES[ty]} ${a.bits} ${c.bits}`,
      ty: I1,
      build: (b: BuilderMethods) => b.icmp(predicate, emit(b, ty, a), emit(b, ty, c)),
      expected: COMPARE[predicate](ty, a.bits, c.bits) ? 1n : 0n,
    })),
  );

type FloatOp = "fadd" | "fsub" | "fmul" | "fdiv";
const floatOps: fc.Arbitrary<Expected> = fc
  .tuple(fc.constantFrom<FloatOp>("fadd", "fsub", "fmul", "fdiv"), floatTy)
  .chain(([op, ty]) =>
    fc.tuple(operand(floatBits(ty)), operand(floatBits(ty))).map(([a, c]) => {
      const x = toFloat(ty, a.bits);
      const y = toFloat(ty, c.bits);
      const result = { fadd: x + y, fsub: x - y, fmul: x * y, fdiv: x / y }[op];
      return {
        name: `${op} ${NAMES[ty]} ${x} ${y}`,
        ty,
        build: (b: BuilderMethods) => b[op](emit(b, ty, a), emit(b, ty, c)),
        expected: fromFloat(ty, result),
      };
    }),
  );

const floatMisc: fc.Arbitrary<Expected> = floatTy.chain((ty) =>
  fc
    .tuple(
      operand(floatBits(ty)),
      operand(floatBits(ty)),
      fc.constantFrom(...(Object.keys(FLOAT_COMPARE) as RealPredicate[])),
      fc.nat(2),
    )
    .map(([a, c, predicate, which]): Expected => {
      const x = toFloat(ty, a.bits);
      const y = toFloat(ty, c.bits);
      if (which === 0)
        return {
          name: `fneg ${NAMES[ty]} ${x}`,
          ty,
          build: (b) => b.fneg(emit(b, ty, a)),
          expected: a.bits ^ (1n << BigInt(BITS[ty]! - 1)),
        };
      if (which === 1) {
        const to = ty === F32 ? F64 : F32;
        return {
          name: `fcast ${NAMES[ty]} ${x}`,
          ty: to,
          build: (b) => (ty === F32 ? b.fpext(emit(b, ty, a), F64) : b.fptrunc(emit(b, ty, a), F32)),
          expected: fromFloat(to, x),
        };
      }
      return {
        name: `fcmp ${predicate} ${NAMES[ty]} ${x} ${y}`,
        ty: I1,
        build: (b) => b.fcmp(predicate, emit(b, ty, a), emit(b, ty, c)),
        expected: FLOAT_COMPARE[predicate](x, y) ? 1n : 0n,
      };
    }),
);

const NARROW = [I8, I16, I32, I64] as const;
const floatToInt: fc.Arbitrary<Expected> = fc
  .tuple(floatTy, fc.constantFrom(...NARROW), fc.boolean())
  .chain(([from, to, isSigned]) =>
    operand(floatBits(from)).map((a) => ({
      name: `fpto${isSigned ? "s" : "u"}i ${NAMES[from]} ${toFloat(from, a.bits)} ${NAMES[to]}`,
      ty: to,
      build: (b: BuilderMethods) => (isSigned ? b.fptosiSat(emit(b, from, a), to) : b.fptouiSat(emit(b, from, a), to)),
      expected: saturate(isSigned, to, toFloat(from, a.bits)),
    })),
  );

const intToFloat: fc.Arbitrary<Expected> = fc
  .tuple(fc.constantFrom(...NARROW), floatTy, fc.boolean())
  .chain(([from, to, isSigned]) =>
    // Up to 53 bits a double is exact, so that rounding once to a float is right.
    operand(bitsOf(from).map((x) => (from === I64 ? x >> 11n : x))).map((a) => ({
      name: `${isSigned ? "s" : "u"}itofp ${NAMES[from]} ${a.bits} ${NAMES[to]}`,
      ty: to,
      build: (b: BuilderMethods) => (isSigned ? b.sitofp(emit(b, from, a), to) : b.uitofp(emit(b, from, a), to)),
      expected: fromFloat(to, Number(isSigned ? signed(from, a.bits) : a.bits)),
    })),
  );

const intCasts: fc.Arbitrary<Expected> = fc
  .tuple(fc.constantFrom(I1, ...INT_TYPES), fc.constantFrom(...INT_TYPES), fc.boolean())
  .chain(([from, to, isSigned]) =>
    operand(bitsOf(from)).map((a): Expected => {
      const name = `cast ${NAMES[from]} ${a.bits} ${NAMES[to]} ${isSigned}`;
      if (BITS[from]! > BITS[to]!)
        return { name, ty: to, build: (b) => b.trunc(emit(b, from, a), to), expected: mask(to, a.bits) };
      if (from === to)
        return {
          name,
          ty: to,
          build: (b) => b.select(b.blackBox(b.constInt(I1, 1n)), emit(b, from, a), b.undef(to)),
          expected: a.bits,
        };
      return {
        name,
        ty: to,
        build: (b) => (isSigned ? b.sext(emit(b, from, a), to) : b.zext(emit(b, from, a), to)),
        expected: mask(to, isSigned ? signed(from, a.bits) : a.bits),
      };
    }),
  );

const operations: fc.Arbitrary<Expected> = fc.oneof(
  intOps,
  unaryOps,
  overflowOps,
  comparisons,
  floatOps,
  floatMisc,
  floatToInt,
  intToFloat,
  intCasts,
);

// Probes of memory, control flow and calls: written by hand.

const SMALL = decl("helper_small", signature([I8, I1, F32, I32], [I64]), "internal", "never");
const PAIR = decl("helper_pair", signature([Ptr, I64], [I64, I1]), "external", "never");
const u128: TyAndLayout = layoutOf(new LayoutCx(newTyCtxt(), HOST_TARGET.dataLayout), TY_U128);
const SRET: FunctionDecl = {
  ...decl("helper_sret", signature([Ptr, I128], [], { sret: true }), "internal"),
  abi: {
    args: [{ layout: u128, mode: { kind: "direct", ty: I128 } }],
    ret: { layout: u128, mode: { kind: "indirect" } },
  },
};
const ALWAYS = decl("helper_always", signature([I32], [I32]), "internal", "always");

/** Defines the functions that the probes below call. */
function defineHelpers(module: ReturnType<typeof newLlvmModule>): void {
  let b = module.startFunction(SMALL);
  const float = b.zext(b.bitcast(b.param(2), I32), I64);
  b.ret([b.add(b.add(b.sext(b.param(0), I64), b.zext(b.param(1), I64)), b.add(float, b.sext(b.param(3), I64)))]);
  module.finishFunction();
  b = module.startFunction(PAIR);
  b.ret([b.add(b.load(I64, b.param(0), 8), b.param(1)), b.icmp("eq", b.param(1), b.constInt(I64, 9n))]);
  module.finishFunction();
  b = module.startFunction(SRET);
  b.store(b.mul(b.param(1), b.constInt(I128, 3n)), b.param(0), 16);
  b.ret([]);
  module.finishFunction();
  b = module.startFunction(ALWAYS);
  b.ret([b.xor(b.param(0), b.constInt(I32, 0x55n))]);
  module.finishFunction();
}

const hide = (b: BuilderMethods, ty: BackendType, bits: bigint): Value => b.blackBox(b.constInt(ty, bits));

const handWritten: readonly Expected[] = [
  {
    name: "store and load with range",
    ty: I8,
    build: (b) => {
      const slot = b.alloca(4, 4);
      b.lifetimeStart(slot, 4);
      b.store(hide(b, I32, 0x01020304n), slot, 4);
      const value = b.loadRange(I8, b.ptrOffset(slot, 2), 1, 0n, 5n);
      b.lifetimeEnd(slot, 4);
      return value;
    },
    expected: 2n,
  },
  {
    name: "bool through memory",
    ty: I1,
    build: (b) => {
      const slot = b.alloca(1, 1);
      b.store(b.fromImmediate(hide(b, I1, 1n)), slot, 1);
      return b.toImmediateBool(b.loadRange(I8, slot, 1, 0n, 1n));
    },
    expected: 1n,
  },
  {
    name: "indexing, memcpy and memset",
    ty: I64,
    build: (b) => {
      const from = b.alloca(40, 8);
      const to = b.alloca(40, 8);
      b.memset(from, 8, 0x11, 40);
      b.store(hide(b, I64, 77n), b.ptrIndex(from, hide(b, I64, 3n), 8), 8);
      b.memcpy(to, 8, from, 8, 40);
      b.memcpy(to, 8, from, 8, 0);
      const third = b.load(I64, b.ptrIndex(to, hide(b, I64, 3n), 8), 8);
      return b.add(third, b.zext(b.load(I8, b.ptrOffset(to, 39), 1), I64));
    },
    expected: 77n + 0x11n,
  },
  {
    name: "negative offset",
    ty: I32,
    build: (b) => {
      const slot = b.alloca(16, 4);
      b.store(b.constInt(I32, 5n), slot, 4);
      return b.load(I32, b.ptrOffset(b.ptrIndex(slot, hide(b, I64, 2n), 4), -8), 4);
    },
    expected: 5n,
  },
  {
    name: "pointers and integers",
    ty: I1,
    build: (b) => {
      const slot = b.alloca(8, 8);
      const address = b.ptrtoint(slot, I64);
      b.store(b.constInt(I64, 4n), b.inttoptr(b.blackBox(address)), 8);
      const same = b.icmp("eq", b.blackBox(slot), slot);
      return b.and(
        same,
        b.and(b.icmp("ne", slot, b.constNull()), b.icmp("eq", b.load(I64, slot, 8), b.constInt(I64, 4n))),
      );
    },
    expected: 1n,
  },
  {
    name: "a loop, blocks filled out of order",
    ty: I64,
    build: (b) => {
      const sum = b.alloca(8, 8);
      const i = b.alloca(8, 8);
      b.store(b.constInt(I64, 0n), sum, 8);
      b.store(b.constInt(I64, 0n), i, 8);
      const head = b.appendBlock("head");
      const done = b.appendBlock("done");
      const body = b.appendBlock("body");
      b.br(head);
      b.switchToBlock(body);
      b.store(b.add(b.load(I64, sum, 8), b.load(I64, i, 8)), sum, 8);
      b.store(b.add(b.load(I64, i, 8), b.constInt(I64, 1n)), i, 8);
      b.switchToBlock(head);
      const more = b.icmp("ult", b.load(I64, i, 8), hide(b, I64, 10n));
      b.condBr(more, body, done);
      b.switchToBlock(body);
      b.br(head);
      b.switchToBlock(done);
      return b.load(I64, sum, 8);
    },
    expected: 45n,
  },
  ...[0n, 7n, (1n << 127n) + 3n, 9n].map(
    (scrutinee, index): Expected => ({
      name: `switch on i128 ${scrutinee}`,
      ty: I32,
      build: (b) => {
        const result = b.alloca(4, 4);
        const join = b.appendBlock("join");
        const blocks = [0, 1, 2, 3].map((n) => b.appendBlock(`case${n}`));
        b.switch(hide(b, I128, scrutinee), blocks[3]!, [
          [0n, blocks[0]!],
          [7n, blocks[1]!],
          [(1n << 127n) + 3n, blocks[2]!],
        ]);
        for (const [n, block] of blocks.entries()) {
          b.switchToBlock(block);
          b.store(b.constInt(I32, BigInt(n)), result, 4);
          b.br(join);
        }
        b.switchToBlock(join);
        return b.load(I32, result, 4);
      },
      expected: BigInt(index),
    }),
  ),
  {
    name: "switch on i1, and assume",
    ty: I1,
    build: (b) => {
      const [yes, no] = [b.appendBlock("yes"), b.appendBlock("no")];
      const flag = hide(b, I1, 1n);
      b.switch(flag, no, [[1n, yes]]);
      b.switchToBlock(no);
      b.unreachable();
      b.switchToBlock(yes);
      b.assume(flag);
      return flag;
    },
    expected: 1n,
  },
  {
    name: "narrow arguments",
    ty: I64,
    build: (b) =>
      b.call(SMALL, [
        hide(b, I8, 0xffn),
        hide(b, I1, 1n),
        b.blackBox(b.constFloat(F32, 0x3f800000n)),
        hide(b, I32, 0xffffffffn),
      ])[0]!,
    expected: mask(I64, -1n + 1n + 0x3f800000n - 1n),
  },
  {
    name: "a pair returned, directly and through a pointer",
    ty: I64,
    build: (b) => {
      const slot = b.alloca(8, 8);
      b.store(hide(b, I64, 100n), slot, 8);
      const [sum, is9] = b.call(PAIR, [slot, hide(b, I64, 9n)]);
      const [other, isNot9] = b.callIndirect(PAIR.signature, b.blackBox(b.fnAddr(PAIR)), [slot, hide(b, I64, 8n)]);
      return b.add(
        b.add(sum!, other!),
        b.select(b.and(is9!, b.not(isNot9!)), b.constInt(I64, 1000n), b.constInt(I64, 0n)),
      );
    },
    expected: 109n + 108n + 1000n,
  },
  {
    name: "sret, directly and through a pointer",
    ty: I128,
    build: (b) => {
      const slot = b.alloca(16, 16);
      b.call(SRET, [slot, hide(b, I128, 1n << 70n)]);
      const first = b.load(I128, slot, 16);
      b.callIndirect(SRET.signature, b.blackBox(b.fnAddr(SRET)), [slot, hide(b, I128, 5n)], SRET.abi);
      return b.add(first, b.load(I128, slot, 16));
    },
    expected: 3n * (1n << 70n) + 15n,
  },
  { name: "always inline", ty: I32, build: (b) => b.call(ALWAYS, [hide(b, I32, 0xffn)])[0]!, expected: 0xaan },
  {
    name: "signaling NaN of f32 as constant",
    ty: F32,
    build: (b) => b.constFloat(F32, 0xff812345n),
    expected: 0xff812345n,
  },
  { name: "denormal f32 as constant", ty: F32, build: (b) => b.constFloat(F32, 1n), expected: 1n },
  {
    name: "NaN payload of f64 as constant",
    ty: F64,
    build: (b) => b.constFloat(F64, 0xfff0000000000001n),
    expected: 0xfff0000000000001n,
  },
];

/** NaNs may have any payload after arithmetic. */
function canonical(ty: BackendType, name: string, bits: bigint): bigint {
  if ((ty !== F32 && ty !== F64) || name.startsWith("fneg") || name.endsWith("constant")) return bits;
  return Number.isNaN(toFloat(ty, bits)) ? -1n : bits;
}

/**
 * Faults of released compilers that the probes show. LLVM 14's RISC-V backend takes the result of `fcvt.wu` for zero-extended, though the
 * instruction extends its sign.
 */
function isKnownFault(toolchain: LlvmToolchain, target: Target, name: string): boolean {
  return toolchain.major === 14 && target.arch === "riscv64" && /^fptoui .* i32$/.test(name);
}

function check(toolchain: LlvmToolchain, target: Target, cases: readonly Expected[], values: readonly bigint[]): void {
  const where = `LLVM ${toolchain.version} for ${target.arch}`;
  const wrong = cases.flatMap((c, i) =>
    isKnownFault(toolchain, target, c.name) ||
    canonical(c.ty, c.name, values[i]!) === canonical(c.ty, c.name, c.expected)
      ? []
      : [`${c.name}: ${values[i]}, not ${c.expected}`],
  );
  expect(wrong, where).toEqual([]);
}

const random = fc.sample(operations, { numRuns: 600, seed: 7 });
const cases: readonly Expected[] = [...random, ...handWritten];

describe("what the builder writes means what the traits say", () => {
  for (const target of TARGETS) {
    for (const optLevel of ["0", "2"] as const) {
      test(`${target.arch} at opt-level ${optLevel}`, async () => {
        for (const toolchain of toolchains) {
          if (missingFor(toolchain, target) !== undefined) continue;
          if (target !== HOST_TARGET && toolchain !== toolchains[0] && toolchain !== toolchains.at(-1)) continue;
          const { values } = await runProbes(toolchain, cases, { target, optLevel, helpers: defineHelpers });
          check(toolchain, target, cases, values);
        }
      });
    }
  }

  test("under LTO, over several modules", async () => {
    for (const lto of ["thin", "fat"] as const) {
      const newest = toolchains.at(-1)!;
      const { values } = await runProbes(newest, handWritten, { lto, optLevel: "3", units: 3, helpers: defineHelpers });
      check(newest, HOST_TARGET, handWritten, values);
    }
  });
});

describe("the text", () => {
  test("is accepted without a word by every release's verifier, for every target", async () => {
    for (const toolchain of toolchains) {
      for (const target of TARGETS) {
        for (const optLevel of ["0", "2", "z"] as const) {
          const text = moduleText(toolchain.major, target, { optLevel }, (module) => {
            defineHelpers(module);
            for (const [i, c] of cases.slice(-200).entries()) {
              const b = module.startFunction(decl(`f${i} "odd" name`, signature([], [c.ty])));
              b.ret([c.build(b)]);
              module.finishFunction();
            }
            const b = module.startFunction(
              decl("calls_out", signature([], [], { noReturn: true }), "availableExternally", "hint"),
            );
            b.call(decl("elsewhere", signature([I64], [], { noReturn: true })), [b.syscall([b.constInt(I64, 1n)])]);
            b.unreachable();
            module.finishFunction();
          });
          const path = join(directory, `${toolchain.major}-${target.arch}-${optLevel}.ll`);
          writeFileSync(path, text);
          const result = await runCommand({
            program: toolchain.tools.opt!,
            args: ["-passes=verify", path, "-o", "/dev/null"],
            timeLimit: 60_000,
            outputLimit: 1 << 20,
            errorLimit: 1 << 16,
          });
          expect(result.stderr.toString(), `LLVM ${toolchain.version} ${target.arch}`).toBe("");
          expect(result.status).toBe(0);
        }
      }
    }
  });

  test("is the same for the same calls", () => {
    const write = (): string =>
      moduleText(22, HOST_TARGET, {}, (module) => {
        defineHelpers(module);
      });
    expect(write()).toBe(write());
  });

  test("refuses what the traits rule out", () => {
    moduleText(22, HOST_TARGET, {}, (module) => {
      const b = module.startFunction(decl("f", signature([I1, Ptr], [])));
      expect(() => b.store(b.param(0), b.param(1), 1)).toThrow(/i1 in memory/);
      expect(() => b.load(I1, b.param(1), 1)).toThrow(/i1 in memory/);
      expect(() => b.lifetimeStart(b.param(1), 8)).toThrow(/not a stack slot/);
      expect(() => b.ret([b.param(0)])).toThrow(/values returned/);
      expect(() => b.param(2)).toThrow(/parameter 2/);
      expect(() => b.callIndirect(SRET.signature, b.param(1), [b.param(1), b.param(1)])).toThrow(/ABI is not known/);
      expect(() => b.call(PAIR, [])).toThrow(/0 arguments/);
      b.ret([]);
      module.finishFunction();
      expect(() => module.startFunction(decl("f", signature([], [])))).toThrow(/two definitions/);
    });
  });
});
